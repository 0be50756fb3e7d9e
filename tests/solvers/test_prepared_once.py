"""What is prepared for an instance is prepared once, and never for another one."""

from __future__ import annotations

import pytest

import qnnt
from qnnt.errors import UnsupportedError
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.solvers.backends import Event, Found, Limits
from qnnt.solvers.prepared_once import PreparedOnce
from qnnt.solvers.registry import SOLVERS

ONE, OTHER = random_labels(3, [2, 2, 1], 9, 2), random_labels(3, [2, 2, 1], 9, 3)


def test_the_same_instance_is_prepared_once() -> None:
    asked: list[Instance] = []

    def prepare(instance: Instance) -> str | None:
        asked.append(instance)
        return None if instance is OTHER else f"number {len(asked)}"

    prepared = PreparedOnce(prepare)
    assert [prepared(ONE), prepared(ONE)] == ["number 1", "number 1"]
    assert [prepared(OTHER), prepared(OTHER)] == [None, None]
    assert prepared(ONE) == "number 3"
    assert prepared(ONE.derive()) == "number 4", "an equal instance is another one"
    assert [instance is OTHER for instance in asked] == [False, True, False, False]


def test_refusals_are_not_remembered() -> None:
    outcomes = iter([UnsupportedError("too large"), UnsupportedError("still too large"), None])

    def prepare(instance: Instance) -> int:
        outcome = next(outcomes)
        if outcome is not None:
            raise outcome
        return instance.settings

    prepared = PreparedOnce(prepare)
    for words in ("too large", "still too large"):
        with pytest.raises(UnsupportedError, match=f"^{words}$"):
            prepared(ONE)
    assert prepared(ONE) == ONE.settings


@pytest.mark.parametrize("name", ["dp-fpt", "dp-frontier", "dp-layers", "dp-pseudo", "patterns"])
def test_an_algorithm_that_is_asked_about_several_instances(name: str) -> None:
    """Each question is answered about the instance that it names, whatever was asked before."""
    solver = SOLVERS[name].create()
    nothing = qnnt.d_qnnt(3, [2, 2, 1], [], [])
    expected = {id(each): qnnt.solve(each, solver="enumeration").loss for each in (ONE, OTHER, nothing)}
    assert len(set(expected.values())) == 3
    assert solver.expected(ONE)
    assert solver.expected(nothing) == {}
    for each in (OTHER, ONE, nothing, ONE):
        assert solver.unsupported(each, Objective.MINIMIZE) is None
        events: list[Event] = []
        answer = solver.solve(each, Objective.MINIMIZE, None, Limits(), events.append)
        assert answer.status is Status.OPTIMAL
        found = [event for event in events if isinstance(event, Found)]
        assert qnnt.verify(each, found[-1].parameters) == expected[id(each)]
