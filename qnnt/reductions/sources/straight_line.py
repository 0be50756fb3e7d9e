"""PosSLP: whether the number that a straight-line program computes is positive."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_integer, as_list, as_object, as_text
from qnnt.errors import InputError, UnsupportedError
from qnnt.files.text import parse_json
from qnnt.reductions.sources.source import Drawn, Source, Variant

MOST_BITS = 4_000_000
"""Of a value that is computed exactly."""
MOST_OPERATIONS = 1000
"""Of a program: all of its values are held at once."""
DIGITS = (60, 400, 3000)
"""Of the bounds between which larger values are held, in turn."""
TRIES = 50
"""Steps that are drawn for each one that a program needs, before it is begun again."""
ZEROS = 0.05
"""The probability that a step may compute 0."""
SHOWN = 60
"""Digits up to which a value is printed."""


class Operator(StrEnum):
    """What a step does with two earlier values."""

    PLUS = "+"
    MINUS = "-"
    TIMES = "*"


@dataclass(frozen=True)
class Operation:
    """One step: the values number `left` and `right`, joined."""

    operator: Operator
    left: int
    right: int


@dataclass(frozen=True)
class Program(Source[bool]):
    """Values a_0 = 1, a_1, ..., a_l: operation i computes a_i from earlier ones. Its solution: a_l > 0.

    There is no shorter certificate: values double their digits with each product, and PosSLP is not
    known to be in NP.
    """

    operations: tuple[Operation, ...]
    problem: ClassVar[str] = "PosSLP"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read JSON: ``{"operations": [["+", 0, 0], ["*", 1, 1]]}``."""
        return cls.from_document(parse_json(text), "")

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        fields = as_object(document, path, ("operations",), ("operations",))
        at = f"{path}.operations" if path else "operations"
        found: list[Operation] = []
        for i, entry in enumerate(as_list(fields["operations"], at)):
            step = as_list(entry, f"{at}[{i}]")
            if len(step) != 3 or step[0] not in list(Operator):
                raise InputError("expected [OPERATOR, LEFT, RIGHT] with +, - or *", f"{at}[{i}]")
            operands = [as_integer(step[j], f"{at}[{i}][{j}]", 0, i) for j in (1, 2)]
            found.append(Operation(Operator(as_text(step[0], f"{at}[{i}][0]")), *operands))
        if len(found) > MOST_OPERATIONS:
            raise InputError(f"expected at most {MOST_OPERATIONS} operations, got {len(found)}", at)
        return cls(tuple(found))

    def document(self) -> dict[str, Any]:
        return {"operations": [[str(step.operator), step.left, step.right] for step in self.operations]}

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, bool]:
        """Random steps on the latest values; planted ends in x * x + 1, refuted in 0 - x * x."""
        count = sizes["operations"]
        if variant is Variant.RANDOM:
            return Drawn(cls(tuple(cls._steps(rng, count))))
        if count < (last := 2 if variant is Variant.PLANTED else 3):
            raise InputError(f"a program of the variant {variant} has at least {last} operations, not {count}")
        steps = cls._steps(rng, count - last)
        x = len(steps)
        if variant is Variant.PLANTED:
            ending = [Operation(Operator.TIMES, x, x), Operation(Operator.PLUS, x + 1, 0)]
            return Drawn(cls((*steps, *ending)), solution=True)
        square, zero = Operation(Operator.TIMES, x, x), Operation(Operator.MINUS, 0, 0)
        ending = [square, zero, Operation(Operator.MINUS, x + 2, x + 1)]
        return Drawn(cls((*steps, *ending)), refutation="it computes minus a square")

    @classmethod
    def _steps(cls, rng: random.Random, count: int) -> list[Operation]:
        """The latest value with one of the latest four, seldom so that it becomes 0, which would stay."""
        while True:
            found: list[Operation] = []
            values: list[int | None] = [1]
            for _ in range(TRIES * count):
                if len(found) == count:
                    break
                step = Operation(
                    rng.choice(list(Operator)), len(found), rng.randint(max(0, len(found) - 3), len(found))
                )
                value = _value(step, values)
                if cls._fits(step, values) and (value != 0 or rng.random() < ZEROS):
                    found.append(step)
                    values.append(value)
            if len(found) == count and cls._fits(Operation(Operator.TIMES, count, count), values):
                return found

    @classmethod
    def _fits(cls, step: Operation, values: Sequence[int | None]) -> bool:
        """Whether a program of this kind may hold the step."""
        return True

    def complaint(self, solution: bool) -> str:
        if not solution:
            return "the only solution is that the value is positive"
        return "" if self.solve() else "the value is not positive"

    def solve(self) -> bool | None:
        """By integers of at most `MOST_BITS`, else between decimal bounds of growing precision."""
        values = self.values()
        if values is not None:
            return values[-1] > 0 or None
        for digits in DIGITS:
            low, high = self._bounds(digits)
            if low > 0:
                return True
            if high <= 0:
                return None
        raise UnsupportedError(f"the value needs more than {MOST_BITS} bits, and bounds do not tell its sign")

    def values(self) -> list[int] | None:
        """All values exactly; None if one may need more than `MOST_BITS`."""
        return values_of(self.operations)

    def _bounds(self, digits: int) -> tuple[Decimal, Decimal]:
        """Bounds on the last value, outward rounded; infinite beyond 10^(10^18)."""
        down, up = (
            Context(prec=digits, rounding=rounding, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation])
            for rounding in (ROUND_FLOOR, ROUND_CEILING)
        )
        ends = [(Decimal(1), Decimal(1))]
        for step in self.operations:
            (a, b), (c, d) = ends[step.left], ends[step.right]
            try:
                if step.operator is Operator.PLUS:
                    ends.append((down.add(a, c), up.add(b, d)))
                elif step.operator is Operator.MINUS:
                    ends.append((down.subtract(a, d), up.subtract(b, c)))
                else:
                    pairs = [(a, c), (a, d), (b, c), (b, d)]
                    low, high = min(down.multiply(*p) for p in pairs), max(up.multiply(*p) for p in pairs)
                    ends.append((max(low, Decimal(0)) if step.left == step.right else low, high))
            except InvalidOperation:  # infinity - infinity, 0 * infinity
                ends.append((Decimal("-Infinity"), Decimal("Infinity")))
        return ends[-1]

    def words(self, solution: bool) -> list[str]:
        values = self.values()
        last = f"a_{len(self.operations)}"
        if values is not None and values[-1].bit_length() < 3 * SHOWN:
            return [f"{last} = {values[-1]} > 0"]
        return [f"{last} > 0"]

    def solution_document(self, solution: bool) -> bool:
        return solution


