"""The course of a conquest: what each cube is asked, when all end, limits, processes."""

from __future__ import annotations

import threading
import time

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.conquest.crews import Here
from qnnt.conquest.orders import Order, Reply
from qnnt.errors import InputError
from qnnt.exact import Number
from qnnt.generation.families import random_labels
from qnnt.instance import Objective
from qnnt.result import Ending, Status
from qnnt.solvers.questions import Progress
from qnnt.solvers.stopping import Stop
from tests.conquest.brute_force import by_brute_force, campaign, conquered
from tests.solvers.small_instances import LABELS, NEVER

HARD = random_labels(4, [4, 4, 2], 40, 0)


def asked_by_then(hint: qnnt.Parameters | None) -> list[tuple[Objective, Number | None, Number | None]]:
    """What is asked, with the best loss of that moment."""
    best: list[Number | None] = [None if hint is None else qnnt.verify(LABELS, hint)]
    asked: list[tuple[Objective, Number | None, Number | None]] = []

    def fulfil(order: Order, stop: Stop | None) -> Reply:
        asked.append((order.objective, order.bound, best[-1]))
        reply = by_brute_force(order)
        if reply.loss is not None and (best[-1] is None or reply.loss < best[-1]):
            best.append(reply.loss)
        return reply

    conquered(LABELS, 6, objective="minimize", hint=hint, fulfil=fulfil)
    return asked


def test_each_cube_is_asked_for_something_better() -> None:
    """At first for its best, as long as nothing good is known."""
    (objective, bound, _), *asked = asked_by_then(None)
    assert (objective, bound) == (Objective.MINIMIZE, None)
    assert len(asked) >= 5
    assert all(best is not None and (one, bound) == (Objective.DECIDE, best - 1) for one, bound, best in asked)
    assert asked[-1][1] == 0
    optimum = minimum(LABELS).parameters
    assert asked_by_then(optimum) == [(Objective.DECIDE, 0, 1)] * 6


def test_without_any_solution_cubes_are_minimised() -> None:
    objectives: list[Objective] = []

    def fulfil(order: Order, stop: Stop | None) -> Reply:
        objectives.append(order.objective)
        return by_brute_force(order)

    assert conquered(NEVER, 2, objective="minimize", fulfil=fulfil).status is Status.INFEASIBLE
    assert objectives == [Objective.MINIMIZE] * 2


def test_a_hint_may_settle_it() -> None:
    optimum = minimum(LABELS).parameters
    result = conquered(LABELS, 6, bound=1, hint=optimum)
    assert (result.status, result.model["asked"], result.note) == (Status.YES, 0, "the hint settles it")
    with pytest.raises(qnnt.CertificateError):
        conquered(LABELS, 6, bound=1, hint=qnnt.Parameters({}, {}))


def test_the_first_yes_ends_all() -> None:
    """The other cube waits for that, and nothing else."""
    first = threading.Lock()

    def fulfil(order: Order, stop: Stop | None) -> Reply:
        reply = by_brute_force(order)
        if reply.status is Status.YES and first.acquire(blocking=False):
            return reply
        assert stop is not None
        while not stop.is_set():
            time.sleep(0.01)
        return Reply(Status.UNKNOWN, ending=Ending.INTERRUPTED)

    result = conquered(LABELS.derive(bound=8), 6, bound=5, crew=Here(6, fulfil))
    assert result.status is Status.YES


def test_a_stop_keeps_what_is_known() -> None:
    stop = threading.Event()

    def fulfil(order: Order, end: Stop | None) -> Reply:
        stop.set()
        assert end is not None
        assert end.is_set()
        return Reply(Status.UNKNOWN, lower_bound=1, ending=Ending.INTERRUPTED)

    result = conquered(LABELS, 6, objective="minimize", crew=Here(2, fulfil), stop=stop)
    assert (result.status, result.ending, result.lower_bound) == (Status.FEASIBLE, Ending.INTERRUPTED, 0)
    assert result.note == "interrupted: 6 of 6 cubes are open"
    assert result.solution is not None


def test_a_time_limit_gives_the_rest_to_each_cube() -> None:
    limits: list[float | None] = []

    def fulfil(order: Order, stop: Stop | None) -> Reply:
        limits.append(order.time_limit)
        return by_brute_force(order)

    one = campaign(LABELS, 6, objective="minimize", time_limit=1000)
    one.begin(None, None)
    one.run(Here(1, fulfil), None, None)
    given = [limit for limit in limits if limit is not None]
    assert len(given) == len(limits) >= 6
    assert given == sorted(given, reverse=True)
    assert given[0] <= 1000


# --- with processes ------------------------------------------------------------------------------


def test_solvers_agree_with_brute_force_in_processes_of_their_own() -> None:
    for solver in ("auto", "sat", "cpsat"):
        result = qnnt.conquer(LABELS, cubes=4, solver=solver, threads=2, objective="minimize")
        assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 1, 1)
        assert (result.solver, result.model["cubes"], result.model["open"]) == (f"cubes:{solver}", 6, 0)
        assert result.seconds["cpu"] > 0
    assert qnnt.conquer(LABELS, cubes=4, solver="sat", bound=0).status is Status.NO


def test_limits_leave_cubes_open() -> None:
    told: list[Progress] = []
    result = qnnt.conquer(HARD, cubes=3, solver="sat", time_limit=0.5, on_progress=told.append)
    assert (result.status, result.ending) == (Status.FEASIBLE, Ending.TIME)
    assert result.note == "time limit reached: 5 of 5 cubes are open"
    assert told[-1].stage == "0 of 5 cubes"
    result = qnnt.conquer(HARD, cubes=3, solver="sat", memory_limit=2, threads=1)
    assert (result.status, result.ending) == (Status.FEASIBLE, Ending.MEMORY)


def test_options_that_make_no_sense() -> None:
    with pytest.raises(InputError, match="at least one cube is needed, not 0"):
        qnnt.conquer(LABELS, cubes=0)
    with pytest.raises(InputError, match="workers of a cluster have their own"):
        qnnt.conquer(LABELS, cubes=2, cluster="tcp://127.0.0.1:1", threads=2)
    with pytest.raises(InputError, match="expected the address of a dask scheduler"):
        qnnt.conquer(LABELS, cubes=2, cluster="nowhere")
    with pytest.raises(InputError, match="unknown solver"):
        qnnt.conquer(LABELS, cubes=2, solver="nobody")
