"""Lowering: Model -> integer program with tight rows, for MILP solvers.

Formula
    Clauses, linears and thresholds: see `qnnt.encoders.program_rows`. Products by their convex hulls: of a
    Boolean b and an x within l..u, ``p = b x`` is

        l b <= p <= u b        x - u (1 - b) <= p <= x - l (1 - b)

    and of two integers a sum of such products, over the Booleans that define one factor, or over its binary
    digits; with the hull of the two ranges (McCormick's) on top.
Source
    A `Model`.
Target
    An `IntegerProgram`; the Model's variable v is variable v there.
Size
    Per threshold sum two rows; per clause and linear one; per product with a Boolean up to four; per product
    of integers one variable and four rows for each Boolean or digit of the factor that has fewer.
Reference
    McCormick, Computability of global solutions to factorable nonconvex programs I, Math. Programming 10, 1976.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qnnt.encoders.integer_codes import definitions
from qnnt.encoders.leaves import Implications
from qnnt.encoders.model import LARGEST, Integers, Model, Sums
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.encoders.program_rows import RowCollector, add_clauses, add_requests
from qnnt.encoders.requests import Requests
from qnnt.encoders.rows import Growing, stacked
from qnnt.errors import UnsupportedError


def to_program(model: Model) -> IntegerProgram:
    """The integer program of a Model.

    Raises
    ------
    UnsupportedError
        If a row could need more than 60 bits.
    """
    collector = RowCollector()
    add_clauses(collector, model.clauses)
    add_requests(collector, _requests(model), Implications(model.clauses))
    lower, upper = _Products(model, collector).stated()
    rows, at_least, at_most = collector.build(lower, upper)
    costs = np.zeros(len(lower), np.int64)
    costs[model.objective.variables] = model.objective.coefficients
    names = np.arange(len(model.lower))
    return IntegerProgram(
        lower=lower,
        upper=upper,
        rows=rows,
        at_least=at_least,
        at_most=at_most,
        costs=costs,
        constant=model.objective.constant,
        denominator=model.objective.denominator,
        values=Sums(np.concatenate(([0], names)), names[1:], np.ones(len(names) - 1, np.int64)),
        bases=np.zeros(len(names), np.int64),
    )


def _requests(model: Model) -> Requests:
    """Thresholds, then linears."""
    thresholds, linears = model.thresholds, model.linears
    number = len(thresholds.literals), len(linears.sums)
    low, high = linears.sums.bounds(model.lower, model.upper)
    least, most = thresholds.sums.bounds(model.lower, model.upper)
    return Requests(
        stacked([thresholds.sums, linears.sums]),
        np.concatenate([np.maximum(least, thresholds.low), low]),
        np.concatenate([np.minimum(most, thresholds.high), high]),
        np.concatenate([thresholds.rows, len(thresholds.sums) + np.arange(number[1])]),
        np.concatenate([thresholds.at_least, linears.at_least]),
        np.concatenate([thresholds.literals, np.where(linears.enforced == 0, 1, linears.enforced)]),
        np.repeat([True, False], number),
        np.ones(sum(number), bool),
    )


@dataclass(frozen=True, slots=True)
class _Digits:
    """A variable as ``base + sum weights * literals``."""

    base: int
    literals: Integers
    weights: Integers


class _Products:
    """States the products of a Model; new variables stand for parts of them."""

    def __init__(self, model: Model, collector: RowCollector) -> None:
        self._model = model
        self._collector = collector
        self._lower = Growing(model.lower.copy())
        self._upper = Growing(model.upper.copy())
        self._digits: dict[int, _Digits] = {}
        self._parts: dict[tuple[int, int], int] = {}
        self._definitions = definitions(model, set(model.products[:, 0].tolist()))[0] if len(model.products) else {}

    def stated(self) -> tuple[Integers, Integers]:
        """The bounds of all variables, new ones included."""
        for product, left, right in self._model.products.tolist():
            self._state(product, left, right)
        return self._lower.values, self._upper.values

    def _state(self, product: int, left: int, right: int) -> None:
        if self._is_binary(left) or self._is_binary(right):
            b, x = (left, right) if self._is_binary(left) else (right, left)
            self._state_part(product, b, x)
            return
        self._state_hull(product, left, right)
        split, whole = (left, right) if self._cost(left) <= self._cost(right) else (right, left)
        digits = self._digits_of(split)
        parts = [self._part(u, whole) for u in digits.literals.tolist()]
        terms = np.array([[product, whole, *parts]], np.int64)
        self._collector.add(terms, np.array([1, -digits.base, *(-digits.weights).tolist()]), 0, 0)

    def _is_binary(self, v: int) -> bool:
        return int(self._lower.values[v]) >= 0 and int(self._upper.values[v]) <= 1

    def _range(self, v: int) -> tuple[int, int]:
        return int(self._lower.values[v]), int(self._upper.values[v])

    def _cost(self, v: int) -> int:
        """How many Booleans make the variable."""
        known = self._defining(v)
        low, high = self._range(v)
        return len(known.literals) if known else (high - low).bit_length()

    def _defining(self, v: int) -> _Digits | None:
        """The form over a few Booleans that an equation gives the variable, if there is one."""
        if v not in self._definitions:
            return None
        base, variables, weights = self._definitions[v]
        low, high = self._range(v)
        few = len(variables) <= 2 * (high - low).bit_length()
        return _Digits(base, variables, weights) if few and self._model.boolean[variables].all() else None

    def _digits_of(self, v: int) -> _Digits:
        if v not in self._digits:
            self._digits[v] = self._defining(v) or self._binary(v)
        return self._digits[v]

    def _binary(self, v: int) -> _Digits:
        """New digits that add up to the variable."""
        low, high = self._range(v)
        count = (high - low).bit_length()
        literals, weights = self._variables(count, 0, 1), 2 ** np.arange(count, dtype=np.int64)
        self._collector.add(np.array([[v, *literals.tolist()]]), np.array([1, *(-weights).tolist()]), low, low)
        return _Digits(low, literals, weights)

    def _variables(self, count: int, low: int, high: int) -> Integers:
        first = len(self._lower.values)
        self._lower.append(np.full(count, low))
        self._upper.append(np.full(count, high))
        return np.arange(first, first + count)

    def _part(self, b: int, x: int) -> int:
        """A variable for ``b * x``; the same one if asked again."""
        if (b, x) not in self._parts:
            low, high = self._range(x)
            part = int(self._variables(1, min(0, low), max(0, high))[0])
            self._state_part(part, b, x)
            self._parts[b, x] = part
        return self._parts[b, x]

    def _state_part(self, product: int, b: int, x: int) -> None:
        """The hull of ``product = b * x`` with a binary b."""
        if b == x:
            self._collector.add(np.array([[product, x]]), np.array([1, -1]), 0, 0)
            return
        low, high = self._range(x)
        self._collector.add(
            np.array([[product, b, x]] * 4),
            np.array([[1, -low, 0], [1, -high, 0], [1, -high, -1], [1, -low, -1]]),
            np.array([0, -OPEN, -high, -OPEN]),
            np.array([OPEN, 0, OPEN, -low]),
        )

    def _state_hull(self, product: int, left: int, right: int) -> None:
        """McCormick's four rows."""
        (a, b), (c, d) = self._range(left), self._range(right)
        if 2 * max(abs(a), abs(b)) * max(abs(c), abs(d)) > LARGEST:
            raise UnsupportedError("a product could need more than 60 bits")
        self._collector.add(
            np.array([[product, left, right]] * 4),
            np.array([[1, -c, -a], [1, -d, -b], [1, -d, -a], [1, -c, -b]]),
            np.array([-a * c, -b * d, -OPEN, -OPEN]),
            np.array([OPEN, OPEN, -a * d, -b * c]),
        )
