"""Limits, hints, stopping, and the result's fields."""

from __future__ import annotations

import os
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import qnnt
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError, InputError, UnsupportedError
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Solution, Status
from qnnt.solvers.questions import Progress
from tests.solvers.processes import children_of, gone

HARD = random_labels(4, [4, 4, 2], 16, 0)
XOR = d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
LINE = d_nnt([1, 1], [[1], [2]], [[3], [5]], weights=[0, 1, 2], bias=[0, 1], activation="identity", loss="absolute")


def assert_best_so_far(instance: Instance, result: Result) -> None:
    """What a limit leaves: a verified solution that is not claimed to be the best."""
    assert result.status is Status.FEASIBLE
    assert result.solution is not None
    assert qnnt.verify(instance, result.solution.parameters, result.loss) == result.loss
    assert result.loss is not None
    assert result.lower_bound is not None
    assert 0 <= result.lower_bound < result.loss


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.3, 2.0])
def test_a_time_limit_keeps_the_best_solution(limit: float) -> None:
    start = time.monotonic()
    result = qnnt.solve(HARD, solver="cpsat", time_limit=limit, threads=1)
    assert time.monotonic() - start < limit + 2.5
    assert_best_so_far(HARD, result)
    assert result.note == "time limit reached"
    if limit == 2.0:
        assert result.seconds["total"] < limit + 1
        losses = [incumbent.loss for incumbent in result.incumbents if incumbent.loss is not None]
        assert losses[-1] == result.loss
        assert losses == sorted(losses, reverse=True)


def test_a_time_limit_on_a_decision() -> None:
    result = qnnt.solve(HARD, solver="cpsat", bound=0, time_limit=1, threads=1)
    assert result.status in (Status.FEASIBLE, Status.UNKNOWN)
    assert not result.status.answered
    assert result.lower_bound is None


def test_a_memory_limit_ends_the_solver_and_not_its_caller() -> None:
    result = qnnt.solve(HARD, solver="cpsat", memory_limit=10, threads=1)
    assert result.note == "memory limit reached"
    assert result.status in (Status.FEASIBLE, Status.UNKNOWN)
    assert result.model["peak_memory_mb"] >= 10
    assert qnnt.solve(XOR, solver="cpsat").loss == 0


def test_stopping() -> None:
    stop = threading.Event()
    timer = threading.Timer(0.8, stop.set)
    timer.start()
    start = time.monotonic()
    result = qnnt.solve(HARD, solver="cpsat", threads=1, stop=stop)
    assert time.monotonic() - start < 4
    assert_best_so_far(HARD, result)
    assert result.note == "interrupted"
    timer.join()


def test_stopping_before_the_start() -> None:
    stop = threading.Event()
    stop.set()
    assert qnnt.solve(HARD, solver="cpsat", stop=stop).note == "interrupted"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_what_a_progress_function_raises_ends_the_search() -> None:
    def interrupt(progress: Progress) -> None:
        if progress.stage == "solving":
            below.extend(pid for shop in children_of(os.getpid()) for pid in children_of(shop))
            raise KeyboardInterrupt

    below: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        qnnt.solve(HARD, solver="cpsat", threads=1, on_progress=interrupt)
    assert below
    assert gone(*below)
    assert qnnt.solve(XOR, solver="cpsat").loss == 0


def test_progress_is_told() -> None:
    told: list[Progress] = []
    result = qnnt.solve(HARD, solver="cpsat", time_limit=1.5, threads=1, on_progress=told.append)
    assert {progress.stage for progress in told} >= {"solving"}
    assert [p.seconds for p in told] == sorted(p.seconds for p in told)
    assert [p.lower_bound for p in told] == sorted(p.lower_bound for p in told)
    losses = [p.loss for p in told if p.loss is not None]
    assert losses == sorted(losses, reverse=True)
    assert result.loss is not None
    assert losses[-1] >= result.loss


# --- hints ---------------------------------------------------------------------------------------


