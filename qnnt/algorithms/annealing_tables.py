"""A view and its costs as the flat arrays on which the compiled walk of simulated annealing works."""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.annealing_kernel import BEST, NOWHERE, TOTALS, Fixed, Integers, State
from qnnt.algorithms.output_costs import Group, OutputCosts, letters
from qnnt.algorithms.states.integer_view import LARGEST, IntegerView
from qnnt.errors import UnsupportedError

WIDEST_TABLE = 1 << 16
"""Sums of one neuron up to which their codes are listed one by one."""
MOST_LISTED = 1 << 22
"""Sums listed for all neurons, above which the codes of further neurons are searched for among their runs."""
MOST_CELLS = 1 << 24
"""Neurons times distinct inputs above which an instance is refused: a gigabyte."""
MOST_ENTRIES = 1 << 25
"""Numbers of one kind above which an instance is refused: contributions, runs, values."""


class _Pool:
    """Arrays one after another along the first axis; equal ones are held once."""

    def __init__(self, empty: tuple[int, ...] = (0,)) -> None:
        self._parts: list[npt.NDArray[np.int64]] = [np.zeros(empty, np.int64)]
        self._places: dict[tuple[tuple[int, ...], bytes], int] = {}
        self.length = 0

    def place(self, part: npt.NDArray[np.signedinteger]) -> int:
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
                raise UnsupportedError(f"annealing holds at most {MOST_ENTRIES:.0e} numbers of one kind")
            self._places[key] = self.length
            self._parts.append(added)
            self.length += len(added)
        return self._places[key]

    def whole(self) -> npt.NDArray[np.int64]:
        return np.concatenate(self._parts)


def largest_loss(costs: OutputCosts) -> int:
    """A loss, as a numerator, that cannot be exceeded."""
    tables = [group.costs for group in costs.groups if group.costs.size]
    return sum(int(table.max(axis=1, initial=0).sum(dtype=object)) for table in tables)


def fixed_of(view: IntegerView, costs: OutputCosts) -> Fixed:
    """What does not change during a walk; time and space linear in the tables of view and costs.

    Raises
    ------
    UnsupportedError
        If there are too many numbers, or some could need more than 62 bits.
    """
    p = len(view.inputs)
    if len(view.neurons) * p > MOST_CELLS:
        raise UnsupportedError(f"annealing takes at most {MOST_CELLS:.0e} neurons times distinct inputs")
    if largest_loss(costs) > 2 * LARGEST:
        raise UnsupportedError("the loss could need more than 61 bits")
    _check_sums(view)
    rows, factors = _Pool((0, p)), _Pool()
    pieces: list[tuple[int, int, int, int]] = []
    readers: list[list[int]] = [[] for _ in view.neurons]
    for v, neuron in enumerate(view.neurons):
        pieces += [(v, NOWHERE, rows.place(piece.choices), len(piece.choices)) for piece in neuron.constants]
        for edge in neuron.edges:
            readers[edge.source].append(len(pieces))
            pieces.append((v, edge.source, factors.place(edge.factors), len(edge.factors)))
    activations = _Activations(view, costs)
    cells = [group.costs.size for group in costs.groups]
    counts = np.array(pieces, np.int64)[:, 3]
    return Fixed(
        pieces=np.array(pieces, np.int64),
        free=np.flatnonzero(counts > 1),
        rows=rows.whole(),
        factors=factors.whole(),
        neurons=activations.neurons,
        table=activations.table.whole().astype(np.uint32),
        run_starts=activations.runs.whole()[:, 0].copy(),
        run_codes=activations.runs.whole()[:, 1].astype(np.uint32),
        values=activations.codes.whole()[:, 0].copy(),
        undefined=activations.codes.whole()[:, 1].copy(),
        columns=activations.codes.whole()[:, 2].copy(),
        reader_starts=np.array([0, *accumulate(map(len, readers))], np.int64),
        readers=np.array([piece for some in readers for piece in some], np.int64),
        cells=np.concatenate([group.costs.ravel() for group in costs.groups]).astype(np.int64),
        cell_starts=np.array([0, *accumulate(cells)], np.int64)[:-1],
        widths=np.array([_width(costs, group) for group in costs.groups], np.int64),
        partial=any(not neuron.runs.defined.all() for neuron in view.neurons),
    )


