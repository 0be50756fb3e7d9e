"""The join of two tables over one bag: pairs of rows that agree in what both know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.fpt_program import Mode, Progress
from qnnt.algorithms.states.fpt_tables import Slot, Table, merged
from qnnt.algorithms.states.live_sets import distinct_sets
from qnnt.algorithms.states.vectors import Integers, Matrix, Numbers, distinct, expanded, joint_keys, portions, ranks

Flags = npt.NDArray[np.bool_]
Settle = Callable[[int, Matrix, Matrix | None, Progress], tuple[Matrix, Flags]]
MOST_PAIRS = 1 << 21
"""Pairs of rows looked at together."""


def join(
    left: Table,
    right: Table,
    progress: dict[int, Progress],
    settle: Settle,
    finish: Callable[[Table], Table],
    effort: Effort,
) -> tuple[Table, Integers, Integers]:
    """All compatible pairs as one table, with the rows that each was made of.

    An edge and a block lie in one branch only, so partial sums add up; a pattern that both sides know
    must be the same.

    Parameters
    ----------
    progress
        Of each neuron after the join.
    settle
        What a slot holds for given sums and guesses, and which of them are of use.
    finish
        Drops what is useless or there twice.
    """
    one, other = _common_keys(left, right)
    order = np.argsort(other, kind="stable")
    starts = np.searchsorted(other[order], one, side="left")
    counts = np.searchsorted(other[order], one, side="right") - starts
    effort.transitions += int(counts.sum())
    made: list[Table] = []
    left_rows: list[Integers] = []
    right_rows: list[Integers] = []
    held = 0
    for rows in portions(counts, MOST_PAIRS):
        row, offset = expanded(counts[rows])
        row += rows.start
        partner = order[starts[row] + offset]
        table = finish(_paired(left, right, row, partner, progress, settle))
        left_rows.append(row[table.origin])
        right_rows.append(partner[table.origin])
        made.append(replace(table, origin=np.arange(held, held + len(table), dtype=np.int32)))
        held += len(table)
        effort.hold(held, "a join")
    table = made[0] if len(made) == 1 else finish(merged(made))
    return table, np.concatenate(left_rows)[table.origin], np.concatenate(right_rows)[table.origin]


def _common_keys(left: Table, right: Table) -> tuple[Integers, Integers]:
    """Per row of both sides a key of the patterns that both sides know."""
    columns = [(np.zeros(len(left) + len(right), np.int64), 1)]
    for v, slot in left.slots.items():
        other = right.slots[v]
        if Mode.OPEN in (slot.progress.mode, other.progress.mode):
            continue
        patterns, number = distinct(np.concatenate([slot.patterns, other.patterns]))
        mine, others = number[: len(slot.patterns)], number[len(slot.patterns) :]
        columns.append((np.concatenate([mine[slot.numbers], others[other.numbers]]), len(patterns)))
    keys = joint_keys(columns)[0]
    return keys[: len(left)], keys[len(left) :]


def _paired(
    left: Table,
    right: Table,
    row: Integers,
    partner: Integers,
    progress: dict[int, Progress],
    settle: Settle,
) -> Table:
    """The given pairs of rows, without those that come to nothing; origins are numbers of pairs."""
    slots: dict[int, Slot] = {}
    alive = np.ones(len(row), bool)
    for v, one in left.slots.items():
        other = right.slots[v]
        first, rank = ranks(
            *joint_keys([(one.numbers[row], len(one.vectors)), (other.numbers[partner], len(other.vectors))])
        )
        ones, others = one.numbers[row[first]], other.numbers[partner[first]]
        vectors, useful = _together(v, one, ones, other, others, progress[v], settle)
        vectors, number = distinct(vectors)
        slots[v] = Slot(progress[v], vectors, number[rank].astype(np.int32))
        alive &= useful[rank]
    first, rank = ranks(*joint_keys([(left.live[row], len(left.sets)), (right.live[partner], len(right.sets))]))
    sets, number = distinct_sets(left.sets[left.live[row[first]]] & right.sets[right.live[partner[first]]])
    table = Table(slots, number[rank].astype(np.int32), sets, -1, np.arange(len(row), dtype=np.int32))
    return table.rows(alive)


def _together(
    v: int, one: Slot, ones: Numbers, other: Slot, others: Numbers, progress: Progress, settle: Settle
) -> tuple[Matrix, Flags]:
    """What a slot holds for pairs of vectors of both sides."""
    for slot, numbers in ((one, ones), (other, others)):
        if slot.progress.mode is Mode.FINAL:
            return slot.patterns[numbers], np.ones(len(numbers), bool)
    guesses = None
    for slot, numbers in ((one, ones), (other, others)):
        if slot.progress.mode is Mode.GUESSED:
            guesses = slot.patterns[numbers]
    return settle(v, one.sums[ones] + other.sums[others], guesses, progress)
