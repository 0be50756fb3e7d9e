"""SAT solvers as engines: clauses in, verdicts and assignments out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from qnnt.encoders.model import Integers, Rows
from qnnt.solvers.names import PYSAT_NAMES

UNLIMITED = ("lingeling",)
"""Solvers that take no budget of conflicts: they go on to the end."""


class Engine(Protocol):
    """An incremental SAT solver."""

    def add(self, clauses: Rows) -> None:
        """More clauses."""
        ...

    def add_at_most(self, literals: Rows, most: Integers) -> None:
        """Of the literals in row i, counted with repetition, at most most[i] hold."""
        ...

    def prefer(self, literals: Sequence[int]) -> None:
        """Decide these literals this way first, where the solver can."""
        ...

    def solve(self, assumptions: Sequence[int] = (), conflicts: int | None = None) -> bool | None:
        """Whether all clauses and assumptions can hold; None if the budget of conflicts ended first."""
        ...

    def truth(self, variables: int) -> Integers:
        """The assignment after True: 0 or 1 per variable, shape (variables + 1,)."""
        ...

    @property
    def statistics(self) -> Mapping[str, int]:
        """Work counters so far."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class PySatEngine:
    """A solver of PySAT in this process.

    Parameters
    ----------
    seed
        Other than 0: clauses are given in an order drawn with it.
    proof
        Whether the solver writes down what it derives; see `proof_lines`.
    """

    def __init__(self, name: str, seed: int = 0, *, proof: bool = False) -> None:
        from pysat.solvers import Solver

        name = PYSAT_NAMES.get(name, name)
        self._solver: Any = Solver(name=name, with_proof=True) if proof else Solver(name=name)
        self._budgets = name not in UNLIMITED
        self._shuffle = random.Random(seed).shuffle if seed else None

    def add(self, clauses: Rows) -> None:
        entries, offsets = clauses.entries.tolist(), clauses.offsets.tolist()
        rows = [entries[a:b] for a, b in pairwise(offsets)]
        if self._shuffle:
            self._shuffle(rows)
        if any(not row for row in rows):  # the solvers differ in what they make of an empty clause
            rows = [[1], [-1]]
        self._solver.append_formula(rows)

    def add_at_most(self, literals: Rows, most: Integers) -> None:
        entries, offsets = literals.entries.tolist(), literals.offsets.tolist()
        for a, b, bound in zip(offsets[:-1], offsets[1:], most.tolist(), strict=True):
            self._solver.add_atmost(entries[a:b], bound)

    def prefer(self, literals: Sequence[int]) -> None:
        self._solver.set_phases(list(literals))

    def solve(self, assumptions: Sequence[int] = (), conflicts: int | None = None) -> bool | None:
        if conflicts is None or not self._budgets:
            return bool(self._solver.solve(assumptions=list(assumptions)))
        self._solver.conf_budget(conflicts)
        verdict: bool | None = self._solver.solve_limited(assumptions=list(assumptions))
        return verdict

    def truth(self, variables: int) -> Integers:
        truth = np.zeros(variables + 1, np.int64)
        model = np.array(self._solver.get_model() or [], np.int64)
        model = model[(model > 0) & (model <= variables)]
        truth[model] = 1
        return truth

    def proof_lines(self) -> list[str]:
        """The DRUP proof after False: one line per step."""
        lines: list[str] = self._solver.get_proof()
        return lines

    @property
    def statistics(self) -> Mapping[str, int]:
        return dict(self._solver.accum_stats() or {})

    def close(self) -> None:
        self._solver.delete()
