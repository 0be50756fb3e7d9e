"""Building clauses in bulk: whole arrays of Boolean variables and clauses at a time.

Constants are folded and equal conjunctions share one literal (hash-consing), once for everything that
is made of clauses.
"""

from __future__ import annotations

import numpy as np

from qnnt.encoders.model import FALSE, TRUE, Integers, Rows, offsets_of
from qnnt.encoders.rows import NOTHING, as_sets, row_keys


class ClauseBuilder:
    """Accumulates Boolean variables and clauses. Arrays of literals may hold TRUE and FALSE anywhere.

    Parameters
    ----------
    variables
        How many variables there are; variable 1 is TRUE.
    clauses
        The clauses that there are.
    """

    def __init__(self, variables: int, clauses: Rows) -> None:
        self._count = variables
        self._clause_lengths: list[Integers] = [clauses.lengths]
        self._clause_entries: list[Integers] = [clauses.entries]
        self._conjunctions: dict[bytes, int] = {}

    @property
    def variables(self) -> int:
        """How many variables there are."""
        return self._count

    def booleans(self, count: int, what: str) -> Integers:
        """New Boolean variables."""
        first = self._count + 1
        self._count += count
        return np.arange(first, first + count, dtype=np.int64)

    def clauses(self, literals: Integers) -> None:
        """One clause per row of a (rows, width) array; satisfied rows vanish, FALSE entries too."""
        constant = np.abs(literals) == TRUE
        if constant.any():
            literals = literals[~(literals == TRUE).any(axis=1)]
            kept = literals != FALSE
            self._clause_lengths.append(kept.sum(axis=1))
            self._clause_entries.append(literals[kept])
        else:
            self._clause_lengths.append(np.full(len(literals), literals.shape[1]))
            self._clause_entries.append(literals.ravel())

    def conjunctions(self, literals: Integers, what: str) -> Integers:
        """One literal per row of a (rows, width) array, equivalent to the AND of the row.

        Size: per distinct row of k >= 2 literals one variable and k + 1 clauses.
        """
        distinct, back = np.unique(as_sets(literals), axis=0, return_inverse=True)
        used = distinct != NOTHING
        found = np.where(used[:, 0], distinct[:, 0], TRUE) if distinct.shape[1] else np.full(len(distinct), TRUE)
        opposed = (distinct[:, 1:] == -distinct[:, :-1]).any(axis=1) | (distinct == FALSE).any(axis=1)
        found[opposed] = FALSE
        several = np.flatnonzero((used.sum(axis=1) > 1) & ~opposed)
        found[several] = self._conjunction_literals(distinct[several], what)
        return found[back.reshape(-1)]

    def _conjunction_literals(self, rows: Integers, what: str) -> Integers:
        """Known literals of known rows, new ones with their clauses for the others; rows end in NOTHING."""
        sizes = (rows != NOTHING).sum(axis=1)
        keys = [key[: rows.itemsize * k] for key, k in zip(row_keys(rows), sizes.tolist(), strict=True)]
        found = np.array([self._conjunctions.get(key, 0) for key in keys], np.int64)
        fresh = np.flatnonzero(found == 0)
        found[fresh] = self.booleans(len(fresh), what)
        self._conjunctions.update((keys[i], int(found[i])) for i in fresh.tolist())
        members = rows[fresh]
        used = members != NOTHING
        self.clauses(np.stack([np.repeat(-found[fresh], sizes[fresh]), members[used]], axis=1))
        self.clauses(np.concatenate([found[fresh][:, None], np.where(used, -members, FALSE)], axis=1))
        return found

    def equivalences(self, left: Integers, right: Integers) -> None:
        """``left[i] <=> right[i]``."""
        self.clauses(np.stack([-left, right], axis=1))
        self.clauses(np.stack([left, -right], axis=1))

    def clause_rows(self) -> Rows:
        """All clauses so far."""
        return Rows(offsets_of(np.concatenate(self._clause_lengths)), np.concatenate(self._clause_entries))
