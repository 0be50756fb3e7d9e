"""The public door: whether a proof file refutes a formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qnnt.errors import CertificateError, InputError
from qnnt.proofs import lrat, rup
from qnnt.proofs.clauses import joined
from qnnt.proofs.deletions import NOTHING, deleted_rows
from qnnt.proofs.parsing import DrupProof, LratProof, read_proof
from qnnt.proofs.tokens import Integers

LONGEST_SHOWN = 12
"""Literals of a clause in messages."""


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """A proof that holds.

    Attributes
    ----------
    format
        "drup" or "lrat".
    additions, deletions
        Steps in the file.
    checked
        Additions up to the end of the refutation; the rest was not needed.
    unmatched
        Deletions of clauses that were not there, which were ignored (DRUP only).
    propagations
        DRUP: how many literals unit propagation assigned; LRAT: how many hints were gone through.
    """

    format: str
    additions: int
    deletions: int
    checked: int
    unmatched: int
    propagations: int


def check_refutation(variables: int, offsets: Integers, entries: Integers, proof: str) -> CheckedProof:
    """Check that a proof refutes a formula: that the formula has no solution.

    The proof is in text, DRUP or LRAT (`qnnt.proofs.parsing`), in a file; ``.gz`` is unpacked. Every
    step is checked in order, and must be sound for the reason that its format gives: unit propagation
    (`qnnt.proofs.rup`) or hints (`qnnt.proofs.lrat`). RAT is not supported: a clause that follows by
    RAT only is refused. What comes after the end of the refutation must be well-formed, and is
    otherwise not looked at.

    A refutation in DRUP ends as soon as unit propagation alone runs into a conflict, with or without an
    empty clause, and even if there was no step. One in LRAT ends with the empty clause. Of a formula
    that holds the empty clause every well-formed file is a refutation.

    Deletions in DRUP are of sets of literals, of which equal ones are counted. One of a clause that is
    not there is ignored and counted: solvers write them (Glucose takes false literals out of clauses of
    the formula in silence, and later deletes what is left), and to keep a clause is always sound. In
    LRAT it is an error.

    Parameters
    ----------
    variables
        All variables of the formula are in 1..variables. A proof may use more.
    offsets, entries
        Clause i is ``entries[offsets[i]:offsets[i+1]]``, of DIMACS literals; shapes (clauses + 1,) and
        (literals,). Repeated literals, and literals with their negation, are allowed.
    proof
        The path of the file.

    Raises
    ------
    CertificateError
        If a step does not follow or the refutation has no end; names the file, the line and the step.
    InputError
        If the file cannot be read, is no text or malformed; names the file and the line. If the
        formula has literals that are 0 or beyond `variables`.
    UnsupportedError
        If there are 2^31 literals or more, or 2^30 variables or more.
    """
    _require_literals(variables, entries)
    steps = read_proof(proof)
    empty = bool((np.diff(offsets) == 0).any())
    if isinstance(steps, DrupProof):
        return _check_drup(variables, offsets, entries, steps, proof)
    if empty:
        deletions = int(steps.deletes.sum())
        return CheckedProof("lrat", len(steps.lines) - deletions, deletions, 0, 0, 0)
    return _check_lrat(variables, offsets, entries, steps, proof)


def _require_literals(variables: int, entries: Integers) -> None:
    bad = (entries == 0) | (np.abs(entries) > variables)
    if bad.any():
        raise InputError(f"the formula has a literal {entries[bad.argmax()]}, with {variables} variables")


def _check_drup(variables: int, offsets: Integers, entries: Integers, proof: DrupProof, path: str) -> CheckedProof:
    formula = len(offsets) - 1
    clauses = joined(variables, (offsets, entries), (proof.offsets, proof.literals))
    deletes = np.concatenate((np.zeros(formula, np.bool_), proof.deletes))
    deleted = deleted_rows(clauses, deletes)
    check = rup.check_rows(clauses, formula, deletes, deleted)
    if check.failed_at != rup.NOWHERE:
        step = check.failed_at - formula
        raise CertificateError(
            f"{path} line {proof.lines[step]}: {_clause(proof, step)} does not follow by unit propagation "
            "(RAT is not supported)"
        )
    if check.refuted_at == rup.NOWHERE:
        raise CertificateError(f"{path}: the proof ends without a refutation: the empty clause never follows")
    done = max(check.refuted_at + 1 - formula, 0)
    return CheckedProof(
        format="drup",
        additions=int((~proof.deletes).sum()),
        deletions=int(proof.deletes.sum()),
        checked=int((~proof.deletes[:done]).sum()),
        unmatched=int((deletes & (deleted == NOTHING)).sum()),
        propagations=check.propagations,
    )


def _check_lrat(variables: int, offsets: Integers, entries: Integers, proof: LratProof, path: str) -> CheckedProof:
    clauses = joined(variables, (offsets, entries), (proof.offsets, proof.literals))
    check = lrat.check_hints(clauses, len(offsets) - 1, proof.deletes, proof.ids, proof.hint_offsets, proof.hints)
    if check.failed_at != lrat.NOWHERE:
        raise CertificateError(f"{path} line {proof.lines[check.failed_at]}: {_fault(proof, check)}")
    if check.refuted_at == lrat.NOWHERE:
        raise CertificateError(f"{path}: the proof ends without a refutation: the empty clause is never added")
    return CheckedProof(
        format="lrat",
        additions=int((~proof.deletes).sum()),
        deletions=int(proof.deletes.sum()),
        checked=int((~proof.deletes[: check.refuted_at + 1]).sum()),
        unmatched=0,
        propagations=check.propagations,
    )


def _fault(proof: LratProof, check: lrat.HintCheck) -> str:
    clause = _clause(proof, check.failed_at)
    if check.fault == lrat.STALE_ID:
        return f"the number {check.hint} of {clause} is not above all numbers before it"
    if check.fault == lrat.MISSING:
        return f"there is no clause {check.hint}, or no more"
    if check.fault == lrat.RAT:
        return f"hint {check.hint} of {clause}: RAT is not supported"
    if check.fault == lrat.NOT_UNIT:
        return f"{clause} does not follow by its hints: clause {check.hint} is neither unit nor false"
    if check.fault == lrat.AFTER_CONFLICT:
        return f"{clause} has hints after the conflict, from clause {check.hint} on"
    return f"{clause} does not follow by its hints: there is no conflict"


def _clause(proof: DrupProof | LratProof, step: int) -> str:
    literals = [str(literal) for literal in proof.literals[proof.offsets[step] : proof.offsets[step + 1]].tolist()]
    if not literals:
        return "the empty clause"
    if len(literals) > LONGEST_SHOWN:
        literals[LONGEST_SHOWN:] = ["..."]
    return f"the clause {' '.join(literals)}"
