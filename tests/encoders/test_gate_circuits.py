"""What every circuit of gates must do: count, against counting by hand and against the adder."""

from __future__ import annotations

import pytest

from qnnt.encoders.adder import adder
from qnnt.encoders.gates import GateCircuit
from qnnt.encoders.modulo_totalizer import mtotalizer
from qnnt.encoders.sorting_network import cardnetwrk, sortnetwrk
from tests.encoders.circuit_check import (
    SEEDS,
    TERMS,
    assert_agree,
    assert_counts_ones,
    assert_counts_weights,
    assert_rows_are_independent,
    assert_shares_prefixes,
    assert_trivial_cases,
)

OTHERS = [sortnetwrk, cardnetwrk, mtotalizer]
every = pytest.mark.parametrize("circuit", [adder, *OTHERS])


@every
@pytest.mark.parametrize("terms", TERMS)
def test_unit_weights(circuit: GateCircuit, terms: int) -> None:
    assert_counts_ones(circuit, terms)


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_weights(circuit: GateCircuit, seed: int) -> None:
    assert_counts_weights(circuit, seed)


@every
def test_trivial_cases(circuit: GateCircuit) -> None:
    assert_trivial_cases(circuit)


@every
def test_rows(circuit: GateCircuit) -> None:
    assert_rows_are_independent(circuit)
    assert_shares_prefixes(circuit)


@pytest.mark.parametrize("circuit", OTHERS)
@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_adder(circuit: GateCircuit, seed: int) -> None:
    assert_agree(circuit, adder, seed)
