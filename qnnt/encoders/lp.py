r"""LP text: an IntegerProgram in the LP format of CPLEX, for MILP solvers and for people.

Source
    An `IntegerProgram` and a name for each of its variables.
Target
    What SCIP, HiGHS, CBC and GLPK read alike: a row with two sides becomes two, the second one with a ``u``
    behind its name; Booleans are binaries, other variables generals with bounds. The objective is the cost
    alone, as in MPS files.
Size
    Per row its terms, five to a line: CPLEX takes 560 characters.
Speed
    As for MPS files: a block of rows is one template that is filled at once.
Reference
    The LP file format of CPLEX.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qnnt.encoders.model import Sums
from qnnt.encoders.mps import BLOCK, refuse_rounding
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.encoders.rows import cut_evenly, select
from qnnt.files.streams import write_blocks

TERMS = 5
"""Per line."""

Objects = npt.NDArray[np.object_]


def write_lp(program: IntegerProgram, names: Sequence[str], header: Sequence[str], path: str) -> None:
    r"""Write an LP file, the same bytes each time; '-' is standard output, ``.gz`` is packed.

    Parameters
    ----------
    names
        Of the variables, indexed by variable; index 0 is unused.
    header
        Comments, without the leading ``\``.

    Raises
    ------
    UnsupportedError
        If it has numbers that floating-point readers would round.
    InputError
        If the place cannot be written.
    """
    write_blocks(path, (block.encode(errors="backslashreplace") for block in lp_blocks(program, names, header)))


def lp_blocks(program: IntegerProgram, names: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    """The text of an LP file in blocks; see `write_lp`, whose UnsupportedError comes at the call."""
    refuse_rounding(program)
    return _blocks(program, names, header)


def _blocks(program: IntegerProgram, names: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    yield "".join(f"\\ {line}".rstrip() + "\n" for line in header)
    words = np.array(names, object)
    yield "Minimize\n"
    yield from _rows(_objective(program), np.array(["obj"], object), np.array([""], object), words)
    yield "Subject To\n"
    low, high = program.at_least, program.at_most
    numbers = np.arange(1, len(low) + 1).astype(str).astype(object)
    equal, above, below = low == high, low > -OPEN, high < OPEN
    twice = np.repeat(np.arange(len(low)), np.where(above & below & ~equal, 2, 1))
    second = np.diff(twice, prepend=-1) == 0
    at_most = second | ~above[twice]
    sides = np.where(at_most, high[twice], low[twice]).astype(str).astype(object)
    signs = np.select([equal[twice], at_most], [" = ", " <= "], " >= ").astype(object)
    labels = "r" + numbers[twice] + np.where(second, "u", "").astype(object)
    if len(low):
        yield from _rows(select(program.rows, twice), labels, signs + sides, words)
    else:
        yield f" r0: {names[1]} = 1\n"  # some readers want a row
    yield from _domains(program, names)
    yield "End\n"


def _objective(program: IntegerProgram) -> Sums:
    """The costs; 0 for variables that occur nowhere else, and for the constant, which is always there."""
    occurs = np.zeros(len(program.costs), bool)
    occurs[program.rows.variables] = True
    shown = np.flatnonzero(~occurs | (program.costs != 0))
    shown = np.union1d(shown[shown > 0], [1])
    return Sums(np.array([0, len(shown)]), shown, program.costs[shown])


def _rows(sums: Sums, labels: Objects, ends: Objects, names: Objects) -> Iterator[str]:
    """One row for each sum: its label, its terms, and what it is compared with."""
    for first, last in pairwise(cut_evenly(sums.offsets + np.arange(len(sums.offsets)), BLOCK)):
        rows = np.arange(first, last)
        lengths = sums.lengths[rows]
        terms = slice(sums.offsets[first], sums.offsets[last])
        words = np.empty(2 * (len(rows) + terms.stop - terms.start), object)
        starts = 2 * (sums.offsets[rows] - terms.start + np.arange(len(rows)))
        words[starts], words[starts + 1 + 2 * lengths] = labels[rows], ends[rows]
        places = np.arange(terms.stop - terms.start) * 2 + 2 * np.repeat(np.arange(len(rows)), lengths) + 1
        words[places], words[places + 1] = sums.coefficients[terms], names[sums.variables[terms]]
        yield "".join(map(_template, lengths.tolist())) % tuple(words.tolist())


@cache
def _template(terms: int) -> str:
    lines = [" %+d %s" * min(TERMS, terms - start) for start in range(0, terms, TERMS)]
    return " %s:" + "\n  ".join(lines) + "%s\n"


def _domains(program: IntegerProgram, names: Sequence[str]) -> Iterator[str]:
    """Bounds of all variables but binaries; which are binary, which are other integers."""
    binary = (program.lower == 0) & (program.upper == 1)
    columns = list(zip(names, program.lower.tolist(), program.upper.tolist(), binary.tolist(), strict=True))[1:]
    sections = {
        "Bounds": [_bound(name, low, high) for name, low, high, two in columns if not two],
        "Generals": [f" {name}\n" for name, _, _, two in columns if not two],
        "Binaries": [f" {name}\n" for name, _, _, two in columns if two],
    }
    for title, lines in sections.items():
        yield f"{title}\n" if lines else ""
        for start in range(0, len(lines), BLOCK):
            yield "".join(lines[start : start + BLOCK])


def _bound(name: str, low: int, high: int) -> str:
    return f" {name} = {low}\n" if low == high else f" {low} <= {name} <= {high}\n"