def solved(instance: Instance) -> Parameters:
    solution = qnnt.solve(instance, solver="cpsat", objective="minimize").solution
    assert solution is not None
    return solution.parameters


def test_a_hint_that_settles_the_question_needs_no_search() -> None:
    hint = solved(XOR)
    result = qnnt.solve(XOR, solver="cpsat", hint=hint)
    assert result.status is Status.OPTIMAL
    assert result.note == "the hint settles it"
    assert [incumbent.loss for incumbent in result.incumbents] == [0]
    assert qnnt.solve(HARD, solver="cpsat", bound=16, hint=zeros(HARD)).status is Status.YES


def test_an_optimal_hint_is_the_first_incumbent() -> None:
    instance = random_labels(3, [2, 2, 1], 9, 3)
    hint = solved(instance)
    best = qnnt.verify(instance, hint)
    assert best > 0
    for given in (hint, Solution(instance, hint)):
        result = qnnt.solve(instance, solver="cpsat", hint=given)
        assert result.status is Status.OPTIMAL
        assert result.loss == best
        assert result.incumbents[0].loss == best
        assert result.options["hint"] is True


def test_a_poor_hint_is_improved() -> None:
    instance = planted_labels(3, [3, 2, 1], 20, 0)
    result = qnnt.solve(instance, solver="cpsat", hint=zeros(instance))
    assert result.incumbents[0].loss == qnnt.verify(instance, zeros(instance))
    assert result.loss == 0


def zeros(instance: Instance) -> Parameters:
    return Parameters(dict.fromkeys(instance.weights, 0), dict.fromkeys(instance.biases, 0))


@pytest.mark.parametrize(
    "hint",
    [
        Parameters({}, {}),
        Parameters({("x1", "o1"): 9}, {"o1": 0}),
        Parameters({("x1", "o1"): 1}, {"o1": 0, "o2": 0}),
        Parameters({("x1", "o1"): Fraction(1, 2)}, {"o1": 0}),
    ],
)
def test_a_wrong_hint_is_refused(hint: Parameters) -> None:
    for solver in ("auto", "cpsat", "enumeration"):
        with pytest.raises(CertificateError, match=r"weight|neuron"):
            qnnt.solve(LINE, solver=solver, hint=hint)


def test_verify() -> None:
    parameters = Parameters({("x1", "o1"): 2}, {"o1": 1})
    assert qnnt.verify(LINE, parameters) == 0
    with pytest.raises(CertificateError, match="the loss is 0, not 1 as claimed"):
        qnnt.verify(LINE, parameters, 1)


# --- the result ----------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["cpsat", "enumeration", "auto"])
def test_results(solver: str) -> None:
    result = qnnt.solve(LINE, solver=solver, encoding=None)
    assert (result.status, result.objective) == (Status.OPTIMAL, Objective.MINIMIZE)
    assert (result.loss, result.lower_bound, result.accuracy) == (0, 0, 1.0)
    assert result.solution is not None
    assert result.solution.predict([[1], [10]]) == [(3,), (21,)]
    assert result.solver in ("cpsat", "enumeration")
    assert (result.encoding is None) == (result.solver == "enumeration")
    assert result.seconds["encode"] + result.seconds["solve"] == pytest.approx(result.seconds["total"])
    assert result.note == ""
    assert {"python", "qnnt", "numpy"} <= set(result.versions)


def test_decisions() -> None:
    for solver in ("cpsat", "enumeration"):
        yes = qnnt.solve(XOR, solver=solver, bound=0)
        assert (yes.status, yes.loss, yes.objective) == (Status.YES, 0, Objective.DECIDE)
        no = qnnt.solve(d_qnnt(3, [2, 1], XOR.dataset.x, XOR.dataset.y), solver=solver, bound=0)
        assert no.status is Status.NO
        assert no.lower_bound is None


