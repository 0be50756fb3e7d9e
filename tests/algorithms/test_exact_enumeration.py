"""Enumeration in integers of any size: against the one in 64 bits, and where that one stops."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from qnnt import bit_budget
from qnnt.algorithms import enumeration
from qnnt.algorithms.enumeration import minimum
from qnnt.algorithms.exact_enumeration import Open, exact_minimum
from qnnt.array_evaluation import judge
from qnnt.documents.construction import d_nnt
from qnnt.dyadic import Dyadic, Interval
from qnnt.errors import UnsupportedError
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.solvers import enumeration as adapter
from qnnt.solvers.backends import Answer, Event, Found, Limits
from qnnt.solvers.enumeration import Enumeration

SQUARE = {"type": "polynomial", "coefficients": [0, 0, 1]}


def tower(squarings: int, weights: list[int], last: object = "identity", y: object = 1, **kwargs: Any) -> Instance:
    """3 times a weight, squared over and over."""
    neurons: dict[str, object] = {f"h{i}_1": {"activation": SQUARE} for i in range(1, squarings + 1)}
    network = {
        "layers": [1] * (squarings + 2),
        "neurons": {**neurons, "o1": {"activation": last}},
        "edges": [{"from": "x1", "to": "h1_1", "weights": weights}],
    }
    fields = {"weights": [1], "bias": [0], "loss": "absolute", **kwargs}
    return d_nnt(network, [[3]], [[y]], **fields)


def answer(instance: Instance) -> tuple[Answer, list[object]]:
    """The solver's last word, and the losses of what it found."""
    losses: list[object] = []

    def hear(event: Event) -> None:
        assert isinstance(event, Found)
        losses.append(judge(instance, event.parameters))

    asked = Objective.MINIMIZE if instance.bound is None else Objective.DECIDE
    return Enumeration().solve(instance, asked, None, Limits(), hear), losses


@pytest.mark.parametrize("block", range(4))
def test_the_same_as_in_64_bits(block: int) -> None:
    for seed in range(15):
        rng = random.Random(f"exact {block} {seed}")
        instance = random_instance(rng, most_settings=120)
        expected = minimum(instance)
        found = exact_minimum(instance)
        assert (found.parameters, found.loss, found.open) == (expected.parameters, expected.loss, None)
        if expected.loss is not None:
            bound = rng.choice([expected.loss, expected.loss + 1, Fraction(expected.loss) / 2])
            first = exact_minimum(instance, enough=bound)
            assert first.loss is not None
            assert (first.loss <= bound) == (expected.loss <= bound)


def test_improvements_are_reported() -> None:
    instance = tower(7, [-3, -2, 0, 1])
    told: list[object] = []
    exact_minimum(instance, report=lambda _, loss: told.append(loss))
    assert told == [9**128 - 1, 6**128 - 1, 1]


def test_where_62_bits_are_not_enough() -> None:
    """Losses of hundreds of bits, and the sign of their differences."""
    with pytest.raises(UnsupportedError):
        minimum(tower(8, [1, 2]))
    found, losses = answer(tower(8, [1, 2]))
    assert (found.status, found.lower_bound) == (Status.OPTIMAL, 3**256 - 1)
    assert losses == [3**256 - 1]
    assert answer(tower(8, [1, 2], margin=2**62))[0].status is Status.NO
    assert answer(tower(8, [0, 1, 2], margin=1))[0].status is Status.YES


@pytest.fixture
def few_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bit_budget, "MOST_BITS", 1000)


@pytest.mark.usefixtures("few_bits")
def test_a_decision_by_intervals() -> None:
    """The loss is not known, but certain to be above the bound; or there is a setting within it."""
    found, losses = answer(tower(200, [1, 2], margin=5))
    assert (found.status, found.reason, losses) == (Status.NO, "", [])
    found, losses = answer(tower(200, [-2, 1, 0], margin=5))
    assert (found.status, losses) == (Status.YES, [1])


@pytest.mark.usefixtures("few_bits")
def test_a_smallest_loss_that_intervals_leave_open() -> None:
    found, losses = answer(tower(200, [1, 2]))
    assert (found.status, losses) == (Status.UNKNOWN, [])
    assert found.reason == (
        "the value of neuron h10_1 could have 1624 bits: too large, the limit is 1000; intervals leave the loss open"
    )
    found, losses = answer(tower(200, [-2, 1, 0]))
    assert (found.status, found.lower_bound, losses) == (Status.OPTIMAL, 1, [1])  # all others lose more


@pytest.mark.usefixtures("few_bits")
def test_what_intervals_say_nothing_of_stays_open() -> None:
    table = {"type": "table", "values": [[0, 4]]}
    for weights, status, best in (([1, 2], Status.UNKNOWN, []), ([0, 1], Status.FEASIBLE, [3])):
        found, losses = answer(tower(200, weights, last=table))
        assert (found.status, losses) == (status, best)
        assert found.reason.endswith("intervals end at the table of neuron o1")
    assert answer(tower(200, [0, 1], last=table, y=4))[0].status is Status.OPTIMAL  # nothing is below 0
    found, _ = answer(tower(200, [0, 1], last=table, margin=2))
    assert (found.status, found.reason[:30]) == (Status.UNKNOWN, "the value of neuron h10_1 coul")


def test_undefined_settings_count_for_nothing() -> None:
    table = {"type": "table", "values": [[0, 4]]}
    found, losses = answer(tower(8, [1, 2], last=table))
    assert (found.status, losses) == (Status.INFEASIBLE, [])
    assert answer(tower(8, [0, 2], last=table))[0] == Answer(Status.OPTIMAL, lower_bound=3)


def test_a_loss_too_large_to_be_written() -> None:
    found, losses = answer(tower(14, [1]))
    assert (found.status, losses) == (Status.UNKNOWN, [])
    assert found.reason.startswith("the loss could have 25969 bits: too large, the limit is 13000")
    assert answer(tower(14, [1], margin=2**62))[0].status is Status.NO


def test_many_settings_are_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "MOST_EXACT_SUMS", 1)
    with pytest.raises(UnsupportedError, match="62 bits"):
        answer(tower(8, [1, 2]))
    assert answer(tower(8, [1]))[0].status is Status.OPTIMAL  # but for a single one
    monkeypatch.setattr(enumeration, "MOST_SUMS", 1)
    with pytest.raises(UnsupportedError):
        answer(tower(8, [1, 2]))


def test_no_samples() -> None:
    instance = d_nnt([1, 1], [], [], weights=[0, 1], bias=[0], activation=SQUARE, loss="absolute")
    assert (exact_minimum(instance).loss, exact_minimum(instance).open) == (0, None)


def test_of_what_is_left_open_the_lowest_is_kept() -> None:
    high, low, nothing = (
        Open(Interval(Dyadic(3, 900), Dyadic(1, 1000)), "high"),
        Open(Interval(Dyadic(1, 900), Dyadic(1, 2000)), "low"),
        Open(None, "nothing known"),
    )
    ranked = nothing, low, high
    for i, one in enumerate(ranked):
        for j, other in enumerate(ranked):
            assert one.reaches_below(other) == (i < j)
