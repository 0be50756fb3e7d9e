"""Thresholds as native cardinality constraints, for solvers that take these as they are.

Formula
    ``x <=> sum w_i l_i >= k`` with the total W of the weights, as two rows of which at most W literals hold,
    every repetition counted:

        x -> sum >= k         w_i times -l_i, and k times x
        -x -> sum <= k - 1    w_i times l_i, and W - k + 1 times -x

    Before, no weight is left larger than k, nor larger than W - k + 1, what must be missed to fail: the
    rest of it decides nothing.
Source
    Sums of literals with positive weights; the total of the weights should be some hundreds at most.
Target
    Cardinality constraints of MiniCard, Gluecard3 and Gluecard4 (``add_atmost``).
Size
    Two rows of W + k and 2 W - k + 1 literals; no variables.
Reference
    Liffiton, Maglalang, A cardinality solver: more expressive constraints for free, SAT 2012.

All three solvers count repeated literals, and l and -l in one row, as often as they stand there: before and
after search, under assumptions and for constraints added later (`tests/encoders/test_native.py` holds them
to it). Their PySAT interface refuses the argument `weights`, by an assertion.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qnnt.encoders.model import Integers


class NativeRows(NamedTuple):
    """At most `most` literals of each row hold.

    Attributes
    ----------
    reached
        ``literal -> sum >= bound``, shape (rows, literals).
    missed
        ``-literal -> sum < bound``, shape (rows, literals).
    """

    reached: Integers
    missed: Integers
    most: int


def native_rows(literals: Integers, weights: Integers, literal: Integers, bound: int) -> NativeRows:
    """Both directions of ``literal[i] <=> sum weights[j] * literals[i, j] >= bound``.

    Parameters
    ----------
    literals
        Shape (rows, terms).
    weights
        Shape (terms,), all positive.
    literal
        Shape (rows,).
    bound
        Within 1..sum of weights.
    """
    weights, bound = _saturated(weights, bound)
    total = int(weights.sum())
    terms = np.repeat(literals, weights, axis=1)
    return NativeRows(
        np.column_stack([-terms, np.repeat(literal[:, None], bound, axis=1)]),
        np.column_stack([terms, np.repeat(-literal[:, None], total - bound + 1, axis=1)]),
        total,
    )


def _saturated(weights: Integers, bound: int) -> tuple[Integers, int]:
    """The smallest weights that cutting off what decides nothing leads to, and their bound."""
    while True:
        enough = int(weights.sum()) - bound + 1  # to miss so much is to fail
        largest = int(weights.max())
        if largest <= min(bound, enough):
            return weights, bound
        if largest > bound:
            weights = np.minimum(weights, bound)
        else:
            weights = np.minimum(weights, enough)
            bound = int(weights.sum()) - enough + 1
