"""The four engines of the milp backend against enumeration, on degenerate programs and at their limits."""

from __future__ import annotations

import dataclasses
import importlib
import itertools
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import Model
from qnnt.encoders.order import encode
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.errors import SolverError, UnsupportedError
from qnnt.generation.families import random_labels
from qnnt.instance import Objective
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.milp import ENGINES, LARGEST_REACH, Milp, answer_of, engine_named, largest_number
from qnnt.solvers.milp_engines.highspy_engine import accepted, package
from qnnt.solvers.milp_engines.log_tables import HighsTable, ScipTable
from qnnt.solvers.milp_engines.ortools_highs import PointFile
from qnnt.solvers.names import MILP_ENGINES
from tests.encoders.model_check import solutions
from tests.encoders.random_models import boolean_model, numerator, random_model
from tests.solvers.test_milp import program

SAMPLE = 25
ALL = 400


def ask(engine: str, asked: IntegerProgram) -> tuple[ModelAnswer, list[int]]:
    """The answer, and the costs of the solutions on the way."""
    told: list[ModelProgress] = []
    answer = answer_of(engine_named(engine), asked, [], Limits(30.0), told.append)
    return answer, [asked.cost_of(p.assignment) for p in told if p.assignment is not None]


def smallest_cost(asked: IntegerProgram) -> int | None:
    """By enumeration."""
    ranges = [range(low, high + 1) for low, high in zip(asked.lower[1:], asked.upper[1:], strict=True)]
    points = (np.array([0, *values], np.int64) for values in itertools.product(*ranges))
    return min((asked.cost_of(point) for point in points if asked.violated(point) is None), default=None)


def assert_smallest(engine: str, asked: IntegerProgram) -> None:
    answer, found = ask(engine, asked)
    best = smallest_cost(asked)
    assert (answer.proved, answer.reason) == (True, "")
    assert answer.numerical is (asked.minimises or best is None)
    assert (found[-1] if found else None) == best
    assert answer.lower_bound == (best if asked.minimises else None)


def test_every_engine_is_there() -> None:
    assert set(ENGINES) == set(MILP_ENGINES)


@pytest.mark.parametrize("engine", MILP_ENGINES)
@pytest.mark.parametrize("seeds", [range(SAMPLE), pytest.param(range(SAMPLE, ALL), marks=pytest.mark.full)])
def test_random_models(engine: str, seeds: range) -> None:
    for seed in seeds:
        model = (random_model, boolean_model)[seed % 2](seed)
        best = min((numerator(model, assignment) for assignment in solutions(model)), default=None)
        backend, told = Milp(engine=engine), list[ModelProgress]()
        assert backend.unsupported(model) is None
        answer = backend.solve(model, [], Limits(seed=seed), told.append)
        found = [numerator(model, p.assignment) for p in told if p.assignment is not None]
        assert answer.proved
        assert (found[-1] if found else None) == best
        assert found == sorted(set(found), reverse=True)
        assert all(p.lower_bound is None or (best is not None and p.lower_bound <= best) for p in told)


DEGENERATE = {
    "no variables": program([], [], []),
    "no variables, a constant": program([], [], [], constant=-7),
    "no rows": program([(-3, 5)], [], [2], constant=7),
    "no rows, no costs": program([(-3, 5)], [], [0]),
    "no costs": program([(-3, 5)], [({2: 2}, -5, -3)], [0]),
    "infeasible": program([(0, 1), (0, 1)], [({2: 1, 3: 1}, 3, OPEN)], [1, 1]),
    "infeasible, no costs": program([(0, 1), (0, 1)], [({2: 1, 3: 1}, 3, OPEN)], [0, 0]),
    "a broken row of constants": program([(0, 1)], [({1: 1}, 2, OPEN)], [1]),
    "an equation": program([(-5, 5)], [({2: 2}, -4, -4)], [-1]),
    "an odd sum of even terms": program([(0, 4)] * 3, [({2: 2, 3: 2, 4: 2}, 3, 3)], [1, 1, 1]),
    "fixed": program([(4, 4), (-2, -2)], [({2: 1, 3: 2}, -OPEN, 0)], [3, 1]),
    "an idle variable": program([(0, 1), (-9, 9)], [({2: 1}, 1, OPEN)], [1, 0]),
    "two sides": program([(-3, 3), (-3, 3)], [({2: 3, 3: 5}, -2, 1)], [1, -1]),
    "costs with a common divisor": program([(0, 3), (0, 3)], [({2: 1, 3: 1}, 2, OPEN)], [2**50, 3 * 2**50], 2**40),
}


