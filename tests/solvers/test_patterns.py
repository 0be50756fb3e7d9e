"""The pattern search as a solver: answers, bounds, hints, refusals."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

import qnnt
from qnnt.algorithms.patterns import functions
from qnnt.errors import UnsupportedError
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.solvers import patterns
from qnnt.solvers.backends import Encoded, Event, Found, Limits, Raised
from qnnt.solvers.patterns import Patterns

HARD = random_labels(3, [3, 3, 2], 20, 0)
"""Three samples are wrong at best."""


def reported(instance: Instance, objective: Objective = Objective.MINIMIZE) -> tuple[Any, list[Event]]:
    events: list[Event] = []
    algorithm = Patterns()
    assert algorithm.unsupported(instance, objective) is None
    return algorithm.solve(instance, objective, None, Limits(threads=2), events.append), events


@pytest.mark.parametrize("name", ["patterns", "patterns:compiled"])
def test_the_answer(name: str) -> None:
    result = qnnt.solve(HARD, solver=name, threads=2)
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 3, 3)
    assert qnnt.solve(HARD, solver=name, bound=3).status is Status.YES
    assert qnnt.solve(HARD, solver=name, bound=2).status is Status.NO


def test_the_plain_explorer() -> None:
    instance = random_labels(3, [2, 2, 1], 9, 2)
    plain, compiled = (qnnt.solve(instance, solver=f"patterns:{name}", threads=2) for name in ("plain", "compiled"))
    assert plain.loss == compiled.loss == 2
    first, second = compiled.model["patterns"]
    assert first == second
    assert plain.model["nodes"] == first * (first + 1) // 2, "all pairs of patterns, which it cannot drop"
    assert not {"tried", "scored"} & set(plain.model)
    assert compiled.model["tried"] > 0
    assert compiled.model["scored"] > 0


def test_what_it_reports() -> None:
    answer, events = reported(HARD)
    assert answer.status is Status.OPTIMAL
    assert isinstance(events[0], Encoded)
    assert events[0].sizes["patterns"] == [71, 71, 71]
    assert answer.statistics["nodes"] > 0
    losses = [qnnt.verify(HARD, event.parameters) for event in events if isinstance(event, Found)]
    assert losses == sorted(set(losses), reverse=True)
    assert losses[-1] == 3
    bounds = [event.lower_bound for event in events if isinstance(event, Raised)]
    assert bounds == sorted(bounds)
    assert bounds[-1] == 3


def test_long_searches_raise_the_bound_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SHORT", 0.0)
    monkeypatch.setattr(patterns, "MOVES", 1)
    answer, events = reported(HARD)
    assert answer.status is Status.OPTIMAL
    bounds = [event.lower_bound for event in events if isinstance(event, Raised)]
    assert len(set(bounds)) > 2
    assert bounds == sorted(bounds)


def test_annealing_comes_first_where_the_search_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "QUICK", 0.0)
    instance = planted_labels(3, [3, 3, 1], 30, 1)
    answer, events = reported(instance)
    assert answer.status is Status.OPTIMAL
    assert answer.statistics["nodes"] == 0  # a loss of 0 needs no proof
    assert 0 < answer.statistics["annealing_moves"] <= patterns.MOVES
    assert "no_annealing" not in answer.statistics
    found = [event for event in events if isinstance(event, Found)]
    assert qnnt.verify(instance, found[-1].parameters) == 0


def test_hints() -> None:
    best = qnnt.solve(HARD, solver="patterns")
    assert best.solution is not None
    again = qnnt.solve(HARD, solver="patterns", hint=best.solution)
    assert (again.status, again.loss) == (Status.OPTIMAL, 3)
    assert again.solution is not None
    assert again.solution.parameters == best.solution.parameters
    other = qnnt.solve(random_labels(3, [3, 3, 2], 20, 1), solver="patterns", hint=best.solution)
    assert (other.status, other.loss) == (Status.OPTIMAL, 6)


@pytest.mark.parametrize("objective", list(Objective))
def test_nothing_is_admissible(objective: Objective) -> None:
    table = {"type": "table", "values": [[7, 0]]}
    instance = qnnt.d_nnt(
        [1, 1, 1], [[1]], [[0]], weights=[0, 1], bias=[0], activation=table, loss="absolute", margin=10**9
    )
    status = Status.INFEASIBLE if objective is Objective.MINIMIZE else Status.NO
    assert qnnt.solve(instance, solver="patterns", objective=objective).status is status


def test_no_samples() -> None:
    assert qnnt.solve(qnnt.d_qnnt(3, [2, 2, 1], [], []), solver="patterns").loss == 0


@pytest.mark.parametrize(
    ("instance", "words"),
    [
        (random_labels(4, [4, 8, 1], 60, 0), "functions"),
        (random_labels(4, [1, 12, 1], 4, 0), "combinations of values"),
        (random_labels(3, [1, 61, 1], 3, 0), "61 neurons in the last hidden layer"),
        (random_labels(4, [4, 6, 1], 60, 0), "choices of patterns"),
        (random_labels(3, [3, 4, 4, 4, 2], 20, 0), "choices of patterns"),
    ],
)
def test_refusals(instance: Instance, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        qnnt.solve(instance, solver="patterns")


def test_a_long_chain_of_inner_neurons() -> None:
    """As many as no recursion would take."""
    names = [f"h{i}" for i in range(1500)]
    edges = [("x", names[0]), *pairwise(names), (names[-1], "o")]
    network = {"inputs": ["x"], "outputs": ["o"], "edges": [{"from": u, "to": v} for u, v in edges]}
    instance = qnnt.d_nnt(
        network, [[0], [1]], [[1], [1]], weights=[1, 2], bias=[0], activation="threshold", loss="mismatch"
    )
    answer, _ = reported(instance)
    assert answer.status is Status.OPTIMAL
    assert answer.lower_bound == 1


def test_numbers_too_large_for_annealing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What annealing refuses goes on without a first solution."""
    monkeypatch.setattr(patterns, "QUICK", -1.0)

    def refuse(*_: Any, **__: Any) -> None:
        raise UnsupportedError("too large")

    monkeypatch.setattr(patterns, "improve", refuse)
    answer, _ = reported(HARD)
    assert (answer.status, answer.lower_bound) == (Status.OPTIMAL, 3)
    assert (answer.statistics["annealing_moves"], answer.statistics["no_annealing"]) == (0, "too large")


