"""Adder networks against counting by hand, also where weights need many bits."""

from __future__ import annotations

import random

import numpy as np
import pytest

from qnnt.encoders.adder import adder
from qnnt.errors import UnsupportedError
from tests.encoders.circuit_check import (
    array,
    assert_thresholds,
    gates_over,
    size_of,
)


@pytest.mark.parametrize("bits", [31, 32, 40, 53, 60])
def test_large_weights(bits: int) -> None:
    rng = random.Random(bits)
    weights = [2**bits, 2 ** (bits - 1) + 1, rng.randrange(2 ** (bits - 2)), 1, 2 ** (bits - 2) - 1]
    total = sum(weights)
    bounds = sorted({1, 2, 2**bits, 2**bits + 1, total - 1, total, *(rng.randint(1, total) for _ in range(6))})
    assert_thresholds(adder, [2, -3, 4, -5, 6], weights, bounds)


def test_totals_beyond_64_bits_are_refused() -> None:
    gates = gates_over(4)
    row, weights = array(2, 3, 4, 5)[None, :], np.full(4, 2**60)
    with pytest.raises(UnsupportedError, match="more than 62 bits"):
        adder(gates, row, weights, array(1))
    assert_thresholds(adder, [2, 3, 4], [2**60] * 3, [1, 2**60, 2**60 + 1, 2**61, 3 * 2**60])


@pytest.mark.parametrize(("terms", "adders"), [(3, (1, 0)), (7, (4, 0)), (8, (4, 3)), (15, (11, 0)), (20, (15, 3))])
def test_numbers_of_adders(terms: int, adders: tuple[int, int]) -> None:
    """In a bucket of m literals, (m - 1) // 2 full adders and one half adder if m is even."""
    full, half = adders
    gates = gates_over(terms)
    adder(gates, np.arange(2, terms + 2)[None, :], np.ones(terms, np.int64), array(1))
    comparison = len(bin(terms)) - 3  # one OR for each bit but the first
    variables, clauses = size_of(gates)
    assert variables == terms + 1 + 2 * (full + half) + comparison
    assert clauses == 14 * full + 7 * half + 3 * comparison


def test_bounds_share_their_low_bits() -> None:
    alone, together = [], gates_over(15)
    row, weights = np.arange(2, 17)[None, :], np.ones(15, np.int64)
    for bound in (5, 13):
        gates = gates_over(15)
        adder(gates, row, weights, array(bound))
        alone.append(size_of(gates))
    adder(together, row, weights, array(5, 13))
    assert size_of(together)[0] == alone[0][0] + 1
    assert size_of(together)[1] == alone[0][1] + 3
