"""Gates: what they say, what unit propagation finds in them, and that equal ones are one."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qnnt.encoders.model import FALSE, TRUE, Integers
from tests.encoders.circuit_check import array, assignments, clauses_of, gates_over, holds, size_of, solver_of

ROOT = Path(__file__).parents[2]

Gate = Callable[..., tuple[Integers, ...]]

GATES: dict[str, tuple[int, Gate, Callable[..., tuple[int, ...]]]] = {
    "conjunction": (2, lambda g, a, b: (g.conjunction(a, b),), lambda a, b: (a & b,)),
    "disjunction": (2, lambda g, a, b: (g.disjunction(a, b),), lambda a, b: (a | b,)),
    "exclusive_or": (2, lambda g, a, b: (g.exclusive_or(a, b),), lambda a, b: (a ^ b,)),
    "comparator": (2, lambda g, a, b: g.comparator(a, b), lambda a, b: (a | b, a & b)),
    "half_adder": (2, lambda g, a, b: g.half_adder(a, b), lambda a, b: ((a + b) % 2, (a + b) // 2)),
    "full_adder": (3, lambda g, *x: g.full_adder(*x), lambda a, b, c: ((a + b + c) % 2, (a + b + c) // 2)),
}

LITERALS = [TRUE, FALSE, 2, -2, 3, -3, 4, -4]


@pytest.mark.parametrize("name", GATES)
def test_all_inputs_in_one_call(name: str) -> None:
    """Every combination of constants and literals of three variables, equal and opposite ones among them."""
    width, gate, meaning = GATES[name]
    gates = gates_over(3)
    inputs = np.array(list(itertools.product(LITERALS, repeat=width)), np.int64)
    outputs = np.stack(gate(gates, *inputs.T), axis=1).tolist()
    with solver_of(gates) as solver:
        for assignment in assignments(3):
            consistent, implied = solver.propagate(assumptions=assignment)
            assert consistent
            known = {TRUE, *implied}
            for row, said in zip(inputs.tolist(), outputs, strict=True):
                expected = meaning(*(int(holds(literal, assignment)) for literal in row))
                assert known.issuperset(
                    literal if value else -literal for literal, value in zip(said, expected, strict=True)
                )


@pytest.mark.parametrize(
    ("name", "variables", "clauses"),
    [
        ("conjunction", 3 * 4, 3 * 4 * 3),
        ("disjunction", 3 * 4, 3 * 4 * 3),
        ("exclusive_or", 3, 3 * 4),
        ("comparator", 3 * 4, 3 * 4 * 3),  # OR is AND of the opposites
        ("half_adder", 3 * (1 + 4), 3 * 4 * 7),
        ("full_adder", 1 + 4 + 3 * (1 + 4), 4 * 14 + 3 * 4 * 7),
    ],
)
def test_gates_that_differ_in_order_and_signs_are_one(name: str, variables: int, clauses: int) -> None:
    """Three pairs of variables with four pairs of signs; three variables, signs up to negating all."""
    width, gate, _ = GATES[name]
    gates = gates_over(3)
    inputs = np.array(list(itertools.product(LITERALS, repeat=width)), np.int64)
    outputs = gate(gates, *inputs.T)
    assert size_of(gates) == (4 + variables, clauses)
    for i in range(0, len(inputs), 7):
        again = gate(gates, *inputs[i : i + 1].T)
        assert [literal.item() for literal in again] == [literal[i] for literal in outputs]
    assert size_of(gates) == (4 + variables, clauses)


@pytest.mark.parametrize("name", GATES)
def test_unit_propagation_finds_all_that_follows(name: str) -> None:
    """From any part of the values of inputs and outputs."""
    width, gate, meaning = GATES[name]
    gates = gates_over(width)
    outputs = [literal.item() for literal in gate(gates, *(array(v) for v in range(2, width + 2)))]
    places = [*range(2, width + 2), *outputs]
    table = [(*row, *meaning(*row)) for row in itertools.product((0, 1), repeat=width)]
    with solver_of(gates) as solver:
        for given in itertools.product((0, 1, None), repeat=len(places)):
            fitting = [row for row in table if all(g in (None, v) for g, v in zip(given, row, strict=True))]
            assumed = [p if g else -p for p, g in zip(places, given, strict=True) if g is not None]
            consistent, implied = solver.propagate(assumptions=assumed)
            assert consistent == bool(fitting)
            for place, values in zip(places, zip(*fitting, strict=True), strict=False):
                if len(set(values)) == 1:
                    assert (place if values[0] else -place) in implied


def test_one_gate_serves_several_kinds() -> None:
    gates = gates_over(2)
    a, b = array(2), array(3)
    total, carry = gates.half_adder(a, b)
    assert gates.conjunction(b, a) == carry
    assert gates.exclusive_or(-a, b) == -total
    larger, smaller = gates.comparator(a, b)
    assert smaller == carry
    assert gates.conjunction(-a, -b) == -larger
    assert size_of(gates) == (3 + 3, 7 + 3)


def test_adders_share_totals_among_signs() -> None:
    gates = gates_over(3)
    one, _ = gates.full_adder(array(2, 2), array(3, -3), array(4, 4))
    assert one[0] == -one[1]
    other, _ = gates.full_adder(array(-4), array(-3), array(-2))
    assert other[0] == -one[0]


def test_shapes_and_empty_arrays() -> None:
    gates = gates_over(4)
    grid = array(2, 3, 4, 5).reshape(2, 2)
    for width, gate, _ in GATES.values():
        assert all(output.shape == (2, 2) for output in gate(gates, *([grid] * width)))
        assert all(output.shape == (2, 2) for output in gate(gates, *(np.roll(grid, i) for i in range(width))))
    assert all(
        output.shape == (0,)
        for width, gate, _ in GATES.values()
        for output in gate(gates_over(1), *([array()] * width))
    )


def test_once_makes_distinct_rows_in_order() -> None:
    gates = gates_over(9)
    asked: list[list[list[int]]] = []

    def make(inputs: Integers) -> Integers:
        asked.append(inputs.tolist())
        outputs: Integers = inputs.sum(axis=1, keepdims=True) * array(10, 100)
        return outputs

    first = gates.once("kind", np.array([[3, 4], [2, 5], [3, 4], [1, 1]]), 2, make)
    assert first.tolist() == [[70, 700], [70, 700], [70, 700], [20, 200]]
    assert gates.once("kind", np.array([[9, 9], [2, 5]]), 2, make).tolist() == [[180, 1800], [70, 700]]
    assert gates.once("kind", np.array([[1, 1]]), 2, make).tolist() == [[20, 200]]
    assert gates.once("other", np.array([[1, 1]]), 2, make).tolist() == [[20, 200]]
    assert gates.once("kind", np.empty((0, 2), np.int64), 2, make).shape == (0, 2)
    assert asked == [[[3, 4], [2, 5], [1, 1]], [[9, 9]], [[1, 1]]]


def numbers_of_a_large_call() -> list[list[int]]:
    gates = gates_over(30)
    inputs = np.random.default_rng(5).integers(2, 30, (3, 500))
    total, carry = gates.full_adder(*inputs)
    gates.comparator(total, carry)
    return clauses_of(gates)


def test_numbering_does_not_depend_on_the_hash_seed() -> None:
    code = "from tests.encoders.test_gates import *; print(numbers_of_a_large_call())"
    shown = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code]
        shown.add(subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT).stdout)
    assert shown == {f"{numbers_of_a_large_call()}\n"}


def test_bulk_agrees_with_one_by_one() -> None:
    rng = np.random.default_rng(6)
    inputs = rng.integers(2, 12, (3, 300)) * rng.choice([1, -1], (3, 300))
    bulk, single = gates_over(10), gates_over(10)
    bulk.full_adder(*inputs)
    for column in inputs.T:
        single.full_adder(*column[:, None])
    assert size_of(bulk) == size_of(single)
