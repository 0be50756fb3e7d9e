"""A solver at work on a question, seen from outside its process: its messages become knowledge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol

from qnnt.errors import BudgetError, FalseClaimError, FalseSolutionError, QnntError
from qnnt.exact import Number
from qnnt.instance import Objective
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised
from qnnt.solvers.entry import Entry
from qnnt.solvers.knowledge import Knowledge
from qnnt.solvers.news import Asking, News
from qnnt.solvers.questions import Route
from qnnt.solvers.registry import Configuration
from qnnt.solvers.routes import Job
from qnnt.solvers.usage import NO_USAGE, Usage
from qnnt.solvers.workshop import Failed, Finished, workshop


class Task(Protocol):
    """A solver at work, and the messages it sends; see `qnnt.solvers.workshop.Task`."""

    def poll(self, seconds: float) -> bool: ...

    def receive(self) -> Any: ...

    def tell(self, news: News) -> None: ...

    def kill(self) -> None: ...

    def usage(self) -> Usage: ...


Start = Callable[[Entry, Route, Job], Task]
"""How a job comes to run: in a process of its own, or right here (`qnnt.solvers.inline`)."""


def in_process_of_its_own(entry: Entry, route: Route, job: Job) -> Task:
    """A killable child of the workshop that has the solver's modules imported."""
    return workshop(entry.preload).start(route, job)


class Way(Enum):
    """How a solver ended."""

    ANSWERED = auto()
    """It settled the question."""
    LEFT_OPEN = auto()
    """It came to its end without an answer; the reason, if there is one, says why."""
    REFUSED = auto()
    """It cannot take the question, or is used wrongly; the error says why."""
    CRASHED = auto()


@dataclass(frozen=True)
class Exit:
    """The end of a solver.

    Attributes
    ----------
    status
        What it leaves known.
    numerical
        Whether that there is no solution rests on floating-point arithmetic.
    """

    way: Way
    status: Status
    reason: str = ""
    error: QnntError | None = None
    statistics: Mapping[str, Any] = field(default_factory=dict)
    numerical: bool = False


