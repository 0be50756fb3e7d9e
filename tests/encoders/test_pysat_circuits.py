"""PySAT's encodings as circuits, against counting by hand."""

from __future__ import annotations

import importlib.util

import pytest

from qnnt.encoders.adder import adder
from qnnt.encoders.pysat_circuits import CARDINALITY, PSEUDO_BOOLEAN, pysat_circuit
from qnnt.errors import InputError, UnsupportedError
from tests.encoders.circuit_check import (
    SEEDS,
    TERMS,
    array,
    assert_agree,
    assert_counts_ones,
    assert_counts_weights,
    assert_rows_are_independent,
    assert_thresholds,
    assert_trivial_cases,
    gates_over,
    size_of,
)

PROPAGATING = ("seqcounter", "sortnetwrk", "cardnetwrk", "totalizer")
"""The others leave thresholds open under unit propagation, as their formulas do without conditions."""

NAMES = (*CARDINALITY, *PSEUDO_BOOLEAN)
every = pytest.mark.parametrize("name", NAMES)


@every
@pytest.mark.parametrize("terms", TERMS)
def test_unit_weights(name: str, terms: int) -> None:
    """Bounds 1 and the number of terms, where PySAT writes plain clauses, among them."""
    assert_counts_ones(pysat_circuit(name), terms, by="thresholds" if name in PROPAGATING else "search")


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_weights(name: str, seed: int) -> None:
    assert_counts_weights(pysat_circuit(name), seed, by="search")


@every
def test_trivial_cases(name: str) -> None:
    assert_trivial_cases(pysat_circuit(name), by="search")


@every
def test_rows(name: str) -> None:
    assert_rows_are_independent(pysat_circuit(name))


@every
def test_agrees_with_the_adder(name: str) -> None:
    assert_agree(pysat_circuit(name), adder, 1)


def test_names() -> None:
    with pytest.raises(InputError, match="unknown encoding 'pairwise' of pysat; known: seqcounter, "):
        pysat_circuit("pairwise")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UnsupportedError, match="pindakaas-adder of pysat needs: pip install pindakaas"):
        pysat_circuit("pindakaas-adder")


def test_large_weights() -> None:
    weights = [2**40, 2**39 + 1, 3, 2**38 - 1]
    for name in ("pindakaas", "pindakaas-adder"):
        assert_thresholds(pysat_circuit(name), [2, -3, 4, 5], weights, [1, 4, 2**40, sum(weights)], by="search")


def test_repeated_positions_are_tidied() -> None:
    """Terms of weight 2 and 1: the formula over three positions becomes one over two, in plain clauses."""
    gates = gates_over(2)
    found = pysat_circuit("totalizer")(gates, array(2, 3)[None, :], array(2, 1), array(1))
    assert found.shape == (1, 1)
    assert size_of(gates)[1] <= 12
