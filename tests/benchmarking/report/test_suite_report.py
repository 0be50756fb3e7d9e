from __future__ import annotations

import dataclasses

from qnnt.benchmarking.report.suite_report import MOST_FAILURES, suite_reports
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import measurement, recording, without_result


def test_each_suite_is_told_by_its_newest_recording() -> None:
    recordings = [
        recording(measurement(setup="old"), suite="a", started="2026-01-01"),
        recording(measurement(setup="new"), suite="a", started="2026-01-03"),
        recording(measurement(), suite="b", started="2026-01-02"),
    ]
    reports = suite_reports(recordings)
    assert [(report.name, report.setups) for report in reports] == [("a", (("new", "sat"),)), ("b", (("sat", "sat"),))]
    assert len(reports[0].views[0].history) == 1


def test_a_view_per_family() -> None:
    one = recording(measurement(family="y"), measurement(instance="b", family="x"))
    (report,) = suite_reports([one])
    assert [(view.family, view.cases) for view in report.views] == [(None, 2), ("y", 1), ("x", 1)]
    assert [len(view.scores) for view in report.views] == [2, 2, 2]
    (single,) = suite_reports([recording(measurement())])
    assert [view.family for view in single.views] == [None]


def test_the_yardstick_is_a_setup_that_is_there() -> None:
    assert suite_reports([recording(measurement(), measurement(setup="plain"), yardstick="plain")])[0].yardstick == 1
    assert suite_reports([recording(measurement(), yardstick="gone")])[0].yardstick is None
    assert suite_reports([recording(measurement(setup=""))])[0].yardstick is None


def test_facts() -> None:
    (report,) = suite_reports([recording(measurement(), measurement(repetition=1), planned=6, yardstick="sat")])
    assert report.facts["trials"] == "2 of 6"
    assert report.facts["size"] == "1 instance, 1 setup, 2 repetitions"
    assert report.facts["code"] == "cccccccccc, committed 2026-11-20T11:00:00Z"
    assert report.facts["machine"] == "id 0123456789ab, a processor, 2 cores, 8000 MB, Linux 6"
    assert report.facts["versions"] == "python 3.11.7, qnnt 0.1.0"


def test_notes() -> None:
    old = recording(measurement(), suite_sha256="6" * 64, started="2026-01-01")
    new = recording(measurement(), measurement(repetition=1, machine="other"), planned=6, jobs=2)
    (report,) = suite_reports([old, new])
    assert [note.partition(":")[0] for note in report.notes] == [
        "The recording is unfinished",
        "2 trials ran at the same time and disturbed one another",
        "The trials ran on different machines",
        "Left out of the history, because they are unfinished",
        "Left out of the history, because the suite was another one",
    ]
    assert suite_reports([recording(measurement())])[0].notes == ()


def test_copies_count_once() -> None:
    """A recording in two folders; of another one, a copy that was made before it was finished."""
    first, second = measurement(), measurement(repetition=1)
    old, new = (recording(first, second, planned=2, started=day) for day in ("2026-01-01", "2026-01-02"))
    early = recording(first, planned=2, started="2026-01-02")
    (report,) = suite_reports([early, new, old, dataclasses.replace(old, source="elsewhere")])
    assert [moment.recordings for moment in report.views[0].history] == [2]
    assert report.facts["trials"] == "2 of 2"
    assert report.notes == (
        "Left out of the history, because they are unfinished: 1 recording.",
        "Left out, because they are copies of others: 1 recording.",
    )


def test_failures() -> None:
    wrong = measurement(setup="cpsat", loss=5, lower_bound=5)
    (report,) = suite_reports([recording(measurement(), wrong)])
    assert report.failures == ("CONTRADICTION: cpsat on a: optimal 5",)
    crashes = [without_result(Verdict.CRASHED, instance=f"i{i}") for i in range(MOST_FAILURES + 3)]
    (report,) = suite_reports([recording(*crashes)])
    assert len(report.failures) == MOST_FAILURES + 1
    assert report.failures[-1] == "and 3 more"


def test_nothing_measured() -> None:
    (report,) = suite_reports([recording(planned=3, setups={"sat": "sat"})])
    assert report.views[0].cases == 0
    assert report.views[0].scores[0].par2 is None
