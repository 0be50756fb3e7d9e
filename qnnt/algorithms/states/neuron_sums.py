"""All patterns that one neuron can make of given patterns of its predecessors.

The distinct partial sums are carried from piece to piece. Two of them are one as soon as no
completion can tell them apart: a sum above the last change of the activation, whatever is still to
come, is lowered to the smallest such sum, one below the first change is raised likewise.

Complexity: distinct sums times values per piece, at most the product of the set sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView, Neuron
from qnnt.algorithms.states.vectors import Integers, Matrix, first_of_each, row_keys

MOST_NUMBERS = 1 << 23
"""Entries of a matrix of sums made at once, as far as can be told before."""
MOST_GROWTH = 4096
"""Sums per owner that are reckoned with; merging usually leaves far fewer than the product of the sets."""
MOST_REMEMBERED = 8
"""Answers that are kept."""
LARGEST_REMEMBERED = 1 << 22
"""Entries of an answer that is kept."""
FAR = 2**61


@dataclass(frozen=True)
class Target:
    """Which final sums count, and which of them are alike; arrays of shape (p,) or (owners, p).

    Attributes
    ----------
    alike_below, alike_above
        Final sums up to the one, and from the other on, need not be told apart.
    least, greatest
        Final sums outside are of no use; None where all are.
    """

    alike_below: Integers
    alike_above: Integers
    least: Integers | None = None
    greatest: Integers | None = None

    def before(self, least: npt.NDArray[np.signedinteger], greatest: npt.NDArray[np.signedinteger]) -> Target:
        """The same for partial sums to which something in this range will be added."""
        return Target(
            self.alike_below - greatest,
            self.alike_above - least,
            None if self.least is None else self.least - greatest,
            None if self.greatest is None else self.greatest - least,
        )


def any_pattern(neuron: Neuron) -> Target:
    """All patterns are wanted: only what the activation does not tell apart is alike."""
    return Target(neuron.flat_below, neuron.flat_above)


def one_pattern(neuron: Neuron, pattern: Matrix) -> Target:
    """Sums whose values are the pattern; more than those where the activation takes a value on several runs."""
    runs = neuron.runs
    wanted = (runs.values[None, :] == pattern.astype(np.int64)[:, None]) & runs.defined[None, :]
    least = np.where(wanted, runs.starts, FAR).min(axis=1)
    greatest = np.where(wanted, runs.ends, -FAR).max(axis=1)
    one_run = wanted.sum(axis=1) == 1
    below = np.where(one_run & (least <= neuron.least), greatest, -FAR)
    above = np.where(one_run & (greatest >= neuron.greatest), least, FAR)
    return Target(below, above, least, greatest)


@dataclass(frozen=True)
class Sums:
    """Distinct partial sums, sorted by owner.

    Attributes
    ----------
    sums
        Shape (rows, p).
    owner
        To which tuple of predecessor patterns each belongs.
    parent, choice
        The row before the last piece, and the value of that piece.
    """

    sums: Matrix
    owner: Integers
    parent: Integers
    choice: Integers


def start(p: int, kind: type[np.signedinteger], owners: int = 1) -> Sums:
    """The empty sum of each owner."""
    nothing = np.zeros(owners, np.int64)
    return Sums(np.zeros((owners, p), kind), np.arange(owners), nothing, nothing)


def add_piece(before: Sums, owners: int, choices: Matrix, target: Target, effort: Effort, where: str) -> Sums:
    """One more summand.

    Parameters
    ----------
    choices
        Shape (K, p), or (owners, K, p).
    target
        For the sums with this piece in.

    Raises
    ------
    StateLimitError
        If there are too many.
    """
    values = choices.shape[-2]
    effort.make(len(before.sums) * values, before.sums.shape[1], where)
    mine = choices[before.owner] if choices.ndim == 3 else choices
    made = (before.sums[:, None, :] + mine).reshape(len(before.sums) * values, before.sums.shape[1])
    parent = np.repeat(np.arange(len(before.sums)), values)
    choice = np.tile(np.arange(values), len(before.sums))
    owner = before.owner[parent]

    def limit(numbers: Integers) -> Matrix:
        info = np.iinfo(made.dtype)
        limits: Matrix = np.clip(numbers, info.min, info.max).astype(made.dtype)
        return limits[owner] if limits.ndim == 2 else limits

    if target.least is not None and target.greatest is not None:
        useful = ((made >= limit(target.least)) & (made <= limit(target.greatest))).all(axis=1)
        made, parent, choice, owner = made[useful], parent[useful], choice[useful], owner[useful]
    np.maximum(made, limit(target.alike_below), out=made)
    np.minimum(made, limit(target.alike_above), out=made)
    first = first_of_each(*row_keys(made, owner, owners))
    return Sums(made[first], owner[first], parent[first], choice[first])


def add_pieces(
    before: Sums, owners: int, pieces: Sequence[Matrix], target: Target, effort: Effort, where: str
) -> list[Sums]:
    """The sums after each piece."""
    found: list[Sums] = []
    lows, highs = [piece.min(axis=-2) for piece in pieces], [piece.max(axis=-2) for piece in pieces]
    zero = np.zeros(before.sums.shape[1], before.sums.dtype)
    for i, piece in enumerate(pieces):
        rest = target.before(sum(lows[i + 1 :], zero), sum(highs[i + 1 :], zero))
        before = add_piece(before, owners, piece, rest, effort, where)
        found.append(before)
    return found


def constant_sums(neuron: Neuron, kind: type[np.signedinteger], target: Target, effort: Effort) -> list[Sums]:
    """The sums of the bias and of the inputs' edges, after each of them, whatever neurons will add."""
    p = len(neuron.least)
    zero = np.zeros(p, np.int64)
    rest = target.before(
        sum((edge.least for edge in neuron.edges), zero), sum((edge.greatest for edge in neuron.edges), zero)
    )
    pieces = [piece.choices.astype(kind) for piece in neuron.constants]
    return add_pieces(start(p, kind), 1, pieces, rest, effort, neuron.name)


