"""Adapter: brute force as a solver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qnnt.algorithms.enumeration import MOST_SUMS, minimum, sums_needed
from qnnt.algorithms.exact_enumeration import ExactMinimum, exact_minimum
from qnnt.errors import BudgetError, UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Found, Limits, Report

MOST_EXACT_SUMS = 10**7
"""Settings times distinct inputs times edges up to which numbers may be of any size: some ten seconds."""


class Enumeration:
    """Every parameter setting in turn; one thread, no lower bound before the end.

    In 64-bit integers, or where these are too short and the settings few in integers of any size. A single
    setting, as of an instance whose parameters are all fixed, is always one of few.
    """

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        needed = sums_needed(instance)
        if needed > MOST_SUMS:
            return (
                f"{_rounded(instance.settings)} parameter settings are too many to enumerate: "
                f"{_rounded(needed)} sums, the limit is {_rounded(MOST_SUMS)}"
            )
        return None

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        return {"sums": sums_needed(instance)}

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        enough: Number | None = 0
        if objective is Objective.DECIDE:
            enough = instance.bound

        def tell(parameters: Parameters, _: Number) -> None:
            report(Found(parameters))

        try:
            best = minimum(instance, enough, tell)
        except (UnsupportedError, BudgetError):  # too many settings were refused before: 62 bits do not suffice
            if instance.settings > 1 and sums_needed(instance) > MOST_EXACT_SUMS:
                raise
            return _exact_answer(instance, objective, exact_minimum(instance, enough, tell))
        if objective is Objective.DECIDE:
            within = best.loss is not None and instance.bound is not None and best.loss <= instance.bound
            return Answer(Status.YES if within else Status.NO, lower_bound=None if within else best.loss)
        if best.loss is None:
            return Answer(Status.INFEASIBLE)
        return Answer(Status.OPTIMAL, lower_bound=best.loss)


def _exact_answer(instance: Instance, objective: Objective, best: ExactMinimum) -> Answer:
    """Settings whose loss is not known, and may be the answer, leave the question open."""
    if objective is Objective.DECIDE and instance.bound is not None:
        if best.loss is not None and best.loss <= instance.bound:
            return Answer(Status.YES)
        reason = best.reason_against_no(instance.bound)
        return Answer(Status.UNKNOWN if reason else Status.NO, reason=reason)
    reason = best.reason_against_optimal
    if best.loss is None:
        return Answer(Status.UNKNOWN if reason else Status.INFEASIBLE, reason=reason)
    return Answer(Status.FEASIBLE, reason=reason) if reason else Answer(Status.OPTIMAL, lower_bound=best.loss)


def _rounded(number: int) -> str:
    return str(number) if number < 10**6 else f"{number:.1e}" if number < 10**300 else "over 1e300"
