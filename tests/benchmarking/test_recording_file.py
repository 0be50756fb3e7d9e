"""Recordings as files: what is written is read again, damage is named, and writers may be killed."""

from __future__ import annotations

import copy
import dataclasses
import json
import random
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qnnt.benchmarking.measurement import Heading, Measurement
from qnnt.benchmarking.recording_file import (
    heading_document,
    line_from,
    measurement_document,
    open_recording,
    read_recording,
)
from qnnt.errors import InputError
from qnnt.instance import Objective
from qnnt.result import Incumbent, Status
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import measurement, recording, without_result
from tests.benchmarking.small_suites import EASY, document, toml
from tests.solvers.processes import PATIENCE

HEADING = recording(planned=9, setups={"sat": "sat"}).heading


def written(path: Path, *measurements: Measurement, heading: Heading = HEADING) -> str:
    with open_recording(str(path), heading) as log:
        for one in measurements:
            log.append(one)
    return str(path)


def sent(document: dict[str, Any]) -> object:
    """A document after its way through a file."""
    return json.loads(json.dumps(document))


# --- what is written is read again ---------------------------------------------------------------

counts = st.integers(0, 10**20) | st.just(10**3000)
numbers = st.none() | counts | st.fractions() | st.just(Fraction(-(10**3000), 7))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
labels = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=3)
"""File names that are no text hold surrogates."""
seconds = st.floats(0, 1e9).map(lambda value: round(value, 6))
amounts = counts | st.floats(0, 1e300)
incumbents = st.builds(Incumbent, seconds, numbers, st.integers() | st.fractions())
measurements = st.builds(
    Measurement,
    instance=labels, sha256=texts, family=texts, features=st.dictionaries(texts, st.none() | counts),
    setup=texts, solver=texts, answered_by=st.none() | texts, threads=st.integers(1), seed=counts, repetition=counts,
    time_limit=seconds, memory_limit=st.none() | st.integers(1), objective=st.sampled_from(Objective), bound=numbers,
    apparent=st.none() | st.sampled_from(Verdict), problem=labels, status=st.none() | st.sampled_from(Status),
    loss=numbers, lower_bound=numbers, numerical=st.booleans(),
    seconds=st.dictionaries(texts, seconds, max_size=2).map(lambda some: {"wall": 1.0, **some}),
    peak_memory=counts, sizes=st.dictionaries(texts, counts, max_size=2),
    counters=st.dictionaries(texts, amounts, max_size=2),
    incumbents=st.lists(incumbents, max_size=3).map(tuple), machine=texts,
)  # fmt: skip


@settings(derandomize=True, max_examples=60, deadline=None)
@given(measurements)
def test_measurements_come_back(one: Measurement) -> None:
    assert line_from(sent(measurement_document(one))) == one


headings = st.builds(
    Heading,
    suite=texts, suite_sha256=texts, description=texts, yardstick=st.none() | texts,
    setups=st.dictionaries(texts, texts, max_size=2), planned=counts, started=texts,
    commit=st.sampled_from([None, HEADING.commit]),
    machine=st.dictionaries(texts, texts | st.integers(), max_size=2).map(lambda some: {**some, "id": "x"}),
    versions=st.dictionaries(texts, texts, max_size=2), jobs=st.integers(1),
)  # fmt: skip


@settings(derandomize=True, max_examples=40, deadline=None)
@given(headings)
def test_headings_come_back(heading: Heading) -> None:
    assert line_from(sent(heading_document(heading))) == heading


def test_recordings_come_back_in_order(tmp_path: Path) -> None:
    odd = dataclasses.replace(
        measurement(), instance="\udcff.json", problem="two\nlines", repetition=1, bound=Fraction(1, 3), loss=10**3000,
        lower_bound=Fraction(-(10**200), 7), incumbents=(Incumbent(0.0, None, Fraction(1, 3)),), features={"d": None},
    )  # fmt: skip
    made = (odd, measurement(), without_result(Verdict.CRASHED, repetition=2))
    path = written(tmp_path / "r.jsonl", *made)
    found = read_recording(path)
    assert (found.heading, found.measurements, found.source, found.missing) == (HEADING, made, path, 6)
    later = measurement(repetition=3)
    assert written(tmp_path / "r.jsonl", later, heading=recording().heading) == path
    assert read_recording(path).heading == HEADING
    assert read_recording(path).measurements == (*made, later)


def test_seconds_are_rounded_and_integers_stay_integers(tmp_path: Path) -> None:
    one = measurement(seconds={"wall": 1 / 3}, counters={"conflicts": 7, "deterministic_time": 0.1})
    (read,) = read_recording(written(tmp_path / "r.jsonl", one)).measurements
    assert read.seconds == {"wall": 0.333333}
    assert read.counters == one.counters
    assert isinstance(read.counters["conflicts"], int)


