"""Counting trees of unary numbers: totalizers and their relatives, all sums at once.

Formula
    A node is a sum of some leaves; its literals say ``node >= v`` for the values v that it can take.
    A node N = A + B gets, for the values v of N that are asked for,

        A >= a and B >= b  ->  N >= v        for the minimal a + b >= v      ("upward")
        N >= v  ->  A >= a' or B >= b'       for the maximal pairs below     ("downward")

    Only what a parent or a threshold asks for is made: asked for v, N asks A for ``min {a : a >= v - b}``
    over all values b of B. That clips every node to the counts that can matter.
Source
    Sums of leaves, and which of their thresholds are wanted in which direction.
Target
    Clauses. Nodes with equal children are one node: sums that agree on a block share its circuit.
Size
    Per node and value asked for one variable, and at most |A| + |B| clauses of up to three literals per
    direction; all values of N: at most |A| |B|.
Reference
    Bailleux, Boufkhad, Efficient CNF encoding of Boolean cardinality constraints, CP 2003; Joshi,
    Martins, Manquinho, Generalized totalizer encoding for pseudo-Boolean constraints, CP 2015.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.leaves import Leaves
from qnnt.encoders.model import FALSE, TRUE, Integers, by_length

Mask = npt.NDArray[np.bool_]

UP, DOWN = 0, 1
"""Directions: counted implies said, said implies counted."""

TOO_LARGE = -1


@dataclass(frozen=True, slots=True)
class Merges:
    """Nodes made in one step: `nodes` are consecutive, each the sum of `left` and `right`."""

    nodes: Integers
    left: Integers
    right: Integers


@dataclass
class Forest:
    """Nodes and their values; equal nodes are one.

    Attributes
    ----------
    largest
        Nodes with more values than this are not made: they are `TOO_LARGE`.
    shapes
        The distinct lists of values; each starts with 0 and increases.
    shape
        The number of each node's list of values.
    """

    largest: int
    shapes: list[Integers] = field(default_factory=list)
    shape: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    merges: list[Merges] = field(default_factory=list)
    leaf_literals: list[tuple[Integers, Integers]] = field(default_factory=list)
    """(nodes, literals per value but 0), one shape each."""
    _shape_ids: dict[bytes, int] = field(default_factory=dict)
    _sum_shapes: dict[tuple[int, int], int] = field(default_factory=dict)
    _known: dict[tuple[int, int], int] = field(default_factory=dict)

    def add_leaves(self, leaves: Leaves) -> Integers:
        """The node of each leaf."""
        nodes = np.empty(len(leaves), np.int64)
        for length, chosen in by_length(np.diff(leaves.offsets)):
            places = leaves.offsets[chosen][:, None] + np.arange(length)
            table = np.concatenate([leaves.literals[places], leaves.totals[places]], axis=1)
            distinct, back = np.unique(table, axis=0, return_inverse=True)
            shapes = self._shapes_of(distinct[:, length:])
            nodes[chosen] = (len(self.shape) + np.arange(len(distinct)))[back.reshape(-1)]
            for shape in np.unique(shapes).tolist():
                alike = shapes == shape
                self.leaf_literals.append((len(self.shape) + np.flatnonzero(alike), distinct[alike, :length]))
            self.shape = np.concatenate([self.shape, shapes])
        return nodes

    def _shapes_of(self, totals: Integers) -> Integers:
        distinct, back = np.unique(totals, axis=0, return_inverse=True)
        ids = [self._shape_id(np.concatenate(([0], row))) for row in distinct]
        return np.array(ids, np.int64)[back.reshape(-1)]

    def _shape_id(self, values: Integers) -> int:
        found = self._shape_ids.setdefault(values.tobytes(), len(self.shapes))
        if found == len(self.shapes):
            self.shapes.append(values)
        return found

    def add_sums(self, left: Integers, right: Integers) -> Integers:
        """The node of each sum of two nodes."""
        nodes = np.full(len(left), TOO_LARGE)
        small = (left != TOO_LARGE) & (right != TOO_LARGE)
        pairs = np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1)[small]
        distinct, back = np.unique(pairs, axis=0, return_inverse=True)
        shapes = self._sum_shapes_of(self.shape[distinct[:, 0]], self.shape[distinct[:, 1]])
        known = np.array([self._known.get((a, b), TOO_LARGE) for a, b in distinct.tolist()], np.int64)
        fresh = np.flatnonzero((shapes != TOO_LARGE) & (known == TOO_LARGE))
        known[fresh] = len(self.shape) + np.arange(len(fresh))
        made = distinct[fresh]
        self._known.update(((a, b), n) for (a, b), n in zip(made.tolist(), known[fresh].tolist(), strict=True))
        if len(fresh):
            self.merges.append(Merges(known[fresh], made[:, 0], made[:, 1]))
            self.shape = np.concatenate([self.shape, shapes[fresh]])
        nodes[small] = known[back.reshape(-1)]
        return nodes

    def _sum_shapes_of(self, left: Integers, right: Integers) -> Integers:
        distinct, back = np.unique(np.stack([left, right], axis=1), axis=0, return_inverse=True)
        return np.array([self._sum_shape(a, b) for a, b in distinct.tolist()], np.int64)[back.reshape(-1)]

    def _sum_shape(self, left: int, right: int) -> int:
        if (left, right) not in self._sum_shapes:
            a, b = self.shapes[left], self.shapes[right]
            values = np.unique(np.add.outer(a, b)) if len(a) * len(b) <= self.largest**2 else a
            fits = len(a) * len(b) <= self.largest**2 and len(values) <= self.largest
            self._sum_shapes[left, right] = self._shape_id(values) if fits else TOO_LARGE
        return self._sum_shapes[left, right]


class Circuits:
    """The clauses of a forest: first all demands, from the roots down, then the clauses, from the leaves up."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest
        self._sizes = np.array([len(values) for values in forest.shapes] or [0], np.int64)[forest.shape]
        self._starts = np.concatenate(([0], np.cumsum(self._sizes)))
        total = int(self._starts[-1])
        self._asked = np.zeros((2, total), bool)
        self._literals = np.zeros(total, np.int64)
        for nodes, literals in forest.leaf_literals:
            self._literals[self._starts[nodes][:, None] + 1 + np.arange(literals.shape[1])] = literals
        self._literals[self._starts[:-1]] = TRUE

    def places(self, nodes: Integers, at_least: Integers) -> Integers:
        """Where the threshold ``node >= at_least`` stands, a number; -1 if the node never gets there."""
        place = np.full(len(nodes), -1)
        shapes = self._forest.shape[nodes]
        for shape in np.unique(shapes).tolist():
            chosen = np.flatnonzero(shapes == shape)
            values = self._forest.shapes[shape]
            index = np.searchsorted(values, at_least[chosen])
            place[chosen] = np.where(index < len(values), self._starts[nodes[chosen]] + index, -1)
        return place

    def ask(self, places: Integers, direction: int) -> None:
        """Want these thresholds in this direction."""
        self._asked[direction, places] = True

    def name(self, places: Integers, literals: Integers) -> Integers:
        """Let free thresholds have these literals; returns the literal that each has now."""
        free = self._literals[places] == 0
        self._literals[places[free]] = literals[free]
        return self._literals[places]

    def literals_of(self, places: Integers) -> Integers:
        """The literals of thresholds, after `emit`."""
        return self._literals[places]

    def spread_demands(self) -> None:
        """Pass what is asked of nodes on to their children."""
        for merges in reversed(self._forest.merges):
            for group, a, b, total in self._groups(merges):
                at = self._starts[merges.nodes[group]][:, None] + np.arange(len(total))
                if not self._asked[:, at].any():
                    continue
                for child, own, other in ((merges.left[group], a, b), (merges.right[group], b, a)):
                    needs = _needs(own, other, total)
                    places = self._starts[child][:, None] + np.arange(len(own))
                    for direction in (UP, DOWN):
                        wanted = self._asked[direction, at] @ needs
                        self._asked[direction, places[wanted]] = True

    def _groups(self, merges: Merges) -> Iterator[tuple[Integers, Integers, Integers, Integers]]:
        """Merges with equal shapes of children: their indices, and the values of left, right and sum."""
        shape = self._forest.shape
        pairs = np.stack([shape[merges.left], shape[merges.right]], axis=1)
        distinct, back = np.unique(pairs, axis=0, return_inverse=True)
        back = back.reshape(-1)
        for i, (a, b) in enumerate(distinct.tolist()):
            group = np.flatnonzero(back == i)
            total = self._forest.shapes[shape[merges.nodes[group[0]]]]
            yield group, self._forest.shapes[a], self._forest.shapes[b], total

    def emit(self, builder: ClauseBuilder) -> None:
        """Write the clauses of everything that was asked for."""
        for merges in self._forest.merges:
            for group, a, b, total in self._groups(merges):
                at = self._starts[merges.nodes[group]][:, None] + np.arange(len(total))
                asked = np.concatenate([self._asked[UP, at], self._asked[DOWN, at]], axis=1)
                asked[:, [0, len(total)]] = False
                distinct, back = np.unique(asked, axis=0, return_inverse=True)
                back = back.reshape(-1)
                for i, pattern in enumerate(distinct):
                    chosen = back == i
                    members = merges.left[group][chosen], merges.right[group][chosen], at[chosen]
                    self._emit_alike(builder, members, a, b, total, pattern.reshape(2, -1))

    def _emit_alike(
        self,
        builder: ClauseBuilder,
        members: tuple[Integers, Integers, Integers],
        a: Integers,
        b: Integers,
        total: Integers,
        pattern: Mask,
    ) -> None:
        """Clauses of nodes with equal shapes, of which the same thresholds are asked for."""
        left, right, at = members
        used = np.flatnonzero(pattern.any(axis=0))
        if not len(used):
            return
        places = at[:, used].ravel()
        unnamed = places[self._literals[places] == 0]
        self._literals[unnamed] = builder.booleans(len(unnamed), "count")
        a_literals = np.concatenate(
            [self._literals[self._starts[left][:, None] + np.arange(len(a))], np.full((len(left), 1), FALSE)], axis=1
        )
        b_literals = np.concatenate(
            [self._literals[self._starts[right][:, None] + np.arange(len(b))], np.full((len(right), 1), FALSE)], axis=1
        )
        outputs = self._literals[at]
        for direction in (UP, DOWN):
            wanted = np.flatnonzero(pattern[direction])
            if not len(wanted):
                continue
            i, j, k = (_minimal_pairs if direction == UP else _maximal_pairs)(a, b, total[wanted])
            k = wanted[k]
            sign = -1 if direction == UP else 1
            clauses = np.stack([sign * a_literals[:, i], sign * b_literals[:, j], -sign * outputs[:, k]], axis=2)
            builder.clauses(clauses.reshape(-1, 3))
        if len(used) > 1:
            builder.clauses(np.stack([-outputs[:, used[1:]], outputs[:, used[:-1]]], axis=2).reshape(-1, 2))


