"""The row-count encoding of two-layer networks: which rows, and how often, not which weights.

Formula
    The outputs' pre-activations are ``constant + sum over stages, rows of count * row`` (see
    `qnnt.algorithms.pseudo_polynomial.stages`): of a stage whose members are m alike neurons, each row is
    chosen by some number of them, and these counts add up to m. A stage whose rows are equally spaced needs
    one integer, how far up all members are together.
Source
    An `AdditiveView` of an instance of D-NNT, with any activations of the outputs and any loss.
Target
    A `Model`: integers for counts, Booleans where a stage has one member; an integer per output and distinct
    input for the sum; thresholds and losses on it as in the order encoding.
Size
    A variable per stage and row and one equation per stage, or one variable alone; omega * p equations with a
    term per row. Hidden neurons and their weights do not occur, so alike neurons leave no symmetry.
Reference
    On the Hardness of Training Deep Neural Networks Discretely, AAAI 2025, arXiv 2412.13057, Theorem 1.6,
    solves the same sums by dynamic programming.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qnnt.activations import Identity
from qnnt.algorithms.pseudo_polynomial.stages import AdditiveView, Stage
from qnnt.encoders.affine import Affine, Steps, forbid
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.cells import Cell, relevant_cells, relevant_values, value_cells
from qnnt.encoders.integers import piecewise_variable, polynomial_powers
from qnnt.encoders.model import FALSE, LARGEST, Integers, Model
from qnnt.encoders.objective import add_losses, bound_losses
from qnnt.encoders.squares import add_squares
from qnnt.encoders.switches import SWITCHES
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.losses import Linf, Squared


@dataclass(frozen=True)
class StageCode:
    """How the choices of a stage stand in the model.

    Attributes
    ----------
    variables
        Per row the number of members that choose it; or, for equally spaced rows, one: the sum of the row
        numbers of all members.
    spaced
        Which of both.
    """

    stage: Stage
    variables: Integers
    spaced: bool

    @property
    def terms(self) -> Integers:
        """Shape (variables, D): what one unit of each variable adds to the sums."""
        rows = self.stage.rows
        return np.diff(rows[:2], axis=0) if self.spaced else rows

    @property
    def constant(self) -> Integers:
        """Shape (D,): what is added anyway."""
        if self.spaced:
            return np.array(len(self.stage.members) * self.stage.rows[0])
        return np.zeros(self.stage.rows.shape[1], np.int64)

    def rows_at(self, assignment: Integers) -> list[int]:
        """The row of each member, in increasing order."""
        members, last = len(self.stage.members), len(self.stage.rows) - 1
        counts = assignment[self.variables]
        if not self.spaced:
            return np.repeat(np.arange(len(counts)), counts).tolist()
        full, rest = divmod(int(counts[0]), last)
        return ([0] * members + [rest] * (full < members) + [last] * full)[-members:]

    def assignment_of(self, rows: Sequence[int]) -> list[tuple[int, int]]:
        """The (variable, value) pairs of the rows of the members."""
        counts = [sum(rows)] if self.spaced else np.bincount(rows, minlength=len(self.variables)).tolist()
        return list(zip(self.variables.tolist(), counts, strict=True))


@dataclass(frozen=True)
class RowCounts:
    """A model with the way back to parameters."""

    view: AdditiveView
    model: Model
    codes: tuple[StageCode, ...]

    def decode(self, assignment: Integers) -> Parameters:
        """The parameters of an assignment, an array of values indexed by variable."""
        return self.view.parameters([code.rows_at(assignment) for code in self.codes])

    def hint(self, parameters: Parameters) -> list[tuple[int, int]]:
        """The (variable, value) pairs of admissible parameters."""
        choices = self.view.choices(parameters)
        return [pair for code, rows in zip(self.codes, choices, strict=True) for pair in code.assignment_of(rows)]

    @property
    def parameter_sizes(self) -> dict[str, int]:
        """How many stages and rows there are, and how many independent parts share the stages."""
        return {
            "stages": len(self.codes),
            "members": sum(len(code.stage.members) for code in self.codes),
            "rows": sum(len(code.stage.rows) for code in self.codes),
            "spaced": sum(code.spaced for code in self.codes),
        }


def encode_rows(view: AdditiveView, objective: Objective, *, encoding: str = "auto") -> RowCounts:
    """Compile a view.

    Parameters
    ----------
    objective
        With `DECIDE` the instance's bound becomes a constraint and nothing is minimised.
    encoding
        A name of `SWITCHES`: up to how many values of an output there is a literal for each.

    Raises
    ------
    UnsupportedError
        If numbers could pass 60 bits, or a function is too large for every representation.
    """
    builder = ModelBuilder()
    codes = tuple(_stage_code(builder, stage) for stage in view.stages)
    if view.inputs and view.feasible:
        outputs = _Outputs(view, builder, SWITCHES[encoding].value)
        for t, sums in enumerate(_sums(builder, view, codes)):
            outputs.encode(t, sums)
        everywhere = np.arange(len(view.inputs))
        views = dict.fromkeys(view.instance.network.outputs, everywhere)
        rest = _without_squares(builder, view, outputs)
        add_losses(builder, rest, view.inputs, views, outputs.steps, outputs.affines)
    if objective is Objective.DECIDE:
        bound_losses(builder, view.instance)
    return RowCounts(view, builder.build(), codes)


def _stage_code(builder: ModelBuilder, stage: Stage) -> StageCode:
    rows, members = stage.rows, len(stage.members)
    what = f"rows of {stage.members[0]}"
    if not len(rows):
        builder.clauses(np.array([[FALSE]]))
        return StageCode(stage, np.empty(0, np.int64), spaced=False)
    gaps = np.diff(rows, axis=0)
    if (gaps == gaps[0]).all():
        return StageCode(stage, _counters(builder, 1, members * (len(rows) - 1), what), spaced=True)
    variables = _counters(builder, len(rows), members, what)
    sums, folded = builder.sums(variables[None, :], np.ones((1, len(rows)), np.int64))
    builder.equal(sums, members - folded)
    return StageCode(stage, variables, spaced=False)


def _counters(builder: ModelBuilder, count: int, most: int, what: str) -> Integers:
    if most == 1:
        return builder.booleans(count, what)
    return builder.integers(np.zeros(count, np.int64), np.full(count, most), what)


def _sums(builder: ModelBuilder, view: AdditiveView, codes: Sequence[StageCode]) -> list[Affine]:
    """Per output the final sums, each a known number and steps of an integer as long as all sums allow."""
    p = len(view.inputs)
    constant, least, greatest = view.constant.copy(), view.constant.copy(), view.constant.copy()
    for code in codes:
        members = len(code.stage.members)
        constant += code.constant
        least += members * code.stage.rows.min(axis=0)
        greatest += members * code.stage.rows.max(axis=0)
    variables = np.concatenate([np.empty(0, np.int64), *(code.variables for code in codes)])
    terms = np.concatenate([np.empty((0, len(constant)), np.int64), *(code.terms for code in codes)])
    _, most = builder.bounds_of_variables(variables)
    if (np.abs(terms).max(axis=1, initial=0).astype(object) * most).sum() + int(np.abs(constant).max()) > LARGEST:
        raise UnsupportedError("the counts of the rows could add up to more than 60 bits")
    steps = np.gcd.reduce(terms, axis=0)
    steps = np.where(steps == 0, 1, steps)
    found = []
    for t, output in enumerate(view.instance.network.outputs):
        here = slice(t * p, (t + 1) * p)
        step, first = steps[here], least[here]
        wholes = builder.integers(np.zeros(p, np.int64), (greatest[here] - first) // step, f"{output} sum")
        literals = np.concatenate([np.broadcast_to(variables, (p, len(variables))), wholes[:, None]], axis=1)
        coefficients = np.concatenate([terms[:, here].T, -step[:, None]], axis=1)
        forms, folded = builder.sums(literals, coefficients)
        builder.equal(forms, first - constant[here] - folded)
        found.append(Affine(first, wholes[:, None], step[:, None], first, greatest[here], view.units[t], integral=True))
    return found


def _without_squares(builder: ModelBuilder, view: AdditiveView, outputs: _Outputs) -> Instance:
    """The instance without the labels of those outputs whose squared loss is added here."""
    instance, names = view.instance, view.instance.network.outputs
    done = [t for t, o in enumerate(names) if isinstance(instance.loss, Squared) and outputs.is_simple(o)]
    for t in done:
        labels: list[dict[Number, int]] = [{} for _ in view.inputs]
        for here, found in zip(view.labels, labels, strict=True):
            for y, weight in here.items():
                label = y[t]
                if label is not None:
                    found[label] = found.get(label, 0) + weight
        add_squares(builder, outputs.affines[names[t]], labels)
    masked = tuple(tuple(None if t in done else label for t, label in enumerate(y)) for y in instance.dataset.y)
    return instance.derive(dataset=dataclasses.replace(instance.dataset, y=masked))


class _Outputs:
    """The outputs' values in the forms that the loss needs, one row per distinct input."""

    def __init__(self, view: AdditiveView, builder: ModelBuilder, most_cells: int) -> None:
        self._view, self._builder, self._most_cells = view, builder, most_cells
        self.steps: dict[str, Steps] = {}
        self.affines: dict[str, Affine] = {}

    def is_simple(self, output: str) -> bool:
        """Whether an output's values are linear forms of one variable each, without literals for cells."""
        return output not in self.steps and self.affines[output].terms == 1

    def encode(self, t: int, sums: Affine) -> None:
        """The value of output t."""
        instance, activation = self._view.instance, self._view.activations[t]
        output = instance.network.outputs[t]
        low, high, unit = int(sums.low.min()), int(sums.high.max()), sums.denominator
        cells = value_cells(activation, low, high, unit, self._most_cells + 1)
        relevant = relevant_values(instance.loss, {y[t] for y in instance.dataset.y}, t)
        loss_cells = cells if relevant is None else relevant_cells(activation, low, high, unit, relevant)
        if loss_cells is not None:
            self.steps[output] = self._steps(sums, loss_cells, output)
        if loss_cells is None or isinstance(instance.loss, Linf):
            self.affines[output] = self._affine(t, sums, cells)

    def _steps(self, sums: Affine, cells: Sequence[Cell], output: str) -> Steps:
        starts = np.array([start for start, _ in cells[1:]], np.int64)
        forms, folded = self._builder.sums(sums.literals, sums.coefficients)
        constant = sums.constant + folded
        bounds = starts[None, :] - constant[:, None]
        literals = self._builder.at_least(
            forms, bounds, sums.low - constant, sums.high - constant, f"{output} at least"
        )
        steps = Steps(literals, tuple(value for _, value in cells))
        forbid(self._builder, steps)
        return steps

    def _affine(self, t: int, sums: Affine, cells: Sequence[Cell] | None) -> Affine:
        activation = self._view.activations[t]
        output = self._view.instance.network.outputs[t]
        if isinstance(activation, Identity):
            return sums
        if cells is not None:
            return self._steps(sums, cells, output).affine()
        inner = self._whole(sums, output)
        tied = piecewise_variable if activation.piecewise_linear else polynomial_powers
        return tied(self._builder, activation, inner, sums.low, sums.high, sums.denominator, output)

    def _whole(self, sums: Affine, output: str) -> Integers:
        """One integer per row that equals the sum, in steps of 1."""
        variables = self._builder.integers(sums.low, sums.high, f"{output} pre-activation")
        literals = np.concatenate([sums.literals, variables[:, None]], axis=1)
        minus = np.full((len(variables), 1), -1)
        forms, folded = self._builder.sums(literals, np.concatenate([sums.coefficients, minus], axis=1))
        self._builder.equal(forms, -(sums.constant + folded))
        return variables
