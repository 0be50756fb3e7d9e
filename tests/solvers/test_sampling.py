"""Sampling: every answer is that of brute force, however few samples it begins with; and it leaves most of many out."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt
from qnnt.evaluation import evaluate
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Dataset, Instance, Objective, Parameters
from qnnt.losses import TableLoss
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.solvers import sampling
from qnnt.solvers.backends import Answer, Event, Found, Limits, Raised
from qnnt.solvers.news import News
from qnnt.solvers.sample_growth import Growth
from qnnt.solvers.sample_losses import SampleLosses
from qnnt.solvers.sampling import Sampling, pays
from tests.solvers.small_instances import LABELS, NEVER, line

ONE_BY_ONE = Growth(start=1, rate=0, least=1, half=1)
BLOCK = 10
BLOCKS = [pytest.param(block, marks=[] if block < 2 else pytest.mark.full) for block in range(100)]


def answered(
    instance: Instance,
    objective: Objective,
    growth: Growth = ONE_BY_ONE,
    hint: Parameters | None = None,
    report: Callable[[Event], None] | None = None,
    seed: int = 0,
) -> tuple[Answer, list[Event]]:
    """The answer within this process, and what was reported."""
    events: list[Event] = []
    solver = Sampling(growth)
    assert solver.unsupported(instance, objective) is None
    return solver.solve(instance, objective, hint, Limits(seed=seed), report or events.append), events


def judged(instance: Instance, events: list[Event]) -> list[Number]:
    return [qnnt.verify(instance, event.parameters) for event in events if isinstance(event, Found)]


def assert_minimum(instance: Instance, best: Number | None, **options: Any) -> Answer:
    """Each solution is better than the last, no bound is above the optimum, and at the end both meet."""
    answer, events = answered(instance, Objective.MINIMIZE, **options)
    losses = judged(instance, events)
    bounds = [event.lower_bound for event in events if isinstance(event, Raised)]
    if best is None:
        assert answer.status is Status.INFEASIBLE
        assert not losses
    else:
        assert answer.status is Status.OPTIMAL
        assert answer.lower_bound == best == losses[-1]
        assert losses == sorted(set(losses), reverse=True)
        assert max(bounds, default=0) <= best
    return answer


def assert_decision(instance: Instance, best: Number | None, bound: Number, **options: Any) -> None:
    asked = instance.derive(bound=bound)
    answer, events = answered(asked, Objective.DECIDE, **options)
    if best is not None and best <= bound:
        assert answer.status is Status.YES
        assert judged(asked, events)[-1] <= bound
    else:
        assert answer.status is Status.NO


@pytest.mark.parametrize("block", BLOCKS)
def test_agrees_with_enumeration(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one input on, one by one, also with turns that end before anything is known."""
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        monkeypatch.setattr(sampling, "FIRST_TURN", 1 if seed % 2 else 2_000)
        instance = random_instance(random.Random(f"sampling {seed}"), most_samples=7)
        best = minimum(instance).loss
        assert_minimum(instance, best, seed=seed)
        assert_decision(instance, best, 0)
        assert_decision(instance, best, instance.dataset.total_weight)
        if best:
            assert_decision(instance, best, best)
            assert_decision(instance, best, best - Fraction(1, 1000))


def test_hints_are_answers_where_nothing_is_better() -> None:
    for seed in range(10):
        instance = random_labels(3, [2, 1, 1], 7, seed)
        best = minimum(instance)
        assert best.parameters is not None
        assert_minimum(instance, best.loss, hint=best.parameters)
        assert_minimum(instance, best.loss, hint=random_parameters(random.Random(seed), instance))


