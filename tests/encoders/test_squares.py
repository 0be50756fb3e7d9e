"""Squared losses as squares with secants: every value has its loss."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from qnnt.encoders.affine import Affine
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.squares import add_squares
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from tests.encoders.model_check import assert_well_formed, objectives, solutions


def affine(variables: list[int], constant: int, slope: int, denominator: int) -> Affine:
    rows = len(variables)
    column = np.array(variables, np.int64)[:, None]
    ends = np.zeros(rows, np.int64)
    return Affine(np.full(rows, constant), column, np.full((rows, 1), slope), ends, ends, denominator, integral=True)


@pytest.mark.parametrize("labels", [{3: 1}, {0: 2, 7: 1}, {-50: 1}, {90: 3}, {Fraction(1, 2): 1, Fraction(7, 3): 4}])
@pytest.mark.parametrize(("constant", "slope", "denominator"), [(0, 1, 1), (-4, 2, 1), (5, -3, 2), (7, 0, 1)])
def test_every_value_has_its_loss(labels: dict[Number, int], constant: int, slope: int, denominator: int) -> None:
    builder = ModelBuilder()
    variables = builder.integers(np.array([-2]), np.array([9]), "value")
    add_squares(builder, affine(variables.tolist(), constant, slope, denominator), [labels])
    model = builder.build()
    assert_well_formed(model)
    grid = solutions(model)
    assert grid[:, variables[0]].tolist() == list(range(-2, 10))
    for u, found in zip(range(-2, 10), objectives(model, grid), strict=True):
        value = Fraction(constant + slope * u, denominator)
        assert found == sum(weight * (value - label) ** 2 for label, weight in labels.items())


def test_rows_without_labels_cost_nothing() -> None:
    builder = ModelBuilder()
    variables = builder.integers(np.zeros(2, np.int64), np.full(2, 5), "value")
    before = builder.variables
    add_squares(builder, affine(variables.tolist(), 0, 1, 1), [{}, {2: 1}])
    assert builder.variables == before + 2


def test_large_squares_are_refused() -> None:
    builder = ModelBuilder()
    variables = builder.integers(np.zeros(1, np.int64), np.array([2**31]), "value")
    with pytest.raises(UnsupportedError, match="60 bits"):
        add_squares(builder, affine(variables.tolist(), 0, 1, 1), [{0: 1}])
    with pytest.raises(UnsupportedError, match="60 bits"):
        add_squares(builder, affine(builder.booleans(1, "b").tolist(), 0, 2**40, 1), [{0: 1}])
