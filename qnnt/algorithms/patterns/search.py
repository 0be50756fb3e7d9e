"""The pattern search: the smallest loss over all choices of patterns, and the patterns of a best network.

Complexity for two layers with m hidden neurons of K patterns each: C(K + m - 2, m - 1) nodes at most, one
for each multiset of all patterns but the last, and for each that the bounds let pass one score per
surviving function and last pattern. Deeper networks repeat that for every choice of patterns of the inner
neurons.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock

import numpy as np

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.algorithms.output_costs import OutputCosts
from qnnt.algorithms.patterns.answers import best_letters
from qnnt.algorithms.patterns.arrays import arrays_of
from qnnt.algorithms.patterns.inner import InnerPatterns
from qnnt.algorithms.patterns.last_layer import Built, LastLayer
from qnnt.algorithms.patterns.plain import explore_plainly
from qnnt.algorithms.states.deepening import LossLimit
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.pattern_counts import log2_patterns
from qnnt.algorithms.states.vectors import Integers, Matrix

Choice = tuple[int, ...]
Explorer = Callable[[int, int, Integers, Integers], Choice | None]
"""Takes a range of patterns of the first position, the largest cost of interest (one entry, lowered below what
is found) and counters; returns the patterns of the best choice found."""

QUEUED = 4
"""Parts of the search that are made ready ahead, per thread."""


@dataclass(frozen=True)
class Part:
    """What a part of the search has found: the best choice, if any, for the patterns of the inner neurons."""

    built: Built
    inner: Mapping[int, Matrix]
    chosen: Choice | None


@dataclass(frozen=True)
class Solved:
    """A network that is better than all before.

    Attributes
    ----------
    loss
        Numerator over the denominator of the costs.
    patterns
        Per neuron its values at the distinct inputs.
    """

    loss: int
    patterns: tuple[Matrix, ...]


@dataclass(frozen=True)
class Walk:
    """How much there is to walk through.

    Attributes
    ----------
    log2_inner
        Choices of patterns for inner neurons, at most.
    log2_prefixes
        For each of these, choices for all last neurons but one; an estimate if there are inner neurons.
    log2_choices
        The same for all last neurons.
    log2_vectors
        Vectors of functions of outputs that are judged together, at most; 0 if there are inner neurons.
    """

    log2_inner: float
    log2_prefixes: float
    log2_choices: float
    log2_vectors: float = 0.0

    @property
    def log2_nodes(self) -> float:
        """The logarithm of the nodes of the search, at most."""
        return self.log2_inner + self.log2_prefixes


def compiled_explorer(built: Built) -> Explorer:
    """The search in machine code on one problem.

    Raises
    ------
    StateLimitError
        If the problem is too large.
    """
    from qnnt.algorithms.patterns.kernel import explore

    flat = arrays_of(built.problem).in_order()

    def run(first: int, last: int, shared: Integers, counters: Integers) -> Choice | None:
        found = np.full(len(built.problem.positions), -1, np.int64)
        explore(first, last, *flat, shared, found, counters)  # type: ignore[call-arg]
        return None if found[0] < 0 else tuple(found.tolist())

    return run


def plain_explorer(built: Built) -> Explorer:
    """The same in NumPy, without bounds; its nodes are whole choices of patterns, and it counts nothing else."""
    from qnnt.algorithms.patterns.kernel import NODES

    def run(first: int, last: int, shared: Integers, counters: Integers) -> Choice | None:
        explored = explore_plainly(built.problem, first, last, int(shared[0]))
        counters[NODES] += explored.visited
        if explored.best is None:
            return None
        cost, chosen = explored.best
        shared[0] = min(int(shared[0]), cost - 1)
        return chosen

    return run


EXPLORERS: Mapping[str, Callable[[Built], Explorer]] = {"compiled": compiled_explorer, "plain": plain_explorer}


class PatternSearch:
    """The search on one view.

    Parameters
    ----------
    effort
        Bounds the partial sums of neurons.
    explorer
        A name of `EXPLORERS`.
    """

    def __init__(self, view: IntegerView, costs: OutputCosts, effort: Effort, explorer: str = "compiled") -> None:
        self.view, self.costs = view, costs
        self._explorer = EXPLORERS[explorer]
        self.layer = LastLayer(view, costs, effort)
        self._effort = effort
        self.counters = np.zeros(3, np.int64)
        self._lock = Lock()
        self._only = None if self.layer.roles.inner else self.layer.build({})

    @property
    def only_problem(self) -> Built | None:
        """The one problem that there is without inner neurons, if all neurons have patterns."""
        return self._only

    def walk(self) -> Walk:
        """What there is to walk through."""
        roles = self.layer.roles
        if not roles.inner:
            if self._only is None:
                return Walk(0.0, 0.0, 0.0)
            problem = self._only.problem
            vectors = max(sum(math.log2(len(rows)) for rows in group.functions) for group in problem.groups)
            return Walk(0.0, math.log2(problem.prefixes), math.log2(problem.choices), vectors)
        bits = [min(both) for both in zip(log2_patterns(self.view), self._log2_settings(), strict=True)]
        alike = {v: members for members in self._classes() for v in members}
        inner = Counter(alike.get(v, (v,)) for v in roles.inner)
        last = sorted(roles.last, key=lambda members: bits[members[0]])
        log2_inner = sum(_log2_multisets(bits[members[0]], len(members)) for members in inner)
        whole = sum(_log2_multisets(bits[members[0]], len(members)) for members in last)
        prefixes = whole
        if last:
            most = last[-1]
            prefixes -= _log2_multisets(bits[most[0]], len(most)) - _log2_multisets(bits[most[0]], len(most) - 1)
        return Walk(log2_inner, prefixes, whole)

    def _log2_settings(self) -> list[float]:
        """Per neuron the logarithm of its own settings, which are all that it has once its sources are known."""
        return [
            sum(math.log2(len(piece.choices)) for piece in neuron.constants)
            + sum(math.log2(len(edge.factors)) for edge in neuron.edges)
            for neuron in self.view.neurons
        ]

    def _classes(self) -> list[tuple[int, ...]]:
        place = {neuron.name: v for v, neuron in enumerate(self.view.neurons)}
        return [tuple(place[name] for name in members) for members in interchangeable(self.view.instance)]

    def best_within(self, limit: int, threads: int, on_solved: Callable[[Solved], None]) -> Solved | None:
        """The smallest loss up to a limit, as a numerator; None proves that there is none.

        Parameters
        ----------
        on_solved
            Called for solutions as they get better, in the calling thread.

        Raises
        ------
        StateLimitError
            If a neuron has too many patterns or functions.
        """
        interest = LossLimit(min(limit, self.layer.forbidden - 1))
        best: Solved | None = None
        with ThreadPoolExecutor(threads) as pool:
            for part in _in_turn(pool, self._tasks(interest), QUEUED * threads):
                if part.chosen is None:
                    continue
                found = self._solved(part.built, part.inner, part.chosen)
                if found.loss <= interest.limit:
                    best, interest.limit = found, found.loss - 1
                    on_solved(found)
        return best

    def _tasks(self, limit: LossLimit) -> Iterator[Callable[[], Part]]:
        """Parts of the search, each to be run on its own; the limit is asked for anew at each."""
        if self._only is not None:
            yield from self._slices(self._only, limit)
        if not self.layer.roles.inner:
            return
        inner = InnerPatterns(self.view, self.layer.roles.inner, self._effort)
        for choice in inner.choices():
            if self.layer.least(choice) > limit.limit:
                continue
            built = self.layer.build(choice)
            if built is not None:
                yield self._whole(built, choice, limit)

    def _slices(self, built: Built, limit: LossLimit) -> Iterator[Callable[[], Part]]:
        """One part per pattern of the first position, if there is a second one."""
        explorer = self._explorer(built)
        patterns = len(built.problem.positions[0].patterns)
        size = patterns if len(built.problem.positions) == 1 else 1
        shared = np.array([built.cost_within(limit.limit)], np.int64)
        for first in range(0, patterns, size):
            yield partial(self._explored, explorer, built, {}, first, first + size, shared)

    def _whole(self, built: Built, inner: Mapping[int, Matrix], limit: LossLimit) -> Callable[[], Part]:
        def run() -> Part:
            shared = np.array([built.cost_within(limit.limit)], np.int64)
            patterns = len(built.problem.positions[0].patterns)
            return self._explored(self._explorer(built), built, inner, 0, patterns, shared)

        return run

    def _explored(
        self, explorer: Explorer, built: Built, inner: Mapping[int, Matrix], first: int, last: int, shared: Integers
    ) -> Part:
        counters = np.zeros(3, np.int64)
        chosen = explorer(first, last, shared, counters)
        with self._lock:
            self.counters += counters
        return Part(built, inner, chosen)

    def _solved(self, built: Built, inner: Mapping[int, Matrix], chosen: Choice) -> Solved:
        cost, letters = best_letters(built.problem, chosen)
        patterns: dict[int, Matrix] = dict(inner)
        for v, some, number in zip(built.neurons, built.patterns, chosen, strict=False):
            patterns[v] = some[number][built.element_of]
        for o, alphabet, letter in zip(built.outputs, built.alphabets, letters, strict=False):  # perhaps none
            patterns[o] = alphabet[letter][built.element_of]
        return Solved(built.loss_of(cost), tuple(patterns[v] for v in range(len(self.view.neurons))))


def _in_turn(pool: ThreadPoolExecutor, tasks: Iterator[Callable[[], Part]], ahead: int) -> Iterator[Part]:
    """The results of tasks in their order, with so many more of them under way."""
    running: deque[Future[Part]] = deque()
    for task in tasks:
        running.append(pool.submit(task))
        if len(running) > ahead:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


def _log2_multisets(bits: float, times: int) -> float:
    """The logarithm of C(2^bits + times - 1, times)."""
    if bits > 50:
        return bits * times - math.lgamma(times + 1) / math.log(2)
    return math.log2(math.comb(round(2**bits) + times - 1, times))
