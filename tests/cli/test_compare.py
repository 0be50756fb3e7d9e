"""`qnnt compare` from the outside: tables, files, statuses, signals, kills, and solvers that lie."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from qnnt.documents.construction import d_nnt
from qnnt.files.instances import load, save, sha256_of
from qnnt.files.run_log import open_run_log
from qnnt.generation.families import random_labels
from qnnt.solvers.entry import Entry
from qnnt.solvers.registry import SOLVERS
from tests.cli.program import EXAMPLES, Program
from tests.solvers.elsewhere import command_with, program_with, write_distribution
from tests.solvers.processes import PATIENCE, children_of, gone, pids_in
from tests.solvers.small_instances import line

XOR = EXAMPLES / "xor.json"
PLACE = "elsewhere_solvers"
LINE = d_nnt([1, 1], [[1]], [[4]], weights=[0, 1, 2, 9], bias=[0], activation="identity", loss="absolute")

GATE = '''
"""A solver that says where it runs, then waits until there is a file `open`."""

import os
import time
from pathlib import Path

from elsewhere_solvers import Honest
from qnnt.solvers.entry import Entry


class Gate(Honest):
    def unsupported(self, instance, objective):
        return None

    def solve(self, instance, objective, hint, limits, report):
        with open("pids", "a") as file:
            file.write(f"{os.getpid()} ")
        while not Path("open").exists():
            time.sleep(0.02)
        return super().solve(instance, objective, hint, limits, report)


ENTRY = Entry("gate", "gate_solver:Gate", "waits", preload=("gate_solver",))
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A distribution with solvers, and instances a, b and c."""
    points = {name: f"{PLACE}:{name.upper()}" for name in ("honest", "liar", "crasher", "forger")}
    write_distribution(tmp_path, {**points, "gate": "gate_solver:ENTRY"})
    (tmp_path / "gate_solver.py").write_text(GATE)
    save(LINE, str(tmp_path / "line.json"))
    for number, name in enumerate("abc", 1):  # whose smallest losses are 1, 2 and 1
        save(random_labels(3, [2, 1], 6, number), str(tmp_path / f"{name}.json"))
    return tmp_path


# --- what it prints and writes -------------------------------------------------------------------


def test_a_table_for_people(program: Program) -> None:
    ended = program("compare", XOR, EXAMPLES / "skip.json", "--solvers", "enumeration,dp-pseudo, sat:adder")
    assert (ended.status, ended.err) == (0, "")
    head, xor, skip = (line for line in ended.out.splitlines() if line[:1] in "┃│")
    assert [cell.strip() for cell in head.strip("┃").split("┃")] == [
        "instance", "proven", "enumeration", "dp-pseudo", "sat:adder",
    ]  # fmt: skip
    assert [cell.strip() for cell in xor.strip("│").split("│")][:2] == [str(XOR), "0"]
    assert [cell.strip() for cell in skip.strip("│").split("│")][1].startswith("yes (")
    assert ended.out.splitlines()[-1].startswith("6 runs on 2 instances: ")


def test_wide_tables_are_not_folded_into_pipes(program: Program, tmp_path: Path) -> None:
    (tmp_path / ("x" * 150)).write_bytes(XOR.read_bytes())
    solvers = [f"sat:{engine}" for engine in SOLVERS["sat"].options["engine"]]
    ended = program("compare", tmp_path / ("x" * 150), "--solvers", ",".join(solvers), "--time-limit", "inf")
    rows = [line for line in ended.out.splitlines() if line[:1] in "┃│"]
    assert len(rows) == 2
    assert all(solver in rows[0] for solver in solvers)
    assert "x" * 150 in rows[1]


