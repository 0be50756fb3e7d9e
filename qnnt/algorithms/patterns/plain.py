"""The search without bounds, in NumPy: what the compiled one is held against.

Every choice of patterns but the last position's is walked through; for that position all patterns and all
functions are scored at once. Complexity: prefixes times functions times patterns times elements.
"""

from __future__ import annotations

from collections.abc import Iterator

from qnnt.algorithms.patterns.answers import best_letters
from qnnt.algorithms.patterns.problem import Problem


def explore_plainly(problem: Problem, first: int, last: int, limit: int) -> tuple[int, tuple[int, ...]] | None:
    """The smallest cost up to a limit and its patterns, of which the first is in first..last - 1; None without any."""
    best: tuple[int, tuple[int, ...]] | None = None
    for patterns in _choices(problem, first, last):
        cost, _ = best_letters(problem, patterns)
        if cost <= limit:
            best, limit = (cost, patterns), cost - 1
    return best


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
