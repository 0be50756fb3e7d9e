"""What intervals say of a loss: held against exact evaluation, and asked where that is out of reach."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from qnnt import array_evaluation, bit_budget
from qnnt.activations import Activation
from qnnt.array_evaluation import judge
from qnnt.documents.construction import d_nnt
from qnnt.dyadic import Arithmetic, Enclosure, Interval
from qnnt.enclosures import PRECISIONS, Unknown, _activated, _sample_loss, certified_loss, certified_losses
from qnnt.errors import BudgetError, CertificateError
from qnnt.evaluation import activate, evaluate, sample_loss
from qnnt.exact import Number
from qnnt.fuzzing.functions import LOSSES
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Instance, Parameters
from qnnt.losses import Absolute, Loss
from tests.function_examples import EVERY_ACTIVATION, EVERY_LOSS, NUMBERS
from tests.test_dyadic import holds

SQUARE = {"type": "polynomial", "coefficients": [0, 0, 1]}


def only(instance: Instance) -> Parameters:
    return random_parameters(random.Random(0), instance)


def tower(squarings: int, x: object = 3, last: object = "sign", bias: object = -1, **kwargs: Any) -> Instance:
    """x squared over and over, then a neuron that reads that and a bias."""
    neurons: dict[str, object] = {f"h{i}_1": {"activation": SQUARE} for i in range(1, squarings + 1)}
    neurons["o1"] = {"activation": last, "bias": [bias]}
    network = {"layers": [1] * (squarings + 2), "neurons": neurons}
    fields = {"weights": [1], "bias": [0], "activation": "identity", "loss": "mismatch", **kwargs}
    return d_nnt(network, [[x]], [[1]], **fields)


# --- against exact evaluation ---------------------------------------------------------------------


def random_enclosure(rng: random.Random, arithmetic: Arithmetic) -> tuple[Interval, Number]:
    ends = [Fraction(rng.randint(-9, 9), rng.choice([1, 2, 3])) for _ in "ab"]
    low, high = min(ends), max(ends)
    point = rng.choice([low, high, (low + high) / 2])
    return arithmetic.around(arithmetic.hull([arithmetic.around(low), arithmetic.around(high)])), point


@pytest.mark.parametrize("activation", EVERY_ACTIVATION, ids=repr)
def test_activations_of_intervals_hold_the_values(activation: Activation) -> None:
    for precision, seed in itertools.product((3, 12), range(60)):
        arithmetic = Arithmetic(precision)
        interval, point = random_enclosure(random.Random(seed), arithmetic)
        found = _activated(activation, interval, arithmetic)
        assert (found is None) == activation.partial
        if found is not None:
            assert holds(found, activate(activation, point))


@pytest.mark.parametrize("loss", EVERY_LOSS, ids=repr)
def test_losses_of_intervals_hold_the_losses(loss: Loss) -> None:
    determined = 0
    for precision, seed in itertools.product((3, 12), range(150)):
        arithmetic, rng = Arithmetic(precision), random.Random(seed)
        (first, x), (second, y) = random_enclosure(rng, arithmetic), random_enclosure(rng, arithmetic)
        labels = [rng.choice([None, *NUMBERS]) for _ in "ab"]
        outputs: list[Enclosure] = [first, second if rng.random() < 0.5 else y]
        found = _sample_loss(loss, outputs, labels, arithmetic)
        assert found is not None
        assert holds(found, sample_loss(loss, [x, y], labels))
        determined += not isinstance(found, Interval)
    assert determined > 10


def random_deep(rng: random.Random, losses: Sequence[str] = LOSSES) -> Instance:
    names = ("polynomial", "polynomial", "identity", "leaky", "relu", "sign", "step")
    return random_instance(rng, activations=names, losses=losses)


@pytest.mark.parametrize("precision", [1, 3, 8, 192])
def test_losses_of_random_networks_hold_the_exact_ones(precision: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(150):
        rng = random.Random(f"enclosures {seed}")
        instance = random_deep(rng) if seed % 2 else random_instance(rng)
        parameters = random_parameters(rng, instance)
        try:
            exact: Number | None = evaluate(instance, parameters)
        except CertificateError:
            exact = None
        try:
            found = certified_loss(instance, parameters, Arithmetic(precision))
        except CertificateError:
            assert exact is None
            continue
        if isinstance(found, Unknown):
            seen["unknown"] += 1
            continue
        if exact is not None:
            assert holds(found, exact)
            seen["open" if isinstance(found, Interval) else "exact"] += 1
    assert seen["exact"] > 40
    assert precision > 3 or seen["open"] > 20


def test_the_judge_without_any_bits_agrees_with_the_one_that_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polynomials that may not be computed: the intervals are right wherever they decide."""
    decided = 0
    for seed in range(200):
        rng = random.Random(f"forced {seed}")
        instance = random_deep(rng, losses=("mismatch", "absolute", "hinge", "linf", "positive"))
        parameters = random_parameters(rng, instance)
        exact = evaluate(instance, parameters)
        with monkeypatch.context() as patch:
            patch.setattr("qnnt.evaluation.LARGE", 0)
            patch.setattr(bit_budget, "MOST_BITS", 1)
            patch.setattr(bit_budget, "MOST_BITS_OF_FRACTION", 1)
            try:
                evaluate(instance, parameters)
            except BudgetError:
                assert judge(instance, parameters) == exact
                decided += 1
    assert decided > 40


# --- out of reach ---------------------------------------------------------------------------------


