"""Theorem 3, and hitting sets: reader, random ones, solver."""

from __future__ import annotations

import itertools
import random

import pytest

import qnnt
from qnnt.errors import InputError
from qnnt.instance import z_d
from qnnt.reductions.making import Origin, decode
from qnnt.reductions.registry import family
from qnnt.reductions.sources.hitting_set import HittingSet, Sets
from qnnt.reductions.sources.source import Variant
from qnnt.result import Status

ENTRY = family("hitting-set")
FORM = ENTRY.forms[0]
SHORT = "c five elements, three sets\np hs 5 3\n1 2\n\nc between\n2 3 4\n5\n"


def any_sets(seed: int, elements: int, sets: int, k: int) -> HittingSet:
    """Elements in no set, elements of equal membership and empty sets occur."""
    rng = random.Random(seed)
    n = rng.randint(1, elements)
    count = rng.randint(1, sets)
    drawn = tuple(tuple(e for e in range(1, n + 1) if rng.random() < 0.4) for _ in range(count))
    return HittingSet(n, drawn, rng.randint(1, k))


def agrees(source: HittingSet) -> bool:
    origin = Origin(ENTRY, FORM, source)
    found = qnnt.solve(origin.made(), solver="sat")
    truth = source.solve()
    assert found.status is (Status.NO if truth is None else Status.YES)
    if truth is not None:
        assert found.solution is not None
        assert not decode(origin, found.solution.parameters).complaint
        assert not decode(origin, origin.witness(truth)).complaint
    return truth is not None


def test_the_restrictions_of_theorem_3() -> None:
    for seed in range(100):
        source = any_sets(seed, 10, 8, 4)
        made = Origin(ENTRY, FORM, source).made()
        k, m = source.k, len(source.sets)
        different = len({tuple(e in members for members in source.sets) for e in range(1, source.elements + 1)})
        assert made.d == 2
        assert made.network.depth == 1
        assert made.network.hidden == ()
        assert len(made.network.inputs) == k + 1
        assert len(made.network.outputs) == m
        assert len(made.network.edges) == (k + 1) * m
        assert len(made.dataset) == k * different + 2
        assert made.bound == k * (different - 1)
        assert set(made.weights.values()) == {z_d(2)}


@pytest.mark.parametrize(
    ("elements", "sets", "k", "hit"),
    [
        (1, ((1,),), 1, True),
        (1, ((),), 1, False),
        (3, ((1, 2), ()), 2, False),
        (3, ((1,), (2,)), 1, False),
        (3, ((1,), (2,)), 2, True),
        (3, ((1, 2), (2, 1)), 1, True),  # 1 and 2 are merged, 3 is in no set
        (4, ((1, 2), (3, 4)), 1, False),
        (4, ((1, 2), (3, 4)), 4, True),  # more slots than elements that differ
        (2, ((1,), (1,)), 3, True),
    ],
)
def test_degenerate_sets(elements: int, sets: Sets, k: int, hit: bool) -> None:
    assert agrees(HittingSet(elements, sets, k)) == hit


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (HittingSet(0, ((),), 1), "Theorem 3 expects at least one element, got 0"),
        (HittingSet(2, (), 1), "Theorem 3 expects at least one set, got 0"),
        (HittingSet(2, ((1,),), 0), "Theorem 3 expects at least one element to choose, got 0"),
    ],
)
def test_sources_that_the_reduction_does_not_take(source: HittingSet, message: str) -> None:
    with pytest.raises(InputError) as refused:
        Origin(ENTRY, FORM, source).made()
    assert str(refused.value) == message


def test_any_sets() -> None:
    assert {agrees(any_sets(seed, 5, 5, 3)) for seed in range(20)} == {False, True}


@pytest.mark.full
def test_many_sets() -> None:
    for seed in range(20, 400):
        agrees(any_sets(seed, 6, 7, 3))


def test_text() -> None:
    source = HittingSet.from_text(SHORT, {"k": 2})
    assert source == HittingSet(5, ((1, 2), (2, 3, 4), (5,)), 2)
    assert source.solve() == (2, 5)
    assert source.words((2, 5)) == ["2", "2", "5"]
    assert source.solution_document((2, 5)) == [2, 5]
    assert agrees(source)


