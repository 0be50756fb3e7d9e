"""Interval bounds of every pre-activation and value, over the whole dataset."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from qnnt.activations import Activation, Leaky, Polynomial, Step, Table
from qnnt.bit_budget import check_power
from qnnt.digit_activations import DigitActivation, SlpMul, SlpMulGuard
from qnnt.errors import BudgetError, UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Problem

Interval = tuple[Number, Number]


def value_bounds(instance: Instance) -> Mapping[str, Interval]:
    """For each input and neuron an interval that holds its value at every sample, for all parameters.

    Exact interval arithmetic over the columns' ranges, so an outer approximation; inputs without
    samples get (0, 0). Complexity: one pass over the edges.

    Raises
    ------
    ValueError
        If the instance is no D-NNT.
    UnsupportedError
        If there are none for a neuron: numbers would be immense, or a product by digits is not fixed.
    """
    if instance.problem is not Problem.D_NNT:
        raise ValueError("bounds are computed in general form")
    network = instance.network
    columns = zip(*instance.dataset.x, strict=True) if len(instance.dataset) else [(0,)] * len(network.inputs)
    found: dict[str, Interval] = {
        name: (min(column), max(column)) for name, column in zip(network.inputs, columns, strict=True)
    }
    for v in network.neurons:
        low, high = instance.biases[v][0], instance.biases[v][-1]
        for u in network.predecessors[v]:
            values = instance.weights[u, v]
            corners = [w * side for w in (values[0], values[-1]) for side in found[u]]
            low, high = low + min(corners), high + max(corners)
        try:
            found[v] = image(instance.activations[v], low, high)
        except (BudgetError, UnsupportedError) as error:
            raise UnsupportedError(f"neuron {v} has no bounds: {error}") from None
    return found


def image(activation: Activation, low: Number, high: Number) -> Interval:
    """An interval that holds every value of the activation on [low, high].

    The smallest one, but for polynomials, which are bounded through their coefficients, and for activations
    that read digits. (0, 0) where a table is not defined.

    Raises
    ------
    BudgetError
        If its ends are too large.
    UnsupportedError
        For products by digits on more than a point: digits have no bound there.
    """
    match activation:
        case Polynomial(coefficients=coefficients):
            reach = max(low, -low, high, -high)
            check_power(reach, max((i for i, c in enumerate(coefficients) if c), default=0))
            size = sum((max(c, -c) * reach**i for i, c in enumerate(coefficients[1:], 1) if c), start=Fraction(0))
            return reduced(coefficients[0] - size), reduced(coefficients[0] + size)
        case Step(breaks=breaks, values=steps):
            first, last = sum(low >= b for b in breaks), sum(high >= b for b in breaks)
            values: list[Number] = list(steps[first : last + 1])
        case Table(entries=entries):
            values = [value for t, value in entries if low <= t <= high] or [0]
        case Leaky():
            values = [activation.value(t) for t in (low, high, *([0] if low < 0 < high else []))]
        case DigitActivation():
            value = activation.value(reduced(low)) if low == high else None
            if low < high and isinstance(activation, SlpMul | SlpMulGuard):
                raise UnsupportedError(f"the digits that {activation.name} reads have no bound")
            values = [0, 1] if value is None else [value]  # more than a point also where nothing is defined
        case _:  # all others are monotone
            values = [value for t in (low, high) if (value := activation.value(t)) is not None]
    return min(values), max(values)
