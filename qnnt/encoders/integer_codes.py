"""Bounded integers as forms of literals, so that a Model with integers becomes one of Booleans only.

* a product is the sum of the ANDs of its factors' literals, each weighted by both coefficients;
* an integer that an equation defines is that equation's other side;
* any other integer is ``lower + sum 2^i b_i`` with a comparison that keeps it below its upper bound, or a
  chain of order literals where it has at most `LONGEST_CHAIN` + 1 values.

A factor of a product that is a long form is added up to binary digits first (`qnnt.encoders.adder`).

Size: per free integer of range r either r variables or log r; per product the product of the lengths of
its factors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.encoders.adder import binary_sum
from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.gates import Gates
from qnnt.encoders.model import FALSE, LARGEST, TRUE, Integers, Linears, Model, Sums, offsets_of
from qnnt.errors import UnsupportedError

LONGEST_CHAIN = 8
"""Order literals up to which a free integer is a chain."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Form:
    """``base + sum coefficients * variables``, over Booleans."""

    base: int
    variables: Integers
    coefficients: Integers

    @property
    def range(self) -> tuple[int, int]:
        """The least and the largest value."""
        c = self.coefficients
        return self.base + int(c[c < 0].sum()), self.base + int(c[c > 0].sum())


def merged(base: int, variables: list[Integers], coefficients: list[Integers]) -> Form:
    """A form with each variable once; literals may be negative or constant.

    Raises
    ------
    UnsupportedError
        If the values could need more than 60 bits.
    """
    literals = np.concatenate([np.empty(0, np.int64), *variables])
    weights = np.concatenate([np.empty(0, np.int64), *coefficients])
    if abs(base) + sum(map(abs, weights.tolist())) > LARGEST:
        raise UnsupportedError("a sum could need more than 60 bits")
    ones = (literals == TRUE) | ((literals < 0) & (literals != FALSE))
    base += int(weights[ones].sum())
    signed = np.where(literals < 0, -weights, weights)
    kept = np.abs(literals) != TRUE
    distinct, back = np.unique(np.abs(literals[kept]), return_inverse=True)
    total = np.zeros(len(distinct), np.int64)
    np.add.at(total, back, signed[kept])
    return Form(base, distinct[total != 0], total[total != 0])


