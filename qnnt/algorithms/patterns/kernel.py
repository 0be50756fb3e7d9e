"""The compiled search: a depth-first walk over the patterns of a `Problem`'s positions, with bounds.

A *node* fixes the patterns of the first positions. It knows the *cells* (elements that agree on all
that is fixed, as bit sets) and, for each output, the functions that may still lead to a small enough
cost, as a bit set. For each cell the functions are sorted beforehand into *entries*, by the set of letters
that they can still reach there. What a set costs at least on the cell's elements is a popcount; it is
added for all functions of an entry at once, in counters that are sliced by bits: word operations serve
64 functions, and the compiler vectorises them.

At the last position every surviving function, or vector of functions of outputs that are judged
together, says what each element costs for each letter of that position. The cost of a pattern is then
one popcount per word and bit of the costs, again in vectorised loops.

Compiled functions must stay in the file that calls them, so all of it is here. Small pieces come first; to
read top-down, start at the end. The sections, in the order of the file:

cells
    `_extend`: the elements of a node, split by one more pattern.
counters sliced by bits
    `_charge`, `_keep_at_most`, `_least`: costs of 64 functions at a time.
the bound of a node
    `_bound`: charge all functions for all cells, drop those that cost too much; `_largest`: outputs that are
    judged together.
the last position
    `_score`: what its patterns cost for one function; `_next`: the functions that are left; `_spend`,
    `_cheapest`: what elements cost for each of its letters, with one more output's function.
the last position, one output alone
    `_last_alone`: function by function.
the last position, outputs together
    `_joined`, `_last_together`: vectors of functions, depth first, with bounds.
the walk
    `explore`: the nodes, depth first; `_bound` at each, then the last position. The only entry; its parameters
    are described at `arrays.Arrays`.

Names: a *level* is how many positions are fixed; a *word* holds 64 elements or 64 functions; a *plane* is one
bit of the elements' costs; a *symbol* is the number of a vector of letters of outputs judged together. What
ends in ``_at`` says where something begins in a flat array.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled, set_bits

Words = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]

NODES, CANDIDATES, SCORED = 0, 1, 2
"""Places of the counters: nodes visited, functions or vectors of them tried at the last position, patterns scored."""
MOST_BITS = 62
"""Of a cost."""


# --- cells -----------------------------------------------------------------------------------------


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


# --- counters sliced by bits -----------------------------------------------------------------------


@compiled
def _charge(members: Words, alive: Words, counter: Words, carry: Words, amount: int, allowed: int, bits: int) -> None:
    """Add to the counters of the members that are alive; those that overflow are alive no more."""
    size = len(alive)
    if amount > allowed:
        for w in range(size):
            alive[w] &= ~members[w]
        return
    some = np.uint64(0)
    for w in range(size):
        some |= members[w] & alive[w]
    if not some:
        return
    for b in range(bits):
        if amount >> b & 1:
            for w in range(size):
                carry[w] = members[w] & alive[w]
            for c in range(b, bits):
                digit = counter[c]
                for w in range(size):
                    both = digit[w] & carry[w]
                    digit[w] ^= carry[w]
                    carry[w] = both
            for w in range(size):
                alive[w] &= ~carry[w]


@compiled
def _keep_at_most(limit: int, alive: Words, counter: Words, bits: int) -> None:
    """Functions whose counter is above the limit are alive no more."""
    for w in range(len(alive)):
        same, above = alive[w], np.uint64(0)
        for b in range(bits - 1, -1, -1):
            if limit >> b & 1:
                same &= counter[b, w]
            else:
                above |= same & counter[b, w]
                same &= ~counter[b, w]
        alive[w] &= ~above


@compiled
def _least(alive: Words, counter: Words, carry: Words, bits: int) -> int:
    """The smallest counter of a function that is alive; -1 if none is."""
    some = np.uint64(0)
    for w in range(len(alive)):
        carry[w] = alive[w]
        some |= alive[w]
    if not some:
        return -1
    found = 0
    for b in range(bits - 1, -1, -1):
        some = np.uint64(0)
        for w in range(len(alive)):
            some |= carry[w] & ~counter[b, w]
        if some:
            for w in range(len(alive)):
                carry[w] &= ~counter[b, w]
        else:
            found |= 1 << b
    return found


# --- the bound of a node ---------------------------------------------------------------------------


@compiled
def _bound(
    level: int,
    masks: Words,
    cells: Integers,
    count: int,
    planes: int,
    groups: Integers,
    function_words: Integers,
    set_costs: Words,
    set_costs_at: Integers,
    cells_at: Integers,
    entries_at: Integers,
    entry_set: Numbers,
    entry_functions: Words,
    entry_words_at: Integers,
    kinds: Integers,
    kind_masks: Words,
    kind_masks_at: Integers,
    kind_functions: Words,
    kind_functions_at: Integers,
    before: Words,
    kept: Words,
    counter: Words,
    carry: Words,
    least: Integers,
    allowed: int,
) -> bool:
    """Keep the functions that may still cost at most what is allowed; whether the node may."""
    words = masks.shape[1]
    bits = 0
    while allowed >> bits:
        bits += 1
    for o in range(len(function_words)):
        size = function_words[o]
        alive, digits = kept[o, :size], counter[o]
        alive[:] = before[o, :size]
        digits[:bits] = 0
        for n in range(count):
            for r in range(kinds[o]):
                times = 0
                for w in range(words):
                    times += set_bits(masks[n, w] & kind_masks[kind_masks_at[o] + r * words + w])
                if times:
                    at = kind_functions_at[o, level] + (cells[n] * kinds[o] + r) * planes * size
                    for k in range(planes):
                        _charge(
                            kind_functions[at + k * size : at + (k + 1) * size],
                            alive,
                            digits,
                            carry,
                            times << k,
                            allowed,
                            bits,
                        )
            cell = cells_at[o, level] + cells[n]
            for e in range(entries_at[cell], entries_at[cell + 1]):
                at = set_costs_at[o] + entry_set[e] * planes * words
                cost = 0
                for k in range(planes):
                    ones = 0
                    for w in range(words):
                        ones += set_bits(masks[n, w] & set_costs[at + k * words + w])
                    cost += ones << k
                if not cost:
                    continue
                members = entry_functions[entry_words_at[e] : entry_words_at[e] + size]
                _charge(members, alive, digits, carry, cost, allowed, bits)
            some = np.uint64(0)
            for w in range(size):
                some |= alive[w]
            if not some:
                return False
        _keep_at_most(allowed, alive, digits, bits)
        least[o] = _least(alive, digits, carry, bits)
        if least[o] < 0:
            return False
    total = 0
    for g in range(len(groups) - 1):
        total += _largest(least, groups[g], groups[g + 1])
    if total > allowed:
        return False
    for g in range(len(groups) - 1):
        others = total - _largest(least, groups[g], groups[g + 1])
        if others:
            for o in range(groups[g], groups[g + 1]):
                size = function_words[o]
                _keep_at_most(allowed - others, kept[o, :size], counter[o], bits)
    return True


@compiled
def _largest(least: Integers, first: int, last: int) -> int:
    """What outputs that are judged together cost at least: as much as each of them alone."""
    found = 0
    for o in range(first, last):
        found = max(found, least[o])
    return found


# --- the last position -----------------------------------------------------------------------------


@compiled
def _score(
    costs: Words,
    values: int,
    planes: int,
    letters: Words,
    patterns: int,
    start: int,
    end: int,
    scores: Integers,
    part: Words,
    whole: Integers,
) -> None:
    """Lower `scores[a]` to what pattern a costs, for start <= a < end; `costs` has shape (values, planes * words).

    Slices that begin at 0 keep the loops free of negative indices, so that they are vectorised: 0.3 ns a pattern.
    """
    words = costs.shape[1] // planes
    size = end - start
    low = scores[start:end]
    if planes == 1 and words == 1 and values == 2:
        zero, one = costs[0, 0], costs[1, 0]
        first, second = letters[start:end], letters[patterns + start : patterns + end]
        for a in range(size):
            low[a] = min(low[a], set_bits((zero & first[a]) | (one & second[a])))
        return
    if planes == 1 and words == 1 and values == 3:
        zero, one, two = costs[0, 0], costs[1, 0], costs[2, 0]
        first, second = letters[start:end], letters[patterns + start : patterns + end]
        third = letters[2 * patterns + start : 2 * patterns + end]
        for a in range(size):
            low[a] = min(low[a], set_bits((zero & first[a]) | (one & second[a]) | (two & third[a])))
        return
    whole[:size] = 0
    for k in range(planes):
        for w in range(words):
            part[:size] = 0
            for v in range(values):
                cost = costs[v, k * words + w]
                row = (v * words + w) * patterns
                letter = letters[row + start : row + end]
                for a in range(size):
                    part[a] |= cost & letter[a]
            for a in range(size):
                whole[a] += set_bits(part[a]) << k
    for a in range(size):
        low[a] = min(low[a], whole[a])


@compiled
def _next(functions: Words, after: int) -> int:
    """The first member of a bit set behind the given one; -1 if there is none."""
    f = after + 1
    while f < 64 * len(functions):
        rest = functions[f >> 6] >> np.uint64(f & 63)
        if not rest:
            f = ((f >> 6) + 1) << 6
            continue
        return f + set_bits((rest & (~rest + np.uint64(1))) - np.uint64(1))
    return -1


@compiled
def _spend(
    masks: Words,
    cells: Integers,
    count: int,
    planes: int,
    values: int,
    letter: Numbers,
    row: int,
    stride: int,
    costs: Words,
    costs_at: int,
    before: Integers,
    symbol: Integers,
    spent: Words,
) -> None:
    """What each element costs for each letter of the last position, with one more output's function.

    `before` and `symbol` are the numbers of vectors of letters, at each cell for each letter of the position,
    without and with the output; `spent` has shape (values, planes * words).
    """
    words = masks.shape[1]
    width = planes * words
    spent[:] = 0
    for n in range(count):
        at = row + cells[n] * values
        for v in range(values):
            s = before[n * values + v] + stride * letter[at + v]
            symbol[n * values + v] = s
            here = costs_at + s * width
            for k in range(planes):
                for w in range(words):
                    spent[v, k * words + w] |= masks[n, w] & costs[here + k * words + w]


@compiled
def _cheapest(spent: Words, planes: int) -> int:
    """At least what is spent whatever the letters are: the bits that all letters have in common."""
    words = spent.shape[1] // planes
    total = 0
    for k in range(planes):
        ones = 0
        for w in range(words):
            every = spent[0, k * words + w]
            for v in range(1, len(spent)):
                every &= spent[v, k * words + w]
            ones += set_bits(every)
        total += ones << k
    return total


# --- the last position, one output alone -----------------------------------------------------------


@compiled
def _last_alone(
    masks: Words,
    cells: Integers,
    count: int,
    planes: int,
    functions: Words,
    values: int,
    letter: Numbers,
    letter_at: int,
    grid: int,
    costs: Words,
    costs_at: int,
    letters: Words,
    patterns: int,
    start: int,
    end: int,
    scores: Integers,
    part: Words,
    whole: Integers,
    counters: Integers,
) -> None:
    """Score the patterns of the last position for an output that is judged alone, over its functions."""
    spent = np.zeros((values, planes * masks.shape[1]), np.uint64)
    before = np.zeros(count * values, np.int64)
    symbol = np.zeros(count * values, np.int64)
    f = _next(functions, -1)
    while f >= 0:
        row = letter_at + f * grid
        _spend(masks, cells, count, planes, values, letter, row, 1, costs, costs_at, before, symbol, spent)
        counters[CANDIDATES] += 1
        counters[SCORED] += end - start
        _score(spent, values, planes, letters, patterns, start, end, scores, part, whole)
        f = _next(functions, f)


# --- the last position, outputs together -----------------------------------------------------------


@compiled
def _joined(spent: Words, alone: Words, count: int, values: int, planes: int, every: Words, bounds: Integers) -> None:
    """For each function of one more output the bits that are spent whatever the letters are, as a cost.

    `spent` has shape (values * width,), `alone` (values * width, functions); vectorised over functions.
    """
    width = len(spent) // values
    words = width // planes
    low = bounds[:count]
    low[:] = 0
    for k in range(planes):
        for w in range(words):
            at = k * words + w
            first, base = alone[at], spent[at]
            for i in range(count):
                every[i] = first[i] | base
            for v in range(1, values):
                other, base = alone[v * width + at], spent[v * width + at]
                for i in range(count):
                    every[i] &= other[i] | base
            for i in range(count):
                low[i] += set_bits(every[i]) << k


@compiled
def _last_together(
    masks: Words,
    cells: Integers,
    count: int,
    planes: int,
    allowed: int,
    functions: Words,
    function_words: Integers,
    values: int,
    letter: Numbers,
    letter_at: Integers,
    grid: int,
    costs: Words,
    costs_at: int,
    strides: Integers,
    free: Integers,
    joining: int,
    members: Integers,
    alone: Words,
    spent: Words,
    bounds: Integers,
    every: Words,
    letters: Words,
    patterns: int,
    start: int,
    end: int,
    scores: Integers,
    part: Words,
    whole: Integers,
    counters: Integers,
) -> None:
    """The same for outputs that are judged together, over all vectors of their functions.

    `joining` says what the bits of the costs of single outputs, joined by OR, are for a vector: nothing (0),
    a lower bound (1) or its cost (2). The arrays after it are room for the surviving functions of each
    output, what they spend alone, what vectors spend so far, and bounds.
    """
    width = planes * masks.shape[1]
    outputs = len(function_words)
    base = np.zeros(count * values, np.int64)
    symbol = np.zeros(count * values, np.int64)
    exact = np.zeros((values, width), np.uint64)
    number = np.zeros(outputs, np.int64)
    everything = 0
    for o in range(outputs):
        everything += strides[o] * free[o]
    for o in range(outputs):
        base[:] = everything - strides[o] * free[o]
        f = _next(functions[o, : function_words[o]], -1)
        while f >= 0:
            row = letter_at[o] + f * grid
            _spend(masks, cells, count, planes, values, letter, row, strides[o], costs, costs_at, base, symbol, exact)
            i = number[o]
            members[o, i] = f
            for v in range(values):
                for w in range(width):
                    alone[o, v * width + w, i] = exact[v, w]
            number[o] += 1
            f = _next(functions[o, : function_words[o]], f)
    place = np.full(outputs, -1, np.int64)
    spent[0] = 0
    depth = 0
    _joined(spent[0], alone[0], number[0], values, planes, every, bounds[0])
    while depth >= 0:
        place[depth] += 1
        i = place[depth]
        if i >= number[depth]:
            depth -= 1
            continue
        if joining and bounds[depth, i] > allowed:
            continue
        final = depth + 1 == outputs
        if joining == 0 or (final and joining == 1):
            # follow the numbers of the vectors of letters from the first output on
            symbol[:] = everything
            for o in range(depth + 1):
                base[:] = symbol - strides[o] * free[o]
                row = letter_at[o] + members[o, place[o]] * grid
                stride = strides[o]
                _spend(masks, cells, count, planes, values, letter, row, stride, costs, costs_at, base, symbol, exact)
            if _cheapest(exact, planes) > allowed:
                continue
        if joining:
            for v in range(values * width):
                spent[depth + 1, v] = spent[depth, v] | alone[depth, v, i]
        if not final:
            depth += 1
            place[depth] = -1
            if joining:
                _joined(spent[depth], alone[depth], number[depth], values, planes, every, bounds[depth])
            continue
        if joining == 2:
            for v in range(values):
                for w in range(width):
                    exact[v, w] = spent[outputs, v * width + w]
        counters[CANDIDATES] += 1
        counters[SCORED] += end - start
        _score(exact, values, planes, letters, patterns, start, end, scores, part, whole)


# --- the walk --------------------------------------------------------------------------------------


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
    functions: Words,
    function_words: Integers,
    set_costs: Words,
    set_costs_at: Integers,
    cells_at: Integers,
    entries_at: Integers,
    entry_set: Numbers,
    entry_functions: Words,
    entry_words_at: Integers,
    kinds: Integers,
    kind_masks: Words,
    kind_masks_at: Integers,
    kind_functions: Words,
    kind_functions_at: Integers,
    grids: Integers,
    letter: Numbers,
    letter_at: Integers,
    costs: Words,
    costs_at: Integers,
    strides: Integers,
    free: Integers,
    joining: Integers,
    shared: Integers,
    found: Integers,
    counters: Integers,
) -> None:
    """Walk through all choices of patterns with the first position's in first..last - 1.

    Arrays are those of `Problem`. `shared[0]` is the largest cost that is of interest, for all threads: it is
    lowered below the cost of each choice found, whose patterns `found` receives.
    """
    positions, words, outputs = len(patterns), contexts.shape[1], len(function_words)
    room = len(contexts)
    for j in range(positions - 1):
        room = min(64 * words, room * values[j])
    room += 1  # a cell is written before it is known to be empty
    masks = np.zeros((positions, room, words), np.uint64)
    cells = np.zeros((positions, room), np.int64)
    count = np.zeros(positions, np.int64)
    kept = np.zeros((positions + 1, outputs, functions.shape[1]), np.uint64)
    counter = np.zeros((outputs, MOST_BITS, functions.shape[1]), np.uint64)
    carry = np.zeros(functions.shape[1], np.uint64)
    least = np.zeros(outputs, np.int64)
    scores = np.zeros((len(groups) - 1, patterns[-1]), np.int64)
    part = np.zeros(patterns[-1], np.uint64)
    whole = np.zeros(patterns[-1], np.int64)
    index = np.zeros(positions, np.int64)
    together, most = 0, 0
    for g in range(len(groups) - 1):
        if groups[g + 1] - groups[g] > 1:
            together = max(together, groups[g + 1] - groups[g])
            for o in range(groups[g], groups[g + 1]):
                most = max(most, 64 * function_words[o])
    members = np.zeros((together, most), np.int64)
    alone = np.zeros((together, values[-1] * planes * words, most), np.uint64)
    spent = np.zeros((together + 1, values[-1] * planes * words), np.uint64)
    bounds = np.zeros((together, most), np.int64)
    every = np.zeros(most, np.uint64)
    masks[0, : len(contexts)] = contexts
    for n in range(len(contexts)):
        cells[0, n] = n
    count[0] = len(contexts)
    kept[0] = functions
    level = 0
    mine = shared[0]
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
        at_root = False
        counters[NODES] += 1
        allowed = min(shared[0], mine)  # another thread may raise what is shared again
        alive = allowed >= 0 and _bound(
            level,
            masks[level],
            cells[level],
            count[level],
            planes,
            groups,
            function_words,
            set_costs,
            set_costs_at,
            cells_at,
            entries_at,
            entry_set,
            entry_functions,
            entry_words_at,
            kinds,
            kind_masks,
            kind_masks_at,
            kind_functions,
            kind_functions_at,
            kept[level],
            kept[level + 1],
            counter,
            carry,
            least,
            allowed,
        )
        start, end = (first, last) if level == 0 else (0, patterns[level])
        if level > 0 and like[level]:
            start = index[level - 1]
        if alive and level + 1 < positions:
            index[level] = start - 1
            continue
        if alive:
            total = 0
            for g in range(len(groups) - 1):
                total += _largest(least, groups[g], groups[g + 1])
            for g in range(len(groups) - 1):
                scores[g, start:end] = allowed + 1
                o, after = groups[g], groups[g + 1]
                if after == o + 1:
                    _last_alone(
                        masks[level],
                        cells[level],
                        count[level],
                        planes,
                        kept[level + 1, o, : function_words[o]],
                        values[level],
                        letter,
                        letter_at[o],
                        grids[level + 1],
                        costs,
                        costs_at[g],
                        letters[letters_at[level] :],
                        patterns[level],
                        start,
                        end,
                        scores[g],
                        part,
                        whole,
                        counters,
                    )
                    continue
                _last_together(
                    masks[level],
                    cells[level],
                    count[level],
                    planes,
                    allowed - total + _largest(least, o, after),
                    kept[level + 1, o:after],
                    function_words[o:after],
                    values[level],
                    letter,
                    letter_at[o:after],
                    grids[level + 1],
                    costs,
                    costs_at[g],
                    strides[o:after],
                    free[o:after],
                    joining[g],
                    members,
                    alone,
                    spent,
                    bounds,
                    every,
                    letters[letters_at[level] :],
                    patterns[level],
                    start,
                    end,
                    scores[g],
                    part,
                    whole,
                    counters,
                )
            for a in range(start, end):
                total = 0
                for g in range(len(groups) - 1):
                    total += scores[g, a]
                if total <= min(shared[0], mine):
                    mine = total - 1
                    shared[0] = mine
                    found[:level] = index[:level]
                    found[level] = a
        level -= 1
