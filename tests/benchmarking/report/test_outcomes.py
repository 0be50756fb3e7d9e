from __future__ import annotations

import pytest

from qnnt.benchmarking.report.outcomes import Kind, Outcome, Outcomes, outcomes_of
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import measurement, recording, times, unsolved, without_result


def only(outcomes: Outcomes, setup: str = "sat") -> Outcome | None:
    (outcome,) = outcomes.columns[setup]
    return outcome


@pytest.mark.parametrize(
    ("solved", "limits", "expected"),
    [
        ([3.0], 0, Outcome(Kind.SOLVED, 3.0)),
        ([3.0, 1.0, 9.0], 0, Outcome(Kind.SOLVED, 3.0)),
        ([3.0, 1.0], 0, Outcome(Kind.SOLVED, 2.0)),
        ([3.0, 1.0], 1, Outcome(Kind.SOLVED, 3.0)),
        ([1.0, 2.0, 4.0], 1, Outcome(Kind.SOLVED, 3.0)),
        ([1.0], 1, Outcome(Kind.LIMIT, 20.0)),
        ([1.0], 2, Outcome(Kind.LIMIT, 20.0)),
        ([], 1, Outcome(Kind.LIMIT, 20.0)),
    ],
)
def test_repetitions_count_by_their_median(solved: list[float], limits: int, expected: Outcome) -> None:
    trials = [measurement(seconds=times(wall=wall), repetition=i) for i, wall in enumerate(solved)]
    trials += [unsolved(repetition=len(solved) + i) for i in range(limits)]
    assert only(outcomes_of(recording(*trials))) == expected


def test_unsupported_is_told_apart_and_penalised() -> None:
    refused = without_result(Verdict.UNSUPPORTED, time_limit=4.0)
    assert only(outcomes_of(recording(refused))) == Outcome(Kind.UNSUPPORTED, 8.0)


def test_one_crash_among_repetitions_is_a_failure() -> None:
    trials = [measurement(), measurement(repetition=1), without_result(Verdict.CRASHED, repetition=2)]
    assert only(outcomes_of(recording(*trials))) == Outcome(Kind.FAILED, 20.0)


def test_a_refuted_answer_is_no_answer() -> None:
    """cpsat claims 5 to be optimal where sat has a verified 3."""
    outcomes = outcomes_of(recording(measurement(), measurement(setup="cpsat", loss=5, lower_bound=5)))
    assert only(outcomes, "cpsat") == Outcome(Kind.FAILED, 20.0)
    assert only(outcomes) == Outcome(Kind.SOLVED, 1.0)


def test_without_a_time_limit_the_measured_end_counts() -> None:
    assert only(outcomes_of(recording(unsolved(time_limit=0.0)))) == Outcome(Kind.LIMIT, 20.0)


def test_what_was_not_tried_is_none() -> None:
    outcomes = outcomes_of(recording(measurement(), measurement(instance="b", setup="cpsat"), setups={"none": "x"}))
    assert {setup: [one is None for one in column] for setup, column in outcomes.columns.items()} == {
        "none": [True, True],
        "sat": [False, True],
        "cpsat": [True, False],
    }


def test_families_in_order() -> None:
    trials = [measurement(instance=name, family=family) for name, family in (("a", "z"), ("b", "y"), ("c", "z"))]
    outcomes = outcomes_of(recording(*trials))
    assert outcomes.families == ["z", "y"]
    assert [case.label for case in outcomes.of_family("z").cases] == ["a", "c"]
    assert [len(column) for column in outcomes.of_family("z").columns.values()] == [2]


def test_virtual_best() -> None:
    outcomes = outcomes_of(
        recording(
            measurement(seconds=times(wall=2.0)),
            measurement(setup="cpsat", seconds=times(wall=1.5)),
            unsolved(instance="b"),
            without_result(Verdict.UNSUPPORTED, instance="b", setup="cpsat"),
            without_result(Verdict.UNSUPPORTED, instance="c"),
            measurement(instance="d", seconds=times(wall=3.0)),
        )
    )
    assert outcomes.virtual_best() == (
        Outcome(Kind.SOLVED, 1.5),
        Outcome(Kind.LIMIT, 20.0),
        Outcome(Kind.LIMIT, 20.0),
        Outcome(Kind.SOLVED, 3.0),
    )
    assert outcomes.without("sat").virtual_best()[3] == Outcome(Kind.LIMIT, 20.0)


def test_nothing_measured() -> None:
    outcomes = outcomes_of(recording(setups={"sat": "sat"}))
    assert (outcomes.cases, outcomes.columns, outcomes.virtual_best()) == ((), {"sat": ()}, ())
