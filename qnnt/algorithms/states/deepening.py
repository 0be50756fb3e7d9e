"""Minimisation by runs with growing limits on the loss.

A dynamic program that may drop every state whose loss must exceed a limit is fastest with a small
limit. So it runs with the proven lower bound first; each run that finds nothing raises the bound to
the least loss that it excluded. The limit itself moves twice as far each time, so that the number of
runs is logarithmic in the optimum, and the last run returns an optimum whatever its limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.vectors import Integers, Matrix

Patterns = Sequence[Matrix]
"""Per neuron its values at the distinct inputs."""


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


@dataclass
class LossLimit:
    """The limit of one run, and what it has cost.

    Attributes
    ----------
    limit
        Losses above it are of no interest.
    excluded
        The least bound above it that was met; None so far.
    """

    limit: int
    excluded: int | None = None

    def admits(self, bounds: Integers) -> npt.NDArray[np.bool_]:
        """Which of these bounds on the loss are within the limit; the least of the others is noted."""
        above = bounds > self.limit
        if above.any():
            least = int(bounds[above].min())
            self.excluded = least if self.excluded is None else min(self.excluded, least)
        return ~above


class Program(Protocol):
    """A dynamic program that is exact for all losses up to a limit."""

    def __call__(self, limit: int) -> Best:
        """The smallest loss that is at most the limit.

        Raises
        ------
        StateLimitError
            If the states become too many.
        """
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
