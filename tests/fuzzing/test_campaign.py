"""`qnnt fuzz` from the start to a folder per finding."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from qnnt.cli.fuzz import _display
from qnnt.documents.construction import d_nnt
from qnnt.errors import InputError
from qnnt.files.instances import load, save
from qnnt.fuzzing import campaign
from qnnt.fuzzing.campaign import Campaign, fuzz
from qnnt.fuzzing.cases import CORPUS, Case, made
from qnnt.fuzzing.features import FEATURES
from qnnt.verdicts import Verdict
from tests.solvers.elsewhere import command_with, program_with, write_distribution

PLACE = "elsewhere_solvers"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = ("liar", "crasher", "forger")
    return write_distribution(tmp_path, {name: f"{PLACE}:{name.upper()}" for name in names})


def test_nothing_is_found_where_nothing_is_wrong(tmp_path: Path) -> None:
    ended = fuzz(seed=21, count=30, jobs=2, folder=str(tmp_path / "findings"))
    assert ended.agreed
    assert (ended.count, ended.corpus) == (30, len(list(CORPUS.glob("*.json"))))
    assert sum(ended.shapes.values()) == 30
    assert set(ended.features) <= set(FEATURES)
    assert ended.verdicts["enumeration"][Verdict.AGREE] >= 30
    assert not (tmp_path / "findings").exists()
    assert json.loads(json.dumps(ended.document))["agreed"]


def test_the_stream_is_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    one, two = (fuzz(seed=22, count=14, jobs=jobs, corpus=str(tmp_path)) for jobs in (1, 3))
    assert (runs_of(one), one.shapes, one.features) == (runs_of(two), two.shapes, two.features)
    halves = [fuzz(seed=22, first=first, count=count, corpus=str(tmp_path)) for first, count in ((0, 6), (6, 8))]
    assert sum(map(runs_of, halves), Counter()) == runs_of(one)


def runs_of(campaign: Campaign) -> Counter[str]:
    """How many runs each solver had; how those that are cut short end is a matter of time."""
    return Counter({solver: sum(counts.values()) for solver, counts in campaign.verdicts.items()})


def test_time_is_a_limit(tmp_path: Path) -> None:
    ended = fuzz(seed=23, time_limit=2, corpus=str(tmp_path))
    assert ended.count > 0
    assert ended.seconds < 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": -1}, "count must be at least 0"),
        ({"first": -1}, "first number must be at least 0"),
        ({"jobs": 0}, "at least one job"),
        ({"time_limit": 0}, "time limit must be positive"),
        ({"solvers": ["sat"]}, "nobody to disagree with"),
        ({"solvers": ["sat", "nobody"]}, "unknown solver 'nobody'"),
        ({"corpus": "not/there"}, "not/there: there is no such file or folder"),
    ],
)
def test_bad_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fuzz(seed=1, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("solver", "verdict"), [("liar", "contradiction"), ("crasher", "crashed"), ("forger", "wrong certificate")]
)
def test_a_finding_is_small_and_can_be_seen_again(folder: Path, solver: str, verdict: str) -> None:
    words = ["fuzz", "--solvers", f"enumeration,{solver}", "--count", "2", "--seed", "3", "--corpus", str(folder)]
    done = program_with(folder, *words, "--json")
    assert (done.returncode, done.stderr.splitlines()[0]) == (4, "seed 3")
    document = json.loads(done.stdout)
    assert not document["agreed"]
    place = folder / document["findings"][0]["folder"]
    report = json.loads((place / "report.json").read_text())
    assert (report["solver"], report["verdict"], report["confirmed"]) == (solver, verdict, True)
    small, original = load(str(place / "instance.json")), load(str(place / "original.json"))
    assert len(small.dataset) <= min(1, len(original.dataset))
    assert len(small.network.edges) <= 1
    met = report["met"]
    assert made(Case(met["seed"], met["number"])).instance.dataset == original.dataset
    assert shown_again(folder, place).startswith(f"{solver}: {verdict}: ")
    assert done.stderr == "seed 3\n"  # no tracebacks, however often it crashed


def shown_again(folder: Path, place: Path) -> str:
    """What the command of a finding finds, in words."""
    words = shlex.split((place / "command.txt").read_text())
    again = subprocess.run(
        [*command_with(folder), *words[1:]], cwd=place, capture_output=True, text=True, check=False, timeout=60
    )
    assert again.returncode == 4
    lines = [line for line in again.stdout.splitlines() if line.startswith(("instance.json: ", "found at "))]
    return lines[0].partition("instance.json: ")[2]


@pytest.mark.parametrize(
    ("solver", "other", "asked", "program"),
    [
        ("LiesInDecisions", "enumeration", "at the optimum", "compare"),
        ("BelievesHints", "enumeration", "from a hint", "fuzz"),
        ("MissesTheBest", "OnlyDecides", "at the optimum", "fuzz"),
    ],
)
def test_every_kind_of_question_can_be_put_again(
    tmp_path: Path, solver: str, other: str, asked: str, program: str
) -> None:
    named = {name: f"tests.fuzzing.sly_solvers:{_upper(name)}" for name in (solver, other) if name != "enumeration"}
    folder = write_distribution(tmp_path, named)
    line = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="identity", loss="absolute")
    save(line, str(folder / "line.json"))
    words = ["--solvers", f"{solver},{other}", "--count", "0", "--corpus", "line.json", "--seed", "2"]
    done = program_with(folder, "fuzz", *words, "--json")
    assert done.returncode == 4
    places = [folder / finding["folder"] for finding in json.loads(done.stdout)["findings"]]
    reports = {place: json.loads((place / "report.json").read_text()) for place in places}
    place, report = next((place, report) for place, report in reports.items() if report["asked"] == asked)
    assert (report["solver"], report["verdict"], report["confirmed"]) == (solver, "contradiction", True)
    assert (place / "command.txt").read_text().startswith(f"qnnt {program} ")
    claim, _, _ = report["reason"].partition(", but ")  # who refutes it first may be another one
    assert shown_again(folder, place).startswith(f"{solver}: contradiction: {claim}, but ")


def _upper(name: str) -> str:
    """``LiesLow`` becomes ``LIES_LOW``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def test_a_bad_place_for_findings_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    done = program_with(tmp_path, "fuzz", "--count", "1", "-o", "taken/findings")
    assert (done.returncode, done.stdout) == (2, "")
    assert "taken is no directory" in done.stderr


