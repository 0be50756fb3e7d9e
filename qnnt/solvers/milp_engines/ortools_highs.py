"""Engine: HiGHS of the OR-Tools wheel: incumbents by a file that HiGHS keeps, bounds by its log."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from qnnt.encoders.program import IntegerProgram
from qnnt.solvers.backends import Limits
from qnnt.solvers.milp_engines.engine import Ending, Floats, Listener, tolerance_for
from qnnt.solvers.milp_engines.log_tables import HighsTable
from qnnt.solvers.milp_engines.math_opt import ending_of, parameters_with


class OrToolsHighs:
    """What it lacks: a way to stop it before its limit; bounds on the way, where there is a hint.

    Reference: Huangfu, Hall, Parallelizing the dual revised simplex method, Mathematical Programming
    Computation 10, 2018.
    """

    def solve(
        self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
    ) -> Ending:
        parameters = parameters_with(limits.seed)
        options = parameters.highs
        options.int_options["threads"] = limits.threads  # MathOpt's own parameter for it is refused
        tolerance = tolerance_for(program)
        options.double_options["mip_feasibility_tolerance"] = tolerance
        options.double_options["primal_feasibility_tolerance"] = min(tolerance, 1e-7)  # its default
        table = HighsTable()
        with tempfile.TemporaryDirectory(prefix="qnnt-") as folder:
            found = PointFile(Path(folder) / "points", program.variables)
            options.string_options["mip_improving_solution_file"] = str(found.path)
            options.bool_options["mip_improving_solution_save"] = True

            def on_lines(lines: Iterable[str]) -> None:
                for line in lines:
                    for point in found.new_points():
                        listener.on_point(point)
                    bound = table.bound(line)
                    if bound is not None and not hint:  # a hint is completed first, by a search with a table like this
                        listener.on_bound(bound)

            ending, points = ending_of("HIGHS", program, hint, limits, parameters, on_lines)
        for point in points:
            listener.on_point(point)
        return ending


class PointFile:
    """The file to which HiGHS appends each better point: a line with its cost, one with its length, the values."""

    def __init__(self, path: Path, variables: int) -> None:
        self.path = path
        self._variables = variables
        self._offset = 0

    def new_points(self) -> Iterator[Floats]:
        """The points since the last call; one that is not complete yet is left for the next."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            read = file.seek(self._offset)
            text = file.read()
        heads = [found.start() for found in re.finditer(rb"^Objective ", text, re.MULTILINE)]
        for start, end in pairwise([*heads, len(text)]):
            block = text[start:end]
            words = block.split()
            complete = block.endswith(b"\n") and len(words) == 5 + self._variables
            if not complete or words[2:5] != [b"#", b"Columns", str(self._variables).encode()]:
                return
            self._offset = read + end
            with contextlib.suppress(ValueError):
                yield np.array(words[5:], float)
