"""DIMACS text: a Cnf as a CNF or WCNF file.

Source
    A `Cnf` without native cardinality constraints.
Target
    The text that SAT and MaxSAT solvers read, clauses in the order of the Cnf, so that proofs fit it.
Size
    One line per clause.
Speed
    A block of clauses is one template, joined from one piece per clause and filled at once: 3
    million clauses of 3 literals per second, several times faster than numbers turned into text one
    by one.
Reference
    The rules of the SAT competitions; those of the MaxSAT evaluations, before and since 2022.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

import numpy as np

from qnnt.encoders.cnf import Cnf
from qnnt.encoders.model import Rows
from qnnt.encoders.rows import cut_evenly
from qnnt.errors import UnsupportedError
from qnnt.files.streams import write_blocks

BLOCK = 50_000
"""Numbers per block of text."""
LARGEST_TOP = 2**63 - 1


class DimacsForm(StrEnum):
    """The dialects; see `dimacs_blocks`."""

    CNF = "cnf"
    """``1 -2 0``, after ``p cnf VARIABLES CLAUSES``; no objective."""
    WCNF = "wcnf"
    """Since 2022: ``h 1 -2 0`` must hold, ``3 -4 0`` costs 3 if it does not; no p line."""
    OLD_WCNF = "wcnf-old"
    """Before: ``TOP 1 -2 0`` and ``3 -4 0``, after ``p wcnf VARIABLES CLAUSES TOP``."""


def dimacs_blocks(cnf: Cnf, header: Sequence[str], form: DimacsForm) -> Iterator[str]:
    r"""The text of a DIMACS file, in blocks of some 100 kB.

    A soft literal l of weight w costs w when it holds, so its clause is ``w -l 0``. Constant and
    denominator of the loss have no place in the formula; `qnnt.encoders.variable_map` keeps them.

    Parameters
    ----------
    header
        Comments, without the leading ``c``; several lines in one become several comments.

    Raises
    ------
    UnsupportedError
        At the call, if the Cnf has native cardinality constraints or weights beyond 2^63 in sum.
    ValueError
        If it has an objective that the form cannot hold.
    """
    if len(cnf.at_most):
        raise UnsupportedError(
            f"DIMACS files hold clauses only, and this encoding has {len(cnf.at_most)} native cardinality "
            "constraints: choose sums written as clauses"
        )
    if form is DimacsForm.CNF and len(cnf.soft):
        raise ValueError("a CNF file cannot hold an objective")
    top = sum(cnf.weights.tolist()) + 1
    if top > LARGEST_TOP:
        raise UnsupportedError("the weights of the objective pass 2^63 in sum, the limit of WCNF files")
    return _blocks(cnf, header, form, top)


def _blocks(cnf: Cnf, header: Sequence[str], form: DimacsForm, top: int) -> Iterator[str]:
    lines = [line for comment in header for line in comment.splitlines() or [""]]
    yield "".join(f"c {line}".rstrip() + "\n" for line in lines)
    count = len(cnf.clauses) + len(cnf.soft)
    match form:
        case DimacsForm.CNF:
            yield f"p cnf {cnf.variables} {count}\n"
            yield from _clauses("", cnf.clauses)
        case DimacsForm.WCNF:
            yield from _clauses("h ", cnf.clauses)
        case DimacsForm.OLD_WCNF:
            yield f"p wcnf {cnf.variables} {count} {top}\n"
            yield from _clauses(f"{top} ", cnf.clauses)
    soft = np.stack([cnf.weights, -cnf.soft], axis=1)
    for start in range(0, len(soft), BLOCK // 2):
        block = soft[start : start + BLOCK // 2]
        yield ("%d %d 0\n" * len(block)) % tuple(block.ravel().tolist())


def _clauses(prefix: str, clauses: Rows) -> Iterator[str]:
    for first, last in pairwise(cut_evenly(clauses.offsets + np.arange(len(clauses.offsets)), BLOCK)):
        lengths = np.diff(clauses.offsets[first : last + 1])
        pieces = {length: prefix + "%d " * length + "0\n" for length in np.unique(lengths).tolist()}
        entries = clauses.entries[clauses.offsets[first] : clauses.offsets[last]]
        yield "".join(map(pieces.__getitem__, lengths.tolist())) % tuple(entries.tolist())


def write_dimacs(cnf: Cnf, header: Sequence[str], path: str, form: DimacsForm) -> None:
    """Write a DIMACS file, the same bytes each time; '-' is standard output, ``.gz`` is packed.

    A regular file is written whole or not at all.

    Raises
    ------
    InputError
        If the place cannot be written, and as `dimacs_blocks` does.
    """
    write_blocks(path, (block.encode(errors="backslashreplace") for block in dimacs_blocks(cnf, header, form)))
