"""Hyperplanes with exact coordinates, and on which side of them points are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

from qnnt.exact import Number, reduced

Vector = tuple[Number, ...]


def size(number: Number) -> Number:
    """Its absolute value."""
    return max(number, -number)


@dataclass(frozen=True)
class Plane:
    """The points x with normal . x + offset = 0; where it is positive is the positive side."""

    normal: Vector
    offset: Number

    def value(self, point: Vector) -> Number:
        """Positive on the positive side, 0 on the plane."""
        return sum(map(mul, self.normal, point), self.offset)

    def flipped(self) -> Plane:
        """The same points, with the sides exchanged."""
        return Plane(tuple(-c for c in self.normal), -self.offset)

    def cleared(self, points: Sequence[Vector]) -> Plane:
        """A plane with the same points on its positive side, and none of them on it.

        A normal of zeros, which makes no plane, becomes a plane far away.
        """
        if not any(self.normal):
            far = max((size(point[0]) for point in points), default=0) + 1
            return Plane((1, *self.normal[1:]), far if self.offset > 0 else -far)
        values = [self.value(point) for point in points]
        if 0 not in values:
            return self
        nearest = min((value for value in values if value > 0), default=2)
        return Plane(self.normal, reduced(self.offset - Fraction(nearest) / 2))

    def __str__(self) -> str:
        sign = "-" if self.offset < 0 else "+"
        return f"({', '.join(map(str, self.normal))}) . x {sign} {size(self.offset)} = 0"
