"""The literals of a formula as neurons of small degree: a pair for each occurrence, tied in cycles (Theorem 2).

Every occurrence q of a variable v has a positive neuron p_q, true if v is, and a negative one n_q. Outputs
"not both" read p_q and n_q, outputs "at least one" read n_(q-1) and p_q around the closed cycle of v.

If p_q is not true, n_(q-1) is, so p_(q-1) is not: all p_q of a variable agree. If they are true, no n_q is.
An open path would only say that p_q implies p_(q+1), so the cycle has to be closed.

A pair is read by one "not both", by two "at least one", and by a clause: at most three readers per neuron.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from qnnt.reductions.sources.formula import Assignment, Clause


@dataclass(frozen=True)
class Pair:
    """The neurons of one occurrence of a variable."""

    variable: int
    occurrence: int

    @property
    def positive(self) -> str:
        """The neuron that is true if the variable is."""
        return f"p{self.variable}_{self.occurrence}"

    @property
    def negative(self) -> str:
        """The neuron that is true if the variable is not."""
        return f"n{self.variable}_{self.occurrence}"


@dataclass(frozen=True)
class LiteralPairs:
    """The pairs of a formula.

    Attributes
    ----------
    cycles
        For each variable its pairs; a variable that does not occur has one.
    clauses
        For each clause the neurons of its literals.
    """

    cycles: tuple[tuple[Pair, ...], ...]
    clauses: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, variables: int, clauses: Iterable[Clause]) -> Self:
        """A pair for every literal of every clause, in order."""
        cycles: list[list[Pair]] = [[] for _ in range(variables)]
        neurons = []
        for clause in clauses:
            used = []
            for literal in clause:
                cycle = cycles[abs(literal) - 1]
                pair = Pair(abs(literal), len(cycle) + 1)
                cycle.append(pair)
                used.append(pair.positive if literal > 0 else pair.negative)
            neurons.append(tuple(used))
        filled = tuple(tuple(cycle or [Pair(v, 1)]) for v, cycle in enumerate(cycles, 1))
        return cls(filled, tuple(neurons))

    def neurons(self) -> Iterator[str]:
        """All neurons of pairs."""
        for cycle in self.cycles:
            for pair in cycle:
                yield from (pair.positive, pair.negative)

    def true_neurons(self, assignment: Assignment) -> frozenset[str]:
        """Of each pair the neuron that an assignment makes true."""
        return frozenset(
            pair.positive if value else pair.negative
            for value, cycle in zip(assignment, self.cycles, strict=True)
            for pair in cycle
        )

    def not_both(self) -> dict[str, tuple[str, str]]:
        """The outputs that say that not both neurons of a pair are true, and what they read."""
        return {
            f"nand{pair.variable}_{pair.occurrence}": (pair.positive, pair.negative)
            for cycle in self.cycles
            for pair in cycle
        }

    def at_least_one(self) -> dict[str, tuple[str, str]]:
        """The outputs that tie the pairs of a variable, if there are several, and what they read."""
        return {
            f"or{pair.variable}_{pair.occurrence}": (before.negative, pair.positive)
            for cycle in self.cycles
            if len(cycle) > 1
            for before, pair in zip(_turned(cycle), cycle, strict=True)
        }


def _turned(cycle: Sequence[Pair]) -> list[Pair]:
    return [cycle[-1], *cycle[:-1]]
