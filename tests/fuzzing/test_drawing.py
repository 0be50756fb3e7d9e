"""The fuzz stream: the same everywhere, legal, small enough for brute force, and neither hopeless nor trivial."""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import subprocess
import sys
from collections import Counter

import pytest

from qnnt.algorithms.enumeration import minimum, sums_needed
from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.evaluation import evaluate
from qnnt.files.text import compact
from qnnt.fuzzing.bounds import KINDS, bounded
from qnnt.fuzzing.drawing import draw, drawn_from
from qnnt.fuzzing.layers import layer_sizes, parameters
from qnnt.fuzzing.palettes import SMALL
from qnnt.fuzzing.shapes import SHAPES
from qnnt.fuzzing.sizes import MOST_SETTINGS, MOST_SUMS
from qnnt.fuzzing.value_sets import random_sets, set_sizes, value_set
from qnnt.instance import Parameters
from qnnt.network import Network
from qnnt.simplification.steps import nearest_zero

SEED = 20
COUNT = 1000
"""Draws that most tests look at."""

DIGEST = """
import hashlib
from qnnt.documents.writer import document_of
from qnnt.files.text import compact
from qnnt.fuzzing.drawing import draw
drawn = [draw(20, number) for number in range(150)]
text = "".join(f"{one.shape} {compact(document_of(one.instance))}" for one in drawn)
print(hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_draws_the_same(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", DIGEST]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    drawn = [draw(20, number) for number in reversed(range(150))][::-1]  # in any order
    text = "".join(f"{one.shape} {compact(document_of(one.instance))}" for one in drawn)
    assert shown.strip() == hashlib.sha256(text.encode()).hexdigest()


def test_seeds_and_numbers_are_told_apart() -> None:
    documents = [compact(document_of(draw(*pair).instance)) for pair in [(1, 23), (12, 3), (3, 12), (1, 24), (-1, 23)]]
    assert len(set(documents)) == len(documents)


def test_every_draw_is_legal_small_and_survives_a_file() -> None:
    for number in range(COUNT):
        instance = draw(SEED, number).instance
        document = document_of(instance)
        again = instance_from(json.loads(json.dumps(document)))
        assert again == instance
        assert list(again.weights) == list(instance.weights)
        assert list(again.biases) == list(instance.biases)
        assert document_of(again) == document
        assert 1 <= instance.settings <= MOST_SETTINGS
        assert sums_needed(instance) <= MOST_SUMS


def test_shares_of_shapes() -> None:
    weights = {name: shape.weight for name, shape in SHAPES.items()}
    assert sum(weights.values()) == 100
    count = 3000
    rng = random.Random(0)
    shapes = Counter(draw(rng.randrange(2**31), rng.randrange(2**31)).shape for _ in range(count))
    for name, weight in weights.items():
        share = weight / 100
        assert abs(shapes[name] - share * count) < 4.5 * math.sqrt(count * share * (1 - share)), name


@pytest.mark.parametrize("shape", SHAPES)
def test_optima_are_neither_all_zero_nor_all_trivial(shape: str) -> None:
    """Of 120 instances at least a twelfth each."""
    kinds: Counter[str] = Counter()
    for number in range(120):
        instance = drawn_from(shape, random.Random(f"optima {shape} {number}"))
        zeros = Parameters(
            {edge: nearest_zero(values) for edge, values in instance.weights.items()},
            {v: nearest_zero(values) for v, values in instance.biases.items()},
        )
        try:
            best, trivial = minimum(instance).loss, evaluate(instance, zeros)
        except UnsupportedError:
            kinds["refused"] += 1
        except CertificateError:
            kinds["zeros are inadmissible"] += 1
        else:
            kinds["0" if best == 0 else "as good as zeros" if best == trivial else "better"] += 1
    assert min(kinds["0"], kinds["better"]) >= 10
    assert kinds["as good as zeros"] >= 5
    assert kinds["refused"] <= 6


def test_decisions_go_either_way() -> None:
    answers: Counter[bool] = Counter()
    for number in range(COUNT):
        instance = draw(SEED, number).instance
        if instance.bound is not None and sums_needed(instance) < 20_000:
            try:
                best = minimum(instance).loss
            except UnsupportedError:
                continue
            answers[best is not None and best <= instance.bound] += 1
    assert min(answers.values()) >= 50


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_do_not_change_anything_else(kind: str) -> None:
    for number in range(20):
        instance = drawn_from("conflicts", random.Random(number)).derive(bound=None)
        found = bounded(random.Random(number), instance, kind)
        assert found.bound is not None
        assert found.bound >= 0
        assert found.derive(bound=None) == instance


@pytest.mark.parametrize("most", [1, 2, 7, 100])
@pytest.mark.parametrize("copies", [[], [1], [1, 1, 1], [10, 1], [3, 2, 1, 5], [40]])
def test_set_sizes_use_the_room_and_no_more(copies: list[int], most: int) -> None:
    rng = random.Random(f"{copies} {most}")
    for _ in range(20):
        sizes = set_sizes(rng, copies, most, largest=4)
        product = math.prod(size**count for size, count in zip(sizes, copies, strict=True))
        assert all(1 <= size <= 4 for size in sizes)
        assert product <= most
        for size, count in zip(sizes, copies, strict=True):  # none could grow
            assert size == 4 or product // size**count * (size + 1) ** count > most


def test_value_sets_are_sorted_and_of_their_size() -> None:
    rng = random.Random(0)
    for size in range(1, 5):
        found = [value_set(rng, SMALL.weights, size) for _ in range(50)]
        assert all(values == tuple(sorted(set(values))) for values in found)
        assert all(1 <= len(values) <= size for values in found)
        assert max(map(len, found)) == size


def test_random_sets_cover_the_network() -> None:
    network = Network.layered([2, 3, 1])
    for seed in range(50):
        sets = random_sets(random.Random(seed), network, SMALL, 100, 3)
        assert tuple(sets.weights) == network.edges
        assert tuple(sets.biases) == network.neurons
        assert math.prod(map(len, [*sets.weights.values(), *sets.biases.values()])) <= 100


def test_layer_sizes() -> None:
    assert (1, 1) in layer_sizes()
    assert (2, 2, 1) in layer_sizes()
    assert len(set(layer_sizes())) == len(layer_sizes())
    for sizes in layer_sizes():
        network = Network.layered(sizes)
        assert parameters(sizes) == len(network.edges) + len(network.neurons)
        assert 2 ** parameters(sizes) <= MOST_SETTINGS