@pytest.mark.parametrize("first", [0, 1, 40])
@pytest.mark.parametrize(
    "instance",
    [
        pytest.param(qnnt.d_qnnt(3, [2, 2, 1], [], []), id="no samples"),
        pytest.param(
            d_nnt([1, 1], [[0], [3]], [[1], [2]], weights=[1], bias=[-1], activation="identity", loss="absolute"),
            id="one value per set",
        ),
        pytest.param(qnnt.d_qnnt(3, [1, 1], [[0], [1]], [[None], [None]]), id="all labels masked"),
        pytest.param(
            qnnt.d_qnnt(3, [1, 2], [[0], [1], [1], [-1]], [[0, None], [None, 1], [1, 0], [0, 1]], weight=[5, 1, 7, 2]),
            id="masks and weights",
        ),
        pytest.param(qnnt.d_qnnt(2, [1, 1], [[0]] * 4 + [[1]], [[0], [1], [1], [0], [1]]), id="certain conflicts"),
        pytest.param(line(), id="rational"),
        pytest.param(line(loss="squared"), id="rational squares"),
        pytest.param(NEVER, id="never defined"),
        pytest.param(
            d_nnt(
                [1, 1],
                [[0], [1], [2]],
                [[0], [1], [None]],
                weights=[0, 1],
                bias=[0],
                activation={"type": "table", "values": [[0, 0], [1, 1]]},
            ),
            id="undefined at one input",
        ),
        pytest.param(LABELS, id="labels at random"),
    ],
)
def test_degenerate_cases(instance: Instance, first: int) -> None:
    best = minimum(instance).loss
    growth = dataclasses.replace(ONE_BY_ONE, start=first)
    assert_minimum(instance, best, growth=growth)
    for bound in (0, instance.dataset.total_weight, *([] if best is None else [best])):
        assert_decision(instance, best, bound, growth=growth)


def test_integer_coded_parameters_are_the_same_in_every_batch() -> None:
    """Sets too large for order literals become binary digits."""
    x = [[1], [2], [3], [5]]
    y = [[3 * a - 17] for [a] in x]
    weights, bias = list(range(-40, 41)), list(range(-50, 51))
    instance = d_nnt([1, 1], x, y, weights=weights, bias=bias, activation="identity", loss="absolute")
    assert_minimum(instance, 0)
    assert_decision(instance, 0, Fraction(1, 2))


def test_costs_counted_after_a_batch_without_variables_of_its_own() -> None:
    """They once took the variables of those counted before it."""
    network = {
        "inputs": ["x1", "x2"],
        "outputs": ["o"],
        "edges": [
            {"from": "x1", "to": "h1", "weights": [3]},
            {"from": "x2", "to": "h1", "weights": [3]},
            {"from": "x2", "to": "h2", "weights": [2]},
            {"from": "h1", "to": "o", "weights": [-2, 3]},
            {"from": "h2", "to": "o", "weights": [-1, 2]},
        ],
        "neurons": {"h1": {"activation": {"type": "relu_d", "d": 2}}, "h2": {}, "o": {"bias": [1]}},
    }
    x = [[-1, 2], [1, 2], [-1, 0], [1, 1], [1, -1]]
    instance = d_nnt(
        network, x, [[2], [2], [1], [1], [3]], weight=[1, 1, 1, 7, 1], bias=[0], activation="relu", loss="absolute"
    )
    best = minimum(instance).loss
    for seed in range(16):
        assert_minimum(instance, best, seed=seed)


def test_most_of_many_samples_are_left_out() -> None:
    instance = planted_labels(2, [12, 4, 1], 1000, 0)
    answer = assert_minimum(instance, 0, growth=Growth())
    assert answer.statistics["inputs_taken_in"] < 200
    result = qnnt.solve(instance, solver="sampling", threads=1)
    assert result.status is Status.OPTIMAL
    assert result.model["inputs_taken_in"] < 200


def test_a_proof_needs_no_more_samples_than_contradict_each_other() -> None:
    """Four inputs with labels out of reach exclude a bound of 2, whatever the other 60 are."""
    x = [[a, b, c] for a in range(4) for b in range(4) for c in range(4)]
    instance = d_nnt([3, 1], x, [[7]] * len(x), weights=[0, 1], bias=[0, 1], activation="threshold")
    growth = Growth(start=4, rate=0, least=2, half=1)
    assert_decision(instance, len(x), 2, growth=growth)
    answer, _ = answered(instance.derive(bound=2), Objective.DECIDE, growth)
    assert answer.status is Status.NO
    assert answer.statistics["inputs_taken_in"] == 4


