"""CSV tables as text: a header row, then rows of as many cells. Nothing is converted here but single cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from qnnt.errors import InputError
from qnnt.exact import shown

MISSING = frozenset({"", "?", "nan", "na"})
"""Cells that hold no value, in any case and with any white space around them."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?|[+-]?[0-9]+/[0-9]+")
_LONGEST_CELL = 100
_LARGEST_EXPONENT = 100


@dataclass(frozen=True)
class CsvTable:
    """A table as it was read.

    Attributes
    ----------
    source
        Base name of the file.
    sha256
        Of the file's bytes.
    names
        Column names, distinct, without white space around them.
    rows
        n rows of ``len(names)`` cells each, as written. Messages count them from 1, without the header.
    """

    source: str
    sha256: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each column."""
        return {name: i for i, name in enumerate(self.names)}

    def cells(self, name: str) -> list[str | None]:
        """The values of one column, None where they are missing; length n."""
        position = self.positions[name]
        return [value_of(row[position]) for row in self.rows]


def value_of(cell: str) -> str | None:
    """A cell without white space around it; None if it is missing."""
    text = cell.strip()
    return None if text.lower() in MISSING else text


def number_of(text: str, longest: int = _LONGEST_CELL) -> Fraction | None:
    """The exact value of a decimal (``-1.50``, ``2e-3``) or of a rational ``3/2``; None for other text.

    Texts longer than `longest` and exponents beyond 100 are no numbers: they would be huge exactly.
    """
    if len(text) > longest or not _NUMBER.fullmatch(text):
        return None
    exponent = re.split("[eE]", text)[1:]
    if exponent and abs(int(exponent[0])) > _LARGEST_EXPONENT:
        return None
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None


def read_csv(path: str) -> CsvTable:
    """Read a comma-separated file with a header row; blank lines are passed over.

    Raises
    ------
    InputError
        One line, naming the file: unreadable, no UTF-8, no header, repeated column names, or a row
        with more or fewer cells than the header.
    """
    import csv
    import hashlib
    import io
    from pathlib import Path

    try:
        raw = Path(path).read_bytes()
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start})", source=path) from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read: {reason.lower()}", source=path) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [tuple(line) for line in reader if len(line) > 1 or "".join(line).strip()]
    except csv.Error as error:
        raise InputError(f"no CSV: {error} at line {reader.line_num}", source=path) from None
    try:
        names = _header(lines)
        rows = _rows(lines, len(names))
    except InputError as error:
        raise error.within(path) from None
    return CsvTable(Path(path).name, hashlib.sha256(raw).hexdigest(), names, rows)


def csv_text(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A header and rows as CSV text with Unix line ends."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue()


def _header(lines: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The column names, checked."""
    if not lines:
        raise InputError("the file is empty: expected a header row with the names of the columns")
    names = tuple(cell.strip() for cell in lines[0])
    if all(not name or number_of(name) is not None for name in names):
        raise InputError("no header: the first line must name the columns, and it holds only numbers")
    seen: set[str] = set()
    for i, name in enumerate(names, start=1):
        if not name:
            raise InputError(f"the header names no column at position {i}")
        if name in seen:
            raise InputError(f"the column {shown(name)} occurs twice in the header")
        seen.add(name)
    return names


def _rows(lines: Sequence[tuple[str, ...]], width: int) -> tuple[tuple[str, ...], ...]:
    """The rows below the header, checked."""
    for i, line in enumerate(lines[1:], start=1):
        if len(line) != width:
            raise InputError(f"row {i}: expected {width} cells as in the header, got {len(line)}")
    if len(lines) == 1:
        raise InputError("the table has a header, but no rows")
    return tuple(lines[1:])
