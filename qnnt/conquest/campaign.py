"""The course of a conquest: orders go out, replies come in, until the question is settled or a limit is reached."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextlib import closing

from qnnt.conquest.crews import Crew, Fulfilled
from qnnt.conquest.granularity import loss_denominator
from qnnt.conquest.ledger import Asked, Demand, Fate, Ledger
from qnnt.conquest.orders import Order, Reply, Terms
from qnnt.conquest.splitting import Split, split
from qnnt.errors import BudgetError, CertificateError, CrashError, UnsupportedError
from qnnt.exact import Number, to_number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Ending, Incumbent
from qnnt.simplification.general_form import general_form
from qnnt.simplification.samples import certain_loss
from qnnt.simplification.steps import parameters_nearest_zero
from qnnt.solvers.questions import Progress
from qnnt.solvers.stopping import Stop

GRACE = 2.0
"""Seconds beyond the time limit in which replies may still come: solvers keep the limit themselves."""
SHORTEST = 0.01
"""Seconds that a cube is given at least."""


class _OutOfTimeError(Exception):
    """The evaluator takes longer than there is."""


class Campaign:
    """One conquest, from the split to the last reply. Its orders wait until they are taken; see `Orders`.

    Attributes
    ----------
    ledger
        What is known.
    replies
        All that came.
    redone
        How often a cube was begun once more, as its worker was lost.
    splitting
        Seconds that it took to make the cubes.
    hinted
        Whether there was a solution to start from.
    """

    def __init__(
        self,
        instance: Instance,
        cubes: int,
        objective: Objective,
        bound: Number | None,
        terms: Terms,
        time_limit: float | None,
    ) -> None:
        self._start = time.monotonic()
        self.instance = instance
        self.terms = terms
        self.ledger = self._ledger(instance, cubes, objective, bound)
        self.replies: list[Reply] = []
        self.redone = 0
        self.incumbents: list[Incumbent] = []
        self.hinted = False
        self._limit = time_limit
        self._user: Stop | None = None
        self.splitting = self.seconds

    def _ledger(self, instance: Instance, cubes: int, objective: Objective, bound: Number | None) -> Ledger:
        bounded = instance if bound is None else instance.derive(bound=to_number(bound, bounded=False))
        general = general_form(bounded)
        self._split: Split = split(general.instance, cubes)
        minimizes = objective is Objective.MINIMIZE
        floor = certain_loss(general.instance) if minimizes else 0
        denominator = loss_denominator(general.instance) if minimizes else None
        largest_first = sorted(self._split.cubes(), key=self._split.settings, reverse=True)
        asked = Asked(bounded, objective, general, denominator, floor)
        return Ledger(asked, self._split, largest_first, self.terms.solver)

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._start

    # --- the beginning ---------------------------------------------------------------------------

    def begin(self, hint: Parameters | None, stop: Stop | None) -> None:
        """Start from a solution; without one, from parameters nearest zero.

        Raises
        ------
        CertificateError
            If the hint is no solution.
        """
        self._user = stop
        if hint is not None:
            self.hinted = True
            self.ledger.start_from(hint)
        else:
            zeros = parameters_nearest_zero(self.instance)
            # such as inadmissible where tables are partial, or too large to be worth the time
            with contextlib.suppress(CertificateError, BudgetError, _OutOfTimeError):
                self.ledger.start_from(zeros, self._look_up, good=False)
        self._note_incumbent()

    def _look_up(self) -> None:
        """From the evaluator's work: whether there is still time for it."""
        if self.is_set():
            raise _OutOfTimeError

    # --- orders out ------------------------------------------------------------------------------

    def __len__(self) -> int:
        return 0 if self._late else self.ledger.waiting

    def popleft(self) -> Order:
        """The order of the next cube: for something better than what is known now."""
        cube = self.ledger.take()
        demand = self.ledger.demand()
        left = None if self._limit is None else max(SHORTEST, self._limit - self.seconds)
        return Order(cube, self._split.restricted(cube), demand.objective, demand.bound, self.terms, left)

    def appendleft(self, order: Order, /) -> None:
        """It comes back without a reply, as its worker closed."""
        self.redone += 1
        self.ledger.put_back(order.cube)

    # --- replies in ------------------------------------------------------------------------------

    def run(self, crew: Crew, stop: Stop | None, on_progress: Callable[[Progress], None] | None) -> None:
        """Have a crew carry out orders until all is known that is asked, or there is no time.

        Raises
        ------
        UnsupportedError
            If the solver cannot take a cube.
        SolverError
            See `Ledger.hear`; `CrashError` if nothing but crashes came.
        """
        self._user = stop
        with closing(crew(self, self)) as work:
            for fulfilled in work:
                if fulfilled is not None:
                    self._hear(fulfilled)
                if on_progress is not None:
                    on_progress(self._progress)
                if self.ledger.settled:
                    break
        if self.replies and all(reply.ending is Ending.CRASHED for reply in self.replies) and not self.hinted:
            raise CrashError(self.replies[0].note)

    def _hear(self, fulfilled: Fulfilled) -> None:
        order, reply = fulfilled.order, fulfilled.reply
        self.replies.append(reply)
        self.redone += fulfilled.starts - 1
        if reply.refused:
            if order.objective is self.ledger.asked.objective:
                raise UnsupportedError(reply.refused)
            self.ledger.minimize_from_now_on()
            self.ledger.put_back(order.cube)
            return
        self.ledger.hear(order.cube, Demand(order.objective, order.bound), reply)
        self._note_incumbent()

    def _note_incumbent(self) -> None:
        loss, lower = self.ledger.loss, self.ledger.lower_bound
        last = self.incumbents[-1] if self.incumbents else None
        if last is None or (last.loss, last.lower_bound) != (loss, lower):
            self.incumbents.append(Incumbent(self.seconds, loss, lower))

    @property
    def _progress(self) -> Progress:
        left = self.ledger.count(Fate.OPEN)
        stage = f"{len(self._split) - left} of {len(self._split)} cubes"
        return Progress(self.seconds, self.ledger.loss, self.ledger.lower_bound, stage)

    # --- the end ---------------------------------------------------------------------------------

    @property
    def _late(self) -> bool:
        return self._limit is not None and self.seconds > self._limit

    def is_set(self) -> bool:
        """Whether running orders are to end: the user wants it, the question is settled, or time is long over."""
        overdue = self._limit is not None and self.seconds > self._limit + GRACE
        return overdue or self.ledger.settled or (self._user is not None and self._user.is_set())

    @property
    def ending(self) -> tuple[Ending, str]:
        """Why it ended, and a note."""
        if self.ledger.status.answered:
            return Ending.ANSWERED, "" if self.replies or not self.hinted else "the hint settles it"
        ending, words = Ending.TIME, "time limit reached"
        if self._user is not None and self._user.is_set():
            ending, words = Ending.INTERRUPTED, "interrupted"
        elif self.ledger.failures:
            ending, words = self.ledger.failures[0]
        return ending, f"{words}: {self.ledger.count(Fate.OPEN)} of {len(self._split)} cubes are open"
