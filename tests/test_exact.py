"""Exact numbers in and out of documents."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.errors import InputError
from qnnt.exact import LARGEST, common_denominator, magnitude, reduced, shown, to_json_number, to_number


@given(st.integers(-LARGEST, LARGEST), st.integers(1, LARGEST))
def test_round_trip(numerator: int, denominator: int) -> None:
    number = reduced(Fraction(numerator, denominator))
    again = to_number(to_json_number(number))
    assert again == number
    assert isinstance(again, int) == (again.denominator == 1)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (-LARGEST, -LARGEST),
        ("3", 3),
        ("-3/6", Fraction(-1, 2)),
        ("+4/2", 2),
        ("007", 7),
        ("0/5", 0),
        ("-0", 0),
        (Fraction(4, 2), 2),
        (np.int16(-4), -4),
        (np.uint64(5), 5),
    ],
)
def test_numbers(value: object, number: int | Fraction) -> None:
    found = to_number(value)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "expected an integer or a rational"),
        (None, "got null"),
        (1.0, "floats are not exact: write 1.0"),
        (float("nan"), "floats are not exact"),
        (np.float64(0.5), "floats are not exact"),
        (np.True_, "expected an integer or a rational"),
        ("1.5", "expected an integer or a rational"),
        ("1/-2", "expected an integer or a rational"),
        ("1_000", "expected an integer or a rational"),
        (" 1", "expected an integer or a rational"),
        ("1\n", "expected an integer or a rational"),
        ("١", "expected an integer or a rational"),
        ("²", "expected an integer or a rational"),
        ("", "expected an integer or a rational"),
        ("1/0", "the denominator of '1/0' is zero"),
        (LARGEST + 1, "beyond 2"),
        (-LARGEST - 1, "beyond 2"),
        (f"1/{LARGEST + 1}", "beyond 2"),
        (Fraction(1, LARGEST + 1), "beyond 2"),
        ([1], "got a list of 1"),
        ({}, "got an object"),
        (2 + 0j, "expected an integer or a rational"),
    ],
)
def test_no_numbers(value: object, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        to_number(value, "data.x[0][1]")
    assert str(caught.value).startswith("$.data.x[0][1]: ")
    assert "\n" not in str(caught.value)


def test_unbounded() -> None:
    assert to_number(2**200, bounded=False) == 2**200
    assert to_number(f"-{3**90}/{2**99}", bounded=False) == Fraction(-(3**90), 2**99)
    with pytest.raises(InputError):
        to_number("9" * 5000, bounded=False)


def test_common_denominator() -> None:
    assert common_denominator([]) == 1
    assert common_denominator([3, Fraction(1, 4), Fraction(5, 6)]) == 12


def test_pictures_are_short_and_on_one_line() -> None:
    for value in ("a\nb", "x" * 10**6, 10**5000, -(10**5000), [1] * 100, {"a": 1}, None, True, float("inf")):
        text = shown(value)
        assert len(text) <= 60
        assert "\n" not in text


def test_magnitudes_of_any_size() -> None:
    assert [magnitude(n) for n in (7, 4_000_000, 10**299)] == ["7e+00", "4e+06", "1e+299"]
    assert magnitude(2**5000) == "2^5000"
