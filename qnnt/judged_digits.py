"""How the judge reads decimal digits: written apart from `qnnt.digit_activations`, which it is held against."""

from __future__ import annotations

from fractions import Fraction

from qnnt.bit_budget import check_fraction
from qnnt.exact import Number


def shifted(a: int, guard: int) -> Number:
    """The digits of `a` >= 0, and those of a guard that is not 0, behind the decimal point.

    Lemma 3.5 has a * 10^-num(a), where num counts digits and num(0) = 1; its repair (10a + g) * 10^-(num(a) + 1).

    Raises
    ------
    BudgetError
        If the digits are too many.
    """
    check_fraction(a.bit_length())
    last = max(0, a.bit_length() - 1) * 30103 // 100000  # about log10, the exponent of the first digit
    while last and 10**last > a:
        last -= 1
    while 10 ** (last + 1) <= a:
        last += 1
    return Fraction(10 * a + guard, 10 ** (last + 2)) if guard else Fraction(a, 10 ** (last + 1))


def digits_behind_the_point(fraction: Number) -> int | None:
    """Of 0 <= fraction < 1, read as an integer without zeros at its end; None if they do not end.

    Raises
    ------
    BudgetError
        If they are too many.
    """
    denominator = fraction.denominator
    twos = (denominator & -denominator).bit_length() - 1
    odd = denominator >> twos
    fives, above = 0, odd.bit_length()
    while above - fives > 1:  # the largest power of 5 up to the odd part
        middle = (fives + above) // 2
        fives, above = (middle, above) if 5**middle <= odd else (fives, middle)
    if 5**fives != odd:
        return None
    digits = max(twos, fives)
    check_fraction(10 * digits // 3)
    return int(fraction * 10**digits)
