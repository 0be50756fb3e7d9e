"""Losses at hand-computed points, masks, and the split over outputs."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from qnnt.exact import Number
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Label, Linf, Loss, Mismatch, Positive, Squared, TableLoss
from tests.function_examples import EVERY_LOSS, HALF, NUMBERS, TABLE_LOSS

OUTPUTS = (1, HALF, -2)


@pytest.mark.parametrize(
    ("loss", "labels", "expected"),
    [
        (Mismatch(), (1, HALF, -2), 0),
        (Mismatch(), (1, 0, 0), 1),
        (Mismatch(), (1, None, -2), 0),
        (Mismatch(), (None, None, None), 0),
        (Hamming(), (1, 0, 0), 2),
        (Hamming(), (0, None, 0), 2),
        (Absolute(), (2, 0, 1), 1 + HALF + 3),
        (Absolute(), (2, None, None), 1),
        (Squared(), (3, 0, -2), 4 + Fraction(1, 4)),
        (Squared(), (None, Fraction(3, 2), 1), 10),
        (Linf(), (2, 0, 1), 3),
        (Linf(), (None, 0, None), HALF),
        (Linf(), (None, None, None), 0),
        (Positive(), (1, HALF, -2), 0),
        (Positive(), (2, 2, 2), 1 + 1 + 2),
        (Positive(), (None, 0, None), 1),
        (Hinge(1), (1, 1, -1), HALF),
        (Hinge(1), (-1, None, 1), 2 + 3),
        (Hinge(1), (0, None, None), 1),
        (Hinge(-3), (1, 1, 1), 0),
        (Accept(((1, ((1,), (0, HALF), (0,))),)), (1, 1, 1), 1),
        (Accept(((1, ((1,), (0, HALF), (0,))),)), (1, 1, None), 0),
        (Accept(((1, ((), (), ())),)), (1, 1, 1), 3),
        (Accept(((0, ((1,), (1,), (1,))),)), (1, None, None), None),
    ],
)
def test_by_hand(loss: Loss, labels: tuple[Label, ...], expected: Number | None) -> None:
    assert loss.of_sample(OUTPUTS, labels) == expected


def test_table() -> None:
    loss = TableLoss(((0, 1, 5), (HALF, 1, Fraction(1, 3))))
    assert loss.of_sample((0,), (1,)) == 5
    assert loss.of_sample((HALF,), (1,)) == Fraction(1, 3)
    assert loss.of_sample((1,), (1,)) is None
    assert loss.of_sample((1,), (None,)) == 0


@pytest.mark.parametrize("loss", [*EVERY_LOSS, TABLE_LOSS], ids=repr)
def test_never_negative_and_in_lowest_terms(loss: Loss) -> None:
    columns = 1 if loss is TABLE_LOSS else 2
    for outputs in itertools.product(NUMBERS, repeat=columns):
        for labels in itertools.product((None, *NUMBERS), repeat=columns):
            value = loss.of_sample(outputs, labels)
            assert value is None or value >= 0
            assert not isinstance(value, Fraction) or value.denominator > 1


@pytest.mark.parametrize("loss", [loss for loss in EVERY_LOSS if loss.separable], ids=repr)
def test_separable_losses_are_sums_over_outputs(loss: Loss) -> None:
    for outputs in itertools.product(NUMBERS, repeat=2):
        for labels in itertools.product(NUMBERS, repeat=2):
            shares = [loss.of_output(j, outputs[j], labels[j]) for j in range(2)]
            assert loss.of_sample(outputs, labels) == sum(share for share in shares if share is not None)


def test_positive_asks_for_the_sign_with_label_and_bound_one() -> None:
    assert [Positive().of_sample((o,), (1,)) for o in (-7, 0, Fraction(1, 10**9), 1, 7)] == [2, 2, 1, 0, 1]


def test_shapes_must_agree() -> None:
    for loss in EVERY_LOSS:
        with pytest.raises(ValueError, match="zip"):
            loss.of_sample((0, 0), (0,))
