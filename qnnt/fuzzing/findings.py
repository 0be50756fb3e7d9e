"""A defect that the fuzzer met: made small, and written down so that anybody can see it again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qnnt.errors import InputError
from qnnt.exact import to_json_number
from qnnt.files.instances import save, sha256_of
from qnnt.files.text import pretty, write_text
from qnnt.fuzzing.cases import Case, Made
from qnnt.fuzzing.checking import JUDGES, WORKER, Failure, again, pair_of
from qnnt.fuzzing.plans import Asked
from qnnt.fuzzing.shrinking import shrink
from qnnt.instance import Instance
from qnnt.solvers.contestant import Start
from qnnt.solvers.facade import chosen_configuration
from qnnt.solvers.versions import versions_behind

FORMAT = "qnnt-finding/1"
REPEATS = 5
"""Tries to see a defect again: some solvers do not do the same thing twice, whatever the seed."""
ATTEMPTS = 3000
"""Instances that are tried to make a finding smaller."""

Look = Callable[[Instance], Failure | None]


@dataclass(frozen=True)
class Finding:
    """A defect on the smallest instance that still shows it.

    Attributes
    ----------
    case
        Where it was met.
    failure
        The defect, on the small instance.
    original, instance
        As it was met, and shrunk.
    solvers
        Those that show it.
    solver_seed
        That all of them had.
    attempts
        Instances that were tried on the way.
    confirmed
        Whether it showed again when the solvers ran in processes of their own: if not, the instance was
        left as it is.
    """

    case: Case
    failure: Failure
    original: Instance
    instance: Instance
    solvers: tuple[str, ...]
    solver_seed: int
    attempts: int
    confirmed: bool

    @property
    def line(self) -> str:
        """In words."""
        what = f"{self.failure.solver}: {self.failure.verdict}: {self.failure.reason}"
        return what if self.confirmed else f"{what} (not seen again in a process of its own)"


def made_small(
    this: Made, failure: Failure, start: Start, stop: Callable[[], bool], attempts: int = ATTEMPTS
) -> Finding:
    """Shrink an instance while the defect still shows."""
    instance, seed = this.instance, this.plan.seed
    for solvers in _crowds(this, failure):
        look = again(failure, solvers, seed, start)
        if _seen(look, instance):
            shrunk = shrink(instance, _shows(look), attempts, stop)
            small = _seen(look, shrunk.instance) or failure
            return Finding(this.case, small, instance, shrunk.instance, solvers, seed, shrunk.attempts, True)
    everybody = (*this.plan.solvers, *this.plan.spare)
    return Finding(this.case, failure, instance, instance, everybody, seed, 1, False)


def _crowds(this: Made, failure: Failure) -> Iterator[tuple[str, ...]]:
    """Solvers that may show a defect: the fewest, but two; then all that were there."""
    if failure.solver == WORKER:
        return  # nobody showed it
    pair = pair_of(failure)
    others = [name for name in (*this.plan.solvers, *this.plan.spare) if name not in pair]
    yield pair if len(pair) > 1 else (*others[:1], *pair)
    yield (*others, *pair)


def _shows(look: Look) -> Callable[[Instance], bool]:
    return lambda instance: look(instance) is not None


def _seen(look: Look, instance: Instance) -> Failure | None:
    """The defect, if it shows in one of some tries."""
    return next((found for _ in range(REPEATS) if (found := look(instance)) is not None), None)


def save_finding(finding: Finding, folder: str) -> str:
    """Write a folder for a finding; where it lies.

    It holds ``instance.json``, ``original.json``, ``report.json`` (the defect, where it was met, versions)
    and ``command.txt``, which shows the defect again when it is run in that folder.

    Raises
    ------
    InputError
        If the place cannot be written.
    """
    failure = finding.failure
    asked = "" if failure.asked is Asked.NOTHING else f" {failure.asked}"
    words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{failure.solver} {failure.verdict}{asked}")
    place = Path(folder) / f"{words}-{sha256_of(finding.instance)[:12]}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=str(place)) from None
    document: dict[str, Any] = {
        "format": FORMAT,
        "solver": failure.solver,
        "verdict": str(failure.verdict),
        "reason": failure.reason,
        "witness": failure.witness,
        "asked": str(failure.asked),
        "asked_of": failure.askee,
        "bound": None if failure.bound is None else to_json_number(failure.bound),
        "solver_seed": finding.solver_seed,
        "met": {"seed": finding.case.seed, "number": finding.case.number, "file": finding.case.file},
        "confirmed": finding.confirmed,
        "attempts": finding.attempts,
        "versions": {name: versions_behind(chosen_configuration(finding.instance, name)) for name in finding.solvers},
    }
    save(finding.instance, str(place / "instance.json"))
    save(finding.original, str(place / "original.json"))
    write_text(str(place / "report.json"), pretty(document))
    write_text(str(place / "command.txt"), shlex.join(_command(finding)) + "\n")
    return str(place)


def _command(finding: Finding) -> list[str]:
    """A comparison of the solvers; where that cannot put the question, the fuzzer with this instance alone."""
    failure = finding.failure
    solvers, seed = ["--solvers", ",".join(finding.solvers)], ["--seed", str(finding.solver_seed)]
    compared = failure.asked is Asked.NOTHING or failure.bound is not None
    if finding.confirmed and compared and failure.solver != JUDGES:
        asked = ["--objective", "minimize"] if failure.bound is None else ["--bound", str(failure.bound)]
        return ["qnnt", "compare", "instance.json", *solvers, *asked, *seed]
    return ["qnnt", "fuzz", "--corpus", "instance.json", "--count", "0", *solvers, *seed]
