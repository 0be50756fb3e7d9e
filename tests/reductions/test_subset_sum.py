"""Subset sum as linear neurons: restrictions of Theorem 1.3, the nearest sum, degenerate sources, complaints."""

from __future__ import annotations

import itertools
import json
import random

import pytest

import qnnt
from qnnt.activations import Identity
from qnnt.array_evaluation import judge
from qnnt.errors import InputError, UnsupportedError
from qnnt.exact import LARGEST
from qnnt.losses import Squared
from qnnt.reductions.making import Origin, decode, draw
from qnnt.reductions.registry import family
from qnnt.reductions.sources import subset_sum
from qnnt.reductions.sources.source import Variant
from qnnt.reductions.sources.subset_sum import SubsetSum
from qnnt.structure import structure

ENTRY = family("subset-sum")


def origin_of(*numbers: int, target: int) -> Origin:
    return Origin(ENTRY, ENTRY.forms[0], SubsetSum(numbers, target))


def random_sources(number: int, largest: int) -> list[SubsetSum]:
    rng = random.Random(13)
    found = []
    for _ in range(number):
        numbers = tuple(rng.randint(1, largest) for _ in range(rng.randint(0, 7)))
        found.append(SubsetSum(numbers, rng.randint(0, sum(numbers) + 3)))
    return found


def nearest(source: SubsetSum) -> int:
    """The distance from the target to the nearest sum, by trying all."""
    choices = itertools.product((0, 1), repeat=len(source.numbers))
    return min(abs(source.target - sum(itertools.compress(source.numbers, chosen))) for chosen in choices)


@pytest.mark.parametrize("largest", [1, 9, LARGEST >> 3])
def test_restrictions_of_the_theorem(largest: int) -> None:
    for source in random_sources(100, largest):
        instance = Origin(ENTRY, ENTRY.forms[0], source).made()
        n, found = len(source.numbers), structure(instance)
        assert (found.alpha, found.omega, found.samples, found.hidden) == (1, 1, 1, n)
        assert (found.edges, found.depth, found.width) == (2 * n, 2 if n else 1, max(n, 1))
        for i, number in enumerate(source.numbers):
            assert instance.weights["s", f"h{i}"] == (0, number)
            assert instance.weights[f"h{i}", "t"] == (1,)
        assert set(instance.biases.values()) == {(0,)}
        assert set(instance.activations.values()) == {Identity()}
        assert (instance.loss, instance.bound, instance.settings) == (Squared(), 0, 2**n)
        assert (instance.dataset.x, instance.dataset.y) == (((1,),), ((source.target,),))


def test_the_smallest_loss_is_the_squared_distance_of_the_nearest_sum() -> None:
    for source in random_sources(40, 40):
        origin = Origin(ENTRY, ENTRY.forms[0], source)
        found = qnnt.solve(origin.made(), solver="enumeration", objective="minimize")
        assert found.solution is not None
        assert found.loss == nearest(source) ** 2
        decoded = decode(origin, found.solution.parameters)
        assert abs(source.sum_of(decoded.solution) - source.target) == nearest(source)
        assert bool(decoded.complaint) == (nearest(source) > 0)


def test_the_solver_finds_a_sum_if_there_is_one() -> None:
    for source in random_sources(300, 30):
        solution = source.solve()
        assert (solution is not None) == (nearest(source) == 0)
        assert solution is None or not source.complaint(solution)


def test_a_sum_by_hand() -> None:
    origin = origin_of(3, 5, 8, 8, target=11)
    assert origin.source.solve() in ((0, 2), (0, 3))
    parameters = origin.witness((0, 3))
    assert [parameters.weights["s", f"h{i}"] for i in range(4)] == [3, 0, 0, 8]
    decoded = decode(origin, parameters)
    assert (decoded.solution, decoded.loss, decoded.complaint) == ((0, 3), 0, "")
    assert origin.source.words((0, 3)) == ["11 = 3 + 8", "positions 0 3"]


