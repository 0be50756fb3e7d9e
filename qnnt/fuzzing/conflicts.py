"""Instances whose samples share inputs, with different labels, masks and weights: merging them matters."""

from __future__ import annotations

import random
from collections.abc import Sequence

from qnnt.exact import Number
from qnnt.fuzzing.assembly import assembled, quantized
from qnnt.fuzzing.graphs import small_graph
from qnnt.fuzzing.networks import network_of, random_network
from qnnt.fuzzing.palettes import SMALL
from qnnt.fuzzing.samples import Inputs, Labelling
from qnnt.fuzzing.sizes import settings_allowed
from qnnt.fuzzing.value_sets import random_sets
from qnnt.instance import Instance, z_d

MOST_SAMPLES = 10
MOST_DISTINCT = 3
CONFLICTING = Labelling((0.3, 0.5, 0.8), 0.5, 0.6)


def conflicts(rng: random.Random) -> Instance:
    """Up to 10 samples on up to 3 distinct inputs; one in three is a d-QNNT instance."""
    distinct = rng.randint(1, MOST_DISTINCT)
    samples = rng.randint(distinct + 1, MOST_SAMPLES)
    if rng.random() < 1 / 3:
        d = rng.choice([2, 2, 3])
        network = small_graph(rng, d, distinct)
        x = _repeated(rng, len(network.inputs), z_d(d), distinct, samples)
        return quantized(rng, network, d, x, CONFLICTING)
    network = network_of(random_network(rng, None))
    sets = random_sets(rng, network, SMALL, settings_allowed(rng, distinct, len(network.edges)))
    x = _repeated(rng, len(network.inputs), SMALL.points, distinct, samples)
    return assembled(rng, network, sets, x, SMALL, labelling=CONFLICTING)


def _repeated(rng: random.Random, count: int, points: Sequence[Number], distinct: int, samples: int) -> Inputs:
    """Input vectors of which at most so many are distinct."""
    rows = [tuple(rng.choice(points) for _ in range(count)) for _ in range(distinct)]
    return tuple(rng.choice(rows) for _ in range(samples))
