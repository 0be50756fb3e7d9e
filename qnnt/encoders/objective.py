"""Losses as linear objectives over the literals of output neurons.

A separable loss of a step function is itself a step function: its jumps weigh the thresholds that
are already there. A mismatch is one literal per distinct (input, label vector), equivalent to all
unmasked outputs lying in the cells of their labels. Distances of outputs too large for literals go
to one integer per sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from qnnt.encoders.affine import Affine, Steps, forbid
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, LARGEST, TRUE, Integers
from qnnt.encoders.monotone import contrary_pairs
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator
from qnnt.instance import Instance
from qnnt.losses import Absolute, Hinge, Label, Linf, Loss, Mismatch, Squared


def add_losses(
    builder: ModelBuilder,
    instance: Instance,
    xs: Sequence[tuple[Number, ...]],
    views: Mapping[str, Integers],
    steps: Mapping[str, Steps],
    affines: Mapping[str, Affine],
    *,
    monotone: bool = False,
) -> None:
    """Add the weighted loss of every sample to the objective.

    Parameters
    ----------
    xs
        The distinct input vectors.
    views, steps, affines
        Per output neuron: the row of each distinct input; the rows' values as step functions and, where
        there are too many cells, as linear forms.
    monotone
        Whether it is known that no output falls as inputs grow.
    """
    position = {x: i for i, x in enumerate(xs)}
    weight: dict[tuple[int, tuple[Label, ...]], int] = {}
    data = instance.dataset
    for x, y, w in zip(data.x, data.y, data.weight, strict=True):
        weight[position[x], y] = weight.get((position[x], y), 0) + w
    _check(sum(weight.values()), "the weights of the samples")
    at = np.array([i for i, _ in weight], np.int64)
    weights = np.array(list(weight.values()), np.int64)
    labels = [y for _, y in weight]
    outputs = instance.network.outputs
    if isinstance(instance.loss, Mismatch):
        seen = [views[o][at] for o in outputs]
        matched = _mismatches(builder, [steps[o] for o in outputs], seen, labels, at, weights)
        if monotone:
            pairs = matched[contrary_pairs(xs, at, labels)]
            sums, folded = builder.sums(pairs, np.full(pairs.shape, -1))
            builder.cuts(sums, -1 - folded)
    elif isinstance(instance.loss, Linf):
        _largest_gaps(builder, [affines[o] for o in outputs], [views[o][at] for o in outputs], labels, weights)
    else:
        for j, o in enumerate(outputs):
            for label, chosen in _by_label(labels, j).items():
                rows = views[o][at[chosen]]
                if o in steps:
                    _step_loss(builder, instance.loss, j, steps[o], rows, label, weights[chosen])
                else:
                    _distance_loss(builder, instance.loss, affines[o].rows(rows), label, weights[chosen])


def _by_label(labels: Sequence[tuple[Label, ...]], position: int) -> dict[Number, Integers]:
    """The indices of each label that one output has; masked ones are left out."""
    found: dict[Number, list[int]] = {}
    for i, y in enumerate(labels):
        label = y[position]
        if label is not None:
            found.setdefault(label, []).append(i)
    return {label: np.array(members, np.int64) for label, members in found.items()}


def bound_losses(builder: ModelBuilder, instance: Instance) -> None:
    """The instance's bound as a constraint in place of the objective."""
    if instance.bound is None:
        raise ValueError("deciding needs a bound")
    builder.bound_objective(instance.bound)


# --- mismatch ------------------------------------------------------------------------------------


def _mismatches(
    builder: ModelBuilder,
    steps: Sequence[Steps],
    rows: Sequence[Integers],
    labels: Sequence[tuple[Label, ...]],
    at: Integers,
    weights: Integers,
) -> Integers:
    """Adds them up; the literal of each sample that says that it is matched."""
    needed = np.full((len(labels), 2 * len(steps)), TRUE, np.int64)
    for j, step in enumerate(steps):
        for label, chosen in _by_label(labels, j).items():
            needed[chosen, 2 * j : 2 * j + 2] = _equal(builder, step, rows[j][chosen], label)
    matched = builder.conjunctions(needed, "matched")
    builder.add_constant_to_objective(int(weights.sum()), 1)
    builder.add_to_objective(matched, -weights, 1)
    _at_most_one_label(builder, at, labels, matched)
    return matched


