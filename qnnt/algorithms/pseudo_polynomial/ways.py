"""From what a summand contributes to the parameters that make it, and back.

A contribution is a *factor*, a vector with a number per output, times a *pattern*, a vector with a number
per distinct input. A summand numbers its factors and its patterns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from qnnt.algorithms.pseudo_polynomial.neuron_patterns import NeuronPatterns, Piece
from qnnt.exact import Number
from qnnt.instance import Parameters
from qnnt.network import Edge, edge_key

Key = str | Edge
"""What is chosen: an edge, for its weight; an output or an unrolled identity neuron, for its bias; any other
neuron, for its bias and all weights around it."""

Vector = tuple[Number, ...]


def named(key: Key) -> str:
    """In words."""
    return key if isinstance(key, str) else edge_key(key)


def value_of(parameters: Parameters, key: Key) -> Number:
    """The weight of an edge, or the bias of a neuron."""
    return parameters.biases[key] if isinstance(key, str) else parameters.weights[key]


class Way(Protocol):
    """Between contributions and parameters."""

    def setting(self, factor: int, pattern: int) -> Mapping[Key, Number]:
        """Weights by edge, biases by neuron, that make a factor and a pattern, both by number."""
        ...

    def contribution(self, parameters: Parameters) -> tuple[Vector, Vector]:
        """The factor and the pattern that admissible parameters make."""
        ...


@dataclass(frozen=True)
class PieceWay:
    """A weight or bias that comes to the outputs through a known factor."""

    key: Key
    piece: Piece
    factor: Vector

    def setting(self, factor: int, pattern: int) -> Mapping[Key, Number]:
        return {self.key: self.piece.allowed[pattern]}

    def contribution(self, parameters: Parameters) -> tuple[Vector, Vector]:
        value = value_of(parameters, self.key)
        return self.factor, tuple(value * x for x in self.piece.column)


@dataclass(frozen=True)
class EdgeWay:
    """The weight of an edge behind a neuron that has one pattern."""

    edge: Edge
    allowed: tuple[Number, ...]
    factors: tuple[Vector, ...]
    pattern: Vector

    def setting(self, factor: int, pattern: int) -> Mapping[Key, Number]:
        return {self.edge: self.allowed[factor]}

    def contribution(self, parameters: Parameters) -> tuple[Vector, Vector]:
        return self.factors[self.allowed.index(parameters.weights[self.edge])], self.pattern


@dataclass(frozen=True)
class NeuronWay:
    """A neuron, with edges to outputs.

    Attributes
    ----------
    keys
        The bias and the weights that it reads with, one per piece.
    places
        For each edge its output's place.
    """

    keys: tuple[Key, ...]
    made: NeuronPatterns
    factors: tuple[Vector, ...]
    edges: tuple[Edge, ...]
    places: tuple[int, ...]

    def setting(self, factor: int, pattern: int) -> Mapping[Key, Number]:
        found = dict(zip(self.keys, self.made.values_of(pattern), strict=True))
        found.update((edge, self.factors[factor][t]) for edge, t in zip(self.edges, self.places, strict=True))
        return found

    def contribution(self, parameters: Parameters) -> tuple[Vector, Vector]:
        factor = list(self.factors[0])
        for edge, t in zip(self.edges, self.places, strict=True):
            factor[t] = parameters.weights[edge]
        values = [value_of(parameters, key) for key in self.keys]
        return tuple(factor), self.made.made_by(values)
