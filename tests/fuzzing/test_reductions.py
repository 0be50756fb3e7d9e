from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnnt.activations import Clip, ReluD
from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.exact import Number, reduced
from qnnt.fuzzing.reductions.blocks import blocks
from qnnt.fuzzing.reductions.catalogue import GENERAL, REDUCTIONS, Reduction, neighbours
from qnnt.fuzzing.reductions.naming import plainly_named
from qnnt.fuzzing.reductions.numbers import simpler_numbers, smaller_counts
from qnnt.fuzzing.reductions.sizes import cost_of, size_of
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Instance, Problem
from qnnt.simplification.general_form import general_form

NUMBERS = st.one_of(st.integers(-(2**62), 2**62), st.fractions(max_denominator=50).map(reduced))
BY_NAME = {reduction.name: reduction for reduction in REDUCTIONS}
MOST = 50
"""Neighbours of one instance by one reduction that are looked at."""
EQUIVALENT = ("neurons_as_inputs", "constant_edges", "merged_samples", "plain_names")
"""What keeps the smallest loss."""

ONE_NEURON = {"inputs": ["x1"], "outputs": ["o1"], "edges": []}
MASKED: list[list[object]] = [[None, None], [None, 1], [0, None]]
DEGENERATE = [
    d_nnt([1, 1], [], [], weights=[0], bias=[0], activation="identity"),
    d_nnt([2, 2, 2], [], [], weights=["1/2", -1], bias=[0, 1], activation="relu", margin="7/3", name="no samples"),
    d_nnt(ONE_NEURON, [[5]], [[3]], bias=[3], activation="sign"),
    d_nnt(ONE_NEURON, [[0], [0]], [[3], [4]], bias=[3, 4], activation={"type": "table", "values": [[3, 3]]}),
    d_nnt([1, 1], [[1]] * 3, [[1], [2], [1]], weights=[1], bias=[0], activation="identity", weight=[1, 2**62, 2**62]),
    d_nnt([1, 2], [[1], [1], [0]], MASKED, weights=[1, 2], bias=["-1/3"], activation="threshold", loss="linf"),
    d_nnt([1, 1], [[2**62]], [[-(2**62)]], weights=[0], bias=["1/4611686018427387904"], activation="identity"),
    d_nnt([1, 1, 1], [[1]], [[1]], weights=[1], bias=[0], activation={"type": "table", "values": [[7, 0]]}),
    d_nnt([1, 1], [[1]], [[1]], weights=[1], bias=[0], activation="sign", loss={"type": "table", "values": []}),
    d_nnt([1, 1], [[1]], [[None]], weights=[1], bias=[0], activation="sign", loss={"type": "accept", "sets": []}),
    d_nnt([1, 1], [[1]], [[1]], weights=[1], bias=[0], activation={"type": "step", "breaks": [], "values": ["1/2"]}),
    d_nnt(
        {
            "inputs": ["a b", "é"],
            "outputs": ["{", "0"],
            "edges": [{"from": "{", "to": "h"}, {"from": "a b", "to": "h"}, {"from": "h", "to": "0"}],
        },
        [[1, 2]],
        [[0, 1]],
        weights=[1],
        bias=[0],
        activation="relu",
    ),
    d_qnnt(2, [1, 1], [], []),
    d_qnnt(5, [1, 1, 1], [[-2], [-2]], [[2], [None]], weight=[1, 9], error_bound=7),
    d_qnnt(3, {"inputs": ["x", "unread"], "outputs": ["o"], "edges": []}, [[0, 1]], [[-1]]),
]


@cache
def samples() -> tuple[Instance, ...]:
    """Random tiny instances and the degenerate ones."""
    rng = random.Random("reductions 1")
    return (*(random_instance(rng, most_samples=3, most_settings=12) for _ in range(60)), *DEGENERATE)


# --- parts ---------------------------------------------------------------------------------------


