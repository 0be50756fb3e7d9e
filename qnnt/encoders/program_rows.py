"""Linear rows from clauses and from what is asked of sums.

Formula
    All thresholds ``u_j <=> S >= k_j`` (k_1 <= ... <= k_m) of one sum S within L..U become two rows and the
    chain of their literals:

        S >= L + sum (k_j - k_{j-1}) u_j          with k_0 = L
        S <= k_1 - 1 + sum (k_{j+1} - k_j) u_j    with k_{m+1} = U + 1
        u_1 >= u_2 >= ... >= u_m

    This is the convex hull of the points (S, u), so that a neuron's value, which is linear in u, gets no
    looser bounds from S than by any big-M model of its activation with an M of its own. A condition
    ``e -> S >= k`` becomes ``S >= L + (k - L) e``. L and U are the bounds of that very sum.
Source
    Clauses and `Requests`, over Booleans or bounded integers.
Target
    Rows of an `IntegerProgram`.
Size
    Two rows per sum with thresholds, one per link of a chain that no clause states, one per condition, one
    per clause. Parallel rows are merged, so that equations are one row; rows that bounds imply are dropped.
Reference
    The hull of a disjunction of intervals: Balas, Disjunctive programming, Annals of Discrete Mathematics 5,
    1979; that of a univariate function in incremental form: Vielma, Mixed integer linear programming
    formulation techniques, SIAM Review 57, 2015.
"""

from __future__ import annotations

import numpy as np

from qnnt.encoders.leaves import Implications
from qnnt.encoders.model import Integers, Linears, Rows, Sums, by_length
from qnnt.encoders.program import OPEN
from qnnt.encoders.requests import Requests
from qnnt.encoders.rows import coprime, flat, folded, rounded_up, select, stacked


