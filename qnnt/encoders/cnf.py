"""Conjunctive normal form, with what a foreign solver's answer needs to be read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qnnt.encoders.model import Integers, Rows, Sums


@dataclass(frozen=True, slots=True)
class Cnf:
    """Clauses over variables 1..variables, an objective to minimise, and the way back to a Model.

    Attributes
    ----------
    clauses
        Literals as in DIMACS.
    at_most, most
        Native cardinality constraints: of the literals in row i (repetitions count) at most most[i]
        hold. Empty unless asked for.
    soft, weights
        Minimise the sum of weights[i] (positive) over the literals soft[i] that hold, plus `constant`;
        the loss is that over `denominator`.
    values, bases
        The Model's variable v has the value ``bases[v] + values[v]``, a form over the variables here.
    circuits
        How many sums went into which kind of circuit.
    """

    variables: int
    clauses: Rows
    at_most: Rows
    most: Integers
    soft: Integers
    weights: Integers
    constant: int
    denominator: int
    values: Sums
    bases: Integers
    circuits: Mapping[str, int]

    def assignment_of(self, truth: Integers) -> Integers:
        """The Model's assignment, indexed by its variables.

        Parameters
        ----------
        truth
            0 or 1 per variable, shape (variables + 1,); index 0 unused.
        """
        return self.bases + self.values.at(truth)

    def cost_of(self, truth: Integers) -> int:
        """The objective's numerator, its constant included."""
        holds = truth[np.abs(self.soft)] == (self.soft > 0)
        return int(self.weights[holds].sum()) + self.constant

    def violated(self, truth: Integers) -> Integers | None:
        """The literals of a clause that does not hold, or None."""
        entries, offsets = self.clauses.entries, self.clauses.offsets
        holds = np.concatenate(([0], np.cumsum(truth[np.abs(entries)] == (entries > 0))))
        broken = np.flatnonzero(holds[offsets[1:]] == holds[offsets[:-1]])
        return entries[offsets[broken[0]] : offsets[broken[0] + 1]] if len(broken) else None

    @property
    def sizes(self) -> dict[str, int]:
        """How large it is, in the words of result files."""
        return {
            "variables": self.variables,
            "clauses": len(self.clauses),
            "literals": len(self.clauses.entries),
            "at_most": len(self.at_most),
            **{f"{kind} sums": count for kind, count in self.circuits.items()},
        }
