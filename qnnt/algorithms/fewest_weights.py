"""The fewest non-zero weights of one neuron that meet its demands, the bias being free.

Edges with equal patterns and equal sets form a group: only the sum of their values matters, and how many
of them are not 0. Iterative deepening over the number of non-zero weights k; for each k the partial sums with
c = 0, 1, .., k - 1 non-zero weights, groups in increasing order, each sum once with the smallest last group.

A partial sum to which r more weights are added moves by at most r times what one weight can do: sums that
cannot come back to their demands are dropped, and those beyond what can still be undone on a flat end are
all moved to its border. What is left for d-QNNT is a small box: with r = 1 at most ``(2 M + 1)^p`` sums, where
M is the most that one weight adds, whatever the fan-in. Weights without 0 in their set come first and count
nothing.

Size: per k about as many sums as there are non-zero values in all groups times the sums that are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from qnnt.algorithms.neuron_demands import Demands, Rows

BUDGET = 100_000_000
"""Numbers made per neuron: about a second."""
PER_CALL, PER_ENTRY = 2_000, 20
"""What a call of NumPy and an entry of a dictionary count for, as they take as long."""

Values = tuple[int, ...]


@dataclass(frozen=True)
class Fewest:
    """What a search came to.

    Attributes
    ----------
    weights, bias
        Places in their sets; weights are None if none were found that are fewer than those before.
    exact
        Whether it is proved that there are none with fewer.
    """

    weights: tuple[int, ...] | None
    bias: int
    exact: bool


def fewest(wanted: Demands, known: int, budget: int = BUDGET) -> Fewest:
    """Weights and a bias that meet the demands with fewer than `known` non-zero weights, and as few as possible.

    Weights without 0 in their set are not counted.
    """
    if not (wanted.complete and wanted.fits_64_bits):
        return Fewest(None, 0, exact=False)
    search = _Search(wanted, budget)
    try:
        for most in range(known):
            choices = search.within(most)
            if choices is not None:
                return search.assembled(choices)
    except _OutOfBudgetError:
        return Fewest(None, 0, exact=False)
    return Fewest(None, 0, exact=True)


class _OutOfBudgetError(Exception):
    """The search would make too many numbers."""


@dataclass(frozen=True)
class _Group:
    """Edges of equal patterns and sets."""

    edges: tuple[int, ...]
    pattern: Rows
    values: Values


@dataclass(frozen=True)
class _Choice:
    """Values for some edges of a group (-1: for the bias), the others being 0."""

    group: int
    values: Values


@dataclass(frozen=True)
class _Sums:
    """Partial sums: shape (sums, views); the last group that each uses, and its number in the trace."""

    totals: Rows
    last: Rows
    trace: Rows


@dataclass
class _Trace:
    """How every partial sum came about: its parent's number and its last choice."""

    parents: list[Rows] = field(default_factory=list)
    choices: list[Rows] = field(default_factory=list)
    count: int = 0

    def add(self, parents: Rows, choice: Rows) -> Rows:
        """Numbers for new sums."""
        self.parents.append(parents)
        self.choices.append(choice)
        self.count += len(parents)
        return np.arange(self.count - len(parents), self.count)

    def path(self, number: int) -> list[int]:
        """The choices that led to a sum."""
        parents, choices = np.concatenate(self.parents), np.concatenate(self.choices)
        found = []
        while number >= 0:
            found.append(int(choices[number]))
            number = int(parents[number])
        return found


