"""The compiled search: a depth-first walk over the patterns of a `Problem`'s positions, with bounds.

A *node* fixes the patterns of the first positions. It knows the *cells* (elements that agree on all
that is fixed, as bit sets) and, for each output, the functions that may still lead to a better score.
For a function the letters that it can still reach on a cell are known beforehand, so that the most it
can win is a sum over cells: popcounts of the cell with the gains of that set of letters, taken once per
cell and set, and one addition per cell and function.

At the last position every surviving function, or vector of functions of outputs that are judged
together, says what each element wins for each letter of that position. The score of a pattern is then
one popcount per word and bit of the gains, in a loop that the compiler vectorises.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled, set_bits

Words = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]

NODES, CANDIDATES, LEAVES = 0, 1, 2
"""Places of the counters: nodes visited, functions or vectors of them tried at the last position, patterns scored."""


@compiled
def _weight(words: Words, planes: int) -> int:
    """The number that planes of bits stand for, one after another, the lowest first; shape (planes * words,)."""
    width = len(words) // planes
    total = 0
    for k in range(planes):
        bits = 0
        for w in range(width):
            bits += set_bits(words[k * width + w])
        total += bits << k
    return total


@compiled
def _extend(
    masks: Words,
    cells: Integers,
    count: int,
    letters: Words,
    pattern: int,
    values: int,
    patterns: int,
    next_masks: Words,
    next_cells: Integers,
) -> int:
    """Split each cell by the letters of a pattern; how many are not empty."""
    words = masks.shape[1]
    found = 0
    for n in range(count):
        for v in range(values):
            some = np.uint64(0)
            for w in range(words):
                part = masks[n, w] & letters[(v * words + w) * patterns + pattern]
                next_masks[found, w] = part
                some |= part
            if some:
                next_cells[found] = cells[n] * values + v
                found += 1
    return found


@compiled
def _bound(
    level: int,
    masks: Words,
    cells: Integers,
    count: int,
    planes: int,
    groups: Integers,
    sets: Integers,
    set_gains: Words,
    set_gains_at: Integers,
    reach: Numbers,
    reach_at: Integers,
    cell_count: int,
    before: Numbers,
    before_count: Integers,
    kept: Numbers,
    kept_count: Integers,
    won: Integers,
    most: Integers,
    best: int,
    top: Integers,
) -> bool:
    """Keep the functions that may still beat the best score; whether the node may.

    `won[o, f]` is an upper bound on what function f of output o can win alone.
    """
    words = masks.shape[1]
    outputs = len(sets)
    table = np.empty((count, sets.max()), np.int64)
    largest = np.zeros(outputs, np.int64)
    for o in range(outputs):
        for n in range(count):
            for q in range(sets[o]):
                at = set_gains_at[o] + q * planes * words
                total = 0
                for k in range(planes):
                    bits = 0
                    for w in range(words):
                        bits += set_bits(masks[n, w] & set_gains[at + k * words + w])
                    total += bits << k
                table[n, q] = total
        first = reach_at[o, level]
        high = -1
        for i in range(before_count[o]):
            f = before[o, i]
            total = 0
            row = first + f * cell_count
            for n in range(count):
                total += table[n, reach[row + cells[n]]]
            won[o, i] = total
            high = max(high, total)
        largest[o] = high
    total = 0
    for g in range(len(groups) - 1):
        least = largest[groups[g]]
        for o in range(groups[g] + 1, groups[g + 1]):
            least = min(least, largest[o])
        most[g] = least
        total += least
    if total <= best:
        top[0] = max(top[0], total)
        return False
    for g in range(len(groups) - 1):
        others = total - most[g]
        for o in range(groups[g], groups[g + 1]):
            found = 0
            for i in range(before_count[o]):
                bound = won[o, i] + others
                if bound > best:
                    kept[o, found] = before[o, i]
                    found += 1
                else:
                    top[0] = max(top[0], bound)
            kept_count[o] = found
    return True


@compiled
def _score(
    gains: Words, values: int, planes: int, letters: Words, patterns: int, start: int, end: int, scores: Integers
) -> None:
    """Raise `scores[a]` to what pattern a wins, for start <= a < end; `gains` has shape (values, planes * words)."""
    words = gains.shape[1] // planes
    if planes == 1 and words == 1 and values == 2:
        zero, one = gains[0, 0], gains[1, 0]
        for a in range(start, end):
            found = set_bits((zero & letters[a]) | (one & letters[patterns + a]))
            scores[a] = max(scores[a], found)
        return
    if planes == 1 and words == 1 and values == 3:
        zero, one, two = gains[0, 0], gains[1, 0], gains[2, 0]
        for a in range(start, end):
            found = set_bits((zero & letters[a]) | (one & letters[patterns + a]) | (two & letters[2 * patterns + a]))
            scores[a] = max(scores[a], found)
        return
    for a in range(start, end):
        total = 0
        for k in range(planes):
            bits = 0
            for w in range(words):
                part = np.uint64(0)
                for v in range(values):
                    part |= gains[v, k * words + w] & letters[(v * words + w) * patterns + a]
                bits += set_bits(part)
            total += bits << k
        scores[a] = max(scores[a], total)


@compiled
def _last_position(
    masks: Words,
    cells: Integers,
    count: int,
    planes: int,
    first_output: int,
    last_output: int,
    others: int,
    functions: Numbers,
    function_count: Integers,
    values: int,
    letter: Numbers,
    letter_at: Integers,
    grid: int,
    gains: Words,
    gains_at: int,
    strides: Integers,
    free: Integers,
    letters: Words,
    patterns: int,
    start: int,
    end: int,
    scores: Integers,
    best: int,
    top: Integers,
    counters: Integers,
) -> None:
    """Score the patterns of the last position for one group of outputs, over all vectors of their functions."""
    words = masks.shape[1]
    width = planes * words
    outputs = last_output - first_output
    place = np.full(outputs, -1, np.int64)
    symbol = np.zeros((outputs + 1, count * values), np.int64)
    won = np.zeros((values, width), np.uint64)
    either = np.zeros(width, np.uint64)
    for i in range(outputs):
        symbol[0] += strides[first_output + i] * free[first_output + i]
    depth = 0
    while depth >= 0:
        place[depth] += 1
        o = first_output + depth
        if place[depth] >= function_count[o]:
            place[depth] = -1
            depth -= 1
            continue
        row = letter_at[o] + functions[o, place[depth]] * grid
        won[:] = 0
        for n in range(count):
            at = row + cells[n] * values
            for v in range(values):
                s = symbol[depth, n * values + v] + strides[o] * (letter[at + v] - free[o])
                symbol[depth + 1, n * values + v] = s
                here = gains_at + s * width
                for k in range(planes):
                    for w in range(words):
                        won[v, k * words + w] |= masks[n, w] & gains[here + k * words + w]
        if outputs > 1:
            either[:] = 0
            for v in range(values):
                either |= won[v]
            bound = _weight(either, planes) + others
            if bound <= best:
                top[0] = max(top[0], bound)
                continue
        if depth + 1 < outputs:
            depth += 1
            continue
        counters[CANDIDATES] += 1
        counters[LEAVES] += end - start
        _score(won, values, planes, letters, patterns, start, end, scores)


@compiled
def explore(
    first: int,
    last: int,
    patterns: Integers,
    values: Integers,
    like: Integers,
    letters: Words,
    letters_at: Integers,
    contexts: Words,
    planes: int,
    groups: Integers,
    functions: Integers,
    sets: Integers,
    set_gains: Words,
    set_gains_at: Integers,
    reach: Numbers,
    reach_at: Integers,
    grids: Integers,
    letter: Numbers,
    letter_at: Integers,
    gains: Words,
    gains_at: Integers,
    strides: Integers,
    free: Integers,
    shared: Integers,
    found: Integers,
    counters: Integers,
) -> int:
    """Walk through all choices of patterns with the first position's in first..last - 1.

    Arrays are those of `Problem`; `shared[0]` is the best score so far, of all threads, and is raised.
    `found` receives the patterns of a choice that raised it.

    Returns
    -------
    int
        The largest score that a choice which was dropped or did not raise the best could have; -1 if none.
    """
    positions, words, outputs = len(patterns), contexts.shape[1], len(functions)
    elements = 64 * words
    room = len(contexts)
    for j in range(positions - 1):
        room = min(elements, room * values[j])
    room += 1  # a cell is written before it is known to be empty
    masks = np.zeros((positions, room, words), np.uint64)
    cells = np.zeros((positions, room), np.int64)
    count = np.zeros(positions, np.int64)
    kept = np.zeros((positions + 1, outputs, functions.max()), np.int32)
    kept_count = np.zeros((positions + 1, outputs), np.int64)
    won = np.zeros((outputs, functions.max()), np.int64)
    most = np.zeros(len(groups) - 1, np.int64)
    scores = np.zeros((len(groups) - 1, patterns[-1]), np.int64)
    index = np.zeros(positions, np.int64)
    top = np.full(1, -1, np.int64)
    for n in range(len(contexts)):
        masks[0, n] = contexts[n]
        cells[0, n] = n
    count[0] = len(contexts)
    for o in range(outputs):
        kept_count[0, o] = functions[o]
        for f in range(functions[o]):
            kept[0, o, f] = f
    level = 0
    index[0] = first - 1
    at_root = True
    while level >= 0:
        if not at_root:
            index[level] += 1
            if index[level] >= (last if level == 0 else patterns[level]):
                level -= 1
                continue
            count[level + 1] = _extend(
                masks[level],
                cells[level],
                count[level],
                letters[letters_at[level] :],
                index[level],
                values[level],
                patterns[level],
                masks[level + 1],
                cells[level + 1],
            )
            level += 1
        # the node at `level` has its first `level` positions fixed
        counters[NODES] += 1
        best = shared[0]
        alive = _bound(
            level,
            masks[level],
            cells[level],
            count[level],
            planes,
            groups,
            sets,
            set_gains,
            set_gains_at,
            reach,
            reach_at,
            grids[level],
            kept[level],
            kept_count[level],
            kept[level + 1],
            kept_count[level + 1],
            won,
            most,
            best,
            top,
        )
        if alive and level + 1 < positions:
            index[level] = (index[level - 1] if level > 0 and like[level] else 0) - 1
            if level == 0:
                index[0] = first - 1
            at_root = False
            continue
        if alive:
            start, end = (0, patterns[level]) if level > 0 else (first, last)
            if level > 0 and like[level]:
                start = index[level - 1]
            total = most.sum()
            for g in range(len(groups) - 1):
                scores[g, start:end] = -1
                _last_position(
                    masks[level],
                    cells[level],
                    count[level],
                    planes,
                    groups[g],
                    groups[g + 1],
                    total - most[g],
                    kept[level + 1],
                    kept_count[level + 1],
                    values[level],
                    letter,
                    letter_at,
                    grids[level + 1],
                    gains,
                    gains_at[g],
                    strides,
                    free,
                    letters[letters_at[level] :],
                    patterns[level],
                    start,
                    end,
                    scores[g],
                    best,
                    top,
                    counters,
                )
            for a in range(start, end):
                total = 0
                for g in range(len(groups) - 1):
                    if scores[g, a] < 0:
                        total = -1
                        break
                    total += scores[g, a]
                if total > shared[0]:
                    shared[0] = total
                    found[:level] = index[:level]
                    found[level] = a
                else:
                    top[0] = max(top[0], total)
        level -= 1
        at_root = False
        if level < 0:
            break
    return int(top[0])
