from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from qnnt.benchmarking.measurement import Recording
from qnnt.benchmarking.recording_file import open_recording
from qnnt.cli.bench_export import bench_export_command
from qnnt.errors import InputError
from tests.benchmarking.recordings import measurement, recording, times, unsolved
from tests.cli.program import Program

RECORDED = Path(__file__).parents[1] / "benchmarking" / "comparison" / "recorded"
BASE, SAME, SLOW, MORE = (
    RECORDED / f"{name}.jsonl" for name in ("base", "same", "slow_encoder", "twice_the_conflicts")
)


def write(path: Path, one: Recording) -> Path:
    with open_recording(str(path), one.heading) as log:
        for each in one.measurements:
            log.append(each)
    return path


def test_the_same_code_passes(program: Program) -> None:
    ended = program("bench", "compare", BASE, SAME)
    assert (ended.status, ended.err) == (0, "")
    last = ended.out.splitlines()[-1]
    assert last.startswith("aaaaaaaaaa -> aaaaaaaaaa: no regression; the same machine took 1.03 times")
    assert last.endswith("(15 pairs of instance and setup)")
    assert "the yardstick took" in ended.out


def test_regressions_end_in_status_4(program: Program) -> None:
    slow = program("bench", "compare", BASE, SLOW)
    assert slow.status == 4
    assert "│ regression │ encode_cpu │ sat" in slow.out
    more = program("bench", "compare", BASE, MORE)
    assert more.status == 4
    assert "│ regression │ conflicts │ sat" in more.out


def test_the_threshold_is_the_callers(program: Program) -> None:
    assert program("bench", "compare", BASE, SLOW, "--fail-over", "2").status == 0
    ended = program("bench", "compare", BASE, SLOW, "--fail-over", "1")
    assert (ended.status, ended.err) == (2, "qnnt: error: expected a fail-over ratio above 1, got 1\n")


def test_folders_and_commits(program: Program, tmp_path: Path) -> None:
    for path in (BASE, MORE):
        shutil.copy(path, tmp_path)
    same = program("bench", "compare", f"{tmp_path}@cccc", tmp_path)  # whose newest is of cccc
    assert (same.status, same.err.split(":")[2]) == (2, " the same recording stands on both sides")
    assert program("bench", "compare", f"{tmp_path}@aaaa", f"{tmp_path}@cccc").status == 4
    missing = program("bench", "compare", f"{tmp_path}@bbbb", tmp_path)
    assert (missing.status, missing.err) == (
        2,
        f"qnnt: error: {tmp_path}: holds no recording of the commit bbbb\n",
    )


def test_reports_are_written(program: Program, tmp_path: Path) -> None:
    markdown, document = tmp_path / "pr.md", tmp_path / "changes.json"
    ended = program("bench", "compare", BASE, SLOW, "--markdown", markdown, "--json", document)
    assert ended.status == 4
    assert markdown.read_text().startswith("### ❌")
    found = json.loads(document.read_text())
    assert (found["format"], found["regressed"], found["pairs"]) == ("qnnt-changes/1", True, 15)
    assert {row["weight"] for row in found["times"]} == {"regression", "noted"}
    printed = program("bench", "compare", BASE, SLOW, "--json", "-")
    assert json.loads(printed.out) == found
    assert program("bench", "compare", BASE, SLOW, "--markdown", "-").out == markdown.read_text()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--markdown", "-", "--json", "-"], "--markdown - and --json - exclude each other"),
        (["--markdown", "{base}"], "named twice"),
        (["--markdown", "{folder}/x", "--json", "{folder}/x"], "named twice"),
        (["--markdown", "{folder}/../{name}/base.jsonl"], "named twice"),
        (["--markdown", "{folder}/link"], "named twice"),
        (["--markdown", "{folder}/x", "--json", "{folder}/../{name}/x"], "named twice"),
        (["--json", "{folder}"], "is a directory"),
        (["--json", "{folder}/no/x"], "there is no directory"),
    ],
)
def test_places_are_checked_first(program: Program, tmp_path: Path, options: list[str], problem: str) -> None:
    base = tmp_path / "base.jsonl"
    shutil.copy(BASE, base)
    (tmp_path / "link").symlink_to(base)
    words = [option.format(base=base, folder=tmp_path, name=tmp_path.name) for option in options]
    ended = program("bench", "compare", base, SAME, *words)
    assert ended.status == 2
    assert problem in ended.err
    assert ended.err.count("\n") == 1
    assert base.read_bytes() == BASE.read_bytes()


def test_no_recording_in_a_folder_is_overwritten(program: Program, tmp_path: Path) -> None:
    for path in (BASE, MORE):
        shutil.copy(path, tmp_path)
    for source in (tmp_path, f"{tmp_path}@cccc"):
        ended = program("bench", "compare", source, SAME, "--json", tmp_path / BASE.name)
        assert (ended.status, ended.err.count("\n")) == (2, 1)
        assert "read from a folder" in ended.err
    assert (tmp_path / BASE.name).read_bytes() == BASE.read_bytes()


