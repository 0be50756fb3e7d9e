"""Smaller sets of values, simpler values, a smaller d."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qnnt.activations import ReluD
from qnnt.exact import Number
from qnnt.fuzzing.reductions.blocks import blocks
from qnnt.fuzzing.reductions.numbers import simpler_numbers, smaller_counts
from qnnt.fuzzing.reductions.sizes import cost_of
from qnnt.instance import Dataset, Instance, Problem, z_d

_Sets = Mapping[Any, tuple[Number, ...]]
"""The sets of all edges and neurons."""


def smaller_d(instance: Instance) -> Iterator[Instance]:
    """A d-QNNT instance over a smaller Z_d, with the data clipped to it."""
    if instance.d is None:
        return
    for d in dict.fromkeys((2, *smaller_counts(instance.d))):
        if d < instance.d:
            low, high = z_d(d)[0], z_d(d)[-1]
            data = instance.dataset
            x = tuple(tuple(min(max(low, value), high) for value in row) for row in data.x)
            y = tuple(tuple(label if label is None else min(max(low, label), high) for label in row) for row in data.y)
            yield instance.derive(
                d=d,
                dataset=Dataset(x, y, data.weight),
                weights=dict.fromkeys(instance.weights, z_d(d)),
                biases=dict.fromkeys(instance.biases, z_d(d)),
                activations=dict.fromkeys(instance.activations, ReluD(d)),
            )


def fewer_values(instance: Instance) -> Iterator[Instance]:
    """Without a block of the values of all sets; a set that would be empty keeps its simplest value."""
    if instance.problem is Problem.D_QNNT:
        return
    sets = _sets(instance)
    items = [(key, value) for key, values in sets.items() if len(values) > 1 for value in values]
    for block in blocks(len(items)):
        dropped = {items[k] for k in block}
        kept = {key: tuple(value for value in values if (key, value) not in dropped) for key, values in sets.items()}
        yield _with_sets(instance, {key: values or (min(sets[key], key=cost_of),) for key, values in kept.items()})


def simpler_values(instance: Instance) -> Iterator[Instance]:
    """With a simpler value in the place of one of a set."""
    if instance.problem is Problem.D_QNNT:
        return
    sets = _sets(instance)
    for key, values in sets.items():
        for old in values:
            for new in simpler_numbers(old):
                if new not in values:
                    changed = tuple(sorted({new, *values} - {old}))
                    yield _with_sets(instance, {**sets, key: changed})


def _sets(instance: Instance) -> _Sets:
    return {**instance.weights, **instance.biases}


def _with_sets(instance: Instance, sets: _Sets) -> Instance:
    return instance.derive(
        weights={edge: sets[edge] for edge in instance.weights}, biases={v: sets[v] for v in instance.biases}
    )
