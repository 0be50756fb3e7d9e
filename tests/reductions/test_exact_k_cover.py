"""Exact cover by k sets, and by at most k, as one linear neuron: restrictions of Theorem 1.5, counts, complaints."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter

import pytest

import qnnt
from qnnt.activations import Identity
from qnnt.errors import InputError
from qnnt.exact import LARGEST
from qnnt.instance import Parameters
from qnnt.losses import Accept, Squared
from qnnt.reductions.making import Origin, decode, draw
from qnnt.reductions.registry import Family, family
from qnnt.reductions.sources.exact_k_cover import AtMostKCover, CountedCover, ExactKCover
from qnnt.reductions.sources.source import Variant
from qnnt.structure import structure

EXACTLY, AT_MOST = family("exact-k-cover"), family("at-most-k-cover")
KIND: dict[str, type[ExactKCover | AtMostKCover]] = {EXACTLY.name: ExactKCover, AT_MOST.name: AtMostKCover}
BOTH = pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in (EXACTLY, AT_MOST)])


def any_source(entry: Family, number: int, fewest_sets: int = 1) -> CountedCover:
    """Any sets: empty ones, repeated ones, elements in none of them, any k."""
    rng = random.Random(f"cover {number}")
    elements = tuple(f"e{i}" for i in range(rng.randint(0, 5)))
    chance = rng.random()
    sets = tuple(
        tuple(element for element in elements if rng.random() < chance) for _ in range(rng.randint(fewest_sets, 6))
    )
    return KIND[entry.name](elements, sets, rng.randint(0, 7))


def covers(source: CountedCover) -> list[tuple[int, ...]]:
    """All exact covers, of any number of sets, by trying all choices."""
    numbers = range(1, len(source.sets) + 1)
    choices = itertools.chain.from_iterable(itertools.combinations(numbers, size) for size in (0, *numbers))
    return [
        chosen
        for chosen in choices
        if all(sum(element in source.sets[number - 1] for number in chosen) == 1 for element in source.elements)
    ]


@BOTH
def test_restrictions_of_the_theorem(entry: Family) -> None:
    for number in range(200):
        source = any_source(entry, number)
        instance = Origin(entry, entry.forms[0], source).made()
        m, found = len(source.sets), structure(instance)
        assert (found.alpha, found.omega, found.hidden, found.depth) == (m, 1, 1, 2)
        assert (found.edges, found.samples) == (m + 1, len(source.elements) + 1)
        assert (found.in_degree, found.out_degree) == (m, 1)
        assert {instance.weights[u, "h"] for u in instance.network.inputs} == {(0, 1)}
        assert instance.weights["h", "t"] == (1,)
        assert set(instance.biases.values()) == {(0,)}
        assert set(instance.activations.values()) == {Identity()}
        assert {value for x in instance.dataset.x for value in x} <= {0, 1}
        assert [y for (y,) in instance.dataset.y[:-1]] == [1] * len(source.elements)
        assert (instance.bound, instance.settings) == (0, 2**m)
        if entry is EXACTLY:
            assert (instance.loss, instance.dataset.y[-1]) == (Squared(), (source.k,))
        else:
            accepted = tuple(range(min(source.k, m) + 1))
            assert instance.loss == Accept(((0, (accepted,)), (1, ((1,),))))
            assert instance.dataset.y[-1] == (0,)


@BOTH
def test_the_loss_of_any_parameters_says_how_far_they_are_from_a_cover(entry: Family) -> None:
    rng = random.Random(8)
    for number in range(200):
        source = any_source(entry, number)
        origin = Origin(entry, entry.forms[0], source)
        instance = origin.made()
        weights = {edge: rng.choice(values) for edge, values in instance.weights.items()}
        decoded = decode(origin, Parameters(weights, {"h": 0, "t": 0}))
        times = Counter(element for chosen in decoded.solution for element in source.sets[chosen - 1])
        if entry is EXACTLY:
            squares = sum((times[element] - 1) ** 2 for element in source.elements)
            assert decoded.loss == squares + (len(decoded.solution) - source.k) ** 2
        else:
            wrong = sum(times[element] != 1 for element in source.elements)
            assert decoded.loss == wrong + (len(decoded.solution) > source.k)


@BOTH
def test_verdicts_of_any_source(entry: Family) -> None:
    seen = set()
    for number in range(150):
        source = any_source(entry, number)
        every = covers(source)
        kept = [cover for cover in every if len(cover) in source.counts]
        assert [cover for cover in every if not source.complaint(cover)] == kept
        solution = source.solve()
        assert (solution is not None) == bool(kept)
        assert solution is None or solution in kept
        seen.add((bool(every), bool(kept)))
        if number < 30:
            found = qnnt.solve(Origin(entry, entry.forms[0], source).made(), solver="enumeration")
            assert found.status is (qnnt.Status.YES if kept else qnnt.Status.NO)
    assert seen == {(False, False), (True, False), (True, True)}


def test_exactly_is_not_at_most() -> None:
    """The repair: the cover by one set is none by exactly two, though by at most two."""
    elements, sets = ("a", "b"), (("a", "b"), ("a",))
    exactly, at_most = ExactKCover(elements, sets, 2), AtMostKCover(elements, sets, 2)
    assert (exactly.solve(), at_most.solve()) == (None, (1,))
    assert exactly.complaint((1,)) == "the cover has 1 sets, expected exactly 2"
    assert not at_most.complaint((1,))
    for entry, source, status in ((EXACTLY, exactly, qnnt.Status.NO), (AT_MOST, at_most, qnnt.Status.YES)):
        assert qnnt.solve(Origin(entry, "standard", source).made()).status is status


def test_too_many_sets() -> None:
    source = AtMostKCover(("a", "b"), (("a",), ("b",)), 1)
    assert source.solve() is None
    assert source.complaint((1, 2)) == "the cover has 2 sets, expected at most 1"
    assert source.complaint((1,)) == "the element b is in 0 of the chosen sets"


@pytest.mark.parametrize(
    ("elements", "sets", "k", "exactly", "at_most"),
    [
        ((), ((),), 0, True, True),
        ((), ((),), 1, True, True),
        ((), ((),), 2, False, True),
        (("a",), ((),), 1, False, False),
        (("a",), (("a",), ()), 2, True, True),
        (("a",), (("a",), ("a",)), 2, False, True),
        (("a",), (("a",),), 0, False, False),
        (("a",), (("a",),), LARGEST, False, True),
    ],
)
def test_degenerate_sources(
    elements: tuple[str, ...], sets: tuple[tuple[str, ...], ...], k: int, exactly: bool, at_most: bool
) -> None:
    for entry, expected in ((EXACTLY, exactly), (AT_MOST, at_most)):
        source = KIND[entry.name](elements, sets, k)
        assert (source.solve() is not None) == expected
        found = qnnt.solve(Origin(entry, "standard", source).made(), solver="enumeration")
        assert found.status is (qnnt.Status.YES if expected else qnnt.Status.NO)


@BOTH
def test_no_sets_no_network(entry: Family) -> None:
    source = KIND[entry.name](("a",), (), 1)
    assert source.solve() is None
    with pytest.raises(InputError, match="expected at least one set: a network has an input"):
        Origin(entry, "standard", source).made()


@BOTH
def test_files_leave_k_open(entry: Family) -> None:
    source = KIND[entry.name].from_text("a b c\na\nb c\n", {"k": 2})
    assert source == KIND[entry.name](("a", "b", "c"), (("a",), ("b", "c")), 2)
    assert source.solve() == (1, 2)
    assert KIND[entry.name].from_document(json.loads(json.dumps(source.document())), "") == source


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"elements": [], "sets": []}, "the key 'k' is missing"),
        ({"elements": [], "sets": [], "k": -1}, "$.k: expected an integer of at least 0, got -1"),
        ({"elements": [], "sets": [], "k": True}, "$.k: expected an integer, got true"),
        ({"elements": ["a"], "sets": [["b"]], "k": 1}, "$.sets[0][0]: 'b' is none of the elements"),
        ({"elements": [], "sets": [], "k": 1, "at_most": 1}, "unknown key 'at_most'; known keys: elements, k, sets"),
    ],
)
@BOTH
def test_complaints_of_the_reader(entry: Family, document: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as error:
        KIND[entry.name].from_document(document, "")
    assert message in str(error.value)


@BOTH
def test_sizes_without_sources(entry: Family) -> None:
    for variant, k, message in (
        (Variant.RANDOM, 0, "no partition of 4 elements has 0 blocks"),
        (Variant.PLANTED, 4, "3 sets cannot hold the 4 blocks of a partition"),
    ):
        with pytest.raises(InputError, match=message):
            draw(entry, variant, {"elements": 4, "sets": 3, "k": k}, 0)
