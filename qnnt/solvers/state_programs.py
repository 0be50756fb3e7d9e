"""What the adapters to dynamic programs over states have in common: limits, bounds, progress, witnesses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qnnt.algorithms.states.deepening import Minimum
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.integer_view import IntegerView, integer_view, why_not
from qnnt.algorithms.states.mismatches import Classes, classes_of
from qnnt.algorithms.states.trial import Estimate
from qnnt.algorithms.states.witness import parameters_of
from qnnt.array_evaluation import judge
from qnnt.errors import UnsupportedError
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.samples import certain_loss
from qnnt.simplification.steps import Simplified, parameters_nearest_zero
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised, Report
from qnnt.solvers.prepared_once import PreparedOnce

MOST_STATES = 30_000_000
"""States at once above which a dynamic program gives up: a few gigabytes."""
LARGEST_SHOWN = 996
"""Logarithm of the largest number of states that is shown as a number."""


@dataclass(frozen=True)
class Plan:
    """What a dynamic program would do with an instance.

    Attributes
    ----------
    sizes
        The choices made, and how many states are expected.
    refusal
        Why it is not worth a start, or None.
    search
        The smallest loss between two bounds, of which the lower is proven; calls back as that rises.
    statistics
        What else there is to tell once the search ended.
    """

    sizes: Mapping[str, Any]
    refusal: str | None
    search: Callable[[Classes, int, int, Effort, Callable[[int], None]], Minimum]
    statistics: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True)
class Ready:
    """An instance simplified and in integers, with the plan for it."""

    simplified: Simplified
    view: IntegerView
    plan: Plan


def refusal_of(estimate: Estimate) -> str | None:
    """Why nothing good can be expected: even an optimistic estimate has no room."""
    if estimate.states(damping=0.5) <= MOST_STATES:
        return None
    count = "over 1e300" if estimate.log2_states() > LARGEST_SHOWN else f"about {estimate.states():.0e}"
    return f"{count} states expected, room is for {MOST_STATES:.0e}"


def expectation(estimate: Estimate) -> dict[str, Any]:
    """What a trial says, for the result."""
    return {"states_expected": float(f"{estimate.states():.2g}"), "states_log2_bound": round(estimate.log2_bound, 1)}


class StateProgram(ABC):
    """An algorithm that minimises mismatches over states, exactly; one thread."""

    def __init__(self) -> None:
        self._ready = PreparedOnce(self._prepared)

    @abstractmethod
    def plan(self, view: IntegerView) -> Plan:
        """What it would do; cheap.

        Raises
        ------
        UnsupportedError
            If it cannot take the network at all.
        """

    def _prepared(self, instance: Instance) -> Ready | None:
        """The plan for an instance; None without samples, when there is nothing to search for.

        Raises
        ------
        UnsupportedError
            If it cannot take the instance; says why.
        """
        reason = why_not(instance)
        if reason:
            raise UnsupportedError(reason)
        simplified = simplify(instance)
        if not len(simplified.instance.dataset):
            return None
        view = integer_view(simplified.instance)
        return Ready(simplified, view, self.plan(view))

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        try:
            ready = self._ready(instance)
        except UnsupportedError as error:
            return str(error)
        return None if ready is None else ready.plan.refusal

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        """The sizes for an instance that it takes."""
        ready = self._ready(instance)
        return {} if ready is None else ready.plan.sizes

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        ready = self._ready(instance)
        if ready is None:
            return without_samples(instance, objective, report)
        classes = classes_of(ready.view)
        lower, upper = int(certain_loss(ready.view.instance)), classes.total
        known = None if hint is None else int(judge(instance, hint))
        if objective is Objective.DECIDE and instance.bound is not None:
            upper = min(upper, int(instance.bound // 1))
        elif known is not None:
            upper = min(upper, known - 1)
        report(Encoded(ready.plan.sizes))
        report(Raised(lower))
        effort = Effort(MOST_STATES)
        try:
            best = ready.plan.search(classes, lower, upper, effort, lambda bound: report(Raised(bound)))
            counters = {**_counters(effort), **ready.plan.statistics()}
            return _answer(ready, objective, hint, known, best, counters, report)
        except StateLimitError as error:
            return Answer(Status.UNKNOWN, None, _counters(effort), str(error))


def _counters(effort: Effort) -> dict[str, Any]:
    return {"states_peak": effort.peak, "transitions": effort.transitions, "runs": effort.runs}


def without_samples(instance: Instance, objective: Objective, report: Report) -> Answer:
    """All parameters have loss 0."""
    report(Found(parameters_nearest_zero(instance)))
    return Answer(Status.YES) if objective is Objective.DECIDE else Answer(Status.OPTIMAL, 0)


def _answer(
    ready: Ready,
    objective: Objective,
    hint: Parameters | None,
    known: int | None,
    best: Minimum,
    counters: Mapping[str, Any],
    report: Report,
) -> Answer:
    if best.patterns is not None:
        report(Found(ready.simplified.restore(parameters_of(ready.view, best.patterns))))
        if objective is Objective.DECIDE:
            return Answer(Status.YES, None, counters)
        return Answer(Status.OPTIMAL, best.loss, counters)
    if objective is Objective.DECIDE:
        return Answer(Status.NO, best.lower_bound, counters)
    if hint is not None:
        report(Found(hint))
        return Answer(Status.OPTIMAL, known, counters)
    return Answer(Status.INFEASIBLE, None, counters)
