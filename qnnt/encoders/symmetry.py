"""Interchangeable hidden neurons, and an order among them.

Hidden neurons with equal predecessors, successors, activation, bias set and, edge by edge, equal
weight sets can be permuted without changing the network's function. Of each class only the
arrangement whose vectors of incoming weights and bias decrease lexicographically is kept: sound for
all classes at once, since classes can be sorted one after the other in topological order and
permuting later neurons leaves the incoming weights of earlier ones alone.

Size: per neighbouring pair and parameter of m + 1 values one variable and 2m + 1 clauses; one linear
for an integer coded parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import TRUE, Integers
from qnnt.encoders.weights import ParameterCode
from qnnt.exact import Number
from qnnt.instance import Instance, Parameters
from qnnt.network import Edge


def canonical(instance: Instance, parameters: Parameters) -> Parameters:
    """The arrangement of the same network that `break_symmetry` allows."""
    weights, biases = dict(parameters.weights), dict(parameters.biases)
    network = instance.network

    def vector(v: str) -> tuple[Number, ...]:
        return (*(weights[u, v] for u in network.predecessors[v]), biases[v])

    for members in interchangeable(instance):
        ordered = sorted(members, key=vector, reverse=True)
        moved_weights = {}
        moved_biases = {}
        for place, v in zip(members, ordered, strict=True):
            moved_biases[place] = biases[v]
            moved_weights.update({(u, place): weights[u, v] for u in network.predecessors[v]})
            moved_weights.update({(place, t): weights[v, t] for t in network.successors[v]})
        weights.update(moved_weights)
        biases.update(moved_biases)
    return Parameters(weights, biases)


def break_symmetry(
    builder: ModelBuilder,
    instance: Instance,
    weights: Mapping[Edge, ParameterCode],
    biases: Mapping[str, ParameterCode],
) -> None:
    """Lexicographically decreasing incoming vectors within each class of interchangeable neurons."""
    for members in interchangeable(instance):
        vectors = [[*(weights[u, v] for u in instance.network.predecessors[v]), biases[v]] for v in members]
        for larger, smaller in pairwise(vectors):
            _lexicographic(builder, larger, smaller)


def _lexicographic(builder: ModelBuilder, larger: Sequence[ParameterCode], smaller: Sequence[ParameterCode]) -> None:
    """``larger >= smaller``: a literal per position says that all positions so far may be equal."""
    equal_so_far = np.array([TRUE])
    open_positions = [(a, b) for a, b in zip(larger, smaller, strict=True) if len(a.values) > 1]
    for i, (a, b) in enumerate(open_positions):
        last = i == len(open_positions) - 1
        equal = np.array([TRUE]) if last else builder.booleans(1, "equal so far")
        if a.variable:
            row = np.concatenate([[a.variable, b.variable], equal])[None, :]
            sums, folded = builder.sums(row, np.array([[1, -1, 1]]))
            builder.linears(sums, 1 - folded, equal_so_far)
        else:
            _order_clauses(builder, a.literals, b.literals, equal_so_far, equal)
        equal_so_far = equal


def _order_clauses(builder: ModelBuilder, a: Integers, b: Integers, equal_so_far: Integers, equal: Integers) -> None:
    """Under equal_so_far: a >= b, and a > b unless `equal`."""
    steps = len(a)
    premise = np.broadcast_to(-equal_so_far, steps)
    builder.clauses(np.stack([premise, -b, a], axis=1))
    # a > b: a is above its least value, b below its largest, and b >= v_s implies a >= v_{s+1}
    strict = np.stack([np.concatenate([[-TRUE], -b]), np.concatenate([a, [-TRUE]])], axis=1)
    premises = np.stack([np.broadcast_to(-equal_so_far, steps + 1), np.broadcast_to(equal, steps + 1)], axis=1)
    builder.clauses(np.concatenate([premises, strict], axis=1))
