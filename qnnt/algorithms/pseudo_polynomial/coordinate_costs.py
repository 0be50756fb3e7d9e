"""What one output costs at one input, as a function of its digit: curves on runs of digits.

Runs come from the activation's segments, so that nothing is tabulated along a range; where the range is short
the costs become a table after all, which is quicker to ask.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qnnt.algorithms.pseudo_polynomial.curves import Curve
from qnnt.algorithms.states.vectors import Integers

SHORT = 1 << 16
"""Digits up to which there is a table."""


@dataclass(frozen=True)
class CoordinateCosts:
    """The cost of every digit 0..reach, in numerators.

    Attributes
    ----------
    curves
        By increasing digits, apart from each other; each costs at most the cap. Other digits are forbidden.
    cap
        Digits that would cost more are forbidden as well.
    """

    reach: int
    curves: tuple[Curve, ...]
    cap: int

    @property
    def forbidden(self) -> int:
        """What forbidden digits cost."""
        return self.cap + 1

    @cached_property
    def least(self) -> int:
        """The smallest cost of any digit."""
        return min((curve.cost(curve.best) for curve in self.curves), default=self.forbidden)

    @property
    def free(self) -> bool:
        """Whether every digit costs the same, which is nothing."""
        return len(self.curves) == 1 and not self.least and self._whole and not self.curves[0].greatest

    @property
    def _whole(self) -> bool:
        return self.curves[0].first == 0 and self.curves[-1].last == self.reach

    def at(self, digits: Integers) -> Integers:
        """The costs of digits."""
        if self.reach < SHORT:
            return self._table[digits]
        return self._along_curves(digits)

    def least_from(self, digits: Integers, span: int) -> Integers:
        """For each digit f the least cost of the digits f..f + span, all within the reach."""
        if not span:
            return self.at(digits)
        if self.reach < SHORT:
            return self._windows(span)[digits]
        found = np.full(len(digits), self.forbidden, np.int64)
        for curve in self.curves:
            low, high = np.maximum(digits, curve.first), np.minimum(digits + span, curve.last)
            met = low <= high
            if met.any():
                found[met] = np.minimum(found[met], curve.costs(np.clip(curve.best, low[met], high[met])))
        return found

    def by_cost(self) -> Iterator[tuple[int, int]]:
        """Costs and digits, of all digits that are not forbidden, by increasing cost."""
        return heapq.merge(*(_from_best(curve) for curve in self.curves))

    def within(self, limit: int) -> tuple[int, int] | None:
        """The first and the last digit that cost at most a limit; None if there are none."""
        parts = [part for curve in self.curves if (part := curve.up_to(limit)) is not None]
        return (parts[0].first, parts[-1].last) if parts else None

    @cached_property
    def _table(self) -> Integers:
        table = np.full(self.reach + 1, self.forbidden, np.int64)
        for curve in self.curves:
            table[curve.first : curve.last + 1] = curve.costs(np.arange(curve.first, curve.last + 1))
        return table

    @cached_property
    def _remembered(self) -> dict[int, Integers]:
        return {}

    def _windows(self, span: int) -> Integers:
        if span not in self._remembered:
            self._remembered[span] = window_minima(self._table, span + 1)
        return self._remembered[span]

    def _along_curves(self, digits: Integers) -> Integers:
        found = np.full(len(digits), self.forbidden, np.int64)
        for curve in self.curves:
            inside = (digits >= curve.first) & (digits <= curve.last)
            if inside.all():
                return curve.costs(digits)
            if inside.any():
                found[inside] = curve.costs(digits[inside])
        return found


def window_minima(numbers: Integers, width: int) -> Integers:
    """For each place the least number in the window of a width that starts there, cut off at the end.

    Complexity: the length times the logarithm of the width.
    """
    found, done = numbers, 1
    while done < min(width, len(numbers)):
        shift = min(done, width - done)
        following = found.copy()
        np.minimum(found[:-shift], found[shift:], out=following[:-shift])
        found, done = following, done + shift
    return found


def _from_best(curve: Curve) -> Iterator[tuple[int, int]]:
    """Outwards from the best digit."""
    down, up = curve.best, curve.best + 1
    while down >= curve.first or up <= curve.last:
        if up > curve.last or (down >= curve.first and curve.cost(down) <= curve.cost(up)):
            yield curve.cost(down), down
            down -= 1
        else:
            yield curve.cost(up), up
            up += 1
