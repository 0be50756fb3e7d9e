"""MathOpt of OR-Tools: programs, hints and results as protocol buffers, built in bulk.

Its core is called directly: the Python layer on top needs pandas, and hides errors' texts.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.errors import SolverError
from qnnt.solvers.backends import Limits
from qnnt.solvers.milp_engines.engine import End, Ending, Floats, finite, search_seconds


def model_of(program: IntegerProgram) -> Any:
    """The program as a ModelProto; variable v has the identifier v - 1."""
    from ortools.math_opt import model_pb2

    model = model_pb2.ModelProto()
    variables, rows, entries = model.variables, model.linear_constraints, model.linear_constraint_matrix
    variables.ids.extend(range(program.variables))
    variables.lower_bounds.extend(program.lower[1:].tolist())
    variables.upper_bounds.extend(program.upper[1:].tolist())
    variables.integers.extend([True] * program.variables)
    costly = np.flatnonzero(program.costs[1:])
    model.objective.linear_coefficients.ids.extend(costly.tolist())
    model.objective.linear_coefficients.values.extend(program.costs[1:][costly].tolist())
    number = len(program.rows)
    rows.ids.extend(range(number))
    rows.lower_bounds.extend(np.where(program.at_least == -OPEN, -np.inf, program.at_least).tolist())
    rows.upper_bounds.extend(np.where(program.at_most == OPEN, np.inf, program.at_most).tolist())
    entries.row_ids.extend(np.repeat(np.arange(number), program.rows.lengths).tolist())
    entries.column_ids.extend((program.rows.variables - 1).tolist())
    entries.coefficients.extend(program.rows.coefficients.tolist())
    return model


def parameters_with(seed: int) -> Any:
    """SolveParametersProto: no gap at all."""
    from ortools.math_opt import parameters_pb2

    parameters = parameters_pb2.SolveParametersProto()
    parameters.absolute_gap_tolerance = 0.0
    parameters.relative_gap_tolerance = 0.0
    parameters.random_seed = seed % 2**31
    return parameters


def ending_of(
    kind: str,
    program: IntegerProgram,
    hint: Sequence[tuple[int, int]],
    limits: Limits,
    parameters: Any,
    on_lines: Callable[[Iterable[str]], None],
    on_solution: Callable[[Any], Any] | None = None,
) -> tuple[Ending, list[Floats]]:
    """Solve with the solver of this kind, which then owns the parameters; also the points that it ends with.

    Raises
    ------
    SolverError
        With the solver's own words.
    """
    from ortools.math_opt import callback_pb2, model_parameters_pb2, parameters_pb2
    from ortools.math_opt.core.python import solver

    status = importlib.import_module("pybind11_abseil.status")  # comes with OR-Tools
    began = time.monotonic()
    model = model_of(program)
    start = model_parameters_pb2.ModelSolveParametersProto()
    if hint:
        values = start.solution_hints.add().variable_values
        for variable, value in sorted(hint):
            values.ids.append(variable - 1)
            values.values.append(value)
    registration = callback_pb2.CallbackRegistrationProto()
    if on_solution is not None:
        registration.request_registration.append(callback_pb2.CALLBACK_EVENT_MIP_SOLUTION)
    seconds = search_seconds(limits, began)
    if seconds is not None:
        parameters.time_limit.FromNanoseconds(int(seconds * 1e9))
    try:
        result = solver.solve(
            model,
            parameters_pb2.SolverTypeProto.Value(f"SOLVER_TYPE_{kind}"),
            parameters_pb2.SolverInitializerProto(),
            parameters,
            start,
            on_lines,
            registration,
            on_solution,
            None,
        )
    except status.StatusNotOk as error:
        words = f"{kind}: {' '.join(str(error).split())}"
        if error.code == status.StatusCodeAsInt(
            status.StatusCode.INTERNAL
        ):  # it gave up by itself: HiGHS 1.12 does on some infeasible rows
            return Ending(End.STOPPED, reason=words), []
        raise SolverError(words) from None
    points = [
        point_of(program, solution.primal_solution.variable_values)
        for solution in result.solutions
        if solution.HasField("primal_solution")
    ]
    return _ending(result, bool(points)), points


def point_of(program: IntegerProgram, vector: Any) -> Floats:
    """A SparseDoubleVectorProto as an array; of variable v at v - 1."""
    point = np.zeros(program.variables)
    point[np.array(vector.ids, np.int64)] = vector.values
    return point


def _ending(result: Any, has_point: bool) -> Ending:
    from ortools.math_opt import result_pb2

    told = result.termination
    name = result_pb2.TerminationReasonProto.Name(told.reason).removeprefix("TERMINATION_REASON_")
    ends = {"OPTIMAL": End.OPTIMAL, "INFEASIBLE": End.INFEASIBLE}
    limited = name in {"FEASIBLE", "NO_SOLUTION_FOUND"} and told.limit == result_pb2.LIMIT_TIME
    end = ends.get(name, End.STOPPED)
    return Ending(
        end,
        cost=finite(told.objective_bounds.primal_bound) if has_point else None,
        bound=finite(told.objective_bounds.dual_bound),
        statistics={
            "nodes": result.solve_stats.node_count,
            "lp_iterations": result.solve_stats.simplex_iterations,
        },
        reason="" if end is not End.STOPPED or limited else f"{name.lower()} {told.detail}".strip(),
    )
