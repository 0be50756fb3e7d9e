"""Long-lived workers: each takes instances in batches and runs all solvers in its own process.

A worker that dies or gets stuck is replaced; the instance it was at is then tried with every solver in a
process of its own, to see whose fault it was.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from qnnt.errors import CrashError, InputError
from qnnt.fuzzing.cases import Case, made
from qnnt.fuzzing.checking import Failure, check
from qnnt.fuzzing.features import features_of
from qnnt.solvers.inline import InlineTask
from qnnt.solvers.registry import entry_of, solver_names
from qnnt.solvers.search import in_process_of_its_own
from qnnt.solvers.workshop import Failed, Finished, Task, workshop
from qnnt.verdicts import Verdict

BATCH = 250
"""Cases that a worker takes at most: then a fresh process, which frees what solvers leave behind."""
PATIENCE = 90.0
"""Seconds after which a worker that says nothing is stuck."""
LOOK = 0.1
"""Seconds between two looks at whether it is time to stop."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    case: Case
    shape: str
    features: frozenset[str]
    verdicts: tuple[tuple[str, Verdict], ...]
    failures: tuple[Failure, ...]
    seconds: float


@dataclass(frozen=True)
class Begun:
    """A worker's word that it starts with a case."""

    case: Case


def outcomes(cases: Iterable[Case], jobs: int, batch: int, stopped: Callable[[], bool]) -> Iterator[Outcome]:
    """What comes of the cases, as they end; fewer if it is time to stop.

    Raises
    ------
    InputError
        If a file of the corpus cannot be read.
    CrashError
        If a worker breaks outside of all solvers.
    """
    supply = iter(cases)
    batches = iter(lambda: tuple(itertools.islice(supply, batch)), ())
    taking, over = threading.Lock(), threading.Event()
    news: SimpleQueue[Outcome | Exception | None] = SimpleQueue()

    def next_batch() -> Sequence[Case]:
        with taking:
            return () if over.is_set() or stopped() else next(batches, ())

    def crew_member() -> None:
        try:
            while mine := next_batch():
                for outcome in _through(mine, lambda: over.is_set() or stopped()):
                    news.put(outcome)
        except Exception as error:  # noqa: BLE001 - it is raised again where the outcomes are read
            news.put(error)
        finally:
            news.put(None)

    members = [threading.Thread(target=crew_member, daemon=True) for _ in range(jobs)]
    for member in members:
        member.start()
    try:
        left = jobs
        while left:
            item = news.get()
            if isinstance(item, Exception):
                raise item
            if item is None:
                left -= 1
            else:
                yield item
    finally:
        over.set()
        for member in members:
            member.join()


def _through(cases: Sequence[Case], stopped: Callable[[], bool]) -> Iterator[Outcome]:
    """Give a batch to a worker; to another one what is left when it dies."""
    left = list(cases)
    while left and not stopped():
        task = workshop(_everything()).start(work, tuple(left))
        try:
            done, at = yield from _heard(task, stopped)
        finally:
            task.kill()
        del left[:done]
        if at is not None:
            yield alone(at)
            del left[:1]


def _heard(task: Task, stopped: Callable[[], bool]) -> Generator[Outcome, None, tuple[int, Case | None]]:
    """What a worker says; returns how many cases it ended, and the one at which it died, if it did."""
    done, since = 0, time.monotonic()
    at: Case | None = None
    while not stopped():
        if not task.poll(LOOK):
            if at is not None and time.monotonic() > since + PATIENCE:
                return done, at
            continue
        try:
            message: Any = task.receive()
        except EOFError:
            return done, at
        since = time.monotonic()
        if isinstance(message, Begun):
            at = message.case
        elif isinstance(message, Outcome):
            done, at = done + 1, None
            yield message
        elif isinstance(message, Failed):
            if isinstance(message.error, InputError):
                raise message.error  # a file of the corpus
            where = "" if at is None else f" at {at.label}"
            raise CrashError(f"a worker of the fuzzer broke{where}: {message.text}")
        elif isinstance(message, Finished):
            return done, None
    return done, None


def work(cases: Sequence[Case], send: Callable[[Any], None]) -> None:
    """A worker's job."""
    for case in cases:
        send(Begun(case))
        start = time.monotonic()
        this = made(case)
        checked = check(this.instance, this.plan, InlineTask)
        seconds = time.monotonic() - start
        send(Outcome(case, this.shape, features_of(this.instance), checked.verdicts, checked.failures, seconds))


def alone(case: Case) -> Outcome:
    """The same with every solver in a killable process of its own."""
    start = time.monotonic()
    this = made(case)
    checked = check(this.instance, this.plan, in_process_of_its_own)
    seconds = time.monotonic() - start
    return Outcome(case, this.shape, features_of(this.instance), checked.verdicts, checked.failures, seconds)


def _everything() -> tuple[str, ...]:
    """The modules of all solvers."""
    entries = [entry_of(name) for name in solver_names()]
    modules = [module for entry in entries if not entry.missing for module in entry.preload]
    return (*dict.fromkeys(modules), "qnnt.fuzzing.crew")
