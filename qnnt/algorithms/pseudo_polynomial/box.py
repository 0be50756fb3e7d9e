"""Vectors in a box as integers: sums of vectors become sums of keys.

Every coordinate counts in steps from its least value; the number of steps is its *digit*. A digit's place is
as wide as the sum of all stages' spans, so digits never carry, and vectors add up as their keys do. Where 62
bits do not suffice there are several keys per vector, its *limbs*.

Steps are greatest common divisors: that a label lies between two steps is seen at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qnnt.algorithms.states.vectors import Integers

LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Box:
    """All sums of one row from each copy of each stage lie in here.

    Attributes
    ----------
    least
        Per coordinate its least value, that of digit 0.
    steps
        Per coordinate the value of one more in its digit; 1 where there is only the digit 0.
    reach
        Per coordinate its largest digit.
    limbs
        How many keys a vector has.
    places
        Per coordinate its limb, and the value of its digit there.
    """

    least: tuple[int, ...]
    steps: tuple[int, ...]
    reach: tuple[int, ...]
    limbs: int
    places: tuple[tuple[int, int], ...]

    @property
    def log2_volume(self) -> float:
        """Logarithm of the number of vectors in the box."""
        return sum(math.log2(reach + 1) for reach in self.reach)

    @property
    def volumes(self) -> tuple[int, ...]:
        """Per limb a number above all of its keys."""
        found = [1] * self.limbs
        for reach, (limb, _) in zip(self.reach, self.places, strict=True):
            found[limb] *= reach + 1
        return tuple(found)

    def digits_of(self, rows: Integers) -> Integers:
        """Shape (K, D): how many steps each row of a stage is above the least of its stage."""
        digits: Integers = (rows - rows.min(axis=0)) // np.array(self.steps, np.int64)
        return digits

    def keys_of(self, digits: Integers) -> Integers:
        """Shape (K, limbs), for digits of shape (K, D) within the box."""
        keys = np.zeros((len(digits), self.limbs), np.int64)
        for c, (limb, place) in enumerate(self.places):
            keys[:, limb] += digits[:, c] * place
        return keys

    def digits(self, keys: Integers, coordinate: int) -> Integers:
        """The digits of one coordinate, shape (N,), of keys of shape (N, limbs)."""
        limb, place = self.places[coordinate]
        column: Integers = keys[:, limb]
        if place > 1:
            column = column // place
        if place * (self.reach[coordinate] + 1) < self.volumes[limb]:
            column = column % (self.reach[coordinate] + 1)
        return column

    def value(self, coordinate: int, digit: int) -> int:
        """The number that a digit stands for."""
        return self.least[coordinate] + self.steps[coordinate] * digit


def box_of(
    constant: Integers,
    stages: Sequence[Integers],
    copies: Sequence[int],
    order: Sequence[int] | None = None,
    largest: int = LARGEST_KEY,
) -> Box:
    """The smallest box of all sums.

    Parameters
    ----------
    constant
        Shape (D,): added to all sums.
    stages
        Matrices of rows, shape (K, D), of at most 60 bits even when summed up.
    copies
        How often each stage is added.
    order
        All coordinates, the one of the highest place first; by default as they come.
    largest
        Keys stay below this, unless one coordinate alone passes it.
    """
    dimensions = len(constant)
    low = [rows.min(axis=0) for rows in stages]
    least = [int(c) for c in constant]
    steps, reach = [0] * dimensions, [0] * dimensions
    for rows, bottom, count in zip(stages, low, copies, strict=True):
        above = rows - bottom
        divisors = np.gcd.reduce(above, axis=0)
        spans = above.max(axis=0)
        for c in range(dimensions):
            least[c] += count * int(bottom[c])
            steps[c] = math.gcd(steps[c], int(divisors[c]))
            reach[c] += count * int(spans[c])
    steps = [max(1, step) for step in steps]
    reach = [most // step for most, step in zip(reach, steps, strict=True)]
    limbs, places = _places(reach, order if order is not None else range(dimensions), largest)
    return Box(tuple(least), tuple(steps), tuple(reach), limbs, places)


def _places(reach: Sequence[int], order: Sequence[int], largest: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Fill one limb after another, from the highest coordinate on; in each the last gets the lowest place."""
    groups: list[list[int]] = [[]]
    volume = 1
    for c in order:
        if volume > 1 and reach[c] and volume * (reach[c] + 1) > largest:
            groups.append([])
            volume = 1
        groups[-1].append(c)
        volume *= reach[c] + 1
    places: list[tuple[int, int]] = [(0, 1)] * len(reach)
    for limb, group in enumerate(groups):
        place = 1
        for c in reversed(group):
            places[c] = limb, place
            place *= reach[c] + 1
    return len(groups), tuple(places)
