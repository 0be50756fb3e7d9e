"""Adapter: the pseudo-polynomial dynamic program for networks of two layers, as a solver."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from qnnt.algorithms.pseudo_polynomial import search
from qnnt.algorithms.pseudo_polynomial.box import LARGEST_KEY
from qnnt.algorithms.pseudo_polynomial.fingerprints import SameFingerprintError
from qnnt.algorithms.pseudo_polynomial.plan import METHODS, Plan, plan
from qnnt.algorithms.pseudo_polynomial.problem import Problem, problem_of
from qnnt.algorithms.pseudo_polynomial.search import Outcome, Solved
from qnnt.algorithms.pseudo_polynomial.stages import AdditiveView, additive_view
from qnnt.algorithms.pseudo_polynomial.sumsets import ENGINES
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.array_evaluation import judge
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.steps import Simplified
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised, Report
from qnnt.solvers.prepared_once import PreparedOnce
from qnnt.solvers.state_programs import MOST_STATES, without_samples


@dataclass(frozen=True)
class Ready:
    """An instance simplified and as stages; without a problem and a plan if some neuron is never defined."""

    instance: Instance
    simplified: Simplified
    view: AdditiveView
    planned: tuple[Problem, Plan] | None


class DpPseudo:
    """Sums of the stages of a network of two layers: all of them, or two halves and the best pair.

    Parameters
    ----------
    method
        One of `qnnt.algorithms.pseudo_polynomial.plan.METHODS`.
    engine
        One of `qnnt.algorithms.pseudo_polynomial.sumsets.ENGINES`.
    """

    def __init__(self, method: str = METHODS[0], engine: str = ENGINES[0]) -> None:
        self._method, self._engine = method, engine
        self._ready = PreparedOnce(self._prepared)

    def _prepared(self, instance: Instance) -> Ready | None:
        """The plan for an instance; None without samples, when there is nothing to search for.

        Raises
        ------
        UnsupportedError, StateLimitError
            If it cannot take the instance; says why.
        """
        simplified = simplify(instance)
        if not len(simplified.instance.dataset):
            return None
        view = additive_view(simplified.instance)
        return Ready(instance, simplified, view, self._planned(view) if view.feasible else None)

    def _planned(self, view: AdditiveView) -> tuple[Problem, Plan]:
        attempt = 0
        while True:
            problem = problem_of(view, largest=1 if self._engine == "wide" else LARGEST_KEY, attempt=attempt)
            try:
                return problem, plan(problem, self._method, self._engine, math.log2(MOST_STATES))
            except SameFingerprintError:
                attempt += 1

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        try:
            ready = self._ready(instance)
        except (UnsupportedError, StateLimitError) as error:
            return str(error)
        return None if ready is None or ready.planned is None else ready.planned[1].refusal

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        """The sizes for an instance that it takes."""
        ready = self._ready(instance)
        return {} if ready is None else self._sizes(ready)

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        ready = self._ready(instance)
        if ready is None:
            return without_samples(instance, objective, report)
        report(Encoded(self._sizes(ready)))
        if ready.planned is None:
            return _without_solution(objective, hint, None, {}, report)
        attempt = 0
        while True:
            try:
                return _Run(ready, *ready.planned, self._engine, objective, hint, report).answer()
            except SameFingerprintError:
                attempt += 1
                largest = 1 if self._engine == "wide" else LARGEST_KEY
                problem = problem_of(ready.view, largest=largest, attempt=attempt)
                ready = dataclasses.replace(ready, planned=(problem, ready.planned[1]))

    def _sizes(self, ready: Ready) -> Mapping[str, Any]:
        if ready.planned is None:
            return {"stages": len(ready.view.stages)}
        problem, chosen = ready.planned
        return chosen.sizes(problem, self._engine)


class _Run:
    """One question: what is known so far; losses are numerators."""

    def __init__(
        self,
        ready: Ready,
        problem: Problem,
        chosen: Plan,
        engine: str,
        objective: Objective,
        hint: Parameters | None,
        report: Report,
    ) -> None:
        self._ready, self._problem, self._plan, self._engine = ready, problem, chosen, engine
        self._objective, self._hint, self._report = objective, hint, report
        self._effort = Effort(MOST_STATES)
        self._lower = problem.terms.least
        self._limit: int | None = None
        """Solutions that cost more would not change the answer; None is no limit."""
        if objective is Objective.DECIDE and ready.instance.bound is not None:
            self._limit = int(ready.instance.bound * problem.terms.denominator // 1)
        elif hint is not None:
            self._limit = int(judge(ready.instance, hint) * problem.terms.denominator) - 1
        self._found: int | None = None

    def answer(self) -> Answer:
        """A beam, where it pays; then the way that was planned."""
        terms = self._problem.terms
        if self._lower <= terms.cap:
            self._report(Raised(self._number(self._lower)))
        try:
            if not self._plan.small and self._open:
                self._try_beam()
            if self._open and self._plan.way == "nearest":
                self._take(search.by_nearest(self._problem, self._engine, self._effort))
                return self._settled()
            if self._open:
                self._search()
        except StateLimitError as error:
            status = Status.UNKNOWN if self._found is None else Status.FEASIBLE
            return Answer(status, self._number(self._lower), self._statistics(), str(error))
        if self._open and not terms.complete:
            return Answer(Status.UNKNOWN, self._number(self._lower), self._statistics(), "losses beyond 60 bits")
        return self._settled()

    @property
    def _upper(self) -> int:
        cap = self._problem.terms.cap
        return cap if self._limit is None else min(cap, self._limit)

    @property
    def _open(self) -> bool:
        """Whether there may be a solution that would change the answer."""
        if self._objective is Objective.DECIDE and self._found is not None:
            return False
        return self._limit is None or self._lower <= self._limit

    def _try_beam(self) -> None:
        solved = search.by_beam(self._problem, self._effort)
        if solved is not None:
            self._take(solved)

    def _search(self) -> None:
        def within(limit: int) -> Outcome:
            self._effort.start_run()
            if self._plan.way == "plain":
                return search.by_all_sums(self._problem, self._plan.steps, self._engine, self._effort, limit)
            most_targets = 0 if self._plan.way == "scan" else None
            return search.by_halves(self._problem, self._engine, self._effort, limit, most_targets)

        if self._plan.small or self._plan.way != "plain":
            outcome = within(self._upper)
        else:
            outcome = search.by_growing_limits(within, self._lower, self._upper, self._raise)
        if outcome.solved is None:
            self._lower = self._upper + 1
        else:
            self._take(outcome.solved)
            self._lower = outcome.solved.loss

    def _raise(self, bound: int) -> None:
        """Take a bound that a run without a solution has proven; what lies above the cap says nothing of a loss."""
        self._lower = max(self._lower, min(bound, self._upper + 1))
        if self._lower <= self._problem.terms.cap:
            self._report(Raised(self._number(self._lower)))

    def _take(self, solved: Solved) -> None:
        if self._limit is not None and solved.loss > self._limit:
            return
        self._report(Found(self._ready.simplified.restore(self._ready.view.parameters(solved.choices))))
        self._found, self._limit = solved.loss, solved.loss - 1

    def _number(self, numerator: int) -> Number:
        return reduced(Fraction(numerator, self._problem.terms.denominator))

    def _statistics(self) -> dict[str, Any]:
        return {"states_peak": self._effort.peak, "transitions": self._effort.transitions, "runs": self._effort.runs}

    def _settled(self) -> Answer:
        """Nothing is left to be found."""
        statistics = self._statistics()
        if self._found is None:
            bound = None if self._limit is None else self._number(self._limit + 1)
            return _without_solution(self._objective, self._hint, bound, statistics, self._report)
        if self._objective is Objective.DECIDE:
            return Answer(Status.YES, None, statistics)
        return Answer(Status.OPTIMAL, self._number(self._found), statistics)


def _without_solution(
    objective: Objective, hint: Parameters | None, bound: Number | None, statistics: Mapping[str, Any], report: Report
) -> Answer:
    """Nothing that would change the answer exists: a hint is optimal, if there is one."""
    if objective is Objective.DECIDE:
        return Answer(Status.NO, bound, statistics)
    if hint is not None:
        report(Found(hint))
        return Answer(Status.OPTIMAL, bound, statistics)
    return Answer(Status.INFEASIBLE, None, statistics)
