"""Deleted weights change nothing at any neuron and sample; the smallest number is that of a plain loop."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np
import pytest

from qnnt.activations import Clip, Leaky, Polynomial, Relu, Step, Table
from qnnt.algorithms.neuron_demands import demands, equal_runs, neurons
from qnnt.algorithms.pruning import Pruned, prune, sparsest
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError
from qnnt.evaluation import activate, check_parameters, evaluate
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS, random_activation
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Instance, Parameters, z_d


def activations(instance: Instance, parameters: Parameters) -> list[dict[str, Number]]:
    """The value of every input and neuron at every sample, by the judge's definitions."""
    found = []
    for x in instance.dataset.x:
        values = dict(zip(instance.network.inputs, x, strict=True))
        for v in instance.network.neurons:
            total = instance.bias_sign * parameters.biases[v]
            for u, target in instance.network.edges:
                if target == v:
                    total += parameters.weights[u, v] * values[u]
            values[v] = activate(instance.activations[v], total)
        found.append(values)
    return found


def nonzeros(instance: Instance, parameters: Parameters, neuron: str) -> int:
    return sum(parameters.weights[u, neuron] != 0 for u in instance.network.predecessors[neuron])


def fewest_by_a_loop(instance: Instance, parameters: Parameters, neuron: str) -> int:
    """Of all weights and biases of a neuron that give what it says at every sample."""
    before = instance.network.predecessors[neuron]
    wanted = activations(instance, parameters)
    best = len(before)
    for *weights, bias in itertools.product(*(instance.weights[u, neuron] for u in before), instance.biases[neuron]):
        if sum(w != 0 for w in weights) >= best:
            continue
        for values in wanted:
            total = instance.bias_sign * bias + sum(w * values[u] for w, u in zip(weights, before, strict=True))
            try:
                if activate(instance.activations[neuron], total) != values[neuron]:
                    break
            except CertificateError:
                break
        else:
            best = sum(w != 0 for w in weights)
    return best


def assert_pruned(instance: Instance, parameters: Parameters) -> Pruned:
    """Both functions: sound, and each at least as good as what it starts from."""
    before = activations(instance, parameters)
    deleted, chosen = prune(instance, parameters), sparsest(instance, parameters)
    assert deleted.biases == parameters.biases
    for edge, weight in deleted.weights.items():
        assert weight in (parameters.weights[edge], 0)
    for found in (deleted, chosen.parameters):
        check_parameters(instance, found)
        assert activations(instance, found) == before
    for v in instance.network.neurons:
        counts = [nonzeros(instance, found, v) for found in (chosen.parameters, deleted, parameters)]
        assert counts == sorted(counts)
    assert prune(instance, deleted) == deleted
    assert sparsest(instance, parameters) == chosen
    return chosen


def admissible(rng: random.Random, instance: Instance) -> Parameters | None:
    for _ in range(20):
        parameters = random_parameters(rng, instance)
        try:
            activations(instance, parameters)
        except CertificateError:
            continue
        return parameters
    return None


@pytest.mark.parametrize("block", range(10))
def test_the_fewest_are_those_of_a_loop(block: int) -> None:
    checked = 0
    for seed in range(30):
        rng = random.Random(f"pruning {block} {seed}")
        instance = random_instance(rng, most_settings=2000)
        parameters = admissible(rng, instance)
        if parameters is None:
            continue
        checked += 1
        chosen = assert_pruned(instance, parameters)
        assert all(chosen.exact.values())
        for v in instance.network.neurons:
            assert nonzeros(instance, chosen.parameters, v) == fewest_by_a_loop(instance, parameters, v)
    assert checked >= 20


