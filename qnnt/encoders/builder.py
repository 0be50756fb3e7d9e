"""Building a Model in bulk: whole arrays of variables and constraints at a time.

Constants are folded and equal things are shared (hash-consing) here, once for all encoders: equal
conjunctions get one literal, equal sums one row, equal thresholds of a row one literal.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.model import (
    FALSE,
    LARGEST,
    TRUE,
    Integers,
    Linears,
    Model,
    Objective,
    Rows,
    Sums,
    Thresholds,
    by_length,
)
from qnnt.encoders.rows import Growing, coprime, flat, folded, rounded_up, row_keys, select, stacked
from qnnt.errors import UnsupportedError
from qnnt.exact import Number


class ModelBuilder(ClauseBuilder):
    """Accumulates variables and constraints; `build` freezes them.

    Arrays of literals may hold TRUE and FALSE anywhere.
    """

    def __init__(self) -> None:
        super().__init__(1, Rows(np.array([0, 1]), np.array([TRUE])))
        self._lower = Growing(np.array([0, 1]))
        self._upper = Growing(np.array([0, 1]))
        self._boolean = Growing(np.array([0, 1]))
        self._blocks: list[tuple[int, int, str]] = [(1, 1, "true")]
        self._linears: list[tuple[Sums, Integers, Integers]] = []
        self._cuts: list[tuple[Sums, Integers, Integers]] = []
        self._products: list[Integers] = []
        self._counts: dict[bytes, int] = {}
        self._sum_ids: dict[bytes, int] = {}
        self._sum_rows: list[Sums] = []
        self._sum_total = 0
        self._sum_low = Growing(np.empty(0, np.int64))
        self._sum_high = Growing(np.empty(0, np.int64))
        self._threshold_ids: dict[tuple[int, int], int] = {}
        self._thresholds: list[tuple[Integers, Integers, Integers]] = []
        self._objective: list[tuple[int, int]] = []
        self._objective_constant = 0
        self._denominator = 1

    # --- variables -------------------------------------------------------------------------------

    def booleans(self, count: int, what: str) -> Integers:
        """New Boolean variables."""
        return self._allocate(np.zeros(count, np.int64), np.ones(count, np.int64), 1, what)

    def integers(self, lower: Integers, upper: Integers, what: str) -> Integers:
        """New integer variables with these bounds; where they cross, nothing is left and the model says so."""
        crossed = lower > upper
        self.clauses(np.empty((int(crossed.any()), 0), np.int64))
        return self._allocate(lower, np.where(crossed, lower, upper), 0, what)

    def _allocate(self, lower: Integers, upper: Integers, boolean: int, what: str) -> Integers:
        first = self._count + 1
        self._count += len(lower)
        self._lower.append(lower)
        self._upper.append(upper)
        self._boolean.append(np.full(len(lower), boolean))
        if len(lower):
            self._blocks.append((first, len(lower), what))
        return np.arange(first, self._count + 1, dtype=np.int64)

    # --- clauses ---------------------------------------------------------------------------------

    def pairs(self, left: Integers, right: Integers, what: str) -> Integers:
        """AND literals of every left literal with every right one, shape (left, right).

        The caller guarantees that no such pair was asked for before. Size: per pair of literals that
        are no constants one variable and 3 clauses.
        """
        table = np.broadcast_to(right, (len(left), len(right))).copy()
        table[:, right == TRUE] = left[:, None]
        open_right = np.flatnonzero(np.abs(right) != TRUE)
        fresh = self.booleans(len(left) * len(open_right), what)
        table[:, open_right] = fresh.reshape(len(left), len(open_right))
        a = np.repeat(left, len(open_right))
        b = np.tile(right[open_right], len(left))
        self.clauses(np.stack([-fresh, a], axis=1))
        self.clauses(np.stack([-fresh, b], axis=1))
        self.clauses(np.stack([fresh, -a, -b], axis=1))
        return table

    # --- sums ------------------------------------------------------------------------------------

    def sums(self, literals: Integers, coefficients: Integers) -> tuple[Sums, Integers]:
        """Linear forms from (rows, width) arrays of literals (or integer variables) and coefficients.

        Returns the forms over distinct variables and the constant of each row: constants are folded,
        a negative literal -v counts 1 - v, equal variables are merged, zero terms dropped.
        """
        rows, width = literals.shape
        return folded(rows, np.repeat(np.arange(rows), width), literals.ravel(), coefficients.ravel())

    def bounds_of(self, sums: Sums) -> tuple[Integers, Integers]:
        """Smallest and largest value of each linear form by the bounds of its variables."""
        return sums.bounds(self._lower.values, self._upper.values)

    def bounds_of_variables(self, variables: Integers) -> tuple[Integers, Integers]:
        """Lower and upper bounds of variables."""
        return self._lower.values[variables], self._upper.values[variables]

    def weighted_count(self, literals: Integers, coefficients: Integers, what: str) -> int:
        """An integer variable equal to ``sum coefficients * literals``; the same one if asked again.

        `literals` are positive, `coefficients` too. Size: one variable and two linears.
        """
        key = literals.tobytes() + coefficients.tobytes()
        if key not in self._counts:
            variable = self.integers(np.zeros(1, np.int64), coefficients.sum()[None], what)
            row = np.concatenate([literals, variable])[None, :]
            sums, _ = self.sums(row, np.concatenate([coefficients, [-1]])[None, :])
            self.equal(sums, np.zeros(1, np.int64))
            self._counts[key] = int(variable[0])
        return self._counts[key]

    def linears(self, sums: Sums, at_least: Integers, enforced: Integers | None = None) -> None:
        """``sums[i] >= at_least[i]`` if literal enforced[i] holds; FALSE drops, TRUE always enforces."""
        if enforced is None:
            enforced = np.full(len(sums), TRUE)
        sums, factor = coprime(sums)
        at_least = rounded_up(at_least, factor)
        low, high = self.bounds_of(sums)
        hopeless = (enforced != FALSE) & (high < at_least)
        self.clauses(-enforced[hopeless][:, None])
        keep = (enforced != FALSE) & (low < at_least) & ~hopeless
        enforced = np.where(enforced == TRUE, 0, enforced)
        self._linears.append((select(sums, keep), at_least[keep], enforced[keep]))

    def cuts(self, sums: Sums, at_least: Integers) -> None:
        """``sums[i] >= at_least[i]``, which everything else in the model implies: for relaxations alone."""
        self._cuts.append((sums, at_least, np.zeros(len(sums), np.int64)))

    def equal(self, sums: Sums, values: Integers, enforced: Integers | None = None) -> None:
        """``sums[i] = values[i]``, as two linears each."""
        self.linears(sums, values, enforced)
        self.linears(Sums(sums.offsets, sums.variables, -sums.coefficients), -values, enforced)

    def products(self, product: Integers, left: Integers, right: Integers) -> None:
        """``product[i] = left[i] * right[i]``."""
        self._products.append(np.stack([product, left, right], axis=1))

    def at_least(self, sums: Sums, bounds: Integers, low: Integers, high: Integers, what: str) -> Integers:
        """Literals ``sums[i] >= bounds[i, j]``, shape of `bounds`; columns in increasing order.

        `low` and `high` are (possibly tighter than computed) bounds of each row, which all else in the model
        implies: thresholds outside them become constants. A row with one Boolean term needs no new literal.
        Otherwise: one variable and one threshold each, and clauses that chain neighbouring thresholds.
        """
        sums, factor = coprime(sums)
        bounds, low, high = rounded_up(bounds, factor[:, None]), rounded_up(low, factor), high // factor
        found = np.where(bounds <= low[:, None], TRUE, FALSE)
        unsettled = (bounds > low[:, None]) & (bounds <= high[:, None])
        boolean = self._boolean.values
        lengths = sums.lengths
        single = np.flatnonzero(lengths == 1)
        single = single[boolean[sums.variables[sums.offsets[single]]] == 1]
        first = sums.offsets[single]
        literal = np.where(sums.coefficients[first] > 0, sums.variables[first], -sums.variables[first])
        found[single] = np.where(unsettled[single], literal[:, None], found[single])
        unsettled[single] = False
        found[unsettled] = self._threshold_literals(sums, low, high, bounds, unsettled, what)
        if bounds.shape[1] > 1:
            chained = unsettled[:, 1:] & (found[:, 1:] != found[:, :-1])
            self.clauses(np.stack([-found[:, 1:][chained], found[:, :-1][chained]], axis=1))
        return found

    def _threshold_literals(
        self, sums: Sums, low: Integers, high: Integers, bounds: Integers, wanted: npt.NDArray[np.bool_], what: str
    ) -> Integers:
        ids = np.full(len(sums), -1, np.int64)
        fresh: list[int] = []
        rows = np.flatnonzero(wanted.any(axis=1))
        for length, chosen in by_length(sums.lengths[rows]):
            places = sums.offsets[rows[chosen]][:, None] + np.arange(length)
            keys = row_keys(np.concatenate([sums.variables[places], sums.coefficients[places]], axis=1))
            for i, key in zip(rows[chosen].tolist(), keys, strict=True):
                number = self._sum_ids.setdefault(key, len(self._sum_ids))
                if number == self._sum_total + len(fresh):
                    fresh.append(i)
                ids[i] = number
        if fresh:
            self._sum_rows.append(select(sums, np.array(fresh)))
            self._sum_total += len(fresh)
            self._sum_low.append(low[fresh])
            self._sum_high.append(high[fresh])
        np.maximum.at(self._sum_low.values, ids[rows], low[rows])
        np.minimum.at(self._sum_high.values, ids[rows], high[rows])
        row, column = np.nonzero(wanted)
        pairs = np.stack([ids[row], bounds[row, column]], axis=1)
        distinct, back = np.unique(pairs, axis=0, return_inverse=True)
        known = [self._threshold_ids.get((r, k), 0) for r, k in distinct.tolist()]
        chosen = np.array(known, dtype=np.int64)
        new = chosen == 0
        chosen[new] = self.booleans(int(new.sum()), what)
        for (r, k), lit in zip(distinct[new].tolist(), chosen[new].tolist(), strict=True):
            self._threshold_ids[r, k] = lit
        self._thresholds.append((distinct[new, 0], distinct[new, 1], chosen[new]))
        return chosen[back.reshape(-1)]

    # --- objective -------------------------------------------------------------------------------

    def add_to_objective(self, literals: Integers, coefficients: Integers, denominator: int) -> None:
        """Add ``sum coefficients * literals / denominator``; FALSE counts 0 and TRUE counts 1."""
        factor = self._on_denominator(denominator)
        negative = literals < 0
        signed = np.where(negative, -coefficients, coefficients)
        ones = (literals == TRUE) | (negative & (literals != FALSE))
        self._objective_constant += factor * int(coefficients[ones].sum())
        keep = np.abs(literals) != TRUE
        self._objective += [
            (variable, factor * c)
            for variable, c in zip(np.abs(literals)[keep].tolist(), signed[keep].tolist(), strict=True)
        ]

    def add_constant_to_objective(self, constant: int, denominator: int) -> None:
        """Add ``constant / denominator``."""
        factor = self._on_denominator(denominator)  # first: it rescales the constant that there is
        self._objective_constant += factor * constant

    def bound_objective(self, bound: Number) -> None:
        """Turn the objective into the constraint ``objective <= bound``; nothing is minimised any more."""
        room = math.floor(bound * self._denominator) - self._objective_constant
        terms = self._objective_terms()
        literals = np.array([[variable for variable, _ in terms]], np.int64)
        coefficients = np.array([[-c for _, c in terms]], np.int64)
        sums, folded = self.sums(literals, coefficients)
        # the sum cannot pass LARGEST, the bound can: a room beyond is no constraint or no hope all the same
        room = max(-LARGEST - 1, min(room, LARGEST + 1))
        self.linears(sums, -room - folded)
        self._objective, self._objective_constant, self._denominator = [], 0, 1

    def _objective_terms(self) -> list[tuple[int, int]]:
        """One (variable, coefficient) pair per variable that counts, after a check of the magnitude."""
        total: dict[int, int] = {}
        for variable, c in self._objective:
            total[variable] = total.get(variable, 0) + c
        terms = sorted((variable, c) for variable, c in total.items() if c)
        lower, upper = self.bounds_of_variables(np.array([variable for variable, _ in terms], np.int64))
        reach = np.maximum(1, np.maximum(np.abs(lower), np.abs(upper))).tolist()
        if sum(abs(c) * most for (_, c), most in zip(terms, reach, strict=True)) > LARGEST:
            raise UnsupportedError("the loss could need more than 60 bits")
        return terms

    def _on_denominator(self, denominator: int) -> int:
        """Make the common denominator a multiple of this one; the factor for new terms."""
        common = math.lcm(self._denominator, denominator)
        scale = common // self._denominator
        if scale != 1:
            self._objective = [(variable, c * scale) for variable, c in self._objective]
            self._objective_constant *= scale
            self._denominator = common
        return common // denominator

    # --- the end ---------------------------------------------------------------------------------

    def build(self) -> Model:
        """The frozen Model."""
        terms = self._objective_terms()
        rows, at_least, literals = _joined(self._thresholds)
        order = np.lexsort((at_least, rows))
        return Model(
            lower=self._lower.values.copy(),
            upper=self._upper.values.copy(),
            boolean=self._boolean.values == 1,
            clauses=self.clause_rows(),
            linears=_linears(self._linears),
            cuts=_linears(self._cuts),
            thresholds=Thresholds(
                stacked(self._sum_rows),
                self._sum_low.values.copy(),
                self._sum_high.values.copy(),
                rows[order],
                at_least[order],
                literals[order],
            ),
            products=np.concatenate([np.empty((0, 3), np.int64), *self._products]),
            objective=Objective(
                np.array([v for v, _ in terms], np.int64),
                np.array([c for _, c in terms], np.int64),
                self._objective_constant,
                self._denominator,
            ),
            blocks=tuple(self._blocks),
        )


def _linears(parts: list[tuple[Sums, Integers, Integers]]) -> Linears:
    return Linears(
        stacked([sums for sums, _, _ in parts]),
        flat([bounds for _, bounds, _ in parts]),
        flat([literals for _, _, literals in parts]),
    )


def _joined(parts: list[tuple[Integers, Integers, Integers]]) -> tuple[Integers, Integers, Integers]:
    return flat([p[0] for p in parts]), flat([p[1] for p in parts]), flat([p[2] for p in parts])
