"""Which networks have layers of interchangeable neurons, and what their layers can hand on."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.algorithms.states.layers import Layers, layers_of
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.fuzzing.functions import random_activation
from qnnt.simplification.pipeline import simplify
from tests.algorithms.states.random_views import Pattern, patterns_by_a_loop, random_pattern, random_view

X = [[0, 1], [1, 1], [1, 0]]


def view_of(
    sizes: Sequence[int] | Mapping[str, Any],
    weights: Sequence[object] = (0, 1),
    bias: Sequence[object] = (-1, 0),
    activation: object = "threshold",
) -> IntegerView:
    """Two inputs, one output."""
    return integer_view(d_nnt(sizes, X, [[0], [1], [1]], weights=weights, bias=bias, activation=activation))


def layers(view: IntegerView) -> Layers:
    found = layers_of(view)
    assert isinstance(found, Layers)
    return found


def refusal(view: IntegerView) -> str:
    found = layers_of(view)
    assert isinstance(found, str)
    return found


def names(view: IntegerView) -> list[list[str]]:
    return [[view.neurons[v].name for v in layer] for layer in layers(view).hidden]


# --- hand-made networks --------------------------------------------------------------------------


def d_qnnt_view(d: int, sizes: Sequence[int]) -> IntegerView:
    x = [[i % (d // 2 + 1)] * sizes[0] for i in range(2)]
    instance = d_qnnt(d, sizes, x, [[i] * sizes[-1] for i in range(2)])
    return integer_view(simplify(instance).instance)


@pytest.mark.parametrize("d", [2, 3, 4, 5])
def test_equal_layers_of_a_d_qnnt_copy_and_repeat(d: int) -> None:
    view = d_qnnt_view(d, [1, 2, 2, 2, 2, 1])
    found = layers(view)
    assert names(view) == [[f"h{k}_1", f"h{k}_2"] for k in (1, 2, 3, 4)]
    assert found.copies == (False, True, True, True)
    assert found.repeats == (False, False, True, True)
    assert found.endless


@pytest.mark.parametrize(
    ("sizes", "copies", "repeats", "endless"),
    [
        ([1, 1], (), (), False),
        ([1, 2, 1], (False,), (False,), False),
        ([1, 2, 2, 1], (False, True), (False, False), False),
        ([1, 2, 2, 2, 1], (False, True, True), (False, False, True), True),
        ([1, 3, 2, 2, 1], (False, False, True), (False, False, False), False),
        ([1, 3, 2, 2, 2, 1], (False, False, True, True), (False, False, False, True), True),
        ([1, 2, 2, 2, 3, 1], (False, True, True, False), (False, False, True, False), False),
        ([1, 1, 1, 1, 2], (False, True, True), (False, False, True), True),
    ],
)
def test_shapes_of_a_d_qnnt(
    sizes: list[int], copies: tuple[bool, ...], repeats: tuple[bool, ...], endless: bool
) -> None:
    found = layers(d_qnnt_view(2, sizes))
    assert (found.copies, found.repeats, found.endless) == (copies, repeats, endless)


@pytest.mark.parametrize(
    ("weights", "bias", "activation", "copies"),
    [
        ([0, 1], [0], "threshold", True),
        ([0, 3], [-1, 0], "threshold", True),
        ([0, 1], [-1, 1], "threshold", False),  # the bias cannot be 0
        ([1, 2], [0], "threshold", False),  # the other neuron's weight cannot be 0
        ([-1, 0], [0], "sign", False),
        ([-1, 0], [0], "threshold", True),  # whose only value is 0
        ([-1, 0, 1], [0], "sign", True),
        ([0, 2], [0], "relu", False),
        ([0, "1/2", 1], [0], "relu", False),  # its values have quarters, those before it halves
        ([0, "1/2"], [0], {"type": "clip", "low": 0, "high": 1}, False),
        ([0, -1], [0], {"type": "step", "breaks": [0], "values": [1, 0]}, True),
        ([0, 1], [0], {"type": "step", "breaks": [1], "values": [1, 0]}, False),
        ([0, 1], [0], {"type": "constant", "value": 7}, True),
        ([0, 1], [0], {"type": "table", "values": [[0, 0], [1, 1]]}, True),
        ([0, 1], [0], {"type": "table", "values": [[0, 5], [1, 1], [2, 1]]}, False),
        ([0, 1], [0], {"type": "table", "values": [[1, 0]]}, False),
        ([0, 1], [0], {"type": "table", "values": [[77, 1]]}, False),
    ],
)
def test_copying_needs_a_weight_for_it_and_zeros(
    weights: list[object], bias: list[object], activation: object, copies: bool
) -> None:
    view = view_of([2, 2, 2, 1], weights, bias, activation)
    assert layers(view).copies == (False, copies)
    assert_promises_hold(view, random.Random(0))


def test_growing_ranges_are_not_endless() -> None:
    found = layers(view_of([2, 2, 2, 2, 1], [0, 1], [0], "relu"))
    assert found.copies == (False, True, True)
    assert found.repeats[2]
    assert not found.endless


def with_sets(sets: Mapping[str, object], biases: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Two hidden layers of two, fully connected; some edges and neurons with sets of their own."""
    ends = [("x1", "a"), ("x2", "a"), ("x1", "b"), ("x2", "b"), ("a", "c"), ("b", "c"), ("a", "d"), ("b", "d")]
    ends += [("c", "o"), ("d", "o")]
    edges = [{"from": u, "to": v, **({"weights": sets[u + v]} if u + v in sets else {})} for u, v in ends]
    neurons = {v: {"bias": bias} for v, bias in (biases or {}).items()}
    return {"inputs": ["x1", "x2"], "outputs": ["o"], "edges": edges, "neurons": neurons}


