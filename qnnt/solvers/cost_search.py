"""Minimising a cost by a SAT solver: from above, from below, by halves, and by turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.cost import CostBounds
from qnnt.encoders.model import Integers, Rows
from qnnt.solvers.backends import ModelProgress
from qnnt.solvers.engines import Engine
from qnnt.solvers.hints import hint_literals
from qnnt.solvers.news import model_news_from

FIRST_TURN = 2_000
"""Conflicts of the first turn; each round doubles them."""
STRIDES = 32
"""Ranges of more costs than this are crossed in strides."""


class CostSearch:
    """The state of a search: what was found, what was proved, and the engine that knows all clauses.

    Costs are without the objective's constant.

    Parameters
    ----------
    hint
        Literals to look at first.
    """

    def __init__(self, cnf: Cnf, engine: Engine, hint: list[int], report: Callable[[ModelProgress], None]) -> None:
        self._cnf = cnf
        self._engine = engine
        self._hint = hint
        self._report = report
        self._bounds: CostBounds | None = None
        self._upper: int | None = None
        self._lower = 0

    @property
    def lower_bound(self) -> int:
        """The proven bound on the objective's numerator."""
        return self._lower + self._cnf.constant

    def minimize(self, order: str) -> bool:
        """Find the least cost; False if nothing satisfies the clauses.

        Parameters
        ----------
        order
            A name of `ORDERS`.
        """
        news = model_news_from(self._report)
        if not self._try(self._literals(news.hint)) and not self._try(self._hint):
            if not self._engine.solve():
                return False
            self._take_solution()
        self._raise_lower(news.lower - self._cnf.constant)
        if self._cost > self._lower:
            self._bounds = CostBounds(self._cnf, self._cost)
            ORDERS[order](self)
        self._raise_lower(self._cost)
        return True

    def _try(self, literals: list[int], besides: Sequence[int] = ()) -> bool:
        """Take a solution that is given by literals, if it is one with these besides, and stay near it."""
        if not literals or not self._engine.solve([*literals, *besides], FIRST_TURN):
            return False
        self._take_solution()
        self._engine.prefer([v if t else -v for v, t in enumerate(self._truth.tolist()) if v])
        return True

    def _literals(self, hint: Sequence[tuple[int, int]]) -> list[int]:
        return hint_literals(self._cnf.values, self._cnf.bases, hint)

    def _hear(self) -> None:
        """Take what others found and proved."""
        news = model_news_from(self._report)
        self._raise_lower(news.lower - self._cnf.constant)
        if (
            news.upper is not None
            and news.upper - self._cnf.constant < self._cost
            and self._try(self._literals(news.hint), [-self._at_least(self._cost)])
        ):
            self._engine.add(_unit(-self._at_least(self._cost)))

    def _at_least(self, cost: int) -> int:
        """The literal that says that the cost is not less; its clauses are in the engine."""
        if self._bounds is None:
            raise ValueError("there is no solution to bound the cost by")
        literal = self._bounds.at_least(cost)
        self._engine.add(self._bounds.new_clauses())
        return literal

    @property
    def _cost(self) -> int:
        if self._upper is None:
            raise ValueError("there is no solution yet")
        return self._upper

    def _take_solution(self) -> None:
        self._truth: Integers = self._engine.truth(self._cnf.variables)
        self._upper = self._cnf.cost_of(self._truth) - self._cnf.constant
        self._report(ModelProgress(assignment=self._cnf.assignment_of(self._truth)))

    def _raise_lower(self, lower: int) -> None:
        if lower > self._lower:
            self._lower = lower
            self._report(ModelProgress(lower_bound=self.lower_bound))

    def _probe(self, most: int, conflicts: int | None = None) -> bool | None:
        """Look for a solution that costs at most so much; what comes out is kept for good."""
        if self._bounds is None:
            raise ValueError("there is no solution to bound the cost by")
        above = self._bounds.above(most)
        beyond = self._bounds.at_least(above)
        self._engine.add(self._bounds.new_clauses())
        verdict = self._engine.solve([-beyond], conflicts)
        if verdict:
            self._take_solution()
            self._engine.add(_unit(-self._bounds.at_least(self._cost)))
        elif verdict is False:
            self._raise_lower(above)
            self._engine.add(_unit(beyond))
        return verdict

    @property
    def _stride(self) -> int:
        """How many costs to pass over: none in small ranges, so that large ones shrink by a constant factor."""
        return (self._cost - self._lower) // STRIDES

    def from_above(self) -> None:
        """A better solution than the best, until there is none."""
        while self._cost > self._lower:
            self._probe(self._cost - 1 - self._stride)
            self._hear()

    def from_below(self) -> None:
        """The least cost that is not excluded, until there is a solution."""
        while self._cost > self._lower:
            self._probe(self._lower + self._stride)
            self._hear()

    def by_halves(self) -> None:
        """The middle between what is proved and what is found."""
        while self._cost > self._lower:
            self._probe((self._cost + self._lower - 1) // 2)
            self._hear()

    def by_turns(self) -> None:
        """From above and from below in turn, with growing budgets of conflicts."""
        conflicts = FIRST_TURN
        while self._cost > self._lower:
            while self._cost > self._lower and self._probe(self._cost - 1 - self._stride, conflicts):
                pass
            while self._cost > self._lower and self._probe(self._lower + self._stride, conflicts) is False:
                pass
            conflicts *= 2
            self._hear()


def _unit(literal: int) -> Rows:
    return Rows(np.array([0, 1]), np.array([literal]))


ORDERS: dict[str, Callable[[CostSearch], None]] = {
    "turns": CostSearch.by_turns,
    "above": CostSearch.from_above,
    "below": CostSearch.from_below,
    "halves": CostSearch.by_halves,
}
"""By name: the order in which costs are tried."""
