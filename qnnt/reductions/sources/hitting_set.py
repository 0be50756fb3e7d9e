"""Hitting set: at most k elements that meet every given set."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_integer, as_list, as_object, below
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.reductions.sources.source import Drawn, Source, Variant

Sets = tuple[tuple[int, ...], ...]
Hitters = tuple[int, ...]
"""The chosen elements, increasing."""

WIDEST = 4
"""The most elements of a drawn set."""


@dataclass(frozen=True)
class HittingSet(Source[Hitters]):
    """Sets over the elements 1..elements, and how many elements may be chosen."""

    elements: int
    sets: Sets
    k: int
    problem: ClassVar[str] = "hitting set"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read the format of the PACE challenge 2025; it leaves k open."""
        elements, sets = read_pace(text)
        return cls(elements, sets, sizes["k"])

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        fields = as_object(document, path, ("elements", "sets", "k"), ("elements", "sets", "k"))
        elements = as_integer(fields["elements"], below(path, "elements"), 0)
        sets = sets_from(fields["sets"], elements, below(path, "sets"))
        return cls(elements, sets, as_integer(fields["k"], below(path, "k"), 0))

    def document(self) -> dict[str, Any]:
        return {"elements": self.elements, "sets": [list(members) for members in self.sets], "k": self.k}

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Hitters]:
        """Sets of two to four elements (or of all, if there are fewer).

        Planted: each set has one of k elements. No: k + 1 disjoint sets are among them.
        """
        n, m, k = sizes["elements"], sizes["sets"], sizes["k"]
        if variant is Variant.NO:
            if min(n, m) <= k:
                raise InputError(f"no {k + 1} disjoint sets are drawn from {n} elements and {m} sets")
            apart = _disjoint_sets(rng, n, k + 1)
            drawn = rng.sample([*apart, *(_random_set(rng, n) for _ in range(m - k - 1))], m)
            numbers = ", ".join(str(i) for i, members in enumerate(drawn, 1) if members in apart)
            return Drawn(cls(n, tuple(drawn), k), refutation=f"{k + 1} of the sets {numbers} are disjoint")
        drawn = [_random_set(rng, n) for _ in range(m)]
        if variant is Variant.RANDOM:
            return Drawn(cls(n, tuple(drawn), k))
        planted = sorted(rng.sample(range(1, n + 1), min(k, n)))
        drawn = [_hit(rng, members, planted) for members in drawn]
        return Drawn(cls(n, tuple(drawn), k), tuple(planted))

    def complaint(self, solution: Hitters) -> str:
        for element in solution:
            if not 1 <= element <= self.elements:
                return f"there is no element {element}: they are numbered from 1 to {self.elements}"
        chosen = set(solution)
        if len(chosen) < len(solution):
            return "an element is chosen twice"
        if len(solution) > self.k:
            return f"{len(solution)} elements are chosen, more than {self.k}"
        for i, members in enumerate(self.sets, 1):
            if chosen.isdisjoint(members):
                return f"set {i} is not hit"
        return ""

    def solve(self) -> Hitters | None:
        """By CaDiCaL."""
        from pysat.card import CardEnc, EncType
        from pysat.solvers import Solver

        elements = range(1, self.elements + 1)
        with Solver("cadical195", bootstrap_with=[list(members) for members in self.sets]) as solver:
            if self.k < self.elements:
                counting = CardEnc.atmost(lits=list(elements), bound=self.k, encoding=EncType.seqcounter)
                solver.append_formula(counting.clauses)
            if not solver.solve():
                return None
            true = {literal for literal in solver.get_model() if literal > 0}
        return tuple(element for element in elements if element in true)

    def words(self, solution: Hitters) -> list[str]:
        """The lines of the PACE challenge: how many elements, then one per line."""
        return [str(len(solution)), *map(str, solution)]

    def solution_document(self, solution: Hitters) -> list[int]:
        return list(solution)


def read_pace(text: str) -> tuple[int, Sets]:
    """The number of elements and the sets of a text in the format of PACE 2025, one line per set.

    Blank lines are skipped: the format has no empty sets. Lines that start with ``c`` are comments.

    Raises
    ------
    InputError
        Names the line: no header, other text, an element beyond the header's or given twice, or not as
        many sets as the header says.
    """
    header: tuple[int, int] | None = None
    sets: list[tuple[int, ...]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("c"):
            continue
        if header is None:
            header = _header(words, number)
        else:
            sets.append(_members(words, header[0], number))
    if header is None:
        raise InputError("no hitting set: expected a line 'p hs ELEMENTS SETS'")
    if len(sets) != header[1]:
        raise InputError(f"expected {header[1]} sets as in the header, got {len(sets)}")
    return header[0], tuple(sets)


def sets_from(value: object, elements: int, path: str) -> Sets:
    """Sets from JSON: lists of distinct elements."""
    found = []
    for i, entry in enumerate(as_list(value, path)):
        at = f"{path}[{i}]"
        members = [as_integer(element, f"{at}[{j}]", 1, elements) for j, element in enumerate(as_list(entry, at))]
        if len(set(members)) < len(members):
            raise InputError("an element is given twice", at)
        found.append(tuple(members))
    return tuple(found)


def _header(words: Sequence[str], number: int) -> tuple[int, int]:
    if len(words) != 4 or words[:2] != ["p", "hs"] or not all(re.fullmatch("[0-9]{1,9}", w) for w in words[2:]):
        raise InputError(f"line {number}: expected 'p hs ELEMENTS SETS', got {shown(' '.join(words))}")
    return int(words[2]), int(words[3])


def _members(words: Sequence[str], elements: int, number: int) -> tuple[int, ...]:
    for word in words:
        if not re.fullmatch("[0-9]{1,10}", word) or not 1 <= int(word) <= elements:
            raise InputError(f"line {number}: expected elements from 1 to {elements}, got {shown(word)}")
    members = tuple(map(int, words))
    if len(set(members)) < len(members):
        raise InputError(f"line {number}: an element is given twice")
    return members


def _random_set(rng: random.Random, elements: int) -> tuple[int, ...]:
    size = min(rng.randint(2, WIDEST), elements)
    return tuple(sorted(rng.sample(range(1, elements + 1), size)))


def _disjoint_sets(rng: random.Random, elements: int, number: int) -> list[tuple[int, ...]]:
    """Sets of the usual sizes as far as there is room."""
    shuffled = rng.sample(range(1, elements + 1), elements)
    room = max(1, min(WIDEST, elements // number))
    sizes = [rng.randint(min(2, room), room) for _ in range(number)]
    ends = [0, *itertools.accumulate(sizes)]
    return [tuple(sorted(shuffled[start:end])) for start, end in itertools.pairwise(ends)]


def _hit(rng: random.Random, members: tuple[int, ...], planted: Sequence[int]) -> tuple[int, ...]:
    """The set, with a planted element in the place of one of its own unless it has one already."""
    if not set(planted).isdisjoint(members):
        return members
    kept = rng.sample(members, len(members) - 1)
    return tuple(sorted([*kept, rng.choice(planted)]))
