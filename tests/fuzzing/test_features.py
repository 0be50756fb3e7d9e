"""What is said about instances is true, and the fuzz stream leaves nothing out."""

from __future__ import annotations

import random
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest

from qnnt.activations import Activation
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError
from qnnt.evaluation import activate
from qnnt.exact import Number, reduced
from qnnt.fuzzing.drawing import draw, drawn_from
from qnnt.fuzzing.features import FEATURES, features_of
from qnnt.fuzzing.functions import ACTIVATIONS, LOSSES
from qnnt.fuzzing.reach import Reach, before, columns, images, listed
from qnnt.fuzzing.tiny import random_parameters
from qnnt.instance import Instance
from qnnt.losses import Loss

SEED = 1
COUNT = 2000

TABLE = {"type": "table", "values": [[0, 1], [1, 2]]}


def test_the_stream_reaches_every_feature() -> None:
    shapes: defaultdict[str, set[str]] = defaultdict(set)
    for number in range(COUNT):
        drawn = draw(SEED, number)
        for feature in features_of(drawn.instance):
            shapes[feature].add(drawn.shape)
    assert sorted(shapes) == list(FEATURES)
    for name in FEATURES:
        if name.startswith(("activation ", "loss ")):
            assert len(shapes[name]) >= 5, f"{name} is drawn by {sorted(shapes[name])} only"


def test_every_function_of_the_format_has_its_feature() -> None:
    activations = {kind.name for kind in Activation.__subclasses__() if kind.__module__ == Activation.__module__}
    losses = {kind.name for kind in Loss.__subclasses__() if kind.__module__ == Loss.__module__}
    assert activations == set(ACTIVATIONS)
    assert losses == set(LOSSES)
    assert {f"activation {name}" for name in activations} | {f"loss {name}" for name in losses} <= set(FEATURES)


def test_features_are_sorted_and_distinct() -> None:
    assert list(FEATURES) == sorted(set(FEATURES))


def one_neuron(**changes: Any) -> Instance:
    """w * x + b with two values each, on (1, 0) and (2, 1)."""
    network = changes.pop("network", [1, 1])
    x, y = changes.pop("x", [[1], [2]]), changes.pop("y", [[0], [1]])
    return d_nnt(network, x, y, **{"weights": [0, 1], "bias": [0, 1], "activation": "relu", **changes})


PLAIN = {"d-nnt", "layers", "no hidden neuron", "activation relu", "loss mismatch"}
"""The features of `one_neuron`."""


def test_of_d_qnnt_layers() -> None:
    instance = d_qnnt(3, [2, 2, 1], [[0, 1], [1, 0]], [[1], [None]], error_bound=0)
    expected = {"d-qnnt", "layers", "activation relu_d", "loss mismatch", "alike neurons", "masked label"}
    assert features_of(instance) == expected | {"bound", "bound 0"}


def test_of_large_d() -> None:
    expected = {"d-qnnt", "layers", "activation relu_d", "loss mismatch", "no hidden neuron"}
    assert features_of(d_qnnt(5, [1, 1], [[0], [1]], [[0], [1]])) == expected
    assert features_of(d_qnnt(7, [1, 1], [[0], [1]], [[0], [1]])) == expected | {"large d"}
    assert features_of(d_qnnt(8, [1, 1], [[0], [1]], [[0], [1]])) == expected | {"large d", "large set"}


def test_of_a_graph() -> None:
    edges = [("x1", "h"), ("h", "o1"), ("o1", "o2"), ("x1", "o2")]
    network = {
        "inputs": ["x1", "a b"],
        "outputs": ["o1", "o2", "o3"],
        "edges": [{"from": u, "to": v} for u, v in edges],
    }
    instance = one_neuron(network=network, x=[[1, 0], [2, 0]], y=[[0, 0, 0], [1, 1, 1]])
    expected = {"graph", "skip edge", "several outputs", "output with out-edges", "unread input", "odd name"}
    assert features_of(instance) == PLAIN - {"layers", "no hidden neuron"} | expected | {"neuron without in-edges"}


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, set()),
        ({"margin": 0}, {"bound", "bound 0"}),
        ({"margin": "1/2"}, {"bound", "rational bound"}),
        ({"margin": 3}, {"bound"}),
        ({"weights": [0, "1/2"]}, {"rational weight"}),
        ({"weights": [0, 2**31]}, {"huge parameter"}),
        ({"weights": [0, 2**31 - 1]}, set()),
        ({"bias": [0, -(2**31)]}, {"huge parameter"}),
        ({"bias": [0, "1/3"]}, {"rational bias"}),
        ({"weights": [0]}, {"singleton set", "zero weights"}),
        ({"weights": [0], "bias": [0]}, {"singleton set", "zero weights", "only singletons"}),
        ({"weights": [1, 2]}, {"set without zero"}),
        ({"weights": [-1, -2]}, {"set without zero", "negative set"}),
        ({"bias": list(range(8))}, {"large set"}),
        ({"x": [], "y": []}, {"no sample"}),
        ({"x": [[3]], "y": [[0]]}, {"one sample"}),
        ({"y": [[None], [1]]}, {"masked label"}),
        ({"y": [[None], [None]]}, {"masked label", "all labels masked"}),
        ({"weight": [1, 1]}, set()),
        ({"weight": [1, 2]}, {"weighted sample"}),
        ({"weight": [1, 2**31]}, {"weighted sample", "huge sample weight"}),
        ({"x": [[1], [1]]}, {"duplicate input", "conflicting labels"}),
        ({"x": [[1], [1]], "y": [[0], [0]]}, {"duplicate input"}),
        ({"x": [[1], [1]], "y": [[0], [None]]}, {"duplicate input", "masked label"}),
        ({"x": [[1], ["1/2"]]}, {"rational data"}),
        ({"x": [[1], [-(2**40)]]}, {"huge data"}),
        ({"y": [[1], ["1/2"]]}, {"rational label"}),
        ({"y": [[1], [f"1/{2**31}"]]}, {"rational label", "huge label"}),
    ],
)
def test_of_sets_and_data(changes: dict[str, Any], more: set[str]) -> None:
    assert features_of(one_neuron(**changes)) == PLAIN | more


