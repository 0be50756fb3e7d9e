"""What has the machine code of solvers compiled beforehand: see `qnnt.compilation`."""

from __future__ import annotations

from qnnt.instance import Objective
from qnnt.solvers.backends import Event, Limits
from qnnt.solvers.instance_sets import instances_of
from qnnt.solvers.patterns import Patterns
from qnnt.solvers.registry import SOLVERS


def patterns() -> None:
    """Search the small instances on which all code of `patterns` gets compiled, in this process."""
    events: list[Event] = []
    for one in instances_of(SOLVERS["patterns"].warm_up):
        Patterns().search(one.instance, Objective.MINIMIZE, None, Limits(), events.append)