def one_neuron(rng: random.Random, name: str) -> Instance:
    """Up to six edges, many of them alike, up to four inputs."""
    sets: list[list[Any]] = [[-1, 0, 1], [0, 1], [0, 2, 3], [-1, 1], [-2, 0, "1/2"], [0], [2]]
    width = rng.randint(2, 6)
    chosen = rng.sample(sets, 2)
    x = [[rng.choice([-1, 0, 0, 1, 2, "1/2"]) for _ in range(width)] for _ in range(rng.randint(1, 4))]
    for row in x:
        row[-1] = row[0]
    edges = [{"from": f"x{i + 1}", "to": "o1", "weights": rng.choice(chosen)} for i in range(width)]
    edges[-1]["weights"] = edges[0]["weights"]
    half = {Fraction(k, 2) for k in range(-2 * 24, 2 * 24 + 1)}
    activation = random_activation(rng, name, rational=True, reached=half | {k / 2 for k in half})
    bias: list[Any] = rng.choice([[0], [-1, 0, 1], ["1/2", 2]])
    return d_nnt({"layers": [width, 1], "edges": edges}, x, [[0]] * len(x), bias=bias, activation=activation)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation(name: str) -> None:
    fewer = 0
    for seed in range(25):
        rng = random.Random(f"one neuron {name} {seed}")
        instance = one_neuron(rng, name)
        parameters = admissible(rng, instance)
        if parameters is not None:
            chosen = assert_pruned(instance, parameters)
            assert chosen.exact == {"o1": True}
            best = fewest_by_a_loop(instance, parameters, "o1")
            assert nonzeros(instance, chosen.parameters, "o1") == best
            fewer += best < nonzeros(instance, parameters, "o1")
    assert fewer


CROWDED: dict[str, Any] = {
    "identity": "identity", "relu": "relu", "clip": {"type": "clip", "low": 0, "high": 2}, "sign": "sign",
    "leaky": {"type": "leaky", "negative": -1, "positive": 1}, "threshold": "threshold",
    "step": {"type": "step", "breaks": [-2, 1, 4], "values": [1, 0, 2, 1]},
    "polynomial": {"type": "polynomial", "coefficients": [0, -1, 1]},
}  # fmt: skip


@pytest.mark.parametrize("name", CROWDED)
def test_neurons_that_need_several_weights(name: str) -> None:
    """Groups of equal edges, sets with and without 0, and numbers that one weight alone does not reach."""
    needed = []
    for seed in range(40):
        rng = random.Random(f"crowded {name} {seed}")
        width, p = rng.randint(5, 8), rng.randint(2, 4)
        columns = [[rng.choice([-2, -1, 0, 1, 2]) for _ in range(p)] for _ in range(rng.randint(2, width))]
        columns += [rng.choice(columns) for _ in range(width - len(columns))]
        sets = rng.sample([[-1, 0, 1], [0, 1], [0, 1, 3], [-2, 0, 1], [-1, 1], [1, 2], [1, 3]], 3)
        edges = [{"from": f"x{i + 1}", "to": "o1", "weights": rng.choice(sets)} for i in range(width)]
        bias = rng.choice([[0], [-1, 0, 1], [0, 4]])
        x = list(zip(*columns, strict=True))
        instance = d_nnt({"layers": [width, 1], "edges": edges}, x, [[0]] * p, bias=bias, activation=CROWDED[name])
        parameters = random_parameters(rng, instance)
        chosen = assert_pruned(instance, parameters)
        assert chosen.exact == {"o1": True}
        best = fewest_by_an_array(instance, parameters)
        assert nonzeros(instance, chosen.parameters, "o1") == best
        needed.append(best - sum(0 not in values for values in instance.weights.values()))
    assert max(needed) >= 2


def fewest_by_an_array(instance: Instance, parameters: Parameters) -> int:
    """Of all settings of a network of one neuron."""
    settings = np.array(list(itertools.product(*instance.weights.values(), *instance.biases.values())))
    columns = np.array([*zip(*instance.dataset.x, strict=True), [1] * len(instance.dataset)])
    totals, back = np.unique(settings @ columns, return_inverse=True)
    said = np.array([activate(instance.activations["o1"], int(t)) for t in totals])[back].reshape(len(settings), -1)
    wanted = np.array([values["o1"] for values in activations(instance, parameters)])
    return int((settings[(said == wanted).all(axis=1)][:, :-1] != 0).sum(axis=1).min())


# --- special cases -------------------------------------------------------------------------------


def all_ones(instance: Instance) -> Parameters:
    return Parameters(dict.fromkeys(instance.weights, 1), dict.fromkeys(instance.biases, 0))


