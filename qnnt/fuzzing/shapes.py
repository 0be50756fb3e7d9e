"""The shapes of random instances, and how often each is drawn."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from qnnt.errors import CertificateError
from qnnt.evaluation import evaluate
from qnnt.fuzzing.almost_alike import almost_alike
from qnnt.fuzzing.assembly import MOST_PAIRS
from qnnt.fuzzing.bounds import with_bound
from qnnt.fuzzing.conflicts import conflicts
from qnnt.fuzzing.deep import deep
from qnnt.fuzzing.degenerate import degenerate
from qnnt.fuzzing.functions import LOSSES
from qnnt.fuzzing.graphs import graph
from qnnt.fuzzing.layers import layers
from qnnt.fuzzing.numbers import huge, rational
from qnnt.fuzzing.singletons import singletons
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.fuzzing.wide import wide
from qnnt.instance import Instance
from qnnt.losses import Squared, TableLoss

Generator = Callable[[random.Random], Instance]


class Shape(NamedTuple):
    """How often a shape is drawn, relative to the others, and what draws it."""

    weight: int
    generator: Generator


LISTING_LOSSES = ("table", "accept")
"""Losses for which `random_instance` goes through all settings."""
PLAIN_LOSSES = tuple(name for name in LOSSES if name not in LISTING_LOSSES)
FEW_SETTINGS = 60
HEAVY = 5000
"""Numerators of squared losses from which formulas are large."""
TRIES = 4


def tiny(rng: random.Random) -> Instance:
    """Anything that the format allows, in small; with losses that list outputs only if there are few settings."""

    def drawn(rng: random.Random) -> Instance:
        if rng.random() < 0.35:
            return random_instance(rng, most_settings=FEW_SETTINGS)
        return random_instance(rng, losses=PLAIN_LOSSES)

    return _light(rng, drawn)


def two_layer(rng: random.Random) -> Instance:
    """One hidden layer at most, of neurons that are mostly alike."""
    return with_bound(rng, _light(rng, random_two_layer))


def _light(rng: random.Random, generator: Generator) -> Instance:
    """The first of some instances whose loss is no large table and no square of large numbers, else the last."""
    instance = generator(rng)
    for _ in range(TRIES):
        if not _is_heavy(rng, instance):
            break
        instance = generator(rng)
    return instance


def _is_heavy(rng: random.Random, instance: Instance) -> bool:
    if isinstance(instance.loss, TableLoss):
        return len(instance.loss.entries) > MOST_PAIRS
    return isinstance(instance.loss, Squared) and max(map(abs, _numerators(rng, instance)), default=0) > HEAVY


def _numerators(rng: random.Random, instance: Instance) -> Iterator[int]:
    """Of the losses of a few parameters."""
    for _ in range(TRIES):
        with suppress(CertificateError):
            yield evaluate(instance, random_parameters(rng, instance)).numerator


SHAPES: Mapping[str, Shape] = {
    "tiny": Shape(12, tiny),
    "two-layer": Shape(8, two_layer),
    "layers": Shape(10, layers),
    "almost alike": Shape(6, almost_alike),
    "wide": Shape(10, wide),
    "deep": Shape(10, deep),
    "graph": Shape(10, graph),
    "rational": Shape(8, rational),
    "huge": Shape(7, huge),
    "singletons": Shape(6, singletons),
    "degenerate": Shape(7, degenerate),
    "conflicts": Shape(6, conflicts),
}
"""The weights add up to 100."""
