"""Random Models with every kind of constraint, small enough to enumerate."""

from __future__ import annotations

import random

import numpy as np

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.integer_codes import LONGEST_CHAIN
from qnnt.encoders.model import FALSE, TRUE, Integers, Model
from tests.encoders.circuit_check import array


def numerator(model: Model, assignment: Integers) -> int:
    objective = model.objective
    return objective.constant + int(assignment[objective.variables] @ objective.coefficients)


class Draw:
    """Random parts of a Model, one after the other; the pool holds the literals there are."""

    def __init__(self, seed: int, free: int) -> None:
        self.rng = random.Random(seed)
        self.builder = ModelBuilder()
        self.free = self.builder.booleans(free, "free")
        self.pool = [TRUE, FALSE, *self.free.tolist(), *(-self.free).tolist()]
        self.numbers: list[int] = []

    def table(self, rows: int, width: int, entries: list[int]) -> Integers:
        numbers = [self.rng.choice(entries) for _ in range(rows * width)]
        return np.array(numbers, np.int64).reshape(rows, width)

    def number(self, low: int, high: int) -> int:
        """A bounded integer."""
        (variable,) = self.builder.integers(array(low), array(high), "number")
        self.numbers.append(int(variable))
        return int(variable)

    def clauses(self) -> None:
        for width in (2, 3):
            self.builder.clauses(self.table(self.rng.randint(0, 1), width, self.pool))
        self.pool += self.builder.conjunctions(self.table(2, 2, self.pool), "and").tolist()

    def thresholds(self, rows: int) -> None:
        width = self.rng.randint(1, 4)
        entries = self.table(rows, width, [*self.pool, *self.numbers])
        sums, folded = self.builder.sums(entries, self.table(rows, width, [-3, -2, -1, 1, 1, 2]))
        bounds = np.sort(self.table(rows, self.rng.randint(1, 3), list(range(-5, 6))), axis=1)
        low, high = self.builder.bounds_of(sums)
        self.pool += self.builder.at_least(sums, bounds - folded[:, None], low, high, "sum").ravel().tolist()

    def linears(self) -> None:
        width = self.rng.randint(1, 4)
        sums, folded = self.builder.sums(
            self.table(2, width, [*self.pool, *self.numbers]), self.table(2, width, [-2, -1, 1, 3])
        )
        enforced = array(self.rng.choice(self.pool), TRUE)
        self.builder.linears(sums, array(self.rng.randint(-2, 3), self.rng.randint(-6, -2)) - folded, enforced)

    def definition(self, low: int, high: int) -> int:
        """An integer that equals a sum of what there is; its bounds may bind."""
        terms = self.rng.sample([*self.free.tolist(), *self.numbers], 2)
        variable = self.number(low, high)
        sign = self.rng.choice((1, -1))
        row = array(*terms, variable)[None, :]
        sums, _ = self.builder.sums(row, array(self.rng.choice((-1, 1, 2)), self.rng.choice((-1, 1)), sign)[None, :])
        self.builder.equal(sums, array(sign * self.rng.randint(-1, 2)))
        return variable

    def objective(self) -> None:
        for width, denominator in ((3, 1), (2, self.rng.choice((2, 3)))):
            literals = self.table(1, width, [*self.pool, *self.numbers])[0]
            self.builder.add_to_objective(literals, self.table(1, width, [-3, -1, 1, 2])[0], denominator)
        self.builder.add_constant_to_objective(self.rng.randint(-3, 3), self.rng.choice((1, 2, 5)))


def random_model(seed: int) -> Model:
    """Everything: products of integers, Booleans and later variables, squares, definitions, enforced linears."""
    draw = Draw(seed, 3)
    rng, builder = draw.rng, draw.builder
    kind = seed % 5
    early = draw.number(-2, 6) if kind == 1 else 0
    small = draw.number(low := rng.randint(-3, 0), low + rng.randint(1, 3))
    if kind in (0, 2):
        draw.number(low := rng.randint(-6, 0), low + rng.randint(LONGEST_CHAIN, LONGEST_CHAIN + 3))
    draw.number(2, 2)
    draw.clauses()
    draw.thresholds(2)
    defined = draw.definition(-2, rng.choice((2, 9)))
    factors = rng.choice([(small, defined), (small, small), (defined, defined), (int(draw.free[0]), defined)])
    builder.products(array(draw.number(rng.choice((-20, -4)), rng.choice((5, 30)))), *map(array, factors))
    if kind == 1:
        builder.products(array(early), array(small), array(rng.choice((defined, small, int(draw.free[1])))))
    if kind == 3:
        both = builder.booleans(2, "product")
        builder.products(both, draw.free[:2], draw.free[1:])
        draw.pool += both.tolist()
    draw.linears()
    draw.thresholds(1)
    if kind == 4:
        draw.definition(-30, 30)
    draw.objective()
    return builder.build()


def boolean_model(seed: int) -> Model:
    """Clauses and thresholds alone."""
    draw = Draw(seed, 5)
    draw.clauses()
    for _ in range(3):
        draw.thresholds(2)
    draw.objective()
    return draw.builder.build()