def test_the_solver_against_enumeration() -> None:
    seen = set()
    for seed in range(150):
        source = any_sets(seed, 5, 6, 3)
        subsets = itertools.chain.from_iterable(
            itertools.combinations(range(1, source.elements + 1), size) for size in range(source.k + 1)
        )
        truth = any(not source.complaint(subset) for subset in subsets)
        found = source.solve()
        assert (found is not None) == truth
        assert found is None or not source.complaint(found)
        seen.add(truth)
    assert seen == {False, True}


def test_refuted_sets_are_disjoint() -> None:
    for seed in range(50):
        drawn = HittingSet.draw(random.Random(seed), Variant.NO, {"elements": 9, "sets": 12, "k": 3})
        assert drawn.refutation.startswith("4 of the sets ")
        numbers = [int(word) for word in drawn.refutation.removesuffix(" are disjoint").split("sets ")[1].split(", ")]
        named = [set(drawn.source.sets[number - 1]) for number in numbers]
        assert any(
            all(a.isdisjoint(b) for a, b in itertools.combinations(chosen, 2))
            for chosen in itertools.combinations(named, 4)
        )


@pytest.mark.parametrize(("elements", "sets", "k"), [(3, 9, 3), (9, 3, 3)])
def test_disjoint_sets_that_cannot_be_drawn(elements: int, sets: int, k: int) -> None:
    with pytest.raises(InputError) as refused:
        HittingSet.draw(random.Random(0), Variant.NO, {"elements": elements, "sets": sets, "k": k})
    assert str(refused.value) == f"no 4 disjoint sets are drawn from {elements} elements and {sets} sets"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no hitting set: expected a line 'p hs ELEMENTS SETS'"),
        ("c\n1 2\n", "line 2: expected 'p hs ELEMENTS SETS', got '1 2'"),
        ("p ds 2 1\n1 2\n", "line 1: expected 'p hs ELEMENTS SETS', got 'p ds 2 1'"),
        ("p hs 2\n", "line 1: expected 'p hs ELEMENTS SETS', got 'p hs 2'"),
        ("p hs 2 -1\n", "line 1: expected 'p hs ELEMENTS SETS', got 'p hs 2 -1'"),
        ("p hs 2 1\n1 3\n", "line 2: expected elements from 1 to 2, got '3'"),
        ("p hs 2 1\n1 0\n", "line 2: expected elements from 1 to 2, got '0'"),
        ("p hs 2 1\n1 x\n", "line 2: expected elements from 1 to 2, got 'x'"),
        ("p hs 2 1\n\n1 2 1\n", "line 3: an element is given twice"),
        ("p hs 2 2\n1 2\n", "expected 2 sets as in the header, got 1"),
        ("p hs 2 1\n1 2\n1\n", "expected 1 sets as in the header, got 2"),
    ],
)
def test_texts_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        HittingSet.from_text(text, {"k": 1})
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"elements": 1, "sets": []}, "$.p: the key 'k' is missing"),
        ({"elements": -1, "sets": [], "k": 1}, "$.p.elements: expected an integer of at least 0, got -1"),
        ({"elements": 1, "sets": [], "k": -1}, "$.p.k: expected an integer of at least 0, got -1"),
        ({"elements": 1, "sets": [[1], 1], "k": 1}, "$.p.sets[1]: expected a list, got 1"),
        ({"elements": 1, "sets": [[2]], "k": 1}, "$.p.sets[0][0]: expected an integer of at most 1, got 2"),
        ({"elements": 1, "sets": [[1, 1]], "k": 1}, "$.p.sets[0]: an element is given twice"),
    ],
)
def test_documents_that_are_refused(document: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as refused:
        HittingSet.from_document(document, "p")
    assert str(refused.value) == message


def test_complaints() -> None:
    source = HittingSet(3, ((1, 2), (3,)), 2)
    assert source.complaint((4,)) == "there is no element 4: they are numbered from 1 to 3"
    assert source.complaint((1, 1)) == "an element is chosen twice"
    assert source.complaint((1, 2, 3)) == "3 elements are chosen, more than 2"
    assert source.complaint((1, 2)) == "set 2 is not hit"
    assert not source.complaint((2, 3))
