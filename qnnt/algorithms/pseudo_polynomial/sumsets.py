"""Sums of two sets of keys: which of the engines is quickest."""

from __future__ import annotations

import math
from collections.abc import Mapping

from qnnt.algorithms.pseudo_polynomial.bit_sums import Bits, bit_sums, bits_of
from qnnt.algorithms.pseudo_polynomial.fingerprints import wide_sums
from qnnt.algorithms.pseudo_polynomial.marked_sums import marked_sums
from qnnt.algorithms.pseudo_polynomial.sorted_sums import FEW, sorted_sums
from qnnt.algorithms.pseudo_polynomial.transformed_sums import MOST_PAIRS, transformed_sums
from qnnt.algorithms.states.vectors import Integers

ENGINES = ("mixed", "sparse", "mark", "bitset", "fft", "wide")
"""The first takes at each stage what is expected to be the quickest; the last has a key per coordinate."""
LONGEST = {"mark": 1 << 27, "bitset": 1 << 31, "fft": 1 << 25}
"""Numbers below which all keys must be; for those engines that have a place for each number."""
MOST_WIDE = 1 << 22
"""Sums of keys of several limbs made at a time."""

Layer = Integers | Bits
"""A set of keys: an array of shape (N, limbs), by increasing fingerprint, or bits."""


def size(layer: Layer) -> int:
    """How many keys."""
    return layer.size if isinstance(layer, Bits) else len(layer)


def keys(layer: Layer) -> Integers:
    """The keys, shape (N, limbs)."""
    return layer.numbers[:, None] if isinstance(layer, Bits) else layer


def sums(engine: str, layer: Layer, choices: Integers, factors: Integers) -> Layer:
    """All sums of a key and a choice.

    Parameters
    ----------
    engine
        One of `ENGINES`.
    choices
        Shape (K, limbs), by increasing fingerprint.
    factors
        See `qnnt.algorithms.pseudo_polynomial.fingerprints`.
    """
    if len(factors) > 1:
        return wide_sums(keys(layer), choices, factors)
    column = choices[:, 0]
    if engine == "mixed":
        engine = quickest(layer, column)
    if engine == "bitset":
        return bit_sums(layer if isinstance(layer, Bits) else bits_of(layer[:, 0]), column)
    made = {"mark": marked_sums, "fft": transformed_sums}.get(engine, sorted_sums)
    return made(keys(layer)[:, 0], column)[:, None]


def quickest(layer: Layer, choices: Integers) -> str:
    """The engine with the shortest expected time."""
    if not size(layer):
        return "sparse"
    highest = layer.bits.bit_length() if isinstance(layer, Bits) else int(layer[-1, 0])
    expected = seconds(size(layer), len(choices), highest + int(choices[-1]) + 1)
    if isinstance(layer, Bits):
        expected["bitset"] /= 10
    return min(expected, key=lambda name: expected[name])


def seconds(keys: int, choices: int, length: int) -> dict[str, float]:
    """Per engine that can do it the expected time, roughly.

    Parameters
    ----------
    length
        A number above all sums.
    """
    pairs = keys * choices
    few = min(keys, choices)
    found = {"sparse": pairs * (5e-9 * math.ceil(math.log2(few)) + 1e-9 if few <= FEW else 2e-8)}
    if length <= LONGEST["mark"]:
        found["mark"] = pairs * (2.5e-9 if length < 1 << 22 else 1e-8) + length * 5e-9
    if length <= LONGEST["bitset"]:
        found["bitset"] = length * (1e-8 + choices * 4e-11)
    if length <= LONGEST["fft"] and pairs <= MOST_PAIRS:
        found["fft"] = length * 1.2e-7
    return found


def reason_against(engine: str, volumes: Mapping[int, int] | tuple[int, ...]) -> str | None:
    """Why an engine cannot work in a box, or None.

    Parameters
    ----------
    volumes
        Per limb a number above all keys.
    """
    longest = LONGEST.get(engine)
    if longest is None or (len(volumes) == 1 and volumes[0] <= longest):
        return None
    return f"the engine {engine} has room for 2^{longest.bit_length() - 1} different sums"
