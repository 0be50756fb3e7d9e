"""Nice tree decompositions: from node to parent one thing changes at a time.

Source: T. Kloks, "Treewidth", LNCS 842 (1994).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qnnt.algorithms.graphs.decomposition import NONE, TreeDecomposition
from qnnt.algorithms.graphs.elimination import Graph


class Kind(StrEnum):
    """The step that a node of a nice tree decomposition takes from its children's bags to its own."""

    LEAF = "leaf"
    """No child; the bag is empty."""
    INTRODUCE = "introduce"
    """One child; one vertex more than its bag."""
    FORGET = "forget"
    """One child; one vertex less than its bag."""
    JOIN = "join"
    """Two children; all three bags are equal."""


@dataclass(frozen=True, slots=True)
class NiceNode:
    """A node of a nice tree decomposition.

    Attributes
    ----------
    vertex
        The one introduced or forgotten, -1 for leaves and joins.
    children
        Numbers of earlier nodes.
    bag
        After the step.
    """

    kind: Kind
    vertex: int
    children: tuple[int, ...]
    bag: frozenset[int]


def nice(decomposition: TreeDecomposition) -> tuple[NiceNode, ...]:
    """A nice tree decomposition of the same width, in post-order: the last node is the root, its bag empty.

    Vertices are forgotten as soon as the parent bag lacks them and introduced as late as possible: a join
    has only the vertices that its sides bring. A subtree's nodes are consecutive, so a machine with a stack
    can run them one after the other; it starts with the children that need most of it.

    Size: n forgets, and per bag at most 3 * (width + 1) introductions, a leaf and a join.
    """
    bags, parent = decomposition.bags, decomposition.parent
    children = _largest_first(decomposition)
    waiting = [list(reversed(below)) for below in children]
    begun = [False] * len(bags)  # whether a child's nodes are on the stack
    nodes = _Nodes()
    path = [parent.index(NONE)]
    while path:
        bag = path[-1]
        if not children[bag]:
            nodes.leaf()
        if waiting[bag]:
            child = waiting[bag].pop()
            if begun[bag]:
                nodes.introduce(bags[bag] & bags[child])
            path.append(child)
            continue
        path.pop()
        nodes.introduce(bags[bag])
        above = parent[bag]
        nodes.forget(bags[bag] if above == NONE else bags[bag] - bags[above])
        if above != NONE and begun[above]:
            nodes.join()
        elif above != NONE:
            begun[above] = True
    return tuple(nodes.made)


class _Nodes:
    """The nodes so far, and the stack of those without a parent."""

    def __init__(self) -> None:
        self.made: list[NiceNode] = []
        self._open: list[int] = []

    def _add(self, kind: Kind, vertex: int, children: tuple[int, ...], bag: frozenset[int]) -> None:
        self._open.append(len(self.made))
        self.made.append(NiceNode(kind, vertex, children, bag))

    def leaf(self) -> None:
        self._add(Kind.LEAF, NONE, (), frozenset())

    def introduce(self, vertices: frozenset[int]) -> None:
        """Those that the last bag lacks."""
        for v in sorted(vertices - self.made[-1].bag):
            self._add(Kind.INTRODUCE, v, (self._open.pop(),), self.made[-1].bag | {v})

    def forget(self, vertices: frozenset[int]) -> None:
        for v in sorted(vertices):
            self._add(Kind.FORGET, v, (self._open.pop(),), self.made[-1].bag - {v})

    def join(self) -> None:
        """The last two, the last one brought to the bag of the other, which has all that it has."""
        self.introduce(self.made[self._open[-2]].bag)
        right, left = self._open.pop(), self._open.pop()
        self._add(Kind.JOIN, NONE, (left, right), self.made[right].bag)


def _largest_first(decomposition: TreeDecomposition) -> list[list[int]]:
    """The children of each bag: those with the largest bags below them first, then by Strahler number.

    The Strahler number counts the tables that a program holds at once in the best order.
    """
    children = decomposition.children()
    downwards = [decomposition.parent.index(NONE)]
    for bag in downwards:
        downwards.extend(children[bag])
    needs = [(0, 0)] * len(children)  # of the subtree: its largest bag, the tables held at once
    for bag in reversed(downwards):
        below = sorted(children[bag], key=needs.__getitem__, reverse=True)
        largest = max(len(decomposition.bags[bag]), *(needs[child][0] for child in below), 0)
        needs[bag] = (largest, max((needs[child][1] + (i > 0) for i, child in enumerate(below)), default=1))
        children[bag] = below
    return children


def nice_flaw(nodes: Sequence[NiceNode], graph: Graph) -> str | None:
    """Which condition of a nice tree decomposition fails, None if all hold.

    As the root's bag is empty, the nodes whose bags have a vertex are connected if and only if it is
    forgotten once. Complexity: the sizes of bags and graph.
    """
    if not nodes or nodes[-1].bag:
        return "the root's bag is not empty" if nodes else "there is no node"
    parents = [0] * len(nodes)
    forgotten = [0] * len(graph)
    together: set[tuple[int, int]] = set()
    for i, node in enumerate(nodes):
        if any(not 0 <= child < i for child in node.children):
            return f"node {i} comes before one of its children"
        for child in node.children:
            parents[child] += 1
        wrong = _step_flaw(node, [nodes[child].bag for child in node.children])
        if wrong is not None:
            return f"node {i}: {wrong}"
        if node.kind in (Kind.INTRODUCE, Kind.FORGET) and not 0 <= node.vertex < len(graph):
            return f"node {i}: {node.vertex} is no vertex"
        if node.kind is Kind.FORGET:
            forgotten[node.vertex] += 1
        if node.kind is Kind.INTRODUCE:
            together.update((min(u, node.vertex), max(u, node.vertex)) for u in node.bag & graph[node.vertex])
    for i, count in enumerate(parents[:-1]):
        if count != 1:
            return f"node {i} has {count} parents instead of one"
    for v, count in enumerate(forgotten):
        if count != 1:
            return f"vertex {v} is forgotten {count} times instead of once"
    for v, around in enumerate(graph):
        for u in around:
            if u > v and (v, u) not in together:
                return f"no bag contains both ends of the edge {v}-{u}"
    return None


def _step_flaw(node: NiceNode, below: Sequence[frozenset[int]]) -> str | None:
    """What is wrong with the step from the children's bags."""
    sides = {Kind.LEAF: 0, Kind.INTRODUCE: 1, Kind.FORGET: 1, Kind.JOIN: 2}[node.kind]
    if len(below) != sides:
        return f"{len(below)} children instead of {sides}, kind {node.kind}"
    v, bag = node.vertex, node.bag
    if sides != 1 and v != NONE:
        return f"a {node.kind} with vertex {v}"
    if node.kind is Kind.LEAF and bag:
        return "a leaf whose bag is not empty"
    if node.kind is Kind.INTRODUCE and (v in below[0] or bag != below[0] | {v}):
        return f"introducing {v} does not lead from the child's bag to this one"
    if node.kind is Kind.FORGET and (v not in below[0] or bag != below[0] - {v}):
        return f"forgetting {v} does not lead from the child's bag to this one"
    if node.kind is Kind.JOIN and not bag == below[0] == below[1]:
        return "a join of bags that differ"
    return None