# --- damage --------------------------------------------------------------------------------------

GONE = object()
HEAD, BODY = heading_document(HEADING), measurement_document(measurement())


@pytest.mark.parametrize(
    ("line", "place", "value", "complaint"),
    [
        *((1, [key], GONE, f"the key {key!r} is missing") for key in HEAD if key != "format"),
        *((2, [key], GONE, f"the key {key!r} is missing") for key in BODY if key not in ("format", "answered_by")),
        (1, ["format"], GONE, "$.format: expected 'qnnt-recording/1' or 'qnnt-measurement/1'"),
        (2, ["format"], "qnnt-recording/2", "$.format: expected 'qnnt-recording/1' or"),
        (1, ["suite"], None, "$.suite: expected a string"),
        (1, ["yardstick"], 1, "$.yardstick: expected a string"),
        (1, ["setups", "sat"], 1, "$.setups.sat: expected a string"),
        (1, ["planned"], -1, "$.planned: expected an integer of at least 0"),
        (1, ["jobs"], 0, "$.jobs: expected an integer of at least 1"),
        (1, ["commit"], "x", "$.commit: expected an object"),
        (1, ["commit", "date"], 1, "$.commit.date: expected a string"),
        (1, ["commit", "id"], "../../x", "$.commit.id: expected 7 to 64 hexadecimal digits"),
        (1, ["commit", "id"], "abcdef", "$.commit.id: expected 7 to 64 hexadecimal digits"),
        (1, ["commit", "id"], "a" * 65, "$.commit.id: expected 7 to 64 hexadecimal digits"),
        (1, ["commit", "id"], "abcdef0\n", "$.commit.id: expected 7 to 64 hexadecimal digits"),
        (1, ["machine", "id"], GONE, "$.machine.id: expected a string, got null"),
        (1, ["machine", "cores"], 1.5, "$.machine.cores: expected an integer"),
        (1, ["versions"], [], "$.versions: expected an object"),
        (2, ["instance"], 1, "$.instance: expected a string"),
        (2, ["sha256"], "\udcff", "$.sha256: '\\udcff' holds half a surrogate pair"),
        (2, ["threads"], 0, "$.threads: expected an integer of at least 1"),
        (2, ["repetition"], -1, "$.repetition: expected an integer of at least 0"),
        (2, ["time_limit"], "x", "$.time_limit: expected a number of at least 0"),
        (2, ["memory_limit"], 0, "$.memory_limit: expected an integer of at least 1"),
        (2, ["objective"], "maximize", "$.objective: expected one of decide, minimize, got 'maximize'"),
        (2, ["apparent"], "fine", "$.apparent: expected one of agree"),
        (2, ["status"], ["yes"], "$.status: expected one of"),
        (2, ["loss"], 1.5, "$.loss: "),
        (2, ["bound"], "1/0", "$.bound: "),
        (2, ["numerical"], 0, "$.numerical: expected true or false, got 0"),
        (2, ["seconds", "wall"], GONE, "$.seconds: the key 'wall' is missing"),
        (2, ["seconds", "cpu"], -1, "$.seconds.cpu: expected a number of at least 0"),
        (2, ["seconds", "cpu"], 1e13, "$.seconds.cpu: expected at most 1e+12"),
        (2, ["peak_memory"], 1.5, "$.peak_memory: expected an integer"),
        (2, ["sizes", "clauses"], 1.5, "$.sizes.clauses: expected an integer"),
        (2, ["counters", "conflicts"], True, "$.counters.conflicts: expected a number of at least 0"),
        (2, ["counters", "conflicts"], float("inf"), "$.counters.conflicts: "),
        (2, ["features", "d"], "3", "$.features.d: expected an integer"),
        (2, ["incumbents"], {}, "$.incumbents: expected a list"),
        (2, ["incumbents", 1], [1, 2], "$.incumbents[1]: expected [seconds, loss, lower bound]"),
        (2, ["incumbents", 0], ["x", 2, 2], "$.incumbents[0][0]: expected a number"),
        (2, ["incumbents", 0], [1, 2, None], "$.incumbents[0][2]: "),
    ],
)
def test_damage_is_named_by_file_line_and_key(
    line: int, place: list[Any], value: object, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    documents = copy.deepcopy([HEAD, BODY, measurement_document(measurement(repetition=1))])
    inner: Any = sent(documents[line - 1])
    documents[line - 1] = inner
    for key in place[:-1]:
        inner = inner[key]
    if value is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    content = "".join(json.dumps(one).replace("Infinity", "1e999") + "\n" for one in documents)
    Path("r.jsonl").write_text(content)
    with pytest.raises(InputError) as raised:
        read_recording("r.jsonl")
    assert str(raised.value).startswith(f"r.jsonl, line {line}: {complaint}")
    with pytest.raises(InputError), open_recording("r.jsonl", HEADING):
        pass
    assert Path("r.jsonl").read_text() == content


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "r.jsonl: expected a recording, which begins with a line of the format qnnt-recording/1"),
        (b"{}", "r.jsonl: expected a recording"),
        (b"{}\n", "r.jsonl, line 1: $.format: expected"),
        (b"[]\n", "r.jsonl, line 1: expected an object"),
        (b"\n", "r.jsonl, line 1: no JSON"),
        (b"\xff\n", "r.jsonl, line 1: no UTF-8"),
        (b"{\n", "r.jsonl, line 1: no JSON"),
        (b'{"a": NaN}\n', "r.jsonl, line 1: $.a: NaN is not a number"),
        (b'{"a": 1, "a": 1}\n', "r.jsonl, line 1: duplicate key 'a'"),
        (json.dumps(BODY).encode() + b"\n", "r.jsonl: expected a recording, which begins"),
        ((json.dumps(HEAD) + "\n").encode() * 2, "r.jsonl, line 2: a second heading"),
        (f"{json.dumps(HEAD)}\n{json.dumps(BODY)}\n{json.dumps(BODY)}\n".encode(), "r.jsonl, line 3: the same trial"),
    ],
)
def test_what_is_no_recording(content: bytes, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("r.jsonl").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_recording("r.jsonl")
    assert str(raised.value).startswith(complaint)


@pytest.mark.parametrize("source", ["nowhere.jsonl", ".", "a\0b"])
def test_what_cannot_be_read(source: str) -> None:
    with pytest.raises(InputError, match="cannot read: "):
        read_recording(source)


# --- writers that end in the middle --------------------------------------------------------------


def test_an_incomplete_last_line_is_dropped_wherever_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    two = measurement(), measurement(repetition=1)
    content = Path(written(path, *two)).read_bytes()
    ends = [i + 1 for i, byte in enumerate(content) if byte == ord("\n")]
    for cut in [1, ends[0] - 1, ends[0], ends[0] + 1, ends[1] - 1, ends[1] + 20, len(content) - 1]:
        path.write_bytes(content[:cut])
        whole = two[: max(0, sum(end <= cut for end in ends) - 1)]
        if cut >= ends[0]:
            assert read_recording(str(path)).measurements == whole
        with open_recording(str(path), HEADING) as log:
            assert log.recording.measurements == whole
            for one in two[len(whole) :]:
                log.append(one)
        assert path.read_bytes() == content


def test_what_somebody_else_wrote_last_is_not_touched(tmp_path: Path) -> None:
    path = Path(written(tmp_path / "r.jsonl", measurement()))
    path.write_bytes(path.read_bytes() + b"my notes")
    content = path.read_bytes()
    with pytest.raises(InputError, match="holds something else than measurements"), open_recording(str(path), HEADING):
        pass
    assert path.read_bytes() == content


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "r.jsonl")
    with open_recording(path, HEADING) as log:
        with pytest.raises(InputError, match="another process is writing to it"), open_recording(path, HEADING):
            pass
        log.append(measurement())
    assert len(read_recording(path).measurements) == 1


