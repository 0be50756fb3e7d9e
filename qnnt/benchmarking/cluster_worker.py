"""What the workers of a cluster do: one trial per task, by our own runner, so in a killable process."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qnnt.benchmarking.machine import machine_description, versions_of
from qnnt.benchmarking.measurement import Measurement, measured
from qnnt.benchmarking.suite import Setup
from qnnt.benchmarking.trials import Trial
from qnnt.benchmarking.warm_up import warm_up
from qnnt.clusters.versions import with_our_code
from qnnt.clusters.worker import ThisTask, unpacked
from qnnt.solvers.runner import Runner, Terms


@dataclass(frozen=True)
class Parcel:
    """A trial as it travels.

    Attributes
    ----------
    named
        The instance, packed: see `qnnt.clusters.worker.packed`.
    needed
        See `needed_versions`.
    """

    named: bytes
    family: str
    setup: Setup
    terms: Terms
    repetition: int
    needed: Mapping[str, str]

    def unpacked(self) -> Trial:
        """The trial."""
        return Trial(unpacked(self.named), self.family, self.setup, self.terms, self.repetition)


def measure(parcel: Parcel) -> Measurement | None:
    """One trial, here; None if it was ended because nobody waits for it any more.

    Raises
    ------
    InputError
        If this worker's versions are not those needed.
    """
    here = ThisTask()
    here.check_versions(parcel.needed)
    trial = parcel.unpacked()
    warm_up([trial.setup.solver], here)
    with tempfile.TemporaryDirectory(prefix="qnnt-", ignore_cleanup_errors=True) as folder:
        run = Runner(Path(folder), here).run(trial.pair)
    return None if run is None else measured(trial, run, _machine())


@functools.cache
def _machine() -> str:
    return str(machine_description()["id"])


def needed_versions(trials: Iterable[Trial]) -> Mapping[str, str]:
    """What must be the same wherever the trials run."""
    return with_our_code(versions_of(trials))
