"""Pseudo-Boolean text: a 0-1 program as an OPB or WBO file.

Source
    An `IntegerProgram` whose variables are all 0 or 1.
Target
    The text that pseudo-Boolean solvers read. Variables are positive, coefficients signed, relations ``>=``
    and ``=`` alone: all of them read that.
Size
    One line per bound of a row, an equation being one, one per fixed variable; in WBO files one per variable
    that has a cost.
Speed
    A block of rows is one template, joined from one piece per row and filled at once: 1 million rows of 3
    terms per second.
Reference
    Roussel, Manquinho, Input/output format and solver requirements for the competitions of pseudo-Boolean
    solvers, 2012. What the competition of 2024 adds to the first line, ``#equal=`` and ``intsize=``, is left
    out: clasp 3.3.5 ends with an error at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from qnnt.encoders.model import Integers, Sums
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.encoders.rows import cut_evenly, select, stacked
from qnnt.errors import UnsupportedError
from qnnt.files.streams import write_blocks

BLOCK = 50_000
"""Numbers per block of text."""
LARGEST_SUM = 2**62
"""What a row or the objective may amount to."""


class PbForm(StrEnum):
    """The dialects; see `opb_blocks`."""

    OPB = "opb"
    """``min: +3 x4 -1 x5 ;`` and rows such as ``+1 x1 -2 x2 >= 0 ;``; without an objective no min line."""
    WBO = "wbo"
    """``[3] -1 x4 >= 0 ;`` costs 3 if it does not hold, after ``soft: TOP ;``; rows as in OPB."""


def opb_blocks(program: IntegerProgram, header: Sequence[str], form: PbForm) -> Iterator[str]:
    """The text of a pseudo-Boolean file, in blocks of some 100 kB.

    The objective's constant and denominator have no place in it; see `constant_beside`.

    Parameters
    ----------
    header
        Comments, without the leading ``*``; several lines in one become several comments.

    Raises
    ------
    UnsupportedError
        At the call, if a row or the objective could pass 2^62, or if a WBO file would have no costs.
    ValueError
        If a variable could be other than 0 or 1.
    """
    if ((program.lower[1:] < 0) | (program.upper[1:] > 1)).any():
        raise ValueError("pseudo-Boolean files hold variables that are 0 or 1, nothing else")
    if program.reach >= LARGEST_SUM:
        raise UnsupportedError(f"sums up to {program.reach:.1e}: pseudo-Boolean files are written up to 2^62")
    if form is PbForm.WBO and not program.minimises:
        raise UnsupportedError("WBO files are of costs, and here is nothing to minimise: write an OPB file")
    return _blocks(program, header, form)


def constant_beside(program: IntegerProgram, form: PbForm) -> int:
    """What the cost that a solver prints leaves out: the objective's numerator is this plus that cost.

    In WBO files no cost is negative: -3 for x is 3 for its negation, less 3.
    """
    if form is PbForm.OPB:
        return program.constant
    return program.constant + int(program.costs[program.costs < 0].sum())


def write_opb(program: IntegerProgram, header: Sequence[str], path: str, form: PbForm) -> None:
    """Write a pseudo-Boolean file, the same bytes each time; '-' is standard output, ``.gz`` is packed.

    A regular file is written whole or not at all.

    Raises
    ------
    InputError
        If the place cannot be written, and as `opb_blocks` does.
    """
    write_blocks(path, (block.encode(errors="backslashreplace") for block in opb_blocks(program, header, form)))


def _blocks(program: IntegerProgram, header: Sequence[str], form: PbForm) -> Iterator[str]:
    constraints = _constraints(program)
    costly = np.flatnonzero(program.costs)
    costs = program.costs[costly]
    if form is PbForm.OPB:
        yield f"* #variable= {program.variables} #constraint= {len(constraints.sums)}\n"
        yield _comments(header)
        if program.minimises:
            yield f"min: {_terms(costs, costly)};\n"
    else:
        weights = np.abs(costs)
        total, count = sum(weights.tolist()), len(constraints.sums) + len(costly)
        yield f"* #variable= {program.variables} #constraint= {count} #soft= {len(costly)} "
        yield f"mincost= {weights.min()} maxcost= {weights.max()} sumcost= {total}\n"
        yield _comments(header)
        yield f"soft: {total + 1} ;\n"
        soft = np.stack([weights, -np.sign(costs), costly, np.where(costs < 0, 1, 0)], axis=1)
        for start in range(0, len(soft), BLOCK // 4):
            block = soft[start : start + BLOCK // 4]
            yield ("[%d] %+d x%d >= %d ;\n" * len(block)) % tuple(block.ravel().tolist())
    yield from _lines(constraints)


def _comments(header: Sequence[str]) -> str:
    lines = [line for comment in header for line in comment.splitlines() or [""]]
    if len(lines) == 1:
        lines.append("")  # after exactly one comment, Sat4j 2.3.5 overlooks the objective
    return "".join(f"* {line}".rstrip() + "\n" for line in lines)


@dataclass(frozen=True, slots=True)
class _Constraints:
    """``sums[i] >= bounds[i]``, or equal to it where `equal`."""

    sums: Sums
    bounds: Integers
    equal: Integers


def _constraints(program: IntegerProgram) -> _Constraints:
    """Fixed variables, then the rows in their order; what a row is at most is negated."""
    fixed = np.flatnonzero(program.lower[1:] == program.upper[1:]) + 1
    units = Sums(np.arange(len(fixed) + 1), fixed, np.ones(len(fixed), np.int64))
    equal = program.at_least == program.at_most
    above = np.flatnonzero(program.at_least > -OPEN)
    below = np.flatnonzero((program.at_most < OPEN) & ~equal)
    rows = np.concatenate([above, below])
    order = np.argsort(rows, kind="stable")
    sign = np.repeat([1, -1], [len(above), len(below)])[order]
    sums = select(program.rows, rows[order])
    signed = Sums(sums.offsets, sums.variables, sums.coefficients * np.repeat(sign, sums.lengths))
    bounds = np.concatenate([program.at_least[above], -program.at_most[below]])[order]
    return _Constraints(
        sums=stacked([units, signed]),
        bounds=np.concatenate([program.lower[fixed], bounds]),
        equal=np.concatenate([np.ones(len(fixed), np.int64), equal[rows[order]].astype(np.int64)]),
    )


def _lines(constraints: _Constraints) -> Iterator[str]:
    sums = constraints.sums
    for first, last in pairwise(cut_evenly(2 * sums.offsets + np.arange(len(sums.offsets)), BLOCK)):
        lengths = sums.lengths[first:last]
        kinds = 2 * lengths + constraints.equal[first:last]
        pieces = {kind: "%+d x%d " * (kind // 2) + ("= %d ;\n" if kind % 2 else ">= %d ;\n") for kind in set(kinds)}
        entries = slice(int(sums.offsets[first]), int(sums.offsets[last]))
        numbers = np.empty(2 * int(lengths.sum()) + len(lengths), np.int64)
        ends = np.cumsum(2 * lengths + 1) - 1
        within = np.ones(len(numbers), bool)
        within[ends] = False
        numbers[within] = np.stack([sums.coefficients[entries], sums.variables[entries]], axis=1).ravel()
        numbers[ends] = constraints.bounds[first:last]
        yield "".join(map(pieces.__getitem__, kinds.tolist())) % tuple(numbers.tolist())


def _terms(coefficients: Integers, variables: Integers) -> str:
    numbers = np.stack([coefficients, variables], axis=1).ravel().tolist()
    return ("%+d x%d " * len(variables)) % tuple(numbers)
