"""Which pre-activations an encoding has to tell apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from qnnt.activations import Activation, Segment, changes
from qnnt.encoders.affine import on_grid
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.losses import Accept, Hamming, Label, Loss, Mismatch, Positive, TableLoss

Cell = tuple[int, Number | None]
"""First grid index of a cell, and its value; None: forbidden."""

MOST_POINTS = 1 << 17


@dataclass(frozen=True)
class Relevant:
    """What a loss can tell of an output value: which of a few values it is, and maybe its sign.

    Attributes
    ----------
    values
        Those that it can tell from all others.
    signed
        Whether it can also tell positive values from the rest.
    """

    values: frozenset[Number]
    signed: bool = False

    def stand_in(self, value: Number) -> Number:
        """What stands for a value and all that are taken for the same: the value itself, if it is told apart."""
        if value in self.values:
            return value
        if self.signed and value <= 0:
            return min([0, *self.values]) - 1
        return max([0, *self.values] if self.signed else self.values, default=0) + 1


def value_cells(activation: Activation, low: int, high: int, denominator: int, limit: int) -> list[Cell] | None:
    """Cells of constant value on the grid, or None if there are more than `limit`."""
    return changes(activation, low, high, denominator, limit)


def relevant_values(loss: Loss, labels: Collection[Label], position: int) -> Relevant | None:
    """What the loss can tell of the values of an output; None if it measures distances."""
    wanted = {label for label in labels if label is not None}
    match loss:
        case Mismatch() | Hamming():
            return Relevant(frozenset(wanted))
        case Positive():
            return Relevant(frozenset(wanted), signed=bool(wanted))
        case Accept(sets=sets):
            return Relevant(frozenset(v for label, accepted in sets if label in wanted for v in accepted[position]))
        case TableLoss(entries=entries):
            return Relevant(frozenset(output for output, label, _ in entries if label in wanted))
    return None


def relevant_cells(activation: Activation, low: int, high: int, denominator: int, relevant: Relevant) -> list[Cell]:
    """Cells that only tell apart what is relevant; all that is taken for the same shares one stand-in value.

    Raises
    ------
    UnsupportedError
        If a function that is not piecewise linear would need more than `MOST_POINTS` points.
    """
    found: list[Cell] = []
    if not activation.piecewise_linear and high - low > MOST_POINTS:
        raise UnsupportedError(
            f"a {activation.name} over {high - low + 1} possible pre-activations is beyond this encoding"
        )
    segments = [*activation.segments(low, high, denominator), Segment(high + 1, None)]
    for segment, following in pairwise(segments):
        for start, value in _told_apart(segment, following.start, relevant):
            if not found or found[-1][1] != value:
                found.append((start, value))
    return found


def _told_apart(segment: Segment, end: int, relevant: Relevant) -> Iterator[Cell]:
    """Where on a segment what is relevant may change, and what stands for the value from there on."""
    if segment.value is None:
        yield segment.start, None
        return
    starts = {0}
    if segment.slope:
        for value in relevant.values:
            offset = on_grid(Fraction(value - segment.value) / segment.slope, 1)
            if offset is not None:
                starts |= {offset, offset + 1}
        if relevant.signed:
            zero = Fraction(-segment.value) / segment.slope
            starts.add(floor(zero) + 1 if segment.slope > 0 else ceil(zero))
    for offset in sorted(starts):
        if 0 <= offset < end - segment.start:
            yield segment.start + offset, relevant.stand_in(segment.value + segment.slope * offset)
