"""Runs of the pattern search that the tests compare."""

from __future__ import annotations

from fractions import Fraction

from qnnt.algorithms.output_costs import output_costs
from qnnt.algorithms.patterns.search import PatternSearch, Solved
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.algorithms.states.witness import parameters_of
from qnnt.array_evaluation import judge
from qnnt.exact import Number, reduced
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify

ANY = 2**59


def smallest_loss(instance: Instance, explorer: str, threads: int = 1, limit: Number | None = None) -> Number | None:
    """The optimum up to a limit by the pattern search, its witness judged; None if there is none."""
    simplified = simplify(instance)
    if not len(simplified.instance.dataset):
        return 0 if limit is None or limit >= 0 else None
    view = integer_view(simplified.instance)
    costs = output_costs(view)
    search = PatternSearch(view, costs, Effort(10**7), explorer)
    heard: list[Solved] = []
    within = ANY if limit is None else int(limit * costs.denominator // 1)
    best = search.best_within(within, threads, heard.append)
    if best is None:
        assert not heard
        return None
    assert [solved.loss for solved in heard] == sorted({solved.loss for solved in heard}, reverse=True)
    assert heard[-1].loss == best.loss
    parameters = simplified.restore(parameters_of(view, best.patterns))
    loss = reduced(Fraction(best.loss, costs.denominator))
    assert judge(instance, parameters) == loss
    return loss