def test_without_samples_all_that_can_be_0_is_0() -> None:
    network = {"layers": [2, 2, 1], "edges": [{"from": "x1", "to": "h1_1", "weights": [1, 2]}]}
    instance = d_nnt(network, [], [], weights=[0, 1], bias=[0, 3], activation="relu")
    for found in (prune(instance, all_ones(instance)), assert_pruned(instance, all_ones(instance)).parameters):
        assert {edge for edge, weight in found.weights.items() if weight} == {("x1", "h1_1")}
        assert found.weights["x1", "h1_1"] == 1


def test_weights_without_0_stay() -> None:
    instance = d_nnt([3, 1], [[1, 1, 1], [0, 5, 0]], [[0], [0]], weights=[-1, 1], bias=[0], activation="threshold")
    chosen = assert_pruned(instance, all_ones(instance))
    assert prune(instance, all_ones(instance)) == chosen.parameters == all_ones(instance)
    assert chosen.exact == {"o1": True}


def test_saturated_neurons_need_no_more_than_the_border() -> None:
    instance = d_qnnt(3, [5, 1], [[1] * 5], [[1]])
    assert sum(prune(instance, all_ones(instance)).weights.values()) == 1
    fixed_bias = instance.derive(biases={"o1": (0,)})
    assert sum(sparsest(fixed_bias, all_ones(instance)).parameters.weights.values()) == 1
    assert not any(sparsest(instance, all_ones(instance)).parameters.weights.values())  # the bias does it


def test_what_cancels_goes_and_the_rest_is_kept_exactly() -> None:
    x = [[1, -1, 2, 0], [3, -3, 1, 0]]
    instance = d_nnt([4, 1], x, [[0]] * 2, weights=[0, 1, 2], bias=[0], activation="identity")
    found = prune(instance, all_ones(instance))
    assert list(found.weights.values()) == [0, 0, 1, 0]


def test_parameters_that_are_not_admissible_are_refused() -> None:
    table = {"type": "table", "values": [[0, 0]]}
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[0, 1], bias=[0], activation=table)
    for function in (prune, sparsest):
        with pytest.raises(CertificateError, match="neuron o1: a pre-activation is outside the domain of table"):
            function(instance, all_ones(instance))
        with pytest.raises(CertificateError, match="missing"):
            function(instance, Parameters({}, {}))


def test_a_budget_leaves_what_deletion_leaves() -> None:
    rng = random.Random("budget")
    instance, parameters = wide(3, 4, rng, 40)
    for budget in (0, 10**4, 10**5, 10**6):
        small = sparsest(instance, parameters, budget)
        assert activations(instance, small.parameters) == activations(instance, parameters)
        for v, exact in small.exact.items():
            if not exact:
                assert nonzeros(instance, small.parameters, v) == nonzeros(instance, prune(instance, parameters), v)
    assert not all(sparsest(instance, parameters, 0).exact.values())


@pytest.mark.parametrize("large", [2**20, 2**61, Fraction(2**61, 3)])
def test_large_numbers(large: Number) -> None:
    """Beyond 64 bits there is deletion only."""
    weights: Sequence[Any] = [-large, 0, 1, large]
    x: list[list[Any]] = [[1, 1, 7, 0], [2, 2, large, 0]]
    instance = d_nnt([4, 1], x, [[0]] * 2, weights=weights, bias=[0, large], activation="relu")
    parameters = Parameters(dict(zip(instance.weights, [large, -large, 1, large], strict=True)), {"o1": 0})
    chosen = assert_pruned(instance, parameters)
    assert list(chosen.parameters.weights.values()) == [0, 0, 1, 0]
    assert chosen.exact["o1"] == (large == 2**20)


