"""Adder networks: the sum in binary, by full and half adders, then one comparison per bound.

Formula
    Bit i of every weight puts its literal into bucket i. Three literals of a bucket become their total
    there and a carry one bucket up, all buckets at once (carry-save); what remains, at most two per
    bucket, is added from the lowest bit. Then ``value >= bound`` bit by bit from the lowest: with the
    bits below settled as g, it is ``bit AND g`` where the bound has a one, ``bit OR g`` where it has none.
Source
    Sums of literals with positive weights.
Target
    Gates. Sums that agree on a prefix share its adders, bounds that agree on their low bits their gates.
Size
    Fewer full adders (two variables, 14 clauses) than the weights have binary ones, at most one half adder
    (two, 7) per bit of the total; per bound at most one gate (one, 3) per bit.
Reference
    Warners, A linear-time transformation of linear inequalities into conjunctive normal form, IPL 68,
    1998; Eén, Sörensson, Translating pseudo-Boolean constraints into SAT, JSAT 2, 2006.
"""

from __future__ import annotations

import numpy as np

from qnnt.encoders.gates import Gates
from qnnt.encoders.model import FALSE, TRUE, Integers
from qnnt.errors import UnsupportedError

TOTAL_BITS = 62
"""Totals of more bits are refused: bounds are numbers of 64 bits with sign."""


def adder(gates: Gates, literals: Integers, weights: Integers, bounds: Integers) -> Integers:
    """Literals ``sum weights[j] * literals[i, j] >= bounds[k]``, shape (rows, bounds).

    Parameters
    ----------
    literals
        Shape (rows, terms).
    weights
        Shape (terms,), all positive.
    bounds
        Shape (bounds,), increasing, within 1..sum of weights.

    Raises
    ------
    UnsupportedError
        If the sum of the weights has more than 62 bits.
    """
    return _at_least(gates, _bits(gates, _buckets(literals, weights)), bounds)


def binary_sum(gates: Gates, literals: Integers, weights: Integers) -> Integers:
    """The binary digits of ``sum weights[j] * literals[i, j]``, lowest first, shape (rows, digits).

    Parameters and errors are those of `adder`.
    """
    return np.stack(_bits(gates, _buckets(literals, weights)), axis=1)


def _buckets(literals: Integers, weights: Integers) -> list[Integers]:
    """Per binary digit the literals that count there."""
    total = sum(weights.tolist())
    if total.bit_length() > TOTAL_BITS:
        raise UnsupportedError(f"adder: the weights of a sum have the total {total}, more than {TOTAL_BITS} bits")
    return [literals[:, (weights >> bit) & 1 == 1] for bit in range(total.bit_length())]


def _bits(gates: Gates, buckets: list[Integers]) -> list[Integers]:
    """One literal per bucket, shape (rows,): the binary digits of their sum."""
    while (most := max(bucket.shape[1] for bucket in buckets)) > 1:
        if most > 2:
            buckets = _carry_save(gates, buckets)
        else:
            lowest = next(bit for bit, bucket in enumerate(buckets) if bucket.shape[1] == 2)
            total, carry = gates.half_adder(*buckets[lowest].T)
            buckets[lowest] = total[:, None]
            buckets[lowest + 1] = np.column_stack([buckets[lowest + 1], carry])
    return [bucket[:, 0] if bucket.shape[1] else np.full(len(bucket), FALSE) for bucket in buckets]


def _carry_save(gates: Gates, buckets: list[Integers]) -> list[Integers]:
    """All triples of all buckets added in one step; a bucket goes on with what is left and its new totals."""
    triples = [bucket.shape[1] // 3 for bucket in buckets]
    inputs = [bucket[:, : 3 * k].reshape(len(bucket), k, 3) for bucket, k in zip(buckets, triples, strict=True)]
    total, carry = gates.full_adder(*np.moveaxis(np.concatenate(inputs, axis=1), 2, 0))
    ends = np.cumsum(triples)[:-1]
    totals, carries = np.split(total, ends, axis=1), np.split(carry, ends, axis=1)
    carried = [carries[-1][:, :0], *carries[:-1]]  # the highest bucket never has three: the total has its bits
    rest = [bucket[:, 3 * k :] for bucket, k in zip(buckets, triples, strict=True)]
    return [np.concatenate(parts, axis=1) for parts in zip(rest, totals, carried, strict=True)]


def _at_least(gates: Gates, bits: list[Integers], bounds: Integers) -> Integers:
    """Literals ``number >= bounds[k]``, shape (rows, bounds), given the number's binary digits."""
    lows = np.zeros(1, np.int64)
    reached = np.full((len(bits[0]), 1), TRUE)
    for bit, digit in enumerate(bits):
        wanted = np.unique(bounds & ((2 << bit) - 1))
        below = reached[:, np.searchsorted(lows, wanted & ((1 << bit) - 1))]
        digits = np.broadcast_to(digit[:, None], below.shape)
        one = (wanted >> bit) & 1 == 1
        reached = np.empty_like(below)
        reached[:, one] = gates.conjunction(digits[:, one], below[:, one])
        reached[:, ~one] = gates.disjunction(digits[:, ~one], below[:, ~one])
        lows = wanted
    return reached[:, np.searchsorted(lows, bounds)]
