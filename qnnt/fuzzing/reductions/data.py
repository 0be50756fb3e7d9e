"""Simpler numbers in the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from qnnt.exact import Number
from qnnt.fuzzing.reductions.blocks import blocks
from qnnt.fuzzing.reductions.numbers import simpler_numbers
from qnnt.instance import Dataset, Instance
from qnnt.losses import Label

_Place = tuple[int, int]
"""Row and column."""


def simpler_inputs(instance: Instance) -> Iterator[Instance]:
    """With simpler numbers in x: a block of zeros, all rounded, or a single one changed."""
    data = instance.dataset
    entries = {(i, j): value for i, row in enumerate(data.x) for j, value in enumerate(row) if value != 0}
    for changed in _simpler_entries(entries):
        x = tuple(tuple(changed.get((i, j), value) for j, value in enumerate(row)) for i, row in enumerate(data.x))
        yield instance.derive(dataset=Dataset(x, data.y, data.weight))


def simpler_labels(instance: Instance) -> Iterator[Instance]:
    """With simpler numbers in y: a block of zeros, all rounded, or a single one changed."""
    data = instance.dataset
    entries = {(i, j): label for i, row in enumerate(data.y) for j, label in enumerate(row) if label}
    for changed in _simpler_entries(entries):
        y = tuple(_relabelled(i, row, changed) for i, row in enumerate(data.y))
        yield instance.derive(dataset=Dataset(data.x, y, data.weight))


def _simpler_entries(entries: Mapping[_Place, Number]) -> Iterator[dict[_Place, Number]]:
    """What to change: the new numbers at some places."""
    places = list(entries)
    for block in blocks(len(places)):
        if len(block) > 1:
            yield {places[k]: 0 for k in block}
    yield {place: round(number) for place, number in entries.items()}
    yield {place: (number > 0) - (number < 0) for place, number in entries.items()}
    for place, number in entries.items():
        for simpler in simpler_numbers(number):
            yield {place: simpler}


def _relabelled(i: int, row: Sequence[Label], changed: Mapping[_Place, Number]) -> tuple[Label, ...]:
    return tuple(changed.get((i, j), label) for j, label in enumerate(row))
