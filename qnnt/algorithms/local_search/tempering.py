"""Walks at several temperatures side by side, which change places: what is hard at one is easy at another.

A walk at the top wanders, one at the bottom descends; as they exchange places, good settings sink and stuck ones
rise again. That takes no schedule, and does not end.
"""

from __future__ import annotations

import random

import numpy as np

from qnnt.algorithms.local_search.arrays import Arrays, blank_states
from qnnt.algorithms.local_search.energies import RESOLUTION, Slope, energy_of
from qnnt.algorithms.local_search.kernel import (
    BEST,
    COUNT,
    MOVES,
    NOWHERE,
    Integers,
    member,
    place,
    temper,
)

RUNGS, FEW_RUNGS = 12, 4
"""Temperatures; and of large instances, so that there is room."""
LARGE = 1 << 17
"""Neurons times distinct inputs from which an instance is large: fifty megabytes in a search."""
LADDERS = {Slope.SOFT: (0.117, 0.433), Slope.STEEP: (0.2, 0.6)}
"""The lowest and the highest temperature, in usual ranges of a cost."""
PAIRS = 0.3
"""Share of moves that change two parameters of a neuron."""
SWEEP = 1000
"""Moves of each walk between two rounds of exchanges."""


class Tempering:
    """A ladder of walks on one energy.

    Equal calls on equal arrays with equal seeds do the same. Not for several threads at once; different ones run
    in parallel.

    Attributes
    ----------
    best, best_choices
        The least loss met so far without undefined entries, as a numerator, and the choices; None before.
    lately
        The least loss since the last restart.
    moves
        Moves tried so far.
    """

    def __init__(self, arrays: Arrays, slope: Slope, seed: int) -> None:
        self.arrays = arrays
        self.energy = energy_of(arrays, slope)
        self._random = random.Random(seed)
        self._count = RUNGS if len(arrays.spans) * arrays.fixed.inputs <= LARGE else FEW_RUNGS
        *words, last = [self._random.randrange(1, 2**64) for _ in range(self._count + 1)]
        self._states = blank_states(arrays, words)
        self._exchanges = np.array([last], np.uint64)
        cold, hot = LADDERS[slope]
        self._ladder = np.geomspace(cold, hot, self._count) * RESOLUTION
        self._rungs = np.arange(self._count)
        self.best: int | None = None
        self.best_choices: Integers | None = None
        self.restart()

    @property
    def moves(self) -> int:
        return int(self._states.totals[:, MOVES].sum())

    @property
    def lately(self) -> int | None:
        found = [int(loss) for loss in self._states.totals[:, BEST] if loss != NOWHERE]
        return min(found, default=None)

    def advance(self, moves: int, enough: int) -> None:
        """About so many moves, and no more; fewer once the least loss is `enough` or less."""
        sweep = min(SWEEP, moves // self._count)
        sweeps = 0 if sweep == 0 else moves // (sweep * self._count)
        temper(
            self.arrays.fixed,
            self.energy,
            self._states,
            self._ladder,
            self._rungs,
            self._exchanges,
            sweeps,
            sweep,
            PAIRS,
            enough,
        )
        self._remember()

    def restart(self) -> None:
        """All walks go to random settings."""
        counts = self.arrays.fixed.pieces[:, COUNT].tolist()
        self._states.totals[:, BEST] = NOWHERE
        for r in range(self._count):
            self._go_to(r, np.array([self._random.randrange(count) for count in counts], np.int64))
        self._remember()

    def adopt(self, choices: Integers) -> None:
        """The coldest walk goes on from a setting."""
        self._go_to(int(self._rungs[0]), choices)
        self._remember()

    def _go_to(self, r: int, choices: Integers) -> None:
        one = member(self._states, r)
        one.choice[:] = choices
        place(self.arrays.fixed, self.energy, one)

    def _remember(self) -> None:
        found = np.where(self._states.totals[:, BEST] == NOWHERE, np.iinfo(np.int64).max, self._states.totals[:, BEST])
        r = int(found.argmin())
        least = int(self._states.totals[r, BEST])
        if least != NOWHERE and (self.best is None or least < self.best):
            self.best, self.best_choices = least, self._states.best[r].copy()
