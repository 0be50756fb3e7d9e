"""The tree decomposition's dynamic program as a list of steps for a stack of tables.

Each edge and each neuron's *block* (its bias and the edges from inputs) is added in exactly one place.
An edge is added as soon as its source is final; only where a neuron is to be forgotten before one of
its predecessors is final must that predecessor's pattern be guessed. A block is added when it
completes its neuron, or before a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from qnnt.algorithms.graphs.nice_decomposition import Kind, NiceNode
from qnnt.algorithms.interchangeable import interchangeable
from qnnt.algorithms.states.integer_view import IntegerView


class Mode(StrEnum):
    """What is known of a neuron below a place in the tree."""

    OPEN = "open"
    """Its pattern is not known: a partial sum is kept."""
    GUESSED = "guessed"
    """Its pattern was guessed and edges into it are missing: both are kept."""
    FINAL = "final"
    """All edges into it are in: its pattern is kept."""


class Act(StrEnum):
    """What a step does to the topmost table."""

    LEAF = "leaf"
    """Push a table with one empty state."""
    INTRODUCE = "introduce"
    BLOCK = "block"
    EDGE = "edge"
    GUESS = "guess"
    FORGET = "forget"
    JOIN = "join"
    """Replace the two topmost tables by their join."""
    SORT = "sort"
    """Order the states of interchangeable neurons."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes
    ----------
    vertex
        The neuron that changes; -1 for leaves, joins and sorts.
    edge
        For an edge its place among the neuron's edges.
    members
        For a sort the neurons.
    """

    act: Act
    vertex: int = -1
    edge: int = -1
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a neuron is below a place in the tree: bit 0 of `pieces` is its block, bit i + 1 its edge i."""

    pieces: int = 0
    mode: Mode = Mode.OPEN

    def with_pieces(self, more: int, edges: int) -> Progress:
        """With more pieces, of a neuron with so many edges."""
        pieces = self.pieces | more
        return Progress(pieces, Mode.FINAL if pieces == (2 << edges) - 1 else self.mode)


def joined_progress(one: Progress, other: Progress, edges: int) -> Progress:
    """What two branches know together of a neuron with so many edges."""
    known = Mode.OPEN if one.mode is other.mode is Mode.OPEN else Mode.GUESSED
    return Progress(one.pieces, known).with_pieces(other.pieces, edges)


Bag = Mapping[int, Progress]


@dataclass(frozen=True)
class Program:
    """Steps for one decomposition.

    Attributes
    ----------
    guesses, joins
        How many there are.
    """

    steps: tuple[Step, ...]
    guesses: int
    joins: int

    @property
    def guessed(self) -> frozenset[int]:
        """The neurons whose patterns are guessed."""
        return frozenset(step.vertex for step in self.steps if step.act is Act.GUESS)


@dataclass
class _Planner:
    view: IntegerView
    steps: list[Step] = field(default_factory=list)
    placed: set[tuple[int, int]] = field(default_factory=set)  # (neuron, piece)

    def edges(self, v: int) -> int:
        return len(self.view.neurons[v].edges)

    def add(self, bag: dict[int, Progress], step: Step, pieces: int) -> None:
        self.steps.append(step)
        v = step.vertex
        bag[v] = bag[v].with_pieces(pieces, self.edges(v))
        self.placed |= {(v, i) for i in range(pieces.bit_length()) if pieces >> i & 1}

    def block(self, bag: dict[int, Progress], v: int) -> None:
        if (v, 0) not in self.placed:
            self.add(bag, Step(Act.BLOCK, v), 1)

    def edge(self, bag: dict[int, Progress], v: int, i: int) -> None:
        """Add edge i of v, with a guess of its source if need be."""
        u = self.view.neurons[v].edges[i].source
        if bag[u].mode is Mode.OPEN:
            self.block(bag, u)
        if bag[u].mode is Mode.OPEN:
            self.steps.append(Step(Act.GUESS, u))
            bag[u] = replace(bag[u], mode=Mode.GUESSED)
        self.add(bag, Step(Act.EDGE, v, i), 2 << i)

    def close(self, bag: dict[int, Progress]) -> None:
        """Everything that needs no guess, in topological order."""
        for v in sorted(bag):
            for i, edge in enumerate(self.view.neurons[v].edges):
                known = bag.get(edge.source)
                if known is not None and known.mode is Mode.FINAL and (v, i + 1) not in self.placed:
                    self.edge(bag, v, i)
            if bag[v].pieces | 1 == (2 << self.edges(v)) - 1:
                self.block(bag, v)

    def forget(self, bag: dict[int, Progress], v: int) -> None:
        for i in range(self.edges(v)):
            if (v, i + 1) not in self.placed:
                self.edge(bag, v, i)
        self.block(bag, v)
        self.close(bag)
        self.steps.append(Step(Act.FORGET, v))
        del bag[v]


