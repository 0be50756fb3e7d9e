"""Files of runs: whatever happens to the writer, the runs whose lines are whole are there; nothing else is touched."""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from qnnt.errors import InputError
from qnnt.files.run_log import open_run_log
from qnnt.files.runs import run_document, run_from, run_of
from qnnt.files.text import compact
from qnnt.instance import Objective
from qnnt.result import Ending, Incumbent, Result, Status
from qnnt.verdicts import Run, Verdict

SHA = "5" * 64
FULL = Result(
    status=Status.FEASIBLE,
    objective=Objective.MINIMIZE,
    instance_sha256=SHA,
    solver="sat",
    encoding="adder",
    loss=Fraction(10**300 + 1, 3),
    lower_bound=-Fraction(1, 10**300),
    options={"bound": "7/2", "time_limit": 60.0},
    seconds={"total": 1.23456789},
    model={"variables": 10**40},
    incumbents=(Incumbent(0.123456, None, 0), Incumbent(1.25, 10**1000, Fraction(1, 3))),
    note="crashed: Ünïcode \udcff \u2028",
    ending=Ending.CRASHED,
)
RUNS = {
    compact({"instance": SHA, "solver": "sat", "time_limit": 60.0, "seed": 0}): run_of(
        FULL, "data/\udcff\n.json", "sat:adder", 1.23456789, "a log\nof two lines \ufffd"
    ),
    compact({"instance": SHA, "solver": "dp", "bound": "7/2"}): Run(
        "b.json", SHA, "dp", Objective.DECIDE, Fraction(7, 2), Verdict.UNSUPPORTED, "dp: too wide", seconds=0.5
    ),
    compact({"instance": SHA, "solver": "cpsat"}): run_of(
        dataclasses.replace(FULL, status=Status.INFEASIBLE, loss=None, lower_bound=None, ending=Ending.ANSWERED),
        "c.json",
        "cpsat",
        2,
    ),
}


def write(path: Path, runs: dict[str, Run] = RUNS) -> bytes:
    with open_run_log(str(path)) as log:
        for key, run in runs.items():
            log.append(key, run)
    return path.read_bytes()


def read(path: Path) -> dict[str, Run]:
    with open_run_log(str(path)) as log:
        return dict(log.known)


# --- what is written is read back ----------------------------------------------------------------


def test_runs_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    content = write(path)
    assert content.count(b"\n") == len(RUNS)
    known = read(path)
    assert known == RUNS
    assert list(known) == list(RUNS)
    assert [run.result for run in known.values()] == [run.result for run in RUNS.values()]
    assert path.read_bytes() == content


@pytest.mark.parametrize("key", RUNS)
def test_documents_are_json_and_come_back(key: str) -> None:
    run = RUNS[key]
    text = json.dumps(run_document(run), allow_nan=False)
    assert run_from(json.loads(text)) == run
    assert run_document(run_from(json.loads(text))) == run_document(run)


def test_a_run_takes_all_from_its_result() -> None:
    run = RUNS[next(iter(RUNS))]
    assert (run.status, run.loss, run.lower_bound) == (FULL.status, FULL.loss, FULL.lower_bound)
    assert (run.bound, run.apparent, run.problem) == (Fraction(7, 2), Verdict.CRASHED, FULL.note)
    assert (run.seconds, [moment.seconds for moment in run.incumbents]) == (1.2346, [0.1235, 1.25])
    assert [moment.loss for moment in run.incumbents] == [None, 10**1000]


