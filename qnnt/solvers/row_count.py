"""Adapter: the row-count encoding of two-layer networks in CP-SAT, as a solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qnnt.algorithms.pseudo_polynomial.stages import additive_view
from qnnt.algorithms.states.effort import StateLimitError
from qnnt.encoders.model import Model
from qnnt.encoders.row_count import RowCounts, encode_rows
from qnnt.errors import UnsupportedError
from qnnt.instance import Instance, Objective, Parameters
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.samples import certain_loss
from qnnt.simplification.steps import Simplified
from qnnt.solvers.backends import Answer, Limits, Raised, Report
from qnnt.solvers.cpsat import CpSat
from qnnt.solvers.routes import Clock, Job, solve_model

NAME = "row-count"


@dataclass(frozen=True)
class _Ready:
    """A question, and the model for it."""

    instance: Instance
    objective: Objective
    simplified: Simplified
    encoding: RowCounts


class RelaxedCpSat(CpSat):
    """CP-SAT with linear relaxations in a single thread too; several threads use them anyway.

    Equations over many counts bound each other through them: in one thread, 6 to 10 ReLU neurons, 4 to 5
    samples and absolute loss take 0.02 to 8 s to a proof, without relaxations from 0.8 to over 20 s.
    """

    def linearization_level(self, model: Model) -> int:
        return 1


class RowCount:
    """How often alike neurons make each of their rows, chosen by CP-SAT: two layers, few distinct inputs."""

    def __init__(self) -> None:
        self._ready: _Ready | None = None

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        try:
            return RelaxedCpSat().unsupported(self._prepared(instance, objective).encoding.model)
        except (UnsupportedError, StateLimitError) as error:
            return str(error)

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        encoding = self._prepared(instance, instance.objective).encoding
        return {**encoding.parameter_sizes, **{name: n for name, n in encoding.model.sizes.items() if n}}

    def solve(
        self, instance: Instance, objective: Objective, hint: Parameters | None, limits: Limits, report: Report
    ) -> Answer:
        start = Clock()
        ready = self._prepared(instance, objective)
        sizes: dict[str, int] = {}
        if objective is Objective.MINIMIZE:
            sizes["loss_denominator"] = ready.encoding.model.objective.denominator
            if floor := certain_loss(ready.simplified.instance):
                report(Raised(floor))
        job = Job(instance, objective, NAME, {}, limits, hint)
        return solve_model(job, RelaxedCpSat(), ready.simplified, ready.encoding, sizes, start, report)

    def _prepared(self, instance: Instance, objective: Objective) -> _Ready:
        """Once per question: both the refusal and the search need it."""
        ready = self._ready
        if ready is None or ready.instance is not instance or ready.objective is not objective:
            simplified = simplify(instance)
            encoding = encode_rows(additive_view(simplified.instance), objective)
            ready = self._ready = _Ready(instance, objective, simplified, encoding)
        return ready
