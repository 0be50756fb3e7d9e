"""Backend: SAT solvers on clauses and counting circuits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs import DimacsForm, write_dimacs
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.model import Model
from qnnt.errors import InputError, SolverError, UnsupportedError
from qnnt.files.streams import write_blocks
from qnnt.solvers.backends import NO_PROOF, Limits, ModelAnswer, ModelProgress
from qnnt.solvers.command_engine import CommandEngine
from qnnt.solvers.cost_search import CostSearch
from qnnt.solvers.engines import Engine, PySatEngine
from qnnt.solvers.hints import hint_literals
from qnnt.solvers.names import NATIVE_ENGINES, PROOF_ENGINES
from qnnt.solvers.news import model_news_from

FIRST_SLICE = 10_000
"""Conflicts of the first slice, where nothing is minimised; the next ones double."""


class Sat:
    """Clauses for an incremental SAT solver that bounds the cost; one thread.

    Parameters
    ----------
    engine, encoding, order
        Names as on the command line.
    command
        A foreign solver's command line in place of the engine; ``%s`` stands for the DIMACS file.
    proof
        Where to write a DRUP proof if nothing satisfies the clauses, and beside it, with ``.cnf`` added,
        the clauses. Only where nothing is minimised.

    Raises
    ------
    UnsupportedError
        If the engine cannot do what is asked of it.
    """

    network = "cnf"
    """How networks are encoded for it: see `qnnt.encoders.switches`."""

    def __init__(
        self,
        encoding: str = "auto",
        engine: str = "cadical195",
        order: str = "turns",
        command: str | None = None,
        proof: str | None = None,
    ) -> None:
        self._encoding = encoding
        self._engine = engine
        self._order = order
        self._command = command
        self._proof = proof
        if encoding == "native" and (engine not in NATIVE_ENGINES or command is not None):
            raise UnsupportedError(f"sat: the encoding native needs one of the engines {', '.join(NATIVE_ENGINES)}")
        if proof is not None and (engine not in PROOF_ENGINES or command is not None):
            raise UnsupportedError(f"sat: proofs are written by the engines {', '.join(PROOF_ENGINES)}")
        if proof is not None and encoding == "native":
            raise UnsupportedError("sat: there are no proofs with the encoding native: use another")

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
        engine = self._open(cnf, limits.seed)
        report(ModelProgress(lowered={"cnf": cnf.sizes}))
        try:
            if len(cnf.soft):
                search = CostSearch(cnf, engine, hint_literals(cnf.values, cnf.bases, hint), report)
                search.minimize(self._order)
                return ModelAnswer(True, search.lower_bound, engine.statistics)
            if self._satisfies(engine, report):
                truth = engine.truth(cnf.variables)
                report(ModelProgress(assignment=cnf.assignment_of(truth)))
                return ModelAnswer(True, cnf.constant, engine.statistics)
            unsaved = {} if self._proof is None else _save_proof(cnf, engine, self._proof)
            return ModelAnswer(True, None, {**engine.statistics, **unsaved})
        finally:
            engine.close()

    @staticmethod
    def _satisfies(engine: Engine, report: Callable[[ModelProgress], None]) -> bool:
        """Whether anything satisfies the clauses; in slices, as others may wait for each other between them."""
        conflicts = FIRST_SLICE
        while True:
            model_news_from(report)
            verdict = engine.solve(conflicts=conflicts)
            if verdict is not None:
                return verdict
            conflicts *= 2

    def _open(self, cnf: Cnf, seed: int) -> Engine:
        engine: Engine
        if self._command is not None:
            engine = CommandEngine(self._command)
        else:
            engine = PySatEngine(self._engine, seed, proof=self._proof is not None)
        engine.add(cnf.clauses)
        if len(cnf.at_most):
            engine.add_at_most(cnf.at_most, cnf.most)
        return engine


def _save_proof(cnf: Cnf, engine: Engine, path: str) -> dict[str, str]:
    """Write both files; if they cannot be written, the answer stays, and says so."""
    if not isinstance(engine, PySatEngine):
        raise SolverError("this engine writes no proofs")
    comments = ["the clauses that the proof beside this file refutes"]
    try:
        write_dimacs(cnf, comments, f"{path}.cnf", DimacsForm.CNF)
        write_blocks(path, (f"{line}\n".encode() for line in [*engine.proof_lines(), "0"]))
    except InputError as error:
        return {NO_PROOF: str(error)}
    return {}