def edge_choices(neuron: Neuron, sources: Sequence[Matrix]) -> list[Matrix]:
    """Per edge what its values contribute for each owner's pattern: shape (owners, K, p)."""
    return [
        source[:, None, :] * edge.factors.astype(source.dtype)[:, None]
        for edge, source in zip(neuron.edges, sources, strict=True)
    ]


def activated(neuron: Neuron, sums: Matrix) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """The patterns of final sums, and which of them are defined everywhere."""
    run = neuron.runs.run_of(sums)
    values: Matrix = neuron.runs.values.astype(sums.dtype)[run]
    if neuron.runs.defined.all():
        return values, np.ones(len(sums), bool)
    defined: npt.NDArray[np.bool_] = np.all(neuron.runs.defined[run], axis=1)
    return values, defined


def function_of(view: IntegerView, v: int) -> tuple[object, ...]:
    """Equal for neurons that make the same patterns of the same patterns."""
    neuron = view.neurons[v]
    return (
        view.instance.activations[neuron.name],
        neuron.unit,
        neuron.runs.denominator,
        tuple(piece.choices.tobytes() for piece in neuron.constants),
        tuple(edge.factors.tobytes() for edge in neuron.edges),
    )


class Generator:
    """The patterns of the neurons of a view.

    What inputs and biases add up to is worked out once per neuron. The latest answers are remembered: in
    deep networks alike neurons meet the same patterns layer after layer.
    """

    def __init__(self, view: IntegerView, effort: Effort) -> None:
        self._view, self._effort = view, effort
        self._constants: dict[int, Matrix] = {}
        self._made: dict[object, tuple[Integers, Matrix]] = {}

    def constants(self, v: int) -> Matrix:
        """The distinct sums of the bias and the inputs' edges."""
        if v not in self._constants:
            neuron = self._view.neurons[v]
            self._constants[v] = constant_sums(neuron, self._view.kind, any_pattern(neuron), self._effort)[-1].sums
        return self._constants[v]

    def patterns(self, v: int, sources: Sequence[Matrix], owners: int) -> tuple[Integers, Matrix]:
        """What neuron v can be for each tuple of predecessor patterns.

        Parameters
        ----------
        sources
            Per edge the pattern in each tuple, shape (owners, p).

        Returns
        -------
        tuple
            Owners, in increasing order, and patterns, distinct for each owner.
        """
        key = (function_of(self._view, v), owners, *(source.tobytes() for source in sources))
        if key in self._made:
            return self._made[key]
        made = self._patterns(v, sources, owners)
        if made[1].size <= LARGEST_REMEMBERED:
            while len(self._made) >= MOST_REMEMBERED:
                del self._made[next(iter(self._made))]
            self._made[key] = made
        return made

    def _patterns(self, v: int, sources: Sequence[Matrix], owners: int) -> tuple[Integers, Matrix]:
        block = self.constants(v)
        if not sources:
            patterns, defined = activated(self._view.neurons[v], block)
            kept = patterns[defined]
            kept = kept[first_of_each(*row_keys(kept))]
            return np.repeat(np.arange(owners), len(kept)), np.tile(kept, (owners, 1))
        growth = len(block)
        for edge in self._view.neurons[v].edges:
            growth = min(MOST_GROWTH, growth * len(edge.factors))
        size = max(1, MOST_NUMBERS // (growth * max(1, block.shape[1])))
        found = [
            self._chunk(v, block, [source[first : first + size] for source in sources], first)
            for first in range(0, max(1, owners), size)
        ]
        if len(found) == 1:
            return found[0]
        return np.concatenate([owner for owner, _ in found]), np.concatenate([rows for _, rows in found])

    def _chunk(self, v: int, block: Matrix, sources: Sequence[Matrix], offset: int) -> tuple[Integers, Matrix]:
        neuron = self._view.neurons[v]
        owners = len(sources[0])
        owner = np.repeat(np.arange(owners), len(block))
        first = Sums(np.tile(block, (owners, 1)), owner, owner, owner)
        choices = edge_choices(neuron, sources)
        last = add_pieces(first, owners, choices, any_pattern(neuron), self._effort, neuron.name)[-1]
        patterns, defined = activated(neuron, last.sums)
        patterns, owner = patterns[defined], last.owner[defined]
        kept = first_of_each(*row_keys(patterns, owner, owners))
        return owner[kept] + offset, patterns[kept]
