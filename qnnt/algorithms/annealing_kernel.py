"""The compiled walk of simulated annealing: one parameter changes at a time, and what depends on it with it.

Known at any time are the pre-activation of every neuron at every distinct input, its *code* (which of its
values it takes there) and, for each group of outputs, the *column* of its table of costs. A move works on
trial copies of the entries that it changes: all sums of the neuron whose parameter changes, then, in
topological order, the sums that read a changed value, and no others. If the move is accepted the trial
entries are copied over; if not there is nothing to undo.

Where an activation or the loss is undefined counts as an *undefined entry*; each has a price of its own.
Metropolis et al., "Equation of State Calculations by Fast Computing Machines", 1953; Kirkpatrick, Gelatt,
Vecchi, "Optimization by Simulated Annealing", Science 1983.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]
"""Codes, or places of inputs: indices without a sign need no test for being negative."""

NOWHERE = -1

OWNER, SOURCE, FIRST, COUNT = 0, 1, 2, 3
"""Columns of `Fixed.pieces`."""
LEAST, SIZE, TABLE, RUNS, RUN_COUNT, GROUP = 0, 1, 2, 3, 4, 5
"""Columns of `Fixed.neurons`."""
LOSS, UNDEFINED, BEST, MOVES, ACCEPTED = 0, 1, 2, 3, 4
"""Places in `State.totals`."""
TOTALS = 5
CHANGED, TOUCHED, COLUMNS = 0, 1, 2
"""Rows of `State.counts`."""

STEEP = 40.0
"""Rises of this many temperatures are refused unseen: their chance is below 1e-17."""


class Fixed(NamedTuple):
    """What does not change; p distinct inputs.

    Attributes
    ----------
    pieces
        Per summand of a pre-activation: the neuron it belongs to, the neuron it reads or NOWHERE, where its
        choices begin (in `rows` or in `factors`), and how many there are.
    free
        The pieces with more than one choice.
    rows
        Shape (., p): contributions of constant pieces.
    factors
        What choices of edges contribute per unit of the value that is read.
    neurons
        Per neuron: its least sum, the length of its part of `table`, where that begins or NOWHERE, where its
        runs begin, how many there are, and its group of outputs or NOWHERE.
    table
        The code of each sum, from the least on.
    run_starts, run_codes
        The same for neurons without a table: first sums of runs, and their codes.
    values, undefined, columns
        Per code: the value, 1 where there is none, and what it adds to the column of the group.
    reader_starts, readers
        For each neuron, where the pieces that read it begin and end in the list of these pieces.
    cells, cell_starts
        Costs, or -1 where the loss is undefined: input by input, for each group from its start on.
    widths
        Per group how many columns it has.
    partial
        Whether any value is undefined.
    """

    pieces: Integers
    free: Integers
    rows: npt.NDArray[np.int64]
    factors: Integers
    neurons: Integers
    table: Numbers
    run_starts: Integers
    run_codes: Numbers
    values: Integers
    undefined: Integers
    columns: Integers
    reader_starts: Integers
    readers: Integers
    cells: Integers
    cell_starts: Integers
    widths: Integers
    partial: bool


class State(NamedTuple):
    """Where the walk is, and room for one move; n neurons, p distinct inputs, g groups.

    Attributes
    ----------
    choice, best
        Per piece the number of its value now, and when the loss was least.
    totals
        Loss, undefined entries, least loss without undefined entries or NOWHERE, moves, accepted moves.
    random
        The state of the generator (xorshift64*), in an array of one.
    sums, codes, columns
        Shapes (n, p), (n, p), (g, p).
    trial_sums, trial_codes, trial_columns
        The same after the move, where it changes them.
    changed, differences
        Shape (n, p): the inputs at which the code changes, one after another, and the change of the value.
    touched, touched_columns
        Shapes (n, p), (g, p): the inputs at which the sum, or the column, is another one.
    seen, seen_columns
        The number of the move in which an entry was touched last.
    counts
        Shape (3, max(n, g)): lengths of the lists in `changed`, `touched` and `touched_columns`.
    """

    choice: Integers
    best: Integers
    totals: Integers
    random: npt.NDArray[np.uint64]
    sums: npt.NDArray[np.int64]
    codes: Numbers
    columns: npt.NDArray[np.int64]
    trial_sums: npt.NDArray[np.int64]
    trial_codes: Numbers
    trial_columns: npt.NDArray[np.int64]
    changed: Numbers
    differences: npt.NDArray[np.int64]
    touched: Numbers
    touched_columns: Numbers
    seen: npt.NDArray[np.int64]
    seen_columns: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


@compiled
def _word(random: npt.NDArray[np.uint64]) -> Any:
    """64 random bits: xorshift64*, Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return x * np.uint64(0x2545F4914F6CDD1D)


