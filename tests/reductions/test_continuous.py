"""D-NNT to C-NNT: losses of embedded solutions, perturbed real parameters, and the files."""

from __future__ import annotations

import copy
import dataclasses
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

import qnnt
from qnnt.activations import Constant, Step
from qnnt.array_evaluation import judge
from qnnt.documents.writer import document_of
from qnnt.errors import CertificateError, InputError
from qnnt.evaluation import outputs_at as discrete_outputs
from qnnt.exact import Number
from qnnt.fuzzing.tiny import all_parameters, random_instance, random_parameters
from qnnt.instance import Instance, Parameters, Problem
from qnnt.network import Network
from qnnt.reductions.continuous.checking import decode, embed, loss_of, outputs_at, total_loss
from qnnt.reductions.continuous.construction import Continuous, continuous_of, snapping
from qnnt.reductions.continuous.documents import (
    continuous_from,
    document_around,
    solution_document,
    solution_from,
)


def bounded_instance(rng: random.Random, most_settings: int = 200) -> Instance:
    instance = random_instance(rng, most_settings=most_settings)
    return instance if instance.bound is not None else instance.derive(bound=rng.randint(0, 3))


def loss_or_none(instance: Instance, parameters: Parameters) -> Number | None:
    try:
        return judge(instance, parameters)
    except CertificateError:
        return None


def test_every_setting_has_its_loss_and_one_for_each_sample() -> None:
    rng = random.Random(1)
    seen: Counter[str] = Counter()
    for _ in range(100):
        instance = bounded_instance(rng)
        continuous = continuous_of(instance)
        for parameters in all_parameters(instance):
            loss = loss_or_none(instance, parameters)
            total = total_loss(continuous, embed(continuous, parameters))
            if loss is None:
                assert total > continuous.margin
                seen["undefined"] += 1
                continue
            assert total == loss + instance.dataset.total_weight
            within = loss <= instance.bound  # type: ignore[operator]
            assert (total <= continuous.margin) == within
            seen["within" if within else "above"] += 1
            if within:
                assert decode(continuous, embed(continuous, parameters)) == parameters
    assert min(seen[kind] for kind in ("undefined", "within", "above")) > 20


def perturbed(rng: random.Random, continuous: Continuous, start: Parameters) -> Parameters:
    """Everything around the snap vertices moves, often too little to snap elsewhere; the real network sometimes."""
    real = {*continuous.discrete.network.edges, *continuous.discrete.network.neurons}
    chance = rng.choice((0, 0, 0.1, 0.3, 1))

    def moved(place: object, value: Number) -> Number:
        if rng.random() >= (chance if place in real else 0.5):
            return value
        return value + rng.choice((Fraction(rng.randint(-9, 9), 40), rng.randint(-2, 2)))

    return Parameters(
        {edge: moved(edge, weight) for edge, weight in start.weights.items()},
        {v: moved(v, bias) for v, bias in start.biases.items()},
    )


def values_of(instance: Instance, parameters: Parameters) -> list[tuple[Number, ...]] | None:
    """Of all neurons at all samples; the parameters may be any."""
    network = instance.network
    everything = Network.from_edges(network.inputs, network.neurons, network.edges)
    shown = dataclasses.replace(instance, network=everything)
    try:
        return [discrete_outputs(shown, parameters, x) for x in instance.dataset.x]
    except CertificateError:
        return None


def test_real_parameters_within_the_margin_are_discrete_solutions() -> None:
    """Accepted exactly if the nearest setting fits and the real network computes the same as it does."""
    rng = random.Random(2)
    seen: Counter[str] = Counter()
    for _ in range(150):
        instance = bounded_instance(rng)
        continuous = continuous_of(instance)
        for _ in range(20):
            start = embed(continuous, random_parameters(rng, instance))
            parameters = perturbed(rng, continuous, start)
            total = total_loss(continuous, parameters)
            nearest = Parameters(
                {e: near(instance.weights[e], parameters.biases[q]) for e, q in continuous.weight_vertices.items()},
                {v: near(instance.biases[v], parameters.biases[q]) for v, q in continuous.bias_vertices.items()},
            )
            real = Parameters(
                {edge: parameters.weights[edge] for edge in instance.network.edges},
                {v: instance.bias_sign * parameters.biases[v] for v in instance.network.neurons},
            )
            loss = loss_or_none(instance, nearest)
            same = values_of(instance, real) == values_of(instance, nearest)
            accepted = loss is not None and loss <= instance.bound and same  # type: ignore[operator]
            assert (total <= continuous.margin) == accepted
            seen["accepted" if accepted else "rejected"] += 1
            if accepted:
                assert decode(continuous, parameters) == nearest
                assert loss == total - instance.dataset.total_weight
                seen["other real parameters"] += real != nearest
            else:
                with pytest.raises(CertificateError, match="is above"):
                    decode(continuous, parameters)
    assert seen.total() > 3000
    assert min(seen.values()) > 100


