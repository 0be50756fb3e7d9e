"""The pair of two partial sums that costs least.

Where costs are tables, each key of one set looks for its partner in the other as a tree of digits. Else the
first coordinates have the highest places, so all keys with the same first digits lie side by side, and what the
first digits of a good sum can be is listed, by increasing cost; where that are too many, all pairs whose first
digit is good enough are scanned.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qnnt.algorithms.pseudo_polynomial.coordinate_costs import CoordinateCosts
from qnnt.algorithms.pseudo_polynomial.problem import Problem
from qnnt.algorithms.pseudo_polynomial.trie import Digits, best_partner, tables_of, trie_of
from qnnt.algorithms.states.effort import StateLimitError
from qnnt.algorithms.states.vectors import Integers, expanded, portions

PAIRS = 1 << 21
"""Pairs looked at together."""
VECTORS = 1 << 12
"""Keys whose partners are looked for together."""
MOST_DIGITS = 1 << 26
"""Digits of a tree: a gigabyte."""
MOST_PAIRS = 1 << 36
"""Pairs above which a scan is refused: an hour or so."""
LEAST_TARGETS = 64
"""Vectors of first digits that are always tried before a scan."""


@dataclass(frozen=True)
class Pair:
    """The best pair so far: what it costs, and both keys, shape (limbs,)."""

    loss: int
    one: Integers
    other: Integers


class Join:
    """Pairs of two sets of keys of a problem, of shape (N, limbs)."""

    def __init__(self, problem: Problem, some: Integers, others: Integers) -> None:
        self._problem = problem
        self._swapped = len(some) > len(others)
        self._few, self._many = (_by_first_limb(part) for part in ((others, some) if self._swapped else (some, others)))
        box = problem.box
        additive = dict(problem.terms.additive)
        places = sorted((place, c) for c, (limb, place) in enumerate(box.places) if limb == 0 and box.reach[c])
        self._prefix: list[tuple[int, CoordinateCosts, int]] = []
        for place, c in reversed(places):
            if c not in additive:
                break
            self._prefix.append((c, additive.pop(c), place))
        self._besides = sum(costs.least for costs in additive.values())
        self._best: Pair | None = None
        self._limit = 0

    def best(self, limit: int, most_targets: int | None = None) -> Pair | None:
        """The cheapest pair that costs at most the limit.

        Parameters
        ----------
        most_targets
            Vectors of first digits to try before the scan; by default until that took about as long.

        Raises
        ------
        StateLimitError
            If a scan would take too long.
        """
        self._best, self._limit = None, min(limit, self._problem.terms.cap)
        if not len(self._few) or not len(self._many):
            return None
        if most_targets is None and self._by_trie():
            return self._found()
        if most_targets is None:
            most_targets = max(LEAST_TARGETS, len(self._many) // 8)
        if not self._by_prefix(most_targets):
            self._by_scan()
        return self._found()

    def _found(self) -> Pair | None:
        best = self._best
        return Pair(best.loss, best.other, best.one) if best is not None and self._swapped else best

    # --- by a tree of digits -----------------------------------------------------------------------

    def _by_trie(self) -> bool:
        """Look for the best partner of each key with limits that grow; False if the costs do not fit it."""
        terms = sorted(self._problem.terms.exact, key=lambda term: -max(costs.reach for _, costs in term))
        order = [c for term in terms for c, _ in term]
        if not order or len(set(order)) < len(order) or len(self._many) * len(order) > MOST_DIGITS:
            return False
        tables = tables_of([[costs for _, costs in term] for term in terms])
        if tables is None:
            return False
        trie = trie_of(self._vectors(self._many, order))
        lower = least = int(tables.rest[0])
        upper, step, seen = self._limit, 0, 0
        while lower <= upper and self._best is None:
            limit = min(upper, max(lower, least + step))
            for start in range(0, len(self._few), VECTORS):
                some = self._few[start : start + VECTORS]
                loss, row, place, looked = best_partner(trie, tables, self._vectors(some, order), limit)
                seen += looked
                if seen > MOST_PAIRS:
                    raise StateLimitError(f"more than {MOST_PAIRS:.0e} pairs of sums looked at")
                if row >= 0:
                    self._best, limit = Pair(loss, some[row], self._many[trie.rows[place]]), loss - 1
            lower, step = limit + 1, 2 * step + 1
        return True

    def _vectors(self, keys: Integers, order: Sequence[int]) -> Digits:
        """Shape (N, D): digits in an order of the coordinates."""
        return np.stack([self._problem.box.digits(keys, c).astype(np.int32) for c in order], axis=1)

    # --- by the first digits -----------------------------------------------------------------------

    def _by_prefix(self, most_targets: int) -> bool:
        """Try vectors of first digits; whether nothing better is left."""
        prefix = self._prefix[: self._depth()]
        if not prefix:
            return False
        rest = self._besides + sum(costs.least for _, costs, _ in self._prefix[len(prefix) :])
        unit = prefix[-1][2]
        few, many = self._few[:, 0] // unit, self._many[:, 0] // unit
        for count, (bound, digits) in enumerate(cheapest_sums([costs for _, costs, _ in prefix])):
            if bound + rest > self._limit:
                return True
            if count == most_targets:
                return False
            target = sum(digit * (place // unit) for digit, (_, _, place) in zip(digits, prefix, strict=True))
            wanted = target - few
            first = np.searchsorted(many, wanted, side="left")
            self._try_ranges(first, np.searchsorted(many, wanted, side="right"))
        return True

    def _depth(self) -> int:
        """First digits that leave about one key of the larger set."""
        volume = 1
        for depth, (c, _, _) in enumerate(self._prefix):
            if volume >= 2 * len(self._many):
                return depth
            volume *= self._problem.box.reach[c] + 1
        return len(self._prefix)

    # --- by a scan ---------------------------------------------------------------------------------

    def _by_scan(self) -> None:
        first, last = np.zeros(len(self._few), np.int64), np.full(len(self._few), len(self._many))
        if self._prefix:
            _, costs, unit = self._prefix[0]
            rest = self._besides + sum(some.least for _, some, _ in self._prefix[1:])
            window = costs.within(self._limit - rest)
            if window is None:
                return
            few, many = self._few[:, 0] // unit, self._many[:, 0] // unit
            first = np.searchsorted(many, window[0] - few, side="left")
            last = np.searchsorted(many, window[1] - few, side="right")
        pairs = int((last - first).sum())
        if pairs > MOST_PAIRS:
            raise StateLimitError(f"{pairs:.0e} pairs of sums, room is for {MOST_PAIRS:.0e}")
        self._try_ranges(first, last)

    # --- both --------------------------------------------------------------------------------------

    def _try_ranges(self, first: Integers, last: Integers) -> None:
        """Look at the pairs of each key of the smaller set with a range of the larger one."""
        met = np.flatnonzero(last > first)
        counts = last[met] - first[met]
        for part in portions(counts, PAIRS):
            if self._limit < self._problem.terms.least:
                return
            owner, number = expanded(counts[part])
            one = met[part][owner]
            self._try(one, first[one] + number)

    def _try(self, one: Integers, other: Integers) -> None:
        for start in range(0, len(one), PAIRS):
            few, many = one[start : start + PAIRS], other[start : start + PAIRS]
            sums = self._few[few] + self._many[many]
            if self._prefix:
                c, costs, _ = self._prefix[0]
                good = np.flatnonzero(costs.at(self._problem.box.digits(sums, c)) <= self._limit)
                few, many, sums = few[good], many[good], sums[good]
            if not len(sums):
                continue
            losses = self._problem.losses(sums)
            place = int(losses.argmin())
            if losses[place] <= self._limit:
                loss = int(losses[place])
                self._best = Pair(loss, self._few[few[place]], self._many[many[place]])
                self._limit = loss - 1


def cheapest_sums(costs: Sequence[CoordinateCosts]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Vectors of one digit of each coordinate, with their costs added up, by increasing cost; each once.

    Complexity: a vector takes the logarithm of the number before it, times the square of the length.
    """
    sources = [some.by_cost() for some in costs]
    listed: list[list[tuple[int, int]]] = [[] for _ in costs]

    def cost_of(ranks: Sequence[int]) -> int | None:
        total = 0
        for source, known, rank in zip(sources, listed, ranks, strict=True):
            while len(known) <= rank:
                following = next(source, None)
                if following is None:
                    return None
                known.append(following)
            total += known[rank][0]
        return total

    start = (0,) * len(costs)
    least = cost_of(start)
    waiting = [] if least is None else [(least, start)]
    while waiting:
        cost, ranks = heapq.heappop(waiting)
        yield cost, tuple(known[rank][1] for known, rank in zip(listed, ranks, strict=True))
        last = max((i for i, rank in enumerate(ranks) if rank), default=0)
        for i in range(last, len(ranks)):  # one way only leads to each vector
            following = (*ranks[:i], ranks[i] + 1, *ranks[i + 1 :])
            more = cost_of(following)
            if more is not None:
                heapq.heappush(waiting, (more, following))


def _by_first_limb(keys: Integers) -> Integers:
    return keys if keys.shape[1] == 1 else keys[np.argsort(keys[:, 0])]
