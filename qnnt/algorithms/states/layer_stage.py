"""The reached states of successive layers, each of which copies the one before, as multisets of patterns.

A layer's states are all multisets of each of some sets of patterns. Sets inside others are left out. The
multisets are marked in a table of bits, one row of them for every tuple of all patterns but one, so that
a set costs one indexed OR; where the table would be too large they are listed and sorted instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.live_sets import MOST_ROUNDS, undominated
from qnnt.algorithms.states.mismatches import Words, pack, unpack
from qnnt.algorithms.states.vectors import Integers, Matrix, distinct, expanded, first_of_each, joint_keys

Indices = npt.NDArray[np.int32]
Sources = Sequence[tuple[int, Indices]]
"""Sets of patterns, by number, each with the state that makes it."""

MOST_AT_ONCE = 1 << 22
"""Multisets made before equal ones are merged, and entries unpacked at once."""
MOST_FLAGS = 1 << 28
"""Entries of a matrix of sets up to which sets inside others are looked for."""
LARGEST_TABLE = 1 << 28
"""Bytes of a table of multisets."""


class Pool:
    """Patterns by number."""

    def __init__(self, p: int, kind: type[np.signedinteger]) -> None:
        self._known: dict[bytes, int] = {}
        self.rows: Matrix = np.zeros((0, p), kind)

    def numbers(self, rows: Matrix) -> Indices:
        """The numbers of some patterns, new ones added."""
        own, rank = distinct(rows)
        before = len(self._known)
        numbers = np.array([self._known.setdefault(row.tobytes(), len(self._known)) for row in own], np.int32)
        fresh = np.flatnonzero(numbers >= before)
        if len(fresh):
            self.rows = np.concatenate([self.rows, own[fresh[np.argsort(numbers[fresh])]]])
        return numbers[rank]


class Stage:
    """What layers have reached.

    Attributes
    ----------
    first_layer
        The number of the first of them.
    states
        Shape (N, n), ascending in each row: the numbers of patterns.
    reached
        Per layer the number of states reached so far.
    """

    def __init__(self, first_layer: int, pool: Pool, width: int, states: int = 0) -> None:
        self.first_layer = first_layer
        self.pool = pool
        self.states: Indices = np.zeros((states, width), np.int32)
        self.reached: list[int] = []
        self._seen: set[bytes] = set()
        self._sources: list[tuple[int, Indices]] = []
        self._starts: list[int] = []

    def add_layer(self, sources: Iterable[tuple[int, Indices]], effort: Effort) -> None:
        """Reach the multisets of sets of patterns, ascending each.

        Raises
        ------
        StateLimitError
            If the states become too many.
        """
        fresh: list[tuple[int, Indices]] = []
        for owner, choice in sources:
            name = choice.tobytes()
            if len(choice) and name not in self._seen:
                self._seen.add(name)
                fresh.append((owner, choice))
        self._starts.append(len(self._sources))
        if not fresh:
            self.reached.append(len(self.states))
            return
        kept = [fresh[i] for i in self._not_inside([choice for _, choice in fresh])]
        self._sources += kept
        sets = [choice for _, choice in kept]
        if self._table_size <= LARGEST_TABLE:
            self._append(self._marked(sets), effort)
        else:
            self._list(sets, effort)
        effort.transitions += sum(math.comb(len(choice) + self._width - 1, self._width) for choice in sets)
        self.reached.append(len(self.states))

    def parent(self, layer: int, state: int) -> int:
        """Who made a state that this layer, counted from the first one of the stage, was the first to reach."""
        last = self._starts[layer + 1] if layer + 1 < len(self._starts) else len(self._sources)
        sources = self._sources[self._starts[layer] : last]
        source = np.repeat(np.arange(len(sources)), [len(choice) for _, choice in sources])
        pattern = np.concatenate([choice for _, choice in sources])
        having = np.ones(len(sources), bool)
        for number in self.states[state]:
            having &= np.bincount(source[pattern == number], minlength=len(sources)) > 0
        return sources[int(np.flatnonzero(having)[0])][0]

    @property
    def _width(self) -> int:
        return int(self.states.shape[1])

    @property
    def _patterns(self) -> int:
        return len(self.pool.rows)

    @property
    def _table_size(self) -> int:
        return int(8 * -(-self._patterns // 64) * self._patterns ** (self._width - 1))

    def _not_inside(self, fresh: list[Indices]) -> list[int]:
        """The numbers of fresh sets that lie in no other set, as far as looking pays."""
        known = [choice for _, choice in self._sources]
        if (len(known) + len(fresh)) * self._patterns > MOST_FLAGS:
            return list(range(len(fresh)))
        sizes = sum(math.comb(len(choice) + self._width - 1, self._width) for choice in fresh)
        rounds = sizes // max(1, len(fresh)) // (1 + self._patterns // 64)  # about the work that they may save
        live = self._bits([*known, *fresh])
        keep = undominated(np.zeros(len(live), np.int64), live, max(MOST_ROUNDS, rounds))
        return np.flatnonzero(keep[len(known) :]).tolist()

    def _bits(self, sets: Sequence[Indices]) -> Words:
        flags = np.zeros((len(sets), self._patterns), bool)
        for row, choice in zip(flags, sets, strict=True):
            row[choice] = True
        return pack(flags)

    def _marked(self, sets: list[Indices]) -> Indices:
        """All multisets of the sets, ascending."""
        words = -(-self._patterns // 64)
        table = np.zeros((self._patterns,) * (self._width - 1) + (words,), np.uint64)
        size = max(1, MOST_AT_ONCE // max(1, self._patterns))
        for first in range(0, len(sets), size):
            for choice, bits in zip(sets[first : first + size], self._bits(sets[first : first + size]), strict=True):
                table[np.ix_(*[choice] * (self._width - 1))] |= bits
        before = np.argwhere(table.any(axis=-1))
        before = before[(before[:, :-1] <= before[:, 1:]).all(axis=1)]
        found = [np.zeros((0, self._width), np.int32)]
        for first in range(0, len(before), size):
            some = before[first : first + size]
            row, last = np.nonzero(unpack(table[tuple(some.T)].reshape(len(some), words), self._patterns))
            made = np.concatenate([some[row], last[:, None]], axis=1).astype(np.int32)
            found.append(made[made[:, -1] >= made[:, -2]] if self._width > 1 else made)
        return np.concatenate(found)

    def _list(self, sets: list[Indices], effort: Effort) -> None:
        """The same without a table; appends as it goes."""
        by_size: dict[int, list[Indices]] = {}
        for choice in sets:
            by_size.setdefault(len(choice), []).append(choice)
        for count, alike in sorted(by_size.items(), reverse=True):
            effort.hold(math.comb(count + self._width - 1, self._width), "one layer's successors")
            template = _multisets(count, self._width)
            size = max(1, MOST_AT_ONCE // len(template))
            for first in range(0, len(alike), size):
                choices = np.stack(alike[first : first + size])
                self._append(choices[:, template].reshape(-1, self._width), effort)

    def _append(self, made: Indices, effort: Effort) -> None:
        """Append states that are not there yet."""
        known = len(self.states)
        both = np.concatenate([self.states, made])
        first = first_of_each(*joint_keys([(column, max(1, self._patterns)) for column in both.T]))
        self.states = np.concatenate([self.states, both[first[first >= known]]])
        effort.hold(len(self.states), f"hidden layer {self.first_layer + len(self.reached) + 1}")


def _multisets(count: int, width: int) -> Integers:
    """All ascending tuples of `width` numbers below `count`, as rows."""
    rows = np.arange(count)[:, None]
    for _ in range(width - 1):
        group, offset = expanded(count - rows[:, -1])
        rows = np.concatenate([rows[group], (rows[group, -1] + offset)[:, None]], axis=1)
    return rows
