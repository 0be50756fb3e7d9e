"""Sets of partial sums, stage by stage, and the way back from a sum to what made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from qnnt.algorithms.pseudo_polynomial.bit_sums import Bits
from qnnt.algorithms.pseudo_polynomial.fingerprints import distinct, places_of
from qnnt.algorithms.pseudo_polynomial.problem import Problem
from qnnt.algorithms.pseudo_polynomial.sorted_sums import union
from qnnt.algorithms.pseudo_polynomial.sumsets import MOST_WIDE, Layer, keys, size, sums
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.vectors import Integers

Select = Callable[[Integers, Integers], Integers]
"""From keys, in their order, and what their digits may still grow by, to the keys that stay, in their order."""
MOST_SUMS = 1 << 24
"""Sums made before some of them are dropped."""
WORD = 64


def keep_all(some: Integers, rest: Integers) -> Integers:  # noqa: ARG001
    """Drop nothing."""
    return some


class Growth:
    """The sums of a part of all steps, which grows.

    No ways back are stored: a key came from any key of the layer before it that differs by a choice.

    Parameters
    ----------
    engine
        One of `qnnt.algorithms.pseudo_polynomial.sumsets.ENGINES`.
    select
        Which keys stay after each step.
    """

    def __init__(self, problem: Problem, engine: str, effort: Effort, select: Select = keep_all) -> None:
        self._problem, self._engine, self._effort, self._select = problem, engine, effort, select
        self.layers: list[Layer] = [select(np.zeros((1, problem.box.limbs), np.int64), problem.reach)]
        self.steps: list[int] = []
        self._rest = problem.reach.copy()

    @property
    def size(self) -> int:
        """How many keys the last layer has."""
        return size(self.layers[-1])

    @property
    def keys(self) -> Integers:
        """The last layer, shape (N, limbs)."""
        self._effort.hold(self.size, "the end")
        return keys(self.layers[-1])

    def extend(self, stage: int) -> None:
        """Add one more member of a stage.

        Raises
        ------
        StateLimitError
            If the keys become too many.
        """
        choices = self._problem.stages[stage]
        where = f"step {len(self.steps) + 1} of {len(self._problem.all_steps)}"
        self._rest = self._rest - choices.spans
        pairs = self.size * len(choices.keys)
        self._effort.transitions += pairs
        layer = self._whole(choices.keys, where) if pairs <= self._at_once else self._in_portions(choices.keys, where)
        self._note(layer, where)
        self.layers.append(layer)
        self.steps.append(stage)

    def extend_all(self, steps: Sequence[int]) -> None:
        """Add steps until nothing is left."""
        for stage in steps:
            self.extend(stage)
            if not self.size:
                return

    @property
    def _at_once(self) -> int:
        if len(self._problem.factors) > 1:
            return MOST_WIDE
        return MOST_SUMS if self._engine in ("mixed", "sparse", "wide") and self._select is not keep_all else 1 << 62

    def _whole(self, choices: Integers, where: str) -> Layer:
        made = sums(self._engine, self.layers[-1], choices, self._problem.factors)
        if isinstance(made, Bits) and self._select is keep_all:
            return made
        self._effort.hold(size(made), where)
        return self._select(keys(made), self._rest)

    def _in_portions(self, choices: Integers, where: str) -> Layer:
        """Drop sums a portion at a time, so that they never are all there."""
        before = keys(self.layers[-1])
        portion = max(1, self._at_once // len(choices))
        found = np.empty((0, before.shape[1]), np.int64)
        for first in range(0, len(before), portion):
            made = keys(sums(self._engine, before[first : first + portion], choices, self._problem.factors))
            found = self._joined(found, self._select(made, self._rest))
            self._effort.hold(len(found), where)
        return self._select(found, self._rest)

    def _joined(self, some: Integers, others: Integers) -> Integers:
        if some.shape[1] == 1:
            return union(some[:, 0], others[:, 0])[:, None]
        return distinct(np.concatenate([some, others]), self._problem.factors)

    def _note(self, layer: Layer, where: str) -> None:
        held = layer.bits.bit_length() // WORD if isinstance(layer, Bits) else layer.size
        self._effort.hold(held, where)
        self._effort.remember(held, where)

    def rows(self, key: Integers) -> list[tuple[int, int]]:
        """Stages, and rows of them, that add up to a key of the last layer, shape (limbs,); one pair per step."""
        found: list[tuple[int, int]] = []
        for stage, layer in zip(reversed(self.steps), reversed(self.layers[:-1]), strict=True):
            choices = self._problem.stages[stage]
            before = key - choices.keys
            if isinstance(layer, Bits):
                present = np.array(layer.contains(before[:, 0]))
            else:
                present = places_of(layer, before, self._problem.factors)[1]
            chosen = int(np.flatnonzero(present)[0])
            found.append((stage, int(choices.rows[chosen])))
            key = before[chosen]
        return found[::-1]
