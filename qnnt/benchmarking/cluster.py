"""Trials on the workers of a dask.distributed cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from qnnt.benchmarking.cluster_worker import Parcel, measure, needed_versions
from qnnt.benchmarking.measurement import Measurement, measured
from qnnt.benchmarking.trials import Trial
from qnnt.clusters.connection import check_reachable, check_workers, connected
from qnnt.clusters.spreading import Fate, Handling, spread
from qnnt.clusters.worker import packed
from qnnt.solvers.facade import asked_objective
from qnnt.solvers.stopping import Stop
from qnnt.verdicts import Run, Verdict

AHEAD = 2
"""Tasks on the cluster per thread of its workers: one that runs and one that waits."""
NOWHERE = "unknown"
"""The machine of a trial that none brought to its end."""


@dataclass(frozen=True)
class Cluster:
    """Trials on the workers of a dask.distributed cluster.

    Scheduler and workers need the same qnnt and packages as here. A worker runs as many trials at a time as it has
    threads: one with a single thread measures undisturbed. Trials of a worker that dies run again on others; all
    of them may be gone for a while. A trial that workers die of, again and again, even when nothing else runs, has
    crashed.
    """

    address: str

    @property
    def jobs(self) -> int:
        """One per thread of a worker: nothing else is asked for."""
        return 1

    def __call__(self, trials: Sequence[Trial], stop: Stop | None) -> Iterator[Measurement]:
        """The measurements of trials as they end.

        Raises
        ------
        InputError
            If there is no such scheduler, the connection is lost, or a worker has other versions than needed.
        UnsupportedError
            If dask.distributed is not installed.
        """
        check_reachable(self.address, "trials")
        return self._measurements(trials, stop)

    def _measurements(self, trials: Sequence[Trial], stop: Stop | None) -> Iterator[Measurement]:
        needed = needed_versions(trials)
        handling = Handling(
            measure,
            _Packing(needed),
            key=lambda trial: trial.key,
            words=lambda trial: f"{trial.setup.name} on {trial.named.label}",
            after_loss="the same command goes on where it stopped",
        )
        with connected(self.address) as client:
            check_workers(client, needed, stop)
            spreading = spread(client, deque(trials), handling, ahead=AHEAD, stop=stop)
            with closing(spreading):
                for ended in spreading:
                    if ended is not None:
                        trial, outcome = ended
                        yield outcome if isinstance(outcome, Measurement) else _crashed(trial, outcome)


class _Packing:
    """What travels of trials; those of one instance share its packed form."""

    def __init__(self, needed: Mapping[str, str]) -> None:
        self._needed = needed
        self._last = "", b""

    def __call__(self, trial: Trial) -> Parcel:
        named = trial.named
        if self._last[0] != named.sha256:
            self._last = named.sha256, packed(named)
        return Parcel(self._last[1], trial.family, trial.setup, trial.terms, trial.repetition, self._needed)


def _crashed(trial: Trial, fate: Fate) -> Measurement:
    """What a trial comes to that its workers do not survive."""
    instance, terms = trial.named.instance, trial.terms
    run = Run(
        instance=trial.named.label,
        sha256=trial.named.sha256,
        solver=trial.setup.solver,
        objective=asked_objective(instance, terms.objective, terms.bound),
        bound=instance.bound if terms.bound is None else terms.bound,
        apparent=Verdict.CRASHED,
        problem=fate.value,
    )
    return measured(trial, run, NOWHERE)
