"""Folders of results: which recording is the newest, which one is named, which one is continued."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from qnnt.benchmarking.measurement import Commit, Heading
from qnnt.benchmarking.recording_file import open_recording
from qnnt.benchmarking.results_folder import place_of_new, recording_of, recordings_in, recordings_of, unfinished
from qnnt.errors import InputError
from tests.benchmarking.recordings import measurement, recording

HEADING = recording(planned=2, setups={"sat": "sat"}).heading


def add(folder: Path, count: int = 1, **changes: Any) -> str:
    """A recording of so many measurements."""
    heading = dataclasses.replace(HEADING, **changes)
    path = place_of_new(str(folder), heading)
    with open_recording(path, heading) as log:
        for repetition in range(count):
            log.append(measurement(repetition=repetition))
    return path


def at(hour: int) -> str:
    return f"2026-11-20T{hour:02}:00:00Z"


def test_names_tell_suite_moment_and_code(tmp_path: Path) -> None:
    assert Path(add(tmp_path)).name == f"made-up-20261120T120000Z-{'c' * 10}.jsonl"
    assert Path(add(tmp_path, commit=None)).name == "made-up-20261120T120000Z-0.1.0.jsonl"
    assert Path(add(tmp_path, commit=None, versions={})).name == "made-up-20261120T120000Z-unknown.jsonl"


def test_the_newest_is_the_one_that_began_last_whatever_its_name(tmp_path: Path) -> None:
    paths = [add(tmp_path, started=at(9), suite="z"), add(tmp_path, started=at(11), suite="a")]
    paths.insert(1, add(tmp_path, started=at(10), suite="m"))
    assert [one.source for one in recordings_in(str(tmp_path))] == paths
    assert [one.source for one in recordings_of(str(tmp_path))] == paths
    assert recording_of(str(tmp_path)).source == paths[-1]
    assert recording_of(paths[0]).source == paths[0]
    assert [one.source for one in recordings_of(paths[0])] == [paths[0]]


def test_those_that_began_in_the_same_second_stay_in_order(tmp_path: Path) -> None:
    paths = [add(tmp_path) for _ in range(12)]
    assert len(set(paths)) == 12
    assert paths[1].endswith("-2.jsonl")
    assert [one.source for one in recordings_in(str(tmp_path))] == paths


def test_a_commit_in_a_folder(tmp_path: Path) -> None:
    clean, changed = Commit("abcdef" + "0" * 34, at(1)), Commit("abcdef" + "0" * 34, at(1), "changes")
    other = Commit("abcd00" + "0" * 34, at(2))
    found = {
        hour: add(tmp_path, started=at(hour), commit=commit)
        for hour, commit in enumerate([clean, clean, changed, other, None], 3)
    }
    for name, hour in {"abcdef": 4, "abcdef0000": 4, clean.id: 4, "abcdef+": 5, "abcd": 6, "abcd+": 5}.items():
        assert recording_of(f"{tmp_path}@{name}").source == found[hour]
    for name in ("", "+", "abc", "abcd00+", "ffff", f"{clean.id}0", "0.1.0"):
        with pytest.raises(InputError, match="holds no recording of the commit"):
            recording_of(f"{tmp_path}@{name}")


def test_names_may_hold_the_sign_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "a@abcdef"
    folder.mkdir()
    path = add(folder)
    assert recording_of(str(folder)).source == path
    assert recording_of(path).source == path
    assert recording_of(f"{folder}@{'c' * 10}").source == path


# --- what is continued ---------------------------------------------------------------------------

SAME: list[dict[str, Any]] = [
    {},
    {"started": at(23)},
    {"description": "other words"},
]
DIFFERENT: list[dict[str, Any]] = [
    {"suite": "other"},
    {"suite_sha256": "6" * 64},
    {"planned": 3},
    {"commit": None},
    {"commit": Commit("c" * 40, "2026-11-20T11:00:00Z", "changes")},
    {"machine": {**HEADING.machine, "cores": 3}},
    {"versions": {**HEADING.versions, "qnnt": "0.1.1"}},
    {"jobs": 2},
]


@pytest.mark.parametrize("changes", SAME)
def test_the_same_again_is_continued(changes: dict[str, Any], tmp_path: Path) -> None:
    path = add(tmp_path)
    assert unfinished(str(tmp_path), dataclasses.replace(HEADING, **changes)) == path


@pytest.mark.parametrize("changes", DIFFERENT)
def test_what_differs_is_begun_anew(changes: dict[str, Any], tmp_path: Path) -> None:
    add(tmp_path)
    assert unfinished(str(tmp_path), dataclasses.replace(HEADING, **changes)) is None


def test_what_is_whole_is_begun_anew(tmp_path: Path) -> None:
    add(tmp_path, count=2)
    assert unfinished(str(tmp_path), HEADING) is None


def test_the_newest_of_several_is_continued(tmp_path: Path) -> None:
    add(tmp_path, started=at(8))
    newest = add(tmp_path, started=at(10), count=0)
    add(tmp_path, started=at(9))
    add(tmp_path, started=at(11), count=2)
    assert unfinished(str(tmp_path), HEADING) == newest


# --- what else lies there ------------------------------------------------------------------------


def test_what_was_killed_before_its_first_line_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "torn.jsonl").write_text('{"format": "qnnt-reco')
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds no recordings \(\*\.jsonl\)"):
        recording_of(str(tmp_path))
    assert unfinished(str(tmp_path), HEADING) is None
    path = add(tmp_path)
    assert [one.source for one in recordings_in(str(tmp_path))] == [path]


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match=r"x\.jsonl, line 1: \$\.format: expected"):
        list(recordings_in(str(tmp_path)))
    (tmp_path / "x.jsonl").unlink()
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"gone\.jsonl: cannot read: no such file"):
        list(recordings_in(str(tmp_path)))
    (tmp_path / "gone.jsonl").unlink()
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(InputError, match=r"folder\.jsonl: cannot read: is a directory"):
        list(recordings_in(str(tmp_path)))


@pytest.mark.parametrize("source", ["nowhere", "nowhere/r.jsonl", "nowhere@abcd", "", "a\0b", "@abcd"])
def test_sources_that_are_none(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="cannot read: "):
        recording_of(source)


def test_folders_that_cannot_be_read(tmp_path: Path) -> None:
    heading: Heading = HEADING
    for folder in (str(tmp_path / "nowhere"), "a\0b"):
        with pytest.raises(InputError, match="cannot read: "):
            unfinished(folder, heading)
