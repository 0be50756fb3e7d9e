from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

from qnnt.benchmarking.exports.asv_history import COLUMNS, asv_files, belongs
from qnnt.benchmarking.measurement import Commit
from tests.benchmarking.recordings import MACHINE, measurement, recording, times

FIRST = Commit("1" * 40, "2026-01-01T00:00:00Z")
SECOND = Commit("2" * 40, "2026-01-02T00:00:00Z")


def results(file: dict[str, Any], name: str) -> dict[tuple[str, ...], float | None]:
    """By the values of the parameters, as asv reads them."""
    body = dict(zip(file["result_columns"], file["results"][name], strict=True))
    places = [tuple(value.strip("'") for value in place) for place in itertools.product(*body["params"])]
    return dict(zip(places, body["result"], strict=True))


def test_the_layout_is_that_of_a_results_folder() -> None:
    files = asv_files([recording(measurement(), commit=one) for one in (FIRST, SECOND)])
    place = f"machine-{MACHINE}"
    assert set(files) == {
        "benchmarks.json",
        f"{place}/machine.json",
        f"{place}/11111111-existing-py3.11.json",
        f"{place}/22222222-existing-py3.11.json",
    }
    assert json.loads(json.dumps(files)) == files
    assert files["benchmarks.json"]["version"] == 2
    assert files[f"{place}/machine.json"]["version"] == 1
    assert files[f"{place}/machine.json"]["machine"] == place
    first = files[f"{place}/11111111-existing-py3.11.json"]
    assert (first["version"], first["commit_hash"], first["python"]) == (2, FIRST.id, "3.11")
    assert first["date"] == datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000
    assert first["result_columns"] == list(COLUMNS)
    for name, row in first["results"].items():
        described = files["benchmarks.json"][name]
        assert described["name"] == name
        assert row[COLUMNS.index("version")] == described["version"]
        assert row[COLUMNS.index("params")] == described["params"]


def test_results_stand_at_their_parameters() -> None:
    files = asv_files(
        [
            recording(
                measurement(seconds=times(wall=2.0)),
                measurement(setup="plain", seconds=times(wall=4.0)),
                measurement(instance="b", family="planted"),
                yardstick="plain",
            )
        ]
    )
    (name,) = (name for name in files if "existing" in name)
    assert results(files[name], "made-up.par2") == {
        ("sat", "all"): 1.5,
        ("sat", "random"): 2.0,
        ("sat", "planted"): 1.0,
        ("plain", "all"): 4.0,
        ("plain", "random"): 4.0,
        ("plain", "planted"): None,
    }
    assert results(files[name], "made-up.ratio_to_yardstick")["sat", "random"] == 0.5


def test_suites_share_the_file_of_a_commit() -> None:
    files = asv_files([recording(measurement()), recording(measurement(setup="cpsat"), suite="other")])
    (name,) = (name for name in files if "existing" in name)
    assert {key.partition(".")[0] for key in files[name]["results"]} == {"made-up", "other"}


def test_the_newest_recording_of_a_commit_counts() -> None:
    slow = recording(measurement(seconds=times(wall=9.0)), started="2026-01-01T00:00:00Z")
    fast = recording(measurement(seconds=times(wall=3.0)), started="2026-01-02T00:00:00Z")
    files = asv_files([fast, slow])
    (name,) = (name for name in files if "existing" in name)
    assert results(files[name], "made-up.par2") == {("sat", "all"): 3.0}


def test_only_commits_have_a_history() -> None:
    changed = recording(measurement(), commit=Commit("3" * 40, "2026-01-01T00:00:00Z", changes="ab"))
    released = recording(measurement(), commit=None)
    assert not belongs(changed)
    assert not belongs(released)
    assert asv_files([changed, released]) == {"benchmarks.json": {"version": 2}}


def test_an_empty_recording() -> None:
    files = asv_files([recording()])
    (name,) = (name for name in files if "existing" in name)
    assert results(files[name], "made-up.par2") == {}


def test_versions_of_any_letters_name_no_other_folder() -> None:
    odd = recording(measurement(), versions={"python": "/../../x.1"})
    assert all(".." not in name.split("/") and name.count("/") <= 1 for name in asv_files([odd]))
