"""Sorting and cardinality networks against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from qnnt.encoders.gates import GateCircuit
from qnnt.encoders.sorting_network import cardnetwrk, sortnetwrk
from tests.encoders.circuit_check import (
    array,
    gates_over,
    size_of,
)

both = pytest.mark.parametrize("circuit", [sortnetwrk, cardnetwrk])


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