@pytest.mark.parametrize("engine", MILP_ENGINES)
@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_programs(engine: str, name: str) -> None:
    assert_smallest(engine, DEGENERATE[name])


def tempting(rng: random.Random) -> IntegerProgram:
    """Switches that a slack of a millionth would open: ``x <= M b`` with a cost on b, or sums of large numbers."""
    if rng.random() < 0.5:
        most = rng.choice([LARGEST_REACH, LARGEST_REACH - 7, LARGEST_REACH // 3]) - 4
        switches = [({2 + i: 1, 5 + i: -most}, -OPEN, 0) for i in range(3)]
        cover = ({2: 1, 3: rng.choice([1, 2]), 4: 1}, rng.randint(1, 4), OPEN)
        return program([(0, 3)] * 3 + [(0, 1)] * 3, [*switches, cover], [0] * 3 + [rng.randint(1, 5) for _ in range(3)])
    weights = [rng.randint(LARGEST_REACH // 40, LARGEST_REACH // 20) * rng.choice([1, 1, -1]) for _ in range(8)]
    total = sum(rng.sample(weights, 3)) + rng.choice([0, 0, 1])
    return program(
        [(0, 1)] * 8, [({2 + i: w for i, w in enumerate(weights)}, total, total)], [rng.randint(-3, 3) for _ in weights]
    )


@pytest.mark.parametrize("engine", MILP_ENGINES)
@pytest.mark.parametrize("seeds", [range(15), pytest.param(range(15, 300), marks=pytest.mark.full)])
def test_numbers_at_the_limit_are_answered_rightly_or_not_at_all(engine: str, seeds: range) -> None:
    proved = 0
    for seed in seeds:
        asked = tempting(random.Random(seed))
        assert largest_number(asked) <= LARGEST_REACH
        best = smallest_cost(asked)
        answer, found = ask(engine, asked)
        proved += answer.proved
        assert not answer.proved or (found[-1] if found else None) == best
        assert answer.proved or answer.reason
        assert answer.lower_bound is None or (best is not None and answer.lower_bound <= best)
    assert proved >= 0.9 * len(seeds)


def open_model() -> Model:
    """Minutes away from a proof."""
    return encode(simplify(random_labels(4, [4, 4, 2], 16, 0)).instance, Objective.MINIMIZE).model


@pytest.mark.parametrize("engine", MILP_ENGINES)
def test_a_limit_leaves_what_was_found(engine: str) -> None:
    told: list[ModelProgress] = []
    model = open_model()
    answer = Milp(engine=engine).solve(model, [], Limits(1.5), told.append)
    assert (answer.proved, answer.reason) == (False, "")
    found = [numerator(model, p.assignment) for p in told if p.assignment is not None]
    assert found
    assert found == sorted(set(found), reverse=True)
    assert answer.lower_bound is not None
    assert answer.lower_bound <= found[-1]


@pytest.mark.parametrize("engine", MILP_ENGINES)
@pytest.mark.parametrize("seconds", [0.001, 0.0, -1.0])
def test_no_time_at_all(engine: str, seconds: float) -> None:
    answer = Milp(engine=engine).solve(open_model(), [], Limits(seconds), list[ModelProgress]().append)
    assert (answer.proved, answer.reason) == (False, "")


@pytest.mark.parametrize("engine", MILP_ENGINES)
def test_hints_change_no_answer(engine: str) -> None:
    builder = ModelBuilder()
    free = builder.booleans(6, "free")
    builder.clauses(np.stack([free[:-1], free[1:]], axis=1))
    builder.add_to_objective(free, np.arange(1, 7), 1)
    model = builder.build()
    for hint in ([(int(v), 1) for v in free], [(int(free[2]), 1)], [(int(v), 0) for v in free]):
        told: list[ModelProgress] = []
        answer = Milp(engine=engine).solve(model, hint, Limits(), told.append)
        assert (answer.proved, answer.lower_bound) == (True, 9)


@pytest.mark.parametrize("engine", MILP_ENGINES)
def test_the_search_that_completes_a_hint_bounds_nothing(engine: str) -> None:
    for seed in range(40):
        model = boolean_model(seed)
        grid = solutions(model)
        if not len(grid):
            continue
        costs = [numerator(model, assignment) for assignment in grid]
        worst = grid[int(np.argmax(costs))]
        told: list[ModelProgress] = []
        hint = [(v, int(worst[v])) for v in range(2, 5)]
        answer = Milp(engine=engine).solve(model, hint, Limits(), told.append)
        assert answer.proved
        assert all(p.lower_bound is None or p.lower_bound <= min(costs) for p in told)


@pytest.mark.parametrize("engine", MILP_ENGINES)
def test_nothing_is_printed(engine: str, capfd: pytest.CaptureFixture[str]) -> None:
    ask(engine, DEGENERATE["two sides"])
    ask(engine, tempting(random.Random(0)))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine", ["highs", "scip"])
def test_what_or_tools_refuses_is_told_in_its_own_words(engine: str) -> None:
    asked = program([(0, 1)], [({2: 1}, 1, OPEN)], [1])
    twisted = dataclasses.replace(asked, lower=np.array([0, 1, 2]))
    with pytest.raises(SolverError, match="INVALID_ARGUMENT") as caught:
        ask(engine, twisted)
    assert "\n" not in str(caught.value)


def test_errors_of_highs_are_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = package().HighsStatus
    accepted(statuses.kOk, "run")
    accepted(statuses.kWarning, "run")
    with pytest.raises(SolverError, match="HiGHS reports an error: setSolution"):
        accepted(statuses.kError, "setSolution")
    monkeypatch.setattr(package().Highs, "passModel", lambda *_: statuses.kError)
    with pytest.raises(SolverError, match="passModel"):
        ask("highspy", DEGENERATE["two sides"])


@pytest.mark.parametrize("name", ["highspy", "pyscipopt"])
def test_packages_that_cannot_be_loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UnsupportedError, match=f"{name} cannot be loaded"):
        ask(name, DEGENERATE["two sides"])


@pytest.mark.parametrize(
    ("engine", "limits"),
    [("highs", Limits(1.0)), ("scip", Limits(1.0)), ("highspy", Limits()), ("pyscipopt", Limits())],
)
def test_nobody_listens(engine: str, limits: Limits) -> None:
    """Those that can stop at once do; the others end at their limit."""

    def report(progress: ModelProgress) -> None:
        raise BrokenPipeError("nobody listens")

    with pytest.raises(BrokenPipeError):
        Milp(engine=engine).solve(open_model(), [], limits, report)


def test_tables_are_read_below_their_header() -> None:
    row = " J   0   0   0   0.00%   -20.5       -10        100.00%    0    0    7     2k     0.0s"
    header = "Src  Proc. InQueue |  Leaves   Expl. | BestBound  BestSol   Gap |   Cuts   InLp Confl. | LpIters   Time"
    highs = HighsTable()
    assert highs.bound(row) is None
    assert highs.bound(header) is None
    assert highs.bound(row) == -20.5
    assert highs.bound(row.replace("J", " ")) == -20.5
    assert highs.bound("  Dual bound        -20") is None
    assert highs.bound("") is None
    scip = ScipTable()
    row = "p 0.0s|     1 |  clique|-2.000000e+01 |-1.000000e+01 | 100.00%| unknown"
    assert scip.bound(row) is None
    assert scip.bound(" time | node  |mem/heur|  dualbound   | primalbound  |  gap   | compl. ") is None
    assert scip.bound(row) == -20
    assert scip.bound(row.replace("-2.000000e+01", "     --      ")) is None
    assert scip.bound("Dual Bound         : -2.00000000000000e+01") is None


def test_points_are_read_once_and_when_they_are_complete(tmp_path: Path) -> None:
    file = PointFile(tmp_path / "points", 3)
    assert list(file.new_points()) == []
    text = "Objective -5\n# Columns 3\n 1\n 4\n -2\n\nObjective -6\n# Columns 3\n 1\n 5\n 0.5\n"
    found = []
    for end in range(len(text) + 1):
        file.path.write_text(text[:end])
        found += [point.tolist() for point in file.new_points()]
    assert found == [[1, 4, -2], [1, 5, 0.5]]


def test_the_module_of_every_engine_is_light() -> None:
    """Solvers are loaded by what uses them."""
    for home in ENGINES.values():
        module = importlib.import_module(f"qnnt.solvers.milp_engines.{home.partition(':')[0]}")
        assert not {"highspy", "pyscipopt", "ortools"} & set(vars(module))