class IntegerCodes:
    """The form of each integer of a Model.

    Parameters
    ----------
    builder
        Holds the Model's clauses; gets those of the codes.
    """

    def __init__(self, model: Model, builder: ClauseBuilder) -> None:
        self._model = model
        self._builder = builder
        self._gates = Gates(builder)
        self._forms: dict[int, Form] = {}
        self._compact: dict[int, Form] = {}
        products: dict[int, tuple[int, int]] = {}
        repeated = []
        for p, left, right in model.products.tolist():
            if products.setdefault(p, (left, right)) != (left, right):
                repeated.append((p, (left, right)))
        defined, self.used = definitions(model, set(products))
        self._checked: list[int] = []
        for v in (np.flatnonzero(~model.boolean[1:]) + 1).tolist():
            if v in products and max(products[v]) < v:
                self._forms[v] = self._product(*products.pop(v))
                self._spare(v)
            elif v in defined:
                self._forms[v] = self._substituted(*defined[v])
                self._spare(v)
            else:
                self._forms[v] = self._free(v)
        self.equations = [(v, self._product(*factors)) for v, factors in [*products.items(), *repeated]]
        """Products that are Boolean, of later variables, or of a variable that is one already: to be stated."""

    def _spare(self, v: int) -> None:
        """The number v names no literal: fix it, so that it adds no freedom. Bounds are kept where they bind."""
        self._builder.clauses(np.array([[-v]]))
        low, high = self._forms[v].range
        if low < self._model.lower[v] or high > self._model.upper[v]:
            self._checked.append(v)

    def form(self, v: int) -> Form:
        """The value of a variable of the Model."""
        if self._model.boolean[v]:
            return Form(0, np.array([v]), np.array([1])) if v != TRUE else Form(1, *_nothing())
        return self._forms[v]

    def _free(self, v: int) -> Form:
        low, high = int(self._model.lower[v]), int(self._model.upper[v])
        reach = high - low
        if reach == 0:
            self._builder.clauses(np.array([[-v]]))
            return Form(low, *_nothing())
        if reach <= LONGEST_CHAIN:
            digits = np.concatenate([[v], self._builder.booleans(reach - 1, "order")])
            self._builder.clauses(np.stack([-digits[1:], digits[:-1]], axis=1))
            return Form(low, digits, np.ones(reach, np.int64))
        digits = np.concatenate([[v], self._builder.booleans(reach.bit_length() - 1, "digit")])
        set_digits = [i for i in range(len(digits)) if reach >> i & 1]
        for i in range(len(digits)):
            if not reach >> i & 1:
                above = [-int(digits[j]) for j in set_digits if j > i]
                self._builder.clauses(np.array([[-int(digits[i]), *above]]))
        return Form(low, digits, 2 ** np.arange(len(digits), dtype=np.int64))

    def _product(self, left: int, right: int) -> Form:
        a, b = self._factor(left), self._factor(right)
        pairs = np.stack([np.repeat(a.variables, len(b.variables)), np.tile(b.variables, len(a.variables))], axis=1)
        both = self._builder.conjunctions(pairs, "digits") if len(pairs) else np.empty(0, np.int64)
        weights = _scaled(np.repeat(a.coefficients, len(b.variables)), np.tile(b.coefficients, len(a.variables)))
        return merged(
            a.base * b.base,
            [a.variables, b.variables, both],
            [_scaled(a.coefficients, b.base), _scaled(b.coefficients, a.base), weights],
        )

    def _factor(self, v: int) -> Form:
        """A form of at most about as many terms as binary digits are needed."""
        form = self.form(v)
        low, high = form.range
        if len(form.variables) <= 2 * (high - low).bit_length():
            return form
        if v not in self._compact:
            literals = np.where(form.coefficients > 0, form.variables, -form.variables)
            digits = binary_sum(self._gates, literals[None, :], np.abs(form.coefficients))[0]
            self._compact[v] = merged(low, [digits], [2 ** np.arange(len(digits), dtype=np.int64)])
        return self._compact[v]

    def _substituted(self, base: int, variables: Integers, coefficients: Integers) -> Form:
        """A form over the Model's variables as one over Booleans."""
        parts = [(self.form(v), c) for v, c in zip(variables.tolist(), coefficients.tolist(), strict=True)]
        return merged(
            base + sum(c * part.base for part, c in parts),
            [part.variables for part, _ in parts],
            [_scaled(part.coefficients, c) for part, c in parts],
        )

    def substitute(self, sums: Sums) -> tuple[Sums, Integers]:
        """Rows over Booleans only, and the constant of each."""
        boolean = self._model.boolean[sums.variables]
        if boolean.all():
            return sums, np.zeros(len(sums), np.int64)
        forms = [
            self._substituted(0, sums.variables[start:end], sums.coefficients[start:end])
            for start, end in zip(sums.offsets[:-1].tolist(), sums.offsets[1:].tolist(), strict=True)
        ]
        return as_sums(forms), np.array([form.base for form in forms], np.int64)

    def difference(self, v: int, form: Form) -> Form:
        """A variable minus a form over Booleans."""
        own = self.form(v)
        return merged(own.base - form.base, [own.variables, form.variables], [own.coefficients, -form.coefficients])

    @property
    def bounded(self) -> list[tuple[Form, int, int]]:
        """Forms that could leave the bounds of their integer."""
        return [(self._forms[v], int(self._model.lower[v]), int(self._model.upper[v])) for v in self._checked]


def as_sums(forms: list[Form]) -> Sums:
    """The terms of forms as rows."""
    return Sums(
        offsets_of(np.array([len(form.variables) for form in forms], np.int64)),
        np.concatenate([np.empty(0, np.int64), *(form.variables for form in forms)]),
        np.concatenate([np.empty(0, np.int64), *(form.coefficients for form in forms)]),
    )


def definitions(model: Model, products: set[int]) -> tuple[dict[int, tuple[int, Integers, Integers]], Mask]:
    """Integers that an equation defines by earlier ones: base, variables, coefficients; and the linears used up."""
    linears: Linears = model.linears
    sums = linears.sums
    used = np.zeros(len(sums), bool)
    known: dict[tuple[bytes, bytes, int], int] = {}
    found: dict[int, tuple[int, Integers, Integers]] = {}
    for i in np.flatnonzero(linears.enforced == 0).tolist():
        part = slice(int(sums.offsets[i]), int(sums.offsets[i + 1]))
        variables, coefficients, bound = sums.variables[part], sums.coefficients[part], int(linears.at_least[i])
        opposite = known.pop((variables.tobytes(), (-coefficients).tobytes(), -bound), None)
        if opposite is None:
            known[variables.tobytes(), coefficients.tobytes(), bound] = i
            continue
        last = int(variables[-1])  # rows are sorted by variable
        if model.boolean[last] or last in products or last in found or abs(int(coefficients[-1])) != 1:
            continue
        sign = int(coefficients[-1])
        found[last] = sign * bound, variables[:-1], -sign * coefficients[:-1]
        used[[i, opposite]] = True
    return found, used


def _scaled(coefficients: Integers, factor: Integers | int) -> Integers:
    """Products that stay within 60 bits, or an error."""
    largest = int(np.abs(coefficients).max(initial=0)) * int(np.abs(factor).max(initial=0))
    if largest > LARGEST:
        raise UnsupportedError("a product could need more than 60 bits")
    return np.asarray(coefficients * factor, np.int64)


def _nothing() -> tuple[Integers, Integers]:
    return np.empty(0, np.int64), np.empty(0, np.int64)
