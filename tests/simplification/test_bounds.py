"""Interval bounds hold every value that occurs."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.activations import Constant, Leaky, Polynomial, Relu, Step, Table
from qnnt.digit_activations import SlpMul, SlpMulGuard, SlpShift, SlpShiftGuard
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.documents.functions import activation_from
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.evaluation import activate
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS, WHOLE, random_activation
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Instance, Parameters
from qnnt.simplification.bounds import image, value_bounds
from qnnt.simplification.general_form import general_form

small = st.fractions(min_value=-6, max_value=6, max_denominator=4)


@given(st.sampled_from(ACTIVATIONS), st.integers(0, 10**6), small, small, st.lists(small, max_size=12))
def test_images_hold_every_value(name: str, seed: int, a: Fraction, b: Fraction, points: list[Fraction]) -> None:
    activation = activation_from(random_activation(random.Random(seed), name, rational=True, reached=WHOLE), "")
    low, high = min(a, b), max(a, b)
    least, most = image(activation, low, high)
    inside = [t for t in (low, high, Fraction(0), *map(Fraction, WHOLE), *points) if low <= t <= high]
    for t in inside:
        value = activation.value(t)
        assert value is None or least <= value <= most


def test_images_that_are_known() -> None:
    assert image(Relu(), -3, 2) == (0, 2)
    assert image(Leaky(-1, 2), -3, 1) == (0, 3)
    assert image(Leaky(-1, 2), 1, 2) == (2, 4)
    assert image(Step((0, 5), (9, -1, 4)), -1, 4) == (-1, 9)
    assert image(Step((0, 5), (9, -1, 4)), 0, 4) == (-1, -1)
    assert image(Step((0, 5), (9, -1, 4)), -1, 5) == (-1, 9)
    assert image(Table(((0, 7), (3, -2))), 1, 3) == (-2, -2)
    assert image(Table(((0, 7), (3, -2))), 1, 2) == (0, 0)
    assert image(Polynomial((1, 0, 2)), -3, 1) == (-17, 19)
    assert image(Constant(4), -1, 1) == (4, 4)


def test_images_of_activations_that_read_digits() -> None:
    """Where nothing is defined the image is more than a point, which is no constant to fold."""
    assert image(SlpShift(), 12, 12) == (Fraction(12, 100), Fraction(12, 100))
    assert image(SlpShift(), 10, 10) == image(SlpShift(), -7, 12) == (0, 1)
    assert image(SlpShiftGuard(), -7, 12) == (0, 1)
    assert image(SlpMul(), Fraction(7, 2), Fraction(7, 2)) == (15, 15)
    assert image(SlpMulGuard(), 3, 3) == image(SlpMul(), Fraction(1, 3), Fraction(1, 3)) == (0, 1)
    with pytest.raises(UnsupportedError, match="the digits that slp_mul_guard reads have no bound"):
        image(SlpMulGuard(), 3, 4)


def test_digits_stay_within_their_image() -> None:
    for activation in (SlpShift(), SlpShiftGuard()):
        for t in range(-120, 1200):
            value = activation.value(t)
            assert value is None or 0 <= value < 1


def test_immense_bounds_are_refused() -> None:
    square = {"type": "polynomial", "coefficients": [0, 0, 1]}
    deep = d_nnt([1] * 60, [[3]], [[1]], weights=[1], bias=[0], activation=square)
    with pytest.raises(UnsupportedError, match=r"neuron h22_1 has no bounds: a value could have \d+ bits"):
        value_bounds(deep)
    padded = {"type": "polynomial", "coefficients": [1, 1, *[0] * 10**5]}
    assert value_bounds(d_nnt([1, 1], [[2**61]], [[1]], weights=[1], bias=[0], activation=padded))["o1"] == (
        1 - 2**61, 1 + 2**61,
    )  # fmt: skip


def values_at(instance: Instance, parameters: Parameters, x: tuple[Number, ...]) -> dict[str, Number]:
    """Every neuron's value in general form, up to the first that is undefined."""
    values: dict[str, Number] = dict(zip(instance.network.inputs, x, strict=True))
    for v in instance.network.neurons:
        total = parameters.biases[v] + sum(
            values[u] * parameters.weights[u, v] for u in instance.network.predecessors[v]
        )
        try:
            values[v] = activate(instance.activations[v], total)
        except CertificateError:
            break
    return values


def test_bounds_hold_every_value_of_random_networks() -> None:
    seen = 0
    for seed in range(200):
        rng = random.Random(f"bounds {seed}")
        instance = general_form(random_instance(rng)).instance
        bounds = value_bounds(instance)
        assert set(bounds) == {*instance.network.inputs, *instance.network.neurons}
        for _ in range(10):
            parameters = random_parameters(rng, instance)
            for x in instance.dataset.x:
                for name, value in values_at(instance, parameters, x).items():
                    assert bounds[name][0] <= value <= bounds[name][1]
                    seen += 1
    assert seen > 5000


def test_without_samples_inputs_are_zero() -> None:
    instance = d_nnt([1, 1], [], [], weights=[-5, 5], bias=[1, 2], activation="identity")
    assert value_bounds(instance) == {"x1": (0, 0), "o1": (1, 2)}


def test_the_general_form_is_required() -> None:
    with pytest.raises(ValueError, match="general form"):
        value_bounds(d_qnnt(2, [1, 1], [[1]], [[1]]))
