"""Segments and change points against values, point by point."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from qnnt.activations import (
    Activation,
    Clip,
    Constant,
    Identity,
    Leaky,
    Polynomial,
    Relu,
    ReluD,
    Sign,
    Step,
    Table,
    Threshold,
    changes,
)
from qnnt.digit_activations import SlpMul, SlpMulGuard, SlpShift, SlpShiftGuard
from qnnt.exact import Number, reduced
from tests.function_examples import EVERY_ACTIVATION, HALF

DENOMINATORS = range(1, 7)
RANGES = [(-4, 4), (-1, 1), (0, 0), (-1, -1), (1, 1), (0, 3), (1, 5), (-6, -1), (40, 45), (-45, -40), (-30, 30)]

every_activation = pytest.mark.parametrize("activation", EVERY_ACTIVATION, ids=repr)


@every_activation
@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_segments_cover_the_grid_with_the_values(activation: Activation, denominator: int) -> None:
    for low, high in RANGES:
        segments = list(activation.segments(low, high, denominator))
        starts = [segment.start for segment in segments]
        assert starts[0] == low
        assert starts[-1] <= high
        assert all(a < b for a, b in pairwise(starts))
        for segment, end in zip(segments, [*starts[1:], high + 1], strict=True):
            for k in range(segment.start, end):
                value = activation.value(reduced(Fraction(k, denominator)))
                if segment.value is None:
                    assert value is None
                else:
                    assert segment.value + segment.slope * (k - segment.start) == value


@every_activation
@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_changes_are_where_the_value_changes(activation: Activation, denominator: int) -> None:
    for low, high in RANGES:
        assert changes(activation, low, high, denominator) == expected_changes(activation, low, high, denominator)


def expected_changes(activation: Activation, low: int, high: int, denominator: int) -> list[tuple[int, Number | None]]:
    values = [(k, activation.value(reduced(Fraction(k, denominator)))) for k in range(low, high + 1)]
    return values[:1] + [after for before, after in pairwise(values) if before[1] != after[1]]


@every_activation
def test_the_limit_never_cuts_the_list(activation: Activation) -> None:
    """Neighbouring segments of equal value must not make a list that was cut off look complete."""
    for low, high, denominator in ((-4, 9, 1), (-3, 12, 2), (0, 0, 1)):
        full = expected_changes(activation, low, high, denominator)
        segments = len(list(activation.segments(low, high, denominator)))
        for limit in range(1, len(full) + 3):
            found = changes(activation, low, high, denominator, limit)
            if len(full) > limit:
                assert found is None
            elif segments <= 2 * limit:
                assert found == full
            else:
                assert found in (None, full)


def test_the_limit_is_found_without_walking_the_grid() -> None:
    for activation in (Identity(), Leaky(1, 0), Polynomial((0, 0, 1)), Clip(0, 2**62)):
        assert changes(activation, -(2**62), 2**62, limit=100) is None
    assert changes(Relu(), -(2**62), 3, limit=4) == [(-(2**62), 0), (1, 1), (2, 2), (3, 3)]
    assert changes(Threshold(), -(2**62), 2**62, limit=2) == [(-(2**62), 0), (1, 1)]
    assert changes(Table(((0, 1),)), -(2**62), 2**62, limit=3) == [(-(2**62), None), (0, 1), (1, None)]


@every_activation
def test_values_are_in_lowest_terms(activation: Activation) -> None:
    grid = [reduced(Fraction(k, denominator)) for denominator in DENOMINATORS for k in range(-9, 10)]
    values = [activation.value(t) for t in grid]
    values += [v for d in DENOMINATORS for _, v in changes(activation, -9, 9, d) or []]
    assert all(not isinstance(value, Fraction) or value.denominator > 1 for value in values)


@pytest.mark.parametrize(
    ("activation", "points", "values"),
    [
        (Identity(), (-1, 0, HALF), (-1, 0, HALF)),
        (Relu(), (-1, 0, HALF, 7), (0, 0, HALF, 7)),
        (ReluD(2), (-3, 0, 1, 2), (0, 0, 1, 1)),
        (ReluD(3), (-3, 0, 1, 2), (0, 0, 1, 1)),
        (ReluD(4), (-3, 0, 1, 2, 3), (0, 0, 1, 2, 2)),
        (ReluD(5), (1, 2, 3), (1, 2, 2)),
        (ReluD(6), (2, 3, 4), (2, 3, 3)),
        (Threshold(), (-1, 0, Fraction(1, 9), 1), (0, 0, 1, 1)),
        (Sign(), (-1, Fraction(-1, 9), 0, 1), (-1, -1, 1, 1)),
        (Clip(-1, HALF), (-2, 0, 1), (-1, 0, HALF)),
        (Polynomial((1, 2, 3)), (0, 1, 2, HALF), (1, 6, 17, Fraction(11, 4))),
        (Table(((0, 1), (HALF, 2))), (0, HALF, 1), (1, 2, None)),
        (Step((0, 2), (7, 8, 9)), (-1, 0, 1, 2, 3), (7, 8, 8, 9, 9)),
        (Leaky(HALF, 3), (-2, 0, 2), (-1, 0, 6)),
        (Constant(4), (-1, 0, 1), (4, 4, 4)),
        (SlpShift(), (0, 7, 12, 305), (0, Fraction(7, 10), Fraction(12, 100), Fraction(305, 1000))),
        (SlpShift(), (-1, 10, 300, HALF), (None, None, None, None)),
        (SlpShiftGuard(), (0, 7, 10), (Fraction(1, 100), Fraction(71, 100), Fraction(101, 1000))),
        (SlpShiftGuard(), (-7, -10, HALF), (Fraction(72, 100), Fraction(102, 1000), None)),
        (SlpMul(), (0, 9, Fraction(312, 100), Fraction(305, 100)), (0, 0, 3 * 12, 3 * 5)),
        (SlpMul(), (Fraction(-26, 10), Fraction(1, 8), Fraction(1, 3), Fraction(1, 7)), (-3 * 4, 0, None, None)),
        (SlpMulGuard(), (Fraction(371, 100), Fraction(372, 100), Fraction(3101, 1000)), (21, -21, 30)),
        (SlpMulGuard(), (Fraction(-229, 100), Fraction(-228, 100)), (-3 * 7, 3 * 7)),
        (SlpMulGuard(), (3, Fraction(301, 100), Fraction(37, 10), Fraction(1, 3)), (None, 0, None, None)),
    ],
    ids=lambda value: repr(value) if isinstance(value, Activation) else "",
)
def test_values(activation: Activation, points: tuple[Number, ...], values: tuple[Number | None, ...]) -> None:
    assert tuple(map(activation.value, points)) == values


def test_piecewise_linear_ones_have_few_segments() -> None:
    for activation in EVERY_ACTIVATION:
        if activation.piecewise_linear and not isinstance(activation, Table):
            assert len(list(activation.segments(-(10**9), 10**9, 6))) <= 5
