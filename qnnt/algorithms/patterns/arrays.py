"""A problem as the compiled search takes it: flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from qnnt.algorithms.patterns.problem import Judged, Numbers, Position, Problem, Words
from qnnt.algorithms.patterns.reach import (
    MOST_WORDS,
    bit_planes,
    entries_of,
    few_kinds,
    kinds_of,
    no_entries,
    no_kinds,
    packed,
    reach_of,
)
from qnnt.algorithms.states.effort import StateLimitError
from qnnt.algorithms.states.vectors import Integers


@dataclass(frozen=True)
class Arrays:
    """The parameters of `kernel.explore` between the range of the first position and the answers, in order.

    Attributes
    ----------
    patterns, values, like
        Per position: how many patterns, how many letters, whether it is like the one before.
    letters, letters_at
        Per position and letter, shape (values, words, patterns): the elements where a pattern has it.
    contexts
        Shape (contexts, words): their elements.
    planes
        Bits of the largest cost.
    groups
        The first output of each group, and the number of outputs.
    functions, function_words
        Per output its functions as a bit set, in so many words.
    set_costs, set_costs_at
        Per output and set of letters the least costs of the elements, shape (sets, planes, words).
    cells_at, entries_at, entry_set, entry_functions, entry_words_at
        The cells of output o at a level begin at ``cells_at[o, level]``; the entries of a cell are
        ``entries_at[cell] .. entries_at[cell + 1] - 1``, each with a set of letters and the functions that
        can reach just that set.
    kinds, kind_masks, kind_masks_at, kind_functions, kind_functions_at
        Instead of entries, where elements are of few kinds, alike in what each letter costs: per output how
        many kinds, the elements of each, shape (kinds, words), and at each level for each cell, kind and bit
        of a cost the functions that cost it at least.
    grids
        Cells per level.
    letter, letter_at
        Per output the functions, shape (F, grid).
    costs, costs_at
        Per group the bits of `Judged.extended`, shape (vectors of letters, planes, words).
    strides, free
        Per output what a letter counts in such a vector's number, and the letter that stands for the best one.
    joining
        Per group what the bits of the costs of single outputs, joined by OR, are for a vector of letters: its
        cost (2), a lower bound (1), or nothing of use (0).
    """

    patterns: Integers
    values: Integers
    like: Integers
    letters: Words
    letters_at: Integers
    contexts: Words
    planes: int
    groups: Integers
    functions: Words
    function_words: Integers
    set_costs: Words
    set_costs_at: Integers
    cells_at: Integers
    entries_at: Integers
    entry_set: Numbers
    entry_functions: Words
    entry_words_at: Integers
    kinds: Integers
    kind_masks: Words
    kind_masks_at: Integers
    kind_functions: Words
    kind_functions_at: Integers
    grids: Integers
    letter: Numbers
    letter_at: Integers
    costs: Words
    costs_at: Integers
    strides: Integers
    free: Integers
    joining: Integers

    def in_order(self) -> list[Any]:
        """The arrays as positional arguments."""
        return [getattr(self, field.name) for field in fields(self)]


def arrays_of(problem: Problem) -> Arrays:
    """The flat form.

    Raises
    ------
    StateLimitError
        If the bit sets of functions would be too large.
    """
    letters = [_letter_masks(position) for position in problem.positions]
    members = [(group, j) for group in problem.groups for j in range(len(group.functions))]
    planes = max(1, int(max(int(group.costs.max(initial=0)) for group in problem.groups)).bit_length())
    functions = [group.functions[j] for group, j in members]
    scratch = _scratch(problem, planes)
    if scratch > MOST_WORDS:
        raise StateLimitError(
            f"{scratch:.0e} words for what the functions of outputs cost, room is for {MOST_WORDS:.0e}"
        )
    words = [max(1, -(-len(rows) // 64)) for rows in functions]
    everything = np.zeros((len(functions), max(words)), np.uint64)
    for row, some in zip(everything, functions, strict=True):
        row[: -(-len(some) // 64)] = packed(np.ones(len(some), bool))
    reached = [reach_of(group.functions[j], problem.grids, group.alone(j)) for group, j in members]
    sliced = [few_kinds(reach, planes) for reach in reached]
    entries = [
        (no_entries if few else entries_of)(reach, count)
        for reach, few, count in zip(reached, sliced, words, strict=True)
    ]
    kinds = [
        kinds_of(reach, planes, count) if few else no_kinds(reach, len(problem.contexts))
        for reach, few, count in zip(reached, sliced, words, strict=True)
    ]
    set_costs = [bit_planes(reach.costs, planes) for reach in reached]
    costs = [bit_planes(group.extended.T.copy(), planes) for group in problem.groups]
    levels = len(problem.positions)
    sizes = [count for found in entries for count in found.counts]
    by_kind = [part for found in kinds for part in found.functions]
    first_words = _starts([found.functions.size for found in entries])
    return Arrays(
        np.array([len(position.patterns) for position in problem.positions], np.int64),
        np.array([position.values for position in problem.positions], np.int64),
        np.array([position.like_previous for position in problem.positions], np.int64),
        np.concatenate([part.ravel() for part in letters]),
        _starts([part.size for part in letters]),
        packed(np.arange(problem.context_count)[:, None] == problem.contexts),
        planes,
        np.append(0, np.cumsum([len(group.functions) for group in problem.groups])).astype(np.int64),
        everything,
        np.array(words, np.int64),
        np.concatenate([part.ravel() for part in set_costs]),
        _starts([part.size for part in set_costs]),
        _starts([cells for _ in reached for cells in problem.grids[:levels]]).reshape(len(reached), levels),
        np.append(0, np.cumsum(np.concatenate(sizes))).astype(np.int64),
        np.concatenate([found.sets for found in entries]),
        np.concatenate([found.functions.ravel() for found in entries]),
        np.concatenate(
            [
                start + np.arange(len(found.functions), dtype=np.int64) * found.functions.shape[1]
                for start, found in zip(first_words, entries, strict=True)
            ]
        ),
        np.array([len(found.masks) for found in kinds], np.int64),
        np.concatenate([found.masks.ravel() for found in kinds]),
        _starts([found.masks.size for found in kinds]),
        np.concatenate([part.ravel() for part in by_kind]),
        _starts([part.size for part in by_kind]).reshape(len(reached), levels),
        np.array(problem.grids, np.int64),
        np.concatenate([rows.ravel() for rows in functions]).astype(np.int32),
        _starts([rows.size for rows in functions]),
        np.concatenate([part.ravel() for part in costs]),
        _starts([part.size for part in costs]),
        np.array([stride for group in problem.groups for stride in group.strides], np.int64),
        np.array([size for group in problem.groups for size in group.alphabets], np.int64),
        np.array([_joining(group) for group in problem.groups], np.int64),
    )


def _scratch(problem: Problem, planes: int) -> int:
    """Words that the search needs for the functions of outputs that are judged together."""
    together = [group for group in problem.groups if len(group.functions) > 1]
    outputs = max((len(group.functions) for group in together), default=0)
    functions = max((len(rows) for group in together for rows in group.functions), default=0)
    return outputs * functions * problem.positions[-1].values * planes * -(-len(problem.contexts) // 64)


def _joining(group: Judged) -> int:
    """As in `Arrays`. Mismatches of single outputs join to mismatches of vectors."""
    costs = group.costs.reshape(len(group.costs), *group.alphabets)
    joined = np.zeros_like(costs)
    for j, size in enumerate(group.alphabets):
        shape = [len(costs), *(size if i == j else 1 for i in range(len(group.alphabets)))]
        joined |= group.alone(j).reshape(shape)
    if (joined == costs).all():
        return 2
    return int((joined <= costs).all())


def _starts(sizes: list[int]) -> Integers:
    return np.append(0, np.cumsum(sizes)[:-1]).astype(np.int64)


def _letter_masks(position: Position) -> Words:
    """Where each pattern has each letter: shape (values, words, K)."""
    masks = packed(position.patterns[None, :, :] == np.arange(position.values)[:, None, None])
    return np.ascontiguousarray(masks.transpose(0, 2, 1))
