"""Keys of rows are exact, whatever the ranges; and the bookkeeping of groups and portions."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from qnnt.algorithms.states import vectors
from qnnt.algorithms.states.vectors import (
    Integers,
    Matrix,
    distinct,
    expanded,
    first_of_each,
    grouped,
    joint_keys,
    narrow,
    portions,
    ranks,
    row_keys,
)

KINDS: list[type[np.signedinteger]] = [np.int16, np.int32, np.int64]


def random_rows(rng: random.Random, count: int, columns: int, reach: int, kind: type[np.signedinteger]) -> Matrix:
    """Few different numbers per column, some negative, so that many rows are equal."""
    made: Matrix = np.zeros((count, columns), kind)
    for j in range(columns):
        numbers = [rng.randint(-reach, reach) for _ in range(rng.choice([1, 2, 2, 3]))]
        made[:, j] = [rng.choice(numbers) for _ in range(count)]
    for i in range(1, count):
        if rng.random() < 0.5:
            made[i] = made[rng.randrange(i)]
    return made


def assert_exact(keys: Integers, largest: int, rows: Sequence[tuple[int, ...]]) -> None:
    """Equal keys for equal rows and for no others."""
    pairs = set(zip(keys.tolist(), rows, strict=True))
    assert len(pairs) == len(set(keys.tolist())) == len(set(rows))
    assert all(0 <= key < largest for key in keys.tolist())


def tuples(rows: npt.NDArray[np.signedinteger]) -> list[tuple[int, ...]]:
    return [tuple(row) for row in rows.tolist()]


@pytest.mark.parametrize("kind", KINDS)
def test_row_keys_are_exact(kind: type[np.signedinteger]) -> None:
    rng = random.Random(f"rows {kind}")
    for _ in range(150):
        rows = random_rows(rng, rng.randint(0, 40), rng.randint(0, 12), rng.choice([0, 1, 3, 100, 4000]), kind)
        keys, largest = row_keys(rows)
        assert_exact(keys, largest, tuples(rows))


def test_row_keys_with_owners_are_exact() -> None:
    rng = random.Random(1)
    for _ in range(100):
        count, owners = rng.randint(0, 40), rng.randint(1, 5)
        rows = random_rows(rng, count, rng.randint(0, 40), rng.choice([1, 5, 2**20]), np.int64)
        owner = np.array([rng.randrange(owners) for _ in range(count)], np.int64)
        keys, largest = row_keys(rows, owner, owners)
        assert_exact(keys, largest, [(o, *row) for o, row in zip(owner.tolist(), tuples(rows), strict=True)])


def test_keys_of_an_owner_come_before_those_of_the_next() -> None:
    rng = random.Random(2)
    for columns in (3, 60):
        owner = np.repeat(np.arange(7), 20)
        keys, _ = row_keys(random_rows(rng, 140, columns, 30, np.int64), owner, 7)
        order = np.argsort(keys, kind="stable")
        assert owner[order].tolist() == owner.tolist()


@pytest.mark.parametrize(("columns", "bits"), [(40, 5), (13, 5), (12, 5), (70, 1), (200, 3), (9, 30), (30, 50)])
def test_row_keys_beyond_62_bits(columns: int, bits: int) -> None:
    rng = random.Random(columns)
    rows = np.array([[rng.randrange(2**bits) - 2 ** (bits - 1) for _ in range(columns)] for _ in range(60)], np.int64)
    rows[0], rows[1] = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    for i in range(2, 50):  # neighbours that differ in one column only, at any place
        rows[i] = rows[rng.randrange(i)]
        rows[i, rng.randrange(columns)] += rng.choice([0, 1, -1])
    assert_exact(*row_keys(rows), tuples(rows))
    shifted = rows - rows.min(axis=0)
    sizes = (shifted.max(axis=0) + 1).tolist()
    assert_exact(*joint_keys(list(zip(shifted.T, sizes, strict=True))), tuples(rows))


@pytest.mark.parametrize("bits", [57, 59, 60])
def test_row_keys_with_columns_of_nearly_62_bits(bits: int) -> None:
    """Ranks times one such column pass 64 bits; the numbers are chosen so that wrapped keys meet."""
    size = 2**bits
    first = [2**50 * i for i in range(2 ** (64 - bits) + 1)]
    rows = np.array([[a, b] for a in first for b in (-size // 2, 0, size // 2 - 1)], np.int64)
    assert_exact(*row_keys(rows), tuples(rows))


def test_joint_keys_are_exact() -> None:
    rng = random.Random(3)
    for _ in range(100):
        count, columns = rng.randint(0, 30), rng.randint(1, 30)
        sizes = [rng.choice([1, 2, 7, 1000, 2**31]) for _ in range(columns)]
        pool = [[rng.choice([0, size - 1, rng.randrange(size)]) for size in sizes] for _ in range(4)]
        rows = np.array([rng.choice(pool) for _ in range(count)], np.int64).reshape(count, columns)
        assert_exact(*joint_keys([(rows[:, j], sizes[j]) for j in range(columns)]), tuples(rows))


def test_joint_keys_leave_their_columns_alone() -> None:
    column = np.array([3, 0, 1], np.int64)
    joint_keys([(column, 4), (column, 4)])
    assert column.tolist() == [3, 0, 1]


def test_joint_keys_need_a_column() -> None:
    with pytest.raises(ValueError, match="no columns"):
        joint_keys([])


def first_rows(keys: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for row, key in enumerate(keys):
        found.setdefault(key, row)
    return found


@pytest.mark.parametrize("largest", [1, 5, 1000, vectors.DENSE + 1, 10**6, 2**61])
def test_first_of_each_and_ranks(largest: int) -> None:
    rng = random.Random(largest)
    for _ in range(40):
        pool = [rng.randrange(largest) for _ in range(rng.randint(1, 12))]
        keys = [rng.choice(pool) for _ in range(rng.randint(0, 50))]
        found = first_rows(keys)
        expected = [found[key] for key in sorted(found)]
        place = {key: i for i, key in enumerate(sorted(found))}
        array = np.array(keys, np.int64)
        assert first_of_each(array, largest).tolist() == expected
        first, rank = ranks(array, largest)
        assert first.tolist() == expected
        assert rank.tolist() == [place[key] for key in keys]


def test_table_and_sorting_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = np.array(random.Random(4).choices(range(2000), k=300), np.int64)
    by_table = first_of_each(keys, 2000), *ranks(keys, 2000)
    monkeypatch.setattr(vectors, "DENSE", 1)
    by_sorting = first_of_each(keys, 2000), *ranks(keys, 2000)
    for one, other in zip(by_table, by_sorting, strict=True):
        assert one.tolist() == other.tolist()


def test_distinct() -> None:
    rng = random.Random(5)
    for _ in range(60):
        rows = random_rows(rng, rng.randint(0, 30), rng.choice([0, 1, 3, 50]), 20, rng.choice(KINDS))
        kept, number = distinct(rows)
        assert kept.dtype == rows.dtype
        assert len(set(tuples(kept))) == len(kept)
        assert (kept[number] == rows).all()
        assert set(number.tolist()) == set(range(len(kept)))


def test_expanded_and_grouped() -> None:
    rng = random.Random(6)
    for _ in range(60):
        counts = [rng.choice([0, 0, 1, 2, 5]) for _ in range(rng.randint(0, 12))]
        group, offset = expanded(np.array(counts, np.int64))
        places = [(i, j) for i, count in enumerate(counts) for j in range(count)]
        assert list(zip(group.tolist(), offset.tolist(), strict=True)) == places
        starts, sizes = grouped(group, len(counts))
        assert sizes.tolist() == counts
        assert starts.tolist() == [sum(counts[:i]) for i in range(len(counts))]


def test_portions_cover_everything_once_within_the_limit() -> None:
    rng = random.Random(7)
    for _ in range(200):
        counts = [rng.choice([0, 0, 1, 2, 3, 9]) for _ in range(rng.randint(0, 20))]
        most = rng.choice([1, 2, 5, 10, 100])
        found = portions(np.array(counts, np.int64), most)
        assert found
        covered = [i for portion in found for i in range(*portion.indices(len(counts)))]
        assert covered == list(range(len(counts)))
        for portion in found:
            assert sum(counts[portion]) <= most or portion.stop - portion.start == 1
        for one, other in itertools.pairwise(found):  # no portion could have taken one row more
            assert sum(counts[one]) + counts[other.start] > most


@pytest.mark.parametrize("largest", [0, 1, 2**13 - 1, 2**13, 2**14, 2**15, 2**29 - 1, 2**29, 2**30, 2**31, 2**60])
def test_narrow_has_room_for_sums_and_differences(largest: int) -> None:
    kind = narrow(largest)
    assert 2 * largest <= np.iinfo(kind).max
    for narrower in KINDS[: KINDS.index(kind)]:
        assert 4 * largest > np.iinfo(narrower).max


def test_wide_rows_are_compared_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    rows = rng.integers(-3, 4, (40, 9))[rng.integers(0, 40, 200)].astype(np.int16)
    owner = rng.integers(0, 3, 200)
    by_keys, _ = row_keys(rows, owner, 3)
    monkeypatch.setattr(vectors, "WIDE", 0)
    by_bytes, largest = row_keys(rows, owner, 3)
    assert ((by_keys[:, None] == by_keys) == (by_bytes[:, None] == by_bytes)).all()
    assert by_bytes.max() < largest
