"""The optimal tree of benchmarks/tables.py against brute force."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def trees(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("optimal_tree")


def fewest_mistakes(features: Any, labels: Any, classes: int, depth: int) -> int:
    counts = np.bincount(labels, minlength=classes)
    best = int(counts.sum() - counts.max())
    for f in range(features.shape[1] if depth else 0):
        sides = (features[:, f], ~features[:, f])
        best = min(best, sum(fewest_mistakes(features[s], labels[s], classes, depth - 1) for s in sides))
    return best


def test_no_tree_of_depth_three_is_better(trees: Any) -> None:
    drawn = np.random.default_rng(0)
    for _ in range(60):
        n, m, classes = drawn.integers(0, 25), drawn.integers(0, 5), int(drawn.integers(1, 4))
        features = drawn.random((n, m)) < drawn.random()
        labels = drawn.integers(0, classes, n)
        tree = trees.best_tree(features, labels, classes)
        assert tree.mistakes == fewest_mistakes(features, labels, classes, 3)
        assert tree.mistakes == int((tree.predicted(features) != labels).sum())


def test_parity_of_three_features_needs_depth_three(trees: Any) -> None:
    features = np.array([[a, b, c, d] for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)], bool)
    assert trees.best_tree(features, features[:, 1:].sum(axis=1) % 2, 2).mistakes == 0
    assert trees.best_tree(features, features.sum(axis=1) % 2, 2).mistakes == 8


def test_features_lie_above_the_values_of_training(trees: Any) -> None:
    known = np.array([[1, 5], [3, 5], [1, 5]])
    assert trees.thermometer(np.array([[0, 9], [1, 0], [2, 5], [3, 5]]), known).tolist() == [
        [False],
        [False],
        [True],
        [True],
    ]
