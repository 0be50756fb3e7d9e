"""Measuring a suite here: limits, solvers that break, stops, and trials at the same time."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.benchmarking.machine import commit_of_the_code, machine_description
from qnnt.benchmarking.measurement import Measurement
from qnnt.benchmarking.record import Here, held_against_each_other, record
from qnnt.benchmarking.recording_file import read_recording
from qnnt.benchmarking.suite import Suite, suite_from
from qnnt.benchmarking.trials import Trial, trials_of
from qnnt.documents.construction import d_nnt
from qnnt.errors import InputError
from qnnt.files.instances import save
from qnnt.generation.families import random_labels
from qnnt.instance import Objective
from qnnt.result import Status
from qnnt.solvers.registry import SOLVERS
from qnnt.solvers.stopping import Stop
from qnnt.verdicts import Verdict
from tests.benchmarking.small_suites import EASY, answers, document, hard, keys, small
from tests.solvers.broken_backends import ENTRIES
from tests.solvers.processes import ROOT


@pytest.fixture
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Solvers that break stand in the registry here, and in the workshop by what it preloads."""
    monkeypatch.syspath_prepend(ROOT)
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(SOLVERS, name, entry)


class After:
    """A stop that is set from a moment on."""

    def __init__(self) -> None:
        self.reached = False

    def is_set(self) -> bool:
        return self.reached


def test_every_trial_is_measured_and_written_down(tmp_path: Path) -> None:
    suite = small(EASY, setups={"brute": "enumeration", "of ours": "sat"}, repetitions=2)
    told: list[tuple[str, int, int]] = []
    made = record(suite, str(tmp_path), on_measurement=lambda one, n, of: told.append((one.key, n, of)))
    trials = trials_of(suite)
    assert keys(made.measurements) == [trial.key for trial in trials]
    assert told == [(trial.key, n, 12) for n, trial in enumerate(trials, 1)]
    assert read_recording(made.source) == made
    best = {trial.named.sha256: minimum(trial.named.instance).loss for trial in trials}
    for one in made.measurements:
        assert (one.status, one.loss, one.lower_bound) == (Status.OPTIMAL, best[one.sha256], best[one.sha256])
        assert one.solved
        assert set(one.seconds) == {"wall", "cpu", "encode", "encode_cpu", "solve"}
        assert one.seconds["encode"] + one.seconds["solve"] <= one.seconds["wall"] + 0.001
        assert one.peak_memory > 0
        assert one.machine == made.heading.machine["id"]
        assert one.features["samples"] == 6
    assert all(one.sizes["cnf.clauses"] > 0 for one in made.measurements if one.setup == "of ours")
    assert {judged.verdicts for judged in held_against_each_other(made).values()} == {(Verdict.AGREE,) * 4}


def test_the_heading_says_what_times_depend_on(tmp_path: Path) -> None:
    suite = small(EASY, setups={"a": "sat", "b": "cpsat"})
    heading = record(suite, str(tmp_path), measuring=Here(2)).heading
    assert (heading.suite, heading.planned) == ("small", 6)
    assert (heading.setups, heading.yardstick, heading.jobs) == ({"a": "sat", "b": "cpsat"}, None, 2)
    assert heading.machine == machine_description()
    assert set(heading.versions) == {"python", "qnnt", "numpy", "ortools", "python-sat"}


def test_counters_of_one_thread_are_the_same_in_every_repetition(tmp_path: Path) -> None:
    family = "random:layers=3-3-2,d=3,samples=12,seeds=0-0"
    made = record(small(family, setups={"a": "sat", "b": "cpsat"}, repetitions=3), str(tmp_path))
    for name in ("a", "b"):
        own = [one for one in made.measurements if one.setup == name]
        assert own[0].counters["conflicts"] > 0
        assert {tuple(one.counters.items()) for one in own} == {tuple(own[0].counters.items())}
        assert {tuple(one.sizes.items()) for one in own} == {tuple(own[0].sizes.items())}


# --- limits --------------------------------------------------------------------------------------


def test_the_time_limit_is_kept(tmp_path: Path) -> None:
    (one,) = record(hard(1, 0.5), str(tmp_path)).measurements
    assert (one.apparent, one.status, one.problem, one.time_limit) == (None, Status.FEASIBLE, "time limit reached", 0.5)
    assert not one.solved
    assert one.seconds["wall"] >= 0.5
    assert one.loss is not None
    assert one.lower_bound is not None
    assert one.loss > one.lower_bound


@pytest.mark.usefixtures("_broken")
def test_the_memory_limit_is_kept(tmp_path: Path) -> None:
    (one,) = record(
        small(EASY.replace("0-2", "0-0"), setups={"a": "Swells"}, memory_limit=150), str(tmp_path)
    ).measurements
    assert (one.apparent, one.problem, one.memory_limit) == (None, "memory limit reached", 150)
    assert not one.solved
    assert one.peak_memory >= 150
    assert one.seconds["wall"] < 60


