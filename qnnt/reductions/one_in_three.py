r"""Positive 1-in-3-SAT becomes the training of two layers in the plane, with ReLUs or thresholds.

Two inputs, one hidden layer, an output that adds half of the hidden neurons and subtracts the other half.
Every clause and every variable has a selection gadget (`qnnt.reductions.selection_gadget`), so far from the
others that its points can only be fitted by a levee (a stripe) of its own. The slope of a variable's is -1
if it is true and 1 if it is false; a clause's has one of three slopes close to each other, which says
which of its literals is the true one. For each literal of a clause there is a point with label 1, where the
levee of the variable, if false, meets the one of the clause, if it chooses this literal: exactly one of
them has to be there.

With m clauses and n variables, gadget g has the offset g D, g = 1..m for clauses and -1..-n for variables,
D = 16 max(m, 1) + 6; the slopes of clause j are (2j-2+r)/(2m) - 1 for r = 0, 1, 2.

The theorem holds for all real weights. Here they are finite sets that hold the witness: forms "relu" and
"threshold" allow every hidden neuron each slope and each bias of each gadget, so that solvers meet the
whole problem. In the forms "relu-assigned" and "threshold-assigned" every hidden neuron belongs to a corner
of a gadget, has its bias and its slopes only. Both are exact: a fit within a subset of the reals is a fit,
and the witness of a solution lies in all of these sets. The assigned forms are much easier.

Repairs: the coordinates of the gadget's tables, and the whole construction for thresholds, are not in the
text of the paper; see `selection_gadget`. The printed D is for m >= 1.

Size: 4(m+n) ReLUs or 2(m+n) thresholds, |D| = 38m + 33n or 19m + 14n; numerators and denominators of the
data are O((m+n)^4), and those beyond 2^62, from some thousands of clauses on, are refused. Their common
denominator grows exponentially, with the multiples of 2m..4m.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar

from qnnt.documents.construction import d_nnt
from qnnt.errors import InputError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Parameters
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.selection_gadget import RELU_CORNERS, WIDTH, Gadget, Point, threshold_corners
from qnnt.reductions.sources.formula import Assignment
from qnnt.reductions.sources.one_in_three import PositiveFormula

TRUE, FALSE = Fraction(-1), Fraction(1)
"""The slopes of a variable's gadget."""
THRESHOLD = "threshold"
ASSIGNED = "assigned"


