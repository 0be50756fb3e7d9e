"""Distinct rows of integer matrices: states are numbered, and equal states found, by mixed radix keys.

A row becomes one 64-bit key: the columns are digits, each as wide as its range. Where 62 bits do not
suffice the key so far is replaced by its rank among the keys that occur, so every key is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32] | npt.NDArray[np.int64]
"""Row numbers."""
Matrix = npt.NDArray[np.signedinteger]
"""Vectors as rows; narrow integers where they suffice."""

LARGEST_KEY = 2**62
LARGEST_DIGIT = 2**31
WIDE = 4096
"""Bits of a row above which rows are compared byte by byte, instead of key by key."""
DENSE = 1 << 16
"""Keys below this, or below four times the number of rows, are looked up in a table instead of sorted."""


def narrow(largest: int) -> type[np.signedinteger]:
    """The narrowest integer type for sums and differences of numbers of at most this magnitude."""
    return np.int16 if largest < 2**13 else np.int32 if largest < 2**29 else np.int64


def joint_keys(columns: Iterable[tuple[npt.NDArray[np.signedinteger], int]]) -> tuple[Integers, int]:
    """One key per row for columns of digits.

    Parameters
    ----------
    columns
        Arrays of one length with digits 0..size - 1, each with its size; at least one.

    Returns
    -------
    tuple
        The keys, and a number above all of them. Equal rows have equal keys, others have not.
    """
    key: Integers | None = None
    largest = 1
    for column, size in columns:
        if key is None:
            key, largest = column.astype(np.int64), size
            continue
        if largest * size > LARGEST_KEY:
            kept, key = np.unique(key, return_inverse=True)
            largest = len(kept)
        key = key * size
        key += column
        largest *= size
    if key is None:
        raise ValueError("no columns")
    return key, max(largest, 1)


def row_keys(rows: Matrix, owner: Integers | None = None, owners: int = 1) -> tuple[Integers, int]:
    """As `joint_keys`, for the rows of a matrix, preceded by the number 0..owners - 1 of what owns each."""
    key = np.zeros(len(rows), np.int64) if owner is None else owner
    largest = max(owners, 1)
    low = int(rows.min(initial=0))
    size = int(rows.max(initial=0)) - low + 1  # one range for all columns: finding each one's takes longer
    if size > LARGEST_DIGIT:
        values, rank = np.unique(rows, return_inverse=True)
        rows, low, size = rank.reshape(rows.shape), 0, len(values)
    columns = rows.shape[1] if size > 1 else 0
    if columns * math.log2(max(size, 2)) > WIDE:
        rank = _byte_ranks(rows)
        return joint_keys([(key, largest), (rank, int(rank.max(initial=0)) + 1)])
    done = 0
    while done < columns:
        fitting = _digits(size, largest)
        if not fitting:
            kept, key = np.unique(key, return_inverse=True)
            largest = len(kept)
            fitting = _digits(size, largest)
        some = rows[:, done : min(columns, done + fitting)]
        scale = size ** np.arange(some.shape[1], dtype=np.int64)
        key = key * size ** some.shape[1] + (some @ scale - low * int(scale.sum()))
        largest *= size ** some.shape[1]
        done += some.shape[1]
    return key, largest


def _byte_ranks(rows: Matrix) -> Integers:
    """Rows by the order of their bytes: equal rows have equal numbers."""
    whole = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    rank: Integers = np.unique(whole, return_inverse=True)[1]
    return rank


def _digits(size: int, largest: int) -> int:
    """How many more digits of this size a key has room for."""
    return int(math.log2(LARGEST_KEY // largest) / math.log2(size)) if largest < LARGEST_KEY else 0


def first_of_each(keys: Integers, largest: int) -> Integers:
    """The first row with each distinct key, in increasing order of key."""
    if largest <= max(DENSE, 4 * len(keys)):
        place = np.full(largest, -1, np.int64)
        place[keys[::-1]] = np.arange(len(keys) - 1, -1, -1)  # of equal keys the last assignment stays
        return place[place >= 0]
    return np.unique(keys, return_index=True)[1]


def ranks(keys: Integers, largest: int) -> tuple[Integers, Integers]:
    """The first row with each distinct key, and for every row the rank of its key."""
    if largest <= max(DENSE, 4 * len(keys)):
        first = first_of_each(keys, largest)
        rank = np.empty(largest, np.int64)
        rank[keys[first]] = np.arange(len(first))
        return first, rank[keys]
    _, first, rank = np.unique(keys, return_index=True, return_inverse=True)
    return first, rank


def distinct(rows: Matrix) -> tuple[Matrix, Integers]:
    """The distinct rows, and for every row its number among them."""
    first, rank = ranks(*row_keys(rows))
    return rows[first], rank


def expanded(counts: Integers) -> tuple[Integers, Integers]:
    """For groups of the given sizes, laid out one after another: each place's group, and its number in there."""
    group = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return group, np.arange(len(group)) - starts[group]


def grouped(owner: Integers, owners: int) -> tuple[Integers, Integers]:
    """Starts and sizes of the runs of each owner in a sorted array."""
    sizes = np.bincount(owner, minlength=owners)
    return np.cumsum(sizes) - sizes, sizes


def portions(counts: Integers, most: int) -> list[slice]:
    """Consecutive runs of rows of which each has at most so many successors, or is one row; at least one run.

    Parameters
    ----------
    counts
        Successors of each row.
    """
    ends = np.cumsum(counts)
    found: list[slice] = []
    first = 0
    while first < len(counts):
        done = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + most, side="right")))
        found.append(slice(first, last))
        first = last
    return found or [slice(0, 0)]
