"""Scores of setups: PAR-2, times in multiples of the yardstick's, what each adds to the virtual best solver."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from qnnt.benchmarking.report.outcomes import SHORTEST, Column, Kind, Outcomes


@dataclass(frozen=True)
class Score:
    """How a setup, or the virtual best solver, fared on some cases.

    Attributes
    ----------
    cases
        How many it was tried on: the sum of the next four.
    par2
        The mean, over those of these that it takes, of seconds if solved, else twice the time limit; None without any.
    ratio
        The geometric mean of its scores over the yardstick's, on the cases that both take; None without any.
    compared
        How many these are.
    """

    cases: int
    solved: int
    at_limit: int
    unsupported: int
    failed: int
    par2: float | None
    ratio: float | None
    compared: int


def score_of(column: Column, yardstick: Column | None) -> Score:
    """The score of what came of some cases."""
    tried = [outcome for outcome in column if outcome is not None]
    counted = Counter(outcome.kind for outcome in tried)
    scores = [outcome.score for outcome in tried if outcome.taken]
    logarithms = [] if yardstick is None else _logarithms(column, yardstick)
    return Score(
        cases=len(tried),
        solved=counted[Kind.SOLVED],
        at_limit=counted[Kind.LIMIT],
        unsupported=counted[Kind.UNSUPPORTED],
        failed=counted[Kind.FAILED],
        par2=fmean(scores) if scores else None,
        ratio=math.exp(fmean(logarithms)) if logarithms else None,
        compared=len(logarithms),
    )


def _logarithms(column: Column, yardstick: Column) -> list[float]:
    """Of the ratios, on the cases that both take."""
    return [
        math.log(max(own.score, SHORTEST) / max(other.score, SHORTEST))
        for own, other in zip(column, yardstick, strict=True)
        if own is not None and other is not None and own.taken and other.taken
    ]


@dataclass(frozen=True)
class Contribution:
    """What a setup adds to the virtual best solver.

    Attributes
    ----------
    alone_best
        Cases that it solves faster than all others.
    solved
        Cases that no other setup solves.
    par2
        Seconds by which the virtual best solver's PAR-2 would be larger without it; None without cases.
    """

    alone_best: int
    solved: int
    par2: float | None


def contribution_of(setup: str, outcomes: Outcomes) -> Contribution:
    """What the virtual best solver would lose without a setup."""
    others = outcomes.without(setup).virtual_best()
    together = outcomes.virtual_best()
    alone_best = sum(
        own is not None and own.solved and (not other.solved or own.score < other.score)
        for own, other in zip(outcomes.columns[setup], others, strict=True)
        if other is not None
    )
    with_it, without_it = score_of(together, None), score_of(others, None)
    lost = None if with_it.par2 is None or without_it.par2 is None else without_it.par2 - with_it.par2
    return Contribution(alone_best, with_it.solved - without_it.solved, lost)


def ranking(scores: Sequence[Score]) -> list[int]:
    """Positions of scores, the best first: most solved, then the smallest PAR-2."""
    last = math.inf
    return sorted(
        range(len(scores)), key=lambda i: (-scores[i].solved, last if (mean := scores[i].par2) is None else mean)
    )
