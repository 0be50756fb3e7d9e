"""Deep instances: chains and ladders of 4 to 12 layers that are one or two neurons wide, with skip edges."""

from __future__ import annotations

import random

from qnnt.fuzzing.assembly import assembled, quantized
from qnnt.fuzzing.palettes import SMALL
from qnnt.fuzzing.samples import random_inputs
from qnnt.fuzzing.sizes import settings_allowed
from qnnt.fuzzing.value_sets import random_sets
from qnnt.instance import Instance, z_d
from qnnt.network import Edge, Network

LEAST_DEPTH = 4
MOST_DEPTH = 12
MOST_DEPTH_QUANTIZED = 8
"""A chain of d-QNNT neurons has two parameters at each, of d values."""
LIVELY = (
    "relu",
    "relu",
    "identity",
    "identity",
    "leaky",
    "clip",
    "relu_d",
    "sign",
    "threshold",
    "step",
    "table",
    "polynomial",
)
"""Activations that are rarely constant on what reaches them: one constant neuron ends a chain."""


def deep(rng: random.Random) -> Instance:
    """One in three is a d-QNNT instance."""
    return _deep_quantized(rng) if rng.random() < 1 / 3 else _deep_sets(rng)


def _deep_quantized(rng: random.Random) -> Instance:
    samples = rng.randint(2, 6)
    d = rng.choice([2, 2, 2, 3, 3, 4])
    most = MOST_DEPTH_QUANTIZED if d == 2 else LEAST_DEPTH + 1
    for _ in range(10):
        network = ladder(rng, rng.randint(1, 2), rng.randint(LEAST_DEPTH, most))
        parameters = len(network.edges) + len(network.neurons)
        if d**parameters <= settings_allowed(rng, samples, len(network.edges)):
            break
    else:
        d, network = 2, Network.layered([1] * (LEAST_DEPTH + 1))
    return quantized(rng, network, d, random_inputs(rng, len(network.inputs), z_d(d), samples))


def _deep_sets(rng: random.Random) -> Instance:
    samples = rng.randint(2, 6)
    network = ladder(rng, rng.randint(1, 3), rng.randint(LEAST_DEPTH, MOST_DEPTH))
    most = settings_allowed(rng, samples, len(network.edges))
    sets = random_sets(rng, network, SMALL, most, rng.choice([2, 3, 4]), biased=0.5)
    x = random_inputs(rng, len(network.inputs), SMALL.points, samples)
    return assembled(rng, network, sets, x, SMALL, activations=LIVELY)


def ladder(rng: random.Random, inputs: int, depth: int) -> Network:
    """Layers of one or two neurons: fully connected, or each neuron reads some of the layer before it and others."""
    outputs = rng.choice([1, 1, 1, 2])
    rung = rng.choice([0.0, 0.0, 0.3, 1.0])  # how often a layer has two neurons
    widths = [inputs, *(2 if rng.random() < rung else 1 for _ in range(depth - 1)), outputs]
    full = Network.layered(widths)
    if rng.random() < 0.4:
        return full
    kept = dict.fromkeys(edge for edge in full.edges if rng.random() < 0.7)
    skipping = rng.choice([0.0, 0.05, 0.15])
    every = (*full.inputs, *full.neurons)
    level = full.level
    kept |= dict.fromkeys(
        (u, v) for v in full.neurons for u in every if level[u] < level[v] - 1 and rng.random() < skipping
    )
    return Network.from_edges(full.inputs, full.outputs, _with_paths(rng, full, list(kept)))


def _with_paths(rng: random.Random, full: Network, kept: list[Edge]) -> list[Edge]:
    """With an edge from the layer before each hidden neuron, and one to the layer behind it."""
    edges = list(kept)
    for v in full.hidden:
        if not any((u, v) in kept for u in full.predecessors[v]):
            edges.append((rng.choice(full.predecessors[v]), v))
        if not any((v, t) in kept for t in full.successors[v]):
            edges.append((v, rng.choice(full.successors[v])))
    return list(dict.fromkeys(edges))
