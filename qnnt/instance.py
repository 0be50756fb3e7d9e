"""An instance of the training problem, and parameters for its network. Immutable, no solver in sight."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from qnnt.activations import Activation
from qnnt.exact import Number
from qnnt.losses import Label, Loss
from qnnt.network import Edge, Network, edge_key


class Problem(StrEnum):
    """The two families."""

    D_QNNT = "d-qnnt"
    """Weights, biases and data in Z_d, ReLU_d neurons, biases subtracted, loss = mismatched samples."""
    D_NNT = "d-nnt"
    """An explicit finite set per weight and bias, any activation and loss, biases added."""


class Objective(StrEnum):
    """What is asked."""

    DECIDE = "decide"
    """Are there parameters with loss <= bound?"""
    MINIMIZE = "minimize"
    """What is the smallest loss?"""


def z_d(d: int) -> tuple[int, ...]:
    """Z_d = {-floor((d-1)/2), ..., ceil((d-1)/2)}: d values, for d >= 2."""
    return tuple(range(-((d - 1) // 2), d // 2 + 1))


@dataclass(frozen=True)
class Dataset:
    """Samples: n input vectors, n label vectors (None = don't care) and n positive integer weights."""

    x: tuple[tuple[Number, ...], ...]
    y: tuple[tuple[Label, ...], ...]
    weight: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def total_weight(self) -> int:
        """The sum of the sample weights: the largest possible number of mismatches."""
        return sum(self.weight)


@dataclass(frozen=True)
class Parameters:
    """One value per edge and per neuron; biases in the sign of the instance's problem."""

    weights: Mapping[Edge, Number]
    biases: Mapping[str, Number]


@dataclass(frozen=True)
class Instance:
    """A training problem. Build it with `qnnt.load`, `qnnt.d_qnnt` or `qnnt.d_nnt`, which validate.

    Attributes
    ----------
    weights, biases
        The allowed values, sorted and distinct, of each edge and of each neuron. Biases are in the
        problem's own sign: the pre-activation is ``sum(w * f) + bias_sign * bias``.
    activations
        One per neuron.
    bound
        `error_bound` or `margin`; None if the instance only asks for the smallest loss.
    d
        The d of a d-QNNT instance, else None.
    sha256
        Of the canonical form of the file it was read from; empty for instances made otherwise.
    source
        What a reduction made it from, as a document with ``family``, ``form`` and ``problem``
        (`qnnt.reductions`); carried along, it changes nothing of the instance.
    """

    name: str
    problem: Problem
    network: Network
    weights: Mapping[Edge, tuple[Number, ...]]
    biases: Mapping[str, tuple[Number, ...]]
    activations: Mapping[str, Activation]
    dataset: Dataset
    loss: Loss
    bound: Number | None = None
    d: int | None = None
    sha256: str = field(default="", compare=False)
    source: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def bias_sign(self) -> int:
        """-1 if biases are subtracted (d-QNNT), +1 if they are added."""
        return -1 if self.problem is Problem.D_QNNT else 1

    @property
    def objective(self) -> Objective:
        """What the instance asks if nobody says otherwise."""
        return Objective.MINIMIZE if self.bound is None else Objective.DECIDE

    @property
    def settings(self) -> int:
        """The number of parameter settings: the product of all set sizes."""
        product = 1
        for values in (*self.weights.values(), *self.biases.values()):
            product *= len(values)
        return product

    def derive(self, **changes: Any) -> Self:
        """A copy with other fields; it is no longer the file that was read, nor what a reduction made."""
        return dataclasses.replace(self, **{"sha256": "", "source": None, **changes})


def parameters_in_words(parameters: Parameters) -> dict[str, dict[str, Number]]:
    """The form of result files: weights by ``from->to``, biases by neuron."""
    return {
        "weights": {edge_key(edge): value for edge, value in parameters.weights.items()},
        "bias": dict(parameters.biases),
    }
