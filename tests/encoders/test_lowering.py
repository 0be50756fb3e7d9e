"""Model -> CNF: the same assignments at the same costs, whatever the encoding, and the same bytes each time."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pysat.solvers import Solver

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.integer_codes import LONGEST_CHAIN, merged
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.model import TRUE, Integers, Model, Rows
from qnnt.errors import UnsupportedError
from tests.encoders.circuit_check import array
from tests.encoders.model_check import assert_well_formed, solutions
from tests.encoders.random_models import boolean_model, numerator, random_model

ROOT = Path(__file__).parents[2]
ENCODINGS = ("auto", "totalizer", "adder", "seqcounter", "pysat-sortnetwrk", "native")
DEFAULT_SEEDS = 20
SEEDS = [pytest.param(seed, marks=[] if seed < DEFAULT_SEEDS else pytest.mark.full) for seed in range(150)]


def rows_of(rows: Rows) -> list[list[int]]:
    return [rows.entries[a:b].tolist() for a, b in itertools.pairwise(rows.offsets.tolist())]


def truths_of(cnf: Cnf, variables: list[int]) -> Iterator[Integers]:
    """Solutions that differ in these variables, one for each choice of their values that there is."""
    clauses = rows_of(cnf.clauses)
    if not all(clauses):
        return
    with Solver(name="minicard", bootstrap_with=clauses) as solver:
        for row, most in zip(rows_of(cnf.at_most), cnf.most.tolist(), strict=True):
            solver.add_atmost(row, most)
        solver.append_formula([[v, -v] for v in range(1, cnf.variables + 1)])
        while solver.solve():
            model = np.array(solver.get_model()[: cnf.variables])
            yield np.concatenate(([0], model > 0)).astype(np.int64)
            solver.add_clause([-int(model[v - 1]) for v in variables])


def assert_same(model: Model, encoding: str) -> None:
    """The clauses have the Model's assignments, each at its cost."""
    cnf = to_cnf(model, encoding)
    assert len(cnf.values) == len(cnf.bases) == len(model.lower)
    assert (cnf.weights > 0).all()
    assert cnf.denominator == model.objective.denominator
    assert (len(cnf.at_most) == 0) or encoding == "native"
    found = set()
    for truth in truths_of(cnf, sorted({1, *cnf.values.variables.tolist()})):
        assignment = cnf.assignment_of(truth)
        assert cnf.cost_of(truth) == numerator(model, assignment)
        found.add(tuple(assignment[1:].tolist()))
    assert sorted(found) == sorted(map(tuple, solutions(model)[:, 1:].tolist()))


# --- random models -------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_assignments_at_the_same_costs(seed: int, encoding: str) -> None:
    assert_same(random_model(seed), encoding)


def test_random_models_have_solutions_and_all_kinds_of_constraints() -> None:
    models = [random_model(seed) for seed in range(DEFAULT_SEEDS)]
    for model in models:
        assert_well_formed(model)
    assert sum(len(solutions(model)) > 1 for model in models) >= 0.7 * DEFAULT_SEEDS
    for kind in ("clauses", "linears", "thresholds", "products", "integers"):
        assert sum(model.sizes[kind] > 0 for model in models) >= 0.7 * DEFAULT_SEEDS
    products = np.concatenate([model.products for model in models])
    assert (products[:, 1] == products[:, 2]).any()
    assert (products[:, 0] < products[:, 1:].max(axis=1)).any()
    assert any(model.boolean[model.products[:, 0]].any() for model in models)
    assert any((model.linears.enforced != 0).any() and (model.linears.enforced == 0).any() for model in models)
    assert any(model.objective.denominator > 1 for model in models)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("seed", SEEDS[: 2 * DEFAULT_SEEDS])
def test_booleans_alone(seed: int, encoding: str) -> None:
    assert_same(boolean_model(seed), encoding)


