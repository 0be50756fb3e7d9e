"""The search without bounds, in NumPy: what the compiled one is held against.

Every choice of patterns, the last position's included, is walked through; for each all functions are scored
at once. Complexity: choices times functions times elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qnnt.algorithms.patterns.answers import best_letters
from qnnt.algorithms.patterns.problem import Problem


@dataclass(frozen=True)
class Explored:
    """What a walk has found, and how long it was.

    Attributes
    ----------
    best
        The smallest cost up to the limit, and its patterns; None if there is none.
    visited
        Choices of patterns that were looked at.
    """

    best: tuple[int, tuple[int, ...]] | None
    visited: int


def explore_plainly(problem: Problem, first: int, last: int, limit: int) -> Explored:
    """Look at all choices of patterns with the first position's in first..last - 1."""
    best: tuple[int, tuple[int, ...]] | None = None
    visited = 0
    for patterns in _choices(problem, first, last):
        visited += 1
        cost, _ = best_letters(problem, patterns)
        if cost <= limit:
            best, limit = (cost, patterns), cost - 1
    return Explored(best, visited)


def _choices(problem: Problem, first: int, last: int) -> Iterator[tuple[int, ...]]:
    def go(taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        j = len(taken)
        if j == len(problem.positions):
            yield taken
            return
        position = problem.positions[j]
        start, end = (first, last) if j == 0 else (0, len(position.patterns))
        if position.like_previous:
            start = taken[-1]
        for number in range(start, end):
            yield from go((*taken, number))

    return go(())
