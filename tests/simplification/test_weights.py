"""Parameters that make no difference, and the sign of biases."""

from __future__ import annotations

import random

from qnnt.activations import Constant, Relu
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.instance import Instance, Parameters, Problem
from qnnt.simplification.general_form import general_form
from qnnt.simplification.weights import fix_irrelevant_parameters
from tests.simplification.equivalence import assert_equivalent


def fixed(instance: Instance) -> Instance:
    simplified = fix_irrelevant_parameters(instance)
    assert_equivalent(instance, simplified, random.Random(0))
    return simplified.instance


def test_the_weights_of_a_column_of_zeros_are_fixed() -> None:
    instance = d_nnt([2, 2, 1], [[0, 1], [0, -1]], [[1], [0]], weights=[-1, 1, 2], bias=[0], activation="relu")
    smaller = fixed(instance)
    assert {edge for edge, values in smaller.weights.items() if len(values) == 1} == {("x1", "h1_1"), ("x1", "h1_2")}
    assert smaller.weights["x1", "h1_1"] == (-1,)
    assert smaller.weights["x2", "h1_1"] == (-1, 1, 2)


def test_a_neuron_that_is_always_zero_silences_its_weights() -> None:
    network = {"layers": [1, 1, 1], "edges": [{"from": "x1", "to": "h1_1", "weights": [-2, -1]}]}
    instance = d_nnt(network, [[1], [3]], [[1], [0]], weights=[0, 1, 2], bias=[0, 1], activation="relu")
    smaller = fixed(d_nnt({**network, "neurons": {"h1_1": {"bias": [0, 1]}}}, [[1], [3]], [[1], [0]],
                          weights=[0, 1, 2], bias=[0, 1], activation="relu"))  # fmt: skip
    assert smaller.activations["h1_1"] == Constant(0)
    assert smaller.weights["x1", "h1_1"] == (-1,)
    assert smaller.weights["h1_1", "o1"] == (0,)
    assert smaller.biases["h1_1"] == (0,)
    assert smaller.biases["o1"] == (0, 1)
    assert smaller.activations["o1"] == Relu()
    assert instance.weights["h1_1", "o1"] == (0, 1, 2)


def test_projection_moves_hints_to_the_fixed_values() -> None:
    instance = d_nnt([2, 1], [[0, 1]], [[1]], weights=[-1, 1], bias=[0, 1], activation="sign")
    simplified = fix_irrelevant_parameters(instance)
    hint = Parameters({("x1", "o1"): 1, ("x2", "o1"): 1}, {"o1": 1})
    assert simplified.project(hint) == Parameters({("x1", "o1"): -1, ("x2", "o1"): 1}, {"o1": 1})


def test_a_constant_output_keeps_its_value() -> None:
    instance = d_nnt(
        [1, 1], [[5], [9]], [[1], [0]], weights=[1, 2], bias=[0, 1], activation="threshold", loss="hamming"
    )
    smaller = fixed(instance)
    assert smaller.activations["o1"] == Constant(1)
    assert smaller.settings == 1


def test_partial_tables_are_left_alone() -> None:
    """Even one that is 0 wherever it is defined: its weights decide whether it is defined."""
    table = {"type": "table", "values": [[0, 0], [2, 0]]}
    network = {"layers": [1, 1, 1], "neurons": {"h1_1": {"activation": table}}}
    instance = d_nnt(network, [[1], [2]], [[0], [0]], weights=[0, 1, 2], bias=[0], activation="identity")
    smaller = fixed(instance)
    assert smaller.weights == {("x1", "h1_1"): (0, 1, 2), ("h1_1", "o1"): (0,)}
    assert smaller.activations["h1_1"] == instance.activations["h1_1"]


def test_nothing_changes_without_bounds() -> None:
    square = {"type": "polynomial", "coefficients": [0, 0, 1]}
    deep = d_nnt([1] * 40, [[3]], [[1]], weights=[1], bias=[0], activation=square)
    assert fix_irrelevant_parameters(deep).instance is deep
    digits = d_nnt([1, 1], [[3]], [[1]], weights=[0, 1], bias=[0], activation="slp_mul")
    assert fix_irrelevant_parameters(digits).instance is digits


def test_nothing_changes_without_samples_or_without_reason() -> None:
    empty = d_nnt([1, 1], [], [], weights=[0, 1], bias=[0], activation="relu")
    assert fix_irrelevant_parameters(empty).instance is empty
    busy = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="relu")
    assert fix_irrelevant_parameters(busy).instance is busy


def test_general_form_adds_what_was_subtracted() -> None:
    instance = d_qnnt(4, [1, 1], [[1], [2]], [[1], [2]])
    simplified = general_form(instance)
    assert instance.biases["o1"] == (-1, 0, 1, 2)
    assert simplified.instance.biases["o1"] == (-2, -1, 0, 1)
    assert simplified.instance.problem is Problem.D_NNT
    assert simplified.instance.d is None
    parameters = Parameters({("x1", "o1"): 1}, {"o1": 2})
    assert simplified.project(parameters).biases == {"o1": -2}
    assert simplified.restore(simplified.project(parameters)) == parameters
    assert_equivalent(instance, simplified, random.Random(0))


def test_general_form_of_general_form_is_itself() -> None:
    instance = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="relu")
    assert general_form(instance).instance is instance
