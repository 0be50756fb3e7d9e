"""Proofs by solvers and damaged ones, held against the reference checker; and what they derive, against truth.

A sample runs by default; `pytest --full` runs all.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.proofs.elaboration import elaborated
from tests.proofs.formulas import (
    SOLVERS,
    Formula,
    check,
    pigeonhole,
    proof_by,
    random_formula,
    solutions,
    threes,
    unsatisfiable_formula,
    variables_of,
    verdict,
)
from tests.proofs.mutations import damaged
from tests.proofs.reference import judge

BLOCKS = [pytest.param(block, marks=[] if block < 2 else pytest.mark.full) for block in range(20)]
FORMULAS = 20
DAMAGES = 25


def compare_damaged(rng: random.Random, formula: Formula, proof: str, highest: int, folder: Path) -> Counter[str]:
    """The kinds of verdicts."""
    assert verdict(formula, proof, folder) == judge(formula, proof) == "holds"
    kinds: Counter[str] = Counter()
    for _ in range(DAMAGES):
        text = damaged(rng, proof, highest)
        found = verdict(formula, text, folder)
        assert found == judge(formula, text), (formula, text)
        kinds[found.split()[0]] += 1
    return kinds


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("block", BLOCKS)
def test_damaged_drup(solver: str, block: int, tmp_path: Path) -> None:
    rng = random.Random(f"drup {solver} {block}")
    kinds: Counter[str] = Counter()
    for _ in range(FORMULAS):
        formula = unsatisfiable_formula(rng)
        proof = proof_by(solver, formula)
        assert proof is not None
        kinds += compare_damaged(rng, formula, proof, variables_of(formula), tmp_path)
    assert {"holds", "line", "no"} <= set(kinds)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("block", BLOCKS)
def test_damaged_lrat(solver: str, block: int, tmp_path: Path) -> None:
    rng = random.Random(f"lrat {solver} {block}")
    kinds: Counter[str] = Counter()
    for _ in range(FORMULAS):
        formula = unsatisfiable_formula(rng)
        proof = elaborated(formula, proof_by(solver, formula) or "", rng)
        kinds += compare_damaged(rng, formula, proof, len(formula) + proof.count("\n"), tmp_path)
    assert {"holds", "line", "no"} <= set(kinds)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("block", BLOCKS)
def test_damaged_proofs_of_larger_formulas(solver: str, block: int, tmp_path: Path) -> None:
    rng = random.Random(f"larger {solver} {block}")
    for formula in (pigeonhole(4), threes(rng, 30, 200)):
        proof = proof_by(solver, formula)
        assert proof
        assert verdict(formula, proof, tmp_path) == "holds"
        for _ in range(4):
            text = damaged(rng, proof, variables_of(formula))
            assert verdict(formula, text, tmp_path) == judge(formula, text), (formula, text)


@pytest.mark.parametrize("block", [pytest.param(block, marks=pytest.mark.full if block else []) for block in range(20)])
def test_accepted_clauses_are_implied(block: int, tmp_path: Path) -> None:
    """Of formulas with solutions: whatever is accepted holds in all of them, whatever was deleted."""
    rng = random.Random(f"implied {block}")
    implied = accepted = 0
    for _ in range(10):
        variables = rng.randint(3, 7)
        formula = random_formula(rng, variables, 3 * variables)
        while not (models := solutions(formula, variables)):
            formula.pop()
        proof = ""
        for _ in range(40):
            clause = random_formula(rng, variables, 1)[0]
            step = f"{' '.join(map(str, clause))} 0\n"
            if rng.random() < 0.15:
                proof += f"d {step}"
            implied += all(not model.isdisjoint(clause) for model in models)
            found = verdict(formula, proof + step, tmp_path)
            assert found == judge(formula, proof + step)
            if found == "no end":
                assert all(not model.isdisjoint(clause) for model in models), (formula, proof + step)
                accepted += 1
                proof += step
    assert implied >= accepted > implied // 2


@pytest.mark.parametrize("solver", SOLVERS)
def test_proofs_of_solvers(solver: str, tmp_path: Path) -> None:
    """Beyond what the reference checker can take; some hundred to some thousand steps."""
    rng = random.Random(f"solvers {solver}")
    for formula in (pigeonhole(6), threes(rng, 150, 750)):
        proof = proof_by(solver, formula)
        assert proof
        checked = check(formula, proof, tmp_path)
        assert checked.format == "drup"
        assert checked.additions + checked.deletions == proof.count("\n")
