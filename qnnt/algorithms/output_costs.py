"""The loss as tables: what each distinct input costs for each value, or vector of values, of the outputs.

Outputs come in *groups* whose tables add up to the loss: each output is a group of its own where the loss
is separable, otherwise all form one. Samples are merged: a table holds the sum over the labels that an
input carries, with their weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from qnnt.algorithms.states.integer_view import LARGEST, IntegerView
from qnnt.algorithms.states.vectors import Integers
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator, magnitude, reduced
from qnnt.instance import Instance
from qnnt.simplification.samples import Labels

MOST_ENTRIES = 1 << 22
"""Entries of all tables together above which they are refused."""
MOST_EVALUATIONS = 1 << 18
"""Losses of an output vector at a label that are worked out: a second or two."""
UNDEFINED = -1
"""The entry of outputs for which an activation or the loss is undefined."""


@dataclass(frozen=True)
class Group:
    """Outputs whose values are judged together.

    Attributes
    ----------
    outputs
        Their places among the instance's outputs.
    costs
        Shape (p, product of the outputs' alphabets), the last output fastest: numerators, or `UNDEFINED`.
    """

    outputs: tuple[int, ...]
    costs: Integers


@dataclass(frozen=True)
class OutputCosts:
    """The loss of an instance over the distinct inputs of its view.

    Attributes
    ----------
    alphabets
        Per output its distinct values, sorted: numerators over the denominator of its `Runs`. An output with
        undefined runs has one letter more, the last, that stands for them.
    groups
        What adds up to the loss.
    denominator
        Of all costs.
    """

    alphabets: tuple[Integers, ...]
    groups: tuple[Group, ...]
    denominator: int

    @property
    def least(self) -> int:
        """A loss, as a numerator, that cannot be undercut: every input at its best."""
        found = 0
        for group in self.groups:
            defined = np.where(group.costs == UNDEFINED, LARGEST, group.costs)
            found += int(defined.min(axis=1, initial=LARGEST).sum(dtype=object))
        return found


def letters(view: IntegerView, costs: OutputCosts, output: int) -> Integers:
    """For each run of the activation of an output its letter."""
    runs = view.neurons[view.outputs[output]].runs
    alphabet = costs.alphabets[output]
    known = len(alphabet) - (0 if runs.defined.all() else 1)
    found: Integers = np.where(runs.defined, np.searchsorted(alphabet[:known], runs.values), known)
    return found


def output_costs(view: IntegerView) -> OutputCosts:
    """The tables of a view.

    Raises
    ------
    UnsupportedError
        If they would be too large, or their numbers could add up to more than 60 bits.
    """
    instance = view.instance
    runs = [view.neurons[o].runs for o in view.outputs]
    values = [np.unique(run.values[run.defined]) for run in runs]
    exact = [[reduced(Fraction(int(v), run.denominator)) for v in some] for some, run in zip(values, runs, strict=True)]
    partial = [not run.defined.all() for run in runs]
    sizes = [len(some) + missing for some, missing in zip(exact, partial, strict=True)]
    apart = instance.loss.separable or len(sizes) == 1
    groups = [(j,) for j in range(len(sizes))] if apart else [tuple(range(len(sizes)))]
    entries = len(view.inputs) * sum(math.prod(sizes[j] for j in group) for group in groups)
    if entries > MOST_ENTRIES:
        raise UnsupportedError(f"the loss has a table of {magnitude(entries)} entries, room is for {MOST_ENTRIES:.0e}")
    different = {tuple(here.items()) for here in view.labels}
    labels = sum(map(len, different))
    evaluations = labels * sum(math.prod(sizes[j] for j in group) for group in groups)
    if evaluations > MOST_EVALUATIONS:
        raise UnsupportedError(f"the loss has {magnitude(evaluations)} values, room is for {MOST_EVALUATIONS:.0e}")
    tables = [_table(instance, view.labels, group, exact, partial) for group in groups]
    known = [cost for rows, _ in tables for row in rows for cost in row if cost is not None]
    denominator = common_denominator(known)
    found = [_numerators(rows, which, denominator) for rows, which in tables]
    alphabets = [np.append(some, 0) if missing else some for some, missing in zip(values, partial, strict=True)]
    return OutputCosts(tuple(alphabets), tuple(Group(*both) for both in zip(groups, found, strict=True)), denominator)


def _numerators(rows: list[list[Number | None]], which: list[int], denominator: int) -> Integers:
    numbers = [[UNDEFINED if cost is None else int(cost * denominator) for cost in row] for row in rows]
    if sum(max(numbers[i]) for i in which) > LARGEST:
        raise UnsupportedError("the loss could need more than 60 bits")
    return np.array(numbers, np.int64)[np.array(which, np.int64)]


def _table(
    instance: Instance,
    labels: tuple[dict[Labels, int], ...],
    group: tuple[int, ...],
    exact: list[list[Number]],
    partial: list[bool],
) -> tuple[list[list[Number | None]], list[int]]:
    """Distinct rows, with one column per vector of letters, and for each input its row."""
    vectors = list(product(*([*exact[j], *([None] if partial[j] else [])] for j in group)))
    seen: dict[tuple[tuple[Labels, int], ...], int] = {}
    rows: list[list[Number | None]] = []
    for here in labels:
        if seen.setdefault(tuple(here.items()), len(rows)) == len(rows):
            rows.append([_cost(instance, group, vector, here) for vector in vectors])
    return rows, [seen[tuple(here.items())] for here in labels]


def _cost(
    instance: Instance, group: tuple[int, ...], vector: tuple[Number | None, ...], labels: dict[Labels, int]
) -> Number | None:
    total: Number = 0
    outputs = [value for value in vector if value is not None]
    if len(outputs) < len(vector):
        return None
    for y, weight in labels.items():
        loss: Number | None = 0
        if not instance.loss.separable:
            loss = instance.loss.of_sample(outputs, y if len(group) == len(y) else [y[j] for j in group])
        else:
            label = y[group[0]]
            if label is not None:
                loss = instance.loss.of_output(group[0], outputs[0], label)
        if loss is None:
            return None
        total += weight * loss
    return total
