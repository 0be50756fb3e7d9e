"""Values that are too large are not computed: the evaluator says which, and how large."""

from __future__ import annotations

import pickle
import random
from fractions import Fraction
from typing import Any

import pytest

from qnnt import bit_budget
from qnnt.activations import Polynomial
from qnnt.bit_budget import bits_of, check_power, check_product, check_sum, check_written
from qnnt.digit_activations import SlpMul, SlpShift
from qnnt.documents.construction import d_nnt
from qnnt.errors import BudgetError, CertificateError
from qnnt.evaluation import activate, evaluate, outputs_at, sample_loss
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_parameters
from qnnt.instance import Instance, Parameters
from qnnt.losses import Squared

HALF = Fraction(1, 2)


def power(exponent: int) -> dict[str, object]:
    return {"type": "polynomial", "coefficients": [*[0] * exponent, 1]}


def chain(activations: list[object], x: object, **kwargs: Any) -> Instance:
    """Neurons h1, h2, ..., o that read each other, with weights 1 and biases 0."""
    names = [*(f"h{i}" for i in range(1, len(activations))), "o"]
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": u, "to": v} for u, v in zip(["x", *names], names, strict=False)],
        "neurons": {v: {"activation": a} for v, a in zip(names, activations, strict=True)},
    }
    fields = {"weights": [1], "bias": [0], "loss": "mismatch", **kwargs}
    return d_nnt(network, [[x]], [[0]], **fields)


def only(instance: Instance) -> Parameters:
    return random_parameters(random.Random(0), instance)


@pytest.fixture
def few_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bit_budget, "MOST_BITS", 4000)
    monkeypatch.setattr(bit_budget, "MOST_BITS_OF_FRACTION", 2000)


def test_bits_of_numbers() -> None:
    assert [bits_of(n) for n in (0, 1, -1, 8, Fraction(1, 8), Fraction(-9, 2), 2**5000)] == [0, 1, 1, 4, 4, 4, 5001]


@pytest.mark.usefixtures("few_bits")
def test_what_is_predicted() -> None:
    check_power(2**39, 100)
    check_power(Fraction(1, 2**39), 50)
    check_product(2**1999, 2**1999)
    check_sum(Fraction(2, 3**600), Fraction(1, 3**600))
    check_sum(Fraction(1, 3**600), 2**4000)
    for number, exponent, bits in ((2**40, 100, 4100), (Fraction(1, 2**40), 50, 2050), (-(2**40), 98, 4018)):
        with pytest.raises(BudgetError) as caught:
            check_power(number, exponent)
        assert (caught.value.bits, caught.value.place) == (bits, "")
    with pytest.raises(BudgetError):
        check_product(2**2000, 2**1999)
    with pytest.raises(BudgetError):
        check_product(Fraction(2**1000, 3), Fraction(1, 2**1000))
    with pytest.raises(BudgetError):
        check_sum(Fraction(1, 3**700), Fraction(1, 5**700))


def test_the_neuron_is_named() -> None:
    instance = chain([power(2)] * 40, 3)
    with pytest.raises(BudgetError) as caught:
        evaluate(instance, only(instance))
    assert str(caught.value) == (
        "the value of neuron h22 at x = (3) could have 6647816 bits: too large, the limit is 4000000"
    )
    assert outputs_at(chain([power(2)] * 20, 3), only(chain([power(2)] * 20, 3)), (3,)) == (3 ** (2**20),)


def test_a_high_power_at_once() -> None:
    for exponent in (10**4, 10**5):
        instance = chain([power(exponent)], 2**61)
        if exponent == 10**4:
            assert evaluate(instance, only(instance)) == 1
        else:
            with pytest.raises(BudgetError, match="neuron o at x"):
                evaluate(instance, only(instance))


def test_coefficients_that_are_zero_need_no_bits() -> None:
    instance = chain([{"type": "polynomial", "coefficients": [0, 1, *[0] * 10**5]}], 2**61)
    assert outputs_at(instance, only(instance), (2**61,)) == (2**61,)


