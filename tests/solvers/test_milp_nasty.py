"""The engines of milp on programs that are hard on floating-point numbers: never wrong, whatever they reach."""

from __future__ import annotations

import random

import pytest

from qnnt.documents.construction import d_nnt
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.files.results import result_document
from qnnt.instance import Objective
from qnnt.result import Status
from qnnt.solvers.backends import Limits, ModelProgress
from qnnt.solvers.facade import solve
from qnnt.solvers.milp import LARGEST_REACH, answer_of, engine_named, largest_number
from qnnt.solvers.names import MILP_ENGINES
from tests.encoders.test_cuts import smallest
from tests.solvers.test_milp import program

DEFAULT_SEEDS = 4
SEEDS = [pytest.param(seed, marks=[] if seed < DEFAULT_SEEDS else pytest.mark.full) for seed in range(60)]
SECONDS = 5.0

Bounds = list[tuple[int, int]]
Rows = list[tuple[dict[int, int], int, int]]


def split(rng: random.Random) -> IntegerProgram:
    """Equations of large coefficients, which halves of the points miss by one."""
    size, most = rng.randint(3, 8), rng.choice([1, 2])
    rows: Rows = []
    for _ in range(rng.randint(1, 2)):
        row = [rng.randint(1, LARGEST_REACH // (2 * size * most)) for _ in range(size)]
        side = sum(a * rng.randint(0, most) for a in row) + rng.choice([0, 0, 1, -1])
        rows.append((dict(enumerate(row, 2)), side, side + rng.choice([0, 2])))
    return program([(0, most)] * size, rows, [rng.randint(-20, 20) for _ in range(size)])


def switches(rng: random.Random) -> IntegerProgram:
    """``x <= M b`` where x has to be 1 or 2, and M is up to 499,999."""
    pairs, large = rng.randint(2, 4), rng.choice([10**4, 10**5, 499_999])
    bounds: Bounds = [(0, large), (0, 1)] * pairs
    rows: Rows = [({2 * i + 2: 1, 2 * i + 3: -large}, -OPEN, 0) for i in range(pairs)]
    rows.append(({2: 1, 4: 1}, rng.randint(1, 2), OPEN))
    return program(bounds, rows, [cost for _ in range(pairs) for cost in (rng.choice([0, 1]), rng.randint(1, 9))])


def nearly_parallel(rng: random.Random) -> IntegerProgram:
    """Equations whose coefficients differ by one in thousands."""
    size, most = rng.randint(3, 6), rng.choice([3, 10, 50])
    base = [rng.randint(-LARGEST_REACH // 2, LARGEST_REACH // 2) // (size * most) for _ in range(size)]
    point = [rng.randint(-most, most) for _ in range(size)]
    rows: Rows = []
    for _ in range(size - 1):
        row = {v: a for v, a in enumerate((b + rng.randint(-1, 1) for b in base), 2) if a} or {2: 1}
        side = sum(a * point[v - 2] for v, a in row.items()) + (rng.random() < 0.1)
        rows.append((row, side, side))
    return program([(-most, most)] * size, rows, [rng.randint(-9, 9) for _ in range(size)])


@pytest.mark.parametrize("engine", MILP_ENGINES)
@pytest.mark.parametrize("kind", [split, switches, nearly_parallel])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_engine_is_wrong(seed: int, kind: type, engine: str) -> None:
    asked: IntegerProgram = kind(random.Random(f"nasty {seed}"))
    assert largest_number(asked) <= LARGEST_REACH
    best = smallest(asked)
    told: list[ModelProgress] = []
    answer = answer_of(engine_named(engine), asked, [], Limits(seconds=SECONDS), told.append)
    costs = [asked.cost_of(heard.assignment) for heard in told if heard.assignment is not None]
    bounds = [heard.lower_bound for heard in told if heard.lower_bound is not None]
    if best is None:
        assert not costs
        return
    assert all(cost >= best for cost in costs)
    assert all(bound <= best for bound in bounds)
    assert not answer.proved or min(costs) == best == answer.lower_bound


@pytest.mark.parametrize("engine", MILP_ENGINES)
def test_an_equation_that_breaks_a_solver(engine: str) -> None:
    """HiGHS 1.12 ends it with an error of its own, which is a reason to give up."""
    row = {2: 13630, 3: 13360, 4: 10052, 5: 43193}
    asked = program([(0, 2)] * 4, [(row, 37041, 37041)], [15, -6, 13, 2])
    assert smallest(asked) is None
    told: list[ModelProgress] = []
    answer = answer_of(engine_named(engine), asked, [], Limits(seconds=SECONDS), told.append)
    assert answer.proved or "INTERNAL" in answer.reason
    assert not told or not answer.proved
    assert all(heard.assignment is None for heard in told)


def test_the_count_of_non_zero_weights_has_a_label_of_its_own() -> None:
    asked = d_nnt(
        [2, 2, 1],
        [[0, 0], [0, 1], [1, 0], [1, 1]],
        [[0], [1], [1], [0]],
        weights=[-1, 0, 1],
        bias=[0],
        activation="threshold",
    )
    result = solve(asked, objective=Objective.MINIMIZE, solver="milp", sparsify=True)
    assert (result.status, result.loss) == (Status.OPTIMAL, 0)
    assert (result.numerical, result.nonzero_numerical) == (False, True)
    assert result_document(result)["nonzero_numerical"] is True
    exact = solve(asked, objective=Objective.MINIMIZE, solver="cpsat", sparsify=True)
    assert (exact.nonzero_weights, exact.nonzero_numerical) == (result.nonzero_weights, False)
    assert "nonzero_numerical" not in result_document(exact)


@pytest.mark.parametrize(("label", "loss", "numerical"), [(0, 1, True), (2, 0, False)])
def test_only_what_rests_on_floating_point_is_numerical(label: int, loss: int, numerical: bool) -> None:
    """That no loss is below 0 needs no solver."""
    asked = d_nnt([1, 1], [[1], [2], [3]], [[1], [label], [3]], weights=[0, 1], bias=[0], activation="relu")
    result = solve(asked, objective=Objective.MINIMIZE, solver="milp")
    assert (result.status, result.loss, result.numerical) == (Status.OPTIMAL, loss, numerical)
