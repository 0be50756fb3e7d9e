"""Wide instances: many inputs, or many hidden neurons that are alike or almost alike."""

from __future__ import annotations

import dataclasses
import random

from qnnt.fuzzing.assembly import assembled, quantized
from qnnt.fuzzing.palettes import SMALL, Palette
from qnnt.fuzzing.samples import random_inputs
from qnnt.fuzzing.sizes import settings_allowed
from qnnt.fuzzing.value_sets import Sets, Values, random_sets, set_sizes, value_set
from qnnt.instance import Instance, z_d
from qnnt.network import Edge, Network

MOST_INPUTS = 12
MOST_HIDDEN = 10
INFORMATIVE = (
    "relu",
    "relu",
    "identity",
    "threshold",
    "sign",
    "relu_d",
    "clip",
    "step",
    "leaky",
    "table",
    "polynomial",
)
"""Activations that let something through; `constant` would silence a whole class of neurons."""


def wide(rng: random.Random) -> Instance:
    """Many inputs, many hidden neurons, or both."""
    return rng.choice([_many_inputs, _many_alike, _many_alike])(rng)


def _many_inputs(rng: random.Random) -> Instance:
    """Up to 12 inputs; one in three is a d-QNNT neuron that reads them all."""
    inputs = rng.randint(6, MOST_INPUTS)
    samples = rng.randint(2, 6)
    if rng.random() < 1 / 3:
        d = 2 if inputs > 7 else rng.choice([2, 3])
        return quantized(rng, Network.layered([inputs, 1]), d, random_inputs(rng, inputs, z_d(d), samples))
    network = Network.layered([inputs, *rng.choice([[], [], [1], [2], [3]]), rng.choice([1, 1, 2])])
    sets = random_sets(rng, network, SMALL, settings_allowed(rng, samples, len(network.edges)), biased=0.4)
    x = random_inputs(rng, inputs, SMALL.points, samples)
    return assembled(rng, network, sets, x, SMALL)


def _many_alike(rng: random.Random) -> Instance:
    """One hidden layer of neurons that all play one role, up to two of them with a little difference."""
    network = _one_layer(rng, rng.randint(1, 4) if rng.random() < 0.8 else 8, rng.randint(3, MOST_HIDDEN))
    samples = rng.randint(2, 6)
    sets = _shared_sets(rng, network, SMALL, settings_allowed(rng, samples, len(network.edges)))
    roles = dict.fromkeys(network.hidden, "hidden")
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        v = rng.choice(network.hidden)
        if rng.random() < 0.25:
            roles[v] = v  # which then has an activation of its own
        else:
            sets = _slightly_changed(rng, network, sets, v)
    x = random_inputs(rng, len(network.inputs), SMALL.points, samples)
    return assembled(rng, network, sets, x, SMALL, roles=roles, activations=INFORMATIVE)


def _one_layer(rng: random.Random, inputs: int, hidden: int) -> Network:
    """Layers, or a graph: one neuron may read less, and outputs may read inputs."""
    outputs = rng.choice([1, 1, 1, 2])
    full = Network.layered([inputs, hidden, outputs])
    if rng.random() < 0.5:
        return full
    edges = list(full.edges)
    if inputs > 1 and rng.random() < 0.5:
        edges.remove(rng.choice(edges[: inputs * hidden]))
    edges += [(u, o) for o in full.outputs for u in full.inputs if rng.random() < 0.3]
    return Network.from_edges(full.inputs, full.outputs, edges)


def _shared_sets(rng: random.Random, network: Network, palette: Palette, most: int) -> Sets:
    """The same sets for all hidden neurons, input by input and output by output."""
    hidden = set(network.hidden)
    shared: dict[Edge, list[Edge]] = {}
    for u, v in network.edges:
        shared.setdefault(("" if u in hidden else u, "" if v in hidden else v), []).append((u, v))
    with_bias = rng.random() < 0.5
    copies = [*map(len, shared.values()), *([len(network.hidden)] if with_bias else []), *[1] * len(network.outputs)]
    sizes = set_sizes(rng, copies, most)
    weights: dict[Edge, Values] = {}
    for edges, size in zip(shared.values(), sizes, strict=False):
        weights |= dict.fromkeys(edges, value_set(rng, palette.weights, size))
    own = value_set(rng, palette.biases, sizes[len(shared)]) if with_bias else (0,)
    biases = dict.fromkeys(network.hidden, own)
    for o, size in zip(network.outputs, sizes[-len(network.outputs) :], strict=True):
        biases[o] = value_set(rng, palette.biases, size)
    return Sets({edge: weights[edge] for edge in network.edges}, {v: biases[v] for v in network.neurons})


def _slightly_changed(rng: random.Random, network: Network, sets: Sets, v: str) -> Sets:
    """The same, but for one set of this neuron; or two of its sets have changed places."""
    edges = [edge for edge in network.edges if v in edge]
    weights, biases = dict(sets.weights), dict(sets.biases)
    change = rng.choice(["weight", "swap", "bias"])
    if change == "bias":
        biases[v] = value_set(rng, SMALL.biases, len(biases[v]))
    elif change == "swap" and len(edges) > 1:
        first, second = rng.sample(edges, 2)
        weights[first], weights[second] = weights[second], weights[first]
    else:
        edge = rng.choice(edges)
        weights[edge] = value_set(rng, SMALL.weights, len(weights[edge]))
    return dataclasses.replace(sets, weights=weights, biases=biases)
