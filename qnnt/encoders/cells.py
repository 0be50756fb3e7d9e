"""Which pre-activations an encoding has to tell apart."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from itertools import pairwise

from qnnt.activations import Activation, Segment, changes
from qnnt.encoders.affine import on_grid
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.losses import Accept, Hamming, Label, Loss, Mismatch, TableLoss

Cell = tuple[int, Number | None]
"""First grid index of a cell, and its value; None: forbidden."""

MOST_POINTS = 1 << 17


def value_cells(activation: Activation, low: int, high: int, denominator: int, limit: int) -> list[Cell] | None:
    """Cells of constant value on the grid, or None if there are more than `limit`."""
    return changes(activation, low, high, denominator, limit)


def relevant_values(loss: Loss, labels: Collection[Label], position: int) -> frozenset[Number] | None:
    """The output values that the loss can tell from others; None if it measures distances."""
    wanted = {label for label in labels if label is not None}
    match loss:
        case Mismatch() | Hamming():
            return frozenset(wanted)
        case Accept(sets=sets):
            return frozenset(v for label, accepted in sets if label in wanted for v in accepted[position])
        case TableLoss(entries=entries):
            return frozenset(output for output, label, _ in entries if label in wanted)
    return None


def relevant_cells(
    activation: Activation, low: int, high: int, denominator: int, relevant: Collection[Number]
) -> list[Cell]:
    """Cells that only tell the relevant values apart; all others share one stand-in value.

    Raises
    ------
    UnsupportedError
        If a function that is not piecewise linear would need more than `MOST_POINTS` points.
    """
    other = max(relevant, default=0) + 1
    found: list[Cell] = []

    def add(start: int, value: Number | None) -> None:
        if not found or found[-1][1] != value:
            found.append((start, value))

    if not activation.piecewise_linear and high - low > MOST_POINTS:
        raise UnsupportedError(
            f"a {activation.name} over {high - low + 1} possible pre-activations is beyond this encoding"
        )
    segments = [*activation.segments(low, high, denominator), Segment(high + 1, None)]
    for segment, following in pairwise(segments):
        if segment.value is None or not segment.slope:
            listed = segment.value is None or segment.value in relevant
            add(segment.start, segment.value if listed else other)
            continue
        hits = {}
        for value in relevant:
            offset = on_grid(Fraction(value - segment.value) / segment.slope, 1)
            if offset is not None and 0 <= offset < following.start - segment.start:
                hits[segment.start + offset] = value
        position = segment.start
        for k in sorted(hits):
            if position < k:
                add(position, other)
            add(k, hits[k])
            position = k + 1
        if position < following.start:
            add(position, other)
    return found
