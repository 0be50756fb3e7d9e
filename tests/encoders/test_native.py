"""Native cardinality rows, and that the solvers which take them count repeated literals."""

from __future__ import annotations

import random

import numpy as np
import pytest
from pysat.solvers import Solver

from qnnt.encoders.native import native_rows
from tests.encoders.circuit_check import array, assignments, holds

SOLVERS = ("minicard", "gluecard3", "gluecard4")

Row = tuple[list[int], int]


def rows_of(row: list[int], weights: list[int], literal: int, bound: int) -> list[Row]:
    found = native_rows(array(*row)[None, :], array(*weights), array(literal), bound)
    return [(found.reached[0].tolist(), found.most), (found.missed[0].tolist(), found.most)]


def kept(rows: list[Row], assignment: list[int]) -> bool:
    return all(sum(holds(literal, assignment) for literal in row) <= most for row, most in rows)


def random_threshold(rng: random.Random, variables: int) -> tuple[list[int], list[int], int, int]:
    """A row, its weights, a threshold (now and then one of the row's own literals) and a bound."""
    row = [rng.choice((1, -1)) * v for v in rng.sample(range(2, variables + 2), rng.randint(1, variables - 1))]
    if rng.random() < 0.3:
        row.append(-row[0])
    weights = [rng.randint(1, 5) for _ in row]
    literal = rng.choice((1, -1)) * rng.randint(2, variables + 1)
    return row, weights, literal, rng.randint(1, sum(weights))


@pytest.mark.parametrize("seed", range(60))
def test_rows_say_the_threshold(seed: int) -> None:
    rng = random.Random(seed)
    row, weights, literal, bound = random_threshold(rng, 5)
    rows = rows_of(row, weights, literal, bound)
    for assignment in assignments(5):
        total = sum(w for w, term in zip(weights, row, strict=True) if holds(term, assignment))
        for (told, most), said in zip(rows, (literal, -literal), strict=True):
            given = holds(said, assignment)
            true = total >= bound if said == literal else total < bound
            assert kept([(told, most)], assignment) == (true or not given)


def test_many_rows_at_once() -> None:
    table = np.arange(2, 14).reshape(4, 3)
    found = native_rows(table, array(2, 1, 3), array(20, -21, 22, 23), 4)
    assert found.most == 6
    assert found.reached[1].tolist() == [-5, -5, -6, -7, -7, -7, -21, -21, -21, -21]
    assert found.missed[1].tolist() == [5, 5, 6, 7, 7, 7, 21, 21, 21]
    assert found.reached.shape == (4, 10)
    assert found.missed.shape == (4, 9)


@pytest.mark.parametrize(
    ("weights", "bound", "most"), [([100, 1, 1], 100, 5), ([9, 9, 9], 1, 3), ([9, 9, 9], 27, 3), ([5], 3, 1)]
)
def test_weights_beyond_need_are_cut(weights: list[int], bound: int, most: int) -> None:
    row = list(range(2, 2 + len(weights)))
    rows = rows_of(row, weights, 9, bound)
    assert [limit for _, limit in rows] == [most, most]
    for assignment in assignments(8):
        total = sum(w for w, term in zip(weights, row, strict=True) if holds(term, assignment))
        assert kept(rows, assignment) == (holds(9, assignment) == (total >= bound))


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("seed", range(40))
def test_solvers_count_repetitions(name: str, seed: int) -> None:
    """Several thresholds among random clauses; parts are added after search; all models are found."""
    rng = random.Random(seed)
    variables = rng.randint(4, 9)
    rows: list[Row] = []
    for _ in range(rng.randint(1, 5)):
        rows += rows_of(*random_threshold(rng, variables))
    for told, _ in rows:
        rng.shuffle(told)
    clauses = [
        [rng.choice((1, -1)) * v for v in rng.sample(range(2, variables + 2), 3)]
        for _ in range(rng.randint(0, 2 * variables))
    ]
    good = {
        tuple(assignment)
        for assignment in assignments(variables)
        if kept(rows, assignment) and all(any(holds(x, assignment) for x in clause) for clause in clauses)
    }
    late = rng.randint(0, len(rows))
    with Solver(name=name, bootstrap_with=[*clauses, [1], *([v, -v] for v in range(2, variables + 2))]) as solver:
        for told, most in rows[:late]:
            solver.add_atmost(told, most)
        solver.solve()
        for told, most in rows[late:]:
            solver.add_atmost(told, most)
        for _ in range(6):
            assumed = [rng.choice((1, -1)) * v for v in rng.sample(range(2, variables + 2), rng.randint(1, variables))]
            assert solver.solve(assumptions=assumed) == any(set(assumed) <= set(model) for model in good)
        found = set()
        while solver.solve():
            model = tuple(solver.get_model()[1 : variables + 1])
            found.add(model)
            solver.add_clause([-literal for literal in model])
    assert found == good


@pytest.mark.parametrize("name", SOLVERS)
def test_solvers_count_repetitions_in_long_searches(name: str) -> None:
    """Disjoint triples of a sum that is one more than they allow: pigeons, with weights."""
    holes, weights = 6, [3, 2, 2]
    places = np.arange(2, 2 + (holes + 1) * holes).reshape(holes + 1, holes)
    with Solver(name=name, bootstrap_with=[[1], *places.tolist()]) as solver:
        for hole in places.T:
            for told, most in rows_of(hole.tolist(), (weights * 3)[: holes + 1], -1, 4):
                solver.add_atmost(told, most)
        assert not solver.solve()
        assert solver.accum_stats()["conflicts"] > 100
