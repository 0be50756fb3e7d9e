"""From a network and the patterns of its inner neurons to a `Problem`, and from its answer back to patterns.

*Final* outputs are those that nobody reads. *Last* neurons are hidden and read by final outputs only.
All others are *inner*: hidden neurons with other readers, and outputs that something reads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.algorithms.output_costs import UNDEFINED, OutputCosts
from qnnt.algorithms.patterns.functions import MOST_CELLS, Functions, canonical
from qnnt.algorithms.patterns.lists import patterns_of, reading, undominated
from qnnt.algorithms.patterns.problem import Judged, Position, Problem
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.integer_view import LARGEST, IntegerView
from qnnt.algorithms.states.vectors import Integers, Matrix, distinct
from qnnt.errors import UnsupportedError
from qnnt.exact import magnitude

MOST_POSITIONS = 60
"""Last neurons: one axis of an array each."""


@dataclass(frozen=True)
class Roles:
    """Who is what in a view; neurons by number.

    Attributes
    ----------
    inner
        In topological order.
    last
        Classes of interchangeable ones.
    finals
        Places among the instance's outputs.
    """

    inner: tuple[int, ...]
    last: tuple[tuple[int, ...], ...]
    finals: tuple[int, ...]


def roles_of(view: IntegerView) -> Roles:
    """The roles of a view's neurons."""
    outputs = set(view.outputs)
    finals = {o for o in outputs if not view.readers[o]}
    last = [v for v in range(len(view.neurons)) if v not in outputs and finals.issuperset(view.readers[v])]
    inner = tuple(v for v in range(len(view.neurons)) if v not in finals and v not in last)
    place = {neuron.name: v for v, neuron in enumerate(view.neurons)}
    classes = [tuple(place[name] for name in members) for members in interchangeable(view.instance)]
    alike = {v: members for members in classes for v in members}
    found = tuple(dict.fromkeys(alike.get(v, (v,)) for v in last))
    return Roles(inner, found, tuple(j for j, o in enumerate(view.outputs) if o in finals))


