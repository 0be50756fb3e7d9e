"""A view and its costs as the flat arrays on which the compiled walk of local search works."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.local_search.kernel import BEST, COUNT, NOWHERE, TOTALS, Fixed, Integers, State
from qnnt.algorithms.output_costs import Group, OutputCosts, letters
from qnnt.algorithms.states.integer_view import LARGEST, IntegerView, Neuron
from qnnt.errors import UnsupportedError

WIDEST_TABLE = 1 << 16
"""Sums of one neuron up to which its tables have an entry for each."""
MOST_LISTED = 1 << 22
"""Entries of all tables with one for each sum, above which the tables of further neurons have one for each run."""
MOST_CELLS = 1 << 21
"""Neurons times distinct inputs above which an instance is refused: half a gigabyte for each thread."""
MOST_ENTRIES = 1 << 25
"""Numbers of one kind above which an instance is refused: contributions, runs, values."""
LANES = 16
"""Entries of a vector register; rows are padded to whole ones."""
NARROW = 2**30
"""Numbers up to which entries have 32 bits."""


@dataclass(frozen=True)
class Span:
    """Where the sums of a neuron lie, undefined values counted as 0.

    Attributes
    ----------
    least, size
        The least sum, and how many there are from it on.
    listed
        Whether its tables have an entry for each of them; otherwise for each run.
    """

    least: int
    size: int
    listed: bool


@dataclass(frozen=True)
class Arrays:
    """What a walk works on, without its energy.

    Attributes
    ----------
    tables
        Of all neurons: the first part of every energy's table.
    spans
        Per neuron.
    places
        Per output, shape (runs,) or (sums,): the run of each entry of its tables.
    largest_loss
        A loss, as a numerator, that cannot be exceeded.
    """

    view: IntegerView
    costs: OutputCosts
    fixed: Fixed
    tables: npt.NDArray[np.signedinteger[Any]]
    spans: tuple[Span, ...]
    places: tuple[Integers, ...]
    largest_loss: int

    @property
    def partial(self) -> bool:
        """Whether some activation is undefined somewhere, or the loss."""
        return any(not neuron.runs.defined.all() for neuron in self.view.neurons) or bool((self.fixed.costs < 0).any())

    @property
    def neighbours(self) -> int:
        """Settings that differ from a setting in one parameter."""
        return int((self.fixed.pieces[:, COUNT] - 1).sum())

    def padded(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Rows of entries for each input, as long as those of the walk."""
        return _padded(rows, self.fixed.inputs)


def largest_loss(costs: OutputCosts) -> int:
    """A loss, as a numerator, that cannot be exceeded."""
    tables = [group.costs for group in costs.groups if group.costs.size]
    return sum(int(table.max(axis=1, initial=0).sum(dtype=object)) for table in tables)


