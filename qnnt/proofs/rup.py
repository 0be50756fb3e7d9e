"""Forward checking of DRUP proofs: every added clause must follow by reverse unit propagation.

A clause follows if unit propagation, from the negation of all its literals, runs into a conflict.
Propagation watches two literals per clause (Moskewicz et al., "Chaff", DAC 2001), each watch with a
*blocker*: another literal of the clause, which if true makes a look at the clause unnecessary.

What unit propagation derives without assumptions, the *trail of facts*, is never taken back, also
when a clause is deleted from which a fact was derived (drat-trim ignores such deletions as well).
That is sound: every clause added is implied by the formula and so is every fact, whatever is deleted;
a deletion can only make later clauses harder to derive, and ignoring one is always sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled
from qnnt.proofs.clauses import Cells, Clauses
from qnnt.proofs.tokens import Integers

NOWHERE = -1

QUIET, CONFLICT, CROWDED = 0, 1, 2
"""How propagation ends: nothing more follows; a clause is false; there is no room for more watches."""

LOWER_HALF = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Check:
    """What came out.

    Attributes
    ----------
    refuted_at
        The row with which the refutation is complete, or NOWHERE.
    failed_at
        The first row that does not follow, or NOWHERE; at most one of the two is a row.
    propagations
        How many literals were assigned.
    """

    refuted_at: int
    failed_at: int
    propagations: int


class _State(NamedTuple):
    """What propagation works on.

    Attributes
    ----------
    cells
        Clauses as in `Clauses.cells`, of length 0 if deleted; the two watched literals come first.
    values
        Per literal: 1 true, -1 false, 0 neither.
    trail
        The true literals in the order in which they became true.
    ends
        How much of the trail is propagated, and how long it is.
    watches
        Lists of watches: the place of a clause in `cells`, times 2^32, plus a blocker.
    lists
        Per literal: where the list of the clauses that watch it begins, its length and its capacity.
    used
        How much of `watches` is taken, in an array of one.
    """

    cells: Cells
    values: npt.NDArray[np.int8]
    trail: Cells
    ends: Integers
    watches: Integers
    lists: Integers
    used: Integers


def check_rows(clauses: Clauses, formula: int, deletes: npt.NDArray[np.bool_], deleted: Integers) -> Check:
    """Check the rows from `formula` on, one after the other, until the refutation is complete.

    It is complete when unit propagation without assumptions runs into a conflict; that can be before
    the first step. Rows after that are not looked at.

    Parameters
    ----------
    formula
        How many rows are taken for granted.
    deletes, deleted
        Which rows are deletions, and of which row; see `qnnt.proofs.deletions.deleted_rows`.
    """
    state = _fresh_state(clauses, 4 * len(clauses.starts) + 8 * clauses.codes)
    return Check(*_check(state, clauses.starts, formula, deletes, deleted))


def _fresh_state(clauses: Clauses, room: int) -> _State:
    """Nothing is assigned or watched yet; `room` for watches is a guess, and grows."""
    return _State(
        cells=clauses.cells.copy(),
        values=np.zeros(clauses.codes, np.int8),
        trail=np.empty(clauses.codes // 2, np.int32),
        ends=np.zeros(2, np.int64),
        watches=np.empty(room, np.int64),
        lists=np.zeros((clauses.codes, 3), np.int64),
        used=np.zeros(1, np.int64),
    )


@compiled
def _check(
    state: _State, starts: Integers, formula: int, deletes: npt.NDArray[np.bool_], deleted: Integers
) -> tuple[int, int, int]:
    """The fields of a Check."""
    propagations = 0
    for row in range(len(starts)):
        if deletes[row]:
            if deleted[row] != NOWHERE:
                state.cells[starts[deleted[row]]] = 0
            continue
        if row >= formula:
            facts = state.ends[1]
            status = _assume_negation(state, starts[row])
            while status == CROWDED:
                state = _with_more_room(state)
                status = _propagate(state)
            propagations += state.ends[1] - facts
            _take_back(state, facts)
            if status != CONFLICT:
                return NOWHERE, row, propagations
        free = _bring_free_literals_first(state, starts[row])
        if free == 0:
            return row, NOWHERE, propagations
        if free == 1:
            facts = state.ends[1]
            _assign(state, state.cells[starts[row] + 1])
            status = _propagate(state)
            while status == CROWDED:
                state = _with_more_room(state)
                status = _propagate(state)
            propagations += state.ends[1] - facts
            if status == CONFLICT:
                return row, NOWHERE, propagations
        elif free == 2:
            while not _watch(state, starts[row]):
                state = _with_more_room(state)
    return NOWHERE, NOWHERE, propagations


@compiled
def _assume_negation(state: _State, start: int) -> int:
    """Make all literals of a clause false and propagate; a literal that is true already is a conflict."""
    for place in range(start + 1, start + 1 + state.cells[start]):
        literal = state.cells[place]
        if state.values[literal] == 1:
            return CONFLICT
        if state.values[literal] == 0:
            _assign(state, literal ^ 1)
    return _propagate(state)


@compiled
def _assign(state: _State, literal: int) -> None:
    state.values[literal] = 1
    state.values[literal ^ 1] = -1
    state.trail[state.ends[1]] = literal
    state.ends[1] += 1


@compiled
def _take_back(state: _State, facts: int) -> None:
    """Forget the assumptions and what follows from them: all but the first literals of the trail."""
    for place in range(facts, state.ends[1]):
        state.values[state.trail[place]] = 0
        state.values[state.trail[place] ^ 1] = 0
    state.ends[:] = facts


@compiled
def _bring_free_literals_first(state: _State, start: int) -> int:
    """Under facts only. How many literals have no value, counted to 2; 3 if one is true: it stays true."""
    free = 0
    for place in range(start + 1, start + 1 + state.cells[start]):
        literal = state.cells[place]
        if state.values[literal] == 1:
            return 3
        if state.values[literal] == 0 and free < 2:
            free += 1
            state.cells[place] = state.cells[start + free]
            state.cells[start + free] = literal
    return free


@compiled
def _watch(state: _State, start: int) -> bool:
    """Watch the first two literals of a clause; False, and nothing done, if there is no room."""
    left, right = state.cells[start + 1], state.cells[start + 2]
    if state.used[0] + _room_for_one_more(state, left) + _room_for_one_more(state, right) > len(state.watches):
        return False
    place = start << 32
    _append(state, left, place | right)
    _append(state, right, place | left)
    return True


@compiled
def _room_for_one_more(state: _State, literal: int) -> int:
    """How much of `watches` it takes to append to a list: a full list moves to a place twice as large."""
    length, capacity = state.lists[literal, 1], state.lists[literal, 2]
    return max(4, 2 * length) if length == capacity else 0


@compiled
def _append(state: _State, literal: int, watch: int) -> None:
    length = state.lists[literal, 1]
    room = _room_for_one_more(state, literal)
    if room:
        source, target = state.lists[literal, 0], state.used[0]
        for i in range(length):
            state.watches[target + i] = state.watches[source + i]
        state.lists[literal, 0] = target
        state.lists[literal, 2] = room
        state.used[0] += room
    state.watches[state.lists[literal, 0] + length] = watch
    state.lists[literal, 1] = length + 1


@compiled
def _with_more_room(state: _State) -> _State:
    watches = np.empty(2 * len(state.watches) + 64, np.int64)
    watches[: state.used[0]] = state.watches[: state.used[0]]
    return _State(state.cells, state.values, state.trail, state.ends, watches, state.lists, state.used)


@compiled
def _propagate(state: _State) -> int:
    """Extend the trail until nothing more follows or a clause is false.

    CROWDED leaves everything in order: propagation goes on when there is more room.
    """
    cells, values, trail, _, watches, lists, _ = state
    done, ends = state.ends
    status = QUIET
    while done < ends and status == QUIET:
        false = trail[done] ^ 1
        done += 1
        first = lists[false, 0]
        end = first + lists[false, 1]
        read = kept = first
        while read < end:
            watch = watches[read]
            read += 1
            if values[watch & LOWER_HALF] == 1:
                watches[kept] = watch
                kept += 1
                continue
            start = watch >> 32
            length = cells[start]
            if length == 0:  # deleted: drop the watch
                continue
            other = cells[start + 1] ^ cells[start + 2] ^ false
            watch = start << 32 | other
            if values[other] == 1:
                watches[kept] = watch
                kept += 1
                continue
            place, end_of_clause = start + 3, start + 1 + length
            while place < end_of_clause and values[cells[place]] == -1:
                place += 1
            if place < end_of_clause:
                if state.used[0] + _room_for_one_more(state, cells[place]) <= len(watches):
                    _append(state, cells[place], watch)
                    cells[start + 1], cells[start + 2], cells[place] = other, cells[place], false
                    continue
                status = CROWDED
                done -= 1  # the literal's list is gone through again; what was found stays right
            elif values[other] == -1:
                status = CONFLICT
            else:
                values[other] = 1
                values[other ^ 1] = -1
                trail[ends] = other
                ends += 1
            watches[kept] = watch
            kept += 1
            if status != QUIET:
                break
        for place in range(read, end):
            watches[kept] = watches[place]
            kept += 1
        lists[false, 1] = kept - first
    state.ends[0] = done
    state.ends[1] = ends
    return status