def test_no_gate_is_passed_by_recordings_without_anything_in_common(program: Program, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.jsonl", recording())
    other = write(tmp_path / "other.jsonl", recording(measurement(setup="cpsat")))
    void = write(tmp_path / "void.jsonl", recording())
    for base, new in ((empty, void), (empty, BASE), (BASE, empty), (other, BASE)):
        ended = program("bench", "compare", base, new)
        assert ended.status == 2
        assert "nothing to compare" in ended.err


def test_labels_that_are_no_text(program: Program, tmp_path: Path) -> None:
    label = "no\udcfftext [bold]"
    base = write(tmp_path / "base.jsonl", recording(measurement(instance=label)))
    new = write(tmp_path / "new.jsonl", recording(measurement(instance=label, counters={"conflicts": 9999})))
    ended = program("bench", "compare", base, new, "--markdown", tmp_path / "pr.md")
    assert ended.status == 4
    assert "no\\udcfftext [bold]" in ended.out
    assert "no\\\\udcfftext \\[bold\\]" in (tmp_path / "pr.md").read_text()


def test_control_characters_do_not_reach_the_terminal(program: Program, tmp_path: Path) -> None:
    label = "red \x1b[31m\r\u202e"
    base = write(tmp_path / "base.jsonl", recording(measurement(instance=label)))
    new = write(tmp_path / "new.jsonl", recording(unsolved(instance=label, problem="two\nlines\x07")))
    ended = program("bench", "compare", base, new)
    assert ended.status == 4
    assert "red \\x1b[31m \\u202e" in ended.out
    assert "two lines\\x07" in ended.out
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(ended.out)


def test_what_is_not_whole_passes_no_gate(program: Program, tmp_path: Path) -> None:
    one, two = measurement(), measurement(instance="b")
    whole = write(tmp_path / "whole.jsonl", recording(one, two))
    begun = write(tmp_path / "begun.jsonl", recording(one, planned=2))
    lacking = write(tmp_path / "lacking.jsonl", recording(one))
    broken = write(tmp_path / "broken.jsonl", recording(unsolved(), planned=2))
    again = write(tmp_path / "again.jsonl", recording(one, two))
    assert program("bench", "compare", whole, again).status == 0
    for base, new in ((whole, begun), (begun, whole), (whole, lacking)):
        ended = program("bench", "compare", base, new, "--markdown", tmp_path / "pr.md")
        assert (ended.status, ended.err) == (3, "")
        assert (tmp_path / "pr.md").read_text().startswith("### ⚠️")
    assert program("bench", "compare", whole, broken).status == 4


def test_what_is_no_recording(program: Program, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n")
    ended = program("bench", "compare", tmp_path / "x.jsonl", BASE)
    assert ended.status == 2
    assert ended.err.count("\n") == 1
    assert program("bench", "compare", tmp_path / "missing", BASE).status == 2


# --- exports -------------------------------------------------------------------------------------

app = typer.Typer()
app.command()(bench_export_command)


def export(*words: str | Path) -> str:
    """What it tells on standard error."""
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False).stderr


def test_exports(tmp_path: Path) -> None:
    entries, history = tmp_path / "entries.json", tmp_path / "asv"
    export(BASE, SLOW, "--github", entries, "--asv", history)
    names = [entry["name"] for entry in json.loads(entries.read_text())]
    assert "gate: encoding of sat, all" in names
    written = sorted(str(path.relative_to(history)) for path in history.rglob("*.json"))
    assert written == [
        "benchmarks.json",
        "machine-0123456789ab/aaaaaaaa-existing-py3.11.json",
        "machine-0123456789ab/bbbbbbbb-existing-py3.11.json",
        "machine-0123456789ab/machine.json",
    ]


def test_exports_complain(tmp_path: Path) -> None:
    released = write(tmp_path / "released.jsonl", recording(measurement(), commit=None))
    with pytest.raises(InputError, match="nothing to write"):
        export(BASE)
    with pytest.raises(InputError, match="commits alone"):
        export(released, "--asv", tmp_path / "asv")
    with pytest.raises(InputError, match="named twice"):
        export(released, "--github", released)
    place = tmp_path / "g"
    with pytest.raises(InputError, match="named twice"):
        export(BASE, "--github", place, "--asv", place)
    place.mkdir()
    with pytest.raises(InputError, match="named twice"):
        export(BASE, "--github", place / "benchmarks.json", "--asv", place)
    assert list(place.iterdir()) == []
    (place / "machine-0123456789ab").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        export(BASE, "--asv", place)
    shutil.copy(BASE, place / "benchmarks.json")
    with pytest.raises(InputError, match="named twice"):
        export(place / "benchmarks.json", "--asv", place)


def test_exports_are_of_what_is_finished(tmp_path: Path) -> None:
    entries = tmp_path / "entries.json"
    results = tmp_path / "results"
    results.mkdir()
    old = recording(measurement(seconds=times(wall=3.0)), started="2026-01-01T00:00:00Z")
    newer = recording(measurement(seconds=times(wall=4.0)), started="2026-01-02T00:00:00Z", planned=2)
    write(results / "old.jsonl", old)
    begun = write(results / "begun.jsonl", newer)
    told = export(results, results, "--github", entries, "--asv", tmp_path / "asv")
    assert json.loads(entries.read_text())[0]["value"] == 3.0
    assert told == "left out, not being finished: 1 of 2\n"
    with pytest.raises(InputError, match="no finished recording"):
        export(begun, "--github", entries)
