"""Any DAG: skip connections, outputs that others read or that read nothing, unread inputs, odd names."""

from __future__ import annotations

import random

from qnnt.fuzzing.assembly import assembled, quantized
from qnnt.fuzzing.networks import ODD_NAMES, network_of, random_graph
from qnnt.fuzzing.palettes import SMALL
from qnnt.fuzzing.samples import random_inputs
from qnnt.fuzzing.sizes import settings_allowed
from qnnt.fuzzing.value_sets import random_sets
from qnnt.instance import Instance, z_d
from qnnt.network import Network

NAMES = (
    *ODD_NAMES,
    *("o1", "h1", "h1_1", "1", "-1", "nan", "null", "x10", "a,b", '"', "\\", "#", "%d", "$x", "b(h1)", "c p cnf", "→"),
)
"""Legal names that might be taken for something else."""


def graph(rng: random.Random) -> Instance:
    """Up to 4 inputs, 3 outputs and 6 hidden neurons; one in four is a d-QNNT instance."""
    samples = rng.randint(2, 6)
    if rng.random() < 1 / 4:
        d = rng.choice([2, 2, 2, 3])
        network = small_graph(rng, d, samples)
        return quantized(rng, network, d, random_inputs(rng, len(network.inputs), z_d(d), samples))
    network = network_of(
        random_graph(rng, rng.randint(1, 4), rng.choice([1, 1, 2, 2, 3]), rng.choice([1, 2, 3, 4, 6]), NAMES)
    )
    most = settings_allowed(rng, samples, len(network.edges))
    sets = random_sets(rng, network, SMALL, most, rng.choice([2, 3, 4]), biased=0.5)
    x = random_inputs(rng, len(network.inputs), SMALL.points, samples)
    return assembled(rng, network, sets, x, SMALL)


def small_graph(rng: random.Random, d: int, samples: int) -> Network:
    """A graph with few enough parameters for d-QNNT, the largest of some."""
    found = Network.from_edges(["x1"], ["o1"], [("x1", "o1")])
    for _ in range(6):
        drawn = network_of(random_graph(rng, rng.randint(1, 3), rng.randint(1, 2), rng.randint(0, 3), NAMES))
        parameters = len(drawn.edges) + len(drawn.neurons)
        larger = parameters > len(found.edges) + len(found.neurons)
        if larger and d**parameters <= settings_allowed(rng, samples, len(drawn.edges)):
            found = drawn
    return found
