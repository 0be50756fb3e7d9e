"""The tables of the tree decomposition's dynamic program: sparse sets of states, one column per neuron.

What a neuron's state is, a vector over the distinct inputs, is stored once and numbered; a table's
rows hold numbers. So every arithmetic step works on the distinct vectors, or pairs of them, and only
numbers are copied per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.fpt_program import Mode, Progress
from qnnt.algorithms.states.live_sets import distinct_sets, undominated
from qnnt.algorithms.states.mismatches import Words
from qnnt.algorithms.states.vectors import Integers, Matrix, distinct, first_of_each, joint_keys

Indices = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Slot:
    """One neuron's column.

    Attributes
    ----------
    vectors
        Open: partial sums. Final: patterns. Guessed: patterns and, in further p columns, partial sums.
    numbers
        Per row the number of its vector.
    """

    progress: Progress
    vectors: Matrix
    numbers: Indices

    @property
    def patterns(self) -> Matrix:
        """The known patterns; the slot is not open."""
        width = self.vectors.shape[1]
        return self.vectors[:, : width // 2] if self.progress.mode is Mode.GUESSED else self.vectors

    @property
    def sums(self) -> Matrix:
        """The partial sums; the slot is not final."""
        width = self.vectors.shape[1]
        return self.vectors[:, width // 2 :] if self.progress.mode is Mode.GUESSED else self.vectors


@dataclass(frozen=True)
class Table:
    """States below a place in the tree.

    Attributes
    ----------
    live
        Per row the number of its live set among `sets`.
    record
        The number of the last record of what came before: see `qnnt.algorithms.states.fpt`.
    origin
        Per row its row in that record.
    """

    slots: dict[int, Slot]
    live: Indices
    sets: Words
    record: int
    origin: Indices

    def __len__(self) -> int:
        return len(self.live)

    def rows(self, chosen: npt.NDArray[np.generic]) -> Table:
        """Some of the rows, by number or flag."""
        slots = {v: replace(slot, numbers=slot.numbers[chosen]) for v, slot in self.slots.items()}
        return replace(self, slots=slots, live=self.live[chosen], origin=self.origin[chosen])

    def keys(self, *, with_live: bool) -> tuple[Integers, int]:
        """Keys that are equal for equal states."""
        columns = [(slot.numbers, len(slot.vectors)) for slot in self.slots.values()]
        live = (self.live, len(self.sets)) if with_live else (np.zeros(len(self), np.int32), 1)
        return joint_keys([live, *columns])

    def distinct(self, *, dominance: bool) -> Table:
        """One row per state; with dominance without states whose live set lies in that of an equal one."""
        table = self.rows(first_of_each(*self.keys(with_live=True)))
        if not dominance or len(table.sets) < 2 or not len(table):
            return table
        return table.rows(undominated(table.keys(with_live=False)[0], table.sets[table.live]))

    def tight(self) -> Table:
        """Without vectors and live sets that no row has any more."""
        slots = {}
        for v, slot in self.slots.items():
            used, numbers = _used(slot.numbers, len(slot.vectors))
            slots[v] = replace(slot, vectors=slot.vectors[used], numbers=numbers)
        used, live = _used(self.live, len(self.sets))
        return replace(self, slots=slots, sets=self.sets[used], live=live)


def _used(numbers: Indices, size: int) -> tuple[Integers, Indices]:
    flags = np.zeros(size, bool)
    flags[numbers] = True
    if flags.all():
        return np.arange(size), numbers
    rank = (np.cumsum(flags) - 1).astype(np.int32)
    return np.flatnonzero(flags), rank[numbers]


def merged(tables: Sequence[Table]) -> Table:
    """Tables over the same slots as one; at least one, all with the same record."""
    if len(tables) == 1:
        return tables[0]
    slots = {}
    for v, slot in tables[0].slots.items():
        vectors, rank = distinct(np.concatenate([table.slots[v].vectors for table in tables]))
        offsets = np.cumsum([0, *(len(table.slots[v].vectors) for table in tables)])
        numbers = [rank[offset + table.slots[v].numbers] for offset, table in zip(offsets, tables, strict=False)]
        slots[v] = Slot(slot.progress, vectors, np.concatenate(numbers).astype(np.int32))
    sets, rank = distinct_sets(np.concatenate([table.sets for table in tables]))
    offsets = np.cumsum([0, *(len(table.sets) for table in tables)])
    live = np.concatenate([rank[offset + table.live] for offset, table in zip(offsets, tables, strict=False)])
    origin = np.concatenate([table.origin for table in tables])
    return Table(slots, live.astype(np.int32), sets, tables[0].record, origin)
