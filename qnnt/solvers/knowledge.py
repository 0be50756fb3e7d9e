"""What is known of a question while solvers work on it: verified here, by whomever it was said."""

from __future__ import annotations

import contextlib
import time
from fractions import Fraction

from qnnt.errors import BudgetError, CertificateError, FalseClaimError, FalseSolutionError
from qnnt.evaluation import LookUp, go_on
from qnnt.exact import Number
from qnnt.instance import Objective, Parameters
from qnnt.result import Ending, Incumbent, Status
from qnnt.simplification.steps import parameters_nearest_zero
from qnnt.solvers.news import News
from qnnt.solvers.questions import Question
from qnnt.solvers.stopping import Stop

GRACE = 0.3
"""Seconds that a solver may take beyond its time limit to end by itself."""
JUDGING = 1.0
"""Seconds that the evaluator may take beyond the end of a search, for a solution that came before."""
HINT, ZEROS = "the hint", "zeros"
"""Who found solutions that no solver found."""


class OutOfTimeError(Exception):
    """The evaluator takes longer than the search may."""


class Knowledge:
    """The best verified solution and the best lower bound, and who they are from.

    Parameters
    ----------
    seconds
        The time limit, from now on; None is none.

    Attributes
    ----------
    best, value
        The best solution, and what it is worth.
    lower, exact_lower
        Proven bounds on all values; the second without floating-point arithmetic.
    found_by, bounded_by
        Names of those who found the solution and proved the bound; None as long as there is nothing to tell.
    incumbents
        The moments at which any of these changed.
    """

    def __init__(self, question: Question, seconds: float | None) -> None:
        self._start = time.monotonic()
        self._limit = seconds
        self._judged_until: float | None = None
        self.question = question
        self.stop: Stop | None = None
        self.best: Parameters | None = None
        self.value: Number | None = None
        self.lower = self.exact_lower = question.floor
        self.found_by: str | None = None
        self.bounded_by: str | None = None
        self.incumbents: list[Incumbent] = []

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._start

    @property
    def news(self) -> News:
        """What solvers may know of each other."""
        return News(self.best, self.value, self.exact_lower)

    @property
    def hint(self) -> Parameters | None:
        """The best solution, if it is more than a guess."""
        return None if self.found_by == ZEROS else self.best

    @property
    def settled(self) -> bool:
        """Whether what is known answers the question without any further search."""
        return self.value is not None and self.question.settled(self.value, self.lower)

    @property
    def settled_status(self) -> Status:
        """The status of a question that is settled."""
        return Status.YES if self.question.asks is Objective.DECIDE else Status.OPTIMAL

    @property
    def status(self) -> Status:
        """What follows from the solution and the bound alone."""
        if self.settled:
            return self.settled_status
        return Status.UNKNOWN if self.value is None else Status.FEASIBLE

    # --- what comes in -----------------------------------------------------------------------------

    def accept(self, parameters: Parameters, by: str, look_up: LookUp = go_on) -> Number:
        """A claimed solution: it counts if the evaluator agrees, and if it is better. Its value.

        Raises
        ------
        CertificateError, BudgetError
            If the evaluator does not agree, or cannot say.
        """
        value = self.question.value(parameters, look_up)
        if self.value is None or value < self.value:
            self.best, self.value, self.found_by = parameters, value, by
            self._note_progress(by)
        return value

    def accept_from_solver(self, parameters: Parameters, by: str) -> Number:
        """The same, where anything but agreement is the solver's fault.

        Raises
        ------
        FalseSolutionError
            If the evaluator does not agree.
        OutOfTimeError
            If it takes too long.
        """
        try:
            return self.accept(parameters, by, self.look_up)
        except CertificateError as error:
            raise FalseSolutionError(f"{by} returned a wrong solution: {error}") from None

    def accept_zeros(self) -> None:
        """Parameters nearest zero: so that even the shortest limit ends with a solution."""
        zeros = parameters_nearest_zero(self.question.instance)
        # such as inadmissible where tables are partial, or too large to be worth the time
        with contextlib.suppress(CertificateError, BudgetError, OutOfTimeError):
            self.accept(zeros, ZEROS, self.look_up)

    def raise_bound(self, lower: Number, by: str, *, numerical: bool = False) -> None:
        """A proven lower bound.

        Raises
        ------
        FalseClaimError
            If a verified solution is better.
        """
        if isinstance(lower, bool) or not isinstance(lower, int | Fraction):  # it came from another process
            raise FalseClaimError(f"{by} claims the lower bound {lower!r}, which is no exact number")
        if not numerical:
            self.exact_lower = max(self.exact_lower, lower)
        if lower > self.lower:
            self.lower, self.bounded_by = lower, by
            self._note_progress(by)

    def close(self, by: str, *, numerical: bool) -> None:
        """Take the word of a solver that the best solution is optimal."""
        if self.value is not None and (self.lower < self.value or self.bounded_by is None):
            self.lower, self.bounded_by = self.value, by
        if not numerical:
            self.exact_lower = self.lower

    def _note_progress(self, by: str) -> None:
        if self.value is not None and self.lower > self.value:
            claim = f"{self.bounded_by or by} claims the lower bound {self.lower}"
            raise FalseClaimError(f"{claim} above the {self.question.noun} {self.value}")
        self.incumbents.append(Incumbent(self.seconds, self.value, self.lower))

    # --- the end -----------------------------------------------------------------------------------

    def called_off(self) -> Ending | None:
        """Whether the user or the clock wants an end."""
        if self.stop is not None and self.stop.is_set():
            return Ending.INTERRUPTED
        if self._limit is not None and self.seconds > self._limit + GRACE:
            return Ending.TIME
        return None

    def look_up(self) -> None:
        """From the evaluator's work: whether there is still time for it."""
        if self.called_off() is None:
            return
        if self._judged_until is None:
            self._judged_until = self.seconds + JUDGING
        if self.seconds > self._judged_until:
            raise OutOfTimeError
