"""Sums of two sets of small integers by a product of polynomials, through the fast Fourier transform."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.vectors import Integers

MOST_PAIRS = 2**60
"""Products of the two sizes for which rounding is certain to be right.

A product's coefficients are wrong by at most about 2^-53 times the logarithm of its length, small factors, and
the norms of both operands, whose product is the square root of the pairs: at most 2^30 here, so by 2^-15.
"""


def transformed_sums(keys: Integers, choices: Integers) -> Integers:
    """The distinct sums of a key and a choice, increasing.

    Complexity: three transforms of twice as many numbers as the largest sum, whatever the sizes.

    Parameters
    ----------
    keys, choices
        One-dimensional, distinct, increasing, not negative.

    Raises
    ------
    ValueError
        If there are so many that rounding could go wrong.
    """
    if len(keys) * len(choices) > MOST_PAIRS:
        raise ValueError(f"{len(keys)} times {len(choices)} sums are too many to count in floating point")
    if not len(keys) or not len(choices):
        return np.empty(0, np.int64)
    length = int(keys[-1]) + int(choices[-1]) + 1
    padded = _quick_length(length)
    counts = np.fft.irfft(_transform(keys, padded) * _transform(choices, padded), padded)[:length]
    return np.flatnonzero(counts > 0.5).astype(np.int64, copy=False)


def _transform(numbers: Integers, length: int) -> npt.NDArray[np.complex128]:
    marks = np.zeros(length)
    marks[numbers] = 1
    return np.fft.rfft(marks)


def _quick_length(least: int) -> int:
    """The least number of the form 2^i, 3 * 2^i or 5 * 2^i from there on."""
    return min(factor << max(0, math.ceil(math.log2(least / factor))) for factor in (1, 3, 5))
