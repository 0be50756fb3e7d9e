from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from qnnt.proofs import deletions
from qnnt.proofs.clauses import Clauses, joined
from tests.proofs.formulas import Formula, random_formula


def clauses_of(rows: Sequence[Sequence[int]], variables: int) -> Clauses:
    entries = np.array([literal for row in rows for literal in row], np.int64)
    return joined(variables, (np.cumsum([0, *map(len, rows)]), entries))


def expected_rows(rows: Formula, deletes: list[bool]) -> list[int]:
    """By sets, the last copy first."""
    found: list[int] = []
    there: dict[frozenset[int], list[int]] = {}
    for at, (row, deletion) in enumerate(zip(rows, deletes, strict=True)):
        copies = there.setdefault(frozenset(row), [])
        found.append(copies.pop() if deletion and copies else deletions.NOTHING)
        if not deletion:
            copies.append(at)
    return found


@pytest.mark.parametrize("buckets", [1, 2, 64, 1024])
@pytest.mark.parametrize("seed", range(10))
def test_deleted_rows(seed: int, buckets: int) -> None:
    rng = random.Random(seed)
    rows: Formula = random_formula(rng, 3, 400) + [[]] * 5
    rng.shuffle(rows)
    rows = [rng.sample(row, len(row)) for row in rows]
    deletes = [rng.random() < rng.choice([0.2, 0.5]) for _ in rows]
    clauses = clauses_of(rows, 3)
    table = np.full(buckets, deletions.NOTHING), np.full(clauses.codes, deletions.NOTHING)
    found = deletions._match(clauses.starts, clauses.cells, np.array(deletes), *table)
    assert found.tolist() == expected_rows(rows, deletes)
    assert deletions.deleted_rows(clauses, np.array(deletes)).tolist() == found.tolist()


def test_clauses_are_sets() -> None:
    clauses = clauses_of([[1, -2, 1], [], [5, -9, 5, -9], [-1, 1]], 2)
    rows = [clauses.cells[start + 1 : start + 1 + clauses.cells[start]].tolist() for start in clauses.starts]
    assert rows == [[2, 5], [], [6, 9], [3, 2]]
    assert clauses.codes == 10


def test_no_clauses() -> None:
    clauses = clauses_of([], 0)
    assert len(clauses.starts) == len(clauses.cells) == 0
    assert deletions.deleted_rows(clauses, np.zeros(0, np.bool_)).tolist() == []
