"""Outward rounding: what an interval says holds of the number in it, however short the mantissas."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from qnnt.dyadic import Arithmetic, Dyadic, Enclosure, Interval, compared
from qnnt.exact import Number

PRECISIONS = (1, 2, 5, 24)


def value_of(a: Dyadic) -> Fraction:
    return Fraction(a.mantissa) * Fraction(2) ** a.exponent


def holds(enclosure: Enclosure, number: Number) -> bool:
    if not isinstance(enclosure, Interval):
        return enclosure == number
    assert value_of(enclosure.low) <= value_of(enclosure.high)
    return value_of(enclosure.low) <= number <= value_of(enclosure.high)


def random_number(rng: random.Random) -> Number:
    size = rng.choice([1, 3, 40])
    numerator = rng.choice([0, rng.randint(-(2**size), 2**size), rng.choice([-1, 1]) << rng.randint(0, 70)])
    return Fraction(numerator, rng.choice([1, 1, 2, 3, rng.randint(1, 2**size)]))


def random_enclosure(rng: random.Random, arithmetic: Arithmetic) -> tuple[Enclosure, Number]:
    """An enclosure, and a number in it; some are wide, with ends on either side of 0."""
    number = random_number(rng)
    around: Enclosure = arithmetic.held(number)
    if rng.random() < 0.5:
        around = arithmetic.hull([number, random_number(rng)])
    return around, number


@pytest.mark.parametrize("precision", PRECISIONS)
def test_operations_hold_the_exact_value(precision: int) -> None:
    arithmetic = Arithmetic(precision)
    rng = random.Random(f"operations {precision}")
    intervals = 0
    for _ in range(1500):
        (a, x), (b, y) = random_enclosure(rng, arithmetic), random_enclosure(rng, arithmetic)
        exponent = rng.randint(0, 5)
        assert holds(a, x)
        assert holds(arithmetic.sum(a, b), x + y)
        assert holds(arithmetic.product(a, b), x * y)
        assert holds(arithmetic.power(a, exponent), x**exponent)
        assert holds(arithmetic.maximum([a, b]), max(x, y))
        low, high = sorted((random_number(rng), random_number(rng)))
        if isinstance(a, Interval):
            intervals += 1
            assert holds(arithmetic.clipped(a, low, high), min(max(x, low), high))
            assert holds(arithmetic.clipped(a, low), max(x, low))
    assert intervals > 500


@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_is_said_of_an_interval_is_so(precision: int) -> None:
    rng = random.Random(f"comparisons {precision}")
    for _ in range(1500):
        a = Arithmetic(precision).around(random_enclosure(rng, Arithmetic(precision))[0])
        number = random_number(rng)
        low, high = value_of(a.low), value_of(a.high)
        assert a.is_above(number) == (low > number)
        assert a.is_below(number) == (high < number)
        assert a.reaches(number) == (low >= number)
        assert a.stays_within(number) == (high <= number)
        assert a.contains(number) == (low <= number <= high)


def test_mantissas_stay_short() -> None:
    arithmetic = Arithmetic(24)
    rng = random.Random(7)
    value: Enclosure = 3
    for _ in range(300):
        value = arithmetic.sum(arithmetic.product(value, value), random_number(rng))
        for end in (arithmetic.around(value).low, arithmetic.around(value).high):
            assert end.mantissa.bit_length() <= 25


def test_short_numbers_stay_what_they_are() -> None:
    arithmetic = Arithmetic(8)
    assert arithmetic.held(255) == 255
    assert arithmetic.held(Fraction(1, 255)) == Fraction(1, 255)
    assert isinstance(arithmetic.held(256), Interval)
    assert isinstance(arithmetic.held(Fraction(1, 257)), Interval)
    assert arithmetic.product(arithmetic.held(257), 0) == 0
    assert arithmetic.maximum([1, Interval(Dyadic(-3, 5), Dyadic(1, 0))]) == 1
    assert arithmetic.clipped(Interval(Dyadic(-3, 5), Dyadic(0, 9)), 0) == 0
    assert arithmetic.clipped(Interval(Dyadic(3, 5), Dyadic(3, 9)), 0, 96) == 96


def test_immense_exponents_are_compared_and_added_without_being_written_out() -> None:
    arithmetic = Arithmetic(192)
    huge = Interval(Dyadic(1, 2**200), Dyadic(3, 2**200))
    tiny = Interval(Dyadic(1, -(2**200)), Dyadic(3, -(2**200)))
    assert huge.is_above(10**18)
    assert tiny.is_above(0)
    assert tiny.is_below(Fraction(1, 10**18))
    assert compared(Dyadic(-1, 2**200), -(10**18)) == -1
    total = arithmetic.sum(huge, -1)
    assert isinstance(total, Interval)
    assert total.is_above(10**18)
    below_one = arithmetic.sum(1, arithmetic.product(tiny, -1))
    assert isinstance(below_one, Interval)
    assert below_one.is_below(1) is False  # rounded outward: 1 itself cannot be excluded
    assert below_one.is_above(Fraction(10**18 - 1, 10**18))
    assert isinstance(arithmetic.power(huge, 10**6), Interval)
