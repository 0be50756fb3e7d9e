"""The shape of measurements: fully connected d-QNNT, with random, planted and flipped labels."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from functools import cache

from qnnt.fuzzing.assembly import quantized
from qnnt.fuzzing.samples import random_inputs
from qnnt.fuzzing.sizes import MOST_SETTINGS, sums_allowed
from qnnt.instance import Instance, z_d
from qnnt.network import Network

LEAST_SAMPLES, MOST_SAMPLES = 3, 8
"""Fewer are nearly always learned without error."""
LARGE_D = (6, 7, 8, 9, 16, 33, 64)
"""For networks of two or three parameters."""
MOST_LAYERS = 4
"""Of neurons; `qnnt.fuzzing.deep` has more."""
MOST_ALIKE = 5
"""Neurons or inputs in a layer."""


def layers(rng: random.Random) -> Instance:
    """Fully connected layers; those that use up the allowed settings are likelier."""
    d = rng.randint(2, 5) if rng.random() < 0.92 else rng.choice(LARGE_D)
    samples = rng.randint(LEAST_SAMPLES, MOST_SAMPLES)
    allowed = sums_allowed(rng) // samples
    usable = [sizes for sizes in layer_sizes() if d ** parameters(sizes) * edges(sizes) <= allowed] or [(1, 1)]
    count = rng.choice(sorted({len(sizes) for sizes in usable} - {2}) or [2]) if rng.random() < 0.85 else 2
    sizes = max(rng.choices([sizes for sizes in usable if len(sizes) == count], k=2), key=parameters)
    return quantized(rng, Network.layered(sizes), d, random_inputs(rng, sizes[0], z_d(d), samples))


def edges(sizes: tuple[int, ...]) -> int:
    """Of fully connected layers."""
    return sum(a * b for a, b in itertools.pairwise(sizes))


def parameters(sizes: tuple[int, ...]) -> int:
    """Edges and neurons of fully connected layers."""
    return edges(sizes) + sum(sizes[1:])


@cache
def layer_sizes() -> tuple[tuple[int, ...], ...]:
    """All sizes of layers, inputs first, that stay within `MOST_SETTINGS` for d = 2."""
    return tuple(sizes for inputs in range(1, MOST_ALIKE + 1) for sizes in _longer((inputs,)))


def _longer(sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """These layers and more, as long as they are few enough."""
    for size in range(1, MOST_ALIKE + 1):
        longer = (*sizes, size)
        if len(longer) <= MOST_LAYERS + 1 and 2 ** parameters(longer) <= MOST_SETTINGS:
            yield longer
            yield from _longer(longer)
