"""Outputs without labels, and neurons that then lead nowhere."""

from __future__ import annotations

import random

from qnnt.documents.construction import d_nnt
from qnnt.instance import Instance, Parameters
from qnnt.losses import Accept
from qnnt.simplification.neurons import drop_unlabelled_outputs
from tests.simplification.equivalence import assert_equivalent

TWO_ENDS = {
    "inputs": ["a", "b"],
    "outputs": ["o", "p"],
    "edges": [
        {"from": "a", "to": "h"},
        {"from": "b", "to": "k"},
        {"from": "h", "to": "o"},
        {"from": "h", "to": "k"},
        {"from": "k", "to": "p"},
    ],
}


def two_ends(y: list[list[int | None]], **changes: object) -> Instance:
    network = {**TWO_ENDS, **changes}
    x = [[1, 2], [3, -1], [0, 1]][: len(y)]
    return d_nnt(network, x, y, weights=[-1, 0, 1], bias=[0], activation="relu", loss="absolute")


def test_an_unlabelled_output_goes_with_all_that_leads_only_there() -> None:
    instance = two_ends([[1, None], [2, None]])
    simplified = drop_unlabelled_outputs(instance)
    smaller = simplified.instance
    assert smaller.network.outputs == ("o",)
    assert smaller.network.neurons == ("h", "o")
    assert smaller.network.edges == (("a", "h"), ("h", "o"))
    assert smaller.network.inputs == ("a", "b")
    assert smaller.dataset.y == ((1,), (2,))
    assert_equivalent(instance, simplified, random.Random(0))


def test_restored_parameters_get_the_value_nearest_zero() -> None:
    instance = two_ends([[1, None]])
    simplified = drop_unlabelled_outputs(instance)
    restored = simplified.restore(Parameters({("a", "h"): 1, ("h", "o"): -1}, {"h": 0, "o": 0}))
    assert restored.weights == {("a", "h"): 1, ("h", "o"): -1, ("b", "k"): 0, ("h", "k"): 0, ("k", "p"): 0}
    assert restored.biases == {"h": 0, "o": 0, "k": 0, "p": 0}


def test_nothing_goes_where_every_output_has_a_label() -> None:
    instance = two_ends([[1, None], [None, 2]])
    assert drop_unlabelled_outputs(instance).instance == instance


def test_one_output_stays_where_none_is_labelled() -> None:
    instance = two_ends([[None, None], [None, None]])
    simplified = drop_unlabelled_outputs(instance)
    assert simplified.instance.network.outputs == ("o",)
    assert_equivalent(instance, simplified, random.Random(0))


def test_a_table_stays_with_all_that_it_reads() -> None:
    """Its gaps forbid parameters, whether or not somebody reads its value."""
    neurons = {"k": {"activation": {"type": "table", "values": [[0, 5], [2, 1]]}}}
    instance = two_ends([[1, None], [2, None]], neurons=neurons)
    simplified = drop_unlabelled_outputs(instance)
    smaller = simplified.instance
    assert set(smaller.network.neurons) == {"h", "o", "k"}
    assert smaller.network.outputs == ("o",)
    assert smaller.network.successors["k"] == ()
    assert_equivalent(instance, simplified, random.Random(0))


def test_an_activation_that_reads_digits_stays() -> None:
    """It forbids negative numbers, and those that 10 divides."""
    instance = two_ends([[1, None], [2, None]], neurons={"k": {"activation": "slp_shift"}})
    simplified = drop_unlabelled_outputs(instance)
    assert set(simplified.instance.network.neurons) == {"h", "o", "k"}
    assert_equivalent(instance, simplified, random.Random(0))


def test_an_unlabelled_output_that_others_read_stays() -> None:
    network = {
        "inputs": ["a"],
        "outputs": ["o", "p"],
        "edges": [{"from": "a", "to": "o"}, {"from": "o", "to": "p"}],
    }
    instance = d_nnt(network, [[1], [2]], [[None, 1], [None, 4]], weights=[0, 1, 2], bias=[0], activation="relu")
    simplified = drop_unlabelled_outputs(instance)
    assert simplified.instance.network.neurons == ("o", "p")
    assert_equivalent(instance, simplified, random.Random(0))


def test_accepted_sets_follow_their_columns() -> None:
    loss = {"type": "accept", "sets": [[1, [[7], [1, 2]]], [0, [[], [0]]]]}
    instance = d_nnt(
        [1, 2], [[1], [2]], [[None, 1], [None, 0]], weights=[0, 1], bias=[0, 1], activation="identity", loss=loss
    )
    simplified = drop_unlabelled_outputs(instance)
    assert simplified.instance.loss == Accept(((0, ((0,),)), (1, ((1, 2),))))
    assert_equivalent(instance, simplified, random.Random(0))
