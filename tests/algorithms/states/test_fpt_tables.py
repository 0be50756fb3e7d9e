"""Tables of states: whatever is numbered anew, each row still says the same."""

from __future__ import annotations

import random

import numpy as np

from qnnt.algorithms.states.fpt_program import Mode, Progress
from qnnt.algorithms.states.fpt_tables import Slot, Table, merged
from qnnt.algorithms.states.mismatches import Words
from qnnt.algorithms.states.vectors import Matrix

P = 2
MODES = {0: Mode.OPEN, 3: Mode.GUESSED, 4: Mode.FINAL}
"""The mode of each neuron."""

State = tuple[tuple[int, ...], ...]
Row = tuple[State, tuple[int, ...], int]
"""What a row says: the vector of each neuron, the live set, the origin."""


def random_vectors(rng: random.Random, width: int) -> Matrix:
    """Distinct, in any order."""
    found = {tuple(rng.randint(-1, 1) for _ in range(width)) for _ in range(rng.randint(1, 4))}
    return np.array(rng.sample(sorted(found), len(found)), np.int16)


def random_sets(rng: random.Random, words: int) -> Words:
    found = {tuple(rng.choice([0, 1, 3, 2**63, 2**64 - 1]) for _ in range(words)) for _ in range(rng.randint(1, 5))}
    return np.array(rng.sample(sorted(found), len(found)), np.uint64)


def random_table(rng: random.Random, rows: int, words: int = 1) -> Table:
    slots: dict[int, Slot] = {}
    for v, mode in MODES.items():
        vectors = random_vectors(rng, 2 * P if mode is Mode.GUESSED else P)
        slots[v] = Slot(Progress(1, mode), vectors, numbers(rng, rows, len(vectors)))
    sets = random_sets(rng, words)
    return Table(slots, numbers(rng, rows, len(sets)), sets, 7, np.arange(rows, dtype=np.int32))


def numbers(rng: random.Random, rows: int, size: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([rng.randrange(size) for _ in range(rows)], np.int32)


def said(table: Table) -> list[Row]:
    found = []
    for row in range(len(table)):
        state = tuple(tuple(slot.vectors[slot.numbers[row]].tolist()) for slot in table.slots.values())
        found.append((state, tuple(table.sets[table.live[row]].tolist()), int(table.origin[row])))
    return found


def tables(block: str, count: int) -> list[tuple[random.Random, Table]]:
    rng = random.Random(block)
    return [(rng, random_table(rng, rng.choice([0, 1, 5, 40, 200]), rng.choice([1, 1, 3]))) for _ in range(count)]


def inside(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(not a & ~b for a, b in zip(one, other, strict=True))


def test_rows_by_number_and_by_flag() -> None:
    for rng, table in tables("rows", 30):
        flags = np.array([rng.random() < 0.5 for _ in range(len(table))], bool)
        chosen = np.flatnonzero(flags)
        expected = [said(table)[row] for row in chosen.tolist()]
        assert said(table.rows(flags)) == said(table.rows(chosen)) == expected
        assert table.rows(chosen[::-1]).record == table.record


def test_keys_are_equal_for_equal_states() -> None:
    for _, table in tables("keys", 30):
        rows = said(table)
        for with_live in (True, False):
            keys, largest = table.keys(with_live=with_live)
            states = [(state, live if with_live else None) for state, live, _ in rows]
            assert len(set(zip(keys.tolist(), states, strict=True))) == len(set(keys.tolist())) == len(set(states))
            assert all(0 <= key < largest for key in keys.tolist())


def test_distinct_rows() -> None:
    for _, table in tables("distinct", 40):
        before = said(table)
        found = said(table.distinct(dominance=False))
        states = [(state, live) for state, live, _ in found]
        assert len(set(states)) == len(states)
        assert set(states) == {(state, live) for state, live, _ in before}
        assert set(found) <= set(before)


def test_distinct_rows_without_dominated_ones() -> None:
    dropped = 0
    for _, table in tables("dominance", 40):
        before = said(table)
        found = said(table.distinct(dominance=True))
        assert set(found) <= set(before)
        maximal = {
            (state, live)
            for state, live, _ in before
            if not any(state == other and live != more and inside(live, more) for other, more, _ in before)
        }
        assert sorted((state, live) for state, live, _ in found) == sorted(maximal)
        dropped += len({(state, live) for state, live, _ in before}) - len(found)
    assert dropped >= 10


def test_tight_tables_say_the_same_and_hold_nothing_else() -> None:
    for rng, table in tables("tight", 40):
        some = table.rows(np.array([rng.random() < 0.2 for _ in range(len(table))], bool))
        tight = some.tight()
        assert said(tight) == said(some)
        assert set(tight.live.tolist()) == set(range(len(tight.sets)))
        for v, slot in tight.slots.items():
            assert set(slot.numbers.tolist()) == set(range(len(slot.vectors)))
            assert slot.progress == some.slots[v].progress
            assert slot.numbers.dtype == np.int32


def test_merged_tables_hold_all_rows_in_order() -> None:
    rng = random.Random("merged")
    for _ in range(40):
        words = rng.choice([1, 3])
        several = [random_table(rng, rng.choice([0, 1, 10, 50]), words) for _ in range(rng.randint(1, 4))]
        table = merged(several)
        assert said(table) == [row for one in several for row in said(one)]
        assert table.record == 7
        for slot in table.slots.values():
            assert len(np.unique(slot.vectors, axis=0)) == len(slot.vectors)
        assert len(np.unique(table.sets, axis=0)) == len(table.sets)


def test_patterns_and_sums_of_a_slot() -> None:
    vectors = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    some = np.zeros(1, np.int32)
    guessed = Slot(Progress(1, Mode.GUESSED), vectors, some)
    assert guessed.patterns.tolist() == [[1, 2], [5, 6]]
    assert guessed.sums.tolist() == [[3, 4], [7, 8]]
    assert Slot(Progress(1, Mode.FINAL), vectors, some).patterns.tolist() == vectors.tolist()
