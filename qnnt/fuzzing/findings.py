"""A defect that the fuzzer met: made small, and written down so that anybody can see it again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qnnt.errors import InputError
from qnnt.exact import to_json_number
from qnnt.files.instances import save, sha256_of
from qnnt.files.text import pretty, write_text
from qnnt.fuzzing.cases import Case, Made
from qnnt.fuzzing.checking import JUDGES, Failure, again
from qnnt.fuzzing.plans import Asked
from qnnt.fuzzing.shrinking import shrink
from qnnt.instance import Instance
from qnnt.solvers.facade import chosen_configuration
from qnnt.solvers.search import Start
from qnnt.solvers.versions import versions_behind

FORMAT = "qnnt-finding/1"
REPEATS = 5
"""Tries to see a defect again: some solvers do not do the same thing twice, whatever the seed."""
ATTEMPTS = 3000
"""Instances that are tried to make a finding smaller."""


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
    solver_seed
        That all solvers had.
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
    look = again(failure, this.plan, start)
    if not any(look(this.instance) for _ in range(REPEATS)):
        return Finding(this.case, failure, this.instance, this.instance, this.plan.seed, 1, False)
    shrunk = shrink(this.instance, lambda instance: look(instance) is not None, attempts, stop)
    small = look(shrunk.instance) or failure
    return Finding(this.case, small, this.instance, shrunk.instance, this.plan.seed, shrunk.attempts, True)


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
    words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{failure.solver} {failure.verdict}")
    place = Path(folder) / f"{words}-{sha256_of(finding.instance)[:12]}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write: {(error.strerror or str(error)).lower()}", source=str(place)) from None
    solvers = [name for name in (failure.solver, failure.witness) if name is not None and name != JUDGES]
    document: dict[str, Any] = {
        "format": FORMAT,
        "solver": failure.solver,
        "verdict": str(failure.verdict),
        "reason": failure.reason,
        "witness": failure.witness,
        "asked": str(failure.asked),
        "bound": None if failure.bound is None else to_json_number(failure.bound),
        "met": {"seed": finding.case.seed, "number": finding.case.number, "file": finding.case.file},
        "confirmed": finding.confirmed,
        "attempts": finding.attempts,
        "versions": {name: versions_behind(chosen_configuration(finding.instance, name).entry) for name in solvers},
    }
    save(finding.instance, str(place / "instance.json"))
    save(finding.original, str(place / "original.json"))
    write_text(str(place / "report.json"), pretty(document))
    write_text(str(place / "command.txt"), shlex.join(_command(finding, solvers)) + "\n")
    return str(place)


def _command(finding: Finding, solvers: Sequence[str]) -> list[str]:
    """A comparison of the two solvers; where that cannot put the question, the fuzzer at the same place."""
    failure, case = finding.failure, finding.case
    if failure.solver != JUDGES and failure.asked is not Asked.FROM_HINT and finding.confirmed:
        asked = ["--objective", "minimize"] if failure.bound is None else ["--bound", str(failure.bound)]
        seed = ["--seed", str(finding.solver_seed)]
        return ["qnnt", "compare", "instance.json", "--solvers", ",".join(solvers), *asked, *seed]
    if case.file:
        return ["qnnt", "fuzz", "--count", "0", "--seed", str(case.seed), "--corpus", str(Path(case.file).parent)]
    return ["qnnt", "fuzz", "--seed", str(case.seed), "--first", str(case.number), "--count", "1"]
