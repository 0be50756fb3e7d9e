"""Values that are too large for literals: bounded integers tied to the pre-activation.

Piecewise linear activations: one literal per piece, and under it the piece's linear equation.
Polynomials: one product per power. Size per row: a variable, and two linears per piece or one
product per power.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from qnnt.activations import Activation, Polynomial, Segment
from qnnt.encoders.affine import Affine
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, LARGEST, TRUE, Integers
from qnnt.errors import UnsupportedError
from qnnt.exact import common_denominator


def piecewise_variable(
    builder: ModelBuilder,
    activation: Activation,
    inner: Integers,
    low: Integers,
    high: Integers,
    grid: int,
    what: str,
) -> Affine:
    """The value of a piecewise linear activation at ``inner / grid`` as one integer per row.

    Parameters
    ----------
    inner
        A variable per row, within low..high.
    """
    segments = list(activation.segments(int(low.min()), int(high.max()), grid))
    starts = np.array([segment.start for segment in segments[1:]], np.int64)
    edges = _piece_edges(builder, inner, starts, low, high, what)
    lines = [_line(segment) for segment in segments]
    denominator = common_denominator([n for line in lines if line for n in line])
    ends = [*starts.tolist(), int(high.max()) + 1]
    value_low = np.full(len(inner), LARGEST)
    value_high = np.full(len(inner), -LARGEST)
    scaled: list[tuple[int, int] | None] = []
    for segment, line, end in zip(segments, lines, ends, strict=True):
        if line is None:
            scaled.append(None)
            continue
        slope, offset = int(line[0] * denominator), int(line[1] * denominator)
        if abs(slope) * int(max(np.abs(low).max(), np.abs(high).max())) + abs(offset) > LARGEST:
            raise UnsupportedError(f"the value of {what} could need more than 60 bits")
        scaled.append((slope, offset))
        first, last = np.maximum(low, segment.start), np.minimum(high, end - 1)
        for k in (first, last):
            value = np.where(first <= last, slope * k + offset, value_low)
            value_low = np.minimum(value_low, value)
            value_high = np.maximum(value_high, np.where(first <= last, slope * k + offset, value_high))
    nowhere = value_low > value_high
    value_low, value_high = np.where(nowhere, 0, value_low), np.where(nowhere, 0, value_high)
    variables = builder.integers(value_low, value_high, f"{what} value")
    for j, line_scaled in enumerate(scaled):
        if line_scaled is None:
            builder.clauses(np.stack([-edges[:, j], edges[:, j + 1]], axis=1))
            continue
        inside = builder.conjunctions(np.stack([edges[:, j], -edges[:, j + 1]], axis=1), f"{what} piece")
        coefficients = np.broadcast_to(np.array([1, -line_scaled[0]]), (len(inner), 2))
        sums, folded = builder.sums(np.stack([variables, inner], axis=1), coefficients)
        builder.equal(sums, line_scaled[1] - folded, inside)
    for first, last in np.unique(np.stack([low, high], axis=1), axis=0).tolist():
        rows = np.flatnonzero((low == first) & (high == last))
        pieces = [(max(s.start, first), min(end - 1, last)) for s, end in zip(segments, ends, strict=True)]
        corners = [
            (x, line_scaled[0] * x + line_scaled[1])
            for (start, end), line_scaled in zip(pieces, scaled, strict=True)
            if line_scaled is not None and start <= end
            for x in (start, end)
        ]
        _cut_by_hull(builder, corners, inner[rows], variables[rows])
    return Affine(
        np.zeros(len(inner), np.int64),
        variables[:, None],
        np.ones((len(inner), 1), np.int64),
        value_low,
        value_high,
        denominator,
        integral=True,
    )


def _cut_by_hull(builder: ModelBuilder, corners: list[tuple[int, int]], inner: Integers, value: Integers) -> None:
    """Pairs of inner and value lie within the convex hull of the function's corners: cuts for relaxations."""
    for side in (1, -1):
        edges = pairwise(_lower_hull([(x, side * y) for x, y in corners]))
        for (x1, y1), (x2, y2) in edges:
            run, rise = x2 - x1, y2 - y1
            reach = max(abs(x) for x, _ in corners) * abs(rise) + max(abs(y) for _, y in corners) * run
            if rise and reach <= LARGEST:  # level edges are bounds of the value
                coefficients = np.broadcast_to(np.array([side * run, -rise]), (len(inner), 2))
                sums, folded = builder.sums(np.stack([value, inner], axis=1), coefficients)
                builder.cuts(sums, run * y1 - rise * x1 - folded)