def test_where_a_value_is_taken() -> None:
    assert equal_runs(Relu(), 0, -5, 5, 1) == [(-5, 0)]
    assert equal_runs(Relu(), 2, -5, 9, 2) == [(4, 4)]
    assert equal_runs(Relu(), 2, -5, 9, 1) == [(2, 2)]
    assert equal_runs(Clip(0, 2), 2, -5, 9, 1) == [(2, 9)]
    assert equal_runs(Leaky(-1, 1), 3, -5, 5, 1) == [(-3, -3), (3, 3)]
    assert equal_runs(Leaky(-1, 1), 3, -2, 2, 1) == []
    assert equal_runs(Step((0, 1), (5, 5, 5)), 5, -3, 3, 1) == [(-3, 3)]
    assert equal_runs(Step((-1, 1), (5, 0, 5)), 5, -3, 3, 1) == [(-3, -2), (1, 3)]
    assert equal_runs(Table(((0, 1), (1, 1), (3, 1), (4, 0))), 1, -1, 9, 1) == [(0, 1), (3, 3)]
    assert equal_runs(Polynomial((0, 0, 1)), 4, -9, 9, 2) == [(-4, -4), (4, 4)]
    assert equal_runs(Polynomial((0, 0, 1)), 4, -(10**6), 10**6, 1) is None


def test_too_many_pieces_leave_the_pre_activation_alone() -> None:
    square = {"type": "polynomial", "coefficients": [0, 0, 1]}
    instance = d_nnt([3, 1], [[1, 2, -2]], [[0]], weights=[0, 1, 10**6], bias=[0], activation=square)
    chosen = assert_pruned(instance, all_ones(instance))
    assert list(chosen.parameters.weights.values()) == [1, 0, 0]
    assert chosen.exact == {"o1": False}


def test_demands_merge_what_a_neuron_cannot_tell_apart() -> None:
    instance = d_nnt([2, 1], [[1, 1], [1, 1], [0, 0], [5, 0]], [[0]] * 4, weights=[0, 1], bias=[0], activation="relu")
    (neuron,) = neurons(instance, all_ones(instance))
    wanted = demands(neuron, [(0, 1), (0, 1)], [0], ([1, 1], 0))
    assert wanted.patterns.tolist() == [[1, 5], [1, 0]]  # nothing but 0 comes of (0, 0)
    assert (wanted.lows.tolist(), wanted.highs.tolist()) == ([[2, 5]], [[2, 5]])
    assert wanted.met(np.array([[2, 5], [2, 4]])).tolist() == [True, False]


# --- how far it reaches --------------------------------------------------------------------------


def wide(d: int, p: int, rng: random.Random, fan_in: int = 200) -> tuple[Instance, Parameters]:
    """Few neurons that read all of many inputs, and random parameters."""
    inputs = [f"x{i}" for i in range(fan_in)]
    hidden = [f"h{i}" for i in range(rng.randint(0, 3))]
    outputs = [f"o{i}" for i in range(rng.randint(1, 2))]
    pairs = [*itertools.product(inputs, hidden + outputs), *itertools.product(hidden, outputs)]
    x: list[tuple[int, ...]] = []
    while len(x) < p:
        x.append(tuple(rng.choices(z_d(d), k=fan_in)))
    network = {"inputs": inputs, "outputs": outputs, "edges": [{"from": u, "to": v} for u, v in pairs]}
    instance = d_qnnt(d, network, x, [[0] * len(outputs)] * p)
    return instance, random_parameters(rng, instance)


def degrees(instance: Instance, parameters: Parameters) -> list[int]:
    return [nonzeros(instance, parameters, v) for v in instance.network.neurons]


def assert_reach(networks: int) -> None:
    """`networks` per d, with 1 to 4 distinct inputs in turn."""
    for d in (2, 3, 4, 5):
        deleted, chosen = [], []
        for seed in range(networks):
            p = 1 + seed % 4
            instance, parameters = wide(d, p, random.Random(f"reach {d} {seed}"))
            before = activations(instance, parameters)
            found = prune(instance, parameters), sparsest(instance, parameters).parameters
            assert all(activations(instance, each) == before for each in found)
            assert all(evaluate(instance, each) == evaluate(instance, parameters) for each in found)
            most = max(d // 2 * max(z_d(d)), d // 2 * -min(z_d(d)), 2 * (d // 2))
            assert max(degrees(instance, found[0])) <= 2 * (2 * p * most + 1) ** p
            deleted += degrees(instance, found[0])
            chosen += degrees(instance, found[1])
        assert median(chosen) < 5
        assert median(deleted) < 5


def test_few_weights_are_left_of_wide_networks() -> None:
    assert_reach(6)


@pytest.mark.full
def test_few_weights_are_left_of_200_wide_networks() -> None:
    assert_reach(50)
