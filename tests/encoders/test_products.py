"""A parameter times a value: every assignment of the parameter and the value's literals."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from qnnt.encoders.affine import Affine, Steps, constant_affine, forbid, on_grid
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, LARGEST, TRUE, Integers
from qnnt.encoders.products import product
from qnnt.encoders.weights import parameter_code
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from tests.encoders.model_check import assert_well_formed, holds, solutions

SETS: list[tuple[Number, ...]] = [
    (0, 1), (-1, 1), (-1, 0, 1), (1, 2, 3), (-3, -1, 4), (5,), (0,), (-2,), (Fraction(-1, 2), 0, Fraction(3, 2)),
    (Fraction(1, 3), Fraction(1, 2)), (-2, -1, 0, 1),
]  # fmt: skip


def values_of(value: Affine, grid: Integers) -> list[list[Fraction]]:
    """The rows of a linear form in every assignment; shape (assignments, rows)."""
    found = []
    for at in grid:
        row = []
        for r in range(len(value.constant)):
            total = int(value.constant[r])
            for literal, c in zip(value.literals[r].tolist(), value.coefficients[r].tolist(), strict=True):
                number = int(at[literal]) if literal > 1 else int(holds(literal, at[None, :])[0])
                total += c * number
            assert value.low[r] <= total <= value.high[r]
            row.append(Fraction(total, value.denominator))
        found.append(row)
    return found


def random_steps(rng: random.Random, builder: ModelBuilder) -> Steps:
    """A step function with shared literals, constants at the ends, and now and then a forbidden cell."""
    cells = rng.randint(1, 4)
    literals = builder.booleans(cells - 1, "step")
    builder.clauses(np.stack([-literals[1:], literals[:-1]], axis=1))
    table = np.tile(literals, (2, 1))
    if cells > 2:
        table[1, 0], table[1, -1] = rng.choice([(TRUE, table[1, -1]), (table[1, 0], FALSE), (TRUE, FALSE)])
    pool: list[Number] = [-2, -1, 0, 1, 3, Fraction(1, 2)]
    values: list[Number | None] = [rng.choice(pool) for _ in range(cells)]
    if cells > 1 and rng.random() < 0.3:
        values[rng.randrange(cells)] = None
    return Steps(table, tuple(values))


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize(
    ("parameter_limit", "pair_limit", "as_steps"), [(64, 64, True), (64, 64, False), (64, 1, False), (1, 1, True)]
)
def test_products_of_steps(seed: int, parameter_limit: int, pair_limit: int, as_steps: bool) -> None:
    rng = random.Random(seed)
    builder = ModelBuilder()
    allowed = rng.choice(SETS)
    code = parameter_code(builder, allowed, parameter_limit, "w")
    steps = random_steps(rng, builder)
    forbid(builder, steps)
    value = steps.affine()
    free = len(solutions(builder.build()))
    known = steps if as_steps else None
    result = product(builder, code, value, known, lambda: integers_equal_to(builder, value), pair_limit, 400, "w")
    model = builder.build()
    assert_well_formed(model)
    grid = solutions(model)
    assert len(grid) == free  # the product is a function of what was there
    seen = set()
    for at, left, right in zip(grid, values_of(value, grid), values_of(result, grid), strict=True):
        w = code.value_at(at)
        seen.add(w)
        edges = [TRUE, *steps.literals[0].tolist(), FALSE]
        cell = max(j for j in range(len(steps.values)) if holds(edges[j], at[None, :])[0])
        assert left[0] == steps.values[cell]
        assert right == [w * number for number in left]
    assert not len(grid) or seen == set(allowed)


def integers_equal_to(builder: ModelBuilder, value: Affine) -> Integers:
    """As the encoder does it: a variable per row."""
    variables = builder.integers(value.low, value.high, "value")
    literals = np.concatenate([value.literals, variables[:, None]], axis=1)
    minus = np.full((len(variables), 1), -1)
    sums, folded = builder.sums(literals, np.concatenate([value.coefficients, minus], axis=1))
    builder.equal(sums, -(value.constant + folded))
    return variables


@pytest.mark.parametrize("allowed", SETS)
@pytest.mark.parametrize("limit", [64, 1])
def test_products_of_constants(allowed: tuple[Number, ...], limit: int) -> None:
    builder = ModelBuilder()
    code = parameter_code(builder, allowed, limit, "w")
    numbers: list[Number] = [0, 1, -3, Fraction(2, 3)]
    result = product(builder, code, constant_affine(numbers), None, lambda: np.empty(0, np.int64), 64, 400, "w")
    grid = solutions(builder.build())
    assert len(grid) == len(allowed)
    for at, row in zip(grid, values_of(result, grid), strict=True):
        assert row == [code.value_at(at) * number for number in numbers]


def test_parameters_as_variables() -> None:
    for limit in (1, 64):
        for allowed in [*SETS, (0, 7, 14, 21)]:
            builder = ModelBuilder()
            code = parameter_code(builder, allowed, limit, "w")
            grid = solutions(builder.build())
            assert sorted(code.value_at(at) for at in grid) == list(allowed)
            for value in allowed:
                at = np.zeros(len(builder.build().lower), np.int64)
                for variable, number in code.assignment_of(value):
                    at[variable] = number
                assert code.value_at(at) == value
            assert abs(code.values[code.base]) == min(max(value, -value) for value in allowed)


def test_numbers_beyond_60_bits_are_refused() -> None:
    builder = ModelBuilder()
    with pytest.raises(UnsupportedError, match="the values of w"):
        parameter_code(builder, (0, LARGEST + 1), 64, "w")
    code = parameter_code(builder, (0, 2**31), 64, "w")
    with pytest.raises(UnsupportedError, match="the products of w"):
        product(builder, code, constant_affine([2**30]), None, lambda: np.empty(0, np.int64), 64, 400, "w")
    with pytest.raises(UnsupportedError, match="the data"):
        constant_affine([2**40, Fraction(1, 2**40)])
    far_apart = Steps(builder.booleans(1, "step")[None, :], (-(2**62), 2**62))
    with pytest.raises(UnsupportedError, match="values of an activation"):
        far_apart.affine()


def test_grid_points() -> None:
    assert on_grid(Fraction(3, 2), 2) == 3
    assert on_grid(Fraction(3, 2), 1) is None
    assert on_grid(-2, 5) == -10
