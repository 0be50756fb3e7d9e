from __future__ import annotations

import json

import pytest

from qnnt.benchmarking.exports.github_action import github_action_entries
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import measurement, recording, times, unsolved, without_result


def test_entries_have_the_members_that_the_action_reads() -> None:
    one = recording(
        measurement(seconds=times(wall=2.0)),
        measurement(setup="plain", solver="cpsat", seconds=times(wall=4.0)),
        yardstick="plain",
    )
    entries = github_action_entries([one])
    assert json.loads(json.dumps(entries)) == entries
    for entry in entries:
        assert set(entry) == {"name", "unit", "value", "extra"}
        assert entry["extra"] == "solved 1 of 1\ncccccccccc on a processor"
    assert {entry["name"]: (entry["value"], entry["unit"]) for entry in entries} == {
        "made-up: PAR-2 of sat, all": (2.0, "s"),
        "made-up: PAR-2 of plain, all": (4.0, "s"),
        "made-up: ratio to the yardstick of sat, all": (0.5, "times"),
        "made-up: encoding of sat, all": (0.09, "s"),
        "made-up: encoding of plain, all": (0.09, "s"),
    }


def test_what_is_not_solved_counts_twice_its_limit() -> None:
    entries = github_action_entries([recording(unsolved(), measurement(instance="b"))])
    assert entries[0]["value"] == (20 + 1) / 2
    assert entries[0]["extra"].startswith("solved 1 of 2")


def test_repetitions_give_a_range() -> None:
    walls = (1.0, 2.0, 3.0)
    thrice = [measurement(repetition=i, seconds=times(wall=wall)) for i, wall in enumerate(walls)]
    entry = github_action_entries([recording(*thrice)])[0]
    assert (entry["value"], entry["range"]) == (2.0, "± 1")


def test_families_are_told_apart_where_there_are_several() -> None:
    one = recording(measurement(), measurement(instance="b", family="planted"))
    names = [entry["name"] for entry in github_action_entries([one])]
    assert len(names) == len(set(names)) == 6
    assert "made-up: PAR-2 of sat, planted" in names


def test_the_newest_recording_of_each_suite_counts() -> None:
    old = recording(measurement(seconds=times(wall=9.0)), started="2026-01-01T00:00:00Z")
    new = recording(measurement(seconds=times(wall=3.0)), started="2026-01-02T00:00:00Z")
    other = recording(measurement(), suite="other")
    entries = github_action_entries([new, old, other])
    assert [entry["value"] for entry in entries if "PAR-2" in entry["name"]] == [3.0, 1.0]


@pytest.mark.parametrize(("kind", "values"), [(Verdict.UNSUPPORTED, []), (Verdict.CRASHED, [20.0])])
def test_degenerate_recordings(kind: Verdict, values: list[float]) -> None:
    assert github_action_entries([]) == []
    assert github_action_entries([recording()]) == []
    assert [entry["value"] for entry in github_action_entries([recording(without_result(kind))])] == values


def test_short_times_keep_their_digits() -> None:
    fast = measurement(seconds=times(encode_cpu=0.0000123456789))
    values = {entry["name"]: entry["value"] for entry in github_action_entries([recording(fast)])}
    assert values["made-up: encoding of sat, all"] in (1.23457e-05, 0.001)  # what is shorter than a bound counts as it
    long = github_action_entries([recording(measurement(seconds=times(wall=1234.56789)))])
    assert long[0]["value"] == 1234.57
