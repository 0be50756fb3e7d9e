"""Gates in bulk, hash-consed: equal gates are one literal, within a call and across calls.

Formula
    conjunction a AND b, disjunction a OR b, a XOR b; half adder ``a + b = total + 2 carry``; full adder
    ``a + b + c = total + 2 carry``; comparator (a OR b, a AND b), which sorts two literals.
Source
    Arrays of literals; TRUE and FALSE, equal and opposite inputs are folded away.
Target
    Clauses for both directions. Inputs are sorted, signs are pulled out where the gate allows (XOR: all;
    full adder, self-dual: one for all), so that gates that differ in these alone are one.
Size
    Per new gate: AND, OR one variable, 3 clauses; XOR one, 4; comparator two, 6; half adder two, 7; full
    adder two, 14. Adders share their totals among all signs of their inputs.
Reference
    Tseitin, On the complexity of derivation in propositional calculus, 1968; Eén, Sörensson, Translating
    pseudo-Boolean constraints into SAT, JSAT 2, 2006 (the adders, with the clauses that tie the total to
    the carry).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.model import FALSE, TRUE, Integers
from qnnt.encoders.rows import Growing, row_keys

GateCircuit = Callable[["Gates", Integers, Integers, Integers], Integers]
"""Literals ``sum weights[j] * literals[i, j] >= bounds[k]``, shape (rows, bounds).