@dataclass(frozen=True)
class Built:
    """A problem with what leads back from it.

    Attributes
    ----------
    problem
        Its cost c stands for the loss ``certain + unit * c``, as a numerator.
    element_of
        Shape (p,): the element of each distinct input.
    patterns
        Per position its list of patterns, as values, shape (K, N).
    alphabets
        Per final output its values.
    neurons, outputs
        Per position its neuron, and the final outputs in the order of the groups.
    """

    problem: Problem
    certain: int
    unit: int
    element_of: Integers
    patterns: tuple[Integers, ...]
    alphabets: tuple[Integers, ...]
    neurons: tuple[int, ...]
    outputs: tuple[int, ...]

    def cost_within(self, limit: int) -> int:
        """The largest cost whose loss is at most the limit, as far as costs go; negative if there is none."""
        worst = sum(int(group.costs.max(axis=1).sum()) for group in self.problem.groups)
        return min(worst, (limit - self.certain) // self.unit)

    def loss_of(self, cost: int) -> int:
        """The loss of a cost."""
        return self.certain + self.unit * cost


class LastLayer:
    """Builds the problems of one view; what they share is made once.

    Parameters
    ----------
    effort
        Counts sums and bounds them.
    """

    def __init__(self, view: IntegerView, costs: OutputCosts, effort: Effort) -> None:
        self._view, self._costs, self._effort = view, costs, effort
        self.roles = roles_of(view)
        finite = [np.where(group.costs == UNDEFINED, 0, group.costs) for group in costs.groups]
        self.forbidden = 1 + sum(int(some.max(axis=1).sum(dtype=object)) for some in finite)
        """A loss that only inadmissible parameters have, at every input where they are."""
        if self.forbidden * max(1, len(view.inputs)) * len(costs.groups) > LARGEST:
            raise UnsupportedError("the loss could need more than 60 bits")
        self._group_costs = [np.where(g.costs == UNDEFINED, self.forbidden, g.costs) for g in costs.groups]
        self._functions = Functions(view, costs, effort)

    @cached_property
    def _codes(self) -> Integers:
        """The inputs' values as ranks, shape (inputs, p)."""
        columns = zip(*self._view.inputs, strict=True)
        found = []
        for column in columns:
            rank = {value: i for i, value in enumerate(dict.fromkeys(column))}
            found.append([rank[value] for value in column])
        return np.array(found, np.int64).reshape(len(found), len(self._view.inputs))

    def _seen_by(self, neurons: Sequence[int], inner: Mapping[int, Matrix]) -> Matrix:
        """What neurons read of inputs and inner neurons, shape (p, things)."""
        names = {name: j for j, name in enumerate(self._view.instance.network.inputs)}
        keys = {piece.key for v in neurons for piece in self._view.neurons[v].constants if piece.choices.any()}
        rows = [self._codes[names[key]] for key in sorted(key for key in keys if key is not None)]
        sources = sorted({edge.source for v in neurons for edge in self._view.neurons[v].edges} & set(inner))
        rows += [np.asarray(inner[v], np.int64) for v in sources]
        return np.array(rows, np.int64).reshape(len(rows), len(self._view.inputs)).T

    def least(self, inner: Mapping[int, Matrix]) -> int:
        """A bound on the loss for given inner patterns: the best that inputs nothing tells apart can have."""
        element_of = self._elements(inner)[1]
        tables, known, _ = self._known(inner)
        return known + sum(int(_merged(table, element_of).min(axis=1).sum()) for table in tables)

    def _elements(self, inner: Mapping[int, Matrix]) -> tuple[Matrix, Integers]:
        readers = [*(v for members in self.roles.last for v in members), *self._final_neurons]
        return distinct(self._seen_by(readers, inner))

    @property
    def _final_neurons(self) -> list[int]:
        return [self._view.outputs[j] for j in self.roles.finals]

    def _known(self, inner: Mapping[int, Matrix]) -> tuple[list[Integers], int, list[tuple[int, ...]]]:
        """Per group with final outputs its costs for their letters; the loss of the other groups; those outputs."""
        tables: list[Integers] = []
        members: list[tuple[int, ...]] = []
        loss = 0
        rows = np.arange(len(self._view.inputs))
        for group, costs in zip(self._costs.groups, self._group_costs, strict=True):
            sizes = [len(self._costs.alphabets[j]) for j in group.outputs]
            shaped = costs.reshape(len(costs), *sizes)
            open_outputs = tuple(j for j in group.outputs if j in self.roles.finals)
            index: list[object] = [rows.reshape(-1, *[1] * len(open_outputs))]
            free = iter(range(len(open_outputs)))
            for j, size in zip(group.outputs, sizes, strict=True):
                if j in open_outputs:
                    shape = [1] * (1 + len(open_outputs))
                    shape[1 + next(free)] = size
                    index.append(np.arange(size).reshape(shape))
                else:
                    letter = self._letters_of(j, inner[self._view.outputs[j]])
                    index.append(letter.reshape(-1, *[1] * len(open_outputs)))
            chosen = shaped[tuple(index)]  # type: ignore[arg-type]
            if open_outputs:
                tables.append(chosen.reshape(len(rows), -1))
                members.append(open_outputs)
            else:
                loss += int(chosen.sum())
        return tables, loss, members

    def _letters_of(self, output: int, pattern: Matrix) -> Integers:
        alphabet = self._costs.alphabets[output]
        runs = self._view.neurons[self._view.outputs[output]].runs
        known = alphabet if runs.defined.all() else alphabet[:-1]
        return np.searchsorted(known, pattern)

    def build(self, inner: Mapping[int, Matrix]) -> Built | None:
        """The problem that is left for patterns of the inner neurons; None if some neuron has no pattern.

        Raises
        ------
        StateLimitError
            If patterns or functions are too many.
        """
        width = sum(map(len, self.roles.last))
        if width > MOST_POSITIONS:
            raise StateLimitError(f"{width} neurons in the last hidden layer, room is for {MOST_POSITIONS}")
        _, element_of = self._elements(inner)
        representatives = np.unique(element_of, return_index=True)[1]
        tables, known, members = self._known(inner)
        merged = [_merged(table, element_of) for table in tables]
        costs = [some - some.min(axis=1, keepdims=True) for some in merged]
        certain = known + sum(int(some.min(axis=1).sum()) for some in merged)
        unit = int(np.gcd.reduce(np.concatenate([np.zeros(1, np.int64), *(some.ravel() for some in costs)]))) or 1
        costs = [some // unit for some in costs]
        lists = self._lists(inner, representatives, costs)
        if lists is None:
            return None
        if not members:  # nothing hangs on the last neurons: any pattern will do
            lists = [(alike, some[:1]) for alike, some in lists]
        neurons = tuple(v for alike, _ in lists for v in alike)
        patterns = tuple(some for alike, some in lists for _ in alike)
        again = [k > 0 for alike, _ in lists for k in range(len(alike))]
        values = [np.unique(some) for some in patterns]
        positions = tuple(
            Position(np.searchsorted(value, some), len(value), like_previous)
            for value, some, like_previous in zip(values, patterns, again, strict=True)
        ) or (Position(np.zeros((1, len(representatives)), np.int64), 1, like_previous=False),)
        rows, context = distinct(self._seen_by(self._final_neurons, inner)[representatives])
        firsts = representatives[np.unique(context, return_index=True)[1]]
        groups = tuple(
            Judged(
                tuple(self._functions.of(j, inner, firsts, neurons, values) for j in outputs),
                cost,
                tuple(len(self._costs.alphabets[j]) for j in outputs),
            )
            for outputs, cost in zip(members, costs, strict=True)
        )
        if len(self.roles.finals) == 1:
            groups = (replace(groups[0], functions=(canonical(groups[0].functions[0], len(rows), positions),)),)
        if not groups:
            groups = (_indifferent(len(representatives), len(rows) * math.prod(map(len, values))),)
        alphabets = tuple(self._costs.alphabets[j] for outputs in members for j in outputs)
        outputs = tuple(self._view.outputs[j] for some in members for j in some)
        problem = Problem(positions, groups, context, len(rows))
        return Built(problem, certain, unit, element_of, patterns, alphabets, neurons, outputs)

    def _lists(
        self, inner: Mapping[int, Matrix], representatives: Integers, costs: Sequence[Integers]
    ) -> list[tuple[tuple[int, ...], Integers]] | None:
        """Per class of last neurons its patterns, promising ones first; classes with few of them first.

        None if a neuron has no pattern.
        """
        found: list[tuple[tuple[int, ...], Integers]] = []
        for alike in self.roles.last:
            neuron = self._view.neurons[alike[0]]
            sources = [np.asarray(inner[edge.source])[representatives] for edge in neuron.edges]
            patterns = patterns_of(reading(neuron, representatives, sources), self._view.kind, self._effort)
            if not len(patterns):
                return None
            outputs = [self._view.neurons[o] for o in self._final_neurons]
            readers = [edge.factors for output in outputs for edge in output.edges if edge.source == alike[0]]
            patterns = undominated(patterns, readers)
            found.append((alike, patterns[np.argsort(_weakness(patterns, costs), kind="stable")]))
        return sorted(found, key=lambda both: len(both[1]))


def _indifferent(elements: int, grid: int) -> Judged:
    """A group that costs nothing, of an output with one letter, which stands for none."""
    if grid > MOST_CELLS:
        raise StateLimitError(f"{magnitude(grid)} combinations of values, room is for {MOST_CELLS:.0e}")
    return Judged((np.zeros((1, grid), np.int32),), np.zeros((elements, 1), np.int64), (1,))


def _merged(costs: Integers, element_of: Integers) -> Integers:
    """Costs of inputs added up to costs of elements."""
    found = np.zeros((int(element_of.max(initial=-1)) + 1, costs.shape[1]), np.int64)
    np.add.at(found, element_of, costs)
    return found


def _weakness(patterns: Integers, costs: Sequence[Integers]) -> npt.NDArray[np.float64]:
    """What each pattern alone would have to cost: in each of its cells the one best vector of letters."""
    total = np.zeros(len(patterns))
    for value in np.unique(patterns):
        here = (patterns == value).astype(float)
        for cost in costs:
            total += (here @ cost.astype(float)).min(axis=1)
    return total
