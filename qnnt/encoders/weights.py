"""Parameters as variables.

A set v_0 < ... < v_m becomes m order literals ``u_s <=> value >= v_s`` with u_{s+1} -> u_s, so that
``value = v_0 + sum (v_s - v_{s-1}) u_s``. A set too large for literals becomes one integer variable
if its values are equally spaced.

Size: m variables and m - 1 clauses; or one integer variable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import LARGEST, Integers
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator


@dataclass(frozen=True, slots=True)
class ParameterCode:
    """How one weight or bias stands in the model.

    Attributes
    ----------
    values
        The allowed values, increasing.
    scaled
        The same times `denominator`, as integers.
    literals
        Order literals, one per value but the first; empty if fixed or integer coded.
    variable
        The integer variable k with ``scaled = scaled[0] + stride * k``; 0 if there is none.
    """

    values: tuple[Number, ...]
    scaled: Integers
    denominator: int
    literals: Integers
    variable: int = 0
    stride: int = 0

    @property
    def base(self) -> int:
        """Index of the value nearest zero: products expand from there."""
        return int(np.abs(self.scaled).argmin())

    def value_at(self, assignment: Integers) -> Number:
        """The value in an assignment, indexed by variable."""
        if self.variable:
            return self.values[int(assignment[self.variable])]
        return self.values[int(assignment[self.literals].sum())]

    def assignment_of(self, value: Number) -> list[tuple[int, int]]:
        """The (variable, value) pairs that stand for a value of the set."""
        index = self.values.index(value)
        if self.variable:
            return [(self.variable, index)]
        return [(int(u), int(s < index)) for s, u in enumerate(self.literals)]


def parameter_code(builder: ModelBuilder, values: tuple[Number, ...], literal_limit: int, what: str) -> ParameterCode:
    """Order literals for sets of at most literal_limit + 1 values or unequal spacing, else an integer."""
    denominator = common_denominator(values)
    numbers = [int(value * denominator) for value in values]
    if max(map(abs, numbers)) > LARGEST:
        raise UnsupportedError(f"the values of {what} need more than 60 bits")
    scaled = np.array(numbers, np.int64)
    gaps = set(np.diff(scaled).tolist())
    if len(values) - 1 > literal_limit and len(gaps) == 1:
        variable = builder.integers(np.zeros(1, np.int64), np.array([len(values) - 1]), what)
        return ParameterCode(values, scaled, denominator, np.empty(0, np.int64), int(variable[0]), gaps.pop())
    literals = builder.booleans(len(values) - 1, what)
    builder.clauses(np.stack([-literals[1:], literals[:-1]], axis=1))
    return ParameterCode(values, scaled, denominator, literals)
