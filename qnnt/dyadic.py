"""Intervals whose ends are m * 2^e, rounded outward: m has a given number of bits, e is unbounded.

What is certain of an interval is certain of the number in it. A number that is short enough stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import NamedTuple

from qnnt.bit_budget import bits_of
from qnnt.exact import Number


class Dyadic(NamedTuple):
    """``mantissa * 2**exponent``."""

    mantissa: int
    exponent: int


ZERO = Dyadic(0, 0)


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`, both included."""

    low: Dyadic
    high: Dyadic

    def is_above(self, number: Number) -> bool:
        """Whether all of it is greater."""
        return compared(self.low, number) > 0

    def is_below(self, number: Number) -> bool:
        """Whether all of it is smaller."""
        return compared(self.high, number) < 0

    def stays_within(self, number: Number) -> bool:
        """Whether none of it is greater."""
        return compared(self.high, number) <= 0

    def reaches(self, number: Number) -> bool:
        """Whether none of it is smaller."""
        return compared(self.low, number) >= 0

    def contains(self, number: Number) -> bool:
        """Whether the number lies in it."""
        return not self.is_above(number) and not self.is_below(number)


Enclosure = Number | Interval
"""What is known of a number: the number itself, or an interval that holds it."""


def compared(a: Dyadic, number: Number) -> int:
    """-1, 0 or 1: whether a is less than, equal to, or greater than the number."""
    return _compared(Dyadic(a.mantissa * number.denominator, a.exponent), Dyadic(number.numerator, 0))


def _compared(a: Dyadic, b: Dyadic) -> int:
    """By signs, then by leading bits, and only then by shifts, which are short: exponents can be immense."""
    sign, other = _sign(a.mantissa), _sign(b.mantissa)
    if sign != other or not sign:
        return _sign(sign - other)
    if _top(a) != _top(b):
        return sign * _sign(_top(a) - _top(b))
    lowest = min(a.exponent, b.exponent)
    return _sign((a.mantissa << (a.exponent - lowest)) - (b.mantissa << (b.exponent - lowest)))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _top(a: Dyadic) -> int:
    """2 to this power is just above the magnitude."""
    return a.mantissa.bit_length() + a.exponent


order = cmp_to_key(_compared)
"""The key that sorts dyadics."""


