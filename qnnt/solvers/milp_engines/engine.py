"""What an engine is given, tells on the way, and says in the end. Nothing of it is exact."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from qnnt.encoders.program import IntegerProgram
from qnnt.solvers.backends import Limits

Floats = npt.NDArray[np.float64]

LARGEST_TOLERANCE = 1e-6
"""What solvers come with."""
MARGIN = 0.1
"""Seconds that a solver is stopped before the limit: most overrun theirs by up to that, in large programs by 0.2 s."""
SHORTEST = 0.01
"""Seconds that a solver gets in any case."""


class End(Enum):
    """How a search ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Ending:
    """What a solver says in the end, its costs without the objective's constant.

    Attributes
    ----------
    cost
        Of the best point that it has, in its own opinion.
    bound
        No point costs less, in its own opinion.
    reason
        Why it stopped, where that was no limit.
    """

    end: End
    cost: float | None = None
    bound: float | None = None
    statistics: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


class Listener(Protocol):
    """Hears of points and bounds; it raises nothing, as no exception may pass through a solver's own calls."""

    @property
    def failed(self) -> bool:
        """Whether there is no use in going on."""
        ...

    def on_point(self, values: Floats) -> None:
        """A solution, in the solver's own opinion; of variable v the value is values[v - 1]."""
        ...

    def on_bound(self, bound: float) -> None:
        """No point costs less, the objective's constant left out."""
        ...


class Engine(Protocol):
    """Minimises over an integer program."""

    def solve(
        self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
    ) -> Ending:
        """Search until an end or a limit; `hint` is a part of a point: variables and values.

        Raises
        ------
        SolverError
            If the solver refuses the program or breaks.
        """
        ...


def tolerance_for(program: IntegerProgram) -> float:
    """Of feasibility and integrality: as small as rounding needs, and no smaller.

    A point that is off by t in every variable and by t of a side in every row, with terms that add up to R at
    most, breaks a row by 2 t R once it is rounded: 1/5 here, where rows of integers are broken by 1 or not at
    all. Loose tolerances cut no solutions off, and wrong points are found out; tiny ones are what solvers are
    tested least with: with 1e-9, HiGHS 1.12 called a point of cost 1024 optimal where there is one of 48.
    """
    return min(LARGEST_TOLERANCE, 0.1 / max(1.0, program.reach))


def search_seconds(limits: Limits, began: float) -> float | None:
    """How long a solver may search from now on, as its call began then on the monotonic clock; None is no limit."""
    return None if limits.seconds is None else max(SHORTEST, began + limits.seconds - MARGIN - time.monotonic())


def finite(bound: float) -> float | None:
    """Solvers say 1e20 and more for no bound."""
    return bound if abs(bound) < 1e19 else None
