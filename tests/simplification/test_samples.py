"""Merging and dropping samples, and the loss that no parameters avoid."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Dataset
from qnnt.losses import Label
from qnnt.simplification import samples
from qnnt.simplification.samples import (
    certain_loss,
    drop_masked_samples,
    labels_by_input,
    largest_match,
    merge_samples,
)

TOTAL_TABLE = {"type": "table", "values": [[t, t] for t in range(-5, 6)]}


def test_equal_samples_become_one_and_their_weights_add_up() -> None:
    instance = d_qnnt(3, [1, 1], [[1], [0], [1], [1]], [[1], [0], [1], [0]], weight=[2, 1, 5, 3])
    merged = merge_samples(instance).instance.dataset
    assert merged == Dataset(((1,), (1,), (0,)), ((1,), (0,), (0,)), (7, 3, 1))
    assert merged.total_weight == instance.dataset.total_weight


def test_masks_tell_labels_apart() -> None:
    instance = d_qnnt(3, [1, 2], [[1], [1], [1]], [[1, None], [1, 0], [1, None]])
    assert labels_by_input(instance.dataset) == {(1,): {(1, None): 2, (1, 0): 1}}
    assert len(merge_samples(instance).instance.dataset) == 2


def test_samples_without_a_label_go() -> None:
    instance = d_nnt(
        [1, 2], [[1], [2], [2], [3]], [[None, None], [None, 1], [None, None], [None, None]],
        weights=[0, 1], bias=[0], activation="relu",
    )  # fmt: skip
    assert drop_masked_samples(instance).instance.dataset == Dataset(((2,),), ((None, 1),), (1,))


def test_they_stay_where_a_table_makes_them_a_constraint() -> None:
    """Total or not: only the table itself could tell, on the range that the bounds leave."""
    partial = {"type": "table", "values": [[0, 0]]}
    for activation in (partial, TOTAL_TABLE, "slp_shift", "slp_mul_guard"):
        instance = d_nnt([1, 1], [[1], [2]], [[None], [None]], weights=[0, 1], bias=[0], activation=activation)
        assert drop_masked_samples(instance).instance == instance
    constrained = d_nnt([1, 1], [[1], [2]], [[None], [None]], weights=[1, 2], bias=[0], activation=partial)
    assert minimum(constrained).loss is None
    assert minimum(drop_masked_samples(constrained).instance).loss is None


def test_all_samples_may_go() -> None:
    instance = d_qnnt(2, [1, 1], [[1], [0]], [[None], [None]])
    smaller = drop_masked_samples(merge_samples(instance).instance).instance
    assert len(smaller.dataset) == 0
    assert minimum(smaller).loss == minimum(instance).loss == 0


# --- certain loss --------------------------------------------------------------------------------


def matched(labels: Mapping[tuple[Label, ...], int], vector: tuple[Label, ...]) -> int:
    return sum(w for y, w in labels.items() if all(a in (None, b) for a, b in zip(y, vector, strict=True)))


def by_brute_force(labels: Mapping[tuple[Label, ...], int]) -> int:
    """Over every output vector of values that occur, and one that does not."""
    width = len(next(iter(labels)))
    values = {label for y in labels for label in y if label is not None} | {999}
    return max(matched(labels, vector) for vector in itertools.product(values, repeat=width))


some_labels = st.integers(1, 3).flatmap(
    lambda width: st.dictionaries(
        st.tuples(*[st.sampled_from([None, 0, 1, 2])] * width), st.integers(1, 9), min_size=1, max_size=7
    )
)


@given(some_labels)
def test_largest_match_against_all_output_vectors(labels: dict[tuple[Label, ...], int]) -> None:
    assert largest_match(labels) == by_brute_force(labels)


@given(some_labels)
def test_a_quick_bound_where_vectors_are_too_many(labels: dict[tuple[Label, ...], int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "MOST_VECTORS", 0)
        quick = largest_match(labels)
    assert by_brute_force(labels) <= quick <= sum(labels.values())


def test_no_vector_matches_labels_that_exclude_each_other() -> None:
    instance = d_qnnt(3, [1, 1], [[0], [0], [0], [1]], [[0], [1], [1], [1]], weight=[2, 1, 4, 9])
    assert certain_loss(instance) == 2
    compatible = d_qnnt(3, [1, 2], [[0], [0]], [[1, None], [None, 1]])
    assert certain_loss(compatible) == 0


def test_only_mismatches_are_counted() -> None:
    instance = d_nnt([1, 1], [[0], [0]], [[0], [5]], weights=[1], bias=[0], activation="identity", loss="absolute")
    assert certain_loss(instance) == 0


def test_never_above_the_optimum() -> None:
    positive = 0
    for seed in range(150):
        instance = random_instance(random.Random(f"certain {seed}"), losses=["mismatch"], most_settings=300)
        best = minimum(instance).loss
        floor = certain_loss(instance)
        assert best is None or floor <= best
        positive += floor > 0
    assert positive >= 10


def test_nothing_is_certain_without_samples() -> None:
    assert certain_loss(d_qnnt(2, [1, 1], [], [])) == 0
