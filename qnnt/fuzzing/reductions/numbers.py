"""Simpler numbers in the place of a number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from qnnt.exact import Number, reduced
from qnnt.fuzzing.reductions.sizes import cost_of


def smaller_counts(count: int) -> Iterator[int]:
    """Counts below this one, for a search by halving the distance: half of it, three quarters, ..., one less."""
    distance = count // 2
    while distance > 0:
        yield count - distance
        distance //= 2


def simpler_numbers(number: Number) -> Iterator[Number]:
    """Numbers of smaller cost: 0, 1, -1, integers close by, then ever nearer ones; each once."""
    sign = 1 if number > 0 else -1
    size, denominator = abs(number.numerator), number.denominator
    candidates: list[Number] = [0, 1, -1, round(number), math.floor(number), math.ceil(number)]
    candidates += [reduced(Fraction(round(2 * number), 2)), -number]
    candidates += [reduced(Fraction(sign * smaller, denominator)) for smaller in smaller_counts(size)]
    seen = {number}
    for candidate in candidates:
        if candidate not in seen and cost_of(candidate) < cost_of(number):
            seen.add(candidate)
            yield candidate
