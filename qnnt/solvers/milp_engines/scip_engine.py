"""Engine: SCIP by PySCIPOpt: incumbents and bounds by events, can be stopped at any time; one thread."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.errors import SolverError, UnsupportedError
from qnnt.solvers.backends import Limits
from qnnt.solvers.milp_engines.engine import End, Ending, Floats, Listener, finite, search_seconds, tolerance_for


class PyScipOpt:
    """SCIP with symmetry detection. What it lacks: speed in building (100,000 rows take 1.5 s).

    Reference: Achterberg, SCIP: solving constraint integer programs, Mathematical Programming Computation 1, 2009.
    """

    def solve(
        self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
    ) -> Ending:
        began = time.monotonic()
        pyscipopt = _package()
        model = pyscipopt.Model()
        model.hideOutput()
        columns = _add(pyscipopt, model, program)
        if hint:
            start = model.createPartialSol()
            for variable, value in hint:
                model.setSolVal(start, columns[variable - 1], value)
            model.addSol(start)
        model.includeEventhdlr(_handler(pyscipopt, columns, listener), "listener", "passes on points and bounds")
        model.setParams(_parameters(tolerance_for(program), limits, began))
        try:
            model.optimize()
        except Exception as error:  # noqa: BLE001 - what PySCIPOpt makes of return codes
            raise SolverError(f"SCIP: {error}") from None
        return _ending(model, columns, listener)


def _package() -> Any:
    try:
        return importlib.import_module("pyscipopt")
    except ImportError as error:
        raise UnsupportedError(f"pyscipopt cannot be loaded: {error}") from None


def _parameters(tolerance: float, limits: Limits, began: float) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "numerics/feastol": tolerance,
        "limits/gap": 0.0,
        "limits/absgap": 0.0,
        "randomization/randomseedshift": limits.seed % 2**31,
        "misc/catchctrlc": False,
        # SCIP ignores hints with more unknowns than this; completing one is a small search of its own
        "heuristics/completesol/maxunknownrate": 1.0,
    }
    seconds = search_seconds(limits, began)
    return parameters if seconds is None else {**parameters, "limits/time": seconds}


def _add(pyscipopt: Any, model: Any, program: IntegerProgram) -> list[Any]:
    """State the program; the columns, variable v at v - 1."""
    bounds = zip(program.lower[1:].tolist(), program.upper[1:].tolist(), program.costs[1:].tolist(), strict=True)
    columns = [model.addVar(vtype="I", lb=low, ub=high, obj=cost) for low, high, cost in bounds]
    rows = program.rows
    variables, coefficients = (rows.variables - 1).tolist(), rows.coefficients.tolist()
    sides = zip(program.at_least.tolist(), program.at_most.tolist(), strict=True)
    for (start, end), (low, high) in zip(pairwise(rows.offsets.tolist()), sides, strict=True):
        terms = (coefficients[i] * columns[variables[i]] for i in range(start, end))
        total = pyscipopt.quicksum(terms)
        if low == high:
            model.addCons(total == low)
        elif high == OPEN:
            model.addCons(total >= low)
        elif low == -OPEN:
            model.addCons(total <= high)
        else:
            model.addCons((total >= low) <= high)
    return columns


def _values(model: Any, columns: list[Any], solution: Any) -> Floats:
    return np.array([model.getSolVal(solution, column) for column in columns])


def _handler(pyscipopt: Any, columns: list[Any], listener: Listener) -> Any:
    """What SCIP calls at each better point and bound."""
    points, bounds = pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND, pyscipopt.SCIP_EVENTTYPE.DUALBOUNDIMPROVED

    class Handler(pyscipopt.Eventhdlr):  # type: ignore[misc]
        """Passes on, and stops SCIP where there is no use in going on."""

        def eventinit(self) -> None:
            self.model.catchEvent(points, self)
            self.model.catchEvent(bounds, self)

        def eventexit(self) -> None:
            self.model.dropEvent(points, self)
            self.model.dropEvent(bounds, self)

        def eventexec(self, event: Any) -> None:
            if event.getType() == points:
                listener.on_point(_values(self.model, columns, self.model.getBestSol()))
            else:
                bound = finite(self.model.getDualbound())
                if bound is not None:
                    listener.on_bound(bound)
            if listener.failed:
                self.model.interruptSolve()

    return Handler()


def _ending(model: Any, columns: list[Any], listener: Listener) -> Ending:
    status = model.getStatus()
    end = {"optimal": End.OPTIMAL, "infeasible": End.INFEASIBLE}.get(status, End.STOPPED)
    found = model.getNSols() > 0
    if found:
        listener.on_point(_values(model, columns, model.getBestSol()))
    return Ending(
        end,
        cost=model.getPrimalbound() if found else None,
        bound=finite(model.getDualbound()),
        statistics={"nodes": model.getNTotalNodes(), "lp_iterations": model.getNLPIterations()},
        reason="" if end is not End.STOPPED or status == "timelimit" else str(status),
    )
