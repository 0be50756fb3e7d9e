"""The integers of a view are those of the judge, scaled; their ranges hold; what does not fit is refused."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from qnnt.activations import Activation
from qnnt.algorithms.states.integer_view import (
    MOST_RUNS,
    ConstantPiece,
    IntegerView,
    Neuron,
    Runs,
    integer_view,
    why_not,
)
from qnnt.algorithms.states.vectors import Integers
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.evaluation import activate, outputs_at
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS
from qnnt.fuzzing.tiny import random_parameters
from qnnt.instance import Instance, Parameters
from qnnt.simplification.pipeline import simplify
from tests.algorithms.states.random_views import Forward, forward, numerators, random_view, star_view


def views(block: str, count: int) -> list[IntegerView]:
    rng = random.Random(block)
    return [random_view(rng) if i % 3 else star_view(rng, rng.choice(ACTIVATIONS)) for i in range(count)]


def constant_contribution(view: IntegerView, neuron: Neuron, piece: ConstantPiece, value: Number) -> Integers:
    """What a parameter contributes by the piece; the row's own value contributes the same."""
    place = None if piece.key is None else view.instance.network.inputs.index(piece.key)
    column: list[Number] = [1 if place is None else x[place] for x in view.inputs]
    wanted = numerators([value * x for x in column], neuron.unit)
    (row,) = np.flatnonzero((piece.choices == wanted).all(axis=1))
    assert numerators([piece.allowed[row] * x for x in column], neuron.unit) == wanted
    contribution: Integers = piece.choices[row].astype(np.int64)
    return contribution


def integer_sums(view: IntegerView, v: int, parameters: Parameters, exact: Forward) -> Integers:
    """A pre-activation, recomputed from the pieces."""
    neuron = view.neurons[v]
    total = np.zeros(len(view.inputs), np.int64)
    for piece in neuron.constants:
        key = piece.key
        value = parameters.biases[neuron.name] if key is None else parameters.weights[key, neuron.name]
        total += constant_contribution(view, neuron, piece, value)
    for edge in neuron.edges:
        source = view.neurons[edge.source]
        factor = edge.factors[edge.allowed.index(parameters.weights[source.name, neuron.name])]
        added = factor * np.array(numerators(exact.values[edge.source], source.runs.denominator), np.int64)
        assert (edge.least <= added).all()
        assert (added <= edge.greatest).all()
        total += added
    return total


def assert_agrees(view: IntegerView, parameters: Parameters) -> bool:
    """All integers are those of the forward pass; False where that is undefined."""
    exact = forward(view, parameters)
    if exact is None:
        return False
    for v, neuron in enumerate(view.neurons):
        sums = integer_sums(view, v, parameters, exact)
        assert tuple(sums.tolist()) == numerators(exact.sums[v], neuron.unit)
        assert (neuron.least <= sums).all()
        assert (sums <= neuron.greatest).all()
        run = neuron.runs.run_of(sums)
        assert neuron.runs.defined[run].all()
        assert tuple(neuron.runs.values[run].tolist()) == numerators(exact.values[v], neuron.runs.denominator)
        largest = max(np.abs(sums).max(), np.abs(neuron.runs.values).max())
        assert 2 * largest <= np.iinfo(view.kind).max
    for i, x in enumerate(view.inputs):
        assert outputs_at(view.instance, parameters, x) == tuple(exact.values[o][i] for o in view.outputs)
    return True


@pytest.mark.parametrize("block", range(3))
def test_integers_are_the_exact_values_scaled(block: int) -> None:
    rng = random.Random(block)
    agreed = 0
    for view in views(f"integers {block}", 60):
        agreed += sum(assert_agrees(view, random_parameters(rng, view.instance)) for _ in range(5))
    assert agreed >= 200


def test_pieces_follow_the_network() -> None:
    for view in views("pieces", 30):
        network = view.instance.network
        assert [neuron.name for neuron in view.neurons] == list(network.neurons)
        assert [view.neurons[o].name for o in view.outputs] == list(network.outputs)
        for v, neuron in enumerate(view.neurons):
            keys = [piece.key for piece in neuron.constants[1:]]
            assert neuron.constants[0].key is None
            assert [*keys, *(view.neurons[e.source].name for e in neuron.edges)] == list(
                network.predecessors[neuron.name]
            )
            assert all(edge.source < v for edge in neuron.edges)
            assert all(
                view.instance.weights[view.neurons[e.source].name, neuron.name] == e.allowed for e in neuron.edges
            )
            assert view.readers[v] == [t for t, other in enumerate(view.neurons) for e in other.edges if e.source == v]
            near = {edge.source for edge in neuron.edges} | set(view.readers[v])
            assert view.graph[v] == near
        assert view.log2_settings == pytest.approx(float(np.log2(view.instance.settings)))