@given(st.integers(0, 40))
def test_blocks_cover_the_list_ever_finer(count: int) -> None:
    rounds: list[list[int]] = []
    for block in blocks(count):
        if block.start == 0:
            rounds.append([])
        rounds[-1] += block
    assert all(positions == list(range(count)) for positions in rounds)
    assert len(rounds) <= count.bit_length() + 1
    singles = list(blocks(count))[-count:] if count else []
    assert all(len(block) == 1 for block in singles)
    assert [*blocks(count)][:1] == ([range(count)] if count else [])


@given(st.integers(0, 2**62))
def test_smaller_counts_come_nearer(count: int) -> None:
    found = list(smaller_counts(count))
    assert found == sorted(set(found))
    assert all(0 < smaller < count for smaller in found)
    assert (count - 1 in found) == (count > 1)


@given(NUMBERS)
def test_simpler_numbers_cost_less(number: Number) -> None:
    found = list(simpler_numbers(number))
    assert len(set(found)) == len(found)
    assert all(cost_of(simpler) < cost_of(number) for simpler in found)
    assert bool(found) == (number != 0)
    assert all(isinstance(simpler, int) or simpler.denominator > 1 for simpler in found)


def test_simpler_numbers_by_example() -> None:
    assert list(simpler_numbers(0)) == []
    assert list(simpler_numbers(1)) == [0]
    assert list(simpler_numbers(-1)) == [0, 1]
    assert list(simpler_numbers(-9)) == [0, 1, -1, 9, -5, -7, -8]
    assert list(simpler_numbers(Fraction(5, 3))) == [0, 1, -1, 2, Fraction(3, 2), Fraction(4, 3)]


def test_plain_names_are_plain_already() -> None:
    for instance in samples():
        once = plainly_named(instance.network).network
        assert plainly_named(once).network == once
        assert len(once.edges) == len(instance.network.edges)


def test_sizes_by_example() -> None:
    instance = d_nnt(
        {"inputs": ["a", "b"], "outputs": ["o"], "edges": [{"from": "a", "to": "h"}, {"from": "h", "to": "o"}]},
        [["-3/2", 1], [0, 0]],
        [[2], [None]],
        weights=[-1, "1/2"],
        bias=[0],
        activation={"type": "clip", "low": 0, "high": 4},
        loss={"type": "hinge", "margin": 3},
        weight=[1, 6],
        margin=9,
        name="abc",
    )
    size = size_of(instance)
    assert size[:7] == (2, 2, 2, 2, 1, 4, 1)
    assert size.functions == 2 * (3 + 2) + (5 + 1)
    assert size.denominators == 2 + 1
    assert size.magnitude == 2 * (3 + 2) + (7 + 2) + 4 + 2 * 8 + 6 + 10 + 18
    assert size[-2:] == (1, 4)


# --- every reduction -----------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=lambda reduction: reduction.name)
def test_neighbours_are_legal_and_smaller(reduction: Reduction) -> None:
    found = 0
    for instance in samples():
        size = size_of(instance)
        for neighbour in islice(reduction.neighbours(instance), MOST):
            found += 1
            assert size_of(neighbour) < size
            assert neighbour.settings <= instance.settings
            assert instance_from(document_of(neighbour)) == neighbour
            if reduction != GENERAL:
                assert neighbour.problem is instance.problem
    assert found >= 5


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=lambda reduction: reduction.name)
def test_neighbours_are_numbered_by_drafts(reduction: Reduction) -> None:
    for instance in samples()[:20]:
        numbered = list(islice(reduction.numbered(instance), 12))
        assert [neighbour for _, neighbour in numbered] == list(islice(reduction.neighbours(instance), 12))
        for place, (first, _) in list(enumerate(numbered))[::4]:
            assert list(islice(reduction.numbered(instance, first), 12 - place)) == numbered[place:]