@dataclass(frozen=True)
class Arithmetic:
    """Sums, products and powers with mantissas of `precision` bits."""

    precision: int

    def held(self, number: Number) -> Enclosure:
        """The number itself if it is short enough, else an interval around it."""
        return number if bits_of(number) <= self.precision else self.around(number)

    def around(self, value: Enclosure) -> Interval:
        """An interval that holds the value."""
        if isinstance(value, Interval):
            return value
        shift = 0
        if value.denominator > 1:
            shift = max(0, self.precision + value.denominator.bit_length() - value.numerator.bit_length() + 1)
        numerator = value.numerator << shift
        below, rest = divmod(numerator, value.denominator)
        return Interval(self._down(Dyadic(below, -shift)), self._up(Dyadic(below + (rest > 0), -shift)))

    def hull(self, values: Iterable[Enclosure]) -> Enclosure:
        """All of the values and what lies between them; a single number stays one."""
        listed = list(values)
        if not any(isinstance(value, Interval) for value in listed) and len(set(listed)) == 1:
            return listed[0]
        around = [self.around(value) for value in listed]
        return Interval(min((i.low for i in around), key=order), max((i.high for i in around), key=order))

    def maximum(self, values: Iterable[Enclosure]) -> Enclosure:
        """The largest of some values, of which there is one."""
        listed = list(values)
        largest = max((value for value in listed if not isinstance(value, Interval)), default=None)
        intervals = [value for value in listed if isinstance(value, Interval)]
        if largest is not None:
            if all(interval.stays_within(largest) for interval in intervals):
                return largest
            intervals.append(self.around(largest))
        return Interval(max((i.low for i in intervals), key=order), max((i.high for i in intervals), key=order))

    def clipped(self, value: Interval, low: Number, high: Number | None = None) -> Enclosure:
        """min(max(low, value), high); None is no limit."""
        if value.stays_within(low):
            return low
        if high is not None and value.reaches(high):
            return high
        bottom = value.low if value.reaches(low) else self.around(low).low
        top = value.high if high is None or value.stays_within(high) else self.around(high).high
        return Interval(bottom, top)

    def sum(self, a: Enclosure, b: Enclosure) -> Enclosure:
        """Of two values."""
        if not isinstance(a, Interval) and not isinstance(b, Interval):
            return self.held(a + b)
        a, b = self.around(a), self.around(b)
        return Interval(self._down(self._added(a.low, b.low, -1)), self._up(self._added(a.high, b.high, 1)))

    def product(self, a: Enclosure, b: Enclosure) -> Enclosure:
        """Of two values; 0 times anything is 0 exactly."""
        if not isinstance(a, Interval) and not isinstance(b, Interval):
            return self.held(a * b)
        if 0 in (a, b):
            return 0
        a, b = self.around(a), self.around(b)
        corners = [_times(p, q) for p in (a.low, a.high) for q in (b.low, b.high)]
        return Interval(self._down(min(corners, key=order)), self._up(max(corners, key=order)))

    def power(self, a: Enclosure, exponent: int) -> Enclosure:
        """With an exponent of at least 0; an even power of an interval is not negative."""
        if not isinstance(a, Interval) and bits_of(a) * exponent <= 2 * self.precision:
            return self.held(a**exponent)
        a = self.around(a)
        if exponent == 0:
            return 1
        if a.high.mantissa <= 0:
            mirrored = self._power_of_positive(_negated(a), exponent)
            return _negated(mirrored) if exponent % 2 else mirrored
        if a.low.mantissa >= 0:
            return self._power_of_positive(a, exponent)
        down = self._power_of_positive(Interval(ZERO, _minus(a.low)), exponent).high
        up = self._power_of_positive(Interval(ZERO, a.high), exponent).high
        return Interval(_minus(down), up) if exponent % 2 else Interval(ZERO, max(down, up, key=order))

    def _power_of_positive(self, a: Interval, exponent: int) -> Interval:
        """Of an interval without negative numbers, exponent >= 1, by squaring."""
        low, high = a.low, a.high
        for bit in bin(exponent)[3:]:
            low, high = self._down(_times(low, low)), self._up(_times(high, high))
            if bit == "1":
                low, high = self._down(_times(low, a.low)), self._up(_times(high, a.high))
        return Interval(low, high)

    def _added(self, a: Dyadic, b: Dyadic, side: int) -> Dyadic:
        """The sum, or something a little beyond it on one side where the terms are far apart."""
        if not a.mantissa or not b.mantissa:
            return a if a.mantissa else b
        large, small = (a, b) if _top(a) >= _top(b) else (b, a)
        gap = large.exponent - _top(small) - self.precision
        if gap >= 0:  # the small one is less than a unit 2^-precision below the last bit
            nudge = side if _sign(small.mantissa) == side else 0
            return Dyadic((large.mantissa << self.precision) + nudge, large.exponent - self.precision)
        lowest = min(a.exponent, b.exponent)
        return Dyadic((a.mantissa << (a.exponent - lowest)) + (b.mantissa << (b.exponent - lowest)), lowest)

    def _down(self, a: Dyadic) -> Dyadic:
        """The greatest dyadic of the precision that is not above."""
        excess = a.mantissa.bit_length() - self.precision
        return a if excess <= 0 else Dyadic(a.mantissa >> excess, a.exponent + excess)

    def _up(self, a: Dyadic) -> Dyadic:
        return _minus(self._down(_minus(a)))


def _times(a: Dyadic, b: Dyadic) -> Dyadic:
    return Dyadic(a.mantissa * b.mantissa, a.exponent + b.exponent)


def _minus(a: Dyadic) -> Dyadic:
    return Dyadic(-a.mantissa, a.exponent)


def _negated(a: Interval) -> Interval:
    return Interval(_minus(a.high), _minus(a.low))
