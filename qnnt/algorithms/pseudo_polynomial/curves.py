"""Convex costs along a run of digits, in 64-bit integers up to a cap and in exact integers beyond it.

On a run the value of an output is linear in the digit, and every label's cost is convex in the value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from qnnt.algorithms.states.vectors import Integers

LARGEST = 2**61
"""Magnitudes in 64-bit arithmetic stay below this."""


@dataclass(frozen=True)
class Curve(ABC):
    """A convex cost of the digits first..last, at least one; outside it is not defined.

    Attributes
    ----------
    best
        A digit of least cost.
    scale
        What the costs are multiples of.
    """

    first: int
    last: int
    best: int
    scale: int

    @abstractmethod
    def cost(self, digit: int) -> int:
        """Exact, for any digit of the run."""

    @abstractmethod
    def costs(self, digits: Integers) -> Integers:
        """For digits of the run whose costs are known to fit 62 bits."""

    def _factor(self, weight: int) -> int:
        """What a label's part is multiplied with; beyond 62 bits that part is 0 wherever it is asked for."""
        return min(weight * self.scale, LARGEST)

    def up_to(self, cap: int) -> Self | None:
        """The part of the run that costs at most the cap; None if there is none."""
        if self.cost(self.best) > cap:
            return None
        first = self.best - first_true(lambda k: k > self.best - self.first or self.cost(self.best - k) > cap) + 1
        last = self.best + first_true(lambda k: k > self.last - self.best or self.cost(self.best + k) > cap) - 1
        return replace(self, first=first, last=last)

    @property
    def greatest(self) -> int:
        """The largest cost."""
        return max(self.cost(self.first), self.cost(self.last))


def first_true(holds: Callable[[int], bool]) -> int:
    """The least k >= 0 from which on something holds; it must hold in the end."""
    high = 1
    while not holds(high - 1):
        high *= 2
    low = high // 2
    high -= 1
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True)
class Flat(Curve):
    """The same cost everywhere."""

    def cost(self, digit: int) -> int:
        return self.scale

    def costs(self, digits: Integers) -> Integers:
        return np.full(len(digits), self.scale, np.int64)


@dataclass(frozen=True)
class Line:
    """A value as a function of the digit, and labels with their weights; numerators over one denominator."""

    offset: int
    slope: int
    labels: tuple[tuple[int, int], ...]

    def reach(self, last: int) -> int:
        """The largest magnitude of a value or a label, or on the way to one, up to a digit."""
        return max(abs(self.offset) + abs(self.slope) * last, *(abs(label) for label, _ in self.labels))

    def at(self, digits: Integers) -> Integers:
        """The values."""
        return self.offset + self.slope * digits


@dataclass(frozen=True)
class Distances(Curve):
    """The sum over the labels of weight times distance, times `scale`."""

    line: Line

    def cost(self, digit: int) -> int:
        value = self.line.offset + self.line.slope * digit
        return self.scale * sum(weight * abs(value - label) for label, weight in self.line.labels)

    def costs(self, digits: Integers) -> Integers:
        values = self.line.at(digits)
        total = np.zeros(len(digits), np.int64)
        for label, weight in self.line.labels:
            total += self._factor(weight) * np.abs(values - label)
        return total


@dataclass(frozen=True)
class Squares(Curve):
    """The sum over the labels of weight times squared distance, times `scale`."""

    line: Line

    def cost(self, digit: int) -> int:
        value = self.line.offset + self.line.slope * digit
        return self.scale * sum(weight * (value - label) ** 2 for label, weight in self.line.labels)

    def costs(self, digits: Integers) -> Integers:
        values = self.line.at(digits)
        total = np.zeros(len(digits), np.int64)
        for label, weight in self.line.labels:
            total += self._factor(weight) * (values - label) ** 2
        return total


@dataclass(frozen=True)
class Hinges(Curve):
    """The sum over the labels of weight times what the product of value and label lacks to the margin.

    `margin` is a numerator over the square of the line's denominator.
    """

    line: Line
    margin: int

    def cost(self, digit: int) -> int:
        value = self.line.offset + self.line.slope * digit
        return self.scale * sum(weight * max(0, self.margin - label * value) for label, weight in self.line.labels)

    def costs(self, digits: Integers) -> Integers:
        values = self.line.at(digits)
        total = np.zeros(len(digits), np.int64)
        for label, weight in self.line.labels:
            total += self._factor(weight) * np.maximum(0, self.margin - label * values)
        return total


def lowest(cost: Callable[[int], int], first: int, last: int) -> int:
    """A digit of least cost, where the cost is convex in the digit."""
    return first + first_true(lambda k: first + k >= last or cost(first + k + 1) >= cost(first + k))
