"""Between which integers the numbers of the plain CP-SAT model lie; refuses what it does not take."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

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
from qnnt.errors import UnsupportedError
from qnnt.exact import magnitude
from qnnt.instance import Instance
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Linf, Loss, Mismatch, Positive, Squared, TableLoss
from qnnt.solvers.cpsat import LARGEST_REACH


@dataclass(frozen=True)
class Range:
    """The integers from `low` to `high`."""

    low: int
    high: int

    @property
    def largest(self) -> int:
        """The largest magnitude."""
        return max(-self.low, self.high)

    def __mul__(self, other: Range) -> Range:
        """Of all products."""
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(min(ends), max(ends))


@dataclass(frozen=True)
class Ranges:
    """Of an instance, all samples together.

    Attributes
    ----------
    weights, sums
        By edge; pre-activations by neuron.
    values
        By input and neuron.
    loss
        The largest that the loss of the whole dataset can be.
    """

    weights: Mapping[tuple[str, str], Range]
    sums: Mapping[str, Range]
    values: Mapping[str, Range]
    loss: int


def ranges_of(instance: Instance) -> Ranges:
    """The ranges of an instance over integers.

    Raises
    ------
    UnsupportedError
        For rational numbers, for activations and losses that the plain model has no constraints for, and where the
        terms of a sum could reach 2^31.
    """
    _check_integers(instance)
    network, data = instance.network, instance.dataset
    weights = {edge: _hull(values) for edge, values in instance.weights.items()}
    values = {u: _hull(x[j] for x in data.x) for j, u in enumerate(network.inputs)}
    sums: dict[str, Range] = {}
    for v in network.neurons:
        bias = _hull(instance.bias_sign * b for b in instance.biases[v])
        products = [values[u] * weights[u, v] for u in network.predecessors[v]]
        check_reach(bias.largest + sum(product.largest for product in products))
        if instance.d is None:
            sums[v] = Range(bias.low + sum(p.low for p in products), bias.high + sum(p.high for p in products))
        else:  # the yardstick's own range, the same for all inputs: figures of the past rest on it
            top = instance.d // 2
            reach = check_reach(top * top * (len(products) + 1) + top)
            sums[v] = Range(-reach, reach)
        values[v] = _image(instance.activations[v], sums[v])
        check_reach(values[v].largest)
    return Ranges(weights, sums, values, _largest_loss(instance, values))


def check_reach(reach: int) -> int:
    """The same number.

    Raises
    ------
    UnsupportedError
        If CP-SAT is not to be trusted with it.
    """
    if reach >= LARGEST_REACH:
        shown = magnitude(reach)
        raise UnsupportedError(f"sums up to {shown} are beyond what CP-SAT answers reliably, which ends at 2^31")
    return reach


def listed_within(table: Table, sums: Range) -> list[tuple[int, int]]:
    """The entries of a table that pre-activations can meet."""
    return [(int(t), int(value)) for t, value in table.entries if sums.low <= t <= sums.high]


def _check_integers(instance: Instance) -> None:
    for number in _numbers(instance):
        if number.denominator != 1:
            raise UnsupportedError(f"it has integers only, and {number} is none")
        check_reach(abs(number))


def _numbers(instance: Instance) -> Iterator[int]:
    """All that the instance is made of but its bound; None, as in masked labels, is left out."""
    data = instance.dataset
    activations = map(dataclasses.astuple, set(instance.activations.values()))
    sets = (*instance.weights.values(), *instance.biases.values())
    yield from _flat((*sets, *data.x, *data.y, data.weight, *activations, dataclasses.astuple(instance.loss)))


def _flat(values: Iterable[object]) -> Iterator[int]:
    for value in values:
        if isinstance(value, tuple):
            yield from _flat(value)
        elif value is not None:
            yield value  # type: ignore[misc]


def _hull(values: Iterable[object]) -> Range:
    """From the smallest to the largest of some integers; 0 where there are none."""
    numbers = [int(value) for value in values]  # type: ignore[call-overload]
    return Range(min(numbers, default=0), max(numbers, default=0))


def _image(activation: Activation, sums: Range) -> Range:
    """What an activation makes of these pre-activations, or a little more."""
    match activation:
        case Identity():
            return sums
        case Relu():
            return Range(max(0, sums.low), max(0, sums.high))
        case ReluD(d=d):
            return _image(Clip(0, d // 2), sums)
        case Clip(low=low, high=high):
            return Range(*(int(min(max(low, end), high)) for end in (sums.low, sums.high)))
        case Threshold():
            return Range(0, 1)
        case Sign():
            return Range(-1, 1)
        case Constant(constant=constant):
            return _hull([constant])
        case Step(values=values):
            return _hull(values)
        case Leaky(negative=negative, positive=positive):
            return _hull(factor * end for factor in (negative, positive) for end in (sums.low, sums.high))
        case Table():
            return _hull(value for _, value in listed_within(activation, sums))
        case Polynomial(coefficients=coefficients):
            reach, power = 0, 1
            for i, coefficient in enumerate(coefficients):
                if any(coefficients[i:]):
                    reach = check_reach(reach + abs(int(coefficient)) * power)
                    power = power * sums.largest
            return Range(-reach, reach)
    raise UnsupportedError(f"it has no constraints for the activation {activation.name}")


def _largest_loss(instance: Instance, values: Mapping[str, Range]) -> int:
    outputs = [values[o].largest for o in instance.network.outputs]
    total = 0
    for y, importance in zip(instance.dataset.y, instance.dataset.weight, strict=True):
        pairs = [(value, abs(int(label))) for value, label in zip(outputs, y, strict=True) if label is not None]
        total = check_reach(total + importance * _largest_share(instance.loss, pairs))
    return total


def _largest_share(loss: Loss, pairs: list[tuple[int, int]]) -> int:
    """The most that a sample can cost, by the magnitudes of its outputs and labels."""
    match loss:
        case Mismatch() | Hamming() | Accept():
            return len(pairs)
        case Positive():
            return 2 * len(pairs)
        case Absolute() | Linf():
            return sum(value + label for value, label in pairs)
        case Squared():
            return sum((value + label) ** 2 for value, label in pairs)
        case Hinge(margin=margin):
            return sum(abs(int(margin)) + label * value for value, label in pairs)
        case TableLoss(entries=entries):
            return max((int(share) for _, _, share in entries), default=0)
    raise UnsupportedError(f"it has no constraints for the loss {loss.name}")
