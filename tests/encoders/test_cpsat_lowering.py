"""Model -> CP-SAT: the same assignments, however sums are represented and text is cut into blocks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

from qnnt.encoders import cpsat
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.cpsat import to_cp_model
from qnnt.encoders.model import FALSE, TRUE, Integers, Model
from tests.encoders.model_check import objectives, solutions


class Collector(cp_model.CpSolverSolutionCallback):
    """Every assignment, cut to the Model's own variables."""

    def __init__(self, variables: int) -> None:
        super().__init__()
        self.found: list[tuple[int, ...]] = []
        self._variables = variables

    def on_solution_callback(self) -> None:
        self.found.append(tuple(self.response_proto.solution)[: self._variables])


def all_solutions(model: Model, **options: Any) -> list[tuple[int, ...]]:
    target = to_cp_model(model, **options)
    assert target.validate() == ""
    target.clear_objective()  # type: ignore[no-untyped-call]
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.enumerate_all_solutions = True
    collector = Collector(len(model.lower) - 1)
    status = solver.solve(target, collector)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return sorted(collector.found)


def expected(model: Model) -> list[tuple[int, ...]]:
    return sorted(map(tuple, solutions(model)[:, 1:].tolist()))


def random_model(rng: random.Random) -> Model:
    """All kinds of constraints over Booleans and integers, objective included."""
    builder = ModelBuilder()
    free = builder.booleans(4, "free")
    low = np.array([rng.randint(-3, 0) for _ in range(2)])
    numbers = builder.integers(low, low + rng.randint(1, 3), "number")
    pool = [TRUE, FALSE, *free.tolist(), *(-free).tolist()]

    def table(width: int, rows: int, entries: list[int]) -> Integers:
        return np.array([[rng.choice(entries) for _ in range(width)] for _ in range(rows)], np.int64)

    for width in (1, 2, 3):
        builder.clauses(table(width, rng.randint(0, 2), pool)[: rng.randint(0, 1)].reshape(-1, width))
    pool += builder.conjunctions(table(2, 2, pool), "and").tolist()
    for width in (1, 3, 4):
        entries = table(width, 2, [*pool, *numbers.tolist()])
        sums, folded = builder.sums(entries, table(width, 2, [-2, -1, 1, 2]))
        lowest, highest = builder.bounds_of(sums)
        bounds = np.sort(table(rng.randint(1, 3), 2, list(range(-4, 5))), axis=1)
        pool += builder.at_least(sums, bounds - folded[:, None], lowest, highest, "sum").ravel().tolist()
        enforced = np.array([rng.choice(pool), TRUE])
        builder.linears(sums, np.array([rng.randint(-3, 1), rng.randint(-4, 1)]) - folded, enforced)
    product = builder.integers(np.full(1, -18), np.full(1, 18), "product")
    builder.products(product, numbers[:1], rng.choice([numbers[1:], free[:1]]))
    builder.add_to_objective(np.array([rng.choice(pool) for _ in range(4)]), table(1, 4, [-2, -1, 1, 3])[:, 0], 2)
    builder.add_to_objective(product, np.ones(1, np.int64), 3)
    return builder.build()


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("sum_variables_from", [1, 2, 10**9])
def test_the_same_solutions(seed: int, sum_variables_from: int) -> None:
    model = random_model(random.Random(seed))
    assert all_solutions(model, sum_variables_from=sum_variables_from) == expected(model)


def test_random_models_have_solutions_and_all_kinds_of_constraints() -> None:
    models = [random_model(random.Random(seed)) for seed in range(25)]
    assert sum(len(expected(model)) > 0 for model in models) >= 15
    for kind in ("clauses", "linears", "thresholds", "products", "integers"):
        assert sum(model.sizes[kind] > 0 for model in models) >= 15
    assert any((model.linears.enforced != 0).any() and (model.linears.enforced == 0).any() for model in models)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    models = [random_model(random.Random(seed)) for seed in range(6)]
    whole = [str(to_cp_model(model, sum_variables_from=2).proto) for model in models]
    monkeypatch.setattr(cpsat, "BLOCK", size)
    assert [str(to_cp_model(model, sum_variables_from=2).proto) for model in models] == whole


@pytest.mark.parametrize("seed", range(15))
def test_the_objective(seed: int) -> None:
    model = random_model(random.Random(100 + seed))
    grid = solutions(model)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(to_cp_model(model))
    if not len(grid):
        assert status == cp_model.INFEASIBLE
        return
    assert status == cp_model.OPTIMAL
    assignment = np.array([[0, *solver.response_proto.solution]])
    assert objectives(model, assignment) == [min(objectives(model, grid))]


def test_hints() -> None:
    builder = ModelBuilder()
    free = builder.booleans(3, "free")
    hint = list(zip(free.tolist(), [1, 0, 1], strict=True))
    proto = to_cp_model(builder.build(), hint).proto
    assert list(proto.solution_hint.vars) == [1, 2, 3]
    assert list(proto.solution_hint.values) == [1, 0, 1]
    assert not len(to_cp_model(builder.build()).proto.solution_hint.vars)


# --- trivial models ------------------------------------------------------------------------------


def status_of(model: Model) -> str:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return str(solver.status_name(solver.solve(to_cp_model(model))))


def test_nothing_but_the_constant() -> None:
    builder = ModelBuilder()
    assert status_of(builder.build()) == "OPTIMAL"
    assert all_solutions(builder.build()) == [(1,)]
    builder.add_constant_to_objective(7, 2)
    assert status_of(builder.build()) == "OPTIMAL"
    assert objectives(builder.build(), solutions(builder.build())) == [7 / 2]


def test_an_empty_clause() -> None:
    builder = ModelBuilder()
    builder.booleans(1, "free")
    builder.clauses(np.array([[FALSE]]))
    assert status_of(builder.build()) == "INFEASIBLE"


def test_a_hopeless_linear() -> None:
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    sums, folded = builder.sums(free[None, :], np.array([[1, 1]]))
    builder.linears(sums, 3 - folded)
    assert status_of(builder.build()) == "INFEASIBLE"


def test_an_empty_sum() -> None:
    for bound, status in ((0, "OPTIMAL"), (1, "INFEASIBLE")):
        builder = ModelBuilder()
        sums, folded = builder.sums(np.empty((1, 0), np.int64), np.empty((1, 0), np.int64))
        builder.linears(sums, bound - folded)
        assert status_of(builder.build()) == status
