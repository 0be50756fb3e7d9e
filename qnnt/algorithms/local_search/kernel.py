"""The compiled walk of local search: one or two parameters of a neuron change, and what depends on them with them.

All that is known at the distinct inputs lies in one array with a row per kind and neuron: sums, values, and for
outputs their soft costs, the letters of their values, the columns of their groups and what these cost. A move
works on trial rows: those of the neuron whose parameter changes, then, in topological order, of the neurons that
read a changed value, and no others. If the move is accepted the trial rows are copied over; if not there is
nothing to undo. Rows are padded to whole vector registers, by inputs that weigh nothing; loops over them have no
branches. A sum counts from the least one on, so that it is a place in the tables of its neuron.

The walk lowers an *energy*, which need not be the loss (see `qnnt.algorithms.local_search.energies`); the loss is
judged, exactly, at accepted moves.

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
Entries = npt.NDArray[np.signedinteger[Any]]
"""Of 32 bits where these suffice for all sums, else of 64."""

NOWHERE = -1

OWNER, SOURCE, FIRST, COUNT = 0, 1, 2, 3
"""Columns of `Fixed.pieces`."""
START, VALUES, UNDEFINED_AT, LETTERS, RUNS, RUN_COUNT, OUTPUT, GROUP = 0, 1, 2, 3, 4, 5, 6, 7
FIRST_PIECE, LAST_PIECE, FIRST_READER, LAST_READER = 8, 9, 10, 11
"""Columns of `Fixed.neurons`."""
ENERGY, LOSS, UNDEFINED, WITHOUT, BEST, MOVES, ACCEPTED = 0, 1, 2, 3, 4, 5, 6
"""Places in `State.totals`."""
TOTALS = 7

STEEP = 40.0
"""Rises of this many temperatures are refused unseen: their chance is below 1e-17."""


class Fixed(NamedTuple):
    """What does not change; p distinct inputs, padded to P.

    Attributes
    ----------
    pieces
        Per summand of a pre-activation: the neuron it belongs to, the neuron it reads or NOWHERE, where its
        choices begin (in `rows` or in `factors`), and how many there are.
    free
        The pieces with more than one choice.
    neurons
        Per neuron: the sum of nothing, as a place; where in the energy's table the values of its sums begin,
        where whether these are undefined or NOWHERE if none is, where letters times strides or NOWHERE; where
        the first places of its runs begin and how many there are, or NOWHERE if its tables have an entry for
        each sum instead of each run; its number among outputs and its group, or NOWHERE; its pieces; and those
        that read it in `readers`.
    readers
        The pieces that read a neuron, neuron by neuron.
    outputs
        The numbers of the output neurons.
    rows
        Shape (., P): contributions of constant pieces.
    factors
        What choices of edges contribute per unit of the value that is read.
    costs
        What vectors of outputs cost, or -1 where the loss is undefined.
    costs_at
        Shape (groups, P): where the costs of an input begin, in `costs`.
    inputs
        The number p.
    """

    pieces: Integers
    free: Integers
    neurons: Integers
    readers: Integers
    outputs: Integers
    rows: Entries
    factors: Entries
    costs: Integers
    costs_at: npt.NDArray[np.uint32]
    inputs: int


class Energy(NamedTuple):
    """What the walk lowers: for each input its weight times the sum of its soft costs, or of its costs.

    Attributes
    ----------
    table
        The tables of neurons first, then soft costs and costs.
    at
        Shape (outputs + groups, P): where the soft costs of an output, and the costs of a group, begin.
    weights
        Shape (P,): 0 for what is padded.
    soft
        Whether soft costs count: of each output's sum; else costs, of each group's column.
    price
        What a value costs that is undefined.
    """

    table: Entries
    at: npt.NDArray[np.uint32]
    weights: Entries
    soft: bool
    price: int


class State(NamedTuple):
    """Where a walk is, and room for one move; or several such, each field with one more axis in front.

    Attributes
    ----------
    choice, best
        Per piece the number of its value now, and when the loss was least.
    totals
        Energy; loss; undefined entries, and those that are losses among them; the least loss without undefined
        entries, or NOWHERE; moves; accepted moves.
    random
        The state of the generator (xorshift64*), in an array of one.
    work
        Shape (., P); of n neurons, o outputs and g groups. Rows now: n of sums, n of values, o of costs of
        outputs, o of letters, g of columns, g of costs of groups; the same after a move; one of differences.
    touched
        Per neuron whether the move changes its sum.
    """

    choice: Integers
    best: Integers
    totals: Integers
    random: npt.NDArray[np.uint64]
    work: Entries
    touched: npt.NDArray[np.bool_]


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
def _run_of(table: Entries, runs: int, count: int, place: int) -> int:
    """The number of the run in which a place lies."""
    low, high = runs, runs + count
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle] <= place:
            low = middle
        else:
            high = middle
    return low - runs


@compiled
def _look_up(table: Entries, neurons: Integers, v: int, kind: int, work: Entries, sums: int, to: int) -> None:
    """A row of entries of one of a neuron's tables, from a row of its sums."""
    first = np.uint64(neurons[v, kind])
    if neurons[v, RUNS] == NOWHERE:
        for i in range(work.shape[1]):
            work[to, i] = table[first + np.uint64(work[sums, i])]
    else:
        for i in range(work.shape[1]):
            work[to, i] = table[
                first + np.uint64(_run_of(table, neurons[v, RUNS], neurons[v, RUN_COUNT], work[sums, i]))
            ]


