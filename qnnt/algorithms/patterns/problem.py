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
    costs
        Shape (N, product of alphabets): what each element costs for each vector of letters, at least 0.
    alphabets
        The number of letters of each output.
    """

    functions: tuple[Numbers, ...]
    costs: Integers
    alphabets: tuple[int, ...]

    @cached_property
    def extended(self) -> Integers:
        """Costs with a letter more per output, the last, that stands for the best one; shape (N, sizes + 1)."""
        found = self.costs.reshape(len(self.costs), *self.alphabets)
        for axis in range(1, found.ndim):
            found = np.concatenate([found, found.min(axis=axis, keepdims=True)], axis=axis)
        return found.reshape(len(self.costs), -1)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """What a letter of each output counts in a column number of `extended`."""
        sizes = [size + 1 for size in self.alphabets]
        return tuple(math.prod(sizes[j + 1 :]) for j in range(len(sizes)))

    def alone(self, output: int) -> Integers:
        """Shape (N, alphabet): the least that each element costs for a letter of one output."""
        found = self.costs.reshape(len(self.costs), *self.alphabets)
        others = tuple(axis + 1 for axis in range(len(self.alphabets)) if axis != output)
        best: Integers = found.min(axis=others) if others else found
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
    def grids(self) -> tuple[int, ...]:
        """How many cells there can be once so many positions are fixed."""
        sizes = [self.context_count]
        for position in self.positions:
            sizes.append(sizes[-1] * position.values)
        return tuple(sizes)

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
