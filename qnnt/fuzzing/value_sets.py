"""Random sets of weights and biases whose sizes multiply to little."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qnnt.exact import Number
from qnnt.fuzzing.palettes import Palette
from qnnt.network import Edge, Network

Values = tuple[Number, ...]
"""A set of numbers: sorted and distinct."""


@dataclass(frozen=True)
class Sets:
    """The allowed values of each edge and of each neuron."""

    weights: Mapping[Edge, Values]
    biases: Mapping[str, Values]


def set_sizes(rng: random.Random, copies: Sequence[int], most: int, largest: int = 3) -> list[int]:
    """Sizes of sets, grown at random for as long as there is room.

    Parameters
    ----------
    copies
        For each set, how many parameters have it.
    most
        The product of the sizes of the sets of all parameters is at most this.
    largest
        No set has more values.
    """
    sizes = [1] * len(copies)
    product = 1
    growing = list(range(len(copies)))
    while growing:
        i = rng.choice(growing)
        grown = product // sizes[i] ** copies[i] * (sizes[i] + 1) ** copies[i]
        if sizes[i] == largest or grown > most:
            growing.remove(i)
        else:
            sizes[i] += 1
            product = grown
    return sizes


def value_set(rng: random.Random, numbers: Sequence[Number], size: int) -> Values:
    """At least one number and at most so many, fewer if the draws repeat."""
    drawn = {rng.choice(numbers) for _ in range(size)}
    for _ in range(4):
        if len(drawn) < size:
            drawn.add(rng.choice(numbers))
    return tuple(sorted(drawn))


def random_sets(
    rng: random.Random, network: Network, palette: Palette, most: int, largest: int = 3, biased: float = 0.6
) -> Sets:
    """Sets of the palette's numbers for every edge and neuron.

    Parameters
    ----------
    most
        Settings.
    largest
        Values of a set.
    biased
        The probability that a neuron has a bias at all; the others have the set {0}.
    """
    with_bias = [v for v in network.neurons if rng.random() < biased]
    sizes = set_sizes(rng, [1] * (len(network.edges) + len(with_bias)), most, largest)
    weights = {edge: value_set(rng, palette.weights, size) for edge, size in zip(network.edges, sizes, strict=False)}
    biases: dict[str, Values] = dict.fromkeys(network.neurons, (0,))
    for v, size in zip(with_bias, sizes[len(network.edges) :], strict=True):
        biases[v] = value_set(rng, palette.biases, size)
    return Sets(weights, biases)