@pytest.mark.parametrize(
    ("activation", "more"),
    [
        ({"type": "leaky", "negative": 2, "positive": 1}, set()),
        ({"type": "leaky", "negative": -2, "positive": 1}, {"negative slope"}),
        ({"type": "leaky", "negative": 0, "positive": "1/2"}, {"fractional slope", "rational constant"}),
        ({"type": "step", "breaks": [2**31], "values": [0, 1]}, {"huge constant"}),
        ({"type": "clip", "low": 0, "high": "3/2"}, {"rational constant"}),
        ({"type": "table", "values": [[t, 1] for t in range(4)]}, set()),
        ({"type": "table", "values": [[t, 1] for t in range(3)]}, {"partial table"}),
        ({"type": "table", "values": [[7, 1]]}, {"partial table", "empty image"}),
    ],
)
def test_of_activations(activation: dict[str, Any], more: set[str]) -> None:
    expected = PLAIN - {"activation relu"} | {f"activation {activation['type']}"} | more
    assert features_of(one_neuron(activation=activation)) == expected


@pytest.mark.parametrize(
    ("loss", "more"),
    [
        ("absolute", set()),
        ({"type": "hinge", "margin": "1/2"}, {"rational constant"}),
        ({"type": "table", "values": [[t, y, 1] for t in range(4) for y in (0, 1)]}, set()),
        ({"type": "table", "values": [[t, y, 1] for t in range(3) for y in (0, 1)]}, {"partial loss table"}),
        ({"type": "accept", "sets": [[0, [[0, 2**40]]], [1, [[]]]]}, {"huge constant"}),
    ],
)
def test_of_losses(loss: Any, more: set[str]) -> None:
    name = loss if isinstance(loss, str) else loss["type"]
    assert features_of(one_neuron(loss=loss)) == PLAIN - {"loss mismatch"} | {f"loss {name}"} | more


def test_nothing_is_partial_without_samples() -> None:
    found = features_of(one_neuron(x=[], y=[], activation=TABLE, loss={"type": "table", "values": []}))
    assert not found & {"partial table", "empty image", "partial loss table"}


def test_of_shapes_of_networks() -> None:
    row = [[0] * 6, [1] * 6]
    assert "wide" in features_of(one_neuron(network=[6, 1], x=row))
    assert "wide" not in features_of(one_neuron(network=[5, 1], x=[x[:5] for x in row]))
    assert {"wide", "alike neurons", "many alike neurons"} <= features_of(one_neuron(network=[1, 6, 1]))
    assert features_of(one_neuron(network=[1, 3, 1])) >= {"alike neurons"}
    assert "many alike neurons" not in features_of(one_neuron(network=[1, 3, 1]))
    assert "deep" in features_of(one_neuron(network=[1, 1, 1, 1, 1]))
    assert "deep" not in features_of(one_neuron(network=[1, 1, 1, 1]))


# --- what neurons can take ------------------------------------------------------------------------


def within(value: Number, reach: Reach) -> bool:
    whole = (value * reach.denominator).denominator == 1
    among = reach.values is None or value in reach.values
    return whole and among and reach.low <= value <= reach.high


def followed(instance: Instance) -> dict[str, Reach]:
    """The values of inputs and neurons, as far as they are known."""
    known = columns(instance.network, instance.dataset.x)
    for v in instance.network.neurons:
        biases = tuple(sorted(instance.bias_sign * bias for bias in instance.biases[v]))
        image = images(instance.activations[v], before(instance.network, v, instance.weights, biases, known))
        if image is None:
            break
        known[v] = image
    return known


@pytest.mark.parametrize("shape", ["tiny", "deep", "graph", "rational", "huge", "wide", "singletons"])
def test_reach_holds_every_value(shape: str) -> None:
    held = unlisted = 0
    for number in range(60):
        rng = random.Random(f"reach {shape} {number}")
        instance = drawn_from(shape, rng)
        known = followed(instance)
        for _ in range(10):
            parameters = random_parameters(rng, instance)
            for x in instance.dataset.x:
                values: dict[str, Number] = dict(zip(instance.network.inputs, x, strict=True))
                for v in instance.network.neurons:
                    if v not in known:
                        break
                    total = instance.bias_sign * parameters.biases[v]
                    for u in instance.network.predecessors[v]:
                        total += parameters.weights[u, v] * values[u]
                    try:
                        values[v] = reduced(activate(instance.activations[v], reduced(total)))
                    except CertificateError:
                        break
                    assert within(values[v], known[v])
                    held += 1
                    unlisted += known[v].values is None
    assert held > 500
    assert unlisted < held


def test_reach_of_nothing() -> None:
    assert listed(()) == Reach((), 0, 0, 1)
    instance = one_neuron(x=[], y=[])
    assert followed(instance)["o1"] == Reach((), 0, 0, 1)


def test_size_of_a_reach_counts_numerators_and_denominators() -> None:
    assert listed((Fraction(1, 7),)).size == 7
    assert listed((Fraction(-9, 7), 1)).size == 9
    assert listed((0,)).size == 1
    assert listed((3, Fraction(1, 2))).size == 6
