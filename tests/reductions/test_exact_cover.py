"""Theorem 1, and sets of sets: reader, random ones, solver."""

from __future__ import annotations

import itertools
import random

import pytest

import qnnt
from qnnt.errors import InputError
from qnnt.instance import z_d
from qnnt.reductions.making import Origin, decode
from qnnt.reductions.registry import family
from qnnt.reductions.sources.exact_cover import (
    ExactCover,
    Sets,
    cover_complaint,
    draw_sets,
    find_cover,
    numbered_elements,
    read_dlx,
)
from qnnt.reductions.sources.source import Variant
from qnnt.result import Status

ENTRY = family("exact-cover")
FORM = ENTRY.forms[0]
KNUTH = """| the example of The Art of Computer Programming, 7.2.2.1
A B C D E F G
C E
A D G
B C F

A D F
| a comment between
B G
D E G
"""


def any_sets(seed: int, elements: int, sets: int) -> ExactCover:
    """Sets with each element at a chance of 2 in 5: empty and repeated ones, and elements in no set, occur."""
    rng = random.Random(seed)
    names = numbered_elements(rng.randint(0, elements))
    count = rng.randint(0, sets)
    return ExactCover(names, tuple(tuple(e for e in names if rng.random() < 0.4) for _ in range(count)))


def agrees(source: ExactCover) -> bool:
    origin = Origin(ENTRY, FORM, source)
    found = qnnt.solve(origin.made(), solver="sat")
    truth = source.solve()
    assert found.status is (Status.NO if truth is None else Status.YES)
    if truth is not None:
        assert found.solution is not None
        assert not decode(origin, found.solution.parameters).complaint
        assert decode(origin, origin.witness(truth)).solution == truth
    return truth is not None


def test_the_restrictions_of_theorem_1() -> None:
    for seed in range(100):
        source = any_sets(seed, 12, 20)
        made = Origin(ENTRY, FORM, source).made()
        assert made.d == 2
        assert made.bound == 0
        assert made.network.depth == 1
        assert made.network.hidden == ()
        assert made.network.outputs == ("o",)
        assert len(made.network.inputs) == len(made.network.edges) == len(source.sets) + 1
        assert len(made.dataset) == 2 * len(source.elements) + 1
        assert set(made.weights.values()) == {z_d(2)}


@pytest.mark.parametrize(
    ("elements", "sets", "coverable"),
    [
        ((), (), True),
        ((), ((), ()), True),
        (("a",), (), False),
        (("a",), ((),), False),
        (("a",), (("a",), ("a",), ()), True),
        (("a", "b"), (("a",),), False),
        (("a", "b"), (("a", "b"), ("a",)), True),
        (("a", "b", "c"), (("a", "b"), ("b", "c"), ("a", "c")), False),
    ],
)
def test_degenerate_sets(elements: tuple[str, ...], sets: Sets, coverable: bool) -> None:
    assert agrees(ExactCover(elements, sets)) == coverable


def test_any_sets() -> None:
    assert {agrees(any_sets(seed, 5, 8)) for seed in range(20)} == {False, True}


@pytest.mark.full
def test_many_sets() -> None:
    for seed in range(20, 500):
        agrees(any_sets(seed, 7, 12))


def test_the_example_of_knuth() -> None:
    source = ExactCover.from_text(KNUTH, {})
    assert source.elements == ("A", "B", "C", "D", "E", "F", "G")
    assert len(source.sets) == 6
    assert source.solve() == (1, 4, 5)
    assert agrees(source)
    assert source.words((1, 4, 5)) == ["| options 1 4 5 of 6", "C E", "A D F", "B G"]
    assert source.solution_document((1, 4, 5)) == [1, 4, 5]


def test_the_solver_against_enumeration() -> None:
    seen = set()
    for seed in range(60):
        source = any_sets(seed, 5, 6)
        m = len(source.sets)
        for wanted in (None, -1, *range(m + 2)):
            truth = any(
                not cover_complaint(source.elements, source.sets, cover)
                for size in (range(m + 1) if wanted is None else [wanted] if wanted >= 0 else [])
                for cover in itertools.combinations(range(1, m + 1), size)
            )
            found = find_cover(source.elements, source.sets, wanted)
            assert (found is not None) == truth
            if found is not None:
                assert not source.complaint(found)
                assert wanted in (None, len(found))
            seen.add((truth, wanted is None))
    assert len(seen) == 4


