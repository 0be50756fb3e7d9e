from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from qnnt.errors import CertificateError, InputError, UnsupportedError
from qnnt.proofs import rup
from qnnt.proofs.checking import CheckedProof, check_refutation
from qnnt.proofs.clauses import joined
from qnnt.proofs.deletions import deleted_rows
from qnnt.proofs.parsing import DrupProof, read_proof
from tests.proofs.formulas import Formula, check, pigeonhole, proof_by

SQUARE: Formula = [[1, 2], [1, -2], [-1, 2], [-1, -2]]
"""No solution, but nothing follows by unit propagation alone."""

LOOSE: Formula = [[1, 2], [-1, 3]]


def refused(formula: Formula, proof: str, folder: Path) -> str:
    with pytest.raises(CertificateError) as error:
        check(formula, proof, folder)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(folder))


def test_accepted(tmp_path: Path) -> None:
    assert check(SQUARE, "1 0\n0\n", tmp_path) == CheckedProof("drup", 2, 0, 1, 0, 4)
    assert check(SQUARE, "c x\n\n1 0\nd 1 2 0\n", tmp_path).deletions == 1


@pytest.mark.parametrize("proof", ["", "c nothing\n", "0\n", "5 6 0\n", "d 7 0\n"])
@pytest.mark.parametrize("formula", [[[]], [[1], []], [[1], [-1]], [[1], [-1, 2], [-2, -1]], [[3, 3], [-3]]])
def test_refuted_without_a_step(formula: Formula, proof: str, tmp_path: Path) -> None:
    assert check(formula, proof, tmp_path).checked == 0


@pytest.mark.parametrize("formula", [[], [[1]], SQUARE, [[1, -1]]])
def test_empty_proof_of_what_needs_one(formula: Formula, tmp_path: Path) -> None:
    message = "/p.drup: the proof ends without a refutation: the empty clause never follows"
    assert refused(formula, "", tmp_path) == message


def test_clause_that_does_not_follow(tmp_path: Path) -> None:
    message = "/p.drup line 3: the clause 3 -4 does not follow by unit propagation (RAT is not supported)"
    assert refused(SQUARE, "c\n1 1 2 0\n3 -4 0\n1 0\n", tmp_path) == message
    message = "/p.drup line 1: the empty clause does not follow by unit propagation (RAT is not supported)"
    assert refused(SQUARE, "0\n", tmp_path) == message
    clause = " ".join(map(str, range(3, 40)))
    shown = " ".join(map(str, range(3, 15)))
    assert f": the clause {shown} ... does" in refused(SQUARE, f"{clause} 0\n", tmp_path)


def test_missing_end(tmp_path: Path) -> None:
    assert "ends without a refutation" in refused([[1, 2], [1, -2], [-1, 3]], "1 0\n3 0\n1 3 0\n", tmp_path)


@pytest.mark.parametrize("clause", ["3", "2", "3 1", "1 -3", "4", "-4", "4 1"])
def test_rat_is_refused(clause: str, tmp_path: Path) -> None:
    """Clauses that follow by RAT on their first literal, and by nothing else."""
    message = f"/p.drup line 1: the clause {clause} does not follow by unit propagation (RAT is not supported)"
    assert refused(LOOSE, f"{clause} 0\n", tmp_path) == message


def test_definition_of_a_new_variable_is_refused(tmp_path: Path) -> None:
    """Extended resolution begins like this: 9 stands for 1 and 2."""
    assert "line 2: the clause 9 -1 -2 does not follow" in refused(LOOSE, "1 3 2 0\n9 -1 -2 0\n", tmp_path)


def test_new_variables_in_clauses_that_follow(tmp_path: Path) -> None:
    assert check(SQUARE, "1 9 0\n1 2147483647 -9 0\n1 2000000000 0\n1 0\n", tmp_path).checked == 4
    assert "line 1" in refused(SQUARE, "2147483647 0\n", tmp_path)


def test_what_comes_after_the_end_is_not_checked(tmp_path: Path) -> None:
    checked = check(SQUARE, "1 0\n0\n3 0\nd 8 0\n-3 0\n", tmp_path)
    assert (checked.additions, checked.checked, checked.deletions) == (4, 1, 1)
    with pytest.raises(InputError, match="line 3"):
        check(SQUARE, "1 0\n0\n3\n", tmp_path)


def test_deleted_clauses_are_gone(tmp_path: Path) -> None:
    assert "line 2: the clause 1 does" in refused(SQUARE, "d 1 2 0\n1 0\n", tmp_path)
    assert "line 2: the clause 1 does" in refused(SQUARE, "d 2 1 0\n1 0\n", tmp_path)
    assert "line 2: the clause 1 does" in refused(SQUARE, "d 2 1 2 0\n1 0\n", tmp_path)
    assert "line 3: the clause 1 does" in refused(SQUARE, "1 2 5 0\nd 2 1 0\n1 0\n", tmp_path)