class _Search:
    """One neuron."""

    def __init__(self, wanted: Demands, budget: int) -> None:
        self._wanted = wanted
        self._left = budget
        groups: dict[tuple[bytes, Values], list[int]] = {}
        for i, (pattern, values) in enumerate(zip(wanted.patterns, wanted.sets, strict=True)):
            if pattern.any() and values != (0,):
                groups.setdefault((pattern.tobytes(), values), []).append(i)
        self._groups = [
            _Group(tuple(edges), wanted.patterns[edges[0]], values) for (_, values), edges in groups.items()
        ]
        self._forced = [g for g, group in enumerate(self._groups) if 0 not in group.values]
        self._free = [g for g, group in enumerate(self._groups) if 0 in group.values]
        free = [self._groups[g] for g in self._free]
        ends = [np.multiply.outer([group.values[0], group.values[-1]], group.pattern) for group in free]
        corners = np.concatenate([np.zeros((1, len(wanted.low)), np.int64), *ends])
        self._one_down, self._one_up = corners.min(axis=0), corners.max(axis=0)
        self._endless_above = _border(wanted, above=True)
        self._endless_below = _border(wanted, above=False)

    def within(self, most: int) -> list[_Choice] | None:
        """Choices that meet the demands with at most so many non-zero weights; None: there are none."""
        self._trace = _Trace()
        self._choices: list[_Choice] = []
        layers: list[list[_Sums]] = [[] for _ in range(max(1, most))]
        start = self._start(most)
        met = np.flatnonzero(self._wanted.met(start.totals))
        if len(met):
            return self._way_to(int(start.trace[met[0]]))
        layers[0].append(start)
        options = self._options(most)
        for used in range(most):
            sums = _distinct(layers[used])
            layers[used] = []
            for g, more, total, choice in options:
                if used + more > most:
                    continue
                rows = np.flatnonzero(sums.last < g)
                totals = self._made(sums.totals[rows] + total * self._groups[g].pattern)
                if used + more == most:
                    met = np.flatnonzero(self._wanted.met(totals))
                    if len(met):
                        return [self._choices[choice], *self._way_to(int(sums.trace[rows[met[0]]]))]
                    continue
                rest = most - used - more
                totals, alive = self._canonical(totals, rest * self._one_down, rest * self._one_up)
                layers[used + more].append(self._traced(totals, sums.trace[rows[alive]], g, choice))
        return None

    def _options(self, most: int) -> list[tuple[int, int, int, int]]:
        """(group, non-zero weights, their sum, choice), every sum of a group with as few as possible."""
        found = []
        for g in self._free:
            group = self._groups[g]
            seen = {0}
            for more, sums in enumerate(self._attainable(group, min(most, len(group.edges))), 1):
                found += [(g, more, total, self._chosen(g, sums[total])) for total in sorted(sums.keys() - seen)]
                seen |= sums.keys()
        return found

    def _start(self, most: int) -> _Sums:
        """The biases, and what weights without 0 add to them."""
        views = len(self._wanted.low)
        biases = np.array(self._wanted.biases, np.int64)
        choices = np.array([self._chosen(-1, (i,)) for i in range(len(biases))])
        totals = np.repeat(biases[:, None], views, axis=1)
        sums = _Sums(totals, np.full(len(biases), -1), self._trace.add(np.full(len(biases), -1), choices))
        down, up = most * self._one_down, most * self._one_up
        rest = []
        for g in reversed(self._forced):
            rest.append((down, up))
            group = self._groups[g]
            ends = len(group.edges) * np.multiply.outer([group.values[0], group.values[-1]], group.pattern)
            down, up = down + ends.min(axis=0), up + ends.max(axis=0)
        for g, (down, up) in zip(self._forced, reversed(rest), strict=True):
            group = self._groups[g]
            parts = []
            *_, attainable = self._attainable(group, len(group.edges))
            for total in sorted(attainable):
                totals, alive = self._canonical(self._made(sums.totals + total * group.pattern), down, up)
                parts.append(self._traced(totals, sums.trace[alive], -1, self._chosen(g, attainable[total])))
            sums = _distinct(parts)
        return sums

    def _canonical(self, totals: Rows, down: Rows, up: Rows) -> tuple[Rows, Rows]:
        """Those of the totals that can come to meet the demands when between down and up is added, and which."""
        wanted = self._wanted
        alive = np.flatnonzero(((totals + up >= wanted.lows[0]) & (totals + down <= wanted.highs[-1])).all(axis=1))
        above, below = self._endless_above - down, self._endless_below - up
        return np.maximum(np.minimum(totals[alive], above), below), alive

    def _attainable(self, group: _Group, most: int) -> Iterator[dict[int, Values]]:
        """For c = 1, 2, .., most: what c non-zero values can add up to, each with such values."""
        found: dict[int, Values] = {0: ()}
        for _ in range(most):
            self._spend(PER_ENTRY * len(found) * len(group.values))
            found = {total + w: (*values, w) for total, values in found.items() for w in group.values if w}
            yield found

    def _made(self, totals: Rows) -> Rows:
        self._spend(totals.size + PER_CALL)
        return totals

    def _spend(self, numbers: int) -> None:
        self._left -= numbers
        if self._left < 0:
            raise _OutOfBudgetError

    def _chosen(self, group: int, values: Values) -> int:
        self._choices.append(_Choice(group, values))
        return len(self._choices) - 1

    def _traced(self, totals: Rows, parents: Rows, last: int, choice: int) -> _Sums:
        numbers = self._trace.add(parents, np.full(len(parents), choice))
        return _Sums(totals, np.full(len(totals), last), numbers)

    def _way_to(self, number: int) -> list[_Choice]:
        return [self._choices[choice] for choice in self._trace.path(number)]

    def assembled(self, choices: list[_Choice]) -> Fewest:
        """The places of the chosen values; weights of edges without effect are 0, or the first of their set."""
        sets = self._wanted.sets
        places = [values.index(0) if 0 in values else 0 for values in sets]
        bias = 0
        for choice in choices:
            if choice.group < 0:
                bias = choice.values[0]
                continue
            for edge, value in zip(self._groups[choice.group].edges, choice.values, strict=False):
                places[edge] = sets[edge].index(value)
        return Fewest(tuple(places), bias, exact=True)


def _border(wanted: Demands, *, above: bool) -> Rows:
    """Where the flat end begins beyond which every pre-activation is suitable; far away where there is none."""
    far = np.int64(2**62)
    found = np.full(len(wanted.low), far if above else -far)
    for low, high in zip(wanted.lows, wanted.highs, strict=True):
        if above:
            found = np.where((high >= wanted.high) & (low <= high), low, found)
        else:
            found = np.where((low <= wanted.low) & (low <= high), high, found)
    return found


def _distinct(parts: list[_Sums]) -> _Sums:
    """Each sum once, with the smallest last group: more can be added to that."""
    if not parts:
        nothing = np.empty(0, np.int64)
        return _Sums(nothing[:, None], nothing, nothing)
    totals = np.concatenate([part.totals for part in parts])
    last = np.concatenate([part.last for part in parts])
    trace = np.concatenate([part.trace for part in parts])
    words = _packed(totals)
    order = np.lexsort((trace, last, *words))
    fresh = np.ones(len(order), bool)
    fresh[1:] = np.any([word[order][1:] != word[order][:-1] for word in words], axis=0) if words else False
    chosen = order[fresh]
    return _Sums(totals[chosen], last[chosen], trace[chosen])


def _packed(totals: Rows) -> list[Rows]:
    """The columns in as few numbers per row as hold them."""
    words: list[Rows] = []
    room = 0
    for column in totals.T if len(totals) else ():
        low = int(column.min())
        width = int(column.max()) - low + 1
        if words and room * width < 2**62:
            words[-1] = words[-1] * width + (column - low)
            room *= width
        else:
            words.append(column - low)
            room = width
    return words
