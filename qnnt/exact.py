"""Exact numbers: integers, and rationals where they are needed; never floats.

A `Number` is an ``int``, or a ``Fraction`` whose denominator is not 1.
In files an integer is a JSON integer and a rational a string ``"3/2"``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from fractions import Fraction
from numbers import Integral

from qnnt.errors import InputError

Number = int | Fraction

LARGEST = 2**62
"""Numerators and denominators in files lie within plus and minus this."""

_RATIONAL = re.compile(r"[+-]?[0-9]{1,20}(/[0-9]{1,20})?\Z")
_LONG_RATIONAL = re.compile(r"[+-]?[0-9]{1,4000}(/[0-9]{1,4000})?\Z")  # 4000: int() takes 4300 digits


def reduced(value: Number) -> Number:
    """The same number; an ``int`` whenever it is whole."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def to_number(value: object, path: str = "", *, bounded: bool = True) -> Number:
    """Read a number from a document: an integer or a string such as ``"3/2"``.

    Sums and products of what files hold, such as losses, are not `bounded`.

    Raises
    ------
    InputError
        For floats, booleans, other types, zero denominators and, if bounded, magnitudes beyond 2^62.
    """
    number: Number
    if type(value) is int:
        number = value
    elif isinstance(value, Fraction):
        number = reduced(value)
    elif not isinstance(value, bool) and isinstance(value, Integral):  # NumPy's
        number = int(value)
    elif isinstance(value, str) and (_RATIONAL if bounded else _LONG_RATIONAL).match(value):
        numerator, _, denominator = value.partition("/")
        if denominator and int(denominator) == 0:
            raise InputError(f"the denominator of {value!r} is zero", path)
        number = reduced(Fraction(int(numerator), int(denominator or 1)))
    elif isinstance(value, float):
        raise InputError(
            f'floats are not exact: write {value!r} as an integer or as a rational string such as "3/2"', path
        )
    else:
        raise InputError(f'expected an integer or a rational string such as "3/2", got {shown(value)}', path)
    if bounded and (abs(number.numerator) > LARGEST or number.denominator > LARGEST):
        raise InputError("the number is beyond 2^62", path)
    return number


def to_json_number(value: Number) -> int | str:
    """The inverse of `to_number`: an integer, or a string for a rational."""
    value = reduced(value)
    return value if isinstance(value, int) else f"{value.numerator}/{value.denominator}"


def common_denominator(values: Iterable[Number]) -> int:
    """Least common multiple of the denominators; 1 for no values."""
    return math.lcm(1, *{value.denominator for value in values})


def magnitude(count: int) -> str:
    """A rounded count for messages, such as ``3e+05``; of any size."""
    return f"{count:.0e}" if count < 10**300 else f"2^{count.bit_length() - 1}"


def shown(value: object, width: int = 60) -> str:
    """A short, one-line picture of a value from a document, for error messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, int) and abs(value) > LARGEST:
        return "an integer beyond 2^62"
    text = repr(value)
    return text if len(text) <= width else text[: width - 3] + "..."
