"""Sizes of sources that take little time to solve, and which solver takes them; one entry per family."""

from __future__ import annotations

import random
from typing import Any

from qnnt.reductions.making import Origin
from qnnt.reductions.registry import Family
from qnnt.reductions.sources.source import Drawn, Source
from qnnt.reductions.sources.two_hyperplanes import TwoHyperplanes
from tests.reductions.dichotomies import separable

SMALL: dict[str, dict[str, tuple[int, int]]] = {
    "three-sat": {"variables": (1, 4), "clauses": (1, 14)},
    "three-sat-d2": {"variables": (1, 3), "clauses": (1, 10)},
    "three-sat-d4": {"variables": (1, 3), "clauses": (1, 9)},
    "exact-cover": {"elements": (1, 8), "sets": (1, 8)},
    "hitting-set": {"elements": (1, 6), "sets": (1, 6), "k": (1, 3)},
    "subset-sum": {"numbers": (1, 7), "bits": (1, 6)},
    "two-csp": {"variables": (1, 5), "values": (1, 3), "constraints": (0, 8)},
    "exact-k-cover": {"elements": (1, 8), "sets": (1, 8), "k": (1, 4)},
    "at-most-k-cover": {"elements": (1, 8), "sets": (1, 8), "k": (1, 4)},
    "etr-inv": {"variables": (1, 7), "sums": (0, 4), "products": (0, 4), "height": (1, 3)},
    "one-in-three": {"variables": (1, 4), "clauses": (1, 3)},
    "two-hyperplanes": {"dimension": (1, 2), "points": (1, 3), "grid": (1, 2)},
    "pos-slp": {"operations": (0, 12)},
    "pos-slp-literal": {"operations": (0, 10)},
}
"""The range of each size."""
SMALLER: dict[tuple[str, str], dict[str, tuple[int, int]]] = {
    ("one-in-three", "relu"): {"variables": (1, 3), "clauses": (1, 1)},
    ("one-in-three", "relu-assigned"): {"variables": (1, 4), "clauses": (1, 2)},
}
"""The ranges of a family's form where they are not those of the family."""
SOLVERS: dict[tuple[str, str], str] = {
    ("three-sat", "two-samples"): "sat",
    ("three-sat", "three-samples"): "sat",
    ("three-sat-d2", "standard"): "sat",
    ("three-sat-d4", "standard"): "sat",
    ("exact-cover", "standard"): "sat",
    ("hitting-set", "standard"): "sat",
    ("subset-sum", "standard"): "enumeration",
    ("one-in-three", "threshold"): "row-count",
    ("one-in-three", "relu"): "row-count",
    ("one-in-three", "threshold-assigned"): "row-count",
    ("one-in-three", "relu-assigned"): "row-count",
    ("two-hyperplanes", "threshold"): "row-count",
    ("two-hyperplanes", "relu"): "row-count",
}
"""The solver of a family's form where it is not the automatic one."""


def small_sizes(entry: Family, form: str, rng: random.Random) -> dict[str, int]:
    """Sizes drawn for one source."""
    ranges = SMALLER.get((entry.name, form), SMALL[entry.name])
    return {name: rng.randint(low, high) for name, (low, high) in ranges.items()}


def promised(origin: Origin, drawn: Drawn[Source[Any], Any]) -> bool | None:
    """Whether the instance can meet its bound; None where the theorem promises nothing."""
    found = drawn.source.solve()
    if isinstance(drawn.source, TwoHyperplanes) and origin.form == "relu" and drawn.solution is None:
        if found is not None and drawn.source.distance(drawn.source.wedge(found)) >= drawn.source.margin:
            return True
        return None if separable(drawn.source) else False
    return found is not None
