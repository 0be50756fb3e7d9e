"""Answers of every encoding through CP-SAT, within this process."""

from __future__ import annotations

from qnnt.errors import UnsupportedError
from qnnt.evaluation import check_parameters, evaluate
from qnnt.exact import Number
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.solvers.backends import Event, Found, Limits, Raised
from qnnt.solvers.routes import Job, run


def smallest_loss(instance: Instance, encoding: str) -> Number | None:
    """The proven optimum, by parameters that the judge confirms; None if nothing is admissible."""
    losses: list[Number] = []
    bounds: list[Number] = []

    def hear(event: Event) -> None:
        match event:
            case Found(parameters=parameters):
                check_parameters(instance, parameters)
                losses.append(evaluate(instance, parameters))
            case Raised(lower_bound=bound):
                bounds.append(bound)

    answer = run(Job(instance, Objective.MINIMIZE, "cpsat", {"encoding": encoding}, Limits(60)), hear)
    assert answer.status is (Status.OPTIMAL if losses else Status.INFEASIBLE)
    best = min(losses, default=None)
    assert best is None or max(bounds, default=0) <= best
    return best


def decided(instance: Instance, encoding: str, bound: Number) -> bool:
    """Whether the encoding finds parameters within the bound; the judge confirms a yes."""
    losses: list[Number] = []

    def hear(event: Event) -> None:
        if isinstance(event, Found):
            check_parameters(instance, event.parameters)
            losses.append(evaluate(instance, event.parameters))

    answer = run(Job(instance.derive(bound=bound), Objective.DECIDE, "cpsat", {"encoding": encoding}, Limits(60)), hear)
    assert answer.status in (Status.YES, Status.NO)
    assert (answer.status is Status.YES) == any(loss <= bound for loss in losses)
    return answer.status is Status.YES


def assert_optimum(instance: Instance, encoding: str, loss: Number | None) -> None:
    """The optimum, and the decisions around it."""
    assert smallest_loss(instance, encoding) == loss
    if loss is None:
        assert not decided(instance, encoding, 10**6)
        return
    assert decided(instance, encoding, loss)
    assert not decided(instance, encoding, loss - 1)
    assert decided(instance, encoding, loss + 10**6)


def supported_optimum(instance: Instance, encoding: str) -> Number | str | None:
    """The optimum, or "unsupported"; nothing else may happen."""
    try:
        return smallest_loss(instance, encoding)
    except UnsupportedError:
        return "unsupported"
