"""Clauses, conjunctions, and all kinds of constraints at once, each against its meaning."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, TRUE
from tests.encoders.asking import Ints, array, assert_models, literal_value, literals, rows
from tests.encoders.model_check import assert_well_formed, holds, solutions

tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(literals, min_size=width, max_size=width), max_size=4)
)


@given(tables)
def test_clauses_with_constants(table: list[list[int]]) -> None:
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    builder.clauses(rows(table, 2))
    assert_models(
        builder, free, lambda values: all(any(literal_value(entry, values) for entry in row) for row in table)
    )


def test_an_empty_clause_is_a_contradiction() -> None:
    builder = ModelBuilder()
    free = builder.booleans(1, "free")
    builder.clauses(rows([[FALSE, FALSE]]))
    assert_models(builder, free, lambda _: False)


@given(tables, tables)
def test_conjunctions(first: list[list[int]], second: list[list[int]]) -> None:
    builder = ModelBuilder()
    builder.booleans(3, "free")
    asked = [*first, *second]
    found = [*builder.conjunctions(rows(first, 2), "and"), *builder.conjunctions(rows(second, 2), "and")]
    model = builder.build()
    assert_well_formed(model)
    grid = solutions(model)
    assert {tuple(row) for row in grid[:, 2:5].tolist()} == set(itertools.product((0, 1), repeat=3))
    assert len(grid) == 8
    for row, literal in zip(asked, found, strict=True):
        expected = np.ones(len(grid), bool)
        for entry in row:
            expected &= holds(entry, grid)
        assert (holds(int(literal), grid) == expected).all()


def test_equal_conjunctions_share_a_literal() -> None:
    builder = ModelBuilder()
    a, b, c = builder.booleans(3, "free").tolist()
    first = builder.conjunctions(rows([[a, b], [b, a], [a, a], [a, TRUE], [a, -a], [a, FALSE], [TRUE, TRUE]]), "and")
    assert first[0] == first[1]
    assert first[2:].tolist() == [a, a, FALSE, FALSE, TRUE]
    again = builder.conjunctions(rows([[a, b, b], [TRUE, b, a], [a, b, c]]), "and")
    assert again[0] == again[1] == first[0]
    assert again[2] not in (first[0], a, b, c)
    assert builder.build().sizes["booleans"] == 1 + 3 + 2


@given(
    st.lists(st.sampled_from([2, -2, 3, -3]), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from([TRUE, FALSE, 4, -4, 5, -5]), min_size=1, max_size=4, unique=True),
)
def test_pairs(left: Ints, right: Ints) -> None:
    builder = ModelBuilder()
    free = builder.booleans(4, "free")
    table = builder.pairs(array(*left), array(*right), "and")
    model = builder.build()
    assert_well_formed(model)
    grid = solutions(model)
    assert len(grid) == 2 ** len(free)
    assert table.shape == (len(left), len(right))
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            assert (holds(int(table[i, j]), grid) == (holds(a, grid) & holds(b, grid))).all()


@pytest.mark.parametrize("seed", range(30))
def test_random_models_equal_what_was_asked(seed: int) -> None:
    """All kinds of constraints at once, with conjunctions and thresholds feeding one another."""
    rng = random.Random(seed)
    builder = ModelBuilder()
    free = builder.booleans(4, "free")
    known: list[int] = [TRUE, FALSE, *free.tolist(), *(-free).tolist()]
    meaning: dict[int, Callable[[dict[int, int]], int]] = {}

    def value(literal: int, at: dict[int, int]) -> int:
        if abs(literal) in meaning:
            inner = meaning[abs(literal)](at)
            return inner if literal > 0 else 1 - inner
        return literal_value(literal, at)

    demands: list[Callable[[dict[int, int]], bool]] = []
    for _ in range(5):
        row = [rng.choice(known) for _ in range(rng.randint(1, 4))]
        coefficients = [rng.randint(-3, 3) for _ in row]
        bound = rng.randint(-4, 4)
        sums, folded = builder.sums(rows([row]), rows([coefficients]))

        def weighted(at: dict[int, int], row: Ints = row, coefficients: Ints = coefficients) -> int:
            return sum(c * value(entry, at) for entry, c in zip(row, coefficients, strict=True))

        kind = rng.choice(["clause", "and", "threshold", "threshold", "linear"])
        if kind == "clause":
            builder.clauses(rows([row]))
            demands.append(lambda at, row=row: any(value(entry, at) for entry in row))  # type: ignore[misc]
        elif kind == "and":
            literal = int(builder.conjunctions(rows([row]), "and")[0])
            if abs(literal) > 5 and abs(literal) not in meaning:
                meaning[abs(literal)] = lambda at, row=row: int(all(value(e, at) for e in row))  # type: ignore[misc]
            known += [literal, -literal]
        elif kind == "threshold":
            low, high = builder.bounds_of(sums)
            literal = int(builder.at_least(sums, rows([[bound]]) - folded[:, None], low, high, "sum")[0, 0])
            if abs(literal) > 5 and abs(literal) not in meaning:
                meaning[abs(literal)] = lambda at, f=weighted, k=bound: int(f(at) >= k)  # type: ignore[misc]
            known += [literal, -literal]
        else:
            enforced = rng.choice(known)
            builder.linears(sums, array(bound) - folded, array(enforced))
            demands.append(lambda at, f=weighted, k=bound, e=enforced: not value(e, at) or f(at) >= k)  # type: ignore[misc]
    assert_models(builder, free, lambda at: all(demand(at) for demand in demands))


def test_integers_whose_bounds_cross_leave_nothing() -> None:
    """Bounds cross where an activation is nowhere defined; a solver must not get an empty domain."""
    builder = ModelBuilder()
    variables = builder.integers(np.array([0, 5, -1]), np.array([3, 2, 4]), "n")
    lower, upper = builder.bounds_of_variables(variables)
    assert (lower <= upper).all()
    assert builder.build().clauses.lengths.tolist().count(0) == 1
    sound = ModelBuilder()
    sound.integers(np.array([0]), np.array([0]), "n")
    assert 0 not in sound.build().clauses.lengths.tolist()
