"""`qnnt verify` from the outside: what it accepts and what it rejects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import EXAMPLES, Program

XOR = EXAMPLES / "xor.json"


@pytest.fixture
def result(program: Program, tmp_path: Path) -> Path:
    path = tmp_path / "r.json"
    assert program("solve", XOR, "-o", path).status == 0
    return path


def change(path: Path, **fields: Any) -> None:
    document = json.loads(path.read_text())
    document.update(fields)
    path.write_text(json.dumps(document))


def test_accepts_a_right_certificate(program: Program, result: Path) -> None:
    ended = program("verify", XOR, result)
    assert ended.status == 0
    assert ended.out.startswith("certificate holds: loss 0\n")
    assert "not checked: that no smaller loss exists" in ended.out


def test_rejects_a_weight_that_changes_the_loss(program: Program, result: Path) -> None:
    document = json.loads(result.read_text())
    changed = 0
    for key, value in document["solution"]["weights"].items():
        for other in {-1, 0, 1} - {value}:
            weights = {**document["solution"]["weights"], key: other}
            change(result, solution={**document["solution"], "weights": weights})
            ended = program("verify", XOR, result)
            if ended.status:  # some changes leave the function alone
                changed += 1
                assert ended.status == 4
                assert "not 0 as claimed" in ended.err
    assert changed > 0


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"loss": 1}, "the loss is 0, not 1 as claimed"),
        ({"lower_bound": 1}, "the lower bound 1 is above the loss 0"),
        ({"status": "infeasible"}, "says infeasible, but its solution has loss 0"),
        ({"solution": None}, "says optimal, but holds no solution"),
        ({"nonzero_weights": 0}, "weights are not zero, not 0 as the file says"),
        ({"instance_sha256": "0" * 64}, "speaks of another instance"),
    ],
)
def test_rejects_false_claims(program: Program, result: Path, fields: dict[str, Any], complaint: str) -> None:
    change(result, **fields)
    ended = program("verify", XOR, result)
    assert ended.status == 4
    assert complaint in ended.err
    assert ended.err.count("\n") == 1


def test_rejects_values_outside_their_sets_and_missing_ones(program: Program, result: Path) -> None:
    solution = json.loads(result.read_text())["solution"]
    change(result, solution={**solution, "weights": {**solution["weights"], "x1->h1_1": 2}})
    ended = program("verify", XOR, result)
    assert (ended.status, "is not in its set {-1, 0, 1}" in ended.err) == (4, True)
    change(result, solution={**solution, "bias": {}})
    ended = program("verify", XOR, result)
    assert (ended.status, "the bias of h1_1 is missing" in ended.err) == (4, True)


def test_no_without_proof_is_not_checked(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "no.json"
    instance = EXAMPLES / "haberman.json"
    assert program("solve", instance, "--bound", "40", "-o", path).status == 0
    ended = program("verify", instance, path)
    assert ended.status == 3
    assert "not checked" in ended.out


def test_a_yes_on_a_replaced_bound(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "yes.json"
    instance = EXAMPLES / "haberman.json"
    assert program("solve", instance, "--bound", "60", "-o", path).status == 0
    assert program("verify", instance, path).status == 0
    change(path, options={"bound": 0})
    assert program("verify", instance, path).status == 4


def test_no_result_file(program: Program) -> None:
    ended = program("verify", XOR, XOR)
    assert ended.status == 2
    assert ended.err == f"qnnt: error: {XOR}: $.format: expected 'qnnt-result/1', got 'qnnt-instance/1'\n"
