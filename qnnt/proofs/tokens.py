"""Proof text to numbers: one pass over the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.compiled import compiled
from qnnt.errors import InputError

Integers = npt.NDArray[np.int64]

DELETE = -(1 << 62)
"""Stands for the token ``d``; beyond every number that is read."""

MOST_DIGITS = 18
"""More do not fit into 64 bits for certain."""

LONGEST_SHOWN = 24

TAB, NEWLINE, RETURN, SPACE, MINUS, DIGIT_0, LETTER_C, LETTER_D = 9, 10, 13, 32, 45, 48, 99, 100


@dataclass(frozen=True, slots=True)
class Tokens:
    """The lines that hold something: line i, number `lines[i]` of the file, is `values[offsets[i]:offsets[i+1]]`."""

    lines: Integers
    offsets: Integers
    values: Integers

    @property
    def starts(self) -> Integers:
        """Where each line begins in `values`."""
        return self.offsets[:-1]

    @property
    def lengths(self) -> Integers:
        """Tokens per line, at least 1."""
        return np.diff(self.offsets)

    def count(self, value: int) -> Integers:
        """How often a value stands in each line."""
        found = np.concatenate(([0], np.cumsum(self.values == value)))
        return found[self.offsets[1:]] - found[self.starts]


def tokens_of(data: bytes, source: str) -> Tokens:
    """Integers and ``d``, separated by white space; without blank lines and comments (first token ``c``).

    Linear in the size of the data.

    Raises
    ------
    InputError
        If there is anything else, or an integer of more than 18 digits; names `source` and the line.
    """
    if b"\0" in data:
        raise InputError("not a text (proofs in binary are not read)", source=source)
    text = np.frombuffer(data, np.uint8)
    values = np.empty(len(text) // 2 + 1, np.int64)  # memory that is never written to costs nothing
    lines = np.empty(len(text) // 2 + 2, np.int64)
    offsets = np.empty(len(text) // 2 + 2, np.int64)
    found, rows, bad = _scan(text, values, lines, offsets)
    if bad >= 0:
        raise InputError(_complaint(data, bad), source=source)
    return Tokens(lines[:rows].copy(), offsets[: rows + 1].copy(), values[:found].copy())


def _complaint(data: bytes, at: int) -> str:
    line = data.count(b"\n", 0, at) + 1
    token = re.split(rb"[ \t\r\n]", data[at : at + 200], maxsplit=1)[0]
    if any(not 32 < byte < 127 for byte in token):
        return f"line {line}: not a text (proofs in binary are not read)"
    shown = token.decode() if len(token) <= LONGEST_SHOWN else token[: LONGEST_SHOWN - 3].decode() + "..."
    return f"line {line}: {shown!r} is not an integer of at most {MOST_DIGITS} digits"


@compiled
def _is_blank(byte: int) -> bool:
    return byte == SPACE or byte == TAB or byte == RETURN  # noqa: PLR1714  compiled, this is three comparisons


@compiled
def _scan(text: npt.NDArray[np.uint8], values: Integers, lines: Integers, offsets: Integers) -> tuple[int, int, int]:
    """Fill the arrays; returns how many values and how many lines, and where a bad token begins (else -1)."""
    found = 0
    rows = 0
    line = 1
    fresh = True  # nothing but white space so far on this line
    at = 0
    while at < len(text):
        byte = text[at]
        if byte == NEWLINE:
            line += 1
            fresh = True
            at += 1
            continue
        if _is_blank(byte):
            at += 1
            continue
        start = at
        while at < len(text) and text[at] != NEWLINE and not _is_blank(text[at]):
            at += 1
        if fresh:
            if byte == LETTER_C and at == start + 1:
                while at < len(text) and text[at] != NEWLINE:
                    at += 1
                continue
            lines[rows] = line
            offsets[rows] = found
            rows += 1
            fresh = False
        if byte == LETTER_D and at == start + 1:
            values[found] = DELETE
            found += 1
            continue
        first = start + 1 if byte == MINUS else start
        if first == at or at - first > MOST_DIGITS:
            return found, rows, start
        value = 0
        for place in range(first, at):
            digit = text[place] - DIGIT_0
            if digit < 0 or digit > 9:
                return found, rows, start
            value = 10 * value + digit
        if value == 0 and at > start + 1:  # -0, 00
            return found, rows, start
        values[found] = -value if byte == MINUS else value
        found += 1
    offsets[rows] = found
    return found, rows, -1
