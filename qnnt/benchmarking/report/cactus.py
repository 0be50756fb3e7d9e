"""Cactus plots: how many cases are solved within how many seconds each."""

from __future__ import annotations

from dataclasses import dataclass

from qnnt.benchmarking.report.outcomes import SHORTEST, Column


@dataclass(frozen=True)
class Curve:
    """A step function: `solved[i]` cases are solved within `seconds[i]` each; it begins at 0 cases."""

    seconds: tuple[float, ...]
    solved: tuple[int, ...]


def curve_of(column: Column, end: float) -> Curve:
    """The curve of a setup.

    Parameters
    ----------
    end
        Where the curves end, in seconds: all of them at the same place, or at a time beyond it.
    """
    times = sorted(max(outcome.score, SHORTEST) for outcome in column if outcome is not None and outcome.solved)
    last = max([end, *times[-1:]])
    seconds = (*times[:1], *times, last)
    return Curve(seconds, (*(0 for _ in times[:1]), *range(1, len(times) + 1), len(times)))
