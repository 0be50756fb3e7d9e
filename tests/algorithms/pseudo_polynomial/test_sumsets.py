"""Sums of two sets: every engine against Python's sets; boxes and fingerprints."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from qnnt.algorithms.pseudo_polynomial import sorted_sums as sorting
from qnnt.algorithms.pseudo_polynomial.bit_sums import Bits, bit_sums, bits_of
from qnnt.algorithms.pseudo_polynomial.box import box_of
from qnnt.algorithms.pseudo_polynomial.fingerprints import (
    SameFingerprintError,
    distinct,
    fingerprints,
    multipliers,
    places_of,
    wide_sums,
)
from qnnt.algorithms.pseudo_polynomial.sumsets import ENGINES, keys, quickest, reason_against, seconds, size, sums
from qnnt.algorithms.pseudo_polynomial.transformed_sums import transformed_sums
from qnnt.algorithms.states.vectors import Integers


def random_set(rng: random.Random, most: int, count: int) -> Integers:
    return np.array(sorted({rng.randrange(most) for _ in range(count)}), np.int64)


def all_sums(some: Integers, others: Integers) -> list[int]:
    return sorted({a + b for a, b in itertools.product(some.tolist(), others.tolist())})


@pytest.mark.parametrize("engine", ENGINES)
def test_engines(engine: str) -> None:
    rng = random.Random(engine)
    for _ in range(200):
        most = rng.choice([1, 2, 5, 60, 1000, 30_000])
        some, others = (random_set(rng, most, rng.choice([1, 2, 7, 30, 90])) for _ in range(2))
        made = sums(engine, some[:, None], others[:, None], np.ones(1, np.int64))
        assert keys(made)[:, 0].tolist() == all_sums(some, others)
        assert size(made) == len(keys(made))


@pytest.mark.parametrize("engine", ENGINES)
def test_sums_with_an_empty_set(engine: str) -> None:
    some, none = np.array([[3], [5]], np.int64), np.empty((0, 1), np.int64)
    assert size(sums(engine, none, some, np.ones(1, np.int64))) == 0


def test_large_numbers_are_sorted_and_merged() -> None:
    rng = random.Random(0)
    for _ in range(50):
        some, others = random_set(rng, 2**61, rng.randint(1, 40)), random_set(rng, 2**61, rng.randint(1, 40))
        wanted = all_sums(some, others)
        assert sorting.sorted_sums(some, others).tolist() == wanted
        assert sorting.sorted_products(some, others).tolist() == wanted
        assert sorting.merged_copies(some, others).tolist() == wanted


def test_chunks_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "CHUNK", 50)
    rng = random.Random(1)
    some, others = random_set(rng, 3000, 100), random_set(rng, 3000, 20)
    assert sorting.sorted_products(some, others).tolist() == all_sums(some, others)


def test_union() -> None:
    rng = random.Random(2)
    for _ in range(100):
        some, others = random_set(rng, 50, rng.randint(0, 30)), random_set(rng, 50, rng.randint(0, 30))
        assert sorting.union(some, others).tolist() == sorted({*some.tolist(), *others.tolist()})


def test_large_operands_survive_the_rounding_of_transforms() -> None:
    rng = np.random.default_rng(0)
    some, others = (np.flatnonzero(rng.random(200_000) < share) for share in (0.5, 0.9))
    assert (transformed_sums(some, others) == keys(bit_sums(bits_of(some), others))[:, 0]).all()


def test_bits() -> None:
    some = Bits(0b101001)
    assert some.numbers.tolist() == [0, 3, 5]
    assert some.size == 3
    assert some.contains(np.array([-1, 0, 1, 5, 900])) == [False, True, False, True, False]
    assert bits_of(np.empty(0, np.int64)).numbers.tolist() == []


def test_bits_stay_bits() -> None:
    """Sets that fill most of their range are not unpacked between steps."""
    layer: Integers | Bits = Bits((1 << 5000) - 1)
    assert quickest(layer, np.arange(0, 100, 7)) == "bitset"
    assert isinstance(sums("mixed", layer, np.arange(0, 100, 7)[:, None], np.ones(1, np.int64)), Bits)


def test_only_engines_with_room_are_expected_to_do_anything() -> None:
    assert set(seconds(10, 10, 2**40)) == {"sparse"}
    assert set(seconds(10, 10, 100)) == {"sparse", "mark", "bitset", "fft"}
    assert reason_against("sparse", (2**62,)) is None
    assert reason_against("mark", (2**20,)) is None
    assert reason_against("mark", (2**28,)) == "the engine mark has room for 2^27 different sums"
    assert reason_against("bitset", (10, 10)) is not None


# --- boxes -----------------------------------------------------------------------------------------


def random_stages(rng: random.Random, dimensions: int, most: int) -> tuple[list[Integers], list[int]]:
    stages = []
    for _ in range(rng.randint(0, 3)):
        step = rng.choice([1, 1, 2, 6])
        rows = {tuple(step * rng.randint(-most, most) for _ in range(dimensions)) for _ in range(rng.randint(2, 4))}
        stages.append(np.array(sorted(rows), np.int64).reshape(-1, dimensions))
    return stages, [rng.randint(1, 2) for _ in stages]


@pytest.mark.parametrize("largest", [1, 50, 2**62])
def test_keys_add_up_as_vectors_do(largest: int) -> None:
    rng = random.Random(largest)
    for _ in range(150):
        dimensions = rng.randint(1, 4)
        stages, copies = random_stages(rng, dimensions, 9)
        constant = np.array([rng.randint(-5, 5) for _ in range(dimensions)], np.int64)
        order = rng.sample(range(dimensions), dimensions)
        box = box_of(constant, stages, copies, order, largest)
        members = [stage for stage, count in zip(stages, copies, strict=True) for _ in range(count)]
        made = [box.keys_of(box.digits_of(stage)) for stage in members]
        found: dict[tuple[int, ...], tuple[int, ...]] = {}
        for rows in itertools.product(*(range(len(stage)) for stage in members)):
            vector = constant + sum((m[r] for m, r in zip(members, rows, strict=True)), np.zeros(dimensions, np.int64))
            key = sum((m[r] for m, r in zip(made, rows, strict=True)), np.zeros(box.limbs, np.int64))
            digits = [int(box.digits(key[None, :], c)[0]) for c in range(dimensions)]
            assert [box.value(c, digit) for c, digit in enumerate(digits)] == vector.tolist()
            assert all(digit <= reach for digit, reach in zip(digits, box.reach, strict=True))
            assert all(k < volume for k, volume in zip(key.tolist(), box.volumes, strict=True))
            assert found.setdefault(tuple(key.tolist()), tuple(vector.tolist())) == tuple(vector.tolist())


def test_steps_are_greatest_common_divisors() -> None:
    box = box_of(np.array([1, 0]), [np.array([[0, 7], [6, 7]]), np.array([[-4, 7], [0, 7]])], [1, 3])
    assert (box.steps, box.reach, box.least) == ((2, 1), (9, 0), (-11, 28))


def test_a_coordinate_of_60_bits_still_is_one_limb() -> None:
    rows = np.array([[-(2**58), 0], [2**58, 1]])
    box = box_of(np.zeros(2, np.int64), [rows, rows + 1 - rows % 2], [2, 2])
    assert box.limbs == 1 or max(box.volumes) <= 2**62
    wide = box_of(np.zeros(2, np.int64), [np.array([[0, 0], [2**60, 2**60], [1, 1]])], [1])
    assert wide.limbs == 2


# --- fingerprints ----------------------------------------------------------------------------------


def test_wide_sums() -> None:
    rng = np.random.default_rng(3)
    for attempt in range(30):
        factors = multipliers(2, attempt)
        some, others = (distinct(rng.integers(0, 6, (20, 2)), factors) for _ in range(2))
        made = wide_sums(some, others, factors)
        wanted = {(a + c, b + d) for a, b in some.tolist() for c, d in others.tolist()}
        assert sorted(map(tuple, made.tolist())) == sorted(wanted)
        assert (np.diff(fingerprints(made, factors)) > 0).all()
        asked = np.array(list(itertools.product(range(-1, 12), repeat=2)), np.int64)
        assert places_of(made, asked, factors)[1].tolist() == [tuple(key) in wanted for key in asked.tolist()]


def test_equal_fingerprints_are_noticed() -> None:
    factors = np.array([1, 1], np.int64)
    with pytest.raises(SameFingerprintError):
        distinct(np.array([[1, 2], [2, 1]]), factors)
    kept = distinct(np.array([[1, 2], [4, 1], [1, 2]]), factors)
    assert kept.tolist() == [[1, 2], [4, 1]]
    assert not places_of(kept, np.array([[2, 1]]), factors)[1].any()
    assert not places_of(np.empty((0, 2), np.int64), np.array([[2, 1]]), factors)[1].any()
