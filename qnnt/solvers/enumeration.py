"""Adapter: brute force as a solver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qnnt.algorithms.enumeration import MOST_SUMS, minimum, sums_needed
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Found, Limits, Report


class Enumeration:
    """Every parameter setting in turn; one thread, no lower bound before the end."""

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
        best = minimum(instance, enough, lambda parameters, _: report(Found(parameters)))
        if objective is Objective.DECIDE:
            within = best.loss is not None and instance.bound is not None and best.loss <= instance.bound
            return Answer(Status.YES if within else Status.NO, lower_bound=None if within else best.loss)
        if best.loss is None:
            return Answer(Status.INFEASIBLE)
        return Answer(Status.OPTIMAL, lower_bound=best.loss)


def _rounded(number: int) -> str:
    return str(number) if number < 10**6 else f"{number:.1e}" if number < 10**300 else "over 1e300"