# --- solvers that break --------------------------------------------------------------------------


@pytest.mark.usefixtures("_broken")
def test_what_breaks_is_measured_as_that_and_the_others_go_on(tmp_path: Path) -> None:
    expected = {
        "Honest": (None, ""),
        "Exits": (Verdict.CRASHED, "Exits: the solver's process died (killed, or out of memory)"),
        "Raises": (Verdict.CRASHED, "Raises: RuntimeError: the first line"),
        "RunsOutOfMemory": (Verdict.CRASHED, "RunsOutOfMemory: out of memory"),
        "OptimalWithoutSolution": (
            Verdict.WRONG_CERTIFICATE, "OptimalWithoutSolution says optimal, but returned no solution",
        ),
        "Declines": (Verdict.UNSUPPORTED, "it is Monday"),
    }  # fmt: skip
    family = EASY.replace("0-2", "1-1")
    made = record(small(family, setups={name: name for name in expected}), str(tmp_path))
    assert [one.setup for one in made.measurements] == list(expected)
    for one in made.measurements:
        apparent, problem = expected[one.setup]
        assert one.apparent is apparent
        assert problem in one.problem
        assert (one.status is None) == (apparent is not None)
        assert one.supported == (one.setup != "Declines")
        assert set(one.seconds) >= {"wall"}
    assert read_recording(made.source) == made


@pytest.mark.usefixtures("_broken")
def test_contradictions_are_seen_across_setups_and_repetitions(tmp_path: Path) -> None:
    """Only a better solution from elsewhere can tell."""
    setups = {"honest": "Honest", "liar": "OptimalButWorse"}
    instance = d_nnt([1, 1], [[1]], [[4]], weights=[1, 2], bias=[0], activation="identity", loss="absolute")
    save(instance, str(tmp_path / "i.json"))
    made = record(small("i.json", folder=tmp_path, setups=setups, repetitions=2), str(tmp_path))
    assert [one.loss for one in made.measurements] == [2, 3] * 2
    assert {one.apparent for one in made.measurements} == {None}
    (judged,) = held_against_each_other(made).values()
    found = [(run.solver, verdict) for run, verdict in zip(judged.runs, judged.verdicts, strict=True)]
    assert found == [("honest", Verdict.AGREE), ("liar", Verdict.CONTRADICTION)] * 2


# --- stops, and going on -------------------------------------------------------------------------


def stopped_after(count: int, suite: Suite, folder: Path) -> Sequence[Measurement]:
    stop = After()

    def look(one: Measurement, done: int, of: int) -> None:
        stop.reached = done >= count

    return record(suite, str(folder), stop=stop, on_measurement=look).measurements


def test_a_stop_between_trials_and_the_same_again_goes_on(tmp_path: Path) -> None:
    suite = small(EASY, setups={"brute": "enumeration"}, repetitions=3)
    first = stopped_after(2, suite, tmp_path)
    second = stopped_after(5, suite, tmp_path)
    assert second[:2] == first
    assert 2 <= len(first) < len(second) < 9
    whole = record(suite, str(tmp_path))
    assert whole.measurements[: len(second)] == second
    assert keys(whole.measurements) == [trial.key for trial in trials_of(suite)]
    assert len(list(tmp_path.iterdir())) == 1
    assert record(suite, str(tmp_path)).source != whole.source  # which was whole: a new one is begun
    assert len(list(tmp_path.iterdir())) == 2


def test_a_stop_ends_a_running_trial_which_does_not_count(tmp_path: Path) -> None:
    class Soon:
        def __init__(self) -> None:
            self.end = time.monotonic() + 1.0

        def is_set(self) -> bool:
            return time.monotonic() > self.end

    start = time.monotonic()
    made = record(hard(2, 500), str(tmp_path), stop=Soon())
    assert time.monotonic() < start + 100
    assert (made.measurements, made.missing) == ((), 2)
    assert read_recording(made.source) == made


def test_a_stop_before_all_measures_nothing(tmp_path: Path) -> None:
    stop = After()
    stop.reached = True
    made = record(small(EASY), str(tmp_path), stop=stop)
    assert (made.measurements, made.missing) == ((), 3)


def test_what_is_measured_elsewhere_is_written_down_as_it_comes(tmp_path: Path) -> None:
    """Whoever measures: each line is on the disk before the next trial is asked for."""
    lines: list[int] = []

    class Elsewhere:
        jobs = 1

        def __call__(self, trials: Sequence[Trial], stop: Stop | None) -> Iterator[Measurement]:
            (file,) = tmp_path.iterdir()
            for one in Here()(trials[::-1], stop):
                lines.append(file.read_bytes().count(b"\n"))
                yield one

    suite = small(EASY, setups={"brute": "enumeration"})
    made = record(suite, str(tmp_path), measuring=Elsewhere())
    assert lines == [1, 2, 3]
    assert keys(made.measurements) == [trial.key for trial in trials_of(suite)][::-1]