@pytest.fixture
def few_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few that towers are given up at once."""
    monkeypatch.setattr(bit_budget, "MOST_BITS", 1000)


@pytest.mark.usefixtures("few_bits")
@pytest.mark.parametrize(
    ("last", "bias"),
    [
        *(("sign", -1), ("threshold", -1), ({"type": "clip", "low": -5, "high": 1}, 0)),
        *(({"type": "step", "breaks": [0, 9], "values": [5, 4, 1]}, "-1/3"), ({"type": "constant", "value": 1}, 0)),
    ],
)
def test_what_a_tower_of_squares_tells_is_certain(last: object, bias: object) -> None:
    instance = tower(200, last=last, bias=bias)
    with pytest.raises(BudgetError, match="neuron h10_1"):
        evaluate(instance, only(instance))
    assert judge(instance, only(instance)) == 0
    assert judge(instance.derive(loss=Absolute()), only(instance)) == 0


@pytest.mark.usefixtures("few_bits")
def test_the_losses_of_a_tower_of_squares() -> None:
    for loss, expected in (("mismatch", 1), ("hamming", 1), ("positive", 1), ({"type": "hinge", "margin": 5}, 0)):
        instance = tower(200, last="identity", loss=loss)
        assert judge(instance, only(instance)) == expected
    instance = tower(200, last={"type": "leaky", "negative": 1, "positive": -2}, loss="positive")
    assert judge(instance, only(instance)) == 2
    for loss in ("absolute", "squared", "linf"):
        instance = tower(200, last="identity", loss=loss)
        with pytest.raises(BudgetError, match=r"neuron h10_1 at x = \(3\) could have 1624 bits: too large"):
            judge(instance, only(instance))
        found = list(certified_losses(instance, only(instance)))
        assert all(isinstance(each, Interval) and each.is_above(2**62) for each in found)


def test_a_sign_at_two_hundred_squarings_takes_few_bits() -> None:
    instance = tower(200)
    assert certified_loss(instance, only(instance), Arithmetic(PRECISIONS[0])) == 0


def test_more_bits_decide_what_fewer_leave_open() -> None:
    """(2^2)^..., plus 1, minus itself: 2^(2^9) + 1 - 2^(2^9) needs more than 192 bits."""
    edges = [{"from": "x", "to": "a0"}, {"from": "a8", "to": "o", "weights": [-1]}, {"from": "p", "to": "o"}]
    edges += [{"from": f"a{i}", "to": f"a{i + 1}"} for i in range(8)] + [{"from": "a8", "to": "p"}]
    neurons: dict[str, object] = {f"a{i}": {"activation": SQUARE} for i in range(9)}
    neurons |= {"p": {"bias": [1]}, "o": {"activation": "threshold"}}
    network = {"inputs": ["x"], "outputs": ["o"], "edges": edges, "neurons": neurons}
    instance = d_nnt(network, [[3]], [[1]], weights=[1], bias=[0], activation="identity", loss="mismatch")
    first, *others = certified_losses(instance, only(instance))
    assert isinstance(first, Interval)
    assert others == [0, 0]


@pytest.mark.usefixtures("few_bits")
def test_tables_and_digits_of_intervals_are_unknown() -> None:
    for last in ({"type": "table", "values": [[0, 1]]}, "slp_shift_guard", "slp_mul"):
        instance = tower(200, last=last)
        name = last["type"] if isinstance(last, dict) else last
        assert set(certified_losses(instance, only(instance))) == {Unknown(f"the {name} of neuron o1")}
        with pytest.raises(BudgetError, match="neuron h10_1"):
            judge(instance, only(instance))
    loss = {"type": "table", "values": [[0, 1, 5]]}
    instance = tower(200, last="identity", loss=loss)
    assert set(certified_losses(instance, only(instance))) == {Unknown("the loss table")}


def test_tables_and_digits_of_short_numbers_are_exact() -> None:
    """That an activation has no value there is certain, too."""
    table = {"type": "table", "values": [[3, 7]]}
    network = {
        "inputs": ["x"],
        "outputs": ["o", "p"],
        "edges": [{"from": "x", "to": "o"}, {"from": "x", "to": "p"}],
        "neurons": {"o": {"activation": table}, "p": {"activation": "slp_shift"}},
    }
    for x, expected in ((3, Fraction(27, 10)), (4, None)):
        instance = d_nnt(network, [[x]], [[4, 3]], weights=[1], bias=[0], activation="identity", loss="absolute")
        arithmetic = Arithmetic(PRECISIONS[0])
        if expected is None:
            with pytest.raises(CertificateError, match="neuron o: the pre-activation 4 is outside"):
                certified_loss(instance, only(instance), arithmetic)
        else:
            assert certified_loss(instance, only(instance), arithmetic) == 3 + Fraction(3) - Fraction(3, 10)


def test_no_samples_and_masked_labels() -> None:
    for x, y in (([], []), ([[3]], [[None]])):
        instance = d_nnt([1, 1], x, y, weights=[1], bias=[0], activation=SQUARE, loss="absolute")
        assert list(certified_losses(instance, only(instance))) == [0, 0, 0]


def test_the_array_path_leaves_immense_numbers_to_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_evaluation, "MANY_PRODUCTS", 0)
    instance = tower(200)
    assert judge(instance, only(instance)) == 0


@pytest.mark.usefixtures("few_bits")
def test_who_waits_can_look_up_before_each_neuron() -> None:
    """Of the exact evaluation, up to where it ends, and then of each of the intervals."""
    looks: list[None] = []
    instance = tower(200)
    assert judge(instance, only(instance), lambda: looks.append(None)) == 0
    assert len(looks) == 10 + 201
