"""All ways in which hyperplanes split points, in dimension 1 and 2, by exact geometry without any grid."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from qnnt.exact import Number
from qnnt.reductions.sources.two_hyperplanes import TwoHyperplanes

Vector = tuple[Number, ...]


def dichotomies(points: Sequence[Vector]) -> set[frozenset[Vector]]:
    """The sets of points that a hyperplane keeps strictly apart from the others.

    In the plane: a line between two sets can be moved until it touches both of their hulls, so every split
    comes from a line through two of the points, turned a little around a point between those on it.
    """
    found: set[frozenset[Vector]] = {frozenset(), frozenset(points)}
    if len(points[0]) == 1:
        values = sorted(set(points))
        for cut in range(len(values) + 1):
            found |= {frozenset(values[:cut]), frozenset(values[cut:])}
        return found
    for a, b in itertools.combinations(sorted(set(points)), 2):
        way = (b[0] - a[0], b[1] - a[1])
        side = {p: way[0] * (p[1] - a[1]) - way[1] * (p[0] - a[0]) for p in points}
        left = frozenset(p for p in points if side[p] > 0)
        along = sorted({p for p in points if side[p] == 0})
        for cut in range(len(along) + 1):
            for part in (along[:cut], along[cut:]):
                found |= {left | frozenset(part), frozenset(points) - left - frozenset(part)}
    return found


def separable(source: TwoHyperplanes) -> bool:
    """Whether any two hyperplanes keep each inside point from each outside point."""
    splits = list(dichotomies(source.points))
    pairs = list(itertools.product(source.inside, source.outside))
    apart = {frozenset(i for i, (q, p) in enumerate(pairs) if (q in split) != (p in split)) for split in splits}
    return any(len(one | two) == len(pairs) for one in apart for two in apart)
