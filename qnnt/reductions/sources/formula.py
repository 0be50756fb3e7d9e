"""3-SAT: formulas in conjunctive normal form with at most three literals per clause."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_integer, as_list, as_object, below
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.reductions.sources.source import Drawn, Source, Variant

Clause = tuple[int, ...]
Assignment = tuple[bool, ...]
"""The value of each variable, from variable 1 on."""

WIDEST = 3


@dataclass(frozen=True)
class Formula(Source[Assignment]):
    """A formula over the variables 1..variables; literals are signed variables, as in DIMACS."""

    variables: int
    clauses: tuple[Clause, ...]
    problem: ClassVar[str] = "3-SAT"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read DIMACS CNF; SATLIB's ``%`` ends the formula."""
        variables, clauses = read_dimacs(text, WIDEST)
        return cls(variables, clauses)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        fields = as_object(document, path, ("variables", "clauses"), ("variables", "clauses"))
        variables = as_integer(fields["variables"], below(path, "variables"), 0)
        return cls(variables, clauses_from(fields["clauses"], variables, WIDEST, below(path, "clauses")))

    def document(self) -> dict[str, Any]:
        return {"variables": self.variables, "clauses": [list(clause) for clause in self.clauses]}

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Assignment]:
        """Clauses of three distinct variables (or of all, if there are fewer) with uniform signs.

        Planted: uniform among the clauses that an assignment satisfies. No: all signs of one set of
        variables are among the clauses.
        """
        n, m = sizes["variables"], sizes["clauses"]
        width = min(WIDEST, n)
        if variant is Variant.NO:
            core = _all_signs(rng.sample(range(1, n + 1), width))
            if m < len(core):
                raise InputError(f"no formula is drawn around {len(core)} contradictory clauses with only {m}")
            rest = [_random_clause(rng, n, width) for _ in range(m - len(core))]
            clauses = rng.sample([*core, *rest], m)
            chosen = ", ".join(str(v) for v in sorted({abs(literal) for literal in core[0]}))
            return Drawn(cls(n, tuple(clauses)), refutation=f"all signs of the variables {chosen} are clauses")
        if variant is Variant.RANDOM:
            return Drawn(cls(n, tuple(_random_clause(rng, n, width) for _ in range(m))))
        planted = tuple(rng.random() < 0.5 for _ in range(n))
        found: list[Clause] = []
        while len(found) < m:
            clause = _random_clause(rng, n, width)
            if satisfies(planted, clause):
                found.append(clause)
        return Drawn(cls(n, tuple(found)), planted)

    def complaint(self, solution: Assignment) -> str:
        if len(solution) != self.variables:
            return f"expected the values of {self.variables} variables, got {len(solution)}"
        for i, clause in enumerate(self.clauses, 1):
            if not satisfies(solution, clause):
                return f"clause {i}, {' '.join(map(str, clause)) or 'the empty one'}, is not satisfied"
        return ""

    def solve(self) -> Assignment | None:
        """By CaDiCaL."""
        from pysat.solvers import Solver

        with Solver("cadical195", bootstrap_with=[list(clause) for clause in self.clauses]) as solver:
            if not solver.solve():
                return None
            true = {literal for literal in solver.get_model() if literal > 0}
        return tuple(v in true for v in range(1, self.variables + 1))

    def words(self, solution: Assignment) -> list[str]:
        """The lines of the SAT competitions."""
        return ["s SATISFIABLE", *value_lines(solution)]

    def solution_document(self, solution: Assignment) -> list[int]:
        return literals_of(solution)


def literals_of(assignment: Assignment) -> list[int]:
    """Every variable with its sign."""
    return [v if value else -v for v, value in enumerate(assignment, 1)]


def value_lines(assignment: Assignment) -> list[str]:
    """The ``v`` lines of the SAT competitions."""
    words = [*map(str, literals_of(assignment)), "0"]
    return ["v " + " ".join(words[i : i + 20]) for i in range(0, len(words), 20)]


def satisfies(assignment: Assignment, clause: Clause) -> bool:
    """Whether a literal of the clause is true."""
    return any(assignment[abs(literal) - 1] == (literal > 0) for literal in clause)


def read_dimacs(text: str, widest: int) -> tuple[int, tuple[Clause, ...]]:
    """Number of variables and clauses of a DIMACS CNF text; clauses may span lines, ``%`` ends them.

    Raises
    ------
    InputError
        Names the line: no header, other text, a literal beyond the variables, a clause with more than
        `widest` literals, or not as many clauses as the header says.
    """
    header: tuple[int, int] | None = None
    clauses: list[Clause] = []
    open_clause: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0] == "c" or (words[0].startswith("c") and header is None):
            continue
        if words[0] == "%":
            break
        if header is None:
            header = _header(words, number)
            continue
        for word in words:
            literal = _literal(word, header[0], number)
            if literal:
                open_clause.append(literal)
                continue
            if len(open_clause) > widest:
                raise InputError(f"line {number}: a clause of {len(open_clause)} literals, expected at most {widest}")
            clauses.append(tuple(open_clause))
            open_clause = []
    if header is None:
        raise InputError("no DIMACS CNF: expected a line 'p cnf VARIABLES CLAUSES'")
    if open_clause:
        raise InputError("the last clause does not end with 0")
    if len(clauses) != header[1]:
        raise InputError(f"expected {header[1]} clauses as in the header, got {len(clauses)}")
    return header[0], tuple(clauses)


def _header(words: Sequence[str], number: int) -> tuple[int, int]:
    if len(words) != 4 or words[:2] != ["p", "cnf"] or not all(re.fullmatch("[0-9]{1,9}", w) for w in words[2:]):
        raise InputError(f"line {number}: expected 'p cnf VARIABLES CLAUSES', got {shown(' '.join(words))}")
    return int(words[2]), int(words[3])


def _literal(word: str, variables: int, number: int) -> int:
    if not re.fullmatch("-?[0-9]{1,10}", word):
        raise InputError(f"line {number}: expected a literal, got {shown(word)}")
    if abs(int(word)) > variables:
        raise InputError(f"line {number}: the literal {word} is beyond the {variables} variables")
    return int(word)


def clauses_from(value: object, variables: int, widest: int, path: str) -> tuple[Clause, ...]:
    """Clauses from JSON: lists of literals."""
    found = []
    for i, entry in enumerate(as_list(value, path)):
        at = f"{path}[{i}]"
        clause = [
            as_integer(literal, f"{at}[{j}]", -variables, variables) for j, literal in enumerate(as_list(entry, at))
        ]
        if 0 in clause or len(clause) > widest:
            raise InputError(f"expected at most {widest} literals, none of them 0", at)
        found.append(tuple(clause))
    return tuple(found)


def _random_clause(rng: random.Random, variables: int, width: int) -> Clause:
    return tuple(v * rng.choice((-1, 1)) for v in rng.sample(range(1, variables + 1), width))


def _all_signs(variables: Sequence[int]) -> list[Clause]:
    return [
        tuple(sign * v for sign, v in zip(signs, variables, strict=True))
        for signs in itertools.product((-1, 1), repeat=len(variables))
    ]
