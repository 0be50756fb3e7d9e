"""What one neuron's partial sums mean below a place in the tree, and when two of them are one.

Each piece of a neuron is shifted so that it can contribute 0: its least contribution where that is
positive, its greatest where that is negative, goes into a constant. The range of all missing pieces
is then [-minus, plus] with both at least 0, shrinking as pieces come in.

With a partial sum s the final one lies in [s - minus, s + plus]. Sums from which every completion
ends where the activation is constant upwards are lowered to the least of them, likewise below. With
a guessed value only its own sums count: a state none of whose completions reaches it is dead, and
sums are alike where the guess holds for all large or for all small sums.

Lowering commutes with joining: if s1 was lowered to T + minus1, the other side adds at least
-(minus1 - minus), so the sum is at least T + minus, to which the join lowers it as it does the true
sum. This needs T to be at least the least final sum; thresholds are cut to the range at each input.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import Neuron
from qnnt.algorithms.states.neuron_sums import FAR, Target, constant_sums
from qnnt.algorithms.states.vectors import Integers, Matrix

Flags = npt.NDArray[np.bool_]
MOST_VALUES = 1024
"""Values of a neuron up to which its pattern may be guessed."""


@dataclass(frozen=True)
class Frame:
    """The arithmetic of one neuron.

    Attributes
    ----------
    kind
        The integer type of sums.
    effort
        What making its sums costs is noted there.
    merge
        Whether sums that no completion can tell apart become one.
    prune
        Whether states whose guess cannot come true any more are dropped at once.
    """

    neuron: Neuron
    kind: type[np.signedinteger]
    effort: Effort
    merge: bool = True
    prune: bool = True

    # --- pieces ----------------------------------------------------------------------------------

    @cached_property
    def _ends(self) -> list[tuple[Integers, Integers]]:
        """Range of each piece's contribution, the block first."""
        block = (
            np.sum([piece.choices.min(axis=0) for piece in self.neuron.constants], axis=0),
            np.sum([piece.choices.max(axis=0) for piece in self.neuron.constants], axis=0),
        )
        return [block, *((edge.least, edge.greatest) for edge in self.neuron.edges)]

    @cached_property
    def _shifts(self) -> list[Integers]:
        return [np.maximum(least, 0) + np.minimum(greatest, 0) for least, greatest in self._ends]

    @cached_property
    def base(self) -> Integers:
        """What the shifts add to every sum."""
        return np.asarray(np.sum(self._shifts, axis=0))

    @cached_property
    def _ranges(self) -> dict[int, tuple[Integers, Integers]]:
        return {}

    def missing(self, pieces: int) -> tuple[Integers, Integers]:
        """The range of what is still to come is [-minus, plus]; `pieces` has a bit for each piece that is in."""
        if pieces not in self._ranges:
            self._ranges[pieces] = self._missing(pieces)
        return self._ranges[pieces]

    def _missing(self, pieces: int) -> tuple[Integers, Integers]:
        minus, plus = np.zeros_like(self.base), np.zeros_like(self.base)
        for i, ((least, greatest), shift) in enumerate(zip(self._ends, self._shifts, strict=True)):
            if not pieces >> i & 1:
                minus, plus = minus - (least - shift), plus + (greatest - shift)
        return minus, plus

    @cached_property
    def block(self) -> Matrix:
        """Distinct contributions of the block."""
        flat = Target(self.neuron.flat_below, self.neuron.flat_above) if self.merge else _everything(self.base)
        sums = constant_sums(self.neuron, self.kind, flat, self.effort)[-1].sums
        shifted: Matrix = sums - self._shifts[0].astype(self.kind)
        return shifted

    def contributions(self, edge: int, patterns: Matrix) -> Matrix:
        """Shape (len(patterns), K, p): what an edge adds for each pattern of its source and each weight."""
        factors = self.neuron.edges[edge].factors.astype(self.kind)
        made: Matrix = patterns[:, None, :] * factors[:, None] - self._shifts[edge + 1].astype(self.kind)
        return made

    # --- what sums mean --------------------------------------------------------------------------

    @cached_property
    def values(self) -> Integers:
        """The values that the activation takes, ascending."""
        return np.unique(self.neuron.runs.values[self.neuron.runs.defined])

    @cached_property
    def _preimages(self) -> tuple[Integers, Integers, Flags]:
        """Per value its first and last sum, and whether all sums between have it."""
        runs = self.neuron.runs
        place = np.searchsorted(self.values, runs.values[runs.defined])
        first, last = np.full(len(self.values), FAR), np.full(len(self.values), -FAR)
        np.minimum.at(first, place, runs.starts[runs.defined])
        np.maximum.at(last, place, runs.ends[runs.defined])
        return first, last, np.bincount(place, minlength=len(self.values)) == 1

    def _guess(self, patterns: Matrix) -> Target:
        """The sums that make a guess true, shape (rows, p) each, shifts taken off."""
        first, last, together = (column[np.searchsorted(self.values, patterns)] for column in self._preimages)
        least, greatest = self.neuron.least, self.neuron.greatest
        first, last = np.maximum(first, least), np.minimum(last, greatest)
        below = np.where(together & (first <= least), last, -FAR)
        above = np.where(together & (last >= greatest), first, FAR)
        return Target(below - self.base, above - self.base, first - self.base, last - self.base)

    def settle(self, sums: Matrix, guesses: Matrix | None, pieces: int) -> tuple[Matrix, Flags]:
        """Canonical sums, and which of them can still come to something.

        Parameters
        ----------
        guesses
            The pattern guessed for each sum, or None where none was.
        """
        minus, plus = self.missing(pieces)
        if guesses is None:
            target = Target(self.neuron.flat_below - self.base, self.neuron.flat_above - self.base)
        else:
            target = self._guess(guesses)
        target = target.before(-minus, plus)
        useful: Flags = np.ones(len(sums), bool)
        if self.merge:
            sums = np.minimum(np.maximum(sums, self._limit(target.alike_below)), self._limit(target.alike_above))
        if self.prune and target.least is not None and target.greatest is not None:
            inside = (sums >= self._limit(target.least)) & (sums <= self._limit(target.greatest))
            useful = np.all(inside, axis=1)
        return sums, useful

    def _limit(self, numbers: Integers) -> Matrix:
        info = np.iinfo(self.kind)
        limits: Matrix = np.clip(numbers, info.min, info.max).astype(self.kind)
        return limits

    def patterns(self, sums: Matrix) -> tuple[Matrix, Flags]:
        """The patterns of final sums, and which are defined everywhere."""
        runs = self.neuron.runs
        run = runs.run_of(sums + self.base.astype(self.kind))
        defined: Flags = np.all(runs.defined[run], axis=1)
        return runs.values.astype(self.kind)[run], defined

    def guesses(self, sums: Matrix, pieces: int) -> Flags:
        """Which values each sum may still lead to at each input: shape (rows, p, values)."""
        minus, plus = self.missing(pieces)
        low, high = sums + self.base - minus, sums + self.base + plus
        possible = np.zeros((*sums.shape, len(self.values)), bool)
        runs = self.neuron.runs
        place = np.searchsorted(self.values, runs.values)
        for i in np.flatnonzero(runs.defined).tolist():
            possible[:, :, place[i]] |= (high >= runs.starts[i]) & (low <= runs.ends[i])
        return possible


