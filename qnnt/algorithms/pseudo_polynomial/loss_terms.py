"""The loss of an instance as a sum, over terms, of the largest cost of a few coordinates.

Separable losses have a term per coordinate. Mismatch and the largest distance of several outputs have a term
per input and label vector: the largest of what each output alone would cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qnnt.algorithms.pseudo_polynomial.box import Box
from qnnt.algorithms.pseudo_polynomial.coordinate_costs import CoordinateCosts
from qnnt.algorithms.pseudo_polynomial.curves import Curve, Flat
from qnnt.algorithms.pseudo_polynomial.runs import Run, runs_of
from qnnt.algorithms.pseudo_polynomial.shares import Share
from qnnt.algorithms.pseudo_polynomial.stages import AdditiveView
from qnnt.algorithms.states.vectors import Integers
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.simplification.samples import Labels

LARGEST_LOSS = 2**61
LARGEST_DENOMINATOR = 2**60
NOWHERE = (Flat(0, 0, 0, 0),)
"""In place of no curves at all, where every digit is forbidden."""

Part = tuple[int, Share]
"""A coordinate, and what counts there."""
Term = tuple[tuple[int, CoordinateCosts], ...]
"""Coordinates with their costs, of which the largest counts."""


@dataclass(frozen=True)
class LossTerms:
    """All losses up to a cap, in numerators over `denominator`; more than that is forbidden.

    Attributes
    ----------
    complete
        Whether no parameters have a loss above the cap.
    exact
        They add up to the loss.
    bounding
        They add up to a lower bound, which is tight for separable losses: a term per input otherwise.
    single
        For separable losses: the only coordinate that varies, its cost without a cap if that is one convex curve,
        and what all others cost.
    """

    denominator: int
    cap: int
    complete: bool
    exact: tuple[Term, ...]
    bounding: tuple[Term, ...]
    single: tuple[int, Curve, int] | None

    @property
    def forbidden(self) -> int:
        """A loss above the cap."""
        return self.cap + 1

    @cached_property
    def least(self) -> int:
        """No loss is smaller."""
        return sum(max(costs.least for _, costs in term) for term in self.bounding)

    @cached_property
    def additive(self) -> tuple[tuple[int, CoordinateCosts], ...]:
        """Coordinates whose costs add up to a lower bound on the loss: all, if it is separable."""
        return tuple(max(term, key=lambda part: part[1].reach) for term in self.bounding)

    @property
    def separable(self) -> bool:
        """Whether `additive` is exact."""
        return all(len(term) == 1 for term in self.exact)

    def losses(self, digits: Callable[[int], Integers], count: int) -> Integers:
        """The loss of each final vector, or a number above the cap.

        Parameters
        ----------
        digits
            The digits of a coordinate, shape (count,).
        """
        return _total(self.exact, lambda c, costs: costs.at(digits(c)), count)

    def bounds(self, digits: Callable[[int], Integers], rest: Sequence[int], count: int) -> Integers:
        """What each vector costs at least when every digit c may still grow by up to ``rest[c]``."""
        return _total(self.bounding, lambda c, costs: costs.least_from(digits(c), rest[c]), count)


def _total(terms: Iterable[Term], cost: Callable[[int, CoordinateCosts], Integers], count: int) -> Integers:
    total = np.zeros(count, np.int64)
    for term in terms:
        largest = cost(*term[0])
        for part in term[1:]:
            largest = np.maximum(largest, cost(*part))
        total += largest
    return total


def loss_terms(view: AdditiveView, box: Box) -> LossTerms:
    """The loss of a view over the digits of its box.

    Raises
    ------
    UnsupportedError
        If numbers could need more than 60 bits, or an activation has too many values to list.
    """
    exact, bounding = _parts(view)
    runs = {part: _runs(view, box, part) for term in (*exact, *bounding) for part in term}
    denominator = math.lcm(1, *(run.denominator for some in runs.values() for run in some))
    if denominator > LARGEST_DENOMINATOR:
        raise UnsupportedError("the losses need more than 60 bits on a common denominator")
    curves = {part: tuple(run.curve(denominator) for run in some) for part, some in runs.items()}
    greatest = sum(max(curve.greatest for part in term for curve in curves[part] or NOWHERE) for term in exact)
    most = LARGEST_LOSS // max(1, sum(map(len, (*exact, *bounding))))
    cap = min(most, greatest)
    costs = {
        part: CoordinateCosts(box.reach[part[0]], tuple(kept for curve in some if (kept := curve.up_to(cap))), cap)
        for part, some in curves.items()
    }

    def terms(parts: Sequence[Sequence[Part]]) -> tuple[Term, ...]:
        whole = [tuple((part[0], costs[part]) for part in term) for term in parts]
        return tuple(term for term in whole if not all(some.free for _, some in term))

    return LossTerms(denominator, cap, greatest <= most, terms(exact), terms(bounding), _single(box, exact, curves))


def _runs(view: AdditiveView, box: Box, part: Part) -> list[Run]:
    coordinate, share = part
    output = coordinate // len(view.inputs)
    return runs_of(view.activations[output], view.units[output], box, coordinate, share)


def _parts(view: AdditiveView) -> tuple[list[list[Part]], list[list[Part]]]:
    """Coordinates and what counts there: exactly, and as a bound."""
    p, outputs = len(view.inputs), range(len(view.units))
    merged = [[(t * p + i, _share(view, t, view.labels[i])) for t in outputs] for i in range(p)]
    if view.separable:
        apart = [[part] for term in merged for part in term]
        return apart, apart
    single = [
        [(t * p + i, _share(view, t, {labels: weight})) for t in outputs]
        for i in range(p)
        for labels, weight in view.labels[i].items()
    ]
    return single, merged


def _share(view: AdditiveView, output: int, labels: Mapping[Labels, int]) -> Share:
    weights: dict[Number, int] = {}
    for vector, weight in labels.items():
        label = vector[output]
        if label is not None:
            weights[label] = weights.get(label, 0) + weight
    return Share(view.instance.loss, output, tuple(weights.items()))


def _single(
    box: Box, exact: Sequence[Sequence[Part]], curves: Mapping[Part, tuple[Curve, ...]]
) -> tuple[int, Curve, int] | None:
    varying = [c for c, reach in enumerate(box.reach) if reach]
    if len(varying) != 1 or any(len(term) > 1 or len(curves[term[0]]) != 1 for term in exact):
        return None
    found = {term[0][0]: curves[term[0]][0] for term in exact}
    curve = found.pop(varying[0])
    if (curve.first, curve.last) != (0, box.reach[varying[0]]):
        return None
    return varying[0], curve, sum(other.cost(0) for other in found.values())
