"""One run of a solver, seen from outside its process.

What the solver finds is verified here by the evaluator before it counts; limits are enforced from
here by killing the process, and the best solution stays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable

from qnnt.errors import BudgetError, CrashError
from qnnt.evaluation import go_on
from qnnt.instance import Parameters
from qnnt.result import Ending, Result, Status
from qnnt.solvers.backends import Limits
from qnnt.solvers.contestant import Contestant, Exit, Start, Way, in_process_of_its_own
from qnnt.solvers.knowledge import GRACE, HINT, Knowledge, OutOfTimeError
from qnnt.solvers.outcome import Outcome, result_of
from qnnt.solvers.questions import Progress, Question
from qnnt.solvers.registry import Configuration
from qnnt.solvers.stopping import Stop

POLL = 0.05
"""Seconds between two looks at the clock, the memory and the stop flag."""


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
        self._knowledge = Knowledge(question, limits.seconds)
        self._solver = Contestant(chosen, self._knowledge)
        self._limits = limits
        self._memory_limit = memory_limit
        self._on_progress = on_progress
        self._log = log
        self._hinted = False

    def take_hint(self, hint: Parameters) -> None:
        """Verify the hint; it is the first incumbent."""
        self._hinted = True
        self._knowledge.accept(hint, HINT, go_on)

    def run(self, stop: Stop | None, start: Start = in_process_of_its_own) -> Result:
        """Listen to the solver until it ends, a limit is reached, or the user stops it."""
        self._knowledge.stop = stop
        if self._knowledge.settled:
            return self._result(self._knowledge.settled_status, note="the hint settles it")
        chosen = self._solver.chosen
        chosen.entry.create(**chosen.settings)  # a missing package is said here, once, in its own words
        if not self._hinted:
            self._knowledge.accept_zeros()
        with tempfile.TemporaryDirectory(prefix="qnnt-", ignore_cleanup_errors=True) as scratch:
            self._solver.start(self._limits, self._log, scratch, start)
            try:
                return self._listen()
            finally:
                self._solver.kill()

    def _listen(self) -> Result:
        while True:
            reason = self._reached_limit()
            if reason is not None:
                return self._last_words() or self._unsettled(reason)
            if self._solver.task.poll(POLL):
                ended = self._hear_one()
                if ended is not None:
                    return ended
            self._tell_progress()

    def _last_words(self) -> Result | None:
        """What the solver had said before the limit, but was not heard yet: it may hold the best solution."""
        until = self._knowledge.seconds + GRACE
        while self._knowledge.seconds < until and self._solver.task.poll(0):
            ended = self._hear_one()
            if ended is not None:
                return ended
        return None

    def _hear_one(self) -> Result | None:
        """Take one message; the result if it was the last one."""
        try:
            self._solver.hear()
        except BudgetError as error:  # the evaluator cannot say what the solution is worth
            return self._unsettled(Ending.GAVE_UP, str(error))
        except OutOfTimeError:
            return self._unsettled(self._knowledge.called_off() or Ending.TIME)
        if self._solver.asking:
            self._solver.tell()
        return None if self._solver.exit is None else self._ended(self._solver.exit)

    def _ended(self, found: Exit) -> Result:
        match found.way:
            case Way.REFUSED if found.error is not None:
                raise found.error
            case Way.CRASHED if self._solver.value is None and not self._hinted:
                raise CrashError(f"{self._solver.name}: {found.reason}")  # else the solution is kept
            case Way.CRASHED:
                return self._unsettled(Ending.CRASHED, found.reason)
            case Way.ANSWERED:
                return self._result(found.status, found)
        ending = Ending.GAVE_UP if found.reason else Ending.TIME
        return self._result(found.status, found, ending, found.reason)

    def _reached_limit(self) -> Ending | None:
        peak = self._solver.look()
        called_off = self._knowledge.called_off()
        if called_off is not None:
            return called_off
        if self._memory_limit is not None and peak > self._memory_limit * 2**20:
            return Ending.MEMORY
        return None

    def _tell_progress(self) -> None:
        known = self._knowledge
        stage = "encoding" if self._solver.encoded is None else "solving"
        self._on_progress(known.question.progress(known.seconds, known.value, known.lower, stage))

    def _unsettled(self, ending: Ending, note: str = "") -> Result:
        return self._result(self._knowledge.status, None, ending, note)

    def _result(
        self, status: Status, found: Exit | None = None, ending: Ending = Ending.ANSWERED, note: str = ""
    ) -> Result:
        chosen = self._solver.chosen
        options = {
            "encoding": chosen.encoding,
            **chosen.options,
            "threads": self._limits.threads,
            "seed": self._limits.seed,
            "time_limit": self._limits.seconds,
            "memory_limit": self._memory_limit,
            "hint": self._hinted,
        }
        outcome = Outcome(status, found, ending, note)
        return result_of(self._knowledge, self._solver, [self._solver], outcome, options)
