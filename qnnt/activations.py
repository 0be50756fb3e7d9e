"""Activation functions, exact, described by their segments on an integer grid.

Encoders need more than values: on the grid ``t = k / denominator`` with ``low <= k <= high`` an
activation is a list of `Segment` s, each linear in k. ReLU has two, threshold two, a clip three, a
polynomial one per grid point. A constant segment costs an encoding one threshold, a sloped one a
threshold per grid point or one linear equation.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from qnnt.bit_budget import check_power
from qnnt.exact import Number, reduced


@dataclass(frozen=True, slots=True)
class Segment:
    """The activation from grid index `start` up to the next segment's start.

    Its value at index k is ``value + slope * (k - start)``; `value` None marks pre-activations that
    are forbidden (outside a table).
    """

    start: int
    value: Number | None
    slope: Number = 0


@dataclass(frozen=True, slots=True)
class Activation(ABC):
    """A function from exact numbers to exact numbers."""

    name: ClassVar[str]
    partial: ClassVar[bool] = False
    """Whether it is undefined somewhere: then it is a constraint as well."""
    piecewise_linear: ClassVar[bool] = True
    """Whether the number of segments stays bounded as the grid grows."""

    @abstractmethod
    def value(self, t: Number) -> Number | None:
        """The value at t, or None where the activation is undefined.

        Raises
        ------
        BudgetError
            Where the value is too large to be computed; only of activations that multiply.
        """

    @abstractmethod
    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        """Segments that cover the grid indices low..high in increasing order (low <= high)."""


def _pieces(pieces: list[tuple[int, Number, Number]], low: int, high: int, denominator: int) -> Iterator[Segment]:
    """Segments from (first grid index, slope in t, value at t = 0) triples in increasing order."""
    for (start, slope, offset), (end, _, _) in pairwise([*pieces, (high + 1, 0, 0)]):
        first = max(start, low)
        if first < min(end, high + 1):
            value = reduced(offset + slope * Fraction(first, denominator))
            yield Segment(first, value, reduced(Fraction(slope, denominator)))


def _at_or_above(t: Number, denominator: int) -> int:
    """The first grid index whose point is >= t."""
    return math.ceil(t * denominator)


@dataclass(frozen=True, slots=True)
class Identity(Activation):
    """t."""

    name: ClassVar[str] = "identity"

    def value(self, t: Number) -> Number:
        return t

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        return _pieces([(low, 1, 0)], low, high, denominator)


@dataclass(frozen=True, slots=True)
class Relu(Activation):
    """max(0, t)."""

    name: ClassVar[str] = "relu"

    def value(self, t: Number) -> Number:
        return max(0, t)

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        return _pieces([(min(low, 0), 0, 0), (1, 1, 0)], low, high, denominator)


@dataclass(frozen=True, slots=True)
class Clip(Activation):
    """min(max(low, t), high), with low <= high."""

    low: Number
    high: Number
    name: ClassVar[str] = "clip"

    def value(self, t: Number) -> Number:
        return min(max(self.low, t), self.high)

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        rise = _at_or_above(self.low, denominator)
        flat = _at_or_above(self.high, denominator)
        pieces: list[tuple[int, Number, Number]] = [(min(low, rise), 0, self.low)]
        pieces += [(rise, 1, 0), (flat, 0, self.high)]
        return _pieces(pieces, low, high, denominator)


@dataclass(frozen=True, slots=True)
class ReluD(Activation):
    """min(max(0, t), ceil((d-1)/2)): the activation of d-QNNT, with d >= 2."""

    d: int
    name: ClassVar[str] = "relu_d"

    @property
    def top(self) -> int:
        """The largest value, A = ceil((d-1)/2)."""
        return self.d // 2

    def value(self, t: Number) -> Number:
        return min(max(0, t), self.top)

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        return Clip(0, self.top).segments(low, high, denominator)


@dataclass(frozen=True, slots=True)
class Threshold(Activation):
    """1 if t > 0 else 0."""

    name: ClassVar[str] = "threshold"

    def value(self, t: Number) -> Number:
        return 1 if t > 0 else 0

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        return _pieces([(min(low, 0), 0, 0), (1, 0, 1)], low, high, denominator)


@dataclass(frozen=True, slots=True)
class Sign(Activation):
    """+1 if t >= 0 else -1."""

    name: ClassVar[str] = "sign"

    def value(self, t: Number) -> Number:
        return 1 if t >= 0 else -1

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        return _pieces([(min(low, 0), 0, -1), (0, 0, 1)], low, high, denominator)


@dataclass(frozen=True, slots=True)
class Leaky(Activation):
    """negative * t for t < 0, positive * t for t >= 0."""

    negative: Number
    positive: Number
    name: ClassVar[str] = "leaky"

    def value(self, t: Number) -> Number:
        return reduced((self.negative if t < 0 else self.positive) * t)

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        return _pieces([(min(low, 0), self.negative, 0), (0, self.positive, 0)], low, high, denominator)


@dataclass(frozen=True, slots=True)
class Step(Activation):
    """Piecewise constant: values[0] below breaks[0], values[i] from breaks[i-1] (included) on.

    `breaks` strictly increasing; one more value than breaks.
    """

    breaks: tuple[Number, ...]
    values: tuple[Number, ...]
    name: ClassVar[str] = "step"

    def value(self, t: Number) -> Number:
        return self.values[sum(t >= b for b in self.breaks)]

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        starts = [_at_or_above(b, denominator) for b in self.breaks]
        pieces: list[tuple[int, Number, Number]] = [(min([low, *starts]), 0, self.values[0])]
        pieces += [(start, 0, value) for start, value in zip(starts, self.values[1:], strict=True)]
        return _pieces(pieces, low, high, denominator)


@dataclass(frozen=True, slots=True)
class Constant(Activation):
    """The same value whatever the pre-activation."""

    constant: Number
    name: ClassVar[str] = "constant"

    def value(self, t: Number) -> Number:
        return self.constant

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        return _pieces([(low, 0, self.constant)], low, high, denominator)


@dataclass(frozen=True, slots=True)
class Polynomial(Activation):
    """sum_i coefficients[i] * t^i, constant first; at least one coefficient."""

    coefficients: tuple[Number, ...]
    name: ClassVar[str] = "polynomial"
    piecewise_linear: ClassVar[bool] = False

    def value(self, t: Number) -> Number:
        check_power(t, max((i for i, c in enumerate(self.coefficients) if c), default=0))
        total: Number = 0
        for coefficient in reversed(self.coefficients):
            total = total * t + coefficient
        return reduced(total)

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        for k in range(low, high + 1):
            yield Segment(k, self.value(reduced(Fraction(k, denominator))))


@dataclass(frozen=True, slots=True)
class Table(Activation):
    """Listed values only: entries (t, value) with t strictly increasing; undefined elsewhere."""

    entries: tuple[tuple[Number, Number], ...]
    name: ClassVar[str] = "table"
    partial: ClassVar[bool] = True

    def value(self, t: Number) -> Number | None:
        for point, value in self.entries:
            if point == t:
                return value
        return None

    def segments(self, low: int, high: int, denominator: int = 1) -> Iterator[Segment]:
        after = low
        for point, value in self.entries:
            k = point * denominator
            if k.denominator != 1 or not low <= k <= high:
                continue
            if after < k:
                yield Segment(after, None)
            yield Segment(int(k), value)
            after = int(k) + 1
        if after <= high:
            yield Segment(after, None)


def changes(
    activation: Activation, low: int, high: int, denominator: int = 1, limit: int = 1 << 20
) -> list[tuple[int, Number | None]] | None:
    """The value at `low` and each grid index where the value changes, with the new value.

    Parameters
    ----------
    low, high
        First and last grid index; the points are index / denominator.
    limit
        Give up (return None) once more than this many entries, or twice as many segments, are needed.
    """
    found: list[tuple[int, Number | None]] = []
    most = 2 * limit + 2  # neighbours of equal value merge, so there may be more segments than entries
    segments = list(itertools.islice(activation.segments(low, high, denominator), most + 1))
    if len(segments) > most:
        return None
    for segment, following in pairwise([*segments, Segment(high + 1, None)]):
        length = following.start - segment.start if segment.slope else 1
        if len(found) + length > limit + 1:
            return None
        for offset in range(length):
            value = segment.value
            if value is not None:
                value = reduced(value + segment.slope * offset)
            if not found or found[-1][1] != value:
                found.append((segment.start + offset, value))
    return found if len(found) <= limit else None