@dataclass(frozen=True)
class TameProgram(Program):
    """A program whose products have right operands that are 0, or positive and not divisible by 10."""

    problem: ClassVar[str] = "PosSLP with tame products"

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        program = super().from_document(document, path)
        values = program.values()
        at = f"{path}.operations" if path else "operations"
        for i, step in enumerate(program.operations):
            if step.operator is Operator.TIMES:
                if values is None:
                    raise InputError(f"right operands of products need more than {MOST_BITS} bits", at)
                if not tame(values[step.right]):
                    raise InputError("the right operand must be 0, or positive and not divisible by 10", f"{at}[{i}]")
        return program

    @classmethod
    def _fits(cls, step: Operation, values: Sequence[int | None]) -> bool:
        if step.operator is not Operator.TIMES:
            return True
        right = values[step.right]
        return right is not None and tame(right) and _value(step, values) is not None


def tame(value: int) -> bool:
    """Whether the literal digit shift keeps it: 0, or positive and not divisible by 10."""
    return value == 0 or (value > 0 and value % 10 != 0)


def values_of(operations: Sequence[Operation]) -> list[int] | None:
    """All values exactly; None if one may need more than `MOST_BITS`, told before it is computed."""
    found = [1]
    for step in operations:
        value = _value(step, found)
        if value is None:
            return None
        found.append(value)
    return found


def _value(step: Operation, values: Sequence[int | None]) -> int | None:
    """What a step computes; None if that may need more than `MOST_BITS`."""
    a, b = values[step.left], values[step.right]
    if a is None or b is None:
        return None
    product = step.operator is Operator.TIMES
    bits = a.bit_length() + b.bit_length() if product else max(a.bit_length(), b.bit_length()) + 1
    if bits > MOST_BITS:
        return None
    return a * b if product else a + b if step.operator is Operator.PLUS else a - b