def _width(costs: OutputCosts, group: Group) -> int:
    """Columns of a group's table; there may be no row to count them in."""
    return math.prod(len(costs.alphabets[j]) for j in group.outputs)


class _Activations:
    """Codes of all neurons: their values, what they add to columns, and where the codes of sums are found."""

    def __init__(self, view: IntegerView, costs: OutputCosts) -> None:
        self.table, self.runs, self.codes = _Pool(), _Pool((0, 2)), _Pool((0, 3))
        adds = _columns_added(view, costs)
        self.neurons = np.array(
            [self._neuron(view, v, *adds.get(v, (NOWHERE, None))) for v in range(len(view.neurons))]
        )

    def _neuron(self, view: IntegerView, v: int, group: int, added: Integers | None) -> list[int]:
        """A row of `Fixed.neurons`."""
        runs = view.neurons[v].runs
        columns = np.zeros(len(runs.starts), np.int64) if added is None else added
        meaning = np.stack([np.where(runs.defined, runs.values, 0), (~runs.defined).astype(np.int64), columns], axis=1)
        distinct, rank = np.unique(meaning, axis=0, return_inverse=True)
        codes = self.codes.place(distinct) + rank.reshape(-1)
        size = runs.last - int(runs.starts[0]) + 1
        if size <= WIDEST_TABLE and self.table.length + size <= MOST_LISTED:
            at = self.table.place(np.repeat(codes, runs.ends - runs.starts + 1))
            return [int(runs.starts[0]), size, at, NOWHERE, 0, group]
        return [
            int(runs.starts[0]),
            0,
            NOWHERE,
            self.runs.place(np.stack([runs.starts, codes], axis=1)),
            len(codes),
            group,
        ]


def _columns_added(view: IntegerView, costs: OutputCosts) -> dict[int, tuple[int, Integers]]:
    """For each output neuron its group, and per run of its activation what it adds to the column."""
    found: dict[int, tuple[int, Integers]] = {}
    for g, group in enumerate(costs.groups):
        stride = 1
        for j in reversed(group.outputs):
            found[view.outputs[j]] = (g, letters(view, costs, j) * stride)
            stride *= len(costs.alphabets[j])
    return found


def _check_sums(view: IntegerView) -> None:
    """That no sum needs more than 61 bits, also where values that are undefined count as 0.

    The ranges of the view hold for defined values only.
    """
    reach = [_magnitude(neuron.runs.values) for neuron in view.neurons]
    for neuron in view.neurons:
        size = sum(_magnitude(piece.choices) for piece in neuron.constants)
        size += sum(_magnitude(edge.factors) * reach[edge.source] for edge in neuron.edges)
        if size > 2 * LARGEST:
            raise UnsupportedError(f"the pre-activations of {neuron.name} could need more than 61 bits")


def _magnitude(numbers: npt.NDArray[np.signedinteger]) -> int:
    return max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))


def blank_state(fixed: Fixed, random: int) -> State:
    """The first value everywhere; what follows from the choices is not made yet.

    Parameters
    ----------
    random
        The state of the generator, from 1 to 2^64 - 1.
    """
    n, p, g = len(fixed.neurons), fixed.rows.shape[1], len(fixed.widths)
    totals = np.zeros(TOTALS, np.int64)
    totals[BEST] = NOWHERE
    return State(
        choice=np.zeros(len(fixed.pieces), np.int64),
        best=np.zeros(len(fixed.pieces), np.int64),
        totals=totals,
        random=np.array([random], np.uint64),
        sums=np.zeros((n, p), np.int64),
        codes=np.zeros((n, p), np.uint32),
        columns=np.zeros((g, p), np.int64),
        trial_sums=np.zeros((n, p), np.int64),
        trial_codes=np.zeros((n, p), np.uint32),
        trial_columns=np.zeros((g, p), np.int64),
        changed=np.zeros((n, p), np.uint32),
        differences=np.zeros((n, p), np.int64),
        touched=np.zeros((n, p), np.uint32),
        touched_columns=np.zeros((g, p), np.uint32),
        seen=np.zeros((n, p), np.int64),
        seen_columns=np.zeros((g, p), np.int64),
        counts=np.zeros((3, max(n, g)), np.int64),
    )
