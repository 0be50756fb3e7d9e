"""Checking of LRAT proofs: every added clause must follow by unit propagation through its hints.

The hints of a clause are the numbers of clauses. When all its literals are false, each hint but the last
must be *unit*, all literals false but one without a value, which becomes true; and the last must be
false. Nothing is searched, so nothing but hints is looked at. A clause that holds a literal and its
negation follows by itself and takes no hints.

Stricter than some checkers: a hint that is satisfied, or that comes after the conflict, is refused;
and so are hints that are negative, which belong to RAT steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled
from qnnt.proofs.clauses import Cells, Clauses
from qnnt.proofs.tokens import Integers

NOWHERE = -1

SOUND, STALE_ID, MISSING, RAT, NOT_UNIT, AFTER_CONFLICT, NO_CONFLICT = range(7)
"""What is wrong with a step: nothing; its number is not above all before; a clause it names is not
there; a hint is negative; a hint is neither unit nor false; hints go on after the conflict; no conflict."""


@dataclass(frozen=True, slots=True)
class HintCheck:
    """What came out.

    Attributes
    ----------
    refuted_at
        The step that adds the empty clause, or NOWHERE.
    failed_at, fault, hint
        The first step that is wrong, or NOWHERE; what is wrong, and the hint or deleted clause at fault.
    propagations
        How many hints were gone through.
    """

    refuted_at: int
    failed_at: int
    fault: int
    hint: int
    propagations: int


def check_hints(
    clauses: Clauses,
    formula: int,
    deletes: npt.NDArray[np.bool_],
    ids: Integers,
    hint_offsets: Integers,
    hints: Integers,
) -> HintCheck:
    """Check the steps, one after the other, until the empty clause is added.

    Linear in the literals of all hints, but for a binary search per hint.

    Parameters
    ----------
    clauses
        The formula's, numbered from 1 on, and then one for each step (of deletions: anything).
    formula
        How many clauses the formula has.
    deletes, ids, hint_offsets, hints
        The steps; see `qnnt.proofs.parsing.LratProof`.
    """
    values = np.zeros(clauses.codes, np.int8)
    trail = np.empty(clauses.codes, np.int32)
    return HintCheck(*_check(clauses.starts, clauses.cells, formula, deletes, ids, hint_offsets, hints, values, trail))


@compiled
def _check(
    starts: Integers,
    cells: Cells,
    formula: int,
    deletes: npt.NDArray[np.bool_],
    ids: Integers,
    hint_offsets: Integers,
    hints: Integers,
    values: npt.NDArray[np.int8],
    trail: Cells,
) -> tuple[int, int, int, int, int]:
    """The fields of a HintCheck."""
    numbers = np.empty(len(ids), np.int64)  # of the clauses added so far, ascending
    rows = np.empty(len(ids), np.int64)  # and which rows of `clauses` they are
    added = 0
    there = np.zeros(len(starts), np.bool_)
    there[:formula] = True
    propagations = 0
    for step in range(len(ids)):
        if deletes[step]:
            for hint in hints[hint_offsets[step] : hint_offsets[step + 1]]:
                row = _row_of(hint, formula, numbers[:added], rows)
                if row == NOWHERE or not there[row]:
                    return NOWHERE, step, MISSING, hint, propagations
                there[row] = False
            continue
        if ids[step] <= (numbers[added - 1] if added else formula):
            return NOWHERE, step, STALE_ID, ids[step], propagations
        row = formula + step
        length, conflict = _assume_negation(starts[row], cells, values, trail)
        fault = SOUND
        hint = np.int64(0)
        for hint in hints[hint_offsets[step] : hint_offsets[step + 1]]:
            if conflict:
                fault = AFTER_CONFLICT
            elif hint < 0:
                fault = RAT
            else:
                named = _row_of(hint, formula, numbers[:added], rows)
                if named == NOWHERE or not there[named]:
                    fault = MISSING
                else:
                    free, literal = _free_literals(starts[named], cells, values)
                    if free == 0:
                        conflict = True
                    elif free == 1 and values[literal] == 0:
                        length = _assign(literal, values, trail, length)
                    else:
                        fault = NOT_UNIT
            if fault != SOUND:
                break
            propagations += 1
        for place in range(length):
            values[trail[place]] = 0
            values[trail[place] ^ 1] = 0
        if fault == SOUND and not conflict:
            fault = NO_CONFLICT
        if fault != SOUND:
            return NOWHERE, step, fault, hint, propagations
        if cells[starts[row]] == 0:
            return step, NOWHERE, SOUND, 0, propagations
        there[row] = True
        numbers[added] = ids[step]
        rows[added] = row
        added += 1
    return NOWHERE, NOWHERE, SOUND, 0, propagations


@compiled
def _row_of(number: int, formula: int, numbers: Integers, rows: Integers) -> int:
    """The row of the clause with this number, deleted or not; NOWHERE if there never was one."""
    if 1 <= number <= formula:
        return number - 1
    at = np.searchsorted(numbers, number)
    return rows[at] if at < len(numbers) and numbers[at] == number else NOWHERE


@compiled
def _assume_negation(start: int, cells: Cells, values: npt.NDArray[np.int8], trail: Cells) -> tuple[int, bool]:
    """Make the literals of a clause false; how many these are, and whether they contradict each other."""
    length = 0
    for place in range(start + 1, start + 1 + cells[start]):
        if values[cells[place]] == 1:
            return length, True
        length = _assign(cells[place] ^ 1, values, trail, length)
    return length, False


@compiled
def _assign(literal: int, values: npt.NDArray[np.int8], trail: Cells, length: int) -> int:
    values[literal] = 1
    values[literal ^ 1] = -1
    trail[length] = literal
    return length + 1


@compiled
def _free_literals(start: int, cells: Cells, values: npt.NDArray[np.int8]) -> tuple[int, int]:
    """How many literals are not false, counted to 2, and the last of them."""
    free = 0
    last = 0
    for place in range(start + 1, start + 1 + cells[start]):
        if values[cells[place]] != -1:
            free += 1
            last = cells[place]
            if free == 2:
                break
    return free, last
