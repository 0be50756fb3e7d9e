"""How large numbers may become: values of deep networks with products double their bits from layer to layer.

The bits of a product are predicted before it is computed. Only products of two values that depend on the data
need this; sums and products with constants of a file grow by a few bits per layer.
"""

from __future__ import annotations

from fractions import Fraction

from qnnt.errors import BudgetError

MOST_BITS = 4_000_000
"""Of an integer: a product of this size takes a second or two."""
MOST_BITS_OF_FRACTION = 1_000_000
"""Of a numerator or denominator: their greatest common divisor takes a second, and quadratic time."""
MOST_BITS_WRITTEN = 13_000
"""Of what is written to a file, such as a loss: under 4000 digits, which readers take."""


def bits_of(value: int | Fraction) -> int:
    """The bits of the numerator or of the denominator, whichever has more."""
    if isinstance(value, int):  # the usual case, and asked often
        return value.bit_length()
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def check_power(base: int | Fraction, exponent: int) -> None:
    """That ``base ** exponent`` may be computed.

    Raises
    ------
    BudgetError
        With the predicted bits, where they are too many.
    """
    _check(bits_of(base) * exponent, base.denominator)


def check_product(a: int | Fraction, b: int | Fraction) -> None:
    """The same of ``a * b``."""
    _check(bits_of(a) + bits_of(b), max(a.denominator, b.denominator))


def check_sum(a: int | Fraction, b: int | Fraction) -> None:
    """The same of ``a + b``, whose denominator can be the product of both."""
    if a.denominator > 1 and b.denominator > 1 and a.denominator != b.denominator:
        _check(bits_of(a) + bits_of(b), a.denominator)


def check_fraction(bits: int) -> None:
    """That a fraction with so many bits may be computed."""
    _check(bits, 2)


def check_written(value: int | Fraction) -> None:
    """That a number can be written to a file and read again."""
    bits = bits_of(value)
    if bits > MOST_BITS_WRITTEN:
        raise BudgetError(bits, MOST_BITS_WRITTEN)


def _check(bits: int, denominator: int) -> None:
    most = MOST_BITS if denominator == 1 else MOST_BITS_OF_FRACTION
    if bits > most:
        raise BudgetError(bits, most)
