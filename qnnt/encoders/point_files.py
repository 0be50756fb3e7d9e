"""Solution files of MILP solvers: what one claims, and the values of the columns by their names.

Read are

- HiGHS, ``write_solution_style`` 0 (its default) and 4, which leaves zeros out;
- SCIP, ``write solution``; PySCIPOpt's ``writeSol`` writes the same without its first line, which is the claim;
- CBC, ``solve solution FILE``;
- GLPK, ``glpsol -o FILE``; HiGHS in style 3;
- Gurobi, and all others that write a name and a value to a line, comments after ``#``: they claim nothing.

Columns that a file leaves out are 0. All values have to be close to integers, to which they are rounded.
Nothing here is believed: who reads a point evaluates it. "Optimal" means what the solver takes for it: within
the gaps that it was given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from qnnt.encoders.column_names import variable_of
from qnnt.encoders.model import Integers
from qnnt.encoders.solver_output import Claim
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.files.streams import STANDARD_INPUT, lines_of

TOLERANCE = 1e-4
"""How far from an integer a value may be; ten times what solvers allow themselves."""
LARGEST_EXACT = 2**53
"""Beyond, floating-point numbers are no longer each integer."""
LONG_DIGITS = 15
"""Digits of the objective that HiGHS and SCIP print."""
DIGITS = 8
"""Digits that all others print: GLPK has 10, old versions of CBC have 8."""

_OPTIMAL = {"optimal", "optimal solution found", "integer optimal"}
_EMPTY = {
    "infeasible",
    "integer infeasible",
    "linear relaxation infeasible",
    "integer empty",
    "infeasible or unbounded",  # every column has bounds
    "primal infeasible or unbounded",
}


@dataclass(frozen=True, slots=True, eq=False)
class PointFile:
    """What a solver says.

    Attributes
    ----------
    claim
        SATISFIABLE where it gives a point and does not say that it is the best one.
    point
        A value per variable, shape (variables + 1,), index 0 unused; None if there is none.
    objective
        Of the point, as the solver says; None where it does not say.
    """

    claim: Claim
    point: Integers | None
    objective: int | None


def read_point_file(path: str, variables: int) -> PointFile:
    """Read a solution file for a model of so many variables; '-' is standard input, packed files are unpacked.

    Raises
    ------
    InputError
        If it cannot be read, is cut off or of no known form, names columns that are unknown or that were
        named before, or has values that are no integers; with the line.
    """
    try:
        return _read(list(_lines(path)), variables)
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None


_Line = tuple[int, str]
"""Number in the file, and text without blanks around it."""


def _lines(path: str) -> Iterator[_Line]:
    """The lines that are not empty."""
    for number, line in enumerate(lines_of(path), 1):
        if line.strip():
            if not line.endswith("\n"):
                raise _wrong(number, "the file is cut off: its last line does not end")
            yield number, line.strip()


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a file; `values` are the lines of columns as name and value, None if there is no point."""

    status: str
    objective: tuple[int, str] | None
    values: list[tuple[int, str, str]] | None


def _read(lines: list[_Line], variables: int) -> PointFile:
    if not lines:
        raise InputError("empty: expected the solution file of a MILP solver")
    number, first = lines[0]
    for pattern, reader in _FORMS:
        if pattern.match(first):
            said = reader(lines)
            break
    else:
        raise _wrong(number, f"expected the solution file of a MILP solver, got {shown(first)}")
    status = said.status.lower()
    if status in _EMPTY:
        return PointFile(Claim.UNSATISFIABLE, None, None)  # what is printed all the same is no solution
    if said.values is None:
        return PointFile(Claim.OPTIMUM_FOUND if status in _OPTIMAL else Claim.UNKNOWN, None, None)
    point = _point(said.values, variables)
    objective = None if said.objective is None else _integer(said.objective[0], "the objective", said.objective[1])
    if objective is not None and abs(objective) >= 10 ** (LONG_DIGITS if reader in (_highs, _scip) else DIGITS):
        objective = None  # rounded
    return PointFile(Claim.OPTIMUM_FOUND if status in _OPTIMAL else Claim.SATISFIABLE, point, objective)


def _point(values: list[tuple[int, str, str]], variables: int) -> Integers:
    point = np.zeros(variables + 1, np.int64)
    seen = np.zeros(variables + 1, bool)
    for number, name, text in values:
        variable = variable_of(name)
        if variable is None:
            raise _wrong(number, f"expected a column such as x1.h1_1.ge.1@5, got {shown(name)}")
        if variable > variables:
            raise _wrong(number, f"column {shown(name)}; the model has {variables} variables")
        if seen[variable]:
            raise _wrong(number, f"a second value of variable {variable}, {shown(name)}")
        seen[variable] = True
        value = _integer(number, name, text)
        if value is None:
            raise _wrong(number, f"{name} is {text}: beyond 2^53")
        point[variable] = value
    if point[1] != 1:
        raise InputError("variable 1, the constant 1, has no value or another one: cut off, or of another model")
    return point


def _integer(number: int, name: str, text: str) -> int | None:
    """The integer that a number in a file is meant to be; None where floating-point numbers do not tell."""
    try:
        value = float(text)
    except ValueError:
        raise _wrong(number, f"{name}: expected a number, got {shown(text)}") from None
    if not math.isfinite(value):
        raise _wrong(number, f"{name} is {text}: not finite")
    if abs(value) > LARGEST_EXACT:
        return None
    if abs(value - round(value)) > TOLERANCE:
        raise _wrong(number, f"{name} is {text}: not integral")
    return round(value)


