"""The activations of Lemma 3.5, which multiply by reading decimal digits, and their repair.

The lemma reduces PosSLP to training with weights in {0, 1, -1}: a product a * b is made by `SlpMul` from the
sum of a and of `SlpShift` at b, which holds the digits of b behind the decimal point. As printed that is wrong
for negative b, and for b with zeros at its end, which are lost behind the point (a third fault, parallel edges,
is one of the network): the *literal* activations are undefined there. In the repair the *guarded* ones end the
digits with a 1, or with a 2 for negative b.

Source: "On the Hardness of Training Deep Neural Networks Discretely" (AAAI 2025, arXiv 2412.13057), Lemma 3.5.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from qnnt.activations import Activation, Segment
from qnnt.bit_budget import check_fraction, check_product
from qnnt.exact import Number, reduced


@dataclass(frozen=True, slots=True)
class DigitActivation(Activation):
    """A partial function of the decimal digits of its pre-activation."""

    partial: ClassVar[bool] = True
    piecewise_linear: ClassVar[bool] = False

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        for k in range(low, high + 1):
            yield Segment(k, self.value(reduced(Fraction(k, denominator))))

    @abstractmethod
    def value(self, t: Number) -> Number | None:
        """The value at t, or None where it is undefined.

        Raises
        ------
        BudgetError
            Where the digits are too many.
        """


@dataclass(frozen=True, slots=True)
class SlpShift(DigitActivation):
    """a * 10^-num(a), num(a) being the number of decimal digits, num(0) = 1.

    Defined at 0 and at positive integers that 10 does not divide.
    """

    name: ClassVar[str] = "slp_shift"

    def value(self, t: Number) -> Number | None:
        a = t.numerator
        if t.denominator > 1 or a < 0 or (a and not a % 10):
            return None
        check_fraction(a.bit_length())
        return reduced(Fraction(a, 10 ** decimal_digits(a)))


@dataclass(frozen=True, slots=True)
class SlpShiftGuard(DigitActivation):
    """(10 |a| + g) * 10^-(num(a) + 1), g = 1 if a >= 0, else 2. Defined at integers."""

    name: ClassVar[str] = "slp_shift_guard"

    def value(self, t: Number) -> Number | None:
        if t.denominator > 1:
            return None
        a = t.numerator
        check_fraction(a.bit_length())
        guarded = 10 * a + 1 if a >= 0 else 2 - 10 * a
        return Fraction(guarded, 10 ** (decimal_digits(abs(a)) + 1))


@dataclass(frozen=True, slots=True)
class SlpMul(DigitActivation):
    """floor(t) times the digits of the fraction t - floor(t), read as an integer.

    Defined where these digits end; at integers it is 0.
    """

    name: ClassVar[str] = "slp_mul"

    def value(self, t: Number) -> Number | None:
        digits = _fraction_digits(t)
        return None if digits is None else _product(t, digits)


@dataclass(frozen=True, slots=True)
class SlpMulGuard(DigitActivation):
    """floor(t) times the digits of the fraction but for the last, which is the sign: 1 is plus, 2 is minus.

    Defined where the digits end with 1 or 2.
    """

    name: ClassVar[str] = "slp_mul_guard"

    def value(self, t: Number) -> Number | None:
        digits = _fraction_digits(t)
        if digits is None or digits % 10 not in (1, 2):
            return None
        return _product(t, digits // 10 if digits % 10 == 1 else -(digits // 10))


def _product(t: Number, digits: int) -> int:
    floor = t // 1
    check_product(floor, digits)
    return floor * digits


def decimal_digits(a: int) -> int:
    """How many decimal digits an integer a >= 0 has; 1 for 0. Never by way of text, which has a limit."""
    bits = max(a.bit_length(), 1)
    digits = (bits - 1) * 30102999566 // 10**11 + 1  # by log10(2), rounded down: at most one too few
    return digits + 1 if a >= 10**digits else digits


def _fraction_digits(t: Number) -> int | None:
    """The digits behind the decimal point, without zeros at the end, as an integer; None if they never end."""
    denominator = t.denominator
    twos = (denominator & -denominator).bit_length() - 1
    odd = denominator >> twos
    fives = odd.bit_length() * 43067655807 // 10**11  # by 1 / log2(5), rounded down: at most one too few
    if 5 ** (fives + 1) <= odd:
        fives += 1
    if 5**fives != odd:
        return None
    length = max(twos, fives)
    check_fraction(length * 10 // 3)
    return int((t.numerator % denominator) * (10**length // denominator))