def test_the_biases_of_solutions_have_the_sign_of_the_problem() -> None:
    instance = d_qnnt(4, [1, 1], [[0]], [[1]])
    for solver in ("cpsat", "enumeration"):
        solution = qnnt.solve(instance, solver=solver).solution
        assert solution is not None
        assert solution.biases == {"o1": -1}


def test_the_instance_decides_what_is_asked() -> None:
    with_bound = XOR.derive(bound=1)
    assert qnnt.solve(with_bound).status is Status.YES
    assert qnnt.solve(with_bound, objective="minimize").status is Status.OPTIMAL
    assert qnnt.solve(XOR, objective=Objective.DECIDE, bound=2).status is Status.YES


def test_auto_solves_what_cpsat_refuses() -> None:
    numbers = [2**k * 10**4 + k for k in range(24)]
    edges = [{"from": "s", "to": f"h{i}", "weights": [0, number]} for i, number in enumerate(numbers)]
    edges += [{"from": f"h{i}", "to": "t", "weights": [1]} for i in range(len(numbers))]
    network = {"inputs": ["s"], "outputs": ["t"], "edges": edges}
    target = numbers[3] + numbers[20]
    instance = qnnt.d_nnt(network, [[1]], [[target]], bias=[0], activation="identity", loss="absolute", margin=0)
    with pytest.raises(UnsupportedError, match="2\\^31"):
        qnnt.solve(instance, solver="cpsat")
    found = qnnt.solve(instance)
    assert (found.status, found.solver) == (Status.YES, "portfolio")
    assert "cpsat" not in found.options["plan"]
    sparsest = qnnt.solve(instance, sparsify=True)
    assert (sparsest.status, sparsest.solver) == (Status.YES, "portfolio")
    assert "fewer non-zero weights are not excluded" in sparsest.note


def test_auto_says_why_all_refuse() -> None:
    """Three layers of sums beyond 60 bits."""
    instance = qnnt.d_nnt(
        [1, 2, 2, 1], [[2**61]], [[1]], weights=[-(2**60), 0, 1, 2**60], bias=[0, 1], activation="relu", loss="absolute"
    )
    with pytest.raises(
        UnsupportedError,
        match=r"^sat: the data need more than 60 bits",
    ):
        qnnt.solve(instance)


def test_auto_enumerates_what_is_small() -> None:
    assert qnnt.solve(LINE).solver == "enumeration"
    assert qnnt.solve(LINE, encoding="order").solver == "cpsat"
    assert qnnt.solve(planted_labels(3, [4, 3, 1], 10, 0)).solver == "portfolio"


def test_infeasible() -> None:
    table = {"type": "table", "values": [[7, 1]]}
    nothing = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation=table)
    for solver in ("cpsat", "enumeration"):
        result = qnnt.solve(nothing, solver=solver)
        assert (result.status, result.loss, result.lower_bound) == (Status.INFEASIBLE, None, None)
        assert qnnt.solve(nothing, solver=solver, bound=10).status is Status.NO


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"solver": "nobody"}, "unknown solver"),
        ({"encoding": "nothing"}, "unknown encoding"),
        ({"solver": "enumeration", "encoding": "order"}, "takes no encoding"),
        ({"objective": "guess"}, "unknown objective"),
        ({"objective": "decide"}, "needs a bound"),
        ({"time_limit": 0}, "time limit"),
        ({"time_limit": float("nan")}, "time limit"),
        ({"memory_limit": 0}, "memory limit"),
        ({"threads": 0}, "thread"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**31}, "seed"),
        ({"bound": -1}, "bound"),
        ({"bound": 0.5}, "floats are not exact"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        qnnt.solve(LINE, **options)


def test_unsupported_instances_say_why() -> None:
    with pytest.raises(UnsupportedError, match="too many to enumerate"):
        qnnt.solve(HARD, solver="enumeration")
    huge = d_nnt([1, 1], [[2**40]], [[1]], weights=[0, 2**30], bias=[0], activation="identity")
    with pytest.raises(UnsupportedError, match="60 bits"):
        qnnt.solve(huge, solver="cpsat")
