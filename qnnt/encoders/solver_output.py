r"""What a foreign SAT, MaxSAT or pseudo-Boolean solver printed: its claim, its assignment, its cost.

Read are

- the lines of the SAT competitions and MaxSAT evaluations: ``s STATUS``; ``v`` and literals, in any
  number of lines and ended by 0; ``v`` and one digit 0 or 1 per variable, in one line without
  blanks (MaxSAT since 2020); ``o COST``. MaxSAT solvers may print an assignment after each ``o``;
  the last of either counts. All other lines are passed over, comments as well as what solvers print
  against the rules;
- those of the pseudo-Boolean competitions: the same, with literals such as ``x1`` and ``-x2``;
- the result files of MiniSat and its kin: a line ``SAT``, ``UNSAT`` or ``INDET``, then literals.

An assignment may leave variables out. One that was cut off, by a limit of time or space, must not
pass for one that does, so its end is looked for: 0; or a value for every variable; or, in the
output of a MaxSAT or pseudo-Boolean solver, whose lines have no 0, a full line.

Nothing here is believed: who reads an assignment evaluates it.

Reference: the output formats of the SAT Competition 2024, of the MaxSAT Evaluations 2016 and 2020, and of the
Pseudo-Boolean Competition 2012.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from qnnt.encoders.model import Integers
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.files.streams import STANDARD_INPUT, lines_of

_LITERAL = re.compile(r"-?[0-9]{1,18}")
_LITERALS = re.compile(r"\s*(?:-?[0-9]{1,18}\s+)*")
_NAMED_LITERAL = re.compile(r"-?x[1-9][0-9]{0,17}")
_NAMED_LITERALS = re.compile(r"\s*(?:-?x[1-9][0-9]{0,17}\s+)+")
_BITS = re.compile(r"[01]+")
_COST = re.compile(r"-?[0-9]{1,4000}")


class Claim(StrEnum):
    """What a solver says it found, in the words of its status line."""

    SATISFIABLE = "SATISFIABLE"
    UNSATISFIABLE = "UNSATISFIABLE"
    OPTIMUM_FOUND = "OPTIMUM FOUND"
    UNKNOWN = "UNKNOWN"
    UNSUPPORTED = "UNSUPPORTED"


_Line = tuple[int, str]
"""Number in the file, and text after the leading word."""

_MINISAT = {"SAT": Claim.SATISFIABLE, "UNSAT": Claim.UNSATISFIABLE, "INDET": Claim.UNKNOWN}


@dataclass(frozen=True, slots=True, eq=False)
class SolverOutput:
    """What a solver printed.

    Attributes
    ----------
    claim
        Its status line.
    literals
        Its assignment: those that hold, each variable at most once; None if it printed none.
    cost
        What it says that this costs: the weight of the soft clauses that do not hold, or the sum that is
        minimised; None if it printed none.
    """

    claim: Claim
    literals: Integers | None
    cost: int | None


def read_solver_output(path: str, variables: int) -> SolverOutput:
    """Read what a solver printed about a formula; '-' is standard input, packed files are unpacked.

    Parameters
    ----------
    variables
        Of the formula.

    Raises
    ------
    InputError
        If the file cannot be read, and, mostly with the line, if it holds no status or two, an
        assignment without a solution, or one that is damaged, cut off, contradictory or of another
        formula.
    """
    try:
        return _output(path, variables)
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None


def truth_of(literals: Integers, variables: int) -> Integers:
    """0 or 1 per variable, 0 for those without a literal; shape (variables + 1,), index 0 unused.

    Raises
    ------
    InputError
        If a literal is beyond the variables.
    """
    beyond = np.flatnonzero(np.abs(literals) > variables)
    if len(beyond):
        raise InputError(f"literal {literals[beyond[0]]} is beyond the {variables} variables of the formula")
    truth = np.zeros(variables + 1, np.int64)
    truth[literals[literals > 0]] = 1
    return truth


def _output(path: str, variables: int) -> SolverOutput:
    claim, cost = None, None
    values: list[_Line] = []
    minisat = False
    first = anew = full = True
    for number, line in enumerate(lines_of(path), 1):
        word, *others = line.split(None, 1) or [""]
        rest = others[0].rstrip() if others else ""
        if minisat and word:
            values.append((number, line))
        elif word == "v":
            values = [] if anew else values
            values.append((number, rest))
            anew, full = False, line.endswith("\n")
        elif word == "s":
            if claim is not None:
                raise _wrong(number, "a second status line")
            claim, anew = _claim(number, rest), True
        elif word == "o":
            if not _COST.fullmatch(rest):
                raise _wrong(number, f"expected a cost, got {shown(rest)}")
            cost, anew = int(rest), True
        elif word in _MINISAT and first and not rest:
            claim, minisat = _MINISAT[word], True
        first = first and word in ("", "c")
    if claim is None:
        raise InputError("no status line, such as 's SATISFIABLE'")
    if not values:
        return SolverOutput(claim, None, cost)
    if claim is Claim.UNSATISFIABLE:
        raise _wrong(values[0][0], "an assignment, though the formula is said to be unsatisfiable")
    number, text = values[-1]
    # a last 0 is the end of literals; if it were digits of the only variable it would mean the same
    if not minisat and text != "0" and all(_BITS.fullmatch(text) for _, text in values):
        literals = _from_bits(number, text, variables)
        complete = full
    else:
        literals, ended = _from_numbers(values, variables)
        endless = not minisat and _NAMED_LITERALS.fullmatch(text + " ") is not None
        complete = ended or (full and (endless or cost is not None or claim is Claim.OPTIMUM_FOUND))
    if not complete and len(literals) < variables:
        raise _wrong(number, f"the assignment is cut off: it has {len(literals)} of {variables} variables and no end")
    return SolverOutput(claim, literals, cost)


def _claim(number: int, text: str) -> Claim:
    try:
        return Claim(" ".join(text.split()))
    except ValueError:
        raise _wrong(number, f"expected one of {', '.join(Claim)}, got {shown(text)}") from None


def _from_bits(number: int, text: str, variables: int) -> Integers:
    if len(text) > variables:
        raise _wrong(number, f"values of {len(text)} variables; the formula has {variables}")
    holds = np.frombuffer(text.encode(), np.uint8) == ord("1")
    names = np.arange(1, len(text) + 1)
    return np.where(holds, names, -names)


def _from_numbers(lines: list[_Line], variables: int) -> tuple[Integers, bool]:
    """The literals, by variable and each once, and whether a 0 ends them."""
    rows = [_numbers(number, text) for number, text in lines]
    literals = np.concatenate(rows)
    places = np.repeat([number for number, _ in lines], [len(row) for row in rows])
    zeros = np.flatnonzero(literals == 0)
    if len(zeros):
        end = int(zeros[0])
        if end + 1 < len(literals):
            raise _wrong(places[end + 1], "more values after the 0 that ends the assignment")
        literals = literals[:end]
    names = np.abs(literals)
    beyond = np.flatnonzero(names > variables)
    if len(beyond):
        raise _wrong(places[beyond[0]], f"literal {literals[beyond[0]]}; the formula has {variables} variables")
    _, firsts, which = np.unique(names, return_index=True, return_inverse=True)
    contrary = np.flatnonzero(literals != literals[firsts][which])
    if len(contrary):
        raise _wrong(places[contrary[0]], f"variable {names[contrary[0]]} both holds and does not")
    return literals[firsts], bool(len(zeros))


def _numbers(number: int, text: str) -> Integers:
    if not _LITERALS.fullmatch(text + " ") and not _NAMED_LITERALS.fullmatch(text + " "):
        words = text.split()
        literal = _NAMED_LITERAL if _NAMED_LITERAL.fullmatch(words[0]) else _LITERAL
        wrong = next(word for word in words if not literal.fullmatch(word))
        raise _wrong(number, f"expected a literal, got {shown(wrong)}")
    return np.array(list(map(int, text.replace("x", "").split())), np.int64)


def _wrong(number: int, problem: str) -> InputError:
    return InputError(f"line {number}: {problem}")
