"""Minimisation by runs with growing limits on the loss.

A dynamic program that may drop every state whose loss must exceed a limit is fastest with a small
limit. So it runs with the proven lower bound first; each run that finds nothing raises the bound to
the least loss that it excluded. The limit itself moves twice as far each time, so that the number of
runs is logarithmic in the optimum, and the last run returns an optimum whatever its limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qnnt.algorithms.vectors import Matrix

Patterns = Sequence[Matrix]
"""Per neuron its values at the distinct inputs."""


class StateLimitError(Exception):
    """A dynamic program would hold more states than it may; says where."""


@dataclass
class Effort:
    """What runs have cost so far.

    Attributes
    ----------
    most
        States held at once above which a run gives up.
    peak
        The largest number of states held at once.
    transitions
        Pairs of a state and a choice that were looked at.
    """

    most: int
    peak: int = 0
    transitions: int = 0
    joins: int = 0
    guessed: int = 0
    runs: int = field(default=0)

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


@dataclass(frozen=True)
class Best:
    """The smallest loss within a run's limit.

    Attributes
    ----------
    patterns, loss
        None if there is none.
    excluded
        A loss above the limit that nothing between the two undercuts; None if no state was dropped for
        its loss, so that nothing at all exists beyond what was found.
    """

    patterns: Patterns | None
    loss: int | None
    excluded: int | None


class Program(Protocol):
    """A dynamic program that is exact for all losses up to a limit."""

    def __call__(self, limit: int) -> Best:
        """The smallest loss that is at most the limit."""
        ...


@dataclass(frozen=True)
class Minimum:
    """How a minimisation ended: the optimum, or a proof that nothing within the bound exists."""

    patterns: Patterns | None
    loss: int | None
    lower_bound: int | None


def minimum(program: Program, lower: int, upper: int, on_bound: Callable[[int], None]) -> Minimum:
    """The smallest loss that is at most `upper`.

    Parameters
    ----------
    lower
        Proven: no loss is below it.
    on_bound
        Called with each proven bound as it rises.

    Returns
    -------
    Minimum
        If nothing within `upper` exists, the proven bound; None if nothing exists at all.
    """
    first = limit = lower
    while lower <= upper:
        limit = min(upper, max(limit, lower))
        best = program(limit)
        if best.loss is not None:
            return Minimum(best.patterns, best.loss, best.loss)
        if best.excluded is None:
            return Minimum(None, None, None)
        lower = best.excluded
        on_bound(lower)
        limit = first + 2 * (limit - first) + 1
    return Minimum(None, None, lower)
