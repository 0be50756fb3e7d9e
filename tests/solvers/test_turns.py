"""Shares of the time, by a clock of the test's own."""

from __future__ import annotations

import pytest

from qnnt.solvers.plan import Lane
from qnnt.solvers.registry import configuration
from qnnt.solvers.turns import Turns


def lane(weight: float, **more: float) -> Lane:
    return Lane(configuration("sat", None), weight, "", **more)  # type: ignore[arg-type]


def shares(lanes: list[Lane], cores: int, rounds: int = 1200) -> list[float]:
    """The part of all rounds that each lane worked in."""
    turns = Turns(lanes, cores)
    had = [0] * len(lanes)
    for number in range(rounds):
        chosen = turns.next(range(len(lanes)), float(number))
        assert len(chosen) <= max(cores, 1)
        turns.spend(chosen, 1.0)
        for each in chosen:
            had[each] += 1
    return [count / rounds for count in had]


def test_one_core_is_shared_by_weight() -> None:
    assert shares([lane(4), lane(2), lane(1), lane(1)], 1) == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 8], abs=0.01)


def test_two_cores_leave_one_to_the_first() -> None:
    assert shares([lane(4), lane(2), lane(1), lane(1)], 2) == pytest.approx([1, 1 / 2, 1 / 4, 1 / 4], abs=0.01)


def test_nobody_waits_while_there_are_cores() -> None:
    assert shares([lane(4), lane(1)], 2) == [1, 1]
    assert shares([lane(4), lane(1, after=10_000)], 2) == [1, 1]


def test_a_head_start_comes_first_and_is_no_loan() -> None:
    lanes = [lane(1), lane(1, head_start=100)]
    turns = Turns(lanes, 1)
    first = []
    for _ in range(300):
        (chosen,) = turns.next([0, 1], 0.0)
        turns.spend([chosen], 1.0)
        first.append(chosen)
    assert first[:100] == [1] * 100
    assert first[100:].count(0) == 100


def test_who_joins_late_is_owed_nothing() -> None:
    lanes = [lane(1), lane(1, after=100)]
    turns = Turns(lanes, 1)
    chosen = []
    for number in range(200):
        (now,) = turns.next([0, 1], float(number))
        turns.spend([now], 1.0)
        chosen.append(now)
    assert chosen[:100] == [0] * 100
    assert chosen[100:].count(0) == 50


def test_the_end_of_one_lets_others_join_at_once() -> None:
    turns = Turns([lane(1), lane(1, after=1000)], 1)
    assert turns.next([0, 1], 0.0) == [0]
    assert turns.next([1], 0.5) == [1]


def test_a_lane_that_takes_all_cores_works_alone() -> None:
    lanes = [lane(1, all_cores=True), lane(1), lane(1)]
    turns = Turns(lanes, 2)
    assert turns.next([0, 1, 2], 0.0) == [0]
    turns.spend([0], 1.0)
    assert turns.next([0, 1, 2], 5.0) == [1, 2]
    assert turns.next([0], 6.0) == [0]
    assert Turns(lanes, 1).next([0], 0.0) == [0]


@pytest.mark.parametrize(("elapsed", "length"), [(0.0, 0.05), (1.0, 0.05), (10.0, 0.5), (100.0, 1.0)])
def test_turns_grow(elapsed: float, length: float) -> None:
    assert Turns.length(elapsed) == pytest.approx(length)
