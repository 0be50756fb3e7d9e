"""Random data: inputs that repeat now and then, and labels that some parameters nearly reach."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from qnnt.errors import CertificateError
from qnnt.evaluation import outputs_at
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_parameters
from qnnt.instance import Dataset, Instance
from qnnt.losses import Label

PLANTS = 4
"""Random parameters of which the ones with most distinct outputs label the samples."""


@dataclass(frozen=True)
class Labelling:
    """How far labels are from what parameters reach.

    Attributes
    ----------
    flips
        Probabilities that a label is replaced at random, of which one is drawn.
    masking, weighting
        Probabilities that some labels are masked, and that samples have weights.
    """

    flips: tuple[float, ...]
    masking: float
    weighting: float


USUAL = Labelling((0.0, 0.4, 0.6, 1.0), 0.25, 0.25)
MASKED = 0.3
"""The probability of a mask where some labels are masked."""

Inputs = tuple[tuple[Number, ...], ...]
Outputs = tuple[Number, ...]


def random_inputs(rng: random.Random, count: int, points: Sequence[Number], samples: int) -> Inputs:
    """Input vectors; one in twelve repeats an earlier one.

    Parameters
    ----------
    count
        Inputs of the network.
    points
        What they are drawn from.
    """
    rows: list[tuple[Number, ...]] = []
    for _ in range(samples):
        again = rows and rng.random() < 1 / 12
        rows.append(rng.choice(rows) if again else tuple(rng.choice(points) for _ in range(count)))
    return tuple(rows)


def labelled(
    rng: random.Random, blank: Instance, x: Inputs, strays: Sequence[Number], labelling: Labelling = USUAL
) -> Dataset:
    """Samples whose labels are planted, flipped, or random.

    Parameters
    ----------
    blank
        An instance with the network, its sets and its activations.
    strays
        Random labels are drawn from these.
    """
    flip = rng.choice(labelling.flips)
    planted = planted_outputs(rng, blank, x)
    seen = sorted({output for row in planted if row is not None for output in row})
    masked = MASKED if rng.random() < labelling.masking else 0.0

    def label(i: int, j: int) -> Label:
        row = planted[i]
        if rng.random() < masked:
            return None
        if row is not None and rng.random() >= flip:
            return row[j]
        return rng.choice(seen if len(seen) > 1 and rng.random() < 0.5 else strays)

    y = tuple(tuple(label(i, j) for j in range(len(blank.network.outputs))) for i in range(len(x)))
    weight = tuple(rng.choice([1, 1, 2, 3, 7]) for _ in x) if rng.random() < labelling.weighting else (1,) * len(x)
    return Dataset(x, y, weight)


def planted_outputs(rng: random.Random, blank: Instance, x: Inputs) -> list[Outputs | None]:
    """The outputs of some parameters at each input, None where they are undefined."""
    best: list[Outputs | None] = [None] * len(x)
    for _ in range(PLANTS):
        parameters = random_parameters(rng, blank)
        found: list[Outputs | None] = []
        for row in x:
            try:
                found.append(outputs_at(blank, parameters, row))
            except CertificateError:
                found.append(None)
        if _variety(found) > _variety(best):
            best = found
    return best


def _variety(outputs: Sequence[Outputs | None]) -> int:
    return len({row for row in outputs if row is not None})
