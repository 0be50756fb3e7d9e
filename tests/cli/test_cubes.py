"""`qnnt solve --cubes`: answers, files, competition lines, options that exclude each other."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from qnnt.files.results import load_claim
from qnnt.files.schemas import schema_text
from tests.cli.program import EXAMPLES, Program

XOR = EXAMPLES / "xor.json"


def test_one_answer_in_a_valid_file(program: Program, tmp_path: Path) -> None:
    written = tmp_path / "r.json"
    ended = program("solve", XOR, "--cubes", "5", "--threads", "2", "--seed", "3", "--time-limit", "60", "-o", written)
    assert ended.status == 0
    assert "cubes     6 (" in ended.out
    document = json.loads(written.read_text())
    jsonschema.validate(document, json.loads(schema_text("result")))
    assert (document["status"], document["loss"], document["lower_bound"]) == ("optimal", 0, 0)
    assert (document["solver"], document["options"]["cubes"], document["model"]["cubes"]) == ("cubes:auto", 5, 6)
    assert load_claim(str(written)).loss == 0
    assert program("verify", XOR, written).status == 0
    again = program("solve", XOR, "--cubes", "5", "--hint", written, "--bound", "0")
    assert (again.status, "the hint settles it" in again.out) == (0, True)


def test_rational_losses_and_decisions(program: Program) -> None:
    regression = EXAMPLES / "regression.json"
    ended = program("solve", regression, "--cubes", "4", "--objective", "minimize", "--solver", "cpsat", "--json")
    assert json.loads(ended.out)["loss"] == "3/16"
    ended = program("solve", regression, "--cubes", "4", "--bound", "1/8", "--solver", "cpsat", "--json")
    assert (ended.status, json.loads(ended.out)["status"]) == (0, "no")


def test_competition_lines(program: Program) -> None:
    ended = program("solve", XOR, "--cubes", "5", "--solver", "sat", "--competition")
    assert ended.status == 30
    lines = ended.out.splitlines()
    assert "s OPTIMUM FOUND" in lines
    assert [line for line in lines if line.startswith("o ")][-1] == "o 0"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--cluster", "tcp://127.0.0.1:1"], "--cluster solves cubes: say --cubes N, too"),
        (["--cubes", "0"], "at least one cube is needed, not 0"),
        (["--cubes", "4", "--proof", "p"], "--proof and --cubes exclude each other"),
        (["--cubes", "4", "--sparsify"], "--sparsify and --cubes exclude each other"),
        (["--cubes", "4", "--solver-command", "kissat %s"], "--solver-command and --cubes exclude each other"),
        (["--cubes", "4", "--cluster", "here"],
         "expected the address of a dask scheduler, tcp://HOST:PORT, got 'here'"),
        (["--cubes", "4", "--cluster", "tcp://127.0.0.1:1", "--threads", "2"],
         "the number of threads is about this machine: workers of a cluster have their own"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_one_line(program: Program, words: list[str], problem: str) -> None:
    ended = program("solve", XOR, *words)
    assert (ended.status, ended.out, ended.err) == (2, "", f"qnnt: error: {problem}\n")
