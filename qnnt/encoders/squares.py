"""Squared losses of large sums: one square per output and distinct input, with secants for relaxations.

Formula
    A value ``v + s * u``, u an integer that is 0 near the smallest loss, costs a quadratic in u over all of
    its labels: a linear form of u and its square q. For whole u, ``q >= (2j + 1) u - j (j + 1)`` holds for
    every whole j: equality at j and j + 1. These lines are the convex hull, which products alone do not give.
Source
    Values with one integer variable each, and the weighted labels of each.
Target
    A `Model`: integers u and q, a product, linears, and terms of the objective.
Size
    Per value two variables, a product, one equation, and lines for all j up to 4 and then in powers of two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from qnnt.encoders.affine import Affine
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import LARGEST, Integers
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator

CLOSE = 4
"""Lines on each side before their distances double."""


def add_squares(builder: ModelBuilder, values: Affine, labels: Sequence[Mapping[Number, int]]) -> None:
    """Add ``sum weight * (value - label)^2`` to the objective.

    Parameters
    ----------
    values
        One term per row, an integer variable or a literal.
    labels
        Per row the weight of each label; rows without any cost nothing.

    Raises
    ------
    UnsupportedError
        If numbers could need more than 60 bits.
    """
    low, high = builder.bounds_of_variables(np.abs(values.literals[:, 0]))
    for row, weights in enumerate(labels):
        if not weights:
            continue
        slope = Fraction(int(values.coefficients[row, 0]), values.denominator)
        start = Fraction(int(values.constant[row]), values.denominator)
        mean = Fraction(sum(w * label for label, w in weights.items()), sum(weights.values()))
        middle = round((mean - start) / slope) if slope else 0
        middle = min(max(middle, int(low[row])), int(high[row]))
        offset, square = _centred(builder, int(values.literals[row, 0]), middle, int(low[row]), int(high[row]))
        total = sum(weights.values())
        gaps = [(start + slope * middle - label, weight) for label, weight in weights.items()]
        terms = [
            total * slope**2,
            2 * slope * sum(gap * weight for gap, weight in gaps),
            sum((weight * gap**2 for gap, weight in gaps), start=Fraction(0)),
        ]
        denominator = common_denominator(terms)
        numerators = [int(term * denominator) for term in terms]
        if max(denominator, *map(abs, numerators)) > LARGEST:
            raise UnsupportedError("the squared loss could need more than 60 bits")
        builder.add_to_objective(np.array([square, offset]), np.array(numerators[:2], np.int64), denominator)
        builder.add_constant_to_objective(numerators[2], denominator)


def _centred(builder: ModelBuilder, variable: int, middle: int, low: int, high: int) -> tuple[int, int]:
    """``variable - middle``, and its square."""
    least, greatest = low - middle, high - middle
    reach = max(-least, greatest)
    if reach**2 > LARGEST:
        raise UnsupportedError("the squared loss could need more than 60 bits")
    (offset,) = builder.integers(np.array([least]), np.array([greatest]), "difference").tolist()
    sums, folded = builder.sums(np.array([[variable, offset]]), np.array([[1, -1]]))
    builder.equal(sums, middle - folded)
    (square,) = builder.integers(np.zeros(1, np.int64), np.array([reach**2]), "square").tolist()
    builder.products(np.array([square]), np.array([offset]), np.array([offset]))
    touched = _touched(least, greatest)
    pairs = np.broadcast_to(np.array([square, offset]), (len(touched), 2))
    lines, folded = builder.sums(pairs, np.stack([np.ones_like(touched), -(2 * touched + 1)], axis=1))
    builder.linears(lines, -touched * (touched + 1) - folded)
    return offset, square


def _touched(least: int, greatest: int) -> Integers:
    """The j of lines through j and j + 1, dense around 0."""
    found = set(range(max(least, -CLOSE), min(greatest, CLOSE)))
    step = 2 * CLOSE
    while step < max(-least, greatest):
        found |= {j for j in (-step, step) if least <= j < greatest}
        step *= 2
    return np.array(sorted(found), np.int64)
