"""Hidden neurons that differ in one respect: a symmetry that is none, and a solution that shows it.

Labels are planted, so that some arrangement of the neurons has loss 0, and as the neurons differ, the
others usually have not: whoever orders such neurons loses the optimum.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from qnnt.fuzzing.assembly import assembled
from qnnt.fuzzing.palettes import SMALL
from qnnt.fuzzing.samples import Labelling, random_inputs
from qnnt.fuzzing.value_sets import Sets, Values, value_set
from qnnt.instance import Instance
from qnnt.network import Edge, Network

PLANTED = Labelling((0.0, 0.0, 0.0, 0.2), 0.1, 0.2)
MONOTONE = ("relu", "identity", "leaky", "leaky")
"""Activations that tell their neurons' weights apart."""

Difference = Callable[[random.Random, Network, Sets], Sets]


def almost_alike(rng: random.Random) -> Instance:
    """One or two inputs, two or three hidden neurons, one output."""
    network = Network.layered([rng.choice([1, 1, 2]), rng.choice([2, 2, 3]), 1])
    sets = rng.choice(DIFFERENCES)(rng, network, _alike(rng, network))
    roles = dict.fromkeys(network.hidden, "hidden")
    if rng.random() < 0.25:
        roles = {}  # activations of their own
    x = random_inputs(rng, len(network.inputs), SMALL.points, rng.randint(3, 6))
    return assembled(rng, network, sets, x, SMALL, roles=roles, activations=MONOTONE, labelling=PLANTED)


def _alike(rng: random.Random, network: Network) -> Sets:
    """Two or three values for what hidden neurons read, one for what reads them."""
    incoming = {u: value_set(rng, SMALL.weights, rng.choice([2, 3, 3])) for u in network.inputs}
    bias = value_set(rng, SMALL.biases, rng.choice([1, 2, 2]))
    weights: dict[Edge, Values] = {(u, v): incoming.get(u, (1,)) for u, v in network.edges}
    return Sets(weights, {v: bias if v in network.hidden else (0,) for v in network.neurons})


def _outgoing(rng: random.Random, network: Network, sets: Sets) -> Sets:
    """What the output makes of them."""
    factors = rng.sample([-3, -2, -1, 1, 2, 3], len(network.hidden))
    own = {(v, o): (factor,) for v, factor in zip(network.hidden, factors, strict=True) for o in network.outputs}
    return Sets({**sets.weights, **own}, sets.biases)


def _biases(_: random.Random, network: Network, sets: Sets) -> Sets:
    """Sets of equal size and other values."""
    own = {v: tuple(bias + shift for bias in sets.biases[v]) for shift, v in enumerate(network.hidden)}
    return Sets(sets.weights, {**sets.biases, **own})


def _incoming(rng: random.Random, network: Network, sets: Sets) -> Sets:
    """One set of one neuron."""
    v, u = rng.choice(network.hidden), rng.choice(network.inputs)
    moved = tuple(weight + rng.choice([-1, 1]) * 2 for weight in sets.weights[u, v])
    return Sets({**sets.weights, (u, v): tuple(sorted(set(moved)))}, sets.biases)


DIFFERENCES: tuple[Difference, ...] = (_outgoing, _outgoing, _biases, _incoming)
