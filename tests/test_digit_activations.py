"""Products by decimal digits: Lemma 3.5 on its domain, where it fails as printed, and the repair everywhere."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from qnnt.activations import changes
from qnnt.digit_activations import SlpMul, SlpMulGuard, SlpShift, SlpShiftGuard, decimal_digits
from qnnt.documents.construction import d_nnt
from qnnt.errors import CertificateError
from qnnt.evaluation import activate, outputs_at
from qnnt.exact import Number
from qnnt.instance import Parameters


def random_integer(rng: random.Random) -> int:
    power = int("1" + "0" * rng.randint(0, 9))
    return rng.choice([rng.randint(-12, 12), rng.randint(-(10**6), 10**6), rng.getrandbits(400), power])


def test_digits_are_counted_without_text() -> None:
    for digits in (*range(1, 400), 5000, 20011):
        assert [decimal_digits(a) for a in (10 ** (digits - 1), 10**digits - 1)] == [digits, digits]
    assert decimal_digits(0) == 1
    for bits in range(1, 2000):
        for a in (1 << (bits - 1), (1 << bits) - 1):
            assert 10 ** (decimal_digits(a) - 1) <= a < 10 ** decimal_digits(a)


def test_guarded_digits_multiply_all_integers() -> None:
    rng = random.Random(35)
    assert SlpShiftGuard().value(Fraction(7)) == SlpShiftGuard().value(7) == Fraction(71, 100)
    for _ in range(2000):
        a, b = random_integer(rng), random_integer(rng)
        shifted = SlpShiftGuard().value(b)
        assert shifted is not None
        assert 0 < shifted < 1
        assert shifted == activate(SlpShiftGuard(), b)
        assert SlpMulGuard().value(a + shifted) == activate(SlpMulGuard(), a + shifted) == a * b


def test_literal_digits_multiply_on_their_domain() -> None:
    rng = random.Random(36)
    defined = 0
    for _ in range(2000):
        a, b = random_integer(rng), random_integer(rng)
        shifted = SlpShift().value(b)
        assert (shifted is not None) == (b == 0 or (b > 0 and b % 10 != 0))
        if shifted is not None:
            defined += 1
            assert shifted == activate(SlpShift(), b)
            assert SlpMul().value(a + shifted) == activate(SlpMul(), a + shifted) == a * b
    assert defined > 500


def test_the_lemma_as_printed_fails_beyond_its_domain() -> None:
    """Why the literal activations are undefined there: -1 and 10 would multiply wrongly."""
    assert SlpMul().value(-1 + Fraction(-1, 10)) == -2 * 9  # -1 * -1, were the digits of -1 shifted
    assert SlpMul().value(1 + Fraction(10, 100)) == 1  # 1 * 10, were the digits of 10 shifted


@pytest.mark.parametrize("base", [2, 5, 10])
def test_fractions_that_end_are_read_whatever_their_denominator(base: int) -> None:
    for exponent in range(1, 60):
        t = 3 + Fraction(1, base**exponent)
        digits = 10**exponent // base**exponent
        assert SlpMul().value(t) == activate(SlpMul(), t) == 3 * digits
        endless = Fraction(1, 7 * base**exponent)
        assert SlpMul().value(endless) is None
        with pytest.raises(CertificateError, match="slp_mul is undefined at the pre-activation"):
            activate(SlpMul(), endless)


def test_large_digits_agree() -> None:
    rng = random.Random(37)
    for bits in (10_000, 60_000):
        a, b = rng.getrandbits(bits), -(rng.getrandbits(bits) | 1)
        shifted = SlpShiftGuard().value(b)
        assert shifted is not None
        assert shifted == activate(SlpShiftGuard(), b)
        assert SlpMulGuard().value(a + shifted) == activate(SlpMulGuard(), a + shifted) == a * b


def test_segments_skip_what_is_undefined() -> None:
    assert changes(SlpShift(), -1, 3, 2) == [
        (-1, None), (0, 0), (1, None), (2, Fraction(1, 10)), (3, None),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["", "_guard"])
def test_a_network_that_multiplies(form: str) -> None:
    """The product of Lemma 3.5: weights 1, one neuron for the digits."""
    network = {
        "inputs": ["x", "z"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "o"}, {"from": "z", "to": "h"}, {"from": "h", "to": "o"}],
        "neurons": {"h": {"activation": f"slp_shift{form}"}, "o": {"activation": f"slp_mul{form}"}},
    }
    instance = d_nnt(network, [[0, 0]], [[1]], weights=[1], bias=[0], loss="positive", margin=1)
    parameters = Parameters(dict.fromkeys(instance.weights, 1), {"h": 0, "o": 0})
    points: list[tuple[Number, Number]] = [(7, 12), (-7, 12), (0, 5), (5, 0), (123456789, 987654321)]
    points += [(-7, -12), (7, 100), (-3, -10)] if form else []
    for x, z in points:
        assert outputs_at(instance, parameters, (x, z)) == (x * z,)
    if not form:
        with pytest.raises(CertificateError, match=r"neuron h at x = .*: slp_shift is undefined"):
            outputs_at(instance, parameters, (7, 100))
