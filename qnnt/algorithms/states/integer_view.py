"""An instance as the exact algorithms see it: integer vectors over the distinct inputs.

Each neuron's pre-activation is counted in whole units of a denominator of its own, each value
likewise. A *pattern* is the vector of a neuron's values at the p distinct inputs, a *piece* one
summand of its pre-activation: a bias or an input's weight gives one of a few constant vectors, an
edge from another neuron gives a weight times that neuron's pattern.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from qnnt.activations import changes
from qnnt.algorithms.states.vectors import Integers, Matrix, distinct, narrow
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator
from qnnt.instance import Instance
from qnnt.losses import Mismatch
from qnnt.network import edge_key
from qnnt.simplification.samples import Labels, labels_by_input

MOST_RUNS = 1 << 18
"""Different values of one activation along its range above which an instance is refused."""
LARGEST = 2**60


@dataclass(frozen=True)
class Runs:
    """An activation on a range of whole numbers: maximal runs of equal value.

    Attributes
    ----------
    starts
        First pre-activation of each run, increasing.
    values
        Numerators over `denominator`; 0 where not defined.
    defined
        False where a table has no entry.
    last
        The end of the last run.
    """

    starts: Integers
    values: Integers
    defined: npt.NDArray[np.bool_]
    last: int
    denominator: int

    @cached_property
    def ends(self) -> Integers:
        """The last pre-activation of each run."""
        return np.append(self.starts[1:] - 1, self.last)

    def run_of(self, sums: npt.NDArray[np.signedinteger]) -> Integers:
        """The number of the run in which each sum lies."""
        return np.searchsorted(self.starts, sums, side="right") - 1


@dataclass(frozen=True)
class ConstantPiece:
    """A summand that does not depend on other neurons.

    Attributes
    ----------
    key
        The input of the edge, or None for the bias.
    allowed
        The parameter's values, one per row of `choices`.
    choices
        Shape (K, p): what each value contributes.
    """

    key: str | None
    allowed: tuple[Number, ...]
    choices: Matrix


@dataclass(frozen=True)
class EdgePiece:
    """A summand weight * pattern.

    Attributes
    ----------
    source
        The number of the neuron that is read.
    factors
        Shape (K,): what the values contribute per unit of the source's value.
    least, greatest
        Shape (p,): the range of the contribution.
    """

    source: int
    allowed: tuple[Number, ...]
    factors: Integers
    least: Integers
    greatest: Integers


@dataclass(frozen=True)
class Neuron:
    """A neuron with its pieces, constant ones first.

    Attributes
    ----------
    unit
        Pre-activations are whole multiples of 1 / unit.
    runs
        The activation on the range of the pre-activation.
    least, greatest
        Shape (p,): the range of the pre-activation.
    """

    name: str
    constants: tuple[ConstantPiece, ...]
    edges: tuple[EdgePiece, ...]
    unit: int
    runs: Runs
    least: Integers
    greatest: Integers

    def limited_to(self, inputs: list[int]) -> Neuron:
        """The same on some of the distinct inputs."""
        return replace(
            self,
            constants=tuple(replace(piece, choices=piece.choices[:, inputs]) for piece in self.constants),
            edges=tuple(replace(e, least=e.least[inputs], greatest=e.greatest[inputs]) for e in self.edges),
            least=self.least[inputs],
            greatest=self.greatest[inputs],
        )

    @cached_property
    def flat_below(self) -> Integers:
        """Shape (p,): the largest sum up to which all sums of the range have one value."""
        return np.minimum(self.runs.ends[self.runs.run_of(self.least)], self.greatest)

    @cached_property
    def flat_above(self) -> Integers:
        """Shape (p,): the smallest sum from which all sums of the range have one value."""
        return np.maximum(self.runs.starts[self.runs.run_of(self.greatest)], self.least)


@dataclass(frozen=True)
class IntegerView:
    """A D-NNT instance with mismatch loss in integers.

    Attributes
    ----------
    neurons
        In topological order; edges name their source by its place here.
    outputs
        The numbers of the output neurons.
    inputs
        The distinct input vectors, p in number.
    labels
        Per distinct input its labels with their weights.
    kind
        The integer type of patterns and sums.
    """

    instance: Instance
    neurons: tuple[Neuron, ...]
    outputs: tuple[int, ...]
    inputs: tuple[tuple[Number, ...], ...]
    labels: tuple[dict[Labels, int], ...]
    kind: type[np.signedinteger]

    @cached_property
    def readers(self) -> list[list[int]]:
        """For each neuron the neurons that read it."""
        found: list[list[int]] = [[] for _ in self.neurons]
        for v, neuron in enumerate(self.neurons):
            for edge in neuron.edges:
                found[edge.source].append(v)
        return found

    @cached_property
    def graph(self) -> list[frozenset[int]]:
        """The undirected graph of the neurons; inputs are no part of it, their patterns are constants."""
        near: list[set[int]] = [set() for _ in self.neurons]
        for v, neuron in enumerate(self.neurons):
            for edge in neuron.edges:
                near[v].add(edge.source)
                near[edge.source].add(v)
        return [frozenset(others) for others in near]

    @property
    def log2_settings(self) -> float:
        """The logarithm of the number of parameter settings."""
        instance = self.instance
        return sum(math.log2(len(values)) for values in (*instance.weights.values(), *instance.biases.values()))

    def limited_to(self, inputs: Sequence[int]) -> IntegerView:
        """The same network on some of the distinct inputs only, by number; its smallest loss is no larger.

        The instance and the integers stay those of the whole.
        """
        chosen = list(inputs)
        return replace(
            self,
            neurons=tuple(neuron.limited_to(chosen) for neuron in self.neurons),
            inputs=tuple(self.inputs[i] for i in chosen),
            labels=tuple(self.labels[i] for i in chosen),
        )


def why_not(instance: Instance) -> str | None:
    """Why these algorithms cannot take an instance, in words, or None; cheap."""
    if not isinstance(instance.loss, Mismatch):
        return f"it counts mismatched samples: the loss {instance.loss.name} is another one"
    return None


def integer_view(instance: Instance) -> IntegerView:
    """The view of a D-NNT instance (d-QNNT in general form); for mismatch losses.

    Raises
    ------
    UnsupportedError
        If a sum could need more than 60 bits, or an activation changes its value too often.
    """
    network = instance.network
    groups = labels_by_input(instance.dataset)
    inputs = tuple(groups)
    place = {v: i for i, v in enumerate(network.neurons)}
    column = {name: [x[j] for x in inputs] for j, name in enumerate(network.inputs)}
    neurons: list[Neuron] = []
    ranges: list[tuple[Integers, Integers]] = []
    reach = 1
    for v in network.neurons:
        sources = [u for u in network.predecessors[v] if u in place]
        terms: list[Number] = list(instance.biases[v])
        for u in network.predecessors[v]:
            values = column[u] if u in column else [Fraction(1, neurons[place[u]].runs.denominator)]
            terms += [w * value for w in instance.weights[u, v] for value in set(values)]
        denominator = common_denominator(terms)
        constants = [_constant(None, instance.biases[v], [1] * len(inputs), denominator, v)]
        constants += [
            _constant(u, instance.weights[u, v], column[u], denominator, edge_key((u, v)))
            for u in network.predecessors[v]
            if u in column
        ]
        edges = [
            _edge(place[u], instance.weights[u, v], neurons[place[u]].runs.denominator, ranges[place[u]], denominator)
            for u in sources
        ]
        least = sum((piece.choices.min(axis=0) for piece in constants), np.zeros(len(inputs), np.int64))
        greatest = sum((piece.choices.max(axis=0) for piece in constants), np.zeros(len(inputs), np.int64))
        for edge in edges:
            least, greatest = least + edge.least, greatest + edge.greatest
        size = sum(_magnitude(piece.choices) for piece in constants)
        size += sum(max(_magnitude(edge.least), _magnitude(edge.greatest)) for edge in edges)
        if size > LARGEST:
            raise UnsupportedError(f"the pre-activations of {v} could need more than 60 bits")
        low, high = (int(least.min()), int(greatest.max())) if inputs else (0, 0)
        runs = _runs(instance, v, low, high, denominator)
        neurons.append(Neuron(v, tuple(constants), tuple(edges), denominator, runs, least, greatest))
        ranges.append(_value_range(runs, least, greatest))
        reach = max(reach, size, _magnitude(runs.values))
    outputs = tuple(place[o] for o in network.outputs)
    return IntegerView(instance, tuple(neurons), outputs, inputs, tuple(groups.values()), narrow(reach))


def _magnitude(numbers: npt.NDArray[np.signedinteger]) -> int:
    return max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))


def _constant(
    key: str | None, allowed: tuple[Number, ...], column: list[Number], denominator: int, what: str
) -> ConstantPiece:
    rows = [[int(value * x * denominator) for x in column] for value in allowed]
    if any(max(row) > LARGEST or min(row) < -LARGEST for row in rows if row):
        raise UnsupportedError(f"the products at {what} could need more than 60 bits")
    choices = np.array(rows, np.int64).reshape(len(allowed), len(column))
    kept, rank = distinct(choices)
    first = {int(r): allowed[i] for i, r in reversed(list(enumerate(rank)))}
    return ConstantPiece(key, tuple(first[i] for i in range(len(kept))), kept)


def _edge(
    source: int,
    allowed: tuple[Number, ...],
    source_denominator: int,
    source_range: tuple[Integers, Integers],
    denominator: int,
) -> EdgePiece:
    factors = [int(Fraction(w) * denominator / source_denominator) for w in allowed]
    reach = max(_magnitude(source_range[0]), _magnitude(source_range[1]))
    if max(map(abs, factors)) * max(1, reach) > LARGEST:
        raise UnsupportedError("products of weights and values could need more than 60 bits")
    corners = np.stack([f * side for f in (factors[0], factors[-1]) for side in source_range])
    return EdgePiece(source, allowed, np.array(factors, np.int64), corners.min(axis=0), corners.max(axis=0))


def _runs(instance: Instance, v: str, low: int, high: int, denominator: int) -> Runs:
    found = changes(instance.activations[v], low, high, denominator, MOST_RUNS)
    if found is None:
        raise UnsupportedError(f"the activation of {v} takes more than {MOST_RUNS} values along its range")
    known = [value for _, value in found if value is not None]
    unit = common_denominator(known)
    numerators = [0 if value is None else int(value * unit) for _, value in found]
    if max(map(abs, numerators)) > LARGEST:
        raise UnsupportedError(f"the values of {v} could need more than 60 bits")
    return Runs(
        np.array([start for start, _ in found], np.int64),
        np.array(numerators, np.int64),
        np.array([value is not None for _, value in found]),
        high,
        unit,
    )


def _value_range(runs: Runs, least: Integers, greatest: Integers) -> tuple[Integers, Integers]:
    """The smallest and the largest defined value between two sums, for each input; 0 where there is none."""
    ends = np.stack([runs.run_of(least), runs.run_of(greatest)], axis=1)
    different, which = np.unique(ends, axis=0, return_inverse=True)  # few, of however many inputs
    low, high = np.zeros(len(different), np.int64), np.zeros(len(different), np.int64)
    for i, (a, b) in enumerate(different.tolist()):
        values = runs.values[a : b + 1][runs.defined[a : b + 1]]
        if len(values):
            low[i], high[i] = values.min(), values.max()
    return low[which.reshape(-1)], high[which.reshape(-1)]
