"""The patterns of a neuron that reads inputs only, whatever the size of its numbers.

A *pattern* is the vector of a neuron's values at the p distinct inputs. The pre-activation is a sum of
*pieces*: the bias, and each input's weight, contribute one of a few vectors each. Partial sums that no
completion can tell apart are one. The activation is asked at the sums that occur, never along their range.

Complexity: distinct partial sums times values per piece, at most the product of the set sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from qnnt.activations import Activation
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.neuron_sums import Sums, Target, add_pieces, start
from qnnt.algorithms.states.vectors import Integers, Matrix, first_of_each, narrow, row_keys
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator, reduced

LARGEST = 2**60


@dataclass(frozen=True)
class Piece:
    """A summand of a pre-activation: one of the allowed values times a known vector.

    Attributes
    ----------
    column
        Length p: the input's values; ones for a bias.
    """

    allowed: tuple[Number, ...]
    column: tuple[Number, ...]

    @property
    def denominator(self) -> int:
        """Of all products."""
        return common_denominator([value * x for value in self.allowed for x in set(self.column)])

    def choices(self, denominator: int, where: str) -> Integers:
        """Shape (values, p): what each value contributes, as numerators.

        Raises
        ------
        UnsupportedError
            If a numerator needs more than 60 bits.
        """
        rows = [[int(value * x * denominator) for x in self.column] for value in self.allowed]
        if max((abs(number) for row in rows for number in row), default=0) > LARGEST:
            raise UnsupportedError(f"the products at {where} could need more than 60 bits")
        return np.array(rows, np.int64).reshape(len(self.allowed), len(self.column))


@dataclass(frozen=True)
class NeuronPatterns:
    """All patterns of one neuron, and the way back to parameters.

    Attributes
    ----------
    patterns
        Shape (K, p), distinct: numerators over `denominator`; none if the activation is never defined.
    last
        Shape (K,): for each pattern one sum that gives it, by its number after the last piece.
    steps
        Per piece, for each of its sums the number of the sum before it, and of the piece's value.
    """

    activation: Activation
    patterns: Integers
    denominator: int
    pieces: tuple[Piece, ...]
    last: Integers
    steps: tuple[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]], ...]

    def values_of(self, pattern: int) -> list[Number]:
        """One value per piece that together give the pattern."""
        row = int(self.last[pattern])
        values: list[Number] = []
        for piece, (parent, choice) in zip(reversed(self.pieces), reversed(self.steps), strict=True):
            values.append(piece.allowed[int(choice[row])])
            row = int(parent[row])
        return values[::-1]

    def made_by(self, values: Sequence[Number]) -> tuple[Number, ...]:
        """The pattern, in exact numbers, that one value per piece gives.

        Raises
        ------
        ValueError
            Where the activation is undefined.
        """
        columns = zip(*(piece.column for piece in self.pieces), strict=True)
        found = []
        for column in columns:
            image = self.activation.value(reduced(sum(value * x for value, x in zip(values, column, strict=True))))
            if image is None:
                raise ValueError("the activation is undefined there")
            found.append(image)
        return tuple(found)


def neuron_patterns(activation: Activation, pieces: Sequence[Piece], effort: Effort, where: str) -> NeuronPatterns:
    """The patterns of the activation over all sums of the pieces, of which there is at least one.

    Raises
    ------
    UnsupportedError
        If sums or values could need more than 60 bits.
    StateLimitError
        If there are more partial sums than `effort` allows.
    """
    unit = common_denominator([Fraction(1, piece.denominator) for piece in pieces])
    choices = [piece.choices(unit, where) for piece in pieces]
    reach = sum(int(np.abs(some).max(initial=0)) for some in choices)
    if reach > LARGEST:
        raise UnsupportedError(f"the pre-activations of {where} could need more than 60 bits")
    kind = narrow(reach)
    steps = add_pieces(
        start(len(pieces[0].column), kind),
        1,
        [some.astype(kind) for some in choices],
        _alike(activation, choices, unit),
        effort,
        where,
    )
    values, defined, denominator = _activated(activation, steps[-1].sums, unit, where)
    usable = np.flatnonzero(defined)
    kept = first_of_each(*row_keys(values[usable]))
    return NeuronPatterns(
        activation,
        values[usable[kept]],
        denominator,
        tuple(pieces),
        usable[kept],
        tuple(_way_back(step) for step in steps),
    )


def _way_back(step: Sums) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    return step.parent.astype(np.int32), step.choice.astype(np.int32)


def _alike(activation: Activation, choices: Sequence[Integers], unit: int) -> Target:
    """Which sums need not be told apart: those in the flat ends of the activation."""
    p = choices[0].shape[1]
    least = sum((some.min(axis=0) for some in choices), np.zeros(p, np.int64))
    greatest = sum((some.max(axis=0) for some in choices), np.zeros(p, np.int64))
    if not p or not activation.piecewise_linear:
        return Target(least, greatest)
    low, high = int(least.min()), int(greatest.max())
    segments = list(activation.segments(low, high, unit))
    starts = np.array([segment.start for segment in segments], np.int64)
    ends = np.append(starts[1:] - 1, high)
    flat = np.array([not segment.slope for segment in segments])
    first = np.searchsorted(starts, least, side="right") - 1
    last = np.searchsorted(starts, greatest, side="right") - 1
    return Target(
        np.where(flat[first], np.minimum(ends[first], greatest), least),
        np.where(flat[last], np.maximum(starts[last], least), greatest),
    )


def _activated(
    activation: Activation, sums: Matrix, unit: int, where: str
) -> tuple[Integers, npt.NDArray[np.bool_], int]:
    """Numerators of the values, which rows are defined everywhere, and the denominator."""
    distinct, index = np.unique(sums, return_inverse=True)
    images = [activation.value(k if unit == 1 else reduced(Fraction(k, unit))) for k in distinct.tolist()]
    denominator = common_denominator([image for image in images if image is not None])
    numerators = [0 if image is None else int(image * denominator) for image in images]
    if max(map(abs, numerators), default=0) > LARGEST:
        raise UnsupportedError(f"the values of {where} could need more than 60 bits")
    known = np.array([image is not None for image in images], bool)
    values: Integers = np.array(numerators, np.int64)[index].reshape(sums.shape)
    defined: npt.NDArray[np.bool_] = np.all(known[index].reshape(sums.shape), axis=1)
    return values, defined, denominator
