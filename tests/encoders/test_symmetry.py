"""Interchangeable neurons, their canonical arrangement, and the clauses that demand it."""

from __future__ import annotations

import itertools
import random

import pytest

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.symmetry import _lexicographic, canonical
from qnnt.encoders.weights import ParameterCode, parameter_code
from qnnt.evaluation import check_parameters
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Instance, Parameters
from tests.encoders.model_check import solutions
from tests.simplification.equivalence import loss_of


def network(layers: list[int], **changes: object) -> Instance:
    outputs = layers[-1]
    return d_nnt(
        {"layers": layers, **changes}, [[1] * layers[0]], [[1] * outputs], weights=[-1, 1], bias=[0, 1],
        activation="relu",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("instance", "classes"),
    [
        (network([2, 1]), []),
        (network([2, 1, 1]), []),
        (network([2, 3, 1]), [["h1_1", "h1_2", "h1_3"]]),
        (network([1, 2, 3, 2]), [["h1_1", "h1_2"], ["h2_1", "h2_2", "h2_3"]]),
        (network([2, 3, 1], edges=[{"from": "x2", "to": "h1_2", "weights": [0, 1]}]), [["h1_1", "h1_3"]]),
        (network([2, 3, 1], edges=[{"from": "h1_3", "to": "o1", "weights": [0, 1]}]), [["h1_1", "h1_2"]]),
        (network([2, 2, 1], neurons={"h1_1": {"bias": [0]}}), []),
        (network([2, 3, 1], neurons={"h1_1": {"activation": "identity"}}), [["h1_2", "h1_3"]]),
        (network([2, 4, 1], neurons={"h1_1": {"bias": [0]}, "h1_3": {"bias": [0]}}),
         [["h1_1", "h1_3"], ["h1_2", "h1_4"]]),
        # a weight set of the second layer that tells the first layer's neurons apart
        (network([1, 2, 2, 1], edges=[{"from": "h1_1", "to": "h2_1", "weights": [1]}]), []),
        (network([1, 2, 2, 1], edges=[{"from": "h1_1", "to": h, "weights": [1]} for h in ("h2_1", "h2_2")]),
         [["h2_1", "h2_2"]]),
        (d_qnnt(3, [2, 2, 2], [[1, 1]], [[1, 1]]), [["h1_1", "h1_2"]]),
    ],
)  # fmt: skip
def test_classes(instance: Instance, classes: list[list[str]]) -> None:
    assert interchangeable(instance) == classes


def test_skip_edges_tell_neurons_apart() -> None:
    edges = [("x", "h"), ("x", "k"), ("h", "o"), ("k", "o"), ("x", "o")]

    def classes(more: list[tuple[str, str]], outputs: list[str]) -> list[list[str]]:
        body = {"inputs": ["x"], "outputs": outputs, "edges": [{"from": u, "to": v} for u, v in [*edges, *more]]}
        y = [[1] * len(outputs)]
        return interchangeable(d_nnt(body, [[1]], y, weights=[0, 1], bias=[0], activation="relu"))

    assert classes([], ["o"]) == [["h", "k"]]
    assert classes([("h", "k")], ["o"]) == []
    assert classes([("h", "p")], ["o", "p"]) == []
    assert classes([("h", "p"), ("k", "p")], ["o", "p"]) == [["h", "k"]]


def test_outputs_are_never_interchangeable() -> None:
    assert interchangeable(network([2, 2])) == []


def test_canonical_decreases_lexicographically() -> None:
    instance = network([2, 2, 1])
    edges = [("x1", "h1_1"), ("x2", "h1_1"), ("x1", "h1_2"), ("x2", "h1_2")]
    weights: dict[tuple[str, str], Number] = dict(zip(edges, [-1, 1, 1, -1], strict=True))
    weights |= {("h1_1", "o1"): -1, ("h1_2", "o1"): 1}
    moved = canonical(instance, Parameters(weights, {"h1_1": 0, "h1_2": 1, "o1": 0}))
    assert [moved.weights[edge] for edge in edges] == [1, -1, -1, 1]
    assert (moved.weights["h1_1", "o1"], moved.weights["h1_2", "o1"]) == (1, -1)
    assert moved.biases == {"h1_1": 1, "h1_2": 0, "o1": 0}


def test_canonical_keeps_the_loss_and_is_idempotent() -> None:
    moved = 0
    for seed in range(120):
        rng = random.Random(f"canonical {seed}")
        instance = random_instance(rng) if seed % 2 else network([2, 3, 2, 1])
        for _ in range(8):
            parameters = random_parameters(rng, instance)
            arranged = canonical(instance, parameters)
            check_parameters(instance, arranged)
            assert loss_of(instance, arranged) == loss_of(instance, parameters)
            assert canonical(instance, arranged) == arranged
            moved += arranged != parameters
    assert moved > 100


def test_every_permutation_has_the_same_canonical_form() -> None:
    """Both hidden layers at once: the outgoing weights of one are the incoming ones of the next."""
    instance = network([1, 2, 2, 1])
    rng = random.Random(5)
    untied = 0
    for _ in range(30):
        parameters = random_parameters(rng, instance)
        forms = []
        for first in itertools.permutations(["h1_1", "h1_2"]):
            for second in itertools.permutations(["h2_1", "h2_2"]):
                name = dict(zip(["h1_1", "h1_2", "h2_1", "h2_2"], [*first, *second], strict=True))
                weights = {(name.get(u, u), name.get(v, v)): w for (u, v), w in parameters.weights.items()}
                biases = {name.get(v, v): b for v, b in parameters.biases.items()}
                permuted = Parameters(weights, biases)
                assert loss_of(instance, permuted) == loss_of(instance, parameters)
                forms.append(canonical(instance, permuted))
        tied = any(
            vector(instance, parameters, layer + "_1") == vector(instance, parameters, layer + "_2")
            for layer in ("h1", "h2")
        )
        untied += not tied
        assert tied or all(form == forms[0] for form in forms)
    assert untied >= 5


def vector(instance: Instance, parameters: Parameters, v: str) -> tuple[Number, ...]:
    return (*(parameters.weights[u, v] for u in instance.network.predecessors[v]), parameters.biases[v])


VALUES = {2: (-1, 3), 3: (-1, 0, 5), 4: (-2, -1, 0, 1)}


@pytest.mark.parametrize("limit", [9, 1])
@pytest.mark.parametrize(
    "sizes", [*itertools.product((2, 3, 4), repeat=1), *itertools.product((1, 2, 3, 4), repeat=2), (2, 2, 2), (3, 2, 3)]
)
def test_lexicographic_clauses_against_tuples(sizes: tuple[int, ...], limit: int) -> None:
    """With order literals, and with integers where equally spaced sets get them."""
    builder = ModelBuilder()

    def code(size: int) -> ParameterCode:
        return parameter_code(builder, VALUES.get(size, (7,)), limit, "value")

    larger, smaller = [code(size) for size in sizes], [code(size) for size in sizes]
    _lexicographic(builder, larger, smaller)
    allowed = set()
    for row in solutions(builder.build()):
        allowed.add((tuple(c.value_at(row) for c in larger), tuple(c.value_at(row) for c in smaller)))
    everything = list(itertools.product(*[VALUES.get(size, (7,)) for size in sizes]))
    assert allowed == {(a, b) for a in everything for b in everything if a >= b}
