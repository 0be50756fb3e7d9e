"""Theorem 4, and the formulas that all reductions from 3-SAT start from."""

from __future__ import annotations

import pytest

from qnnt.errors import InputError
from qnnt.instance import z_d
from qnnt.reductions.making import Origin
from qnnt.reductions.registry import family
from qnnt.reductions.sources.formula import Formula, read_dimacs
from qnnt.reductions.three_sat import THREE_SAMPLES, TWO_SAMPLES
from tests.reductions.formulas import DEGENERATE, agrees, any_formula

FORMS = (TWO_SAMPLES, THREE_SAMPLES)


@pytest.mark.parametrize("form", FORMS)
def test_the_restrictions_of_theorem_4(form: str) -> None:
    for seed in range(100):
        formula = any_formula(seed, 8, 30)
        n, m = formula.variables, len(formula.clauses)
        made = Origin(family("three-sat"), form, formula).made()
        network = made.network
        assert made.d == 2
        assert made.bound == 0
        assert network.depth == 2
        assert len(network.inputs) == 2
        assert len(made.dataset) == {TWO_SAMPLES: 2, THREE_SAMPLES: 3}[form]
        assert len(network.hidden) == 2 * n
        assert len(network.outputs) == m + n
        assert all(network.predecessors[v] == ("P", "Q") for v in network.hidden)
        assert max(map(len, network.predecessors.values())) <= 3
        assert len(network.edges) <= 6 * n + 3 * m
        assert set(made.weights.values()) == {z_d(2)}
        assert set(made.biases.values()) == {z_d(2)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("formula", [pytest.param(formula, id=name) for name, formula in DEGENERATE.items()])
def test_degenerate_formulas(form: str, formula: Formula) -> None:
    agrees("three-sat", form, formula)


@pytest.mark.parametrize("form", FORMS)
def test_any_formulas(form: str) -> None:
    assert {agrees("three-sat", form, any_formula(seed, 3, 8)) for seed in range(12)} == {False, True}


@pytest.mark.full
@pytest.mark.parametrize("form", FORMS)
def test_many_formulas(form: str) -> None:
    for seed in range(12, 300):
        agrees("three-sat", form, any_formula(seed, 4, 12))


def test_no_variables() -> None:
    assert not agrees("three-sat", TWO_SAMPLES, Formula(0, ((),)))
    with pytest.raises(InputError, match="expected at least one variable or clause"):
        Origin(family("three-sat"), TWO_SAMPLES, Formula(0, ())).made()


def test_dimacs() -> None:
    text = "c a comment\ncomment\np  cnf 3 4\n1 -2 0 3\n0\nc between\n\n0\n-1 -3\n2 0\n"
    assert read_dimacs(text, 3) == (3, ((1, -2), (3,), (), (-1, -3, 2)))


def test_the_end_of_a_file_of_satlib() -> None:
    text = "p cnf 3 2\n 1 -2 3 0\n-1 -3 2 0\n%\n0\n\n"
    assert Formula.from_text(text, {}) == Formula(3, ((1, -2, 3), (-1, -3, 2)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no DIMACS CNF: expected a line 'p cnf VARIABLES CLAUSES'"),
        ("c only this\n", "no DIMACS CNF: expected a line 'p cnf VARIABLES CLAUSES'"),
        ("1 2 0\n", "line 1: expected 'p cnf VARIABLES CLAUSES', got '1 2 0'"),
        ("c\np cnf 3\n", "line 2: expected 'p cnf VARIABLES CLAUSES', got 'p cnf 3'"),
        ("p wcnf 3 1\n", "line 1: expected 'p cnf VARIABLES CLAUSES', got 'p wcnf 3 1'"),
        ("p cnf -3 1\n", "line 1: expected 'p cnf VARIABLES CLAUSES', got 'p cnf -3 1'"),
        ("p cnf 2 1\n1 x 0\n", "line 2: expected a literal, got 'x'"),
        ("p cnf 2 1\n1 1.5 0\n", "line 2: expected a literal, got '1.5'"),
        ("p cnf 2 1\n1\n-3 0\n", "line 3: the literal -3 is beyond the 2 variables"),
        ("p cnf 4 1\n1 2 3 4 0\n", "line 2: a clause of 4 literals, expected at most 3"),
        ("p cnf 2 1\n1 2\n", "the last clause does not end with 0"),
        ("p cnf 2 2\n1 2 0\n", "expected 2 clauses as in the header, got 1"),
        ("p cnf 2 1\n1 2 0\n1 0\n", "expected 1 clauses as in the header, got 2"),
        ("p cnf 2 2\n1 2 0\n%\n1 0\n", "expected 2 clauses as in the header, got 1"),
    ],
)
def test_dimacs_that_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        Formula.from_text(text, {})
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"variables": 1}, "$.p: the key 'clauses' is missing"),
        ({"variables": -1, "clauses": []}, "$.p.variables: expected an integer of at least 0, got -1"),
        ({"variables": 1, "clauses": 7}, "$.p.clauses: expected a list, got 7"),
        ({"variables": 1, "clauses": [[1], [2]]}, "$.p.clauses[1][0]: expected an integer of at most 1, got 2"),
        ({"variables": 1, "clauses": [[0]]}, "$.p.clauses[0]: expected at most 3 literals, none of them 0"),
        ({"variables": 1, "clauses": [[1] * 4]}, "$.p.clauses[0]: expected at most 3 literals, none of them 0"),
    ],
)
def test_documents_that_are_refused(document: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as refused:
        Formula.from_document(document, "p")
    assert str(refused.value) == message


def test_complaints() -> None:
    formula = Formula(2, ((1, 2), ()))
    assert formula.complaint((True,)) == "expected the values of 2 variables, got 1"
    assert formula.complaint((False, False)) == "clause 1, 1 2, is not satisfied"
    assert formula.complaint((True, False)) == "clause 2, the empty one, is not satisfied"
    assert not Formula(2, ((1, -2),)).complaint((False, False))
