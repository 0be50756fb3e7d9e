"""Formulas that reductions from 3-SAT have to take, beyond the clauses of three distinct variables that are drawn."""

from __future__ import annotations

import random

import qnnt
from qnnt.reductions.making import Origin, decode
from qnnt.reductions.registry import family
from qnnt.reductions.sources.formula import Clause, Formula
from qnnt.result import Status

DEGENERATE = {
    "no clauses": Formula(2, ()),
    "an empty clause": Formula(1, ((),)),
    "an empty clause among others": Formula(2, ((1, 2), (), (-1,))),
    "a variable that occurs nowhere": Formula(3, ((1, 2), (-1, 2))),
    "a variable that occurs once": Formula(2, ((1,), (1, -2))),
    "clauses of one literal": Formula(2, ((1,), (-2,))),
    "contradictory clauses": Formula(1, ((1,), (-1,))),
    "literals repeated": Formula(2, ((1, 1, 1), (-1, -1, 2))),
    "literals repeated, contradictory": Formula(1, ((1, 1, 1), (-1, -1))),
    "a tautology": Formula(2, ((1, -1), (2, -2, 2))),
    "a tautology among contradictory clauses": Formula(1, ((1, -1, 1), (1,), (-1,))),
    "a clause twice": Formula(2, ((1, -2), (1, -2), (2,))),
}


def any_formula(seed: int, variables: int, clauses: int) -> Formula:
    """Clauses of up to three literals, which may be repeated or opposite; a few clauses are empty."""
    rng = random.Random(seed)
    n = rng.randint(1, variables)

    def clause() -> Clause:
        width = rng.choice((1, 2, 2, 3, 3, 3, 3)) if rng.random() < 0.98 else 0
        return tuple(rng.choice((-1, 1)) * rng.randint(1, n) for _ in range(width))

    return Formula(n, tuple(clause() for _ in range(rng.randint(1, clauses))))


def agrees(name: str, form: str, formula: Formula) -> bool:
    """Whether the formula is satisfiable; its instance is solved, and has to agree."""
    origin = Origin(family(name), form, formula)
    found = qnnt.solve(origin.made(), solver="sat")
    truth = formula.solve()
    assert found.status is (Status.NO if truth is None else Status.YES)
    if truth is not None:
        assert found.solution is not None
        assert not decode(origin, found.solution.parameters).complaint
        assert not decode(origin, origin.witness(truth)).complaint
    return truth is not None
