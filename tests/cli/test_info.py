"""`qnnt info`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qnnt.solvers.registry import SOLVERS
from tests.cli.program import EXAMPLES, Program


def of_solver(found: dict[str, Any], name: str) -> dict[str, Any]:
    (row,) = [row for row in found["solvers"] if row["name"] == name]
    assert isinstance(row, dict)
    return row


def written(tmp_path: Path, **fields: Any) -> Path:
    path = tmp_path / "i.json"
    body = {"format": "qnnt-instance/1", "problem": "d-qnnt", "d": 2, "error_bound": 0, **fields}
    path.write_text(json.dumps(body))
    return path


def test_in_words(program: Program) -> None:
    parameters, theorems, solvers = program("info", EXAMPLES / "haberman.json").out.split("\n\n")
    assert parameters.startswith("haberman\n")
    for line in ("alpha                3", "certain loss         40", "treewidth            1"):
        assert f"  {line}\n" in f"{parameters}\n"
    assert theorems.splitlines()[0].split() == ["theorem", "kind", "applies"]
    assert "  Theorem 1      hard       no      NP-hard by exact set cover: but d = 4, not 2; depth = 2" in theorems
    assert "  Theorem 5      tractable  no      FPT in tw <= 1, omega = 1, d = 4, alpha = 3 (p = 61): " in theorems
    assert [line.split()[0] for line in solvers.splitlines()] == ["solver", *SOLVERS]


def test_as_json(program: Program) -> None:
    found = json.loads(program("info", EXAMPLES / "haberman.json", "--json").out)
    assert (found["alpha"], found["omega"], found["width"], found["depth"]) == (3, 1, 2, 2)
    assert (found["distinct_inputs"], found["certain_loss"]) == (61, 40)
    assert (found["treewidth_lower"], found["treewidth_upper"]) == (1, 1)
    assert [set(theorem) for theorem in found["theorems"]] == [{"theorem", "kind", "applies", "says"}] * 10
    cpsat = of_solver(found, "cpsat")
    assert cpsat["unsupported"] is None
    assert cpsat["model"]["parameters"] == {"fixed": 0, "order": 11, "integer": 0}


def test_a_theorem_that_applies(program: Program, tmp_path: Path) -> None:
    path = written(tmp_path, network={"layers": [2, 1]}, data={"x": [[0, 1]], "y": [[1]]})
    assert "  Theorem 1      hard       yes     NP-hard by exact set cover: d = 2," in program("info", path).out
    found = json.loads(program("info", path, "--json").out)
    assert found["theorems"][0]["applies"] is True


def test_bounds_on_the_treewidth_that_do_not_meet(program: Program, tmp_path: Path) -> None:
    names = [f"h{i}" for i in range(120)]
    pairs = {(f"h{i * k // 7}", f"h{i}") for i in range(1, 120) for k in range(1, 7)}
    edges = [{"from": "x", "to": "h0"}, *({"from": u, "to": v} for u, v in sorted(pairs))]
    edges += [{"from": u, "to": "o"} for u in names]
    network = {"inputs": ["x"], "outputs": ["o"], "edges": edges}
    path = written(tmp_path, network=network, data={"x": [], "y": []})
    found = json.loads(program("info", path, "--json").out)
    assert found["treewidth_lower"] < found["treewidth_upper"]
    bounds = f"{found['treewidth_lower']} to {found['treewidth_upper']}"
    assert f"  treewidth            {bounds}\n" in program("info", path).out


def test_expected_states(program: Program) -> None:
    words = program("info", EXAMPLES / "xor.json").out
    assert "  dp-fpt         yes     about " in words
    assert " states expected, at most 2^14.3, order " in words
    found = json.loads(program("info", EXAMPLES / "xor.json", "--json").out)
    assert {"states_expected", "states_log2_bound", "order", "width"} <= set(of_solver(found, "dp-fpt")["model"])
    assert {"states_expected", "sweep"} <= set(of_solver(found, "dp-frontier")["model"])
    assert {"states_expected", "hidden_layers"} <= set(of_solver(found, "dp-layers")["model"])
    assert of_solver(found, "enumeration")["model"] == {"sums": 472392}
    assert "  enumeration    yes     4.7e5 sums\n" in words


def test_without_samples_no_states(program: Program, tmp_path: Path) -> None:
    path = written(tmp_path, network={"layers": [2, 1]}, data={"x": [], "y": []})
    assert "  dp-fpt         yes     no samples, no states\n" in program("info", path).out


def test_which_parameters_become_integers(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    program("generate", "planted", "--d", "30", "--layers", "2,2,1", "--samples", "1", "-o", path)
    found = json.loads(program("info", path, "--json").out)
    assert of_solver(found, "cpsat")["model"]["parameters"]["integer"] == 9


def test_why_a_solver_does_not_apply(program: Program) -> None:
    words = program("info", EXAMPLES / "breast_cancer.json").out
    assert "  enumeration    no      1.7e+10 parameter settings are too many" in words
    words = program("info", EXAMPLES / "regression.json").out
    assert "  dp-fpt         no      it counts mismatched samples" in words


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example(path: Path, program: Program) -> None:
    ended = program("info", path)
    assert ended.status == 0
    assert max(map(len, ended.out.splitlines())) < 200


def test_the_plan_names_what_decides(program: Program) -> None:
    words = program("info", EXAMPLES / "regression.json", "--plan").out.splitlines()
    assert words[0] == "few-bit-regression"
    assert words[1].split() == ["solver", "share", "joins", "why"]
    assert words[2].split()[0] == "patterns"
    assert "choices of patterns: 2^11.5, at most 2^" in words[2]
    assert [line.split()[1:3] for line in words if line.split()[0] == "dp-frontier"] == [["-", "-"]]
    small = program("info", EXAMPLES / "xor.json", "--plan").out
    assert "enumeration" in small
    assert "sums of all settings: 472,392, at most 2,000,000" in small


def test_the_plan_as_json(program: Program) -> None:
    found = json.loads(program("info", EXAMPLES / "monks1.json", "--plan", "--json").out)
    assert {"name", "instance_sha256", "plan", "left_out"} == set(found)
    named = [lane["solver"] for lane in found["plan"]]
    assert named[0] == "sat"
    assert {"maxsat", "cpsat", "local-search"} <= set(named)
    assert {one["solver"] for one in found["left_out"]}.isdisjoint(named)
    assert all(lane["why"] and lane["share"] > 0 for lane in found["plan"])
