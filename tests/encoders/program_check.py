"""What an integer program means: its points, found by CP-SAT row by row, apart from any encoder."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from ortools.sat.python import cp_model

from qnnt.encoders.model import Integers, Model
from qnnt.encoders.program import OPEN, IntegerProgram
from tests.encoders.model_check import solutions
from tests.encoders.random_models import numerator


def points(program: IntegerProgram) -> list[Integers]:
    """All points of a small program, indexed by variable."""
    model = cp_model.CpModel()
    variables = [model.new_constant(0)]
    for low, high in zip(program.lower[1:].tolist(), program.upper[1:].tolist(), strict=True):
        variables.append(model.new_int_var(low, high, ""))
    rows = program.rows
    for i, (start, end) in enumerate(pairwise(rows.offsets.tolist())):
        terms = zip(rows.variables[start:end].tolist(), rows.coefficients[start:end].tolist(), strict=True)
        total = sum(c * variables[v] for v, c in terms)
        if program.at_least[i] > -OPEN:
            model.add(total >= int(program.at_least[i]))
        if program.at_most[i] < OPEN:
            model.add(total <= int(program.at_most[i]))
    found: list[Integers] = []

    class Collect(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            found.append(np.array([self.value(v) for v in variables], np.int64))

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.enumerate_all_solutions = True
    assert solver.solve(model, Collect()) in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return found


def assert_same(model: Model, program: IntegerProgram) -> None:
    """The program has the Model's assignments, each at its cost, once each; its rows are as described."""
    assert len(program.values) == len(program.bases) == len(model.lower)
    assert program.denominator == model.objective.denominator
    assert (program.rows.lengths > 0).all()
    assert (program.rows.coefficients != 0).all()
    assert ((program.at_least > -OPEN) | (program.at_most < OPEN)).all()
    for start, end in pairwise(program.rows.offsets.tolist()):
        assert (np.diff(program.rows.variables[start:end]) > 0).all()
    found = []
    for point in points(program):
        assert program.violated(point) is None
        assignment = program.assignment_of(point)
        assert program.cost_of(point) == numerator(model, assignment)
        found.append(tuple(assignment[1:].tolist()))
    assert sorted(found) == sorted(map(tuple, solutions(model)[:, 1:].tolist()))
