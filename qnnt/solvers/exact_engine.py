"""Exact, a pseudo-Boolean solver by cutting planes, as an engine that can be stopped and goes on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from qnnt.encoders.model import Integers
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.errors import SolverError

COUNTERS = ("conflicts", "decisions", "restarts", "propagations")
"""Of the many that it keeps, those that tell how much it searched."""


class ExactEngine:
    """Minimises a program's cost, or satisfies its rows, in turns; what it learnt stays in between.

    Its numbers have as many bits as they need. Measured: runs in turns make the same conflicts as one run.

    Parameters
    ----------
    seed
        0 is its default.

    Reference: Elffers, Nordström, Divide and conquer: towards faster pseudo-Boolean solving, IJCAI 2018;
    Devriendt, Gocht, Demirović, Nordström, Stuckey, Cutting to the core of pseudo-Boolean optimization:
    combining core-guided search with cutting planes reasoning, AAAI 2021.
    """

    def __init__(self, program: IntegerProgram, seed: int = 0) -> None:
        import exact

        self._solver: Any = exact.Exact([("seed", str(seed))] if seed else [])
        _take_signals_back()
        self._names = [str(variable) for variable in range(1, program.variables + 1)]
        for name, low, high in zip(self._names, program.lower[1:].tolist(), program.upper[1:].tolist(), strict=True):
            self._solver.addVariable(name, low, high)
        self._add_rows(program)
        if program.minimises:
            costly = np.flatnonzero(program.costs)
            terms = zip(program.costs[costly].tolist(), map(str, costly.tolist()), strict=True)
            self._solver.setObjective(list(terms), True, program.constant)

    def _add_rows(self, program: IntegerProgram) -> None:
        rows = program.rows
        terms = list(zip(rows.coefficients.tolist(), map(str, rows.variables.tolist()), strict=True))
        bounds = zip(program.at_least.tolist(), program.at_most.tolist(), strict=True)
        for (start, end), (least, most) in zip(pairwise(rows.offsets.tolist()), bounds, strict=True):
            self._solver.addConstraint(terms[start:end], least > -OPEN, least, most < OPEN, most)

    def prefer(self, literals: Sequence[int]) -> None:
        """Try these values first."""
        self._solver.setSolutionHints([(str(abs(literal)), int(literal > 0)) for literal in literals])

    def run(self, seconds: float) -> bool:
        """Go on for about so long; whether the search is exhausted.

        Then the last point is optimal, or there is none.

        Raises
        ------
        SolverError
            If it stopped for another reason than these two.
        """
        status = self._solver.runFull(True, seconds)
        if status not in ("UNSAT", "TIMEOUT"):
            raise SolverError(f"Exact ended with {status}")
        return bool(status == "UNSAT")

    @property
    def point(self) -> Integers | None:
        """The best point so far, indexed by the program's variables."""
        if not self._solver.hasSolution():
            return None
        return np.array([0, *self._solver.getLastSolutionFor(self._names)], np.int64)

    @property
    def cost(self) -> int:
        """What it says the best point costs, the program's constant included; only where there is one."""
        return int(self._solver.getBestSoFar())

    @property
    def lower_bound(self) -> int:
        """What it says that every point costs at least, the program's constant included."""
        return int(self._solver.getDualBound())

    @property
    def statistics(self) -> Mapping[str, int]:
        found = dict(self._solver.getStats())
        return {name: int(found[name]) for name in COUNTERS if name in found}


def _take_signals_back() -> None:
    """Exact takes SIGINT and SIGTERM when it is made, and ends with an error at them: Python's handlers again."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if handler is not None:
                signal.signal(number, handler)