def test_an_empty_log_is_made_and_stays_empty(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    assert read(path) == {}
    assert path.read_bytes() == b""
    assert read(path) == {}


def test_the_last_of_equal_keys_counts(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    first, second, _ = RUNS
    with open_run_log(str(path)) as log:
        log.append(first, RUNS[first])
        log.append(first, RUNS[second])
    assert read(path) == {first: RUNS[second]}


def test_every_run_is_on_the_disk_before_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "runs.jsonl"
    synchronised: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda _: synchronised.append(path.read_bytes()))
    with open_run_log(str(path)) as log:
        for number, (key, run) in enumerate(RUNS.items(), 1):
            log.append(key, run)
            assert [content.count(b"\n") for content in synchronised] == list(range(1, number + 1))
            assert synchronised[-1].endswith(b"\n")


# --- damage --------------------------------------------------------------------------------------


SMALL = {
    f'{{"number":{number}}}': Run("a.json", "", "dp", Objective.MINIMIZE, None, Verdict.UNSUPPORTED)
    for number in range(3)
}


@pytest.mark.parametrize("runs", [SMALL, pytest.param(RUNS, marks=pytest.mark.full)], ids=["small", "large"])
def test_cut_at_any_byte_the_whole_lines_are_there_and_appending_works(
    runs: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # thousands of them take their time
    path = tmp_path / "runs.jsonl"
    content = write(path, runs)
    lines, keys = content.splitlines(keepends=True), list(runs)
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        whole = content[:length].count(b"\n")
        with open_run_log(str(path)) as log:
            assert list(log.known) == keys[:whole]
            assert path.read_bytes() == b"".join(lines[:whole])
            for key in keys[whole:]:
                log.append(key, runs[key])
        assert path.read_bytes() == content
    assert read(path) == runs


FOREIGN = {
    "an instance": (json.dumps({"format": "qnnt/1", "name": "x"}, indent=1) + "\n").encode(),
    "an instance of one line": b'{"format": "qnnt/1"}',
    "a result": b'{"format": "qnnt-result/1", "status": "no"}\n',
    "a text": b"Dear diary,\nnothing happened today.\n",
    "a text without an end": b"Dear diary",
    "an empty line": b"\n",
    "spaces": b"  ",
    "a binary": bytes(range(256)),
    "a binary of lines": b"\x7fELF\n\x00\xff\n",
    "no UTF-8": b'{"format": "qnnt-run/1", "instance": "\xff"}\n',
    "a list": b"[]\n",
    "a number": b"7\n",
    "nesting": b"[" * 100_000 + b"\n",
    "another version": b'{"format": "qnnt-run/2"}\n',
    "another version, cut": b'{"format": "qnnt-run/2"',
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_other_files_are_refused_and_stay_as_they_are(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_bytes(FOREIGN[kind])
    with pytest.raises(InputError) as caught, open_run_log(str(path)):
        pytest.fail("it was opened")
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == FOREIGN[kind]


def changed(**members: Any) -> str:
    return json.dumps({**run_document(RUNS[next(iter(RUNS))]), "key": {}, **members})


def within(**members: Any) -> str:
    document = run_document(RUNS[next(iter(RUNS))])
    return changed(result={**document["result"], **members})


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", "no JSON"),
        ("# a remark", "no JSON"),
        (changed()[:-1], "no JSON"),
        (changed() + changed(), "no JSON"),
        (changed()[:-1] + ', "log": ""}', "duplicate key 'log'"),
        (changed(format="qnnt-run/2"), "$.format: expected 'qnnt-run/1'"),
        (changed(instance=7), "$.instance: expected a string"),
        (changed(instance_sha256=None), "$.instance_sha256: expected a string"),
        (changed(solver=["sat"]), "$.solver: expected a string"),
        (changed(objective="maximize"), "$.objective: expected one of decide, minimize"),
        (changed(bound=1.5), "$.bound: floats are not exact"),
        (changed(apparent="bored"), "$.apparent: expected one of"),
        (changed(seconds="1"), "$.seconds: expected seconds"),
        (changed(seconds=True), "$.seconds: expected seconds"),
        (changed(seconds=10**400), "$.seconds: expected seconds"),
        (changed(seconds=-1), "$.seconds: expected seconds"),
        (changed(seconds=float("nan")), "$.seconds: NaN is not a number"),
        (changed(seconds=7).replace('"seconds": 7,', '"seconds": 1e999,'), "$.seconds: expected seconds"),
        (changed(log=None), "$.log: expected a string"),
        (changed(result=[]), "$.result: expected an object"),
        (within(status="perhaps"), "$.result.status: expected one of"),
        (within(loss=0.5), "$.result.loss: floats are not exact"),
        (within(lower_bound="1/0"), "$.result.lower_bound: the denominator"),
        (within(incumbents=None), "$.result.incumbents: expected a list"),
        (within(incumbents=[[1, 2]]), "$.result.incumbents: expected a list"),
        (within(incumbents=[["1", 2, 3]]), "$.result.incumbents[0][0]: expected seconds"),
        (within(incumbents=[[1, 2, None]]), "$.result.incumbents[0][2]: expected an integer"),
    ],
)
def test_a_line_that_is_no_run_is_named(line: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    before, *after = write(path).splitlines(keepends=True)
    content = b"".join([before, line.encode(), b"\n", *after])
    path.write_bytes(content)
    with pytest.raises(InputError) as caught, open_run_log(str(path)):
        pytest.fail("it was opened")
    assert str(caught.value).startswith(f"{path}, line 2: {complaint}")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


# --- places --------------------------------------------------------------------------------------


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    with open_run_log(str(path)) as log:
        with pytest.raises(InputError, match="another process is writing to it"), open_run_log(str(path)):
            pytest.fail("it was opened")
        code = f"from qnnt.files.run_log import open_run_log\nwith open_run_log({str(path)!r}): pass"
        elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert elsewhere.returncode == 1
        assert "another process is writing to it" in elsewhere.stderr
        for key, run in RUNS.items():
            log.append(key, run)
    assert read(path) == RUNS


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "is a directory"),
        ("nowhere/runs.jsonl", "no such file or directory"),
        ("pipe", "runs need a regular file"),
        ("x" * 300, "file name too long"),
        ("a\0b", "embedded null"),  # byte, or character since Python 3.13
    ],
)
def test_places_that_take_no_log(name: str, complaint: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=complaint), open_run_log(str(tmp_path / name)):
        pytest.fail("it was opened")


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_devices_are_refused(device: str) -> None:
    with pytest.raises(InputError, match="runs need a regular file"), open_run_log(device):
        pytest.fail("it was opened")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    content = write(path)
    path.chmod(0o444)
    with pytest.raises(InputError, match="permission denied"), open_run_log(str(path)):
        pytest.fail("it was opened")
    assert path.read_bytes() == content


def test_a_full_disk_is_named_and_loses_only_the_run_in_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.jsonl"
    first, second, third = RUNS
    room = len(write(path, {first: RUNS[first]})) + 100
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
        with (
            open_run_log(str(path)) as log,
            pytest.raises(InputError, match=r"runs\.jsonl: cannot write: file too large"),
        ):
            log.append(second, RUNS[second])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert len(path.read_bytes()) == room
    assert write(path, {second: RUNS[second], third: RUNS[third]}).count(b"\n") == 3
    assert read(path) == RUNS