@compiled
def _look_up_soft(table: Entries, at: Any, neurons: Integers, v: int, work: Entries, sums: int, to: int) -> None:
    """A row of soft costs of an output, from a row of its sums."""
    j = neurons[v, OUTPUT]
    if neurons[v, RUNS] == NOWHERE:
        for i in range(work.shape[1]):
            work[to, i] = table[np.uint64(at[j, i]) + np.uint64(work[sums, i])]
    else:
        for i in range(work.shape[1]):
            run = _run_of(table, neurons[v, RUNS], neurons[v, RUN_COUNT], work[sums, i])
            work[to, i] = table[np.uint64(at[j, i]) + np.uint64(run)]


@compiled
def _look_up_at(table: Entries, at: Any, j: int, work: Entries, columns: int, to: int) -> None:
    """A row of entries of a table, from a row of columns and where these begin at each input."""
    for i in range(work.shape[1]):
        work[to, i] = table[np.uint64(at[j, i]) + np.uint64(work[columns, i])]


@compiled
def _add_row(work: Entries, base: int, to: int, rows: Entries, after: int, before: int) -> None:
    for i in range(work.shape[1]):
        work[to, i] = work[base, i] + (rows[after, i] - rows[before, i])


@compiled
def _add_scaled(work: Entries, base: int, to: int, source: int, factor: Any) -> None:
    for i in range(work.shape[1]):
        work[to, i] = work[base, i] + factor * work[source, i]


@compiled
def _add_difference(work: Entries, to: int, new: int, old: int) -> None:
    for i in range(work.shape[1]):
        work[to, i] += work[new, i] - work[old, i]


@compiled
def _differ(work: Entries, new: int, old: int, to: int) -> bool:
    """The difference of two rows; whether there is any."""
    changed = 0
    for i in range(work.shape[1]):
        difference = work[new, i] - work[old, i]
        work[to, i] = difference
        changed |= difference
    return changed != 0


@compiled
def _copy(work: Entries, source: int, to: int) -> None:
    for i in range(work.shape[1]):
        work[to, i] = work[source, i]


@compiled
def _grown(work: Entries, weights: Entries, new: int, old: int) -> int:
    """How much more a row of costs adds to the energy than another one."""
    total = 0
    for i in range(work.shape[1]):
        total += weights[i] * (work[new, i] - work[old, i])
    return total


@compiled
def _undefined(table: Entries, neurons: Integers, v: int, work: Entries, sums: int, spare: int, inputs: int) -> int:
    """At how many inputs the value of a neuron is undefined."""
    _look_up(table, neurons, v, UNDEFINED_AT, work, sums, spare)
    found = 0
    for i in range(inputs):
        found += work[spare, i]
    return found


@compiled
def _judge(costs: Integers, costs_at: Any, work: Entries, columns: int, inputs: int) -> tuple[int, int]:
    """The loss of rows of columns, undefined entries left out, and how many of these there are."""
    loss = undefined = 0
    for g in range(costs_at.shape[0]):
        for i in range(inputs):
            cost = costs[np.uint64(costs_at[g, i]) + np.uint64(work[columns + g, i])]
            loss += max(cost, 0)
            undefined += cost < 0
    return loss, undefined


