"""The last hidden neurons and the outputs, once all that the others do is known.

A `Problem` asks for one pattern per *position* (a hidden neuron that only final outputs read) and one
function per final output so that the loss is smallest. It speaks of *elements*: distinct inputs, or sets
of them that nothing can tell apart any more. An element has a *context*, which stands for everything
besides the positions that final outputs read. Values are replaced by *letters*, their ranks.

What an output makes of a context and of the letters of all positions is a *function*: a row of letters of
its alphabet over the *grid* of all such combinations. Each output has finitely many distinct functions,
whatever the patterns are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.vectors import Integers, Matrix

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int32]
EXACT_LETTERS = 64
"""Alphabets up to this size have their reachable letters told exactly; larger ones get a range of letters."""


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
class Position:
    """A hidden neuron whose pattern is to be chosen.

    Attributes
    ----------
    patterns
        Shape (K, N): letters, below `values`.
    like_previous
        Whether the position before is interchangeable with this one: then this one's pattern has no
        smaller number.
    """

    patterns: Matrix
    values: int
    like_previous: bool


@dataclass(frozen=True)
class Judged:
    """Final outputs that are judged together.

    Attributes
    ----------
    functions
        Per output, shape (F, grid): letters.
    gains
        Shape (N, product of alphabets): what each element wins for each vector of letters, at least 0.
    alphabets
        The number of letters of each output.
    """

    functions: tuple[Numbers, ...]
    gains: Integers
    alphabets: tuple[int, ...]

    @cached_property
    def extended(self) -> Integers:
        """Gains with a letter more per output, the last, that stands for the best one; shape (N, sizes + 1)."""
        found = self.gains.reshape(len(self.gains), *self.alphabets)
        for axis in range(1, found.ndim):
            found = np.concatenate([found, found.max(axis=axis, keepdims=True)], axis=axis)
        return found.reshape(len(self.gains), -1)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """What a letter of each output counts in a column number of `extended`."""
        sizes = [size + 1 for size in self.alphabets]
        return tuple(math.prod(sizes[j + 1 :]) for j in range(len(sizes)))

    def alone(self, output: int) -> Integers:
        """Shape (N, alphabet): the most that each element wins for a letter of one output."""
        found = self.gains.reshape(len(self.gains), *self.alphabets)
        others = tuple(axis + 1 for axis in range(len(self.alphabets)) if axis != output)
        best: Integers = found.max(axis=others) if others else found
        return best


@dataclass(frozen=True)
class Problem:
    """See the module's docstring. At least one position, one group, one element.

    Attributes
    ----------
    contexts
        Shape (N,): each element's context, below `context_count`.
    """

    positions: tuple[Position, ...]
    groups: tuple[Judged, ...]
    contexts: Integers
    context_count: int

    @cached_property
    def elements(self) -> int:
        """N."""
        return len(self.contexts)

    @cached_property
    def grids(self) -> tuple[int, ...]:
        """How many cells there can be once so many positions are fixed."""
        sizes = [self.context_count]
        for position in self.positions:
            sizes.append(sizes[-1] * position.values)
        return tuple(sizes)

    @cached_property
    def most(self) -> int:
        """The score that nothing exceeds: every element at its best."""
        return sum(int(group.gains.max(axis=1).sum(dtype=np.int64)) for group in self.groups)

    @property
    def choices(self) -> int:
        """The number of ways to choose patterns, up to the order of interchangeable positions."""
        return math.prod(math.comb(kinds + times - 1, times) for kinds, times in self._runs())

    @property
    def prefixes(self) -> int:
        """The same for all positions but the last."""
        runs = self._runs()
        kinds, times = runs[-1]
        found = math.prod(math.comb(k + t - 1, t) for k, t in runs[:-1])
        return found * math.comb(kinds + times - 2, times - 1)

    def _runs(self) -> list[tuple[int, int]]:
        """Per class of interchangeable positions its number of patterns and its size."""
        found: list[tuple[int, int]] = []
        for position in self.positions:
            if position.like_previous:
                found[-1] = found[-1][0], found[-1][1] + 1
            else:
                found.append((len(position.patterns), 1))
        return found


@dataclass(frozen=True)
class Arrays:
    """A problem as the compiled search takes it: flat arrays in the order of its parameters."""

    patterns: Integers
    values: Integers
    like: Integers
    letters: Words
    letters_at: Integers
    contexts: Words
    planes: int
    groups: Integers
    functions: Integers
    sets: Integers
    set_gains: Words
    set_gains_at: Integers
    reach: Numbers
    reach_at: Integers
    grids: Integers
    letter: Numbers
    letter_at: Integers
    gains: Words
    gains_at: Integers
    strides: Integers
    free: Integers


def arrays_of(problem: Problem) -> Arrays:
    """The flat form. Size: per output functions times cells of every level, in 4 bytes each."""
    letters = [_letter_masks(position) for position in problem.positions]
    members = [(group, j) for group in problem.groups for j in range(len(group.functions))]
    planes = max(1, int(max(int(group.gains.max(initial=0)) for group in problem.groups)).bit_length())
    reached = [_reachable(problem, group.functions[j], group.alphabets[j]) for group, j in members]
    set_gains = [
        bit_planes(_set_gains(group.alone(j), sets), planes)
        for (group, j), (sets, _) in zip(members, reached, strict=True)
    ]
    reach_parts = [numbers for _, levels in reached for numbers in levels]
    reach_at = _starts([part.size for part in reach_parts]).reshape(len(members), len(problem.positions))
    functions = [group.functions[j] for group, j in members]
    gains = [bit_planes(group.extended.T.copy(), planes) for group in problem.groups]
    contexts = np.arange(problem.context_count)[:, None] == problem.contexts
    return Arrays(
        np.array([len(position.patterns) for position in problem.positions], np.int64),
        np.array([position.values for position in problem.positions], np.int64),
        np.array([position.like_previous for position in problem.positions], np.int64),
        np.concatenate([part.ravel() for part in letters]),
        _starts([part.size for part in letters]),
        packed(contexts),
        planes,
        np.append(0, np.cumsum([len(group.functions) for group in problem.groups])).astype(np.int64),
        np.array([len(rows) for rows in functions], np.int64),
        np.array([len(sets) for sets, _ in reached], np.int64),
        np.concatenate([part.ravel() for part in set_gains]),
        _starts([part.size for part in set_gains]),
        np.concatenate([part.ravel() for part in reach_parts]),
        reach_at,
        np.array(problem.grids, np.int64),
        np.concatenate([rows.ravel() for rows in functions]).astype(np.int32),
        _starts([rows.size for rows in functions]),
        np.concatenate([part.ravel() for part in gains]),
        _starts([part.size for part in gains]),
        np.array([stride for group in problem.groups for stride in group.strides], np.int64),
        np.array([size for group in problem.groups for size in group.alphabets], np.int64),
    )


def _starts(sizes: list[int]) -> Integers:
    return np.append(0, np.cumsum(sizes)[:-1]).astype(np.int64)


def _letter_masks(position: Position) -> Words:
    """Where each pattern has each letter: shape (values, words, K)."""
    masks = packed(position.patterns[None, :, :] == np.arange(position.values)[:, None, None])
    return np.ascontiguousarray(masks.transpose(0, 2, 1))


def _reachable(problem: Problem, functions: Numbers, alphabet: int) -> tuple[Matrix, list[Numbers]]:
    """Sets of letters, as flags of shape (sets, alphabet), and per level each function's set on each cell."""
    last = problem.grids[-1]
    levels: list[npt.NDArray[np.uint64] | npt.NDArray[np.int64]] = []
    for cells in problem.grids[:-1]:
        shaped = functions.reshape(len(functions), cells, last // cells)
        if alphabet <= EXACT_LETTERS:
            levels.append(np.bitwise_or.reduce(np.uint64(1) << shaped.astype(np.uint64), axis=2))
        else:
            levels.append(shaped.min(axis=2).astype(np.int64) * alphabet + shaped.max(axis=2))
    kinds = np.unique(np.concatenate([np.unique(level) for level in levels]))
    letters = np.arange(alphabet)
    if alphabet <= EXACT_LETTERS:
        sets = (kinds[:, None] >> letters.astype(np.uint64) & np.uint64(1)).astype(bool)
    else:
        sets = (letters >= (kinds // alphabet)[:, None]) & (letters <= (kinds % alphabet)[:, None])
    return sets, [np.searchsorted(kinds, level).astype(np.int32) for level in levels]


def _set_gains(gains: Integers, sets: Matrix) -> Integers:
    """The most that each element wins with some letter of each set: shape (sets, N)."""
    return np.stack([gains[:, members].max(axis=1) for members in sets.astype(bool)])
