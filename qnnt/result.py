"""Answers: status, solution, result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from qnnt.errors import InputError
from qnnt.evaluation import outputs_at
from qnnt.exact import Number, to_number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.network import Edge


class Status(StrEnum):
    """What is known at the end."""

    YES = "yes"
    """decide: parameters with loss <= bound were found and verified."""
    NO = "no"
    """decide: proved that there are none."""
    OPTIMAL = "optimal"
    """minimize: a verified solution, and a proof that none is better."""
    INFEASIBLE = "infeasible"
    """minimize: proved that no parameters are admissible (only partial tables can do this)."""
    FEASIBLE = "feasible"
    """A limit was reached; a verified solution, optimality (or the decision) not proved."""
    UNKNOWN = "unknown"
    """A limit was reached without a solution."""

    @property
    def answered(self) -> bool:
        """Whether the question was settled."""
        return self not in (Status.FEASIBLE, Status.UNKNOWN)


class Ending(StrEnum):
    """Why a search ended."""

    ANSWERED = "answered"
    """The question was settled."""
    TIME = "time limit"
    MEMORY = "memory limit"
    INTERRUPTED = "interrupted"
    """The caller wanted an end."""
    GAVE_UP = "gave up"
    """The solver itself saw no way on within its own bounds, and says why in the note."""
    CRASHED = "crashed"
    """The solver's process broke after a verified solution, which is kept."""


@dataclass(frozen=True)
class Solution:
    """Trained parameters together with the network they belong to."""

    instance: Instance = field(repr=False)
    parameters: Parameters

    @property
    def weights(self) -> Mapping[Edge, Number]:
        """Value of each edge (from, to)."""
        return self.parameters.weights

    @property
    def biases(self) -> Mapping[str, Number]:
        """Value of each neuron's bias, in the sign of the problem."""
        return self.parameters.biases

    def predict(self, x: Iterable[Sequence[object]]) -> list[tuple[Number, ...]]:
        """The output vectors for input vectors: any rows of integers, Fractions or rational strings.

        Raises
        ------
        InputError
            For floats and other entries that are no exact numbers, and rows of the wrong length.
        CertificateError
            Where a table activation is undefined.
        """
        rows = x.tolist() if hasattr(x, "tolist") else x
        return [outputs_at(self.instance, self.parameters, self._exact(row, i)) for i, row in enumerate(rows)]

    def _exact(self, row: Sequence[object], number: int) -> list[Number]:
        width = len(self.instance.network.inputs)
        if len(row) != width:
            raise InputError(f"expected {width} numbers, got {len(row)}", f"x[{number}]")
        return [to_number(value, f"x[{number}][{j}]") for j, value in enumerate(row)]


def nonzero_weights(parameters: Parameters) -> int:
    """How many weights are not 0; biases do not count."""
    return sum(weight != 0 for weight in parameters.weights.values())


@dataclass(frozen=True, slots=True)
class Incumbent:
    """A moment of the search: seconds since the start, best loss and proven lower bound so far."""

    seconds: float
    loss: Number | None
    lower_bound: Number


@dataclass(frozen=True)
class Result:
    """The answer to one instance; every solution in it was verified by the evaluator.

    Attributes
    ----------
    loss
        Of the solution, recomputed exactly; None without a solution.
    lower_bound
        No parameters have a smaller loss. None when nothing is admissible.
    options
        All that determines the model and the search.
    seconds
        Wall clock: ``encode``, ``solve``, ``total``; ``sparsify`` and ``proof`` where there were any. Processor
        time of the solver's process: ``encode_cpu``, and ``cpu`` of all.
    model
        Sizes of what was solved: variables, constraints, ...
    accuracy
        The fraction of the samples' weight whose unmasked outputs equal their labels.
    proof
        Where a proof was written: its file, the file of the clauses that it refutes, the bound that
        these say, and their encoding.
    nonzero_weights
        How many weights of the solution are not 0, where that was to be minimised; else None.
    nonzero_lower_bound
        No parameters that answer the question about the loss have fewer.
    ending
        Why the search ended; `note` says it in words.
    numerical
        Whether the lower bound, or that there is no solution, rests on floating-point arithmetic. Losses and
        solutions never do.
    nonzero_numerical
        The same of `nonzero_lower_bound`.
    found_by, proved_by
        Of several solvers that worked together: who found the solution, and who proved the lower bound, or that
        there is no solution. None where one worked alone, or there is nothing to tell.
    """

    status: Status
    objective: Objective
    instance_sha256: str
    solver: str
    encoding: str | None
    loss: Number | None = None
    lower_bound: Number | None = None
    solution: Solution | None = None
    accuracy: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    incumbents: tuple[Incumbent, ...] = ()
    instance_file: str | None = None
    proof: Mapping[str, Any] | None = None
    nonzero_weights: int | None = None
    nonzero_lower_bound: int | None = None
    note: str = ""
    ending: Ending = Ending.ANSWERED
    numerical: bool = False
    nonzero_numerical: bool = False
    found_by: str | None = None
    proved_by: str | None = None

    @property
    def answered(self) -> bool:
        """Whether all that was asked is settled: the loss, and the number of non-zero weights if wanted."""
        return self.status.answered and self.nonzero_weights == self.nonzero_lower_bound
