"""MPS text: an IntegerProgram as a file for MILP solvers.

Source
    An `IntegerProgram` and a name for each of its variables.
Target
    Free-format MPS that SCIP, HiGHS, CBC and GLPK read alike: all columns between integer markers, each with
    explicit bounds, since readers differ in their defaults; rows with two sides as RANGES of G rows. The
    objective is the cost alone: its constant and denominator stand in the comments
    (`qnnt.encoders.variable_map`), and nothing rests on what readers take for their signs.
Size
    Per column its terms, two to a line, and one or two lines of bounds; per row one line, and one for its
    right-hand side where that is not 0.
Speed
    A block of columns is one template, joined from one piece per column and filled at once.
Reference
    The free MPS format of CPLEX; the sections RANGES and BOUNDS as in Murtagh, Advanced Linear
    Programming, 1981.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from qnnt.encoders.model import Integers, offsets_of
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.encoders.rows import cut_evenly
from qnnt.errors import UnsupportedError
from qnnt.files.streams import write_blocks

BLOCK = 50_000
"""Terms, rows or columns per block of text."""
LARGEST_FLOAT = 2**53
"""Up to here every integer is a floating-point number."""


def write_mps(program: IntegerProgram, names: Sequence[str], header: Sequence[str], path: str) -> None:
    """Write an MPS file, the same bytes each time; '-' is standard output, ``.gz`` is packed.

    Parameters
    ----------
    names
        Of the variables, indexed by variable; index 0 is unused.
    header
        Comments, without the leading ``*``.

    Raises
    ------
    UnsupportedError
        If it has numbers that floating-point readers would round.
    InputError
        If the place cannot be written.
    """
    write_blocks(path, (block.encode(errors="backslashreplace") for block in mps_blocks(program, names, header)))


def mps_blocks(program: IntegerProgram, names: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    """The text of an MPS file in blocks; see `write_mps`, whose UnsupportedError comes at the call."""
    refuse_rounding(program)
    return _blocks(program, names, header)


def refuse_rounding(program: IntegerProgram) -> None:
    """Raise UnsupportedError if a number, or a sum of a row's terms, may be no floating-point number."""
    bounds = max(-int(program.lower.min()), int(program.upper.max()))
    if max(bounds, program.reach) > LARGEST_FLOAT:
        raise UnsupportedError("the model has numbers beyond 2^53, which MILP solvers would round")


def _blocks(program: IntegerProgram, names: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    yield "".join(f"* {line}".rstrip() + "\n" for line in header)
    yield "NAME qnnt FREE\nROWS\n N obj\n"
    low, high = program.at_least, program.at_most
    above, below = low > -OPEN, high < OPEN
    yield from _rows(np.select([above & (low == high), above, below], [*"EGL"], "N").tolist())
    yield "COLUMNS\n M1 'MARKER' 'INTORG'\n"
    yield from _columns(program, names)
    yield " M2 'MARKER' 'INTEND'\nRHS\n"
    sides = np.where(above, low, np.where(below, high, 0))
    sided = np.flatnonzero(sides)
    yield from _filled(" RHS r%d %d\n", sided + 1, sides[sided])
    both = np.flatnonzero(above & below & (low != high))
    if len(both):
        yield "RANGES\n"
        yield from _filled(" RNG r%d %d\n", both + 1, high[both] - low[both])
    yield "BOUNDS\n"
    yield from _bounds(program, names)
    yield "ENDATA\n"


def _rows(kinds: list[str]) -> Iterator[str]:
    pieces = {kind: f" {kind} r%d\n" for kind in "EGLN"}
    for start in range(0, len(kinds), BLOCK):
        block = kinds[start : start + BLOCK]
        yield "".join(map(pieces.__getitem__, block)) % tuple(range(start + 1, start + len(block) + 1))


def _columns(program: IntegerProgram, names: Sequence[str]) -> Iterator[str]:
    """The terms of each variable, its cost first; a variable without any gets the cost 0, to be there at all."""
    rows, costs = program.rows, program.costs
    order = np.argsort(rows.variables, kind="stable")
    row = np.repeat(np.arange(1, len(rows) + 1), rows.lengths)
    terms = np.stack([row[order], rows.coefficients[order]], axis=1)
    count = np.bincount(rows.variables, minlength=len(names))
    offsets = offsets_of(count)
    for first, last in pairwise(np.array(cut_evenly(offsets[1:] + np.arange(len(offsets) - 1), BLOCK)) + 1):  # from 1
        block = slice(first, last)
        pieces = [
            _column(name, number, cost)
            for name, number, cost in zip(names[block], count[block].tolist(), costs[block].tolist(), strict=True)
        ]
        yield "".join(pieces) % tuple(terms[offsets[first] : offsets[last]].ravel().tolist())


def _column(name: str, terms: int, cost: int) -> str:
    """The lines of a column, to be filled with row and coefficient of each term."""
    head = f" {name} obj {cost}\n" if cost or not terms else ""
    last = f" {name} r%d %d\n" if terms % 2 else ""
    return head + f" {name} r%d %d r%d %d\n" * (terms // 2) + last


def _bounds(program: IntegerProgram, names: Sequence[str]) -> Iterator[str]:
    columns = zip(names[1:], program.lower[1:].tolist(), program.upper[1:].tolist(), strict=True)
    lines = [_bound(name, low, high) for name, low, high in columns]
    for start in range(0, len(lines), BLOCK):
        yield "".join(lines[start : start + BLOCK])


def _bound(name: str, low: int, high: int) -> str:
    if low == high:
        return f" FX BND {name} {low}\n"
    if (low, high) == (0, 1):
        return f" BV BND {name}\n"
    return (
        f" LO BND {name} {low}\n UP BND {name} {high}\n"  # a negative UP before its LO would make that minus infinity
    )


def _filled(template: str, rows: Integers, numbers: Integers) -> Iterator[str]:
    """The template filled with each row and its number, in blocks of text."""
    pairs = np.stack([rows, numbers], axis=1)
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        yield (template * len(block)) % tuple(block.ravel().tolist())
