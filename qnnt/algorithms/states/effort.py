"""What a dynamic program has cost so far, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass

from qnnt.errors import QnntError

MOST_NUMBERS = 1 << 28
"""Entries of one matrix of sums, each of two to eight bytes, of which a few are held at a time."""
PAST = 10
"""States to remember for each that may be held at once."""


class StateLimitError(QnntError):
    """A dynamic program would hold or make more than it may; says where. Its solver's answer becomes "unknown"."""


@dataclass
class Effort:
    """What runs have cost so far.

    Attributes
    ----------
    most
        States held at once above which a run gives up.
    most_sums
        Partial sums made above which it does; None is no limit.
    peak
        The largest number of states held at once.
    transitions
        Pairs of a state and a choice that were looked at.
    sums
        Partial sums of neurons that were made.
    joins, guessed
        Joins of tables, and patterns guessed.
    remembered
        States kept for the way back, in the present run.
    """

    most: int
    most_sums: int | None = None
    peak: int = 0
    transitions: int = 0
    sums: int = 0
    joins: int = 0
    guessed: int = 0
    runs: int = 0
    remembered: int = 0

    def start_run(self) -> None:
        """Another run: what the one before remembered is gone."""
        self.runs += 1
        self.remembered = 0

    def hold(self, states: int, where: str) -> None:
        """Note that so many states are held now.

        Raises
        ------
        StateLimitError
            If they are too many.
        """
        self.peak = max(self.peak, states)
        if states > self.most:
            raise StateLimitError(f"more than {self.most} states at {where}")

    def remember(self, states: int, where: str) -> None:
        """Note that so many states are kept for the way back, a few bytes each.

        Raises
        ------
        StateLimitError
            If all of them are more than `PAST` times what may be held at once.
        """
        self.remembered += states
        if self.remembered > PAST * self.most:
            raise StateLimitError(f"more than {PAST * self.most} states to remember at {where}")

    def make(self, sums: int, inputs: int, where: str) -> None:
        """Note that so many partial sums, each over so many inputs, are about to be made.

        Raises
        ------
        StateLimitError
            If they are too many.
        """
        self.sums += sums
        if sums * inputs > MOST_NUMBERS or (self.most_sums is not None and self.sums > self.most_sums):
            raise StateLimitError(f"too many partial sums at {where}: {sums} more")
