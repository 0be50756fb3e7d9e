"""From what is known at the end of a search to its `Result`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qnnt.array_evaluation import judge
from qnnt.errors import BudgetError
from qnnt.exact import to_json_number
from qnnt.files.instances import sha256_of
from qnnt.instance import Instance, Objective, Parameters
from qnnt.losses import Mismatch
from qnnt.result import Ending, Result, Solution, Status
from qnnt.solvers.backends import Encoded
from qnnt.solvers.contestant import Contestant, Exit
from qnnt.solvers.knowledge import Knowledge
from qnnt.solvers.versions import versions_behind

_WORDS = {
    Ending.ANSWERED: "{}",
    Ending.TIME: "time limit reached",
    Ending.MEMORY: "memory limit reached",
    Ending.INTERRUPTED: "interrupted",
    Ending.GAVE_UP: "{}",
    Ending.CRASHED: "crashed: {}",
}
"""Notes on results, with what the solver says."""


@dataclass(frozen=True)
class Outcome:
    """How a search ended.

    Attributes
    ----------
    last
        The end of the solver that brought it; None where a limit did.
    """

    status: Status
    last: Exit | None = None
    ending: Ending = Ending.ANSWERED
    note: str = ""


def result_of(
    knowledge: Knowledge,
    shown: Contestant,
    all_of_them: Sequence[Contestant],
    outcome: Outcome,
    options: Mapping[str, Any],
    sizes: Mapping[str, Any] | None = None,
) -> Result:
    """The result of a search.

    Parameters
    ----------
    shown
        The solver whose encoding and statistics the result tells.
    all_of_them
        Those that worked: their processor time counts.
    options
        What determined the search, besides the question.
    sizes
        What to tell besides of the work.
    """
    asked, original = knowledge.question.asks, knowledge.question.original
    bound = knowledge.question.instance.bound
    usages = [solver.usage() for solver in all_of_them]
    seconds, encoded = knowledge.seconds, shown.encoded or Encoded({})
    status, last = outcome.status, outcome.last
    statistics = {} if last is None else last.statistics
    peak = max((usage.peak_memory for usage in usages), default=0)
    return Result(
        **knowledge.question.fields(knowledge.best, knowledge.value, knowledge.lower, status),
        status=status,
        objective=asked,
        instance_sha256=sha256_of(original),
        solver=shown.chosen.name,
        encoding=shown.chosen.encoding,
        solution=None if knowledge.best is None else Solution(original, knowledge.best),
        accuracy=None if knowledge.best is None else accuracy(original, knowledge.best),
        options={
            "objective": str(asked),
            "bound": None if bound is None else to_json_number(bound),
            **options,
        },
        seconds={
            "encode": encoded.seconds,
            "solve": seconds - encoded.seconds,
            "total": seconds,
            "cpu": sum(usage.cpu_seconds for usage in usages),
            "encode_cpu": encoded.cpu_seconds,
        },
        model={**encoded.sizes, **statistics, **(sizes or {}), "peak_memory_mb": peak >> 20},
        versions={name: each for solver in all_of_them for name, each in versions_behind(solver.chosen).items()},
        incumbents=tuple(knowledge.incumbents),
        note=_WORDS[outcome.ending].format(outcome.note),
        numerical=(last is not None and last.numerical)
        or (asked is Objective.MINIMIZE and knowledge.lower > knowledge.exact_lower),
        ending=Ending.ANSWERED if status.answered and outcome.ending is not Ending.CRASHED else outcome.ending,
    )


def accuracy(instance: Instance, parameters: Parameters) -> float | None:
    """The fraction of the samples' weight whose unmasked outputs equal their labels.

    None without samples, and where outputs are too large to tell.
    """
    total = instance.dataset.total_weight
    if not total:
        return None
    try:
        wrong = judge(instance.derive(loss=Mismatch()), parameters)
    except BudgetError:
        return None
    return float(1 - wrong / total)
