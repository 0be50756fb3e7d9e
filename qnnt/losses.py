"""Loss functions, exact. The loss of an instance is the weighted sum over its samples.

A label that is None is a don't care. Separable losses are sums over the unmasked outputs; `Mismatch`
and `Linf` look at the whole output vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qnnt.exact import Number, reduced

Label = Number | None


@dataclass(frozen=True, slots=True)
class Loss:
    """A function from (output vector, label vector) to exact non-negative numbers."""

    name: ClassVar[str]
    separable: ClassVar[bool] = True

    def of_output(self, position: int, output: Number, label: Number) -> Number | None:
        """One output's share, for a separable loss; None where the loss is undefined."""
        raise TypeError(f"the loss {self.name} looks at whole output vectors")

    def of_sample(self, outputs: Sequence[Number], labels: Sequence[Label]) -> Number | None:
        """The loss of one sample with weight 1; None where the loss is undefined."""
        total: Number = 0
        for position, (output, label) in enumerate(zip(outputs, labels, strict=True)):
            if label is not None:
                share = self.of_output(position, output, label)
                if share is None:
                    return None
                total += share
        return reduced(total)


@dataclass(frozen=True, slots=True)
class Mismatch(Loss):
    """1 if any unmasked output differs from its label, else 0."""

    name: ClassVar[str] = "mismatch"
    separable: ClassVar[bool] = False

    def of_sample(self, outputs: Sequence[Number], labels: Sequence[Label]) -> Number:
        return int(any(label is not None and o != label for o, label in zip(outputs, labels, strict=True)))


@dataclass(frozen=True, slots=True)
class Linf(Loss):
    """The largest |output - label| over the unmasked outputs; 0 if all are masked."""

    name: ClassVar[str] = "linf"
    separable: ClassVar[bool] = False

    def of_sample(self, outputs: Sequence[Number], labels: Sequence[Label]) -> Number:
        largest: Number = 0
        for output, label in zip(outputs, labels, strict=True):
            if label is not None:
                largest = max(largest, output - label, label - output)
        return reduced(largest)


@dataclass(frozen=True, slots=True)
class Hamming(Loss):
    """The number of unmasked outputs that differ from their labels."""

    name: ClassVar[str] = "hamming"

    def of_output(self, position: int, output: Number, label: Number) -> Number:
        return int(output != label)


@dataclass(frozen=True, slots=True)
class Absolute(Loss):
    """sum |output - label|."""

    name: ClassVar[str] = "absolute"

    def of_output(self, position: int, output: Number, label: Number) -> Number:
        return reduced(max(output - label, label - output))


@dataclass(frozen=True, slots=True)
class Squared(Loss):
    """sum (output - label)^2."""

    name: ClassVar[str] = "squared"

    def of_output(self, position: int, output: Number, label: Number) -> Number:
        return reduced((output - label) ** 2)


@dataclass(frozen=True, slots=True)
class Hinge(Loss):
    """sum max(0, margin - label * output)."""

    margin: Number
    name: ClassVar[str] = "hinge"

    def of_output(self, position: int, output: Number, label: Number) -> Number:
        gap: Number = self.margin - label * output
        return reduced(max(0, gap))


@dataclass(frozen=True, slots=True)
class Positive(Loss):
    """Per unmasked output: 0 if it equals its label, else 1 if it is positive, else 2.

    The loss of Lemma 3.5 of "On the Hardness of Training Deep Neural Networks Discretely" (AAAI 2025), which asks
    with label 1 and bound 1 whether a number is positive, and is 0 only at the label.
    """

    name: ClassVar[str] = "positive"

    def of_output(self, position: int, output: Number, label: Number) -> Number:
        if output == label:
            return 0
        return 1 if output > 0 else 2


@dataclass(frozen=True, slots=True)
class TableLoss(Loss):
    """Listed (output, label, loss) triples for a network with one output; undefined elsewhere."""

    entries: tuple[tuple[Number, Number, Number], ...]
    name: ClassVar[str] = "table"

    def of_output(self, position: int, output: Number, label: Number) -> Number | None:
        for listed_output, listed_label, loss in self.entries:
            if listed_output == output and listed_label == label:
                return loss
        return None


@dataclass(frozen=True, slots=True)
class Accept(Loss):
    """The number of unmasked outputs outside the accepted values of their label.

    `sets` holds (label, one tuple of accepted values per output).
    """

    sets: tuple[tuple[Number, tuple[tuple[Number, ...], ...]], ...]
    name: ClassVar[str] = "accept"

    def of_output(self, position: int, output: Number, label: Number) -> Number | None:
        for listed_label, accepted in self.sets:
            if listed_label == label:
                return int(output not in accepted[position])
        return None