def _lower_hull(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The corners of the convex hull seen from below, of points in increasing order (Andrew's monotone chain)."""
    hull: list[tuple[int, int]] = []
    for x, y in points:
        while len(hull) > 1:
            (x1, y1), (x2, y2) = hull[-2:]
            if (x2 - x1) * (y - y1) > (y2 - y1) * (x - x1):
                break
            hull.pop()
        if hull and hull[-1][0] == x:
            hull[-1] = (x, min(y, hull[-1][1]))
        else:
            hull.append((x, y))
    return hull


def _piece_edges(
    builder: ModelBuilder, inner: Integers, starts: Integers, low: Integers, high: Integers, what: str
) -> Integers:
    """Literals ``inner >= start``, between TRUE at the left end and FALSE at the right end."""
    sums, constant = builder.sums(inner[:, None], np.ones((len(inner), 1), np.int64))
    bounds = np.broadcast_to(starts, (len(inner), len(starts))) - constant[:, None]
    found = builder.at_least(sums, bounds, low, high, f"{what} at least")
    rows = len(inner)
    return np.concatenate([np.full((rows, 1), TRUE), found, np.full((rows, 1), FALSE)], axis=1)


def _line(segment: Segment) -> tuple[Fraction, Fraction] | None:
    """Slope per grid index and value at grid index 0, of a segment that has values."""
    if segment.value is None:
        return None
    return Fraction(segment.slope), Fraction(segment.value - segment.slope * segment.start)


def polynomial_powers(
    builder: ModelBuilder,
    activation: Activation,
    inner: Integers,
    low: Integers,
    high: Integers,
    grid: int,
    what: str,
) -> Affine:
    """A polynomial at ``inner / grid`` as a linear form of the powers of `inner`, by products."""
    if not isinstance(activation, Polynomial):
        raise UnsupportedError(f"a {activation.name} is too large for this encoding")
    degree = max((i for i, c in enumerate(activation.coefficients) if c), default=0)
    scale = common_denominator(activation.coefficients)
    denominator = scale * grid**degree
    factors = [int(c * scale) * grid ** (degree - i) for i, c in enumerate(activation.coefficients[: degree + 1])]
    reach = int(max(np.abs(low).max(), np.abs(high).max()))
    if denominator > LARGEST or sum(abs(f) * reach**i for i, f in enumerate(factors)) > LARGEST:
        raise UnsupportedError(f"the value of {what} could need more than 60 bits")
    powers = [inner]
    bounds = [(low, high)]
    for _ in range(degree - 1):
        corners = np.stack([a * b for a in bounds[-1] for b in (low, high)])
        bounds.append((corners.min(axis=0), corners.max(axis=0)))
        powers.append(builder.integers(*bounds[-1], f"{what} power"))
        builder.products(powers[-1], powers[-2], inner)
    powers, bounds = powers[:degree], bounds[:degree]
    value_low = np.full(len(inner), factors[0])
    value_high = np.full(len(inner), factors[0])
    for factor, (power_low, power_high) in zip(factors[1:], bounds, strict=True):
        ends = np.stack([factor * power_low, factor * power_high])
        value_low, value_high = value_low + ends.min(axis=0), value_high + ends.max(axis=0)
    rows = len(inner)
    return Affine(
        np.full(rows, factors[0]),
        np.stack(powers, axis=1) if powers else np.empty((rows, 0), np.int64),
        np.broadcast_to(np.array(factors[1:], np.int64), (rows, degree)),
        value_low,
        value_high,
        denominator,
        integral=True,
    )
