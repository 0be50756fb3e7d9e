"""Subset sum: some of the numbers add up to the target."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_integer, as_list, as_object, below
from qnnt.errors import InputError, UnsupportedError
from qnnt.exact import LARGEST
from qnnt.files.text import parse_json
from qnnt.reductions.sources.source import Drawn, Source, Variant

Positions = tuple[int, ...]
"""Where the chosen numbers stand in the list, from 0 on, in increasing order."""

MOST_SUMS = 1 << 20


@dataclass(frozen=True)
class SubsetSum(Source[Positions]):
    """Positive integers and a target, which is not negative."""

    numbers: tuple[int, ...]
    target: int
    problem: ClassVar[str] = "subset sum"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read JSON: ``{"numbers": [3, 5, 8], "target": 11}``."""
        return cls.from_document(parse_json(text), "")

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        fields = as_object(document, path, ("numbers", "target"), ("numbers", "target"))
        at = below(path, "numbers")
        numbers = [as_integer(n, f"{at}[{i}]", 1, LARGEST) for i, n in enumerate(as_list(fields["numbers"], at))]
        return cls(tuple(numbers), as_integer(fields["target"], below(path, "target"), 0, LARGEST))

    def document(self) -> dict[str, Any]:
        return {"numbers": list(self.numbers), "target": self.target}

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Positions]:
        """Uniform numbers below 2^bits, and a uniform target up to their sum.

        Planted: the target is the sum of a random half. No: by residues, see `_draw_refuted`.
        """
        n, bits = sizes["numbers"], sizes["bits"]
        if bits >= LARGEST.bit_length() or n << bits > LARGEST:
            raise InputError(f"{n} numbers of {bits} bits can add up to more than 2^62")
        if variant is Variant.NO:
            return cls._draw_refuted(rng, n, bits)
        numbers = tuple(rng.randint(1, (1 << bits) - 1) for _ in range(n))
        if variant is Variant.RANDOM:
            return Drawn(cls(numbers, rng.randint(0, sum(numbers))))
        chosen = tuple(i for i in range(n) if rng.random() < 0.5)
        return Drawn(cls(numbers, sum(numbers[i] for i in chosen)), chosen)

    @classmethod
    def _draw_refuted(cls, rng: random.Random, n: int, bits: int) -> Drawn[Self, Positions]:
        """All remainders by a modulus of half the bits together stay below the remainder of the target."""
        if bits < 2:
            raise InputError(f"numbers of {bits} bit are all 1, and no target up to their sum is missed")
        largest, half = (1 << bits) - 1, 1 << bits // 2
        modulus = rng.randint(half, 2 * half - 1)
        widest = min((modulus - 2) // n, largest - modulus)
        remainders = [rng.randint(0, widest) for _ in range(n)]
        quotients = [rng.randint(1, (largest - remainder) // modulus) for remainder in remainders]
        total = sum(remainders)
        missed = rng.randint(total + 1, modulus - 1)
        numbers = tuple(modulus * q + r for q, r in zip(quotients, remainders, strict=True))
        target = modulus * sum(rng.sample(quotients, n // 2)) + missed
        why = f"modulo {modulus} the numbers leave {total} together, so no sum leaves {missed} as the target does"
        return Drawn(cls(numbers, target), refutation=why)

    def complaint(self, solution: Positions) -> str:
        for i in solution:
            if not 0 <= i < len(self.numbers):
                return f"there is no number at position {i}"
        if len(set(solution)) < len(solution):
            return "a position is chosen twice"
        found = self.sum_of(solution)
        return "" if found == self.target else f"the chosen numbers add up to {found}, not to {self.target}"

    def sum_of(self, solution: Positions) -> int:
        """What the chosen numbers add up to."""
        return sum(self.numbers[i] for i in solution)

    def solve(self) -> Positions | None:
        """By the sums of both halves of the list, each with one way to reach it.

        Complexity: distinct sums up to the target of half of the numbers, at most `MOST_SUMS`.
        """
        middle = len(self.numbers) // 2
        first, second = (_sums(half, self.target) for half in (self.numbers[:middle], self.numbers[middle:]))
        for total, chosen in second.items():
            rest = first.get(self.target - total)
            if rest is not None:
                return tuple(i for i in range(len(self.numbers)) if (rest | chosen << middle) >> i & 1)
        return None

    def words(self, solution: Positions) -> list[str]:
        """The sum written out, and the positions from 0 on."""
        terms = " + ".join(str(self.numbers[i]) for i in solution) or "the empty sum"
        return [f"{self.sum_of(solution)} = {terms}", " ".join(["positions", *map(str, solution)])]

    def solution_document(self, solution: Positions) -> list[int]:
        return list(solution)


def _sums(numbers: Sequence[int], most: int) -> dict[int, int]:
    """All sums up to `most`, with the positions of one way to reach each, as bits."""
    found = {0: 0}
    for i, number in enumerate(numbers):
        for total, chosen in list(found.items()):
            if total + number <= most:
                found.setdefault(total + number, chosen | 1 << i)
        if len(found) > MOST_SUMS:
            raise UnsupportedError(f"half of the {len(numbers)} numbers or fewer have more than {MOST_SUMS} sums")
    return found
