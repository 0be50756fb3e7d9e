"""What a neuron's weights and bias must keep, so that its activation stays the same at every sample.

For each distinct input a neuron has a set of pre-activations with the value that it has: one point on a
slope, all that lies beyond on a flat end (saturation), several intervals where the activation is not
monotone. Whatever the weights become, the neurons that read it see no difference.

Everything is in whole numbers: pre-activations are indices on the grid of 1 / denominator.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from qnnt.activations import Activation, Segment
from qnnt.errors import CertificateError
from qnnt.exact import Number, common_denominator, reduced
from qnnt.instance import Instance, Parameters

Rows = npt.NDArray[Any]
"""Whole numbers: 64 bits where they are certain to fit, Python's integers elsewhere."""

Run = tuple[int, int]

MOST_SEGMENTS = 1 << 16
"""Pieces of an activation (every grid point of a polynomial is one) up to which equal values are looked for."""
LARGEST = 2**61


@dataclass(frozen=True)
class Neuron:
    """A neuron in the midst of its network.

    Attributes
    ----------
    name
        The neuron.
    patterns
        What it reads: per predecessor the values at the distinct inputs.
    values
        What it says there.
    """

    name: str
    activation: Activation
    patterns: tuple[tuple[Number, ...], ...]
    values: tuple[Number, ...]


def neurons(instance: Instance, parameters: Parameters) -> Iterator[Neuron]:
    """All neurons in topological order.

    Raises
    ------
    CertificateError
        If an activation is undefined at a sample.
    """
    xs = list(dict.fromkeys(instance.dataset.x))
    seen: dict[str, tuple[Number, ...]] = {u: tuple(x[j] for x in xs) for j, u in enumerate(instance.network.inputs)}
    for v in instance.network.neurons:
        before = instance.network.predecessors[v]
        bias, activation = instance.bias_sign * parameters.biases[v], instance.activations[v]
        totals = [bias] * len(xs)
        for u in before:
            if weight := parameters.weights[u, v]:
                totals = [total + weight * value for total, value in zip(totals, seen[u], strict=True)]
        values = []
        for t in totals:
            value = activation.value(reduced(t))
            if value is None:
                raise CertificateError(f"neuron {v}: a pre-activation is outside the domain of {activation.name}")
            values.append(value)
        seen[v] = tuple(values)
        yield Neuron(v, activation, tuple(seen[u] for u in before), seen[v])


@dataclass(frozen=True)
class Demands:
    """What pre-activations have to meet, as far as they can fail to.

    A *view* stands for all inputs that the neuron cannot tell apart and at which it says the same; views
    that every admissible pre-activation suits are left out.

    Attributes
    ----------
    patterns
        Shape (edges, views): a value of ``sets[i]`` times row i, summed, plus a bias is a pre-activation.
    sets, biases
        The allowed whole numbers, increasing; biases in the sign in which they are added.
    lows, highs
        Shape (runs, views): the closed intervals of suitable pre-activations, the lowest first; those that
        a view does not need are empty ones above all others.
    low, high
        Shape (views,): the least and the largest pre-activation that there can be.
    complete
        Whether the intervals hold all suitable pre-activations, not just the present one.
    """

    patterns: Rows
    sets: tuple[tuple[int, ...], ...]
    biases: tuple[int, ...]
    lows: Rows
    highs: Rows
    low: Rows
    high: Rows
    complete: bool

    @property
    def fits_64_bits(self) -> bool:
        """Whether sums of all edges cannot overflow."""
        return self.patterns.dtype == np.int64

    def met(self, totals: Rows) -> npt.NDArray[np.bool_]:
        """Which rows of pre-activations, shape (rows, views), suit every view."""
        suits = np.zeros(totals.shape, bool)
        for low, high in zip(self.lows, self.highs, strict=True):
            suits |= (totals >= low) & (totals <= high)
        every: npt.NDArray[np.bool_] = np.logical_and.reduce(suits, axis=1)
        return every


