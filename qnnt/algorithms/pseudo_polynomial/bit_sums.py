"""Sets of small integers as the bits of one long integer: adding a number is a shift."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qnnt.algorithms.states.vectors import Integers

CHUNK = 1 << 22
"""Bytes of bits unpacked at a time."""


@dataclass(frozen=True)
class Bits:
    """A set: bit k says whether k is in it."""

    bits: int

    @cached_property
    def size(self) -> int:
        """How many are in it."""
        return self.bits.bit_count()

    def contains(self, numbers: Integers) -> list[bool]:
        """For each number whether it is in the set."""
        return [k >= 0 and bool(self.bits >> k & 1) for k in numbers.tolist()]

    @property
    def numbers(self) -> Integers:
        """All of them, increasing; a byte at a time."""
        packed = np.frombuffer(self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little"), np.uint8)
        found = [
            np.flatnonzero(np.unpackbits(packed[first : first + CHUNK], bitorder="little")) + 8 * first
            for first in range(0, len(packed), CHUNK)
        ]
        return np.concatenate([np.empty(0, np.int64), *found])


def bits_of(numbers: Integers) -> Bits:
    """The set of numbers that are increasing and not negative."""
    if not len(numbers):
        return Bits(0)
    marks = np.zeros(int(numbers[-1]) + 1, bool)
    marks[numbers] = True
    return Bits(int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little"))


def bit_sums(some: Bits, choices: Integers) -> Bits:
    """All sums of one in the set and a choice.

    Complexity: a shift of all bits per choice, some 10^10 bits a second.
    """
    found = 0
    for choice in choices.tolist():
        found |= some.bits << choice
    return Bits(found)
