"""Columns learned from training rows: which kind, which cut points, which levels."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import accumulate, pairwise

from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.generation.choices import MOST_BINS, Choice
from qnnt.generation.columns import Bins, Categorical, Column, Kind, Numeric, Ordinal, Skip, Thermometer
from qnnt.generation.csv_table import number_of
from qnnt.instance import z_d

_RANGE = re.compile(r"([0-9.]+) ?(?:-|\.\.) ?([0-9.]+)")
Cells = Sequence[str | None]


def automatic(cells: Cells, numbers: Kind) -> Kind:
    """The kind of a column that nobody chose: `numbers` if every value parses as one, else categorical."""
    return numbers if all(number_of(cell) is not None for cell in cells if cell is not None) else Kind.CATEGORICAL


def learn(name: str, choice: Choice, cells: Cells, *, d: int, bins: Bins, impute: bool) -> Column:
    """The column as the training rows show it.

    Parameters
    ----------
    cells
        Of the training rows, None where missing.
    d
        Input values lie in Z_d.
    impute
        Whether missing cells take the (lower) median bin or level of the training rows; else their
        rows are left out.

    Cells that do not fit the kind are passed over: encoding them names their row.

    Raises
    ------
    InputError
        If there are more bins than values in Z_d, or levels that nobody listed have no order.
    """
    present = [cell for cell in cells if cell is not None]
    match choice.kind:
        case Kind.SKIP:
            return Skip(name)
        case Kind.CATEGORICAL:
            return Categorical(name, in_order(set(present)))
        case Kind.ORDINAL:
            return _ordinal(name, choice.levels or _sorted_levels(name, present), present, d, impute)
        case Kind.NUMERIC | Kind.THERMOMETER:
            return _numeric(name, choice, present, d, bins, impute)
    raise TypeError(f"unknown kind {choice.kind!r}")


def in_order(texts: Iterable[str]) -> tuple[str, ...]:
    """Distinct texts sorted: as numbers if all are numbers, else as text."""
    distinct = sorted(set(texts))
    numbers = {text: number for text in distinct if (number := number_of(text)) is not None}
    if len(numbers) < len(distinct):
        return tuple(distinct)
    return tuple(sorted(distinct, key=numbers.__getitem__))


def _ordinal(name: str, levels: tuple[str, ...], present: Sequence[str], d: int, impute: bool) -> Ordinal:
    """Up to d levels take the values of Z_levels, which lies in Z_d; more are spread evenly over Z_d."""
    count = len(levels)
    values = z_d(count) if 1 <= count <= d else tuple(z_d(d)[i * d // count] for i in range(count))
    places = {level: i for i, level in enumerate(levels)}
    median = _median([places[text] for text in present if text in places]) if impute else None
    return Ordinal(name, levels, values, median)


def _sorted_levels(name: str, present: Sequence[str]) -> tuple[str, ...]:
    """The distinct values of a column of numbers or of ranges such as ``10-14``, by their ends."""
    ends: dict[str, tuple[Fraction, Fraction]] = {}
    for text in set(present):
        number = number_of(text)
        split = _RANGE.fullmatch(text)
        low, high = (number, number) if split is None else (number_of(split[1]), number_of(split[2]))
        if low is None or high is None:
            raise InputError(
                f"column {name}: {shown(text)} is neither a number nor a range such as '10-14'; "
                f"list the levels in order: {name}=ordinal:LEVEL,LEVEL,..."
            )
        ends[text] = (low, high)
    if not ends:
        raise InputError(f"column {name}: all values are missing, so the levels must be listed")
    return tuple(sorted(ends, key=lambda text: (ends[text], text)))


def _numeric(
    name: str, choice: Choice, present: Sequence[str], d: int, bins: Bins, impute: bool
) -> Numeric | Thermometer:
    count = choice.count or min(d, MOST_BINS)
    if choice.kind is Kind.NUMERIC and count > d:
        raise InputError(f"column {name}: {count} bins do not fit the {d} values of Z_{d}")
    numbers = [number for text in present if (number := number_of(text)) is not None]
    edges = cut_points(Counter(numbers), count, bins)
    median = _median([bisect_right(edges, number) for number in numbers]) if impute else None
    if choice.kind is Kind.THERMOMETER:
        return Thermometer(name, bins, edges, median)
    return Numeric(name, bins, edges, z_d(len(edges) + 1), median)


def cut_points(counts: Mapping[Fraction, int], bins: int, rule: Bins) -> tuple[Fraction, ...]:
    """At most ``bins - 1`` strictly increasing cut points.

    With at most `bins` distinct values each is its own bin, under either rule. Equal values never part.

    Parameters
    ----------
    counts
        How often each number occurs.
    """
    distinct = sorted(counts)
    middles = [(a + b) / 2 for a, b in pairwise(distinct)]
    wanted = bins - 1
    if len(middles) <= wanted:
        return tuple(middles)
    if rule is Bins.UNIFORM:
        width = distinct[-1] - distinct[0]
        return tuple(distinct[0] + i * width / bins for i in range(1, bins))
    below = list(accumulate(counts[number] for number in distinct))
    chosen: list[int] = []
    for i in range(1, bins):
        # Behind the last cut, with enough left for the cuts to come; nearest to the quantile, lower first.
        first = chosen[-1] + 1 if chosen else 0
        last = len(middles) - (wanted - i)
        quantile = Fraction(i * below[-1], bins)
        chosen.append(min(range(first, last), key=partial(_distance, below, quantile)))
    return tuple(middles[j] for j in chosen)


def _median(places: Sequence[int]) -> int:
    """The lower median; 0 of nothing."""
    return sorted(places)[(len(places) - 1) // 2] if places else 0


def _distance(below: Sequence[int], quantile: Fraction, cut: int) -> tuple[Fraction, int]:
    return abs(below[cut] - quantile), cut
