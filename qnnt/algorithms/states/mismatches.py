"""Which labels a partly known network can still meet, as bit sets, and what that says of the loss.

A *class* is one distinct input with one of its (masked) label vectors, weighted. A *live set* holds
the classes that all outputs known so far have met. At one input the live classes that a single output
vector can meet together bound what can still be won; with all outputs known all live classes are met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.integer_view import LARGEST, IntegerView
from qnnt.algorithms.states.vectors import Integers, Matrix
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.losses import Label
from qnnt.simplification.samples import Labels

Words = npt.NDArray[np.uint64]
"""Live sets, one per row: class c is one bit of word c // 64."""
Flags = npt.NDArray[np.bool_]
Rows = TypeVar("Rows", Matrix, Words)

MOST_VECTORS = 256
"""Output vectors at one input up to which its masked labels are bounded exactly."""
MOST_CELLS = 1 << 24
"""Entries of an unpacked matrix of live sets made at once."""
EXACT = 2**53
"""Whole numbers below this are exact in floating point, whose matrix products are fast."""


def pack(live: Flags) -> Words:
    """Bit sets of the rows."""
    padded = np.zeros((len(live), max(1, -(-live.shape[1] // 64)) * 64), bool)
    padded[:, : live.shape[1]] = live
    return np.packbits(padded, axis=1).view(np.uint64)


def unpack(words: Words, count: int) -> Flags:
    """The rows of bit sets over `count` classes."""
    return np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, count=count).view(np.bool_)


@dataclass(frozen=True)
class Column:
    """The labels of one output, shape (C,) each.

    Attributes
    ----------
    values
        Numerators of that output's values.
    asked
        False where masked.
    possible
        False where the output has no such value.
    """

    values: Integers
    asked: Flags
    possible: Flags


@dataclass(frozen=True)
class Classes:
    """The classes of an instance, by input.

    Attributes
    ----------
    at
        Shape (C,): the distinct input of each class.
    gains
        Shape (C, G): columns are sets of classes of one input that one output vector can meet, weighted;
        None if labels exclude each other, so that each class is a set of its own.
    starts
        The first column of each input that has labels.
    """

    at: Integers
    columns: tuple[Column, ...]
    weights: Integers
    gains: Integers | None
    starts: Integers

    @property
    def count(self) -> int:
        """The number of classes."""
        return len(self.weights)

    @property
    def total(self) -> int:
        """The weight of all classes: the largest loss."""
        return int(self.weights.sum())

    @property
    def all_live(self) -> Words:
        """One live set with everything in it."""
        return pack(np.ones((1, self.count), bool))

    def met(self, output: int, patterns: Matrix) -> Words:
        """The classes that each pattern of an output meets."""
        column = self.columns[output]
        found = [
            pack((rows[:, self.at] == column.values) & column.possible | ~column.asked)
            for rows in _blocks(patterns, self.count)
        ]
        return np.concatenate(found)

    def least_loss(self, live: Words) -> Integers:
        """Per live set a loss that cannot be undercut."""
        if not self.count:
            return np.zeros(len(live), np.int64)
        width = self.count if self.gains is None else max(self.count, self.gains.shape[1])
        return np.concatenate([self.total - self._largest_gains(rows) for rows in _blocks(live, width)])

    def _largest_gains(self, live: Words) -> Integers:
        flags = unpack(live, self.count)
        if self.gains is None:
            gain = flags * self.weights
        elif self.total < EXACT:
            gain = (flags.astype(np.float64) @ self.gains.astype(np.float64)).astype(np.int64)
        else:
            gain = flags.astype(np.int64) @ self.gains
        largest: Integers = np.maximum.reduceat(gain, self.starts, axis=1).sum(axis=1)
        return largest

    def loss(self, live: Words) -> Integers:
        """Per live set the loss once all outputs are known."""
        won = [(unpack(rows, self.count) * self.weights).sum(axis=1) for rows in _blocks(live, self.count)]
        missed: Integers = self.total - np.concatenate(won)
        return missed


def _blocks(rows: Rows, width: int) -> Iterator[Rows]:
    """Blocks of rows, of moderate size once each has `width` entries; at least one block."""
    size = max(1, MOST_CELLS // max(1, width))
    for first in range(0, max(1, len(rows)), size):
        yield rows[first : first + size]


def classes_of(view: IntegerView) -> Classes:
    """The classes of a view.

    Raises
    ------
    UnsupportedError
        If the weights of the samples add up to more than 60 bits.
    """
    groups = [(i, y, weight) for i, labels in enumerate(view.labels) for y, weight in labels.items()]
    if sum(weight for _, _, weight in groups) > LARGEST:
        raise UnsupportedError("the weights of the samples could need more than 60 bits")
    columns = tuple(
        _column([y[j] for _, y, _ in groups], view.neurons[o].runs.denominator) for j, o in enumerate(view.outputs)
    )
    at = np.array([i for i, _, _ in groups], np.int64)
    weights = np.array([weight for _, _, weight in groups], np.int64)
    if not any(None in y for _, y, _ in groups):
        return Classes(at, columns, weights, None, np.unique(at, return_index=True)[1])
    gains, starts = _gains(view.labels)
    return Classes(at, columns, weights, gains, starts)


def _column(labels: list[Label], denominator: int) -> Column:
    scaled: list[Number] = [0 if label is None else label * denominator for label in labels]
    whole = [value.denominator == 1 and max(value, -value) <= LARGEST for value in scaled]
    numerators = [int(value) if fits else 0 for value, fits in zip(scaled, whole, strict=True)]
    return Column(
        np.array(numerators, np.int64), np.array([label is not None for label in labels], bool), np.array(whole, bool)
    )


def _gains(groups: tuple[dict[Labels, int], ...]) -> tuple[Integers, Integers]:
    """The weighted sets of classes that one output vector can meet, and where each input's begin."""
    count = sum(map(len, groups))
    columns: list[Integers] = []
    starts: list[int] = []
    first = 0
    for labels in groups:
        if labels:
            starts.append(len(columns))
            for members in _compatible(list(labels)):
                column = np.zeros(count, np.int64)
                for i in members:
                    column[first + i] = list(labels.values())[i]
                columns.append(column)
        first += len(labels)
    return np.stack(columns, axis=1), np.array(starts, np.int64)


def _compatible(labels: list[Labels]) -> set[tuple[int, ...]]:
    """Sets of labels that one output vector can meet; larger ones where there are too many vectors."""
    values = [sorted({label for label in column if label is not None}) for column in zip(*labels, strict=True)]
    vectors = 1
    for column in values:
        vectors *= max(1, len(column))
    if vectors > MOST_VECTORS:  # what meets a vector meets its value at the output that tells most labels apart
        j = max(range(len(values)), key=lambda j: len(values[j]))
        return {tuple(i for i, y in enumerate(labels) if y[j] in (None, value)) for value in values[j]}
    return {
        tuple(i for i, y in enumerate(labels) if all(a is None or a == b for a, b in zip(y, vector, strict=True)))
        for vector in product(*(column or [0] for column in values))
    }
