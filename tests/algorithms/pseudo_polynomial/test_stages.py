"""Stages of two-layer networks: their sums are exactly those of all parameters, and lead back to parameters."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import qnnt
from qnnt.algorithms.pseudo_polynomial.stages import AdditiveView, additive_view
from qnnt.algorithms.states.effort import StateLimitError
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.evaluation import activate, check_parameters, evaluate
from qnnt.exact import Number
from qnnt.fuzzing.tiny import all_parameters
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance, Parameters
from qnnt.simplification.general_form import general_form
from qnnt.simplification.pipeline import simplify

INSTANCES = [*range(150), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(150, 3000))]


def two_layer(seed: int) -> Instance:
    return random_two_layer(random.Random(f"two layers {seed}"))


def final_sums(instance: Instance, view: AdditiveView, parameters: Parameters) -> tuple[Number, ...] | None:
    """What the outputs' activations are applied to, by the definition; None where a neuron is undefined."""
    network = instance.network
    columns = []
    for x in view.inputs:
        values: dict[str, Number] = dict(zip(network.inputs, x, strict=True))
        sums: dict[str, Number] = {}
        for v in network.neurons:
            total = parameters.biases[v] + sum(parameters.weights[u, v] * values[u] for u in network.predecessors[v])
            final = v in network.outputs and not network.successors[v]
            try:
                values[v] = total if final else activate(instance.activations[v], total)
            except CertificateError:
                return None
            sums[v] = values[v]
        columns.append([sums[o] for o in network.outputs])
    return tuple(column[t] for t in range(len(network.outputs)) for column in columns)


