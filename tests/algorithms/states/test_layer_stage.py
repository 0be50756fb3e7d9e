"""Multisets of patterns: by table and by list alike, and who made them."""

from __future__ import annotations

import random
from itertools import combinations_with_replacement

import numpy as np
import pytest

from qnnt.algorithms.states import layer_stage
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.layer_stage import Indices, Pool, Stage

SIZES = [(1, 5), (2, 9), (3, 7), (3, 70), (4, 6)]
"""Widths and numbers of patterns; 70 patterns take two words."""


def pool_of(count: int) -> Pool:
    pool = Pool(1, np.int16)
    pool.numbers(np.arange(count, dtype=np.int16)[:, None])
    return pool


def random_sets(rng: random.Random, patterns: int) -> list[tuple[int, Indices]]:
    sizes = [rng.randrange(min(patterns, 6) + 1) for _ in range(8)]
    return [(owner, np.array(sorted(rng.sample(range(patterns), size)), np.int32)) for owner, size in enumerate(sizes)]


@pytest.mark.parametrize("table", [layer_stage.LARGEST_TABLE, 0])
@pytest.mark.parametrize("flags", [layer_stage.MOST_FLAGS, 0])
@pytest.mark.parametrize(("width", "patterns"), SIZES)
def test_all_multisets_are_reached(
    width: int, patterns: int, flags: int, table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer_stage, "LARGEST_TABLE", table)
    monkeypatch.setattr(layer_stage, "MOST_FLAGS", flags)
    rng = random.Random(f"{width} {patterns}")
    for _ in range(20):
        stage = Stage(0, pool_of(patterns), width)
        layers = [random_sets(rng, patterns) for _ in range(3)]
        expected: set[tuple[int, ...]] = set()
        for layer, sets in enumerate(layers):
            before = len(stage.states)
            stage.add_layer(sets, Effort(10**7))
            for _, choice in sets:
                expected |= set(combinations_with_replacement(choice.tolist(), width))
            assert sorted(map(tuple, stage.states.tolist())) == sorted(expected)
            assert stage.reached[layer] == len(expected)
            for state in range(before, len(stage.states)):
                made_by = dict(sets)[stage.parent(layer, state)]
                assert set(stage.states[state].tolist()) <= set(made_by.tolist())


@pytest.mark.parametrize("table", [layer_stage.LARGEST_TABLE, 0])
def test_too_many_states(table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_stage, "LARGEST_TABLE", table)
    stage = Stage(0, pool_of(9), 3)
    with pytest.raises(StateLimitError, match="more than 100 states at"):
        stage.add_layer([(0, np.arange(9, dtype=np.int32))], Effort(100))