@pytest.mark.parametrize(
    ("sets", "biases", "words"),
    [
        ({"ac": [0, 2]}, {}, "the weights that lead into c from one layer have different sets"),
        ({"co": [0, 2]}, {}, "the weights that lead into o from one layer have different sets"),
        ({"x1a": [0, 2]}, {}, "a and b of one layer differ in their sets or activations"),
        ({}, {"d": [0]}, "c and d of one layer differ in their sets or activations"),
        (
            {"x1b": [0, "1/2"], "x2b": [0, "1/2"]},
            {"a": [0], "b": [0]},
            "a and b of one layer differ in their sets or activations",
        ),
        ({"ac": [0, 2], "bc": [0, 2]}, {}, "c and d of one layer differ in their sets or activations"),
    ],
)
def test_different_sets_are_refused(sets: dict[str, object], biases: dict[str, object], words: str) -> None:
    assert refusal(view_of(with_sets(sets, biases))) == words


def test_different_activations_are_refused() -> None:
    network = with_sets({})
    network["neurons"] = {"b": {"activation": "sign"}}
    assert refusal(view_of(network)) == "a and b of one layer differ in their sets or activations"


def test_equal_sets_of_a_whole_layer_are_taken() -> None:
    sets = {end: [0, 1, 2] for end in ("ac", "ad", "bc", "bd")}
    view = view_of(with_sets(sets, {"c": [0], "d": [0]}))
    found = layers(view)
    assert names(view) == [["a", "b"], ["c", "d"]]
    assert (found.copies, found.repeats, found.endless) == ((False, True), (False, False), False)


def from_edges(outputs: Sequence[str], *ends: str) -> dict[str, Any]:
    edges = [{"from": u, "to": v} for u, v in (end.split(">") for end in ends)]
    return {"inputs": ["x1", "x2"], "outputs": list(outputs), "edges": edges}


@pytest.mark.parametrize(
    ("network", "neuron"),
    [
        (from_edges("o", "x1>a", "x1>b", "a>c", "b>c", "a>d", "c>o", "d>o"), "d"),  # an edge is missing
        (from_edges("o", "x1>a", "a>c", "c>o", "a>o"), "o"),  # one skips a layer
        (from_edges("o", "x1>a", "a>c", "a>e", "e>c", "c>o"), "c"),
        (from_edges("o", "x1>a", "x1>b", "a>o"), "b"),
    ],
)
def test_what_is_not_fully_connected_is_refused(network: dict[str, Any], neuron: str) -> None:
    if neuron == "b":  # b would be on no path: it has to be an output
        network["outputs"] = ["o", "b"]
    view = integer_view(
        d_nnt(network, X, [[0] * len(network["outputs"])] * 3, weights=[0, 1], bias=[0], activation="threshold")
    )
    assert refusal(view) == f"the network is not layered and fully connected: see {neuron}"