@pytest.mark.parametrize("name", EQUIVALENT)
def test_the_smallest_loss_stays(name: str) -> None:
    rng = random.Random(f"equivalent {name}")
    found = 0
    for _ in range(150):
        instance = random_instance(rng, problem=Problem.D_NNT, most_samples=3, most_settings=100)
        if rng.random() < 0.5:  # so that columns are constant
            instance = first_sample_alone(instance)
        if name == "merged_samples":
            instance = each_twice(instance)
        if name == "neurons_as_inputs":
            instance = with_half_its_sets_single(instance)
        for neighbour in BY_NAME[name].neighbours(instance):
            found += 1
            assert minimum(neighbour).loss == minimum(instance).loss
    assert found >= 20


def with_half_its_sets_single(instance: Instance) -> Instance:
    """The first half of the neurons has no choice."""
    network = instance.network
    first = network.neurons[: (len(network.neurons) + 1) // 2]
    weights = {(u, v): values[:1] if v in first else values for (u, v), values in instance.weights.items()}
    return instance.derive(weights=weights, biases={**instance.biases} | {v: instance.biases[v][:1] for v in first})


def first_sample_alone(instance: Instance) -> Instance:
    data = instance.dataset
    return instance.derive(dataset=dataclasses.replace(data, x=data.x[:1], y=data.y[:1], weight=data.weight[:1]))


def each_twice(instance: Instance) -> Instance:
    data = instance.dataset
    return instance.derive(dataset=dataclasses.replace(data, x=data.x * 2, y=data.y * 2, weight=data.weight * 2))


def test_the_general_form_of_d_qnnt_has_the_same_losses() -> None:
    rng = random.Random("general form")
    for _ in range(40):
        instance = random_instance(rng, problem=Problem.D_QNNT, most_settings=300)
        general = instance_from(document_of(general_form(instance).instance))
        assert general.problem is Problem.D_NNT
        assert minimum(general).loss == minimum(instance).loss
        assert size_of(general).settings == size_of(instance).settings


def test_d_qnnt_leads_to_smaller_sets_by_its_general_form_alone() -> None:
    instance = d_qnnt(2, [1, 1], [[1]], [[1]])
    found = [neighbour for neighbour in neighbours(instance) if neighbour.problem is Problem.D_NNT]
    assert {neighbour.biases["o1"] for neighbour in found} >= {(-1,), (0,), (-1, 0)}
    assert list(BY_NAME["fewer_values"].neighbours(instance)) == []


# --- single reductions by example ----------------------------------------------------------------


def networks(name: str, instance: Instance) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], set[tuple[str, str]]]]:
    for neighbour in BY_NAME[name].neighbours(instance):
        network = neighbour.network
        yield network.inputs, network.outputs, set(network.edges)


def graph(*edges: str, outputs: tuple[str, ...] = ("o",)) -> Instance:
    """An instance on edges such as ``ab``; inputs are x and y."""
    network = {"inputs": ["x", "y"], "outputs": list(outputs), "edges": [{"from": e[0], "to": e[1]} for e in edges]}
    y = [[1] * len(outputs), [2] * len(outputs)]
    return d_nnt(network, [[1, 2], [3, 4]], y, weights=[1, 2], bias=[0], activation="relu")


def test_samples_are_dropped_in_blocks() -> None:
    instance = graph("xo", "yo")
    kept = [neighbour.dataset.x for neighbour in BY_NAME["fewer_samples"].neighbours(instance)]
    assert kept == [(), ((3, 4),), ((1, 2),)]


def test_an_output_is_dropped_with_what_only_it_needs_or_hidden() -> None:
    instance = graph("xh", "hp", "xo", "op", outputs=("o", "p"))
    found = list(networks("fewer_outputs", instance))
    both = ("x", "y")
    assert found == [
        (both, ("p",), {("x", "h"), ("h", "p")}),
        (both, ("o",), {("x", "o")}),
        (both, ("p",), {("x", "h"), ("h", "p"), ("x", "o"), ("o", "p")}),
    ]


