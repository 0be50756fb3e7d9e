"""Along the digits of one coordinate: on which runs the cost is constant, and on which it is convex."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from qnnt.activations import Activation, Segment
from qnnt.algorithms.pseudo_polynomial.box import Box
from qnnt.algorithms.pseudo_polynomial.curves import LARGEST, Curve, Distances, Flat, Hinges, Line, Squares, lowest
from qnnt.algorithms.pseudo_polynomial.shares import Share
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator, reduced

MOST_POINTS = 10_000
"""Digits up to which an activation that is not piecewise linear is asked at each."""


@dataclass(frozen=True)
class Level:
    """A run of digits of the same cost."""

    first: int
    last: int
    cost: Number

    @property
    def denominator(self) -> int:
        """Of its costs."""
        return self.cost.denominator

    def curve(self, denominator: int) -> Curve:
        """In numerators over a multiple of its own denominator."""
        return Flat(self.first, self.last, self.first, int(self.cost * denominator))


@dataclass(frozen=True)
class Slope:
    """A run of digits along which the output's value is ``offset + slope * digit``, and the cost convex."""

    first: int
    last: int
    offset: Number
    slope: Number
    share: Share

    @property
    def _unit(self) -> int:
        numbers = [self.offset, self.slope, *(label for label, _ in self.share.labels)]
        return common_denominator(numbers if self.share.margin is None else [*numbers, self.share.margin])

    @property
    def denominator(self) -> int:
        """Of its costs."""
        return self._unit if self.share.distances else self._unit**2

    def curve(self, denominator: int) -> Curve:
        """In numerators over a multiple of its own denominator.

        Raises
        ------
        UnsupportedError
            If values or their products could need more than 60 bits.
        """
        unit, scale = self._unit, denominator // self.denominator
        labels = tuple((int(label * unit), weight) for label, weight in self.share.labels)
        line = Line(int(self.offset * unit), int(self.slope * unit), labels)
        reach = line.reach(self.last)
        ends = self.first, self.last
        made: Curve
        if self.share.margin is not None:
            margin = int(self.share.margin * unit**2)
            reach = max(reach, margin, reach * max(abs(label) for label, _ in labels))
            made = Hinges(*ends, self.first, scale, line, margin)
        else:
            made = (Distances if self.share.distances else Squares)(*ends, self.first, scale, line)
        if reach >= LARGEST // 2:
            raise UnsupportedError("the loss could need more than 60 bits")
        best = lowest(made.cost, *ends)
        return type(made)(**{**vars(made), "best": best})


Run = Level | Slope


def runs_of(activation: Activation, unit: int, box: Box, coordinate: int, share: Share) -> list[Run]:
    """Runs by increasing digits; undefined digits are in none.

    Parameters
    ----------
    unit
        The coordinate's numbers are numerators over this.

    Raises
    ------
    UnsupportedError
        If the activation would have to be asked along a long range.
    """
    reach = box.reach[coordinate]
    if not activation.piecewise_linear:
        if reach >= MOST_POINTS:
            raise UnsupportedError(f"the activation {activation.name} of an output has {reach + 1} values to list")
        points = [(digit, activation.value(_exact(box, coordinate, digit, unit))) for digit in range(reach + 1)]
        return [run for digit, value in points for run in _level(digit, digit, share, value)]
    low, step = box.value(coordinate, 0), box.steps[coordinate]
    segments = activation.segments(low, box.value(coordinate, reach), unit)
    found: list[Run] = []
    for segment, following in pairwise([*segments, Segment(low + step * reach + 1, None)]):
        first, last = -((low - segment.start) // step), (following.start - 1 - low) // step
        if first > last or segment.value is None:
            continue
        if not segment.slope:
            found += _level(first, last, share, segment.value)
            continue
        offset = reduced(segment.value + segment.slope * (low - segment.start))
        found += _along(Slope(first, last, offset, reduced(segment.slope * step), share))
    return found


def _exact(box: Box, coordinate: int, digit: int, unit: int) -> Number:
    return reduced(Fraction(box.value(coordinate, digit), unit))


def _level(first: int, last: int, share: Share, value: Number | None) -> Iterator[Level]:
    cost = None if value is None else share.of(value)
    if cost is not None:
        yield Level(first, last, cost)


def _along(slope: Slope) -> Iterator[Run]:
    share = slope.share
    if not share.labels:
        yield Level(slope.first, slope.last, 0)
    elif share.distances or share.squares or share.margin is not None:
        yield slope
    else:
        yield from _levels(slope, share)


def _levels(slope: Slope, share: Share) -> Iterator[Level]:
    """One level at each special value and one between them, where neighbours cost the same one for both."""
    starts = {slope.first}
    for value in share.special:
        digit = Fraction(value - slope.offset) / slope.slope
        starts |= {math.ceil(digit), math.floor(digit) + 1}
    inside = sorted(start for start in starts if slope.first <= start <= slope.last)
    last: Level | None = None
    for start, after in pairwise([*inside, slope.last + 1]):
        for level in _level(start, after - 1, share, reduced(slope.offset + slope.slope * start)):
            if last is not None and (last.cost, last.last + 1) == (level.cost, start):
                last = Level(last.first, level.last, level.cost)
                continue
            if last is not None:
                yield last
            last = level
    if last is not None:
        yield last
