"""ETR-INV with the products merged away: sums of variables and inverses that are zero.

Variables that a chain of products joins are powers +1 or -1 of one of them, so each is a literal of that
one. A cycle of odd length says x = 1/x, which becomes the equation x - 1/x = 0. No other constraint is
needed; that every variable occurs in a sum, for which the printed proof adds x + y = y, would force x = 0.

Each literal occurs once in an equation, as samples are 0 or 1: a literal that is added to itself is taken
of a copy x~ the second time, with x - x~ = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from qnnt.reductions.sources.etr_inv import EtrInv


@dataclass(frozen=True)
class Literal:
    """A variable, or its inverse: the power is +1 or -1."""

    variable: str
    power: int


@dataclass(frozen=True)
class Term:
    """A literal with a sign, +1 or -1."""

    sign: int
    literal: Literal


Equation = tuple[Term, ...]


@dataclass(frozen=True)
class InverseEquations:
    """What is left of a formula.

    Attributes
    ----------
    literals
        For each variable of the formula its literal.
    originals
        For each variable of the equations the one that it copies, or itself.
    equations
        Sums of terms that have to be zero: conflicts, sums, copies.
    """

    literals: dict[str, Literal]
    originals: dict[str, str]
    equations: tuple[Equation, ...]

    def inverted(self, variable: str) -> bool:
        """Whether the inverse of this variable of the equations is a variable of the formula."""
        return Literal(self.originals[variable], -1) in self.literals.values()


def inverse_equations(source: EtrInv) -> InverseEquations:
    """Merge the products of a formula. Complexity: linear."""
    literals = _literals(source)
    conflicts = {literals[x].variable for x, y in source.products if literals[x] == literals[y]}
    equations = [_difference(Literal(x, 1), Literal(x, -1)) for x in dict.fromkeys(_roots(literals)) if x in conflicts]
    copies: dict[str, str] = {}
    for x, y, z in source.sums:
        first, second = literals[x], literals[y]
        if first == second:
            copy = f"{second.variable}~"
            copies[copy] = second.variable
            second = Literal(copy, second.power)
        equations.append((Term(1, first), Term(1, second), Term(-1, literals[z])))
    equations += [_difference(Literal(original, 1), Literal(copy, 1)) for copy, original in copies.items()]
    originals = {x: x for x in _roots(literals)} | copies
    return InverseEquations(literals, originals, tuple(equations))


def _literals(source: EtrInv) -> dict[str, Literal]:
    """Each variable as a power of the first one that products join it with."""
    inverses: dict[str, list[str]] = {name: [] for name in source.variables}
    for x, y in source.products:
        inverses[x].append(y)
        inverses[y].append(x)
    found: dict[str, Literal] = {}
    for root in source.variables:
        if root in found:
            continue
        found[root] = Literal(root, 1)
        pending = [root]
        while pending:
            x = pending.pop()
            for y in inverses[x]:
                if y not in found:
                    found[y] = Literal(root, -found[x].power)
                    pending.append(y)
    return found


def _roots(literals: dict[str, Literal]) -> list[str]:
    return [name for name, literal in literals.items() if literal == Literal(name, 1)]


def _difference(first: Literal, second: Literal) -> Equation:
    return Term(1, first), Term(-1, second)
