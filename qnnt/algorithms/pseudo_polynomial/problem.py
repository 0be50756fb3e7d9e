"""A view as sets of keys: what every stage may add, and what the sums cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qnnt.algorithms.pseudo_polynomial.box import LARGEST_KEY, Box, box_of
from qnnt.algorithms.pseudo_polynomial.fingerprints import fingerprints, multipliers
from qnnt.algorithms.pseudo_polynomial.loss_terms import LossTerms, loss_terms
from qnnt.algorithms.pseudo_polynomial.stages import AdditiveView
from qnnt.algorithms.states.vectors import Integers

Steps = tuple[int, ...]
"""Stages in the order in which they are added, once per member."""


@dataclass(frozen=True)
class Choices:
    """What a stage may add.

    Attributes
    ----------
    keys
        Shape (K, limbs), by increasing fingerprint.
    rows
        Shape (K,): of each key its row in the stage.
    spans
        Shape (D,): the largest digits.
    copies
        How many members the stage has.
    """

    keys: Integers
    rows: Integers
    spans: Integers
    copies: int


@dataclass(frozen=True)
class Problem:
    """To find: one choice per member of each stage, such that the sum costs least."""

    view: AdditiveView
    box: Box
    terms: LossTerms
    stages: tuple[Choices, ...]
    factors: Integers

    @cached_property
    def reach(self) -> Integers:
        """Shape (D,): the largest digits."""
        return np.array(self.box.reach, np.int64)

    @property
    def all_steps(self) -> Steps:
        """Every stage once per member."""
        return tuple(s for s, stage in enumerate(self.stages) for _ in range(stage.copies))

    def span(self, steps: Sequence[int]) -> Integers:
        """Shape (D,): the largest digits of sums of some steps."""
        return sum((self.stages[s].spans for s in steps), np.zeros_like(self.reach))

    def bounds(self, keys: Integers, rest: Integers) -> Integers:
        """What each key costs at least if its digits may grow by the rest, shape (D,)."""
        return self.terms.bounds(lambda c: self.box.digits(keys, c), rest.tolist(), len(keys))

    def losses(self, keys: Integers) -> Integers:
        """What final sums cost; a number above the cap of the terms if too much."""
        return self.terms.losses(lambda c: self.box.digits(keys, c), len(keys))


def problem_of(view: AdditiveView, *, largest: int = LARGEST_KEY, attempt: int = 0) -> Problem:
    """The problem of a view that is feasible and has at least one input.

    Parameters
    ----------
    largest
        Of a key; smaller ones lead to more limbs.
    attempt
        Draws other fingerprints.

    Raises
    ------
    UnsupportedError
        If the losses need too large numbers.
    """
    rows = [stage.rows for stage in view.stages]
    copies = [len(stage.members) for stage in view.stages]
    plain = box_of(view.constant, rows, copies)
    additive = [c for c, _ in loss_terms(view, plain).additive]
    first = sorted(additive, key=lambda c: -plain.reach[c])
    order = [*first, *(c for c in range(len(plain.reach)) if c not in set(first))]
    box = box_of(view.constant, rows, copies, order, largest)
    factors = multipliers(box.limbs, attempt)
    stages = []
    for matrix, count in zip(rows, copies, strict=True):
        digits = box.digits_of(matrix)
        keys = box.keys_of(digits)
        by_print = np.argsort(fingerprints(keys, factors))
        stages.append(Choices(keys[by_print], by_print, digits.max(axis=0), count))
    return Problem(view, box, loss_terms(view, box), tuple(stages), factors)
