from __future__ import annotations

from qnnt.benchmarking.measurement import Commit, Recording
from qnnt.benchmarking.report.history import Moment, comparable, dated, history_of
from tests.benchmarking.recordings import measurement, recording, times


def of_commit(
    letter: str,
    day: int,
    sat: float,
    *,
    started: str = "2026-12-01",
    machine: str = "m",
    changes: str = "",
    jobs: int = 1,
) -> Recording:
    """The yardstick takes a second for each of two instances; `sat` so many, and four times as many."""
    return recording(
        measurement(setup="plain", family="x"),
        measurement(setup="plain", family="y", instance="b"),
        measurement(setup="sat", family="x", seconds=times(wall=sat)),
        measurement(setup="sat", family="y", instance="b", seconds=times(wall=4 * sat)),
        yardstick="plain",
        commit=Commit(letter * 40, f"2026-11-{day:02}T00:00:00Z", changes),
        started=started,
        machine={"id": machine},
        jobs=jobs,
    )


def ratios(moment: Moment) -> list[float | None]:
    """They come from logarithms."""
    return [None if ratio is None else round(ratio, 9) for ratio in moment.ratio]


def test_scores_in_the_order_of_commits() -> None:
    history = history_of(dated([of_commit("b", 9, 0.5), of_commit("a", 2, 1.0)]), ["plain", "sat", "new"], None)
    assert [moment.label for moment in history] == ["a" * 10, "b" * 10]
    assert [moment.par2 for moment in history] == [(1.0, 2.5, None), (1.0, 1.25, None)]
    assert [ratios(moment) for moment in history] == [[1.0, 2.0, None], [1.0, 1.0, None]]


def test_families_alone() -> None:
    (moment,) = history_of(dated([of_commit("a", 2, 1.0)]), ["sat"], "y")
    assert (moment.par2, ratios(moment)) == ((4.0,), [4.0])
    (moment,) = history_of(dated([of_commit("a", 2, 1.0)]), ["sat"], "elsewhere")
    assert (moment.par2, moment.ratio) == ((None,), (None,))


def test_recordings_of_one_commit_count_by_their_median() -> None:
    (moment,) = history_of(dated([of_commit("a", 2, sat) for sat in (1.0, 8.0, 2.0)]), ["sat"], None)
    assert moment.recordings == 3
    assert moment.par2 == (5.0,)


def test_machines_jobs_and_changes_are_told_apart() -> None:
    recordings = [
        of_commit("a", 2, 1.0),
        of_commit("a", 2, 1.0, machine="other"),
        of_commit("a", 2, 1.0, jobs=2),
        of_commit("a", 2, 1.0, changes="5", started="2026-12-02"),
    ]
    history = history_of(dated(recordings), ["sat"], None)
    assert [moment.place for moment in history] == [
        "machine m, jobs 1",
        "machine other, jobs 1",
        "machine m, jobs 2",
        "machine m, jobs 1",
    ]
    assert history[3].label == "aaaaaaaaaa+"


def test_code_from_no_checkout_is_dated_by_its_measurement() -> None:
    loose = recording(measurement(), commit=None, started="2026-11-05T00:00:00Z")
    history = history_of(dated([of_commit("b", 9, 1.0), loose, of_commit("a", 2, 1.0)]), ["sat"], None)
    assert [moment.label for moment in history] == ["a" * 10, "qnnt 0.1.0", "b" * 10]


def test_only_finished_recordings_of_the_same_trials_compare() -> None:
    newest = recording(measurement())
    other = recording(measurement(), suite_sha256="6" * 64)
    unfinished = recording(measurement(), planned=2)
    assert comparable([newest, other, unfinished], newest) == [newest]