def near(values: tuple[Number, ...], number: Number) -> Number:
    """The nearest value, the greater one of two."""
    return min(values, key=lambda value: (max(value - number, number - value), -value))


def test_outputs_that_are_no_trace() -> None:
    rng = random.Random(3)
    seen: Counter[str] = Counter()
    while seen.total() < 300:
        instance = bounded_instance(rng)
        continuous = continuous_of(instance)
        parameters = embed(continuous, random_parameters(rng, instance))
        for x, y in zip(instance.dataset.x, instance.dataset.y, strict=True):
            values = outputs_at(continuous, parameters, x)
            if values is None:
                continue
            kinds = {
                "neuron": list(instance.network.neurons),
                "constant": [continuous.constant],
                "snap": [*continuous.weight_vertices.values(), *continuous.bias_vertices.values()],
            }
            kind = rng.choice(list(kinds))
            vertex = rng.choice(kinds[kind])
            changed = {**values, vertex: values[vertex] + Fraction(1, 1009)}
            assert loss_of(continuous, changed, x, y) == continuous.margin + 1
            seen[kind] += 1
    assert min(seen.values()) > 20


def test_what_the_construction_adds() -> None:
    rng = random.Random(4)
    for _ in range(60):
        instance = bounded_instance(rng)
        continuous = continuous_of(instance)
        count = len(instance.network.edges) + len(instance.network.neurons)
        network = continuous.network
        assert network.inputs == instance.network.inputs
        assert len(network.neurons) == len(instance.network.neurons) + count + 1
        assert set(network.outputs) == set(network.neurons)
        assert len(network.edges) == len(instance.network.edges) + count + 1
        assert {v: continuous.activations[v] for v in instance.network.neurons} == instance.activations
        assert continuous.activations[continuous.constant] == Constant(0)
        for edge, q in continuous.weight_vertices.items():
            assert network.predecessors[q] == (continuous.constant,)
            assert continuous.activations[q] == snapping(instance.weights[edge])
        for v, q in continuous.bias_vertices.items():
            assert network.predecessors[q] == (continuous.constant,)
            assert continuous.activations[q] == snapping(instance.biases[v])
        assert continuous.margin == instance.bound + sum(instance.dataset.weight)  # type: ignore[operator]


def test_snapping() -> None:
    assert snapping((3,)) == Step((), (3,))
    assert snapping((-1, 0, 4)) == Step((Fraction(-1, 2), 2), (-1, 0, 4))
    rng = random.Random(5)
    for _ in range(200):
        values = tuple(sorted({Fraction(rng.randint(-9, 9), rng.randint(1, 3)) for _ in range(rng.randint(1, 5))}))
        number = Fraction(rng.randint(-50, 50), 4)
        assert snapping(values).value(number) == near(values, number)


def test_names_that_are_taken() -> None:
    network = {
        "inputs": ["c", "q1"],
        "outputs": ["q2", "c'"],
        "edges": [{"from": "c", "to": "q2"}, {"from": "q1", "to": "c'"}],
    }
    instance = qnnt.d_nnt(network, [[1, 2]], [[1, 2]], weights=[0, 1], bias=[0], activation="identity", margin=0)
    continuous = continuous_of(instance)
    assert continuous.constant == "c''"
    assert sorted(continuous.network.neurons) == ["c'", "c''", "q1'", "q2", "q2'", "q3", "q4"]
    solution = qnnt.solve(instance).solution
    assert solution is not None
    assert decode(continuous, embed(continuous, solution.parameters)) == solution.parameters


def test_biases_of_d_qnnt_are_subtracted() -> None:
    instance = qnnt.d_qnnt(3, [1, 1], [[1], [0]], [[0], [1]], error_bound=0)
    continuous = continuous_of(instance)
    parameters = Parameters({("x1", "o1"): -1}, {"o1": -1})
    assert judge(instance, parameters) == 0
    real = embed(continuous, parameters)
    assert real.biases["o1"] == 1
    assert real.biases[continuous.bias_vertices["o1"]] == -1
    assert total_loss(continuous, real) == 2


def test_no_samples_and_masked_labels_and_weights() -> None:
    nothing = qnnt.d_nnt([1, 1], [], [], weights=[0, 1], bias=[0], activation="relu", margin=0)
    parameters = Parameters({("x1", "o1"): 1}, {"o1": 0})
    continuous = continuous_of(nothing)
    assert continuous.margin == total_loss(continuous, embed(continuous, parameters)) == 0
    assert decode(continuous, embed(continuous, parameters)) == parameters
    masked = qnnt.d_nnt(
        [1, 1], [[1], [2]], [[None], [5]], weights=[0, 1], bias=[0], activation="relu", loss="absolute",
        weight=[7, 2], margin=6,
    )  # fmt: skip
    continuous = continuous_of(masked)
    assert continuous.margin == 15
    assert total_loss(continuous, embed(continuous, parameters)) == 15


