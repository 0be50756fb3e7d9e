"""Lowering: Model -> integer program with tight rows, for MILP solvers.

Formula
    Clauses, linears and thresholds: see `qnnt.encoders.program_rows`. Products by their convex hulls: of a
    Boolean b and an x within l..u, ``p = b x`` is

        l b <= p <= u b        x - u (1 - b) <= p <= x - l (1 - b)

    and of two integers a sum of such products, over the Booleans that define one factor, or over its binary
    digits; with the hull of the two ranges (McCormick's) on top, and those of single steps of order literals.
Source
    A `Model`.
Target
    An `IntegerProgram`; the Model's variable v is variable v there.
Size
    Per threshold sum two rows; per clause and linear one; per product with a Boolean up to four; per product
    of integers one variable and four to eight rows for each Boolean or digit of the factor that has fewer.
Reference
    McCormick, Computability of global solutions to factorable nonconvex programs I, Math. Programming 10, 1976.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qnnt.encoders.integer_codes import definitions
from qnnt.encoders.leaves import Implications
from qnnt.encoders.model import LARGEST, Integers, Model, Sums
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.encoders.program_rows import RowCollector, add_clauses, add_linears, add_requests
from qnnt.encoders.requests import Requests
from qnnt.encoders.rows import stacked
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
    known = Implications(model.clauses)
    add_requests(collector, _requests(model), known)
    add_linears(collector, model.cuts)
    lower, upper = _Products(model, known).state(collector)
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
    linked: list[bool]
    """Of neighbours, whether the second is known to imply the first."""


class _Products:
    """States the products of a Model; new variables stand for parts of them. Rows are made in bulk at the end."""

    def __init__(self, model: Model, known: Implications) -> None:
        self._model = model
        self._known = known
        self._lower: list[int] = model.lower.tolist()
        self._upper: list[int] = model.upper.tolist()
        self._digits: dict[int, _Digits] = {}
        self._parts: dict[tuple[int, int], int] = {}
        self._of_binaries: list[tuple[int, int, int]] = []
        self._of_integers: list[tuple[int, int, int]] = []
        self._chains: list[tuple[int, int, int, int, int]] = []
        self._sums: list[tuple[list[int], list[int], int]] = []
        self._definitions = definitions(model, set(model.products[:, 0].tolist()))[0] if len(model.products) else {}

    def state(self, collector: RowCollector) -> tuple[Integers, Integers]:
        """The rows of all products; the bounds of all variables, new ones included."""
        for product, left, right in self._model.products.tolist():
            self._split(product, left, right)
        lower, upper = np.array(self._lower, np.int64), np.array(self._upper, np.int64)
        binary, integer = _table(self._of_binaries, 3), _table(self._of_integers, 3)
        _add_binary_products(collector, binary, lower, upper)
        _add_hulls(collector, integer, lower, upper)
        _add_chains(collector, _table(self._chains, 5), lower, upper)
        lengths = np.array([len(terms) for terms, _, _ in self._sums], np.int64)
        values = np.array([value for _, _, value in self._sums], np.int64)
        collector.add_ragged(
            len(lengths),
            np.repeat(np.arange(len(lengths)), lengths),
            np.array([v for terms, _, _ in self._sums for v in terms], np.int64),
            np.array([c for _, weights, _ in self._sums for c in weights], np.int64),
            values,
            values,
        )
        return lower, upper

    def _split(self, product: int, left: int, right: int) -> None:
        if self._is_binary(left) or self._is_binary(right):
            b, x = (left, right) if self._is_binary(left) else (right, left)
            self._of_binaries.append((product, b, x))
            return
        self._of_integers.append((product, left, right))
        split, whole = (left, right) if self._cost(left) <= self._cost(right) else (right, left)
        digits = self._digits_of(split)
        literals = digits.literals.tolist()
        parts = [self._part(u, whole) for u in literals]
        self._sums.append(([product, whole, *parts], [1, -digits.base, *(-digits.weights).tolist()], 0))
        pairs = zip(digits.linked, pairwise(zip(parts, literals, strict=True)), strict=True)
        self._chains += [(q, p, u, v, whole) for linked, ((q, u), (p, v)) in pairs if linked]

    def _is_binary(self, v: int) -> bool:
        return self._lower[v] >= 0 and self._upper[v] <= 1

    def _cost(self, v: int) -> int:
        """How many Booleans make the variable."""
        known = self._defining(v)
        return len(known.literals) if known else (self._upper[v] - self._lower[v]).bit_length()

    def _defining(self, v: int) -> _Digits | None:
        """The form over a few Booleans that an equation gives the variable, if there is one."""
        if v not in self._definitions:
            return None
        base, variables, weights = self._definitions[v]
        few = len(variables) <= 2 * (self._upper[v] - self._lower[v]).bit_length()
        if not few or not self._model.boolean[variables].all():
            return None
        return _Digits(base, variables, weights, self._known.holds(variables[1:], variables[:-1]).tolist())

    def _digits_of(self, v: int) -> _Digits:
        if v not in self._digits:
            self._digits[v] = self._defining(v) or self._binary(v)
        return self._digits[v]

    def _binary(self, v: int) -> _Digits:
        """New digits that add up to the variable."""
        low, high = self._lower[v], self._upper[v]
        count = (high - low).bit_length()
        literals, weights = [self._variable(0, 1) for _ in range(count)], 2 ** np.arange(count, dtype=np.int64)
        self._sums.append(([v, *literals], [1, *(-weights).tolist()], low))
        return _Digits(low, np.array(literals, np.int64), weights, [False] * max(0, count - 1))

    def _variable(self, low: int, high: int) -> int:
        self._lower.append(low)
        self._upper.append(high)
        return len(self._lower) - 1

    def _part(self, b: int, x: int) -> int:
        """A variable for ``b * x``; the same one if asked again."""
        if (b, x) not in self._parts:
            self._parts[b, x] = self._variable(min(0, self._lower[x]), max(0, self._upper[x]))
            self._of_binaries.append((self._parts[b, x], b, x))
        return self._parts[b, x]


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Integers:
    return np.array(rows, np.int64).reshape(-1, width)


def _add_binary_products(collector: RowCollector, products: Integers, lower: Integers, upper: Integers) -> None:
    """The hull of ``p = b x`` for rows (p, b, x) with a binary b."""
    same = products[:, 1] == products[:, 2]
    collector.add(products[same][:, :2], np.array([1, -1]), 0, 0)
    p, b, x = products[~same].T
    low, high = lower[x], upper[x]
    two, three = np.stack([p, b], axis=1), np.stack([p, b, x], axis=1)
    one = np.ones(len(p), np.int64)
    collector.add(two, np.stack([one, -low], axis=1), 0, OPEN)
    collector.add(two, np.stack([one, -high], axis=1), -OPEN, 0)
    collector.add(three, np.stack([one, -high, -one], axis=1), -high, OPEN)
    collector.add(three, np.stack([one, -low, -one], axis=1), -OPEN, -low)


def _add_hulls(collector: RowCollector, products: Integers, lower: Integers, upper: Integers) -> None:
    """McCormick's four rows for rows (p, x, y) of ``p = x y``."""
    x, y = products[:, 1], products[:, 2]
    most = [float(np.abs(bounds[v]).max(initial=0)) for v in (x, y) for bounds in (lower, upper)]
    if 2 * max(most[:2]) * max(most[2:]) > LARGEST:
        raise UnsupportedError("a product could need more than 60 bits")
    one = np.ones(len(products), np.int64)
    for at_x, at_y, above in (
        (lower, lower, True),
        (upper, upper, True),
        (lower, upper, False),
        (upper, lower, False),
    ):
        coefficients, corner = np.stack([one, -at_y[y], -at_x[x]], axis=1), -at_x[x] * at_y[y]
        collector.add(products, coefficients, corner if above else -OPEN, OPEN if above else corner)


def _add_chains(collector: RowCollector, chains: Integers, lower: Integers, upper: Integers) -> None:
    """The hull of ``q - p = (u - v) x`` for rows (q, p, u, v, x) with binaries u >= v: a step that w is at."""
    low, high = lower[chains[:, 4]], upper[chains[:, 4]]
    one, none = np.ones(len(chains), np.int64), np.zeros(len(chains), np.int64)
    for bound, x, at_least, at_most in (
        (low, none, 0, OPEN),
        (high, none, -OPEN, 0),
        (high, one, -high, OPEN),
        (low, one, -OPEN, -low),
    ):
        collector.add(chains, np.stack([one, -one, -bound, bound, -x], axis=1), at_least, at_most)
