"""The modulo totalizer: a counting tree whose nodes are a quotient and a remainder, both unary.

Formula
    A node is ``p U + L`` with 0 <= L < p. Two nodes make one with the carry C:

        C <=> L_a + L_b >= p,   L = L_a + L_b - p C,   U = U_a + U_b + C

    each by one clause, per direction, for every minimal (maximal) way to reach (to miss) a value. A leaf
    of weight w is ``p (w div p) + w mod p``, both numbers made of the one literal. ``sum >= q p + r`` is
    ``U > q or (U >= q and L >= r)``. Quotients stop at the largest that a bound asks for.
Source
    Sums of literals with positive weights.
Target
    Clauses. Nodes with equal children are one.
Size
    With p near sqrt(total / 2) and unit weights: O(n log n) variables, O(n^1.5) clauses, where a totalizer
    has O(n^2). With weights at most O(sqrt(total)) variables and O(total) clauses per term.
Reference
    Ogawa, Liu, Hasegawa, Koshimura, Fujita, Modulo based CNF encoding of cardinality constraints and its
    application to MaxSAT solvers, ICTAI 2013. There the clauses go one way; here both, so that every
    threshold is an equivalence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt

import numpy as np

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.gates import Gates
from qnnt.encoders.model import FALSE, TRUE, Integers

Values = tuple[int, ...]
"""What a unary number can be: increasing, from 0."""


@dataclass(frozen=True)
class _Unary:
    """Numbers, one per row: the literal in column j says that it is at least ``values[j + 1]``."""

    values: Values
    literals: Integers

    def padded(self) -> Integers:
        """A literal per value, the smallest always reached, and one for more than the largest."""
        return np.pad(self.literals, ((0, 0), (1, 1)), constant_values=((0, 0), (TRUE, FALSE)))

    def at_least(self, bound: int) -> Integers:
        """Literals ``number >= bound``, shape (rows,)."""
        reached: Integers = self.padded()[:, int(np.searchsorted(self.values, bound))]
        return reached


@dataclass(frozen=True)
class _Node:
    quotient: _Unary
    remainder: _Unary


def mtotalizer(gates: Gates, literals: Integers, weights: Integers, bounds: Integers) -> Integers:
    """Literals ``sum weights[j] * literals[i, j] >= bounds[k]``, shape (rows, bounds).

    Parameters
    ----------
    literals
        Shape (rows, terms).
    weights
        Shape (terms,), all positive; their total should be some thousands at most.
    bounds
        Shape (bounds,), increasing, within 1..sum of weights.
    """
    modulus = max(2, ceil(sqrt(sum(weights.tolist()) / 2)))
    most = -(-int(bounds[-1]) // modulus)
    tree = _Tree(gates, modulus, most)
    nodes = [tree.leaf(literals[:, j : j + 1], weight) for j, weight in enumerate(weights.tolist())]
    while len(nodes) > 1:
        pairs = zip(nodes[::2], nodes[1::2], strict=False)
        nodes = [tree.sum(a, b) for a, b in pairs] + nodes[len(nodes) & ~1 :]
    return np.stack([tree.reached(nodes[0], bound) for bound in bounds.tolist()], axis=1)


class _Tree:
    """Nodes of one modulus, with quotients up to `most`: larger ones count as `most`."""

    def __init__(self, gates: Gates, modulus: int, most: int) -> None:
        self._gates = gates
        self._modulus = modulus
        self._most = most

    def leaf(self, literals: Integers, weight: int) -> _Node:
        """The node of one literal per row, shape (rows, 1)."""
        quotient, remainder = divmod(weight, self._modulus)
        return _Node(_alone(literals, min(quotient, self._most)), _alone(literals, remainder))

    def reached(self, node: _Node, bound: int) -> Integers:
        """Literals ``node >= bound``, shape (rows,)."""
        quotient, remainder = divmod(bound, self._modulus)
        if remainder == 0:
            return node.quotient.at_least(quotient)
        equal = self._gates.conjunction(node.quotient.at_least(quotient), node.remainder.at_least(remainder))
        return self._gates.disjunction(node.quotient.at_least(quotient + 1), equal)

    def sum(self, a: _Node, b: _Node) -> _Node:
        """The node of the sum of two."""
        parts = (a.quotient, b.quotient, a.remainder, b.remainder)
        remainders = _sums(a.remainder.values, b.remainder.values)
        carries: Values = (0, 1) if remainders[-1] >= self._modulus else (0,)
        low = tuple(sorted({value % self._modulus for value in remainders}))
        quotients = _sums(_sums(a.quotient.values, b.quotient.values), carries)
        high = tuple(sorted({min(value, self._most) for value in quotients}))
        widths = [len(values) - 1 for values in (high, carries, low)]

        def make(inputs: Integers) -> Integers:
            outputs = self._gates.builder.booleans(len(inputs) * sum(widths), "count").reshape(len(inputs), -1)
            columns = _split(inputs, [part.literals.shape[1] for part in parts])
            given = [_Unary(part.values, own) for part, own in zip(parts, columns, strict=True)]
            made = map(_Unary, (high, carries, low), _split(outputs, widths))
            self._emit(given[:2], given[2:], *made)
            return outputs

        kind = ("modulo totalizer", self._modulus, self._most, *(part.values for part in parts))
        inputs = np.concatenate([part.literals for part in parts], axis=1)
        quotient, _, remainder = _split(self._gates.once(kind, inputs, sum(widths), make), widths)
        return _Node(_Unary(high, quotient), _Unary(low, remainder))

    def _emit(
        self, upper: list[_Unary], lower: list[_Unary], quotient: _Unary, carry: _Unary, remainder: _Unary
    ) -> None:
        """The clauses of sums, given the quotients and the remainders of what they are sums of."""
        builder, p = self._gates.builder, self._modulus
        q, r = quotient.literals, remainder.literals
        never = np.full_like(q, FALSE)
        _count(builder, [*upper, carry], quotient.values[1:], np.stack([q, never], 2), np.stack([-q, never], 2))
        wanted = remainder.values[1:]
        reached, missed = np.stack([r, np.full_like(r, FALSE)], 2), np.stack([-r, np.full_like(r, FALSE)], 2)
        if carry.literals.shape[1]:
            c = np.broadcast_to(carry.literals, r.shape)
            never = np.full_like(carry.literals, FALSE)
            at_modulus = np.stack([carry.literals, never], 2), np.stack([-carry.literals, never], 2)
            reached = np.concatenate([np.stack([r, c], 2), at_modulus[0], reached], axis=1)
            missed = np.concatenate([missed, at_modulus[1], np.stack([-r, -c], 2)], axis=1)
            wanted = (*wanted, p, *(p + value for value in wanted))
        _count(builder, lower, wanted, reached, missed)
        for number in (q, r):
            builder.clauses(np.stack([-number[:, 1:], number[:, :-1]], 2).reshape(-1, 2))


def _alone(literals: Integers, value: int) -> _Unary:
    """The number that is `value` if the literal holds, else 0."""
    return _Unary((0, value), literals) if value else _Unary((0,), literals[:, :0])


def _sums(a: Values, b: Values) -> Values:
    return tuple(sorted({x + y for x in a for y in b}))


def _split(table: Integers, widths: list[int]) -> list[Integers]:
    """The columns of a table in blocks."""
    return np.split(table, np.cumsum(widths)[:-1], axis=1)


def _count(builder: ClauseBuilder, parts: list[_Unary], wanted: Values, reached: Integers, missed: Integers) -> None:
    """For every wanted value v: the sum of the parts is at least v -> one of `reached`, else one of `missed`.

    Parameters
    ----------
    reached, missed
        Shape (rows, wanted values, 2).
    """
    minimal, to_reach, maximal, to_miss = _ways(tuple(part.values for part in parts), wanted)
    padded = [part.padded() for part in parts]
    below = [-own[:, i] for own, i in zip(padded, minimal.T, strict=True)]
    above = [own[:, i + 1] for own, i in zip(padded, maximal.T, strict=True)]
    for conditions, which, said in ((below, to_reach, reached), (above, to_miss, missed)):
        clauses = np.concatenate([np.stack(conditions, axis=2), said[:, which]], axis=2)
        builder.clauses(clauses.reshape(-1, clauses.shape[2]))


@lru_cache(maxsize=1024)
def _ways(parts: tuple[Values, ...], wanted: Values) -> tuple[Integers, Integers, Integers, Integers]:
    """The minimal ways to reach, and the maximal ways to miss, each wanted value by a sum of values.

    Returns
    -------
    tuple of Integers
        Indices into the parts' values, shape (ways, parts), and the wanted value's index, shape (ways,), of
        the minimal ways; the same of the maximal ones.
    """
    sums = np.zeros((), np.int64)
    for values in parts:
        sums = np.add.outer(sums, np.array(values))
    reached = sums >= np.array(wanted, np.int64).reshape(-1, *(1 for _ in parts))
    minimal, maximal = reached.copy(), ~reached
    for axis in range(1, reached.ndim):
        steps = np.moveaxis(reached, axis, 0)
        np.moveaxis(minimal, axis, 0)[1:] &= ~steps[:-1]
        np.moveaxis(maximal, axis, 0)[:-1] &= steps[1:]
    least, most = np.argwhere(minimal), np.argwhere(maximal)
    return least[:, 1:], least[:, 0], most[:, 1:], most[:, 0]
