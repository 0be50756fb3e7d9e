"""Who works next: the cores go to those who had least of their share.

Waldspurger, Weihl, "Stride Scheduling: Deterministic Proportional-Share Resource Management", 1995.
"""

from __future__ import annotations

from collections.abc import Sequence

from qnnt.solvers.plan import Lane

SHORTEST, LONGEST = 0.05, 1.0
"""Seconds of a turn."""
TURN = 0.05
"""A turn's part of the time since the start: short ones for quick answers, then fewer changes."""


class Turns:
    """The time that lanes had so far.

    Parameters
    ----------
    lanes
        All lanes, the more promising ones first.
    cores
        How many work at the same time.
    """

    def __init__(self, lanes: Sequence[Lane], cores: int) -> None:
        self._lanes = lanes
        self._cores = cores
        self._had: dict[int, float] = {}
        """Of the lanes that joined how much of their share they had, head starts not counted."""
        self._ahead: dict[int, float] = {}
        """Of the same what is left of their head starts, in seconds."""

    def spend(self, lanes: Sequence[int], seconds: float) -> None:
        """Note that lanes worked."""
        for number in lanes:
            free = min(self._ahead[number], seconds)
            self._ahead[number] -= free
            self._had[number] += (seconds - free) / self._lanes[number].weight

    def next(self, open_lanes: Sequence[int], elapsed: float) -> list[int]:
        """Of the lanes that are not at their end those that work now: as many as there are cores for, at least one.

        Parameters
        ----------
        elapsed
            Seconds since the start.
        """
        self._join(open_lanes, elapsed)
        joined = [number for number in open_lanes if number in self._had]
        chosen: list[int] = []
        free = self._cores
        for number in sorted(joined, key=self._precedence):
            if self._cost(number) <= free or not chosen:
                chosen.append(number)
                free -= self._cost(number)
        return chosen

    def _cost(self, number: int) -> int:
        """The cores that a lane keeps busy."""
        return self._cores if self._lanes[number].all_cores else 1

    def _precedence(self, number: int) -> tuple[float, float, int]:
        """Those with most left of a head start come first, then those who had least of their share."""
        return -self._ahead[number], self._had[number], number

    def _join(self, open_lanes: Sequence[int], elapsed: float) -> None:
        """Let those take part whose time has come, and more as long as there is a core for them.

        They owe nothing for the time before, and are owed nothing.
        """
        level = min((self._had[number] for number in open_lanes if number in self._had), default=0.0)
        waiting = sorted((self._lanes[n].after, n) for n in open_lanes if n not in self._had)
        busy = sum(self._cost(n) for n in open_lanes if n in self._had)
        for after, number in waiting:
            if after <= elapsed or busy < self._cores:
                self._had[number], self._ahead[number] = level, self._lanes[number].head_start
                busy += self._cost(number)

    @staticmethod
    def length(elapsed: float) -> float:
        """Seconds of a turn that begins so long after the start."""
        return min(max(TURN * elapsed, SHORTEST), LONGEST)
