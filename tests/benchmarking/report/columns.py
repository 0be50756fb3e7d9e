"""What came of setups, in few words: seconds, or the letter of a kind."""

from __future__ import annotations

from qnnt.benchmarking.report.outcomes import Case, Column, Kind, Outcome, Outcomes

PENALTY = 20.0
KINDS = {"l": Kind.LIMIT, "u": Kind.UNSUPPORTED, "f": Kind.FAILED}


def column(*entries: float | str | None) -> Column:
    return tuple(_outcome(entry) for entry in entries)


def _outcome(entry: float | str | None) -> Outcome | None:
    if entry is None:
        return None
    return Outcome(KINDS[entry], PENALTY) if isinstance(entry, str) else Outcome(Kind.SOLVED, entry)


def case(label: str = "a", family: str = "random", **features: int | None) -> Case:
    return Case(label, family, {"d": 3, "width": 4, "samples": 10, **features}, PENALTY)


def outcomes(yardstick: str | None = None, **columns: Column) -> Outcomes:
    """Cases are called 0, 1, ..."""
    number = len(next(iter(columns.values())))
    return Outcomes(tuple(case(str(i)) for i in range(number)), columns, yardstick)