class OneInThree(Reduction[PositiveFormula, Assignment]):
    """Froese and Hertrich's theorem, and its corollary for thresholds."""

    theorem: ClassVar[str] = (
        "Froese and Hertrich 2023, with Corollary 8: NP-hard for alpha = 2, omega = 1, one hidden layer of "
        "ReLUs or of thresholds, gamma = 0"
    )
    source: ClassVar[type[PositiveFormula]] = PositiveFormula

    def numbers(self, formula: PositiveFormula, form: str) -> int:
        return 40 * (formula.variables + len(formula.clauses)) ** 2

    def to_instance(self, formula: PositiveFormula, form: str) -> Instance:
        """The instance: mismatches, margin 0."""
        gadgets = _gadgets(formula)
        if not gadgets:
            raise InputError("expected at least one variable: a network has a hidden neuron")
        corners = _corners(formula, form)
        signs = {neuron: sign for gadget in gadgets for neuron, (_, sign) in _neurons(gadget, corners)}
        edges: list[dict[str, Any]] = []
        biases: dict[str, list[Number]] = {}
        for gadget in gadgets:
            for neuron, (corner, _) in _neurons(gadget, corners):
                edges += [
                    {"from": "x1", "to": neuron, "weights": [-s for s in gadget.slopes]},
                    {"from": "x2", "to": neuron, "weights": [1]},
                ]
                biases[neuron] = [corner - gadget.offset]
        if ASSIGNED not in form:
            slopes = sorted({weight for edge in edges for weight in edge["weights"] if edge["from"] == "x1"})
            everywhere = sorted({bias for own in biases.values() for bias in own})
            edges = [edge | {"weights": slopes} if edge["from"] == "x1" else edge for edge in edges]
            biases = dict.fromkeys(biases, everywhere)
        edges += [{"from": neuron, "to": "o", "weights": [sign]} for neuron, sign in signs.items()]
        hidden = "threshold" if THRESHOLD in form else "relu"
        points = _points(formula, gadgets, form)
        network = {
            "inputs": ["x1", "x2"],
            "outputs": ["o"],
            "edges": edges,
            "neurons": {neuron: {"activation": hidden, "bias": bias} for neuron, bias in biases.items()},
        }
        x, y = [[p.x1, p.x2] for p in points], [[p.label] for p in points]
        return d_nnt(network, x, y, bias=[0], activation="identity", margin=0)

    def to_source_solution(self, formula: PositiveFormula, form: str, parameters: Parameters) -> Assignment:
        """A variable is true if the neurons whose lines pass by its offset at x1 = 0 fall."""
        falls: dict[int, bool] = {}
        step = _step(formula)
        for (source, neuron), weight in parameters.weights.items():
            if source == "x1":
                falls[round(parameters.biases[neuron] / Fraction(step))] = weight > 0
        return tuple(falls.get(v, False) for v in range(1, formula.variables + 1))

    def from_source_solution(self, formula: PositiveFormula, form: str, solution: Assignment) -> Parameters:
        """The levee of every gadget, with the slope that the assignment says."""
        slopes = [FALSE if not value else TRUE for value in solution]
        chosen = [_clause_slopes(formula, j)[_true_place(formula, j, solution)] for j in _numbers(formula)]
        weights: dict[tuple[str, str], Number] = {}
        biases: dict[str, Number] = {"o": 0}
        for gadget, slope in zip(_gadgets(formula), [*chosen, *slopes], strict=True):
            for neuron, (corner, sign) in _neurons(gadget, _corners(formula, form)):
                weights |= {("x1", neuron): reduced(-slope), ("x2", neuron): 1, (neuron, "o"): sign}
                biases[neuron] = reduced(corner - gadget.offset)
        return Parameters(weights, biases)


Corner = tuple[Number, int]


def _step(formula: PositiveFormula) -> int:
    """The distance between neighbouring offsets."""
    return 16 * max(len(formula.clauses), 1) + 6


def _numbers(formula: PositiveFormula) -> range:
    return range(1, len(formula.clauses) + 1)


def _clause_slopes(formula: PositiveFormula, j: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(2 * j - 2 + r, 2 * len(formula.clauses)) - 1 for r in range(3))


def _true_place(formula: PositiveFormula, j: int, assignment: Assignment) -> int:
    return next(r for r, v in enumerate(formula.clauses[j - 1]) if assignment[v - 1])


def _gadgets(formula: PositiveFormula) -> list[Gadget]:
    """Of the clauses, then of the variables."""
    step = _step(formula)
    clauses = [Gadget(f"c{j}", j * step, _clause_slopes(formula, j)) for j in _numbers(formula)]
    return [*clauses, *(Gadget(f"v{i}", -i * step, (TRUE, FALSE)) for i in range(1, formula.variables + 1))]


def _room(formula: PositiveFormula) -> Fraction:
    """So little that no stripe strays from the points where literals meet."""
    return WIDTH / (2 * _step(formula) * (len(formula.clauses) + formula.variables))


def _corners(formula: PositiveFormula, form: str) -> Sequence[Corner]:
    return threshold_corners(_room(formula)) if THRESHOLD in form else RELU_CORNERS


def _neurons(gadget: Gadget, corners: Sequence[Corner]) -> list[tuple[str, Corner]]:
    return [(f"{gadget.name}_{i}", corner) for i, corner in enumerate(corners, 1)]


def _points(formula: PositiveFormula, gadgets: Sequence[Gadget], form: str) -> list[Point]:
    found: list[Point] = []
    for gadget in gadgets:
        found += gadget.threshold_points(_room(formula)) if THRESHOLD in form else gadget.relu_points()
    step = _step(formula)
    for j in _numbers(formula):
        for i, slope in zip(formula.clauses[j - 1], _clause_slopes(formula, j), strict=True):
            meeting = step * (i + j) / (1 - slope)
            found.append(Point(meeting, meeting - i * step, 1))
    return found


REDUCTION = OneInThree()
