"""Several solvers of one question: what they know together, and how their work ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from qnnt.errors import BudgetError, CrashError, UnsupportedError
from qnnt.evaluation import go_on
from qnnt.instance import Objective, Parameters
from qnnt.result import Ending, Result, Status
from qnnt.solvers.backends import Limits
from qnnt.solvers.contestant import Contestant, Exit, Start, Way, in_process_of_its_own
from qnnt.solvers.knowledge import HINT, Knowledge, OutOfTimeError
from qnnt.solvers.outcome import Outcome, result_of
from qnnt.solvers.plan import Plan
from qnnt.solvers.questions import Progress, Question
from qnnt.solvers.stopping import Stop


class Team:
    """The solvers of a plan, none of them started yet.

    Attributes
    ----------
    knowledge
        What is known of the question.
    members
        The solvers, in the order of the plan.
    """

    def __init__(
        self,
        question: Question,
        plan: Plan,
        limits: Limits,
        memory_limit: int | None,
        on_progress: Callable[[Progress], None],
        log: str | None = None,
    ) -> None:
        self.knowledge = Knowledge(question, limits.seconds)
        self.plan = plan
        self.limits = limits
        self.memory_limit = memory_limit
        self.members = [Contestant(lane.configuration, self.knowledge, lane.name) for lane in plan.lanes]
        self._on_progress = on_progress
        self._log = log
        self._hinted = False

    def take_hint(self, hint: Parameters) -> None:
        """Verify the hint; it is the first incumbent."""
        self._hinted = True
        self.knowledge.accept(hint, HINT, go_on)

    def prepare(self, stop: Stop | None) -> Result | None:
        """What comes before any solver: the result if nothing is left to do."""
        self.knowledge.stop = stop
        if self.knowledge.settled:
            return self.result(self.knowledge.settled_status, note="the hint settles it")
        if not self._hinted:
            self.knowledge.accept_zeros()
        return self.result(self.knowledge.settled_status) if self.knowledge.settled else None

    def start(self, number: int, scratch: str, start: Start = in_process_of_its_own) -> None:
        """Have a member begin, with one thread, or as many as its lane has."""
        left = None if self.limits.seconds is None else max(0.01, self.limits.seconds - self.knowledge.seconds)
        threads = self.limits.threads if self.plan.lanes[number].all_cores else 1
        limits = dataclasses.replace(self.limits, seconds=left, threads=threads)
        self.members[number].start(limits, self._log, scratch, start)

    def hear(self, number: int) -> Result | None:
        """Take one message of a member; the result if it settles the question.

        Raises
        ------
        FalseSolutionError, FalseClaimError
            If what it says is refuted here.
        """
        member = self.members[number]
        try:
            member.hear()
        except BudgetError as error:  # the evaluator cannot say what the solution is worth
            return self.unsettled(Ending.GAVE_UP, str(error))
        except OutOfTimeError:
            return self.unsettled(self.knowledge.called_off() or Ending.TIME)
        if self.knowledge.settled:
            return self.result(self.knowledge.settled_status, member)
        if member.exit is None or member.exit.way is not Way.ANSWERED:
            return None
        return self.result(member.exit.status, member)

    def all_out(self) -> Result:
        """The result once no member is at work any more, and the question is open.

        Raises
        ------
        UnsupportedError
            If all refused.
        CrashError
            If some crashed, and there is nothing to keep.
        """
        exits = {member.name: member.exit for member in self.members if member.exit is not None}
        reasons = "; ".join(dict.fromkeys(_in_words(name, each) for name, each in exits.items() if each.reason))
        ways = {each.way for each in exits.values()}
        if ways == {Way.REFUSED}:
            raise UnsupportedError(reasons)
        if self.knowledge.value is None and ways <= {Way.CRASHED, Way.REFUSED}:
            raise CrashError(reasons)
        if self.limits.seconds is not None and any(e.way is Way.LEFT_OPEN and not e.reason for e in exits.values()):
            return self.unsettled(Ending.TIME)  # some looked at the clock themselves
        return self.unsettled(Ending.CRASHED if Way.LEFT_OPEN not in ways else Ending.GAVE_UP, reasons)

    def tell_progress(self) -> None:
        """Show how far it is."""
        known = self.knowledge
        working = [member.name for member in self.members if member.started and member.exit is None]
        self._on_progress(known.question.progress(known.seconds, known.value, known.lower, ", ".join(working)))

    def kill(self) -> None:
        """End all members."""
        for member in self.members:
            member.kill()

    def unsettled(self, ending: Ending, note: str = "") -> Result:
        """The result that a limit leaves."""
        return self.result(self.knowledge.status, None, ending, note)

    def result(
        self,
        status: Status,
        settled_by: Contestant | None = None,
        ending: Ending = Ending.ANSWERED,
        note: str = "",
    ) -> Result:
        """The result as it is known now; who proved it is told with it."""
        known = self.knowledge
        started = [member for member in self.members if member.started]
        shown = settled_by or next((member for member in started if member.encoded is not None), self.members[0])
        last = None if settled_by is None else settled_by.exit
        options = {
            "plan": [lane.name for lane in self.plan.lanes],
            "threads": self.limits.threads,
            "seed": self.limits.seed,
            "time_limit": self.limits.seconds,
            "memory_limit": self.memory_limit,
            "hint": self._hinted,
        }
        outcome = Outcome(status, last, ending, note or self._left_out(status))
        result = result_of(known, shown, started, outcome, options, {"members": self._work()})
        proved_by = known.bounded_by
        if status in (Status.NO, Status.INFEASIBLE) and settled_by is not None:
            proved_by = settled_by.name
        if known.question.asks is Objective.DECIDE and status is not Status.NO:
            proved_by = None
        return dataclasses.replace(
            result, solver="portfolio", encoding=None, found_by=known.found_by, proved_by=proved_by
        )

    def _work(self) -> dict[str, Mapping[str, Any]]:
        """Per member what it used, and how it ended."""
        return {
            member.name: {
                "cpu": round(member.usage().cpu_seconds, 3),
                **({} if member.exit is None else {"ended": member.exit.way.name.lower().replace("_", " ")}),
                **({} if member.exit is None or not member.exit.reason else {"reason": member.exit.reason}),
            }
            for member in self.members
            if member.started
        }

    def _left_out(self, status: Status) -> str:
        """Of a settled question: who crashed on the way."""
        crashed = [m for m in self.members if m.exit is not None and m.exit.way is Way.CRASHED]
        return "; ".join(f"{member.name} crashed" for member in crashed) if status.answered else ""


def _in_words(name: str, found: Exit) -> str:
    return found.reason if found.reason.startswith(name) else f"{name}: {found.reason}"
