"""Arrays of literals and linear forms: the operations that building a Model needs in bulk."""

from __future__ import annotations

import numpy as np

from qnnt.encoders.model import TRUE, Integers, Sums, offsets_of

NOTHING = np.int64(1 << 62)
"""Fills rows of literals at their ends; larger than every literal."""


def as_sets(literals: Integers) -> Integers:
    """Rows of literals as sets: sorted by variable, without TRUE and repetitions, filled with NOTHING."""
    rows = np.where(literals == TRUE, NOTHING, literals)
    rows = np.take_along_axis(rows, np.lexsort((rows, np.abs(rows)), axis=1), axis=1)
    rows[:, 1:][rows[:, 1:] == rows[:, :-1]] = NOTHING
    return np.take_along_axis(rows, np.argsort(np.abs(rows), axis=1, kind="stable"), axis=1)


def row_keys(rows: Integers) -> list[bytes]:
    """Each row's bytes."""
    if not rows.shape[1]:
        return [b""] * len(rows)
    blob, width = np.ascontiguousarray(rows).tobytes(), rows.shape[1] * rows.itemsize
    return [blob[start : start + width] for start in range(0, len(blob), width)]


class Growing:
    """An array that grows at its end in amortised constant time."""

    def __init__(self, start: Integers) -> None:
        self._room = start
        self._size = len(start)

    @property
    def values(self) -> Integers:
        return self._room[: self._size]

    def append(self, more: Integers) -> None:
        size = self._size + len(more)
        if size > len(self._room):
            room = np.zeros(2 * size, np.int64)
            room[: self._size] = self.values
            self._room = room
        self._room[self._size : size] = more
        self._size = size


def select(sums: Sums, rows: Integers) -> Sums:
    """The rows at these indices, or where a mask holds."""
    if rows.dtype == bool:
        rows = np.flatnonzero(rows)
    lengths = sums.lengths[rows]
    offsets = offsets_of(lengths)
    entries = np.repeat(sums.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Sums(offsets, sums.variables[entries], sums.coefficients[entries])


def flat(parts: list[Integers]) -> Integers:
    return np.concatenate([np.empty(0, np.int64), *parts])


def stacked(parts: list[Sums]) -> Sums:
    return Sums(
        offsets_of(flat([sums.lengths for sums in parts])),
        flat([sums.variables for sums in parts]),
        flat([sums.coefficients for sums in parts]),
    )


def folded(number: int, row: Integers, literals: Integers, coefficients: Integers) -> tuple[Sums, Integers]:
    """Terms as forms over distinct variables, and the constant of each row.

    A negative literal -v counts 1 - v, TRUE counts 1 and FALSE 0; equal variables are merged, zero terms
    dropped. Complexity: one sort of the terms.

    Parameters
    ----------
    number
        Of rows.
    row, literals, coefficients
        Of each term, shape (terms,), in any order; a "literal" may be an integer variable.
    """
    negative = literals < 0
    signed = np.where(negative, -coefficients, coefficients)
    variable = np.abs(literals)
    constant = np.zeros(number, np.int64)
    np.add.at(constant, row[negative], coefficients[negative])
    true = variable == 1
    np.add.at(constant, row[true], signed[true])
    row, variable, signed = row[~true], variable[~true], signed[~true]
    width = int(variable.max(initial=0)) + 1
    keys = row * width + variable
    order = np.argsort(keys, kind="stable")
    keys, total = keys[order], signed[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = keys[1:] != keys[:-1]
    if not fresh.all():
        first = np.flatnonzero(fresh)
        keys, total = keys[first], np.add.reduceat(total, first)
    if not total.all():
        keys, total = keys[total != 0], total[total != 0]
    row, variable = np.divmod(keys, width)
    return Sums(offsets_of(np.bincount(row, minlength=number)), variable, total), constant


def coprime(sums: Sums) -> tuple[Sums, Integers]:
    """Each row divided by the greatest common divisor of its coefficients, and that divisor."""
    factor = np.ones(len(sums), np.int64)
    filled = np.flatnonzero(sums.lengths)
    if len(filled):
        factor[filled] = np.gcd.reduceat(np.abs(sums.coefficients), sums.offsets[filled])
    return Sums(sums.offsets, sums.variables, sums.coefficients // np.repeat(factor, sums.lengths)), factor


def rounded_up(numbers: Integers, factor: Integers) -> Integers:
    """``ceil(numbers / factor)``: a sum that factor divides reaches a bound where its quotient reaches this."""
    up: Integers = -(-numbers // factor)
    return up


def cut_evenly(ends: Integers, size: int) -> list[int]:
    """First row of each block, and the end, so that blocks take about `size`; rows before i take ends[i] in all."""
    starts = np.searchsorted(ends, np.arange(0, ends[-1], size))
    return sorted({*starts.tolist(), len(ends) - 1})
