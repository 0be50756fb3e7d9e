"""The best sum of a problem: a beam for a first solution, then all sums, or two halves of them.

Source
    A problem of sums of stages.
Formula
    The distinct sums F_q of the first q steps are ``F_(q-1) + C_q``. Sums that must cost more than a limit
    are dropped, whatever follows. Or two such sets grow until they have all steps between them.
Complexity
    Pseudo-polynomial: sums of n coordinates with R different values each are at most R^n, times the choices.
Reference
    On the Hardness of Training Deep Neural Networks Discretely, AAAI 2025, arXiv 2412.13057, Theorem 1.6;
    Horowitz and Sahni, Computing partitions with applications to the knapsack problem, 1974.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qnnt.algorithms.pseudo_polynomial.expectation import falling_order, few_enough, largest_first
from qnnt.algorithms.pseudo_polynomial.growth import Growth, Select, keep_all
from qnnt.algorithms.pseudo_polynomial.join import Join
from qnnt.algorithms.pseudo_polynomial.problem import Problem, Steps
from qnnt.algorithms.states.deepening import LossLimit
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.vectors import Integers

WIDTH = 1000
"""Sums that a beam keeps."""
LOG2_TAIL = 12.0
"""Logarithm of the number of sums of the last steps, which a beam leaves for a join."""


@dataclass(frozen=True)
class Solved:
    """A loss, as a numerator, and for each member of each stage the row that it takes."""

    loss: int
    choices: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Outcome:
    """The best within a limit; without any, a bound that all solutions beyond the limit keep.

    Attributes
    ----------
    excluded
        None if no solutions exist at all, as far as the cap of the losses lets one see.
    """

    solved: Solved | None
    excluded: int | None


def solved_by(problem: Problem, loss: int, rows: Sequence[tuple[int, int]]) -> Solved:
    """From pairs of a stage and a row, one per member."""
    choices: list[list[int]] = [[] for _ in problem.stages]
    for stage, row in rows:
        choices[stage].append(row)
    return Solved(loss, tuple(tuple(sorted(some)) for some in choices))


def by_beam(problem: Problem, effort: Effort, width: int = WIDTH) -> Solved | None:
    """A good solution: the most promising sums of each step, and all sums of the last few; None if they lead nowhere.

    Sums are ranked by the bound on what they lead to, then by the cost of going on halfway.
    """

    def promising(keys: Integers, rest: Integers) -> Integers:
        bounds = problem.bounds(keys, rest)
        if len(keys) > width:
            middle = problem.bounds(keys + problem.box.keys_of((rest // 2)[None, :]), np.zeros_like(rest))
            kept = np.sort(np.lexsort((middle, bounds))[:width])
            keys, bounds = keys[kept], bounds[kept]
        kept_keys: Integers = keys[bounds <= problem.terms.cap]
        return kept_keys

    steps = falling_order(problem)
    first = len(steps) - few_enough(problem, steps[::-1], LOG2_TAIL)
    beam, tail = Growth(problem, "mixed", effort, promising), Growth(problem, "mixed", effort)
    beam.extend_all(steps[:first])
    tail.extend_all(steps[first:])
    if not beam.size:
        return None
    if problem.terms.single is not None:
        return _nearest(problem, beam, tail)
    pair = Join(problem, beam.keys, tail.keys).best(problem.terms.cap)
    return solved_by(problem, pair.loss, beam.rows(pair.one) + tail.rows(pair.other)) if pair else None


def by_all_sums(problem: Problem, steps: Steps, engine: str, effort: Effort, limit: int) -> Outcome:
    """The best solution within a limit, from all sums that may lead to one."""
    losses = LossLimit(min(limit, problem.terms.cap))
    growth = Growth(problem, engine, effort, _within(problem, losses))
    growth.extend_all(steps)
    keys = growth.keys
    final = problem.losses(keys)
    kept = np.flatnonzero(losses.admits(final))
    if not len(kept):
        return Outcome(None, losses.excluded)
    place = kept[final[kept].argmin()]
    return Outcome(solved_by(problem, int(final[place]), growth.rows(keys[place])), int(final[place]))


def by_halves(problem: Problem, engine: str, effort: Effort, limit: int, most_targets: int | None = None) -> Outcome:
    """The best solution within a limit, from two sets of sums.

    Parameters
    ----------
    most_targets
        See `qnnt.algorithms.pseudo_polynomial.join.Join.best`.
    """
    losses = LossLimit(min(limit, problem.terms.cap))
    one, other = halves(problem, engine, effort, _within(problem, losses))
    pair = Join(problem, one.keys, other.keys).best(losses.limit, most_targets)
    if pair is None:
        return Outcome(None, losses.limit + 1)
    return Outcome(solved_by(problem, pair.loss, one.rows(pair.one) + other.rows(pair.other)), pair.loss)


def halves(problem: Problem, engine: str, effort: Effort, select: Select) -> tuple[Growth, Growth]:
    """Two sets of sums that have all steps between them: the smaller takes the stage with most choices that is left."""
    one, other = Growth(problem, engine, effort, select), Growth(problem, engine, effort, select)
    for stage in largest_first(problem):
        (one if one.size <= other.size else other).extend(stage)
        effort.hold(one.size + other.size, "both halves")
    return one, other


def by_nearest(problem: Problem, engine: str, effort: Effort) -> Solved:
    """The best of all solutions, where one coordinate varies and its cost is convex: of all sums the nearest ones.

    Complexity: with b bits of choices in all, about 2^(b/2) sums and a search in them.
    """
    if problem.terms.single is None:
        raise ValueError("more than one coordinate varies, or the cost is not convex")
    return _nearest(problem, *halves(problem, engine, effort, keep_all))


def _nearest(problem: Problem, one: Growth, other: Growth) -> Solved:
    """The pair whose sum is next to the cheapest digit, of two sets that are not empty."""
    if problem.terms.single is None or problem.box.limbs > 1:
        raise ValueError("more than one coordinate varies, or the cost is not convex")
    coordinate, curve, besides = problem.terms.single
    place = problem.box.places[coordinate][1]
    few, many = (one, other) if one.size <= other.size else (other, one)
    few_keys, many_keys = few.keys, many.keys
    low, high = few_keys[:, 0] // place, many_keys[:, 0] // place
    above = np.searchsorted(high, curve.best - low)
    candidates = []
    for where, pick in ((above, np.argmin), (above - 1, np.argmax)):
        inside = np.flatnonzero((where >= 0) & (where < len(high)))
        if len(inside):
            totals = low[inside] + high[where[inside]]
            best = int(pick(totals))
            candidates.append((curve.cost(int(totals[best])), int(inside[best]), int(where[inside[best]])))
    loss, a, b = min(candidates)
    return solved_by(problem, loss + besides, few.rows(few_keys[a]) + many.rows(many_keys[b]))


def _within(problem: Problem, losses: LossLimit) -> Select:
    def admitted(keys: Integers, rest: Integers) -> Integers:
        kept: Integers = keys[losses.admits(problem.bounds(keys, rest))]
        return kept

    return admitted


def by_growing_limits(
    within: Callable[[int], Outcome], lower: int, upper: int, hear_bound: Callable[[int], None]
) -> Outcome:
    """The best solution up to `upper`, by runs that drop as much as they can: the limit starts at the lower bound.

    Each run that finds nothing raises the bound; the limit moves twice as far each time.
    """
    first = limit = lower
    while lower <= upper:
        limit = min(upper, max(limit, lower))
        outcome = within(limit)
        if outcome.solved is not None or outcome.excluded is None:
            return outcome
        lower = max(outcome.excluded, limit + 1)
        hear_bound(lower)
        limit = first + 2 * (limit - first) + 1
    return Outcome(None, lower)
