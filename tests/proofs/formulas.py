"""Formulas, their refutations by solvers, and our verdict in the reference checker's words."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pysat.solvers import Solver

from qnnt.errors import CertificateError, InputError
from qnnt.proofs.checking import CheckedProof, check_refutation

Formula = list[list[int]]

SOLVERS = ["cadical153", "cadical195", "glucose4", "lingeling", "maplechrono", "gluecard4"]


def variables_of(formula: Sequence[Sequence[int]]) -> int:
    return max((abs(literal) for clause in formula for literal in clause), default=0)


def check(formula: Sequence[Sequence[int]], proof: str | bytes, folder: Path, name: str = "p.drup") -> CheckedProof:
    path = folder / name
    path.unlink(missing_ok=True)  # some file systems flush a file that is cut and written anew, at every close
    path.write_bytes(proof.encode() if isinstance(proof, str) else proof)
    offsets = np.cumsum([0, *map(len, formula)])
    entries = np.array(list(itertools.chain.from_iterable(formula)), np.int64)
    return check_refutation(variables_of(formula), offsets, entries, str(path))


def verdict(formula: Sequence[Sequence[int]], proof: str, folder: Path) -> str:
    """As `tests.proofs.reference.judge` says it."""
    try:
        check(formula, proof, folder)
    except InputError:
        return "malformed"
    except CertificateError as error:
        line = re.search(r"p\.drup line (\d+): ", str(error))
        return f"line {line[1]}" if line else "no end"
    return "holds"


def proof_by(solver: str, formula: Formula) -> str | None:
    """A refutation; None if there is a solution."""
    with Solver(name=solver, bootstrap_with=formula, with_proof=True) as running:
        if running.solve():
            return None
        return "".join(f"{line}\n" for line in running.get_proof() or [])


def random_formula(rng: random.Random, variables: int, clauses: int) -> Formula:
    """Clauses of 1 to 4 literals, mostly 3; some twice, some with a literal twice, some with its negation."""
    formula: Formula = []
    for _ in range(clauses):
        length = min(variables, rng.choice([2, 2, 3, 3, 3, 3, 3, 3, 4] + [1] * (rng.random() < 0.05)))
        clause = [rng.choice([-1, 1]) * variable for variable in rng.sample(range(1, variables + 1), length)]
        if rng.random() < 0.05:
            clause.append(rng.choice([-1, 1, 1]) * rng.choice(clause))
        formula.extend([clause] * (2 if rng.random() < 0.05 else 1))
    return formula


def threes(rng: random.Random, variables: int, clauses: int) -> Formula:
    """Clauses of three literals each."""
    return [[rng.choice([-1, 1]) * v for v in rng.sample(range(1, variables + 1), 3)] for _ in range(clauses)]


def unsatisfiable_formula(rng: random.Random) -> Formula:
    """4 to 9 variables; mostly with little that could be left out: then little of a proof can."""
    formula = pigeonhole(rng.choice([2, 3])) if rng.random() < 0.2 else []
    variables = variables_of(formula) or rng.randint(4, 9)
    while _has_solution(formula):
        formula += random_formula(rng, variables, 5)
    rng.shuffle(formula)
    if rng.random() < 0.85:
        for clause in list(formula):
            rest = [other for other in formula if other is not clause]
            if not _has_solution(rest):
                formula = rest
    return formula + random_formula(rng, variables, rng.choice([0, 0, 1, 5]))


def _has_solution(formula: Formula) -> bool:
    with Solver(name="cadical153", bootstrap_with=formula) as solver:
        return bool(solver.solve())


def pigeonhole(holes: int) -> Formula:
    """One pigeon more than holes."""
    pigeons = range(holes + 1)
    somewhere = [[1 + pigeon * holes + hole for hole in range(holes)] for pigeon in pigeons]
    apart = [[-somewhere[a][hole], -somewhere[b][hole]] for hole in range(holes) for a in pigeons for b in range(a)]
    return somewhere + apart


def solutions(formula: Iterable[Iterable[int]], variables: int) -> list[set[int]]:
    """By brute force, each as its true literals."""
    assignments = itertools.product(*((-variable, variable) for variable in range(1, variables + 1)))
    rows = [set(clause) for clause in formula]
    return [set(true) for true in assignments if all(not row.isdisjoint(true) for row in rows)]
