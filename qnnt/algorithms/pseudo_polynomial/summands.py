"""The independent summands of the outputs' pre-activations in a network of two layers.

A summand is chosen without regard to all others: a hidden neuron with all of its parameters, an output's
bias, the weight of an edge from an input to an output. Where an identity neuron passes its sum on with
known weights, each of its own pieces is a summand: many small ones instead of one with all their sums.
Likewise the weights behind a neuron that has one pattern only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qnnt.activations import Activation, Identity
from qnnt.algorithms.pseudo_polynomial.neuron_patterns import NeuronPatterns, Piece, neuron_patterns
from qnnt.algorithms.pseudo_polynomial.ways import EdgeWay, Key, NeuronWay, PieceWay, Way, named
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.vectors import Integers
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance
from qnnt.network import edge_key

MOST_FACTORS = 1 << 18
"""Vectors of one neuron's weights to the outputs."""


@dataclass(frozen=True)
class Summand:
    """One of the factors times one of the patterns.

    Attributes
    ----------
    patterns
        Shape (K, p): numerators over `denominator`, at the distinct inputs.
    factors
        Vectors with a number per output: the contribution to output t is ``factor[t] * pattern``.
    way
        From there to parameters and back.
    """

    key: Key
    patterns: Integers
    denominator: int
    factors: tuple[tuple[Number, ...], ...]
    way: Way


def why_not(instance: Instance) -> str | None:
    """Why an instance has no such summands, or None: a neuron that is read may read inputs only."""
    network = instance.network
    neurons = set(network.neurons)
    for v in read_neurons(instance):
        for u in network.predecessors[v]:
            if u in neurons:
                return f"the network has more than two layers: {v}, which is no last neuron, reads the neuron {u}"
    return None


def read_neurons(instance: Instance) -> list[str]:
    """All neurons but the outputs that nobody reads."""
    network = instance.network
    outputs = set(network.outputs)
    return [v for v in network.neurons if v not in outputs or network.successors[v]]


def summands_of(instance: Instance, inputs: Sequence[tuple[Number, ...]], effort: Effort) -> Iterator[Summand]:
    """All summands; alike neurons share their patterns.

    An output that others read is a neuron like a hidden one, whose value counts once more: as its own.

    Parameters
    ----------
    inputs
        The p distinct input vectors.

    Raises
    ------
    UnsupportedError
        If the network has more than two layers, or numbers could need more than 60 bits.
    StateLimitError
        If a neuron has too many partial sums or vectors of output weights.
    """
    reason = why_not(instance)
    if reason:
        raise UnsupportedError(reason)
    network = instance.network
    columns = {name: tuple(x[j] for x in inputs) for j, name in enumerate(network.inputs)}
    ones = (1,) * len(inputs)
    known: dict[tuple[Activation, tuple[Piece, ...]], NeuronPatterns] = {}
    read = set(read_neurons(instance))
    for v in network.neurons:
        pieces: dict[Key, Piece] = {v: Piece(instance.biases[v], ones)}
        for u in network.predecessors[v]:
            if u in columns:
                pieces[u, v] = Piece(instance.weights[u, v], columns[u])
        factors = _Factors(instance, v)
        if v not in read:
            yield from _unrolled(pieces, factors.own)
            continue
        activation = instance.activations[v]
        if isinstance(activation, Identity) and factors.count == 1:
            yield from _unrolled(pieces, factors.vectors()[0])
            continue
        signature = activation, tuple(pieces.values())
        if signature not in known:
            known[signature] = neuron_patterns(*signature, effort, v)
        yield from _whole(v, tuple(pieces), known[signature], factors)


class _Factors:
    """The weights of a neuron's edges to outputs as vectors over all outputs."""

    def __init__(self, instance: Instance, v: str) -> None:
        outputs = instance.network.outputs
        self.own: tuple[Number, ...] = tuple(int(o == v) for o in outputs)
        self.edges = tuple((v, o) for o in outputs if (v, o) in instance.weights)
        self.places = tuple(outputs.index(o) for _, o in self.edges)
        self.sets = [instance.weights[edge] for edge in self.edges]
        self.count = math.prod(map(len, self.sets))

    def vectors(self) -> tuple[tuple[Number, ...], ...]:
        """All of them, the last edge's weight fastest."""
        if self.count > MOST_FACTORS:
            where = edge_key(self.edges[0])
            raise StateLimitError(f"{self.count:.1e} vectors of weights from {where} on to the outputs")
        found = []
        for weights in itertools.product(*self.sets):
            vector = list(self.own)
            for place, weight in zip(self.places, weights, strict=True):
                vector[place] = weight
            found.append(tuple(vector))
        return tuple(found)

    def apart(self) -> Iterator[tuple[tuple[Number, ...], ...]]:
        """For each edge the vectors of its own weights, 0 at all other outputs."""
        zeros = (0,) * len(self.own)
        for place, allowed in zip(self.places, self.sets, strict=True):
            yield tuple((*zeros[:place], weight, *zeros[place + 1 :]) for weight in allowed)


def _unrolled(pieces: Mapping[Key, Piece], factor: tuple[Number, ...]) -> Iterator[Summand]:
    """A summand per piece."""
    for key, piece in pieces.items():
        denominator = piece.denominator
        yield Summand(key, piece.choices(denominator, named(key)), denominator, (factor,), PieceWay(key, piece, factor))


def _whole(v: str, keys: tuple[Key, ...], made: NeuronPatterns, factors: _Factors) -> Iterator[Summand]:
    """The neuron with its edges to outputs; each of these apart if there is only one pattern."""
    if len(made.patterns) == 1:
        way = NeuronWay(keys, made, (factors.own,), (), ())
        yield Summand(v, made.patterns, made.denominator, (factors.own,), way)
        pattern = made.made_by(made.values_of(0))
        for edge, allowed, vectors in zip(factors.edges, factors.sets, factors.apart(), strict=True):
            yield Summand(edge, made.patterns, made.denominator, vectors, EdgeWay(edge, allowed, vectors, pattern))
        return
    vectors = factors.vectors()
    way = NeuronWay(keys, made, vectors, factors.edges, factors.places)
    yield Summand(v, made.patterns, made.denominator, vectors, way)