@pytest.mark.parametrize("encoding", ["auto", "adder", "sortnetwrk"])
@pytest.mark.parametrize("seed", SEEDS[: 2 * DEFAULT_SEEDS])
def test_thresholds_determine_all_auxiliary_variables(seed: int, encoding: str) -> None:
    model = boolean_model(seed)
    cnf = to_cnf(model, encoding)
    found = list(truths_of(cnf, list(range(1, cnf.variables + 1))))
    assert len(found) == len(solutions(model))
    assert len({tuple(cnf.assignment_of(truth).tolist()) for truth in found}) == len(found)


# --- one thing at a time -------------------------------------------------------------------------


def integers(*bounds: tuple[int, int]) -> tuple[ModelBuilder, Integers]:
    builder = ModelBuilder()
    variables = builder.integers(array(*(low for low, _ in bounds)), array(*(high for _, high in bounds)), "number")
    return builder, variables


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("reach", [0, 1, 2, LONGEST_CHAIN, LONGEST_CHAIN + 1, 12, 15, 16, 21, 31])
def test_ranges_of_integers(reach: int, encoding: str) -> None:
    for low in (-5, 0, 3):
        builder, numbers = integers((low, low + reach))
        builder.add_to_objective(numbers, array(-2), 3)
        assert_same(builder.build(), encoding)


def test_integers_of_many_bits() -> None:
    """Every value that some bounds allow is there, and no other: at both ends and where all digits are ones."""
    for reach in (2**40 - 1, 2**40, 2**40 + 5, 3 * 2**57):
        builder, numbers = integers((-7, reach - 7))
        cnf = to_cnf(builder.build())
        (number,) = numbers.tolist()
        part = slice(cnf.values.offsets[number], cnf.values.offsets[number + 1])
        digits = cnf.values.variables[part].tolist()
        with Solver(name="minisat22", bootstrap_with=rows_of(cnf.clauses)) as solver:
            for value in (
                0,
                1,
                reach // 3,
                reach - 1,
                reach,
                min(reach + 1, 2 ** len(digits) - 1),
                2 ** len(digits) - 1,
            ):
                literals = [digit if value >> i & 1 else -digit for i, digit in enumerate(digits)]
                assert solver.solve(assumptions=literals) == (value <= reach)