def exact(view: AdditiveView, numerators: Any) -> tuple[Number, ...]:
    p = len(view.inputs)
    return tuple(Fraction(int(k), view.units[c // p]) for c, k in enumerate(numerators))


def all_choices(view: AdditiveView) -> Any:
    """One row number for each member of each stage."""
    places = [range(len(stage.rows)) for stage in view.stages for _ in stage.members]
    for flat in itertools.product(*places):
        rest = iter(flat)
        yield [[next(rest) for _ in stage.members] for stage in view.stages]


def sums_of(view: AdditiveView, choices: Any) -> Any:
    total = view.constant.copy()
    for stage, rows in zip(view.stages, choices, strict=True):
        total += stage.rows[list(rows)].sum(axis=0)
    return total


def check(instance: Instance) -> None:
    """All rows give all sums, each with parameters that make it, and the losses agree."""
    view = additive_view(instance)
    for stage in view.stages:
        assert len(stage.rows) != 1
        assert stage.rows.tolist() == sorted(map(list, set(map(tuple, stage.rows.tolist()))))
        assert stage.rows.shape[1] == len(view.units) * len(view.inputs) == len(view.constant)
    wanted = set()
    for parameters in all_parameters(instance):
        sums = final_sums(instance, view, parameters)
        if sums is not None:
            wanted.add(sums)
            assert exact(view, sums_of(view, view.choices(parameters))) == sums
    found = set()
    for choices in all_choices(view):
        total = sums_of(view, choices)
        parameters = view.parameters(choices)
        check_parameters(instance, parameters)
        assert final_sums(instance, view, parameters) == exact(view, total)
        found.add(exact(view, total))
        assert loss_of(view, total) == loss_or_none(instance, parameters)
        assert view.choices(parameters) == tuple(map(tuple, choices))
    assert found == wanted
    assert view.feasible == bool(wanted)


def loss_of(view: AdditiveView, total: Any) -> Number | None:
    """The sum over the inputs, both ways."""
    p = len(view.inputs)
    joint = [view.loss_of(i, [int(k) for k in total[i::p]]) for i in range(p)]
    if view.separable:
        single = [view.loss_at(c // p, c % p, int(k)) for c, k in enumerate(total)]
        assert (None in single) == (None in joint)
        assert None in single or sum(single) == sum(joint)  # type: ignore[arg-type]
    return None if None in joint else sum(joint)  # type: ignore[arg-type]


def loss_or_none(instance: Instance, parameters: Parameters) -> Number | None:
    try:
        return evaluate(instance, parameters)
    except CertificateError:
        return None


@pytest.mark.parametrize("seed", INSTANCES)
def test_all_rows_give_all_sums(seed: int) -> None:
    instance = two_layer(seed)
    check(general_form(instance).instance)
    check(simplify(instance).instance)


# --- which stages there are ----------------------------------------------------------------------


def subset_sum(items: list[int], target: int) -> Instance:
    """Weights 0 or an item into identity neurons that are added up."""
    names = [f"h{i}" for i in range(len(items))]
    edges = [{"from": "x", "to": h, "weights": [0, a]} for h, a in zip(names, items, strict=True)]
    edges += [{"from": h, "to": "o", "weights": [1]} for h in names]
    network = {"inputs": ["x"], "outputs": ["o"], "edges": edges}
    return qnnt.d_nnt(network, [[1]], [[target]], weights=[1], bias=[0], activation="identity", loss="absolute")


def test_subset_sums_of_large_numbers() -> None:
    items = [2**40 + 3**i for i in range(20)]
    view = additive_view(simplify(subset_sum(items, 5 * 2**40)).instance)
    assert [stage.rows.tolist() for stage in view.stages] == [[[0], [a]] for a in items]
    parameters = view.parameters([[i % 2] for i in range(20)])
    assert [parameters.weights["x", f"h{i}"] for i in range(20)] == [a if i % 2 else 0 for i, a in enumerate(items)]
    assert view.loss_at(0, 0, 5 * 2**40 - 7) == 7


def test_equal_items_are_members_of_one_stage() -> None:
    view = additive_view(subset_sum([5, 7, 5, 5], 12))
    assert sorted((stage.rows.tolist(), len(stage.members)) for stage in view.stages) == [
        ([[0], [5]], 3),
        ([[0], [7]], 1),
    ]


def test_exact_cover_has_a_stage_per_set() -> None:
    """An identity neuron that chooses among twenty columns: not 2^20 rows."""
    rng = random.Random(1)
    x = [[rng.randint(0, 1) for _ in range(20)] for _ in range(12)]
    instance = qnnt.d_nnt([20, 1, 1], x, [[1]] * 12, weights=[1], bias=[0], activation="identity", loss="squared")
    weights = {edge: (0, 1) if edge[1].startswith("h") else (1,) for edge in instance.network.edges}
    view = additive_view(simplify(instance.derive(weights=weights)).instance)
    assert sum(len(stage.members) for stage in view.stages) == 20
    assert {len(stage.rows) for stage in view.stages} == {2}


def test_a_neuron_with_one_pattern_has_a_stage_per_edge() -> None:
    network = {
        "inputs": ["x"],
        "outputs": [f"o{t}" for t in range(12)],
        "edges": [{"from": "x", "to": "h", "weights": [1]}, *({"from": "h", "to": f"o{t}"} for t in range(12))],
    }
    weights = list(range(-4, 5))
    instance = qnnt.d_nnt(network, [[3]], [[0] * 12], weights=weights, bias=[0], activation="relu", loss="absolute")
    view = additive_view(instance)
    assert [len(stage.rows) for stage in view.stages] == [9] * 12
    rng = random.Random(0)
    choices = [[rng.randrange(9)] for _ in range(12)]
    parameters = view.parameters(choices)
    assert evaluate(instance, parameters) == loss_of(view, sums_of(view, choices))


def relus(k: int, **changes: Any) -> Instance:
    options: dict[str, Any] = {"weights": [-1, 0, 1], "bias": [0], "activation": "relu", "loss": "absolute"}
    return qnnt.d_nnt([3, k, 1], [[3, 14, -9], [7, -2, 20]], [[5], [6]], **{**options, **changes})


def test_alike_neurons_are_members_of_one_stage() -> None:
    view = additive_view(relus(50))
    (stage,) = view.stages
    assert stage.members == tuple(f"h1_{i + 1}" for i in range(50))
    assert len(stage.rows) <= 27 * 3


@pytest.mark.parametrize("activation", ["relu", "identity", {"type": "leaky", "negative": "1/10", "positive": 1}])
def test_ranges_that_cannot_be_walked_along(activation: Any) -> None:
    large = [0, 10**12 + 1, -(10**15)]
    instance = qnnt.d_nnt([2, 2, 1], [[1, 3], [2, 5]], [[1], [2]], weights=large, bias=large, activation=activation)
    hidden = qnnt.d_nnt([2, 1, 1], [[1, 3]], [[1]], weights=large, bias=large, activation=activation, loss="absolute")
    with pytest.raises(UnsupportedError, match="could need more than 60 bits"):
        additive_view(instance)
    small = {edge: (-1, 1, 2) if edge[0].startswith("h") else values for edge, values in hidden.weights.items()}
    check(hidden.derive(weights=small))


# --- degenerate and refused ----------------------------------------------------------------------


def test_no_samples() -> None:
    view = additive_view(qnnt.d_nnt([2, 2, 1], [], [], weights=[0, 1], bias=[0], activation="relu"))
    assert view.stages == ()
    assert view.constant.shape == (0,)
    assert evaluate(view.instance, view.parameters([])) == 0


def test_no_choice() -> None:
    instance = qnnt.d_nnt([2, 2, 1], [[1, 2]], [[9]], weights=[2], bias=[1], activation="relu", loss="absolute")
    view = additive_view(instance)
    assert view.stages == ()
    assert view.constant.tolist() == [2 * 2 * 7 + 1]
    assert view.loss_at(0, 0, 29) == 20


def test_a_table_that_is_never_defined_leaves_an_empty_stage() -> None:
    activation = {"type": "table", "values": [[7, 1]]}
    view = additive_view(qnnt.d_nnt([1, 1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation=activation))
    assert not view.feasible
    assert [len(stage.rows) for stage in view.stages] == [0]


def test_a_table_that_feeds_no_output_is_a_constraint() -> None:
    network = {
        "inputs": ["x"],
        "outputs": ["o", "q"],
        "edges": [{"from": "x", "to": "h"}, {"from": "h", "to": "q"}, {"from": "x", "to": "o"}],
        "neurons": {"h": {"activation": {"type": "table", "values": [[2, 1]]}}},
    }
    instance = qnnt.d_nnt(
        network, [[1]], [[3, None]], weights=[1, 2, 3], bias=[0], activation="identity", loss="absolute"
    )
    simplified = simplify(instance).instance
    assert simplified.network.outputs == ("o",)
    check(simplified)
    assert additive_view(simplified).parameters([[0]]).weights["x", "h"] == 2


@pytest.mark.parametrize(
    "edges",
    [
        [("x", "g"), ("g", "h"), ("h", "o")],
        [("x", "g"), ("g", "p"), ("p", "o")],
    ],
)
def test_three_layers_are_refused(edges: list[tuple[str, str]]) -> None:
    network = {"inputs": ["x"], "outputs": ["o", "p"], "edges": [{"from": u, "to": v} for u, v in edges]}
    instance = qnnt.d_nnt(network, [[1]], [[1, 1]], weights=[0, 1], bias=[0], activation="relu")
    with pytest.raises(UnsupportedError, match=r"more than two layers: [hp], .* reads the neuron g"):
        additive_view(instance)


def test_rows_without_end_are_refused() -> None:
    with pytest.raises(StateLimitError, match="more than 20 rows of h1_1"):
        additive_view(relus(3), most_rows=20)
    wide = qnnt.d_nnt([16, 1, 1], [[3**i for i in range(16)]], [[0]], weights=[0, 1, 2], bias=[0], activation="relu")
    with pytest.raises(StateLimitError, match="too many partial sums at h1_1"):
        additive_view(wide)


def test_large_numbers_are_refused_before_they_overflow() -> None:
    for weights, x in (([2**61], 1), ([2**31], 2**30), ([1, 2**50], 2**9 + 1)):
        instance = qnnt.d_nnt([1, 2, 1], [[x]], [[0]], weights=weights, bias=[0], activation="relu", loss="absolute")
        with pytest.raises(UnsupportedError, match="60 bits"):
            additive_view(instance)


def test_general_form_is_asked_for() -> None:
    with pytest.raises(ValueError, match="general form"):
        additive_view(qnnt.d_qnnt(2, [1, 1], [[0]], [[0]]))


def test_rows_do_not_depend_on_the_order_of_the_data() -> None:
    instance = relus(3)
    data = instance.dataset
    turned = instance.derive(dataset=type(data)(data.x[::-1], data.y[::-1], data.weight))
    rows, other = (np.array(additive_view(some).stages[0].rows.tolist()) for some in (instance, turned))
    assert sorted(map(tuple, rows[:, ::-1].tolist())) == sorted(map(tuple, other.tolist()))