def test_trials_at_the_same_time_are_measured_once_each(tmp_path: Path) -> None:
    suite = small(EASY, setups={"brute": "enumeration", "sat": "sat"}, repetitions=2)
    both = record(suite, str(tmp_path), measuring=Here(2))
    assert both.heading.jobs == 2
    assert len(set(keys(both.measurements))) == len(both.measurements) == 12
    assert answers(both) == answers(record(suite, str(tmp_path), measuring=Here(1)))
    assert len(list(tmp_path.iterdir())) == 2  # recordings of other jobs are not continued


@pytest.mark.usefixtures("_broken")
def test_trials_run_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both tell where they run before either is stopped."""
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")  # where the solver writes its process numbers

    class BothTold:
        def is_set(self) -> bool:
            return len(list((tmp_path / "run").iterdir())) == 2

    suite = small(EASY.replace("0-2", "0-1"), setups={"a": "Hangs"})
    made = record(suite, str(tmp_path / "results"), measuring=Here(2), stop=BothTold())
    assert made.measurements == ()


# --- what cannot be measured ---------------------------------------------------------------------


def test_bad_suites_and_places_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one job is needed, not 0"):
        record(small(EASY), str(tmp_path / "r"), measuring=Here(0))
    with pytest.raises(InputError, match="unknown solver 'nobody'"):
        record(small(EASY, setups={"a": "nobody"}), str(tmp_path / "r"))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "x", "", "a\0b", "x" * 5000):
        with pytest.raises(InputError, match="cannot write: "):
            record(small(EASY), str(place))


def test_no_samples_no_solutions_and_deciding(tmp_path: Path) -> None:
    table = {"type": "table", "values": [[7, 0]]}
    impossible = d_nnt([1, 1], [[1]], [[4]], weights=[1, 2], bias=[0], activation=table, loss="absolute")
    save(impossible, str(tmp_path / "impossible.json"))
    described = document("random:layers=2-1,samples=0,seed=0", "impossible.json", setups={"brute": "enumeration"})
    bounded = ["random:layers=2-1,samples=6,seed=1,bound=6", "random:layers=2-1,samples=6,seed=1,bound=0"]
    described["groups"].append({"family": "bounded", "instances": bounded})
    made = record(suite_from(described, tmp_path), str(tmp_path / "results"))
    found = [(one.objective, one.status, one.bound) for one in made.measurements]
    assert found == [
        (Objective.MINIMIZE, Status.OPTIMAL, None),
        (Objective.MINIMIZE, Status.INFEASIBLE, None),
        (Objective.DECIDE, Status.YES, 6),
        (Objective.DECIDE, Status.NO, 0),
    ]
    assert all(one.solved for one in made.measurements)
    assert read_recording(made.source) == made


def test_the_commit_is_of_the_code_that_runs() -> None:
    commit = commit_of_the_code()
    assert commit is None or (len(commit.id) == 40 and commit.date.endswith("Z"))


def test_descriptions_of_machines_hold_no_names() -> None:
    words = machine_description()
    assert set(words) == {"id", "cpu", "cores", "memory_mb", "system"}
    assert os.uname().nodename not in words.values()
    assert machine_description() == words


def test_other_instances_in_the_same_files_begin_anew(tmp_path: Path) -> None:
    data, results = tmp_path / "data", tmp_path / "results"
    data.mkdir()
    digests = []
    for seed in (0, 0, 1):
        save(random_labels(3, (2, 2, 1), 6, seed), str(data / "i.json"))
        suite = suite_from(
            {
                "format": "qnnt-suite/1",
                "name": "files",
                "defaults": {"time_limit": 10},
                "setups": {"a": {"solver": "enumeration"}},
                "groups": [{"family": "f", "instances": ["data/*.json"]}],
            },
            tmp_path,
        )
        digests.append(record(suite, str(results)).heading.suite_sha256)
    assert digests[0] == digests[1] != digests[2]


def test_a_solver_that_cannot_be_made_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = dataclasses.replace(SOLVERS["sat"], home="qnnt.solvers.sat:Nothing")
    monkeypatch.setitem(SOLVERS, "sat", broken)
    with pytest.raises(InputError, match=r"setups\.a\.solver: the solver sat cannot be made: AttributeError"):
        record(small(EASY, setups={"a": "sat"}), str(tmp_path))


def test_new_files_of_the_package_count_by_their_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "qnnt"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    monkeypatch.setattr(qnnt, "__file__", str(package / "__init__.py"))
    commits = [commit_of_the_code()]
    for text in ("x = 1", "x = 2", "x = 1"):
        (package / "new.py").write_text(text)
        commits.append(commit_of_the_code())
    clean, first, second, again = commits
    assert clean is not None
    assert clean.changes == ""
    assert first == again
    assert len({clean, first, second}) == 3
