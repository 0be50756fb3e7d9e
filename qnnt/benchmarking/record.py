"""`qnnt bench run`: the trials of a suite, measured one by one and written down as they end."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from qnnt.benchmarking.machine import commit_of_the_code, machine_description, now, versions_of
from qnnt.benchmarking.measurement import Heading, Measurement, Recording, measured
from qnnt.benchmarking.recording_file import open_recording
from qnnt.benchmarking.results_folder import place_of_new, unfinished
from qnnt.benchmarking.suite import Suite
from qnnt.benchmarking.trials import Trial, trials_of
from qnnt.benchmarking.warm_up import warm_up
from qnnt.errors import InputError
from qnnt.solvers.runner import Runner
from qnnt.solvers.stopping import Stop
from qnnt.verdicts import Judged, judged

OnMeasurement = Callable[[Measurement, int, int], None]


class Measuring(Protocol):
    """Where trials run: on this machine, or on others."""

    @property
    def jobs(self) -> int:
        """How many trials run at the same time, as far as that is asked for."""
        ...

    def __call__(self, trials: Sequence[Trial], stop: Stop | None) -> Iterator[Measurement]:
        """The measurements of trials as they end, each once; fewer once it is time to stop."""
        ...


@dataclass(frozen=True)
class Here:
    """Trials on this machine, each in a killable process; more than one at the same time disturb each other."""

    jobs: int = 1

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise InputError(f"at least one job is needed, not {self.jobs}")

    def __call__(self, trials: Sequence[Trial], stop: Stop | None) -> Iterator[Measurement]:
        """The measurements of trials as they end."""
        by_key = {trial.key: trial for trial in trials}
        machine = str(machine_description()["id"])
        warm_up((trial.setup.solver for trial in trials), stop)
        with tempfile.TemporaryDirectory(prefix="qnnt-") as folder:
            runs = Runner(Path(folder), stop).runs({key: trial.pair for key, trial in by_key.items()}, self.jobs)
            for key, run in runs:
                yield measured(by_key[key], run, machine)


def record(
    suite: Suite,
    folder: str,
    *,
    measuring: Measuring = Here(),
    stop: Stop | None = None,
    on_measurement: OnMeasurement | None = None,
) -> Recording:
    """Measure a suite; the recording goes into a folder of results.

    An unfinished recording of the same suite, code, versions, machine and jobs in the folder is continued.

    Parameters
    ----------
    measuring
        Where the trials run; by default on this machine.
    stop
        Looked at several times a second; once set, running trials are ended, and do not count.
    on_measurement
        Called after each measurement with the number of those made, and of all.

    Raises
    ------
    InputError
        For suites that make no sense and places that cannot be written; before anything runs.
    """
    trials = trials_of(suite)
    heading = heading_of(suite, trials, measuring.jobs)
    _make(folder)
    path = unfinished(folder, heading) or place_of_new(folder, heading)
    with open_recording(path, heading) as log:
        made = list(log.recording.measurements)
        known = {measurement.key for measurement in made}
        todo = [trial for trial in trials if trial.key not in known]
        for measurement in measuring(todo, stop):
            log.append(measurement)
            made.append(measurement)
            if on_measurement is not None:
                on_measurement(measurement, len(made), len(trials))
    return Recording(log.recording.heading, tuple(made), path)


def _make(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - which takes any string
    except (OSError, ValueError) as error:  # null bytes
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"cannot write: {reason}", source=folder) from None


def _digest_of(suite: Suite, trials: Sequence[Trial]) -> str:
    """Of the suite and its instances, whose files may change while the suite's own stays."""
    return hashlib.sha256("\n".join([suite.sha256, *(trial.key for trial in trials)]).encode()).hexdigest()


def heading_of(suite: Suite, trials: Sequence[Trial], jobs: int) -> Heading:
    """What a recording of these trials begins with, here and now."""
    return Heading(
        suite=suite.name,
        suite_sha256=_digest_of(suite, trials),
        description=suite.description,
        yardstick=suite.yardstick,
        setups={name: setup.solver for name, setup in suite.setups.items()},
        planned=len(trials),
        started=now(),
        commit=commit_of_the_code(),
        machine=machine_description(),
        versions=versions_of(trials),
        jobs=jobs,
    )


def held_against_each_other(recording: Recording) -> Mapping[str, Judged]:
    """Per instance its measurements, with a verdict for each."""
    groups: dict[str, list[Measurement]] = {}
    for measurement in recording.measurements:
        groups.setdefault(measurement.sha256, []).append(measurement)
    return {sha256: judged(measurement.run for measurement in group) for sha256, group in groups.items()}