def test_moves_that_meet_nothing_admissible_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample alone could be met, both never."""
    monkeypatch.setattr(patterns, "QUICK", -1.0)
    monkeypatch.setattr(patterns, "MOVES", 5000)
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "h"}, {"from": "h", "to": "o"}],
        "neurons": {"o": {"activation": {"type": "table", "values": [[1, 1], [2, 2]]}}},
    }
    instance = qnnt.d_nnt(
        network, [[1], [-1]], [[3], [5]], weights=[-2, -1, 1, 2], bias=[0], activation="identity", loss="absolute"
    )
    answer, events = reported(instance)
    assert answer.status is Status.INFEASIBLE
    assert not [event for event in events if isinstance(event, Found)]
    assert answer.statistics["annealing_moves"] == 5000
    assert "no_annealing" not in answer.statistics


def test_why_there_was_no_annealing(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = random_labels(3, [2, 2, 1], 9, 2)
    answer, _ = reported(instance)
    assert answer.statistics["annealing_moves"] == 0
    assert answer.statistics["no_annealing"].startswith("about 2^")
    conflicting = qnnt.d_qnnt(3, [1, 1, 1], [[0], [0]], [[0], [1]])
    answer, _ = reported(conflicting.derive(bound=0), Objective.DECIDE)
    assert answer.status is Status.NO
    assert answer.statistics["no_annealing"] == "nothing is left between the bounds"
    monkeypatch.setattr(patterns, "QUICK", -1.0)
    answer, _ = reported(conflicting.derive(bound=1), Objective.DECIDE)
    assert answer.status is Status.YES
    assert answer.statistics["no_annealing"] == "its start is good enough"


def test_functions_are_kept_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """For inner patterns come and go; without room nothing is kept, and nothing changes."""
    instance = random_labels(3, [2, 2, 2, 1], 9, 4)
    best = qnnt.solve(instance, solver="patterns").loss
    monkeypatch.setattr(functions, "MOST_KEPT", 0)
    answer, _ = reported(instance)
    assert (answer.status, answer.lower_bound) == (Status.OPTIMAL, best)
