"""How many of the distinct inputs a search takes in: at first, and at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Growth:
    """How many distinct inputs are taken in.

    Attributes
    ----------
    start
        At the beginning.
    rate, least
        At a time: so many per input taken in before, and no fewer than that.
    half
        All of them, once this part of them is taken in.
    """

    start: int = 40
    rate: float = 0.1
    least: int = 8
    half: float = 0.5

    def first(self, inputs: int) -> tuple[int, ...]:
        """The numbers of the inputs to begin with: evenly spread, as tables are often sorted."""
        if self.start > self.half * inputs:
            return tuple(range(inputs))
        return tuple(i * inputs // self.start for i in range(self.start))

    def next(self, inside: int, wrong: Sequence[int], outside: Sequence[int]) -> tuple[int, ...]:
        """The numbers of the inputs to take in: some of the wrong ones, or all that are outside."""
        chosen = wrong[: max(self.least, math.ceil(self.rate * inside))]
        return tuple(outside if inside + len(chosen) > self.half * (inside + len(outside)) else chosen)
