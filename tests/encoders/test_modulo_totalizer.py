"""The modulo totalizer against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from qnnt.encoders.modulo_totalizer import mtotalizer
from tests.encoders.circuit_check import (
    array,
    assert_thresholds,
    gates_over,
    size_of,
)


@pytest.mark.parametrize(
    "weights", [[1, 100], [7, 7, 7, 7], [50, 1, 1, 1, 1], [4, 8, 12, 16], [300, 299, 1], [3, 30, 90]]
)
def test_weights_that_leave_gaps(weights: list[int]) -> None:
    """Quotients and remainders that do not take every value up to their largest."""
    total = sum(weights)
    row = [2, -3, 4, -5, 6][: len(weights)]
    assert_thresholds(mtotalizer, row, weights, list(range(1, total + 1)))
    for bound in {1, 2, total // 3, total // 2, total - 1, total}:
        assert_thresholds(mtotalizer, row, weights, [bound])


def test_low_bounds_need_small_quotients() -> None:
    row, weights = np.arange(2, 66)[None, :], np.ones(64, np.int64)
    sizes = []
    for bounds in ([3], [32], list(range(1, 65))):
        gates = gates_over(64)
        mtotalizer(gates, row, weights, array(*bounds))
        sizes.append(size_of(gates))
    assert sizes[0] < sizes[1] < sizes[2]
    assert sizes[2] < (64 + 64 * 12, 64 * 64)