def test_accepted_values_follow_their_outputs() -> None:
    loss = {"type": "accept", "sets": [[1, [[5], [6, 7]]]]}
    instance = d_nnt([1, 2], [[1]], [[1, 1]], weights=[1], bias=[0], activation="relu", loss=loss)
    found = [document_of(neighbour)["loss"] for neighbour in BY_NAME["fewer_outputs"].neighbours(instance)]
    assert found == [{"type": "accept", "sets": [[1, [[6, 7]]]]}, {"type": "accept", "sets": [[1, [[5]]]]}]


def test_a_hidden_neuron_goes_with_those_that_need_it() -> None:
    instance = graph("xg", "gh", "ho", "yo")
    assert list(networks("fewer_hidden_neurons", instance)) == [(("x", "y"), ("o",), {("y", "o")})] * 3


def test_a_bypass_leads_around_a_neuron_and_keeps_other_edges() -> None:
    instance = graph("xh", "yh", "ho", "xo")
    found = list(networks("bypassed_neurons", instance))
    assert found
    assert all(part == (("x", "y"), ("o",), {("x", "o"), ("y", "o")}) for part in found)


def test_no_bypass_has_more_edges() -> None:
    for instance in samples():
        for neighbour in BY_NAME["bypassed_neurons"].neighbours(instance):
            assert len(neighbour.network.edges) <= len(instance.network.edges)
            assert len(neighbour.network.neurons) < len(instance.network.neurons)


def test_a_chain_keeps_its_first_function() -> None:
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "h", "weights": [3]}, {"from": "h", "to": "o", "weights": [4]}],
        "neurons": {
            "h": {"bias": [5], "activation": "relu"},
            "o": {"bias": [6], "activation": {"type": "constant", "value": 1}},
        },
    }
    (found,) = BY_NAME["contracted_chains"].neighbours(d_nnt(network, [[1]], [[1]]))
    assert found.weights == {("x", "o"): (3,)}
    assert found.biases == {"o": (5,)}
    assert found.activations["o"].name == "relu"


def test_layers_without_a_neuron_are_layers() -> None:
    instance = d_qnnt(2, [2, 3, 2, 1], [[0, 1]], [[1]])
    found = {neighbour.network.layers for neighbour in BY_NAME["fewer_hidden_neurons"].neighbours(instance)}
    assert {(2, 2, 2, 1), (2, 3, 1, 1)} <= found
    assert (1, 3, 2, 1) in {neighbour.network.layers for neighbour in BY_NAME["fewer_inputs"].neighbours(instance)}


def test_an_unread_input_goes_with_its_column() -> None:
    first = next(BY_NAME["fewer_inputs"].neighbours(graph("yo")))
    assert first.network.inputs == ("y",)
    assert first.dataset.x == ((2,), (4,))


def test_a_known_neuron_becomes_an_input_with_its_values() -> None:
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "h", "weights": [2]}, {"from": "h", "to": "o"}, {"from": "x", "to": "o"}],
        "neurons": {"h": {"bias": [1], "activation": "relu"}},
    }
    instance = d_nnt(network, [[1], [-3]], [[1], [0]], weights=[0, 1], bias=[0], activation="identity")
    (found,) = BY_NAME["neurons_as_inputs"].neighbours(instance)
    assert found.network.inputs == ("x", "h")
    assert found.dataset.x == ((1, 3), (-3, 0))
    assert set(found.network.edges) == {("x", "o"), ("h", "o")}


def test_no_neuron_becomes_an_input_where_it_is_undefined() -> None:
    table = {"type": "table", "values": [[1, 1]]}
    instance = d_nnt([1, 1, 1], [[1], [2]], [[1], [0]], weights=[1], bias=[0], activation=table)
    assert list(BY_NAME["neurons_as_inputs"].neighbours(instance)) == []
    defined = first_sample_alone(instance)
    assert [neighbour.dataset.x for neighbour in BY_NAME["neurons_as_inputs"].neighbours(defined)] == [((1, 1),)]


