"""Which way through a problem is expected to be the quickest, and whether there is room for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qnnt.algorithms.pseudo_polynomial.expectation import SAMPLE, closing_order, log2_halves, log2_peak, log2_trial
from qnnt.algorithms.pseudo_polynomial.problem import Problem, Steps
from qnnt.algorithms.pseudo_polynomial.sumsets import reason_against

METHODS = ("auto", "plain", "middle", "scan")
"""Ways: the one that is expected to be the quickest; all sums; two halves; two halves and all of their pairs."""
SMALL = 17.0
"""Logarithm of the sums, or pairs of them, up to which nothing is gained by a first solution, or by dropping more."""
TINY_HALVES = 17.0
"""Logarithm of the sums of a half up to which all pairs can be looked at within seconds."""
EASY_HALVES = 21.0
"""Logarithm of the sums of a half up to which pairs are looked for quickly."""
PAYS = 3.0
"""By how much, in logarithms, halves must be smaller than all sums to be preferred where the costs do not say all."""
MOST_TRIAL = 100_000_000
"""Sums times terms of the loss up to which there is a trial: a second."""
OPTIMISM = 0.5
"""Trials overestimate; half of the logarithm has been seen to underestimate."""


@dataclass(frozen=True)
class Plan:
    """What is going to be done.

    Attributes
    ----------
    way
        "nearest" where of all sums of two halves the one next to a target is the best; else a name of `METHODS`.
    steps
        The order for all sums.
    log2_sums
        Logarithm of the expected number of sums at once.
    log2_bound
        The same if nothing could be dropped.
    refusal
        Why it is not worth a start, or None.
    """

    way: str
    steps: Steps
    log2_sums: float
    log2_bound: float
    refusal: str | None

    @property
    def small(self) -> bool:
        """Whether there are so few sums, or pairs of them, that one quick run looks at all."""
        return (1 if self.way in ("plain", "nearest") else 2) * self.log2_bound <= SMALL

    def sizes(self, problem: Problem, engine: str) -> Mapping[str, Any]:
        """In words and numbers."""
        return {
            "method": self.way,
            "engine": engine,
            "stages": len(problem.stages),
            "steps": len(self.steps),
            "states_expected": float(f"{2 ** min(1000.0, self.log2_sums):.2g}"),
            "states_log2_bound": round(self.log2_bound, 1),
            "box_log2": round(problem.box.log2_volume, 1),
            "limbs": problem.box.limbs,
        }


def plan(problem: Problem, method: str, engine: str, log2_room: float) -> Plan:
    """Choose a way.

    Parameters
    ----------
    method
        One of `METHODS`.
    log2_room
        Logarithm of the number of sums that may be held at once.
    """
    steps = closing_order(problem)
    in_all, in_halves = log2_peak(problem, steps), log2_halves(problem)
    against = reason_against(engine, problem.box.volumes)
    nearest = Plan("nearest", steps, in_halves, in_halves, against)
    halves = Plan("scan" if method == "scan" else "middle", steps, in_halves, in_halves, against)
    if method in ("middle", "scan") or (method == "auto" and problem.terms.single and in_halves <= log2_room):
        chosen = nearest if problem.terms.single and method != "scan" else halves
        return chosen if in_halves <= log2_room else _refused(chosen, log2_room)
    if in_all <= SMALL:
        return Plan("plain", steps, in_all, in_all, against)
    if method == "auto" and in_halves <= TINY_HALVES:
        return halves
    expected = in_all
    if SAMPLE * sum(len(problem.stages[step].keys) for step in steps) * len(problem.terms.bounding) <= MOST_TRIAL:
        expected = min(in_all, log2_trial(problem, steps, problem.terms.least))
    plain = Plan("plain", steps, expected, in_all, against)
    if method == "auto" and in_halves <= log2_room:
        if in_halves <= EASY_HALVES and in_halves + PAYS < expected:
            return halves
        if expected > log2_room:
            return halves
    return plain if OPTIMISM * expected <= log2_room else _refused(plain, log2_room)


def _refused(way: Plan, log2_room: float) -> Plan:
    reason = f"about 2^{way.log2_sums:.0f} sums expected, room is for 2^{log2_room:.1f}"
    return Plan(way.way, way.steps, way.log2_sums, way.log2_bound, way.refusal or reason)
