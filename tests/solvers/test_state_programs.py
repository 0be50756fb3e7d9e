"""The dynamic programs as solvers: what they refuse, hints, limits, and what they report."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

import pytest

import qnnt
from qnnt.errors import UnsupportedError
from qnnt.generation.families import planted_labels
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.solvers import state_programs
from qnnt.solvers.backends import Encoded, Event, Found, Limits, Raised
from qnnt.solvers.registry import SOLVERS

PROGRAMS = ("dp-fpt", "dp-frontier", "dp-layers")
GRID = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
CHECKERBOARD = [[(a + b) % 2] for a, b in GRID]


def narrow(depth: int, **options: Any) -> Instance:
    """Layers of width 2 that are to learn a checkerboard: at best two of nine samples are wrong."""
    return qnnt.d_qnnt(3, [2, *[2] * depth, 1], GRID, CHECKERBOARD, **options)


def reported(instance: Instance, solver: str, objective: Objective = Objective.MINIMIZE) -> tuple[Any, list[Event]]:
    """The answer of an algorithm within this process, and what it reported."""
    events: list[Event] = []
    algorithm = SOLVERS[solver].create()
    assert algorithm.unsupported(instance, objective) is None
    return algorithm.solve(instance, objective, None, Limits(), events.append), events


@pytest.mark.parametrize("solver", PROGRAMS)
@pytest.mark.parametrize("depth", [1, 3])
def test_the_checkerboard(solver: str, depth: int) -> None:
    result = qnnt.solve(narrow(depth), solver=solver)
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 2, 2)
    assert qnnt.solve(narrow(depth), solver=solver, bound=2).status is Status.YES
    assert qnnt.solve(narrow(depth), solver=solver, bound=1).status is Status.NO


@pytest.mark.parametrize("solver", PROGRAMS)
def test_weights_count(solver: str) -> None:
    """Samples that cost more than others; conflicting labels at one input cost the lighter ones."""
    instance = qnnt.d_qnnt(3, [1, 2, 1], [[0], [0], [1], [-1]], [[1], [0], [1], [1]], weight=[10, 3, 4, 7])
    assert qnnt.solve(instance, solver=solver).loss == qnnt.solve(instance, solver="enumeration").loss


@pytest.mark.parametrize("solver", PROGRAMS)
def test_what_it_reports(solver: str) -> None:
    answer, events = reported(narrow(2), solver)
    assert answer.status is Status.OPTIMAL
    assert isinstance(events[0], Encoded)
    assert events[0].sizes["states_expected"] >= answer.statistics["states_peak"] / 10
    bounds = [event.lower_bound for event in events if isinstance(event, Raised)]
    assert bounds == sorted(bounds)
    assert bounds[-1] == 2
    (found,) = [event for event in events if isinstance(event, Found)]
    assert qnnt.verify(narrow(2), found.parameters) == 2
    assert answer.statistics["transitions"] > 0


@pytest.mark.parametrize("solver", PROGRAMS)
def test_a_hint_that_is_optimal_is_the_answer(solver: str) -> None:
    best = qnnt.solve(narrow(2), solver=solver)
    assert best.solution is not None
    again = qnnt.solve(narrow(2), solver=solver, hint=best.solution)
    assert (again.status, again.loss) == (Status.OPTIMAL, 2)
    assert again.solution is not None
    assert again.solution.parameters == best.solution.parameters


@pytest.mark.parametrize("solver", PROGRAMS)
def test_a_hint_that_is_not_optimal_is_improved(solver: str) -> None:
    instance = narrow(2)
    zeros = qnnt.Parameters(dict.fromkeys(instance.weights, 0), dict.fromkeys(instance.biases, 0))
    assert qnnt.verify(instance, zeros) == 4
    assert qnnt.solve(instance, solver=solver, hint=zeros).loss == 2


@pytest.mark.parametrize("solver", PROGRAMS)
@pytest.mark.parametrize("samples", [[], [[0, 1]]])
def test_nothing_to_learn(solver: str, samples: Sequence[Sequence[int]]) -> None:
    instance = qnnt.d_qnnt(3, [2, 2, 1], samples, [[None]] * len(samples))
    assert qnnt.solve(instance, solver=solver).loss == 0
    assert qnnt.solve(instance, solver=solver, bound=0).status is Status.YES


@pytest.mark.parametrize("solver", ["dp-fpt", "dp-frontier"])
def test_parameters_that_a_table_forbids(solver: str) -> None:
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "h"}, {"from": "h", "to": "o"}],
        "neurons": {"h": {"activation": {"type": "table", "values": [[7, 1]]}}},
    }
    instance = qnnt.d_nnt(network, [[1]], [[1]], weights=[0, 1], bias=[0], activation="identity", loss="mismatch")
    assert qnnt.solve(instance, solver=solver).status is Status.INFEASIBLE
    assert qnnt.solve(instance, solver=solver, bound=5).status is Status.NO


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", PROGRAMS)
def test_other_losses_are_refused(solver: str) -> None:
    instance = qnnt.d_nnt([1, 1], [[1]], [[3]], weights=[0, 1], bias=[0], activation="identity", loss="squared")
    with pytest.raises(UnsupportedError, match=f"{solver}: it counts mismatched samples: the loss squared"):
        qnnt.solve(instance, solver=solver)


@pytest.mark.parametrize("solver", PROGRAMS)
def test_too_many_states_are_refused_before_the_start(solver: str) -> None:
    instance = planted_labels(3, [10, 12, 12, 4], 60, 0)
    start = time.monotonic()
    with pytest.raises(UnsupportedError, match=r"states expected, room is for 3e\+07"):
        qnnt.solve(instance, solver=solver)
    assert time.monotonic() - start < 20


def test_layers_refuses_other_networks() -> None:
    network = {"inputs": ["x"], "outputs": ["o"], "edges": [{"from": "x", "to": "h"}, {"from": "h", "to": "o"}]}
    network["edges"].append({"from": "x", "to": "o"})  # type: ignore[attr-defined]
    skip = qnnt.d_qnnt(2, network, [[1]], [[1]])
    assert qnnt.solve(skip, solver="dp-layers").loss == 0  # an edge from an input is no edge between layers
    network["edges"] += [{"from": "h", "to": "g"}, {"from": "g", "to": "o"}]  # type: ignore[operator]
    with pytest.raises(UnsupportedError, match="not layered and fully connected: see o"):
        qnnt.solve(qnnt.d_qnnt(2, network, [[1]], [[1]]), solver="dp-layers")


def test_large_numbers_are_refused() -> None:
    instance = qnnt.d_nnt(
        [1, 1, 1], [[2**40]], [[3]], weights=[0, 2**40], bias=[0], activation="identity", loss="mismatch"
    )
    with pytest.raises(UnsupportedError, match=r"more than (60 bits|262144 values)"):
        qnnt.solve(instance, solver="dp-fpt")


def test_a_neuron_with_too_many_values_to_guess_is_not_guessed() -> None:
    """Some orders would have to guess h2, which takes 1,025 values; the topological one never guesses."""
    network = {
        "inputs": ["x"],
        "outputs": ["o1", "o2"],
        "edges": [{"from": u, "to": v} for u, v in [("h1", "h2"), ("h2", "o1"), ("x", "h1"), ("x", "o2")]],
        "neurons": {"h2": {"activation": "identity", "bias": list(range(1025))}},
    }
    instance = qnnt.d_nnt(network, [[1], [2]], [[1, 1], [0, 0]], weights=[0, 1], bias=[0], activation="threshold")
    assert qnnt.solve(instance, solver="dp-fpt").loss == qnnt.solve(instance, solver="dp-frontier").loss == 1


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", PROGRAMS)
def test_too_many_states_on_the_way_leave_the_bound(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_programs, "MOST_STATES", 60)
    monkeypatch.setattr(state_programs, "refusal_of", lambda _: None)
    algorithm = SOLVERS[solver].create()
    events: list[Event] = []
    answer = algorithm.solve(narrow(2), Objective.MINIMIZE, None, Limits(), events.append)
    assert answer.status is Status.UNKNOWN
    assert answer.reason.startswith("more than 60 states at ")
    assert answer.statistics["states_peak"] > 60


def ladder(length: int, skip: int) -> Instance:
    """A line of neurons of which each reads the `skip` before it; the first of them read the inputs."""
    names = [f"h{i}" for i in range(length)]
    edges = [(x, v) for v in names[:skip] for x in ("x1", "x2")]
    edges += [(names[j], v) for i, v in enumerate(names) for j in range(max(0, i - skip), i)]
    edges += [(v, "o") for v in names[-skip:]]
    network = {"inputs": ["x1", "x2"], "outputs": ["o"], "edges": [{"from": u, "to": v} for u, v in edges]}
    return qnnt.d_qnnt(3, network, GRID, CHECKERBOARD)


def test_a_time_limit() -> None:
    start = time.monotonic()
    result = qnnt.solve(ladder(8, 3), solver="dp-frontier", time_limit=1.0)
    assert time.monotonic() - start < 4
    assert result.status is Status.FEASIBLE
    assert result.note == "time limit reached"


def test_a_memory_limit() -> None:
    result = qnnt.solve(ladder(8, 3), solver="dp-frontier", memory_limit=150)
    assert result.status is Status.FEASIBLE
    assert result.note == "memory limit reached"


def test_random_bounds_are_decided_alike() -> None:
    for seed in range(6):
        rng = random.Random(seed)
        x = [[rng.choice((-1, 0, 1)) for _ in range(2)] for _ in range(6)]
        instance = qnnt.d_qnnt(3, [2, 2, 2], x, [[rng.choice((0, 1)) for _ in range(2)] for _ in x])
        statuses = {(solver, qnnt.solve(instance, solver=solver, bound=2).status) for solver in PROGRAMS}
        assert len({status for _, status in statuses}) == 1


@pytest.mark.parametrize("weight", [1, 10**12])
def test_the_sparsest_of_all_optimal_networks(weight: int) -> None:
    """Sample weights beyond what CP-SAT adds up go to SAT."""
    instance = qnnt.d_qnnt(3, [2, 2, 1], GRID[:6], CHECKERBOARD[:6], weight=[weight] * 6)
    result = qnnt.solve(instance, solver="dp-layers", sparsify=True)
    assert (result.status, result.loss) == (Status.OPTIMAL, weight)
    assert result.nonzero_weights == result.nonzero_lower_bound == 6
    assert result.options["sparsify"] == ("cpsat" if weight == 1 else "sat")
