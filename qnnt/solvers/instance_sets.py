"""The instances that a comparison is about: files, folders, patterns of file names, families.

A family is written ``random:layers=3-3-2,d=3,samples=20,seeds=0-9``; see `FAMILIES`. Those of the reductions
take their sizes, ``three-sat:variables=20,clauses=85,variant=no,seeds=0-9``; see `qnnt.reductions.registry`.
"""

from __future__ import annotations

import contextlib
import glob
import itertools
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from qnnt.documents.reader import FORMAT
from qnnt.errors import InputError
from qnnt.files.instances import load, sha256_of
from qnnt.files.streams import STANDARD_INPUT
from qnnt.files.text import read_json
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance
from qnnt.reductions import registry
from qnnt.reductions.making import Origin, draw, drawn_name
from qnnt.reductions.sources.source import Variant

ENDINGS = (".json", ".json.gz")
"""Files of these names count in a folder."""
MOST_SEEDS = 100_000
"""Instances of one family at once."""


@dataclass(frozen=True)
class Named:
    """An instance with the label under which it is reported, and the digest it is known by."""

    label: str
    instance: Instance
    sha256: str


def instances_of(sources: Iterable[Instance | str | os.PathLike[str]]) -> list[Named]:
    """All instances of some sources, in order; each only once, under its first label.

    Parameters
    ----------
    sources
        Instances; files, or ``-`` for standard input; folders, searched to the bottom for instance files
        (other documents of qnnt in them are passed over); patterns such as ``data/*.json``; families.

    Raises
    ------
    InputError
        If a file cannot be read or holds no instance, a pattern matches nothing, or a family is not
        understood.
    """
    found: dict[str, Named] = {}
    for source in sources:
        for label, instance in _of(source):
            digest = sha256_of(instance)
            found.setdefault(digest, Named(label, instance, digest))
    return _with_distinct_labels(found.values())


def _with_distinct_labels(found: Iterable[Named]) -> list[Named]:
    """Different instances may have the same name: then they are numbered."""
    used: set[str] = set()
    numbers: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(2))
    named: list[Named] = []
    for one in found:
        label = one.label
        while label in used:
            label = f"{one.label} #{next(numbers[one.label])}"
        used.add(label)
        named.append(Named(label, one.instance, one.sha256))
    return named


def _of(source: Instance | str | os.PathLike[str]) -> Iterator[tuple[str, Instance]]:
    if isinstance(source, Instance):
        yield source.name or "instance", source
        return
    path = os.fspath(source)
    if path == STANDARD_INPUT:
        yield "standard input", load(path)
    elif os.path.isdir(path):  # noqa: PTH112 - which takes any string, however long, and closed places
        yield from _at_least_one(_in_folder(path), "holds no instance files", path)
    elif os.path.exists(path):  # noqa: PTH110
        yield path, load(path)
    elif path.partition(":")[0] in FAMILIES:
        yield from _in_family(path)
    elif glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - patterns may be absolute
        groups = (_in_folder(match) if Path(match).is_dir() else _of(Path(match)) for match in matches)
        yield from _at_least_one(itertools.chain.from_iterable(groups), "no instance file matches", path)
    else:
        yield path, load(path)  # which says what is wrong


def _in_folder(path: str) -> Iterator[tuple[str, Instance]]:
    files = [file for file in sorted(Path(path).rglob("*")) if file.name.endswith(ENDINGS) and file.is_file()]
    for file in files:
        document = read_json(str(file), measured=True)
        written = document.get("format") if isinstance(document, Mapping) else None
        if isinstance(written, str) and written.startswith("qnnt-") and written != FORMAT:
            continue  # results and the like lie beside their instances
        yield str(file), load(str(file))


def _at_least_one(found: Iterator[tuple[str, Instance]], problem: str, source: str) -> Iterator[tuple[str, Instance]]:
    first = next(found, None)
    if first is None:
        raise InputError(problem, source=source)
    yield first
    yield from found


# --- families ------------------------------------------------------------------------------------


def _random(settings: _Settings, seed: int) -> Instance:
    return random_labels(
        settings.integer("d", 3), settings.layers(), settings.integer("samples"), seed, error_bound=settings.bound()
    )


def _planted(settings: _Settings, seed: int) -> Instance:
    flip = float(settings.fraction("flip", "0"))
    if not 0 <= flip <= 1:
        raise settings.wrong("flip", "a probability in 0..1")
    return planted_labels(
        settings.integer("d", 3),
        settings.layers(),
        settings.integer("samples"),
        seed,
        flip=flip,
        error_bound=settings.bound(),
    )


