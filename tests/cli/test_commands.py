"""The other commands, and that every command is documented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer.main

from qnnt.cli.main import app
from qnnt.files.instances import load
from qnnt.solvers.registry import SOLVERS
from tests.cli.program import Program

ROOT = Path(__file__).parents[2]


def test_every_command_has_help_and_stands_in_the_readme(program: Program) -> None:
    readme = (ROOT / "README.md").read_text()
    group = typer.main.get_command(app)
    for name in group.commands:  # type: ignore[attr-defined]
        assert f"qnnt {name}" in readme
        ended = program(name, "--help")
        assert ended.status == 0
        assert len(ended.out.splitlines()) > 5


def test_every_solver_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in SOLVERS:
        assert f"| `{name}` |" in readme


def test_version(program: Program) -> None:
    import qnnt

    assert program("--version").out == f"qnnt {qnnt.__version__}\n"


def test_solvers(program: Program) -> None:
    assert "ortools" in program("solvers").out
    rows = json.loads(program("solvers", "--json").out)
    assert [row["name"] for row in rows] == [*SOLVERS, "portfolio"]


@pytest.mark.parametrize("name", ["instance", "result"])
def test_schema(name: str, program: Program) -> None:
    assert json.loads(program("schema", name).out)["$schema"].startswith("https://json-schema.org/")


def test_no_such_schema(program: Program) -> None:
    assert program("schema", "nonsense").status == 2


def test_generate_is_reproducible(program: Program, tmp_path: Path) -> None:
    for family in ("random", "planted"):
        words = ["generate", family, "--d", "3", "--layers", "3,3,2", "--samples", "12", "--seed", "7"]
        assert program(*words).out == program(*words).out
        assert program(*words).out != program(*words[:-1], "8").out
        program(*words, "--error-bound", "2", "-o", tmp_path / "i.json")
        assert load(str(tmp_path / "i.json")).bound == 2


def test_planted_instances_fit(program: Program, tmp_path: Path) -> None:
    program("generate", "planted", "--layers", "2,2,1", "--samples", "8", "-o", tmp_path / "i.json")
    assert json.loads(program("solve", tmp_path / "i.json", "--json").out)["loss"] == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["random", "--layers", "2,x", "--samples", "3"], "--layers"),
        (["random", "--layers", "2", "--samples", "3"], "--layers"),
        (["random", "--layers", "1,1", "--samples", "9"], "only 3 distinct inputs"),
        (["planted", "--layers", "1,1", "--samples", "9", "--flip", "2"], "--flip"),
        (["planted", "--layers", "1,1", "--samples", "9", "--d", "1"], "at least 2"),
        (["random", "--layers", "1,1", "--samples", "-1"], "samples"),
    ],
)
def test_generate_complains(words: list[str], complaint: str, program: Program) -> None:
    ended = program("generate", *words)
    assert ended.status == 2
    assert complaint in ended.err
