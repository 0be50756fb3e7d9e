"""Samples that no monotone network matches together.

If no weight can be negative and no activation falls, no output falls as inputs grow: where x <= x' in every
input, and an output's label is larger at x than at x', at most one of the two samples is matched. For d = 2
all networks are like that.

Size: per such pair of samples one cut of two terms. Measured on random d=2 labels, in SCIP: the relaxation's
bound goes from 0 to 5 of 5 mismatches on [5,3,1] 20, and from 0 to 12 of 12 on [6,3,1] 40.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qnnt.activations import Activation
from qnnt.encoders.model import Integers
from qnnt.exact import Number
from qnnt.instance import Instance
from qnnt.losses import Label

MOST_SAMPLES = 500
"""Pairs are not looked at beyond: relaxations of so many samples are no use."""
MOST_SEGMENTS = 1000
"""Activations of more are not looked at."""


def never_falls(activation: Activation, low: int, high: int, grid: int) -> bool:
    """Whether the activation is defined and non-decreasing on the grid indices low..high."""
    if not activation.piecewise_linear and high - low > MOST_SEGMENTS:
        return False
    segments = list(activation.segments(low, high, grid))
    ends = [*(segment.start for segment in segments[1:]), high + 1]
    before: Number | None = None
    for segment, end in zip(segments, ends, strict=True):
        if segment.value is None or segment.slope < 0 or (before is not None and segment.value < before):
            return False
        before = segment.value + segment.slope * (end - 1 - segment.start)
    return True


def weights_are_positive(instance: Instance) -> bool:
    """Whether no weight can be negative."""
    return all(min(values) >= 0 for values in instance.weights.values())


def contrary_pairs(xs: Sequence[tuple[Number, ...]], at: Integers, labels: Sequence[tuple[Label, ...]]) -> Integers:
    """Pairs of samples, shape (pairs, 2), that no monotone network matches together.

    Parameters
    ----------
    xs
        Distinct inputs.
    at, labels
        Of each sample.
    """
    if not 1 < len(at) <= MOST_SAMPLES or not xs[0]:
        return np.empty((0, 2), np.int64)
    ranks = np.stack([_ranks([x[j] for x in xs]) for j in range(len(xs[0]))], axis=1)[at]
    below = np.ones((len(at), len(at)), bool)
    for column in ranks.T:
        below &= column[:, None] <= column[None, :]
    falls = np.zeros_like(below)
    for j in range(len(labels[0])):
        known = np.array([y[j] is not None for y in labels])
        level = _ranks([0 if (label := y[j]) is None else label for y in labels])
        falls |= (level[:, None] > level[None, :]) & known[:, None] & known[None, :]
    return np.argwhere(below & falls & (at[:, None] != at[None, :]))


def _ranks(values: Sequence[Number]) -> Integers:
    """The place of each value among the distinct ones."""
    place = {value: i for i, value in enumerate(sorted(set(values)))}
    return np.array([place[value] for value in values], np.int64)
