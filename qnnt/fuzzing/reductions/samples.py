"""Fewer samples, lighter ones, fewer labels."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from qnnt.fuzzing.reductions.blocks import blocks
from qnnt.fuzzing.reductions.numbers import smaller_counts
from qnnt.instance import Dataset, Instance
from qnnt.losses import Label


def fewer_samples(instance: Instance) -> Iterator[Instance]:
    """Without a block of samples."""
    count = len(instance.dataset)
    for block in blocks(count):
        yield _with_samples(instance, [i for i in range(count) if i not in block])


def merged_samples(instance: Instance) -> Iterator[Instance]:
    """Two samples with the same input and the same labels as one of their joint weight."""
    data = instance.dataset
    first: dict[object, int] = {}
    for i, sample in enumerate(zip(data.x, data.y, strict=True)):
        if sample in first:
            weight = list(data.weight)
            weight[first[sample]] += weight[i]
            merged = instance.derive(dataset=Dataset(data.x, data.y, tuple(weight)))
            yield _with_samples(merged, [k for k in range(len(data)) if k != i])
        else:
            first[sample] = i


def lighter_samples(instance: Instance) -> Iterator[Instance]:
    """Weight 1 for a block of samples, or some less for a single one.

    Each also with a bound that shrinks like the whole weight.
    """
    old = instance.dataset.weight
    heavy = [i for i, weight in enumerate(old) if weight > 1]
    changes = [dict.fromkeys((heavy[k] for k in block), 1) for block in blocks(len(heavy))]
    changes += [{i: lighter} for i in heavy for lighter in smaller_counts(old[i])]
    for changed in changes:
        lighter = _with_weights(instance, changed)
        yield lighter
        if instance.bound is not None:
            share = Fraction(lighter.dataset.total_weight, instance.dataset.total_weight)
            yield lighter.derive(bound=round(instance.bound * share))


def fewer_labels(instance: Instance) -> Iterator[Instance]:
    """With a block of the labels masked."""
    y = instance.dataset.y
    places = [(i, j) for i, row in enumerate(y) for j, label in enumerate(row) if label is not None]
    for block in blocks(len(places)):
        masked = {places[k] for k in block}
        yield _with_labels(instance, _masked(y, masked))


def _with_samples(instance: Instance, kept: Sequence[int]) -> Instance:
    data = instance.dataset
    x, y, weight = (tuple(data.x[i] for i in kept), tuple(data.y[i] for i in kept), tuple(data.weight[i] for i in kept))
    return instance.derive(dataset=Dataset(x, y, weight))


def _with_weights(instance: Instance, changed: dict[int, int]) -> Instance:
    data = instance.dataset
    weight = tuple(changed.get(i, old) for i, old in enumerate(data.weight))
    return instance.derive(dataset=Dataset(data.x, data.y, weight))


def _with_labels(instance: Instance, y: tuple[tuple[Label, ...], ...]) -> Instance:
    data = instance.dataset
    return instance.derive(dataset=Dataset(data.x, y, data.weight))


def _masked(y: Sequence[Sequence[Label]], places: Collection[tuple[int, int]]) -> tuple[tuple[Label, ...], ...]:
    return tuple(tuple(None if (i, j) in places else label for j, label in enumerate(row)) for i, row in enumerate(y))
