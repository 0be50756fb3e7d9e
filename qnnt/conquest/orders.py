"""What is asked of a cube, and what comes back; the same wherever it is solved. Both can travel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qnnt.conquest.splitting import Cube
from qnnt.errors import CrashError, UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Ending, Result, Status
from qnnt.solvers.facade import solve
from qnnt.solvers.stopping import Stop


@dataclass(frozen=True)
class Terms:
    """Who solves cubes, and on what terms: the same for all.

    Attributes
    ----------
    memory_limit
        Megabytes of one solver's process, or None.
    """

    solver: str
    encoding: str | None
    memory_limit: int | None
    seed: int


@dataclass(frozen=True)
class Order:
    """One question about one cube.

    Attributes
    ----------
    instance
        The original in general form, within the cube.
    bound
        Of a decision; else None.
    time_limit
        Seconds that are left for it, or None.
    """

    cube: Cube
    instance: Instance
    objective: Objective
    bound: Number | None
    terms: Terms
    time_limit: float | None = None


@dataclass(frozen=True)
class Reply:
    """What a solver says of a cube.

    Attributes
    ----------
    parameters
        Of the order's instance; the best that were found.
    lower_bound
        On the losses in the cube; None if there is none.
    refused
        Why the solver cannot take the question; empty if it can.
    """

    status: Status
    loss: Number | None = None
    lower_bound: Number | None = None
    parameters: Parameters | None = None
    numerical: bool = False
    ending: Ending = Ending.ANSWERED
    note: str = ""
    refused: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_mb: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)


Fulfil = Callable[[Order, Stop | None], Reply]
"""How an order is carried out."""


def in_a_process_of_its_own(order: Order, stop: Stop | None) -> Reply:
    """Solve a cube by one thread, in a killable process.

    Raises
    ------
    QnntError
        What `qnnt.solve` raises, but for crashes and refusals, which are replies.
    """
    terms = order.terms
    try:
        result = solve(
            order.instance,
            solver=terms.solver,
            encoding=terms.encoding,
            objective=order.objective,
            bound=order.bound,
            time_limit=order.time_limit,
            memory_limit=terms.memory_limit,
            threads=1,
            seed=terms.seed,
            stop=stop,
        )
    except UnsupportedError as error:
        return Reply(Status.UNKNOWN, ending=Ending.GAVE_UP, refused=str(error))
    except CrashError as error:
        return Reply(Status.UNKNOWN, ending=Ending.CRASHED, note=str(error))
    return reply_of(result)


def reply_of(result: Result) -> Reply:
    """What counts of a result."""
    model: Mapping[str, Any] = result.model
    return Reply(
        status=result.status,
        loss=result.loss,
        lower_bound=result.lower_bound,
        parameters=None if result.solution is None else result.solution.parameters,
        numerical=result.numerical,
        ending=result.ending,
        note=result.note,
        seconds=result.seconds,
        peak_memory_mb=int(model.get("peak_memory_mb", 0)),
        versions=result.versions,
    )
