"""Theorem 2a: degree three at d = 2."""

from __future__ import annotations

import pytest

from qnnt.errors import InputError
from qnnt.instance import z_d
from qnnt.reductions.literal_pairs import LiteralPairs
from qnnt.reductions.making import Origin, decode
from qnnt.reductions.registry import family
from qnnt.reductions.sources.formula import Formula
from tests.reductions.formulas import DEGENERATE, agrees, any_formula

ENTRY = family("three-sat-d2")
FORM = ENTRY.forms[0]


def test_the_restrictions_of_theorem_2a() -> None:
    for seed in range(100):
        formula = any_formula(seed, 8, 30)
        made = Origin(ENTRY, FORM, formula).made()
        network = made.network
        assert made.d == 2
        assert made.bound == 0
        assert network.depth == 2
        assert len(made.dataset) == 2
        assert max(map(len, network.predecessors.values())) <= 3
        assert max(len(network.successors[v]) for v in network.hidden) <= 3
        assert all(len(network.successors[v]) == 1 for v in network.inputs)
        assert all(len(network.predecessors[v]) == 2 for v in network.hidden)
        assert set(made.weights.values()) == {z_d(2)}
        occurring = [abs(literal) for clause in formula.clauses for literal in set(clause)]
        o = len(occurring) + formula.variables - len(set(occurring))
        assert len(network.inputs) == 4 * o
        assert len(network.hidden) == 2 * o
        assert len(network.outputs) <= 2 * o + len(formula.clauses)
        assert len(network.edges) <= 9 * o


@pytest.mark.parametrize("formula", [pytest.param(formula, id=name) for name, formula in DEGENERATE.items()])
def test_degenerate_formulas(formula: Formula) -> None:
    agrees("three-sat-d2", FORM, formula)


def test_any_formulas() -> None:
    assert {agrees("three-sat-d2", FORM, any_formula(seed, 3, 7)) for seed in range(12)} == {False, True}


@pytest.mark.full
def test_many_formulas() -> None:
    for seed in range(12, 300):
        agrees("three-sat-d2", FORM, any_formula(seed, 4, 12))


@pytest.mark.parametrize("formula", [Formula(0, ()), Formula(0, ((),))])
def test_no_variables(formula: Formula) -> None:
    with pytest.raises(InputError, match="expected at least one variable: a network has an input"):
        Origin(ENTRY, FORM, formula).made()


def test_pairs_of_a_formula() -> None:
    pairs = LiteralPairs.of(3, [(1, -2), (-1, 2), (1,)])
    assert pairs.clauses == (("p1_1", "n2_1"), ("n1_2", "p2_2"), ("p1_3",))
    assert pairs.not_both()["nand3_1"] == ("p3_1", "n3_1")
    assert pairs.at_least_one() == {
        "or1_1": ("n1_3", "p1_1"),
        "or1_2": ("n1_1", "p1_2"),
        "or1_3": ("n1_2", "p1_3"),
        "or2_1": ("n2_2", "p2_1"),
        "or2_2": ("n2_1", "p2_2"),
    }


def test_every_assignment_has_its_own_network() -> None:
    formula = Formula(2, ((1, 2), (1, -1), (2, -2)))
    origin = Origin(ENTRY, FORM, formula)
    for solution in ((True, True), (True, False), (False, True)):
        assert decode(origin, origin.witness(solution)).solution == solution