def test_products_with_a_constant_go_to_the_bias() -> None:
    instance = d_nnt([1, 1], [[3], [3]], [[1], [0]], weights=[0, "1/3"], bias=[-1, 5], activation="identity")
    (found,) = BY_NAME["constant_edges"].neighbours(instance)
    assert found.biases == {"o1": (-1, 0, 5, 6)}
    assert found.network.edges == ()


def test_d_and_the_data_shrink_together() -> None:
    instance = d_qnnt(5, [1, 1], [[-2], [2]], [[2], [None]])
    found = {neighbour.d: neighbour.dataset for neighbour in BY_NAME["smaller_d"].neighbours(instance)}
    assert set(found) == {2, 3, 4}
    assert found[2].x == ((0,), (1,))
    assert found[2].y == ((1,), (None,))
    assert found[4].x == ((-1,), (2,))


def test_lighter_samples_can_take_the_bound_along() -> None:
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[1], bias=[0], activation="relu", weight=[26], margin=26)
    found = [
        (*neighbour.dataset.weight, neighbour.bound) for neighbour in BY_NAME["lighter_samples"].neighbours(instance)
    ]
    assert found[:2] == [(1, 26), (1, 1)]
    assert (13, 13) in found
    assert (25, 25) in found


def test_a_set_keeps_its_simplest_value() -> None:
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[-2, -1, 3], bias=[7], activation="relu")
    found = [neighbour.weights["x1", "o1"] for neighbour in BY_NAME["fewer_values"].neighbours(instance)]
    assert found == [(-1,), (3,), (-2, -1), (-1, 3), (-2, 3), (-2, -1)]


def test_a_number_is_replaced_wherever_it_stands() -> None:
    table = {"type": "table", "values": [[7, 2]]}
    loss = {"type": "accept", "sets": [[7, [[7, 1]]], [0, [[]]]]}
    instance = d_nnt([1, 1], [[7]], [[7]], weights=[7, 1], bias=[7], activation=table, loss=loss, margin=7)
    found = [document_of(neighbour) for neighbour in BY_NAME["simpler_everywhere"].neighbours(instance)]
    expected = d_nnt(
        [1, 1],
        [[4]],
        [[4]],
        weights=[4, 1],
        bias=[4],
        activation={"type": "table", "values": [[4, 2]]},
        loss={"type": "accept", "sets": [[4, [[4, 1]]], [0, [[]]]]},
        margin=4,
    )
    assert document_of(expected) in found


def test_numbers_shrink_together() -> None:
    instance = d_nnt([1, 1], [[-52]], [["101/2"]], weights=[1], bias=[0], activation="relu")
    found = [(n.dataset.x[0][0], n.dataset.y[0][0]) for n in BY_NAME["smaller_together"].neighbours(instance)]
    assert (-26, 25) in found  # halved
    assert (-3, Fraction(3, 2)) in found  # moved by 49
    assert (-51, Fraction(101, 2)) in found


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("sign", ["identity", "relu", "threshold"]),
        ({"type": "step", "breaks": [0], "values": [0, 0]}, [{"type": "step", "breaks": [], "values": [0]}]),
        ({"type": "polynomial", "coefficients": [1, 0, 0]}, [{"type": "polynomial", "coefficients": [1]}]),
        (
            {"type": "table", "values": [[1, 0], [2, 0]]},
            [{"type": "table", "values": [[1, 0]]}, {"type": "table", "values": [[2, 0]]}],
        ),
        ({"type": "clip", "low": 0, "high": 3}, [{"type": "clip", "low": 0, "high": 1}]),
    ],
)
def test_activations_become_simpler(activation: object, expected: list[object]) -> None:
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[1], bias=[0], activation=activation)
    found = [document_of(n)["defaults"]["activation"] for n in BY_NAME["simpler_activations"].neighbours(instance)]
    assert all(simpler in found for simpler in expected)


