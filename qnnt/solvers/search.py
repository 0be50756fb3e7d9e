"""One run of a solver, seen from outside its process.

What the solver finds is verified here by the evaluator before it counts; limits are enforced from
here by killing the process, and the best solution stays.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from qnnt.array_evaluation import judge
from qnnt.errors import BudgetError, CertificateError, CrashError, FalseClaimError, FalseSolutionError
from qnnt.evaluation import LookUp, go_on
from qnnt.exact import Number, to_json_number
from qnnt.files.instances import sha256_of
from qnnt.instance import Instance, Objective, Parameters
from qnnt.losses import Mismatch
from qnnt.result import Ending, Incumbent, Result, Solution, Status
from qnnt.simplification.steps import nearest_zero
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised
from qnnt.solvers.entry import Entry
from qnnt.solvers.questions import Progress, Question, Route
from qnnt.solvers.registry import Configuration
from qnnt.solvers.routes import Job
from qnnt.solvers.usage import NO_USAGE, Usage
from qnnt.solvers.versions import versions_behind
from qnnt.solvers.workshop import Failed, Finished, workshop

POLL = 0.05
"""Seconds between two looks at the clock, the memory and the stop flag."""
GRACE = 0.3
"""Seconds that a solver may take beyond its time limit to end by itself."""
JUDGING = 1.0
"""Seconds that the evaluator may take beyond the end of a search, for a solution that came before."""


_WORDS = {
    Ending.ANSWERED: "{}",
    Ending.TIME: "time limit reached",
    Ending.MEMORY: "memory limit reached",
    Ending.INTERRUPTED: "interrupted",
    Ending.GAVE_UP: "{}",
    Ending.CRASHED: "crashed: {}",
}
"""Notes on results, with what the solver says."""


class _OutOfTimeError(Exception):
    """The evaluator takes longer than the search may."""


class Stop(Protocol):
    """Something that can say that the user wants an end, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Whether it is time to stop."""
        ...


class Task(Protocol):
    """A solver at work, and the messages it sends; see `qnnt.solvers.workshop.Task`."""

    def poll(self, seconds: float) -> bool: ...

    def receive(self) -> Any: ...

    def kill(self) -> None: ...

    def usage(self) -> Usage: ...


Start = Callable[[Entry, Route, Job], Task]
"""How a job comes to run: in a process of its own, or right here (`qnnt.solvers.inline`)."""


def in_process_of_its_own(entry: Entry, route: Route, job: Job) -> Task:
    """A killable child of the workshop that has the solver's modules imported."""
    return workshop(entry.preload).start(route, job)


