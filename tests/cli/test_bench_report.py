"""`qnnt bench report`."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from qnnt.benchmarking.measurement import Recording
from qnnt.benchmarking.recording_file import open_recording
from tests.benchmarking.recordings import measurement, recording
from tests.cli.program import Program


def write(recorded: Recording, path: Path) -> Path:
    with open_recording(str(path), recorded.heading) as log:
        for one in recorded.measurements:
            log.append(one)
    return path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    write(recording(measurement(), started="2026-01-01"), folder / "first.jsonl")
    write(recording(measurement(), suite="second-suite"), folder / "second.jsonl")
    return folder


def test_a_folder(program: Program, results: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ended = program("bench", "report", results, "-o", page)
    assert (ended.status, ended.out, ended.err) == (0, f"{page}: 2 recordings\n", "")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "second-suite" in text


def test_files_and_folders_are_not_read_twice(program: Program, results: Path, tmp_path: Path) -> None:
    sources = [results, results / "first.jsonl", results]
    ended = program("bench", "report", *sources, "-o", tmp_path / "page.html")
    assert ended.out.endswith(": 2 recordings\n")


def test_the_usual_name(program: Program, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = program("bench", "report", results / "first.jsonl")
    assert ended.out == "report.html: 1 recording\n"
    assert (tmp_path / "report.html").exists()


def test_standard_output(program: Program, results: Path) -> None:
    ended = program("bench", "report", results, "-o", "-")
    assert ended.status == 0
    assert ended.out.startswith("<!doctype html>")
    assert ended.out.endswith("</html>\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["missing"], "missing: cannot read"),
        (["."], "holds no recordings"),
        (["bad.jsonl"], "bad.jsonl"),
        (["good.jsonl", "-o", "no/page.html"], "there is no directory no"),
        (["good.jsonl", "-o", "."], "is a directory"),
        (["good.jsonl", "-o", "./good.jsonl"], "named twice"),
        (["good.jsonl", "-o", "link.html"], "named twice"),
        (["results", "-o", "results/good.jsonl"], "read from a folder"),
        (["good.jsonl", "-o", "-", "--open"], "--open needs a file"),
    ],
)
def test_complaints(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if words[0].endswith(".jsonl"):
        write(recording(measurement()), tmp_path / "good.jsonl")
        (tmp_path / "bad.jsonl").write_text("{}\n")
        (tmp_path / "link.html").symlink_to("good.jsonl")
    if words[0] == "results":
        (tmp_path / "results").mkdir()
        write(recording(measurement()), tmp_path / "results" / "good.jsonl")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.jsonl")}
    ended = program("bench", "report", *words)
    assert ended.status == 2
    assert complaint in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "report.html").exists()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.jsonl")} == before


@pytest.mark.parametrize(("there_is_one", "told"), [(True, ""), (False, "no browser was found: open ")])
def test_open(
    program: Program, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there_is_one: bool, told: str
) -> None:
    opened: list[str] = []

    def open_address(address: str) -> bool:
        opened.append(address)
        return there_is_one

    monkeypatch.setattr(webbrowser, "open", open_address)
    page = tmp_path / "a page.html"
    ended = program("bench", "report", results, "-o", page, "--open")
    assert ended.status == 0
    assert opened == [page.as_uri()]
    assert ended.err == (f"{told}{page} yourself\n" if told else "")
