"""Rows shared out between training and test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.errors import InputError
from qnnt.generation.splitting import split_rows

MEMBERS = {"a": range(60), "b": range(60, 90), "c": range(90, 100), "d": range(100, 101)}


def per_class(rows: Sequence[int]) -> dict[str, int]:
    return dict(Counter(name for row in rows for name, members in MEMBERS.items() if row in members))


def test_splits_are_stratified_and_partition_the_rows() -> None:
    parts = split_rows(MEMBERS, Fraction("0.3"), 0, None)
    assert per_class(parts.test) == {"a": 18, "b": 9, "c": 3}
    assert sorted((*parts.training, *parts.test)) == list(range(101))
    assert parts.unused == ()
    sampled = split_rows(MEMBERS, Fraction("0.3"), 0, 20)
    assert sampled.test == parts.test
    assert len(sampled.training) == 20
    assert per_class(sampled.training).keys() == MEMBERS.keys()
    assert set(sampled.training) | set(sampled.unused) == set(parts.training)


def test_splits_depend_on_the_seed_alone() -> None:
    half = Fraction(1, 2)
    assert split_rows(MEMBERS, half, 7, 10) == split_rows(MEMBERS, half, 7, 10)
    assert split_rows(MEMBERS, half, 7, None) != split_rows(MEMBERS, half, 8, None)
    # Fixed for good: files made with a seed stay reproducible.
    assert split_rows({"a": range(8), "b": range(8, 12)}, Fraction(1, 4), 0, None).test == (6, 7, 10)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.fractions(min_value=0, max_value=1).filter(lambda f: f < 1),
    st.data(),
)
def test_every_class_keeps_a_training_row(sizes: list[int], test: Fraction, data: st.DataObject) -> None:
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    members = {str(i): range(start, start + size) for i, (start, size) in enumerate(zip(starts, sizes, strict=True))}
    everything = split_rows(members, test, 0, None)
    assert all(set(rows) & set(everything.training) for rows in members.values())
    sample = data.draw(st.integers(len(sizes), len(everything.training)))
    parts = split_rows(members, test, 0, sample)
    assert len(parts.training) == sample
    assert all(set(rows) & set(parts.training) for rows in members.values())


@pytest.mark.parametrize("sample", [3, 102])
def test_samples_out_of_range(sample: int) -> None:
    with pytest.raises(InputError, match=r"expected 4 \(one per class\) to 101 training rows"):
        split_rows(MEMBERS, Fraction(0), 0, sample)
