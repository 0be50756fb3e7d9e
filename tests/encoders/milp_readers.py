"""Model files as other people's solvers read them, and the optimum that they find."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import highspy
import numpy as np
import pyscipopt
from ortools.linear_solver.python import model_builder

from qnnt.encoders.model import Model, Sums, offsets_of
from qnnt.encoders.program import OPEN, IntegerProgram
from tests.encoders.model_check import solutions
from tests.encoders.random_models import numerator


def highs(path: Path) -> float | None:
    """The least objective; None if there is no point."""
    solver = highs_on(path)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value)


def highs_on(path: Path) -> highspy.Highs:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    return solver


def scip(path: Path) -> float | None:
    solver = scip_on(path)
    solver.optimize()
    if solver.getStatus() == "infeasible":
        return None
    assert solver.getStatus() == "optimal"
    return float(solver.getObjVal())


def scip_on(path: Path) -> pyscipopt.Model:
    solver = pyscipopt.Model()
    solver.hideOutput()
    solver.readProblem(str(path))
    return solver


def scip_columns(path: Path) -> dict[str, tuple[float, float]]:
    """Bounds by name; all of them integers."""
    solver = scip_on(path)  # which its variables do not keep alive
    variables = solver.getVars()
    assert {v.vtype() for v in variables} <= {"BINARY", "INTEGER"}
    return {v.name: (v.getLbOriginal(), v.getUbOriginal()) for v in variables}


def model_builder_on_mps(path: Path) -> float | None:
    """OR-Tools reads MPS; what it calls LP is another format."""
    model = model_builder.Model()  # type: ignore[no-untyped-call]
    assert model.import_from_mps_file(str(path))
    solver = model_builder.Solver("scip")
    status = solver.solve(model)
    if status == model_builder.SolveStatus.INFEASIBLE:
        return None
    assert status == model_builder.SolveStatus.OPTIMAL
    return float(solver.objective_value)


def least_cost(model: Model, program: IntegerProgram) -> int | None:
    """By enumeration, without the constant."""
    costs = [numerator(model, assignment) - program.constant for assignment in solutions(model)]
    return min(costs, default=None)


def names_of(program: IntegerProgram) -> list[str]:
    return ["", *(f"x@{variable}" for variable in range(1, program.variables + 1))]


def by_hand(
    domains: list[tuple[int, int]],
    rows: Sequence[tuple[dict[int, int], int | None, int | None]],
    costs: dict[int, int],
) -> IntegerProgram:
    """A program of variables 2, 3, ... with these domains; variable 1 is the constant."""
    lower, upper = zip((0, 0), (1, 1), *domains, strict=True)
    terms = [sorted(row.items()) for row, _, _ in rows]
    flat = [term for row in terms for term in row]
    names = np.arange(len(lower))
    program = IntegerProgram(
        lower=np.array(lower),
        upper=np.array(upper),
        rows=Sums(
            offsets_of(np.array([len(row) for row in terms], np.int64)),
            np.array([v for v, _ in flat], np.int64),
            np.array([c for _, c in flat], np.int64),
        ),
        at_least=np.array([-OPEN if low is None else low for _, low, _ in rows], np.int64),
        at_most=np.array([OPEN if high is None else high for _, _, high in rows], np.int64),
        costs=np.zeros(len(lower), np.int64),
        constant=0,
        denominator=1,
        values=Sums(np.concatenate(([0], names)), names[1:], np.ones(len(names) - 1, np.int64)),
        bases=np.zeros(len(lower), np.int64),
    )
    for variable, cost in costs.items():
        program.costs[variable] = cost
    return program


DEGENERATE: dict[str, tuple[IntegerProgram, int | None]] = {
    "nothing at all": (by_hand([], [], {}), 0),
    "no row": (by_hand([(-7, -2), (0, 1), (3, 3)], [], {2: -2, 3: -1}), 3),
    "no objective": (by_hand([(0, 1), (-1, 1)], [({2: 1, 3: 1}, 1, None)], {}), 0),
    "no point": (by_hand([], [({1: 1}, 2, None)], {}), None),
    "no integral point": (by_hand([(-9, 9), (-9, 9)], [({2: 2, 3: 4}, 3, 3)], {2: 1}), None),
    "one value": (by_hand([(5, 5), (0, 0), (-3, -3)], [({2: 1, 4: 1}, 2, 2)], {2: 3, 3: 9, 4: 1}), 12),
    "a variable that occurs nowhere": (by_hand([(-5, -4), (0, 9)], [({3: 1}, 4, None)], {3: 1}), 4),
    "negative numbers": (by_hand([(-8, -1), (-8, 0)], [({2: 3, 3: -2}, None, -5)], {2: -1, 3: 1}), -1),
    "two sides": (by_hand([(-50, 50)], [({2: 3}, -20, -10)], {2: 1}), -6),
    "two sides above": (by_hand([(-50, 50)], [({2: 3}, -20, -10)], {2: -1}), 4),
    "two sides around 0": (by_hand([(-50, 50), (0, 1)], [({2: 7, 3: 1}, -20, 0)], {2: -1, 3: 1}), 0),
    "an equation with 0": (by_hand([(-3, 3), (-3, 3)], [({2: 1, 3: 1}, 0, 0)], {2: 1}), -3),
    "an upper bound of 0": (by_hand([(-3, 0), (-4, 0)], [({2: 1, 3: -1}, 1, None)], {3: -1, 2: 0}), 1),
    "large numbers": (by_hand([(-(2**15), 2**15)], [({2: 1}, None, 2**15 - 1)], {2: -(2**30)}), -(2**45) + 2**30),
    "a long row": (
        by_hand([(0, 1)] * 40, [({v: (-1) ** v * v for v in range(2, 42)}, 7, None)], {v: v for v in range(2, 42)}),
        8,
    ),
}
"""By name: a program and its least cost, None if it has no point."""
