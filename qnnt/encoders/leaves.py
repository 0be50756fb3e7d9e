"""The leaves of counting trees: runs of literals that are known to follow from one another.

Order literals u_1 <- u_2 <- ... of one number are a unary number already: a tree that takes the run as
one leaf needs no clauses to count them. Which literals follow from which is read off the binary clauses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.encoders.model import Integers, Rows, Sums, offsets_of
from qnnt.encoders.rows import select


@dataclass(frozen=True, slots=True)
class Weighted:
    """Row i is ``shift[i] + sum weights * literals`` over its slice, all weights positive."""

    offsets: Integers
    literals: Integers
    weights: Integers
    shift: Integers

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def rows(self) -> Integers:
        """The row of each term."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def totals(self) -> Integers:
        """The sum of the weights of each row."""
        total = np.concatenate(([0], np.cumsum(self.weights)))
        sums: Integers = total[self.offsets[1:]] - total[self.offsets[:-1]]
        return sums

    def of(self, rows: Integers) -> Weighted:
        """Some of the rows."""
        chosen = select(Sums(self.offsets, self.literals, self.weights), rows)
        return Weighted(chosen.offsets, chosen.variables, chosen.coefficients, self.shift[rows])


def weighted(sums: Sums) -> Weighted:
    """Linear forms over Booleans with negated literals in place of negative coefficients."""
    negative = np.where(sums.coefficients < 0, sums.coefficients, 0)
    total = np.concatenate(([0], np.cumsum(negative)))
    return Weighted(
        sums.offsets,
        np.where(sums.coefficients < 0, -sums.variables, sums.variables),
        np.abs(sums.coefficients),
        total[sums.offsets[1:]] - total[sums.offsets[:-1]],
    )


class Implications:
    """The implications that the binary clauses say outright."""

    def __init__(self, clauses: Rows) -> None:
        binary = clauses.offsets[:-1][clauses.lengths == 2]
        self._keys = np.unique(_key(clauses.entries[binary], clauses.entries[binary + 1]))

    def holds(self, premise: Integers, conclusion: Integers) -> npt.NDArray[np.bool_]:
        """Whether a clause says ``premise[i] -> conclusion[i]``."""
        if not len(self._keys):
            return np.zeros(len(premise), bool)
        keys = _key(-premise, conclusion)
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found: npt.NDArray[np.bool_] = self._keys[place] == keys
        return found


def _key(a: Integers, b: Integers) -> Integers:
    """One number per unordered pair of literals (below 2^31)."""
    key: Integers = (np.minimum(a, b) << 32) + np.maximum(a, b)
    return key


@dataclass(frozen=True, slots=True)
class Leaves:
    """Runs of terms, row after row: run i holds the literals and cumulated weights of its slice.

    The first literal of a run follows from all others: run i is at least ``totals[j]`` iff literal j holds.
    """

    rows: Integers
    offsets: Integers
    literals: Integers
    totals: Integers

    def __len__(self) -> int:
        return len(self.rows)


def runs(sums: Weighted, known: Implications) -> Leaves:
    """Neighbouring terms as one leaf where each follows from the next, or each from the one before."""
    rows = sums.rows
    here, there = sums.literals[:-1], sums.literals[1:]
    falling, rising = known.holds(there, here), known.holds(here, there)
    link = np.where(falling, 1, np.where(rising, -1, 0))
    link[rows[:-1] != rows[1:]] = 0
    joined = link != 0
    joined[1:] &= (link[1:] == link[:-1]) | (link[:-1] == 0)
    starts = np.concatenate((np.ones(min(1, len(rows)), bool), ~joined))
    run = np.cumsum(starts) - 1
    count = int(run[-1]) + 1 if len(run) else 0
    direction = np.ones(count, np.int64)
    direction[run[1:][joined]] = link[joined]
    order = np.lexsort((np.arange(len(rows)) * direction[run], run))
    lengths = np.bincount(run, minlength=count)
    offsets = offsets_of(lengths)
    cumulated = np.cumsum(sums.weights[order])
    before = np.concatenate(([0], cumulated))[offsets[:-1]]
    totals = cumulated - np.repeat(before, lengths)
    return Leaves(rows[starts], offsets, sums.literals[order], totals)


def singles(sums: Weighted) -> Leaves:
    """Every term a leaf of its own."""
    return Leaves(sums.rows, np.arange(len(sums.literals) + 1), sums.literals, sums.weights)
