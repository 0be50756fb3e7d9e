"""Tree decompositions: a tree of bags of vertices over which dynamic programs run.

Every vertex and both ends of every edge are in some bag together, and the bags of each vertex are
connected.

Source: N. Robertson, P. D. Seymour, "Graph minors II", Journal of Algorithms 7 (1986).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from qnnt.algorithms.graphs.elimination import Graph, later_neighbours

NONE = -1
"""In place of a bag or a vertex where there is none."""


@dataclass(frozen=True)
class TreeDecomposition:
    """A rooted tree of bags.

    Attributes
    ----------
    parent
        For each bag the number of its parent, -1 for the root.
    """

    bags: tuple[frozenset[int], ...]
    parent: tuple[int, ...]

    @property
    def width(self) -> int:
        """The size of the largest bag less one: -1 if all are empty."""
        return max(map(len, self.bags), default=0) - 1

    def children(self) -> list[list[int]]:
        """For each bag its children."""
        found: list[list[int]] = [[] for _ in self.bags]
        for bag, parent in enumerate(self.parent):
            if parent != NONE:
                found[parent].append(bag)
        return found


def decompose(graph: Graph, order: Sequence[int]) -> TreeDecomposition:
    """The tree decomposition of an elimination order; its width is that of the order.

    Each vertex makes a bag with its later neighbours, next to the bag of the first of these. Bags within
    a neighbouring bag are merged into it, so at most n remain, or one empty bag without vertices. The tree
    gets few leaves, for joins cost most, and components hang below each other. Each component's root is the
    bag of the vertex that is eliminated last there.

    Complexity: n * width.
    """
    later = later_neighbours(graph, order)
    place = {v: i for i, v in enumerate(order)}
    first = {v: min(later[v], key=place.__getitem__) for v in order if later[v]}
    bags: list[frozenset[int]] = []
    home: dict[int, int] = {}  # the bag that the bag of a vertex has become
    for v in order:
        if v not in home:
            home[v] = len(bags)
            bags.append(frozenset({v, *later[v]}))
        if v in first and len(later[v]) == len(later[first[v]]) + 1:  # v and the whole bag of the first
            home.setdefault(first[v], home[v])
    if not bags:
        return TreeDecomposition((frozenset(),), (NONE,))
    parent = [NONE] * len(bags)
    for v, u in first.items():
        if home[v] != home[u]:
            parent[home[v]] = home[u]
    forest = TreeDecomposition(tuple(bags), tuple(parent))
    return _linked(_chained(forest))


def _chained(forest: TreeDecomposition) -> TreeDecomposition:
    """Put leaves between their parent and a sibling that has nothing else in common with the parent."""
    bags, parent, children = forest.bags, list(forest.parent), forest.children()
    for above, below in enumerate(children):
        common = [(len(bags[bag] & bags[above]), bag) for bag in below]
        free: dict[frozenset[int], list[int]] = {}  # by what they have in common with the bag above
        for _, bag in sorted(common, key=lambda pair: (not children[pair[1]], pair)):  # inner ones first
            here = bags[bag] & bags[above]
            if not children[bag]:
                fitting = here if here in free else max((c for c in free if c <= here), key=len, default=None)
                if fitting is not None:
                    parent[free[fitting].pop()] = bag
                    if not free[fitting]:
                        del free[fitting]
            free.setdefault(here, []).append(bag)
    return TreeDecomposition(bags, tuple(parent))


def _linked(forest: TreeDecomposition) -> TreeDecomposition:
    """Hang each root but the first below a leaf of the tree before."""
    parent = list(forest.parent)
    child = {above: bag for bag, above in enumerate(parent)}
    roots = [bag for bag, above in enumerate(parent) if above == NONE]
    for root, other in itertools.pairwise(roots):
        leaf = root
        while leaf in child:
            leaf = child[leaf]
        parent[other] = leaf
    return TreeDecomposition(forest.bags, tuple(parent))


def rerooted(decomposition: TreeDecomposition, bag: int) -> TreeDecomposition:
    """The same tree with another bag as its root, by number."""
    parent = list(decomposition.parent)
    below = NONE
    while bag != NONE:
        parent[bag], below, bag = below, bag, parent[bag]
    return TreeDecomposition(decomposition.bags, tuple(parent))


def flaw(decomposition: TreeDecomposition, graph: Graph) -> str | None:
    """Which condition of the definition fails, None if all hold. Complexity: the sizes of bags and graph."""
    bags, parent = decomposition.bags, decomposition.parent
    wrong = _tree_flaw(decomposition)
    if wrong is not None:
        return wrong
    holders: list[set[int]] = [set() for _ in graph]
    for i, bag in enumerate(bags):
        for v in bag:
            if not 0 <= v < len(graph):
                return f"bag {i} contains {v}, which is no vertex"
            holders[v].add(i)
    for v, holding in enumerate(holders):
        if not holding:
            return f"vertex {v} is in no bag"
        if sum(parent[i] not in holding for i in holding) > 1:  # tops: bags whose parent does not hold v
            return f"the bags of vertex {v} are not connected"
    for v, around in enumerate(graph):
        for u in around:
            if holders[v].isdisjoint(holders[u]):
                return f"no bag contains both ends of the edge {min(u, v)}-{max(u, v)}"
    return None


def _tree_flaw(decomposition: TreeDecomposition) -> str | None:
    bags, parent = decomposition.bags, decomposition.parent
    if len(bags) != len(parent):
        return f"{len(bags)} bags but {len(parent)} parents"
    for i, above in enumerate(parent):
        if above != NONE and not 0 <= above < len(bags):
            return f"the parent {above} of bag {i} is no bag"
    roots = sum(above == NONE for above in parent)
    if roots != 1:
        return f"{roots} roots instead of one"
    reached = [parent.index(NONE)]
    children = decomposition.children()
    for bag in reached:
        reached.extend(children[bag])
    return None if len(reached) == len(bags) else "the parents run in a circle"
