"""Adapter: the pattern search as a solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from qnnt.algorithms.local_search.rehearsal import KERNELS
from qnnt.algorithms.local_search.search import Reached, improve
from qnnt.algorithms.output_costs import OutputCosts, output_costs
from qnnt.algorithms.patterns.kernel import CANDIDATES, NODES, SCORED
from qnnt.algorithms.patterns.search import PatternSearch, Solved, Walk
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.algorithms.states.witness import parameters_of
from qnnt.array_evaluation import judge
from qnnt.compilation import wait_for_machine_code
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.steps import Simplified
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised, Report
from qnnt.solvers.prepared_once import PreparedOnce
from qnnt.solvers.state_programs import MOST_STATES, without_samples

REHEARSALS = ("qnnt.solvers.rehearsal:patterns", KERNELS)
"""All machine code that it needs, that of its first local search included; see `qnnt.compilation`."""
MOST_LOG2_NODES = 40.0
"""Logarithm of the nodes above which a search is refused: at a million a second that is days."""
MOST_LOG2_VECTORS = 32.0
"""The same for the functions of outputs that are judged together, taken together, at one node."""
QUICK = 12.0
"""Logarithm of the nodes up to which nothing is gained by a first solution from annealing."""
SHORT = 20.0
"""Logarithm of the nodes up to which the search runs once, with the final limit on the loss."""
MOVES = 300_000
"""Moves of annealing, a tenth of a second; ten times as many for long searches."""
MOST_SUMS = 5_000_000
"""Partial sums of neurons."""
ANNEALING_MOVES, NO_ANNEALING = "annealing_moves", "no_annealing"
"""Among the statistics: moves of annealing that were tried, and why there were none."""


@dataclass(frozen=True)
class Ready:
    """An instance simplified and in integers, with the search for it."""

    instance: Instance
    simplified: Simplified
    view: IntegerView
    costs: OutputCosts
    search: PatternSearch
    walk: Walk


class Patterns:
    """Branch and bound over the patterns of hidden neurons; all threads.

    Parameters
    ----------
    explorer
        How the patterns of last neurons are searched: compiled with bounds, or plain.
    """

    def __init__(self, explorer: str = "compiled") -> None:
        self._explorer = explorer
        self._ready = PreparedOnce(self._prepared)

    def _prepared(self, instance: Instance) -> Ready | None:
        """The search for an instance; None without samples, when there is nothing to search for.

        Raises
        ------
        UnsupportedError, StateLimitError
            If it cannot take the instance; says why.
        """
        simplified = simplify(instance)
        if not len(simplified.instance.dataset):
            return None
        view = integer_view(simplified.instance)
        costs = output_costs(view)
        search = PatternSearch(view, costs, Effort(MOST_STATES, MOST_SUMS), self._explorer)
        return Ready(instance, simplified, view, costs, search, search.walk())

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        try:
            ready = self._ready(instance)
        except (UnsupportedError, StateLimitError) as error:
            return str(error)
        if ready is None:
            return None
        if ready.walk.log2_vectors > MOST_LOG2_VECTORS:
            return (
                f"2^{ready.walk.log2_vectors:.0f} vectors of functions to try at a node, "
                f"room is for 2^{MOST_LOG2_VECTORS:.0f}"
            )
        if ready.walk.log2_nodes <= MOST_LOG2_NODES:
            return None
        return f"2^{ready.walk.log2_nodes:.0f} choices of patterns to walk through, room is for 2^{MOST_LOG2_NODES:.0f}"

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        """The sizes for an instance that it takes."""
        ready = self._ready(instance)
        return {} if ready is None else _sizes(ready)

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        wait_for_machine_code(REHEARSALS)  # if this process is killed while it compiles, all that is lost
        return self.search(instance, objective, hint, limits, report)

    def search(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        """Answer the question; what is not compiled yet is compiled here."""
        ready = self._ready(instance)
        if ready is None:
            return without_samples(instance, objective, report)
        report(Encoded(_sizes(ready)))
        return _Run(ready, objective, hint, limits, report).answer()


def _sizes(ready: Ready) -> dict[str, Any]:
    sizes: dict[str, Any] = {
        "nodes_log2": round(ready.walk.log2_nodes, 1),
        "choices_log2": round(ready.walk.log2_inner + ready.walk.log2_choices, 1),
    }
    built = ready.search.only_problem
    if built is not None:
        sizes["patterns"] = [len(position.patterns) for position in built.problem.positions]
        sizes["functions"] = [len(rows) for group in built.problem.groups for rows in group.functions]
    return sizes


class _Run:
    """One question to a search: what is known so far; losses are numerators."""

    def __init__(
        self, ready: Ready, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> None:
        self._ready, self._objective, self._hint = ready, objective, hint
        self._limits, self._report = limits, report
        self._denominator = ready.costs.denominator
        self._lower = ready.costs.least
        self._upper = ready.search.layer.forbidden - 1
        self._found_any = False
        self._annealing: Mapping[str, Any] = {NO_ANNEALING: "nothing is left between the bounds", ANNEALING_MOVES: 0}
        if objective is Objective.DECIDE and ready.instance.bound is not None:
            self._upper = min(self._upper, int(ready.instance.bound * self._denominator // 1))
        elif hint is not None:
            self._upper = int(judge(ready.instance, hint) * self._denominator) - 1

    def answer(self) -> Answer:
        """Anneal, then search with growing limits until nothing is left between the bounds."""
        self._report(Raised(self._number(self._lower)))
        try:
            if self._open:
                self._annealing = self._anneal()
            step = 0 if self._ready.walk.log2_nodes > SHORT else self._upper
            while self._open:
                limit = min(self._lower + step, self._upper)
                best = self._ready.search.best_within(limit, self._limits.threads, self._solved)
                self._lower = limit + 1 if best is None else best.loss
                if self._lower < self._ready.search.layer.forbidden:
                    self._report(Raised(self._number(self._lower)))
                step = 2 * step + 1
        except StateLimitError as error:
            status = Status.FEASIBLE if self._found_any else Status.UNKNOWN
            return Answer(status, self._number(self._lower), self._statistics(), str(error))
        return self._final()

    @property
    def _open(self) -> bool:
        """Whether there may be a solution that would change the answer."""
        decided = self._objective is Objective.DECIDE and self._found_any
        return self._lower <= self._upper and not decided

    def _anneal(self) -> Mapping[str, Any]:
        """Look for a first solution, where that pays; what to tell about it."""
        bits = self._ready.walk.log2_nodes
        if bits <= QUICK:
            return {NO_ANNEALING: f"about 2^{bits:.0f} nodes: the search is as quick", ANNEALING_MOVES: 0}
        ready = self._ready
        most = MOVES if bits <= SHORT else 10 * MOVES

        def hear(reached: Reached) -> None:
            loss = int(reached.loss * self._denominator)
            if loss <= self._upper:
                self._take(ready.simplified.restore(reached.parameters), loss)

        try:
            reached = improve(
                ready.view,
                ready.costs,
                moves=most,
                seed=self._limits.seed,
                enough=self._upper if self._objective is Objective.DECIDE else self._lower,
                start=None if self._hint is None else ready.simplified.project(self._hint),
                on_better=hear,
            )
        except UnsupportedError as error:  # numbers too large for it: no first solution then
            return {NO_ANNEALING: str(error), ANNEALING_MOVES: 0}
        moves = most if reached is None else reached.moves  # without admissible parameters it never ends sooner
        return {ANNEALING_MOVES: moves} if moves else {NO_ANNEALING: "its start is good enough", ANNEALING_MOVES: 0}

    def _solved(self, solved: Solved) -> None:
        parameters = parameters_of(self._ready.view, solved.patterns)
        self._take(self._ready.simplified.restore(parameters), solved.loss)

    def _take(self, parameters: Parameters, loss: int) -> None:
        self._report(Found(parameters))
        self._found_any, self._upper = True, loss - 1

    def _number(self, numerator: int) -> Number:
        return reduced(Fraction(numerator, self._denominator))

    def _statistics(self) -> dict[str, Any]:
        counters = self._ready.search.counters
        counted = {"tried": int(counters[CANDIDATES]), "scored": int(counters[SCORED])}
        return {
            "nodes": int(counters[NODES]),
            **{name: count for name, count in counted.items() if count},
            **self._annealing,
        }

    def _final(self) -> Answer:
        """Nothing is left to be found."""
        statistics = self._statistics()
        if self._objective is Objective.DECIDE:
            if self._found_any:
                return Answer(Status.YES, None, statistics)
            return Answer(Status.NO, self._number(self._lower), statistics)
        if not self._found_any and self._hint is None:
            return Answer(Status.INFEASIBLE, None, statistics)
        if not self._found_any and self._hint is not None:
            self._report(Found(self._hint))
        return Answer(Status.OPTIMAL, self._number(self._upper + 1), statistics)
