"""The CP-SAT model that a user would write: the yardstick of the benchmarks.

An integer variable per weight and bias, one multiplication per product beyond the first layer, a maximum with 0
and a minimum with A per neuron and sample, one Boolean per sample with the outputs fixed to the label unless it is
set; minimise their sum. For d-QNNT the variables and constraints, and their order, are those that all figures of the
past were measured with. Other activations and losses are written in the same spirit: the constraint that CP-SAT has
for it, or a Boolean per piece. Shares nothing with the encoders.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from qnnt.activations import (
    Activation,
    Clip,
    Constant,
    Identity,
    Leaky,
    Polynomial,
    Relu,
    ReluD,
    Sign,
    Step,
    Table,
    Threshold,
)
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Label, Linf, Mismatch, Positive, Squared, TableLoss
from qnnt.network import Edge
from qnnt.solvers.plain_ranges import Range, Ranges, listed_within, ranges_of


@dataclass(frozen=True)
class PlainModel:
    """A `CpModel`, and the variables of the parameters."""

    target: Any
    weights: Mapping[Edge, Any]
    biases: Mapping[str, Any]

    @property
    def sizes(self) -> dict[str, int]:
        """How large it is."""
        return {"variables": len(self.target.proto.variables), "constraints": len(self.target.proto.constraints)}

    def decode(self, solution: Sequence[int]) -> Parameters:
        """The parameters of a solution, the values of all variables."""
        return Parameters(
            {edge: int(solution[variable.index]) for edge, variable in self.weights.items()},
            {neuron: int(solution[variable.index]) for neuron, variable in self.biases.items()},
        )

    def add_hint(self, hint: Parameters) -> None:
        """Parameters to look at first."""
        for edge, variable in self.weights.items():
            self.target.add_hint(variable, int(hint.weights[edge]))
        for neuron, variable in self.biases.items():
            self.target.add_hint(variable, int(hint.biases[neuron]))


def plain_model(instance: Instance, objective: Objective) -> PlainModel:
    """The model of a question.

    Raises
    ------
    UnsupportedError
        As `ranges_of`.
    """
    from ortools.sat.python import cp_model

    ranges = ranges_of(instance)
    target = cp_model.CpModel()
    weights = {edge: _one_of(target, instance.weights[edge]) for edge in instance.network.edges}
    biases = {v: _one_of(target, instance.biases[v]) for v in instance.network.neurons}
    plain = PlainModel(target, weights, biases)
    data = instance.dataset
    total = sum(
        importance * _share(target, instance, ranges, _outputs(plain, instance, ranges, x), y)
        for x, y, importance in zip(data.x, data.y, data.weight, strict=True)
    )
    if objective is Objective.MINIMIZE:
        target.minimize(total)
    elif instance.bound is not None:
        target.add(total <= min(math.floor(instance.bound), ranges.loss))
    return plain


def _one_of(target: Any, values: Sequence[Number]) -> Any:
    """A variable with these values."""
    from ortools.sat.python import cp_model

    return target.new_int_var_from_domain(cp_model.Domain.from_values([int(value) for value in values]), "")


def _within(target: Any, reach: Range) -> Any:
    """A variable with a value in this range."""
    return target.new_int_var(reach.low, reach.high, "")


def _outputs(plain: PlainModel, instance: Instance, ranges: Ranges, x: Sequence[Number]) -> list[Any]:
    """The outputs of the network at an input vector."""
    network, target = instance.network, plain.target
    value: dict[str, Any] = dict(zip(network.inputs, map(int, x), strict=True))
    for v in network.neurons:
        terms = [instance.bias_sign * plain.biases[v]]
        for u in network.predecessors[v]:
            weight = plain.weights[u, v]
            if isinstance(value[u], int):
                terms.append(value[u] * weight)
            else:
                product = _within(target, ranges.values[u] * ranges.weights[u, v])
                target.add_multiplication_equality(product, [value[u], weight])
                terms.append(product)
        value[v] = _activated(target, instance.activations[v], sum(terms), ranges.sums[v], ranges.values[v])
    return [value[o] for o in network.outputs]


def _activated(target: Any, activation: Activation, total: Any, sums: Range, values: Range) -> Any:
    """The activation of a sum: a variable, or an affine expression of one."""
    match activation:
        case ReluD(d=d):
            return _clipped(target, total, sums, values, 0, d // 2)
        case Clip(low=low, high=high):
            return _clipped(target, total, sums, values, int(low), int(high))
        case Constant(constant=constant):
            return target.new_constant(int(constant))
        case Threshold():
            return _at_least(target, total, 1)
        case Sign():
            return 2 * _at_least(target, total, 0) - 1
    value = _within(target, values)
    match activation:
        case Identity():
            target.add(value == total)
        case Relu():
            target.add_max_equality(value, [total, 0])
        case Step(breaks=breaks, values=steps):
            ends = [sums.low, *map(int, breaks), sums.high + 1]
            for piece, step in zip(_pieces(target, total, ends), steps, strict=True):
                target.add(value == int(step)).only_enforce_if(piece)
        case Leaky(negative=negative, positive=positive):
            turned = _at_least(target, total, 0)
            target.add(value == int(positive) * total).only_enforce_if(turned)
            target.add(value == int(negative) * total).only_enforce_if(~turned)
        case Table():
            point = _within(target, sums)
            target.add(point == total)
            _add_listed(target, [point, value], listed_within(activation, sums))
        case Polynomial(coefficients=coefficients):
            target.add(value == _polynomial(target, total, sums, [int(c) for c in coefficients]))
    return value


def _clipped(target: Any, total: Any, sums: Range, values: Range, low: int, high: int) -> Any:
    positive = target.new_int_var(max(low, sums.low), max(low, sums.high), "")
    target.add_max_equality(positive, [total, low])
    value = _within(target, values)
    target.add_min_equality(value, [positive, high])
    return value


def _at_least(target: Any, total: Any, threshold: int) -> Any:
    """The Boolean of a sum being at least the threshold."""
    above = target.new_bool_var("")
    target.add(total >= threshold).only_enforce_if(above)
    target.add(total < threshold).only_enforce_if(~above)
    return above


def _pieces(target: Any, total: Any, ends: Sequence[int]) -> list[Any]:
    """One Boolean per piece, from each end up to the next one; the sum lies in one of them."""
    pieces = []
    for start, end in pairwise(ends):
        piece = target.new_bool_var("")
        target.add(total >= start).only_enforce_if(piece)
        target.add(total < end).only_enforce_if(piece)
        pieces.append(piece)
    target.add_exactly_one(pieces)
    return pieces


def _add_listed(target: Any, expressions: Sequence[Any], rows: Sequence[tuple[int, ...]]) -> None:
    """The expressions take the values of a row."""
    if rows:
        target.add_allowed_assignments(expressions, rows)
    else:
        target.add_bool_or([])  # never: CP-SAT has no empty tables


def _polynomial(target: Any, total: Any, sums: Range, coefficients: Sequence[int]) -> Any:
    """Powers by multiplication, each of the one before and the point."""
    point = _within(target, sums)
    target.add(point == total)
    degree = max((i for i, coefficient in enumerate(coefficients) if coefficient), default=0)
    value, power = coefficients[0] + 0 * point, point
    for i in range(1, degree + 1):
        if i > 1:
            raised = _within(target, Range(-(sums.largest**i), sums.largest**i))
            target.add_multiplication_equality(raised, [power, point])
            power = raised
        value = value + coefficients[i] * power
    return value


def _share(target: Any, instance: Instance, ranges: Ranges, outputs: Sequence[Any], y: Sequence[Label]) -> Any:
    """The loss of a sample, or more: minimising and bounding it meet the loss."""
    if isinstance(instance.loss, Mismatch):
        wrong = target.new_bool_var("")
        for value, label in zip(outputs, y, strict=True):
            if label is not None:
                target.add(value == int(label)).only_enforce_if(~wrong)
        return wrong
    places = [place for place, label in enumerate(y) if label is not None]
    if isinstance(instance.loss, Linf):
        gaps = [outputs[i] - int(y[i] or 0) for i in places]
        largest = target.new_int_var(0, ranges.loss, "")
        target.add_max_equality(largest, [0, *gaps, *(-gap for gap in gaps)])
        return largest
    return sum(_share_of_output(target, instance, ranges, i, outputs[i], int(y[i] or 0)) for i in places)


def _share_of_output(target: Any, instance: Instance, ranges: Ranges, place: int, value: Any, label: int) -> Any:
    from ortools.sat.python import cp_model

    loss = instance.loss
    if isinstance(loss, Hamming | Positive | Accept):
        wrong = target.new_bool_var("")
        if isinstance(loss, Accept):
            accepted = [int(one) for listed, sets in loss.sets if listed == label for one in sets[place]]
            domain = cp_model.Domain.from_values(accepted)
            target.add_linear_expression_in_domain(value, domain).only_enforce_if(~wrong)
            return wrong
        target.add(value == label).only_enforce_if(~wrong)
        if isinstance(loss, Hamming):
            return wrong
        low = target.new_bool_var("")
        target.add(value >= 1).only_enforce_if(wrong, ~low)
        return wrong + low
    share = target.new_int_var(0, ranges.loss, "")
    match loss:
        case Absolute():
            target.add_abs_equality(share, value - label)
        case Squared():
            target.add_multiplication_equality(share, [value - label, value - label])
        case Hinge(margin=margin):
            target.add_max_equality(share, [int(margin) - label * value, 0])
        case TableLoss(entries=entries):
            _add_listed(target, [value, share], [(int(o), int(s)) for o, listed, s in entries if listed == label])
    return share