@compiled
def _below(random: npt.NDArray[np.uint64], count: int) -> int:
    """A random number from 0 to count - 1; count below 2^32."""
    return int(((_word(random) >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32))


@compiled
def _chance(random: npt.NDArray[np.uint64]) -> float:
    """A random number from 0 on, below 1."""
    return int(_word(random) >> np.uint64(11)) * 2.0**-53


@compiled
def _code(fixed: Fixed, v: int, total: int) -> Any:
    """The code of a neuron at a sum; a sum outside all runs, possible after undefined values, counts to the nearest."""
    at = fixed.neurons[v, TABLE]
    if at >= 0:
        return fixed.table[at + min(max(total - fixed.neurons[v, LEAST], 0), fixed.neurons[v, SIZE] - 1)]
    low = fixed.neurons[v, RUNS]
    high = low + fixed.neurons[v, RUN_COUNT]
    while high - low > 1:
        middle = (low + high) // 2
        if fixed.run_starts[middle] <= total:
            low = middle
        else:
            high = middle
    return fixed.run_codes[low]


@compiled
def _cell(fixed: Fixed, g: int, i: int, column: int) -> int:
    """What a group costs at an input; negative where that is undefined."""
    cost: int = fixed.cells[fixed.cell_starts[g] + i * fixed.widths[g] + column]
    return cost


@compiled
def place(fixed: Fixed, state: State) -> None:
    """Make sums, codes, columns and totals anew, from the choices; time O(pieces * p)."""
    n, p = state.sums.shape
    loss = undefined = piece = 0
    state.columns[:] = 0
    for v in range(n):
        for i in range(p):
            state.sums[v, i] = 0
        while piece < len(fixed.pieces) and fixed.pieces[piece, OWNER] == v:
            source = fixed.pieces[piece, SOURCE]
            chosen = fixed.pieces[piece, FIRST] + state.choice[piece]
            for i in range(p):
                if source == NOWHERE:
                    state.sums[v, i] += fixed.rows[chosen, i]
                else:
                    state.sums[v, i] += fixed.factors[chosen] * fixed.values[state.codes[source, i]]
            piece += 1
        for i in range(p):
            code = _code(fixed, v, state.sums[v, i])
            state.codes[v, i] = code
            undefined += fixed.undefined[code]
            if fixed.neurons[v, GROUP] != NOWHERE:
                state.columns[fixed.neurons[v, GROUP], i] += fixed.columns[code]
    for g in range(len(fixed.widths)):
        for i in range(p):
            cost = _cell(fixed, g, i, state.columns[g, i])
            loss += max(cost, 0)
            undefined += cost < 0
    state.totals[LOSS] = loss
    state.totals[UNDEFINED] = undefined
    _remember(state)


@compiled
def _remember(state: State) -> None:
    """Keep the choices if they are the best so far."""
    best = state.totals[BEST]
    if state.totals[UNDEFINED] == 0 and (best == NOWHERE or state.totals[LOSS] < best):
        state.totals[BEST] = state.totals[LOSS]
        state.best[:] = state.choice


@compiled
def _shift(fixed: Fixed, state: State, piece: int, new: int) -> int:
    """The trial sums and codes of the neuron whose parameter changes; at how many inputs the code changes."""
    v, source, first = fixed.pieces[piece, OWNER], fixed.pieces[piece, SOURCE], fixed.pieces[piece, FIRST]
    before, after = first + state.choice[piece], first + new
    p = state.sums.shape[1]
    if source == NOWHERE:
        for i in range(p):
            state.trial_sums[v, i] = state.sums[v, i] + (fixed.rows[after, i] - fixed.rows[before, i])
    else:
        step = fixed.factors[after] - fixed.factors[before]
        for i in range(p):
            state.trial_sums[v, i] = state.sums[v, i] + step * fixed.values[state.codes[source, i]]
    count = 0
    for i in range(p):
        code = _code(fixed, v, state.trial_sums[v, i])
        state.trial_codes[v, i] = code
        state.changed[v, count] = i
        count += code != state.codes[v, i]
    return count


@compiled
def _reactivate(fixed: Fixed, state: State, v: int) -> int:
    """The trial codes of a neuron at the inputs where its sum was touched; at how many the code changes."""
    count = 0
    for k in range(state.counts[TOUCHED, v]):
        i = state.touched[v, k]
        code = _code(fixed, v, state.trial_sums[v, i])
        state.trial_codes[v, i] = code
        state.changed[v, count] = i
        count += code != state.codes[v, i]
    return count


@compiled
def _push(fixed: Fixed, state: State, v: int, move: int) -> int:
    """Add the changes of a neuron's values to the trial sums of those that read it; the last of these, or NOWHERE."""
    count = state.counts[CHANGED, v]
    for k in range(count):
        i = state.changed[v, k]
        state.differences[v, k] = fixed.values[state.trial_codes[v, i]] - fixed.values[state.codes[v, i]]
    last = NOWHERE
    for place in range(fixed.reader_starts[v], fixed.reader_starts[v + 1]):
        piece = fixed.readers[place]
        factor = fixed.factors[fixed.pieces[piece, FIRST] + state.choice[piece]]
        if factor == 0:
            continue
        u = fixed.pieces[piece, OWNER]
        touched = state.counts[TOUCHED, u]
        last = max(last, u)
        if touched == 0:
            for k in range(count):
                i = state.changed[v, k]
                state.seen[u, i] = move
                state.touched[u, k] = i
                state.trial_sums[u, i] = state.sums[u, i] + factor * state.differences[v, k]
            state.counts[TOUCHED, u] = count
            continue
        for k in range(count):
            i = state.changed[v, k]
            if state.seen[u, i] != move:
                state.seen[u, i] = move
                state.touched[u, touched] = i
                touched += 1
                state.trial_sums[u, i] = state.sums[u, i]
            state.trial_sums[u, i] += factor * state.differences[v, k]
        state.counts[TOUCHED, u] = touched
    return last


@compiled
def _push_columns(fixed: Fixed, state: State, v: int, move: int) -> None:
    """Add the changes of an output to the trial columns of its group."""
    g = fixed.neurons[v, GROUP]
    touched = state.counts[COLUMNS, g]
    for k in range(state.counts[CHANGED, v]):
        i = state.changed[v, k]
        if state.seen_columns[g, i] != move:
            state.seen_columns[g, i] = move
            state.touched_columns[g, touched] = i
            touched += 1
            state.trial_columns[g, i] = state.columns[g, i]
        state.trial_columns[g, i] += fixed.columns[state.trial_codes[v, i]] - fixed.columns[state.codes[v, i]]
    state.counts[COLUMNS, g] = touched


@compiled
def _undefined_change(fixed: Fixed, state: State, v: int) -> int:
    """How many more values of a neuron are undefined."""
    found = 0
    for k in range(state.counts[CHANGED, v]):
        i = state.changed[v, k]
        found += fixed.undefined[state.trial_codes[v, i]] - fixed.undefined[state.codes[v, i]]
    return found


@compiled
def _spread(fixed: Fixed, state: State, owner: int, move: int) -> tuple[int, int, int]:
    """Follow a change downstream: how much the loss and the undefined entries grow, and the last neuron touched."""
    loss = undefined = 0
    v = last = owner
    while v <= last:
        if v != owner and state.counts[TOUCHED, v]:
            state.counts[CHANGED, v] = _reactivate(fixed, state, v)
        if state.counts[CHANGED, v]:
            last = max(last, _push(fixed, state, v, move))
            if fixed.partial:
                undefined += _undefined_change(fixed, state, v)
            if fixed.neurons[v, GROUP] != NOWHERE:
                _push_columns(fixed, state, v, move)
        v += 1
    for g in range(len(fixed.widths)):
        for k in range(state.counts[COLUMNS, g]):
            i = state.touched_columns[g, k]
            before = _cell(fixed, g, i, state.columns[g, i])
            after = _cell(fixed, g, i, state.trial_columns[g, i])
            loss += max(after, 0) - max(before, 0)
            undefined += (after < 0) - (before < 0)
    return loss, undefined, last


@compiled
def _commit(state: State, owner: int, last: int) -> None:
    """Copy the trial entries over."""
    for i in range(state.sums.shape[1]):
        state.sums[owner, i] = state.trial_sums[owner, i]
    for v in range(owner, last + 1):
        for k in range(state.counts[TOUCHED, v]):
            i = state.touched[v, k]
            state.sums[v, i] = state.trial_sums[v, i]
        for k in range(state.counts[CHANGED, v]):
            i = state.changed[v, k]
            state.codes[v, i] = state.trial_codes[v, i]
    for g in range(state.columns.shape[0]):
        for k in range(state.counts[COLUMNS, g]):
            i = state.touched_columns[g, k]
            state.columns[g, i] = state.trial_columns[g, i]


@compiled
def _forget(state: State, owner: int, last: int) -> None:
    """Empty the lists of the move."""
    for v in range(owner, last + 1):
        state.counts[TOUCHED, v] = 0
        state.counts[CHANGED, v] = 0
    for g in range(state.columns.shape[0]):
        state.counts[COLUMNS, g] = 0


@compiled
def walk(
    fixed: Fixed, state: State, moves: int, temperature: float, cooling: float, price: float, enough: int
) -> tuple[int, float]:
    """Try so many moves, or fewer if the least loss reaches `enough`.

    Parameters
    ----------
    temperature, cooling
        In units of the cost; the temperature is multiplied by `cooling` before each move.
    price
        What an undefined entry counts, in units of the cost.

    Returns
    -------
    tuple
        How many moves were tried, and the temperature after them.
    """
    totals = state.totals
    if not len(fixed.free) or 0 <= totals[BEST] <= enough:
        return 0, temperature
    for done in range(moves):
        temperature *= cooling
        piece = fixed.free[_below(state.random, len(fixed.free))]
        new = _below(state.random, fixed.pieces[piece, COUNT] - 1)
        new += new >= state.choice[piece]
        owner = fixed.pieces[piece, OWNER]
        totals[MOVES] += 1
        state.counts[CHANGED, owner] = _shift(fixed, state, piece, new)
        loss, undefined, last = _spread(fixed, state, owner, totals[MOVES])
        rise = loss + price * undefined
        if rise <= 0 or (rise < STEEP * temperature and _chance(state.random) < math.exp(-rise / temperature)):
            _commit(state, owner, last)
            state.choice[piece] = new
            totals[ACCEPTED] += 1
            totals[LOSS] += loss
            totals[UNDEFINED] += undefined
            if loss < 0 or undefined < 0:
                _remember(state)
        _forget(state, owner, last)
        if 0 <= totals[BEST] <= enough:
            return done + 1, temperature
    return moves, temperature
