"""A solution that the evaluator cannot judge, and a solver whose numbers grow too large: nothing is claimed."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

import qnnt
from qnnt import bit_budget
from qnnt.documents.construction import d_nnt
from qnnt.errors import BudgetError
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Ending, Result, Status
from qnnt.solvers import knowledge
from qnnt.solvers.backends import Answer, Found, Limits
from qnnt.solvers.entry import Entry
from qnnt.solvers.facade import chosen_configuration
from qnnt.solvers.news import News
from qnnt.solvers.outcome import accuracy
from qnnt.solvers.questions import LossQuestion, Route
from qnnt.solvers.registry import configuration
from qnnt.solvers.routes import Job
from qnnt.solvers.search import Search
from qnnt.solvers.stopping import Stop
from qnnt.solvers.usage import NO_USAGE, Usage
from qnnt.solvers.workshop import Failed, Finished

SQUARE = {"type": "polynomial", "coefficients": [0, 0, 1]}
DEEP = d_nnt(
    {"layers": [1] * 42, "edges": [{"from": "x1", "to": "h1_1", "weights": [2, 3]}]},
    [[1]], [[1]], weights=[1], bias=[0], activation=SQUARE, loss="absolute",
)  # fmt: skip
PARAMETERS = Parameters({edge: values[-1] for edge, values in DEEP.weights.items()}, dict.fromkeys(DEEP.biases, 0))


@pytest.fixture(autouse=True)
def few_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bit_budget, "MOST_BITS", 1000)


class Scripted:
    """A task that sends the given messages."""

    def __init__(self, *messages: Any) -> None:
        self._messages = deque(messages)

    def __call__(self, entry: Entry, route: Route, job: Job) -> Scripted:
        return self

    def poll(self, seconds: float) -> bool:
        return bool(self._messages)

    def receive(self) -> Any:
        return self._messages.popleft()

    def tell(self, news: News) -> None: ...

    def kill(self) -> None: ...

    def usage(self) -> Usage:
        return NO_USAGE


def searched(*messages: Any, instance: Instance = DEEP, stop: Stop | None = None) -> Result:
    question = LossQuestion(instance, None, Objective.MINIMIZE)
    search = Search(question, configuration("cpsat", None), Limits(), None, lambda _: None)
    return search.run(stop, Scripted(*messages))


def test_a_solution_that_cannot_be_judged_ends_the_search() -> None:
    result = searched(Found(PARAMETERS), Finished(Answer(Status.OPTIMAL, lower_bound=0)))
    assert (result.status, result.solution, result.ending) == (Status.UNKNOWN, None, Ending.GAVE_UP)
    assert result.note.startswith("the value of neuron h10_1 at x = (1) could have ")


def test_a_solver_beyond_its_budget_gives_up() -> None:
    error = BudgetError(77, 50, "the value of neuron h")
    result = searched(Failed(error, str(error)))
    assert (result.status, result.solution, result.ending) == (Status.UNKNOWN, None, Ending.GAVE_UP)
    assert result.note == "the value of neuron h could have 77 bits: too large, the limit is 50"


def test_a_hint_that_cannot_be_judged_is_an_error() -> None:
    with pytest.raises(BudgetError, match="neuron h10_1"):
        qnnt.solve(DEEP, hint=PARAMETERS)


class StopAfter:
    """A stop that is asked for at the given look."""

    def __init__(self, looks: int) -> None:
        self._left = looks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


SHALLOW = d_nnt([1, 1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="identity", loss="absolute")
ONES = Parameters(dict.fromkeys(SHALLOW.weights, 1), dict.fromkeys(SHALLOW.biases, 0))
OPTIMUM = Found(ONES), Finished(Answer(Status.OPTIMAL, lower_bound=0))


@pytest.mark.parametrize(
    ("looks", "loss"),
    [(0, None), (1, None), (2, 1), (3, 1), (4, 1)],  # two neurons of the zeros, the loop, two neurons of the solution
)
def test_a_search_that_is_called_off_does_not_wait_for_the_judge(
    looks: int, loss: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not if the solver had said that it is done: its solution was not judged."""
    monkeypatch.setattr(knowledge, "JUDGING", -1)
    result = searched(*OPTIMUM, instance=SHALLOW, stop=StopAfter(looks))
    assert (result.loss, result.answered, result.ending) == (loss, False, Ending.INTERRUPTED)


def test_the_judge_has_a_moment_for_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "JUDGING", 1000)
    result = searched(*OPTIMUM, instance=SHALLOW, stop=StopAfter(0))
    assert (result.status, result.loss) == (Status.OPTIMAL, 0)


def test_verify_says_so() -> None:
    with pytest.raises(BudgetError, match="neuron h10_1"):
        qnnt.verify(DEEP, PARAMETERS)


def test_accuracy_is_told_where_it_is_certain() -> None:
    assert accuracy(DEEP, PARAMETERS) == 0.0
    table = d_nnt(
        {"layers": [1] * 42, "neurons": {"o1": {"activation": {"type": "table", "values": [[0, 0]]}}}},
        [[2]], [[1]], weights=[1], bias=[0], activation=SQUARE,
    )  # fmt: skip
    assert accuracy(table, Parameters(dict.fromkeys(table.weights, 1), dict.fromkeys(table.biases, 0))) is None


def test_auto_enumerates_what_leaves_no_choice() -> None:
    rows = [[k] for k in range(300)]
    for weights, chosen in (([1], "enumeration"), ([1, 2], "portfolio")):
        edges = [{"from": "x1", "to": "h1_1", "weights": weights}]
        instance = d_nnt(
            {"layers": [1, 70, 70, 2], "edges": edges}, rows, [[0, 0]] * 300, weights=[1], bias=[0], activation="relu"
        )
        assert chosen_configuration(instance, "auto").name == chosen
