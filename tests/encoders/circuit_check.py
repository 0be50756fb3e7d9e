"""What circuits of thresholds have to do, held against counting by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from math import comb
from typing import Literal

import numpy as np
import pytest
from pysat.solvers import Solver

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.gates import GateCircuit, Gates
from qnnt.encoders.model import FALSE, TRUE, Integers, Rows, Sums

TERMS = [pytest.param(terms, marks=[] if terms <= 6 else pytest.mark.full) for terms in range(1, 9)]
"""Numbers of terms that circuits are tested with; the larger ones with `--full`."""

SEEDS = [pytest.param(seed, marks=[] if seed < 12 else pytest.mark.full) for seed in range(200)]


Finding = Literal["all", "thresholds", "search"]
"""Unit propagation finds all variables, given the inputs, or the thresholds only; or it takes search."""


def array(*numbers: int) -> Integers:
    return np.array(numbers, np.int64)


def gates_over(variables: int) -> Gates:
    """For circuits over the variables 2..variables + 1."""
    return Gates(ClauseBuilder(variables + 1, Rows(array(0), array())))


def clauses_of(gates: Gates) -> list[list[int]]:
    rows = gates.builder.clause_rows()
    return [rows.entries[a:b].tolist() for a, b in itertools.pairwise(rows.offsets.tolist())]


def size_of(gates: Gates) -> tuple[int, int]:
    return gates.builder.variables, len(gates.builder.clause_rows())


def solver_of(gates: Gates) -> Solver:
    return Solver(name="minisat22", bootstrap_with=[[TRUE], *clauses_of(gates)])


def fixed(gates: Gates) -> set[int]:
    """The literals that hold by unit propagation whatever the inputs are."""
    known = {TRUE}
    before = 0
    while before < len(known):
        before = len(known)
        for clause in clauses_of(gates):
            rest = [literal for literal in clause if -literal not in known]
            if len(rest) == 1:
                known.add(rest[0])
    return known


def holds(literal: int, assignment: list[int]) -> bool:
    """Under an assignment of the variables 2, 3, ..., as literals."""
    return literal == TRUE if abs(literal) == TRUE else assignment[abs(literal) - 2] == literal


def assignments(variables: int) -> Iterator[list[int]]:
    for signs in itertools.product((-1, 1), repeat=variables):
        yield [sign * variable for variable, sign in enumerate(signs, 2)]


def assert_thresholds(
    circuit: GateCircuit, row: list[int], weights: list[int], bounds: list[int], by: Finding = "all"
) -> None:
    """Every threshold has the right value under every assignment of the inputs."""
    variables = max(1, *map(abs, row)) - 1
    gates = gates_over(variables)
    (found,) = circuit(gates, array(*row)[None, :], array(*weights), array(*bounds)).tolist()
    always = fixed(gates)
    with solver_of(gates) as solver:
        for assignment in assignments(variables):
            total = sum(w for w, literal in zip(weights, row, strict=True) if holds(literal, assignment))
            expected = [literal if total >= bound else -literal for literal, bound in zip(found, bounds, strict=True)]
            consistent, implied = solver.propagate(assumptions=assignment)
            assert consistent
            known = always.union(implied)
            if by == "all":
                assert {*map(abs, known)} == set(range(1, gates.builder.variables + 1))
            if by != "search":
                assert known.issuperset(expected)
            if by != "all":
                assert solver.solve(assumptions=[*assignment, *expected])
                assert not any(solver.solve(assumptions=[*assignment, -literal]) for literal in expected)


def models(gates: Gates, variables: int, literal: int) -> int:
    """How many assignments of the inputs go with a literal, by search."""
    count = 0
    with solver_of(gates) as solver:
        solver.append_formula([[literal], *([v, -v] for v in range(2, variables + 2))])
        while solver.solve():
            solver.add_clause([-value for value in solver.get_model()[1 : variables + 1]])
            count += 1
    return count


def assert_counts_ones(circuit: GateCircuit, terms: int, by: Finding = "all") -> None:
    """Unit weights: all bounds in one circuit, each alone, and the numbers of models."""
    rng = random.Random(terms)
    row = [rng.choice((1, -1)) * variable for variable in range(2, terms + 2)]
    bounds = list(range(1, terms + 1))
    assert_thresholds(circuit, row, [1] * terms, bounds, by=by)
    for bound in bounds:
        assert_thresholds(circuit, row, [1] * terms, [bound], by=by)
        gates = gates_over(terms)
        ((literal,),) = circuit(gates, array(*row)[None, :], np.ones(terms, np.int64), array(bound)).tolist()
        reached = sum(comb(terms, k) for k in range(bound, terms + 1))
        assert models(gates, terms, literal) == reached
        assert models(gates, terms, -literal) == 2**terms - reached


def assert_counts_weights(circuit: GateCircuit, seed: int, by: Finding = "all") -> None:
    """Weights up to 5; literals repeat, oppose each other and are constant now and then."""
    rng = random.Random(seed)
    terms = rng.randint(1, 6 if seed < 12 else 8)
    row = [rng.choice((1, -1)) * variable for variable in range(2, terms + 2)]
    if seed % 3 == 0:
        row = [rng.choice([*row, *(-literal for literal in row), TRUE, FALSE]) for _ in row]
    weights = [rng.randint(1, 5) for _ in row]
    total = sum(weights)
    bounds = sorted({1, total} | {rng.randint(1, total) for _ in range(3)})
    if seed % 2:
        bounds = [rng.choice(bounds)]
    assert_thresholds(circuit, row, weights, bounds, by=by)


def assert_trivial_cases(circuit: GateCircuit, by: Finding = "all") -> None:
    """One term, constants alone, a literal with itself and with its opposite."""
    for row, weights in [
        ([2], [1]),
        ([-2], [3]),
        ([TRUE], [2]),
        ([FALSE, FALSE], [1, 1]),
        ([TRUE, TRUE, FALSE], [1, 2, 3]),
        ([2, 2], [1, 1]),
        ([2, -2], [1, 1]),
        ([2, -2, 2, -2, 2], [2, 1, 1, 3, 1]),
        ([TRUE, 2, FALSE, -3], [1, 1, 1, 1]),
        ([2, 3, 2, 3, 2], [1, 1, 1, 1, 1]),
    ]:
        assert_thresholds(circuit, row, weights, list(range(1, sum(weights) + 1)), by=by)


def assert_rows_are_independent(circuit: GateCircuit) -> None:
    """Many rows at once are as good as one by one, and equal rows are one."""
    rng = random.Random(7)
    table = [[rng.choice((1, -1)) * rng.randint(2, 6) for _ in range(5)] for _ in range(40)]
    weights, bounds = [1, 2, 1, 1, 2], [2, 3, 6]
    gates = gates_over(5)
    found = circuit(gates, array(*itertools.chain(*table)).reshape(40, 5), array(*weights), array(*bounds)).tolist()
    with solver_of(gates) as solver:
        for assignment in assignments(5):
            expected = []
            for row, literals in zip(table, found, strict=True):
                total = sum(w for w, literal in zip(weights, row, strict=True) if holds(literal, assignment))
                expected += [t if total >= bound else -t for t, bound in zip(literals, bounds, strict=True)]
            assert solver.solve(assumptions=[*assignment, *expected])
    for one, other in itertools.combinations(range(40), 2):
        if table[one] == table[other]:
            assert found[one] == found[other]
    before = size_of(gates)
    again = circuit(gates, array(*table[3])[None, :], array(*weights), array(*bounds))
    assert again.tolist() == [found[3]]
    assert size_of(gates) == before


def assert_shares_prefixes(circuit: GateCircuit) -> None:
    """Two sums that begin alike are smaller together than each by itself."""
    rows = np.array([[2, -3, 4, 5, 6, 7, -8, 9], [2, -3, 4, 5, 10, 11, 12, 13]])
    weights, bounds = np.ones(8, np.int64), array(4)
    sizes = []
    for chosen in ([0], [1], [0, 1]):
        gates = gates_over(12)
        circuit(gates, rows[chosen], weights, bounds)
        sizes.append(gates.builder.variables - 13)
    assert sizes[2] < sizes[0] + sizes[1]
    gates = gates_over(12)
    circuit(gates, rows[:1], weights, bounds)
    circuit(gates, rows[1:], weights, bounds)
    assert gates.builder.variables - 13 == sizes[2]


def assert_agree(circuit: GateCircuit, other: GateCircuit, seed: int) -> None:
    """Two circuits of one sum are equivalent."""
    rng = random.Random(seed)
    row = array(*(rng.choice((1, -1)) * variable for variable in range(2, 12)))
    weights = array(*(rng.randint(1, 4) for _ in row))
    bounds = array(*sorted(rng.sample(range(1, int(weights.sum()) + 1), 4)))
    gates = gates_over(10)
    (one,) = circuit(gates, row[None, :], weights, bounds).tolist()
    (two,) = other(gates, row[None, :], weights, bounds).tolist()
    with solver_of(gates) as solver:
        for a, b in zip(one, two, strict=True):
            assert not solver.solve(assumptions=[a, -b])
            assert not solver.solve(assumptions=[-a, b])
            assert solver.solve(assumptions=[a])
            assert solver.solve(assumptions=[-a])


def bounds_of(sums: Sums) -> tuple[Integers, Integers]:
    """What sums of Booleans lie within."""
    number = int(sums.variables.max(initial=0)) + 1
    return sums.bounds(np.zeros(number, np.int64), np.ones(number, np.int64))
