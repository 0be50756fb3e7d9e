"""How far apart two losses are at least: all of them are multiples of 1 / denominator."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

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
from qnnt.exact import LARGEST, Number, common_denominator, reduced
from qnnt.instance import Instance
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Linf, Loss, Mismatch, Positive, Squared, TableLoss


def loss_denominator(instance: Instance) -> int | None:
    """A common denominator of all losses that parameters of the instance can have.

    Found by following the denominators of values through the network. None where nothing is known: for activations
    on decimal digits, for losses and activations of one's own, and beyond 2^62.
    """
    loss, data = instance.loss, instance.dataset
    if isinstance(loss, Mismatch | Hamming | Accept | Positive):
        return 1
    if isinstance(loss, TableLoss):
        return common_denominator(value for _, _, value in loss.entries)
    columns = zip(*data.x, strict=True) if len(data) else ((0,) for _ in instance.network.inputs)
    found = dict(zip(instance.network.inputs, map(common_denominator, columns), strict=True))
    for v in instance.network.neurons:
        terms = [found[u] * common_denominator(instance.weights[u, v]) for u in instance.network.predecessors[v]]
        after = _after(instance.activations[v], math.lcm(common_denominator(instance.biases[v]), *terms))
        if after is None or after > LARGEST:
            return None
        found[v] = after
    outputs = math.lcm(*(found[o] for o in instance.network.outputs))
    labels = common_denominator(label for y in data.y for label in y if label is not None)
    known = _of_loss(loss, outputs, labels)
    return known if known is not None and known <= LARGEST else None


def _after(activation: Activation, before: int) -> int | None:
    """A common denominator of an activation's values, from one of its pre-activations."""
    match activation:
        case Identity() | Relu() | ReluD():
            return before
        case Threshold() | Sign():
            return 1
        case Clip(low=low, high=high):
            return _with(before, [low, high])
        case Leaky(negative=negative, positive=positive):
            return before * common_denominator([negative, positive])
        case Step(values=values):
            return common_denominator(values)
        case Constant(constant=constant):
            return constant.denominator
        case Polynomial(coefficients=coefficients):
            power = (len(coefficients) - 1) * before.bit_length()
            return common_denominator(coefficients) * before ** (len(coefficients) - 1) if power < 64 else None
        case Table(entries=entries):
            return common_denominator(value for _, value in entries)
    return None


def _with(denominator: int, values: Iterable[Number]) -> int:
    return math.lcm(denominator, common_denominator(values))


def _of_loss(loss: Loss, outputs: int, labels: int) -> int | None:
    match loss:
        case Absolute() | Linf():
            return math.lcm(outputs, labels)
        case Squared():
            return math.lcm(outputs, labels) ** 2
        case Hinge(margin=margin):
            return math.lcm(outputs * labels, margin.denominator)
    return None


def just_below(loss: Number, denominator: int) -> Number:
    """The largest multiple of 1 / denominator that is smaller."""
    return reduced(Fraction(math.ceil(loss * denominator) - 1, denominator))


def just_above(bound: Number, denominator: int) -> Number:
    """The least multiple of 1 / denominator that is larger."""
    return reduced(Fraction(math.floor(bound * denominator) + 1, denominator))
