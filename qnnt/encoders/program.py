"""Integer programs: linear rows over bounded integers, with the way back to a Model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qnnt.encoders.model import Integers, Sums

OPEN = 2**62
"""Stands for no bound: rows have ``-OPEN`` below or ``OPEN`` above."""


@dataclass(frozen=True, slots=True)
class IntegerProgram:
    """Minimise a linear form over integers within bounds, subject to ``at_least <= rows <= at_most``.

    Attributes
    ----------
    lower, upper
        Of each variable, indexed by variable; 0 unused, variable 1 is the constant 1.
    rows
        Over distinct variables; none is empty.
    at_least, at_most
        Of each row; -OPEN and OPEN where there is no bound.
    costs
        Of each variable, indexed like the bounds; what is minimised besides `constant`, over `denominator`.
    values, bases
        The Model's variable v has the value ``bases[v] + values[v]``, a form over the variables here.
    """

    lower: Integers
    upper: Integers
    rows: Sums
    at_least: Integers
    at_most: Integers
    costs: Integers
    constant: int
    denominator: int
    values: Sums
    bases: Integers

    @property
    def variables(self) -> int:
        """How many there are; they are numbered from 1."""
        return len(self.lower) - 1

    @property
    def minimises(self) -> bool:
        """Whether there is anything to minimise."""
        return bool(self.costs.any())

    def assignment_of(self, point: Integers) -> Integers:
        """The Model's assignment, indexed by its variables; `point` is indexed by the variables here."""
        return self.bases + self.values.at(point)

    def cost_of(self, point: Integers) -> int:
        """The objective's numerator, its constant included."""
        return int((self.costs * point).sum()) + self.constant

    def violated(self, point: Integers) -> str | None:
        """What a point breaks, in words; None if it is within all bounds and satisfies all rows."""
        outside = np.flatnonzero((point[1:] < self.lower[1:]) | (point[1:] > self.upper[1:])) + 1
        if len(outside):
            v = int(outside[0])
            return f"variable {v} is {point[v]}, outside {self.lower[v]}..{self.upper[v]}"
        totals = self.rows.at(point)
        broken = np.flatnonzero((totals < self.at_least) | (totals > self.at_most))
        if len(broken):
            row = int(broken[0])
            return f"row {row + 1} is {totals[row]}, outside {self.at_least[row]}..{self.at_most[row]}"
        return None

    @property
    def reach(self) -> float:
        """The most that the terms of a row or of the objective, taken by their magnitudes, can amount to."""
        most = np.maximum(np.abs(self.lower), np.abs(self.upper)).astype(float)
        terms = np.abs(self.rows.coefficients.astype(float)) * most[self.rows.variables]
        row = np.repeat(np.arange(len(self.rows)), self.rows.lengths)
        sums = np.bincount(row, weights=terms, minlength=len(self.rows))
        sides = (
            np.where(np.abs(self.at_least) < OPEN, np.abs(self.at_least), 0),
            np.where(np.abs(self.at_most) < OPEN, np.abs(self.at_most), 0),
        )
        costs = float((np.abs(self.costs.astype(float)) * most).sum())
        return max(float(np.max([sums, *sides], initial=0)), costs)

    @property
    def sizes(self) -> dict[str, int]:
        """How large it is, in the words of result files."""
        return {
            "variables": self.variables,
            "binaries": int(((self.lower[1:] == 0) & (self.upper[1:] == 1)).sum()),
            "rows": len(self.rows),
            "nonzeros": len(self.rows.variables),
        }