def test_copies_are_counted(tmp_path: Path) -> None:
    twice: Formula = [*SQUARE, [2, 1, 2]]
    assert check(twice, "d 1 2 0\n1 0\n", tmp_path).unmatched == 0
    assert "line 3: the clause 1 does" in refused(twice, "d 1 2 0\nd 2 1 0\n1 0\n", tmp_path)
    assert check(SQUARE, "2 1 0\nd 1 2 0\n1 0\n", tmp_path).unmatched == 0


def test_deletions_of_what_is_not_there_are_ignored_and_counted(tmp_path: Path) -> None:
    assert check(SQUARE, "d 1 3 0\nd 1 0\nd 0\nd 1 2 3 0\nd 99 0\n1 0\n", tmp_path).unmatched == 5
    assert check([*SQUARE, [4, 5]], "d 4 5 0\nd 4 5 0\n1 0\n", tmp_path).unmatched == 1


def test_facts_outlive_their_clauses(tmp_path: Path) -> None:
    """Solvers delete the clauses that units came from."""
    chain: Formula = [[1], [-1, 2], [-2, 3, 4], [-2, 3, -4], [-2, -3, 4], [-2, -3, -4]]
    assert check(chain, "d 1 0\nd -1 2 0\n3 0\n", tmp_path).checked == 1
    assert check(SQUARE, "1 2 0\n1 -2 0\nd 1 2 0\nd 1 -2 0\n1 0\n", tmp_path).checked == 3
    assert check([*chain[1:], [1, 5], [1, -5]], "1 0\nd 1 0\nd 1 5 0\nd 1 -5 0\nd -1 2 0\n3 0\n", tmp_path)


def test_repeated_literals(tmp_path: Path) -> None:
    formula: Formula = [[1, 1, 2], [1, -2, -2], [2, -1, 2], [-2, -1, -2, -1]]
    assert check(formula, "1 1 1 0\n", tmp_path).checked == 1
    assert check([[1, 1], [-1, -1, -1]], "", tmp_path).checked == 0
    assert "ends without a refutation" in refused([[1, 1, 1], [2, 2]], "1 1 0\n", tmp_path)


def test_tautologies(tmp_path: Path) -> None:
    assert check(SQUARE, "3 -3 0\n1 -1 2 0\n1 0\n", tmp_path).checked == 3
    assert check([*SQUARE, [1, -1], [2, -2, 2]], "d -1 1 0\n1 0\n", tmp_path).unmatched == 0
    for proof in ("1 0\n", "-1 0\n", "2 0\n", "0\n", "1 -1 0\n1 0\n"):
        assert "does not follow" in refused([[1, -1], [1, -1, 2], [2, -1, -2]], proof, tmp_path)


def test_gzip(tmp_path: Path) -> None:
    assert check(SQUARE, gzip.compress(b"1 0\n0\n"), tmp_path, "p.drup.gz").checked == 1


@pytest.mark.parametrize(("entries", "bad"), [([1, 0], 0), ([1, 3], 3), ([-3, 1], -3)])
def test_formula_with_impossible_literals(entries: list[int], bad: int, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("")
    with pytest.raises(InputError, match=f"literal {bad}, with 2 variables"):
        check_refutation(2, np.array([0, 1, 2]), np.array(entries), str(tmp_path / "p"))


def test_too_many_variables(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("")
    with pytest.raises(UnsupportedError, match="2147483647 variables are beyond"):
        check_refutation(2**31 - 1, np.array([0, 1]), np.array([2**31 - 1]), str(tmp_path / "p"))


def test_formula_is_left_as_it_is_and_may_be_read_only(tmp_path: Path) -> None:
    offsets, entries = np.array([0, 2, 4, 6, 8]), np.array([2, 1, 1, -2, -1, 2, -2, -1])
    offsets.flags.writeable = entries.flags.writeable = False
    (tmp_path / "p").write_text("1 0\n")
    assert check_refutation(2, offsets, entries, str(tmp_path / "p")).checked == 1


@pytest.mark.parametrize("solver", ["cadical195", "glucose4"])
def test_watches_that_run_out_of_room(solver: str, tmp_path: Path) -> None:
    """The lists move while propagation runs; what comes out stays the same."""
    formula = pigeonhole(5)
    (tmp_path / "p").write_text(proof_by(solver, formula) or "")
    proof = read_proof(str(tmp_path / "p"))
    assert isinstance(proof, DrupProof)
    offsets = np.cumsum([0, *map(len, formula)])
    clauses = joined(30, (offsets, np.concatenate(formula)), (proof.offsets, proof.literals))
    deletes = np.concatenate((np.zeros(len(formula), np.bool_), proof.deletes))
    deleted = deleted_rows(clauses, deletes)
    expected = rup.check_rows(clauses, len(formula), deletes, deleted)
    assert expected.refuted_at > len(formula)
    for room in range(0, 2000, 40):
        state = rup._fresh_state(clauses, room)
        assert rup.Check(*rup._check(state, clauses.starts, len(formula), deletes, deleted)) == expected
