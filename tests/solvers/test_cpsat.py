"""The CP-SAT backend on Models: what it refuses, proves, reports and how it stops."""

from __future__ import annotations

import numpy as np
import pytest

import qnnt
from qnnt.documents.construction import d_nnt
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import Model
from qnnt.encoders.order import encode
from qnnt.errors import UnsupportedError
from qnnt.files.instances import load
from qnnt.fuzzing.cases import CORPUS
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Objective
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.backends import Limits, ModelProgress
from qnnt.solvers.cpsat import LARGEST_REACH, CpSat, _Listener, largest_reach
from qnnt.solvers.registry import SOLVERS


def counting(coefficient: int, most: int = 1, objective: int = 1) -> Model:
    """Two Booleans and an integer in one sum, at least 2 * coefficient."""
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    number = builder.integers(np.zeros(1, np.int64), np.array([most]), "number")
    row = np.concatenate([free, number])[None, :]
    sums, _ = builder.sums(row, np.array([[coefficient, -coefficient, 1]]))
    builder.linears(sums, np.array([coefficient]))
    builder.add_to_objective(free, np.array([objective, -objective]), 1)
    builder.add_constant_to_objective(7, 1)
    return builder.build()


def test_the_reach_of_a_model() -> None:
    assert largest_reach(counting(5, 3)) == 13
    assert largest_reach(counting(1, 1000)) == 1002
    assert largest_reach(ModelBuilder().build()) == 1


def test_large_sums_are_refused() -> None:
    limit = LARGEST_REACH // 2
    assert CpSat().unsupported(counting(limit - 2)) is None
    assert "2^31" in (CpSat().unsupported(counting(limit)) or "")
    assert "2^31" in (CpSat().unsupported(counting(1, LARGEST_REACH)) or "")


def test_linear_relaxations_are_for_what_is_linear() -> None:
    def level(network: list[int], activation: str, samples: int = 3) -> int:
        x, y = [[k] for k in range(1, samples + 1)], [[2]] * samples
        instance = d_nnt(network, x, y, weights=[-1, 2, 5], bias=[0, 7], activation=activation, loss="absolute")
        return CpSat().linearization_level(encode(simplify(instance).instance, Objective.MINIMIZE).model)

    assert level([1, 1], "identity") == 2
    assert level([1, 2, 1], "relu") == 0
    assert level([1, 1], "identity", 1) == 0  # two rows for three order literals: any point is fitted


@pytest.mark.parametrize("size", [1, 2**20, 2**40])
def test_solutions_and_proofs(size: int) -> None:
    told: list[ModelProgress] = []
    model = counting(1000, objective=size)
    answer = CpSat().solve(model, [], Limits(), told.append)
    assert answer.proved
    best = [progress.assignment for progress in told if progress.assignment is not None][-1]
    assert best[2:4].tolist() == [1, 0]
    bounds = [progress.lower_bound for progress in told if progress.lower_bound is not None]
    assert all(bound <= size + 7 for bound in bounds)
    assert {"conflicts", "branches", "deterministic_time"} == set(answer.statistics)


def test_a_contradiction_is_proved() -> None:
    builder = ModelBuilder()
    free = builder.booleans(1, "free")
    builder.clauses(np.array([[free[0]], [-free[0]]]))
    told: list[ModelProgress] = []
    answer = CpSat().solve(builder.build(), [], Limits(), told.append)
    assert (answer.proved, told) == (True, [ModelProgress(lowered={})])


def test_a_limit_leaves_a_bound() -> None:
    instance = simplify(random_labels(4, [4, 4, 2], 16, 0)).instance
    told: list[ModelProgress] = []
    model = encode(instance, Objective.MINIMIZE).model
    answer = CpSat().solve(model, [], Limits(seconds=5.0), told.append)
    assert not answer.proved
    values = [
        int(model.objective.coefficients @ progress.assignment[model.objective.variables])
        for progress in told
        if progress.assignment is not None
    ]
    assert values
    assert values == sorted(set(values), reverse=True)
    assert answer.lower_bound is not None
    assert 0 <= answer.lower_bound <= values[-1] + model.objective.constant


@pytest.mark.parametrize("encoding", SOLVERS["cpsat"].encodings)
def test_an_instance_that_was_once_called_infeasible(encoding: str) -> None:
    """Sums of 2^34: presolve lost all solutions. Refusing is right, and so is the answer."""
    network = {
        "layers": [1, 1, 2],
        "edges": [{"from": "x1", "to": "h1_1", "weights": [0, 31, 161]}],
        "neurons": {
            "h1_1": {"activation": {"type": "step", "breaks": [-31, 64], "values": [-1342177281, 32, -2]}},
            "o1": {"activation": {"type": "clip", "low": -536870912, "high": 5}},
            "o2": {"activation": {"type": "leaky", "negative": "-11/14348907", "positive": "-3/2"}, "bias": [0, 96]},
        },
    }
    x: list[list[object]] = [[-1], [6], ["5/14348907"]]
    y: list[list[object]] = [[4, 536870911], [None, -805306369], [None, -1879048193]]
    instance = d_nnt(network, x, y, weights=list(range(-3, 4)), bias=[0])
    assert qnnt.solve(instance, solver="enumeration").loss == 3
    try:
        answer = f"loss {qnnt.solve(instance, solver='cpsat', encoding=encoding).loss}"
    except UnsupportedError as error:
        answer = str(error)
    assert answer == "loss 3" or "2^31" in answer


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.4])
def test_a_limit_within_the_presolve_proves_nothing(seconds: float) -> None:
    """The loss is a constant minus what matches; CP-SAT's own last bound is then 0, which would be that constant."""
    instance = planted_labels(3, [6, 5, 2], 150, 0)  # whose smallest loss is 0
    model = encode(simplify(instance).instance, Objective.MINIMIZE).model
    assert model.objective.constant > 0
    told: list[ModelProgress] = []
    answer = CpSat().solve(model, [], Limits(seconds), told.append)
    bounds = [answer.lower_bound, *(progress.lower_bound for progress in told)]
    assert all(bound <= 0 for bound in bounds if bound is not None)


def test_bounds_that_came_too_fast_are_told_before_a_slice() -> None:
    told: list[int | None] = []
    listener = _Listener(ModelBuilder().build(), lambda progress: told.append(progress.lower_bound))
    for bound in (1.0, 2.0, 3.0):
        listener.on_bound(bound)
    listener.tell_bound()
    listener.tell_bound()
    assert told[-1] == 3
    assert told.count(3) == 1


def test_floats_prove_nothing_of_huge_objectives() -> None:
    """CP-SAT adds and takes away a huge part in floats: of a bound of -1 on the rest it says 0."""
    instance = simplify(load(str(CORPUS / "huge_objective-1.json"))).instance
    told: list[ModelProgress] = []
    answer = CpSat("order").solve(
        encode(instance, Objective.MINIMIZE, encoding="order").model, [], Limits(), told.append
    )
    assert (answer.proved, answer.lower_bound) == (True, 3)
    assert all(progress.lower_bound is None or progress.lower_bound <= 3 for progress in told)
