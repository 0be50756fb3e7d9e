"""Trials on the workers of a dask.distributed cluster."""

from __future__ import annotations

import logging
import math
import queue
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qnnt.benchmarking.cluster_worker import Parcel, difference, measure, needed_versions, packed
from qnnt.benchmarking.measurement import Measurement, measured
from qnnt.benchmarking.patience import LOOK, answered
from qnnt.benchmarking.trials import Trial
from qnnt.errors import InputError, QnntError, UnsupportedError
from qnnt.exact import shown
from qnnt.solvers.facade import asked_objective
from qnnt.solvers.search import Stop
from qnnt.verdicts import Run, Verdict

if TYPE_CHECKING:
    from distributed import KilledWorker

Client = Any
Future = Any
"""Those of distributed, most of whose methods have no types."""

CONNECTING = 10.0
"""Seconds that the scheduler may take to answer at first."""
ANSWERING = 10.0
"""Seconds that scheduler and workers may take to answer later on; then trials just wait for them."""
FETCHING = 1.0
"""Seconds that one try to fetch a measurement may take; then its worker may be gone, and the trial runs again."""
COUNTING = 2.0
"""Seconds between two looks at which workers are there."""
WITHOUT_WORKERS = 5.0
"""Seconds without any worker before the user is told."""
AHEAD = 2
"""Tasks on the cluster per thread of its workers: one that runs and one that waits."""
NOWHERE = "unknown"
"""The machine of a trial that none brought to its end."""
GONE = "the scheduler is gone, or dropped the trials; the same command goes on where it stopped"

_LOGGERS = ("distributed", "distributed.client", "distributed.comm", "distributed.core", "tornado.application")


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
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise UnsupportedError("trials on a cluster need: pip install 'qnnt[cluster]'") from None
        _check_address(self.address)
        return self._measurements(trials, stop)

    def _measurements(self, trials: Sequence[Trial], stop: Stop | None) -> Iterator[Measurement]:
        needed = needed_versions(trials)
        with _quiet(), _connected(self.address) as client:
            _check_workers(client, needed, stop)
            tasks = _Tasks(client, needed)
            try:
                yield from _measurements(trials, stop, tasks, _Workers(client, stop))
            finally:
                tasks.cancel()


def _measurements(
    trials: Sequence[Trial], stop: Stop | None, tasks: _Tasks, workers: _Workers
) -> Iterator[Measurement]:
    """A worker that dies takes down all its tasks; so a suspect runs once more, when nothing else does."""
    waiting, suspects = deque(trials), deque[Trial]()
    suspected: set[str] = set()
    while (waiting or suspects or tasks) and (stop is None or not stop.is_set()):
        room = AHEAD * workers.threads()
        while waiting and len(tasks) < room:
            tasks.start(waiting.popleft())
        if suspects and not waiting and not tasks:
            tasks.start(suspects.popleft())
        ended = tasks.next_ended()
        if ended is None:
            continue
        trial, outcome = ended
        if isinstance(outcome, Measurement):
            yield outcome
        elif outcome is None:
            waiting.appendleft(trial)
        elif trial.key in suspected:
            yield _crashed(trial)
        else:
            suspected.add(trial.key)
            suspects.append(trial)


