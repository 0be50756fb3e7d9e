"""Which letters functions can still reach once some positions are fixed, and what that costs at least."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.patterns.problem import Numbers, Words
from qnnt.algorithms.states.effort import StateLimitError
from qnnt.algorithms.states.vectors import Integers, distinct

EXACT_LETTERS = 64
"""Alphabets up to this size have their reachable letters told exactly; larger ones get a range of letters."""
MOST_WORDS = 1 << 26
"""Words of the bit sets of functions by reachable letters, for one output: half a gigabyte."""
FEW_KINDS = 4
"""Kinds of elements times bits of a cost up to which functions are sorted by what kinds cost: measured faster."""


def packed(flags: npt.NDArray[np.bool_]) -> Words:
    """Bit sets of the rows, shape (..., words)."""
    count = flags.shape[-1]
    padded = np.zeros((*flags.shape[:-1], max(1, -(-count // 64)) * 64), bool)
    padded[..., :count] = flags
    return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)


def bit_planes(numbers: Integers, planes: int) -> Words:
    """Bit k of each row of non-negative numbers, shape (rows, planes, words)."""
    shifts = np.arange(planes)[:, None]
    return packed((numbers[:, None, :] >> shifts & 1).astype(bool))


@dataclass(frozen=True)
class Reach:
    """The sets of letters that the functions of one output can reach.

    Attributes
    ----------
    costs
        Shape (sets, N): the least that each element costs with some letter of each set.
    levels
        For each number of fixed positions the number of the set for each function and cell, shape (F, cells).
    """

    costs: Integers
    levels: list[Integers]


def reach_of(functions: Numbers, grids: tuple[int, ...], costs: Integers) -> Reach:
    """The reach of functions over a grid; `costs` has shape (N, alphabet)."""
    alphabet = costs.shape[1]
    levels: list[npt.NDArray[np.integer]] = []
    for cells in grids[:-1]:
        shaped = functions.reshape(len(functions), cells, grids[-1] // cells)
        if alphabet <= EXACT_LETTERS:
            levels.append(np.bitwise_or.reduce(np.uint64(1) << shaped.astype(np.uint64), axis=2))
        else:
            levels.append(shaped.min(axis=2).astype(np.int64) * alphabet + shaped.max(axis=2))
    sets = np.unique(np.concatenate([np.unique(level) for level in levels]))
    letters = np.arange(alphabet)
    if alphabet <= EXACT_LETTERS:
        members = (sets[:, None] >> letters.astype(np.uint64) & np.uint64(1)).astype(bool)
    else:
        members = (letters >= (sets // alphabet)[:, None]) & (letters <= (sets % alphabet)[:, None])
    least = np.stack([costs[:, some].min(axis=1) for some in members])
    return Reach(least, [np.searchsorted(sets, level) for level in levels])


@dataclass(frozen=True)
class Entries:
    """The functions of one output, for each level and cell, by the sets of letters that they can reach.

    Attributes
    ----------
    counts
        Per level the number of entries of each cell.
    sets
        Shape (entries,).
    functions
        Shape (entries, words).
    """

    counts: list[Integers]
    sets: Numbers
    functions: Words


def entries_of(reach: Reach, words: int) -> Entries:
    """The entries of all levels and cells.

    Raises
    ------
    StateLimitError
        If they need too many words.
    """
    counts: list[Integers] = []
    sets: list[int] = []
    found = [np.zeros((0, words), np.uint64)]
    for level in reach.levels:
        here = []
        for column in level.T:
            present = np.unique(column)
            found.append(packed(column == present[:, None]))
            sets += present.tolist()
            here.append(len(present))
        counts.append(np.array(here, np.int64))
        _check(len(sets) * words)
    return Entries(counts, np.array(sets, np.int32), np.concatenate(found))


def no_entries(reach: Reach, words: int) -> Entries:
    """Where kinds take their place."""
    counts = [np.zeros(level.shape[1], np.int64) for level in reach.levels]
    return Entries(counts, np.zeros(0, np.int32), np.zeros((0, words), np.uint64))


@dataclass(frozen=True)
class Kinds:
    """Elements that cost the same for every letter, and the functions by what they cost.

    Attributes
    ----------
    masks
        Shape (kinds, words): the elements of each.
    functions
        Per level, shape (cells, kinds, planes, words): the functions with that bit in what an element of the
        kind costs at least.
    """

    masks: Words
    functions: list[Words]


def kinds_of(reach: Reach, planes: int, words: int) -> Kinds:
    """The kinds of elements.

    Raises
    ------
    StateLimitError
        If they need too many words.
    """
    rows, kind = distinct(reach.costs.T)
    masks = packed(kind == np.arange(len(rows))[:, None])
    found: list[Words] = []
    for level in reach.levels:
        _check(level.shape[1] * len(rows) * planes * words)
        costs = rows[:, level]  # kinds, functions, cells
        bits = costs[:, None] >> np.arange(planes)[None, :, None, None] & 1
        found.append(packed(bits.astype(bool).transpose(3, 0, 1, 2)))
    return Kinds(masks, found)


def few_kinds(reach: Reach, planes: int) -> bool:
    """Whether kinds serve better than entries."""
    return len(distinct(reach.costs.T)[0]) * planes <= FEW_KINDS


def no_kinds(reach: Reach, elements: int) -> Kinds:
    """Where entries take their place."""
    words = max(1, -(-elements // 64))
    return Kinds(np.zeros((0, words), np.uint64), [np.zeros(0, np.uint64) for _ in reach.levels])


def _check(words: int) -> None:
    if words > MOST_WORDS:
        raise StateLimitError(f"{words:.0e} words for the functions by what they can reach")
