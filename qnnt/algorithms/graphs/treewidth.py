"""The treewidth of a graph: bounds for all graphs, and exact search for small ones.

Sources: H. L. Bodlaender, A. M. C. A. Koster, "Treewidth computations II. Lower bounds", Information and
Computation 209 (2011), for the lower bounds; H. L. Bodlaender, A. M. C. A. Koster, F. van den Eijkhof,
"Preprocessing rules for triangulation of probabilistic networks", Computational Intelligence 21 (2005), for
the reductions; H. L. Bodlaender, F. V. Fomin, A. M. C. A. Koster, D. Kratsch, D. M. Thilikos, "On exact
algorithms for treewidth", ACM Transactions on Algorithms 9 (2012), for the exact search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qnnt.algorithms.graphs.elimination import Graph, VertexQueue, min_degree, min_fill, width_of

RESTARTS, MOST_RESTARTED, RESTART_WORK = 10, 300, 4_000_000
"""Greedy orders of each kind with random ties; the vertices, and n * width**2 for all of them, at most."""
MOST_SEARCHED, SEARCH_WORK = 60, 200_000
"""The vertices for exact search, and n * sets, at most: a few tenths of a second."""


@dataclass(frozen=True)
class Treewidth:
    """What is known of the treewidth of a graph: -1 without vertices, 0 without edges.

    Attributes
    ----------
    lower, upper
        The treewidth lies between them, both included.
    order
        An elimination order of width `upper`.
    """

    lower: int
    upper: int
    order: tuple[int, ...]

    @property
    def exact(self) -> bool:
        """Whether the treewidth is known."""
        return self.lower == self.upper


def treewidth(graph: Graph, seed: int = 0) -> Treewidth:
    """Bounds on the treewidth that meet for most small graphs and for many large ones.

    Greedy orders and a lower bound; where they differ, vertices that are safe to eliminate go first, and
    each connected part of what is left gets more greedy orders and, if it is small, the exact search.

    Complexity: that of `min_fill` and `lower_bound`, and at most a few tenths of a second of search. The
    seed is that of the ties of the greedy orders.
    """
    lower = lower_bound(graph)
    order = _greedy(graph, [None], lower)
    upper = width_of(graph, order)
    if lower < upper:
        better, lower = _by_parts(graph, lower, upper, seed)
        order = min(order, better, key=lambda order: width_of(graph, order))
    return Treewidth(lower, width_of(graph, order), tuple(order))


def _greedy(graph: Graph, seeds: Iterable[int | None], enough: int) -> list[int]:
    """The best of the greedy orders, or the first of width <= enough."""
    best, least = list(range(len(graph))), len(graph)
    for seed in seeds:
        for heuristic in (min_degree, min_fill):
            order = heuristic(graph, seed)
            width = width_of(graph, order)
            if width < least:
                best, least = order, width
            if least <= enough:
                return best
    return best


def _by_parts(graph: Graph, lower: int, upper: int, seed: int) -> tuple[list[int], int]:
    """An order, and the lower bound as risen: at most `upper`."""
    order, kernel = _reduced(graph, lower)
    parts = list(_components(kernel, set(range(len(graph))).difference(order)))
    for part in parts:
        number = {v: i for i, v in enumerate(part)}
        here = [frozenset(number[u] for u in kernel[v]) for v in part]
        restarts = min(RESTARTS, RESTART_WORK // (len(part) * upper**2)) if len(part) <= MOST_RESTARTED else 0
        found = _greedy(here, [None, *range(seed * RESTARTS, seed * RESTARTS + restarts)], lower)
        least = min(width_of(here, found), upper)
        if lower < least and len(part) <= MOST_SEARCHED:
            lower, better = exact(here, least, lower, SEARCH_WORK // (len(part) * len(parts)))
            found = better or found
        order += [part[v] for v in found]
    return order, lower


def _components(near: Sequence[set[int]], left: set[int]) -> Iterator[list[int]]:
    """The connected components of the graph on the vertices that are left, which are used up."""
    while left:
        reached = [left.pop()]
        for v in reached:
            fresh = near[v] & left
            left -= fresh
            reached.extend(sorted(fresh))
        yield reached


def lower_bound(graph: Graph) -> int:
    """A lower bound on the treewidth: the larger one of degeneracy and contraction degeneracy (MMD+).

    Taking minors, such as contracting an edge, does not raise the treewidth, and no graph has a smallest
    degree above its treewidth. Vertices of smallest degree go one by one: are deleted, or contracted into
    the neighbour with which they have the fewest neighbours in common ("least-c").

    Complexity: that of `min_degree`, for the widths it meets.
    """
    return max(_smallest_degree(graph, contract=False), _smallest_degree(graph, contract=True))


def _smallest_degree(graph: Graph, *, contract: bool) -> int:
    """The largest smallest degree on the way."""
    near = [set(around) for around in graph]
    queue = VertexQueue([len(around) for around in near])
    largest = -1
    while len(queue) > largest + 1:
        v, degree = queue.pop()
        largest = max(largest, degree)
        around = near[v]
        for u in around:
            near[u].remove(v)
        if contract and around:
            into = min(around, key=lambda u: (len(near[u] & around), u))
            fresh = around - near[into] - {into}
            near[into] |= fresh
            for u in fresh:
                near[u].add(into)
        for u in around:
            queue.keys[u] = len(near[u])
            queue.push(u)
    return largest


def _reduced(graph: Graph, lower: int) -> tuple[list[int], list[set[int]]]:
    """Eliminate vertices of degree <= lower whose neighbours, but for one at most, form a clique.

    Such an elimination contracts an edge, so what is left is a minor and no harder than the graph. Returns
    the vertices eliminated, in their order, and the neighbours of the others.
    """
    near = [set(around) for around in graph]
    gone: dict[int, None] = {}
    todo = dict.fromkeys(range(len(near)))
    while todo:
        v, _ = todo.popitem()
        odd = _odd_neighbour(near, v) if len(near[v]) <= lower else None
        if odd is None:
            continue
        gone[v] = None
        todo.update(dict.fromkeys(near[v]))
        for u in near[v]:
            near[u].remove(v)
        if odd >= 0:
            for u in near[v] - near[odd] - {odd}:
                todo.update(dict.fromkeys(near[u] & near[odd]))
                near[u].add(odd)
                near[odd].add(u)
    return list(gone), near


def _odd_neighbour(near: Sequence[set[int]], v: int) -> int | None:
    """The neighbour of v without which the others form a clique; -1 if all do, None if there is none."""
    around = near[v]
    odd = None
    for u in around:
        absent = around - near[u]  # among them u
        if len(absent) > 1:
            odd = absent if odd is None else odd & absent
            odd = odd & {u} if len(absent) > 2 else odd
            if not odd:
                return None
    return -1 if odd is None else min(odd)


def exact(graph: Graph, upper: int, lower: int, budget: int) -> tuple[int, list[int] | None]:
    """Search for an elimination order of width `lower`, then of the next width, and so on below `upper`.

    Complexity: at most `budget` of the 2**n sets of vertices, each O(n * width) operations on bit masks.

    Returns
    -------
    tuple
        A width that is a lower bound on the treewidth if `lower` is one, and an order of that width: None
        if all widths below `upper` are refuted, and if the search has given up.
    """
    for k in range(lower, upper):
        near = _improved(graph, k)
        if near is None or lower_bound([frozenset(_members(around)) for around in near]) > k:
            continue
        order, budget = _order_within(near, k, budget)
        if order is not None or not budget:
            return k, order
    return max(lower, upper), None


def _improved(graph: Graph, k: int) -> list[int] | None:
    """The graph as bit masks, vertices with more than k common neighbours joined; None if treewidth > k.

    A tree decomposition of width k has such vertices in one bag, and at most so many edges in its bags.
    """
    n = len(graph)
    near = [sum(1 << u for u in around) for around in graph]
    todo = set(range(n))
    while todo:
        u = todo.pop()
        for v in range(n):
            if u != v and not near[u] >> v & 1 and (near[u] & near[v]).bit_count() > k:
                near[u] |= 1 << v
                near[v] |= 1 << u
                todo |= {u, v}
    edges = sum(around.bit_count() for around in near) // 2
    return None if n > k and edges > k * n - k * (k + 1) // 2 else near


def _order_within(start: list[int], k: int, budget: int) -> tuple[list[int] | None, int]:
    """An elimination order of width <= k if there is one, and what is left of the budget.

    Which vertices are left determines their graph, so each set of them is looked at once. Where a vertex
    is safe to eliminate, no other is tried. Some order of least width ends with any clique given: its
    vertices wait.
    """
    everything = (1 << len(start)) - 1
    clique = max((_clique(start, v) for v in range(len(start))), key=int.bit_count, default=0)
    seen = {everything}
    pending: list[tuple[list[int], int, int, list[int]]] = [(start, everything, everything, [])]
    while pending:
        near, before, todo, order = pending.pop()
        left = _settle(near, before, todo, order, k)
        if left.bit_count() <= k + 1:
            return [*order, *_members(left)], budget
        if left != before and left in seen:
            continue
        if not budget:
            return None, 0
        budget -= 1
        seen.add(left)
        tried = sorted(((near[v].bit_count(), v) for v in _members(left & ~clique)), reverse=True)
        for degree, v in tried:
            rest = left ^ 1 << v
            if degree <= k and rest not in seen:
                seen.add(rest)
                child = near.copy()
                pending.append((child, rest, _eliminate(child, v), [*order, v]))
    return None, budget


def _settle(near: list[int], left: int, todo: int, order: list[int], k: int) -> int:
    """Eliminate, in place, what is safe to eliminate at width k: among `todo`, and what that touches."""
    while todo:
        bit = todo & -todo
        todo ^= bit
        v = bit.bit_length() - 1
        if near[v].bit_count() <= k and _is_almost_simplicial(near, v):
            todo |= _eliminate(near, v)
            left ^= bit
            order.append(v)
    return left


def _is_almost_simplicial(near: list[int], v: int) -> bool:
    """Whether the neighbours, but for one at most, form a clique."""
    around = odd = rest = near[v]
    while rest:
        bit = rest & -rest
        rest ^= bit
        absent = around & ~near[bit.bit_length() - 1] & ~bit
        if absent:
            odd &= bit if absent & (absent - 1) else bit | absent
            if not odd:
                return False
    return True


def _eliminate(near: list[int], v: int) -> int:
    """Eliminate v in place; returns the vertices whose neighbourhoods may have changed."""
    around = touched = near[v]
    others = ~(1 << v)
    for u in _members(around):
        touched |= near[u]
        near[u] = (near[u] | around) & others & ~(1 << u)
    return touched & others


def _clique(near: list[int], v: int) -> int:
    """A clique that contains v, grown greedily."""
    clique, fitting = 1 << v, near[v]
    while fitting:
        u = max(_members(fitting), key=lambda u: (near[u] & fitting).bit_count())
        clique |= 1 << u
        fitting &= near[u]
    return clique


def _members(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit.bit_length() - 1
        mask ^= bit