def test_inputs_are_distinct_and_labels_complete() -> None:
    for view in views("labels", 30):
        data = view.instance.dataset
        assert len(set(view.inputs)) == len(view.inputs) == len(view.labels)
        assert set(view.inputs) == set(data.x)
        for x, labels in zip(view.inputs, view.labels, strict=True):
            here = [(y, w) for point, y, w in zip(data.x, data.y, data.weight, strict=True) if point == x]
            assert labels == {y: sum(w for other, w in here if other == y) for y, _ in here}


def test_ranges_without_neurons_before_are_tight() -> None:
    for view in views("tight", 40):
        instance = view.instance
        for neuron in view.neurons:
            if neuron.edges:
                continue
            before = instance.network.predecessors[neuron.name]
            for i, x in enumerate(view.inputs):
                column = [x[instance.network.inputs.index(u)] for u in before]
                ends = [
                    sorted(w * value for w in instance.weights[u, neuron.name])
                    for u, value in zip(before, column, strict=True)
                ]
                ends.append(list(instance.biases[neuron.name]))
                assert sum(values[0] for values in ends) * neuron.unit == neuron.least[i]
                assert sum(values[-1] for values in ends) * neuron.unit == neuron.greatest[i]


def _value(activation: Activation, t: Number) -> Number | None:
    try:
        return activate(activation, t)
    except CertificateError:
        return None


def longest_flat(values: Sequence[object]) -> int:
    """How many values from the first on are equal."""
    return next((i for i, value in enumerate(values) if value != values[0]), len(values))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_flat_ends_and_runs(activation: str) -> None:
    rng = random.Random(f"flat {activation}")
    for view in [*(star_view(rng, activation) for _ in range(12)), *(random_view(rng, [activation]) for _ in range(6))]:
        for neuron in view.neurons:
            function = view.instance.activations[neuron.name]
            for i, (low, high) in enumerate(zip(neuron.least.tolist(), neuron.greatest.tolist(), strict=True)):
                if high - low > 300:
                    continue
                sums = range(low, high + 1)
                values = [_value(function, Fraction(t, neuron.unit)) for t in sums]
                run = neuron.runs.run_of(np.arange(low, high + 1))
                for value, r in zip(values, run.tolist(), strict=True):
                    assert neuron.runs.defined[r] == (value is not None)
                    assert value is None or value * neuron.runs.denominator == neuron.runs.values[r]
                assert neuron.flat_below[i] == low + longest_flat(values) - 1
                assert neuron.flat_above[i] == high - longest_flat(values[::-1]) + 1


def test_runs() -> None:
    runs = Runs(np.array([-3, 0, 4]), np.array([2, 0, 5]), np.array([True, False, True]), 9, 1)
    assert runs.ends.tolist() == [-1, 3, 9]
    assert runs.run_of(np.array([-3, -1, 0, 3, 4, 9])).tolist() == [0, 0, 1, 1, 2, 2]


def test_limited_views_keep_their_columns() -> None:
    rng = random.Random("limited")
    for view in views("limited", 30):
        chosen = sorted(rng.sample(range(len(view.inputs)), rng.randint(1, len(view.inputs))))
        part = view.limited_to(chosen)
        assert part.inputs == tuple(view.inputs[i] for i in chosen)
        assert part.labels == tuple(view.labels[i] for i in chosen)
        assert (part.outputs, part.kind, part.graph) == (view.outputs, view.kind, view.graph)
        for neuron, whole in zip(part.neurons, view.neurons, strict=True):
            assert neuron.least.tolist() == whole.least[chosen].tolist()
            assert neuron.greatest.tolist() == whole.greatest[chosen].tolist()
            assert neuron.flat_below.tolist() == whole.flat_below[chosen].tolist()
            assert neuron.flat_above.tolist() == whole.flat_above[chosen].tolist()
            for piece, other in zip(neuron.constants, whole.constants, strict=True):
                assert piece.choices.tolist() == other.choices[:, chosen].tolist()
                assert piece.allowed == other.allowed
            for edge, before in zip(neuron.edges, whole.edges, strict=True):
                assert (edge.source, edge.allowed) == (before.source, before.allowed)
                assert edge.least.tolist() == before.least[chosen].tolist()
                assert edge.greatest.tolist() == before.greatest[chosen].tolist()


def test_values_that_contribute_the_same_are_one_choice() -> None:
    instance = d_nnt([2, 1], [[0, 1], [0, 2]], [[0], [1]], weights=[-1, 0, 3], bias=[0, 1], activation="relu")
    (neuron,) = integer_view(instance).neurons
    bias, silent, other = neuron.constants
    assert bias.choices.tolist() == [[0, 0], [1, 1]]
    assert silent.choices.tolist() == [[0, 0]]
    assert silent.allowed[0] in (-1, 0, 3)
    assert other.choices.tolist() == [[-1, -2], [0, 0], [3, 6]]
    assert other.allowed == (-1, 0, 3)


