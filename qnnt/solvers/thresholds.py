"""The numbers by which `auto` decides; they come from benchmarks, not from hand."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class First:
    """Up to where an algorithm comes first; see ``thresholds.toml``."""

    pattern_bits: float
    thread_bits: float
    quick_bits: float
    search_bits: float
    live_bits: float
    pseudo_inputs: int
    row_bits: float
    row_alike: int
    sampling_inputs: int


@dataclass(frozen=True)
class Most:
    """Above what a solver stays out."""

    pattern_bits: float
    live_bits: float
    pseudo_inputs: int
    circuit_bits: float


@dataclass(frozen=True)
class After:
    """Seconds after which solvers join that are not among the first."""

    maxsat: float
    cpsat: float
    others: float


@dataclass(frozen=True)
class Alone:
    """Seconds of head start."""

    prover: float
    all_cores: float
    quick_search: float
    local_search: float


@dataclass(frozen=True)
class Thresholds:
    """All of them."""

    enumeration_sums: int
    first: First
    most: Most
    after: After
    alone: Alone


def thresholds_from(text: str) -> Thresholds:
    """The thresholds that a TOML document holds."""
    table = tomllib.loads(text)
    return Thresholds(
        table["enumeration_sums"],
        First(**table["first"]),
        Most(**table["most"]),
        After(**table["after"]),
        Alone(**table["alone"]),
    )


@functools.cache
def thresholds() -> Thresholds:
    """Those in use."""
    return thresholds_from((files("qnnt.solvers") / "thresholds.toml").read_text(encoding="utf-8"))