def demands(
    neuron: Neuron, sets: Sequence[Sequence[Number]], biases: Sequence[Number], now: tuple[Sequence[Number], Number]
) -> Demands:
    """The demands on weights from `sets` and a bias from `biases`, all increasing; the bias is added.

    Parameters
    ----------
    now
        Weights and bias that meet them.
    """
    of_weights, of_bias = common_denominator(itertools.chain(*sets)), common_denominator(biases)
    of_values = common_denominator(itertools.chain(*neuron.patterns))
    grid = common_denominator([Fraction(1, of_weights * of_values), Fraction(1, of_bias)])
    factor = grid // of_weights
    scaled_sets = tuple(tuple(int(w * of_weights) for w in values) for values in sets)
    scaled_biases = tuple(int(b * grid) for b in biases)
    columns = list(zip(*neuron.patterns, strict=True)) or [()] * len(neuron.values)
    views = list(dict.fromkeys(zip(columns, neuron.values, strict=True)))
    rows = [[int(value * factor) for value in column] for column, _ in views]
    reach = max((sum(map(abs, row)) for row in rows), default=0)
    most = max((max(-values[0], values[-1]) for values in scaled_sets), default=0)
    small = (reach * max(1, most) + max(map(abs, scaled_biases))) * (len(sets) + 2) * (len(views) + 1) < LARGEST
    kind: Any = np.int64 if small else object
    patterns = np.array(rows, kind).reshape(len(rows), len(sets)).T
    ends = np.array([[values[0], values[-1]] for values in scaled_sets], kind).reshape(len(sets), 2)
    corners = np.stack([patterns * ends[:, :1], patterns * ends[:, 1:]])
    low = corners.min(axis=0).sum(axis=0) + scaled_biases[0]
    high = corners.max(axis=0).sum(axis=0) + scaled_biases[-1]
    own = np.array([int(w * of_weights) for w in now[0]], kind)
    total = (patterns * own[:, None]).sum(axis=0) + int(now[1] * grid)
    runs: dict[Number, list[Run] | None] = {}
    for _, value in views:
        if value not in runs:
            runs[value] = equal_runs(neuron.activation, value, int(low.min()), int(high.max()), grid)
    chosen = [runs[value] or [(int(t), int(t))] for (_, value), t in zip(views, total, strict=True)]
    binding = [i for i, found in enumerate(chosen) if not any(a <= low[i] and high[i] <= b for a, b in found)]
    lows, highs = _padded([chosen[i] for i in binding], kind)
    kept = patterns[:, binding], low[binding], high[binding]
    return Demands(kept[0], scaled_sets, scaled_biases, lows, highs, kept[1], kept[2], None not in runs.values())


def _padded(runs: list[list[Run]], kind: Any) -> tuple[Rows, Rows]:
    """Shape (most runs, views)."""
    most = max(map(len, runs), default=1)
    padded = [[*found, *[(found[-1][1] + 1, found[-1][1])] * (most - len(found))] for found in runs]
    both = np.array(padded, kind).reshape(len(runs), most, 2)
    return both[:, :, 0].T, both[:, :, 1].T


def equal_runs(activation: Activation, value: Number, low: int, high: int, denominator: int) -> list[Run] | None:
    """The maximal runs of grid indices within low..high where the activation has this value, in order.

    None if it has too many pieces there.
    """
    segments = list(itertools.islice(activation.segments(low, high, denominator), MOST_SEGMENTS + 1))
    if len(segments) > MOST_SEGMENTS:
        return None
    found: list[Run] = []
    for segment, following in pairwise([*segments, Segment(high + 1, None)]):
        run = _run_within(segment, following.start - 1, value)
        if run is not None and found and found[-1][1] == run[0] - 1:
            found[-1] = found[-1][0], run[1]
        elif run is not None:
            found.append(run)
    return found


def _run_within(segment: Segment, last: int, value: Number) -> Run | None:
    if segment.value is None:
        return None
    if not segment.slope:
        return (segment.start, last) if segment.value == value else None
    offset = Fraction(value - segment.value) / segment.slope
    if offset.denominator != 1 or not 0 <= offset <= last - segment.start:
        return None
    return segment.start + int(offset), segment.start + int(offset)
