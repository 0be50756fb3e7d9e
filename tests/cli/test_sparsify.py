"""`qnnt solve --sparsify` from the outside."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from qnnt.cli.solve import _ObjectiveLines, _progress_line
from qnnt.files.instances import save
from qnnt.files.schemas import schema_text
from qnnt.generation.families import planted_labels, random_labels
from qnnt.solvers.questions import Progress
from tests.cli.program import EXAMPLES, Program

XOR = EXAMPLES / "xor.json"


@pytest.mark.parametrize("solver", ["auto", "cpsat", "sat", "maxsat", "enumeration"])
def test_the_result_counts_weights(solver: str, program: Program, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    ended = program("solve", XOR, "--sparsify", "--solver", solver, "--json", "-o", file)
    assert ended.status == 0
    result = json.loads(ended.out)
    jsonschema.validate(result, json.loads(schema_text("result")))
    assert (result["status"], result["loss"], result["lower_bound"]) == ("optimal", 0, 0)
    assert result["nonzero_weights"] == result["nonzero_lower_bound"] == 6
    assert sum(weight != 0 for weight in result["solution"]["weights"].values()) == 6
    assert result == json.loads(file.read_text())
    assert program("verify", XOR, file).status == 0


def test_in_words(program: Program) -> None:
    ended = program("solve", EXAMPLES / "breast_cancer.json", "--sparsify", "--solver", "sat")
    assert ended.status == 0
    assert "\nnon-zero  8 of 30 weights (no fewer are possible)\n" in ended.out
    assert "note" not in ended.out


def test_without_it_nothing_is_said(program: Program) -> None:
    assert "non-zero" not in program("solve", XOR).out
    assert "nonzero_weights" not in program("solve", XOR, "--json").out


def test_a_limit_before_the_whole_answer_ends_with_3(program: Program, tmp_path: Path) -> None:
    """Here the loss is settled at once, and the number of weights is not; there not even the loss is."""
    long, hard = tmp_path / "long.json", tmp_path / "hard.json"
    save(planted_labels(3, (8, 6, 2), 40, 0), str(long))
    save(random_labels(4, (4, 4, 2), 40, 0), str(hard))
    ended = program("solve", long, "--sparsify", "--bound", "2", "--time-limit", "4", "--json")
    result = json.loads(ended.out)
    assert (ended.status, result["status"]) == (3, "yes")
    assert result["loss"] <= 2
    assert result["nonzero_lower_bound"] < result["nonzero_weights"]
    assert "the loss is settled" in result["note"]
    ended = program("solve", hard, "--sparsify", "--time-limit", "1")
    assert ended.status == 3
    assert "status    feasible" in ended.out
    assert "non-zero weights were not minimised" in ended.out
    assert "weights (at least 0)" in ended.out


def test_a_no_is_answered(program: Program) -> None:
    ended = program("solve", EXAMPLES / "haberman.json", "--bound", "40", "--sparsify", "--json")
    assert (ended.status, json.loads(ended.out)["status"]) == (0, "no")
    assert "nonzero_weights" not in ended.out


def test_proofs_are_refused(program: Program, tmp_path: Path) -> None:
    ended = program("solve", XOR, "--sparsify", "--proof", tmp_path / "p.drup")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "qnnt: error: proofs are about the loss alone: ask for a proof without sparsify\n"
    assert not list(tmp_path.iterdir())


def test_competition_lines_are_about_the_loss(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    ended = program("solve", XOR, "--sparsify", "--competition")
    lines = ended.out.splitlines()
    assert (ended.status, lines.count("s OPTIMUM FOUND")) == (30, 1)
    assert [line for line in lines if line[0] == "o"][-1] == "o 0"
    assert sum(line.startswith("v ") and "->" in line and not line.endswith("=0") for line in lines) == 6
    capsys.readouterr()
    told = _ObjectiveLines()
    told(Progress(0.1, 3, 0, "solving"))
    told(Progress(0.2, 2, 2, "solving", 9, 1))
    assert capsys.readouterr().out == "o 3\n"


def test_progress_lines_say_what_is_minimised() -> None:
    assert _progress_line(Progress(1.0, None, 0, "encoding")) == "encoding: no solution yet, bound 0, 1.0 s"
    assert _progress_line(Progress(1.0, Fraction(7, 2), 1, "solving")) == "solving: loss 7/2, bound 1, gap 71%, 1.0 s"
    assert _progress_line(Progress(1.0, 0, 0, "solving")) == "solving: loss 0, bound 0, 1.0 s"
    line = "solving: 12 non-zero weights with loss at most 20, bound 9, gap 25%, 3.2 s"
    assert _progress_line(Progress(3.2, 20, 20, "solving", 12, 9)) == line
