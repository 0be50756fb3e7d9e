"""Backend: pseudo-Boolean solvers, Exact or a foreign one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from qnnt.encoders.model import Integers, Model
from qnnt.encoders.opb import PbForm, constant_beside, write_opb
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.encoders.solver_output import Claim, truth_of
from qnnt.errors import FalseClaimError, FalseSolutionError, UnsupportedError
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.command_engine import run_on_file
from qnnt.solvers.exact_engine import ExactEngine
from qnnt.solvers.hints import hint_literals
from qnnt.solvers.prepared_once import PreparedOnce

FIRST_TURN, LONGEST_TURN = 0.05, 0.5
"""Seconds between two looks at what the engine found; each turn is twice as long as the one before."""


ENGINES: Mapping[str, Callable[[IntegerProgram, int], ExactEngine]] = {"exact": ExactEngine}
"""By their names: made from a program and a seed."""


class Pb:
    """Sums as they are, over Booleans alone; one thread.

    Parameters
    ----------
    encoding
        How networks are encoded: see `qnnt.encoders.switches`.
    engine
        Name as on the command line.
    command
        A foreign solver's command line in place of the engine; ``%s`` stands for the OPB file.
    """

    def __init__(self, encoding: str = "auto", engine: str = "exact", command: str | None = None) -> None:
        self.network = encoding
        self._engine = engine
        self._command = command
        self._program = PreparedOnce(to_boolean_program)

    def unsupported(self, model: Model) -> str | None:
        try:
            program = self._program(model)
        except UnsupportedError as error:
            return str(error)
        return f"sums up to {program.reach:.1e} pass 2^62" if program.reach >= OPEN else None

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
        program = self._program(model)
        report(ModelProgress(lowered={"pb": program.sizes}))
        listener = _Listener(program, report)
        if self._command is not None:
            return _by_command(self._command, program, listener)
        engine = ENGINES[self._engine](program, limits.seed)
        engine.prefer(hint_literals(program.values, program.bases, hint))
        until = None if limits.seconds is None else start + limits.seconds
        exhausted = _run(engine, listener, until)
        proved = exhausted or (listener.cost is not None and not program.minimises)
        bound = listener.cost if proved else listener.bound
        return ModelAnswer(proved, bound, engine.statistics)


def _run(engine: ExactEngine, listener: _Listener, until: float | None) -> bool:
    """Let the engine run, turn by turn, until it is done or the time is over; whether its search is exhausted."""
    turn = FIRST_TURN
    while True:
        left = LONGEST_TURN if until is None else until - time.monotonic()
        if left <= 0:
            return False
        exhausted = engine.run(min(turn, left))
        point = engine.point
        if point is not None:
            cost = listener.on_point(point)
            if not listener.minimises:
                return exhausted
            _check_cost(engine.cost, cost)
            if exhausted and engine.lower_bound != cost:
                raise FalseClaimError(f"the solver's search ended at {engine.lower_bound}, and its point costs {cost}")
        if exhausted:
            return True
        listener.on_bound(engine.lower_bound)
        turn = min(2 * turn, LONGEST_TURN)


def _by_command(command: str, program: IntegerProgram, listener: _Listener) -> ModelAnswer:
    form = PbForm.OPB
    output = run_on_file(
        command, f"program.{form.value}", lambda path: write_opb(program, [], path, form), program.variables
    )
    claim, optimal = output.claim, output.claim is Claim.OPTIMUM_FOUND
    proved = optimal or claim is Claim.UNSATISFIABLE or (claim is Claim.SATISFIABLE and not program.minimises)
    if output.literals is not None:
        cost = listener.on_point(truth_of(output.literals, program.variables))
        if output.cost is not None and program.minimises:
            said = output.cost + constant_beside(program, form)
            # short of the optimum it may be of an assignment before
            _check_cost(said if optimal else min(said, cost), cost)
    elif claim in (Claim.SATISFIABLE, Claim.OPTIMUM_FOUND):
        raise FalseSolutionError(f"the solver command says {claim}, but printed no assignment")
    reason = "" if proved else f"the solver command ended with {claim}"
    return ModelAnswer(proved, listener.cost if proved else None, reason=reason)


def _check_cost(said: int, cost: int) -> None:
    if said != cost:
        raise FalseSolutionError(f"the solver says that its assignment costs {said}, and it costs {cost}")


class _Listener:
    """Holds points against the program; passes on those that are better than all before, and bounds that rose."""

    def __init__(self, program: IntegerProgram, report: Callable[[ModelProgress], None]) -> None:
        self._program = program
        self._report = report
        self.minimises = program.minimises
        self.cost: int | None = None
        """The objective's numerator of the best point."""
        self.bound: int | None = None
        """Below the objective's numerator, as the solver says."""

    def on_point(self, point: Integers) -> int:
        """A point; its cost.

        Raises
        ------
        FalseSolutionError
            If it breaks a row.
        """
        broken = self._program.violated(point)
        if broken is not None:
            raise FalseSolutionError(f"the solver returned an assignment that breaks its constraints: {broken}")
        cost = self._program.cost_of(point)
        if self.cost is None or cost < self.cost:
            self.cost = cost
            self._report(ModelProgress(assignment=self._program.assignment_of(point)))
        return cost

    def on_bound(self, bound: int) -> None:
        """A lower bound on the objective's numerator."""
        if self.minimises and (self.bound is None or bound > self.bound):
            self.bound = bound
            self._report(ModelProgress(lower_bound=bound))
