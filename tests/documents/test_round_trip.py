"""Instances survive being written and read; the schema accepts what is written and refuses what is malformed."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.errors import InputError
from qnnt.files.schemas import schema_text
from qnnt.files.text import compact, pretty
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Problem
from qnnt.losses import Mismatch

SCHEMA = Draft202012Validator(json.loads(schema_text("instance")))
MALFORMED = Path(__file__).parent.parent / "malformed"

# What JSON Schema cannot say: relations between parts, graphs, encodings, and whole floats.
# fmt: off
BEYOND_THE_SCHEMA = {
    "activation_clip_upside_down", "activation_step_equal_breaks", "activation_step_few_values",
    "activation_step_unsorted", "activation_table_twice", "cycle", "dead_end", "defaults_missing", "duplicate_key",
    "duplicate_key_nested", "edge_between_inputs", "edge_into_input", "fewer_labels", "half_surrogate",
    "huge_denominator", "huge_numerator", "layers_enormous", "loss_accept_label_without_set", "loss_accept_twice",
    "loss_accept_two_outputs", "loss_table_twice", "loss_table_two_outputs", "misspelt_source", "more_labels",
    "name_half_surrogate", "neuron_is_input", "newline_rational", "no_default_activation", "no_default_bias",
    "no_default_weights", "off_every_path", "off_every_path_behind", "output_is_input", "override_input",
    "override_twice", "override_unknown_edge", "override_unknown_neuron", "parallel_edges", "sample_weight_short",
    "self_loop", "unknown_neuron", "whole_float", "x_negative_outside_z_2", "x_outside_z_d", "x_rational_in_d_qnnt",
    "x_shape", "x_shape_long", "y_outside_z_d", "y_rational_in_d_qnnt", "y_shape",
}
# fmt: on


@pytest.mark.parametrize("seed", range(300))
def test_written_and_read_again(seed: int) -> None:
    instance = random_instance(random.Random(seed))
    document = document_of(instance)
    SCHEMA.validate(document)
    again = instance_from(json.loads(pretty(document)))
    assert again == instance
    # the order of the parts decides the order of a model's variables
    assert list(again.weights) == list(instance.weights)
    assert list(again.biases) == list(instance.biases)
    assert compact(document_of(again)) == compact(document)


def test_schemas_are_schemas() -> None:
    for name in ("instance", "result"):
        schema = json.loads(schema_text(name))
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"urn:qnnt:{name}:1"


def test_schema_refuses_the_malformed_files() -> None:
    accepted = set()
    for path in MALFORMED.glob("*.json"):
        try:
            document = json.loads(path.read_text("utf-8"))
        except (ValueError, RecursionError):
            continue
        if SCHEMA.is_valid(document):
            accepted.add(path.stem)
    assert accepted == BEYOND_THE_SCHEMA


XOR: dict[str, Any] = {
    "format": "qnnt-instance/1",
    "name": "xor",
    "problem": "d-qnnt",
    "d": 3,
    "network": {"layers": [2, 2, 1]},
    "data": {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]},
}
SKIP: dict[str, Any] = {
    "format": "qnnt-instance/1",
    "name": "skip",
    "problem": "d-nnt",
    "network": {
        "inputs": ["x1", "x2"],
        "outputs": ["o"],
        "edges": [
            {"from": "x1", "to": "h"},
            {"from": "x2", "to": "h", "weights": [-2, 0, 2]},
            {"from": "h", "to": "o"},
            {"from": "x1", "to": "o", "weights": [1]},
        ],
        "neurons": {"h": {"activation": "relu", "bias": [-1, 0, 1]}, "o": {"activation": "identity"}},
    },
    "defaults": {"weights": [-1, 0, 1], "bias": [0], "activation": "identity"},
    "data": {"x": [[1, 2], [0, "3/2"]], "y": [[3], [None]]},
    "loss": {"type": "squared"},
    "margin": 4,
}


@pytest.mark.parametrize("document", [XOR, SKIP], ids=["xor", "skip"])
def test_examples_of_the_format(document: dict[str, Any]) -> None:
    SCHEMA.validate(document)
    assert instance_from(document_of(instance_from(document))) == instance_from(document)


def test_xor_from_python_equals_the_file() -> None:
    x = np.array(XOR["data"]["x"])
    assert d_qnnt(3, [2, 2, 1], x, XOR["data"]["y"], name="xor") == instance_from(XOR)


def test_numpy_numbers_are_numbers() -> None:
    x = [[np.int64(1)], [np.int8(0)]]
    y = [[np.int32(1)], [None]]
    found = d_qnnt(3, [1, 1], x, y, weight=np.array([1, 2]), error_bound=np.int64(1))  # type: ignore[arg-type]
    assert found == d_qnnt(3, [1, 1], [[1], [0]], [[1], [None]], weight=[1, 2], error_bound=1)
    assert all(type(value) is int for row in found.dataset.x for value in row)
    assert type(found.d) is int
    assert all(type(weight) is int for weight in found.dataset.weight)
    with pytest.raises(InputError):
        d_qnnt(3, [1, 1], [[np.True_]], [[1]])
    with pytest.raises(InputError, match="floats are not exact"):
        d_qnnt(3, [1, 1], np.array([[0.0]]), [[1]])


def test_skip_has_the_sets_it_says() -> None:
    instance = instance_from(SKIP)
    assert instance.problem is Problem.D_NNT
    assert instance.weights["x1", "h"] == (-1, 0, 1)
    assert instance.weights["x2", "h"] == (-2, 0, 2)
    assert instance.biases == {"h": (-1, 0, 1), "o": (0,)}
    assert instance.dataset.x[1] == (0, Fraction(3, 2))
    assert instance.dataset.y == ((3,), (None,))
    assert instance.bound == 4
    assert instance.settings == 3 * 3 * 3 * 1 * 3


def test_sets_are_sorted_and_distinct_and_numbers_reduced() -> None:
    instance = d_nnt(
        [1, 1], [["4/2"]], [["-6/4"]], weights=[2, "1/2", "4/2", -1, "+2/4"], bias=["0/7"], activation="relu"
    )
    assert instance.weights["x1", "o1"] == (-1, Fraction(1, 2), 2)
    assert instance.biases["o1"] == (0,)
    assert instance.dataset.x == ((2,),)
    assert instance.dataset.y == ((Fraction(-3, 2),),)
    assert isinstance(instance.loss, Mismatch)


def test_overrides_of_layers() -> None:
    document = {
        "format": "qnnt-instance/1",
        "problem": "d-nnt",
        "network": {
            "layers": [1, 2, 1],
            "edges": [{"from": "x1", "to": "h1_2", "weights": [5]}, {"from": "x1", "to": "h1_1"}],
            "neurons": {"o1": {"activation": "sign"}, "h1_1": {"bias": [3]}, "h1_2": {}},
        },
        "defaults": {"weights": [0, 1], "bias": [0], "activation": "relu"},
        "data": {"x": [], "y": []},
        "loss": "mismatch",
    }
    SCHEMA.validate(document)
    instance = instance_from(document)
    assert instance.weights["x1", "h1_2"] == (5,)
    assert instance.weights["x1", "h1_1"] == (0, 1)
    assert instance.biases == {"h1_1": (3,), "h1_2": (0,), "o1": (0,)}
    assert [a.name for a in instance.activations.values()] == ["relu", "relu", "sign"]
    assert instance_from(document_of(instance)) == instance


def test_a_name_that_no_file_can_hold_is_refused() -> None:
    with pytest.raises(InputError, match="surrogate"):
        d_qnnt(2, [1, 1], [], [], name="\udcff")