def test_numbers_of_activations_become_simpler() -> None:
    instance = d_nnt(
        [1, 2], [[1]], [[0, 0]], weights=[1], bias=[0], activation={"type": "clip", "low": "1/2", "high": 2}
    )
    found = [n.activations["o2"] for n in BY_NAME["simpler_function_numbers"].neighbours(instance)]
    assert Clip(0, 2) in found
    assert Clip(Fraction(1, 2), 1) in found
    assert Clip(Fraction(1, 2), 0) not in found, "upside down"
    quantized = general_form(d_qnnt(3, [1, 1], [[1]], [[1]])).instance
    (found_d,) = BY_NAME["simpler_function_numbers"].neighbours(quantized)
    assert found_d.activations == {"o1": ReluD(2)}


def test_losses_become_simpler() -> None:
    table = {"type": "table", "values": [[0, 0, 1], [1, 0, "1/2"]]}
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[1], bias=[0], activation="relu", loss=table)
    found = [document_of(neighbour)["loss"] for neighbour in BY_NAME["simpler_loss"].neighbours(instance)]
    assert found[:2] == [{"type": "mismatch"}, {"type": "absolute"}]
    assert {"type": "table", "values": []} in found
    assert {"type": "table", "values": [[1, 0, "1/2"]]} in found
    numbers = [document_of(n)["loss"]["values"] for n in BY_NAME["simpler_function_numbers"].neighbours(instance)]
    assert [[0, 0, 1], [1, 0, 0]] in numbers
    assert [[0, 0, 1], [0, 0, "1/2"]] not in numbers


def test_a_label_that_is_used_keeps_its_accepted_values() -> None:
    loss = {"type": "accept", "sets": [[0, [[1]]], [5, [[2, 3]]]]}
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[1], bias=[0], activation="relu", loss=loss)
    found = [document_of(neighbour)["loss"] for neighbour in BY_NAME["simpler_loss"].neighbours(instance)]
    assert {"type": "accept", "sets": [[0, [[1]]]]} in found
    assert {"type": "accept", "sets": [[0, [[]]], [5, [[]]]]} in found
    assert all(document["type"] != "accept" or 0 in dict(document["sets"]) for document in found)
    numbers = [document_of(n)["loss"]["sets"] for n in BY_NAME["simpler_function_numbers"].neighbours(instance)]
    assert [[0, [[1]]], [5, [[0, 3]]]] in numbers
    assert all(0 in dict(sets) for sets in numbers)


def test_the_bound_goes_or_shrinks() -> None:
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[1], bias=[0], activation="relu", margin=8)
    assert [neighbour.bound for neighbour in BY_NAME["without_bound"].neighbours(instance)] == [None]
    assert [neighbour.bound for neighbour in BY_NAME["simpler_bound"].neighbours(instance)] == [0, 1, 4, 6, 7]


def test_the_bound_follows_the_smallest_loss() -> None:
    instance = d_nnt(
        [1, 1], [[1], [2]], [[3], [0]], weights=[1], bias=[0], activation="relu", loss="absolute", margin="9/2"
    )
    found = {
        (len(neighbour.dataset), neighbour.dataset.x[-1:], neighbour.bound)
        for neighbour in BY_NAME["moved_bound"].neighbours(instance)
    }
    assert {(0, (), Fraction(1, 2)), (1, ((1,),), Fraction(5, 2)), (1, ((2,),), Fraction(5, 2))} <= found
    assert (2, ((1,),), Fraction(7, 2)) in found


def test_plain_names_replace_odd_ones() -> None:
    instance = graph("xh", "ho", "yo").derive(name="odd")
    first, second, third = BY_NAME["plain_names"].neighbours(instance)
    assert set(first.network.edges) == {("x1", "h1"), ("h1", "o1"), ("x2", "o1")}
    assert (first.name, second.name, third.name) == ("", "odd", "")
    assert second.network == first.network
    assert third.network == instance.network
