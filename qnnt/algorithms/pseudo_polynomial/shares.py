"""What one label costs at one output: the losses as functions of a single value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Linf, Loss, Mismatch, Positive, Squared, TableLoss


@dataclass(frozen=True)
class Share:
    """What one output costs at one input, by its value; all labels with their weights.

    For the losses that look at several outputs together it is what this output alone would cost, a lower
    bound on what all do.
    """

    loss: Loss
    output: int
    labels: tuple[tuple[Number, int], ...]

    def of(self, value: Number) -> Number | None:
        """The cost of a value; None where the loss is undefined."""
        total = Fraction(0)
        for label, weight in self.labels:
            share = self._of_label(value, label)
            if share is None:
                return None
            total += weight * share
        return reduced(total)

    def _of_label(self, value: Number, label: Number) -> Number | None:
        if isinstance(self.loss, Mismatch):
            return int(value != label)
        if isinstance(self.loss, Linf):
            return max(value - label, label - value)
        return self.loss.of_output(self.output, value, label)

    @property
    def distances(self) -> bool:
        """Whether a label costs the distance to it."""
        return isinstance(self.loss, Absolute | Linf)

    @property
    def squares(self) -> bool:
        """Whether a label costs the squared distance to it."""
        return isinstance(self.loss, Squared)

    @property
    def margin(self) -> Number | None:
        """The margin of a hinge loss."""
        return self.loss.margin if isinstance(self.loss, Hinge) else None

    @property
    def special(self) -> frozenset[Number]:
        """Values between which the cost is the same, for losses that only tell some values apart.

        Raises
        ------
        UnsupportedError
            If the loss is none of the known ones.
        """
        return frozenset(value for label, _ in self.labels for value in self._special(label))

    def _special(self, label: Number) -> Iterable[Number]:
        if isinstance(self.loss, Mismatch | Hamming):
            return (label,)
        if isinstance(self.loss, Positive):
            return (label, 0)
        if isinstance(self.loss, Accept):
            return [value for known, sets in self.loss.sets if known == label for value in sets[self.output]]
        if isinstance(self.loss, TableLoss):
            return [value for value, known, _ in self.loss.entries if known == label]
        raise UnsupportedError(f"the loss {self.loss.name} is unknown here")
