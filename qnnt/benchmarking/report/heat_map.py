"""Heat maps: how setups fare on cases of one size, by d and width, and by the number of samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from qnnt.benchmarking.report.outcomes import Case, Column, Outcome, Outcomes

MOST_VALUES = 8
"""A size with more different values is told in ranges, each up to twice the one before."""

Value = int | None
"""Of a size; d is None for D-NNT."""


@dataclass(frozen=True)
class Cell:
    """How a setup fared on the cases of one size.

    Attributes
    ----------
    seconds
        The median of the scores over the cases that it takes; None if it takes none.
    """

    taken: int
    solved: int
    unsupported: int
    seconds: float | None


@dataclass(frozen=True)
class HeatMap:
    """Cells by size.

    Attributes
    ----------
    rows
        Labels: d x width.
    columns
        Labels: numbers of samples.
    cells
        Per setup, the virtual best solver being the last, by row and column; None without a case.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[tuple[Cell | None, ...], ...], ...]


@dataclass(frozen=True, order=True)
class Range:
    """Values from `low` to `high`, both included; without an end where there is no value, which comes first."""

    low: int
    high: int
    label: str


def heat_map_of(outcomes: Outcomes) -> HeatMap:
    """The heat maps of all setups and of the virtual best solver."""
    ds = _ranges(outcomes.cases, "d", "D-NNT")
    widths = _ranges(outcomes.cases, "width", "?")
    samples = _ranges(outcomes.cases, "samples", "?")
    places: dict[tuple[Range, Range], dict[Range, list[int]]] = {}
    for i, (d, width, count) in enumerate(zip(ds, widths, samples, strict=True)):
        places.setdefault((d, width), {}).setdefault(count, []).append(i)
    rows, columns = sorted(places), sorted(set(samples))
    return HeatMap(
        tuple(f"{d.label} × {width.label}" for d, width in rows),
        tuple(count.label for count in columns),
        tuple(
            tuple(tuple(_cell(column, places[row].get(count, ())) for count in columns) for row in rows)
            for column in (*outcomes.columns.values(), outcomes.virtual_best())
        ),
    )


def _cell(column: Column, places: Iterable[int]) -> Cell | None:
    tried = [outcome for i in places if (outcome := column[i]) is not None]
    if not tried:
        return None
    taken: list[Outcome] = [outcome for outcome in tried if outcome.taken]
    return Cell(
        len(taken),
        sum(outcome.solved for outcome in tried),
        len(tried) - len(taken),
        median(outcome.score for outcome in taken) if taken else None,
    )


def _ranges(cases: Sequence[Case], feature: str, absent: str) -> list[Range]:
    """Per case the range that one of its sizes lies in: single values, or ranges if there are many."""
    values = [case.features.get(feature) for case in cases]
    many = len({value for value in values if value is not None}) > MOST_VALUES
    return [_range(value, absent, many) for value in values]


def _range(value: Value, absent: str, many: bool) -> Range:
    if value is None:
        return Range(-1, -1, absent)
    if not many or value < 2:
        return Range(value, value, str(value))
    low = 1 << (value.bit_length() - 1)
    return Range(low, 2 * low - 1, f"{low}–{2 * low - 1}")
