"""Clauses as the checkers hold them: sets of literals in one flat array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled
from qnnt.errors import UnsupportedError
from qnnt.proofs.tokens import Integers

Cells = npt.NDArray[np.int32]

MOST = 2**31 - 1
"""Places in `Clauses.cells`, and codes, are kept in 32 bits."""


@dataclass(frozen=True, slots=True)
class Clauses:
    """Clause i: its length is `cells[starts[i]]`, and its distinct literals follow, in any order.

    Literals are *codes*: ``2 * variable``, plus 1 if negated, so that ``code ^ 1`` is the negation.
    All codes are below `codes`.
    """

    codes: int
    starts: Integers
    cells: Cells


def joined(variables: int, *rows: tuple[Integers, Integers]) -> Clauses:
    """The clauses of several (offsets, DIMACS literals), one after the other.

    Variables beyond `variables` are renumbered without gaps: the largest number in a proof must not
    decide over the memory. Linear, but for a sort of those.

    Raises
    ------
    UnsupportedError
        If there are 2^31 literals or more, or 2^30 variables or more.
    """
    lengths = np.concatenate([np.diff(offsets) for offsets, _ in rows])
    literals = np.concatenate([entries[offsets[0] : offsets[-1]] for offsets, entries in rows])
    if len(lengths) + len(literals) > MOST:
        raise UnsupportedError("2^31 literals and more, of formula and proof together, are beyond this checker")
    numbers = np.abs(literals)
    beyond = np.flatnonzero(numbers > variables)
    extra, places = np.unique(numbers[beyond], return_inverse=True)
    numbers[beyond] = variables + 1 + places
    codes = 2 * (variables + len(extra) + 1)
    if codes > MOST:
        raise UnsupportedError(f"{variables} variables are beyond this checker")
    starts = (np.cumsum(lengths + 1) - (lengths + 1)).astype(np.int64)
    cells = np.zeros(len(lengths) + len(literals), np.int32)
    _fill((2 * numbers + (literals < 0)).astype(np.int32), lengths, starts, np.full(codes, -1), cells)
    return Clauses(codes, starts, cells)


@compiled
def _fill(literals: Cells, lengths: Integers, starts: Integers, seen_in: Integers, cells: Cells) -> None:
    """Write the rows without repetitions; `seen_in` is room for one number per code, all -1."""
    entry = 0
    for row in range(len(lengths)):
        kept = 0
        for _ in range(lengths[row]):
            literal = literals[entry]
            entry += 1
            if seen_in[literal] != row:
                seen_in[literal] = row
                kept += 1
                cells[starts[row] + kept] = literal
        cells[starts[row]] = kept
