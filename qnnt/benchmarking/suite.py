"""Suites: instances x setups x limits x repetitions, as data.

A suite is a TOML file of the format ``qnnt-suite/1``; docs/benchmarking.md describes it. Sources of instances
are those of `qnnt compare`; names of files are relative to the suite's own folder.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qnnt.documents.fields import as_integer, as_list, as_object, as_text, below
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.files.text import compact
from qnnt.instance import Objective

FORMAT = "qnnt-suite/1"
SHIPPED = Path(__file__).parent / "suites"
"""The folder of the suites that come with the package."""
ENDING = ".toml"
LONGEST = 1e6
"""Seconds; a run of more than eleven days is a mistake."""
MOST_REPETITIONS = 1000

_LIMITS = ("time_limit", "memory_limit", "repetitions")
_SETTINGS = ("threads", "seed")


@dataclass(frozen=True)
class Setup:
    """A solver with its options, under a name.

    Attributes
    ----------
    solver
        As for `qnnt.solve`: ``sat:glucose4:totalizer``.
    """

    name: str
    solver: str
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Group:
    """Instances that are alike, with their limits.

    Attributes
    ----------
    family
        What reports call them.
    instances
        Sources, as for `qnnt compare`.
    setups
        Names of those that run on them.
    objective
        None is each instance's own.
    time_limit
        Seconds of each trial.
    memory_limit
        Megabytes of each trial; None is no limit.
    """

    family: str
    instances: tuple[str, ...]
    setups: tuple[str, ...]
    time_limit: float
    memory_limit: int | None = None
    repetitions: int = 1
    objective: Objective | None = None


@dataclass(frozen=True)
class Suite:
    """What is to be measured.

    Attributes
    ----------
    yardstick
        The name of the setup that times are told in multiples of; None where there is none.
    folder
        Where its files of instances lie.
    sha256
        Of its content: comments and layout do not count.
    """

    name: str
    description: str
    yardstick: str | None
    setups: Mapping[str, Setup]
    groups: tuple[Group, ...]
    folder: Path
    sha256: str


def shipped_suites() -> list[str]:
    """The names of the suites that come with the package."""
    return sorted(path.name.removesuffix(ENDING) for path in SHIPPED.glob(f"*{ENDING}"))


def read_suite(source: str) -> Suite:
    """A suite: the name of one that comes with the package, or a TOML file.

    Raises
    ------
    InputError
        If there is none, or it is not understood; names file and key.
    """
    path = Path(source)
    if source in shipped_suites():
        path = SHIPPED / f"{source}{ENDING}"
    elif not source.endswith(ENDING):
        known = ", ".join(shipped_suites())
        raise InputError(f"unknown suite; known: {known}, or a file that ends in {ENDING}", source=source)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("no UTF-8", source=source) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"cannot read: {reason}", source=source) from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"no TOML: {error}", source=source) from None
    except ValueError:  # the digits that int() takes
        raise InputError("no TOML: an integer is too long", source=source) from None
    except RecursionError:
        raise InputError("no TOML: nested too deeply", source=source) from None
    try:
        return suite_from(document, path.parent)
    except InputError as error:
        raise error.within(source) from None


def suite_from(document: object, folder: Path) -> Suite:
    """The suite that a document describes.

    Raises
    ------
    InputError
        Where it is not understood; names the key.
    """
    keys = ("format", "name", "description", "yardstick", "defaults", "setups", "groups")
    fields = as_object(document, "", keys, ("format", "name", "setups", "groups"))
    if fields["format"] != FORMAT:
        raise InputError(f"expected {FORMAT!r}, got {shown(fields['format'])}", "format")
    defaults = _numbers(as_object(fields.get("defaults", {}), "defaults", _LIMITS + _SETTINGS), "defaults")
    described = as_object(fields["setups"], "setups", fields["setups"] if isinstance(fields["setups"], Mapping) else ())
    setups = {name: _setup(name, value, defaults, below("setups", name)) for name, value in described.items()}
    if not setups:
        raise InputError("at least one setup is needed", "setups")
    groups = [
        _group(value, defaults, setups, f"groups[{i}]") for i, value in enumerate(as_list(fields["groups"], "groups"))
    ]
    if not groups:
        raise InputError("at least one group is needed", "groups")
    yardstick = fields.get("yardstick")
    if yardstick is not None and yardstick not in list(setups):  # a list compares, where a table wants a hash
        raise InputError(f"expected one of the setups {', '.join(setups)}, got {shown(yardstick)}", "yardstick")
    name = as_text(fields["name"], "name")
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise InputError(f"expected letters, digits, - and _, got {shown(name)}", "name")
    return Suite(
        name,
        as_text(fields.get("description", ""), "description"),
        yardstick,
        setups,
        tuple(groups),
        folder,
        hashlib.sha256(compact(document).encode()).hexdigest(),
    )


def _name(value: object, path: str) -> str:
    """What tables and plots can show."""
    name = as_text(value, path)
    if not name.strip() or not name.isprintable():
        raise InputError(f"expected a name of printable characters, got {shown(name)}", path)
    return name


def _setup(name: str, value: object, defaults: Mapping[str, Any], path: str) -> Setup:
    fields = as_object(value, path, ("solver", *_SETTINGS), ("solver",))
    numbers = {**defaults, **_numbers(fields, path)}
    solver = as_text(fields["solver"], below(path, "solver"))
    return Setup(_name(name, path), solver, **{name: numbers[name] for name in _SETTINGS if name in numbers})


def _group(value: object, defaults: Mapping[str, Any], setups: Mapping[str, Setup], path: str) -> Group:
    keys = ("family", "instances", "setups", "objective", *_LIMITS)
    fields = as_object(value, path, keys, ("family", "instances"))
    numbers = {**defaults, **_numbers(fields, path)}
    if "time_limit" not in numbers:
        raise InputError("the key 'time_limit' is missing, here and in the defaults", path)
    objective = fields.get("objective")
    if objective is not None and objective not in list(Objective):
        raise InputError(f"expected decide or minimize, got {shown(objective)}", below(path, "objective"))
    named = _texts(fields.get("setups", list(setups)), below(path, "setups"))
    for i, name in enumerate(named):
        if name not in setups or name in named[:i]:
            problem = f"expected different ones of {', '.join(setups)}, got {shown(name)}"
            raise InputError(problem, f"{below(path, 'setups')}[{i}]")
    return Group(
        _name(fields["family"], below(path, "family")),
        _texts(fields["instances"], below(path, "instances")),
        named,
        objective=None if objective is None else Objective(objective),
        **{name: numbers[name] for name in _LIMITS if name in numbers},
    )


def _texts(value: object, path: str) -> tuple[str, ...]:
    found = tuple(as_text(entry, f"{path}[{i}]") for i, entry in enumerate(as_list(value, path)))
    if not found:
        raise InputError("the list is empty", path)
    return found


def _seconds(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST:
        raise InputError(f"expected seconds, at most {LONGEST:.0f}, got {shown(value)}", path)
    return float(value)


_CHECKS: Mapping[str, Callable[[object, str], Any]] = {
    "time_limit": _seconds,
    "memory_limit": lambda value, path: as_integer(value, path, 1),
    "repetitions": lambda value, path: as_integer(value, path, 1, MOST_REPETITIONS),
    "threads": lambda value, path: as_integer(value, path, 1, 4096),
    "seed": lambda value, path: as_integer(value, path, 0, 2**31 - 1),
}
"""What numbers must be, wherever they stand."""


def _numbers(fields: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The limits and settings among the fields."""
    return {name: check(fields[name], below(path, name)) for name, check in _CHECKS.items() if name in fields}


def relative_sources(sources: Sequence[str], folder: Path) -> list[str]:
    """Sources with the files among them in their folder."""
    from qnnt.solvers.instance_sets import FAMILIES

    return [source if source.partition(":")[0] in FAMILIES else str(folder / source) for source in sources]
