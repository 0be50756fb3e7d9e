"""Backend: CP-SAT of OR-Tools."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qnnt.encoders.cpsat import to_cp_model
from qnnt.encoders.model import Integers, Model
from qnnt.errors import SolverError
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.names import CP_SAT_PACES
from qnnt.solvers.news import model_news_from

EXACT_FLOATS = 2**50
"""CP-SAT speaks of objectives in floats: as long as none can pass this, every integer is told exactly."""
LARGEST_REACH = 2**31
"""Sums whose terms could add up to more are refused: OR-Tools 9.15 answers some models beyond wrongly.

Its presolve adds coefficients up in 32 bits (https://github.com/google/or-tools/issues/5293), and random models
with products of 2^33 and more were called infeasible with and without presolve. Below, none was.
"""
FIRST_SLICE = 0.5
"""Deterministic time of the first slice, where a search is sliced: half a second or less."""
BOUND_INTERVAL = 0.05
"""Seconds between two reports of a rising bound."""


class CpSat:
    """OR-Tools CP-SAT: any Model, any number of threads, incumbents and bounds on the way.

    Parameters
    ----------
    encoding
        How networks are encoded: see `qnnt.encoders.switches`.
    pace
        ``whole``: one search. ``sliced``: again and again, with slices of deterministic time that double, each from
        the best solution that anyone has; equal seeds and one thread do the same on any machine.
    """

    def __init__(self, encoding: str = "auto", pace: str = CP_SAT_PACES[0]) -> None:
        self.network = encoding
        self._pace = pace

    def unsupported(self, model: Model) -> str | None:
        reach = largest_reach(model)
        if reach < LARGEST_REACH:
            return None
        return f"sums up to {reach:.1e} are beyond what CP-SAT answers reliably, which ends at 2^31"

    def sizes(self, model: Model) -> dict[str, int]:
        return model.sizes

    def linearization_level(self, model: Model) -> int:
        """Full linear relaxations where the model is linear, with more rows than it has parameters; else none.

        Order encodings are clauses and thresholds of small sums: relaxations slow their proofs down (measured: 2
        times). A linear neuron with an absolute or hinge loss is an integer program: its bound comes from nowhere
        else (a fit of 6 weights through 30 points: 1 s against no bound above 0 in 8 s). With few samples the
        relaxation fits all of them (a subset sum of 20 numbers: 8 s against 0.6).
        """
        parameters = len(model.lower) - 2 - len(model.objective.variables)
        linear = not len(model.thresholds.literals) and not len(model.products)
        return 2 if linear and len(model.linears.sums) > parameters else 0

    def solve(
        self,
        model: Model,
        hint: Sequence[tuple[int, int]],
        limits: Limits,
        report: Callable[[ModelProgress], None],
    ) -> ModelAnswer:
        start = time.monotonic()
        listener = _Listener(model, report)
        slice_time = FIRST_SLICE if self._pace == "sliced" else None
        while True:
            listener.tell_bound()  # when others hear of it must not depend on the clock
            news = model_news_from(report)
            if news.upper is not None and (listener.best is None or news.upper <= listener.best):
                hint = news.hint
            target = to_cp_model(model, hint)
            report(ModelProgress(lowered={}))
            seconds = None if limits.seconds is None else limits.seconds - (time.monotonic() - start)
            solver = self._solver(model, limits, seconds, slice_time)
            proved = self._search(solver, target, model, listener)
            spent = slice_time is None or (seconds is not None and solver.wall_time > seconds - 0.05)
            if proved or spent:
                break
            slice_time = None if slice_time is None else 2 * slice_time
        # not solver.best_objective_bound: where a limit ends the presolve, that is 0 and no bound at all
        bound = listener.best if proved else listener.bound
        return ModelAnswer(proved, bound if len(model.objective.variables) else None, statistics(solver))

    def _solver(self, model: Model, limits: Limits, seconds: float | None, slice_time: float | None) -> Any:
        """A `CpSolver` with its parameters set."""
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.num_workers = limits.threads
        parameters.random_seed = limits.seed
        parameters.catch_sigint_signal = False
        parameters.linearization_level = self.linearization_level(model)
        if _objective_reach(model) >= LARGEST_REACH:
            parameters.presolve_inclusion_work_limit = 0  # the step with the 32-bit additions
        if seconds is not None:
            parameters.max_time_in_seconds = max(0.001, seconds)
        if slice_time is not None:
            parameters.max_deterministic_time = slice_time
        return solver

    @staticmethod
    def _search(solver: Any, target: Any, model: Model, listener: _Listener) -> bool:
        """Whether a search came to its end; the listener heard the rest.

        Raises
        ------
        SolverError
            If CP-SAT rejects the model.
        """
        from ortools.sat.python import cp_model

        if len(model.objective.variables):
            solver.best_bound_callback = listener.on_bound
        status = solver.solve(target, listener.callback())
        if status == cp_model.MODEL_INVALID:
            raise SolverError(f"CP-SAT rejects the model: {target.validate()}")
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            listener.on_solution(listener.assignment(solver.response_proto))
        return bool(status in (cp_model.OPTIMAL, cp_model.INFEASIBLE))


class _Listener:
    """Passes on what the search threads tell, one at a time, and only what is new."""

    def __init__(self, model: Model, report: Callable[[ModelProgress], None]) -> None:
        self._model = model
        self._exact = _objective_reach(model) <= EXACT_FLOATS
        self._report = report
        self._lock = threading.Lock()
        self._best: int | None = None
        self._last = 0.0
        self._told: int | None = None
        self.bound: int | None = None
        """The best bound so far, the objective's constant included; None before the first."""

    @property
    def best(self) -> int | None:
        """The objective of the best assignment, its constant included."""
        return None if self._best is None else self._best + self._model.objective.constant

    def callback(self) -> Any:
        """The object that CP-SAT calls at every solution."""
        from ortools.sat.python import cp_model

        listener = self

        class Callback(cp_model.CpSolverSolutionCallback):
            def on_solution_callback(self) -> None:
                listener.on_solution(listener.assignment(self.response_proto))

        return Callback()

    def assignment(self, response: Any) -> Integers:
        """The values of the Model's variables, indexed by variable."""
        return np.array([0, *response.solution], np.int64)[: len(self._model.lower)]

    def on_solution(self, assignment: Integers) -> None:
        """A solution; passed on if it is better than those before."""
        objective = self._model.objective
        value = int((objective.coefficients * assignment[objective.variables]).sum())
        with self._lock:
            if self._best is None or value < self._best:
                self._best = value
                self._report(ModelProgress(assignment=assignment))

    def on_bound(self, value: float) -> None:
        """A bound; passed on if it rose, and not too often."""
        bound = self.whole(value)
        with self._lock:
            if bound is None or (self.bound is not None and bound <= self.bound):
                return
            self.bound = bound
            if time.monotonic() - self._last > BOUND_INTERVAL:
                self.tell_bound()

    def tell_bound(self) -> None:
        """Pass the bound on, if that is news."""
        if self.bound != self._told:
            self._told, self._last = self.bound, time.monotonic()
            self._report(ModelProgress(lower_bound=self.bound))

    def whole(self, value: float) -> int | None:
        """The bound as an integer with the objective's constant; None where floats cannot tell it exactly."""
        if not self._exact or abs(value) > EXACT_FLOATS:
            return None
        return int(np.ceil(value - 1e-6)) + self._model.objective.constant


def largest_reach(model: Model) -> float:
    """The most that the terms of a sum, taken by their magnitudes, or a variable can amount to."""
    most = np.maximum(np.abs(model.lower), np.abs(model.upper)).astype(float)
    found = [float(most.max(initial=0))]
    for sums in (model.linears.sums, model.thresholds.sums):
        rows = np.repeat(np.arange(len(sums)), sums.lengths)
        terms = np.abs(sums.coefficients.astype(float)) * most[sums.variables]
        found.append(float(np.bincount(rows, weights=terms).max(initial=0)))
    return max(found)


def _objective_reach(model: Model) -> float:
    objective = model.objective
    most = np.maximum(np.abs(model.lower), np.abs(model.upper))[objective.variables]
    return float(np.abs(objective.coefficients.astype(float) * most).sum())


def statistics(solver: Any) -> dict[str, Any]:
    """The work counters of a `CpSolver` that has ended."""
    return {
        "conflicts": solver.num_conflicts,
        "branches": solver.num_branches,
        "deterministic_time": round(float(solver.deterministic_time), 6),
    }