def test_all_forms_say_the_same(program: Program, tmp_path: Path) -> None:
    output, table, summary = tmp_path / "runs.jsonl", tmp_path / "t.csv", tmp_path / "s.md"
    save(line(), str(tmp_path / "line.json"))
    words: list[str | Path] = ["compare", XOR, tmp_path / "line.json", "--solvers", "auto,enumeration,dp-fpt"]
    words += ["-o", output]
    ended = program(*words, "--json", "--csv", table, "--markdown", summary)
    assert (ended.status, ended.err) == (0, "")
    document = json.loads(ended.out)
    assert document["verdicts"] == {"agree": 5, "unsupported": 1}
    assert [row["loss"] for row in document["rows"]] == [0, 0, 0, "7/2", "7/2", None]
    assert [one["loss"] for one in document["instances"]] == [0, "7/2"]
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert rows == [{k: "" if v is None else str(v) for k, v in row.items()} for row in document["rows"]]
    with open_run_log(str(output)) as log:
        assert sorted(run.solver for run in log.known.values()) == sorted(row["solver"] for row in rows)
    again = program(*words, "--csv", "-")  # nothing is run again: even the seconds are the same
    assert (again.status, again.out) == (0, table.read_text())
    assert program(*words, "--markdown", "-").out == summary.read_text()
    assert json.loads(program(*words, "--json").out) == document


def test_standard_input_and_families(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(XOR.read_bytes())))
    family = "random:layers=2-1,samples=3,seeds=0-1"
    ended = program("compare", "-", family, "--solvers", "enumeration", "--csv", "-")
    assert [line.split(",")[0] for line in ended.out.splitlines()[1:]] == [
        "standard input", "random-d3-2x1-n3-s0", "random-d3-2x1-n3-s1",
    ]  # fmt: skip


def test_all_leaves_out_what_is_not_installed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Entry("absent", "a:B", "", packages=(("a-package", "no_such_module"),))
    few = {name: SOLVERS[name] for name in ("dp-fpt", "enumeration")}
    monkeypatch.setattr("qnnt.solvers.registry.SOLVERS", {**few, "absent": absent})
    ended = program("compare", XOR, "--csv", "-")
    assert ended.status == 0
    assert [line.split(",")[1] for line in ended.out.splitlines()[1:]] == ["dp-fpt", "enumeration"]
    ended = program("compare", XOR, "--solvers", "absent")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "qnnt: error: the solver absent needs: pip install a-package\n"


def test_limits_and_what_is_not_supported_are_rows(program: Program, tmp_path: Path) -> None:
    hard = tmp_path / "hard.json"
    save(random_labels(4, (4, 4, 2), 40, 0), str(hard))
    ended = program("compare", hard, "--solvers", "sat,enumeration", "--time-limit", "0.5", "--json", "--jobs", "2")
    assert (ended.status, ended.err) == (0, "")
    assert [row["verdict"] for row in json.loads(ended.out)["rows"]] == ["limit", "unsupported"]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_of_any_bytes_are_printed_and_written(encoding: str, tmp_path: Path) -> None:
    data, files = tmp_path / "data", [tmp_path / "t.csv", tmp_path / "s.md"]
    data.mkdir()
    (data / "[red]é:bug:.json").write_bytes(XOR.read_bytes())
    save(load(str(XOR)).derive(name="b"), os.fsdecode(os.fsencode(data) + b"/\xff.json"))
    words = [str(data), "--solvers", "enumeration", "--csv", str(files[0]), "--markdown", str(files[1])]
    environment = {**os.environ, "PYTHONIOENCODING": f"{encoding}:strict"}
    command = [*command_with(tmp_path), "compare", *words]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    for written in (done.stdout, *(file.read_bytes() for file in files)):
        assert b"\\udcff.json" in written
        assert b"/[red]" in written
        assert b":bug:.json" in written


