"""Adapter: local search as a solver. It proves nothing, but where the loss is certain to be as small as can be."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from qnnt.algorithms.local_search.arrays import Arrays, arrays_of
from qnnt.algorithms.local_search.rehearsal import kernels_of
from qnnt.algorithms.local_search.search import LocalSearch as CompiledSearch
from qnnt.algorithms.local_search.search import Searching, UncompiledSearch, certain_loss
from qnnt.algorithms.output_costs import output_costs
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.compilation import (
    being_compiled,
    compile_in_background,
    machine_code_ready,
    rehearse,
    wait_for_machine_code,
)
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.steps import Simplified
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised, Report
from qnnt.solvers.names import LOCAL_SEARCH_STARTS
from qnnt.solvers.news import news_from
from qnnt.solvers.prepared_once import PreparedOnce
from qnnt.solvers.state_programs import without_samples

RESTARTS = 200
"""Fresh starts without a better solution after which it gives up, for each thread."""
TIMES_OVER = 50
"""It also gives up after so many moves for each setting there is, where settings are few."""
MOST_MOVES = 2**62
"""No limit."""
BETWEEN_REPORTS = 0.05
"""Seconds between two solutions that are reported, unless it ends."""


@dataclass(frozen=True)
class Ready:
    """An instance simplified and in integers."""

    instance: Instance
    simplified: Simplified
    arrays: Arrays


class LocalSearch:
    """Walks at several temperatures, from many starts; all threads.

    Parameters
    ----------
    start
        ``at-once``: without machine code at first, if none is there. ``compiled``: once it is there; equal seeds do
        the same then, which they do not where the clock decides when the compiled search takes over.
    """

    def __init__(self, start: str = LOCAL_SEARCH_STARTS[0]) -> None:
        self._start = start
        self._ready = PreparedOnce(_prepared)

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        try:
            self._ready(instance)
        except UnsupportedError as error:
            return str(error)
        return None

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        """The size of what it searches, for an instance that it takes."""
        ready = self._ready(instance)
        return {} if ready is None else _sizes(ready)

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        begun = time.monotonic()
        ready = self._ready(instance)
        if ready is None:
            return without_samples(instance, objective, report)
        kernels = kernels_of(ready.arrays)
        at_once = self._start == "at-once"
        if not at_once:
            wait_for_machine_code(kernels)
        waiting = at_once and not machine_code_ready(kernels) and compile_in_background(kernels)
        compiled_here = not waiting and _compile_here(kernels)
        report(Encoded({**_sizes(ready), **({"compiled_here": True} if compiled_here else {})}))
        return _Run(ready, objective, hint, limits, report, begun, waiting).answer()


def _compile_here(kernels: tuple[str, ...]) -> bool:
    """Compile what is not on disk, and nobody compiles; whether there was anything."""
    if machine_code_ready(kernels):
        return False
    rehearse(kernels)
    return True


def _prepared(instance: Instance) -> Ready | None:
    """The tables for an instance; None without samples, when there is nothing to search for.

    Raises
    ------
    UnsupportedError
        If it cannot take the instance; says why.
    """
    simplified = simplify(instance)
    if not len(simplified.instance.dataset):
        return None
    view = integer_view(simplified.instance)
    return Ready(instance, simplified, arrays_of(view, output_costs(view)))


def _sizes(ready: Ready) -> dict[str, Any]:
    return {"settings_log2": round(ready.arrays.view.log2_settings, 1), "inputs": len(ready.arrays.view.inputs)}


class _Run:
    """One question to a search; losses are numerators over the denominator of the costs."""

    def __init__(
        self,
        ready: Ready,
        objective: Objective,
        hint: Parameters | None,
        limits: Limits,
        report: Report,
        begun: float,
        waiting: bool,
    ) -> None:
        self._ready, self._objective, self._limits, self._report, self._begun = ready, objective, limits, report, begun
        self._denominator = ready.arrays.costs.denominator
        self._certain = self._lower = certain_loss(ready.arrays)
        self._found: int | None = None
        self._told = -math.inf
        self._moves_before = 0
        self._kernels = kernels_of(ready.arrays)
        self._waiting = waiting
        self._search: Searching = (
            UncompiledSearch(ready.arrays, limits.seed) if self._waiting else self._compiled_search()
        )
        bound = ready.instance.bound if objective is Objective.DECIDE else None
        self._wanted = None if bound is None else int(bound * self._denominator // 1)
        if hint is not None:
            self._search.start_from(ready.simplified.project(hint))

    def answer(self) -> Answer:
        """Search until the answer is certain, or further search is not worth while."""
        if self._objective is Objective.MINIMIZE:
            self._report(Raised(self._number(self._certain)))
        while True:
            answer = self._certain_answer() or self._reason_to_end()
            if answer is not None:
                return answer
            self._tell()
            self._use_machine_code()
            self._search.round(MOST_MOVES, self._enough)
            self._hear()

    def _compiled_search(self) -> Searching:
        return CompiledSearch(self._ready.arrays, self._limits.seed, self._limits.threads)

    def _use_machine_code(self) -> None:
        """Hand over to the compiled search once there is machine code, or nobody makes it any more."""
        if self._waiting and (machine_code_ready(self._kernels) or not being_compiled()):
            _compile_here(self._kernels)
            reached, self._waiting = self._search.reached(), False
            self._moves_before = self._search.moves
            self._search = self._compiled_search()
            if reached is not None:
                self._search.start_from(reached.parameters)

    @property
    def _enough(self) -> int:
        """A loss with which the search is over."""
        return max(self._lower, -1 if self._wanted is None else self._wanted)

    def _certain_answer(self) -> Answer | None:
        """What follows from the best solution, and from what each input costs at least."""
        best = self._search.best
        if self._wanted is not None:
            if best is not None and best <= self._wanted:
                self._tell_last()
                return Answer(Status.YES, None, self._statistics())
            if self._certain > self._wanted:
                return Answer(Status.NO, self._number(self._certain), self._statistics())
        elif best is not None and best <= self._certain:
            self._tell_last()
            return Answer(Status.OPTIMAL, self._number(best), self._statistics())
        return None

    def _reason_to_end(self) -> Answer | None:
        """The best solution, where the search has to end or nothing better is to be expected."""
        search, seconds = self._search, self._limits.seconds
        best = search.best
        if seconds is not None and time.monotonic() - self._begun >= seconds:
            return self._unproved("")
        if self._lower > (MOST_MOVES if best is None else best - 1) or (
            self._wanted is not None and self._lower > self._wanted
        ):
            return self._unproved("a bound from elsewhere leaves nothing to look for")
        if (
            math.log2(max(search.moves, 1) / TIMES_OVER) > self._ready.arrays.view.log2_settings
            or not self._ready.arrays.neighbours
        ):
            return self._unproved("as many moves as would pass all settings many times; local search proves nothing")
        if search.restarts >= RESTARTS * self._limits.threads:
            return self._unproved(f"no better solution in {search.restarts} fresh starts of local search")
        return None

    def _unproved(self, reason: str) -> Answer:
        self._tell_last()
        if self._objective is Objective.DECIDE:
            return Answer(Status.UNKNOWN, None, self._statistics(), reason)
        status = Status.UNKNOWN if self._search.best is None else Status.FEASIBLE
        return Answer(status, self._number(self._certain), self._statistics(), reason)

    def _hear(self) -> None:
        """What others know by now; they learn what is known here, as who comes first must not matter in lockstep."""
        self._tell_last()
        news, best = news_from(self._report), self._search.best
        self._lower = max(self._lower, math.ceil(news.lower_bound * self._denominator))
        if news.parameters is None or news.loss is None:
            return
        if best is None or news.loss * self._denominator < best:
            self._search.start_from(self._ready.simplified.project(news.parameters))

    def _tell(self) -> None:
        """Report the best, if it is news and the last report is a while ago."""
        if time.monotonic() - self._told >= BETWEEN_REPORTS:
            self._tell_last()

    def _tell_last(self) -> None:
        """Report the best, if it is news."""
        reached = self._search.reached()
        if reached is not None and self._search.best != self._found:
            self._report(Found(self._ready.simplified.restore(reached.parameters)))
            self._found, self._told = self._search.best, time.monotonic()

    def _number(self, numerator: int) -> Number:
        return reduced(Fraction(numerator, self._denominator))

    def _statistics(self) -> dict[str, Any]:
        uncompiled = self._search.moves if self._waiting else self._moves_before
        moves = self._search.moves if self._waiting else self._moves_before + self._search.moves
        found = {"moves": moves, "restarts": self._search.restarts}
        return {**found, "uncompiled_moves": uncompiled} if uncompiled else found
