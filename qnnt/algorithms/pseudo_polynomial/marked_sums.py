"""Sums of two sets of small integers by marks in a table."""

from __future__ import annotations

import numpy as np

from qnnt.algorithms.states.vectors import Integers


def marked_sums(keys: Integers, choices: Integers) -> Integers:
    """The distinct sums of a key and a choice, increasing.

    Complexity: as many marks as there are sums, and a table of one byte for each integer up to the largest.

    Parameters
    ----------
    keys, choices
        One-dimensional, increasing, not negative.
    """
    if not len(keys) or not len(choices):
        return np.empty(0, np.int64)
    if len(keys) < len(choices):
        keys, choices = choices, keys
    marks = np.zeros(int(keys[-1]) + int(choices[-1]) + 1, bool)
    for choice in choices.tolist():
        marks[choice:][keys] = True
    return np.flatnonzero(marks).astype(np.int64, copy=False)