@pytest.mark.parametrize(
    ("numbers", "target", "expected"),
    [
        ((), 0, ()),
        ((), 1, None),
        ((5,), 0, ()),
        ((5,), 5, (0,)),
        ((5,), 6, None),
        ((LARGEST,) * 3, LARGEST - 1, None),
        ((LARGEST - 1, 1, 1), LARGEST, (0, 1)),
    ],
)
def test_degenerate_sources(numbers: tuple[int, ...], target: int, expected: tuple[int, ...] | None) -> None:
    origin = origin_of(*numbers, target=target)
    assert (origin.source.solve() is None) == (expected is None)
    found = qnnt.solve(origin.made(), solver="enumeration")
    assert found.status is (qnnt.Status.NO if expected is None else qnnt.Status.YES)
    if expected is not None:
        assert judge(origin.made(), origin.witness(expected)) == 0
        assert origin.source.words(expected)


@pytest.mark.parametrize(
    ("solution", "message"),
    [
        ((0, 1), "the chosen numbers add up to 8, not to 11"),
        ((), "the chosen numbers add up to 0, not to 11"),
        ((0, 0, 1), "a position is chosen twice"),
        ((3,), "there is no number at position 3"),
        ((-1,), "there is no number at position -1"),
    ],
)
def test_what_is_wrong_with_a_choice(solution: tuple[int, ...], message: str) -> None:
    assert SubsetSum((3, 5, 8), 11).complaint(solution) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON: Expecting value at line 1, column 1"),
        ("[3, 5]", "expected an object, got a list of 2"),
        ('{"numbers": [3]}', "the key 'target' is missing"),
        ('{"numbers": [3], "target": 3, "bits": 2}', "unknown key 'bits'; known keys: numbers, target"),
        ('{"numbers": 3, "target": 3}', "$.numbers: expected a list, got 3"),
        ('{"numbers": [3, 0], "target": 3}', "$.numbers[1]: expected an integer of at least 1, got 0"),
        ('{"numbers": [3, -4], "target": 3}', "$.numbers[1]: expected an integer of at least 1, got -4"),
        ('{"numbers": [3, "4"], "target": 3}', "$.numbers[1]: expected an integer, got '4'"),
        ('{"numbers": [4611686018427387905], "target": 3}', "$.numbers[0]: expected an integer of at most 4611686"),
        ('{"numbers": [3], "target": -1}', "$.target: expected an integer of at least 0, got -1"),
        ('{"numbers": [3], "target": 1.5}', "$.target: floats are not exact"),
    ],
)
def test_complaints_of_the_reader(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        SubsetSum.from_text(text, {})
    assert message in str(error.value)


def test_a_file_is_read_back() -> None:
    source = SubsetSum((3, 5, 5, LARGEST), LARGEST)
    assert SubsetSum.from_text(json.dumps(source.document()), {}) == source


@pytest.mark.parametrize(
    ("variant", "numbers", "bits", "message"),
    [
        (Variant.NO, 5, 1, "numbers of 1 bit are all 1"),
        (Variant.PLANTED, 9, 60, "9 numbers of 60 bits can add up to more than 2^62"),
        (Variant.RANDOM, 1, 62, "bits: expected 1 to 61, got 62"),
    ],
)
def test_sizes_without_sources(variant: Variant, numbers: int, bits: int, message: str) -> None:
    with pytest.raises(InputError, match=f"^{message.replace('^', '.')}"):
        draw(ENTRY, variant, {"numbers": numbers, "bits": bits}, 0)


@pytest.mark.parametrize("bits", [2, 3, 8, 24, 56])
def test_refuted_sources_look_like_others(bits: int) -> None:
    for seed in range(40):
        source = draw(ENTRY, Variant.NO, {"numbers": 12, "bits": bits}, seed).source
        assert isinstance(source, SubsetSum)
        assert all(1 <= number < 1 << bits for number in source.numbers)
        assert 0 < source.target < sum(source.numbers)
        if bits <= 8:
            assert source.solve() is None


def test_the_solver_says_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subset_sum, "MOST_SUMS", 16)
    assert SubsetSum((1,) * 30, 30).solve() == tuple(range(30))
    with pytest.raises(UnsupportedError, match="more than 16 sums"):
        SubsetSum(tuple(1 << i for i in range(12)), 4095).solve()