@pytest.mark.parametrize("encoding", ["auto", "adder", "seqcounter", "native"])
@pytest.mark.parametrize("bounds", [[(-2, 2), (0, 3)], [(0, 9), (-1, 0)], [(3, 3), (-4, 5)], [(-4, 5), (1, 1)]])
def test_products(encoding: str, bounds: list[tuple[int, int]]) -> None:
    """Products, squares and products of products, within loose and within binding bounds."""
    for low, high in ((-100, 100), (-3, 4), (1, 1)):
        builder, numbers = integers(*bounds, (low, high), (0, 90), (low, high))
        a, b, product, square, cube = (numbers[i : i + 1] for i in range(5))
        builder.products(product, a, b)
        builder.products(square, a, a)
        builder.products(cube, square, b)
        assert_same(builder.build(), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_products_of_booleans_and_of_later_variables(encoding: str) -> None:
    builder = ModelBuilder()
    early = builder.integers(array(-4), array(4), "early")
    free = builder.booleans(3, "free")
    both = builder.booleans(3, "both")
    late = builder.integers(array(-2), array(1), "late")
    builder.products(early, free[:1], late)
    builder.products(both[:1], free[:1], free[1:2])
    builder.products(both[1:2], late, late)
    builder.products(both[2:], free[2:], late)
    assert_same(builder.build(), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_product_of_itself(encoding: str) -> None:
    builder, numbers = integers((-2, 3), (-1, 2))
    p, q = numbers[:1], numbers[1:]
    builder.products(p, p, q)
    assert_same(builder.build(), encoding)


def test_one_variable_as_two_products() -> None:
    """A square that is its own root."""
    builder, numbers = integers((-2, 2), (-2, 5))
    builder.products(numbers[1:], numbers[:1], numbers[:1])
    builder.products(numbers[1:], numbers[:1], array(TRUE))
    assert_same(builder.build(), "auto")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_definitions(encoding: str) -> None:
    """Two equations for one number, equations that define nothing, and numbers defined by each other."""
    for equations in (
        [([2, 3, 5], [1, 1, -1], 0), ([2, 4, 5], [2, -1, 1], 1)],
        [([2, 3, 5], [2, 1, -2], 0)],
        [([4, 5], [1, -1], 0), ([4, 5], [1, 1], 2)],
        [([2, 3], [1, -1], 0), ([3, 4], [1, 1], 1)],
        [([5], [1], 1), ([4], [-1], 0)],
        [([4, 5], [3, 1], 1), ([2, 4], [1, -1], 0)],
    ):
        builder = ModelBuilder()
        builder.booleans(2, "free")
        builder.integers(array(-1, -2), array(2, 3), "number")
        for variables, coefficients, value in equations:
            sums, _ = builder.sums(array(*variables)[None, :], array(*coefficients)[None, :])
            builder.equal(sums, array(value))
        assert_same(builder.build(), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("sign", "value", "left"), [(1, 1, 2), (1, 0, 0), (-1, -1, 2), (-1, 0, 0)])
def test_a_definition_said_twice(sign: int, value: int, left: int, encoding: str) -> None:
    """The second one is about a constant then, and holds or does not."""
    builder, numbers = integers((0, 1), (0, 1))
    for factor, total in ((1, 1), (sign, value)):
        sums, _ = builder.sums(numbers[None, :], factor * array(1, 1)[None, :])
        builder.equal(sums, array(total))
    assert_same(builder.build(), encoding)
    assert len(solutions(builder.build())) == left


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_constant_products(encoding: str) -> None:
    """Within and outside of their bounds, which are all that is left to say."""
    for low, high in ((6, 6), (-1, 9), (7, 9), (0, 5)):
        builder, numbers = integers((3, 3), (2, 2), (low, high))
        builder.products(numbers[2:], numbers[:1], numbers[1:2])
        assert_same(builder.build(), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_product_that_an_equation_is_about(encoding: str) -> None:
    builder, numbers = integers((-2, 3), (-1, 3), (-9, 9))
    builder.products(numbers[2:], numbers[:1], numbers[1:2])
    sums, _ = builder.sums(numbers[[0, 2]][None, :], array(1, -1)[None, :])
    builder.equal(sums, array(-2))
    assert_same(builder.build(), encoding)


def test_numbers_add_no_freedom() -> None:
    """Chains, digits, products and definitions: one solution of the clauses for each assignment."""
    builder, numbers = integers((0, 3), (-5, 7), (2, 2), (-99, 99), (-99, 99), (0, 9))
    builder.products(numbers[3:4], numbers[:1], numbers[1:2])
    sums, _ = builder.sums(numbers[[0, 1, 4]][None, :], array(3, -1, 1)[None, :])
    builder.equal(sums, array(1))
    builder.products(numbers[5:], numbers[:1], numbers[:1])
    model = builder.build()
    cnf = to_cnf(model)
    assert len(list(truths_of(cnf, list(range(1, cnf.variables + 1))))) == len(solutions(model)) == 4 * 13


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_equation_under_a_condition_defines_nothing(encoding: str) -> None:
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    number = builder.integers(array(-1), array(3), "number")
    sums, _ = builder.sums(np.concatenate([free[:1], number])[None, :], array(2, -1)[None, :])
    builder.equal(sums, array(1), free[1:])
    assert_same(builder.build(), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_trivial_models(encoding: str) -> None:
    builder = ModelBuilder()
    assert_same(builder.build(), encoding)
    builder.add_constant_to_objective(7, 2)
    assert_same(builder.build(), encoding)
    builder.integers(array(4), array(4), "number")
    assert_same(builder.build(), encoding)
    builder.booleans(2, "free")
    assert_same(builder.build(), encoding)
    sums, _ = builder.sums(np.empty((1, 0), np.int64), np.empty((1, 0), np.int64))
    builder.linears(sums, array(0))
    assert_same(builder.build(), encoding)
    builder.linears(sums, array(1))
    assert_same(builder.build(), encoding)
    assert not len(solutions(builder.build()))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_hopeless_linears(encoding: str) -> None:
    """One alone, and two that exclude each other."""
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    sums, _ = builder.sums(free[None, :], array(1, 2, 1)[None, :])
    builder.linears(sums, array(3))
    negated, folded = builder.sums(-free[None, :], array(1, 2, 1)[None, :])
    builder.linears(negated, 2 - folded)
    assert_same(builder.build(), encoding)
    builder.linears(sums, array(5))
    assert_same(builder.build(), encoding)


def test_costs_are_literals_with_positive_weights() -> None:
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    builder.add_to_objective(np.concatenate([free, -free[:1]]), array(2, -3, 6), 5)
    cnf = to_cnf(builder.build())
    assert sorted(zip(cnf.soft.tolist(), cnf.weights.tolist(), strict=True)) == [(-3, 3), (-2, 4)]
    assert (cnf.constant, cnf.denominator) == (2 - 3, 5)


def test_booleans_keep_their_numbers() -> None:
    for seed in range(5):
        model = random_model(seed)
        cnf = to_cnf(model)
        for v in np.flatnonzero(model.boolean).tolist()[1:]:
            part = slice(cnf.values.offsets[v], cnf.values.offsets[v + 1])
            assert cnf.values.variables[part].tolist() == [v]
            assert cnf.values.coefficients[part].tolist() == [1]


def test_both_ends_of_an_equation_are_one_sum() -> None:
    builder = ModelBuilder()
    free = builder.booleans(6, "free")
    sums, _ = builder.sums(free[None, :], array(1, 1, 1, -1, 1, -1)[None, :])
    builder.equal(sums, array(1))
    assert to_cnf(builder.build(), "totalizer").circuits == {"totalizer": 1}


# --- limits --------------------------------------------------------------------------------------


def test_numbers_beyond_60_bits_are_refused() -> None:
    builder, numbers = integers((0, 2**40), (0, 2**40), (0, 2**59))
    builder.products(numbers[2:], numbers[:1], numbers[1:2])
    with pytest.raises(UnsupportedError, match="60 bits"):
        to_cnf(builder.build())
    with pytest.raises(UnsupportedError, match="60 bits"):
        merged(2**59, [array(2)], [array(-(2**59) - 1)])
    assert merged(2**59, [array(2)], [array(-(2**59))]).range == (0, 2**59)


def test_integers_too_large_for_the_encoding() -> None:
    builder, numbers = integers((0, 2**20), (0, 2**20))
    sums, _ = builder.sums(numbers[None, :], array(3, -5)[None, :])
    builder.linears(sums, array(12345))
    model = builder.build()
    for encoding in ("totalizer", "sortnetwrk", "native"):
        with pytest.raises(UnsupportedError, match=f"too large for {encoding}"):
            to_cnf(model, encoding)
    assert to_cnf(model).circuits == to_cnf(model, "adder").circuits == {"adder": 1}


# --- determinism ---------------------------------------------------------------------------------

PRINT_FORMULA = """
import sys
from qnnt.encoders.dimacs import DimacsForm, dimacs_blocks
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.order import encode
from qnnt.files.instances import load
from qnnt.instance import Objective
from qnnt.simplification.pipeline import simplify

path, encoding = sys.argv[1:]
model = encode(simplify(load(path)).instance, Objective.MINIMIZE, encoding="cnf").model
sys.stdout.writelines(dimacs_blocks(to_cnf(model, encoding), [], DimacsForm.WCNF))
"""


def printed(example: str, encoding: str, hash_seed: str) -> bytes:
    command = [sys.executable, "-c", PRINT_FORMULA, str(ROOT / "examples" / example), encoding]
    return subprocess.run(command, check=True, capture_output=True, env={"PYTHONHASHSEED": hash_seed}).stdout


@pytest.mark.parametrize(("example", "encoding"), [("breast_cancer.json", "auto"), ("skip.json", "pysat-totalizer")])
def test_the_same_bytes_in_every_process(example: str, encoding: str) -> None:
    first, second = (printed(example, encoding, seed) for seed in ("1", "2"))
    assert len(first) > 1000
    assert first == second
