"""Interval bounds of every pre-activation and value, over the whole dataset."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from qnnt.activations import Activation, Leaky, Polynomial, Step, Table
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
        found[v] = image(instance.activations[v], low, high)
    return found


def image(activation: Activation, low: Number, high: Number) -> Interval:
    """An interval that holds every value of the activation on [low, high].

    The smallest one, but for polynomials, which are bounded through their coefficients. (0, 0) where
    nothing is defined.
    """
    match activation:
        case Polynomial(coefficients=coefficients):
            reach = max(low, -low, high, -high)
            size = sum((max(c, -c) * reach**i for i, c in enumerate(coefficients[1:], 1)), start=Fraction(0))
            return reduced(coefficients[0] - size), reduced(coefficients[0] + size)
        case Step(breaks=breaks, values=steps):
            first, last = sum(low >= b for b in breaks), sum(high >= b for b in breaks)
            values: list[Number] = list(steps[first : last + 1])
        case Table(entries=entries):
            values = [value for t, value in entries if low <= t <= high] or [0]
        case Leaky():
            values = [activation.value(t) for t in (low, high, *([0] if low < 0 < high else []))]
        case _:  # all others are monotone
            values = [value for t in (low, high) if (value := activation.value(t)) is not None]
    return min(values), max(values)
