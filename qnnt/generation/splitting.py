"""Rows shared out between training and test, class by class, the same way for the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from qnnt.errors import InputError


@dataclass(frozen=True)
class Parts:
    """Row numbers from 0, each part in the table's order, no row in two of them."""

    training: tuple[int, ...]
    test: tuple[int, ...]
    unused: tuple[int, ...]


def split_rows(rows: Mapping[str, Sequence[int]], test: Fraction, seed: int, sample: int | None) -> Parts:
    """Hold out the fraction `test` of all rows, and keep `sample` of the others for training.

    Classes take part in proportion (largest remainders, earlier classes first); each class with rows
    keeps one for training. The rows held out do not depend on `sample`.

    Parameters
    ----------
    rows
        The row numbers of each class.
    sample
        None keeps all rows that are not held out.

    Raises
    ------
    InputError
        If `sample` is below the number of classes or above the number of rows left.
    """
    random = Random(seed)
    shuffled = {name: random.sample(list(members), len(members)) for name, members in rows.items()}
    sizes = {name: len(members) for name, members in shuffled.items()}
    total = sum(sizes.values())
    held = shares({name: test * size for name, size in sizes.items()}, int(test * total + Fraction(1, 2)))
    held = {name: min(count, max(0, sizes[name] - 1)) for name, count in held.items()}
    left = {name: sizes[name] - held[name] for name in sizes}
    kept = left
    if sample is not None:
        kept = _sampled(left, sample)
    training, testing, unused = [], [], []
    for name, members in shuffled.items():
        end = held[name] + kept[name]
        testing += members[: held[name]]
        training += members[held[name] : end]
        unused += members[end:]
    return Parts(tuple(sorted(training)), tuple(sorted(testing)), tuple(sorted(unused)))


def shares(ideal: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Integers next to the ideal ones that sum up to `total`: the largest remainders are rounded up."""
    share = {name: int(value) for name, value in ideal.items()}
    # sorted is stable: among equal remainders the earlier class comes first
    by_remainder = sorted(ideal, key=lambda name: share[name] - ideal[name])
    for name in by_remainder[: max(0, total - sum(share.values()))]:
        share[name] += 1
    return share


def _sampled(left: Mapping[str, int], sample: int) -> dict[str, int]:
    """How many training rows of each class make up a sample: one each, the others in proportion."""
    rows = sum(left.values())
    classes = sum(1 for count in left.values() if count)
    if not classes <= sample <= rows:
        raise InputError(f"expected {classes} (one per class) to {rows} training rows, got {sample}")
    # The one of each class is set apart, so that rare classes stay and no class gives more than it has.
    spare = {name: max(0, count - 1) for name, count in left.items()}
    room = rows - classes
    ideal = {name: Fraction((sample - classes) * count, room or 1) for name, count in spare.items()}
    extra = shares(ideal, sample - classes)
    return {name: min(1, count) + extra[name] for name, count in left.items()}
