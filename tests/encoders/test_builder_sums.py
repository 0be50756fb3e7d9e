"""Sums: folding, linears, thresholds, counts and products, each against its meaning."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, TRUE
from tests.encoders.asking import Ints, array, assert_models, literal_value, rows, terms
from tests.encoders.model_check import assert_well_formed, holds, solutions


@given(st.lists(terms, min_size=1, max_size=3))
def test_sums_fold_constants_signs_and_duplicates(lists: list[list[tuple[int, int]]]) -> None:
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    width = max(map(len, lists))
    padded = [[*row, *[(FALSE, 0)] * (width - len(row))] for row in lists]
    sums, constant = builder.sums(
        rows([[entry for entry, _ in row] for row in padded]), rows([[c for _, c in row] for row in padded])
    )
    assert len(sums) == len(lists)
    assert (sums.coefficients != 0).all()
    low, high = builder.bounds_of(sums)
    for i, row in enumerate(lists):
        part = slice(sums.offsets[i], sums.offsets[i + 1])
        variables = sums.variables[part].tolist()
        assert len(set(variables)) == len(variables)
        assert TRUE not in variables
        seen = []
        for values in itertools.product((0, 1), repeat=3):
            at = {1: 1, **dict(zip(free.tolist(), values, strict=True))}
            form = sum(c * at[v] for v, c in zip(variables, sums.coefficients[part].tolist(), strict=True))
            assert form + constant[i] == sum(c * literal_value(entry, at) for entry, c in row)
            seen.append(form)
        assert (min(seen), max(seen)) == (low[i], high[i])


def test_sums_without_terms() -> None:
    builder = ModelBuilder()
    sums, constant = builder.sums(np.empty((3, 0), np.int64), np.empty((3, 0), np.int64))
    assert len(sums) == 3
    assert constant.tolist() == [0, 0, 0]
    assert [bound.tolist() for bound in builder.bounds_of(sums)] == [[0, 0, 0], [0, 0, 0]]


@given(terms, st.integers(-10, 10), st.sampled_from([None, TRUE, FALSE, 2, -2]))
def test_linears(row: list[tuple[int, int]], bound: int, enforced: int | None) -> None:
    """Hopeless, implied and empty ones included."""
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    sums, folded = builder.sums(rows([[e for e, _ in row]]), rows([[c for _, c in row]]))
    builder.linears(sums, array(bound) - folded, None if enforced is None else array(enforced))

    def wanted(values: dict[int, int]) -> bool:
        idle = enforced is not None and not literal_value(enforced, values)
        return idle or sum(c * literal_value(e, values) for e, c in row) >= bound

    model = assert_models(builder, free, wanted)
    assert not (np.abs(model.linears.enforced) == 1).any()


@given(terms, st.integers(-6, 6), st.sampled_from([None, 2, -3]))
def test_equal(row: list[tuple[int, int]], value: int, enforced: int | None) -> None:
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    sums, folded = builder.sums(rows([[e for e, _ in row]]), rows([[c for _, c in row]]))
    builder.equal(sums, array(value) - folded, None if enforced is None else array(enforced))

    def wanted(values: dict[int, int]) -> bool:
        idle = enforced is not None and not literal_value(enforced, values)
        return idle or sum(c * literal_value(e, values) for e, c in row) == value

    assert_models(builder, free, wanted)


@given(st.lists(terms, min_size=1, max_size=3), st.lists(st.integers(-8, 8), min_size=1, max_size=4))
def test_thresholds(lists: list[list[tuple[int, int]]], bounds: Ints) -> None:
    """Literals for several bounds of several sums, equal rows and single terms among them."""
    builder = ModelBuilder()
    builder.booleans(3, "free")
    width = max(map(len, lists))
    padded = [[*row, *[(FALSE, 0)] * (width - len(row))] for row in lists]
    sums, constant = builder.sums(
        rows([[e for e, _ in row] for row in padded]), rows([[c for _, c in row] for row in padded])
    )
    low, high = builder.bounds_of(sums)
    asked = np.array(sorted(bounds), np.int64)[None, :] - constant[:, None]
    for _ in range(2):  # the second time everything is there
        found = builder.at_least(sums, asked, low, high, "sum")
        model = builder.build()
        assert_well_formed(model)
        grid = solutions(model)
        assert len(grid) == 8
        for i, row in enumerate(lists):
            value = sum((c * holds(e, grid).astype(int) for e, c in row), start=np.zeros(8, int))
            for j, bound in enumerate(sorted(bounds)):
                assert (holds(int(found[i, j]), grid) == (value >= bound)).all()
    assert len(model.thresholds.literals) <= len(lists) * len(set(bounds))


def test_a_single_boolean_term_needs_no_new_literal() -> None:
    builder = ModelBuilder()
    a, b = builder.booleans(2, "free").tolist()
    sums, _ = builder.sums(rows([[a], [b], [-a]]), rows([[3], [-2], [5]]))
    low, high = builder.bounds_of(sums)
    found = builder.at_least(sums, rows([[1, 3], [-1, 0], [-4, 0]]), low, high, "sum")
    assert found.tolist() == [[a, a], [-b, -b], [-a, -a]]
    assert builder.build().sizes["thresholds"] == 0


def test_a_single_integer_term_is_no_literal() -> None:
    builder = ModelBuilder()
    number = builder.integers(array(0), array(1), "number")
    sums, _ = builder.sums(number[:, None], rows([[1]]))
    found = builder.at_least(sums, rows([[1]]), array(0), array(1), "sum")
    assert found[0, 0] != number[0]
    grid = solutions(builder.build())
    assert sorted(grid[:, [int(number[0]), int(found[0, 0])]].tolist()) == [[0, 0], [1, 1]]


def test_bounds_from_outside_settle_thresholds() -> None:
    builder = ModelBuilder()
    a, b = builder.booleans(2, "free").tolist()
    sums, _ = builder.sums(rows([[a, b]]), rows([[1, 1]]))
    found = builder.at_least(sums, rows([[0, 1, 2, 3]]), array(1), array(1), "sum")
    assert found.tolist() == [[TRUE, TRUE, FALSE, FALSE]]


def test_equal_sums_share_their_row_and_literals() -> None:
    builder = ModelBuilder()
    a, b = builder.booleans(2, "free").tolist()
    sums, constant = builder.sums(rows([[a, b], [b, a], [a, -b]]), rows([[1, 2], [2, 1], [1, -2]]))
    low, high = builder.bounds_of(sums)
    found = builder.at_least(sums, rows([[2, 3]] * 3), low, high, "sum")
    assert found[0].tolist() == found[1].tolist() == found[2].tolist()
    assert constant.tolist() == [0, 0, -2]
    assert builder.build().sizes["sums"] == 1
    assert builder.build().sizes["thresholds"] == 2


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_weighted_count(coefficients: Ints) -> None:
    builder = ModelBuilder()
    free = builder.booleans(len(coefficients), "free")
    variable = builder.weighted_count(free, array(*coefficients), "count")
    assert builder.weighted_count(free, array(*coefficients), "again") == variable
    other = builder.weighted_count(free[::-1], array(*coefficients), "reversed")
    model = builder.build()
    assert_well_formed(model)
    grid = solutions(model)
    assert len(grid) == 2 ** len(coefficients)
    assert (grid[:, variable] == grid[:, free] @ np.array(coefficients)).all()
    assert (grid[:, other] == grid[:, free[::-1]] @ np.array(coefficients)).all()


def test_products() -> None:
    builder = ModelBuilder()
    left = builder.integers(array(-2, 0), array(1, 3), "left")
    right = builder.integers(array(-1, -3), array(2, 0), "right")
    result = builder.integers(array(-4, -9), array(2, 0), "product")
    builder.products(result, left, right)
    model = builder.build()
    assert_well_formed(model)
    assert model.sizes["products"] == 2
    grid = solutions(model)
    assert len(grid) == 4 * 4 * 4 * 4
    assert (grid[:, result] == grid[:, left] * grid[:, right]).all()
