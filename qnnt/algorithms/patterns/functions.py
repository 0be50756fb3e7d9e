"""What an output can make of all that it reads: its distinct functions on the grid of a `Problem`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from qnnt.algorithms.output_costs import OutputCosts, letters
from qnnt.algorithms.patterns.lists import reading, runs_of
from qnnt.algorithms.patterns.problem import Numbers, Position
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.vectors import Integers, Matrix, first_of_each, row_keys
from qnnt.exact import magnitude

MOST_LETTERS = 1 << 26
"""Entries of the table of one output's functions."""
MOST_CELLS = 1 << 17
"""Combinations of values that functions may be made of: a second's work with a few dozen functions."""
MOST_KEPT = 1 << 25
"""Entries of all tables of functions that are kept for other inner patterns: an eighth of a gigabyte."""


class Functions:
    """The functions of the final outputs of a view; the latest are remembered, up to a size."""

    def __init__(self, view: IntegerView, costs: OutputCosts, effort: Effort) -> None:
        self._view, self._costs, self._effort = view, costs, effort
        self._made: dict[object, Numbers] = {}

    def of(
        self,
        output: int,
        inner: Mapping[int, Matrix],
        first: Integers,
        neurons: Sequence[int],
        values: Sequence[Integers],
    ) -> Numbers:
        """The distinct functions of a final output on the grid, shape (F, grid); `first` has an input per context."""
        neuron = self._view.neurons[self._view.outputs[output]]
        key = (
            output,
            tuple(value.tobytes() for value in values),
            tuple(piece.choices[:, first].tobytes() for piece in neuron.constants),
            tuple(np.asarray(inner[e.source])[first].tobytes() for e in neuron.edges if e.source in inner),
            tuple(neurons),
        )
        if key in self._made:
            return self._made[key]
        shape = [len(first), *map(len, values)]
        if math.prod(shape) > MOST_CELLS:
            cells = f"{magnitude(math.prod(shape))} combinations of values"
            raise StateLimitError(f"{neuron.name} has functions of {cells}, room is for {MOST_CELLS:.0e}")
        grid = np.array(np.unravel_index(np.arange(math.prod(shape)), shape))
        points = first[grid[0]]
        at = {v: value[grid[j + 1]] for j, (v, value) in enumerate(zip(neurons, values, strict=True))}
        sources = [at[e.source] if e.source in at else np.asarray(inner[e.source])[points] for e in neuron.edges]
        try:
            runs = runs_of(reading(neuron, points, sources), self._view.kind, self._effort)
        except StateLimitError as error:
            raise StateLimitError(f"too many functions of {len(points)} combinations of values: {error}") from None
        if runs.size > MOST_LETTERS:
            words = f"{len(runs)} functions of {len(points)} combinations of values at {neuron.name}"
            raise StateLimitError(f"{words} are too many")
        made = letters(self._view, self._costs, output)[runs]
        functions: Numbers = made[first_of_each(*row_keys(made))].astype(np.int32)
        self._keep(key, functions)
        return functions

    def _keep(self, key: object, functions: Numbers) -> None:
        """Remember functions in place of the oldest ones."""
        while self._made and functions.size + sum(some.size for some in self._made.values()) > MOST_KEPT:
            del self._made[next(iter(self._made))]
        self._made[key] = functions


def canonical(functions: Numbers, contexts: int, positions: Sequence[Position]) -> Numbers:
    """Functions of the only output without those that ignore a position, but not the next one, which is alike.

    Exchanging the two positions gives a function that ignores the latter, and it is among them as well.
    """
    shaped = functions.reshape(len(functions), contexts, *(position.values for position in positions))
    ignored = [
        (shaped == np.take(shaped, [0], axis=j + 2)).reshape(len(functions), -1).all(axis=1)
        for j in range(len(positions))
    ]
    kept = np.ones(len(functions), bool)
    for j in range(1, len(positions)):
        if positions[j].like_previous:
            kept &= ~ignored[j - 1] | ignored[j]
    return functions[kept]