def test_drawn_sets_are_blocks_of_partitions() -> None:
    elements = numbered_elements(9)
    for seed in range(50):
        sets, cover, refutation = draw_sets(random.Random(seed), Variant.PLANTED, elements, 12, 4)
        assert cover is not None
        assert len(cover) == 4
        assert not refutation
        assert not cover_complaint(elements, sets, cover)
        assert all(1 <= len(members) <= 6 for members in sets)


def test_refuted_sets_meet_an_odd_number_of_elements_evenly() -> None:
    elements = numbered_elements(9)
    for seed in range(50):
        sets, cover, refutation = draw_sets(random.Random(seed), Variant.NO, elements, 30, 3)
        assert cover is None
        assert all(sets)
        named = refutation.split("elements ")[1].split(", ")
        assert len(named) % 2 == 1
        assert all(len(set(members) & set(named)) % 2 == 0 for members in sets)
        assert find_cover(elements, sets) is None


@pytest.mark.parametrize(
    ("variant", "elements", "sets", "blocks", "message"),
    [
        (Variant.PLANTED, 5, 2, 3, "2 sets cannot hold the 3 blocks of a partition"),
        (Variant.RANDOM, 2, 5, 3, "no partition of 2 elements has 3 blocks"),
        (Variant.RANDOM, 2, 5, 0, "no partition of 2 elements has 0 blocks"),
        (Variant.NO, 2, 5, 1, "no sets without a cover are drawn of 2 elements: expected 3 or more"),
    ],
)
def test_sets_that_cannot_be_drawn(variant: Variant, elements: int, sets: int, blocks: int, message: str) -> None:
    with pytest.raises(InputError) as refused:
        draw_sets(random.Random(0), variant, numbered_elements(elements), sets, blocks)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no exact cover: expected a first line that names the items"),
        ("| a comment\n\n", "no exact cover: expected a first line that names the items"),
        ("a b | c\na\n", "line 1: secondary items are not taken: expected no '|' among the items"),
        ("| c\na b a\n", "line 2: 'a' is given twice"),
        ("a b\na c\n", "line 2: 'c' is none of the elements"),
        ("a b\n\nb a b\n", "line 3: 'b' is given twice"),
        ("a b\na b:x\n", "line 2: expected a word without ':' and '|', got 'b:x'"),
        ("a b\na | b\n", "line 2: expected a word without ':' and '|', got '|'"),
    ],
)
def test_texts_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        read_dlx(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"elements": []}, "$.p: the key 'sets' is missing"),
        ({"elements": [], "sets": [], "k": 1}, "$.p: unknown key 'k'; known keys: elements, sets"),
        ({"elements": "a", "sets": []}, "$.p.elements: expected a list, got 'a'"),
        ({"elements": [1], "sets": []}, "$.p.elements[0]: expected a string, got 1"),
        ({"elements": ["a", "a b"], "sets": []}, "$.p.elements[1]: expected a word without ':' and '|', got 'a b'"),
        ({"elements": [""], "sets": []}, "$.p.elements[0]: expected a word without ':' and '|', got ''"),
        ({"elements": ["a", "a"], "sets": []}, "$.p.elements[1]: 'a' is given twice"),
        ({"elements": ["a"], "sets": [["a"], "a"]}, "$.p.sets[1]: expected a list, got 'a'"),
        ({"elements": ["a"], "sets": [["a"], ["b"]]}, "$.p.sets[1][0]: 'b' is none of the elements"),
        ({"elements": ["a"], "sets": [["a", "a"]]}, "$.p.sets[0][1]: 'a' is given twice"),
    ],
)
def test_documents_that_are_refused(document: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as refused:
        ExactCover.from_document(document, "p")
    assert str(refused.value) == message


def test_complaints() -> None:
    source = ExactCover(("a", "b"), (("a",), ("a", "b"), ("b",)))
    assert source.complaint((4,)) == "there is no set 4: they are numbered from 1 to 3"
    assert source.complaint((0,)) == "there is no set 0: they are numbered from 1 to 3"
    assert source.complaint((1, 1)) == "a set is chosen twice"
    assert source.complaint((1,)) == "the element b is in 0 of the chosen sets"
    assert source.complaint((1, 2)) == "the element a is in 2 of the chosen sets"
    assert not source.complaint((1, 3))
