"""The judge: against hand-computed examples, and against the definitions that encoders use."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest

from qnnt.activations import Activation
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError, InputError
from qnnt.evaluation import activate, check_parameters, evaluate, outputs_at, sample_loss
from qnnt.exact import Number, reduced
from qnnt.fuzzing.tiny import all_parameters, random_instance, random_parameters
from qnnt.instance import Parameters
from qnnt.losses import Accept, Loss, TableLoss
from qnnt.result import Solution
from tests.function_examples import EVERY_ACTIVATION, EVERY_LOSS, HALF, NUMBERS, TABLE_LOSS

# --- the two sets of definitions -----------------------------------------------------------------


@pytest.mark.parametrize("activation", EVERY_ACTIVATION, ids=repr)
def test_activations_agree(activation: Activation) -> None:
    for denominator in (*range(1, 7), 20, 21):
        for k in range(-60, 61):
            t = reduced(Fraction(k, denominator))
            value = activation.value(t)
            if value is None:
                assert activation.partial
                with pytest.raises(CertificateError, match=r"outside the activation table|is undefined at the pre-act"):
                    activate(activation, t)
            else:
                assert activate(activation, t) == value


@pytest.mark.parametrize("loss", [*EVERY_LOSS, TABLE_LOSS], ids=repr)
def test_losses_agree(loss: Loss) -> None:
    points: tuple[Number, ...] = (*NUMBERS, 1, -2, Fraction(7, 3))
    columns = 1 if loss is TABLE_LOSS else 2
    for outputs in itertools.product(points, repeat=columns):
        for labels in itertools.product((None, *points), repeat=columns):
            value = loss.of_sample(outputs, labels)
            if value is None:
                assert isinstance(loss, TableLoss | Accept)
                with pytest.raises(CertificateError):
                    sample_loss(loss, outputs, labels)
            else:
                assert sample_loss(loss, outputs, labels) == value


# --- by hand -------------------------------------------------------------------------------------

XOR = d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]], name="xor")
XOR_WEIGHTS: dict[tuple[str, str], Number] = {
    ("x1", "h1_1"): 1,
    ("x2", "h1_1"): -1,
    ("x1", "h1_2"): -1,
    ("x2", "h1_2"): 1,
    ("h1_1", "o1"): 1,
    ("h1_2", "o1"): 1,
}


@pytest.mark.parametrize(("bias", "loss"), [(0, 0), (1, 2), (-1, 2)])
def test_xor(bias: int, loss: int) -> None:
    parameters = Parameters(XOR_WEIGHTS, {"h1_1": 0, "h1_2": 0, "o1": bias})
    check_parameters(XOR, parameters)
    assert evaluate(XOR, parameters) == loss


def test_the_bias_of_d_qnnt_is_subtracted() -> None:
    for bias, output in ((-1, 1), (0, 0), (1, 0)):
        parameters = Parameters(XOR_WEIGHTS, {"h1_1": 0, "h1_2": 0, "o1": bias})
        assert outputs_at(XOR, parameters, (0, 0)) == (output,)


def test_the_bias_of_d_nnt_is_added() -> None:
    instance = d_nnt([1, 1], [[0]], [[0]], weights=[1], bias=[-1, 1], activation="identity")
    for bias in (-1, 1):
        assert outputs_at(instance, Parameters({("x1", "o1"): 1}, {"o1": bias}), (5,)) == (5 + bias,)


@pytest.mark.parametrize(("d", "top"), [(2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3)])
def test_relu_d_is_clipped_at_the_top_of_z_d(d: int, top: int) -> None:
    instance = d_qnnt(d, [2, 1], [[top, top]], [[top]])
    low = -((d - 1) // 2)
    assert instance.weights["x1", "o1"] == tuple(range(low, top + 1))
    parameters = Parameters({("x1", "o1"): top, ("x2", "o1"): top}, {"o1": low})
    assert outputs_at(instance, parameters, (top, top)) == (top,)
    assert evaluate(instance, parameters) == 0


SKIP_NETWORK = {
    "inputs": ["x1", "x2"],
    "outputs": ["o"],
    "edges": [
        {"from": "x1", "to": "h"},
        {"from": "x2", "to": "h", "weights": [-2, 0, 2]},
        {"from": "h", "to": "o"},
        {"from": "x1", "to": "o", "weights": [1]},
    ],
    "neurons": {"h": {"activation": "relu", "bias": [-1, 0, 1]}, "o": {"activation": "identity"}},
}


def test_skip_connection() -> None:
    instance = d_nnt(
        SKIP_NETWORK, [[1, 2], [0, "3/2"]], [[3], [None]], weights=[-1, 0, 1], bias=[0], loss="squared", margin=4
    )
    weights: dict[tuple[str, str], Number] = {("x1", "h"): 1, ("x2", "h"): 2, ("h", "o"): 1, ("x1", "o"): 1}
    parameters = Parameters(weights, {"h": -1, "o": 0})
    check_parameters(instance, parameters)
    # h = relu(1 + 4 - 1) = 4, o = 4 + 1 = 5, label 3; the second sample is masked
    assert outputs_at(instance, parameters, (1, 2)) == (5,)
    assert outputs_at(instance, parameters, (0, Fraction(3, 2))) == (2,)
    assert evaluate(instance, parameters) == 4
    # h = relu(-1 + 0 + 0) = 0, o = 1
    parameters = Parameters({**weights, ("x1", "h"): -1, ("x2", "h"): 0}, {"h": 0, "o": 0})
    assert evaluate(instance, parameters) == 4


def test_masks_and_sample_weights() -> None:
    def instance(y: list[list[object]], weight: list[int] | None, loss: object):  # type: ignore[no-untyped-def]
        return d_nnt([1, 2], [[1], [2]], y, weight=weight, weights=[1], bias=[0], activation="identity", loss=loss)

    parameters = Parameters({("x1", "o1"): 1, ("x1", "o2"): 1}, {"o1": 0, "o2": 0})
    wrong: list[list[object]] = [[1, 0], [0, 0]]
    assert evaluate(instance(wrong, None, "mismatch"), parameters) == 2
    assert evaluate(instance(wrong, [3, 5], "mismatch"), parameters) == 8
    assert evaluate(instance(wrong, [3, 5], "hamming"), parameters) == 3 + 2 * 5
    assert evaluate(instance(wrong, [3, 5], "absolute"), parameters) == 3 + 4 * 5
    assert evaluate(instance(wrong, [3, 5], "linf"), parameters) == 3 + 2 * 5
    assert evaluate(instance(wrong, [3, 5], "positive"), parameters) == 3 + 2 * 5
    masked: list[list[object]] = [[1, None], [0, None]]
    assert evaluate(instance(masked, [3, 5], "mismatch"), parameters) == 5
    assert evaluate(instance(masked, [3, 5], "squared"), parameters) == 4 * 5
    nothing: list[list[object]] = [[None, None], [None, None]]
    for loss in ("mismatch", "hamming", "absolute", "squared", "linf", "positive", {"type": "hinge", "margin": 3}):
        assert evaluate(instance(nothing, None, loss), parameters) == 0


def test_a_negative_label_of_d_qnnt_is_a_certain_mismatch() -> None:
    instance = d_qnnt(3, [1, 1], [[0], [1]], [[-1], [-1]], weight=[2, 3])
    assert {evaluate(instance, parameters) for parameters in all_parameters(instance)} == {5}


def test_no_samples() -> None:
    instance = d_qnnt(2, [1, 1], [], [])
    assert {evaluate(instance, parameters) for parameters in all_parameters(instance)} == {0}


def test_an_output_that_reads_nothing_is_its_bias() -> None:
    instance = d_qnnt(3, {"inputs": ["x"], "outputs": ["o"], "edges": []}, [[0]], [[1]])
    assert [evaluate(instance, Parameters({}, {"o": bias})) for bias in (-1, 0, 1)] == [0, 1, 1]


def test_an_output_that_another_output_reads() -> None:
    network = {
        "inputs": ["x"],
        "outputs": ["p", "o"],
        "edges": [{"from": "x", "to": "o"}, {"from": "o", "to": "p", "weights": [10]}],
    }
    instance = d_nnt(network, [[3]], [[30, 3]], weights=[1], bias=[0], activation="identity", loss="absolute")
    parameters = Parameters({("x", "o"): 1, ("o", "p"): 10}, {"o": 0, "p": 0})
    assert outputs_at(instance, parameters, (3,)) == (30, 3)
    assert evaluate(instance, parameters) == 0


# --- undefined ------------------------------------------------------------------------------------


def test_outside_an_activation_table() -> None:
    table = {"type": "table", "values": [[0, 1], [1, "1/2"]]}
    instance = d_nnt([1, 1], [[0], [1]], [[0], [0]], weights=[1, 2], bias=[0], activation=table, loss="absolute")
    assert evaluate(instance, Parameters({("x1", "o1"): 1}, {"o1": 0})) == Fraction(3, 2)
    with pytest.raises(CertificateError, match=r"neuron o1 at x = \(1\): the pre-activation 2 is outside"):
        evaluate(instance, Parameters({("x1", "o1"): 2}, {"o1": 0}))


def test_a_pair_missing_from_a_loss_table() -> None:
    loss = {"type": "table", "values": [[0, 5, "1/2"]]}
    instance = d_nnt([1, 1], [[1]], [[5]], weights=[0, 1], bias=[0], activation="identity", loss=loss)
    assert evaluate(instance, Parameters({("x1", "o1"): 0}, {"o1": 0})) == HALF
    with pytest.raises(CertificateError, match="no entry for output 1 and label 5"):
        evaluate(instance, Parameters({("x1", "o1"): 1}, {"o1": 0}))


# --- certificates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "biases", "expected"),
    [
        ({}, {"o1": 0}, "the weight of x1->o1 is missing"),
        ({("x1", "o1"): 2}, {"o1": 0}, "the weight 2 of x1->o1 is not in its set {-1, 0, 1}"),
        ({("x1", "o1"): HALF}, {"o1": 0}, "the weight 1/2 of x1->o1 is not in its set {-1, 0, 1}"),
        ({("x1", "o1"): 1}, {}, "the bias of o1 is missing"),
        ({("x1", "o1"): 1}, {"o1": -2}, "the bias -2 of o1 is not in its set {-1, 0, 1}"),
        ({("x1", "o1"): 1, ("x2", "o1"): 1}, {"o1": 0}, "the network has no edge x2->o1"),
        ({("x1", "o1"): 1}, {"o1": 0, "x1": 0}, "the network has no neuron x1"),
    ],
)
def test_complaints(weights: dict[tuple[str, str], Number], biases: dict[str, Number], expected: str) -> None:
    instance = d_qnnt(3, [1, 1], [[0]], [[0]])
    with pytest.raises(CertificateError) as caught:
        check_parameters(instance, Parameters(weights, biases))
    assert str(caught.value) == expected


def test_large_sets_are_not_printed_whole() -> None:
    instance = d_qnnt(1001, [1, 1], [[0]], [[0]])
    with pytest.raises(CertificateError, match=r"not in its set \{-500, \.\.\., 500\} of 1001 values"):
        check_parameters(instance, Parameters({("x1", "o1"): 600}, {"o1": 0}))


# --- random --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(150))
def test_random_instances_against_the_definitions_of_encoders(seed: int) -> None:
    """The whole network once more, with the values that encoders are built on."""
    rng = random.Random(seed)
    instance = random_instance(rng)
    for _ in range(10):
        parameters = random_parameters(rng, instance)
        check_parameters(instance, parameters)
        total: Number | None = 0
        for x, y, weight in zip(instance.dataset.x, instance.dataset.y, instance.dataset.weight, strict=True):
            values: dict[str, Number | None] = dict(zip(instance.network.inputs, x, strict=True))
            for v in instance.network.neurons:
                t: Number | None = instance.bias_sign * parameters.biases[v]
                for u in instance.network.predecessors[v]:
                    value = values[u]
                    t = None if value is None or t is None else t + parameters.weights[u, v] * value
                values[v] = None if t is None else instance.activations[v].value(reduced(t))
            outputs = [output for o in instance.network.outputs if (output := values[o]) is not None]
            defined = all(value is not None for value in values.values())
            loss = instance.loss.of_sample(outputs, y) if defined else None
            total = None if loss is None or total is None else total + weight * loss
        if total is None:
            with pytest.raises(CertificateError, match="outside the activation table"):
                evaluate(instance, parameters)
        else:
            found = evaluate(instance, parameters)
            assert found == total
            assert not isinstance(found, Fraction) or found.denominator > 1


def test_outputs_are_in_lowest_terms() -> None:
    instance = d_nnt([1, 1], [["1/2"]], [[1]], weights=[2], bias=[0], activation="identity")
    (output,) = outputs_at(instance, Parameters({("x1", "o1"): 2}, {"o1": 0}), (HALF,))
    assert type(output) is int


def test_predict_takes_exact_rows_of_the_right_length() -> None:
    instance = d_qnnt(3, [2, 1], [], [])
    parameters = Parameters(dict.fromkeys(instance.weights, 1), dict.fromkeys(instance.biases, 0))
    solution = Solution(instance, parameters)
    assert solution.predict([[1, 0], ["1", -1]]) == [(1,), (0,)]
    with pytest.raises(InputError, match=r"x\[1\]: expected 2 numbers, got 1"):
        solution.predict([[1, 0], [1]])
    with pytest.raises(InputError, match="floats are not exact"):
        solution.predict([[1, 0.5]])
