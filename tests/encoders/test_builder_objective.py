"""Objectives over common denominators, and as constraints."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.encoders.builder import ModelBuilder
from qnnt.errors import UnsupportedError
from tests.encoders.asking import array, assert_models, literal_value, literals
from tests.encoders.model_check import assert_well_formed, objectives, solutions

pieces = st.lists(
    st.tuples(st.lists(st.tuples(literals, st.integers(-3, 3)), max_size=4), st.integers(1, 6), st.integers(-4, 4)),
    max_size=5,
)


def objective_of(builder: ModelBuilder, parts: list[tuple[list[tuple[int, int]], int, int]]) -> None:
    for row, denominator, constant in parts:
        builder.add_to_objective(array(*[e for e, _ in row]), array(*[c for _, c in row]), denominator)
        builder.add_constant_to_objective(constant, denominator)


def expected_objective(parts: list[tuple[list[tuple[int, int]], int, int]], values: dict[int, int]) -> Fraction:
    total = Fraction(0)
    for row, denominator, constant in parts:
        total += Fraction(constant + sum(c * literal_value(e, values) for e, c in row), denominator)
    return total


@given(pieces)
def test_objectives_over_different_denominators(parts: list[tuple[list[tuple[int, int]], int, int]]) -> None:
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    objective_of(builder, parts)
    model = builder.build()
    assert_well_formed(model)
    grid = solutions(model)
    assert len(grid) == 8
    for row, value in zip(grid, objectives(model, grid), strict=True):
        assert value == expected_objective(parts, {1: 1, **{int(v): int(row[v]) for v in free}})


@given(pieces, st.fractions(min_value=-12, max_value=12, max_denominator=7))
def test_bounded_objectives(parts: list[tuple[list[tuple[int, int]], int, int]], bound: Fraction) -> None:
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    objective_of(builder, parts)
    builder.bound_objective(bound)
    model = assert_models(builder, free, lambda values: expected_objective(parts, values) <= bound)
    assert not len(model.objective.variables)
    assert (model.objective.constant, model.objective.denominator) == (0, 1)


def test_a_later_denominator_rescales_the_constant() -> None:
    """Found by random search: the constant that was there lost its factor."""
    builder = ModelBuilder()
    builder.add_constant_to_objective(9, 1)
    builder.add_constant_to_objective(1021, 3)
    assert (builder.build().objective.constant, builder.build().objective.denominator) == (1048, 3)


def test_denominators_beyond_64_bits() -> None:
    builder = ModelBuilder()
    builder.add_constant_to_objective(1, 2**40)
    builder.add_constant_to_objective(1, 3**25)
    objective = builder.build().objective
    assert Fraction(objective.constant, objective.denominator) == Fraction(1, 2**40) + Fraction(1, 3**25)


@pytest.mark.parametrize("bound", [2**62, -(2**62), Fraction(2**62, 3)])
def test_bounds_beyond_64_bits(bound: int | Fraction) -> None:
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    builder.add_to_objective(free, array(1, -5), 7**9)
    builder.bound_objective(bound)
    assert_models(builder, free, lambda _: bound > 0)


def test_losses_beyond_60_bits_are_refused() -> None:
    for finish in (ModelBuilder.build, lambda builder: builder.bound_objective(1)):
        builder = ModelBuilder()
        free = builder.booleans(2, "free")
        builder.add_to_objective(free, array(2**59, 2**59 + 1), 1)
        with pytest.raises(UnsupportedError, match="60 bits"):
            finish(builder)