@compiled
def place(fixed: Fixed, energy: Energy, state: State) -> None:
    """Make all rows and totals anew, from the choices; time O(pieces * p)."""
    neurons, pieces, outputs, work, choice = fixed.neurons, fixed.pieces, fixed.outputs, state.work, state.choice
    table, at, weights, totals, rows, factors = (
        energy.table,
        energy.at,
        energy.weights,
        state.totals,
        fixed.rows,
        fixed.factors,
    )
    n, o, groups, size = len(neurons), len(outputs), fixed.costs_at.shape[0], work.shape[1]
    values, soft, letters = n, 2 * n, 2 * n + o
    columns = letters + o
    cost = columns + groups
    spare = 2 * (cost + groups)
    total = undefined = 0
    for g in range(groups):
        for i in range(size):
            work[columns + g, i] = 0
    for v in range(n):
        for i in range(size):
            work[v, i] = neurons[v, START]
        for piece in range(neurons[v, FIRST_PIECE], neurons[v, LAST_PIECE]):
            source = pieces[piece, SOURCE]
            chosen = pieces[piece, FIRST] + choice[piece]
            for i in range(size):
                if source == NOWHERE:
                    work[v, i] += rows[chosen, i]
                else:
                    work[v, i] += factors[chosen] * work[values + source, i]
        _look_up(table, neurons, v, VALUES, work, v, values + v)
        if neurons[v, UNDEFINED_AT] != NOWHERE:
            undefined += _undefined(table, neurons, v, work, v, spare, fixed.inputs)
        j = neurons[v, OUTPUT]
        if j != NOWHERE:
            _look_up(table, neurons, v, LETTERS, work, v, letters + j)
            for i in range(size):
                work[columns + neurons[v, GROUP], i] += work[letters + j, i]
            if energy.soft:
                _look_up_soft(table, at, neurons, v, work, v, soft + j)
                for i in range(size):
                    total += weights[i] * work[soft + j, i]
    for g in range(groups):
        if not energy.soft:
            _look_up_at(table, at, o + g, work, columns + g, cost + g)
            for i in range(size):
                total += weights[i] * work[cost + g, i]
    loss, without = _judge(fixed.costs, fixed.costs_at, work, columns, fixed.inputs)
    totals[ENERGY] = total + energy.price * undefined
    totals[LOSS] = loss
    totals[UNDEFINED] = undefined + without
    totals[WITHOUT] = without
    if totals[UNDEFINED] == 0 and (totals[BEST] == NOWHERE or loss < totals[BEST]):
        totals[BEST] = loss
        for k in range(len(choice)):
            state.best[k] = choice[k]


