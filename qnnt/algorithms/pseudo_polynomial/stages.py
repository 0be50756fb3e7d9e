"""Networks of two layers as sums of independent stages.

Source
    An instance of D-NNT where every neuron that is read reads inputs only.
Formula
    The outputs' pre-activations at the p distinct inputs are one vector of integers, coordinate
    ``t * p + i`` for output t and input i. It is a constant plus one row of each member of each *stage*:
    a stage is what a neuron, a bias or a weight can contribute, shared by all that can contribute the same.
    Activations and losses of the outputs are asked at single numbers, never along a range.
Complexity
    Rows of a neuron: distinct patterns times vectors of its output weights.
Reference
    On the Hardness of Training Deep Neural Networks Discretely, AAAI 2025, arXiv 2412.13057, Theorem 1.6;
    there with natural weights and one output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from qnnt.activations import Activation, Identity
from qnnt.algorithms.pseudo_polynomial.neuron_patterns import LARGEST
from qnnt.algorithms.pseudo_polynomial.summands import Summand, read_neurons, summands_of
from qnnt.algorithms.pseudo_polynomial.ways import Key, Way, named
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.vectors import Integers, first_of_each, row_keys
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator, reduced
from qnnt.instance import Instance, Parameters, Problem
from qnnt.simplification.samples import Labels, labels_by_input

MOST_ROWS = 200_000
"""Rows of all stages together above which an instance is refused."""
SUMS_PER_ROW = 50
"""Partial sums made, and rows before equal ones are merged, for each row that is allowed."""
MOST_ENTRIES = 1 << 26
"""Numbers in the rows of one summand before equal ones are merged: half a gigabyte."""


@dataclass(frozen=True)
class Stage:
    """A choice of one row for each member.

    Attributes
    ----------
    rows
        Shape (K, D), distinct and sorted lexicographically. K is at least 2; or 0 for a neuron whose
        activation is never defined: then there are no admissible parameters.
    members
        Which summands choose a row, each for itself.
    """

    rows: Integers
    members: tuple[Key, ...]


@dataclass(frozen=True)
class Origins:
    """A summand, and for each of its rows one factor and pattern that make it, as one number."""

    summand: Summand
    origin: Integers

    def setting(self, row: int) -> Mapping[Key, Number]:
        """Parameters that give a row."""
        return self.summand.way.setting(*divmod(int(self.origin[row]), len(self.summand.patterns)))


@dataclass(frozen=True)
class AdditiveView:
    """An instance of two layers as a constant and stages.

    Attributes
    ----------
    inputs, labels
        The p distinct inputs, and per input its labels with their weights.
    activations
        Per output what is applied to its final sum.
    units
        Per output: its coordinates are numerators over this.
    constant
        Shape (D,), with D outputs times p.
    origins
        Where the rows of every summand come from, also of those with one row only, which are in no stage.
    """

    instance: Instance
    inputs: tuple[tuple[Number, ...], ...]
    labels: tuple[dict[Labels, int], ...]
    activations: tuple[Activation, ...]
    units: tuple[int, ...]
    constant: Integers
    stages: tuple[Stage, ...]
    origins: Mapping[Key, Origins]

    @property
    def feasible(self) -> bool:
        """Whether every neuron has a pattern; outputs may still be undefined whatever the parameters."""
        return all(len(stage.rows) for stage in self.stages)

    def parameters(self, choices: Sequence[Sequence[int]]) -> Parameters:
        """Parameters that make the rows ``choices[s][m]`` of the members m of the stages s."""
        chosen = dict.fromkeys(self.origins, 0)
        for stage, rows in zip(self.stages, choices, strict=True):
            chosen.update(zip(stage.members, rows, strict=True))
        setting: dict[Key, Number] = {}
        for key, row in chosen.items():
            setting.update(self.origins[key].setting(row))
        weights, biases = self.instance.weights, self.instance.biases
        return Parameters(
            {edge: setting[edge] if edge in setting else allowed[0] for edge, allowed in weights.items()},
            {v: setting[v] if v in setting else allowed[0] for v, allowed in biases.items()},
        )

    def choices(self, parameters: Parameters) -> tuple[tuple[int, ...], ...]:
        """For each member of each stage the row that admissible parameters make: the way back."""
        return tuple(
            tuple(self._row_of(stage, self.origins[member].summand.way, parameters) for member in stage.members)
            for stage in self.stages
        )

    def _row_of(self, stage: Stage, way: Way, parameters: Parameters) -> int:
        factor, pattern = way.contribution(parameters)
        row = [int(weight * unit * x) for weight, unit in zip(factor, self.units, strict=True) for x in pattern]
        return int(np.flatnonzero((stage.rows == np.array(row, np.int64)).all(axis=1))[0])

    @property
    def separable(self) -> bool:
        """Whether the loss is a sum over outputs and inputs: then there is `loss_at`."""
        return self.instance.loss.separable or len(self.units) == 1

    def value_at(self, output: int, numerator: int) -> Number | None:
        """An output's value at a final sum; None where its activation is undefined."""
        unit = self.units[output]
        return self.activations[output].value(numerator if unit == 1 else reduced(Fraction(numerator, unit)))

    def loss_at(self, output: int, i: int, numerator: int) -> Number | None:
        """What distinct input i costs at one output, all of its labels with their weights, for a final sum.

        None where the activation or the loss is undefined. The loss of an instance is the sum over all
        outputs and inputs.

        Raises
        ------
        TypeError
            If the loss looks at several outputs together.
        """
        value = self.value_at(output, numerator)
        if value is None:
            return None
        loss, total = self.instance.loss, Fraction(0)
        for labels, weight in self.labels[i].items():
            label = labels[output]
            if label is None:
                continue
            share = loss.of_output(output, value, label) if loss.separable else loss.of_sample([value], labels)
            if share is None:
                return None
            total += weight * share
        return reduced(total)

    def loss_of(self, i: int, numerators: Sequence[int]) -> Number | None:
        """What distinct input i costs for the final sums of all outputs; None where anything is undefined."""
        values: list[Number] = []
        for output, numerator in enumerate(numerators):
            value = self.value_at(output, numerator)
            if value is None:
                return None
            values.append(value)
        total = Fraction(0)
        for labels, weight in self.labels[i].items():
            share = self.instance.loss.of_sample(values, labels)
            if share is None:
                return None
            total += weight * share
        return reduced(total)


