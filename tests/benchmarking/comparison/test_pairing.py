from __future__ import annotations

import pytest

from qnnt.benchmarking.comparison.pairing import Apart, Repetitions, paired
from qnnt.verdicts import Verdict
from tests.benchmarking.recordings import measurement, recording, unsolved, without_result


def test_repetitions_of_an_instance_and_a_setup_belong_together() -> None:
    base = recording(measurement(repetition=1), measurement(), measurement(setup="cpsat"))
    new = recording(measurement(), measurement(instance="a", repetition=1), measurement(setup="cpsat"))
    pairing = paired(base, new)
    assert [(pair.setup, pair.base.count, pair.new.count) for pair in pairing.pairs] == [("sat", 2, 2), ("cpsat", 1, 1)]
    assert [one.repetition for one in pairing.pairs[0].base.measurements] == [0, 1]
    assert pairing.apart == ()


def test_instances_are_known_by_their_digest_not_by_their_label() -> None:
    first = measurement(instance="old name")
    renamed = measurement(instance="new name", sha256=first.sha256)
    pairing = paired(recording(first), recording(renamed))
    assert [pair.instance for pair in pairing.pairs] == ["new name"]


def test_what_is_on_one_side_only_is_told() -> None:
    pairing = paired(recording(measurement(instance="gone")), recording(measurement(instance="born")))
    assert pairing.pairs == ()
    assert pairing.apart == (Apart("born", "sat", "only in NEW"), Apart("gone", "sat", "only in BASE"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"time_limit": 20.0}, "another time limit: 10.0, now 20.0"),
        ({"memory_limit": 100}, "another memory limit: none, now 100"),
        ({"threads": 2}, "another threads: 1, now 2"),
        ({"seed": 7}, "another seed: 0, now 7"),
        ({"solver": "sat:glucose4"}, "another solver: sat, now sat:glucose4"),
        ({"bound": 3}, "another bound: none, now 3"),
    ],
)
def test_what_is_asked_differently_is_not_compared(change: dict[str, object], reason: str) -> None:
    pairing = paired(recording(measurement()), recording(measurement(**change)))
    assert pairing.pairs == ()
    assert pairing.apart == (Apart("a", "sat", reason),)


def test_one_different_repetition_is_enough() -> None:
    new = recording(measurement(), measurement(repetition=1, seed=5))
    assert paired(recording(measurement()), new).apart == (Apart("a", "sat", "another seed: 0, now 0 and 5"),)


def test_refusals_of_both_sides_do_not_count() -> None:
    refused = recording(without_result(Verdict.UNSUPPORTED))
    assert paired(refused, refused).unsupported == 1
    assert paired(refused, refused).pairs == ()
    assert paired(refused, recording(measurement())).unsupported == 0


def test_empty_recordings() -> None:
    assert paired(recording(), recording()).pairs == ()
    assert len(paired(recording(), recording(measurement())).apart) == 1


@pytest.mark.parametrize(
    ("repetitions", "words"),
    [
        ([measurement()], "solved"),
        ([measurement(), unsolved()], "solved 1 of 2"),
        ([unsolved()], "unsolved"),
        ([without_result(Verdict.UNSUPPORTED)], "unsupported"),
        ([measurement(), without_result(Verdict.CRASHED)], "crashed"),
        ([without_result(Verdict.WRONG_CERTIFICATE)], "wrong certificate"),
    ],
)
def test_words(repetitions: list[object], words: str) -> None:
    assert Repetitions(tuple(repetitions)).words == words  # type: ignore[arg-type]


def test_times_at_the_limit_are_times_and_others_are_not() -> None:
    assert Repetitions((measurement(), unsolved())).timed(10.0)
    assert not Repetitions((measurement(), unsolved(seconds={"wall": 3.0}))).timed(10.0)  # it gave up
    assert not Repetitions((without_result(Verdict.CRASHED, seconds={"wall": 10.0}),)).timed(10.0)
