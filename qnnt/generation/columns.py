"""From the cells of one column to input values in Z_d, exactly: cut points are rationals, never floats."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.generation.csv_table import number_of


class Kind(StrEnum):
    """How a column becomes inputs."""

    NUMERIC = "numeric"
    """One input: the bin of the number."""
    THERMOMETER = "thermometer"
    """One input in {0,1} per cut point: whether the number is at least it."""
    ORDINAL = "ordinal"
    """One input: the place of the level in its order."""
    CATEGORICAL = "categorical"
    """One input in {0,1} per level: whether it is this one."""
    SKIP = "skip"
    """No input."""


class Bins(StrEnum):
    """How cut points are learned from the training rows."""

    QUANTILE = "quantile"
    """Bins with about equally many rows; a cut lies midway between two neighbouring distinct values."""
    UNIFORM = "uniform"
    """Bins of equal width between the smallest and the largest value."""


@dataclass(frozen=True)
class Numeric:
    """Bins of numbers: bin i holds the numbers with exactly i cut points at or below them.

    Attributes
    ----------
    edges
        Cut points, strictly increasing.
    values
        The input value of each bin: one more than edges, increasing, in Z_d.
    impute
        The bin of missing cells; None if their rows are left out.
    """

    name: str
    bins: Bins
    edges: tuple[Fraction, ...]
    values: tuple[int, ...]
    impute: int | None
    kind = Kind.NUMERIC

    @property
    def inputs(self) -> tuple[str, ...]:
        """What each input says, in words."""
        return (self.name,)

    def encode(self, text: str | None) -> tuple[int, ...]:
        """The input values of a cell; None is a missing one."""
        return (self.values[_bin(self.edges, self.impute, text)],)


@dataclass(frozen=True)
class Thermometer:
    """As `Numeric`, with one input in {0,1} per cut point: whether the number is at least it."""

    name: str
    bins: Bins
    edges: tuple[Fraction, ...]
    impute: int | None
    kind = Kind.THERMOMETER

    @property
    def inputs(self) -> tuple[str, ...]:
        """What each input says, in words."""
        return tuple(f"{self.name}>={edge}" for edge in self.edges)

    def encode(self, text: str | None) -> tuple[int, ...]:
        """The input values of a cell; None is a missing one."""
        reached = _bin(self.edges, self.impute, text)
        return tuple(1 if i < reached else 0 for i in range(len(self.edges)))


@dataclass(frozen=True)
class Ordinal:
    """Levels in an order.

    Attributes
    ----------
    levels
        Distinct texts, lowest first.
    values
        The input value of each level, in Z_d, never decreasing.
    impute
        The position of the level that missing cells take; None if their rows are left out.
    """

    name: str
    levels: tuple[str, ...]
    values: tuple[int, ...]
    impute: int | None
    kind = Kind.ORDINAL

    @cached_property
    def places(self) -> dict[str, int]:
        """The position of each level."""
        return {level: i for i, level in enumerate(self.levels)}

    @property
    def inputs(self) -> tuple[str, ...]:
        """What each input says, in words."""
        return (self.name,)

    def encode(self, text: str | None) -> tuple[int, ...]:
        """The input values of a cell; None is a missing one. A level that is not listed is an InputError."""
        if text is None:
            return (self.values[_imputed(self.impute)],)
        if text not in self.places:
            raise InputError(
                f"the level {shown(text)} is not among the column's {len(self.levels)} levels; "
                f"list all levels in order: {self.name}=ordinal:LEVEL,LEVEL,..."
            )
        return (self.values[self.places[text]],)


@dataclass(frozen=True)
class Categorical:
    """Levels without an order; all inputs are 0 for a missing cell and for a level that is not listed."""

    name: str
    levels: tuple[str, ...]
    kind = Kind.CATEGORICAL

    @property
    def inputs(self) -> tuple[str, ...]:
        """What each input says, in words."""
        return tuple(f"{self.name}={level}" for level in self.levels)

    def encode(self, text: str | None) -> tuple[int, ...]:
        """The input values of a cell; None is a missing one."""
        return tuple(1 if level == text else 0 for level in self.levels)


@dataclass(frozen=True)
class Skip:
    """A column that gives no input."""

    name: str
    kind = Kind.SKIP
    inputs: tuple[str, ...] = ()

    def encode(self, text: str | None) -> tuple[int, ...]:
        """Nothing."""
        return ()


Column = Numeric | Thermometer | Ordinal | Categorical | Skip


def _bin(edges: tuple[Fraction, ...], impute: int | None, text: str | None) -> int:
    if text is None:
        return _imputed(impute)
    number = number_of(text)
    if number is None:
        raise InputError(f"expected a number, got {shown(text)}")
    return bisect_right(edges, number)


def _imputed(impute: int | None) -> int:
    if impute is None:
        raise InputError("the value is missing, and such rows are left out")
    return impute
