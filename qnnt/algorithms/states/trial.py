"""Trials on few distinct inputs: which order suits a dynamic program, and how many states it may hold.

The number of states grows by some factor with each distinct input, and by less and less, since few
patterns can be realised. Trials on one, two, three, ... inputs give the factor so far; carried on as
it is it overestimates, its square root has been seen to underestimate. Neither passes what can be
counted: the choices of all parameters, or the patterns of the neurons that are live together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qnnt.algorithms.states.deepening import Program
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.mismatches import Classes, classes_of

Setup = Callable[[IntegerView, Classes, Effort], Program]
"""A dynamic program on a view."""

MOST_WORK = 250_000
"""Transitions of all trials together, roughly."""
MOST_SUMS = 2_000_000
"""Partial sums at which a trial gives up."""
STEP = 3_000
"""Transitions that take as long as one step takes at least."""
MOST_STATES = 20_000
"""States at which a trial gives up."""
LONG = 400
"""Neurons from which there is one trial only, on few inputs: steps then cost more than states."""
FEW = 3


@dataclass(frozen=True)
class Estimate:
    """What trials say of one choice.

    Attributes
    ----------
    peaks
        Largest numbers of states with 1, 2, ... distinct inputs.
    inputs
        Distinct inputs of the whole.
    log2_bound
        Logarithm of a number that the states cannot pass.
    """

    name: str
    peaks: tuple[int, ...]
    inputs: int
    log2_bound: float
    transitions: int

    def states(self, damping: float = 1.0) -> float:
        """The largest number of states, carried on with the last growth factor to the power of `damping`."""
        return 2 ** min(1000.0, self.log2_states(damping))

    def log2_states(self, damping: float = 1.0) -> float:
        """Logarithm of `states`."""
        if not self.peaks:
            return self.log2_bound
        last = math.log2(max(1, self.peaks[-1]))
        growth = max(0.0, last - math.log2(max(1, self.peaks[-2]))) if len(self.peaks) > 1 else last
        return max(last, min(self.log2_bound, last + damping * growth * (self.inputs - len(self.peaks))))


def estimates(view: IntegerView, setups: Mapping[str, Setup], log2_bounds: Mapping[str, float]) -> list[Estimate]:
    """Trials of all choices, the most promising first."""
    p = len(view.inputs)
    left = set(setups)
    peaks: dict[str, list[int]] = {name: [] for name in setups}
    cost: dict[str, int] = dict.fromkeys(setups, 0)
    work = 0
    counts = range(min(FEW, p), min(FEW, p) + 1) if len(view.neurons) >= LONG else range(1, p + 1)
    for count in counts:
        part = view.limited_to([i * p // count for i in range(count)])
        classes = classes_of(part)
        for name in sorted(left):
            effort = Effort(MOST_STATES, MOST_SUMS)
            try:
                setups[name](part, classes, effort)(classes.total)
            except StateLimitError:
                left.discard(name)
                continue
            peaks[name].append(effort.peak)
            cost[name] = effort.transitions
            work += effort.transitions + STEP * len(view.neurons)
        if not left or work > MOST_WORK:
            break
    found = [Estimate(name, _from_one(peaks[name], counts.start), p, log2_bounds[name], cost[name]) for name in setups]
    return sorted(found, key=lambda e: (-len(e.peaks), e.log2_states(), e.transitions))


def _from_one(peaks: list[int], first: int) -> tuple[int, ...]:
    """Peaks from one input on; those left out grow evenly."""
    if not peaks or first <= 1:
        return tuple(peaks)
    root = peaks[0] ** (1 / first)
    return (*(round(root**i) for i in range(1, first)), *peaks)
