"""Sorting networks: unary counts by comparators.

Formula
    A sorted sequence of literals is a unary number: its literal k says ``sum >= k``. Odd-even merging of
    two sorted sequences a and b: merge the odd places of both to v, the even places to w; then v_1, and
    comparators of v_{i+1} and w_i. Only the k largest asked for: k // 2 + 1 of v and k // 2 of w will do,
    and no more than k of a and of b.
Source
    Sums of literals with positive weights; a literal of weight w enters w times, so the total of the
    weights should be some hundreds at most.
Target
    Gates, in layers: a layer of all rows is one call. Blocks of equal literals at equal places (from
    multiples of powers of two) are sorted once.
Size
    `sortnetwrk`, all outputs: n log^2(n) / 4 comparators of two variables and 6 clauses. `cardnetwrk`, the
    largest k only: n log^2(k) / 4; sums with high bounds count what does not hold.
Reference
    Batcher, Sorting networks and their applications, AFIPS 1968; Asín, Nieuwenhuis, Oliveras,
    Rodríguez-Carbonell, Cardinality networks: a theoretical and empirical study, Constraints 16, 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qnnt.encoders.gates import Gates
from qnnt.encoders.model import Integers


def sortnetwrk(gates: Gates, literals: Integers, weights: Integers, bounds: Integers) -> Integers:
    """Literals ``sum weights[j] * literals[i, j] >= bounds[k]``, shape (rows, bounds), by sorting.

    Parameters
    ----------
    literals
        Shape (rows, terms).
    weights
        Shape (terms,), all positive; their total should be some hundreds at most.
    bounds
        Shape (bounds,), increasing, within 1..sum of weights.
    """
    repeated = np.repeat(literals, weights, axis=1)
    return _largest(gates, repeated, repeated.shape[1])[:, bounds - 1]


def cardnetwrk(gates: Gates, literals: Integers, weights: Integers, bounds: Integers) -> Integers:
    """As `sortnetwrk`, sorting only as far as the bounds go, from the cheaper end."""
    repeated = np.repeat(literals, weights, axis=1)
    total = repeated.shape[1]
    held, missed = int(bounds.max()), total + 1 - int(bounds.min())
    if held <= missed:
        return _largest(gates, repeated, held)[:, bounds - 1]
    return -_largest(gates, -repeated, missed)[:, total - bounds]


def _largest(gates: Gates, literals: Integers, outputs: int) -> Integers:
    """The first of each row when sorted, those that hold in front; shape (rows, outputs)."""
    network = _network(literals.shape[1], outputs)
    wires = np.empty((len(literals), network.wires), np.int64)
    wires[:, : literals.shape[1]] = literals
    for layer in network.layers:
        a, b, larger = layer.larger.T
        wires[:, larger] = gates.disjunction(wires[:, a], wires[:, b])
        a, b, smaller = layer.smaller.T
        wires[:, smaller] = gates.conjunction(wires[:, a], wires[:, b])
    return wires[:, network.outputs]


@dataclass(frozen=True)
class _Layer:
    """Comparators side by side, each half of them by itself: shape (gates, 3), two wires and the new one."""

    larger: Integers
    smaller: Integers


@dataclass(frozen=True)
class _Network:
    """Wires are numbered, the inputs first; every comparator has two new ones."""

    wires: int
    layers: tuple[_Layer, ...]
    outputs: Integers


@lru_cache(maxsize=256)
def _network(inputs: int, outputs: int) -> _Network:
    """The network for a number of inputs, without gates on which no output depends."""
    draft = _Draft(inputs)
    found = draft.largest(list(range(inputs)), outputs)
    used = set(found)
    for wire, a, b in reversed(draft.comparators):
        if wire in used or wire + 1 in used:
            used |= {a, b}
    depth = [0] * inputs
    gates: tuple[list[list[tuple[int, int, int]]], ...] = ([], [])
    for wire, a, b in draft.comparators:
        layer = max(depth[a], depth[b])
        depth += [layer + 1] * 2
        for kind, layers in enumerate(gates):
            layers += [[] for _ in range(layer + 1 - len(layers))]
            if wire + kind in used:
                layers[layer].append((a, b, wire + kind))
    pairs = zip(*gates, strict=True)
    tables = (_Layer(*(np.array(kind, np.int64).reshape(-1, 3) for kind in layer)) for layer in pairs)
    return _Network(draft.wires, tuple(tables), np.array(found, np.int64))


class _Draft:
    """A network being drawn.

    Attributes
    ----------
    comparators
        (larger wire, input, input); the smaller wire is the next.
    """

    def __init__(self, inputs: int) -> None:
        self.wires = inputs
        self.comparators: list[tuple[int, int, int]] = []

    def largest(self, wires: list[int], most: int) -> list[int]:
        """The largest of some wires, in order."""
        if len(wires) < 2:
            return wires
        half = 1 << ((len(wires) - 1).bit_length() - 1)  # longer and shorter sums have the same blocks
        return self.merged(self.largest(wires[:half], most), self.largest(wires[half:], most), most)

    def merged(self, a: list[int], b: list[int], most: int) -> list[int]:
        """The largest of two sorted sequences, in order."""
        a, b = a[:most], b[:most]
        if not a or not b:
            return a or b
        if len(a) == len(b) == 1:
            return self.compared(a[0], b[0])[:most]
        odd = self.merged(a[::2], b[::2], most // 2 + 1)
        even = self.merged(a[1::2], b[1::2], most // 2)
        pairs = [self.compared(v, w) for v, w in zip(odd[1:], even, strict=False)]
        rest = odd[1 + len(pairs) :] + even[len(pairs) :]
        return [odd[0], *(wire for pair in pairs for wire in pair), *rest][:most]

    def compared(self, a: int, b: int) -> list[int]:
        """The larger and the smaller of two wires."""
        larger = self.wires
        self.wires += 2
        self.comparators.append((larger, a, b))
        return [larger, larger + 1]
