"""Constraint satisfaction with two variables per constraint, and its optimisation: MAX-2-CSP."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_integer, as_list, as_object, below
from qnnt.errors import InputError, UnsupportedError
from qnnt.files.text import parse_json
from qnnt.reductions.sources.source import Drawn, Source, Variant

Pair = tuple[int, int]
Values = tuple[int, ...]
"""The value of each variable, from variable 0 on."""

MOST_VALUES = 1 << 20
MOST_CLAUSES = 2_000_000


@dataclass(frozen=True)
class Constraint:
    """The values that two variables, which may be one and the same, may take together."""

    on: Pair
    allowed: frozenset[Pair]

    def holds(self, values: Values) -> bool:
        """Whether the values of its variables are allowed together."""
        u, v = self.on
        return (values[u], values[v]) in self.allowed


@dataclass(frozen=True)
class TwoCsp(Source[Values]):
    """Variables 0..variables-1, each with a value of 0..values-1, and constraints on pairs of them."""

    variables: int
    values: int
    constraints: tuple[Constraint, ...]
    problem: ClassVar[str] = "2-CSP"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read JSON: ``{"variables": 2, "values": 3, "constraints": [{"on": [0, 1], "allowed": [[0, 2]]}]}``."""
        return cls.from_document(parse_json(text), "")

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        keys = ("variables", "values", "constraints")
        fields = as_object(document, path, keys, keys)
        variables = as_integer(fields["variables"], below(path, "variables"), 0, MOST_VALUES)
        values = as_integer(fields["values"], below(path, "values"), 1, MOST_VALUES)
        at = below(path, "constraints")
        entries = enumerate(as_list(fields["constraints"], at))
        return cls(variables, values, tuple(_constraint(c, variables, values, f"{at}[{i}]") for i, c in entries))

    def document(self) -> dict[str, Any]:
        constraints = [{"on": list(c.on), "allowed": [list(p) for p in sorted(c.allowed)]} for c in self.constraints]
        return {"variables": self.variables, "values": self.values, "constraints": constraints}

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Values]:
        """Constraints on two random variables (on one, if there is no other) that allow half of the pairs.

        Planted: the pair that an assignment takes is among them. No: see `_draw_refuted`.
        """
        n, size, m = sizes["variables"], sizes["values"], sizes["constraints"]
        if size * size * max(m, 1) > MOST_CLAUSES:
            raise InputError(f"{m} constraints on {size} values have more than {MOST_CLAUSES} pairs")
        if variant is Variant.NO:
            return cls._draw_refuted(rng, n, size, m)
        if variant is Variant.RANDOM:
            return Drawn(cls(n, size, tuple(_half(rng, _two(rng, n), size) for _ in range(m))))
        planted = tuple(rng.randrange(size) for _ in range(n))
        constraints = []
        for _ in range(m):
            loose = _half(rng, _two(rng, n), size)
            kept = (planted[loose.on[0]], planted[loose.on[1]])
            if kept not in loose.allowed:
                rest = rng.sample(sorted(loose.allowed), max(0, len(loose.allowed) - 1))
                loose = Constraint(loose.on, frozenset([*rest, kept]))
            constraints.append(loose)
        return Drawn(cls(n, size, tuple(constraints)), planted)

    @classmethod
    def _draw_refuted(cls, rng: random.Random, n: int, size: int, m: int) -> Drawn[Self, Values]:
        """Some constraints close a cycle of equalities with a shift, of colours that hide among the values.

        Each variable on the cycle paints half of its values; a constraint allows the pairs of equal
        colours, or those of different ones, and the number of the latter is odd. That is half of the
        pairs, as in all other constraints.
        """
        if size < 2 or not m:
            raise InputError(f"no refuted 2-CSP is drawn with {size} values and {m} constraints: 2 and 1 are needed")
        cycle = rng.sample(range(n), rng.randint(min(3, n, m), min(n, m)))
        painted = {v: frozenset(rng.sample(range(size), size // 2)) for v in cycle}
        differs = [rng.random() < 0.5 for _ in cycle[1:]]
        differs.append(sum(differs) % 2 == 0)
        core = []
        for u, v, differ in zip(cycle, [*cycle[1:], cycle[0]], differs, strict=True):
            pairs = itertools.product(range(size), repeat=2)
            allowed = frozenset((a, b) for a, b in pairs if ((a in painted[u]) != (b in painted[v])) == differ)
            core.append(Constraint((u, v), allowed))
        places = sorted(rng.sample(range(m), len(core)))
        constraints = [_half(rng, _two(rng, n), size) for _ in range(m)]
        for place, constraint in zip(places, rng.sample(core, len(core)), strict=True):
            constraints[place] = constraint
        named = ", ".join(map(str, places))
        why = f"around the cycle of the constraints {named} a colour of the values changes an odd number of times"
        return Drawn(cls(n, size, tuple(constraints)), refutation=why)

    def complaint(self, solution: Values) -> str:
        if len(solution) != self.variables:
            return f"expected the values of {self.variables} variables, got {len(solution)}"
        for v, value in enumerate(solution):
            if not 0 <= value < self.values:
                return f"variable {v} has the value {value}, which is not one of 0..{self.values - 1}"
        broken = self.violated(solution)
        if not broken:
            return ""
        u, v = self.constraints[broken[0]].on
        return (
            f"{len(broken)} of {len(self.constraints)} constraints are violated, the first is constraints[{broken[0]}] "
            f"on the variables {u} and {v} with the values {solution[u]} and {solution[v]}"
        )

    def violated(self, solution: Values) -> list[int]:
        """The constraints that do not hold, by number from 0 on."""
        return [j for j, constraint in enumerate(self.constraints) if not constraint.holds(solution)]

    def solve(self) -> Values | None:
        """By CaDiCaL, on the direct encoding."""
        from pysat.solvers import Solver

        with Solver("cadical195", bootstrap_with=self._clauses()) as solver:
            if not solver.solve(assumptions=[-self._slack(j) for j in range(len(self.constraints))]):
                return None
            return self._values(solver.get_model())

    def best(self) -> Values:
        """Values that violate the fewest constraints, by RC2 (MAX-2-CSP)."""
        from pysat.examples.rc2 import RC2
        from pysat.formula import WCNF

        formula = WCNF()
        formula.extend(self._clauses())
        for j in range(len(self.constraints)):
            formula.append([-self._slack(j)], weight=1)
        with RC2(formula) as solver:
            return self._values(solver.compute() or [])

    def _clauses(self) -> list[list[int]]:
        """Every variable has a value, and a pair that is not allowed needs the constraint's slack.

        Where a variable has several values, any one of them will do.
        """
        if sum(self.values**2 - len(c.allowed) for c in self.constraints) > MOST_CLAUSES:
            raise UnsupportedError(f"more than {MOST_CLAUSES} pairs are not allowed")
        found = [[self._takes(v, a) for a in range(self.values)] for v in range(self.variables)]
        for j, constraint in enumerate(self.constraints):
            u, v = constraint.on
            for a, b in itertools.product(range(self.values), repeat=2):
                if (a, b) not in constraint.allowed and (u != v or a == b):
                    found.append([-self._takes(u, a), -self._takes(v, b), self._slack(j)])
        return found

    def _takes(self, variable: int, value: int) -> int:
        return 1 + variable * self.values + value

    def _slack(self, constraint: int) -> int:
        return 1 + self.variables * self.values + constraint

    def _values(self, model: list[int]) -> Values:
        true = {literal for literal in model if literal > 0}
        taken = [[a for a in range(self.values) if self._takes(v, a) in true] for v in range(self.variables)]
        return tuple(values[0] for values in taken)

    def words(self, solution: Values) -> list[str]:
        """A line for each variable, from x0 on."""
        return [f"x{v} = {value}" for v, value in enumerate(solution)] or ["no variables"]

    def solution_document(self, solution: Values) -> list[int]:
        return list(solution)


def _constraint(value: object, variables: int, values: int, path: str) -> Constraint:
    fields = as_object(value, path, ("on", "allowed"), ("on", "allowed"))
    at = f"{path}.allowed"
    entries = enumerate(as_list(fields["allowed"], at))
    on = _pair(fields["on"], variables, f"{path}.on")
    return Constraint(on, frozenset(_pair(pair, values, f"{at}[{i}]") for i, pair in entries))


def _pair(value: object, number: int, path: str) -> Pair:
    entries = as_list(value, path)
    if len(entries) != 2:
        raise InputError(f"expected a pair, got {len(entries)} numbers", path)
    first, second = (as_integer(entry, f"{path}[{i}]", 0, number - 1) for i, entry in enumerate(entries))
    return first, second


def _two(rng: random.Random, variables: int) -> Pair:
    u, v = rng.sample(range(variables), 2) if variables > 1 else (0, 0)
    return u, v


def _half(rng: random.Random, on: Pair, values: int) -> Constraint:
    """A constraint that allows half of the pairs, rounded either way."""
    pairs = [(a, b) for a in range(values) for b in range(values)]
    return Constraint(on, frozenset(rng.sample(pairs, (len(pairs) + rng.randint(0, 1)) // 2)))
