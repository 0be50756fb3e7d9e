"""What a search is asked: what a solution is worth, when it settles the question, and what its result says.

The question about the loss comes first; the one about the number of non-zero weights takes its answer as a
constraint. Both judge every solution here, outside the solver's process.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from qnnt.array_evaluation import judge
from qnnt.encoders.sparsity import certain_nonzeros
from qnnt.errors import CertificateError
from qnnt.evaluation import LookUp, go_on
from qnnt.exact import Number, to_number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status, nonzero_weights
from qnnt.solvers.backends import Answer, Report
from qnnt.solvers.routes import Job, run, run_sparsest

Route = Callable[[Job, Report], Answer]


@dataclass(frozen=True)
class Progress:
    """The state of a search, for display.

    Attributes
    ----------
    nonzero_weights, nonzero_lower_bound
        Once these are what is minimised; else None. Loss and its bound are then what the loss is held to.
    """

    seconds: float
    loss: Number | None
    lower_bound: Number
    stage: str
    nonzero_weights: int | None = None
    nonzero_lower_bound: int | None = None


@dataclass(frozen=True)
class Question(ABC):
    """One question about one instance. A solution's *value* is what is minimised, or held to the bound.

    Attributes
    ----------
    original
        The instance as it was given.
    bound
        On the loss, in place of the instance's own; or None.
    """

    original: Instance
    bound: Number | None

    noun: ClassVar[str]
    """What values are."""

    @cached_property
    def instance(self) -> Instance:
        """The instance with the bound that is asked for."""
        if self.bound is None:
            return self.original
        return self.original.derive(bound=to_number(self.bound, bounded=False))

    @property
    @abstractmethod
    def asks(self) -> Objective:
        """Whether the smallest value is wanted, or one within the bound."""

    @property
    @abstractmethod
    def route(self) -> Route:
        """What answers it, within the solver's process."""

    @property
    @abstractmethod
    def floor(self) -> Number:
        """No value is smaller: known before any search."""

    @abstractmethod
    def value(self, parameters: Parameters, look_up: LookUp = go_on) -> Number:
        """What the parameters are worth, recomputed here.

        Raises
        ------
        CertificateError
            If they are not admissible.
        """

    @abstractmethod
    def settled(self, value: Number, lower: Number) -> bool:
        """Whether a solution of this value, with this bound on all values, is the answer."""

    @abstractmethod
    def fields(self, best: Parameters | None, value: Number | None, lower: Number, status: Status) -> Mapping[str, Any]:
        """What a `Result` says of values and bounds."""

    @abstractmethod
    def progress(self, seconds: float, value: Number | None, lower: Number, stage: str) -> Progress:
        """The same for display."""


@dataclass(frozen=True)
class LossQuestion(Question):
    """The smallest loss, or one within the bound."""

    objective: Objective
    noun = "loss"

    @property
    def asks(self) -> Objective:
        return self.objective

    @property
    def route(self) -> Route:
        return run

    @property
    def floor(self) -> Number:
        return 0

    def value(self, parameters: Parameters, look_up: LookUp = go_on) -> Number:
        return judge(self.instance, parameters, look_up)

    def settled(self, value: Number, lower: Number) -> bool:
        if self.objective is Objective.DECIDE:
            return self.instance.bound is not None and value <= self.instance.bound
        return value == lower

    def fields(self, best: Parameters | None, value: Number | None, lower: Number, status: Status) -> Mapping[str, Any]:
        bounded = self.objective is Objective.MINIMIZE and status is not Status.INFEASIBLE
        return {"loss": value, "lower_bound": lower if bounded else None}

    def progress(self, seconds: float, value: Number | None, lower: Number, stage: str) -> Progress:
        return Progress(seconds, value, lower, stage)


@dataclass(frozen=True)
class SparsityQuestion(Question):
    """The fewest non-zero weights among parameters whose loss is within the bound."""

    bound: Number
    noun = "number of non-zero weights"

    @property
    def asks(self) -> Objective:
        return Objective.MINIMIZE

    @property
    def route(self) -> Route:
        return run_sparsest

    @property
    def floor(self) -> int:
        return certain_nonzeros(self.original)

    def value(self, parameters: Parameters, look_up: LookUp = go_on) -> int:
        loss = judge(self.original, parameters, look_up)
        if loss > self.bound:
            raise CertificateError(f"the loss {loss} is above the bound {self.bound}")
        return nonzero_weights(parameters)

    def settled(self, value: Number, lower: Number) -> bool:
        return value == lower

    def fields(self, best: Parameters | None, value: Number | None, lower: Number, status: Status) -> Mapping[str, Any]:
        loss = None if best is None else judge(self.original, best)
        return {"loss": loss, "nonzero_weights": value, "nonzero_lower_bound": int(lower)}

    def progress(self, seconds: float, value: Number | None, lower: Number, stage: str) -> Progress:
        known = None if value is None else int(value)
        return Progress(seconds, self.bound, self.bound, stage, known, int(lower))
