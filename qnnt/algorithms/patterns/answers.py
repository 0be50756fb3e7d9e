"""The functions of the outputs for chosen patterns: the way from a cost back to a solution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qnnt.algorithms.patterns.problem import Judged, Problem
from qnnt.algorithms.states.vectors import Integers


def cells_of(problem: Problem, chosen: Sequence[int]) -> Integers:
    """The place on the grid of each element, once pattern `chosen[j]` is at position j."""
    cells = problem.contexts
    for position, number in zip(problem.positions, chosen, strict=True):
        cells = cells * position.values + position.patterns[number]
    return cells


def best_letters(problem: Problem, chosen: Sequence[int]) -> tuple[int, tuple[Integers, ...]]:
    """The smallest cost for chosen patterns, and for each output its letters at the elements."""
    cells = cells_of(problem, chosen)
    total = 0
    letters: list[Integers] = []
    for group in problem.groups:
        cost, found = _best_of(group, cells)
        total += cost
        letters += found
    return total, tuple(letters)


def _best_of(group: Judged, cells: Integers) -> tuple[int, list[Integers]]:
    """Depth first over the functions of the outputs, the most promising first."""
    rows = np.arange(len(cells))
    made = [np.unique(functions[:, cells], axis=0) for functions in group.functions]
    best, answer = int(group.costs.max(axis=1).sum()) + 1, [rows[:0]] * len(made)

    def go(depth: int, columns: Integers, taken: list[Integers]) -> None:
        nonlocal best, answer
        j = depth
        options = columns - group.alphabets[j] * group.strides[j] + made[j].astype(np.int64) * group.strides[j]
        bounds = group.extended[rows, options].sum(axis=1)
        for i in np.argsort(bounds, kind="stable").tolist():
            if bounds[i] >= best:
                break
            now = [*taken, made[j][i].astype(np.int64)]
            if depth + 1 < len(made):
                go(depth + 1, options[i], now)
            else:
                best, answer = int(bounds[i]), now
                break

    anything = sum(size * stride for size, stride in zip(group.alphabets, group.strides, strict=True))
    go(0, np.full(len(cells), anything), [])
    return best, answer
