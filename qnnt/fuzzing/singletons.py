"""Instances about their sets: of one value, without 0, of negative values only, with large gaps."""

from __future__ import annotations

import dataclasses
import random

from qnnt.fuzzing.assembly import assembled
from qnnt.fuzzing.networks import network_of, random_graph, random_network
from qnnt.fuzzing.palettes import SMALL, Palette
from qnnt.fuzzing.samples import random_inputs
from qnnt.fuzzing.sizes import settings_allowed
from qnnt.fuzzing.value_sets import random_sets
from qnnt.instance import Instance
from qnnt.network import Network

FEW_SETTINGS = (1, 2, 3, 4, 8)
"""Settings of instances nearly all of whose sets have one value."""
GAPS = (7, 50, 1000)
MOST_SETTINGS = 2000
MOST_VALUES = 20


def singletons(rng: random.Random) -> Instance:
    """All sets of one value or nearly all, in networks of up to 12 neurons; or sets that are strange otherwise."""
    return rng.choice([_single_values, _single_values, _strange_values, _many_values])(rng)


def _single_values(rng: random.Random) -> Instance:
    network = network_of(random_graph(rng, rng.randint(1, 5), rng.randint(1, 3), rng.randint(0, 9)))
    sets = random_sets(rng, network, SMALL, rng.choice(FEW_SETTINGS))
    x = random_inputs(rng, len(network.inputs), SMALL.points, rng.randint(2, 6))
    return assembled(rng, network, sets, x, SMALL)


def _strange_values(rng: random.Random) -> Instance:
    gap = rng.choice(GAPS)
    values = rng.choice(
        [(-3, -2, -1, 1, 2), (-3, -2, -1), (1, 2, 3), (-gap, 1 - gap, 0, 1, gap), (gap, gap + 1, 2 * gap)]
    )
    biases = rng.choice([SMALL.biases, values, (-gap, gap)])
    palette = dataclasses.replace(SMALL, weights=values, biases=biases, largest=2000, measured=300)
    return _with_palette(rng, network_of(random_network(rng, None)), palette, 3)


def _many_values(rng: random.Random) -> Instance:
    """Few edges, and sets of up to 20 values."""
    values = tuple(range(-10, 11))
    palette = dataclasses.replace(SMALL, weights=values, biases=values, largest=1000, measured=100)
    network = Network.layered(rng.choice([(1, 1), (1, 1), (2, 1), (1, 2), (1, 1, 1), (1, 2, 1)]))
    return _with_palette(rng, network, palette, rng.choice([10, MOST_VALUES]))


def _with_palette(rng: random.Random, network: Network, palette: Palette, largest: int) -> Instance:
    samples = rng.randint(2, 5)
    most = min(MOST_SETTINGS, settings_allowed(rng, samples, len(network.edges)))
    sets = random_sets(rng, network, palette, most, largest)
    x = random_inputs(rng, len(network.inputs), palette.points, samples)
    return assembled(rng, network, sets, x, palette)
