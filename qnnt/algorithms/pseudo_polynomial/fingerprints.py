"""Sets of keys of several limbs, in the order of a 64-bit fingerprint that adds up as keys do.

Equal fingerprints are never taken for equal keys: wherever two meet their limbs are compared. Of random
multipliers two different keys share a fingerprint with a chance of 2^-63 or so; then others are drawn.
With one limb the key is its own fingerprint.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.states.vectors import Integers
from qnnt.errors import QnntError


class SameFingerprintError(QnntError):
    """Two different keys have one fingerprint: try again with other multipliers."""


def multipliers(limbs: int, attempt: int) -> Integers:
    """Shape (limbs,): odd numbers to multiply limbs with; 1 if there is one limb."""
    if limbs == 1:
        return np.ones(1, np.int64)
    drawn = np.random.default_rng(attempt).integers(-(2**62), 2**62, limbs)
    return 2 * drawn + 1


def fingerprints(keys: Integers, factors: Integers) -> Integers:
    """Shape (N,), modulo 2^64; `factors` are those of `multipliers`."""
    total: Integers = keys[:, 0]
    if keys.shape[1] == 1:
        return total
    total = keys[:, 0] * factors[0]
    for limb in range(1, keys.shape[1]):
        total += keys[:, limb] * factors[limb]
    return total


def distinct(keys: Integers, factors: Integers) -> Integers:
    """The distinct keys, shape (N', limbs), by increasing fingerprint.

    Raises
    ------
    SameFingerprintError
        If different keys have the same.
    """
    prints = fingerprints(keys, factors)
    order = np.argsort(prints)
    prints, keys = prints[order], keys[order]
    repeated = prints[1:] == prints[:-1]
    if (keys[1:][repeated] != keys[:-1][repeated]).any():
        raise SameFingerprintError("two keys with one fingerprint")
    kept = np.ones(len(keys), bool)
    kept[1:] = ~repeated
    return keys[kept]


def places_of(keys: Integers, wanted: Integers, factors: Integers) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Where each wanted key would be in a set, and whether it is there.

    Parameters
    ----------
    keys
        Distinct, by increasing fingerprint.
    """
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    places = np.searchsorted(fingerprints(keys, factors), fingerprints(wanted, factors))
    places = np.minimum(places, len(keys) - 1)
    return places, (keys[places] == wanted).all(axis=1)


def wide_sums(keys: Integers, choices: Integers, factors: Integers) -> Integers:
    """All sums of a key and a choice, distinct, by increasing fingerprint.

    Complexity: sorts the products of both sizes; several times slower than keys of one limb.
    """
    sums = (keys[:, None, :] + choices[None, :, :]).reshape(-1, keys.shape[1])
    return distinct(sums, factors)
