"""What somebody asked for, read from the texts of a command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.generation.columns import Kind
from qnnt.generation.csv_table import number_of

MOST_BINS = 1000
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Choice:
    """What somebody asked for one column: a kind; how many bins (None: d), or the levels in order."""

    kind: Kind
    count: int | None = None
    levels: tuple[str, ...] = ()


def choices_from(texts: Iterable[str], names: Sequence[str]) -> dict[str, Choice]:
    """Read ``NAME=KIND`` texts, such as ``age=numeric``, ``age=thermometer:5``, ``size=ordinal:0-4,5-9``.

    Levels are one CSV row: a level with a comma in it is put in double quotes.

    Raises
    ------
    InputError
        For an unknown column or kind, a column named twice, or arguments that do not fit the kind.
    """
    choices: dict[str, Choice] = {}
    for text in texts:
        # Names may hold "=" as well: the longest column name that fits is meant.
        name = max((n for n in names if text.startswith(f"{n}=")), key=len, default=None)
        if name is None:
            raise InputError(f"{shown(text)} names no column: expected NAME=KIND, columns: {', '.join(names)}")
        if name in choices:
            raise InputError(f"the column {shown(name)} is given twice")
        choices[name] = _choice(name, text[len(name) + 1 :])
    return choices


def _choice(name: str, text: str) -> Choice:
    kind_word, colon, argument = text.partition(":")
    kind = word(Kind, kind_word, f"column {name}")
    if not colon:
        return Choice(kind)
    if kind is Kind.ORDINAL:
        levels = _csv_row(argument)
        if len(levels) < 2 or len(set(levels)) < len(levels) or "" in levels:
            raise InputError(f"column {name}: expected at least two distinct levels, got {shown(argument)}")
        return Choice(kind, levels=levels)
    if kind in {Kind.NUMERIC, Kind.THERMOMETER}:
        if not re.fullmatch("[0-9]{1,4}", argument) or not 2 <= int(argument) <= MOST_BINS:
            raise InputError(f"column {name}: expected 2 to {MOST_BINS} bins, got {shown(argument)}")
        return Choice(kind, count=int(argument))
    raise InputError(f"column {name}: the kind {kind} takes nothing after it, got {shown(argument)}")


def layer_sizes(texts: Iterable[str]) -> tuple[int, ...]:
    """Sizes of hidden layers from ``["3", "2"]`` or ``["3,2"]``; none from ``["none"]`` or ``[""]``.

    Raises
    ------
    InputError
        For anything else than positive integers.
    """
    words = [part.strip() for text in texts for part in text.split(",")]
    if words in ([], [""], ["none"]):
        return ()
    for part in words:
        if not re.fullmatch("0*[1-9][0-9]{0,8}", part):
            raise InputError(f"expected the sizes of hidden layers, such as 3,2, or none; got {shown(part)}")
    return tuple(int(part) for part in words)


def class_names(text: str) -> tuple[str, ...]:
    """Classes from one CSV row; none from an empty text."""
    return _csv_row(text) if text.strip() else ()


def fraction(text: str) -> Fraction:
    """An exact number from ``0.3`` or ``1/3``.

    Raises
    ------
    InputError
        For other text.
    """
    number = number_of(text.strip())
    if number is None:
        raise InputError(f"expected a number such as 0.3 or 1/3, got {shown(text)}")
    return number


def word(words: type[E], text: str, option: str, *others: str) -> E:
    """The member of an enumeration.

    Raises
    ------
    InputError
        For other text; it names the option, its words and the `others` that it takes as well.
    """
    if text not in list(words):
        raise InputError(f"{option}: expected one of {', '.join([*others, *words])}, got {shown(text)}")
    return words(text)


def _csv_row(text: str) -> tuple[str, ...]:
    import csv

    return tuple(cell.strip() for cell in next(csv.reader([text]), []))
