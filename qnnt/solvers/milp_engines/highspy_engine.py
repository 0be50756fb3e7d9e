"""Engine: HiGHS by its own package: incumbents and bounds by callbacks, can be stopped at any time."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.errors import SolverError, UnsupportedError
from qnnt.solvers.backends import Limits
from qnnt.solvers.milp_engines.engine import End, Ending, Listener, finite, search_seconds, tolerance_for


class Highspy:
    """The same HiGHS as `OrToolsHighs`, newer.

    What it lacks: bounds on the way, where there is a hint.
    Reference: Huangfu, Hall, Parallelizing the dual revised simplex method, Mathematical Programming
    Computation 10, 2018.
    """

    def solve(
        self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
    ) -> Ending:
        began = time.monotonic()
        highspy = package()
        highs = highspy.Highs()
        accepted(highs.setOptionValue("output_flag", False), "option output_flag")
        accepted(highs.passModel(_program(highspy, program)), "passModel")
        if hint:
            variables, values = np.array(sorted(hint)).T
            accepted(
                highs.setSolution(len(hint), (variables - 1).astype(np.int32), values.astype(float)), "setSolution"
            )
        _listen(highs, listener)
        if not hint:  # a hint is completed first, by a search of its own whose bounds would be told as well
            _listen_to_bounds(highs, listener)
        for name, value in _options(tolerance_for(program), limits, began).items():
            accepted(highs.setOptionValue(name, value), f"option {name}")
        if highs.run() == highspy.HighsStatus.kError:
            return Ending(End.STOPPED, reason="HiGHS ended its search with an error")
        return _ending(highspy, highs, listener)


def package() -> Any:
    """The module highspy.

    Raises
    ------
    UnsupportedError
        If it cannot be loaded beside OR-Tools.
    """
    try:
        return importlib.import_module("highspy")
    except ImportError as error:
        raise UnsupportedError(f"highspy cannot be loaded; pip install highspy==1.14.0 ({error})") from None


def accepted(status: Any, what: str) -> None:
    """Check what a call of HiGHS returned; warnings pass: its answer is checked, and a wrong option is an error.

    Raises
    ------
    SolverError
        If it was an error.
    """
    if status == package().HighsStatus.kError:
        raise SolverError(f"HiGHS reports an error: {what}")


def _options(tolerance: float, limits: Limits, began: float) -> dict[str, int | float]:
    options: dict[str, int | float] = {
        "threads": limits.threads,
        "random_seed": limits.seed % 2**31,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": tolerance,
        "primal_feasibility_tolerance": min(tolerance, 1e-7),  # its default
    }
    seconds = search_seconds(limits, began)
    return options if seconds is None else {**options, "time_limit": seconds}


def _program(highspy: Any, program: IntegerProgram) -> Any:
    """The program as a HighsLp; variable v is column v - 1."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.variables, len(program.rows)
    lp.col_cost_ = program.costs[1:].astype(float)
    lp.col_lower_ = program.lower[1:].astype(float)
    lp.col_upper_ = program.upper[1:].astype(float)
    lp.row_lower_ = np.where(program.at_least == -OPEN, -np.inf, program.at_least)
    lp.row_upper_ = np.where(program.at_most == OPEN, np.inf, program.at_most)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * program.variables
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.rows.offsets.astype(np.int32)
    lp.a_matrix_.index_ = (program.rows.variables - 1).astype(np.int32)
    lp.a_matrix_.value_ = program.rows.coefficients.astype(float)
    return lp


def _listen(highs: Any, listener: Listener) -> None:
    """Pass on better points, and stop where there is no use in going on."""

    def on_point(event: Any) -> None:
        listener.on_point(np.array(event.data_out.mip_solution, float))

    def on_interrupt(event: Any) -> None:
        event.data_in.user_interrupt = listener.failed

    highs.cbMipImprovingSolution.subscribe(on_point)
    highs.cbMipInterrupt.subscribe(on_interrupt)


def _listen_to_bounds(highs: Any, listener: Listener) -> None:
    def on_table(event: Any) -> None:
        bound = finite(event.data_out.mip_dual_bound)
        if bound is not None:
            listener.on_bound(bound)

    highs.cbMipLogging.subscribe(on_table)


def _ending(highspy: Any, highs: Any, listener: Listener) -> Ending:
    status, info = highs.getModelStatus(), highs.getInfo()
    statuses = highspy.HighsModelStatus
    # a model without rows is "empty" and solved
    ends = {statuses.kOptimal: End.OPTIMAL, statuses.kModelEmpty: End.OPTIMAL, statuses.kInfeasible: End.INFEASIBLE}
    end = ends.get(status, End.STOPPED)
    solution = highs.getSolution()
    if solution.value_valid:
        listener.on_point(np.array(solution.col_value, float))
    return Ending(
        end,
        cost=info.objective_function_value if solution.value_valid else None,
        bound=finite(info.mip_dual_bound),
        statistics={"nodes": info.mip_node_count, "lp_iterations": info.simplex_iteration_count},
        reason=""
        if end is not End.STOPPED or status == statuses.kTimeLimit
        else highs.modelStatusToString(status).lower(),
    )
