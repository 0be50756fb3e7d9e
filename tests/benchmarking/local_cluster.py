"""A cluster on this machine for tests, and a look at what its workers do."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qnnt.benchmarking.cluster import Cluster
from qnnt.benchmarking.measurement import Recording
from qnnt.benchmarking.record import record
from qnnt.benchmarking.suite import Suite
from tests.solvers.processes import PATIENCE, children_of


def local(workers: int = 2, threads: int = 1) -> Any:
    import distributed

    start: Callable[..., Any] = distributed.LocalCluster
    return start(
        n_workers=workers,
        threads_per_worker=threads,
        processes=True,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    )


def pids(cluster: Any) -> list[int]:
    """Of the workers' own processes."""
    return [worker.pid for worker in cluster.workers.values() if worker.pid is not None]


def solving(worker: int) -> list[int]:
    """The processes in which solvers run for a worker."""
    try:
        return [child for workshop in children_of(worker) for child in children_of(workshop)]
    except (FileNotFoundError, ProcessLookupError):  # one of them ended meanwhile
        return []


def all_solve(cluster: Any, count: int = 2) -> bool:
    """Whether so many workers are there, each with a trial."""
    found = pids(cluster)
    return len(found) == count and all(map(solving, found))


def none_solves(cluster: Any) -> bool:
    return not any(map(solving, pids(cluster)))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def once(condition: Callable[[], bool], act: Callable[[], object]) -> Iterator[None]:
    """Act as soon as the condition holds, meanwhile."""

    def wait_and_act() -> None:
        until(condition)
        act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def measured_on(cluster: Any, suite: Suite, folder: Path, **rest: Any) -> Recording:
    return record(suite, str(folder), measuring=Cluster(cluster.scheduler_address), **rest)