class Contestant:
    """A solver, its task, and what it says.

    Parameters
    ----------
    name
        How it is spoken of.

    Attributes
    ----------
    encoded
        The sizes it told last; None if it told none.
    value
        What its own best solution is worth.
    exit
        How it ended; None while it is at work.
    asking
        Whether it waits for news.
    """

    def __init__(self, chosen: Configuration, knowledge: Knowledge, name: str | None = None) -> None:
        self.chosen = chosen
        self.name = name or chosen.name
        self.encoded: Encoded | None = None
        self.value: Number | None = None
        self.exit: Exit | None = None
        self.asking = False
        self._knowledge = knowledge
        self._task: Task | None = None
        self._seen = NO_USAGE
        self._peak = 0

    @property
    def task(self) -> Task:
        """The task, once it was started."""
        if self._task is None:
            raise ValueError(f"{self.name} was not started")
        return self._task

    @property
    def started(self) -> bool:
        return self._task is not None

    def start(self, limits: Limits, log: str | None, scratch: str, start: Start = in_process_of_its_own) -> None:
        """Have it begin, with the best solution so far that is no mere guess as its hint."""
        question = self._knowledge.question
        self._task = start(
            self.chosen.entry,
            question.route,
            Job(
                question.instance,
                question.asks,
                self.chosen.name,
                self.chosen.settings,
                limits,
                self._knowledge.hint,
                _folder(),
                log,
                scratch,
            ),
        )

    def hear(self) -> None:
        """Take one message.

        Raises
        ------
        FalseSolutionError, FalseClaimError
            If what it says is refuted here.
        OutOfTimeError
            If the evaluator takes too long over it.
        BudgetError
            If the evaluator cannot say what a solution is worth.
        """
        try:
            message = self.task.receive()
        except EOFError:
            self._end(Way.CRASHED, "the solver's process died (killed, or out of memory)")
            return
        match message:
            case Failed(error=BudgetError() as error):
                self._end(Way.LEFT_OPEN, str(error))
            case Failed(error=QnntError() as error):
                self.exit = Exit(Way.REFUSED, self._knowledge.status, str(error), error)
            case Failed(text=text):
                self._end(Way.CRASHED, text)
            case Finished(value=answer):
                self._finish(answer)
            case Asking():
                self.asking = True
            case Encoded():
                self.encoded = message
            case Found(parameters=parameters):
                value = self._knowledge.accept_from_solver(parameters, self.name)
                if self.value is None or value < self.value:
                    self.value = value
            case Raised(lower_bound=lower, numerical=numerical) if self._asks is Objective.MINIMIZE:
                self._knowledge.raise_bound(lower, self.name, numerical=numerical)

    def tell(self) -> None:
        """Give it the news that it waits for."""
        self.asking = False
        self.task.tell(self._knowledge.news)

    def look(self) -> int:
        """Note what it used so far, as afterwards its process may be gone; its peak memory in bytes."""
        self._seen = self.task.usage()
        self._peak = max(self._peak, self._seen.peak_memory)
        return self._peak

    @property
    def cpu_seconds(self) -> float:
        """Processor time that it had used at the last look."""
        return self._seen.cpu_seconds

    def usage(self) -> Usage:
        """What it used in all."""
        if self._task is None:
            return NO_USAGE
        usage = self._task.usage()
        if not usage.cpu_seconds:  # its process died
            usage = self._seen
        return Usage(usage.cpu_seconds, max(self._peak, usage.peak_memory))

    def leave(self, reason: str) -> None:
        """End it for a reason, before its own end."""
        self.look()
        self.kill()
        self._end(Way.LEFT_OPEN, reason)

    def kill(self) -> None:
        """End it, if it runs."""
        if self._task is not None:
            self._task.kill()

    @property
    def _asks(self) -> Objective:
        return self._knowledge.question.asks

    def _end(self, way: Way, reason: str) -> None:
        self.exit = Exit(way, self._knowledge.status, reason)

    def _finish(self, answer: Answer) -> None:
        """The solver's last word, held against what was verified here."""
        knowledge, status = self._knowledge, answer.status
        if self._asks is Objective.MINIMIZE and answer.lower_bound is not None:
            knowledge.raise_bound(answer.lower_bound, self.name, numerical=answer.numerical)
        self._check_last_word(status, answer.lower_bound)
        if status is Status.OPTIMAL:
            knowledge.close(self.name, numerical=answer.numerical)
        if not status.answered:
            status = knowledge.status
        way = Way.ANSWERED if status.answered else Way.LEFT_OPEN
        numerical = answer.numerical and status in (Status.NO, Status.INFEASIBLE)
        self.exit = Exit(way, status, answer.reason, None, answer.statistics, numerical)

    def _check_last_word(self, status: Status, bound: Number | None) -> None:
        name, own, best, settled = self.name, self.value, self._knowledge.value, self._knowledge.settled
        noun = self._knowledge.question.noun
        other = (Status.YES, Status.NO) if self._asks is Objective.MINIMIZE else (Status.OPTIMAL, Status.INFEASIBLE)
        if status in other:
            raise FalseClaimError(f"{name} says {status}, which is no answer to {self._asks}")
        if status in (Status.OPTIMAL, Status.YES) and own is None:
            raise FalseSolutionError(f"{name} says {status}, but returned no solution")
        if status is Status.OPTIMAL and own != best:
            raise FalseClaimError(f"{name} says that {own} is optimal, but the {noun} {best} was verified")
        if status is Status.OPTIMAL and bound not in (None, best):
            raise FalseClaimError(f"{name} says that the optimum is {bound}, but the {noun} of its solution is {best}")
        if status is Status.INFEASIBLE and best is not None:
            raise FalseClaimError(f"{name} says infeasible, but the {noun} {best} was verified")
        if status is Status.YES and not settled:
            raise FalseSolutionError(f"{name} says yes, but the best {noun} is {best}")
        if status is Status.NO and settled:
            raise FalseClaimError(f"{name} says no, but the {noun} {best} was verified")


def _folder() -> str | None:
    """The present working directory; None if it is gone."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return None
