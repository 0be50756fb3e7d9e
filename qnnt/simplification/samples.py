"""Fewer samples: equal ones merged, empty ones dropped; and the loss that no parameters avoid."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from qnnt.exact import Number
from qnnt.instance import Dataset, Instance
from qnnt.losses import Label, Mismatch
from qnnt.simplification.steps import Simplified

Labels = tuple[Label, ...]


def labels_by_input(data: Dataset) -> dict[tuple[Number, ...], dict[Labels, int]]:
    """The distinct inputs, each with its multiset of (masked) labels: label vector -> total weight."""
    found: dict[tuple[Number, ...], dict[Labels, int]] = {}
    for x, y, weight in zip(data.x, data.y, data.weight, strict=True):
        here = found.setdefault(x, {})
        here[y] = here.get(y, 0) + weight
    return found


def _dataset(groups: Mapping[tuple[Number, ...], Mapping[Labels, int]]) -> Dataset:
    rows = [(x, y, weight) for x, labels in groups.items() for y, weight in labels.items()]
    return Dataset(tuple(x for x, _, _ in rows), tuple(y for _, y, _ in rows), tuple(w for _, _, w in rows))


def merge_samples(instance: Instance) -> Simplified:
    """Samples with equal input and equal labels become one, their weights added."""
    return Simplified(instance.derive(dataset=_dataset(labels_by_input(instance.dataset))))


def drop_masked_samples(instance: Instance) -> Simplified:
    """Samples without a label cost nothing: they go, if no partial activation makes them a constraint."""
    if any(activation.partial for activation in instance.activations.values()):
        return Simplified(instance)
    groups = {
        x: {y: weight for y, weight in labels.items() if any(label is not None for label in y)}
        for x, labels in labels_by_input(instance.dataset).items()
    }
    return Simplified(instance.derive(dataset=_dataset(groups)))


MOST_VECTORS = 4096


def certain_loss(instance: Instance) -> Number:
    """A loss that no parameters avoid, because one input carries labels that exclude each other.

    For mismatch losses: at every distinct input the total weight minus the largest weight that one
    output vector can match; masked labels agree with everything. 0 for other losses.
    """
    if not isinstance(instance.loss, Mismatch):
        return 0
    return sum(certain_mismatch(labels) for labels in labels_by_input(instance.dataset).values())


def certain_mismatch(labels: Mapping[Labels, int]) -> int:
    """The weight of labels of one input that no output vector avoids to mismatch."""
    return sum(labels.values()) - largest_match(labels)


def largest_match(labels: Mapping[Labels, int]) -> int:
    """The largest total weight of labels that one output vector can match; from above if too many.

    Exact whenever no label is masked or at most `MOST_VECTORS` output vectors come into question.
    """
    if not any(None in y for y in labels):
        return max(labels.values())
    columns = [sorted({label for label in column if label is not None}) for column in zip(*labels, strict=True)]
    vectors = 1
    for column in columns:
        vectors *= max(1, len(column))
    if vectors <= MOST_VECTORS:
        return max(
            sum(
                weight
                for y, weight in labels.items()
                if all(label is None or label == value for label, value in zip(y, vector, strict=True))
            )
            for vector in product(*(column or [0] for column in columns))
        )
    return min(
        max(sum(weight for y, weight in labels.items() if y[j] in (None, value)) for value in column or [0])
        for j, column in enumerate(columns)
    )
