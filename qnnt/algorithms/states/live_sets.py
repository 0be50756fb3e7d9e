"""Numbering live sets, and dropping those that lie inside others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.mismatches import Words
from qnnt.algorithms.states.vectors import Integers, ranks, row_keys

MOST_ROUNDS = 12
"""The largest live sets of a group that all others are compared with."""


def distinct_sets(words: Words) -> tuple[Words, Integers]:
    """The distinct live sets, and for every row its number among them."""
    if words.shape[1] == 1:
        kept, rank = np.unique(words[:, 0], return_inverse=True)
        return kept[:, None], rank
    halves = words.view(np.uint32).astype(np.int64)
    first, rank = ranks(*row_keys(halves))
    return words[first], rank


def undominated(groups: Integers, live: Words, rounds: int = MOST_ROUNDS) -> npt.NDArray[np.bool_]:
    """Which rows to keep: False only where a row of the same group has a larger or equal live set and is kept.

    Every later step leaves the order of live sets alone, so nothing is lost. Complexity: rounds times rows.
    """
    keep = np.ones(len(groups), bool)
    order = np.lexsort((-np.bitwise_count(live).sum(axis=1, dtype=np.int64), groups))
    ordered = groups[order]
    fresh = np.append(True, ordered[1:] != ordered[:-1]) if len(ordered) else np.zeros(0, bool)
    start = np.flatnonzero(fresh)[np.cumsum(fresh) - 1] if len(ordered) else order
    place = np.arange(len(ordered)) - start
    rest = np.arange(len(ordered))  # rows that come after the present champion of their group
    for number in range(rounds):
        rest = rest[place[rest] > number]
        if not len(rest):
            break
        champion = order[start[rest] + number]
        inside = keep[champion] & ((live[order[rest]] & ~live[champion]) == 0).all(axis=1)
        keep[order[rest[inside]]] = False
        rest = rest[~inside]
    return keep
