"""Formulas of sums and products with the products merged away: literals, conflicts, copies."""

from __future__ import annotations

import pytest

from qnnt.reductions.inverse_equations import Literal, Term, inverse_equations
from tests.reductions.test_etr_inv import any_source, formula


def test_sizes_after_merging() -> None:
    for number in range(200):
        source = any_source(number)
        merged = inverse_equations(source)
        copies = [x for x, original in merged.originals.items() if x != original]
        assert len(merged.originals) <= len(source.variables) + len(copies)
        assert all(copy == f"{original}~" for copy, original in merged.originals.items() if copy in copies)
        conflicts = len(merged.equations) - len(source.sums) - len(copies)
        assert 0 <= conflicts <= len(merged.originals) - len(copies)
        for equation in merged.equations:
            assert len(set(equation)) == len(equation)
            assert {term.literal.variable for term in equation} <= set(merged.originals)


def test_products_are_merged_away() -> None:
    merged = inverse_equations(formula((1,), "xyw", "xy yz"))
    assert merged.literals == {"x": Literal("x", 1), "y": Literal("x", -1), "w": Literal("w", 1), "z": Literal("x", 1)}
    assert merged.originals == {"x": "x", "w": "w"}
    terms = Term(1, Literal("x", 1)), Term(1, Literal("x", -1)), Term(-1, Literal("w", 1))
    assert merged.equations == (terms,)
    assert (merged.inverted("x"), merged.inverted("w")) == (True, False)


@pytest.mark.parametrize("products", ["xx", "xy yz zx"])
def test_an_odd_cycle_of_products_is_an_equation(products: str) -> None:
    merged = inverse_equations(formula((1,), "", products))
    assert merged.originals == {"x": "x"}
    assert merged.equations == ((Term(1, Literal("x", 1)), Term(-1, Literal("x", -1))),)


def test_a_repeated_literal_is_copied_once() -> None:
    merged = inverse_equations(formula((1, 2), "xxy yyz xxw", "xv"))
    assert merged.originals == {"x": "x", "y": "y", "z": "z", "w": "w", "x~": "x", "y~": "y"}
    assert [[(t.sign, t.literal.variable) for t in equation] for equation in merged.equations] == [
        [(1, "x"), (1, "x~"), (-1, "y")],
        [(1, "y"), (1, "y~"), (-1, "z")],
        [(1, "x"), (1, "x~"), (-1, "w")],
        [(1, "x"), (-1, "x~")],
        [(1, "y"), (-1, "y~")],
    ]
    assert merged.inverted("x~")
