"""Solvers that are right most of the time: each has one question, or one moment, in which it lies or breaks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from qnnt.algorithms.enumeration import minimum, setting
from qnnt.evaluation import evaluate
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Found, Limits, Raised, Report
from qnnt.solvers.entry import Entry

HERE = "tests.fuzzing.sly_solvers"
SINCE = 4
"""Calls in one process that go well with one that breaks later."""
_calls: list[str] = []


class Upright:
    """Right in everything."""

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        return None

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        found = minimum(instance)
        minimise = objective is Objective.MINIMIZE
        if found.parameters is None:
            return Answer(Status.INFEASIBLE if minimise else Status.NO)
        if not minimise and (instance.bound is None or evaluate(instance, found.parameters) > instance.bound):
            return Answer(Status.NO)
        report(Found(found.parameters))
        return Answer(Status.OPTIMAL if minimise else Status.YES)


class LiesInDecisions(Upright):
    """Says no to everything."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        if objective is Objective.DECIDE:
            return Answer(Status.NO)
        return super().solve(instance, objective, hint, limits, report)


class BelievesHints(Upright):
    """A hint is the optimum."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        if hint is not None:
            report(Found(hint))
            return Answer(Status.OPTIMAL)
        return super().solve(instance, objective, hint, limits, report)


class OverstatesWhenShort(Upright):
    """With next to no time, it raises a bound that is none."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        least = minimum(instance)
        if limits.seconds is None or limits.seconds > 1 or least.loss is None:
            return super().solve(instance, objective, hint, limits, report)
        report(Raised(least.loss + 1))
        return Answer(Status.UNKNOWN)


class MissesTheBest(Upright):
    """The first parameters are the optimum, when it minimises; only decisions find better ones."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        if objective is Objective.MINIMIZE:
            report(Found(setting(instance, 0)))
            return Answer(Status.OPTIMAL)
        return super().solve(instance, objective, hint, limits, report)


class SaysInfeasible(Upright):
    """Nothing is admissible, when it minimises; only decisions find what is."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        if objective is Objective.MINIMIZE:
            return Answer(Status.INFEASIBLE)
        return super().solve(instance, objective, hint, limits, report)


class OnlyDecides(Upright):
    """Gives up when it minimises."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        if objective is Objective.MINIMIZE:
            return Answer(Status.UNKNOWN, reason="it only decides")
        return super().solve(instance, objective, hint, limits, report)


class DiesLater(Upright):
    """Ends its process after some calls in it."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        _calls.append("solve")
        if len(_calls) > SINCE:
            os._exit(0)
        return super().solve(instance, objective, hint, limits, report)


class Grows(Upright):
    """Takes more and more memory."""

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        held = []
        for _ in range(100):
            held.append(b"x" * (16 << 20))
            time.sleep(0.02)
        return super().solve(instance, objective, hint, limits, report)


SLY = {
    kind.__name__: Entry(
        kind.__name__, f"{HERE}:{kind.__name__}", "sly", preload=("tests.fuzzing.registered_sly_solvers",)
    )
    for kind in Upright.__subclasses__()
}
LIES_IN_DECISIONS = SLY["LiesInDecisions"]
BELIEVES_HINTS = SLY["BelievesHints"]
MISSES_THE_BEST = SLY["MissesTheBest"]
ONLY_DECIDES = SLY["OnlyDecides"]


def die_at_once(argument: object, send: Callable[[object], None]) -> None:
    """A job of a worker that never says a word."""
    os._exit(0)
