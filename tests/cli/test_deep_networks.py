"""Networks whose values double their bits per layer, on the command line: an answer, or why there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Program

SQUARE = {"type": "polynomial", "coefficients": [0, 0, 1]}


def write(path: Path, squarings: int, last: object = "identity", loss: str = "absolute", **fields: Any) -> Path:
    """3, squared over and over; all parameters are fixed."""
    neurons: dict[str, object] = {f"h{i}_1": {"activation": SQUARE} for i in range(1, squarings + 1)}
    document = {
        "format": "qnnt-instance/1",
        "problem": "d-nnt",
        "network": {
            "layers": [1] * (squarings + 2),
            "neurons": {**neurons, "o1": {"activation": last, "bias": [-1]}},
        },
        "defaults": {"weights": [1], "bias": [0]},
        "data": {"x": [[3]], "y": [[1]]},
        "loss": {"type": loss},
        **fields,
    }
    path.write_text(json.dumps(document))
    return path


def test_the_sign_of_a_number_that_is_never_written(program: Program, tmp_path: Path) -> None:
    """3^(2^200) - 1 > 0, as PosSLP asks: loss positive, label 1, margin 1."""
    file, result = write(tmp_path / "i.json", 200, loss="positive", margin=1), tmp_path / "r.json"
    ended = program("solve", file, "-o", result)
    assert (ended.status, ended.err) == (0, "")
    document = json.loads(result.read_text())
    assert (document["status"], document["loss"], document["solver"]) == ("yes", 1, "enumeration")
    ended = program("verify", file, result)
    assert (ended.status, ended.out) == (0, "certificate holds: loss 1\n")


def test_no_by_intervals(program: Program, tmp_path: Path) -> None:
    file, result = write(tmp_path / "i.json", 200, margin=7), tmp_path / "r.json"
    ended = program("solve", file, "-o", result)
    assert (ended.status, ended.err) == (0, "")
    document = json.loads(result.read_text())
    assert (document["status"], document["solution"], document["loss"]) == ("no", None, None)
    assert program("verify", file, result).status == 3


def test_a_loss_that_stays_unknown(program: Program, tmp_path: Path) -> None:
    file, result = write(tmp_path / "i.json", 200), tmp_path / "r.json"
    ended = program("solve", file, "-o", result)
    assert (ended.status, ended.err) == (3, "")
    document = json.loads(result.read_text())
    assert (document["status"], document["solution"]) == ("unknown", None)
    assert "neuron h22_1" in document["note"]
    assert "6647816 bits" in document["note"]


@pytest.mark.parametrize("squarings", [14, 200])
def test_a_solution_that_cannot_be_evaluated(program: Program, tmp_path: Path, squarings: int) -> None:
    """A claim from elsewhere: one line, and the status of what is not known."""
    file, result = write(tmp_path / "i.json", squarings), tmp_path / "r.json"
    edges = ["x1->h1_1", *(f"h{i}_1->h{i + 1}_1" for i in range(1, squarings)), f"h{squarings}_1->o1"]
    bias = {**{f"h{i}_1": 0 for i in range(1, squarings + 1)}, "o1": -1}
    solution = {"weights": dict.fromkeys(edges, 1), "bias": bias}
    result.write_text(json.dumps({"format": "qnnt-result/1", "status": "feasible", "loss": 0, "solution": solution}))
    ended = program("verify", file, result)
    assert (ended.status, ended.err, ended.out.count("\n")) == (3, "", 1)
    assert ended.out.startswith("not checked: the ")
    assert "bits: too large" in ended.out
    ended = program("solve", file, "--hint", result)
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.startswith("qnnt: error: the ")


def test_solvers_that_build_models_refuse(program: Program, tmp_path: Path) -> None:
    ended = program("solve", write(tmp_path / "i.json", 200, "sign"), "--solver", "cpsat")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "bits" in ended.err


def test_info_of_a_deep_network(program: Program, tmp_path: Path) -> None:
    ended = program("info", write(tmp_path / "i.json", 200))
    assert (ended.status, ended.err) == (0, "")
    assert "2^200" in ended.out
