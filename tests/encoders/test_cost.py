"""Bounds on the cost: literals that follow from it, and what is left when they are assumed false."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from pysat.solvers import Solver

from qnnt.encoders import cost
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.cost import LARGEST_NODE, CostBounds
from qnnt.encoders.model import FALSE, TRUE, Integers, Rows, Sums, offsets_of
from tests.encoders.circuit_check import array, assignments, holds


def cnf_of(variables: int, clauses: list[list[int]], costs: dict[int, int]) -> Cnf:
    """Variables 1..variables, 1 being true; the literals of `costs` cost their weight when they hold."""
    given = [[TRUE], *clauses]
    return Cnf(
        variables=variables,
        clauses=Rows(offsets_of(array(*map(len, given))), array(*itertools.chain(*given))),
        at_most=Rows(array(0), array()),
        most=array(),
        soft=array(*costs),
        weights=array(*costs.values()),
        constant=-3,
        denominator=7,
        values=Sums(array(0), array(), array()),
        bases=array(),
        circuits={},
    )


def random_cnf(seed: int) -> Cnf:
    """Weights of few and of many distinct sums; up to 7 soft literals among 8 variables."""
    rng = random.Random(seed)
    chosen = rng.sample(range(2, 10), rng.randint(1, 7))
    weights = rng.choice(((1,), (1, 2, 3), (2, 4, 6), (1, 10, 100), (7, 11, 13, 17, 19)))
    clauses = [[rng.choice((1, -1)) * v for v in rng.sample(range(2, 10), 3)] for _ in range(rng.randint(0, 12))]
    return cnf_of(9, clauses, {rng.choice((1, -1)) * v: rng.choice(weights) for v in chosen})


def clauses_of(rows: Rows) -> list[list[int]]:
    return [rows.entries[a:b].tolist() for a, b in itertools.pairwise(rows.offsets.tolist())]


def cost_of(cnf: Cnf, assignment: list[int]) -> int:
    return sum(
        w for literal, w in zip(cnf.soft.tolist(), cnf.weights.tolist(), strict=True) if holds(literal, assignment)
    )


@pytest.fixture(params=["unary", "adder"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of counting, on small formulas."""
    chosen: str = request.param
    monkeypatch.setattr(cost, "LARGEST_NODE", LARGEST_NODE if chosen == "unary" else 1)
    return chosen


@pytest.mark.parametrize("seed", range(25))
def test_literals_follow_from_the_cost_and_bound_it(path: str, seed: int) -> None:
    """Every solution forces the literals of its cost; those beyond are free; assumed false, cheaper ones remain."""
    cnf = random_cnf(seed)
    solutions = [a for a in assignments(8) if all(any(holds(x, a) for x in c) for c in clauses_of(cnf.clauses))]
    costs = [cost_of(cnf, assignment) for assignment in solutions]
    total = int(cnf.weights.sum())
    bounds = CostBounds(cnf, total)
    asked = random.Random(seed).sample(range(-1, total + 3), min(total + 4, 30))
    literals = [bounds.at_least(v) for v in asked]
    with Solver(
        name="minisat22", bootstrap_with=[*clauses_of(cnf.clauses), *clauses_of(bounds.new_clauses())]
    ) as solver:
        for assignment, actual in zip(solutions, costs, strict=True):
            consistent, implied = solver.propagate(assumptions=assignment)
            assert consistent
            known = {TRUE, *assignment, *implied}
            for v, literal in zip(asked, literals, strict=True):
                assert literal in known or actual < v
            free = [-literal for v, literal in zip(asked, literals, strict=True) if actual < v]
            assert solver.solve(assumptions=[*assignment, *free])
        for v, literal in zip(asked, literals, strict=True):
            assert solver.solve(assumptions=[-literal]) == any(actual < v for actual in costs)


@pytest.mark.parametrize("seed", range(25))
def test_the_next_cost_that_weights_allow(seed: int) -> None:
    cnf = random_cnf(seed)
    reachable = {cost_of(cnf, assignment) for assignment in assignments(8)}
    total = int(cnf.weights.sum())
    bounds = CostBounds(cnf, total)
    for v in range(-1, total):
        assert bounds.above(v) == min(c for c in reachable if c > v)
    assert bounds.above(total) > total


