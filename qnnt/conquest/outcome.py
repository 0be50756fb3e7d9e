"""From what is known of all cubes to one `Result`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qnnt.conquest.campaign import Campaign
from qnnt.conquest.ledger import Fate
from qnnt.exact import to_json_number
from qnnt.files.instances import sha256_of
from qnnt.instance import Objective
from qnnt.result import Result, Solution, Status
from qnnt.solvers.outcome import accuracy


def result_of(campaign: Campaign, options: Mapping[str, Any], versions: Mapping[str, str]) -> Result:
    """The answer to the instance as it was given.

    `model` counts the cubes by what became of them (``refuted``, ``solved``, ``open``), questions ``asked`` of them,
    and how often one was ``redone`` because a worker was lost.
    """
    ledger, instance, replies = campaign.ledger, campaign.instance, campaign.replies
    asked, status, best = ledger.asked, ledger.status, ledger.best
    bounded = asked.objective is Objective.MINIMIZE and status is not Status.INFEASIBLE
    bound = asked.original.bound
    ending, note = campaign.ending
    seconds = campaign.seconds
    used = {name: sum(reply.seconds.get(name, 0.0) for reply in replies) for name in ("cpu", "encode_cpu")}
    counts = {fate.name.lower(): ledger.count(fate) for fate in Fate}
    return Result(
        status=status,
        objective=asked.objective,
        instance_sha256=sha256_of(instance),
        solver=f"cubes:{campaign.terms.solver}",
        encoding=options["encoding"],
        loss=ledger.loss,
        lower_bound=ledger.lower_bound if bounded else None,
        solution=None if best is None else Solution(instance, best),
        accuracy=None if best is None else accuracy(instance, best),
        options={
            "objective": str(asked.objective),
            "bound": None if bound is None else to_json_number(bound),
            "solver": campaign.terms.solver,
            **options,
        },
        seconds={"encode": campaign.splitting, "solve": seconds - campaign.splitting, "total": seconds, **used},
        model={
            "cubes": sum(counts.values()),
            **counts,
            "asked": len(replies),
            "redone": campaign.redone,
            "peak_memory_mb": max((reply.peak_memory_mb for reply in replies), default=0),
        },
        versions={**versions, **{name: each for reply in replies for name, each in reply.versions.items()}},
        incumbents=tuple(campaign.incumbents),
        note=note,
        numerical=ledger.numerical,
        ending=ending,
    )
