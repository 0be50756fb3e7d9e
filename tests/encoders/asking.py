"""How the tests of the builder ask for things, and what that means."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, TRUE, Integers, Model
from tests.encoders.model_check import assert_well_formed, solutions

Ints = list[int]

literals = st.sampled_from([TRUE, FALSE, 2, -2, 3, -3, 4, -4])
"""For builders whose first three variables are Boolean."""
terms = st.lists(st.tuples(literals, st.integers(-3, 3)), max_size=6)


def array(*numbers: int) -> Integers:
    return np.array(numbers, np.int64)


def rows(table: list[list[int]], width: int = 0) -> Integers:
    return np.array(table, np.int64).reshape(len(table), len(table[0]) if table else width)


def literal_value(literal: int, values: dict[int, int]) -> int:
    return values[literal] if literal > 0 else 1 - values[-literal]


def assert_models(builder: ModelBuilder, free: Integers, wanted: Callable[[dict[int, int]], bool]) -> Model:
    """The model's assignments, projected on Boolean variables, are those that are wanted."""
    model = builder.build()
    assert_well_formed(model)
    found = {tuple(row) for row in solutions(model)[:, free].tolist()}
    expected = set()
    for values in itertools.product((0, 1), repeat=len(free)):
        if wanted({1: 1, **dict(zip(free.tolist(), values, strict=True))}):
            expected.add(values)
    assert found == expected
    return model
