"""What runs in a solver's process, and what it says on the way.

A *backend* takes a Model; an *algorithm* takes an Instance. Both get a `Job`'s limits and report
through one function; both end with an `Answer`. They know nothing of processes: those are killed
from outside, and whatever was reported before counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from qnnt.encoders.model import Integers, Model
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status

NO_PROOF = "no_proof"
"""Among the statistics of a refutation: why its proof could not be written."""


@dataclass(frozen=True)
class Limits:
    """What a solver may use. `seconds` counts from the call; None is no limit."""

    seconds: float | None = None
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Encoded:
    """The model is built, or once more: it is written in the solver's own terms.

    Attributes
    ----------
    seconds, cpu_seconds
        What that took so far, from the start of the job; algorithms leave them to whoever runs the job.
    """

    sizes: Mapping[str, Any]
    seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class Found:
    """A better solution: parameters of the instance as it was given."""

    parameters: Parameters


@dataclass(frozen=True)
class Raised:
    """The lower bound rose; `numerical` if that rests on floating-point arithmetic."""

    lower_bound: Number
    numerical: bool = False


Event = Encoded | Found | Raised
Report = Callable[[Event], None]


@dataclass(frozen=True)
class Answer:
    """How a solver ended. Solutions were reported as `Found` before.

    Attributes
    ----------
    status
        OPTIMAL and YES: the last solution found settles the question. NO, INFEASIBLE: proved.
        FEASIBLE, UNKNOWN: stopped before.
    lower_bound
        Proved by the solver; None if it has none to offer.
    statistics
        Work counters: conflicts, branches, ...
    reason
        Why it stopped before, where that was no limit of the caller's.
    numerical
        Whether its claims rest on floating-point arithmetic.
    """

    status: Status
    lower_bound: Number | None = None
    statistics: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    numerical: bool = False


@dataclass(frozen=True)
class ModelProgress:
    """What a backend reports: an assignment, indexed by variable, or a bound on the objective's numerator.

    `numerical` says that the bound rests on floating-point arithmetic. `lowered` comes once, before the search:
    the model is written in the solver's own terms, and these are its sizes.
    """

    assignment: Integers | None = None
    lower_bound: int | None = None
    numerical: bool = False
    lowered: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ModelAnswer:
    """How a backend ended: `proved` says that the search was exhausted.

    With `proved`, the last assignment is optimal, or there is none at all. `lower_bound` is on the
    numerator of the objective, its constant included. `numerical`: both rest on floating-point arithmetic.
    `reason` says why it stopped before, where that was no limit of the caller's.
    """

    proved: bool
    lower_bound: int | None = None
    statistics: Mapping[str, Any] = field(default_factory=dict)
    numerical: bool = False
    reason: str = ""


class Backend(Protocol):
    """Solves Models."""

    @property
    def network(self) -> str:
        """How networks are encoded for it: a name of `qnnt.encoders.switches.SWITCHES`."""
        ...

    def unsupported(self, model: Model) -> str | None:
        """Why it cannot take this model, or None."""
        ...

    def sizes(self, model: Model) -> Mapping[str, int]:
        """How large the model is in the solver's own terms."""
        ...

    def solve(
        self,
        model: Model,
        hint: Sequence[tuple[int, int]],
        limits: Limits,
        report: Callable[[ModelProgress], None],
    ) -> ModelAnswer:
        """Minimise the objective, or satisfy the constraints where it has no variables."""
        ...


class Algorithm(Protocol):
    """Solves Instances without a model."""

    def unsupported(self, instance: Instance, objective: Objective) -> str | None:
        """Why it cannot take this instance, or None."""
        ...

    def expected(self, instance: Instance) -> Mapping[str, Any]:
        """How much work it expects with an instance that it takes; empty where there is nothing to tell."""
        ...

    def solve(
        self,
        instance: Instance,
        objective: Objective,
        hint: Parameters | None,
        limits: Limits,
        report: Report,
    ) -> Answer:
        """Answer the question."""
        ...
