from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from qnnt.errors import CertificateError, InputError
from qnnt.proofs.checking import CheckedProof
from tests.proofs.formulas import Formula, check
from tests.proofs.test_drup import SQUARE

PROOF = "5 1 0 1 2 0\n6 0 5 3 4 0\n"


def refused(formula: Formula, proof: str, folder: Path) -> str:
    with pytest.raises(CertificateError) as error:
        check(formula, proof, folder)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(str(folder / "p.drup"))


def test_accepted(tmp_path: Path) -> None:
    assert check(SQUARE, PROOF, tmp_path) == CheckedProof("lrat", 2, 0, 2, 0, 5)
    assert check(SQUARE, "5 1 0 2 1 0\n5 d 2 1 0\n90 0 5 4 3 0", tmp_path) == CheckedProof("lrat", 2, 1, 2, 0, 5)
    assert check(SQUARE, gzip.compress(PROOF.encode()), tmp_path, "p.lrat.gz").format == "lrat"


@pytest.mark.parametrize(
    ("proof", "message"),
    [
        ("4 1 0 1 2 0", " line 1: the number 4 of the clause 1 is not above all numbers before it"),
        ("7 1 0 1 2 0\n7 0 7 3 4 0", " line 2: the number 7 of the empty clause is not above all numbers before it"),
        ("7 1 0 1 2 0\n6 0 7 3 4 0", " line 2: the number 6 of the empty clause is not above all numbers before it"),
        ("5 1 0 1 2 0\n7 0 6 3 4 0", " line 2: there is no clause 6, or no more"),
        ("5 1 0 5 2 0", " line 1: there is no clause 5, or no more"),
        ("5 d 2 0\n5 1 0 1 2 0", " line 2: there is no clause 2, or no more"),
        ("5 d 2 2 0", " line 1: there is no clause 2, or no more"),
        ("5 d 5 0", " line 1: there is no clause 5, or no more"),
        ("5 1 0 1 2 0\n5 d 5 0\n6 0 5 3 4 0", " line 3: there is no clause 5, or no more"),
        ("5 1 0 -1 2 0", " line 1: hint -1 of the clause 1: RAT is not supported"),
        ("5 1 0 1 -2 0", " line 1: hint -2 of the clause 1: RAT is not supported"),
        ("5 0 1 2 0", " line 1: the empty clause does not follow by its hints: clause 1 is neither unit nor false"),
        ("5 1 0 1 1 2 0", " line 1: the clause 1 does not follow by its hints: clause 1 is neither unit nor false"),
        ("5 1 0 3 1 2 0", " line 1: the clause 1 does not follow by its hints: clause 3 is neither unit nor false"),
        ("5 1 0 1 2 3 0", " line 1: the clause 1 has hints after the conflict, from clause 3 on"),
        ("5 1 0 1 0", " line 1: the clause 1 does not follow by its hints: there is no conflict"),
        ("5 1 0 0", " line 1: the clause 1 does not follow by its hints: there is no conflict"),
        ("5 0 0", " line 1: the empty clause does not follow by its hints: there is no conflict"),
        ("5 1 -1 0 1 0", " line 1: the clause 1 -1 has hints after the conflict, from clause 1 on"),
        ("5 1 0 1 2 0", ": the proof ends without a refutation: the empty clause is never added"),
        ("5 9 0 1 2 0", " line 1: the clause 9 does not follow by its hints: clause 1 is neither unit nor false"),
    ],
)
def test_refused(proof: str, message: str, tmp_path: Path) -> None:
    assert refused(SQUARE, proof, tmp_path) == message


def test_the_empty_clause_must_be_written_down(tmp_path: Path) -> None:
    assert "never added" in refused([[1], [-1]], "3 1 0 1 0", tmp_path)
    assert check([[1], [-1]], "3 0 1 2 0", tmp_path).checked == 1


def test_formula_with_the_empty_clause(tmp_path: Path) -> None:
    assert check([[1], []], "3 5 0 9 0\n4 d 7 0", tmp_path) == CheckedProof("lrat", 1, 1, 0, 0, 0)


def test_tautologies_and_repeated_literals(tmp_path: Path) -> None:
    assert check(SQUARE, "5 3 -3 0 0\n6 1 1 0 1 2 0\n7 0 6 3 4 0", tmp_path).checked == 3
    assert check([[1, 1, 2], [1, -2], [-1, 2, 2], [-2, -1]], PROOF, tmp_path).checked == 2
    assert "neither unit nor false" in refused([[1, -1], [1]], "3 0 2 1 0", tmp_path)
    assert "neither unit nor false" in refused([[1, -1], [1]], "3 0 1 2 0", tmp_path)
    assert "there is no conflict" in refused([[1, -1], [1]], "3 -1 0 0", tmp_path)


def test_what_comes_after_the_end_is_not_checked(tmp_path: Path) -> None:
    assert check(SQUARE, PROOF + "1 9 0 77 0\n6 d 99 0\n", tmp_path).additions == 3
    with pytest.raises(InputError, match="line 3"):
        check(SQUARE, PROOF + "1 9 0\n", tmp_path)


def test_assignments_are_taken_back(tmp_path: Path) -> None:
    """The unit of one step is unknown in the next, unless its hints say it again."""
    assert "neither unit nor false" in refused(SQUARE, "5 1 0 1 2 0\n6 0 3 4 0", tmp_path)
