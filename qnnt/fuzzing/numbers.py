"""Instances about their numbers: rationals and huge numbers."""

from __future__ import annotations

import dataclasses
import random

from qnnt.fuzzing.assembly import assembled
from qnnt.fuzzing.functions import ACTIVATIONS, COUNTING, LOSSES
from qnnt.fuzzing.networks import network_of, random_network
from qnnt.fuzzing.palettes import huge_palette, rational_palette
from qnnt.fuzzing.samples import random_inputs
from qnnt.fuzzing.sizes import settings_allowed
from qnnt.fuzzing.value_sets import random_sets
from qnnt.instance import Instance

MOST_SETTINGS = 400
"""Exact arithmetic on rationals is slow, and formulas on huge numbers are large."""
COMPARING = (*ACTIVATIONS, "identity", "identity", "threshold", "sign", "step", "step", "clip", "leaky")
"""Activations; those that pass sums on or compare them with a number are likelier."""
SEPARABLE = tuple(name for name in LOSSES if name != "linf")
"""Formulas for the largest of several huge gaps take minutes."""
HUGE_SAMPLE_WEIGHTS = (1, 2**31, 2**32 + 1, 2**40 - 1)


def rational(rng: random.Random) -> Instance:
    """Denominators up to 12 in sets, data, labels and constants, now and then a large prime."""
    palette = rational_palette(rng)
    network = network_of(random_network(rng, None))
    samples = rng.randint(2, 5)
    most = min(MOST_SETTINGS, settings_allowed(rng, samples, len(network.edges)))
    x = random_inputs(rng, len(network.inputs), palette.points, samples)
    return assembled(rng, network, random_sets(rng, network, palette, most), x, palette)


def huge(rng: random.Random) -> Instance:
    """Numbers up to 2^54 next to tiny ones, where 32 bits, or the 53 of a float, are not enough."""
    palette = huge_palette(rng)
    network = network_of(random_network(rng, None))
    samples = rng.randint(1, 2 if palette.measured else 4)
    most = min(MOST_SETTINGS, settings_allowed(rng, samples, len(network.edges)))
    x = random_inputs(rng, len(network.inputs), palette.points, samples)
    sets = random_sets(rng, network, palette, most)
    instance = assembled(rng, network, sets, x, palette, activations=COMPARING, losses=SEPARABLE)
    if instance.loss.name in COUNTING and rng.random() < 0.2:
        weight = tuple(rng.choice(HUGE_SAMPLE_WEIGHTS) for _ in range(samples))
        return instance.derive(dataset=dataclasses.replace(instance.dataset, weight=weight))
    return instance
