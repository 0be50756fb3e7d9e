"""Sums of two sets of integers by sorting, or by merging shifted copies where one set is small."""

from __future__ import annotations

import numpy as np

from qnnt.algorithms.states.vectors import Integers
from qnnt.compiled import compiled

CHUNK = 1 << 23
"""Sums sorted at a time."""
FEW = 6
"""Choices up to which merging their shifted copies is faster than sorting."""


def sorted_sums(keys: Integers, choices: Integers) -> Integers:
    """The distinct sums of a key and a choice, increasing.

    Parameters
    ----------
    keys, choices
        One-dimensional, distinct and increasing; all sums fit 64 bits.

    Notes
    -----
    Complexity: |keys| |choices| sums, times the logarithm of |choices| when merged, else sorted.
    """
    if len(keys) < len(choices):
        keys, choices = choices, keys
    return merged_copies(keys, choices) if len(choices) <= FEW else sorted_products(keys, choices)


def sorted_products(keys: Integers, choices: Integers) -> Integers:
    """The same by sorting all sums, a chunk at a time."""
    size = max(1, CHUNK // max(1, len(choices)))
    found = np.empty(0, np.int64)
    for first in range(0, len(keys), size):
        sums = (choices[:, None] + keys[None, first : first + size]).ravel()
        sums.sort()
        found = union(found, _first_of_equals(sums))
    return found


def merged_copies(keys: Integers, choices: Integers) -> Integers:
    """The same by merging copies of the keys in pairs; quick if there are few choices."""
    parts = [(keys, int(choice)) for choice in choices]
    if not parts:
        return np.empty(0, np.int64)
    while len(parts) > 1:
        pairs = [_merged(*parts[i], *parts[i + 1]) for i in range(0, len(parts) - 1, 2)]
        parts = [(pair, 0) for pair in pairs] + parts[2 * len(pairs) :]
    last, shift = parts[0]
    return last + shift if shift else last


def union(some: Integers, others: Integers) -> Integers:
    """The distinct numbers of two increasing arrays of distinct numbers, increasing."""
    if not len(some) or not len(others):
        return some if len(some) else others
    return _merged(some, 0, others, 0)


def _merged(some: Integers, shift: int, others: Integers, other_shift: int) -> Integers:
    space = np.empty(len(some) + len(others), np.int64)
    count = _merge(np.ascontiguousarray(some), shift, np.ascontiguousarray(others), other_shift, space)
    return space[:count]


def _first_of_equals(numbers: Integers) -> Integers:
    """Of increasing numbers one of each; overwrites them."""
    kept = numbers[: _drop_repeats(numbers)]
    return kept.copy() if 2 * len(kept) < len(numbers) else kept


@compiled
def _drop_repeats(numbers: Integers) -> int:
    """Move one of each to the front; how many there are."""
    if not len(numbers):
        return 0
    last, count = numbers[0], 1
    for i in range(1, len(numbers)):
        number = numbers[i]
        numbers[count] = number
        count += number != last
        last = number
    return count


@compiled
def _merge(some: Integers, shift: int, others: Integers, other_shift: int, space: Integers) -> int:
    """Write the union of two shifted sets, increasing; how many there are."""
    i = j = count = 0
    while i < len(some) and j < len(others):
        x, y = some[i] + shift, others[j] + other_shift
        space[count] = min(x, y)
        count += 1
        i += x <= y
        j += y <= x
    while i < len(some):
        space[count] = some[i] + shift
        i += 1
        count += 1
    while j < len(others):
        space[count] = others[j] + other_shift
        j += 1
        count += 1
    return count
