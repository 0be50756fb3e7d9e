"""Adapter: the frontier dynamic program as a solver."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qnnt.algorithms.states.deepening import Minimum, minimum
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.frontier import Frontier, sweeps
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.mismatches import Classes
from qnnt.algorithms.states.pattern_counts import log2_frontier, log2_patterns
from qnnt.algorithms.states.trial import estimates
from qnnt.solvers.state_programs import Plan, StateProgram, expectation, refusal_of


class DpFrontier(StateProgram):
    """A topological sweep over the patterns of live neurons, in the order that trials recommend."""

    def plan(self, view: IntegerView) -> Plan:
        patterns = log2_patterns(view)
        orders = sweeps(view)
        setups = {name: partial(_on, order=order) for name, order in orders.items()}
        bounds = {name: log2_frontier(view, order, patterns) for name, order in orders.items()}
        best = estimates(view, setups, bounds)[0]

        def search(
            classes: Classes, lower: int, upper: int, effort: Effort, on_bound: Callable[[int], None]
        ) -> Minimum:
            return minimum(setups[best.name](view, classes, effort), lower, upper, on_bound)

        return Plan({"sweep": best.name, **expectation(best)}, refusal_of(best), search)


def _on(view: IntegerView, classes: Classes, effort: Effort, *, order: list[int]) -> Frontier:
    return Frontier(view, classes, order, effort)