def arrays_of(view: IntegerView, costs: OutputCosts) -> Arrays:
    """The arrays of a view; time and space linear in the tables of view and costs.

    Raises
    ------
    UnsupportedError
        If there are too many numbers, or some could need more than 62 bits.
    """
    p = len(view.inputs)
    if len(view.neurons) * p > MOST_CELLS:
        raise UnsupportedError(f"local search takes at most {MOST_CELLS:.0e} neurons times distinct inputs")
    most = largest_loss(costs)
    if most > 2 * LARGEST:
        raise UnsupportedError("the loss could need more than 61 bits")
    _check_sums(view)
    spans = _spans(view)
    rows, factors = _Pool(p), _Pool()
    pieces: list[tuple[int, int, int, int]] = []
    readers: list[list[int]] = [[] for _ in view.neurons]
    own: list[int] = [0]
    for v, neuron in enumerate(view.neurons):
        pieces += [(v, NOWHERE, rows.place(piece.choices), len(piece.choices)) for piece in neuron.constants]
        for edge in neuron.edges:
            readers[edge.source].append(len(pieces))
            pieces.append((v, edge.source, factors.place(edge.factors), len(edge.factors)))
        own.append(len(pieces))
    tables = _Tables(view, costs, spans)
    read = [0, *accumulate(map(len, readers))]
    neurons = [
        [*row, *own[v : v + 2], *read[v : v + 2]] for v, row in enumerate(tables.neuron(v) for v in range(len(spans)))
    ]
    groups = [np.unique(table_of(costs, group), axis=0, return_inverse=True) for group in costs.groups]
    starts = [0, *accumulate(distinct.size for distinct, _ in groups)]
    at = [start + rank.reshape(-1) * distinct.shape[1] for start, (distinct, rank) in zip(starts, groups, strict=False)]
    small = max(*(span.size for span in spans), _magnitude(tables.pool.whole()), most) <= NARROW
    kind = np.int32 if small and max(_magnitude(rows.whole()), _magnitude(factors.whole())) <= NARROW else np.int64
    counts = np.array(pieces, np.int64)[:, COUNT]
    fixed = Fixed(
        pieces=np.array(pieces, np.int64),
        free=np.flatnonzero(counts > 1),
        neurons=np.array(neurons, np.int64),
        readers=np.array([piece for some in readers for piece in some], np.int64),
        outputs=np.array(view.outputs, np.int64),
        rows=_padded(rows.whole(), p).astype(kind),
        factors=factors.whole().astype(kind),
        costs=np.concatenate([distinct.ravel() for distinct, _ in groups]).astype(np.int64),
        costs_at=_padded(np.array(at, np.int64).reshape(len(at), p), p).astype(np.uint32),
        inputs=p,
    )
    places = tuple(tables.entries(o) for o in view.outputs)
    return Arrays(view, costs, fixed, tables.pool.whole().astype(kind), spans, places, most)


def _padded(rows: npt.NDArray[Any], p: int) -> npt.NDArray[Any]:
    """Rows of entries for each input, as long as whole vector registers: the first input again and again."""
    return np.concatenate([rows, np.repeat(rows[..., :1], -p % LANES, axis=-1)], axis=-1)


def blank_states(arrays: Arrays, randoms: list[int]) -> State:
    """Walks at the first value of every parameter; what follows from the choices is not made yet.

    Parameters
    ----------
    randoms
        Of each the state of its generator, from 1 to 2^64 - 1.
    """
    fixed = arrays.fixed
    count, n, o, g = len(randoms), len(fixed.neurons), len(fixed.outputs), len(fixed.costs_at)
    totals = np.zeros((count, TOTALS), np.int64)
    totals[:, BEST] = NOWHERE
    rows = 2 * (2 * n + 2 * o + 2 * g) + 1
    return State(
        choice=np.zeros((count, len(fixed.pieces)), np.int64),
        best=np.zeros((count, len(fixed.pieces)), np.int64),
        totals=totals,
        random=np.array(randoms, np.uint64).reshape(count, 1),
        work=np.zeros((count, rows, fixed.rows.shape[1]), fixed.rows.dtype),
        touched=np.zeros((count, n), np.bool_),
    )


class _Pool:
    """Arrays one after another along the first axis; equal ones are held once."""

    def __init__(self, *rest: int) -> None:
        self._parts: list[Integers] = [np.zeros((0, *rest), np.int64)]
        self._places: dict[tuple[tuple[int, ...], bytes], int] = {}
        self.length = 0

    def place(self, part: npt.NDArray[Any]) -> int:
        """Where it begins.

        Raises
        ------
        UnsupportedError
            If there is no room.
        """
        added = np.ascontiguousarray(part, np.int64)
        key = (added.shape, added.tobytes())
        if key not in self._places:
            if self.length * added[:1].size + added.size > MOST_ENTRIES:
                raise UnsupportedError(f"local search holds at most {MOST_ENTRIES:.0e} numbers of one kind")
            self._places[key] = self.length
            self._parts.append(added)
            self.length += len(added)
        return self._places[key]

    def whole(self) -> Integers:
        return np.concatenate(self._parts)


def table_of(costs: OutputCosts, group: Group) -> Integers:
    """A group's costs, shape (p, columns), also where there is no row to count columns in."""
    width = math.prod(len(costs.alphabets[j]) for j in group.outputs)
    return group.costs.reshape(-1, width)