def _needs(own: Integers, other: Integers, total: Integers) -> Mask:
    """Shape (values of the sum, own values): asked for ``sum >= v``, which own thresholds are needed."""
    needed = np.zeros((len(total), len(own) + 1), bool)
    index = np.searchsorted(own, total[:, None] - other[None, :])
    needed[np.arange(len(total))[:, None], index] = True
    needed[:, 0] = False
    return needed[:, :-1]


def _minimal_pairs(a: Integers, b: Integers, wanted: Integers) -> tuple[Integers, Integers, Integers]:
    """Indices (i, j, k): a[i] + b[j] >= wanted[k], and no smaller i or j will do."""
    index = np.searchsorted(b, wanted[:, None] - a[None, :])
    minimal = index < len(b)
    minimal[:, 1:] &= index[:, 1:] != index[:, :-1]
    k, i = np.nonzero(minimal)
    return i, index[k, i], k


def _maximal_pairs(a: Integers, b: Integers, wanted: Integers) -> tuple[Integers, Integers, Integers]:
    """Indices (i, j, k): with A below a[i] and B below b[j], the sum stays below wanted[k]; no larger pair does.

    An index one past the end stands for no condition.
    """
    bound = wanted[:, None] - a[None, :]
    index = np.searchsorted(b, bound)
    maximal = index > 0
    maximal[:, :-1] &= index[:, 1:] != index[:, :-1]
    k, i = np.nonzero(maximal)
    return i + 1, index[k, i], k
