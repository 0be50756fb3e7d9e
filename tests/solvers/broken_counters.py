"""Backends that are right about the loss, and wrong or of no use once non-zero weights are counted."""

from __future__ import annotations

import os
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence

from qnnt.encoders.model import Integers, Model
from qnnt.errors import UnsupportedError
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.cpsat import CpSat
from qnnt.solvers.entry import Entry

Report = Callable[[ModelProgress], None]
HERE = "tests.solvers.broken_counters"


class Broken(CpSat):
    """Honest while nothing is minimised: ask it for a decision first."""

    def solve(self, model: Model, hint: Sequence[tuple[int, int]], limits: Limits, report: Report) -> ModelAnswer:
        if not len(model.objective.variables):
            return super().solve(model, hint, limits, report)
        found: list[Integers] = []
        answer = super().solve(
            model, hint, limits, lambda told: found.append(told.assignment) if told.assignment is not None else None
        )
        assert answer.lower_bound is not None
        return self.act(model, found[-1], answer.lower_bound, report)

    @abstractmethod
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer: ...


class HonestCounter(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        report(ModelProgress(assignment=best))
        return ModelAnswer(True, fewest)


class CountsTooFew(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        report(ModelProgress(assignment=best))
        return ModelAnswer(True, fewest - 1)


class CountsTooMany(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        report(ModelProgress(assignment=best))
        report(ModelProgress(lower_bound=fewest + 1))
        return ModelAnswer(True, fewest + 1)


class ForgetsTheBound(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        report(ModelProgress(assignment=model.lower))
        return ModelAnswer(True, fewest)


class SaysThereIsNone(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        return ModelAnswer(True)


class CountsAndDies(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        report(ModelProgress(assignment=best))
        os._exit(3)


class CannotCount(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        raise UnsupportedError("too many weights to count")


class CountsForever(Broken):
    def act(self, model: Model, best: Integers, fewest: int, report: Report) -> ModelAnswer:
        report(ModelProgress(lower_bound=fewest - 1))
        report(ModelProgress(assignment=best))
        time.sleep(600)
        return ModelAnswer(True, fewest)


ENTRIES = {
    kind.__name__: Entry(
        kind.__name__,
        f"{HERE}:{kind.__name__}",
        "broken",
        encodings=("auto",),
        packages=(("ortools", "ortools"),),
        preload=("ortools.sat.python.cp_model", "tests.solvers.registered_broken_counters"),
    )
    for kind in Broken.__subclasses__()
}
