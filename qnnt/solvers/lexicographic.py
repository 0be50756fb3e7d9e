"""First the loss, then the number of non-zero weights: two searches, one result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from qnnt.encoders.sparsity import certain_nonzeros
from qnnt.instance import Objective, Parameters
from qnnt.result import Result, Status, nonzero_weights
from qnnt.solvers.questions import LossQuestion, SparsityQuestion


def then_sparsest(
    loss: LossQuestion,
    first: Result,
    solver: str,
    search: Callable[[SparsityQuestion, Parameters], Result],
) -> Result:
    """The answer about the loss, then of all such answers one with the fewest non-zero weights.

    Parameters
    ----------
    loss
        The first question; its bound, or its optimum, is what the loss is held to in the second.
    first
        Its answer. Where there is none, or it is no, nothing more is asked.
    solver
        Who counts; for the options in the result.
    search
        Asks it, starting from the solution.
    """
    first = dataclasses.replace(first, options={**first.options, "sparsify": solver})
    if first.solution is None or first.status in (Status.NO, Status.INFEASIBLE):
        return first
    limit = first.loss if loss.asks is Objective.MINIMIZE else loss.instance.bound
    if not first.status.answered or limit is None:
        return dataclasses.replace(
            first,
            nonzero_weights=nonzero_weights(first.solution.parameters),
            nonzero_lower_bound=certain_nonzeros(loss.original),
            note=f"{first.note}: non-zero weights were not minimised",
        )
    return _joined(first, search(SparsityQuestion(loss.original, limit), first.solution.parameters))


def _joined(first: Result, second: Result) -> Result:
    """What the first search says of the loss, with the solution of the second and what that says of its weights."""
    note = ""
    if not second.answered:
        note = f"{second.note}: the loss is settled, but fewer non-zero weights are not excluded"
    both = {name: first.seconds[name] + second.seconds[name] for name in ("total", "cpu")}
    return dataclasses.replace(
        first,
        loss=second.loss,
        solution=second.solution,
        accuracy=second.accuracy,
        found_by=first.found_by if first.found_by is None or second.solution == first.solution else second.solver,
        nonzero_weights=second.nonzero_weights,
        nonzero_lower_bound=second.nonzero_lower_bound,
        seconds={**first.seconds, "sparsify": second.seconds["total"], **both},
        model={**first.model, "sparsify": dict(second.model)},
        versions={**first.versions, **second.versions},
        note=note or first.note,
        nonzero_numerical=second.numerical,
    )