# --- the forms -----------------------------------------------------------------------------------


def _highs(lines: list[_Line]) -> _Said:
    texts = [text for _, text in lines]
    title = "# Primal solution values"
    start = texts.index(title) + 1 if title in texts else len(texts)
    if start == len(texts):
        raise _wrong(lines[-1][0], "the file is cut off: the primal values are missing")
    if texts[start] != "Feasible":
        return _Said(texts[1], None, None)
    objective = None
    for place in range(start + 1, len(lines)):
        number, text = lines[place]
        if text.startswith("Objective "):
            objective = number, text.split(None, 1)[1]
        elif match := re.fullmatch(r"# Columns (-?[0-9]{1,9})", text):
            count = abs(int(match[1]))
            columns = lines[place + 1 : place + 1 + count]
            if len(columns) < count:
                raise _wrong(lines[-1][0], f"the file is cut off: {len(columns)} of {count} columns")
            words = 3 if match[1].startswith("-") else 2  # with the index behind the value
            return _Said(texts[1], objective, [_pair(line, words) for line in columns])
    raise _wrong(lines[-1][0], "the file is cut off: the columns are missing")


def _scip(lines: list[_Line]) -> _Said:
    status, objective = "", None
    values: list[tuple[int, str, str]] | None = None
    for number, text in lines:
        word, _, rest = text.partition(":")
        if word == "solution status":
            status = rest.strip()
        elif word == "objective value":
            objective, values = (number, rest.strip()), values or []
        elif text != "no solution available":
            if values is None:
                raise _wrong(number, f"expected 'objective value: ...', got {shown(text)}")
            values.append(_pair((number, re.sub(r"\(obj:[^)]*\)$", "", text)), 2))
    return _Said(status, objective, values)


def _cbc(lines: list[_Line]) -> _Said:
    number, text = lines[0]
    status, _, objective = text.partition(" - objective value ")
    if "no integer solution" in status.lower():
        return _Said(status, None, None)
    values = []
    for number_of_line, line in lines[1:]:
        words = line.removeprefix("**").split()
        if len(words) != 4:
            raise _wrong(number_of_line, f"expected index, name, value and cost of a column, got {shown(line)}")
        values.append((number_of_line, words[1], words[2]))
    return _Said(status, (number, objective), values)


def _glpk(lines: list[_Line]) -> _Said:
    status, objective = "", None
    values: list[tuple[int, str, str]] | None = None
    if lines[-1][1] != "End of output":
        raise _wrong(lines[-1][0], "the file is cut off: the last line is not 'End of output'")
    name = ""
    for number, text in lines:
        if text.startswith("Status:"):
            status = text[7:].strip()
        elif match := re.match(r"Objective:\s+(?:.* = )?(\S+) \(", text):
            objective = number, match[1]
        elif text.startswith("No. Column name"):
            values = []
        elif values is not None and text.startswith("Integer feasibility conditions"):
            return _Said(status, objective, values if status in ("INTEGER OPTIMAL", "INTEGER NON-OPTIMAL") else None)
        elif values is not None and not text.startswith("---"):
            words = text.split()
            if words[0].isdecimal() and len(words) > 1:
                name, words = words[1], words[2:]  # a long name has a line of its own
            if words[:1] == ["*"] and len(words) > 1:
                values.append((number, name, words[1]))
            elif words:
                raise _wrong(number, f"expected the line of an integer column, got {shown(text)}")
    raise _wrong(lines[-1][0], "no values of columns")


def _pairs(lines: list[_Line]) -> _Said:
    objective = None
    values = []
    for number, text in lines:
        if match := re.match(r"#\s*Objective value\s*=\s*(\S+)", text):
            objective = number, match[1]
        elif not text.startswith("#"):
            values.append(_pair((number, text), 2))
    return _Said("", objective, values)


def _refused(advice: str) -> Callable[[list[_Line]], _Said]:
    def refuse(lines: list[_Line]) -> _Said:
        raise _wrong(lines[0][0], advice)

    return refuse


_FORMS: tuple[tuple[re.Pattern[str], Callable[[list[_Line]], _Said]], ...] = (
    (re.compile(r"Model status$"), _highs),
    (re.compile(r"solution status:|objective value:|no solution available$"), _scip),
    (re.compile(r".* - objective value \S+$"), _cbc),
    (re.compile(r"Problem:"), _glpk),
    (re.compile(r"c |s mip|s bas|s ipt"), _refused("columns by number; names are needed: glpsol -o, HiGHS in style 0")),
    (re.compile(r"Columns$"), _refused("a table of HiGHS: take write_solution_style 0")),
    (re.compile(r"<"), _refused("XML is not read: take a file with a name and a value to a line")),
    (re.compile(r"#|\S+\s+\S+$"), _pairs),
)
"""The first line of each form, and its reader."""


def _pair(line: _Line, words: int) -> tuple[int, str, str]:
    """Name and value at the start of a line of so many words."""
    number, text = line
    parts = text.split()
    if len(parts) != words:
        raise _wrong(number, f"expected a column's name and its value, got {shown(text)}")
    return number, parts[0], parts[1]


def _wrong(number: int, problem: str) -> InputError:
    return InputError(f"line {number}: {problem}")