def _everything(base: Integers) -> Target:
    far = np.full(len(base), FAR)
    return Target(-far, far)


def choices_of(possible: Flags, effort: Effort) -> tuple[Integers, Integers]:
    """All ways to choose one flagged value per input.

    Parameters
    ----------
    possible
        Shape (rows, p, values).

    Returns
    -------
    tuple
        The row of each way, ascending, and its values by number, shape (ways, p).

    Raises
    ------
    StateLimitError
        If there are too many.
    """
    row = np.arange(len(possible))
    chosen = np.zeros((len(row), 0), np.int64)
    for x in range(possible.shape[1]):
        effort.hold(int(possible[:, x].sum(axis=1)[row].sum()), "a guess")
        way, value = np.nonzero(possible[row, x])
        row = row[way]
        chosen = np.concatenate([chosen[way], value[:, None]], axis=1)
    return row, chosen


def listed_choices(possible: Flags, listed: Integers) -> tuple[Integers, Integers]:
    """As `choices_of`, but only the listed ways, shape (ways, p)."""
    rows, ways = [np.zeros(0, np.int64)], [np.zeros((0, possible.shape[1]), np.int64)]
    inputs = np.arange(possible.shape[1])
    for row, here in enumerate(possible):
        fitting = listed[here[inputs, listed].all(axis=1)]
        rows.append(np.full(len(fitting), row))
        ways.append(fitting)
    return np.concatenate(rows), np.concatenate(ways)
