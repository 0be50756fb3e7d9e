"""Sorting and cardinality networks against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from qnnt.encoders.adder import adder
from qnnt.encoders.gates import GateCircuit
from qnnt.encoders.sorting_network import cardnetwrk, sortnetwrk
from tests.encoders.circuit_check import (
    SEEDS,
    TERMS,
    array,
    assert_agree,
    assert_counts_ones,
    assert_counts_weights,
    assert_rows_are_independent,
    assert_shares_prefixes,
    assert_trivial_cases,
    gates_over,
    size_of,
)

both = pytest.mark.parametrize("circuit", [sortnetwrk, cardnetwrk])


@both
@pytest.mark.parametrize("terms", TERMS)
def test_unit_weights(circuit: GateCircuit, terms: int) -> None:
    assert_counts_ones(circuit, terms)


@both
@pytest.mark.parametrize("seed", SEEDS)
def test_weights(circuit: GateCircuit, seed: int) -> None:
    assert_counts_weights(circuit, seed)


@both
def test_trivial_cases(circuit: GateCircuit) -> None:
    assert_trivial_cases(circuit)


@both
def test_rows(circuit: GateCircuit) -> None:
    assert_rows_are_independent(circuit)
    assert_shares_prefixes(circuit)


@both
@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_adder(circuit: GateCircuit, seed: int) -> None:
    assert_agree(circuit, adder, seed)


@pytest.mark.parametrize(("terms", "comparators"), [(2, 1), (4, 5), (8, 19), (16, 63), (32, 191)])
def test_sizes_of_sorting_are_those_of_batcher(terms: int, comparators: int) -> None:
    gates = gates_over(terms)
    sortnetwrk(gates, np.arange(2, terms + 2)[None, :], np.ones(terms, np.int64), array(1))
    assert size_of(gates) == (terms + 1 + 2 * comparators, 6 * comparators)


@pytest.mark.parametrize("terms", [7, 16, 40])
def test_cardinality_networks_are_cheap_at_both_ends(terms: int) -> None:
    row, weights = np.arange(2, terms + 2)[None, :], np.ones(terms, np.int64)
    sizes = []
    for bounds in ([1], [2], [3], [1, 2, 3], [terms // 2], [terms - 2, terms - 1, terms], [terms]):
        gates = gates_over(terms)
        cardnetwrk(gates, row, weights, array(*bounds))
        sizes.append(size_of(gates)[0] - terms - 1)
    one, two, three, some, middle, most, every = sizes
    assert one == every == terms - 1
    assert one < two < three == some == most
    assert three <= middle


@both
def test_a_literal_with_itself_needs_no_comparator(circuit: GateCircuit) -> None:
    gates = gates_over(1)
    found = circuit(gates, array(2, -2)[None, :], array(5, 3), array(1, 3, 4, 5, 6, 8))
    assert found.tolist() == [[1, 1, 2, 2, -1, -1]]
    assert size_of(gates) == (2, 0)
