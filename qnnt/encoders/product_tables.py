"""A parameter times a step function, as order literals of the product's own values.

Formula
    With w >= v_s in order literals u_s and the cell of f in order literals g_j, the product takes the
    values p_0 < p_1 < ... and ``P_t <=> w * f >= p_t``. For each t the table of (value of w, cell of f) is
    covered by its maximal rectangles, of trues and of falses:

        s1 <= w <= s2 and j1 <= f <= j2  ->  P_t      (or not P_t)

    All maximal rectangles are all prime implicates, so that unit propagation draws every conclusion.
Size
    Per row of f one variable per product value but the least; for non-negative f two clauses per corner
    of the staircase ``w * f = p_t``, of three literals.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qnnt.encoders.affine import Steps
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, TRUE, Integers

Rectangle = tuple[int, int, int, int]
"""First and last index of the parameter's value, first and last cell."""


def table_product(
    builder: ModelBuilder, numbers: Integers, literals: Integers, steps: Steps, what: str
) -> tuple[Integers, Integers, Integers]:
    """Constants (rows,), literals and coefficients (rows, terms) of ``parameter * value``, row by row.

    Parameters
    ----------
    numbers, literals
        The parameter's values, increasing integers, and its order literals.
    steps
        The other factor; its values as integers by `Steps.levels`.
    """
    levels, _ = steps.levels()
    reachable = steps.reachable()
    first = reachable.argmax(axis=1)
    last = len(levels) - 1 - reachable[:, ::-1].argmax(axis=1)
    parts = []
    for low, high in np.unique(np.stack([first, last], axis=1), axis=0).tolist():
        rows = np.flatnonzero((first == low) & (last == high))
        cells = steps.literals[rows, low:high]
        parts.append((rows, *_alike(builder, numbers, literals, levels[low : high + 1], cells, what)))
    terms = max(part[2].shape[1] for part in parts)
    constant = np.zeros(len(first), np.int64)
    found = np.full((len(first), terms), FALSE)
    coefficients = np.zeros((len(first), terms), np.int64)
    for rows, base, made, jumps in parts:
        constant[rows] = base
        found[rows, : made.shape[1]] = made
        coefficients[rows, : made.shape[1]] = jumps
    return constant, found, coefficients


def _alike(
    builder: ModelBuilder, numbers: Integers, literals: Integers, levels: Integers, cells: Integers, what: str
) -> tuple[int, Integers, Integers]:
    """Base, literals and jumps for rows that can reach the same cells."""
    if len(levels) == 1:
        return _constant_factor(numbers, literals, int(levels[0]), len(cells))
    values = np.unique(np.multiply.outer(numbers, levels))
    rows, terms = len(cells), len(values) - 1
    made = builder.booleans(rows * terms, what).reshape(rows, terms)
    ones = np.full((rows, 1), TRUE)
    parameter = np.concatenate([ones, np.broadcast_to(literals, (rows, len(literals))), -ones], axis=1)
    factor = np.concatenate([ones, cells, -ones], axis=1)
    table = tuple(numbers.tolist()), tuple(levels.tolist())
    for t in range(terms):
        for (a, b, c, d), truth in _cover(*table, int(values[t + 1])):
            premises = [-parameter[:, a], parameter[:, b + 1], -factor[:, c], factor[:, d + 1]]
            builder.clauses(np.stack([*premises, made[:, t] if truth else -made[:, t]], axis=1))
    for one, two in pairwise(range(terms)):
        builder.clauses(np.stack([-made[:, two], made[:, one]], axis=1))
    return int(values[0]), made, np.broadcast_to(np.diff(values), made.shape)


def _constant_factor(numbers: Integers, literals: Integers, factor: int, rows: int) -> tuple[int, Integers, Integers]:
    shape = (rows, len(literals))
    return (
        factor * int(numbers[0]),
        np.broadcast_to(literals, shape),
        np.broadcast_to(factor * np.diff(numbers), shape),
    )


@lru_cache(maxsize=4096)
def _cover(numbers: tuple[int, ...], levels: tuple[int, ...], at_least: int) -> list[tuple[Rectangle, bool]]:
    """The maximal rectangles of ``number * level >= at_least``, and of its opposite."""
    reached = np.multiply.outer(np.array(numbers), np.array(levels)) >= at_least
    return [(r, True) for r in _rectangles(reached)] + [(r, False) for r in _rectangles(~reached)]


def _rectangles(table: npt.NDArray[np.bool_]) -> list[Rectangle]:
    """All rectangles of trues that no larger one contains."""
    height = len(table)
    found = []
    for top in range(height):
        inside = np.ones(table.shape[1], bool)
        for bottom in range(top, height):
            inside = inside & table[bottom]
            for left, right in _intervals(inside):
                columns = slice(left, right + 1)
                above = top > 0 and table[top - 1, columns].all()
                below = bottom + 1 < height and table[bottom + 1, columns].all()
                if not above and not below:
                    found.append((top, bottom, left, right))
    return found


def _intervals(inside: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of each run of trues."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
