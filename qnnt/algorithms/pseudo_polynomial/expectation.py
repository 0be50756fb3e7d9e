"""How many states the ways through a problem would hold, before anything large is built."""

from __future__ import annotations

import itertools
import math

import numpy as np

from qnnt.algorithms.pseudo_polynomial.growth import Growth
from qnnt.algorithms.pseudo_polynomial.problem import Problem, Steps
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.vectors import Integers

SAMPLE = 300
"""Keys that a trial goes on with after each step."""


def log2_multisets(kinds: int, chosen: int) -> float:
    """Logarithm of the number of multisets of a size."""
    terms = (kinds + chosen, chosen + 1, kinds)
    above, *below = (math.lgamma(term) for term in terms)
    return max(0.0, above - sum(below)) / math.log(2)


class Expected:
    """Logarithm of a number that the distinct sums of some steps cannot pass, nothing dropped."""

    def __init__(self, problem: Problem) -> None:
        self._stages = problem.stages
        self._copies = [0] * len(problem.stages)
        self._multisets = 0.0
        self._spans = np.zeros(len(problem.reach))

    def add(self, stage: int) -> float:
        """With one more member of a stage."""
        kinds, copies = len(self._stages[stage].keys), self._copies[stage]
        self._multisets += log2_multisets(kinds, copies + 1) - log2_multisets(kinds, copies)
        self._copies[stage] += 1
        self._spans += self._stages[stage].spans
        return min(self._multisets, float(np.log2(self._spans + 1).sum()))


def closing_order(problem: Problem) -> Steps:
    """All steps, such that coordinates get their final digits early; within that, stages with few choices first.

    Complexity: the number of coordinates times that of stages.
    """
    touched = np.array([stage.spans > 0 for stage in problem.stages]).reshape(len(problem.stages), len(problem.reach))
    weights = np.array([stage.copies * math.log2(len(stage.keys)) for stage in problem.stages])
    left = np.ones(len(weights), bool)
    waiting, bits = touched.sum(axis=0), weights @ touched
    order: list[int] = []
    while left.any():
        nearest = int(np.where(waiting > 0, bits, np.inf).argmin())
        batch = np.flatnonzero(left & touched[:, nearest])
        left[batch] = False
        waiting = waiting - touched[batch].sum(axis=0)
        bits = bits - weights[batch] @ touched[batch]
        order += sorted(batch.tolist(), key=lambda s: (len(problem.stages[s].keys), s))
    return tuple(s for s in order for _ in range(problem.stages[s].copies))


def falling_order(problem: Problem) -> Steps:
    """All steps, those with large numbers first, which leaves the small ones for the details."""
    relative = [float((stage.spans / np.maximum(1, problem.reach)).max()) for stage in problem.stages]
    return tuple(sorted(problem.all_steps, key=lambda s: (-relative[s], s)))


def log2_peak(problem: Problem, steps: Steps) -> float:
    """Logarithm of a number that no layer of keys passes, nothing dropped."""
    expected = Expected(problem)
    return max((expected.add(stage) for stage in steps), default=0.0)


def few_enough(problem: Problem, steps: Steps, log2_room: float) -> int:
    """How many of the first steps surely have no more sums than there is room for."""
    expected = Expected(problem)
    return sum(1 for _ in itertools.takewhile(lambda stage: expected.add(stage) <= log2_room, steps))


def log2_halves(problem: Problem) -> float:
    """Logarithm of the larger of two sets that together have all steps, nothing dropped."""
    sides = Expected(problem), Expected(problem)
    sizes = [0.0, 0.0]
    for stage in largest_first(problem):
        smaller = int(sizes[1] < sizes[0])
        sizes[smaller] = sides[smaller].add(stage)
    return max(sizes)


def largest_first(problem: Problem) -> Steps:
    """All steps, those with most choices first."""
    return tuple(sorted(problem.all_steps, key=lambda s: (-len(problem.stages[s].keys), s)))


def log2_trial(problem: Problem, steps: Steps, limit: int) -> float:
    """Logarithm of the expected peak when keys that must cost more than a limit are dropped.

    Goes through all steps with a sample of the keys; how many of their sums stay tells how the whole grows.
    Sums that meet are only seen in the sample, so it rather is too much.
    """
    rng = np.random.default_rng(0)
    expected, scale, peak, most = Expected(problem), 0.0, 0.0, 0.0

    def sampled(keys: Integers, rest: Integers) -> Integers:
        nonlocal scale, peak
        keys = keys[problem.bounds(keys, rest) <= limit]
        if len(keys):
            scale = min(scale, max(0.0, most - math.log2(len(keys))))
            peak = max(peak, scale + math.log2(len(keys)))
        if len(keys) > SAMPLE:
            scale += math.log2(len(keys) / SAMPLE)
            keys = keys[np.sort(rng.choice(len(keys), SAMPLE, replace=False))]
        return keys

    growth = Growth(problem, "mixed", Effort(1 << 24), sampled)
    for stage in steps:
        most = expected.add(stage)
        growth.extend(stage)
        if not growth.size:
            break
    return peak
