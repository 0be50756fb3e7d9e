"""Several solvers on one question: the registry's name for a race, or for lockstep."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from qnnt.result import Result
from qnnt.solvers.lockstep import Lockstep
from qnnt.solvers.names import SCHEDULES
from qnnt.solvers.race import Race
from qnnt.solvers.stopping import Stop
from qnnt.solvers.team import Team


class Portfolio:
    """How a team works together.

    Parameters
    ----------
    schedule
        ``race``: by turns of the clock; the first answer counts. ``lockstep``: equal shares of work, after which all
        wait for each other; without a time limit equal seeds give equal solutions.
    """

    def __init__(self, schedule: str = SCHEDULES[0]) -> None:
        self._schedule = schedule

    def run(self, team: Team, stop: Stop | None) -> Result:
        """The team's answer."""
        result = _SCHEDULES[self._schedule](team, stop)
        return dataclasses.replace(result, options={"schedule": self._schedule, **result.options})


_SCHEDULES: dict[str, Callable[[Team, Stop | None], Result]] = {
    "race": lambda team, stop: Race(team).run(stop),
    "lockstep": lambda team, stop: Lockstep(team).run(stop),
}