`literals` has shape (rows, terms), `weights` (terms,) all positive, `bounds` (bounds,) increasing, each
within 1..sum of weights.
"""

Make = Callable[[Integers], Integers]
"""Makes gates: inputs of shape (gates, width) to output literals of shape (gates, outputs)."""


def _numbering() -> defaultdict[bytes, int]:
    """Numbers its keys 0, 1, ... in the order in which they are first asked for."""
    return defaultdict(count().__next__)


@dataclass
class _Known:
    """The gates of one kind so far: the number of each row of inputs, and the outputs by number."""

    numbers: defaultdict[bytes, int] = field(default_factory=_numbering)
    outputs: Growing = field(default_factory=lambda: Growing(np.empty(0, np.int64)))


class Gates:
    """Makes gates, each once. Methods take arrays of literals of one shape and return arrays of that shape.

    Parameters
    ----------
    builder
        Where variables and clauses go.
    """

    def __init__(self, builder: ClauseBuilder) -> None:
        self.builder = builder
        self._known: dict[Hashable, _Known] = {}

    def once(self, kind: Hashable, inputs: Integers, outputs: int, make: Make) -> Integers:
        """The outputs of any gate: `make` is called with the distinct inputs that are new, if there are any.

        Parameters
        ----------
        kind
            Names the gate: equal kinds with equal inputs have equal outputs.
        inputs
            Shape (rows, width), width at least 1.
        outputs
            How many `make` gives per row.

        Returns
        -------
        Integers
            Shape (rows, outputs).
        """
        known = self._known.setdefault(kind, _Known())
        before = len(known.numbers)
        numbers = np.fromiter(map(known.numbers.__getitem__, row_keys(inputs)), np.int64, len(inputs))
        fresh = len(known.numbers) - before
        if fresh:
            first = np.empty(fresh, np.int64)
            new = np.flatnonzero(numbers >= before)[::-1]
            first[numbers[new] - before] = new  # the last write stays: the first row of each
            known.outputs.append(make(inputs[first]).ravel())
        found: Integers = known.outputs.values.reshape(-1, outputs)[numbers]
        return found

    def conjunction(self, a: Integers, b: Integers) -> Integers:
        """A AND b."""
        low, high = _by_variable(a.ravel(), b.ravel())
        found = np.where(low == TRUE, high, np.where(low == high, low, FALSE))
        rows = _distinct(low, high)
        found[rows] = self.once("and", np.stack([low[rows], high[rows]], axis=1), 1, self._make_conjunctions)[:, 0]
        return found.reshape(a.shape)

    def _make_conjunctions(self, inputs: Integers) -> Integers:
        a, b = inputs.T
        found = self.builder.booleans(len(inputs), "and")
        self._clauses([-found, a], [-found, b])
        self._clauses([found, -a, -b])
        return found[:, None]

    def disjunction(self, a: Integers, b: Integers) -> Integers:
        """A OR b."""
        return -self.conjunction(-a, -b)

    def comparator(self, a: Integers, b: Integers) -> tuple[Integers, Integers]:
        """The larger and the smaller of two literals."""
        return self.disjunction(a, b), self.conjunction(a, b)

    def exclusive_or(self, a: Integers, b: Integers) -> Integers:
        """A XOR b."""
        low, high = _by_variable(np.abs(a.ravel()), np.abs(b.ravel()))
        found = np.where(low == high, FALSE, -high)
        rows = _distinct(low, high)
        found[rows] = self.once("xor", np.stack([low[rows], high[rows]], axis=1), 1, self._make_exclusive_ors)[:, 0]
        return found.reshape(a.shape) * np.sign(a) * np.sign(b)

    def _make_exclusive_ors(self, inputs: Integers) -> Integers:
        a, b = inputs.T
        found = self.builder.booleans(len(inputs), "xor")
        self._clauses([found, -a, b], [found, a, -b], [-found, a, b], [-found, -a, -b])
        return found[:, None]

    def half_adder(self, a: Integers, b: Integers) -> tuple[Integers, Integers]:
        """The total and the carry of two literals."""
        low, high = _by_variable(a.ravel(), b.ravel())
        constant, alike = np.abs(low) == TRUE, low == high
        total = np.where(constant, -high * low, np.where(alike, FALSE, TRUE))
        carry = np.where(low == TRUE, high, np.where(alike, low, FALSE))
        rows = _distinct(low, high)
        made = self.once("half adder", np.stack([low[rows], high[rows]], axis=1), 2, self._make_half_adders)
        total[rows], carry[rows] = made.T
        return total.reshape(a.shape), carry.reshape(a.shape)

    def _make_half_adders(self, inputs: Integers) -> Integers:
        """These and the three clauses of the carry say all; what follows, unit propagation finds."""
        a, b = inputs.T
        total = self._total("xor", inputs)
        carry = self.conjunction(a, b)
        self._clauses([-carry, -total])
        self._clauses([carry, total, -a], [carry, total, -b], [-total, a, b])
        return np.stack([total, carry], axis=1)

    def full_adder(self, a: Integers, b: Integers, c: Integers) -> tuple[Integers, Integers]:
        """The total and the carry of three literals."""
        rows = np.stack([a.ravel(), b.ravel(), c.ravel()], axis=1)
        rows = np.take_along_axis(rows, np.argsort(np.abs(rows), axis=1, kind="stable"), axis=1)
        x, y, z = rows.T
        first, second, third = np.abs(rows).T
        front = first == second
        one, two, other = np.where(front, x, y), np.where(front, y, z), np.where(front, z, x)
        alike = one == two  # of two equal literals one is carried, of two opposite ones exactly one holds
        total, carry = np.where(alike, other, -other), np.where(alike, one, other)
        distinct = ~front & (second != third)
        halves = np.flatnonzero(distinct & (first == TRUE))
        sign = -x[halves]
        sums, carries = self.half_adder(sign * y[halves], sign * z[halves])
        total[halves], carry[halves] = sign * sums, sign * carries
        fulls = np.flatnonzero(distinct & (first != TRUE))
        sign = np.sign(x[fulls])
        made = self.once("full adder", rows[fulls] * sign[:, None], 2, self._make_full_adders)
        total[fulls], carry[fulls] = made.T * sign
        return total.reshape(a.shape), carry.reshape(a.shape)

    def _make_full_adders(self, inputs: Integers) -> Integers:
        """14 clauses; the other six of the total follow by unit propagation.

        For the total alone it takes eight of four literals; the six that tie it to the carry do more.
        """
        a, b, c = inputs.T
        total = self._total("xor of three", inputs)
        carry = self.builder.booleans(len(inputs), "carry")
        for sign in (1, -1):  # the gate is self-dual
            self._clauses(*([sign * carry, -sign * p, -sign * q] for p, q in ((a, b), (a, c), (b, c))))
            self._clauses(*([-sign * carry, -sign * total, sign * p] for p in (a, b, c)))
            self._clauses([sign * total, -sign * a, -sign * b, -sign * c])
        return np.stack([total, carry], axis=1)

    def _total(self, kind: str, inputs: Integers) -> Integers:
        """A name for the parity of each row; its clauses are those of the adders that use it."""
        variables = np.abs(inputs)
        order = np.argsort(variables, axis=1, kind="stable")
        names = self.once(
            kind,
            np.take_along_axis(variables, order, axis=1),
            1,
            lambda fresh: self.builder.booleans(len(fresh), "total")[:, None],
        )
        total: Integers = names[:, 0] * np.sign(inputs).prod(axis=1)
        return total

    def _clauses(self, *clauses: list[Integers]) -> None:
        """Clauses of one length, given literal by literal; each literal of shape (gates,)."""
        self.builder.clauses(np.array(clauses).transpose(2, 0, 1).reshape(-1, len(clauses[0])))


def _by_variable(a: Integers, b: Integers) -> tuple[Integers, Integers]:
    """Of two literals, that of the smaller variable first."""
    ordered = np.abs(a) <= np.abs(b)
    return np.where(ordered, a, b), np.where(ordered, b, a)


def _distinct(low: Integers, high: Integers) -> Integers:
    """Where two literals that are in order have distinct variables and none is constant."""
    return np.flatnonzero((np.abs(low) != TRUE) & (np.abs(low) != np.abs(high)))