def test_an_instance_without_a_bound() -> None:
    with pytest.raises(InputError, match="the instance has no bound"):
        continuous_of(qnnt.d_qnnt(3, [1, 1], [[0]], [[0]]))


def small() -> Instance:
    return qnnt.d_qnnt(3, [1, 1, 1], [[1], [0]], [[0], [1]], error_bound=0, name="not")


def test_parameters_of_another_network() -> None:
    continuous = continuous_of(small())
    real = embed(continuous, Parameters({("x1", "h1_1"): -1, ("h1_1", "o1"): 1}, {"h1_1": -1, "o1": 0}))
    assert total_loss(continuous, real) == 2
    for weights, biases, complaint in (
        ({**real.weights, ("x1", "o1"): 0}, real.biases, "the network has no edge x1->o1"),
        (real.weights, {**real.biases, "x1": 0}, "the network has no vertex x1"),
        ({e: w for e, w in real.weights.items() if e[0] != "h1_1"}, real.biases, "the weight of h1_1->o1 is missing"),
        (real.weights, {v: b for v, b in real.biases.items() if v != "q4"}, "the bias of q4 is missing"),
    ):
        with pytest.raises(CertificateError, match=complaint):
            total_loss(continuous, Parameters(weights, biases))


def test_files_come_back() -> None:
    rng = random.Random(6)
    problems = set()
    for _ in range(40):
        instance = bounded_instance(rng)
        problems.add(instance.problem)
        document = document_around(document_of(instance))
        again = continuous_from(copy.deepcopy(document))
        assert again == continuous_of(instance)
        assert again.discrete.sha256
        parameters = perturbed(rng, again, embed(again, random_parameters(rng, instance)))
        assert solution_from(solution_document(parameters)) == parameters
    assert problems == set(Problem)


KEYS = ("constant", "data", "format", "instance", "loss", "margin", "name", "network", "snaps")
Q1 = "$.network.activations.q1"
NUMBER = 'expected an integer or a rational string such as "3/2"'


def changed(path: list[str | int], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(document_around(document_of(small())))
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (["format"], "x", "$.format: expected 'qnnt-continuous/1', got 'x'"),
        (["instance"], None, "the key 'instance' is missing"),
        (["instance"], 3, "$.instance: expected an object, got 3"),
        (["instance", "d"], 1, "$.instance.d: expected an integer of at least 2, got 1"),
        (["instance", "error_bound"], None, "$.instance: the instance has no bound, which the real one is made from"),
        (["instance", "error_bound"], 1, "$.loss.no_trace: the instance makes it 4, not 3"),
        (["margin"], 3, "$.margin: the instance makes it 2, not 3"),
        (["constant"], None, "the key 'constant' is missing"),
        (["colour"], 3, f"unknown key 'colour'; known keys: {', '.join(sorted(KEYS))}"),
        (["network", "edges", 0, "to"], "o1", "$.network.edges[0].to: the instance makes it 'h1_1', not 'o1'"),
        (["network", "inputs"], [], "$.network.inputs: the instance makes it a list of 1, not a list of 0"),
        (["network", "activations", "q1", "values", 0], 0, f"{Q1}.values[0]: the instance makes it -1, not 0"),
        (["snaps", "q1", "weight"], "x1->o1", "$.snaps.q1.weight: the instance makes it 'x1->h1_1', not 'x1->o1'"),
        (["snaps", "q1"], None, "$.snaps: the key 'q1' is missing"),
        (["data", "labels", 1, "y", 0], 0, "$.data.labels[1].y[0]: the instance makes it 1, not 0"),
    ],
)  # fmt: skip
def test_complaints_about_files(path: list[str | int], value: Any, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        continuous_from(changed(path, value))
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ([], "expected an object, got a list of 0"),
        ({"format": "qnnt-result/1"}, "$.format: expected 'qnnt-continuous-solution/1', got 'qnnt-result/1'"),
        ({"weights": {}}, "the key 'bias' is missing"),
        ({"weights": {}, "bias": {}, "x": 1}, "unknown key 'x'; known keys: bias, format, weights"),
        ({"weights": {"a": 1}, "bias": {}}, "$.weights.a: expected a key such as 'x1->h1_1', got 'a'"),
        ({"weights": {"a->b": True}, "bias": {}}, f"$.weights['a->b']: {NUMBER}, got true"),
        ({"weights": {}, "bias": {"b": "1/0"}}, "$.bias.b: the denominator of '1/0' is zero"),
    ],
)  # fmt: skip
def test_complaints_about_solutions(document: Any, complaint: str) -> None:
    if isinstance(document, dict):
        document = {"format": "qnnt-continuous-solution/1", **document}
    with pytest.raises(InputError) as caught:
        solution_from(document)
    assert str(caught.value) == complaint