class Search:
    """One run: what is known so far, and the loop that listens to the solver's process."""

    def __init__(
        self,
        question: Question,
        chosen: Configuration,
        limits: Limits,
        memory_limit: int | None,
        on_progress: Callable[[Progress], None],
        log: str | None = None,
    ) -> None:
        self._start = time.monotonic()
        self._question = question
        self._chosen = chosen
        self._limits = limits
        self._memory_limit = memory_limit
        self._on_progress = on_progress
        self._log = log
        self._best: Parameters | None = None
        self._value: Number | None = None
        self._lower = self._exact_lower = question.floor
        self._numerical = False
        self._peak = 0
        self._seen = NO_USAGE
        self._usage: Callable[[], Usage] = Usage
        self._encoded: Encoded | None = None
        self._incumbents: list[Incumbent] = []
        self._stage = "encoding"
        self._hint: Parameters | None = None
        self._solver_value: Number | None = None
        self._stop: Stop | None = None
        self._judged_until: float | None = None

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._start

    def take_hint(self, hint: Parameters) -> None:
        """Verify the hint; it is the first incumbent."""
        self._hint = hint
        self._accept(hint, go_on)

    def _accept(self, parameters: Parameters, look_up: LookUp) -> Number:
        """A claimed solution: it counts if the evaluator agrees, and if it is better. Its value."""
        value = self._question.value(parameters, look_up)
        if self._value is None or value < self._value:
            self._best, self._value = parameters, value
            self._note_progress()
        return value

    def _take_zeros(self) -> None:
        """Parameters nearest zero: so that even the shortest limit ends with a solution."""
        instance = self._question.instance
        zeros = Parameters(
            {edge: nearest_zero(values) for edge, values in instance.weights.items()},
            {neuron: nearest_zero(values) for neuron, values in instance.biases.items()},
        )
        # such as inadmissible where tables are partial, or too large to be worth the time
        with contextlib.suppress(CertificateError, BudgetError, _OutOfTimeError):
            self._accept(zeros, self._look_up)

    def _note_progress(self) -> None:
        if self._value is not None and self._lower > self._value:
            claim = f"{self._chosen.name} claims the lower bound {self._lower}"
            raise FalseClaimError(f"{claim} above the {self._question.noun} {self._value}")
        self._incumbents.append(Incumbent(self._seconds, self._value, self._lower))

    @property
    def _settled(self) -> bool:
        """Whether what is known answers the question without any further search."""
        return self._value is not None and self._question.settled(self._value, self._lower)

    def run(self, stop: Stop | None, start: Start = in_process_of_its_own) -> Result:
        """Listen to the solver until it ends, a limit is reached, or the user stops it."""
        self._stop = stop
        if self._settled:
            return self._result(self._settled_status(), {}, note="the hint settles it")
        entry = self._chosen.entry
        entry.create(**self._chosen.settings)  # a missing package is said here, once, in its own words
        if self._hint is None:
            self._take_zeros()
        with tempfile.TemporaryDirectory(prefix="qnnt-", ignore_cleanup_errors=True) as scratch:
            job = Job(
                self._question.instance,
                self._question.asks,
                entry.name,
                self._chosen.settings,
                self._limits,
                self._hint,
                _folder(),
                self._log,
                scratch,
            )
            task = start(entry, self._question.route, job)
            self._usage = task.usage
            try:
                return self._listen(task)
            finally:
                task.kill()

    def _listen(self, task: Task) -> Result:
        while True:
            reason = self._reached_limit(task)
            if reason is not None:
                return self._last_words(task) or self._result(self._unsettled_status(), {}, reason)
            if task.poll(POLL):
                ended = self._hear_one(task)
                if ended is not None:
                    return ended
            self._on_progress(self._question.progress(self._seconds, self._value, self._lower, self._stage))

    def _last_words(self, task: Task) -> Result | None:
        """What the solver had said before the limit, but was not heard yet: it may hold the best solution."""
        until = self._seconds + GRACE
        while self._seconds < until and task.poll(0):
            ended = self._hear_one(task)
            if ended is not None:
                return ended
        return None

    def _hear_one(self, task: Task) -> Result | None:
        """Take one message; the result if it was the last one."""
        try:
            message = task.receive()
        except EOFError:
            return self._after_crash("the solver's process died (killed, or out of memory)")
        if isinstance(message, Failed):
            if isinstance(message.error, BudgetError):
                return self._give_up(message.error)
            if message.error is not None:
                raise message.error
            return self._after_crash(message.text)
        if isinstance(message, Finished):
            return self._finish(message.value)
        try:
            self._hear(message)
        except BudgetError as error:  # the evaluator cannot say what the solution is worth
            return self._give_up(error)
        except _OutOfTimeError:
            return self._result(self._unsettled_status(), {}, self._called_off() or Ending.TIME)
        return None

    def _give_up(self, error: BudgetError) -> Result:
        return self._result(self._unsettled_status(), {}, Ending.GAVE_UP, str(error))

    def _called_off(self) -> Ending | None:
        """Whether the user or the clock wants an end."""
        if self._stop is not None and self._stop.is_set():
            return Ending.INTERRUPTED
        if self._limits.seconds is not None and self._seconds > self._limits.seconds + GRACE:
            return Ending.TIME
        return None

    def _look_up(self) -> None:
        """From the evaluator's work: whether there is still time for it."""
        if self._called_off() is None:
            return
        if self._judged_until is None:
            self._judged_until = self._seconds + JUDGING
        if self._seconds > self._judged_until:
            raise _OutOfTimeError

    def _reached_limit(self, task: Task) -> Ending | None:
        self._seen = task.usage()  # afterwards its process may be gone
        self._peak = max(self._peak, self._seen.peak_memory)
        called_off = self._called_off()
        if called_off is not None:
            return called_off
        if self._memory_limit is not None and self._peak > self._memory_limit * 2**20:
            return Ending.MEMORY
        return None

    def _hear(self, message: object) -> None:
        match message:
            case Encoded():
                self._encoded = message
                self._stage = "solving"
            case Found(parameters=parameters):
                try:
                    value = self._accept(parameters, self._look_up)
                except CertificateError as error:
                    raise FalseSolutionError(f"{self._chosen.name} returned a wrong solution: {error}") from None
                if self._solver_value is None or value < self._solver_value:
                    self._solver_value = value
            case Raised(lower_bound=lower, numerical=numerical) if self._question.asks is Objective.MINIMIZE:
                self._raise_bound(lower, numerical)

    def _raise_bound(self, lower: Number, numerical: bool) -> None:
        if isinstance(lower, bool) or not isinstance(lower, int | Fraction):  # it came from another process
            raise FalseClaimError(f"{self._chosen.name} claims the lower bound {lower!r}, which is no exact number")
        if not numerical:
            self._exact_lower = max(self._exact_lower, lower)
        if lower > self._lower:
            self._lower = lower
            self._note_progress()

    def _finish(self, answer: Answer) -> Result:
        """The solver's last word, held against what was verified here."""
        status = answer.status
        if self._question.asks is Objective.MINIMIZE and answer.lower_bound is not None:
            self._raise_bound(answer.lower_bound, answer.numerical)
        self._check_last_word(status, answer.lower_bound)
        if status is Status.OPTIMAL:
            self._lower = self._value if self._value is not None else self._lower
            self._exact_lower = self._exact_lower if answer.numerical else self._lower
        self._numerical = answer.numerical and status in (Status.NO, Status.INFEASIBLE)
        if not status.answered:
            status = self._unsettled_status()
        if status.answered:
            return self._result(status, answer.statistics)
        ending = Ending.GAVE_UP if answer.reason else Ending.TIME
        return self._result(status, answer.statistics, ending, answer.reason)

    def _check_last_word(self, status: Status, bound: Number | None) -> None:
        name, own, best = self._chosen.name, self._solver_value, self._value
        asks, noun = self._question.asks, self._question.noun
        other = (Status.YES, Status.NO) if asks is Objective.MINIMIZE else (Status.OPTIMAL, Status.INFEASIBLE)
        if status in other:
            raise FalseClaimError(f"{name} says {status}, which is no answer to {asks}")
        if status in (Status.OPTIMAL, Status.YES) and own is None:
            raise FalseSolutionError(f"{name} says {status}, but returned no solution")
        if status is Status.OPTIMAL and own != best:
            raise FalseClaimError(f"{name} says that {own} is optimal, but the {noun} {best} was verified")
        if status is Status.OPTIMAL and bound not in (None, best):
            raise FalseClaimError(f"{name} says that the optimum is {bound}, but the {noun} of its solution is {best}")
        if status is Status.INFEASIBLE and best is not None:
            raise FalseClaimError(f"{name} says infeasible, but the {noun} {best} was verified")
        if status is Status.YES and not self._settled:
            raise FalseSolutionError(f"{name} says yes, but the best {noun} is {best}")
        if status is Status.NO and self._settled:
            raise FalseClaimError(f"{name} says no, but the {noun} {best} was verified")

    def _after_crash(self, text: str) -> Result:
        """A crash after a verified solution, or with a hint, keeps the solution; otherwise it is an error."""
        if self._solver_value is None and self._hint is None:
            raise CrashError(f"{self._chosen.name}: {text}")
        return self._result(self._unsettled_status(), {}, Ending.CRASHED, text)

    def _settled_status(self) -> Status:
        return Status.YES if self._question.asks is Objective.DECIDE else Status.OPTIMAL

    def _unsettled_status(self) -> Status:
        if self._settled:
            return self._settled_status()
        return Status.UNKNOWN if self._value is None else Status.FEASIBLE

    def _result(
        self, status: Status, statistics: Mapping[str, Any], ending: Ending = Ending.ANSWERED, note: str = ""
    ) -> Result:
        usage = self._usage()
        if not usage.cpu_seconds:  # its process died
            usage = self._seen
        seconds = self._seconds
        encoded = self._encoded or Encoded({})
        asked, original, bound = self._question.asks, self._question.original, self._question.instance.bound
        return Result(
            **self._question.fields(self._best, self._value, self._lower, status),
            status=status,
            objective=asked,
            instance_sha256=sha256_of(original),
            solver=self._chosen.name,
            encoding=self._chosen.encoding,
            solution=None if self._best is None else Solution(original, self._best),
            accuracy=None if self._best is None else accuracy(original, self._best),
            options={
                "objective": str(asked),
                "bound": None if bound is None else to_json_number(bound),
                "encoding": self._chosen.encoding,
                **self._chosen.options,
                "threads": self._limits.threads,
                "seed": self._limits.seed,
                "time_limit": self._limits.seconds,
                "memory_limit": self._memory_limit,
                "hint": self._hint is not None,
            },
            seconds={
                "encode": encoded.seconds,
                "solve": seconds - encoded.seconds,
                "total": seconds,
                "cpu": usage.cpu_seconds,
                "encode_cpu": encoded.cpu_seconds,
            },
            model={**encoded.sizes, **statistics, "peak_memory_mb": max(self._peak, usage.peak_memory) >> 20},
            versions=versions_behind(self._chosen),
            incumbents=tuple(self._incumbents),
            note=_WORDS[ending].format(note),
            numerical=self._numerical or (asked is Objective.MINIMIZE and self._lower > self._exact_lower),
            ending=Ending.ANSWERED if status.answered and ending is not Ending.CRASHED else ending,
        )


def accuracy(instance: Instance, parameters: Parameters) -> float | None:
    """The fraction of the samples' weight whose unmasked outputs equal their labels.

    None without samples, and where outputs are too large to tell.
    """
    total = instance.dataset.total_weight
    if not total:
        return None
    try:
        wrong = judge(instance.derive(loss=Mismatch()), parameters)
    except BudgetError:
        return None
    return float(1 - wrong / total)


def _folder() -> str | None:
    """The present working directory; None if it is gone."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return None
