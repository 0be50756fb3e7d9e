"""Result files: what is written is valid and is read back; claims that are none are refused."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from qnnt.errors import InputError
from qnnt.evaluation import evaluate
from qnnt.exact import Number
from qnnt.files.results import load_claim, result_document, save_result
from qnnt.files.schemas import schema_text
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Incumbent, Result, Solution, Status

SCHEMA = Draft202012Validator(json.loads(schema_text("result")))


def result(instance: Instance, parameters: Parameters | None, loss: Number | None) -> Result:
    return Result(
        status=Status.UNKNOWN if parameters is None else Status.FEASIBLE,
        objective=Objective.MINIMIZE,
        instance_sha256="0" * 64,
        solver="enumeration",
        encoding=None,
        loss=loss,
        lower_bound=Fraction(1, 3),
        solution=None if parameters is None else Solution(instance, parameters),
        options={"seed": 0},
        seconds={"encode": 0.00001, "total": 1.23456789},
        versions={"qnnt": "0.1.0"},
        incumbents=(Incumbent(0.5, None, 0), Incumbent(0.75, loss, Fraction(1, 3))),
        note="stopped" if loss is None else "",
    )


@pytest.mark.parametrize("seed", range(60))
def test_written_and_claimed(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    instance = random_instance(rng, activations=("relu", "identity", "leaky", "polynomial"))
    parameters = random_parameters(rng, instance)
    loss = evaluate(instance, parameters)
    path = str(tmp_path / "r.json")
    save_result(result(instance, parameters, loss), path)
    SCHEMA.validate(json.loads(Path(path).read_text("utf-8")))
    claim = load_claim(path)
    assert claim.parameters == parameters
    assert claim.loss == loss
    assert claim.lower_bound == Fraction(1, 3)
    assert claim.status is Status.FEASIBLE
    assert claim.instance_sha256 == "0" * 64
    assert claim.instance_file == ""


def test_without_a_solution(tmp_path: Path) -> None:
    instance = random_instance(random.Random(0))
    document = result_document(result(instance, None, None))
    SCHEMA.validate(document)
    assert document["solution"] is None
    assert document["note"] == "stopped"
    assert document["incumbents"] == [[0.5, None, 0], [0.75, None, "1/3"]]
    path = tmp_path / "r.json"
    path.write_text(json.dumps(document))
    assert load_claim(str(path)).parameters is None


@pytest.mark.parametrize("loss", [2**200, -(3**90), Fraction(5**60, 3**70)])
def test_losses_beyond_the_limit_of_instance_files(tmp_path: Path, loss: Number) -> None:
    """A sum of squares of legal numbers may be longer than any number an instance may hold."""
    instance = random_instance(random.Random(0))
    path = str(tmp_path / "r.json")
    save_result(result(instance, random_parameters(random.Random(0), instance), loss), path)
    SCHEMA.validate(json.loads(Path(path).read_text("utf-8")))
    assert load_claim(path).loss == loss


CLAIM: dict[str, Any] = {
    "format": "qnnt-result/1",
    "status": "yes",
    "loss": 0,
    "solution": {"weights": {"x1->o1": 1}, "bias": {"o1": "1/2"}},
}


def claimed(tmp_path: Path, document: object) -> str:
    path = tmp_path / "claim.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError) as caught:
        load_claim(str(path))
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 500
    return text.removeprefix(f"{path}: ")


def test_a_claim_needs_little(tmp_path: Path) -> None:
    path = tmp_path / "claim.json"
    path.write_text(json.dumps({**CLAIM, "invented": [1.5]}))
    claim = load_claim(str(path))
    assert claim.parameters == Parameters({("x1", "o1"): 1}, {"o1": Fraction(1, 2)})


def test_names_around_the_arrow(tmp_path: Path) -> None:
    path = tmp_path / "claim.json"
    edges = {"a-->b": ("a-", "b"), "a->>b": ("a", ">b"), "x y->é": ("x y", "é")}
    path.write_text(json.dumps({**CLAIM, "solution": {"weights": dict.fromkeys(edges, 1), "bias": {}}}))
    claim = load_claim(str(path))
    assert claim.parameters is not None
    assert set(claim.parameters.weights) == set(edges.values())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"format": "qnnt-instance/1"}, "$.format: expected 'qnnt-result/1', got 'qnnt-instance/1'"),
        ({"format": None}, "$.format: expected 'qnnt-result/1', got null"),
        ({"status": "maybe"}, "$.status: expected one of yes, no, optimal, infeasible, feasible, unknown"),
        ({"status": []}, "$.status: expected one of yes, no, optimal, infeasible, feasible, unknown"),
        ({"loss": 0.5}, '$.loss: floats are not exact: write 0.5 as an integer or as a rational string such as "3/2"'),
        ({"loss": True}, '$.loss: expected an integer or a rational string such as "3/2", got true'),
        ({"lower_bound": "1/0"}, "$.lower_bound: the denominator of '1/0' is zero"),
        ({"instance_sha256": 5}, "$.instance_sha256: expected a string, got 5"),
        ({"solution": []}, "$.solution: expected an object, got a list of 0"),
        ({"solution": {"weights": {}}}, "$.solution: the key 'bias' is missing"),
        ({"solution": {"weights": {}, "bias": {}, "activation": 1}},
         "$.solution: unknown key 'activation'; known keys: bias, weights"),
        ({"solution": {"weights": [], "bias": {}}}, "$.solution.weights: expected an object, got a list of 0"),
        ({"solution": {"weights": {"x1": 1}, "bias": {}}},
         "$.solution.weights.x1: expected a key such as 'x1->h1_1', got 'x1'"),
        ({"solution": {"weights": {"->a": 1}, "bias": {}}},
         "$.solution.weights['->a']: expected a key such as 'x1->h1_1', got '->a'"),
        ({"solution": {"weights": {}, "bias": {"o1": None}}},
         '$.solution.bias.o1: expected an integer or a rational string such as "3/2", got null'),
        ({"solution": {"weights": {}, "bias": {"o1": 2**63}}}, "$.solution.bias.o1: the number is beyond 2^62"),
    ],
)  # fmt: skip
def test_claims_that_are_none(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    assert claimed(tmp_path, {**CLAIM, **changes}) == expected


@pytest.mark.parametrize("document", [[], "yes", None, 3, {}])
def test_no_claim_at_all(tmp_path: Path, document: object) -> None:
    assert "expected" in claimed(tmp_path, document)


def test_long_keys_are_cut_short(tmp_path: Path) -> None:
    assert claimed(tmp_path, {**CLAIM, "solution": {"weights": {"w" * 10_000: 1}, "bias": {}}})