class RowCollector:
    """Accumulates rows over literals and integer variables; `build` folds and merges them."""

    def __init__(self) -> None:
        self._rows: list[Integers] = []
        self._literals: list[Integers] = []
        self._coefficients: list[Integers] = []
        self._low: list[Integers] = []
        self._high: list[Integers] = []
        self._count = 0

    def add(self, literals: Integers, coefficients: Integers, low: Integers | int, high: Integers | int) -> None:
        """``low[i] <= sum coefficients[i, j] * literals[i, j] <= high[i]``; both shapes broadcast to (rows, terms)."""
        number, width = literals.shape
        row = np.repeat(np.arange(number), width)
        weights = np.broadcast_to(coefficients, literals.shape)
        self.add_ragged(number, row, literals.ravel(), weights.ravel(), low, high)

    def add_ragged(
        self,
        number: int,
        row: Integers,
        literals: Integers,
        coefficients: Integers,
        low: Integers | int,
        high: Integers | int,
    ) -> None:
        """The same, term by term: term t belongs to row[t]."""
        self._rows.append(row + self._count)
        self._literals.append(literals)
        self._coefficients.append(coefficients)
        self._low.append(np.broadcast_to(np.int64(low), number))
        self._high.append(np.broadcast_to(np.int64(high), number))
        self._count += number

    def build(self, lower: Integers, upper: Integers) -> tuple[Sums, Integers, Integers]:
        """The rows over distinct variables within these bounds, and what each is at least and at most.

        A row that nothing satisfies, whatever the variables are, stays as one about the constant 1.
        """
        sums, constant = folded(self._count, flat(self._rows), flat(self._literals), flat(self._coefficients))
        low, high = flat(self._low), flat(self._high)
        low = np.where(low == -OPEN, -OPEN, low - constant)
        high = np.where(high == OPEN, OPEN, high - constant)
        sums, factor = coprime(sums)
        low = np.where(low == -OPEN, -OPEN, rounded_up(low, factor))
        high = np.where(high == OPEN, OPEN, high // factor)
        least, most = sums.bounds(lower, upper)
        hopeless = (least > high) | (most < low)
        binding = np.flatnonzero(((low > least) | (high < most)) & ~hopeless)
        sums, low, high = _merged(select(sums, binding), low[binding], high[binding])
        crossed = low > high  # parallel rows that exclude each other; solvers refuse such sides
        if hopeless.any() or crossed.any():
            nothing, rest = Sums(np.array([0, 1]), np.array([1]), np.array([1])), np.flatnonzero(~crossed)
            sides = np.concatenate([[2], low[rest]]), np.concatenate([[OPEN], high[rest]])
            return stacked([nothing, select(sums, rest)]), *sides
        least, most = sums.bounds(lower, upper)
        return sums, np.where(low <= least, -OPEN, low), np.where(high >= most, OPEN, high)


def _merged(sums: Sums, low: Integers, high: Integers) -> tuple[Sums, Integers, Integers]:
    """Parallel rows made one, with a positive first coefficient, in the order of their first occurrence."""
    flip = sums.coefficients[sums.offsets[:-1]] < 0
    sums = Sums(sums.offsets, sums.variables, sums.coefficients * np.repeat(np.where(flip, -1, 1), sums.lengths))
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    leader = np.arange(len(sums))
    alike = _perhaps_alike(sums)
    for length, chosen in by_length(sums.lengths[alike]):
        rows = alike[chosen]
        places = sums.offsets[rows][:, None] + np.arange(length)
        table = np.concatenate([sums.variables[places], sums.coefficients[places]], axis=1)
        order = np.lexsort(table.T[::-1])
        ordered = table[order]
        fresh = np.ones(len(rows), bool)
        fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
        group = np.cumsum(fresh) - 1
        firsts = np.minimum.reduceat(rows[order], np.flatnonzero(fresh))
        leader[rows[order]] = firsts[group]
    low, high = low.copy(), high.copy()
    np.maximum.at(low, leader, low.copy())
    np.minimum.at(high, leader, high.copy())
    leaders = np.flatnonzero(leader == np.arange(len(sums)))
    return select(sums, leaders), low[leaders], high[leaders]


def _perhaps_alike(sums: Sums) -> Integers:
    """The rows that share a fingerprint with another one; parallel rows are among them."""
    if not len(sums):
        return np.empty(0, np.int64)
    terms = sums.variables * 0x9E3779B97F4A7C1 + sums.coefficients * 0x2545F4914F6CDD1  # wraps around
    fingerprint = np.add.reduceat(terms, sums.offsets[:-1])
    order = np.argsort(fingerprint, kind="stable")
    same = fingerprint[order][1:] == fingerprint[order][:-1]
    twin = np.zeros(len(sums), bool)
    twin[order[1:][same]] = True
    twin[order[:-1][same]] = True
    return np.flatnonzero(twin)


def add_clauses(collector: RowCollector, clauses: Rows) -> None:
    """At least one literal of each holds."""
    row = np.repeat(np.arange(len(clauses)), clauses.lengths)
    collector.add_ragged(len(clauses), row, clauses.entries, np.ones(len(row), np.int64), 1, OPEN)


def add_linears(collector: RowCollector, linears: Linears) -> None:
    """Linears that no literal enforces."""
    sums = linears.sums
    row = np.repeat(np.arange(len(sums)), sums.lengths)
    collector.add_ragged(len(sums), row, sums.variables, sums.coefficients, linears.at_least, OPEN)


def add_requests(collector: RowCollector, requests: Requests, known: Implications) -> None:
    """What is asked of sums; `known` are the chains that clauses state."""
    low, high = requests.low, requests.high
    both = requests.up & requests.down
    _add_thresholds(collector, requests, np.flatnonzero(both), low, high, known)
    down, up = np.flatnonzero(requests.down & ~both), np.flatnonzero(requests.up & ~both)
    base, top = low[requests.rows[down]], high[requests.rows[up]] + 1
    gap = np.maximum(0, requests.at_least[down] - base)
    _add_sums(collector, requests.sums, requests.rows[down], down, requests.literals[down], -gap, base, OPEN)
    bound = np.minimum(requests.at_least[up], top)
    _add_sums(collector, requests.sums, requests.rows[up], up, requests.literals[up], bound - top, -OPEN, bound - 1)


def _add_thresholds(
    collector: RowCollector, requests: Requests, chosen: Integers, low: Integers, high: Integers, known: Implications
) -> None:
    order = np.lexsort((requests.at_least[chosen], requests.rows[chosen]))
    rows, literals = requests.rows[chosen][order], requests.literals[chosen][order]
    bounds = np.clip(requests.at_least[chosen][order], low[rows], high[rows] + 1)
    first = np.ones(len(rows), bool)
    first[1:] = rows[1:] != rows[:-1]
    last = np.roll(first, -1)
    before = np.where(first, low[rows], np.roll(bounds, 1))
    after = np.where(last, high[rows] + 1, np.roll(bounds, -1))
    used = rows[first]
    group = np.cumsum(first) - 1
    _add_sums(collector, requests.sums, used, group, literals, before - bounds, low[used], OPEN)
    _add_sums(collector, requests.sums, used, group, literals, bounds - after, -OPEN, bounds[first] - 1)
    linked = np.flatnonzero(~first)
    linked = linked[~known.holds(literals[linked], literals[linked - 1])]
    pairs = np.stack([literals[linked - 1], literals[linked]], axis=1)
    collector.add(pairs, np.array([1, -1]), 0, OPEN)


def _add_sums(
    collector: RowCollector,
    sums: Sums,
    rows: Integers,
    group: Integers,
    literals: Integers,
    coefficients: Integers,
    low: Integers | int,
    high: Integers | int,
) -> None:
    """Rows ``low[i] <= sums[rows[i]] + further terms <= high[i]``; term t is of the row of number group[t]."""
    chosen = select(sums, rows)
    if len(group) == len(rows):
        group = np.arange(len(rows))
    row = np.concatenate([np.repeat(np.arange(len(rows)), chosen.lengths), group])
    collector.add_ragged(
        len(rows),
        row,
        np.concatenate([chosen.variables, literals]),
        np.concatenate([chosen.coefficients, coefficients]),
        low,
        high,
    )
