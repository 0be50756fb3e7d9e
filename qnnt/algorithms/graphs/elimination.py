"""Elimination orders: the vertices of a graph go one by one, and the neighbours of each become a clique.

The width of an order is the largest number of neighbours that a vertex has when it goes; the smallest
width of all orders is the treewidth. Two greedy heuristics find orders of small width.

Source: H. L. Bodlaender, A. M. C. A. Koster, "Treewidth computations I. Upper bounds", Information and
Computation 208 (2010).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

Graph = Sequence[frozenset[int]]
"""The neighbours of the vertices 0..n-1: without direction, without loops."""


def min_fill(graph: Graph, seed: int | None = None) -> list[int]:
    """An elimination order that next takes a vertex whose neighbours lack the fewest edges to be a clique.

    Complexity: O(log n) per vertex touched, and per edge that is added a set intersection as large as the
    smaller neighbourhood of its ends: n * width**3 * log n on long graphs of bounded degree. The lacking
    edges are counted once and then kept up to date.

    Parameters
    ----------
    seed
        Breaks ties at random; None breaks them by vertex number.
    """
    near = [set(around) for around in graph]
    queue = VertexQueue([_lacking(near, v) for v in range(len(near))], seed)
    order: list[int] = []
    while queue:
        v, lacking = queue.pop()
        order.append(v)
        if not lacking and len(near[v]) == len(queue):
            return [*order, *queue.rest()]  # a clique
        for u in _join(near, v, queue.keys):
            queue.push(u)
    return order


def min_degree(graph: Graph, seed: int | None = None) -> list[int]:
    """An elimination order that next takes a vertex with the fewest neighbours.

    Complexity: n * width * (width + log n). The seed is that of `min_fill`.
    """
    near = [set(around) for around in graph]
    queue = VertexQueue([len(around) for around in near], seed)
    order: list[int] = []
    while queue:
        v, degree = queue.pop()
        order.append(v)
        if degree == len(queue):
            return [*order, *queue.rest()]  # a clique: no degree is smaller
        for u in near[v]:
            near[u] |= near[v]
            near[u] -= {u, v}
            queue.keys[u] = len(near[u])
            queue.push(u)
    return order


def width_of(graph: Graph, order: Sequence[int]) -> int:
    """The width of an elimination order, -1 without vertices. Complexity: n * width."""
    return max(map(len, later_neighbours(graph, order)), default=-1)


def later_neighbours(graph: Graph, order: Sequence[int]) -> list[set[int]]:
    """For each vertex, its neighbours when it goes.

    A vertex hands its neighbours on to the first of them only, which hands them on in turn: so the
    cliques are never written out. Complexity: n * width.
    """
    place = {v: i for i, v in enumerate(order)}
    later = [{u for u in around if place[u] > place[v]} for v, around in enumerate(graph)]
    for v in order:
        if later[v]:
            first = min(later[v], key=place.__getitem__)
            later[first] |= later[v]
            later[first].remove(first)
    return later


class VertexQueue:
    """The vertices 0..n-1 by their keys, which are not negative: the smallest goes first.

    A vertex whose key has changed is pushed again; what the heap knew of it before is then stale.
    Complexity: O(log n) per push and per pop.

    Attributes
    ----------
    keys
        The key of each vertex, negative once it is gone.
    """

    def __init__(self, keys: list[int], seed: int | None = None) -> None:
        self.keys = keys
        self._rank = list(range(len(keys)))
        if seed is not None:
            random.Random(seed).shuffle(self._rank)
        self._heap = [(key, self._rank[v], v) for v, key in enumerate(keys)]
        heapify(self._heap)
        self._size = len(keys)

    def __len__(self) -> int:
        return self._size

    def push(self, v: int) -> None:
        """Take note of the present key."""
        heappush(self._heap, (self.keys[v], self._rank[v], v))

    def pop(self) -> tuple[int, int]:
        """The next vertex and its key; the vertex is gone."""
        key, _, v = heappop(self._heap)
        while self.keys[v] != key:
            key, _, v = heappop(self._heap)
        self.keys[v] = -1
        self._size -= 1
        return v, key

    def rest(self) -> list[int]:
        """The vertices that are left, ties in their order."""
        return sorted((v for v, key in enumerate(self.keys) if key >= 0), key=self._rank.__getitem__)


def _lacking(near: Sequence[set[int]], v: int) -> int:
    """The number of edges that the neighbours of v lack to be a clique."""
    around = near[v]
    return sum(len(around) - 1 - len(near[u] & around) for u in around) // 2


def _join(near: Sequence[set[int]], v: int, lacking: list[int]) -> set[int]:
    """Eliminate v, and bring the counts of lacking edges up to date; which of them may have changed."""
    around = near[v]
    fewer: Counter[int] = Counter()
    for a in around:
        for b in around - near[a] - {a}:
            common = near[a] & near[b]
            fewer.update(common)
            lacking[a] += len(near[a]) - len(common)
            lacking[b] += len(near[b]) - len(common)
            near[a].add(b)
            near[b].add(a)
    del fewer[v]
    for u in around:
        lacking[u] -= len(near[u]) - len(around)  # the neighbours of u that v does not see
        near[u].remove(v)
    for u, count in fewer.items():
        lacking[u] -= count
    return around | fewer.keys()
