"""Values of a neuron, over all distinct views of it at once, as linear forms of literals.

A *view* is what a neuron can tell apart: samples whose predecessors have the same views share one
row of every array here, and with it all literals (hash-consing by construction).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, LARGEST, TRUE, Integers
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator


@dataclass(frozen=True, slots=True)
class Affine:
    """Row r stands for ``(constant[r] + sum coefficients[r] * literals[r]) / denominator``.

    `literals` and `coefficients` have shape (rows, terms), padded by coefficient 0; a "literal" may
    be an integer variable if `integral`. `low` and `high` bound the numerators.
    """

    constant: Integers
    literals: Integers
    coefficients: Integers
    low: Integers
    high: Integers
    denominator: int = 1
    integral: bool = False

    @property
    def terms(self) -> int:
        """Terms per row, padding included."""
        return int(self.literals.shape[1])

    def rows(self, chosen: Integers) -> Affine:
        """The rows at these indices."""
        return Affine(
            self.constant[chosen],
            self.literals[chosen],
            self.coefficients[chosen],
            self.low[chosen],
            self.high[chosen],
            self.denominator,
            self.integral,
        )


@dataclass(frozen=True, slots=True)
class Steps:
    """A neuron's value as a step function: cell 0, or the last cell j with ``literals[r, j-1]``.

    `literals` has shape (rows, cells - 1), decreasing along a row (constants at the ends); `values`
    one exact number per cell, None for a forbidden cell.
    """

    literals: Integers
    values: tuple[Number | None, ...]

    def reachable(self) -> npt.NDArray[np.bool_]:
        """Shape (rows, cells): whether the bounds leave the cell open."""
        rows = len(self.literals)
        from_here = np.concatenate([np.ones((rows, 1), bool), self.literals != FALSE], axis=1)
        to_here = np.concatenate([self.literals != TRUE, np.ones((rows, 1), bool)], axis=1)
        both: npt.NDArray[np.bool_] = from_here & to_here
        return both

    def levels(self) -> tuple[Integers, int]:
        """One integer per cell, and the denominator of them all; a forbidden cell takes a neighbour's value."""
        denominator = common_denominator([value for value in self.values if value is not None])
        numbers = _filled([None if v is None else int(v * denominator) for v in self.values])
        if max(map(abs, numbers)) > LARGEST:
            raise UnsupportedError("the values of an activation need more than 60 bits on a common denominator")
        return np.array(numbers, np.int64), denominator

    def affine(self) -> Affine:
        """The same as a linear form: the first value, and each literal times the jump at it."""
        levels, denominator = self.levels()
        jumps = np.broadcast_to(np.diff(levels), self.literals.shape)
        settled = self.literals == TRUE
        constant = levels[0] + np.where(settled, jumps, 0).sum(axis=1)
        reachable = self.reachable() & np.array([v is not None for v in self.values])
        big = np.int64(LARGEST)
        low = np.where(reachable, levels, big).min(axis=1)
        high = np.where(reachable, levels, -big).max(axis=1)
        nowhere = ~reachable.any(axis=1)
        return Affine(
            constant,
            np.where(settled, FALSE, self.literals),
            np.where(np.abs(self.literals) == TRUE, 0, jumps),
            np.where(nowhere, levels[0], low),
            np.where(nowhere, levels[0], high),
            denominator,
        )


def forbid(builder: ModelBuilder, steps: Steps) -> None:
    """No row may lie in a cell without a value."""
    rows = len(steps.literals)
    edges = np.concatenate([np.full((rows, 1), TRUE), steps.literals, np.full((rows, 1), FALSE)], axis=1)
    for j, value in enumerate(steps.values):
        if value is None:
            builder.clauses(np.stack([-edges[:, j], edges[:, j + 1]], axis=1))


def _filled(values: list[int | None]) -> list[int]:
    """Forbidden cells take a neighbour's value: they are never reached, and cost no jump this way."""
    known = [value for value in values if value is not None]
    current = known[0] if known else 0
    filled = []
    for value in values:
        current = current if value is None else value
        filled.append(current)
    return filled


def constant_affine(values: list[Number]) -> Affine:
    """Known numbers as linear forms without terms."""
    denominator = common_denominator(values)
    numbers = [int(value * denominator) for value in values]
    if max(map(abs, numbers), default=0) > LARGEST:
        raise UnsupportedError("the data need more than 60 bits on a common denominator")
    scaled = np.array(numbers, np.int64)
    empty = np.empty((len(values), 0), np.int64)
    return Affine(scaled, empty, empty, scaled, scaled, denominator)


def on_grid(value: Number, denominator: int) -> int | None:
    """The grid index of a number, or None if it lies between grid points."""
    scaled = value * Fraction(denominator)
    return scaled.numerator if scaled.denominator == 1 else None