@pytest.mark.usefixtures("few_bits")
def test_fractions_have_a_budget_of_their_own() -> None:
    instance = chain([power(2)] * 20, Fraction(1, 3))
    with pytest.raises(BudgetError, match=r"neuron h11 at x = \(1/3\) could have 3248 bits: .* the limit is 2000"):
        evaluate(instance, only(instance))


@pytest.mark.usefixtures("few_bits")
def test_sums_of_large_fractions_are_predicted_too() -> None:
    """1/3^(2^9) + 1/5^(2^9): the denominator is the product."""
    edges = [{"from": "x", "to": "a0"}, {"from": "z", "to": "b0"}, {"from": "a9", "to": "o"}, {"from": "b9", "to": "o"}]
    edges += [{"from": f"{c}{i}", "to": f"{c}{i + 1}"} for c in "ab" for i in range(9)]
    neurons = {f"{c}{i}": {"activation": power(2 if i else 1)} for c in "ab" for i in range(10)}
    network = {"inputs": ["x", "z"], "outputs": ["o"], "edges": edges, "neurons": neurons}
    for z, fits in (("1/3", True), ("1/5", False)):
        instance = d_nnt(network, [["1/3", z]], [[0]], weights=[1], bias=[0], activation="identity", loss="mismatch")
        if fits:
            assert evaluate(instance, only(instance)) == 1
        else:
            with pytest.raises(BudgetError, match=r"neuron o at x = \(1/3, 1/5\)"):
                evaluate(instance, only(instance))


@pytest.mark.usefixtures("few_bits")
@pytest.mark.parametrize(
    ("activation", "t"),
    [(Polynomial((0, 0, 1)), 2**2001), (Polynomial((1, 0, 0, HALF)), Fraction(1, 2**700)), (SlpShift(), 2**2001),
     (SlpMul(), 2**3990 + Fraction(12345, 10**5)), (SlpMul(), Fraction(1, 2**700))],
    ids=repr,
)  # fmt: skip
def test_both_definitions_of_activations_refuse(activation: Any, t: Number) -> None:
    with pytest.raises(BudgetError):
        activation.value(t)
    with pytest.raises(BudgetError):
        activate(activation, t)


@pytest.mark.usefixtures("few_bits")
def test_a_squared_loss_is_predicted() -> None:
    assert sample_loss(Squared(), [2**1999], [0]) == 2**3998
    with pytest.raises(BudgetError):
        sample_loss(Squared(), [2**2001], [0])


def test_a_loss_that_cannot_be_written_is_no_loss() -> None:
    """Readers take numbers of 4000 digits; the interpreter prints no more than 4300."""
    for squarings, fits in ((13, True), (14, False)):
        instance = chain([power(2)] * squarings, 2, loss="absolute")
        if fits:
            assert evaluate(instance, only(instance)) == 2 ** (2**13)
        else:
            with pytest.raises(BudgetError, match="the loss could have 16385 bits: too large, the limit is 13000"):
                evaluate(instance, only(instance))
    assert 2**bit_budget.MOST_BITS_WRITTEN < 10**4000
    with pytest.raises(BudgetError):
        check_written(Fraction(1, 2**13_000))


def test_immense_numbers_are_never_printed() -> None:
    """A table that lacks a number of ten thousand digits, and a loss table."""
    table = {"type": "table", "values": [[0, 1]]}
    instance = chain([power(40000), table], 2)
    with pytest.raises(CertificateError, match="the pre-activation of 40001 bits is outside the activation table"):
        evaluate(instance, only(instance))
    instance = chain([power(40000)], 2, loss={"type": "table", "values": [[0, 0, 1]]})
    with pytest.raises(CertificateError, match="no entry for output of 40001 bits and label 0"):
        evaluate(instance, only(instance))
    instance = chain([power(40000), "slp_shift"], 10)
    with pytest.raises(
        CertificateError, match=r"neuron o at x = \(10\): slp_shift is undefined at the pre-activation of 13"
    ):
        evaluate(instance, only(instance))


def test_the_error_travels_between_processes() -> None:
    error = BudgetError(7, 5).of("the value of neuron h").of("somewhere else")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (BudgetError, str(error))
    assert str(error) == "the value of neuron h could have 7 bits: too large, the limit is 5"
    assert str(BudgetError(7, 5)) == "a value could have 7 bits: too large, the limit is 5"
