"""The Model: what encoders write and lowerings read. Flat arrays, no solver, no network.

A *variable* is a positive number; variables with bounds 0..1 made by `ModelBuilder.booleans` are
Boolean, the others bounded integers. A *literal* is a variable or its negation, as in DIMACS;
variable 1 is the constant true, so that ``TRUE = 1`` and ``FALSE = -1`` can stand in any array of
literals and are folded away when constraints are added.

Four constraint kinds:

* clauses: at least one literal holds;
* linears: ``sum coefficient * variable >= bound``, enforced by an optional literal;
* thresholds: ``literal <=> sum >= bound``, several bounds and literals of one sum;
* products: ``product = left * right`` on variables.

The objective is linear with a constant, over one common denominator. *Cuts* are linears that all else
implies: integer programs state them for their relaxations, other targets leave them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

TRUE = 1
FALSE = -1

LARGEST = 2**60
"""Sums whose magnitude could pass this are refused: solvers compute in 64 bits."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Ragged rows: row i holds `entries[offsets[i]:offsets[i+1]]`; shape (rows + 1,) and (entries,)."""

    offsets: Integers
    entries: Integers

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Integers:
        """Entries per row."""
        return np.diff(self.offsets)


@dataclass(frozen=True, slots=True)
class Sums:
    """Linear forms: row i is ``sum coefficients * variables`` over its slice; variables are distinct."""

    offsets: Integers
    variables: Integers
    coefficients: Integers

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Integers:
        """Terms per row."""
        return np.diff(self.offsets)

    def at(self, point: Integers) -> Integers:
        """The value of each row at a point, an integer per variable, indexed by variable."""
        return _row_totals(self.coefficients * point[self.variables], self.offsets)

    def bounds(self, lower: Integers, upper: Integers) -> tuple[Integers, Integers]:
        """Smallest and largest value of each row, given the bounds of each variable."""
        at_lower = self.coefficients * lower[self.variables]
        at_upper = self.coefficients * upper[self.variables]
        return (
            _row_totals(np.minimum(at_lower, at_upper), self.offsets),
            _row_totals(np.maximum(at_lower, at_upper), self.offsets),
        )


@dataclass(frozen=True, slots=True)
class Linears:
    """``sums[i] >= at_least[i]``, whenever literal `enforced[i]` holds (0: always)."""

    sums: Sums
    at_least: Integers
    enforced: Integers


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``literals[j] <=> sums[rows[j]] >= at_least[j]``; sorted by row, then by bound.

    `low` and `high` bound each sum; the rest of the Model implies them, and they may be tighter than what
    the bounds of the sum's variables say.
    """

    sums: Sums
    low: Integers
    high: Integers
    rows: Integers
    at_least: Integers
    literals: Integers


@dataclass(frozen=True, slots=True)
class Objective:
    """Minimise ``(constant + sum coefficients * variables) / denominator``."""

    variables: Integers
    coefficients: Integers
    constant: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Model:
    """See the module's docstring. Arrays `lower`, `upper`, `boolean` are indexed by variable; 0 unused."""

    lower: Integers
    upper: Integers
    boolean: npt.NDArray[np.bool_]
    clauses: Rows
    linears: Linears
    thresholds: Thresholds
    products: Integers
    """Shape (n, 3): product, left, right."""
    objective: Objective
    cuts: Linears
    """Implied by the rest; none is enforced by a literal."""
    blocks: tuple[tuple[int, int, str], ...]
    """(first variable, how many, what they are), in increasing order."""

    @property
    def sizes(self) -> dict[str, int]:
        """How large it is, in the words of result files."""
        return {
            "booleans": int(self.boolean.sum()),
            "integers": len(self.lower) - 1 - int(self.boolean.sum()),
            "clauses": len(self.clauses),
            "linears": len(self.linears.sums),
            "sums": len(self.thresholds.sums),
            "thresholds": len(self.thresholds.literals),
            "products": len(self.products),
            "terms": len(self.thresholds.sums.variables) + len(self.linears.sums.variables),
        }


def _row_totals(values: Integers, offsets: Integers) -> Integers:
    """Sum of the entries of each row; 0 for empty rows."""
    total = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return total[offsets[1:]] - total[offsets[:-1]]


def offsets_of(lengths: Integers) -> Integers:
    """Row offsets from row lengths."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)))


def by_length(lengths: Integers) -> Iterator[tuple[int, Integers]]:
    """The row numbers of each length that occurs."""
    if not len(lengths):
        return
    order = np.argsort(lengths, kind="stable")
    distinct, starts = np.unique(lengths[order], return_index=True)
    yield from zip(distinct.tolist(), np.split(order, starts[1:]), strict=True)