def test_losses_that_may_be_negative_are_refused() -> None:
    instance = d_nnt([1, 1], [[0], [1]], [[0], [1]], weights=[0, 1], bias=[0], activation="identity")
    negative = instance.derive(loss=TableLoss(((0, 0, 0), (0, 1, -1), (1, 1, 0))))
    assert "negative" in (Sampling().unsupported(negative, Objective.MINIMIZE) or "")
    assert not pays(negative)


# --- news ----------------------------------------------------------------------------------------


class Line:
    """A way to report that brings news back."""

    def __init__(self, news: News) -> None:
        self.told = news
        self.events: list[Event] = []

    def __call__(self, message: Event) -> None:
        self.events.append(message)

    def news(self) -> News:
        return self.told


def test_what_others_know_ends_the_search() -> None:
    best = minimum(LABELS)
    assert best.loss == 1
    line_to_others = Line(News(best.parameters, 1, 1))
    answer, _ = answered(LABELS, Objective.MINIMIZE, report=line_to_others)
    assert answer.status is Status.OPTIMAL
    assert answer.lower_bound == 1
    assert answer.statistics["turns"] == 0
    assert judged(LABELS, line_to_others.events) == [1]


def test_half_of_the_news_is_used_as_well() -> None:
    best = minimum(LABELS)
    for news in (News(best.parameters, best.loss, 0), News(None, None, 1), News(None, None, Fraction(1, 3))):
        line_to_others = Line(news)
        answer, _ = answered(LABELS, Objective.MINIMIZE, report=line_to_others)
        assert answer.status is Status.OPTIMAL
        assert answer.lower_bound == 1
        assert judged(LABELS, line_to_others.events)[-1] == 1


def test_a_bound_of_others_refutes() -> None:
    answer, _ = answered(LABELS.derive(bound=0), Objective.DECIDE, report=Line(News(lower_bound=1)))
    assert answer.status is Status.NO
    assert answer.statistics["turns"] == 0


# --- parts ---------------------------------------------------------------------------------------


def test_losses_by_input_add_up() -> None:
    undefined = 0
    for seed in range(60):
        rng = random.Random(f"losses {seed}")
        instance = simplify(random_instance(rng, most_samples=7)).instance
        losses, parameters = SampleLosses(instance), random_parameters(rng, instance)
        shares = losses.of(parameters)
        assert len(shares) == len(losses) == len(losses.certain) == len(set(instance.dataset.x))
        if None in shares:
            undefined += 1
            with pytest.raises(qnnt.CertificateError):
                evaluate(instance, parameters)
            continue
        known = [share for share in shares if share is not None]
        assert sum(known) == evaluate(instance, parameters)
        assert all(certain <= share for certain, share in zip(losses.certain, known, strict=True))
    assert undefined


def test_samples_of_an_input_stay_together() -> None:
    instance = simplify(qnnt.d_qnnt(2, [1, 1], [[0], [1], [0]], [[0], [1], [1]])).instance
    losses = SampleLosses(instance)
    assert losses.samples_at([0]) == Dataset(((0,), (0,)), ((0,), (1,)), (1, 1))
    assert losses.certain == [1, 0]
    assert losses.samples_at([]) == Dataset((), (), ())


def test_growth_is_by_rate_and_takes_all_in_the_end() -> None:
    growth = Growth(start=10, rate=0.5, least=2, half=0.5)
    assert growth.first(8) == tuple(range(8))
    assert growth.first(100) == tuple(range(0, 100, 10))
    outside = list(range(10, 100))
    assert growth.next(10, outside, outside) == (10, 11, 12, 13, 14)
    assert growth.next(10, [], outside) == ()
    assert growth.next(40, outside[30:], outside[30:]) == tuple(outside[30:])


def test_where_it_pays() -> None:
    assert pays(planted_labels(2, [12, 4, 1], 500, 0))
    assert not pays(planted_labels(2, [3, 2, 1], 500, 0))  # 8 distinct inputs
