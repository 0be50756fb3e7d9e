"""Bounds on the objective of a CNF: literals that say ``cost >= v``.

Source
    The weighted soft literals of a `Cnf`, and a solution's cost that every later one has to beat.
Target
    Clauses for one direction only, cost to literal: to bound the cost one assumes the literal false. A
    tree of unary numbers, clipped to the costs of interest; where that is too large, binary digits with
    one comparison per bound that is asked for.
Size
    With n literals and a clip at k about n k clauses; or about 14 n for the digits.
"""

from __future__ import annotations

import numpy as np

from qnnt.encoders.adder import adder
from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.cnf import Cnf
from qnnt.encoders.gates import Gates
from qnnt.encoders.leaves import Weighted
from qnnt.encoders.model import FALSE, TRUE, Integers, Rows
from qnnt.encoders.trees import weight_tree
from qnnt.encoders.unary import TOO_LARGE, UP, Circuits, Forest

LARGEST_NODE = 1 << 12
"""Distinct costs up to which they are counted in unary."""


class CostBounds:
    """Literals for bounds on the cost, made when they are asked for.

    Costs here are without the constant of the objective: from 0 to the sum of the weights.

    Parameters
    ----------
    most
        Bounds above this are not asked for.
    """

    def __init__(self, cnf: Cnf, most: int) -> None:
        self._cnf = cnf
        self._builder = ClauseBuilder(cnf.variables, Rows(np.zeros(1, np.int64), np.empty(0, np.int64)))
        self._taken = 0
        self._total = int(cnf.weights.sum())
        self._step = int(np.gcd.reduce(cnf.weights)) if len(cnf.weights) else 1
        self._values: Integers | None = None
        self._literals = np.empty(0, np.int64)
        self._gates = Gates(self._builder)
        if len(cnf.soft):
            self._count(most)

    def _count(self, most: int) -> None:
        terms = len(self._cnf.soft)
        forest = Forest(LARGEST_NODE)
        form = Weighted(np.array([0, terms]), self._cnf.soft, self._cnf.weights, np.zeros(1, np.int64))
        root = int(weight_tree(forest, form)[0])
        if root == TOO_LARGE:
            return
        values = forest.shapes[forest.shape[root]]
        values = values[: int(np.searchsorted(values, most, side="right"))]
        circuits = Circuits(forest)
        places = circuits.places(np.full(len(values), root), values)
        circuits.ask(places, UP)
        circuits.spread_demands()
        circuits.emit(self._builder)
        self._values, self._literals = values, circuits.literals_of(places)

    def at_least(self, cost: int) -> int:
        """A literal that holds whenever the cost is at least this."""
        if cost <= 0:
            return TRUE
        if cost > self._total:
            return FALSE
        if self._values is not None:
            return int(self._literals[np.searchsorted(self._values, cost)])
        order = np.argsort(self._cnf.weights, kind="stable")
        literals = self._cnf.soft[order][None, :]
        return int(adder(self._gates, literals, self._cnf.weights[order], np.array([cost]))[0, 0])

    def above(self, cost: int) -> int:
        """The least cost above this one that the weights allow."""
        if self._values is not None:
            place = int(np.searchsorted(self._values, cost, side="right"))
            if place < len(self._values):
                return int(self._values[place])
        return (cost // self._step + 1) * self._step

    def new_clauses(self) -> Rows:
        """The clauses that were added since this was last asked."""
        rows = self._builder.clause_rows()
        start = rows.offsets[self._taken]
        fresh = Rows(rows.offsets[self._taken :] - start, rows.entries[start:])
        self._taken = len(rows)
        return fresh

    @property
    def variables(self) -> int:
        """How many variables there are now."""
        return self._builder.variables
