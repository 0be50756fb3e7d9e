"""The best decision tree of depth three on 0/1 features, exactly: fewest mistakes on its samples, any classes.

For a root and one of its sides, the best subtree of depth two is read off counts of pairs of features, which are
matrix products (as in Demirović et al., MurTree, Journal of Machine Learning Research 23, 2022). For m features, n
samples and c classes that is O(m^3 n c) in compiled products of matrices: 100 features and 700 samples take seconds.
Of equally good trees the one with the first features is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.bool_]
Classes = npt.NDArray[np.int64]
Counts = npt.NDArray[np.float64]
"""Whole numbers: products of matrices of doubles are quicker, and exact up to 2^53."""


@dataclass(frozen=True)
class Leaf:
    """One class for all samples."""

    label: int
    mistakes: int

    def predicted(self, features: Features) -> Classes:
        """The class of each row."""
        return np.full(len(features), self.label)


@dataclass(frozen=True)
class Split:
    """Samples without a feature go one way, those with it the other."""

    feature: int
    without: Tree
    having: Tree

    @property
    def mistakes(self) -> int:
        """Of the samples it was made for."""
        return self.without.mistakes + self.having.mistakes

    def predicted(self, features: Features) -> Classes:
        """The class of each row."""
        sides = self.without.predicted(features), self.having.predicted(features)
        return np.where(features[:, self.feature], sides[1], sides[0])


Tree = Leaf | Split


def best_tree(features: Features, labels: Classes, classes: int) -> Tree:
    """The best tree of depth three.

    Parameters
    ----------
    features
        Shape (n, m).
    labels
        Shape (n,), values in 0..classes - 1.
    """
    best: Tree = _best_of_depth_two(features, labels, classes)
    for root in range(features.shape[1]):
        having = features[:, root]
        if not best.mistakes or having.all() or not having.any():
            continue
        sides = [_best_of_depth_two(features[side], labels[side], classes) for side in (~having, having)]
        if sides[0].mistakes + sides[1].mistakes < best.mistakes:
            best = Split(root, *sides)
    return best


def _best_of_depth_two(features: Features, labels: Classes, classes: int) -> Tree:
    """The best tree of at most that depth: the mistakes of all pairs of features at once."""
    leaf = _leaf(labels, classes)
    if not leaf.mistakes or not features.shape[1]:
        return leaf
    having = features.astype(np.float64)
    chosen = [having[labels == c] for c in range(classes)]
    both = np.stack([rows.T @ rows for rows in chosen])  # (class, root, feature)
    one = np.stack([rows.sum(axis=0) for rows in chosen])  # (class, feature)
    all_of_them = np.array([len(rows) for rows in chosen], np.float64)[:, None, None]
    root_only = one[:, :, None] - both
    other_only = one[:, None, :] - both
    neither = all_of_them - one[:, :, None] - one[:, None, :] + both
    with_root = _mistakes(both) + _mistakes(root_only)  # (root, feature)
    without_root = _mistakes(other_only) + _mistakes(neither)
    root = int((with_root.min(axis=1) + without_root.min(axis=1)).argmin())
    at = features[:, root]
    sides = [
        _split(int(mistakes[root].argmin()), features[side], labels[side], classes)
        for mistakes, side in ((without_root, ~at), (with_root, at))
    ]
    tree = Split(root, *sides)
    return tree if tree.mistakes < leaf.mistakes else leaf


def _mistakes(counts: Counts) -> Counts:
    """Of a leaf that has so many samples of each class."""
    return np.asarray(counts.sum(axis=0) - counts.max(axis=0), np.float64)


def _split(feature: int, features: Features, labels: Classes, classes: int) -> Tree:
    at = features[:, feature]
    split = Split(feature, _leaf(labels[~at], classes), _leaf(labels[at], classes))
    leaf = _leaf(labels, classes)
    return split if split.mistakes < leaf.mistakes else leaf


def _leaf(labels: Classes, classes: int) -> Leaf:
    counts = np.bincount(labels, minlength=classes)
    return Leaf(int(counts.argmax()), int(counts.sum() - counts.max()))


def thermometer(inputs: npt.NDArray[np.int64], like: npt.NDArray[np.int64]) -> Features:
    """0/1 features that say which inputs lie above each value but the last that they take elsewhere.

    Parameters
    ----------
    inputs
        Shape (n, k).
    like
        Shape (any, k): where the values are learned, such as the training samples.
    """
    columns = [inputs[:, j] > value for j in range(inputs.shape[1]) for value in np.unique(like[:, j])[:-1]]
    return np.stack(columns, axis=1) if columns else np.zeros((len(inputs), 0), bool)
