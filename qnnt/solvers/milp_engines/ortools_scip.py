"""Engine: SCIP of the OR-Tools wheel: incumbents by a callback, bounds by the log; one thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from qnnt.encoders.program import IntegerProgram
from qnnt.solvers.backends import Limits
from qnnt.solvers.milp_engines.engine import Ending, Listener, tolerance_for
from qnnt.solvers.milp_engines.log_tables import ScipTable
from qnnt.solvers.milp_engines.math_opt import ending_of, parameters_with, point_of


class OrToolsScip:
    """What it lacks: symmetry detection (the wheel has none), and hints that leave more than 85 % open.

    Reference: Achterberg, SCIP: solving constraint integer programs, Mathematical Programming Computation 1, 2009.
    """

    def solve(
        self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
    ) -> Ending:
        from ortools.math_opt import callback_pb2

        parameters = parameters_with(limits.seed)
        parameters.threads = 1
        parameters.gscip.real_params["numerics/feastol"] = tolerance_for(program)
        # SCIP ignores hints with more unknowns than this; completing one is a small search of its own
        parameters.gscip.real_params["heuristics/completesol/maxunknownrate"] = 1.0
        table = ScipTable()

        def on_lines(lines: Iterable[str]) -> None:
            for line in lines:
                bound = table.bound(line)
                if bound is not None:
                    listener.on_bound(bound)

        def on_solution(told: Any) -> Any:
            listener.on_point(point_of(program, told.primal_solution_vector))
            return callback_pb2.CallbackResultProto(terminate=listener.failed)

        ending, points = ending_of("GSCIP", program, hint, limits, parameters, on_lines, on_solution)
        for point in points:
            listener.on_point(point)
        return ending