def test_units_take_all_denominators() -> None:
    network = {"inputs": ["x"], "outputs": ["o"], "edges": [{"from": "x", "to": "h"}, {"from": "h", "to": "o"}]}
    instance = d_nnt(network, [["1/2"], [1]], [[0], [1]], weights=["1/3", 1], bias=["1/5"], activation="identity")
    hidden, output = integer_view(instance).neurons
    assert (hidden.unit, hidden.runs.denominator) == (30, 30)
    assert output.unit == 90
    assert output.edges[0].factors.tolist() == [1, 3]


# --- refusals ------------------------------------------------------------------------------------

HUGE = 2**60


def instance_of(
    weights: Sequence[object], bias: Sequence[object], x: int, activation: object, size: int = 1
) -> Instance:
    return d_nnt([size, 1], [[x] * size], [[0]], weights=weights, bias=bias, activation=activation)


@pytest.mark.parametrize(
    ("instance", "words"),
    [
        (instance_of([0, 2**61], [0], 1, "threshold"), "the products at x1->o1 could need more than 60 bits"),
        (instance_of([0, HUGE], [0], 2, "threshold"), "the products at x1->o1 could need more than 60 bits"),
        (instance_of([0, 1], [-(2**61)], 2, "threshold"), "the products at o1 could need more than 60 bits"),
        (instance_of([0, HUGE], [0], 1, "threshold", 2), "the pre-activations of o1 could need more than 60 bits"),
        (instance_of([-HUGE, HUGE], [1], 1, "threshold"), "the pre-activations of o1 could need more than 60 bits"),
        (instance_of([1], ["1/1152921504606846977"], 1, "sign"), "could need more than 60 bits"),
        (instance_of([-1, 1], [0], HUGE, "threshold", 16), "the pre-activations of o1 could need more than 60 bits"),
        (instance_of([0, MOST_RUNS], [0], 1, "relu"), f"the activation of o1 takes more than {MOST_RUNS} values"),
        (instance_of([0, HUGE], [0], 1, "identity"), f"the activation of o1 takes more than {MOST_RUNS} values"),
        (
            instance_of([0, 2**17], [0], 1, {"type": "polynomial", "coefficients": [0, 0, 0, 0, 1]}),
            "the values of o1 could need more than 60 bits",
        ),
        (
            instance_of([0, 1], [0], 1, {"type": "constant", "value": 2**61}),
            "the values of o1 could need more than 60 bits",
        ),
    ],
)
def test_too_much_is_refused(instance: Instance, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        integer_view(instance)


def chain(hidden: object, weights: Sequence[object], bias: Sequence[object]) -> Instance:
    """x -> h -> o, with an activation of h, and a set for the edge h -> o and for the bias of o."""
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "h", "weights": [0, 1]}, {"from": "h", "to": "o", "weights": weights}],
        "neurons": {"h": {"activation": hidden, "bias": [0]}, "o": {"activation": "threshold", "bias": bias}},
    }
    return d_nnt(network, [[1]], [[1]])


def test_too_large_products_with_a_neuron_are_refused() -> None:
    instance = chain({"type": "constant", "value": 2**30}, [2**31], [0])
    with pytest.raises(UnsupportedError, match="products of weights and values could need more than 60 bits"):
        integer_view(instance)


@pytest.mark.parametrize(("weight", "bias"), [(2**62, "1/3"), (-(2**62), "1/5"), (2**62, 0), (-(2**62), 0)])
def test_large_weights_of_a_silent_neuron_are_taken_or_refused(weight: int, bias: object) -> None:
    """Whatever a weight is that 0 is multiplied with: no error of NumPy's gets out."""
    instance = chain({"type": "constant", "value": 0}, [weight], [bias])
    try:
        view = integer_view(instance)
    except UnsupportedError:
        return
    assert view.neurons[1].least.tolist() == view.neurons[1].greatest.tolist()


def test_the_largest_that_fits_is_taken() -> None:
    view = integer_view(instance_of([0, HUGE - 1], [0, 1], 1, "threshold"))
    assert view.neurons[0].greatest.tolist() == [HUGE]
    assert view.kind is np.int64
    assert len(integer_view(instance_of([0, MOST_RUNS - 1], [0], 1, "relu")).neurons[0].runs.starts) == MOST_RUNS


def test_narrow_integers_where_they_suffice() -> None:
    kinds = [integer_view(instance_of([0, top], [0], 1, "threshold")).kind for top in (1, 2**13, 2**29)]
    assert kinds == [np.int16, np.int32, np.int64]
    step = {"type": "step", "breaks": [1], "values": [0, 2**20]}
    assert integer_view(instance_of([0, 1], [0], 1, step)).kind is np.int32


def test_why_not() -> None:
    assert why_not(instance_of([0, 1], [0], 1, "relu")) is None
    other = d_nnt([1, 1], [[1]], [[0]], weights=[0], bias=[0], activation="relu", loss="squared")
    assert why_not(other) == "it counts mismatched samples: the loss squared is another one"


def test_biases_of_the_general_form() -> None:
    instance = d_qnnt(4, [1, 1], [[1]], [[1]])
    (neuron,) = integer_view(simplify(instance).instance).neurons
    assert neuron.constants[0].allowed == (-2, -1, 0, 1)
