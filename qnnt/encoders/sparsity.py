"""The number of non-zero weights as an objective.

Formula
    ``[w != 0] = [w < 0] + [w > 0]``. With order literals u_s, meaning that w is at least the s-th value, and
    0 as the z-th value, that is ``not u_z`` plus ``u_{z+1}``, which exclude each other.
Source
    The codes of the weights, fixed ones included.
Target
    A linear objective: a weight whose set lacks 0 counts 1 as a constant, one that is fixed at 0 nothing.
Size
    At most two terms per weight and no variables; for an integer coded weight at most two thresholds.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, TRUE
from qnnt.encoders.weights import ParameterCode
from qnnt.instance import Instance


def certain_nonzeros(instance: Instance) -> int:
    """How many weights are not 0 whatever the parameters: those whose set lacks it."""
    return sum(0 not in values for values in instance.weights.values())


def count_nonzeros(builder: ModelBuilder, weights: Iterable[ParameterCode]) -> None:
    """Add the number of weights that are not 0 to the objective."""
    certain = 0
    literals: list[int] = []
    for code in weights:
        if 0 in code.values:
            literals += _nonzero_literals(builder, code)
        else:
            certain += 1
    builder.add_constant_to_objective(certain, 1)
    builder.add_to_objective(np.array(literals, np.int64), np.ones(len(literals), np.int64), 1)


def _nonzero_literals(builder: ModelBuilder, code: ParameterCode) -> tuple[int, int]:
    """Literals that say that the weight is below and above 0."""
    zero, last = code.values.index(0), len(code.values) - 1
    if code.variable:
        sums, _ = builder.sums(np.array([[code.variable]]), np.array([[1]]))
        bounds, low, high = np.array([[zero, zero + 1]]), np.array([0]), np.array([last])
        (reached,) = builder.at_least(sums, bounds, low, high, "not zero")
        return -int(reached[0]), int(reached[1])
    at_least_zero = int(code.literals[zero - 1]) if zero else TRUE
    above_zero = int(code.literals[zero]) if zero < last else FALSE
    return -at_least_zero, above_zero
