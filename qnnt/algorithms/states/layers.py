"""Layers of interchangeable neurons: which networks the layer-state search takes, and their shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qnnt.algorithms.states.integer_view import IntegerView, Neuron
from qnnt.algorithms.states.neuron_sums import function_of


@dataclass(frozen=True)
class Layers:
    """A fully connected layered network whose hidden layers consist of neurons that are all alike.

    Attributes
    ----------
    hidden
        Per hidden layer its neurons.
    copies
        Per hidden layer whether it can hand every state of the layer before on unchanged: what was
        reached there is then reached here.
    repeats
        Per hidden layer whether it copies and is the layer before once more: then only states that are
        new in the layer before can lead to new ones.
    endless
        Whether one more layer like the last one would again be the same, ranges of values included.
    """

    hidden: tuple[tuple[int, ...], ...]
    copies: tuple[bool, ...]
    repeats: tuple[bool, ...]
    endless: bool


def layers_of(view: IntegerView) -> Layers | str:
    """The layers of a network, or why it has none of this kind."""
    network = view.instance.network
    outputs = set(view.outputs)
    names = [neuron.name for neuron in view.neurons]
    by_level: dict[int, list[int]] = {}
    for v, name in enumerate(names):
        if v not in outputs:
            by_level.setdefault(network.level[name], []).append(v)
    hidden = [tuple(by_level[level]) for level in sorted(by_level)]
    for before, layer in zip([(), *hidden], [*hidden, view.outputs], strict=True):
        for v in layer:
            if sorted(edge.source for edge in view.neurons[v].edges) != sorted(before):
                return f"the network is not layered and fully connected: see {names[v]}"
            if len({edge.factors.tobytes() for edge in view.neurons[v].edges}) > 1:
                return f"the weights that lead into {names[v]} from one layer have different sets"
    for layer in hidden:
        for v in layer[1:]:
            if not _alike(view, layer[0], v):
                return f"{names[layer[0]]} and {names[v]} of one layer differ in their sets or activations"
    pairs = list(zip([(), *hidden], hidden, strict=False))
    copies = [
        len(before) == len(layer) and _copies(view.neurons[before[0]], view.neurons[layer[0]])
        for before, layer in pairs
    ]
    repeats = [
        copied and bool(view.neurons[before[0]].edges) and _alike(view, before[0], layer[0])
        for copied, (before, layer) in zip(copies, pairs, strict=True)
    ]
    endless = bool(repeats) and repeats[-1] and _same_ranges(view.neurons[hidden[-2][0]], view.neurons[hidden[-1][0]])
    return Layers(tuple(hidden), tuple(copies), tuple(repeats), endless)


def _alike(view: IntegerView, a: int, b: int) -> bool:
    """Whether two neurons make the same patterns of the same patterns."""
    return function_of(view, a) == function_of(view, b)


def _same_ranges(one: Neuron, other: Neuron) -> bool:
    return np.array_equal(one.least, other.least) and np.array_equal(one.greatest, other.greatest)


def _copies(source: Neuron, neuron: Neuron) -> bool:
    """Whether some weight, with all others and the bias 0, makes a neuron's pattern of an equal one."""
    if source.runs.denominator != neuron.runs.denominator or not all(
        (piece.choices == 0).all(axis=1).any() for piece in neuron.constants
    ):
        return False
    factors = neuron.edges[0].factors
    values = np.unique(source.runs.values[source.runs.defined])
    if not (factors == 0).any() or not len(values):
        return False
    for factor in factors:
        sums = factor * values
        if sums.min() >= neuron.runs.starts[0] and sums.max() <= neuron.runs.last:
            run = neuron.runs.run_of(sums)
            if neuron.runs.defined[run].all() and (neuron.runs.values[run] == values).all():
                return True
    return False