def test_the_display_of_a_terminal_takes_any_name(folder: Path) -> None:
    (folder / "x[").mkdir()
    (folder / "x[" / "].json").write_bytes(XOR.read_bytes())
    screen, terminal = pty.openpty()
    command = [*command_with(folder), "compare", "x[/].json", "--solvers", "enumeration"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=terminal, check=False, timeout=60)
    os.close(terminal)
    os.close(screen)
    assert done.returncode == 0
    assert b"1 agree" in done.stdout


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--solvers", "nobody"], "unknown solver 'nobody'"),
        (["--solvers", ""], "unknown solver ''"),
        (["--solvers", "sat,,cpsat"], "unknown solver ''"),
        (["--solvers", "sat:fast"], "unknown option 'fast' of sat"),
        (["--objective", "maximize"], "unknown objective 'maximize'"),
        (["--objective", "decide"], "to decide, the instance needs a bound"),
        (["--bound", "1.5"], "expected an integer or a rational string"),
        (["--bound", "-1"], "expected a bound of at least 0"),
        (["--time-limit", "0"], "the time limit must be positive"),
        (["--time-limit", "nan"], "the time limit must be positive"),
        (["--time-limit", "-inf"], "the time limit must be positive"),
        (["--memory-limit", "0"], "the memory limit must be at least 1 MB"),
        (["--threads", "0"], "at least one thread"),
        (["--jobs", "0"], "at least one job"),
        (["--seed", "-1"], "the seed must lie in"),
        (["--json", "--csv", "-"], "exclude each other"),
        (["--markdown", "-", "--csv", "-"], "exclude each other"),
        (["nowhere.json"], "nowhere.json: cannot read: no such file or directory"),
        (["nowhere*.json"], "nowhere*.json: no instance file matches"),
        (["random:layers=2-1"], "samples: expected an integer of at least 0; it is missing"),
        (["-o", "-"], "-o needs a file"),
        (["-o", "/dev/null"], "/dev/null: runs need a regular file"),
        (["-o", "."], ".: cannot write: is a directory"),
        (["-o", "a.json"], "a.json, line 1: no JSON"),
        (["-o", "nowhere/r.jsonl"], "nowhere/r.jsonl: cannot write: no such file or directory"),
        (["--csv", "nowhere/r.csv"], "nowhere/r.csv: cannot write: there is no directory nowhere"),
        (["--csv", "."], ".: cannot write: is a directory"),
        (["--csv", ""], "cannot write: is a directory"),
        (["--markdown", "a.json/r.md"], "cannot write: there is no directory a.json"),
        (["--csv", "a.json"], "a.json: cannot write: it is named twice"),
        (["--csv", "./a.json"], "./a.json: cannot write: it is named twice"),
        (["--csv", "r", "--markdown", "r"], "r: cannot write: it is named twice"),
        (["-o", "r", "--markdown", "r"], "r: cannot write: it is named twice"),
        (["--failures", "a.json"], "a.json: cannot write: a.json is no directory"),
        (["--failures", "a.json/x/y"], "cannot write: a.json is no directory"),
    ],
)
def test_bad_input_gives_one_line_and_2_and_nothing_runs(
    words: list[str], complaint: str, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_bytes(XOR.read_bytes())
    monkeypatch.setattr("qnnt.solvers.comparison.Runner", lambda *_: pytest.fail("something ran"))
    ended = program("compare", "a.json", *words)
    assert (ended.status, ended.out) == (2, "")
    assert complaint in ended.err
    assert ended.err.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
    assert Path("a.json").read_bytes() == XOR.read_bytes()


# --- solvers that break --------------------------------------------------------------------------


def failing(folder: Path, *words: str) -> tuple[dict[str, Any], list[Path]]:
    """The report of a comparison that must fail, and the reproducers."""
    done = program_with(folder, "compare", *words, "--json")
    assert (done.returncode, done.stderr) == (4, "")
    document = json.loads(done.stdout)
    assert document["agreed"] is False
    return document, [folder / found["folder"] for found in document["reproducers"]]


BETTER = "but honest found 2, which was verified"


@pytest.mark.parametrize(
    ("solver", "words", "verdict", "reason", "log"),
    [
        ("liar", [], "contradiction", f"it says no loss below 4, {BETTER}", "the liar speaks\n"),
        ("liar", ["--bound", "7/2", "--seed", "3"], "contradiction", f"it says no loss of at most 7/2, {BETTER}", ""),
        ("crasher", [], "crashed", "crasher: RuntimeError: the wheels came off", "the wheels came off\n"),
        ("forger", ["--time-limit", "inf"], "wrong certificate", "forger returned a wrong solution: the weight 77", ""),
    ],
    ids=["optimum", "bound", "crash", "certificate"],
)
def test_a_failure_can_be_seen_again(
    solver: str, words: list[str], verdict: str, reason: str, log: str, folder: Path
) -> None:
    document, places = failing(folder, "line.json", "--solvers", f"honest,{solver}", *words)
    assert [row["verdict"] for row in document["rows"]] == ["agree", verdict]
    (place,) = places
    assert place.parent == folder / "qnnt-failures"
    kept = json.loads((place / "report.json").read_text())
    assert (kept["format"], kept["verdict"]) == ("qnnt-reproducer/1", verdict)
    assert kept["reason"].startswith(reason)
    assert kept["run"]["solver"] == solver
    assert (kept["witness"] is not None) == (verdict == "contradiction")
    if kept["witness"] is not None:
        assert (kept["witness"]["solver"], kept["witness"]["result"]["loss"]) == ("honest", 2)
    assert set(kept["versions"]) >= {"python", "qnnt", "numpy"}
    assert kept["options"]["seed"] == (3 if "--seed" in words else 0)
    assert sha256_of(load(str(place / "instance.json"))) == kept["run"]["instance_sha256"]
    assert (place / "stderr.log").read_text().endswith(log)
    program_name, *again = shlex.split((place / "command.txt").read_text())
    assert program_name == "qnnt"
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    command = [*command_with(folder), *again]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (4, "")
    assert f"{solver}: {verdict}: {reason}" in done.stdout
    assert {file.name: file.read_bytes() for file in place.iterdir() if file.is_file()} == before


def test_a_failure_is_one_to_every_later_call(folder: Path) -> None:
    words = ["line.json", "--solvers", "honest,liar,crasher,forger", "-o", "runs.jsonl", "--failures", "found/here"]
    first, places = failing(folder, *words)
    assert [row["verdict"] for row in first["rows"]] == ["agree", "contradiction", "crashed", "wrong certificate"]
    assert sorted(places) == sorted((folder / "found" / "here").iterdir())
    content = (folder / "runs.jsonl").read_bytes()
    assert failing(folder, *words)[0] == first
    assert (folder / "runs.jsonl").read_bytes() == content


# --- ends in the middle --------------------------------------------------------------------------


@pytest.fixture
def begun(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A comparison of six runs with three made and three to go, as the gate is closed."""
    process = subprocess.Popen(
        [*command_with(folder), *WORDS], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 3 * PATIENCE
    while not ((folder / "pids").exists() and lines_in(folder) == 3) and time.monotonic() < end:
        time.sleep(0.02)
    yield process
    process.kill()
    process.communicate()


WORDS = ["compare", "a.json", "b.json", "c.json", "--solvers", "enumeration,gate", "-o", "runs.jsonl", "--json"]
WORDS += ["--jobs", "4", "--time-limit", "inf"]


def lines_in(folder: Path) -> int:
    file = folder / "runs.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def finish(folder: Path) -> None:
    """The same command makes the other runs, and no more."""
    content = (folder / "runs.jsonl").read_bytes()
    (folder / "pids").write_text("")
    (folder / "open").touch()
    done = program_with(folder, *WORDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verdicts"] == {"agree": 6}
    assert (folder / "runs.jsonl").read_bytes().startswith(content[: content.rfind(b"\n") + 1])
    assert lines_in(folder) == 6
    assert len((folder / "pids").read_text().split()) == 3
    with open_run_log(str(folder / "runs.jsonl")) as log:
        assert {run.apparent for run in log.known.values()} == {None}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_early_and_the_same_command_finishes(
    number: signal.Signals, folder: Path, begun: subprocess.Popen[str]
) -> None:
    pids = pids_in(folder / "pids", 3)
    begun.send_signal(number)
    begun.send_signal(number)  # twice, as shells do
    out, err = begun.communicate(timeout=30)
    assert (begun.returncode, err) == (3, "")
    document = json.loads(out)
    assert (document["verdicts"], document["missing"]) == ({"agree": 3}, 3)
    assert {row["solver"] for row in document["rows"]} == {"enumeration"}
    assert gone(*pids)
    finish(folder)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
@pytest.mark.parametrize("torn", [False, pytest.param(True, marks=pytest.mark.full)])
def test_a_kill_ends_all_and_the_same_command_finishes(torn: bool, folder: Path, begun: subprocess.Popen[str]) -> None:
    pids = pids_in(folder / "pids", 3)
    workshops = children_of(begun.pid)
    assert workshops
    begun.kill()
    begun.communicate(timeout=30)
    assert gone(*pids, *workshops)
    assert lines_in(folder) == 3
    if torn:  # killed while it wrote
        with (folder / "runs.jsonl").open("ab") as file:
            file.write((folder / "runs.jsonl").read_bytes()[:200])
    finish(folder)


def test_a_second_comparison_may_not_write_to_the_same_file(folder: Path, begun: subprocess.Popen[str]) -> None:
    done = program_with(folder, *WORDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "qnnt: error: runs.jsonl: another process is writing to it\n"
