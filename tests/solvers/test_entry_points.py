"""Solvers of other distributions, found by their entry points."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from qnnt.documents.construction import d_nnt
from qnnt.files.instances import save
from qnnt.solvers.registry import SOLVERS
from tests.solvers.elsewhere import program_with, write_distribution

PLACE = "elsewhere_solvers"
LINE = d_nnt([1, 1], [[1]], [[4]], weights=[0, 1, 2, 9], bias=[0], activation="identity", loss="absolute")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    points = {"honest": f"{PLACE}:HONEST", "sat": f"{PLACE}:HONEST", "other": f"{PLACE}:MISNAMED"}
    points |= {"number": f"{PLACE}:NOTHING", "gone": "not_there_at_all:ENTRY"}
    save(LINE, str(tmp_path / "line.json"))
    return write_distribution(tmp_path, points)


def test_one_that_loads_solves(folder: Path) -> None:
    done = program_with(folder, "solve", "line.json", "--solver", "honest", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert (result["solver"], result["status"], result["loss"]) == ("honest", "optimal", 2)


def test_it_may_decline(folder: Path) -> None:
    save(d_nnt([1, 1, 1], [[1]], [[4]], weights=[0], bias=[0], activation="identity", loss="absolute"), f"{folder}/two")
    done = program_with(folder, "solve", "two", "--solver", "honest")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "qnnt: error: honest: it takes one layer\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone", "the solver gone of elsewhere cannot be loaded (not_there_at_all:ENTRY): ModuleNotFoundError"),
        ("number", "the solver number of elsewhere: expected elsewhere_solvers:NOTHING to be"),
        ("other", "the solver other of elsewhere: expected elsewhere_solvers:MISNAMED to be"),
        ("nobody", "unknown solver 'nobody'; known: auto, portfolio, cpsat"),
        ("honest:fast", "unknown option 'fast' of honest; known: none"),
    ],
)
def test_mistakes_are_named(folder: Path, name: str, message: str) -> None:
    done = program_with(folder, "solve", "line.json", "--solver", name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr


def test_built_in_names_cannot_be_taken(folder: Path) -> None:
    done = program_with(folder, "solve", "line.json", "--solver", "sat", "--json")
    assert json.loads(done.stdout)["encoding"] == "auto"


def test_they_are_listed_with_what_is_wrong(folder: Path) -> None:
    done = program_with(folder, "solvers", "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert list(rows) == [*SOLVERS, "honest", "other", "number", "gone", "portfolio"]
    assert rows["honest"]["summary"] == "brute force from elsewhere"
    assert {name for name, row in rows.items() if "broken" in row} == {"other", "number", "gone"}
    shown = program_with(folder, "solvers").stdout
    assert re.search("^honest +brute force from elsewhere", shown, re.MULTILINE)
    assert re.search("^gone +the solver gone of elsewhere cannot be loaded", shown, re.MULTILINE)


def test_info_asks_them_too(folder: Path) -> None:
    done = program_with(folder, "info", "line.json", "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["solvers"]}
    assert rows["honest"]["model"] == {"sums": 7}
    assert "cannot be loaded" in rows["gone"]["unsupported"]
