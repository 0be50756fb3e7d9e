"""Instances at the edge of what an instance can be: nothing to read, nothing to choose, nothing to reach."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from qnnt.activations import Activation, Constant, Table
from qnnt.fuzzing.assembly import assembled, quantized
from qnnt.fuzzing.bounds import bounded, with_bound
from qnnt.fuzzing.functions import COUNTING, LOSSES
from qnnt.fuzzing.graphs import small_graph
from qnnt.fuzzing.networks import network_of, random_network
from qnnt.fuzzing.palettes import SMALL
from qnnt.fuzzing.samples import random_inputs
from qnnt.fuzzing.value_sets import Sets, random_sets
from qnnt.instance import Dataset, Instance, z_d
from qnnt.network import Network

MOST_SETTINGS = 500
MOST_SAMPLES = 4
NOWHERE = 10**6
"""A pre-activation that no neuron comes near."""
SAMPLE_WEIGHTS = (1, 2, 2**31 - 1, 2**31, 2**32, 2**40 + 1, 2**53 + 1)
LARGEST_SAMPLE_WEIGHTS = (1, 2**61, 2**62)


def degenerate(rng: random.Random) -> Instance:
    """One of the `CASES`."""
    return rng.choice(list(CASES.values()))(rng)


def _no_sample(rng: random.Random) -> Instance:
    return with_bound(rng, _ordinary(rng).derive(dataset=Dataset((), (), ())))


def _one_sample(rng: random.Random) -> Instance:
    instance = _ordinary(rng)
    data = instance.dataset
    return with_bound(rng, instance.derive(dataset=Dataset(data.x[:1], data.y[:1], data.weight[:1])))


def _all_masked(rng: random.Random) -> Instance:
    instance = _ordinary(rng)
    data = instance.dataset
    masked = tuple((None,) * len(y) for y in data.y)
    return with_bound(rng, instance.derive(dataset=Dataset(data.x, masked, data.weight)))


def _one_input(rng: random.Random) -> Instance:
    """All samples at the same point."""
    instance = _ordinary(rng)
    data = instance.dataset
    return with_bound(rng, instance.derive(dataset=Dataset(data.x[:1] * len(data), data.y, data.weight)))


def _zero_weights(rng: random.Random) -> Instance:
    network = network_of(random_network(rng, None))
    biases = random_sets(rng, network, SMALL, MOST_SETTINGS).biases
    return _with_sets(rng, network, Sets(dict.fromkeys(network.edges, (0,)), biases))


def _no_hidden_neuron(rng: random.Random) -> Instance:
    network = Network.layered([rng.randint(1, 4), rng.randint(1, 3)])
    if rng.random() < 0.3:
        d = rng.choice([2, 2, 3]) if len(network.edges) < 5 else 2
        return quantized(rng, network, d, random_inputs(rng, len(network.inputs), z_d(d), rng.randint(1, 2)))
    return _with_sets(rng, network, random_sets(rng, network, SMALL, MOST_SETTINGS))


def _no_in_edges(rng: random.Random) -> Instance:
    """Some outputs read nothing, or all of them."""
    inputs, outputs = ["x1", "x2"], [f"o{i + 1}" for i in range(rng.randint(1, 3))]
    network = Network.from_edges(inputs, outputs, [(u, o) for o in outputs[1:] for u in inputs if rng.random() < 0.7])
    if rng.random() < 0.3:
        d = rng.randint(2, 3)
        return quantized(rng, network, d, random_inputs(rng, 2, z_d(d), rng.randint(1, 2)))
    return _with_sets(rng, network, random_sets(rng, network, SMALL, MOST_SETTINGS, biased=1.0))


def _nothing_admissible(rng: random.Random) -> Instance:
    """A neuron's table is undefined wherever the neuron comes."""
    instance = _d_nnt(rng)
    activations = {**instance.activations, rng.choice(instance.network.neurons): Table(((NOWHERE, 1),))}
    return instance.derive(activations=activations)


def _constants(rng: random.Random) -> Instance:
    """All activations are constant, so that all parameters have the same loss."""
    instance = _d_nnt(rng)
    activations: dict[str, Activation] = {v: Constant(rng.choice(SMALL.constants)) for v in instance.network.neurons}
    return instance.derive(activations=activations)


def _huge_sample_weights(rng: random.Random) -> Instance:
    instance = _ordinary(rng, COUNTING)
    data = instance.dataset
    weights = LARGEST_SAMPLE_WEIGHTS if rng.random() < 0.1 else SAMPLE_WEIGHTS
    weighted = Dataset(data.x, data.y, tuple(rng.choice(weights) for _ in data.x))
    return with_bound(rng, instance.derive(dataset=weighted))


def _bound_zero(rng: random.Random) -> Instance:
    return bounded(rng, _ordinary(rng), "zero")


def _bound_total(rng: random.Random) -> Instance:
    return bounded(rng, _ordinary(rng), "total")


def _bound_above(rng: random.Random) -> Instance:
    return bounded(rng, _ordinary(rng), "above")


def _bound_below(rng: random.Random) -> Instance:
    return bounded(rng, _ordinary(rng), "below")


CASES: Mapping[str, Callable[[random.Random], Instance]] = {
    "no sample": _no_sample,
    "one sample": _one_sample,
    "all labels masked": _all_masked,
    "one input": _one_input,
    "zero weights": _zero_weights,
    "no hidden neuron": _no_hidden_neuron,
    "no in-edges": _no_in_edges,
    "nothing admissible": _nothing_admissible,
    "constants": _constants,
    "huge sample weights": _huge_sample_weights,
    "bound 0": _bound_zero,
    "bound total": _bound_total,
    "bound above": _bound_above,
    "bound below": _bound_below,
}


def _ordinary(rng: random.Random, losses: Sequence[str] = LOSSES) -> Instance:
    """What the cases start from; one in three is a d-QNNT instance. Without a bound."""
    if rng.random() < 2 / 3:
        return _d_nnt(rng, losses).derive(bound=None)
    d = rng.choice([2, 2, 3])
    network = small_graph(rng, d, MOST_SAMPLES)
    x = random_inputs(rng, len(network.inputs), z_d(d), rng.randint(1, MOST_SAMPLES))
    return quantized(rng, network, d, x).derive(bound=None)


def _d_nnt(rng: random.Random, losses: Sequence[str] = LOSSES) -> Instance:
    network = network_of(random_network(rng, None))
    return _with_sets(rng, network, random_sets(rng, network, SMALL, MOST_SETTINGS), losses)


def _with_sets(rng: random.Random, network: Network, sets: Sets, losses: Sequence[str] = LOSSES) -> Instance:
    x = random_inputs(rng, len(network.inputs), SMALL.points, rng.randint(1, MOST_SAMPLES))
    return assembled(rng, network, sets, x, SMALL, losses=losses)
