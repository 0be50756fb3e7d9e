"""Solver: counterexample-guided sampling. Few of many samples are encoded, all are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qnnt.encoders.batches import BatchedClauses, first_batch
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.steps import Simplified
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised, Report
from qnnt.solvers.engines import Engine, PySatEngine
from qnnt.solvers.news import news_from
from qnnt.solvers.prepared_once import PreparedOnce
from qnnt.solvers.sample_growth import Growth
from qnnt.solvers.sample_losses import SampleLosses, never_negative
from qnnt.solvers.sampled_search import SampledSearch

ENGINE = "cadical195"
FIRST_TURN = 2_000
"""Conflicts that each question of the first turn may take; turns that leave some open double them."""
MANY = 100
"""Distinct inputs from which on sampling pays."""


def pays(instance: Instance) -> bool:
    """Whether sampling is likely to be worth more than one encoding of all samples.

    Cheap: distinct inputs are counted, nothing is built. What was measured: docs/algorithms.md.
    """
    return never_negative(instance) and len(set(instance.dataset.x)) >= MANY


class Sampling:
    """SAT on a growing part of the samples; each solution is judged on all, and what it gets wrong is taken in.

    Parameters
    ----------
    growth
        How many samples are taken in, and when.
    """

    def __init__(self, growth: Growth | None = None) -> None:
        self._growth = growth or Growth()
        self._prepared = PreparedOnce(self._prepare)

    def _prepare(self, instance: Instance) -> _Ready:
        simplified = simplify(instance)
        losses = SampleLosses(simplified.instance)
        first = self._growth.first(len(losses))
        return _Ready(simplified, losses, first, first_batch(simplified.instance, losses.samples_at(first)))

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        if not never_negative(instance):
            return "losses could be negative: what some samples cost says nothing of all then"
        try:
            self._prepared(instance)
        except UnsupportedError as error:
            return str(error)
        return None

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        ready = self._prepared(instance)
        return {"inputs": len(ready.losses), "inputs_at_first": len(ready.first), "pays": pays(instance)}

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        engine = PySatEngine(ENGINE, limits.seed)
        try:
            run = _Run(self._prepared(instance), instance, objective, engine, self._growth, limits.seed, report)
            return run.answer(hint)
        finally:
            engine.close()


@dataclass(frozen=True)
class _Ready:
    """What there is before a search: all samples, and the clauses of the first ones."""

    simplified: Simplified
    losses: SampleLosses
    first: tuple[int, ...]
    clauses: BatchedClauses


class _Run:
    """Between a search, which speaks of a simplified instance and of excesses, and who listens."""

    def __init__(
        self,
        ready: _Ready,
        instance: Instance,
        objective: Objective,
        engine: Engine,
        growth: Growth,
        seed: int,
        report: Report,
    ) -> None:
        self._ready, self._objective, self._engine, self._report = ready, objective, engine, report
        self._certain = sum(ready.losses.certain)
        self._told: Parameters | None = None
        self._turns = 0
        deciding = objective is Objective.DECIDE
        if deciding and instance.bound is None:
            raise ValueError("deciding needs a bound")
        enough = instance.bound - self._certain if deciding and instance.bound is not None else None
        report(Encoded({"inputs": len(ready.losses), "cnf": ready.clauses.cnf.sizes}))
        if self._certain:
            report(Raised(self._certain))
        self._search = SampledSearch(
            ready.losses, ready.clauses, ready.first, engine, growth, seed, enough, self._tell, self._raise
        )

    def answer(self, hint: Parameters | None) -> Answer:
        """Turn after turn, until all is settled."""
        if hint is not None:
            self._search.learn(self._ready.simplified.project(hint))
        conflicts = FIRST_TURN
        self._hear()
        while not self._search.settled:
            try:
                closed = self._search.turn(conflicts)
            except UnsupportedError as error:  # samples that were not looked at before
                status = Status.UNKNOWN if self._search.best is None else Status.FEASIBLE
                return Answer(status, self._lower, self._statistics, reason=str(error))
            if not closed:
                conflicts *= 2
            self._turns += 1
            self._hear()
        return self._final()

    def _final(self) -> Answer:
        """Nothing is left to be found or proved."""
        search, deciding = self._search, self._objective is Objective.DECIDE
        if not search.answered:
            return Answer(Status.NO if deciding else Status.INFEASIBLE, None, self._statistics)
        if search.best is not None and search.best is not self._told:
            self._tell(search.best)  # it is not from here
        if deciding:
            return Answer(Status.YES, None, self._statistics)
        return Answer(Status.OPTIMAL, self._lower, self._statistics)

    def _hear(self) -> None:
        """Take what others found and proved."""
        news = news_from(self._report)
        known = self._search.least
        better = news.loss is not None and (known is None or news.loss < known + self._certain)
        if better and news.parameters is not None:
            self._search.learn(self._ready.simplified.project(news.parameters))
        self._search.raise_lower(news.lower_bound - self._certain)

    def _tell(self, parameters: Parameters) -> None:
        self._told = parameters
        self._report(Found(self._ready.simplified.restore(parameters)))

    def _raise(self, excess: Number) -> None:
        if self._objective is Objective.MINIMIZE:
            self._report(Raised(excess + self._certain))

    @property
    def _lower(self) -> Number:
        return self._search.lower + self._certain

    @property
    def _statistics(self) -> Mapping[str, Any]:
        return {**self._engine.statistics, "turns": self._turns, "inputs_taken_in": self._search.taken_in}
