"""The vectorised judge equals the exact one where it applies, and refuses what may overflow."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from qnnt import array_evaluation
from qnnt.array_evaluation import applies, evaluate_array, judge
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError
from qnnt.evaluation import evaluate
from qnnt.exact import LARGEST, Number
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Instance, Parameters


@pytest.mark.parametrize("block", range(30))
def test_equal_on_random_integer_instances(block: int) -> None:
    applied = 0
    for seed in range(10):
        rng = random.Random(f"{block} {seed}")
        instance = random_instance(rng, rational=False)
        for _ in range(5):
            parameters = random_parameters(rng, instance)
            if applies(instance, parameters):
                applied += 1
                found = evaluate_array(instance, parameters)
                assert found == evaluate(instance, parameters)
                assert type(found) is type(evaluate(instance, parameters))
    assert applied >= 25


def test_never_wrong_on_any_random_instance() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        instance = random_instance(rng)
        parameters = random_parameters(rng, instance)
        if applies(instance, parameters):
            assert evaluate_array(instance, parameters) == evaluate(instance, parameters)


def single(activation: object, x: list[object], w: Number, bias: Number, loss: object = "absolute") -> Instance:
    """One neuron that reads one input at each of the points."""
    rows = [[value] for value in x]
    labels = [[0] for _ in x]
    return d_nnt([1, 1], rows, labels, weights=[w], bias=[bias], activation=activation, loss=loss)


def only(instance: Instance) -> Parameters:
    return random_parameters(random.Random(0), instance)


IMMENSE = {"type": "polynomial", "coefficients": [0, 0, LARGEST]}


@pytest.mark.parametrize(
    ("instance", "why"),
    [
        (single("identity", ["1/2"], 1, 0), "rational data"),
        (single("identity", [1], Fraction(1, 2), 0), "rational weight"),
        (single("identity", [1], 1, Fraction(1, 2)), "rational bias"),
        (single({"type": "leaky", "negative": "1/2", "positive": 1}, [-1], 1, 0), "rational values"),
        (single("identity", [LARGEST], 2, 0), "a product of 2^63"),
        (single("identity", [LARGEST], 1, 1), "a sum beyond 2^62"),
        (single(IMMENSE, [1, 2], 1, 0), "a value of 2^64"),
        (single({"type": "polynomial", "coefficients": [0, 0, -LARGEST]}, [1, 2], 1, 0), "a value of -2^64"),
        (single("identity", [0, 10**6], 1, 0), "a table too wide"),
        (single({"type": "table", "values": [[0, 1], [2, 1]]}, [0, 2], 1, 0), "a partial table"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(instance: Instance, why: str) -> None:
    assert not applies(instance, only(instance))
    judge(instance, only(instance))  # the exact judge takes it


def test_partial_sums_count_though_they_cancel() -> None:
    instance = d_nnt(
        [2, 1], [[LARGEST, LARGEST]], [[0]], weights=[-4, 4], bias=[0], activation="identity", loss="squared"
    )
    parameters = Parameters({("x1", "o1"): 4, ("x2", "o1"): -4}, {"o1": 0})
    assert not applies(instance, parameters)
    assert judge(instance, parameters) == 0


def test_values_near_the_limit_are_exact() -> None:
    """Inputs of 2^62 pass; losses and sample weights are summed without a limit."""
    rows: list[list[object]] = [[LARGEST], [LARGEST - 1]]
    for y in (-LARGEST, 0, LARGEST):
        instance = d_nnt(
            [1, 1],
            rows,
            [[y], [y]],
            weight=[LARGEST, 1],
            weights=[1, -1],
            bias=[0],
            activation="identity",
            loss="squared",
        )
        for w in (-1, 1):
            parameters = Parameters({("x1", "o1"): w}, {"o1": 0})
            assert applies(instance, parameters)
            assert evaluate_array(instance, parameters) == evaluate(instance, parameters)


def test_unread_inputs_and_no_samples() -> None:
    network = {"inputs": ["a", "b"], "outputs": ["o", "p"], "edges": [{"from": "b", "to": "o"}]}
    x = [[LARGEST, 1], [-LARGEST, 0]]
    y: list[list[int | None]] = [[1, 0], [0, None]]
    for n in (0, 1, 2):
        instance = d_nnt(network, x[:n], y[:n], weights=[0, 1], bias=[0], activation={"type": "relu_d", "d": 3})
        parameters = Parameters({("b", "o"): 1}, {"o": 0, "p": 0})
        assert applies(instance, parameters)
        assert evaluate_array(instance, parameters) == evaluate(instance, parameters) == 0


def test_judge_checks_and_takes_the_array_path_for_large_data(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]] * 50, [[0], [1], [1], [0]] * 50)
    parameters = only(instance)
    expected = evaluate(instance, parameters)
    assert judge(instance, parameters) == expected
    calls = []

    def counted(*arguments: Instance | Parameters) -> Number:
        calls.append(arguments)
        return expected

    monkeypatch.setattr(array_evaluation, "MANY_PRODUCTS", 0)
    assert judge(instance, parameters) == expected
    monkeypatch.setattr(array_evaluation, "evaluate_array", counted)
    judge(instance, parameters)
    assert len(calls) == 1
    with pytest.raises(CertificateError, match="not in its set"):
        judge(instance, Parameters(parameters.weights, {**parameters.biases, "o1": 9}))
    assert len(calls) == 1


def test_judge_says_where_a_table_is_undefined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_evaluation, "MANY_PRODUCTS", 0)
    instance = single({"type": "table", "values": [[0, 1]]}, [0, 1], 1, 0)
    with pytest.raises(CertificateError, match=r"neuron o1 at x = \(1\)"):
        judge(instance, only(instance))