def _equal(builder: ModelBuilder, steps: Steps, rows: Integers, label: Number) -> Integers:
    """Two literals per row whose AND says that the row's value is the label."""
    literals = steps.literals[rows]
    ones = np.full((len(rows), 1), TRUE)
    edges = np.concatenate([ones, literals, -ones], axis=1)
    hit = [False, *(value == label for value in steps.values), False]
    starts = [j for j in range(len(steps.values)) if hit[j + 1] and not hit[j]]
    ends = [j + 1 for j in range(len(steps.values)) if hit[j + 1] and not hit[j + 2]]
    if not starts:
        return np.full((len(rows), 2), FALSE)
    runs = [np.stack([edges[:, a], -edges[:, b]], axis=1) for a, b in zip(starts, ends, strict=True)]
    if len(runs) == 1:
        return runs[0]
    inside = np.stack([builder.conjunctions(run, "in cell") for run in runs], axis=1)
    somewhere = -builder.conjunctions(-inside, "in no cell")
    return np.stack([somewhere, np.full(len(rows), TRUE)], axis=1)


def _at_most_one_label(
    builder: ModelBuilder, at: Integers, labels: Sequence[tuple[Label, ...]], matched: Integers
) -> None:
    """Different unmasked labels of one input exclude each other: implied, but a cut for relaxations."""
    groups: dict[int, list[int]] = {}
    for i, (x, y) in enumerate(zip(at.tolist(), labels, strict=True)):
        if abs(int(matched[i])) != TRUE and None not in y:
            groups.setdefault(x, []).append(i)
    for members in groups.values():
        literals = matched[members]
        if len(members) > 1 and len(np.unique(np.abs(literals))) == len(members):
            sums, folded = builder.sums(literals[None, :], np.full((1, len(members)), -1))
            builder.linears(sums, -1 - folded)


# --- separable losses ----------------------------------------------------------------------------


def _step_loss(
    builder: ModelBuilder, loss: Loss, position: int, steps: Steps, rows: Integers, label: Number, weights: Integers
) -> None:
    """The loss's own steps; cells where it is undefined are excluded, as parameters there have no loss."""
    raw = [None if v is None else loss.of_output(position, v, label) for v in steps.values]
    literals = steps.literals[rows]
    forbid(builder, Steps(literals, tuple(raw)))
    known = [value for value in raw if value is not None]
    denominator = common_denominator(known)
    level = int(known[0] * denominator) if known else 0
    levels = []
    for value in raw:
        level = level if value is None else int(value * denominator)
        levels.append(level)
    if max(map(abs, levels)) * int(weights.sum()) > LARGEST:
        raise UnsupportedError("the loss could need more than 60 bits")
    jumps = np.array(levels[1:], np.int64) - np.array(levels[:-1], np.int64)
    builder.add_constant_to_objective(levels[0] * int(weights.sum()), denominator)
    builder.add_to_objective(literals.ravel(), np.multiply.outer(weights, jumps).ravel(), denominator)


def _distance_loss(builder: ModelBuilder, loss: Loss, value: Affine, label: Number, weights: Integers) -> None:
    match loss:
        case Absolute():
            gap, denominator = _gap(value, label)
            largest = _at_least_all(builder, [gap, _negated(gap)], "distance")
        case Hinge(margin=margin):
            gap, denominator = _hinge_gap(value, label, margin)
            largest = _at_least_all(builder, [gap], "hinge")
        case Squared():
            gap, denominator = _gap(value, label)
            largest, denominator = _square(builder, gap), denominator**2
        case _:
            raise UnsupportedError(f"outputs with this many values are too large for the loss {loss.name}")
    _check(denominator, "the loss")
    builder.add_to_objective(largest, weights, denominator)


