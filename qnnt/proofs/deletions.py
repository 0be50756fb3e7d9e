"""Which clause a deletion deletes: the proof names it by its literals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled
from qnnt.proofs.clauses import Cells, Clauses
from qnnt.proofs.tokens import Integers

NOTHING = -1


def deleted_rows(clauses: Clauses, deletes: npt.NDArray[np.bool_]) -> Integers:
    """The row that each row deletes.

    Rows where `deletes` holds are deletions, the others clauses that exist from there on. Equal
    clauses, those with the same set of literals, are a multiset: a deletion takes one copy away.

    Returns
    -------
    Integers
        Shape (rows,): the row of a clause, which came before and was not yet deleted; NOTHING for
        clauses, and for deletions of what is not there. Expected time is linear.
    """
    rows = len(clauses.starts)
    buckets = np.full(1 << rows.bit_length(), NOTHING)
    return _match(clauses.starts, clauses.cells, deletes, buckets, np.full(clauses.codes, NOTHING))


@compiled
def _match(
    starts: Integers, cells: Cells, deletes: npt.NDArray[np.bool_], buckets: Integers, marks: Integers
) -> Integers:
    """A hash table with chains; `buckets` (a power of two) and `marks` (one per code) are full of NOTHING."""
    rows = len(starts)
    below = np.full(rows, NOTHING)
    deleted = np.full(rows, NOTHING)
    for row in range(rows):
        bucket = _hash(starts[row], cells) & (len(buckets) - 1)
        if not deletes[row]:
            below[row] = buckets[bucket]
            buckets[bucket] = row
            continue
        for place in range(starts[row] + 1, starts[row] + 1 + cells[starts[row]]):
            marks[cells[place]] = row
        above = NOTHING
        candidate = buckets[bucket]
        while candidate != NOTHING:
            if cells[starts[candidate]] == cells[starts[row]] and _is_marked(starts[candidate], cells, marks, row):
                break
            above = candidate
            candidate = below[candidate]
        if candidate == NOTHING:
            continue
        deleted[row] = candidate
        if above == NOTHING:
            buckets[bucket] = below[candidate]
        else:
            below[above] = below[candidate]
    return deleted


@compiled
def _hash(start: int, cells: Cells) -> int:
    """The same for every order of the literals."""
    total = 0
    for place in range(start + 1, start + 1 + cells[start]):
        mixed = cells[place] * 0x5851F42D4C957F2D  # wraps around
        mixed ^= mixed >> 29
        total += mixed * 0x14057B7EF767814F
    return total ^ (total >> 32)


@compiled
def _is_marked(start: int, cells: Cells, marks: Integers, mark: int) -> bool:
    for place in range(start + 1, start + 1 + cells[start]):  # noqa: SIM110  numba has no generators inside any()
        if marks[cells[place]] != mark:
            return False
    return True
