"""What a Model means, by enumeration of every assignment: small models only, no solver."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from qnnt.encoders.model import Integers, Model, Sums
from qnnt.exact import Number, reduced

MOST = 1 << 20
"""Assignments that are still enumerated."""

Mask = npt.NDArray[np.bool_]
Constraint = tuple[int, Callable[[Integers], Mask]]
"""Its last variable, and which rows of a table of assignments satisfy it."""


def solutions(model: Model) -> Integers:
    """All assignments that satisfy the model, one per row, indexed by variable (column 0 unused).

    Variable by variable; a constraint is looked at as soon as its last variable is there.
    """
    constraints: dict[int, list[Callable[[Integers], Mask]]] = {}
    for last, check in constraints_of(model):
        constraints.setdefault(last, []).append(check)
    grid = np.zeros((1, 1), np.int64)
    for variable in range(len(model.lower)):
        if variable:
            values = np.arange(model.lower[variable], model.upper[variable] + 1)
            assert len(grid) * len(values) <= MOST, "too large to enumerate"
            grid = np.column_stack([np.repeat(grid, len(values), axis=0), np.tile(values, len(grid))])
        for check in constraints.get(variable, []):
            grid = grid[check(grid)]
    return grid


def constraints_of(model: Model) -> Iterator[Constraint]:
    """Every constraint of the model, variable 1 being true among them."""
    yield 1, lambda grid: grid[:, 1] == 1
    clauses = model.clauses
    for start, end in itertools.pairwise(clauses.offsets.tolist()):
        entries = clauses.entries[start:end].tolist()
        yield (
            max(map(abs, entries), default=0),
            lambda grid, entries=entries: np.any([holds(e, grid) for e in entries] or [grid[:, 0] == 1], axis=0),  # type: ignore[misc]
        )
    linears = model.linears
    for i, (bound, enforced) in enumerate(zip(linears.at_least.tolist(), linears.enforced.tolist(), strict=True)):

        def linear(grid: Integers, i: int = i, bound: int = bound, enforced: int = enforced) -> Mask:
            within: Mask = total(linears.sums, i, grid) >= bound
            return within if enforced == 0 else within | ~holds(enforced, grid)

        yield max(last_of(linears.sums, i), abs(enforced)), linear
    thresholds = model.thresholds
    for row, bound, literal in zip(
        thresholds.rows.tolist(), thresholds.at_least.tolist(), thresholds.literals.tolist(), strict=True
    ):

        def threshold(grid: Integers, row: int = row, bound: int = bound, literal: int = literal) -> Mask:
            reached: Mask = total(thresholds.sums, row, grid) >= bound
            agrees: Mask = holds(literal, grid) == reached
            return agrees

        yield max(last_of(thresholds.sums, row), abs(literal)), threshold
    for product, left, right in model.products.tolist():
        yield (
            max(product, left, right),
            lambda grid, p=product, a=left, b=right: grid[:, p] == grid[:, a] * grid[:, b],  # type: ignore[misc]
        )


def holds(literal: int, grid: Integers) -> Mask:
    """The value of a literal in every row."""
    assert literal != 0
    value: Mask = grid[:, abs(literal)] == (literal > 0)
    return value


def total(sums: Sums, row: int, grid: Integers) -> Integers:
    """The value of a linear form in every row."""
    part = slice(sums.offsets[row], sums.offsets[row + 1])
    value: Integers = grid[:, sums.variables[part]] @ sums.coefficients[part]
    return value


def last_of(sums: Sums, row: int) -> int:
    """The last variable of a linear form."""
    return int(sums.variables[sums.offsets[row] : sums.offsets[row + 1]].max(initial=0))


def objectives(model: Model, grid: Integers) -> list[Number]:
    """The objective of every row."""
    objective = model.objective
    numerators = grid[:, objective.variables] @ objective.coefficients + objective.constant
    return [reduced(Fraction(numerator, objective.denominator)) for numerator in numerators.tolist()]


def assert_well_formed(model: Model) -> None:
    """What the description of `Model` promises about its arrays."""
    variables = len(model.lower) - 1
    assert len(model.upper) == len(model.boolean) == variables + 1
    assert (model.lower[1:] <= model.upper[1:]).all()
    assert (model.upper[1:][model.boolean[1:]] == 1).all()
    for sums in (model.linears.sums, model.thresholds.sums):
        for start, end in itertools.pairwise(sums.offsets.tolist()):
            row = sums.variables[start:end].tolist()
            assert len(set(row)) == len(row)
            assert all(1 < v <= variables for v in row)
        assert (sums.coefficients != 0).all()
    assert not (np.abs(model.clauses.entries[1:]) == 1).any()
    order = list(zip(model.thresholds.rows.tolist(), model.thresholds.at_least.tolist(), strict=True))
    assert order == sorted(set(order))
    counted = [variable for first, count, _ in model.blocks for variable in range(first, first + count)]
    assert counted == list(range(1, variables + 1))
    assert len(set(model.objective.variables.tolist())) == len(model.objective.variables)
    assert model.objective.denominator >= 1