@compiled
def walk(
    fixed: Fixed,
    energy: Energy,
    state: State,
    moves: int,
    temperature: float,
    pairs: float,
    enough: int,
) -> int:
    """Try so many moves, or fewer if the least loss reaches `enough`.

    Parameters
    ----------
    temperature
        In units of the energy.
    pairs
        The share of moves that change two parameters of a neuron at once.

    Returns
    -------
    int
        How many moves were tried.
    """
    # Arrays by themselves, not in their tuples: numba counts references each time it takes one out.
    pieces, free, neurons, readers = fixed.pieces, fixed.free, fixed.neurons, fixed.readers
    rows, factors, costs, costs_at, inputs = fixed.rows, fixed.factors, fixed.costs, fixed.costs_at, fixed.inputs
    table, at, weights, is_soft, price = energy.table, energy.at, energy.weights, energy.soft, energy.price
    choice, best, totals, random = state.choice, state.best, state.totals, state.random
    work, touched = state.work, state.touched
    n, o, groups = len(neurons), len(fixed.outputs), costs_at.shape[0]
    values, soft, letters = n, 2 * n, 2 * n + o
    columns = letters + o
    cost = columns + groups
    trial = cost + groups  # from each row to its trial row
    difference = spare = 2 * trial
    if not len(free) or 0 <= totals[BEST] <= enough:
        return 0
    for done in range(moves):
        totals[MOVES] += 1
        piece = free[_below(random, len(free))]
        owner = pieces[piece, OWNER]
        first, second, new_first, new_second = piece, NOWHERE, 0, 0
        base = owner
        while True:
            new = _below(random, pieces[piece, COUNT] - 1)
            new += new >= choice[piece]
            before, after = pieces[piece, FIRST] + choice[piece], pieces[piece, FIRST] + new
            if pieces[piece, SOURCE] == NOWHERE:
                _add_row(work, base, trial + owner, rows, after, before)
            else:
                source = values + pieces[piece, SOURCE]
                _add_scaled(work, base, trial + owner, source, factors[after] - factors[before])
            if second != NOWHERE:
                new_second = new
                break
            new_first = new
            if not pairs or _chance(random) >= pairs:
                break
            start = neurons[owner, FIRST_PIECE]
            piece = start + _below(random, neurons[owner, LAST_PIECE] - start)
            if piece == first or pieces[piece, COUNT] < 2:
                break
            second = piece
            base = trial + owner
        # downstream, as far as something changes
        rise = undefined = 0
        judged = False
        touched[owner] = True
        v = last = owner
        while v <= last:
            if touched[v]:
                j = neurons[v, OUTPUT]
                if neurons[v, FIRST_READER] < neurons[v, LAST_READER]:
                    _look_up(table, neurons, v, VALUES, work, trial + v, trial + values + v)
                    if _differ(work, trial + values + v, values + v, difference):
                        for k in range(neurons[v, FIRST_READER], neurons[v, LAST_READER]):
                            reader = readers[k]
                            factor = factors[pieces[reader, FIRST] + choice[reader]]
                            if factor:
                                u = pieces[reader, OWNER]
                                _add_scaled(work, trial + u if touched[u] else u, trial + u, difference, factor)
                                touched[u] = True
                                last = max(last, u)
                if neurons[v, UNDEFINED_AT] != NOWHERE:
                    undefined += _undefined(table, neurons, v, work, trial + v, spare, inputs)
                    undefined -= _undefined(table, neurons, v, work, v, spare, inputs)
                if j != NOWHERE:
                    if is_soft:
                        _look_up_soft(table, at, neurons, v, work, trial + v, trial + soft + j)
                        rise += _grown(work, weights, trial + soft + j, soft + j)
                    else:
                        _look_up(table, neurons, v, LETTERS, work, trial + v, trial + letters + j)
                        if not judged:
                            for g in range(groups):
                                _copy(work, columns + g, trial + columns + g)
                        _add_difference(work, trial + columns + neurons[v, GROUP], trial + letters + j, letters + j)
                    judged = True
            v += 1
        if judged and not is_soft:
            for g in range(groups):
                _look_up_at(table, at, o + g, work, trial + columns + g, trial + cost + g)
                rise += _grown(work, weights, trial + cost + g, cost + g)
        rise += price * undefined
        if rise <= 0 or (rise < STEEP * temperature and _chance(random) < math.exp(-rise / temperature)):
            choice[first] = new_first
            if second != NOWHERE:
                choice[second] = new_second
            totals[ACCEPTED] += 1
            totals[ENERGY] += rise
            for v in range(owner, last + 1):
                if touched[v]:
                    _copy(work, trial + v, v)
                    if neurons[v, FIRST_READER] < neurons[v, LAST_READER]:
                        _copy(work, trial + values + v, values + v)
                    j = neurons[v, OUTPUT]
                    if j != NOWHERE:
                        if is_soft:
                            _copy(work, trial + soft + j, soft + j)
                            _look_up(table, neurons, v, LETTERS, work, v, trial + letters + j)
                            _add_difference(work, columns + neurons[v, GROUP], trial + letters + j, letters + j)
                        _copy(work, trial + letters + j, letters + j)
            if judged and not is_soft:
                for g in range(groups):
                    _copy(work, trial + columns + g, columns + g)
                    _copy(work, trial + cost + g, cost + g)
            if judged:
                loss, without = _judge(costs, costs_at, work, columns, inputs)
                totals[LOSS] = loss
                undefined += without - totals[WITHOUT]
                totals[WITHOUT] = without
            totals[UNDEFINED] += undefined
            if totals[UNDEFINED] == 0 and (totals[BEST] == NOWHERE or totals[LOSS] < totals[BEST]):
                totals[BEST] = totals[LOSS]
                for k in range(len(choice)):
                    best[k] = choice[k]
        for v in range(owner, last + 1):
            touched[v] = False
        if 0 <= totals[BEST] <= enough:
            return done + 1
    return moves


@compiled
def member(states: State, r: int) -> State:
    """One of several walks."""
    return State(
        states.choice[r], states.best[r], states.totals[r], states.random[r], states.work[r], states.touched[r]
    )


@compiled
def temper(
    fixed: Fixed,
    energy: Energy,
    states: State,
    ladder: npt.NDArray[np.float64],
    rungs: Integers,
    random: npt.NDArray[np.uint64],
    sweeps: int,
    moves: int,
    pairs: float,
    enough: int,
) -> int:
    """Replica exchange: walks at fixed temperatures, where neighbours change places.

    Hukushima, Nemoto, "Exchange Monte Carlo Method and Application to Spin Glass Simulations", 1996.

    Parameters
    ----------
    ladder
        Temperatures, increasing.
    rungs
        Which walk is at each of them; changed here.
    random
        The state of the generator of exchanges.
    sweeps, moves
        How often all of them walk, and how many moves each time.

    Returns
    -------
    int
        How many sweeps were made: fewer once a least loss is `enough` or less.
    """
    for sweep in range(sweeps):
        for k in range(len(ladder)):
            one = member(states, rungs[k])
            walk(fixed, energy, one, moves, ladder[k], pairs, enough)
            if 0 <= one.totals[BEST] <= enough:
                return sweep + 1
        for k in range(len(ladder) - 1):
            below, above = rungs[k], rungs[k + 1]
            gain = (1 / ladder[k] - 1 / ladder[k + 1]) * (states.totals[below, ENERGY] - states.totals[above, ENERGY])
            if gain >= 0 or _chance(random) < math.exp(gain):
                rungs[k], rungs[k + 1] = above, below
    return sweeps