class _Tables:
    """Values, letters and what is undefined, for each sum of a neuron or each of its runs."""

    def __init__(self, view: IntegerView, costs: OutputCosts, spans: tuple[Span, ...]) -> None:
        self._view, self._costs, self._spans = view, costs, spans
        self.pool = _Pool()
        self._groups = {
            view.outputs[j]: (j, g, math.prod(len(costs.alphabets[k]) for k in group.outputs[place + 1 :]))
            for g, group in enumerate(costs.groups)
            for place, j in enumerate(group.outputs)
        }

    def entries(self, v: int) -> Integers:
        """The run of each entry of a neuron's tables."""
        runs, span = self._view.neurons[v].runs, self._spans[v]
        if not span.listed:
            return np.arange(len(runs.starts))
        sums = np.arange(span.least, span.least + span.size)
        return runs.run_of(np.clip(sums, int(runs.starts[0]), runs.last))

    def neuron(self, v: int) -> list[int]:
        """The first columns of a row of `Fixed.neurons`."""
        runs, span, entries = self._view.neurons[v].runs, self._spans[v], self.entries(v)
        output, group, stride = self._groups.get(v, (NOWHERE, NOWHERE, 0))
        values = np.where(runs.defined, runs.values, 0)
        undefined = NOWHERE if runs.defined.all() else self.pool.place((~runs.defined)[entries])
        read = NOWHERE
        if output != NOWHERE:
            read = self.pool.place(letters(self._view, self._costs, output)[entries] * stride)
        starts = NOWHERE if span.listed else self.pool.place(np.maximum(runs.starts - span.least, 0))
        count = 0 if span.listed else len(entries)
        return [-span.least, self.pool.place(values[entries]), undefined, read, starts, count, output, group]


def _spans(view: IntegerView) -> tuple[Span, ...]:
    """Where sums lie. The ranges of the view hold for defined values only: they are enough where all are.

    Raises
    ------
    UnsupportedError
        If the soft costs of an output are too many, even with an entry for each run.
    """
    found: list[Span] = []
    listed = 0
    partial = any(not neuron.runs.defined.all() for neuron in view.neurons)
    kinds = len({tuple(labels.items()) for labels in view.labels})
    for v, neuron in enumerate(view.neurons):
        least, last = int(neuron.runs.starts[0]), neuron.runs.last
        if partial:
            low, high = _reach(view, neuron)
            least, last = min(least, low), max(last, high)
        size = last - least + 1
        tables = 1 + kinds if v in view.outputs else 1  # soft costs are told apart by labels
        short = size <= WIDEST_TABLE and listed + size * tables <= MOST_LISTED
        if not short and len(neuron.runs.starts) * tables > MOST_ENTRIES:
            raise UnsupportedError(f"local search holds at most {MOST_ENTRIES:.0e} soft costs")
        listed += size * tables if short else 0
        found.append(Span(least, size, short))
    return tuple(found)


def _reach(view: IntegerView, neuron: Neuron) -> tuple[int, int]:
    """Bounds of a neuron's sums where values that are undefined count as 0."""
    low = sum(int(piece.choices.min(initial=0)) for piece in neuron.constants)
    high = sum(int(piece.choices.max(initial=0)) for piece in neuron.constants)
    for edge in neuron.edges:
        values = view.neurons[edge.source].runs.values
        corners = [
            int(factor) * int(value)
            for factor in (edge.factors.min(), edge.factors.max())
            for value in (values.min(), values.max(), 0)
        ]
        low, high = low + min(corners), high + max(corners)
    return low, high


def _check_sums(view: IntegerView) -> None:
    """That no sum needs more than 61 bits, also where values that are undefined count as 0."""
    reach = [_magnitude(neuron.runs.values) for neuron in view.neurons]
    for neuron in view.neurons:
        size = sum(_magnitude(piece.choices) for piece in neuron.constants)
        size += sum(_magnitude(edge.factors) * reach[edge.source] for edge in neuron.edges)
        if size > 2 * LARGEST:
            raise UnsupportedError(f"the pre-activations of {neuron.name} could need more than 61 bits")


def _magnitude(numbers: npt.NDArray[Any]) -> int:
    return max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))
