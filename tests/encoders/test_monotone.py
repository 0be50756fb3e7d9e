"""No two samples that are called contrary are ever matched together, and no pair that could be is called so."""

from __future__ import annotations

import random

import numpy as np
import pytest

from qnnt.activations import Activation, Clip, Identity, Leaky, Polynomial, Relu, ReluD, Sign, Table, Threshold
from qnnt.algorithms.enumeration import setting
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.monotone import MOST_SAMPLES, contrary_pairs, never_falls, weights_are_positive
from qnnt.encoders.order import encode
from qnnt.evaluation import outputs_at
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective
from qnnt.simplification.pipeline import simplify
from tests.encoders.circuit_check import array


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (Identity(), True),
        (Relu(), True),
        (ReluD(4), True),
        (Threshold(), True),
        (Sign(), True),
        (Clip(-2, 3), True),
        (Leaky(1, 2), True),
        (Leaky(-1, 2), False),
        (Polynomial((1, 0, 1)), False),
        (Polynomial((1, 2, 0, 1)), True),
        (Table(tuple((t, t // 2) for t in range(-4, 5))), True),
        (Table(tuple((t, -t) for t in range(-4, 5))), False),
        (Table(((0, 1), (3, 4))), False),
    ],
)
def test_activations_that_never_fall(activation: Activation, expected: bool) -> None:
    assert never_falls(activation, -4, 4, 1) is expected
    values = [activation.value(t) for t in range(-4, 5)]
    assert expected is (None not in values and sorted(values, key=lambda v: v or 0) == values)


def test_a_square_does_not_fall_on_the_right() -> None:
    assert never_falls(Polynomial((0, 0, 1)), 0, 9, 2)
    assert not never_falls(Polynomial((0, 0, 1)), -1, 9, 2)
    assert not never_falls(Polynomial((0, 0, 1)), 0, 10**6, 1)  # not looked at


def test_contrary_pairs_by_hand() -> None:
    xs = [(0, 0), (0, 1), (1, 1), (1, 0)]
    at, labels = array(0, 1, 2, 3), [(1,), (0,), (0,), (1,)]
    assert contrary_pairs(xs, at, labels).tolist() == [[0, 1], [0, 2], [3, 2]]
    assert contrary_pairs(xs, at, [(None,), (0,), (0,), (1,)]).tolist() == [[3, 2]]
    assert contrary_pairs(xs, array(0, 0, 0, 0), labels).tolist() == []
    assert contrary_pairs(xs[:1], at[:1], labels[:1]).tolist() == []
    assert len(contrary_pairs(xs, np.zeros(MOST_SAMPLES + 1, np.int64), [(0,)] * (MOST_SAMPLES + 1))) == 0


def positive_instance(rng: random.Random) -> Instance:
    """Weights from 0 up, any biases; labels at random, some masked."""
    layers = [2, rng.randint(1, 2), rng.randint(1, 2)]
    x = [[rng.randint(-2, 2) for _ in range(2)] for _ in range(6)]
    y = [[rng.choice([None, 0, 1, 1, 2]) for _ in range(layers[-1])] for _ in range(6)]
    weights: list[object] = rng.choice([[0, 1], [1, 2], ["1/2", 1]])
    return d_nnt(layers, x, y, weights=weights, bias=[-1, 0], activation=rng.choice(["relu", "threshold", "identity"]))


@pytest.mark.parametrize("seed", range(20))
def test_no_setting_matches_a_contrary_pair(seed: int) -> None:
    instance = positive_instance(random.Random(seed))
    assert weights_are_positive(instance)
    data = instance.dataset
    pairs = contrary_pairs(data.x, np.arange(len(data)), data.y)
    for k in random.Random(seed).sample(range(instance.settings), min(instance.settings, 60)):
        found = [outputs_at(instance, setting(instance, k), x) for x in data.x]
        matched = [
            all(label in (None, value) for label, value in zip(y, outputs, strict=True))
            for y, outputs in zip(data.y, found, strict=True)
        ]
        assert not any(matched[i] and matched[j] for i, j in pairs.tolist())


def test_only_networks_that_never_fall_get_the_cuts() -> None:
    def cuts(instance: Instance) -> int:
        return len(encode(simplify(instance).instance, Objective.MINIMIZE).model.cuts.sums)

    assert cuts(random_labels(2, [3, 2, 1], 8, 0)) > 0
    assert cuts(random_labels(3, [3, 2, 1], 8, 0)) == 0
    falling = {"type": "table", "values": [[t, -t] for t in range(-3, 4)]}
    x, y = [[0, 0], [1, 1]], [[1], [0]]
    for activation, expected in (("identity", 1), (falling, 0)):
        layers = {"layers": [2, 1, 1], "neurons": {"o1": {"activation": "threshold"}}}
        assert cuts(d_nnt(layers, x, y, weights=[0, 1], bias=[0, 1], activation=activation)) == expected
    assert cuts(d_qnnt(2, [2, 1], [], [])) == 0
