"""Solvers that lie about their cubes are found out; those that give up or crash leave their cubes open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from qnnt.algorithms.enumeration import minimum, setting
from qnnt.conquest.orders import Fulfil, Order, Reply
from qnnt.errors import CrashError, FalseClaimError, FalseSolutionError, UnsupportedError
from qnnt.evaluation import evaluate
from qnnt.instance import Objective, Parameters
from qnnt.result import Ending, Result, Status
from qnnt.simplification.general_form import general_form
from qnnt.solvers.stopping import Stop
from tests.conquest.brute_force import by_brute_force, conquered
from tests.solvers.small_instances import LABELS, NEVER

BEST = minimum(LABELS).parameters
"""Whose loss is 1."""
ZEROS = Parameters(dict.fromkeys(LABELS.weights, 0), dict.fromkeys(LABELS.biases, 0))
"""Known from the start, so that cubes are asked for something better."""
Lie = Callable[[Order], Reply]


def told_by(lie: Lie) -> Fulfil:
    return lambda order, _: lie(order)


def says_a_smaller_loss(order: Order) -> Reply:
    reply = by_brute_force(order)
    return reply if reply.loss is None else dataclasses.replace(reply, loss=reply.loss - 1)


def says_yes_without_a_solution(order: Order) -> Reply:
    return Reply(Status.YES)


def says_yes_above_the_bound(order: Order) -> Reply:
    worst = max((setting(order.instance, k) for k in range(30)), key=lambda p: evaluate(order.instance, p))
    return Reply(Status.YES, evaluate(order.instance, worst), None, worst)


def leaves_its_cube(order: Order) -> Reply:
    assert BEST is not None
    return Reply(Status.YES, 1, None, general_form(LABELS).project(BEST))


def leaves_its_sets(order: Order) -> Reply:
    found = by_brute_force(dataclasses.replace(order, objective=Objective.MINIMIZE)).parameters
    assert found is not None
    return Reply(Status.YES, 0, None, Parameters({**found.weights, ("x1", "h1_1"): 7}, found.biases))


def forgets_a_neuron(order: Order) -> Reply:
    return Reply(Status.YES, 0, None, Parameters({}, {}))


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (says_a_smaller_loss, "says that the loss is"),
        (says_yes_without_a_solution, "says yes to the bound"),
        (says_yes_above_the_bound, "says yes to the bound"),
        (leaves_its_cube, "outside of its cube"),
        (leaves_its_sets, "returned a wrong solution"),
        (forgets_a_neuron, "returned a wrong solution"),
    ],
)
def test_false_solutions(lie: Lie, words: str) -> None:
    with pytest.raises(FalseSolutionError, match=f"^brute-force .*{words}|^brute-force {words}"):
        conquered(LABELS, 6, objective="minimize", hint=ZEROS, fulfil=told_by(lie))


def says_infeasible(order: Order) -> Reply:
    return Reply(Status.INFEASIBLE)


def says_that_the_worst_is_optimal(order: Order) -> Reply:
    settings = [setting(order.instance, k) for k in range(0, order.instance.settings, 7)]
    worst = max(settings, key=lambda p: evaluate(order.instance, p))
    loss = evaluate(order.instance, worst)
    return Reply(Status.OPTIMAL, loss, loss, worst)


def claims_a_bound(order: Order) -> Reply:
    return Reply(Status.UNKNOWN, lower_bound=2, ending=Ending.GAVE_UP, note="tired")


@pytest.mark.parametrize("lie", [says_infeasible, says_that_the_worst_is_optimal, claims_a_bound])
def test_claims_that_a_verified_solution_refutes(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qnnt.conquest.campaign.loss_denominator", lambda _: None)
    with pytest.raises(FalseClaimError, match=r"^brute-force (excludes|claims) .* in it$"):
        conquered(LABELS, 6, objective="minimize", hint=BEST, fulfil=told_by(lie))


def test_answers_to_other_questions() -> None:
    with pytest.raises(FalseClaimError, match=r"^brute-force says infeasible, which is no answer to decide$"):
        conquered(LABELS, 6, bound=0, fulfil=told_by(says_infeasible))
    with pytest.raises(FalseClaimError, match=r"^brute-force says no, which is no answer to minimize$"):
        conquered(NEVER, 2, objective="minimize", fulfil=told_by(lambda _: Reply(Status.NO)))


def test_a_solver_that_takes_no_decisions_minimises() -> None:
    def fulfil(order: Order, stop: Stop | None) -> Reply:
        if order.objective is Objective.DECIDE:
            return Reply(Status.UNKNOWN, ending=Ending.GAVE_UP, refused="too large")
        return by_brute_force(order)

    result = conquered(LABELS, 6, objective="minimize", fulfil=fulfil)
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 1, 1)
    with pytest.raises(UnsupportedError, match=r"^too large$"):
        conquered(LABELS, 6, bound=0, fulfil=fulfil)


# --- no answer -----------------------------------------------------------------------------------


def only_some(ending: Ending, note: str, lower_bound: int | None) -> Fulfil:
    """Every second cube is answered."""
    asked: list[object] = []

    def fulfil(order: Order, stop: Stop | None) -> Reply:
        if order.cube not in asked:
            asked.append(order.cube)
        if asked.index(order.cube) % 2:
            return Reply(Status.UNKNOWN, lower_bound=lower_bound, ending=ending, note=note)
        return by_brute_force(order)

    return fulfil


def open_cubes(result: Result) -> int:
    assert result.model["open"] + result.model["refuted"] + result.model["solved"] == result.model["cubes"]
    return int(result.model["open"])


@pytest.mark.parametrize("ending", [Ending.MEMORY, Ending.GAVE_UP, Ending.CRASHED])
def test_cubes_without_an_answer_stay_open(ending: Ending) -> None:
    result = conquered(LABELS, 6, objective="minimize", hint=BEST, fulfil=only_some(ending, "why", None))
    assert (result.status, result.loss, result.lower_bound) == (Status.FEASIBLE, 1, 0)
    assert (result.ending, result.note) == (ending, "why: 3 of 6 cubes are open")
    assert (open_cubes(result), result.model["refuted"], result.model["solved"]) == (3, 2, 1)
    result = conquered(LABELS, 6, bound=0, fulfil=only_some(ending, "why", None))
    assert (result.status, result.ending, open_cubes(result)) == (Status.FEASIBLE, ending, 3)


def test_bounds_of_open_cubes_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qnnt.conquest.campaign.loss_denominator", lambda _: None)
    result = conquered(LABELS, 6, objective="minimize", hint=BEST, fulfil=only_some(Ending.MEMORY, "why", 1))
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 1, 1)
    assert open_cubes(result) == 0


def test_nothing_but_crashes_is_an_error() -> None:
    crash = told_by(lambda _: Reply(Status.UNKNOWN, ending=Ending.CRASHED, note="it died"))
    with pytest.raises(CrashError, match=r"^it died$"):
        conquered(LABELS, 6, objective="minimize", fulfil=crash)
    kept = conquered(LABELS, 6, objective="minimize", fulfil=crash, hint=BEST)
    assert (kept.status, kept.loss, kept.ending) == (Status.FEASIBLE, 1, Ending.CRASHED)


def test_floating_point_claims_are_labelled() -> None:
    def numerical(order: Order, stop: Stop | None) -> Reply:
        return dataclasses.replace(by_brute_force(order), numerical=True)

    assert conquered(LABELS, 6, objective="minimize", fulfil=numerical).numerical
    assert conquered(LABELS, 6, bound=0, fulfil=numerical).numerical
    assert not conquered(LABELS, 6, bound=1, fulfil=numerical).numerical
    assert not conquered(LABELS, 6, objective="minimize").numerical
