"""What a local search lowers: the loss itself, or one that slopes.

Most changes of one parameter leave the loss as it is. A *soft cost* of an output's sum tells how far it is from
a better one: it is the greatest function below the output's cost that rises by no more than a given slope, so that
it differs from the cost by a ramp of a few steps at each jump. Where several outputs are judged together, an
output's cost is what it costs at least, whatever the others are; what it costs anyhow does not count. All soft
costs are 0 exactly where each output is at its best.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.local_search.arrays import NARROW, Arrays, table_of
from qnnt.algorithms.local_search.kernel import Energy, Integers
from qnnt.algorithms.output_costs import letters

RESOLUTION = 600
"""Units of energy in the usual range of a cost."""
RAMP = 3
"""Steps of a sum over which a soft cost rises through the whole range of the cost."""
PRICE = 4
"""Of an undefined entry, in usual ranges of a cost or largest costs, whichever is more."""


class Slope(StrEnum):
    """How an energy is made from the costs."""

    STEEP = "steep"
    """The loss as it is."""
    SOFT = "soft"
    """Soft costs of outputs."""


def energy_of(arrays: Arrays, slope: Slope) -> Energy:
    """The energy for a loss."""
    costs, fixed = arrays.costs, arrays.fixed
    usual = _usual_range([_ranges(table_of(costs, group)) for group in costs.groups])
    scale = RESOLUTION / usual
    largest = max((int(group.costs.max(initial=0)) for group in costs.groups), default=0)
    price = int(min(PRICE * max(largest, usual) * scale, NARROW))
    cells = np.where(fixed.costs < 0, price, np.minimum(np.rint(fixed.costs * scale), NARROW)).astype(np.int64)
    soft: list[Integers] = []
    at: list[Integers] = []
    length = len(arrays.tables)
    for j in range(len(arrays.view.outputs)):
        distinct, rank = _soft_costs(arrays, j)
        if slope is not Slope.SOFT:
            distinct, rank = distinct[:0], np.zeros_like(rank)
        soft.append(np.minimum(np.rint(distinct * scale), price).astype(np.int64).ravel())
        at.append(length + rank * len(arrays.places[j]))
        length += len(soft[-1])
    weights = np.zeros(fixed.rows.shape[1], fixed.rows.dtype)
    weights[: fixed.inputs] = 1
    places = arrays.padded(np.array(at, np.int64).reshape(len(at), fixed.inputs))
    return Energy(
        table=np.concatenate([arrays.tables, *soft, cells]).astype(fixed.rows.dtype),
        at=np.ascontiguousarray(np.concatenate([places, fixed.costs_at.astype(np.int64) + length]).astype(np.uint32)),
        weights=weights,
        soft=slope is Slope.SOFT,
        price=price,
    )


def _ranges(costs: Integers) -> npt.NDArray[np.float64]:
    """The range of each row of defined costs."""
    defined = costs >= 0
    high = np.where(defined, costs, 0).max(axis=1, initial=0)
    low = np.where(defined, costs, high[:, None]).min(axis=1, initial=np.iinfo(np.int64).max)
    return np.asarray(np.maximum(high - low, 0), np.float64)


def _usual_range(ranges: list[npt.NDArray[np.float64]]) -> float:
    """The median of all ranges but 0; 1 if there are none."""
    found = np.concatenate(ranges) if ranges else np.zeros(0)
    found = found[found > 0]
    return float(np.median(found)) if len(found) else 1.0


def _soft_costs(arrays: Arrays, output: int) -> tuple[npt.NDArray[np.float64], Integers]:
    """Distinct rows of soft costs, one entry for each of the output's tables, and the row of each input."""
    costs = arrays.costs
    group = next(group for group in costs.groups if output in group.outputs)
    shape = [len(costs.alphabets[j]) for j in group.outputs]
    others = tuple(1 + place for place, j in enumerate(group.outputs) if j != output)
    table = table_of(costs, group)
    known = np.where(table < 0, np.inf, table.astype(np.float64)).reshape(len(table), *shape)
    own = known.min(axis=others) if others else known
    distinct, rank = np.unique(own, axis=0, return_inverse=True)
    least = np.min(distinct, axis=1, keepdims=True, initial=np.inf)
    distinct = np.where(np.isinf(least), 0.0, distinct - np.where(np.isinf(least), 0.0, least))
    v = arrays.view.outputs[output]
    by_entry = distinct[:, letters(arrays.view, costs, output)[arrays.places[output]]]
    if not arrays.spans[v].listed:
        return by_entry, rank.reshape(-1)
    finite = np.where(np.isinf(distinct), 0.0, distinct).max(axis=1, initial=0.0)
    slopes = np.where(finite > 0, finite, _usual_range([_ranges(table_of(costs, group))])) / (RAMP * _step(arrays, v))
    ramps = slopes[:, None] * np.arange(by_entry.shape[1])
    rising = np.minimum.accumulate(by_entry - ramps, axis=1) + ramps
    falling = np.minimum.accumulate((by_entry + ramps)[:, ::-1], axis=1)[:, ::-1] - ramps
    return np.minimum(rising, falling), rank.reshape(-1)


def _step(arrays: Arrays, v: int) -> float:
    """By how much a sum usually changes at least, when one parameter of the neuron does."""
    neuron = arrays.view.neurons[v]
    steps: list[float] = []
    for piece in neuron.constants:
        changes = np.abs(np.diff(piece.choices.astype(np.float64), axis=0))
        steps += [float(changes[changes > 0].min())] if (changes > 0).any() else []
    for edge in neuron.edges:
        factors = np.abs(np.diff(np.sort(edge.factors))).astype(np.float64)
        values = np.abs(arrays.view.neurons[edge.source].runs.values).astype(np.float64)
        if (factors > 0).any() and (values > 0).any():
            steps.append(float(factors[factors > 0].min() * values[values > 0].min()))
    return float(np.median(steps)) if steps else 1.0
