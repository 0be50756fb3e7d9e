"""Theorem 2b: in-degree two at d = 4; its gadget is checked for every answer that its neurons can give."""

from __future__ import annotations

import itertools

import pytest

from qnnt.errors import InputError
from qnnt.instance import z_d
from qnnt.reductions.column_network import Column, settings
from qnnt.reductions.making import Origin, decode
from qnnt.reductions.registry import family
from qnnt.reductions.sources.formula import Formula
from qnnt.reductions.three_sat_d4 import (
    ANSWER,
    AT_LEAST_ONE,
    CLAUSE_LABELS,
    INPUTS,
    NOT_BOTH,
    PICKS,
    SELECTOR_INPUTS,
    TRUE_ANSWERS,
    D,
    Kind,
)
from tests.reductions.formulas import DEGENERATE, agrees, any_formula

ENTRY = family("three-sat-d4")
FORM = ENTRY.forms[0]
KIND_AT = (Kind.A, Kind.B, Kind.B)
"""The kind of a clause's literals."""
ANSWERS = {kind: frozenset(settings(D, INPUTS[kind])) for kind in Kind}
"""All that a neuron of a pair can answer."""
PAIRS = list(itertools.product(Kind, Kind))


def can(read: tuple[Column, ...], label: Column) -> bool:
    return label in settings(D, read)


def test_answers_of_the_tables_can_be_given() -> None:
    assert len(settings(D, SELECTOR_INPUTS)) == 18
    assert set(PICKS) <= set(settings(D, SELECTOR_INPUTS))
    assert {kind: len(answers) for kind, answers in ANSWERS.items()} == {Kind.A: 11, Kind.B: 8}
    for kind in Kind:
        assert TRUE_ANSWERS[kind] < ANSWERS[kind]
        assert ANSWER[kind, True] in TRUE_ANSWERS[kind]
        assert ANSWER[kind, False] in ANSWERS[kind] - TRUE_ANSWERS[kind]


def test_every_answer_of_a_selector_needs_a_true_literal() -> None:
    for t in settings(D, SELECTOR_INPUTS):
        needing = [
            k
            for k, (kind, label) in enumerate(zip(KIND_AT, CLAUSE_LABELS, strict=True))
            if not any(can((answer, t), label) for answer in ANSWERS[kind] - TRUE_ANSWERS[kind])
        ]
        assert needing, f"nothing is asked of any literal if the selector answers {t}"


def test_a_selector_alone_cannot_meet_its_labels() -> None:
    for t in settings(D, SELECTOR_INPUTS):
        assert not all(can((t,), label) for label in CLAUSE_LABELS)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_not_both_excludes_two_true_neurons(a: Kind, b: Kind) -> None:
    for one, other in itertools.product(TRUE_ANSWERS[a], TRUE_ANSWERS[b]):
        assert not can((one, other), NOT_BOTH[a, b])


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_at_least_one_excludes_two_neurons_that_are_not_true(a: Kind, b: Kind) -> None:
    for one, other in itertools.product(ANSWERS[a] - TRUE_ANSWERS[a], ANSWERS[b] - TRUE_ANSWERS[b]):
        assert not can((one, other), AT_LEAST_ONE[a, b])


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_one_true_neuron_is_enough(a: Kind, b: Kind) -> None:
    for value in (False, True):
        read = (ANSWER[a, value], ANSWER[b, not value])
        assert can(read, NOT_BOTH[a, b])
        assert can(read, AT_LEAST_ONE[a, b])


def test_one_true_literal_is_enough() -> None:
    for k, pick in enumerate(PICKS):
        for values in itertools.product((False, True), repeat=3):
            for kind, value, label in zip(KIND_AT, values, CLAUSE_LABELS, strict=True):
                true = value or label == CLAUSE_LABELS[k]
                assert can((ANSWER[kind, true], pick), label)


def test_the_restrictions_of_theorem_2b() -> None:
    for seed in range(100):
        formula = any_formula(seed, 8, 30)
        n, m = formula.variables, len(formula.clauses)
        made = Origin(ENTRY, FORM, formula).made()
        network = made.network
        assert made.d == 4
        assert made.bound == 0
        assert network.depth == 2
        assert len(made.dataset) == 3
        assert max(map(len, network.predecessors.values())) <= 2
        assert max(len(network.successors[v]) for v in network.hidden) <= 3
        assert all(len(network.successors[v]) == 1 for v in network.inputs)
        assert set(made.weights.values()) == {z_d(4)}
        missing = n - len({abs(literal) for clause in formula.clauses for literal in clause})
        o = 3 * sum(1 for clause in formula.clauses if clause) + missing
        assert len(network.hidden) == 2 * o + m
        assert len(network.inputs) <= 2 * o + 3 * m
        assert len(network.outputs) <= 2 * o + 3 * m
        assert len(network.edges) <= 7 * o + 6 * m


@pytest.mark.parametrize("formula", [pytest.param(formula, id=name) for name, formula in DEGENERATE.items()])
def test_degenerate_formulas(formula: Formula) -> None:
    agrees("three-sat-d4", FORM, formula)


def test_any_formulas() -> None:
    assert {agrees("three-sat-d4", FORM, any_formula(seed, 2, 5)) for seed in range(10)} == {False, True}


@pytest.mark.full
def test_many_formulas() -> None:
    for seed in range(10, 200):
        agrees("three-sat-d4", FORM, any_formula(seed, 3, 9))


def test_no_variables() -> None:
    assert not agrees("three-sat-d4", FORM, Formula(0, ((),)))
    with pytest.raises(InputError, match="expected at least one variable or clause"):
        Origin(ENTRY, FORM, Formula(0, ())).made()


def test_every_assignment_has_its_own_network() -> None:
    formula = Formula(2, ((1, 2), (1, -1), (2, -2)))
    origin = Origin(ENTRY, FORM, formula)
    for solution in ((True, True), (True, False), (False, True)):
        assert decode(origin, origin.witness(solution)).solution == solution
