"""Cubes carried out right here by brute force: no processes, and a second opinion."""

from __future__ import annotations

from qnnt.algorithms.enumeration import minimum
from qnnt.conquest.campaign import Campaign
from qnnt.conquest.crews import Crew, OneByOne
from qnnt.conquest.orders import Fulfil, Order, Reply, Terms
from qnnt.conquest.outcome import result_of
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Status
from qnnt.solvers.facade import asked_objective
from qnnt.solvers.stopping import Stop


def by_brute_force(order: Order, stop: Stop | None = None) -> Reply:
    """The truth."""
    found = minimum(order.instance)
    if order.objective is Objective.MINIMIZE:
        status = Status.INFEASIBLE if found.loss is None else Status.OPTIMAL
        return Reply(status, found.loss, found.loss, found.parameters)
    assert order.bound is not None
    if found.loss is not None and found.loss <= order.bound:
        return Reply(Status.YES, found.loss, None, found.parameters)
    return Reply(Status.NO)


def campaign(
    instance: Instance,
    cubes: int,
    *,
    objective: str | None = None,
    bound: Number | None = None,
    time_limit: float | None = None,
) -> Campaign:
    terms = Terms("brute-force", None, None, 0)
    return Campaign(instance, cubes, asked_objective(instance, objective, bound), bound, terms, time_limit)


def conquered(
    instance: Instance,
    cubes: int,
    *,
    objective: str | None = None,
    bound: Number | None = None,
    hint: Parameters | None = None,
    fulfil: Fulfil = by_brute_force,
    crew: Crew | None = None,
    stop: Stop | None = None,
) -> Result:
    """As `qnnt.conquer`, in this process."""
    one = campaign(instance, cubes, objective=objective, bound=bound)
    one.begin(hint, stop)
    one.run(crew or OneByOne(fulfil), stop, None)
    return result_of(one, {"encoding": None}, {})
