"""The CP-SAT model that a user would write, as a solver: the yardstick of the benchmarks."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from typing import Any

from qnnt.errors import SolverError, UnsupportedError
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised, Report
from qnnt.solvers.cpsat import BOUND_INTERVAL, statistics
from qnnt.solvers.plain_model import PlainModel, plain_model
from qnnt.solvers.plain_ranges import ranges_of
from qnnt.solvers.routes import Clock


class PlainCpSat:
    """OR-Tools CP-SAT with its default parameters, on integers, products, maxima and minima."""

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        try:
            ranges_of(instance)
        except UnsupportedError as error:
            return str(error)
        return None

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        return {}  # how large the model is says nothing of the search

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        from ortools.sat.python import cp_model

        start = Clock()
        plain = plain_model(instance, objective)
        if hint is not None:
            plain.add_hint(hint)
        report(Encoded(plain.sizes))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = limits.threads
        solver.parameters.random_seed = limits.seed
        solver.parameters.catch_sigint_signal = False
        if limits.seconds is not None:
            solver.parameters.max_time_in_seconds = max(0.001, limits.seconds - start.seconds)
        listener = _Listener(plain, report)
        if objective is Objective.MINIMIZE:
            solver.best_bound_callback = listener.on_bound
        status = solver.solve(plain.target, listener.callback())
        if status == cp_model.MODEL_INVALID:
            raise SolverError(f"CP-SAT rejects the model: {plain.target.validate()}")
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        if found:
            listener.on_solution(solver.response_proto)
        proved = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        if objective is Objective.DECIDE:
            return Answer(
                Status.YES if found else Status.NO if proved else Status.UNKNOWN, statistics=statistics(solver)
            )
        if proved:
            return Answer(Status.OPTIMAL if found else Status.INFEASIBLE, listener.best, statistics(solver))
        return Answer(Status.FEASIBLE if found else Status.UNKNOWN, listener.bound, statistics(solver))


class _Listener:
    """Passes on what the search threads tell, one at a time, and only what is new.

    CP-SAT tells objectives as floats: they stay below 2^31, where each integer is one.
    """

    def __init__(self, plain: PlainModel, report: Report) -> None:
        self._plain = plain
        self._report = report
        self._lock = threading.Lock()
        self._last = 0.0
        self.best: int | None = None
        """The loss of the best parameters."""
        self.bound = 0
        """No loss is below."""

    def callback(self) -> Any:
        """The object that CP-SAT calls at every solution."""
        from ortools.sat.python import cp_model

        listener = self

        class Callback(cp_model.CpSolverSolutionCallback):
            def on_solution_callback(self) -> None:
                listener.on_solution(self.response_proto)

        return Callback()

    def on_solution(self, response: Any) -> None:
        """A solution; passed on if it is better than those before."""
        loss = round(response.objective_value)
        with self._lock:
            if self.best is None or loss < self.best:
                self.best = loss
                self._report(Found(self._plain.decode(response.solution)))

    def on_bound(self, value: float) -> None:
        """A bound; passed on if it rose, and not too often."""
        bound = math.ceil(value - 1e-6) if math.isfinite(value) else 0
        with self._lock:
            if bound <= self.bound:
                return
            self.bound = bound
            now = time.monotonic()
            if now - self._last > BOUND_INTERVAL:
                self._last = now
                self._report(Raised(bound))
