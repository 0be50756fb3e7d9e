"""Exact cover: some of the given sets hold every element exactly once. Functions serve a wanted number of sets, too."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_list, as_object, as_text, below
from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.reductions.sources.source import Drawn, Source, Variant

Elements = tuple[str, ...]
Sets = tuple[tuple[str, ...], ...]
Cover = tuple[int, ...]
"""The numbers of the chosen sets, from 1 on, increasing."""

TYPICAL = 3
"""The mean size of drawn sets: with sets of two elements the problem is matching, which is easy."""
LARGEST_ODD = 9


@dataclass(frozen=True)
class ExactCover(Source[Cover]):
    """Sets of named elements; an empty set or a repeated one is a set like any other."""

    elements: Elements
    sets: Sets
    problem: ClassVar[str] = "exact cover"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        return cls(*read_dlx(text))

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        fields = as_object(document, path, ("elements", "sets"), ("elements", "sets"))
        elements = elements_from(fields["elements"], below(path, "elements"))
        return cls(elements, sets_from(fields["sets"], elements, below(path, "sets")))

    def document(self) -> dict[str, Any]:
        return {"elements": list(self.elements), "sets": [list(members) for members in self.sets]}

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Cover]:
        """See `draw_sets`; sets have three elements on average."""
        n, m = sizes["elements"], sizes["sets"]
        elements = numbered_elements(n)
        sets, cover, refutation = draw_sets(rng, variant, elements, m, min(m, max(1, n // TYPICAL)))
        return Drawn(cls(elements, sets), cover, refutation)

    def complaint(self, solution: Cover) -> str:
        return cover_complaint(self.elements, self.sets, solution)

    def solve(self) -> Cover | None:
        """By CaDiCaL."""
        return find_cover(self.elements, self.sets)

    def words(self, solution: Cover) -> list[str]:
        return cover_words(self.sets, solution)

    def solution_document(self, solution: Cover) -> list[int]:
        return list(solution)


def cover_complaint(elements: Elements, sets: Sets, cover: Cover) -> str:
    """What is wrong with a claimed exact cover, in a sentence; empty if it is one."""
    for number in cover:
        if not 1 <= number <= len(sets):
            return f"there is no set {number}: they are numbered from 1 to {len(sets)}"
    if len(set(cover)) < len(cover):
        return "a set is chosen twice"
    times = Counter(element for number in cover for element in sets[number - 1])
    for element in elements:
        if times[element] != 1:
            return f"the element {element} is in {times[element]} of the chosen sets"
    return ""


def cover_words(sets: Sets, cover: Cover) -> list[str]:
    """The chosen options as in the file, below a comment with their numbers."""
    numbers = " ".join(map(str, cover)) or "none"
    return [f"| options {numbers} of {len(sets)}", *(" ".join(sets[number - 1]) for number in cover)]


def find_cover(elements: Elements, sets: Sets, wanted: int | None = None) -> Cover | None:
    """An exact cover, of exactly the wanted number of sets if one is wanted; None if there is none."""
    from pysat.card import CardEnc, EncType
    from pysat.solvers import Solver

    holders: dict[str, list[int]] = {element: [] for element in elements}
    for number, members in enumerate(sets, 1):
        for element in members:
            holders[element].append(number)
    exactly = [(numbers, 1) for numbers in holders.values()]
    if wanted is not None:
        exactly.append((list(range(1, len(sets) + 1)), wanted))
    top = len(sets)
    with Solver("cadical195") as solver:
        for numbers, times in exactly:
            if not 0 <= times <= len(numbers):
                return None
            if not numbers:
                continue
            counting = CardEnc.equals(lits=numbers, bound=times, top_id=top, encoding=EncType.seqcounter)
            top = max(top, counting.nv)
            solver.append_formula(counting.clauses)
        if not solver.solve():
            return None
        true = {literal for literal in solver.get_model() if literal > 0}
    return tuple(number for number in range(1, len(sets) + 1) if number in true)


def numbered_elements(number: int) -> Elements:
    """The elements e1, e2, ..."""
    return tuple(f"e{i}" for i in range(1, number + 1))


def draw_sets(
    rng: random.Random, variant: Variant, elements: Elements, number: int, blocks: int
) -> tuple[Sets, Cover | None, str]:
    """Sets, the planted cover (or None), and why there is no cover (or an empty text).

    Every set is a block of a random partition into the given number of `blocks`. Planted: all blocks of
    one partition are among them. No: an odd number of elements, of which each set that has an odd number
    gains or loses one, so that every set has an even number of them.

    Raises
    ------
    InputError
        If there are too few elements or sets for that.
    """
    if not 1 <= blocks <= len(elements):
        raise InputError(f"no partition of {len(elements)} elements has {blocks} blocks")
    sets = [rng.choice(_partition(rng, elements, blocks)) for _ in range(number)]
    cover, refutation = None, ""
    if variant is Variant.PLANTED:
        if number < blocks:
            raise InputError(f"{number} sets cannot hold the {blocks} blocks of a partition")
        cover = tuple(sorted(rng.sample(range(1, number + 1), blocks)))
        for place, block in zip(cover, _partition(rng, elements, blocks), strict=True):
            sets[place - 1] = block
    elif variant is Variant.NO:
        if len(elements) < 3:
            raise InputError(f"no sets without a cover are drawn of {len(elements)} elements: expected 3 or more")
        odd = rng.sample(elements, rng.choice(range(3, min(len(elements), LARGEST_ODD) + 1, 2)))
        sets = [_meeting_evenly(rng, members, odd) for members in sets]
        chosen = ", ".join(element for element in elements if element in odd)
        refutation = f"every set has an even number of the {len(odd)} elements {chosen}"
    place_of = {element: i for i, element in enumerate(elements)}
    return tuple(tuple(sorted(members, key=place_of.__getitem__)) for members in sets), cover, refutation


def _partition(rng: random.Random, elements: Elements, blocks: int) -> list[list[str]]:
    shuffled = rng.sample(elements, len(elements))
    cuts = [0, *sorted(rng.sample(range(1, len(elements)), blocks - 1)), len(elements)]
    return [shuffled[start:end] for start, end in itertools.pairwise(cuts)]


def _meeting_evenly(rng: random.Random, members: Sequence[str], odd: Sequence[str]) -> list[str]:
    if len(set(members) & set(odd)) % 2 == 0:
        return list(members)
    # The set {a} does not become empty: it gains an element.
    changed = rng.choice([element for element in odd if [element] != members])
    return [element for element in members if element != changed] + [changed] * (changed not in members)


def read_dlx(text: str) -> tuple[Elements, Sets]:
    """The items and options of a text in Knuth's DLX format, without secondary items and colours.

    The first line names the items, every other one an option; lines that start with ``|`` are comments,
    and blank ones are skipped.

    Raises
    ------
    InputError
        Names the line: no items, an item named twice, an option with an unknown or a repeated item.
    """
    elements: Elements | None = None
    known: frozenset[str] = frozenset()
    sets: list[tuple[str, ...]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("|"):
            continue
        at = f"line {number}: "
        if elements is None:
            if "|" in words:
                raise InputError(f"{at}secondary items are not taken: expected no '|' among the items")
            elements = _distinct(words, at)
            known = frozenset(elements)
        else:
            sets.append(_distinct(words, at, known=known))
    if elements is None:
        raise InputError("no exact cover: expected a first line that names the items")
    return elements, tuple(sets)


def elements_from(value: object, path: str) -> Elements:
    """Elements from JSON: a list of distinct words."""
    return _distinct(as_list(value, path), path=path)


def sets_from(value: object, elements: Elements, path: str) -> Sets:
    """Sets from JSON: lists of distinct elements."""
    known = frozenset(elements)
    entries = [(entry, f"{path}[{i}]") for i, entry in enumerate(as_list(value, path))]
    return tuple(_distinct(as_list(entry, at), path=at, known=known) for entry, at in entries)


def _distinct(
    words: Sequence[object], line: str = "", known: frozenset[str] | None = None, path: str = ""
) -> tuple[str, ...]:
    """Names, each given once, all of them known; complaints start with the `line`, or name the `path`."""
    found: dict[str, None] = {}
    for i, word in enumerate(words):
        at = f"{path}[{i}]" if path else ""
        name = as_text(word, at)
        if name.split() != [name] or "|" in name or ":" in name or not name.isprintable():
            raise InputError(f"{line}expected a word without ':' and '|', got {shown(name)}", at)
        if known is not None and name not in known:
            raise InputError(f"{line}{shown(name)} is none of the elements", at)
        if name in found:
            raise InputError(f"{line}{shown(name)} is given twice", at)
        found[name] = None
    return tuple(found)