def program(view: IntegerView, nodes: Sequence[NiceNode], *, symmetry: bool = True) -> Program:
    """Steps for a nice tree decomposition of the view's graph, in post-order.

    Parameters
    ----------
    symmetry
        Whether states of interchangeable neurons are ordered where that is sound.
    """
    planner = _Planner(view)
    classes = _classes(view) if symmetry else []
    sortable = _sortable(nodes, classes)
    stack: list[dict[int, Progress]] = []
    for place, node in enumerate(nodes):
        if node.kind is Kind.LEAF:
            stack.append({})
            planner.steps.append(Step(Act.LEAF))
            continue
        if node.kind is Kind.FORGET:
            planner.forget(stack[-1], node.vertex)
            continue
        if node.kind is Kind.INTRODUCE:
            stack[-1][node.vertex] = Progress()
            planner.steps.append(Step(Act.INTRODUCE, node.vertex))
        else:
            one, other = stack.pop(), stack.pop()
            stack.append({v: joined_progress(one[v], other[v], planner.edges(v)) for v in one})
            planner.steps.append(Step(Act.JOIN))
        planner.close(stack[-1])
        for members in _equally_far(view, stack[-1], planner.placed, sortable.get(place, ())):
            planner.steps.append(Step(Act.SORT, members=members))
    acts = [step.act for step in planner.steps]
    return Program(tuple(planner.steps), acts.count(Act.GUESS), acts.count(Act.JOIN))


def _classes(view: IntegerView) -> list[tuple[int, ...]]:
    number = {neuron.name: v for v, neuron in enumerate(view.neurons)}
    return [tuple(number[name] for name in members) for members in interchangeable(view.instance)]


def _sortable(nodes: Sequence[NiceNode], classes: Iterable[tuple[int, ...]]) -> dict[int, list[tuple[int, ...]]]:
    """Per node the members of a class in its bag that are in no bag of a join above.

    Below such a join both branches would choose an order, and only one of them may.
    """
    parent = [-1] * len(nodes)
    for place, node in enumerate(nodes):
        for child in node.children:
            parent[child] = place
    kind = {v: number for number, members in enumerate(classes) for v in members}
    found: dict[int, list[tuple[int, ...]]] = {}
    joined: list[frozenset[int]] = [frozenset()] * len(nodes)  # what lies in some join's bag strictly above
    for place in range(len(nodes) - 1, -1, -1):
        above = parent[place]
        if above >= 0:
            joined[place] = joined[above] | (nodes[above].bag if nodes[above].kind is Kind.JOIN else frozenset())
        present: dict[int, list[int]] = {}
        for v in sorted(nodes[place].bag - joined[place]):
            if v in kind:
                present.setdefault(kind[v], []).append(v)
        found[place] = [tuple(members) for members in present.values() if len(members) > 1]
    return found


def _equally_far(
    view: IntegerView, bag: Bag, placed: set[tuple[int, int]], classes: Iterable[tuple[int, ...]]
) -> Iterable[tuple[int, ...]]:
    """Members of a class that agree in what has been added at them; only with states worth ordering."""
    readers = view.readers
    for members in classes:
        groups: dict[object, list[int]] = {}
        for v in members:
            given = [
                (t, i)
                for t in readers[v]
                for i, edge in enumerate(view.neurons[t].edges)
                if edge.source == v and (t, i + 1) in placed
            ]
            if bag[v].pieces:
                groups.setdefault((bag[v], tuple(t for t, _ in given)), []).append(v)
        yield from (tuple(group) for group in groups.values() if len(group) > 1)
