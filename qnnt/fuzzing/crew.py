"""Long-lived workers: each takes instances in batches and runs all solvers in its own process.

A worker that dies, gets stuck or takes too much memory is replaced; the instance it was at is then tried
with every solver in a process of its own, to see whose fault it was.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from qnnt.errors import CrashError, InputError
from qnnt.fuzzing.cases import Case, made
from qnnt.fuzzing.checking import MEMORY, WORKER, Failure, check, killable
from qnnt.fuzzing.features import features_of
from qnnt.solvers.contestant import Start
from qnnt.solvers.entry import Entry
from qnnt.solvers.inline import InlineTask
from qnnt.solvers.questions import Route
from qnnt.solvers.registry import entry_of, solver_names
from qnnt.solvers.routes import Job
from qnnt.solvers.workshop import Failed, Finished, Task, workshop
from qnnt.verdicts import Verdict

BATCH = 250
"""Cases that a worker takes at most: then a fresh process, which frees what solvers leave behind."""
PATIENCE = 30.0
"""Seconds after which a worker that says nothing is stuck; it speaks before every run of a solver."""
LOOK = 0.1
"""Seconds between two looks at whether it is time to stop."""
DIED = "died"


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Attributes
    ----------
    answers
        How many solvers settled the smallest loss.
    lost
        What became of the worker that was at it, if it had to be replaced.
    """

    case: Case
    shape: str
    features: frozenset[str]
    verdicts: tuple[tuple[str, Verdict], ...]
    failures: tuple[Failure, ...]
    answers: int
    seconds: float
    lost: str = ""


@dataclass(frozen=True)
class Begun:
    """A worker's word that it is at a case: at its start, and before every run of a solver."""

    case: Case


@dataclass(frozen=True)
class Heard:
    """What a worker came to: how many cases it ended, and the one at which it was lost, if it was."""

    done: int
    at: Case | None = None
    lost: str = ""


def outcomes(cases: Iterable[Case], jobs: int, batch: int, stopped: Callable[[], bool]) -> Generator[Outcome]:
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
    """Give a batch to a worker; to another one what is left when it is lost."""
    left = list(cases)
    idle = 0
    while left and not stopped():
        task = workshop(_everything()).start(work, tuple(left))
        try:
            heard = yield from _heard(task, stopped)
        finally:
            task.kill()
        del left[: heard.done]
        if heard.at is not None:
            yield alone(heard.at, heard.lost)
            del left[:1]
        idle = 0 if heard.done or heard.at is not None else idle + 1
        if left and idle >= 3 and not stopped():
            raise CrashError(f"workers of the fuzzer die before they begin: the next case is {left[0].label}")


def _heard(task: Task, stopped: Callable[[], bool]) -> Generator[Outcome, None, Heard]:
    """What a worker says; when it is time to stop, what it had said by then."""
    done, since = 0, time.monotonic()
    at: Case | None = None
    while True:
        stopping = stopped()
        if not task.poll(0 if stopping else LOOK):
            lost = "" if at is None else _lost(task, time.monotonic() - since)
            if stopping or lost:
                return Heard(done, at if lost and not stopping else None, lost)
            continue
        try:
            message: Any = task.receive()
        except EOFError:
            return Heard(done, at, DIED)
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
            return Heard(done)


def _lost(task: Task, silence: float) -> str:
    """Why a silent worker is to be replaced, if it is."""
    if silence > PATIENCE:
        return f"said nothing for {PATIENCE:.0f} s"
    return f"took more than {MEMORY} MB" if task.memory() > MEMORY * 2**20 else ""


def work(cases: Sequence[Case], send: Callable[[Any], None]) -> None:
    """A worker's job."""
    with _silenced():
        for case in cases:
            send(Begun(case))

            def start(entry: Entry, route: Route, job: Job, case: Case = case) -> InlineTask:
                send(Begun(case))
                return InlineTask(entry, route, job)

            send(_outcome(case, start))


def alone(case: Case, lost: str) -> Outcome:
    """The same with every solver in a killable process of its own, after a worker was lost at it."""
    outcome = _outcome(case, killable)
    unanswered = {verdict for _, verdict in outcome.verdicts} & {Verdict.LIMIT, Verdict.WORSE}
    failures = outcome.failures
    if lost == DIED and not failures and not unanswered:
        reason = "it died at this instance, but no solver dies of it in a process of its own"
        failures = (Failure(WORKER, Verdict.CRASHED, reason),)
    return dataclasses.replace(outcome, failures=failures, lost=lost)


def _outcome(case: Case, start: Start) -> Outcome:
    began = time.monotonic()
    this = made(case)
    checked = check(this.instance, this.plan, start)
    seconds = time.monotonic() - began
    features = features_of(this.instance)
    return Outcome(case, this.shape, features, checked.verdicts, checked.failures, checked.answers, seconds)


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Without what solvers write to standard error: failures say what matters, and can be seen again."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _everything() -> tuple[str, ...]:
    """The modules of all solvers."""
    entries = [entry_of(name) for name in solver_names()]
    modules = [module for entry in entries if not entry.missing for module in entry.preload]
    return (*dict.fromkeys(modules), "qnnt.fuzzing.crew")
