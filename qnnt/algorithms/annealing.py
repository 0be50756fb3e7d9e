"""Good parameters for any network and loss by simulated annealing; nothing is proved.

The temperature falls geometrically, again and again, between two marks taken from the rises of the loss
that single changes cause near a local minimum.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from qnnt.algorithms.annealing_tables import largest_loss
from qnnt.algorithms.annealing_walk import Annealer
from qnnt.algorithms.output_costs import OutputCosts
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.exact import Number, reduced
from qnnt.instance import Parameters

SLICE = 0.05
"""Seconds between calls back, roughly."""
SHORTEST_RUN = 1000
"""Moves of the first run: how long a move takes is not known yet."""
PROBES, SETTLING, RETURNING = 200, 20, 16
"""Changes whose rises set the temperatures; moves without rises before, per neighbour, and after each."""
MOVES_PER_NEIGHBOUR = 300
"""Of the shortest descent, for each neighbour of a setting."""
LEAST_MOVES = 10_000
"""Of the shortest descent."""


@dataclass(frozen=True)
class Annealed:
    """What annealing found.

    Attributes
    ----------
    parameters
        Of the view's instance; no activation is undefined for them, nor is the loss.
    loss
        As the tables of costs have it.
    moves
        Moves tried until they were reported.
    """

    parameters: Parameters
    loss: Number
    moves: int


class Begin(Enum):
    """Where a descent begins."""

    HERE = auto()
    """Where the one before ended."""
    BEST = auto()
    """At the best setting so far."""
    ANYWHERE = auto()
    """At a random setting."""


@dataclass(frozen=True)
class Descent:
    """A temperature that falls geometrically, from `hot` to `cold`: in usual rises of the loss."""

    begin: Begin
    hot: float
    cold: float


DESCENTS = (Descent(Begin.HERE, 0.2, 0.07), Descent(Begin.BEST, 0.2, 0.07), Descent(Begin.ANYWHERE, 0.4, 0.1))
"""By turns. Networks that can meet all labels like it cool, those that cannot like it hot."""


def anneal(
    view: IntegerView,
    costs: OutputCosts,
    *,
    moves: int,
    seed: int,
    enough: int = 0,
    start: Parameters | None = None,
    on_better: Callable[[Annealed], None] | None = None,
    keep_going: Callable[[], bool] | None = None,
) -> Annealed | None:
    """The best parameters met; None if some activation or the loss was undefined for all.

    Without `keep_going` equal calls give equal results.

    Parameters
    ----------
    view
        Of an instance in general form.
    costs
        The tables of the loss of this view.
    moves
        Changes of one parameter that are tried at most.
    enough
        A numerator of the loss, over the denominator of the costs: found, the search ends.
    start
        Parameters to start from, instead of random ones.
    on_better, keep_going
        Called every `SLICE` seconds or so: the first if the loss fell, the second to ask whether to go on.

    Raises
    ------
    UnsupportedError
        If the instance is too large, or its numbers could overflow.
    CertificateError
        If a value of `start` is missing or outside its set.
    """
    annealer = Annealer(view, costs, seed)
    if start is not None:
        annealer.move_to(start)
    told: int | None = None
    for _ in _progress(_Pace(annealer, moves, max(enough, _certain(view, costs)))):
        if annealer.best != told and on_better is not None:
            told = annealer.best
            on_better(_annealed(annealer, costs))
        if keep_going is not None and not keep_going():
            break
    return None if annealer.best is None else _annealed(annealer, costs)


def _annealed(annealer: Annealer, costs: OutputCosts) -> Annealed:
    """The best so far; there must be one."""
    parameters, best = annealer.best_parameters(), annealer.best
    if parameters is None or best is None:
        raise ValueError("nothing admissible was found")
    return Annealed(parameters, reduced(Fraction(best, costs.denominator)), annealer.moves)


def _certain(view: IntegerView, costs: OutputCosts) -> int:
    """A loss that cannot be undercut, as a numerator."""
    return min(costs.least, largest_loss(costs)) if view.inputs else 0


class _Pace:
    """Runs of about `SLICE` seconds. Where a walk is cut into runs changes nothing in it."""

    def __init__(self, annealer: Annealer, moves: int, enough: int) -> None:
        self.annealer = annealer
        self._most, self._enough = moves, enough
        self._length = SHORTEST_RUN

    @property
    def done(self) -> bool:
        """Whether all moves are spent, or the loss is small enough, or there is nothing to choose."""
        best = self.annealer.best
        return self.left <= 0 or not self.annealer.neighbours or (best is not None and best <= self._enough)

    @property
    def left(self) -> int:
        """Moves that may still be made."""
        return self._most - self.annealer.moves

    def run(self, moves: int, temperature: float, cooling: float = 1.0) -> Iterator[None]:
        """So many moves, unless it is done before; comes back after each run."""
        last = self.annealer.moves + min(moves, self.left)
        while self.annealer.moves < last and not self.done:
            start = time.monotonic()
            asked = min(self._length, last - self.annealer.moves)
            self.annealer.run(asked, temperature, cooling, self._enough)
            temperature = self.annealer.temperature
            elapsed = max(time.monotonic() - start, 1e-9)
            if asked == self._length or elapsed > SLICE:
                self._length = max(1, int(self._length * min(4.0, max(0.25, SLICE / elapsed))))
            yield


def _progress(pace: _Pace) -> Iterator[None]:
    """Descent after descent of various lengths; comes back about every `SLICE` seconds."""
    annealer = pace.annealer
    yield
    usual = yield from _usual_rise(pace)
    shortest = max(LEAST_MOVES, MOVES_PER_NEIGHBOUR * annealer.neighbours)
    for number, descent in enumerate(itertools.cycle(DESCENTS)):
        if pace.done:
            return
        if descent.begin is Begin.BEST:
            annealer.return_to_best()
        elif descent.begin is Begin.ANYWHERE:
            annealer.scatter()
        hot, cold, moves = descent.hot * usual, descent.cold * usual, shortest * _luby(number + 1)
        if annealer.best is None or (annealer.partial and descent.begin is Begin.ANYWHERE):
            hot = max(hot, annealer.price)  # so that it falls through the price of undefined entries first
        yield from pace.run(moves, hot, (cold / hot) ** (1 / moves))


def _usual_rise(pace: _Pace) -> Generator[None, None, float]:
    """What the loss rises by at a change near a local minimum; 1 if it never does.

    The mean of all rises but the largest quarter; changes that leave more undefined entries do not count.
    """
    annealer = pace.annealer
    rises: list[int] = []
    yield from pace.run(SETTLING * annealer.neighbours, 0.0)
    for _ in range(PROBES):
        loss, undefined = annealer.loss, annealer.undefined
        yield from pace.run(1, math.inf)
        if annealer.loss > loss and annealer.undefined <= undefined:
            rises.append(annealer.loss - loss)
        yield from pace.run(RETURNING, 0.0)
    usual = sorted(rises)[: len(rises) - len(rises) // 4]
    return sum(usual) / len(usual) if usual else 1.0


def _luby(number: int) -> int:
    """1, 1, 2, 1, 1, 2, 4, ...: Luby, Sinclair, Zuckerman, "Optimal Speedup of Las Vegas Algorithms", 1993."""
    whole = number.bit_length()
    if number == 2**whole - 1:
        return 1 << (whole - 1)
    return _luby(number - 2 ** (whole - 1) + 1)
