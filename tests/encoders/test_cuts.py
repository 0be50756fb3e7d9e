"""What is stated for relaxations only: cuts and the bounds of sums are implied by all else, and cost no optimum."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from ortools.sat.python import cp_model

from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt
from qnnt.encoders.cpsat import to_cp_model
from qnnt.encoders.integers import _lower_hull
from qnnt.encoders.milp import to_program
from qnnt.encoders.model import Model, Sums
from qnnt.encoders.order import encode
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.encoders.program_rows import RowCollector
from qnnt.encoders.switches import SWITCHES
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.fuzzing.shapes import SHAPES
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Instance, Objective
from qnnt.simplification.general_form import general_form
from qnnt.solvers.backends import Limits, ModelProgress
from qnnt.solvers.milp import Milp
from qnnt.solvers.names import MILP_ENGINES
from tests.encoders.fixing import within_reach

DRAWN = ("tiny", "layers", "deep", "graph", "rational", "almost alike", "two-layer")
DEFAULT_SEEDS = 6
SEEDS = [pytest.param(seed, marks=[] if seed < DEFAULT_SEEDS else pytest.mark.full) for seed in range(60)]
SETTINGS = 2000
ACTIVATIONS: dict[str, object] = {
    "relu": "relu",
    "leaky": {"type": "leaky", "negative": "1/3", "positive": 1},
    "clip": {"type": "clip", "low": -1, "high": 2},
    "identity": "identity",
    "polynomial": {"type": "polynomial", "coefficients": [1, -2, 1]},
}


def of_form(solver: cp_model.CpModel, sums: Sums, row: int) -> cp_model.LinearExprT:
    """A linear form over the variables of a CP-SAT model."""
    part = slice(sums.offsets[row], sums.offsets[row + 1])
    terms = zip(sums.variables[part].tolist(), sums.coefficients[part].tolist(), strict=True)
    total: cp_model.LinearExprT = sum(c * solver.get_int_var_from_proto_index(v - 1) for v, c in terms)
    return total


def refuted(model: Model) -> tuple[bool, int]:
    """Whether some assignment of all else breaks a cut or a bound of a sum; and how many could be broken."""
    target = to_cp_model(model)
    target.proto.clear_objective()
    broken = []

    def never(expression: cp_model.LinearExprT, below: int | None = None, above: int | None = None) -> None:
        literal = target.new_bool_var("")
        if below is not None:
            target.add(expression < below).only_enforce_if(literal)
        if above is not None:
            target.add(expression > above).only_enforce_if(literal)
        broken.append(literal)

    assert not model.cuts.enforced.any()
    for row, bound in enumerate(model.cuts.at_least.tolist()):
        never(of_form(target, model.cuts.sums, row), below=bound)
    thresholds = model.thresholds
    least, most = thresholds.sums.bounds(model.lower, model.upper)
    for row, (low, high) in enumerate(zip(thresholds.low.tolist(), thresholds.high.tolist(), strict=True)):
        if low > least[row]:
            never(of_form(target, thresholds.sums, row), below=low)
        if high < most[row]:
            never(of_form(target, thresholds.sums, row), above=high)
    target.add_bool_or(broken)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(target)
    assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE)
    return status != cp_model.INFEASIBLE, len(broken)


def smallest(program: IntegerProgram) -> Number | None:
    """The optimum of an integer program, by CP-SAT on its rows; None if there is no point."""
    target = cp_model.CpModel()
    bounds = zip(program.lower[1:].tolist(), program.upper[1:].tolist(), strict=True)
    for low, high in bounds:
        target.new_int_var(low, high, "")
    for row, (low, high) in enumerate(zip(program.at_least.tolist(), program.at_most.tolist(), strict=True)):
        form = of_form(target, program.rows, row)
        target.add(form >= low) if low > -OPEN else None
        target.add(form <= high) if high < OPEN else None
    costs = np.flatnonzero(program.costs)
    target.minimize(of_form(target, Sums(np.array([0, len(costs)]), costs, program.costs[costs]), 0))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(target)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    if status == cp_model.INFEASIBLE:
        return None
    point = np.array([0, *solver.response_proto.solution], np.int64)
    assert program.violated(point) is None
    return reduced(Fraction(program.cost_of(point), program.denominator))


def models(instance: Instance, names: tuple[str, ...] = tuple(SWITCHES)) -> Iterator[Model]:
    """The instance in each encoding that can take it."""
    for name in names:
        try:
            encoding = encode(instance, Objective.MINIMIZE, encoding=name, symmetry=False)
        except UnsupportedError:
            continue
        if within_reach(encoding):
            yield encoding.model


def hand_made(name: str, seed: int) -> Instance:
    """Three layers of one activation, so that values of several terms are multiplied; rational in every third."""
    rng = random.Random(f"{name} {seed}")
    sizes = [1, 2, 1, 1]
    pool: list[object] = ["-1/2", 0, "3/2"] if seed % 3 == 2 else [-2, -1, 0, 1, 3]
    weights = [rng.sample(pool, 2) for _ in range(2)]
    if name == "table":  # holes below, between and above
        activation: object = {"type": "table", "values": [[k, rng.randint(-3, 3)] for k in range(-9, 10) if k % 4]}
        weights = [[-1, 1], [-1, 0, 1]]
    else:
        activation = ACTIVATIONS[name]
    rows = [[rng.randint(-2, 2)] for _ in range(2)]
    labels = [[rng.randint(-3, 3)] for _ in rows]
    bias = [rng.randint(-1, 1)]
    weighed = rng.choice(weights)
    return general_form(
        d_nnt(sizes, rows, labels, weights=weighed, bias=bias, activation=activation, loss="absolute")
    ).instance


@pytest.mark.parametrize("name", [*ACTIVATIONS, "table"])
def test_cuts_and_bounds_of_layers_hold(name: str) -> None:
    count = 0
    for seed in range(4):
        for model in models(hand_made(name, seed)):
            found, stated = refuted(model)
            assert not found
            count += stated
    assert count > 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", DRAWN)
def test_cuts_and_bounds_of_random_instances_hold(shape: str, seed: int) -> None:
    instance = general_form(SHAPES[shape].generator(random.Random(f"cuts {shape} {seed}"))).instance
    for model in models(instance):
        assert not refuted(model)[0]


@pytest.mark.parametrize("lowering", [to_program, to_boolean_program])
@pytest.mark.parametrize("seed", SEEDS)
def test_programs_have_the_optimum_of_brute_force(seed: int, lowering: Callable[[Model], IntegerProgram]) -> None:
    instance = general_form(random_instance(random.Random(f"optimum {seed}"), most_settings=SETTINGS)).instance
    best = minimum(instance).loss
    for model in models(instance):
        assert smallest(lowering(model)) == best


@pytest.mark.parametrize(
    ("points", "hull"),
    [
        ([], []),
        ([(3, 5)], [(3, 5)]),
        ([(3, 5), (3, 2)], [(3, 2)]),
        ([(3, 2), (3, 5)], [(3, 2)]),
        ([(0, 0), (1, 1), (2, 2)], [(0, 0), (2, 2)]),
        ([(0, 0), (1, 5), (1, -5), (2, 0)], [(0, 0), (1, -5), (2, 0)]),
        ([(-5, 0), (-1, 0), (0, 0), (7, 7)], [(-5, 0), (0, 0), (7, 7)]),
        ([(0, 0), (2, 0), (2, 9), (2, -1), (2, 3)], [(0, 0), (2, -1)]),
        ([(0, 3), (1, 0), (2, 0), (3, 3)], [(0, 3), (1, 0), (2, 0), (3, 3)]),
        ([(0, 0), (2**59, 2**59), (2**60, -(2**60))], [(0, 0), (2**60, -(2**60))]),
    ],
)
def test_lower_hulls(points: list[tuple[int, int]], hull: list[tuple[int, int]]) -> None:
    assert _lower_hull(points) == hull


@pytest.mark.parametrize("seed", range(30))
def test_lower_hulls_lie_below_and_turn_left(seed: int) -> None:
    rng = random.Random(seed)
    points = sorted(((rng.randint(-6, 6), rng.randint(-6, 6)) for _ in range(rng.randint(1, 12))), key=lambda p: p[0])
    hull = _lower_hull(points)
    assert set(hull) <= set(points)
    assert (hull[0][0], hull[-1][0]) == (points[0][0], points[-1][0])
    assert all(x1 < x2 for (x1, _), (x2, _) in pairwise(hull))
    slopes = [Fraction(y2 - y1, x2 - x1) for (x1, y1), (x2, y2) in pairwise(hull)]
    assert slopes == sorted(set(slopes))
    for x, y in points:
        if len(hull) == 1:
            assert y >= hull[0][1]
        for (x1, y1), (x2, y2) in pairwise(hull):
            assert (x2 - x1) * (y - y1) >= (y2 - y1) * (x - x1)


def test_rows_that_exclude_each_other_leave_sides_in_order() -> None:
    """Solvers refuse rows that are to be at least more than at most."""
    collector = RowCollector()
    pair = np.array([[2, 3]])
    collector.add(pair, np.array([1, 2]), 2, OPEN)
    collector.add(pair, np.array([2, 4]), -OPEN, 3)
    collector.add(pair, np.array([1, -1]), 0, OPEN)
    sums, at_least, at_most = collector.build(np.array([0, 1, 0, 0]), np.array([0, 1, 1, 1]))
    assert (at_least <= at_most).all()
    assert sums.variables.tolist() == [1, 2, 3]
    assert at_least.tolist() == [2, 0]


@pytest.mark.parametrize("engine", MILP_ENGINES)
def test_infeasible_tables_are_answered(engine: str) -> None:
    """Parallel rows of its program exclude each other."""
    table = {"type": "table", "values": [[-1, -1], [0, 0]]}
    network = {
        "inputs": ["x1", "x2"],
        "outputs": ["o1"],
        "edges": [
            {"from": "x2", "to": "h1", "weights": [1]},
            {"from": "x1", "to": "h2"},
            {"from": "h1", "to": "h2"},
            {"from": "x2", "to": "o1", "weights": [-1, 0, 1]},
            {"from": "h2", "to": "o1"},
        ],
        "neurons": {"h2": {"activation": "identity", "bias": [-1, 0, 1]}, "o1": {"activation": "relu"}},
    }
    x = [[1, 0], [-1, 0], [0, 0], [0, -1], [0, 1]]
    asked = d_nnt(network, x, [[0]] * 5, weights=[0, 1], bias=[0], activation=table)
    model = encode(general_form(asked).instance, Objective.MINIMIZE).model
    answer = Milp(engine=engine).solve(model, [], Limits(), list[ModelProgress]().append)
    assert minimum(asked).loss is None
    assert answer.proved
    assert answer.lower_bound is None
