"""Positive 1-in-3-SAT: clauses of three variables, of which exactly one is true."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from qnnt.documents.fields import below
from qnnt.errors import InputError
from qnnt.reductions.sources.formula import Assignment, Clause, Formula
from qnnt.reductions.sources.source import Drawn, Variant

WIDTH = 3


@dataclass(frozen=True)
class PositiveFormula(Formula):
    """Clauses of exactly three of the variables 1..variables; one that is repeated counts as often as it stands."""

    problem: ClassVar[str] = "positive 1-in-3-SAT"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read DIMACS CNF with three positive literals in every clause."""
        formula = super().from_text(text, sizes)
        for i, clause in enumerate(formula.clauses, 1):
            _check(clause, f"clause {i}: ", "")
        return formula

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        formula = super().from_document(document, path)
        for i, clause in enumerate(formula.clauses):
            _check(clause, "", f"{below(path, 'clauses')}[{i}]")
        return formula

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Assignment]:
        """Clauses of three distinct variables, or with repetition where there are fewer.

        Planted: about a third of the variables are true, exactly one in each clause. No: four variables,
        and the four clauses of three of them; with less room, a clause of one variable.
        """
        n, m = sizes["variables"], sizes["clauses"]
        if variant is Variant.RANDOM:
            return Drawn(cls(n, tuple(_random_clause(rng, n) for _ in range(m))))
        if variant is Variant.NO:
            return cls._draw_refuted(rng, n, m)
        if m and n < 2:
            raise InputError("no 1-in-3 formula with a solution has clauses of one variable: 2 are needed")
        planted = tuple(rng.random() < 1 / WIDTH for _ in range(n))
        while m and not 0 < sum(planted) < n - (n >= WIDTH):
            planted = tuple(rng.random() < 1 / WIDTH for _ in range(n))
        true = [v for v, value in enumerate(planted, 1) if value]
        false = [v for v, value in enumerate(planted, 1) if not value]
        clauses = []
        for _ in range(m):
            others = rng.sample(false, 2) if len(false) > 1 else 2 * false
            clauses.append(tuple(rng.sample([rng.choice(true), *others], WIDTH)))
        return Drawn(cls(n, tuple(clauses)), planted)

    @classmethod
    def _draw_refuted(cls, rng: random.Random, n: int, m: int) -> Drawn[Self, Assignment]:
        if not m:
            raise InputError("no 1-in-3 formula without clauses lacks a solution: 1 is needed")
        if n >= 4 and m >= 4:
            four = rng.sample(range(1, n + 1), 4)
            core = [tuple(rng.sample([v for v in four if v != left_out], WIDTH)) for left_out in four]
            named = ", ".join(map(str, sorted(four)))
            why = f"each of the variables {named} is in 3 of 4 clauses: 3 times the number of true ones would be 4"
        else:
            lonely = rng.randint(1, n)
            core = [(lonely,) * WIDTH]
            why = f"a clause holds the variable {lonely} three times"
        clauses = [*core, *(_random_clause(rng, n) for _ in range(m - len(core)))]
        return Drawn(cls(n, tuple(rng.sample(clauses, m))), refutation=why)

    def complaint(self, solution: Assignment) -> str:
        if len(solution) != self.variables:
            return f"expected the values of {self.variables} variables, got {len(solution)}"
        for i, clause in enumerate(self.clauses, 1):
            true = sum(solution[v - 1] for v in clause)
            if true != 1:
                return f"clause {i}, {' '.join(map(str, clause))}, holds {true} true literals"
        return ""

    def solve(self) -> Assignment | None:
        """By CaDiCaL: a repeated variable is false, of the others one is true."""
        from pysat.solvers import Solver

        with Solver("cadical195") as solver:
            for clause in self.clauses:
                counts = Counter(clause)
                single = [v for v, count in counts.items() if count == 1]
                if not single:
                    return None
                solver.add_clause(single)
                solver.append_formula([[-v] for v, count in counts.items() if count > 1])
                solver.append_formula([[-u, -v] for i, u in enumerate(single) for v in single[:i]])
            if not solver.solve():
                return None
            true = {literal for literal in solver.get_model() if literal > 0}
        return tuple(v in true for v in range(1, self.variables + 1))


def _check(clause: Clause, place: str, path: str) -> None:
    if len(clause) != WIDTH or min(clause) < 1:
        found = " ".join(map(str, clause)) or "none"
        raise InputError(f"{place}expected three positive literals, got {found}", path)


def _random_clause(rng: random.Random, variables: int) -> Clause:
    names = range(1, variables + 1)
    return tuple(rng.sample(names, WIDTH) if variables >= WIDTH else rng.choices(names, k=WIDTH))