def lines_in(folder: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in folder.glob("*.jsonl"))


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 10))])
def test_writers_may_be_killed_at_any_moment(seed: int, tmp_path: Path) -> None:
    described = document(EASY, setups={"brute": "enumeration", "sat": "sat"}, repetitions=4)
    (tmp_path / "s.toml").write_text(toml(described))
    command = [sys.executable, "-c", "from qnnt.cli.main import main; main()", "bench", "run", "s.toml", "-o", "."]
    draw, before = random.Random(seed), b""
    for _ in range(5):
        due = lines_in(tmp_path) + draw.randint(0, 4)
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + PATIENCE
        while lines_in(tmp_path) < due and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.05))
        process.kill()
        process.communicate()
        (file,) = tmp_path.glob("*.jsonl") if lines_in(tmp_path) else (None,)
        content = file.read_bytes() if file is not None else b""
        assert content.startswith(before)
        before = content[: content.rfind(b"\n") + 1]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    (file,) = tmp_path.glob("*.jsonl")
    assert file.read_bytes().startswith(before)
    whole = read_recording(str(file))  # which refuses damaged and repeated lines
    assert (len(whole.measurements), whole.missing) == (24, 0)
    assert all(one.solved for one in whole.measurements)


def test_versions_read_each_other() -> None:
    one = measurement()
    document = measurement_document(one)
    assert line_from({**document, "weather": "fine"}) == one
    assert line_from({**heading_document(HEADING), "weather": "fine"}) == HEADING
    assert document.pop("answered_by") == "sat"
    assert line_from(document) == dataclasses.replace(one, answered_by=None)
