"""The programs of examples/scripts do what they say; the distribution there installs, solves and is honest."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.array_evaluation import judge
from qnnt.exact import Number
from qnnt.files.instances import save
from qnnt.fuzzing.tiny import random_instance
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective, Parameters
from qnnt.reductions.registry import FAMILIES
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Event, Found, Limits
from qnnt.solvers.instance_sets import instances_of
from tests.solvers.elsewhere import program_with, write_distribution

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "examples" / "scripts"
OWN = SCRIPTS / "own_backend"
TINY = "random:layers=2-2-1,d=3"
HARD = "random:layers=6-6-2,d=5"
"""Nobody proves an optimum of that with 60 samples within a second."""


def run(script: str, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program, with the distributions of a folder on its path."""
    command = [sys.executable, str(SCRIPTS / script), *words]
    known = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False, timeout=120)


def columns(line: str) -> list[str]:
    """Of a table; they are two spaces apart, or one where that does not break a number."""
    return re.findall(r">= \S+|\d+ of \d+|\S+", line)


# --- compare_encodings.py ------------------------------------------------------------------------


def test_encodings_are_compared(tmp_path: Path) -> None:
    encodings = ["sat:adder", "sat:minicard:native", "cpsat:integer"]
    done = run("compare_encodings.py", f"{TINY},samples=5", "--encodings", *encodings, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    heads, *lines, last = done.stdout.splitlines()
    assert columns(heads) == ["encoding", "answered", "seconds", "variables", "constraints", "first"]
    rows = [columns(line) for line in lines]
    assert [row[:2] for row in rows] == [[encoding, "1 of 1"] for encoding in encodings]
    assert all(re.fullmatch(r"\d+\.\d\d", row[2]) for row in rows)
    instance = random_labels(3, (2, 2, 1), 5, 0)
    models = [qnnt.solve(instance, solver=encoding, threads=1).model for encoding in encodings]
    adder, native, integer = models
    assert rows[0][3:5] == [str(adder["cnf"]["variables"]), str(adder["cnf"]["clauses"])]
    assert rows[1][3:5] == [str(native["cnf"]["variables"]), str(native["cnf"]["clauses"] + native["cnf"]["at_most"])]
    assert native["cnf"]["at_most"] > 0
    assert rows[2][3] == str(integer["booleans"] + integer["integers"])
    assert sum(int(row[5]) for row in rows) == 1
    assert last.endswith("3 runs on 1 instances: 3 agree, 3 of them made now")


def test_a_comparison_of_encodings_continues(tmp_path: Path) -> None:
    words = ["--encodings", "sat:gte", "cpsat:order", "-o", "runs.jsonl"]
    assert ", 2 of them made now" in run("compare_encodings.py", f"{TINY},samples=4", *words, folder=tmp_path).stdout
    written = tmp_path / "runs.jsonl"
    written.write_bytes(written.read_bytes()[:-20])  # killed in the middle of a line
    more = f"{TINY},samples=4,seeds=0-1"
    shown = run("compare_encodings.py", more, *words, folder=tmp_path).stdout
    assert "4 runs on 2 instances: 4 agree, 3 of them made now" in shown
    again = run("compare_encodings.py", more, *words, folder=tmp_path).stdout
    assert again == shown.replace("3 of them made now", "0 of them made now")


def test_an_encoding_without_an_answer_has_a_lower_bound(tmp_path: Path) -> None:
    words = [f"{HARD},samples=60", "--encodings", "sat:adder", "--limit", "0.05"]
    done = run("compare_encodings.py", *words, folder=tmp_path)
    row = columns(done.stdout.splitlines()[1])
    assert row[:3] == ["sat:adder", "0 of 1", ">= 0.05"]
    assert re.fullmatch(r"-|\d+", row[3])  # the clauses may have been written before the limit, or not


# --- scaling.py ----------------------------------------------------------------------------------


def test_scaling_prints_a_table_and_continues(tmp_path: Path) -> None:
    words = ["--family", TINY, "--seeds", "2", "--solvers", "sat", "enumeration", "-o", "runs.jsonl"]
    first = run("scaling.py", *words, "--samples", "3", folder=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    lines = run("scaling.py", *words, "--samples", "6", "3", folder=tmp_path).stdout.splitlines()
    assert columns(lines[0]) == ["samples", "sat", "enumeration"]
    assert lines[:2] == first.stdout.splitlines()[:2]
    assert re.fullmatch(r" +6( +\d+\.\d\d){2}", lines[2])
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 2 * 2 * 2


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")
def test_scaling_draws_lower_bounds_too(tmp_path: Path) -> None:
    words = [
        "--family",
        "random:layers=6-6-6-2,d=5",
        "--samples",
        "60",
        "--seeds",
        "1",
        "--solvers",
        "sat",
        "row-count",
    ]
    words += ["--limit", "0.05", "-o", "runs.jsonl", "--plot"]
    for name, start in (("curve.svg", b"<?xml"), ("curve.png", b"\x89PNG")):
        done = run("scaling.py", *words, name, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert columns(done.stdout.splitlines()[1]) == ["60", ">= 0.05", "-"]  # row-count takes two layers
        assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("seconds", "median"),
    [
        ([1.0], "1.00"),
        ([None], ">= 10.00"),
        ([3.0, 1.0, None], "3.00"),
        ([None, 1.0, None], ">= 10.00"),
        ([1.0, None], ">= 5.50"),
        ([2.0, None, 1.0, 4.0], "3.00"),
        ([2.0, None, None, 4.0], ">= 7.00"),
    ],
)
def test_medians_with_limits(seconds: list[float | None], median: str) -> None:
    """None is a run that stopped at the limit, 10 seconds."""
    rows = [
        {"seconds": 10.3, "status": "feasible", "verdict": "limit"}
        if each is None
        else {"seconds": each, "status": "optimal", "verdict": "agree"}
        for each in seconds
    ]
    assert str(runpy.run_path(str(SCRIPTS / "scaling.py"))["median_of"](rows, 10.0)) == median
    assert runpy.run_path(str(SCRIPTS / "compare_encodings.py"))["median_seconds"](rows, 10.0) == median


def complaint(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """The line with which a program refuses its options, within this process."""
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPTS / words[0]), run_name="__main__")
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out) == (2, "")
    return shown.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["compare_encodings.py", "none.json"], "compare_encodings.py: error: none.json: "),
        (["compare_encodings.py", "--encodings", "sat:nonsense"], "unknown option 'nonsense' of sat"),
        (["scaling.py", "--samples", "100", "--family", "random:layers=2-2"], "only 9 distinct inputs"),
        (["scaling.py", "--seeds", "0"], "seeds: expected a range"),
        (["scaling.py", "--plot", "curve.doc"], "a name that ends in .svg or .png"),
    ],
)
def test_mistakes_are_named(
    words: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in complaint(words, monkeypatch, capsys)


def test_a_plot_needs_matplotlib(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    line = complaint(["scaling.py", "--plot", "curve.svg"], monkeypatch, capsys)
    assert line == "scaling.py: error: --plot needs matplotlib: pip install 'qnnt[plot]'"


@pytest.mark.parametrize(
    "words",
    [
        ["compare_encodings.py", f"{TINY},samples=4", "--encodings", "crasher"],
        ["scaling.py", "--family", TINY, "--samples", "4", "--seeds", "1", "--solvers", "crasher"],
    ],
)
def test_solvers_that_fail_are_named(words: list[str], tmp_path: Path) -> None:
    done = run(*words, folder=write_distribution(tmp_path, {"crasher": "elsewhere_solvers:CRASHER"}))
    assert done.returncode == 1
    assert done.stderr.startswith("random-d3-2x2x1-n4-s0: crasher: crashed: ")


# --- own_backend: the solver ---------------------------------------------------------------------

LINE = qnnt.d_nnt([1, 1], [[1]], [[4]], weights=[0, 1, 2, 9], bias=[0], activation="identity", loss="absolute")
"""The losses are 4, 3, 2, 5."""


def descend(
    instance: Instance, objective: Objective, hint: Parameters | None = None, limits: Limits | None = None
) -> tuple[Answer, list[Number]]:
    """What the solver answers, and the losses of what it found."""
    solver = runpy.run_path(str(OWN / "coordinate_descent.py"))["CoordinateDescent"]()
    events: list[Event] = []
    answer = solver.solve(instance, objective, hint, limits or Limits(), events.append)
    return answer, [judge(instance, event.parameters) for event in events if isinstance(event, Found)]


@pytest.mark.parametrize("seed", range(40))
def test_it_claims_no_more_than_it_knows(seed: int) -> None:
    instance = random_instance(random.Random(seed), most_settings=300)
    least = minimum(instance).loss
    for bound in (None, least, 0):
        objective = Objective.MINIMIZE if bound is None else Objective.DECIDE
        answer, losses = descend(instance.derive(bound=bound), objective)
        enough = bound or 0
        assert losses == sorted(set(losses), reverse=True)
        assert least is not None or not losses
        if losses and losses[-1] <= enough:
            assert answer.status is (Status.OPTIMAL if bound is None else Status.YES)
        else:
            assert answer.status is (Status.FEASIBLE if losses else Status.UNKNOWN)
            assert answer.reason == "30 starts in a row found nothing better"
        assert answer.lower_bound is None


def test_it_starts_from_the_hint() -> None:
    hint = minimum(LINE).parameters
    answer, losses = descend(LINE, Objective.MINIMIZE, hint)
    assert (answer.status, losses) == (Status.FEASIBLE, [2])


def test_equal_seeds_give_equal_walks() -> None:
    instance = random_labels(3, (3, 2, 1), 8, 1)
    answers = [descend(instance, Objective.MINIMIZE, limits=Limits(seed=seed)) for seed in (1, 1, 2)]
    assert answers[0] == answers[1] != answers[2]


def test_a_reached_limit_is_no_reason() -> None:
    answer, losses = descend(random_labels(5, (6, 6, 2), 60, 0), Objective.MINIMIZE, limits=Limits(seconds=0.0))
    assert (answer.status, answer.reason, len(losses)) == (Status.FEASIBLE, "", 1)


@pytest.mark.parametrize(
    ("defined", "status", "found"), [(8, Status.OPTIMAL, [0]), (9, Status.UNKNOWN, [])], ids=["rarely", "never"]
)
def test_a_table_that_is_hardly_ever_defined(defined: int, status: Status, found: list[Number]) -> None:
    """The sum of four weights in {0, 1, 2} must be this number."""
    table = {"type": "table", "values": [[defined, 5]]}
    instance = qnnt.d_nnt([4, 1], [[1] * 4], [[5]], weights=[0, 1, 2], bias=[0], activation=table, loss="absolute")
    answer, losses = descend(instance, Objective.MINIMIZE)
    assert (answer.status, losses) == (status, found)


# --- own_backend: the distribution ---------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distribution, installed without network."""
    folder = tmp_path_factory.mktemp("distribution")
    source, target = folder / "source", folder / "installed"
    shutil.copytree(OWN, source)  # setuptools leaves its build folder where it builds
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--target", str(target), str(source)], check=True, capture_output=True)
    return target


def test_it_is_listed(installed: Path) -> None:
    done = program_with(installed, "solvers", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (row,) = (row for row in json.loads(done.stdout) if row["name"] == "coordinate-descent")
    assert row["versions"] == {"qnnt-coordinate-descent": "0.1.0"}
    assert not row["missing"]
    assert "capabilities" in row


def solved(installed: Path, folder: Path, instance: Instance, *words: str) -> dict[str, Any]:
    """The result of the program."""
    save(instance, str(folder / "instance.json"))
    files = [str(folder / "instance.json"), "-o", str(folder / "result.json")]
    done = program_with(installed, "solve", *files, "--solver", "coordinate-descent", *words)
    assert done.returncode in (0, 3), done.stderr
    result = json.loads((folder / "result.json").read_text())
    assert isinstance(result, dict)
    return result


def test_it_solves(installed: Path, tmp_path: Path) -> None:
    minimised = solved(installed, tmp_path, LINE)
    assert (minimised["status"], minimised["loss"]) == ("feasible", 2)
    assert minimised["versions"]["qnnt-coordinate-descent"] == "0.1.0"
    checked = program_with(installed, "verify", str(tmp_path / "instance.json"), str(tmp_path / "result.json"))
    assert checked.returncode == 0
    decided = solved(installed, tmp_path, LINE, "--bound", "2")
    assert (decided["status"], decided["loss"]) == ("yes", 2)


def test_it_keeps_to_the_time_limit(installed: Path, tmp_path: Path) -> None:
    result = solved(installed, tmp_path, random_labels(5, (6, 6, 2), 60, 0), "--time-limit", "0.1")
    assert (result["status"], result["note"]) == ("feasible", "time limit reached")


@pytest.mark.parametrize("question", ["", ",bound=1"])
def test_it_is_compared(question: str, installed: Path) -> None:
    families = [f"random:layers=3-3-1,d=3,samples={samples}{question}" for samples in (0, 8, 14)]
    done = program_with(installed, "compare", *families, "--solvers", "coordinate-descent,sat", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["agreed"]
    verdicts = {row["verdict"] for row in report["rows"] if row["solver"] == "coordinate-descent"}
    assert "agree" in verdicts
    assert verdicts <= {"agree", "limit", "worse than proven"}


def test_it_is_fuzzed(installed: Path) -> None:
    words = ["--solvers", "coordinate-descent,enumeration", "--count", "50", "--seed", "1", "--json"]
    done = program_with(installed, "fuzz", *words)
    assert (done.returncode, done.stderr) == (0, "seed 1\n")
    verdicts = json.loads(done.stdout)["verdicts"]
    assert set(verdicts["coordinate-descent"]) <= {"agree", "limit", "worse than proven"}
    assert set(verdicts["enumeration"]) == {"agree"}


# --- draw_network.py -----------------------------------------------------------------------------


def test_a_network_is_drawn(tmp_path: Path) -> None:
    for name in ("skip.json", "xor.json", "regression.json"):
        done = run("draw_network.py", str(ROOT / "examples" / name), "-o", f"{name}.svg", folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        instance = qnnt.load(str(ROOT / "examples" / name))
        picture = ET.parse(tmp_path / f"{name}.svg").getroot()
        space = "{http://www.w3.org/2000/svg}"
        names = [*instance.network.inputs, *instance.network.neurons]
        assert len(picture.findall(f"{space}circle")) == len(names)
        assert len(picture.findall(f"{space}path")) == len(instance.network.edges)
        words = [text.text for text in picture.findall(f"{space}text")]
        assert set(names) <= set(words)
        assert any(word is not None and word.startswith(f"loss {instance.loss.name}") for word in words)


def test_large_networks_are_not_drawn(tmp_path: Path) -> None:
    done = run("draw_network.py", "random:layers=60-60-1,samples=1", "-o", "x.svg", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("a picture of 121 inputs and neurons would show nothing: at most 120\n")


def test_the_pictures_of_the_families_are_what_their_captions_say() -> None:
    drawn = runpy.run_path(str(SCRIPTS / "draw_network.py"))["drawn"]
    text = (ROOT / "docs" / "families.md").read_text()
    pictures = re.findall(r"!\[`([^`]*)`\]\((pictures/\S+\.svg)\)", text)
    assert {Path(place).name for _, place in pictures} == {p.name for p in (ROOT / "docs" / "pictures").glob("*.svg")}
    assert {spec.partition(":")[0] for spec, _ in pictures} == {entry.name for entry in FAMILIES}
    for spec, place in pictures:
        (named,) = instances_of([spec])
        assert (ROOT / "docs" / place).read_text() == drawn(named.instance), place