@dataclass(frozen=True)
class Family:
    """How to draw an instance with a seed, and the settings that this takes besides ``seed`` or ``seeds``."""

    draw: Callable[[_Settings, int], Instance]
    keys: tuple[str, ...]


def _reduction(entry: registry.Family) -> Family:
    """The sizes of a family of reductions, ``variant`` and ``form``."""

    def drawn(settings: _Settings, seed: int) -> Instance:
        sizes = {size.name: settings.integer(size.name, size.default) for size in entry.sizes}
        variant = Variant(settings.word("variant", tuple(Variant)))
        form = settings.word("form", entry.forms)
        name = drawn_name(entry, form, variant, sizes, seed)
        return Origin(entry, form, draw(entry, variant, sizes, seed).source).made(name)

    return Family(drawn, (*(size.name for size in entry.sizes), "variant", "form"))


FAMILIES: Mapping[str, Family] = {
    "random": Family(_random, ("layers", "d", "samples", "bound")),
    "planted": Family(_planted, ("layers", "d", "samples", "bound", "flip")),
    **{entry.name: _reduction(entry) for entry in registry.FAMILIES},
}
"""As in `qnnt generate`: ``random:layers=3-3-2,d=3,samples=20,seeds=0-9``."""


_PLAIN = re.compile(r"[0-9./]{1,20}")
"""Numbers without exponents, which might be of any length."""


class _Settings:
    """The part behind the colon: ``key=value,key=value``."""

    def __init__(self, source: str, known: Iterable[str]) -> None:
        self._source = source
        self._values: dict[str, str] = {}
        for part in filter(None, source.partition(":")[2].split(",")):
            key, equals, value = part.partition("=")
            if not equals or key not in known or key in self._values:
                raise InputError(f"expected key=value with the keys {', '.join(known)}, got {part!r}", source=source)
            self._values[key] = value

    def wrong(self, key: str, expected: str) -> InputError:
        """The complaint about one of them."""
        value = self._values.get(key)
        got = "it is missing" if value is None else f"got {value!r}"
        return InputError(f"{key}: expected {expected}; {got}", source=self._source)

    def integer(self, key: str, default: int | None = None) -> int:
        value = self._values.get(key)
        if value is None and default is not None:
            return default
        if value is None or not value.isascii() or not value.isdigit() or len(value) > 9:
            raise self.wrong(key, "an integer of at least 0")
        return int(value)

    def word(self, key: str, words: tuple[str, ...]) -> str:
        """One of the words; the first where none is given."""
        if self._values.get(key, words[0]) not in words:
            raise self.wrong(key, f"one of {', '.join(words)}")
        return self._values.get(key, words[0])

    def fraction(self, key: str, default: str) -> Fraction:
        text = self._values.get(key, default)
        if _PLAIN.fullmatch(text):
            with contextlib.suppress(ValueError, ZeroDivisionError):
                return Fraction(text)
        raise self.wrong(key, "a number such as 0.2 or 1/5")

    def layers(self) -> list[int]:
        parts = self._values.get("layers", "").split("-")
        if len(parts) < 2 or not all(part.isascii() and part.isdigit() and 0 < int(part) < 10**6 for part in parts):
            raise self.wrong("layers", "at least two positive sizes such as 3-3-2")
        return [int(part) for part in parts]

    def bound(self) -> int | None:
        return self.integer("bound") if "bound" in self._values else None

    def seeds(self) -> range:
        if "seed" in self._values and "seeds" in self._values:
            raise self.wrong("seeds", "either seed or seeds")
        if "seeds" not in self._values:
            seed = self.integer("seed", 0)
            return range(seed, seed + 1)
        low, _, high = self._values["seeds"].partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in (low, high)):
            raise self.wrong("seeds", "a range such as 0-9")
        if not int(low) <= int(high) < int(low) + MOST_SEEDS:
            raise self.wrong("seeds", f"a range of at most {MOST_SEEDS} seeds")
        return range(int(low), int(high) + 1)


def _in_family(source: str) -> Iterator[tuple[str, Instance]]:
    family = FAMILIES[source.partition(":")[0]]
    settings = _Settings(source, [*family.keys, "seed", "seeds"])
    for seed in settings.seeds():
        try:
            instance = family.draw(settings, seed)
        except InputError as error:
            raise error if error.source else error.within(source) from None
        yield instance.name, instance
