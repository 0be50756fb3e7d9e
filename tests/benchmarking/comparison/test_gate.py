"""The gate: what closes it, and what must not."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qnnt.benchmarking.comparison.amount_changes import COUNTER_FLOORS
from qnnt.benchmarking.comparison.changes import Changes, Outcome, Weight
from qnnt.benchmarking.comparison.gate import changes_between
from qnnt.benchmarking.measurement import COUNTERS, Measurement, Recording
from qnnt.benchmarking.recording_file import read_recording
from qnnt.errors import InputError
from qnnt.result import Status
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import (
    measurement,
    noisy_suite,
    recording,
    scaled,
    times,
    unsolved,
    without_result,
)

RECORDED = Path(__file__).parent / "recorded"
SLOW_ENCODER = {"encode": 1.5, "encode_cpu": 1.5}


def recorded(name: str) -> Recording:
    return read_recording(str(RECORDED / f"{name}.jsonl"))


def with_changes(
    one: Recording, factors: Mapping[str, float], setup: str = "sat", family: str | None = None
) -> Recording:
    changed = tuple(
        scaled(each, factors) if each.setup == setup and family in (None, each.family) else each
        for each in one.measurements
    )
    return dataclasses.replace(one, measurements=changed)


def repeated(one: Measurement, number: int = 3) -> list[Measurement]:
    return [dataclasses.replace(one, repetition=i) for i in range(number)]


def alarms(changes: Changes) -> set[tuple[str, str]]:
    slow = {(row.metric, row.setup) for row in changes.times if row.weight is Weight.REGRESSION}
    amounts = (*changes.counters, *changes.sizes)
    return slow | {(row.name, row.setup) for row in amounts if row.weight is Weight.REGRESSION}


# --- recorded on a machine with other things to do ------------------------------------------------


def test_the_same_code_raises_no_alarm() -> None:
    for base, new in itertools.product(("base", "same"), repeat=2):
        changes = changes_between(recorded(base), recorded(new))
        assert not changes.regressed
        assert changes.improvements == 0
        assert changes.pairs == 15
        assert changes.remarks == ()


def test_a_slow_encoder_is_caught() -> None:
    for base in ("base", "same"):
        changes = changes_between(recorded(base), recorded("slow_encoder"))
        assert ("encode_cpu", "sat") in alarms(changes)
        assert {setup for _, setup in alarms(changes)} == {"sat"}
        back = changes_between(recorded("slow_encoder"), recorded(base))
        assert not back.regressed
        assert back.improvements > 0


def test_twice_the_conflicts_are_caught() -> None:
    for base in ("base", "same"):
        changes = changes_between(recorded(base), recorded("twice_the_conflicts"))
        assert alarms(changes) == {("conflicts", "sat")}
        (row,) = (row for row in changes.counters if row.weight is Weight.REGRESSION)
        assert (row.pairs, row.beyond, row.undecided) == (3, 3, 0)  # the other two have a handful of conflicts
        assert row.ratio == pytest.approx(2)


# --- made up -------------------------------------------------------------------------------------


def noisy(seed: int, **how: float) -> Recording:
    return recording(*noisy_suite(seed, **how), yardstick="plain")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(0, 10, 2))
@pytest.mark.parametrize("noise", [0.05, 0.15])
def test_noise_is_told_from_slowdowns(seed: int, noise: float) -> None:
    base, new = noisy(seed, noise=noise), noisy(seed + 1, noise=noise)
    assert not changes_between(base, new).regressed
    assert ("encode_cpu", "sat") in alarms(changes_between(base, with_changes(new, SLOW_ENCODER)))
    slow_search = with_changes(new, {"cpu": 2.0, "wall": 2.0, "solve": 2.0}, "cpsat")
    assert ("cpu", "cpsat") in alarms(changes_between(base, slow_search))
    assert alarms(changes_between(base, with_changes(new, {"conflicts": 2}))) == {("conflicts", "sat")}


@pytest.mark.full
@pytest.mark.parametrize("noise", [0.05, 0.15, 0.3])
def test_many_comparisons_of_the_same_code_raise_no_alarm(noise: float) -> None:
    for seed in range(0, 200, 2):
        assert not changes_between(noisy(seed, noise=noise), noisy(seed + 1, noise=noise)).regressed


def test_a_slow_family_does_not_drown() -> None:
    families = [f"family {i}" for i in range(12)]
    base, new = (recording(*noisy_suite(seed, families=families, instances=3), yardstick="plain") for seed in (0, 1))
    changes = changes_between(base, with_changes(new, SLOW_ENCODER, family="family 4"))
    (row,) = (row for row in changes.times if row.weight is Weight.REGRESSION)
    assert (row.metric, row.setup, row.family) == ("encode_cpu", "sat", "family 4")


def test_a_slow_machine_is_no_regression_where_a_yardstick_tells() -> None:
    base, new = noisy(0), noisy(1)
    for setup in ("sat", "cpsat", "plain"):
        new = with_changes(new, dict.fromkeys(("wall", "cpu", "solve"), 2.0) | {"encode_cpu": 2.0}, setup)
    changes = changes_between(base, new)
    assert changes.speed.cpu == pytest.approx(2, rel=0.1)
    assert not changes.regressed
    uncorrected = changes_between(recording(*base.measurements), recording(*new.measurements))
    assert uncorrected.speed.pairs == 0
    assert uncorrected.regressed


def test_different_machines_without_a_yardstick_are_not_judged_by_time() -> None:
    slow = with_changes(noisy(1), {"wall": 9.0, "cpu": 9.0})
    base = recording(*noisy(0).measurements)
    there = recording(*slow.measurements, machine={"id": "another", "cpu": "slow"})
    assert changes_between(base, recording(*slow.measurements)).regressed
    changes = changes_between(base, there)
    assert not changes.regressed
    assert "different machine's cpu: a processor, now slow" in changes.remarks


def test_a_yardstick_that_was_measured_too_rarely_corrects_nothing() -> None:
    base = [*repeated(measurement()), measurement(setup="plain")]
    new = [*repeated(measurement()), measurement(setup="plain", seconds=times(cpu=9.0, wall=9.0))]
    changes = changes_between(recording(*base, yardstick="plain"), recording(*new, yardstick="plain"))
    assert changes.speed.pairs == 0
    assert [row.ratio for row in changes.times] == [1.0, 1.0, 1.0]


def test_times_below_the_noise_floor_do_not_count() -> None:
    short = [measurement(instance=str(i), seconds=dict.fromkeys(times(), 0.001)) for i in range(5)]
    longer = [measurement(instance=str(i), seconds=dict.fromkeys(times(), 0.004)) for i in range(5)]
    assert changes_between(recording(*short), recording(*longer)).times == ()


def test_times_of_zero() -> None:
    nothing = [measurement(instance=str(i), seconds=dict.fromkeys(times(), 0.0)) for i in range(5)]
    slow = [measurement(instance=str(i)) for i in range(5)]
    changes = changes_between(recording(*nothing), recording(*slow))
    assert {row.metric: round(row.ratio, 3) for row in changes.times} == {"encode_cpu": 18, "cpu": 47.5, "wall": 20}
    assert not changes_between(recording(*slow), recording(*nothing)).regressed


def test_one_measurement_is_no_evidence_about_time() -> None:
    slow = measurement(seconds=times(cpu=9.0, wall=9.0))
    changes = changes_between(recording(measurement()), recording(slow))
    assert {row.metric: row.low for row in changes.times} == {"encode_cpu": None, "cpu": None, "wall": None}
    assert not changes.regressed
    thrice = changes_between(recording(*repeated(measurement())), recording(*repeated(slow)))
    assert alarms(thrice) == {("cpu", "sat"), ("wall", "sat")}


@pytest.mark.parametrize(
    ("instances", "slower", "expected"),
    [("ab", 1.5, set()), ("abc", 1.5, {("cpu", "sat")}), ("ab", 1.6, {("cpu", "sat")}), ("a", 1.6, {("cpu", "sat")})],
)
def test_few_pairs_need_the_square_of_the_ratio(instances: str, slower: float, expected: set[tuple[str, str]]) -> None:
    base, new = (
        recording(
            *(repeat for name in instances for repeat in repeated(measurement(instance=name, seconds=times(cpu=cpu))))
        )
        for cpu in (1.0, slower)
    )
    assert alarms(changes_between(base, new)) == expected


def test_more_repetitions_of_one_side_give_it_no_advantage() -> None:
    lucky = [measurement(repetition=i, seconds=times(cpu=0.1 if i > 2 else 1.0)) for i in range(9)]
    changes = changes_between(recording(*lucky), recording(*repeated(measurement(seconds=times(cpu=1.0)))))
    assert [row.ratio for row in changes.times] == pytest.approx([1, 1, 1])


def test_the_slowest_do_not_leave_the_ratios_by_meeting_the_limit() -> None:
    base = [measurement(instance=str(i), seconds=times(wall=5.0, cpu=5.0)) for i in range(3)]
    new = [unsolved(instance=str(i)) for i in range(3)]
    row = next(row for row in changes_between(recording(*base), recording(*new)).times if row.metric == "wall")
    assert row.ratio == pytest.approx(2)


def test_a_slow_instance_among_many_closes_the_gate_for_itself() -> None:
    base, new = noisy(0), noisy(1)
    slow = dataclasses.replace(
        new,
        measurements=tuple(
            scaled(one, {"cpu": 4.0}) if (one.instance, one.setup) == ("planted-3", "sat") else one
            for one in new.measurements
        ),
    )
    changes = changes_between(base, slow)
    assert alarms(changes) == set()
    (row,) = changes.single_times
    assert (row.metric, row.setup, row.instance, row.weight) == ("cpu", "sat", "planted-3", Weight.REGRESSION)
    assert 3 < row.ratio < 4.5
    (back,) = changes_between(slow, base).single_times
    assert (back.weight, back.ratio < 1 / 3) == (Weight.IMPROVEMENT, True)


def single(before: list[float], after: list[float]) -> Changes:
    base, new = (
        recording(*(measurement(repetition=i, seconds=times(cpu=cpu)) for i, cpu in enumerate(side)))
        for side in (before, after)
    )
    return changes_between(base, new, 2)


@pytest.mark.parametrize(
    ("before", "after", "weights"),
    [
        ([1, 1, 1], [4, 4, 4], []),
        ([1, 1, 1], [4.1, 5, 6], [Weight.REGRESSION]),
        ([1, 1, 1.1], [4.1, 5, 6], []),
        ([1, 1], [9, 9, 9], []),
        ([0, 0, 0], [0.08, 0.08, 0.08], []),
        ([0, 0, 0], [0.081, 0.09, 0.09], [Weight.REGRESSION]),
        ([4.1, 5, 6], [1, 1, 1], [Weight.IMPROVEMENT]),
        ([0, 0, 0], [0, 0, 0], []),
    ],
)
def test_single_instances_gate_by_all_their_repetitions(
    before: list[float], after: list[float], weights: list[Weight]
) -> None:
    assert [row.weight for row in single(before, after).single_times] == weights


def with_memory(*megabytes: int) -> Recording:
    return recording(*(measurement(repetition=i, peak_memory=amount) for i, amount in enumerate(megabytes)))


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [
        ((0, 0, 0), (900, 900, 900), None),
        ((40, 40, 40), (99, 99, 99), None),
        ((40, 40, 40), (155, 155, 155), Weight.NOTED),
        ((40, 40, 40), (158, 158, 158), Weight.REGRESSION),
        ((800, 800, 800), (400, 400, 400), Weight.IMPROVEMENT),
    ],
)
def test_peak_memory_gates_like_times(before: tuple[int, ...], after: tuple[int, ...], weight: Weight | None) -> None:
    changes = changes_between(with_memory(*before), with_memory(*after))
    rows = [row.weight for row in changes.times if row.metric == "peak_memory"]
    assert rows == ([] if weight is None else [weight])
    assert changes.regressed == (weight is Weight.REGRESSION)


def test_memory_is_not_divided_by_the_speed_of_the_machine() -> None:
    suite = noisy_suite(0)
    heavy = [dataclasses.replace(one, peak_memory=400) for one in suite]
    slow = [scaled(one, {"cpu": 2.0, "wall": 2.0, "encode_cpu": 2.0}) for one in heavy]
    changes = changes_between(recording(*heavy, yardstick="plain"), recording(*slow, yardstick="plain"))
    assert changes.speed.cpu > 1.5
    assert {row.ratio for row in changes.times if row.metric == "peak_memory"} == {1.0}


def test_one_slow_instance_does_not_move_the_yardstick() -> None:
    base, new = (noisy_suite(seed, families=["random"], instances=4, noise=0.02) for seed in (0, 1))
    slow = [
        scaled(one, {"cpu": 5.0, "wall": 5.0}) if (one.instance, one.setup) == ("random-2", "plain") else one
        for one in new
    ]
    speed = changes_between(recording(*base, yardstick="plain"), recording(*slow, yardstick="plain")).speed
    assert (speed.cpu, speed.wall) == pytest.approx((1, 1), abs=0.05)


def test_another_speed_of_the_same_machine_takes_the_tick_and_the_improvements_away() -> None:
    base, new = noisy(0), with_changes(noisy(1), {"cpu": 2.0, "wall": 2.0, "encode_cpu": 2.0}, "plain")
    changes = changes_between(base, new)
    assert changes.outcome is Outcome.DOUBT
    assert changes.improvements == 0
    assert min(row.ratio for row in changes.times) < 0.7
    assert "no regression; the same machine took 2.1" in changes.headline
    elsewhere = dataclasses.replace(new, heading=dataclasses.replace(new.heading, machine={"id": "another"}))
    there = changes_between(base, elsewhere)
    assert there.doubts == ()
    assert there.improvements > 0


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"yardstick": "sat"}, "plain, now sat"),
        ({"setups": {"plain": "cpsat"}}, "plain is plain, now cpsat"),
        (
            {"versions": {"python": "3.11.7", "qnnt": "0.1.0", "ortools": "9"}},
            "different version of ortools: none, now 9",
        ),
    ],
)
def test_times_are_not_judged_by_different_yardsticks(other: dict[str, Any], reason: str) -> None:
    base = noisy(0)
    slow = with_changes(noisy(1), {"cpu": 9.0, "wall": 9.0})
    changes = changes_between(base, dataclasses.replace(slow, heading=dataclasses.replace(slow.heading, **other)))
    assert f"the yardsticks are not comparable: {reason}" in changes.remarks
    assert not changes.times_judged
    assert not changes.regressed
    assert changes_between(base, slow).regressed


def test_packages_of_other_solvers_do_not_matter_to_the_yardstick() -> None:
    suite = [dataclasses.replace(one, solver="plain-cpsat") for one in noisy_suite(0) if one.setup == "plain"]
    base, new = (
        recording(*suite, yardstick="plain", versions={"ortools": "9.15", "python-sat": version}) for version in "12"
    )
    assert changes_between(base, new).speed.pairs == 10


# --- answers -------------------------------------------------------------------------------------


def verdict_row(base: list[Measurement], new: list[Measurement]) -> tuple[str, str, Weight] | None:
    rows = changes_between(recording(*base), recording(*new)).verdicts
    assert len(rows) <= 1
    return (rows[0].before, rows[0].after, rows[0].weight) if rows else None


def test_lost_and_won_answers() -> None:
    solved, lost = repeated(measurement()), repeated(unsolved())
    assert verdict_row(solved, solved) is None
    assert verdict_row(lost, lost) is None
    assert verdict_row(solved, lost) == ("solved", "unsolved", Weight.REGRESSION)
    assert verdict_row(lost, solved) == ("unsolved", "solved", Weight.IMPROVEMENT)


def test_an_answer_counts_as_lost_when_most_repetitions_lose_it() -> None:
    solved, lost = repeated(measurement()), repeated(unsolved())
    assert verdict_row(solved, [*solved[:1], *lost[1:]]) == ("solved", "solved 1 of 3", Weight.REGRESSION)
    assert verdict_row(solved, [*solved[:2], lost[2]]) == ("solved", "solved 2 of 3", Weight.NOTED)
    assert verdict_row([*solved[:2], lost[2]], lost) == ("solved 2 of 3", "unsolved", Weight.NOTED)


def test_a_trial_that_lies_at_its_time_limit_closes_no_gate() -> None:
    for seconds, weight in ((7.9, Weight.REGRESSION), (8.1, Weight.NOTED)):
        near = repeated(measurement(seconds=times(wall=seconds)))
        assert verdict_row(near, repeated(unsolved())) == ("solved", "unsolved", weight)
    near = repeated(measurement(seconds=times(wall=9.5)))
    gave_up = repeated(unsolved(seconds=times(), problem="memory limit"))
    assert verdict_row(near, gave_up) == ("solved", "unsolved", Weight.REGRESSION)  # it was not the time


def test_refusals_and_defects() -> None:
    solved, open_ = repeated(measurement()), repeated(unsolved())
    refused, crashed = (repeated(without_result(kind)) for kind in (Verdict.UNSUPPORTED, Verdict.CRASHED))
    assert verdict_row(solved, refused) == ("solved", "unsupported", Weight.REGRESSION)
    assert verdict_row(open_, refused) == ("unsolved", "unsupported", Weight.NOTED)
    assert verdict_row(refused, solved) == ("unsupported", "solved", Weight.IMPROVEMENT)
    for before in (solved, open_, refused):
        assert verdict_row(before, [*before[:2], crashed[2]]) == (
            verdict_words(before),
            "crashed",
            Weight.REGRESSION,
        )
    assert verdict_row(crashed, solved) == ("crashed", "solved", Weight.IMPROVEMENT)
    assert verdict_row(crashed, crashed) is None


def verdict_words(repetitions: list[Measurement]) -> str:
    if not repetitions[0].supported:
        return "unsupported"
    return "solved" if repetitions[0].solved else "unsolved"


def test_contradictions_in_new_always_close_the_gate_and_those_in_base_take_the_tick_away() -> None:
    right, wrong = measurement(), measurement(loss=4, lower_bound=4)
    for base, new, side, outcome in (
        (right, wrong, "NEW", Outcome.REGRESSION),
        (wrong, right, "BASE", Outcome.DOUBT),
    ):
        changes = changes_between(recording(base), recording(new), 1000)
        assert changes.outcome is outcome
        assert [(one.side, one.claim) for one in changes.contradictions] == [(side, "optimal, bound 4")]
    assert "no regression; 1 wrong answer in BASE (1 pair" in changes.headline
    both = changes_between(recording(wrong), recording(wrong, measurement(setup="cpsat")))
    assert both.regressed
    infeasible = measurement(status=Status.INFEASIBLE, loss=None, lower_bound=None)
    assert changes_between(recording(right), recording(infeasible)).regressed


def test_contradictions_are_seen_where_nothing_is_compared() -> None:
    other = measurement(setup="cpsat", loss=5, lower_bound=5, seed=3)
    changes = changes_between(recording(measurement()), recording(other))
    assert changes.pairs == 0
    assert [one.setup for one in changes.contradictions] == ["cpsat"]


def test_wrong_certificates_of_new_close_the_gate_wherever_they_are() -> None:
    broken = without_result(Verdict.WRONG_CERTIFICATE, problem="the loss is 4, not 3")
    for base in (recording(), recording(broken), recording(measurement())):
        changes = changes_between(base, recording(broken))
        assert [(one.side, one.claim, one.witness) for one in changes.contradictions] == [
            ("NEW", "wrong certificate", "the loss is 4, not 3")
        ]
        assert changes.regressed
    assert not changes_between(recording(broken), recording(measurement())).regressed


def test_progress_is_told_and_not_judged() -> None:
    changes = changes_between(recording(unsolved()), recording(unsolved(loss=5, lower_bound=0)))
    assert [(one.before, one.after) for one in changes.progress] == [("1..4", "0..5")]
    nothing = unsolved(status=Status.UNKNOWN, loss=None, lower_bound=None)
    changes = changes_between(recording(unsolved(loss=10**5000, lower_bound=0)), recording(nothing))
    assert changes.progress[0].after == "-..-"
    assert len(changes.progress[0].before) < 100
    assert not changes.regressed


# --- counters and sizes --------------------------------------------------------------------------


def counters(before: float, after: float, name: str = "conflicts", **how: object) -> Changes:
    base, new = (measurement(counters={name: amount}, **how) for amount in (before, after))
    return changes_between(recording(base), recording(new))


@pytest.mark.parametrize(
    ("before", "after", "alarm"),
    [(0, 0, False), (0, 125, False), (0, 126, True), (1000, 1250, False), (1000, 1251, True), (1000, 0, False)],
)
def test_counters_gate_strictly_beyond_the_ratio(before: int, after: int, alarm: bool) -> None:
    assert counters(before, after).regressed == alarm


def test_every_counter_has_a_floor() -> None:
    assert set(COUNTER_FLOORS) == set(COUNTERS)
    for name in COUNTERS:
        assert counters(1e6, 2e6, name).regressed
        assert not counters(0, COUNTER_FLOORS[name], name).regressed


def test_counters_gate_only_for_solved_runs_with_one_thread() -> None:
    assert counters(1000, 9000).regressed
    assert not counters(1000, 9000, threads=2).regressed
    assert not counters(1000, 9000, status=Status.FEASIBLE, lower_bound=0).regressed


def test_counters_of_any_length() -> None:
    assert counters(10**4000, 10**4000 * 3).counters[0].ratio == 1.0  # beyond all floats: not told apart
    assert counters(1000, 10**4000).regressed


def conflicts(*amounts: int) -> list[Measurement]:
    return [measurement(repetition=i, counters={"conflicts": amount}) for i, amount in enumerate(amounts)]


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [
        ((1000, 1000, 1001), (1564, 2000, 9000), Weight.NOTED),
        ((1000, 1000, 1001), (1565, 2000, 9000), Weight.REGRESSION),
        ((1000, 2000, 9000), (5000, 8000, 20000), Weight.NOTED),
        ((0, 20, 50), (156, 156, 9000), Weight.NOTED),
        ((0, 20, 50), (157, 157, 9000), Weight.REGRESSION),
        ((1565, 2000, 9000), (1000, 1000, 1001), Weight.IMPROVEMENT),
    ],
)
def test_counters_that_differ_among_repetitions_must_be_far_apart(
    before: tuple[int, ...], after: tuple[int, ...], weight: Weight
) -> None:
    (row,) = changes_between(recording(*conflicts(*before)), recording(*conflicts(*after))).counters
    assert (row.pairs, row.undecided, row.weight) == (1, 1, weight)


def test_few_repetitions_tell_nothing_where_others_differ() -> None:
    base, new = conflicts(1000, 1001, 1000), conflicts(1000, 1001, 1000)
    base.append(measurement(instance="b", counters={"conflicts": 1000}))
    new.append(measurement(instance="b", counters={"conflicts": 9000}))
    (row,) = changes_between(recording(*base), recording(*new)).counters
    assert (row.pairs, row.undecided, row.weight) == (1, 1, Weight.NOTED)


def test_counters_on_one_side_only_are_told() -> None:
    silent = measurement(counters={})
    for base, new in ((conflicts(7)[0], silent), (silent, conflicts(7)[0])):
        (row,) = changes_between(recording(base), recording(new)).counters
        assert (row.name, row.pairs, row.one_sided, row.unchanged, row.weight) == (
            "conflicts",
            0,
            1,
            False,
            Weight.NOTED,
        )
    crashed = without_result(Verdict.CRASHED)
    assert changes_between(recording(measurement()), recording(crashed)).sizes == ()


def test_the_worst_pair_is_named() -> None:
    base = [measurement(instance=name, counters={"conflicts": 1000}) for name in "abc"]
    new = [
        measurement(instance=name, counters={"conflicts": amount})
        for name, amount in zip("abc", (500, 2000, 1000), strict=True)
    ]
    (row,) = changes_between(recording(*base), recording(*new)).counters
    assert (row.worst, row.worst_before, row.worst_after, row.beyond) == ("b", 1000, 2000, 1)
    assert row.ratio == pytest.approx(1)


def test_sizes_count_for_unsolved_runs_too() -> None:
    changes = changes_between(recording(unsolved()), recording(unsolved(sizes={"booleans": 251, "clauses": 2000})))
    assert alarms(changes) == {("booleans", "sat")}
    assert {row.name: row.unchanged for row in changes.sizes} == {"booleans": False, "clauses": True}


# --- the whole -----------------------------------------------------------------------------------


def test_empty_and_unfinished_recordings() -> None:
    changes = changes_between(recording(planned=7), recording())
    assert not changes.regressed
    assert changes.pairs == 0
    assert changes.incomplete == ("BASE is not finished: 0 of 7 trials",)
    assert "nothing to compare" in changes.headline
    assert changes_between(recording(), recording()).outcome is Outcome.DOUBT


def test_what_new_lacks_of_the_same_suite_is_told() -> None:
    base, new = recording(measurement(), measurement(instance="b")), recording(measurement())
    changes = changes_between(base, new)
    assert (changes.incomplete, changes.outcome) == (("NEW lacks 1 pair of the same suite",), Outcome.DOUBT)
    assert changes_between(new, base).outcome is Outcome.PASS
    other = recording(measurement(), suite_sha256="6" * 64)
    assert changes_between(base, other).incomplete == ()


def test_differences_of_the_recordings_are_told() -> None:
    base = recording(measurement(), yardstick="sat", jobs=1)
    new = recording(
        measurement(machine="another"),
        measurement(instance="b"),
        yardstick="sat",
        suite_sha256="6" * 64,
        setups={"sat": "sat", "more": "cpsat"},
        versions={"python": "3.13.1", "qnnt": "0.1.0", "ortools": "9.15"},
        jobs=2,
    )
    assert changes_between(base, new).remarks == (
        "the suite made-up was changed",
        "different setup more: none, now cpsat",
        "different version of python: 3.11.7, now 3.13.1",
        "different version of ortools: none, now 9.15",
        "different numbers of trials at the same time: 1, now 2",
        "NEW was measured on 2 different machines",
    )


@pytest.mark.parametrize("ratio", [1.0, 0.5, -1.0, float("inf"), float("nan")])
def test_thresholds_above_one_alone_make_sense(ratio: float) -> None:
    with pytest.raises(InputError, match="above 1"):
        changes_between(recording(), recording(), ratio)


def test_counters_of_another_solver_are_not_compared() -> None:
    base = measurement(solver="auto", answered_by="cpsat", counters={"conflicts": 1000}, sizes={"terms": 1000})
    new = measurement(solver="auto", answered_by="sat", counters={"conflicts": 9000}, sizes={"terms": 9000})
    changes = changes_between(recording(base), recording(new))
    assert (changes.counters, changes.sizes, changes.regressed, changes.pairs) == ((), (), False, 1)
    assert [one.reason for one in changes.apart] == ["counters and sizes: answered by cpsat, now by sat"]
    assert changes_between(recording(base), recording(dataclasses.replace(new, answered_by="cpsat"))).regressed
