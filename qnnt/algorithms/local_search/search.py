"""Local search by rounds: teams of walks take turns, on the loss and on its soft form, and start anew when stuck.

A round is a fixed amount of work, that follows from the instance's size: without a look at the clock, equal seeds
do the same, whatever the number of threads that the teams of a round share.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from qnnt.algorithms.local_search.arrays import Arrays, arrays_of
from qnnt.algorithms.local_search.choices import choices_of, parameters_of
from qnnt.algorithms.local_search.energies import Slope
from qnnt.algorithms.local_search.kernel import Integers
from qnnt.algorithms.local_search.plain import PlainSearch
from qnnt.algorithms.local_search.tempering import RUNGS, Tempering
from qnnt.algorithms.output_costs import OutputCosts
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.exact import Number, reduced
from qnnt.instance import Parameters

PATIENCE = 300
"""Moves per neighbour of a setting and per walk, without a better loss, before the shortest restart."""
WORK = 4e8
"""Of a round, in units of `_work_per_move`: a tenth of a second or two."""
PLAIN_WORK = 4e6
"""The same for `UncompiledSearch`, whose moves take longer."""
FIRST = 16
"""The first round is shorter so many times; each next one is twice as long, up to the whole."""


@dataclass(frozen=True)
class Reached:
    """The best so far.

    Attributes
    ----------
    parameters
        Of the view's instance; no activation is undefined for them, nor is the loss.
    loss
        As the tables of costs have it.
    moves
        Moves tried until then.
    """

    parameters: Parameters
    loss: Number
    moves: int


class Searching(Protocol):
    """A search that is told to go on, round by round.

    Attributes
    ----------
    best
        The least loss so far, as a numerator over the denominator of the costs; None if the loss was undefined, or
        some activation, wherever it looked.
    moves
        Moves tried so far.
    restarts
        Fresh starts since the best loss fell.
    """

    best: int | None
    restarts: int

    @property
    def moves(self) -> int: ...

    def start_from(self, parameters: Parameters) -> None:
        """Go on from parameters of the view's instance, somewhere.

        Raises
        ------
        CertificateError
            If a value is missing or outside its set.
        """
        ...

    def round(self, most: int, enough: int) -> None:
        """Go on for a while: about so many moves at most; less, once the loss is `enough` or less."""
        ...

    def reached(self) -> Reached | None:
        """The best so far, with its parameters."""
        ...


class LocalSearch:
    """Teams of walks, compiled; see `Searching`.

    Parameters
    ----------
    chains
        Pairs of teams that work side by side, each in a thread of its own.
    """

    def __init__(self, arrays: Arrays, seed: int, chains: int = 1) -> None:
        self._arrays = arrays
        rng = random.Random(seed)
        self._chains = [_Chain(arrays, rng.randrange(2**63)) for _ in range(chains)]
        self.best: int | None = None
        self._best_choices: Integers | None = None
        self.restarts = 0
        self._round = WORK / _work_per_move(arrays)
        self._length = self._round / FIRST
        self._gather()

    @property
    def moves(self) -> int:
        return sum(team.moves for chain in self._chains for team in chain.teams)

    def start_from(self, parameters: Parameters) -> None:
        choices = choices_of(self._arrays.view, parameters)
        for chain in self._chains:
            chain.adopt(choices)
        self._gather()

    def round(self, most: int, enough: int) -> None:
        length = max(RUNGS, min(int(self._length), most))
        self._length = min(2 * self._length, self._round)
        if len(self._chains) == 1:
            self._chains[0].advance(length, enough)
        else:
            with ThreadPoolExecutor(len(self._chains)) as pool:
                list(pool.map(lambda chain: chain.advance(length, enough), self._chains))
        self._gather()

    def reached(self) -> Reached | None:
        return _reached(self._arrays, self.best, self._best_choices, self.moves)

    def _gather(self) -> None:
        teams = [team for chain in self._chains for team in chain.teams if team.best is not None]
        team = min(teams, key=lambda one: one.best or 0, default=None)
        if team is not None and team.best is not None and (self.best is None or team.best < self.best):
            self.best, self._best_choices = team.best, team.best_choices
            for chain in self._chains:
                chain.restarts = 0
        self.restarts = sum(chain.restarts for chain in self._chains)


class UncompiledSearch:
    """Descents in NumPy, until there is machine code; see `Searching`."""

    def __init__(self, arrays: Arrays, seed: int) -> None:
        self._arrays = arrays
        self._plain = PlainSearch(arrays, seed)
        self.best = self._plain.best
        self.restarts = 0

    @property
    def moves(self) -> int:
        return self._plain.moves

    def start_from(self, parameters: Parameters) -> None:
        self._plain.start_from(choices_of(self._arrays.view, parameters))
        self.best = self._plain.best

    def round(self, most: int, enough: int) -> None:
        steps = int(PLAIN_WORK / _work_per_move(self._arrays) / (1 + self._arrays.neighbours / len(self._arrays.spans)))
        self._plain.advance(max(1, min(most, steps)), enough)
        self.best = self._plain.best

    def reached(self) -> Reached | None:
        return _reached(self._arrays, self.best, self._plain.best_choices, self.moves)


def _reached(arrays: Arrays, best: int | None, choices: Integers | None, moves: int) -> Reached | None:
    if best is None or choices is None:
        return None
    return Reached(parameters_of(arrays.view, choices), reduced(Fraction(best, arrays.costs.denominator)), moves)


class _Chain:
    """A team on the soft form of the loss, and one on the loss; the better one gets most of the turns."""

    def __init__(self, arrays: Arrays, seed: int) -> None:
        rng = random.Random(seed)
        self.teams = [Tempering(arrays, slope, rng.randrange(2**63)) for slope in (Slope.SOFT, Slope.STEEP)]
        self.restarts = 0
        self._turn = 0
        self._patience = PATIENCE * arrays.neighbours * RUNGS
        self._begun = [0] * len(self.teams)
        self._starts = [1] * len(self.teams)
        self._levels: list[int | None] = [None] * len(self.teams)

    def advance(self, moves: int, enough: int) -> None:
        self._turn += 1
        k = self._chosen()
        team = self.teams[k]
        team.advance(moves, enough)
        if team.lately != self._levels[k]:
            self._levels[k], self._begun[k] = team.lately, team.moves
        elif team.moves - self._begun[k] > self._patience * luby(self._starts[k]):
            self._starts[k] += 1
            self.restarts += 1
            team.restart()
            self._levels[k], self._begun[k] = team.lately, team.moves

    def adopt(self, choices: Integers) -> None:
        for team in self.teams:
            team.adopt(choices)

    def _chosen(self) -> int:
        """By turns; three of four turns are the better one's."""
        other = self._turn % len(self.teams)
        bests = [team.best for team in self.teams]
        if bests[0] == bests[1] or self._turn % 4 == 0:
            return (self._turn // 4 + other) % len(self.teams)
        if bests[0] is None or bests[1] is None:
            return int(bests[0] is None)
        return int(bests[1] < bests[0])


def _work_per_move(arrays: Arrays) -> float:
    """About a fifth of a nanosecond."""
    fixed = arrays.fixed
    rows = 8 + 2 * len(fixed.outputs) + len(fixed.neurons) / 4
    return float(300 + rows * fixed.rows.shape[1])


def luby(number: int) -> int:
    """1, 1, 2, 1, 1, 2, 4, ...: Luby, Sinclair, Zuckerman, "Optimal Speedup of Las Vegas Algorithms", 1993."""
    whole = number.bit_length()
    if number == 2**whole - 1:
        return 1 << (whole - 1)
    return luby(number - 2 ** (whole - 1) + 1)


def certain_loss(arrays: Arrays) -> int:
    """A loss that cannot be undercut, as a numerator; where all labels leave something undefined, the largest."""
    return min(arrays.costs.least, arrays.largest_loss) if arrays.view.inputs else 0


def improve(
    view: IntegerView,
    costs: OutputCosts,
    *,
    moves: int,
    seed: int,
    enough: int = 0,
    start: Parameters | None = None,
    on_better: Callable[[Reached], None] | None = None,
) -> Reached | None:
    """The best parameters met; None if some activation or the loss was undefined for all. Equal calls are equal.

    Parameters
    ----------
    view
        Of an instance in general form.
    costs
        The tables of the loss of this view.
    moves
        Moves that are tried at most.
    enough
        A numerator of the loss, over the denominator of the costs: found, the search ends.
    start
        Parameters to start from, besides random ones.
    on_better
        Called after each round in which the loss fell.

    Raises
    ------
    UnsupportedError
        If the instance is too large, or its numbers could overflow.
    CertificateError
        If a value of `start` is missing or outside its set.
    """
    arrays = arrays_of(view, costs)
    search = LocalSearch(arrays, seed)
    enough = max(enough, certain_loss(arrays))
    if start is not None:
        search.start_from(start)
    told: int | None = None
    while True:
        if search.best != told and on_better is not None:
            told = search.best
            reached = search.reached()
            if reached is not None:
                on_better(reached)
        done = search.best is not None and search.best <= enough
        if done or moves - search.moves < RUNGS or not arrays.neighbours:
            return search.reached()
        search.round(moves - search.moves, enough)
