"""Vectors of digits as a tree by their first digits, and the search for the one that fits another vector best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.pseudo_polynomial.coordinate_costs import SHORT, CoordinateCosts
from qnnt.algorithms.states.vectors import Integers
from qnnt.compiled import compiled

FEW = 4
"""Children that are looked at one by one."""

Digits = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Trie:
    """Distinct vectors in lexicographic order; a node of level j stands for all that share j + 1 digits.

    Levels end where every node stands for one vector.

    Attributes
    ----------
    vectors
        Shape (N, D).
    rows
        Shape (N,): where each vector was before.
    digits
        Per node, one level after the other, its last digit.
    children
        Per node its first child; those of the last level have vectors in place of children. One entry more.
    roots
        How many nodes the first level has.
    depth
        The number of levels.
    """

    vectors: Digits
    rows: Integers
    digits: Digits
    children: Integers
    roots: int
    depth: int


def trie_of(vectors: Digits) -> Trie:
    """The tree of vectors, of which there is at least one, of at least one digit; one of equal ones is kept.

    Complexity: sorts the vectors; at most as many nodes as digits.
    """
    rows = np.lexsort(vectors.T[::-1])
    vectors = vectors[rows]
    other = np.ones(len(vectors), bool)
    other[1:] = (vectors[1:] != vectors[:-1]).any(axis=1)
    rows, vectors = rows[other], np.ascontiguousarray(vectors[other])
    new = np.ones(len(vectors), bool)
    new[1:] = vectors[1:, 0] != vectors[:-1, 0]
    firsts = [np.flatnonzero(new)]
    while len(firsts[-1]) < len(vectors):
        new[1:] |= vectors[1:, len(firsts)] != vectors[:-1, len(firsts)]
        firsts.append(np.flatnonzero(new))
    starts = np.cumsum([0, *map(len, firsts)])
    children = [
        start + np.searchsorted(following, first)
        for first, following, start in zip(firsts[:-1], firsts[1:], starts[1:-1], strict=True)
    ]
    return Trie(
        vectors,
        rows,
        np.concatenate([vectors[first, level] for level, first in enumerate(firsts)]),
        np.concatenate([*children, firsts[-1] + starts[-1], [starts[-1] + len(vectors)]]),
        len(firsts[0]),
        len(firsts),
    )


@dataclass(frozen=True)
class Tables:
    """Costs of digits, one coordinate after the other: of each term the largest counts, all terms add up.

    Attributes
    ----------
    costs
        All tables in a row.
    starts
        Where each coordinate's begins.
    opens
        Per coordinate whether it is the first of its term.
    rest
        Per coordinate what the terms that open there or later cost at least; then 0.
    least
        Per coordinate what its term costs at least.
    """

    costs: Integers
    starts: Integers
    opens: npt.NDArray[np.bool_]
    rest: Integers
    least: Integers

    def windows(self, limit: int) -> Integers:
        """Shape (D, 2): per coordinate the first and the last digit of sums that cost at most a limit.

        The last is below the first if there are none.
        """
        ends = [*self.starts[1:].tolist(), len(self.costs)]
        found = np.zeros((len(ends), 2), np.int64)
        for c, (start, end) in enumerate(zip(self.starts.tolist(), ends, strict=True)):
            besides = self.rest[0] - self.least[c]
            good = np.flatnonzero(self.costs[start:end] + besides <= limit)
            found[c] = (good[0], good[-1]) if len(good) else (0, -1)
        return found


def tables_of(terms: Sequence[Sequence[CoordinateCosts]]) -> Tables | None:
    """The costs of terms, in the order of the digits of vectors; None if a coordinate has too many digits."""
    coordinates = [costs for term in terms for costs in term]
    if any(costs.reach >= SHORT for costs in coordinates):
        return None
    tables = [costs.at(np.arange(costs.reach + 1)) for costs in coordinates]
    least = [max(costs.least for costs in term) for term in terms]
    rest = [sum(least[k + (c > 0) :]) for k, term in enumerate(terms) for c in range(len(term))]
    return Tables(
        np.concatenate([np.empty(0, np.int64), *tables]),
        np.cumsum([0, *map(len, tables)])[:-1],
        np.array([c == 0 for term in terms for c in range(len(term))], bool),
        np.array([*rest, 0], np.int64),
        np.array([least[k] for k, term in enumerate(terms) for _ in term], np.int64),
    )


def best_partner(trie: Trie, tables: Tables, vectors: Digits, limit: int) -> tuple[int, int, int, int]:
    """The cheapest sum of one of the vectors and one of the tree, up to a limit.

    Returns
    -------
    tuple
        Its cost, or the limit plus 1 if there is none; the row of the vector; the place in the tree; and how many
        nodes were looked at.
    """
    return _best_partner(
        trie.vectors,
        trie.digits,
        trie.children,
        trie.roots,
        trie.depth,
        tables.costs,
        tables.starts,
        tables.opens,
        tables.rest,
        tables.windows(limit),
        np.ascontiguousarray(vectors),
        limit,
    )


@compiled
def _within(digits: Digits, first: int, last: int, low: int, high: int) -> tuple[int, int]:
    """The part of increasing digits first..last - 1 that lies within low..high."""
    if last - first <= FEW:
        return first, last
    ends = (low, high + 1)
    found = [first, first]
    for side in range(2):
        a, b = first, last
        while a < b:
            middle = (a + b) // 2
            if digits[middle] < ends[side]:
                a = middle + 1
            else:
                b = middle
        found[side] = a
    return found[0], max(found[0], found[1])


@compiled
def _best_partner(
    sorted_vectors: Digits,
    digits: Digits,
    children: Integers,
    roots: int,
    depth: int,
    costs: Integers,
    starts: Integers,
    opens: npt.NDArray[np.bool_],
    rest: Integers,
    windows: Integers,
    vectors: Digits,
    limit: int,
) -> tuple[int, int, int, int]:
    """Depth first, for one vector after the other."""
    dimensions = len(starts)
    nodes = len(digits)
    node, end = np.zeros(depth, np.int64), np.zeros(depth, np.int64)
    spent, largest = np.zeros(depth, np.int64), np.zeros(depth, np.int64)  # finished terms, and the present one
    best_row, best_place, seen = -1, -1, 0
    for row in range(len(vectors)):
        level = 0
        node[0], end[0] = _within(digits, 0, roots, windows[0, 0] - vectors[row, 0], windows[0, 1] - vectors[row, 0])
        while level >= 0:
            if node[level] >= end[level]:
                level -= 1
                continue
            here = node[level]
            node[level] += 1
            seen += 1
            done, top = spent[level], costs[starts[level] + vectors[row, level] + digits[here]]
            if opens[level]:
                done += largest[level]
            else:
                top = max(top, largest[level])
            if done + top + rest[level + 1] > limit:
                continue
            if level + 1 < depth:
                level += 1
                spent[level], largest[level] = done, top
                digit = vectors[row, level]
                low, high = windows[level, 0] - digit, windows[level, 1] - digit
                node[level], end[level] = _within(digits, children[here], children[here + 1], low, high)
                continue
            place = children[here] - nodes
            c = depth
            while c < dimensions and done + top + rest[c] <= limit:
                cost = costs[starts[c] + vectors[row, c] + sorted_vectors[place, c]]
                if opens[c]:
                    done += top
                    top = cost
                else:
                    top = max(top, cost)
                c += 1
            if c == dimensions and done + top <= limit:
                limit, best_row, best_place = done + top - 1, row, place
    return limit + 1, best_row, best_place, seen
