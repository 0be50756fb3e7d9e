"""Backend: core-guided MaxSAT, by RC2 of PySAT or a foreign solver."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs import DimacsForm
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.model import Integers, Model
from qnnt.encoders.solver_output import Claim
from qnnt.errors import SolverError
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.command_engine import assignment, run_command
from qnnt.solvers.engines import PySatEngine
from qnnt.solvers.names import PYSAT_NAMES


class MaxSat:
    """The loss from below: unsatisfiable cores raise the bound until a solution meets it; one thread.

    Parameters
    ----------
    engine, encoding, order
        Names as on the command line.
    command
        A foreign MaxSAT solver's command line; ``%s`` stands for the WCNF file.

    Reference: Ignatiev, Morgado, Marques-Silva, RC2: an efficient MaxSAT solver, JSAT 11, 2019.
    """

    network = "cnf"

    def __init__(
        self, encoding: str = "auto", engine: str = "cadical195", order: str = "rc2", command: str | None = None
    ) -> None:
        self._encoding = encoding
        self._engine = engine
        self._order = order
        self._command = command

    def unsupported(self, model: Model) -> str | None:
        return None

    def sizes(self, model: Model) -> dict[str, int]:
        return to_cnf(model, self._encoding).sizes

    def solve(
        self,
        model: Model,
        hint: Sequence[tuple[int, int]],
        limits: Limits,
        report: Callable[[ModelProgress], None],
    ) -> ModelAnswer:
        cnf = to_cnf(model, self._encoding)
        report(ModelProgress(lowered={"cnf": cnf.sizes}))
        if self._command is not None:
            return self._by_command(self._command, cnf, report)
        listener = _Listener(cnf, report)
        if not len(cnf.soft):
            return self._decide(cnf, limits, listener)
        search = _rc2(self._order)(
            _soft_formula(cnf, limits.seed), listener, PYSAT_NAMES.get(self._engine, self._engine)
        )
        found = search.compute() is not None
        counters = dict(search.oracle.accum_stats() or {})
        search.delete()
        return ModelAnswer(True, listener.cost if found else None, counters)

    def _decide(self, cnf: Cnf, limits: Limits, listener: _Listener) -> ModelAnswer:
        engine = PySatEngine(self._engine, limits.seed)
        engine.add(cnf.clauses)
        if engine.solve():
            listener.on_truth(engine.truth(cnf.variables))
        counters = dict(engine.statistics)
        engine.close()
        return ModelAnswer(True, listener.cost, counters)

    def _by_command(self, command: str, cnf: Cnf, report: Callable[[ModelProgress], None]) -> ModelAnswer:
        listener = _Listener(cnf, report)
        form = DimacsForm.WCNF if len(cnf.soft) else DimacsForm.CNF
        output = run_command(command, cnf, form)
        if output.literals is not None:
            listener.on_truth(assignment(cnf, output))
        done = {Claim.UNSATISFIABLE, Claim.OPTIMUM_FOUND if len(cnf.soft) else Claim.SATISFIABLE}
        if output.claim in done and (output.literals is None) != (output.claim is Claim.UNSATISFIABLE):
            raise SolverError(f"the solver command says {output.claim}, and no assignment")
        return ModelAnswer(output.claim in done, listener.cost if output.claim in done else None)


class _Listener:
    """Passes on assignments that are better than those before, and bounds that rose."""

    def __init__(self, cnf: Cnf, report: Callable[[ModelProgress], None]) -> None:
        self._cnf = cnf
        self._report = report
        self._bound = 0
        self.cost: int | None = None
        """The objective's numerator of the best assignment."""

    def on_model(self, model: Sequence[int]) -> None:
        """An assignment as literals."""
        truth = np.zeros(self._cnf.variables + 1, np.int64)
        literals = np.array(model, np.int64)
        truth[literals[(literals > 0) & (literals <= self._cnf.variables)]] = 1
        self.on_truth(truth)

    def on_truth(self, truth: Integers) -> None:
        """An assignment as 0 or 1 per variable."""
        cost = self._cnf.cost_of(truth)
        if self.cost is None or cost < self.cost:
            self.cost = cost
            self._report(ModelProgress(assignment=self._cnf.assignment_of(truth)))

    def on_bound(self, cost: int) -> None:
        """A lower bound on the weight of violated soft clauses."""
        if cost > self._bound:
            self._bound = cost
            self._report(ModelProgress(lower_bound=cost + self._cnf.constant))


def _soft_formula(cnf: Cnf, seed: int) -> Any:
    """The clauses as PySAT takes them; a seed other than 0 draws the order of the hard ones."""
    from pysat.formula import WCNF

    formula = WCNF()
    entries, offsets = cnf.clauses.entries.tolist(), cnf.clauses.offsets.tolist()
    hard = [entries[a:b] or [-1] for a, b in pairwise(offsets)]
    if seed:
        random.Random(seed).shuffle(hard)
    formula.extend(hard)
    formula.extend([[-literal] for literal in cnf.soft.tolist()], weights=cnf.weights.tolist())
    formula.nv = max(formula.nv, cnf.variables)
    return formula


def _rc2(order: str) -> Any:
    """RC2, or its stratified form, that says what it finds on the way."""
    from pysat.examples.rc2 import RC2, RC2Stratified

    base: Any = RC2Stratified if order == "stratified" else RC2

    class Reporting(base):  # type: ignore[misc]
        """RC2 with an ear."""

        def __init__(self, formula: Any, listener: _Listener, engine: str) -> None:
            self._listener = listener
            super().__init__(formula, solver=engine, adapt=True, exhaust=True, minz=True)

        def process_core(self) -> None:
            super().process_core()
            self._listener.on_bound(self.cost)

        def compute_(self) -> bool | None:
            found: bool | None = super().compute_()
            if found:
                self._listener.on_model(self.oracle.get_model() or [])
            return found

    return Reporting