def additive_view(instance: Instance, most_rows: int = MOST_ROWS) -> AdditiveView:
    """The view of a D-NNT instance.

    Parameters
    ----------
    most_rows
        Rows of all stages together.

    Raises
    ------
    UnsupportedError
        If the network has more than two layers, or numbers could need more than 60 bits.
    StateLimitError
        If there are too many rows, or too many partial sums on the way to them.
    ValueError
        If the instance is no D-NNT.
    """
    if instance.problem is not Problem.D_NNT:
        raise ValueError("stages are made of instances in general form")
    groups = labels_by_input(instance.dataset)
    inputs = tuple(groups)
    summands = list(summands_of(instance, inputs, Effort(0, SUMS_PER_ROW * most_rows)))
    units = _units(summands, len(instance.network.outputs))
    constant = np.zeros(len(units) * len(inputs), np.int64)
    members: dict[bytes, list[Key]] = {}
    rows_of: dict[bytes, Integers] = {}
    origins: dict[Key, Origins] = {}
    made: dict[tuple[int, object], tuple[Integers, Integers]] = {}
    reach = held = 0
    for summand in summands:
        same = id(summand.patterns), summand.factors
        if same not in made:
            made[same] = _rows(summand, units, most_rows)
        rows, origin = made[same]
        origins[summand.key] = Origins(summand, origin)
        reach += int(np.abs(rows).max(initial=0))
        if reach > LARGEST:
            raise UnsupportedError("the pre-activations of the outputs could need more than 60 bits")
        if len(rows) == 1:
            constant += rows[0]
            continue
        key = rows.tobytes()
        if key not in rows_of:
            rows_of[key] = rows
            held += len(rows)
            if held > most_rows:
                raise StateLimitError(f"more than {most_rows} rows with those of {named(summand.key)}")
        members.setdefault(key, []).append(summand.key)
    read = set(read_neurons(instance))
    return AdditiveView(
        instance,
        inputs,
        tuple(groups.values()),
        tuple(Identity() if o in read else instance.activations[o] for o in instance.network.outputs),
        units,
        constant,
        tuple(Stage(rows, tuple(members[key])) for key, rows in rows_of.items()),
        origins,
    )


def _units(summands: Sequence[Summand], outputs: int) -> tuple[int, ...]:
    """Per output a denominator of all contributions.

    Raises
    ------
    UnsupportedError
        If one needs more than 60 bits.
    """
    found = []
    for t in range(outputs):
        weights = {(factor[t], summand.denominator) for summand in summands for factor in summand.factors}
        found.append(common_denominator([Fraction(weight) / denominator for weight, denominator in weights]))
    if max(found) > LARGEST:
        raise UnsupportedError("the pre-activations of the outputs need more than 60 bits on a common denominator")
    return tuple(found)


def _rows(summand: Summand, units: Sequence[int], most_rows: int) -> tuple[Integers, Integers]:
    """The distinct contributions in lexicographic order, and one factor and pattern that make each."""
    factors = [
        [int(weight * Fraction(unit, summand.denominator)) for weight, unit in zip(factor, units, strict=True)]
        for factor in summand.factors
    ]
    patterns = summand.patterns
    size = int(np.abs(patterns).max(initial=0))
    if max(abs(number) for factor in factors for number in factor) * max(1, size) > LARGEST:
        raise UnsupportedError(f"the contributions of {named(summand.key)} could need more than 60 bits")
    shape = len(factors) * len(patterns), len(units) * patterns.shape[1]
    if shape[0] > SUMS_PER_ROW * most_rows or math.prod(shape) > MOST_ENTRIES:
        raise StateLimitError(f"{shape[0]} rows of {named(summand.key)}, equal ones counted")
    rows = (np.array(factors, np.int64)[:, None, :, None] * patterns[None, :, None, :]).reshape(shape)
    first = first_of_each(*row_keys(rows))
    if len(first) > most_rows:
        raise StateLimitError(f"more than {most_rows} rows of {named(summand.key)}")
    if rows.shape[1]:
        first = first[np.lexsort(rows[first].T[::-1])]
    return rows[first], first
