"""The same search without machine code: NumPy tries all values of one neuron's parameters at once.

A step takes a neuron and works out what each single change of its parameters would give, at all inputs; then one of
them, or none, is drawn with the probabilities that the temperature gives them (heat bath). Some 10^5 changes are
tried per second: for while the machine code is made.

Geman, Geman, "Stochastic Relaxation, Gibbs Distributions, and the Bayesian Restoration of Images", 1984.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.local_search.arrays import Arrays
from qnnt.algorithms.local_search.energies import RESOLUTION, Slope, energy_of
from qnnt.algorithms.local_search.kernel import (
    COUNT,
    FIRST,
    FIRST_PIECE,
    GROUP,
    LAST_PIECE,
    LETTERS,
    NOWHERE,
    OUTPUT,
    OWNER,
    RUN_COUNT,
    RUNS,
    SOURCE,
    START,
    UNDEFINED_AT,
    VALUES,
    Integers,
)

HOT, COLD = 0.5, 0.1
"""In usual ranges of a cost."""
MOST_AT_ONCE = 1 << 19
"""Changes times distinct inputs that a step looks at; of more changes it draws some."""
NONE = np.iinfo(np.int64).max
"""The loss where something is undefined."""
STEPS = 30
"""Of the first descent, for each neuron with a choice; each next one is a half longer."""


@dataclass(frozen=True)
class _Trial:
    """What follows from several changes: sums and values of neurons, shape (changes, p) each; energies; losses.

    A loss is `NONE` where something is undefined.
    """

    sums: dict[int, Integers]
    values: dict[int, Integers]
    energies: npt.NDArray[np.float64]
    losses: Integers


class PlainSearch:
    """Descents of the soft form of the loss, each from where the last one ended, or from the best.

    Attributes
    ----------
    best, best_choices
        The least loss met so far without undefined entries, as a numerator, and the choices; None before.
    moves
        Changes tried so far.
    """

    def __init__(self, arrays: Arrays, seed: int) -> None:
        self._arrays = arrays
        self._energy = energy_of(arrays, Slope.SOFT)
        self._random = np.random.default_rng(seed)
        fixed = arrays.fixed
        self._inputs = fixed.inputs
        self._owners = np.unique(fixed.pieces[fixed.free, OWNER])
        self._choice = self._random.integers(0, np.maximum(fixed.pieces[:, COUNT], 1))
        self._steps = STEPS * max(1, len(self._owners))
        self._step = 0
        self.best: int | None = None
        self.best_choices: Integers | None = None
        self.moves = 0
        self._reads = [
            [piece for piece in range(*own) if fixed.pieces[piece, SOURCE] != NOWHERE]
            for own in fixed.neurons[:, [FIRST_PIECE, LAST_PIECE]].tolist()
        ]
        self._listed = {int(v): self._settings(int(v)) for v in self._owners}
        self._place()

    def _settings(self, owner: int) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
        """All values of a neuron's parameters: the pieces, the numbers, and whether a piece is constant."""
        fixed = self._arrays.fixed
        own = np.arange(*fixed.neurons[owner, [FIRST_PIECE, LAST_PIECE]])
        counts = fixed.pieces[own, COUNT]
        pieces = np.repeat(own, counts)
        values = np.concatenate([np.arange(count) for count in counts])
        return pieces, values, fixed.pieces[pieces, SOURCE] == NOWHERE

    def start_from(self, choices: Integers) -> None:
        """Go on from a setting."""
        self._choice = choices.copy()
        self._place()

    def advance(self, steps: int, enough: int) -> None:
        """So many steps; fewer once the least loss is `enough` or less."""
        for _ in range(steps if len(self._owners) else 0):
            if self.best is not None and self.best <= enough:
                return
            temperature = RESOLUTION * HOT * (COLD / HOT) ** (self._step / self._steps)
            self._draw(int(self._random.choice(self._owners)), temperature)
            self._step += 1
            if self._step == self._steps:
                self._step, self._steps = 0, self._steps * 3 // 2
                if self.best_choices is not None and self._random.random() < 1 / 2:
                    self.start_from(self.best_choices)

    def _draw(self, owner: int, temperature: float) -> None:
        """Change one parameter of a neuron, or none."""
        pieces, values, growth = self._changes(owner)
        sums = self._sums[owner] + np.concatenate([np.zeros((1, self._inputs), np.int64), growth])
        trial = self._trial(owner, sums)
        self.moves += len(pieces)
        chances = np.exp(-(trial.energies - trial.energies.min()) / temperature).cumsum()
        k = int(np.searchsorted(chances, self._random.random() * chances[-1], side="right"))
        best = int(trial.losses.argmin())
        if trial.losses[best] < (NONE if self.best is None else self.best):
            self.best, self.best_choices = int(trial.losses[best]), self._choice.copy()
            if best:
                self.best_choices[pieces[best - 1]] = values[best - 1]
        if k:
            self._choice[pieces[k - 1]] = values[k - 1]
            for v, rows in trial.sums.items():
                self._sums[v], self._values[v] = rows[k], trial.values[v][k]

    def _changes(self, owner: int) -> tuple[Integers, Integers, Integers]:
        """Each change of one parameter: the piece, the number of its value, and a row that the sums grow by."""
        fixed = self._arrays.fixed
        pieces, values, constant = self._listed[owner]
        tried = self._drawn(np.flatnonzero(values != self._choice[pieces]))
        pieces, values, first = pieces[tried], values[tried], constant[tried]
        second = ~first
        new = fixed.pieces[pieces, FIRST] + values
        now = fixed.pieces[pieces, FIRST] + self._choice[pieces]
        rows = fixed.rows[new[first], : self._inputs].astype(np.int64) - fixed.rows[now[first], : self._inputs]
        factors = fixed.factors[new[second]].astype(np.int64) - fixed.factors[now[second]]
        read = [self._values[source] for source in fixed.pieces[pieces[second], SOURCE].tolist()]
        steps = factors[:, None] * np.array(read, np.int64).reshape(len(read), self._inputs)
        order = np.concatenate([np.flatnonzero(first), np.flatnonzero(second)])
        return pieces[order], values[order], np.concatenate([rows, steps])

    def _drawn(self, changes: Integers) -> Integers:
        """As many of them as there is room for."""
        room = max(1, MOST_AT_ONCE // max(1, self._inputs))
        return changes if len(changes) <= room else np.sort(self._random.choice(changes, room, replace=False))

    def _contribution(self, piece: int) -> Integers:
        """What a piece adds to the sums of its neuron."""
        fixed = self._arrays.fixed
        chosen = fixed.pieces[piece, FIRST] + self._choice[piece]
        source = int(fixed.pieces[piece, SOURCE])
        if source == NOWHERE:
            return fixed.rows[chosen, : self._inputs].astype(np.int64)
        return int(fixed.factors[chosen]) * self._values[source]

    def _place(self) -> None:
        """Sums and values anew, from the choices."""
        fixed = self._arrays.fixed
        self._sums: list[Integers] = []
        self._values: list[Integers] = []
        for v, neuron in enumerate(fixed.neurons.tolist()):
            own = [self._contribution(piece) for piece in range(neuron[FIRST_PIECE], neuron[LAST_PIECE])]
            self._sums.append(np.sum(own, axis=0) + neuron[START])
            self._values.append(self._look_up(v, VALUES, self._sums[v]))
        losses = self._trial(len(self._sums) - 1, self._sums[-1][None]).losses
        if losses[0] < (NONE if self.best is None else self.best):
            self.best, self.best_choices = int(losses[0]), self._choice.copy()

    def _entries(self, v: int, sums: Integers) -> Integers:
        """Where sums are in the tables of a neuron."""
        runs, count = self._arrays.fixed.neurons[v, [RUNS, RUN_COUNT]].tolist()
        if runs == NOWHERE:
            return sums
        return np.searchsorted(self._energy.table[runs : runs + count], sums, side="right") - 1

    def _look_up(self, v: int, kind: int, sums: Integers) -> Integers:
        entries: Integers = self._entries(v, sums) + self._arrays.fixed.neurons[v, kind]
        return self._energy.table[entries].astype(np.int64)

    def _trial(self, owner: int, sums: Integers) -> _Trial:
        """What follows from each of several rows of sums of a neuron."""
        fixed, energy = self._arrays.fixed, self._energy
        trial = {owner: sums}
        values: dict[int, Integers] = {}
        total, undefined = np.zeros(len(sums)), np.zeros(len(sums))
        columns = np.zeros((len(fixed.costs_at), len(sums), self._inputs), np.int64)
        for v, neuron in enumerate(fixed.neurons.tolist()):
            for piece in self._reads[v] if v > owner else ():
                source = int(fixed.pieces[piece, SOURCE])
                if source in values:
                    factor = int(fixed.factors[fixed.pieces[piece, FIRST] + self._choice[piece]])
                    trial[v] = trial.get(v, self._sums[v][None]) + factor * (values[source] - self._values[source])
            now = trial.get(v, self._sums[v][None])
            if v in trial:
                values[v] = self._look_up(v, VALUES, now)
            if neuron[UNDEFINED_AT] != NOWHERE:
                undefined = undefined + self._look_up(v, UNDEFINED_AT, now).sum(axis=1)
            if neuron[OUTPUT] != NOWHERE:
                columns[neuron[GROUP]] += self._look_up(v, LETTERS, now)
                at = energy.at[neuron[OUTPUT], : self._inputs].astype(np.int64)
                total = total + energy.table[at + self._entries(v, now)].sum(axis=1, dtype=np.float64)
        costs = fixed.costs[fixed.costs_at[:, None, : self._inputs].astype(np.int64) + columns]
        none = (costs < 0).any(axis=(0, 2)) | (undefined > 0)
        losses = np.where(none, NONE, np.maximum(costs, 0).sum(axis=(0, 2)))
        return _Trial(trial, values, total + energy.price * undefined, losses)