def test_alike_findings_are_counted_after_some(folder: Path) -> None:
    words = ["fuzz", "--solvers", "enumeration,crasher", "--count", "12", "--seed", "3", "--corpus", str(folder)]
    document = json.loads(program_with(folder, *words, "--json").stdout)
    assert len(document["findings"]) == campaign.ALIKE
    assert len(document["further_failures"]) == 12 - campaign.ALIKE
    assert document["further_failures"][0].endswith(": crasher: crashed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_with_what_there_is(tmp_path: Path, number: signal.Signals) -> None:
    command = [*command_with(tmp_path), "fuzz", "--count", "1000000", "--seed", "4", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, text=True) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == "seed 4\n"
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(4)
        running.send_signal(number)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (3, "")
    assert json.loads(out)["agreed"]


def test_it_prints_what_it_did(tmp_path: Path) -> None:
    done = program_with(tmp_path, "fuzz", "--count", "10", "--seed", "5")
    assert (done.returncode, done.stderr) == (0, "seed 5\n")
    assert done.stdout.startswith("10 instances of seed 5 and ")
    assert done.stdout.endswith("no disagreement\n")
    nothing = ["fuzz", "--count", "0", "--corpus", str(tmp_path)]
    fresh = program_with(tmp_path, *nothing)
    assert fresh.returncode == 0
    assert fresh.stderr != program_with(tmp_path, *nothing).stderr


def test_logs_get_a_line_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qnnt.cli.fuzz.MINUTE", 0.0)
    with _display() as tell:
        tell(7, 1)
    assert capsys.readouterr().err == "7 instances, 1 failures\n"
