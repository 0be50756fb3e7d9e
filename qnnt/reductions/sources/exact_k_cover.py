"""Exact cover by a number of sets: exactly k of them, or at most k."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_integer, as_object, below
from qnnt.exact import LARGEST
from qnnt.reductions.sources.exact_cover import (
    Cover,
    Elements,
    Sets,
    cover_complaint,
    cover_words,
    draw_sets,
    elements_from,
    find_cover,
    numbered_elements,
    read_dlx,
    sets_from,
)
from qnnt.reductions.sources.source import Drawn, Source, Variant


@dataclass(frozen=True)
class CountedCover(Source[Cover]):
    """Sets of named elements, and a number k that says how many of them a cover may have."""

    elements: Elements
    sets: Sets
    k: int

    @property
    @abstractmethod
    def counts(self) -> range:
        """How many sets a cover may have."""

    @property
    @abstractmethod
    def demand(self) -> str:
        """The same in words."""

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read Knuth's DLX format, which leaves k open."""
        return cls(*read_dlx(text), sizes["k"])

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        keys = ("elements", "sets", "k")
        fields = as_object(document, path, keys, keys)
        elements = elements_from(fields["elements"], below(path, "elements"))
        sets = sets_from(fields["sets"], elements, below(path, "sets"))
        return cls(elements, sets, as_integer(fields["k"], below(path, "k"), 0, LARGEST))

    def document(self) -> dict[str, Any]:
        return {"elements": list(self.elements), "sets": [list(members) for members in self.sets], "k": self.k}

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Cover]:
        """Blocks of partitions into k sets, see `draw_sets`; planted: one partition with its k sets."""
        elements = numbered_elements(sizes["elements"])
        sets, cover, refutation = draw_sets(rng, variant, elements, sizes["sets"], sizes["k"])
        return Drawn(cls(elements, sets, sizes["k"]), cover, refutation)

    def complaint(self, solution: Cover) -> str:
        complaint = cover_complaint(self.elements, self.sets, solution)
        if not complaint and len(solution) not in self.counts:
            return f"the cover has {len(solution)} sets, expected {self.demand}"
        return complaint

    def solve(self) -> Cover | None:
        """By CaDiCaL, for each number of sets in turn."""
        for number in self.counts:
            cover = find_cover(self.elements, self.sets, number)
            if cover is not None:
                return cover
        return None

    def words(self, solution: Cover) -> list[str]:
        return cover_words(self.sets, solution)

    def solution_document(self, solution: Cover) -> list[int]:
        return list(solution)


@dataclass(frozen=True)
class ExactKCover(CountedCover):
    """A cover has exactly k sets."""

    problem: ClassVar[str] = "exact cover by k sets"

    @property
    def counts(self) -> range:
        return range(self.k, self.k + 1)

    @property
    def demand(self) -> str:
        return f"exactly {self.k}"


@dataclass(frozen=True)
class AtMostKCover(CountedCover):
    """A cover has at most k sets."""

    problem: ClassVar[str] = "exact cover by at most k sets"

    @property
    def counts(self) -> range:
        return range(min(self.k, len(self.sets)) + 1)

    @property
    def demand(self) -> str:
        return f"at most {self.k}"
