r"""The selection gadget: points in the plane that a few neurons fit only with one of the listed slopes.

A *levee* of slope s and offset z is, with t = x2 - z - s x1, the function [t+2]+ - [t+1]+ - [t-1]+ + [t-2]+
of four ReLUs: 1 on a strip around the line t = 0, 0 away from it. A *stripe* is [t+c > 0] - [t-c > 0] of two
thresholds. Weights into a neuron are -s and 1, its bias is -z plus a corner: 2, 1, -1, -2, or c, -c.

The points lie on three vertical lines, which fix where the levee is and that its slope is between the least
and the greatest, and, for each two neighbouring slopes, at two points that a slope between them would cover.
For ReLUs these are the tables of the printed paper, which are lost in its text, reconstructed: that four
neurons fit them with no other slope was proved by exact arithmetic for two and for three slopes. For
thresholds, of which the paper says only that its proof carries over, the gadget is our own: strict
inequalities leave room for slopes within `room` / `WIDTH` of a listed one.

Reference: Froese and Hertrich, Training neural networks is NP-hard in fixed dimension, NeurIPS 2023,
Lemma 4 and Corollary 8.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

from qnnt.exact import Number

WIDTH = Fraction(1, 3)
"""Of the outer vertical lines from the middle one; slopes are at most 1 in size."""

Sample = tuple[Number, Number, Number]

RELU_CORNERS: tuple[tuple[Number, int], ...] = ((2, 1), (1, -1), (-1, -1), (-2, 1))
"""The corners of a levee, and the sign of the neuron that makes each."""


@dataclass(frozen=True)
class Point:
    """A sample in the plane."""

    x1: Number
    x2: Number
    label: Number


@dataclass(frozen=True)
class Gadget:
    """Increasing slopes, of which one is to be chosen, around an offset."""

    name: str
    offset: int
    slopes: tuple[Fraction, ...]

    def relu_points(self) -> list[Point]:
        """31 points, and 2 between neighbouring slopes."""
        least, most = WIDTH * self.slopes[0], WIDTH * self.slopes[-1]
        found: list[Sample] = [(0, x2, int(abs(x2) <= 1)) for x2 in range(-4, 5)]
        found += [(0, sign * x2, 2 - x2) for sign in (-1, 1) for x2 in (Fraction(4, 3), Fraction(5, 3))]
        for x1, low, high in ((-WIDTH, -most, -least), (WIDTH, least, most)):
            heights: list[Number] = [low - 4, low - 3, low - 2, high - 1, 0, low + 1, high + 2, high + 3, high + 4]
            found += [(x1, x2, label) for x2, label in zip(heights, (0, 0, 0, 1, 1, 1, 0, 0, 0), strict=True)]
        return self._placed([*found, *self._between(2)])

    def threshold_points(self, room: Fraction) -> list[Point]:
        """12 points, and 2 between neighbouring slopes."""
        least, most = WIDTH * self.slopes[0], WIDTH * self.slopes[-1]
        found: list[Sample] = []
        for x1, low, high in ((0, 0, 0), (-WIDTH, -most, -least), (WIDTH, least, most)):
            heights = [low - 1 - room, high - 1, low + 1, high + 1 + room]
            found += [(x1, x2, label) for x2, label in zip(heights, (0, 1, 1, 0), strict=True)]
        return self._placed([*found, *self._between(1 + room)])

    def _between(self, half: Number) -> list[Sample]:
        """Where the strips of half-height `half` of neighbouring slopes just part: both leave these points out."""
        found: list[Sample] = []
        for s, t in itertools.pairwise(self.slopes):
            x1 = 2 * half / (t - s)
            found += [(sign * x1, sign * (s * x1 + half), 0) for sign in (1, -1)]
        return found

    def _placed(self, points: list[Sample]) -> list[Point]:
        return [Point(x1, self.offset + x2, label) for x1, x2, label in points]


def threshold_corners(room: Fraction) -> tuple[tuple[Number, int], ...]:
    """The corners of a stripe, and the sign of the neuron that makes each."""
    return ((1 + room / 2, 1), (-1 - room / 2, -1))
