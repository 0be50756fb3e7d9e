"""Counterexample-guided search: solve for some of the samples, look at all, take in what went wrong.

Losses are *excesses* here: what a loss has above the certain loss of its samples. No excess is negative, so
what the samples taken in cannot avoid, all samples cannot avoid. Each solution for the samples taken in is judged
on all; inputs at which it is not at its best are taken in next.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qnnt.encoders.batches import BatchedClauses
from qnnt.encoders.cost import CostBounds
from qnnt.errors import SolverError
from qnnt.exact import Number, reduced
from qnnt.instance import Parameters
from qnnt.solvers.engines import Engine
from qnnt.solvers.hints import hint_literals
from qnnt.solvers.sample_growth import Growth
from qnnt.solvers.sample_losses import SampleLosses

STRIDES = 32
"""Ranges of more costs than this are crossed in strides."""


@dataclass(frozen=True)
class Candidate:
    """Parameters with their excess at each distinct input; None where they are not admissible."""

    parameters: Parameters
    excesses: tuple[Number | None, ...]

    def total(self, inputs: Sequence[int]) -> Number | None:
        """The excess at some of the inputs together."""
        total: Number = 0
        for i in inputs:
            here = self.excesses[i]
            if here is None:
                return None
            total += here
        return reduced(total)


class SampledSearch:
    """The state of a search: which inputs are taken in, what is proved, and the best solution on all of them.

    Parameters
    ----------
    first
        The inputs whose samples `clauses` begins with.
    engine
        Without any clauses yet.
    enough
        An excess that answers the question; None: only the least one does.
    on_better
        Is told of parameters from the engine that are better on all samples than all before.
    on_raised
        Is told of the excess that no parameters stay below.

    Attributes
    ----------
    best, least
        The best solution on all samples, and its excess; None if there is none.
    lower
        No parameters have a smaller excess.
    infeasible
        Whether no parameters are admissible.
    """

    def __init__(
        self,
        losses: SampleLosses,
        clauses: BatchedClauses,
        first: Sequence[int],
        engine: Engine,
        growth: Growth,
        seed: int,
        enough: Number | None,
        on_better: Callable[[Parameters], None],
        on_raised: Callable[[Number], None],
    ) -> None:
        self._losses, self._clauses, self._engine, self._growth = losses, clauses, engine, growth
        self._enough, self._on_better, self._on_raised = enough, on_better, on_raised
        self._all = range(len(losses))
        self._inside = tuple(first)
        outside = sorted(set(self._all).difference(first))
        random.Random(seed).shuffle(outside)
        self._outside = tuple(outside)
        self.best: Parameters | None = None
        self.least: Number | None = None
        self.lower: Number = 0
        self.infeasible = False
        self._current: Candidate | None = None
        self._variables = 0
        self._bounds: CostBounds | None = None
        self._take_clauses()

    # --- what is known ---------------------------------------------------------------------------

    @property
    def taken_in(self) -> int:
        """How many distinct inputs are taken in."""
        return len(self._inside)

    @property
    def answered(self) -> bool:
        """Whether a solution is good enough; if not, and the search is `settled`, there is none."""
        aim = self.lower if self._enough is None else self._enough
        return self.least is not None and self.least <= aim

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be found or proved."""
        hopeless = self._enough is not None and self.lower > self._enough
        return self.infeasible or hopeless or self.answered

    def learn(self, parameters: Parameters) -> None:
        """Take a solution from elsewhere; `on_better` is not told."""
        candidate = self._judged(parameters)
        self._improve(candidate)
        known, cost = self._cost(self._current), self._cost(candidate)
        if cost is not None and (known is None or cost < known):
            self._current = candidate
            cnf = self._clauses.cnf
            self._engine.prefer(hint_literals(cnf.values, cnf.bases, self._clauses.hint(parameters)))

    def raise_lower(self, lower: Number) -> None:
        """No parameters have a smaller excess than this."""
        if lower > self.lower:
            self.lower = lower
            self._on_raised(lower)

    def _judged(self, parameters: Parameters) -> Candidate:
        found = zip(self._losses.of(parameters), self._losses.certain, strict=True)
        return Candidate(parameters, tuple(None if loss is None else loss - certain for loss, certain in found))

    def _improve(self, candidate: Candidate) -> bool:
        """Whether a solution is better on all samples than all before; it is kept then."""
        total = candidate.total(self._all)
        if total is None or (self.least is not None and total >= self.least):
            return False
        self.best, self.least = candidate.parameters, total
        return True

    # --- costs: what the clauses count -----------------------------------------------------------

    def _cost(self, candidate: Candidate | None) -> int | None:
        """Of a candidate on what is taken in; None where it is not admissible."""
        excess = None if candidate is None else candidate.total(self._inside)
        return None if excess is None else int(self._costs(excess))

    def _costs(self, excess: Number) -> Number:
        cnf = self._clauses.cnf
        return (excess + self._certain) * cnf.denominator - cnf.constant

    def _excess(self, cost: int) -> Number:
        cnf = self._clauses.cnf
        return reduced(Fraction(cost + cnf.constant, cnf.denominator) - self._certain)

    @property
    def _lowest(self) -> int:
        """Up to this cost nothing is left to be proved."""
        return math.floor(self._costs(self.lower))

    @property
    def _gap(self) -> int:
        """Between that and what the current solution costs; 0 once all is settled."""
        cost = self._cost(self._current)
        if cost is None:
            raise SolverError("parameters are not admissible where they satisfy the clauses")
        return 0 if self.settled else max(0, cost - self._lowest)

    def _of_use(self, cost: int) -> int:
        """A cost, or a smaller one that a solution has to have to be of any use."""
        if self._enough is not None:
            return min(cost, math.floor(self._costs(self._enough)))
        return cost if self.least is None else min(cost, math.ceil(self._costs(self.least)) - 1)

    # --- the search ------------------------------------------------------------------------------

    def turn(self, conflicts: int) -> bool:
        """Solve for what is taken in; once that is done, take in more.

        To take in more while questions are open was no better: on flipped labels the best losses were 1.0 to 1.2
        times as large.

        Parameters
        ----------
        conflicts
            A budget for each question to the engine.

        Returns
        -------
        bool
            Whether the least excess of what was taken in is known now.
        """
        if self._cost(self._current) is None:
            admissible = self._ask([], conflicts)
            self.infeasible = admissible is False
            if not admissible:
                return self.infeasible
        closed = self._from_below(conflicts) or self._from_above(conflicts)
        if not self.settled and (closed or self._enough_inside):
            self._grow()
        return closed

    @property
    def _enough_inside(self) -> bool:
        """Whether the current solution would be good enough if nothing else counted than what is taken in."""
        cost = self._cost(self._current)
        return self._enough is not None and cost is not None and cost <= self._costs(self._enough)

    def _from_below(self, conflicts: int) -> bool:
        """The least cost that is not excluded, until there is a solution of it; whether there is."""
        while self._gap > 0:
            if self._probe(self._lowest + self._gap // STRIDES, conflicts) is None:
                return False
        return True

    def _from_above(self, conflicts: int) -> bool:
        """A better solution than the current one, until there is none; whether there is none."""
        while self._gap > 1:  # at 1 the question is the one from below
            if self._probe(self._lowest + self._gap - 1 - self._gap // STRIDES, conflicts) is None:
                return False
        return self._gap == 0

    def _probe(self, most: int, conflicts: int) -> bool | None:
        """Look for a solution that costs at most so much, which is less than the current one does."""
        most = self._of_use(most)
        if self._bounds is None:
            cnf = dataclasses.replace(self._clauses.cnf, variables=self._variables)
            self._bounds = CostBounds(cnf, self._lowest + self._gap)
        above = self._bounds.above(most)
        beyond = self._bounds.at_least(above)
        self._engine.add(self._bounds.new_clauses())
        self._variables = self._bounds.variables
        found = self._ask([-beyond], conflicts)
        if found is False:
            self.raise_lower(self._excess(above))
        if found and (cost := self._cost(self._current)) is not None and cost > most:
            raise SolverError(f"parameters cost {cost}, but satisfy clauses that allow {most}")
        return found

    def _ask(self, assumptions: list[int], conflicts: int) -> bool | None:
        found = self._engine.solve(assumptions, conflicts)
        if found:
            self._current = self._judged(self._clauses.decode(self._engine.truth(self._variables)))
            if self._improve(self._current):
                self._on_better(self._current.parameters)
        return found

    def _grow(self) -> None:
        """Take in inputs at which the current solution is not at its best."""
        if self._current is None:
            raise ValueError("there is no solution to learn from")
        wrong = [i for i in self._outside if self._current.excesses[i] != 0]
        chosen = self._growth.next(len(self._inside), wrong, self._outside)
        if chosen:
            self._clauses = self._clauses.extended(self._losses.samples_at(chosen), self._variables)
            self._inside += chosen
            taken = set(chosen)
            self._outside = tuple(i for i in self._outside if i not in taken)
            self._take_clauses()

    def _take_clauses(self) -> None:
        """Hand the latest batch to the engine; bounds on the cost are counted anew."""
        self._engine.add(self._clauses.cnf.clauses)
        self._variables = self._clauses.cnf.variables
        self._certain = sum(self._losses.certain[i] for i in self._inside)
        self._bounds = None
        self.raise_lower(self._excess(0))
