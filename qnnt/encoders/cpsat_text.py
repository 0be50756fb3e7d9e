"""CP-SAT text: a Model as the text form of a ``CpModelProto``, and the text form of a ``CpSolverResponse``.

Source
    A `Model`, and a name for each of its variables.
Target
    What ``cp_model.CpModel().proto.parse_text_format`` and the tools of OR-Tools read, one constraint to a
    line; comments after ``#``. The Model's variable v has index v - 1. The objective is the cost alone.
Size, speed
    As in `qnnt.encoders.cpsat`, whose text this is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qnnt.encoders.cpsat import constraint_blocks
from qnnt.encoders.model import Integers, Model, Sums
from qnnt.encoders.solver_output import Claim
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.files.streams import STANDARD_INPUT, lines_of, write_blocks

BLOCK = 50_000
"""Variables per block of text."""
LARGEST_EXACT = 2**53
"""Beyond, what is printed as a floating-point number is no longer exact."""

_CLAIMS = {
    "OPTIMAL": Claim.OPTIMUM_FOUND,
    "FEASIBLE": Claim.SATISFIABLE,
    "INFEASIBLE": Claim.UNSATISFIABLE,
    "UNKNOWN": Claim.UNKNOWN,
}
_FIELD = re.compile(
    r'\s*(?:#[^\n]*\n\s*)*(?:(\w+)\s*(?::\s*(\[[^\]]*\]|"(?:[^"\\]|\\.)*"|[^\s\[\]{}";,]+)|:?\s*(\{))|(\}))[;,]?'
)


@dataclass(frozen=True, slots=True)
class AsItIs:
    """What a Model becomes for CP-SAT: itself."""

    model: Model

    @property
    def variables(self) -> int:
        """How many there are."""
        return len(self.model.lower) - 1

    @property
    def values(self) -> Sums:
        """Every variable stands for itself."""
        names = np.arange(len(self.model.lower))
        return Sums(np.concatenate(([0], names)), names[1:], np.ones(len(names) - 1, np.int64))

    @property
    def bases(self) -> Integers:
        """0."""
        return np.zeros(len(self.model.lower), np.int64)

    @property
    def denominator(self) -> int:
        """Of the loss."""
        return self.model.objective.denominator


def write_cp_text(model: Model, names: Sequence[str], header: Sequence[str], path: str) -> None:
    """Write the text of a CP-SAT model, the same bytes each time; '-' is standard output, ``.gz`` is packed.

    Parameters
    ----------
    names
        Of the variables, indexed by variable; index 0 is unused.
    header
        Comments, without the leading ``#``.

    Raises
    ------
    InputError
        If the place cannot be written.
    """
    write_blocks(path, (block.encode(errors="backslashreplace") for block in cp_text_blocks(model, names, header)))


def cp_text_blocks(model: Model, names: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    """The text in blocks; see `write_cp_text`."""
    yield "".join(f"# {line}".rstrip() + "\n" for line in header)
    columns = list(zip(names, model.lower.tolist(), model.upper.tolist(), strict=True))[1:]
    for start in range(0, len(columns), BLOCK):
        block = columns[start : start + BLOCK]
        yield "".join([f'variables{{name:"{name}" domain:[{low},{high}]}}\n' for name, low, high in block])
    for text in constraint_blocks(model):
        yield text.replace("}constraints{", "}\nconstraints{") + "\n"


@dataclass(frozen=True, slots=True, eq=False)
class CpResponse:
    """What CP-SAT says.

    Attributes
    ----------
    claim
        Its status.
    point
        A value per variable, shape (variables + 1,), index 0 unused; None if there is none.
    objective
        Of the point; None where it is not said, or was rounded.
    """

    claim: Claim
    point: Integers | None
    objective: int | None


def read_cp_response(path: str, variables: int) -> CpResponse:
    """Read the text form of a ``CpSolverResponse``; '-' is standard input, packed files are unpacked.

    Raises
    ------
    InputError
        If it cannot be read, is none, is cut off or of another model.
    """
    try:
        return _response("".join(lines_of(path)), variables)
    except InputError as error:
        raise error.within("standard input" if path == STANDARD_INPUT else path) from None


def _response(text: str, variables: int) -> CpResponse:
    fields: dict[str, str] = {}
    solution: list[str] = []
    last = ""
    for name, value in _fields(text):
        last = name
        if name == "solution":
            solution += value.strip("[]").replace(",", " ").split()
        else:
            fields[name] = value
    if not fields or not fields.keys() & {"status", "wall_time", "user_time", "deterministic_time"}:
        raise InputError("expected the text form of a CpSolverResponse, such as 'status: OPTIMAL'")
    status = fields.get("status", "UNKNOWN")  # which protocol buffers leave out
    if status not in _CLAIMS:
        raise InputError(f"the status is {shown(status)}; expected one of {', '.join(_CLAIMS)}")
    if not solution:
        return CpResponse(_CLAIMS[status], None, None)
    if status == "INFEASIBLE":
        raise InputError("a solution, though the model is said to be infeasible")
    if len(solution) != variables or last == "solution":
        cut = " (cut off, or of another model)"
        raise InputError(f"the solution has {len(solution)} values; the model has {variables} variables{cut}")
    point = np.array([0, *map(_integer, solution)], np.int64)
    return CpResponse(_CLAIMS[status], point, _objective(fields.get("objective_value", "0")))


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of the fields that are in no message within the response."""
    place = depth = 0
    end = len(text.rstrip())
    while place < end:
        match = _FIELD.match(text, place)
        if match is None:
            line = text.count("\n", 0, place + 1) + 1
            raise InputError(f"line {line}: expected a field such as 'status: OPTIMAL'")
        name, value, opening, closing = match.groups()
        depth += (opening is not None) - (closing is not None)
        if value is not None and depth == 0:
            yield name, value
        place = match.end()
    if depth:
        raise InputError("the response is cut off")


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text) or abs(int(text)) > 2**62:
        raise InputError(f"a value of the solution is {shown(text)}: expected an integer")
    return int(text)


def _objective(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"the objective is {shown(text)}: expected a number") from None
    if not math.isfinite(value) or abs(value) >= LARGEST_EXACT:
        return None
    if value != round(value):
        raise InputError(f"the objective is {text}: not integral")
    return round(value)