class _Tasks:
    """The trials that are on the cluster, a task each."""

    def __init__(self, client: Client, needed: Mapping[str, str]) -> None:
        self._client = client
        self._needed = needed
        self._packed = "", b""
        self._trials: dict[str, tuple[Trial, Future]] = {}
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()

    def __len__(self) -> int:
        return len(self._trials)

    def start(self, trial: Trial) -> None:
        """Put a trial on the cluster. What it takes along stays with the task, so that any worker can begin it."""
        named = trial.named
        if self._packed[0] != named.sha256:
            self._packed = named.sha256, packed(named)
        parcel = Parcel(self._packed[1], trial.family, trial.setup, trial.terms, trial.repetition, self._needed)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            future = self._client.submit(measure, parcel, pure=False)
        self._trials[future.key] = trial, future
        future.add_done_callback(self._ended.put)

    def next_ended(self) -> tuple[Trial, Measurement | KilledWorker | None] | None:
        """A trial that ended, with what came of it; None if there is none for a moment.

        Nothing comes of trials whose workers closed, and `KilledWorker` of those that had several workers die.

        Raises
        ------
        InputError
            If a worker has other versions than needed, or cannot work; if the scheduler is gone.
        """
        from distributed import KilledWorker

        try:
            future = self._ended.get(timeout=LOOK)
        except queue.Empty:
            return None
        trial = self._trials[future.key][0]
        try:
            outcome: Measurement | KilledWorker | None = future.result(timeout=FETCHING)
        except KilledWorker as error:
            outcome = error
        except QnntError:
            raise
        except CancelledError:
            raise InputError(GONE) from None
        except Exception as error:  # noqa: BLE001 - what may go wrong on other machines is legion
            if future.status != "error":  # its worker died with the measurement: it runs again
                future.add_done_callback(self._ended.put)
                return None
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            raise InputError(f"a worker cannot run {trial.setup.name} on {trial.named.label}: {words}") from None
        del self._trials[future.key]
        return trial, outcome

    def cancel(self) -> None:
        """End those that wait or run."""
        self._client.cancel([future for _, future in self._trials.values()])


class _Workers:
    """The workers that are there, counted from time to time."""

    def __init__(self, client: Client, stop: Stop | None) -> None:
        self._client = client
        self._stop = stop
        self._looked = -math.inf
        self._seen = time.monotonic()
        self._threads = 0

    def threads(self) -> int:
        """How many trials they can run at a time. Once there is none for a while, the user is told."""
        now = time.monotonic()
        if now < self._looked + COUNTING:
            return self._threads
        try:
            threads = answered(self._client.nthreads, ANSWERING, self._stop)
        except Exception:  # noqa: BLE001 - of many kinds
            raise InputError(GONE) from None
        if threads is not None:  # a scheduler that froze may come back
            self._threads = sum(threads.values())
        self._looked = now
        if self._threads:
            self._seen = now
        elif now > self._seen + WITHOUT_WORKERS:
            self._seen = math.inf
            logging.getLogger(__name__).warning("no workers on the cluster: waiting for some; Ctrl-C ends")
        return self._threads


def _crashed(trial: Trial) -> Measurement:
    """What a trial comes to that its workers do not survive."""
    instance, terms = trial.named.instance, trial.terms
    run = Run(
        instance=trial.named.label,
        sha256=trial.named.sha256,
        solver=trial.setup.solver,
        objective=asked_objective(instance, terms.objective, terms.bound),
        bound=instance.bound if terms.bound is None else terms.bound,
        apparent=Verdict.CRASHED,
        problem="the workers that ran it died, again and again",
    )
    return measured(trial, run, NOWHERE)


# --- the connection ------------------------------------------------------------------------------


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:  # such as a port that is no number
        sound = False
    if not sound or address != f"{parts.scheme}://{parts.netloc}":
        raise InputError(f"expected the address of a dask scheduler, tcp://HOST:PORT, got {shown(address)}")


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    import distributed

    connect: Callable[..., Client] = distributed.Client
    try:
        client = connect(address, timeout=CONNECTING, set_as_default=False)
    except Exception:  # noqa: BLE001 - OSError, and what comes of names that are none
        raise InputError("no dask scheduler answers", source=address) from None
    try:
        yield client
    except InputError as error:
        raise error.within(address) from None
    finally:
        client.close()


def _check_workers(client: Client, needed: Mapping[str, str], stop: Stop | None) -> None:
    """Those that are there and answer; the others are checked by their tasks."""
    try:
        differences = answered(lambda: client.run(difference, needed), ANSWERING, stop)
    except Exception as error:  # noqa: BLE001 - there is no qnnt, or an old one
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"a worker cannot run this qnnt: {words}") from None
    if differences is None and not (stop is not None and stop.is_set()):
        logging.getLogger(__name__).warning("not all workers answer: their trials wait until they do")
    for worker, found in (differences or {}).items():
        if found:
            raise InputError(f"the worker {worker} has {found}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the messages of the network's layers: what matters of them is raised."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