def test_the_next_cost_by_the_common_divisor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where costs are not counted in unary nothing that can be reached is passed over."""
    monkeypatch.setattr(cost, "LARGEST_NODE", 3)
    bounds = CostBounds(cnf_of(5, [], {2: 6, -3: 9, 4: 15}), 30)
    assert [bounds.above(v) for v in (-1, 0, 1, 2, 3, 5, 6, 29, 30)] == [0, 3, 3, 3, 6, 6, 9, 30, 33]


@pytest.mark.parametrize("most", [0, 1, 5, 8, 12, 20])
def test_what_is_beyond_the_clip_is_not_made(most: int) -> None:
    cnf = cnf_of(9, [], dict.fromkeys(range(2, 10), 1) | {-2: 4})
    bounds, whole = CostBounds(cnf, most), CostBounds(cnf, 12)
    assert bounds.variables <= whole.variables
    if most < 4:
        assert bounds.variables < whole.variables
    with Solver(name="minisat22", bootstrap_with=[[TRUE], *clauses_of(bounds.new_clauses())]) as solver:
        for v in range(min(most, 12) + 1):
            literal = bounds.at_least(v)
            assert solver.solve(assumptions=[-literal, *range(3, 10), -2]) == (v > 11)
            assert solver.solve(assumptions=[-literal, -2, *range(-9, -2)]) == (v > 4)


def test_constants(path: str) -> None:
    bounds = CostBounds(cnf_of(4, [], {2: 3, 3: 4}), 7)
    assert [bounds.at_least(v) for v in (-5, 0, 8, 100)] == [TRUE, TRUE, FALSE, FALSE]


def test_nothing_costs_anything() -> None:
    bounds = CostBounds(cnf_of(3, [], {}), 0)
    assert (bounds.at_least(0), bounds.at_least(1)) == (TRUE, FALSE)
    assert (bounds.above(0), bounds.variables) == (1, 3)
    assert len(bounds.new_clauses()) == 0


def test_new_clauses_come_once(path: str) -> None:
    """Asked for again, a bound needs no more of them; together they are all there are."""
    cnf = cnf_of(9, [], {2: 1, 3: 5, -4: 9, 5: 17, 6: 33, 7: 2, 8: 2})
    bounds, again = CostBounds(cnf, 69), CostBounds(cnf, 69)
    found = clauses_of(bounds.new_clauses())
    for v in (3, 40, 60, 69):
        bounds.at_least(v)
        found += clauses_of(bounds.new_clauses())
        before = bounds.variables
        bounds.at_least(v)
        assert len(bounds.new_clauses()) == 0
        assert bounds.variables == before
        again.at_least(v)
    assert found == clauses_of(again.new_clauses())
    assert found
    assert len({tuple(sorted(clause)) for clause in found}) == len(found)


def test_many_distinct_costs_are_added() -> None:
    """One more than the tree takes; one set of digits serves all bounds."""
    weights: Integers = 2 ** np.arange(LARGEST_NODE.bit_length() - 1)
    fine = CostBounds(cnf_of(20, [], dict(zip(range(2, 20), weights.tolist(), strict=False))), 100)
    assert len(fine.new_clauses()) > 100
    costs = {v: 3 * 2**i for i, v in enumerate(range(2, 2 + LARGEST_NODE.bit_length()))}
    bounds = CostBounds(cnf_of(20, [], costs), 10**6)
    assert len(bounds.new_clauses()) == 0
    assert bounds.above(299) == 300
    literal = bounds.at_least(300)
    with Solver(name="minisat22", bootstrap_with=[[TRUE], *clauses_of(bounds.new_clauses())]) as solver:
        digits = list(costs)
        for value in (0, 98, 99, 100, 101, 2**12):
            given = [v if value >> i & 1 else -v for i, v in enumerate(digits)]
            assert solver.solve(assumptions=[-literal, *given]) == (3 * value < 300)
    size = bounds.variables
    bounds.at_least(303)
    assert bounds.variables - size <= 2 * len(digits)
