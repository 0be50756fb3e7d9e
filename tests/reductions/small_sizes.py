"""Sizes of sources that take little time to solve, and which solver takes them; one entry per family."""

from __future__ import annotations

import random
from typing import Any

from qnnt.reductions.making import Origin
from qnnt.reductions.registry import Family
from qnnt.reductions.sources.source import Drawn, Source

SMALL: dict[str, dict[str, tuple[int, int]]] = {
    "three-sat": {"variables": (1, 4), "clauses": (1, 14)},
}
"""The range of each size."""
SOLVERS: dict[tuple[str, str], str] = {
    ("three-sat", "two-samples"): "sat",
    ("three-sat", "three-samples"): "sat",
}
"""The solver of a family's form where it is not the automatic one."""


def small_sizes(entry: Family, form: str, rng: random.Random) -> dict[str, int]:
    """Sizes drawn for one source."""
    return {name: rng.randint(low, high) for name, (low, high) in SMALL[entry.name].items()}


def promised(origin: Origin, drawn: Drawn[Source[Any], Any]) -> bool | None:
    """Whether the instance can meet its bound; None where the theorem promises nothing."""
    return drawn.source.solve() is not None
