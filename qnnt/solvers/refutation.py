"""Proofs that no parameters have a smaller loss: which clauses they refute, and how they are checked.

The clauses follow from instance, bound and encoding alone, so that a checker makes them again. What is
trusted then is that they say what the instance asks: simplification, encoder and symmetry breaking. Not
trusted are the solver, the search, and whatever wrote the files.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.dimacs import DimacsForm, dimacs_blocks
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.order import encode
from qnnt.errors import CertificateError, InputError
from qnnt.exact import Number, reduced
from qnnt.files.streams import lines_of
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.sat import Sat

CHECKERS = {"drup": "drat-trim", "lrat": "lrat-check"}
"""Foreign checkers by the format of the proof, asked as well where they are installed."""

NO_BOUND = 2**62
"""More than any loss that can be encoded."""


def clauses_of(instance: Instance, bound: Number, encoding: str) -> Cnf:
    """The clauses that say that some parameters have at most this loss."""
    simplified = simplify(instance.derive(bound=bound)).instance
    return to_cnf(encode(simplified, Objective.DECIDE, encoding=Sat.network).model, encoding)


def refuted_bound(
    instance: Instance, status: Status, loss: Number | None, bound: Number | None, denominator: int | None = None
) -> Number:
    """The largest bound that an answer says cannot be met.

    Parameters
    ----------
    loss
        With `OPTIMAL`: the loss of the solution. The bound is the next smaller number that a loss can be.
    bound
        With `NO`: the bound that was asked for.
    denominator
        Of the losses that there can be; None: it is found by encoding the instance.

    Raises
    ------
    InputError
        If the answer says no such thing.
    """
    if status is Status.NO and bound is not None:
        return bound
    if status is Status.OPTIMAL and loss is not None:
        if denominator is None:
            coded = encode(simplify(instance).instance, Objective.MINIMIZE, encoding=Sat.network)
            denominator = coded.model.objective.denominator
        return reduced(Fraction(loss) - Fraction(1, denominator))
    if status is Status.INFEASIBLE:
        return NO_BOUND
    raise InputError(f"an answer {status} leaves nothing to prove: proofs are of no, optimal and infeasible")


def check_proof(
    instance: Instance, status: Status, loss: Number | None, bound: Number | None, encoding: str, proof: str
) -> str:
    """Check a proof file and the clauses beside it against an instance; what was checked, in words.

    Raises
    ------
    CertificateError
        If the clauses are not those of the instance, or the proof does not refute them.
    InputError
        If a file cannot be read.
    """
    from qnnt.proofs.checking import check_refutation

    cnf = clauses_of(instance, refuted_bound(instance, status, loss, bound), encoding)
    stored = f"{proof}.cnf"
    made = "".join(dimacs_blocks(cnf, [], DimacsForm.CNF))
    try:
        said = "".join(line for line in lines_of(stored) if not line.startswith("c"))
    except InputError as error:
        raise error.within(stored) from None
    if said.split() != made.split():
        raise CertificateError(f"the clauses in {stored} are not those of the instance")
    checked = check_refutation(cnf.variables, cnf.clauses.offsets, cnf.clauses.entries, proof)
    words = f"{len(cnf.clauses)} clauses refuted by {checked.additions} steps ({checked.format})"
    foreign = _ask_foreign(CHECKERS[checked.format], stored, proof)
    return f"{words}; {foreign} agrees" if foreign else words


def _ask_foreign(checker: str, clauses: str, proof: str) -> str:
    """The checker's name if it is installed and agrees, else nothing."""
    if shutil.which(checker) is None or proof.endswith(".gz"):
        return ""
    shown = subprocess.run([checker, clauses, proof], capture_output=True, text=True, check=False).stdout
    if re.search(r"^(s|c) VERIFIED", shown, re.MULTILINE):
        return checker
    raise CertificateError(f"{checker} does not accept {proof}: {(shown.strip().splitlines() or ['no output'])[-1]}")
