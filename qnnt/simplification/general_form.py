"""d-QNNT as the case of D-NNT that it is: biases are added instead of subtracted."""

from __future__ import annotations

from qnnt.instance import Instance, Parameters, Problem
from qnnt.simplification.steps import Simplified


def general_form(instance: Instance) -> Simplified:
    """An equal D-NNT instance; the bias of d-QNNT changes its sign on the way."""
    if instance.problem is Problem.D_NNT:
        return Simplified(instance)
    biases = {v: tuple(sorted(-value for value in values)) for v, values in instance.biases.items()}
    return Simplified(instance.derive(problem=Problem.D_NNT, biases=biases, d=None), _negated, _negated)


def _negated(parameters: Parameters) -> Parameters:
    return Parameters(parameters.weights, {v: -value for v, value in parameters.biases.items()})