def test_outputs_that_are_read_are_refused() -> None:
    network = from_edges(["o", "q"], "x1>a", "a>o", "a>q", "o>q")
    view = integer_view(d_nnt(network, X, [[0, 0]] * 3, weights=[0, 1], bias=[0], activation="sign"))
    assert refusal(view) == "the network is not layered and fully connected: see q"


def test_inputs_may_be_read_anywhere() -> None:
    network = from_edges("o", "x1>a", "a>b", "x2>b", "b>o", "x1>o")
    assert names(view_of(network)) == [["a"], ["b"]]


# --- promises ------------------------------------------------------------------------------------


def made_of(view: IntegerView, v: int, sources: Sequence[Pattern]) -> set[Pattern]:
    """What neuron v makes of the patterns of a layer."""
    return patterns_by_a_loop(view, v, sources)


def assert_promises_hold(view: IntegerView, rng: random.Random) -> None:
    found = layers(view)
    assert len(found.hidden) == len(found.copies) == len(found.repeats)
    for k, layer in enumerate(found.hidden):
        before = found.hidden[k - 1] if k else ()
        states = [tuple(random_pattern(rng, view.neurons[u]) for u in before) for _ in range(3)]
        for state in states:
            assert len({frozenset(made_of(view, v, state)) for v in layer}) == 1
            if found.copies[k] and all(is_defined(view, before[0], pattern) for pattern in state):
                assert set(state) <= made_of(view, layer[0], state)
        if found.repeats[k]:
            assert found.copies[k]
            for _ in range(3):
                state = tuple(random_pattern(rng, view.neurons[u]) for u in found.hidden[k - 2])
                assert made_of(view, before[0], state) == made_of(view, layer[0], state)
    assert not found.endless or found.repeats[-1]


def is_defined(view: IntegerView, v: int, pattern: Pattern) -> bool:
    """Whether all values are ones that the neuron has; what stands in for undefined ones may not be."""
    runs = view.neurons[v].runs
    return set(pattern) <= set(runs.values[runs.defined].tolist())


@pytest.mark.parametrize("block", range(4))
def test_what_layers_promise_holds(block: int) -> None:
    rng = random.Random(f"layers {block}")
    copies = 0
    for _ in range(40):
        name = rng.choice(["relu_d", "threshold", "sign", "clip", "step", "relu", "identity", "constant"])
        activation = random_activation(rng, name, rng.random() < 0.3, None)
        weights = rng.sample([-2, -1, 0, 0, 1, 2, "1/2"], rng.randint(1, 3))
        sizes = [2, *rng.choice([[1, 1], [2, 2], [1, 1, 1], [2, 2, 2], [2, 1]]), 1]
        view = view_of(sizes, sorted(set(weights), key=str), rng.choice([[0], [0, 1], [1]]), activation)
        assert_promises_hold(view, rng)
        copies += any(layers(view).copies)
    assert copies


def test_what_random_networks_promise_holds() -> None:
    rng = random.Random("random layers")
    taken = 0
    for _ in range(150):
        view = random_view(rng)
        if isinstance(layers_of(view), Layers):
            taken += 1
            assert_promises_hold(view, rng)
    assert 30 <= taken < 150


@pytest.mark.parametrize("activation", ["threshold", "sign", "identity", {"type": "clip", "low": -1, "high": 2}])
@pytest.mark.parametrize("width", [1, 2])
def test_endless_layers_stay_as_they_are(activation: object, width: int) -> None:
    shallow, deep = (view_of([2, *[width] * depth, 1], [-1, 0, 1], [0, 1], activation) for depth in (3, 4))
    if not layers(shallow).endless:
        assert activation == "identity"
        return
    assert layers(deep).endless
    assert layers(deep).repeats == (*layers(shallow).repeats, True)
    last, further = (view.neurons[layers(view).hidden[-1][0]] for view in (shallow, deep))
    assert (last.least.tolist(), last.greatest.tolist()) == (further.least.tolist(), further.greatest.tolist())
    assert (last.unit, last.runs.denominator) == (further.unit, further.runs.denominator)
    assert last.runs.values.tolist() == further.runs.values.tolist()
