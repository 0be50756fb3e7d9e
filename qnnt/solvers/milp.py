"""Backend: integer programs, by branch and bound in floating-point arithmetic.

What a solver says is checked as far as integers go: a point counts once it is rounded and satisfies every row
exactly. Bounds, and that there is no better point, cannot be checked: they are reported as numerical.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from qnnt.encoders.milp import to_program
from qnnt.encoders.model import Integers, Model
from qnnt.encoders.program import IntegerProgram
from qnnt.errors import UnsupportedError
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.milp_engines.engine import End, Ending, Engine, Floats
from qnnt.solvers.milp_engines.quiet import quiet
from qnnt.solvers.names import MILP_ENGINES
from qnnt.solvers.prepared_once import PreparedOnce

LARGEST_REACH = 10**6
"""Programs with rows of more are refused.

Rounding needs tolerances of 0.1 / R for rows whose terms add up to R (see `tolerance_for`): 1e-7 at most here,
which leaves two digits to the 1e-9 that solvers can hold at best. A solver that does not keep to it, in a row
such as ``x <= 10^6 b``, returns points that break a row once they are rounded: they are found out.
"""
ROUNDING = 1e-5
"""A point further from integers is no solution, whatever its rounding is."""
BOUND_SLACK = 1e-6
"""Relative; bounds are lowered by this before they are rounded up."""
BOUND_INTERVAL = 0.05
"""Seconds between two reports of a rising bound."""

ENGINES = {
    "highs": "ortools_highs:OrToolsHighs",
    "scip": "ortools_scip:OrToolsScip",
    "highspy": "highspy_engine:Highspy",
    "pyscipopt": "scip_engine:PyScipOpt",
}


class Milp:
    """Integer programs with tight rows.

    Parameters
    ----------
    encoding
        How networks are encoded: see `qnnt.encoders.switches`.
    engine
        The solver, by a name of `qnnt.solvers.names.MILP_ENGINES`.
    """

    def __init__(self, encoding: str = "auto", engine: str = MILP_ENGINES[0]) -> None:
        self.network = encoding
        self._engine = engine
        self._program = PreparedOnce(to_program)

    def unsupported(self, model: Model) -> str | None:
        try:
            reach = largest_number(self._program(model))
        except UnsupportedError as error:
            return error.problem
        if reach <= LARGEST_REACH:
            return None
        return f"sums up to {reach:.1e} are beyond what floating-point solvers answer reliably, which ends at 10^6"

    def sizes(self, model: Model) -> dict[str, int]:
        return self._program(model).sizes

    def solve(
        self,
        model: Model,
        hint: Sequence[tuple[int, int]],
        limits: Limits,
        report: Callable[[ModelProgress], None],
    ) -> ModelAnswer:
        start = time.monotonic()
        program, engine = self._program(model), engine_named(self._engine)
        report(ModelProgress(lowered={"program": program.sizes}))
        if limits.seconds is not None:
            limits = dataclasses.replace(limits, seconds=limits.seconds - (time.monotonic() - start))
        return answer_of(engine, program, hint, limits, report)


def engine_named(name: str) -> Engine:
    """The engine of this name."""
    module, _, kind = ENGINES[name].partition(":")
    engine: Engine = getattr(importlib.import_module(f"qnnt.solvers.milp_engines.{module}"), kind)()
    return engine


def largest_number(program: IntegerProgram) -> float:
    """The most that a row, the objective in lowest terms or a variable alone can amount to."""
    alone = max(np.abs(program.lower).max(initial=0), np.abs(program.upper).max(initial=0))
    return max(in_lowest_terms(program).reach, float(alone))


def in_lowest_terms(program: IntegerProgram) -> IntegerProgram:
    """The same program, its costs divided by their greatest common divisor."""
    return dataclasses.replace(program, costs=program.costs // _cost_step(program), constant=0)


def _cost_step(program: IntegerProgram) -> int:
    return max(1, int(np.gcd.reduce(program.costs, initial=0)))


def answer_of(
    engine: Engine,
    program: IntegerProgram,
    hint: Sequence[tuple[int, int]],
    limits: Limits,
    report: Callable[[ModelProgress], None],
) -> ModelAnswer:
    """Let an engine search, and believe what stands the checks."""
    referee = Referee(program, report)
    with quiet():
        ending = engine.solve(in_lowest_terms(program), hint, limits, referee)
    referee.raise_failure()
    objection = ending.reason if ending.end is End.STOPPED else referee.objection(ending)
    proved = ending.end is not End.STOPPED and not objection
    if ending.bound is not None and not proved:
        referee.on_bound(ending.bound)
        referee.raise_failure()
    bound = referee.cost if proved else referee.bound
    return ModelAnswer(
        proved,
        bound if program.minimises else None,
        ending.statistics,
        numerical=program.minimises or referee.cost is None,  # where nothing is minimised, a checked point settles it
        reason=objection or (referee.trouble if not proved else ""),
    )


class Referee:
    """Hears of points and bounds, checks them, passes them on. Costs and bounds are numerators, constant included.

    Attributes
    ----------
    cost
        Of the best point that stood its check.
    bound
        The best so far.
    trouble
        What was wrong with the first point or bound that did not stand its check; empty if none.
    """

    def __init__(self, program: IntegerProgram, report: Callable[[ModelProgress], None]) -> None:
        self._program = program
        self._step = _cost_step(program)
        self._report = report
        self._failure: Exception | None = None
        self._last = 0.0
        self.cost: int | None = None
        self.bound: int | None = None
        self.trouble = ""

    @property
    def failed(self) -> bool:
        """Whether reporting raised something."""
        return self._failure is not None

    def raise_failure(self) -> None:
        """Raise what could not be raised through a solver's own calls."""
        if self._failure is not None:
            raise self._failure

    def on_point(self, values: Floats) -> None:
        """A point; passed on if its rounding is a solution, and better than those before."""
        point, wrong = rounded(self._program, values)
        if wrong:
            self.trouble = self.trouble or f"the solver's point is no solution: {wrong}"
            return
        cost = self._program.cost_of(point)
        if self.cost is None or cost < self.cost:
            self.cost = cost
            self._send(ModelProgress(assignment=self._program.assignment_of(point)))

    def on_bound(self, bound: float) -> None:
        """A bound; passed on if it rose, and not too often."""
        whole = self.whole(bound)
        if not self._program.minimises or whole is None or (self.bound is not None and whole <= self.bound):
            return
        if self.cost is not None and whole > self.cost:
            self.trouble = self.trouble or f"the solver's bound {whole} is above the cost {self.cost} of a solution"
            return
        self.bound = whole
        now = time.monotonic()
        if now - self._last > BOUND_INTERVAL:
            self._last = now
            self._send(ModelProgress(lower_bound=whole, numerical=True))

    def whole(self, bound: float) -> int | None:
        """A bound on costs in lowest terms, lowered a bit and rounded up, as a numerator; None if it is none."""
        if not math.isfinite(bound) or abs(bound) > 10 * LARGEST_REACH:
            return None
        return self._step * math.ceil(bound - BOUND_SLACK * max(1.0, abs(bound))) + self._program.constant

    def objection(self, ending: Ending) -> str:
        """Why a solver's claim to be done is not believed; empty if it is.

        Optimal is believed of a cost that the best checked point has, with a bound that rounds to it, above or
        below; infeasible if no point was ever told of.
        """
        if ending.end is End.INFEASIBLE:
            told = self.cost is not None or self.trouble
            return f"the solver says infeasible after a solution. {self.trouble}".strip() if told else ""
        if self.cost is None:
            return self.trouble or "the solver says optimal without a solution"
        if not self._program.minimises:
            return ""
        best = (self.cost - self._program.constant) // self._step
        if ending.cost is None or abs(ending.cost - best) > 0.5:
            return self.trouble or f"the solver says that {ending.cost} is optimal, its best solution costs {best}"
        if ending.bound is None or abs(ending.bound - best) > 0.5:
            return f"the solver says that {best} is optimal, with a bound of {ending.bound}"
        return ""

    def _send(self, progress: ModelProgress) -> None:
        if self._failure is not None:
            return
        try:
            self._report(progress)
        except Exception as error:  # noqa: BLE001 - raised again once the solver is back
            self._failure = error


def rounded(program: IntegerProgram, values: Floats) -> tuple[Integers, str | None]:
    """A solver's point in integers, indexed by variable, and why it is no solution, or None."""
    if len(values) != program.variables or not np.isfinite(values).all():
        return np.zeros(program.variables + 1, np.int64), "it has no finite value for each variable"
    nearest = np.rint(values)
    off = np.abs(values - nearest)
    if off.max(initial=0.0) > ROUNDING:
        v = int(off.argmax())
        return np.zeros(program.variables + 1, np.int64), f"variable {v + 1} is {values[v]}, no integer"
    point = np.concatenate(([0], nearest.clip(-(2.0**61), 2.0**61).astype(np.int64)))
    return point, program.violated(point)