def _gap(value: Affine, label: Number) -> tuple[Affine, int]:
    """``value - label`` in whole units of 1 / denominator."""
    denominator = common_denominator([label, 1]) * value.denominator
    factor, offset = denominator // value.denominator, int(label * denominator)
    return _scaled(value, factor, -offset), denominator


def _hinge_gap(value: Affine, label: Number, margin: Number) -> tuple[Affine, int]:
    """``margin - label * value`` in whole units of 1 / denominator."""
    denominator = common_denominator([label]) * common_denominator([margin]) * value.denominator
    factor = int(label * (denominator // value.denominator))
    return _scaled(value, -factor, int(margin * denominator)), denominator


def _scaled(value: Affine, factor: int, offset: int) -> Affine:
    _check(abs(factor), "the loss")
    _check(abs(factor) * int(max(np.abs(value.low).max(), np.abs(value.high).max())) + abs(offset), "the loss")
    ends = np.stack([factor * value.low + offset, factor * value.high + offset])
    return Affine(
        factor * value.constant + offset,
        value.literals,
        factor * value.coefficients,
        ends.min(axis=0),
        ends.max(axis=0),
        integral=value.integral,
    )


def _negated(value: Affine) -> Affine:
    return _scaled(value, -1, 0)


def _at_least_all(builder: ModelBuilder, gaps: Sequence[Affine], what: str) -> Integers:
    """New integers, per row at least 0 and at least every gap; minimising makes them equal the largest."""
    top = np.maximum(0, np.stack([gap.high for gap in gaps]).max(axis=0))
    largest = builder.integers(np.zeros_like(top), top, what)
    for gap in gaps:
        minus_gap = np.concatenate([largest[:, None], gap.literals], axis=1)
        ones = np.ones((len(largest), 1), np.int64)
        sums, folded = builder.sums(minus_gap, np.concatenate([ones, -gap.coefficients], axis=1))
        builder.linears(sums, gap.constant - folded)
    return largest


def _square(builder: ModelBuilder, gap: Affine) -> Integers:
    reach = np.maximum(np.abs(gap.low), np.abs(gap.high))
    _check(int(reach.max()) ** 2, "the squared loss")
    variables = builder.integers(gap.low, gap.high, "difference")
    minus_gap = np.concatenate([variables[:, None], gap.literals], axis=1)
    ones = np.ones((len(variables), 1), np.int64)
    sums, folded = builder.sums(minus_gap, np.concatenate([ones, -gap.coefficients], axis=1))
    builder.equal(sums, gap.constant - folded)
    squares = builder.integers(np.zeros_like(reach), reach * reach, "square")
    builder.products(squares, variables, variables)
    return squares


# --- largest gap ---------------------------------------------------------------------------------


def _largest_gaps(
    builder: ModelBuilder,
    values: Sequence[Affine],
    rows: Sequence[Integers],
    labels: Sequence[tuple[Label, ...]],
    weights: Integers,
) -> None:
    """Per sample one integer, at least every |output - label|."""
    masks: dict[tuple[bool, ...], list[int]] = {}
    for i, y in enumerate(labels):
        masks.setdefault(tuple(label is not None for label in y), []).append(i)
    known = [label for y in labels for label in y if label is not None]
    denominator = math.lcm(*(value.denominator for value in values)) * common_denominator(known)
    _check(denominator, "the loss")
    for mask, members in masks.items():
        chosen = np.array(members, np.int64)
        gaps = []
        for j in np.flatnonzero(mask).tolist():
            numerators = [int((labels[i][j] or 0) * denominator) for i in members]
            _check(max(map(abs, numerators)), "the loss")
            gap = _scaled(values[j].rows(rows[j][chosen]), denominator // values[j].denominator, 0)
            offset = np.array(numerators, np.int64)
            shifted = Affine(gap.constant - offset, gap.literals, gap.coefficients, gap.low - offset, gap.high - offset)
            gaps += [shifted, _negated(shifted)]
        if gaps:
            builder.add_to_objective(_at_least_all(builder, gaps, "largest gap"), weights[chosen], denominator)


def _check(magnitude: int, what: str) -> None:
    if magnitude > LARGEST:
        raise UnsupportedError(f"{what} could need more than 60 bits")
