r"""2-hyperplane separability becomes the training of four ReLUs or two thresholds.

The source's planes h . x + o = 0 have integer normals with entries up to g in size, and offsets from a
finite set; a wedge is the positive side of the first and not of the second (see the source).

Form "threshold" (Corollary 10): two thresholds, added with the weights 1 and -1, and the points themselves,
with label 1 inside and 0 outside. The weights and biases of a hidden neuron are those of a plane of the
grid. The output is 1 in the wedge, 0 where both neurons agree and -1 elsewhere, so that the networks that
fit are the wedges of the grid that split the points.

Form "relu" (Theorem 7): four ReLUs, two added and two subtracted. For each inside point q and each outside
point p there are two more samples on the way between them: (1-D) q + D p with label 1 and D q + (1-D) p with
label 0, where D = min(1/4, e / (2 g |q-p|_1)) for the promised margin e.

- A fit separates the points. Between q and p the labels are 1, 1, 0, 0: the output bends down and then up,
  so a subtracted and an added neuron cross the open segment, and each of both kinds is two planes such that
  every inside point is strictly apart from every outside one. This needs no margin.
- A wedge with the margin e, |h . x + o| >= e at all points, gives a fit. With b = 2/e and
  clip(t) = [t]+ - [t-1]+, the output is clip(b (h1 . x + o1)) - clip(b (h2 . x + o2)): ReLUs with the
  weights b h1, b h1, b h2, b h2 and the biases b o1, b o1 - 1, b o2, b o2 - 1. From q to its sample,
  h . x changes by D |h . (p-q)| <= D g |q-p|_1 <= e/2, so all samples are e/2 or more from the planes in this
  measure, on the side of their point, and there b (h . x + o) is at least 1 or below 0.

So for ReLUs "yes" is promised where the points have a wedge with this margin, "no" where no two planes
separate them, and in between either may be.

Repairs: the paper's D is e / (2 |q-p|_2), which is irrational; with the sum norm the proof holds as it is.
The margin is that of integer normals, not of unit ones, hence the g. A wedge with the margin e has
2e <= g |q-p|_1, so the bound of 1/4 changes nothing there; it keeps the four samples in their order elsewhere.

Size: d inputs, 2 or 4 hidden neurons, |D| = i + o, or i + o + 2io, for i inside and o outside points.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any, ClassVar

from qnnt.documents.construction import d_nnt
from qnnt.errors import CertificateError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Parameters
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.plane import Plane, Vector, size
from qnnt.reductions.sources.two_hyperplanes import Separation, TwoHyperplanes

THRESHOLD = "threshold"
RELU = "relu"
SIGNS: dict[str, tuple[int, ...]] = {THRESHOLD: (1, -1), RELU: (1, -1, -1, 1)}
"""The weights out of the hidden neurons."""


class TwoHyperplanesReduction(Reduction[TwoHyperplanes, Separation]):
    """Theorem 7 and Corollary 10 of Froese and Hertrich."""

    theorem: ClassVar[str] = (
        "Froese and Hertrich 2023, Theorem 7 and Corollary 10: W[1]-hard in d for omega = 1, four ReLUs or two "
        "thresholds, gamma = 0"
    )
    source: ClassVar[type[TwoHyperplanes]] = TwoHyperplanes

    def settles(self, form: str) -> bool:
        return form == THRESHOLD

    def numbers(self, source: TwoHyperplanes, form: str) -> int:
        return 2 * source.dimension * len(source.inside) * len(source.outside) + 8 * source.dimension * source.grid

    def to_instance(self, source: TwoHyperplanes, form: str) -> Instance:
        """The instance: mismatches, margin 0."""
        inputs = [f"x{i + 1}" for i in range(source.dimension)]
        scale = _scale(source, form)
        weights = [scale * c for c in source.normals]
        biases = [
            scale * offset - below for offset in source.offsets for below in ((0,) if form == THRESHOLD else (0, 1))
        ]
        edges: list[dict[str, Any]] = []
        for i, sign in enumerate(SIGNS[form], 1):
            edges += [{"from": x, "to": f"h{i}", "weights": weights} for x in inputs]
            edges.append({"from": f"h{i}", "to": "o", "weights": [sign]})
        hidden = {f"h{i}": {"activation": form, "bias": biases} for i in range(1, len(SIGNS[form]) + 1)}
        network = {"inputs": inputs, "outputs": ["o"], "edges": edges, "neurons": hidden}
        samples = [*((q, 1) for q in source.inside), *((p, 0) for p in source.outside)]
        if form == RELU:
            for q, p in itertools.product(source.inside, source.outside):
                part = _part(source, q, p)
                samples += [(_between(q, p, part), 1), (_between(p, q, part), 0)]
        return d_nnt(
            network, [x for x, _ in samples], [[y] for _, y in samples], bias=[0], activation="identity", margin=0
        )

    def to_source_solution(self, source: TwoHyperplanes, form: str, parameters: Parameters) -> Separation:
        """The planes of the added and the subtracted threshold, or of both ReLUs that are added."""
        one, two = ("h1", "h2") if form == THRESHOLD else ("h1", "h4")
        return _plane(source, parameters, one), _plane(source, parameters, two)

    def from_source_solution(self, source: TwoHyperplanes, form: str, solution: Separation) -> Parameters:
        """The planes as neurons.

        Raises
        ------
        CertificateError
            If the grid has no such wedge, or, for ReLUs, none with the margin.
        """
        planes = source.wedge(solution)
        scale = _scale(source, form)
        rows = [(planes[0], 0), (planes[1], 0)]
        if form == RELU:
            if source.distance(planes) < source.margin:
                raise CertificateError(f"no network: the planes are not {source.margin} or more from every point")
            rows = [(planes[0], 0), (planes[0], 1), (planes[1], 0), (planes[1], 1)]
        weights: dict[tuple[str, str], Number] = {}
        biases: dict[str, Number] = {"o": 0}
        for i, ((plane, below), sign) in enumerate(zip(rows, SIGNS[form], strict=True), 1):
            weights |= {(f"x{j}", f"h{i}"): reduced(scale * c) for j, c in enumerate(plane.normal, 1)}
            weights[f"h{i}", "o"] = sign
            biases[f"h{i}"] = reduced(scale * plane.offset - below)
        return Parameters(weights, biases)


def _scale(source: TwoHyperplanes, form: str) -> Fraction:
    """What normals and offsets are multiplied with."""
    return Fraction(1) if form == THRESHOLD else 2 / Fraction(source.margin)


def _part(source: TwoHyperplanes, q: Vector, p: Vector) -> Fraction:
    """How far on the way from a point to the other its further sample is."""
    distance = sum(size(a - b) for a, b in zip(q, p, strict=True))
    quarter = Fraction(1, 4)
    return min(quarter, Fraction(source.margin) / (2 * source.grid * distance)) if distance else quarter


def _between(start: Vector, end: Vector, part: Fraction) -> Vector:
    return tuple((1 - part) * a + part * b for a, b in zip(start, end, strict=True))


def _plane(source: TwoHyperplanes, parameters: Parameters, neuron: str) -> Plane:
    """The plane of a neuron, moved off the points."""
    normal = tuple(parameters.weights[f"x{j + 1}", neuron] for j in range(source.dimension))
    return Plane(normal, parameters.biases[neuron]).cleared(source.points)


REDUCTION = TwoHyperplanesReduction()
