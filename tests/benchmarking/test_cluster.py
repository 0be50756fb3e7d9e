"""Trials on a cluster of two workers, some of which are killed."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import pytest

from qnnt.benchmarking import cluster as cluster_module
from qnnt.benchmarking.cluster import Cluster
from qnnt.benchmarking.cluster_worker import Parcel, needed_versions
from qnnt.benchmarking.machine import machine_description
from qnnt.benchmarking.measurement import Measurement
from qnnt.benchmarking.record import record
from qnnt.benchmarking.recording_file import read_recording
from qnnt.benchmarking.suite import Suite, suite_from
from qnnt.benchmarking.trials import trials_of
from qnnt.clusters import connection, spreading
from qnnt.clusters.versions import difference
from qnnt.clusters.worker import packed
from qnnt.errors import InputError, UnsupportedError
from qnnt.generation.families import random_labels
from qnnt.solvers.entry_points import entries_elsewhere, entry_elsewhere
from qnnt.solvers.instance_sets import instances_of
from qnnt.solvers.versions import version_of
from qnnt.verdicts import Verdict
from tests.benchmarking.local_cluster import all_solve, local, measured_on, none_solves, once, pids, solving, until
from tests.benchmarking.small_suites import EASY, HARD, answers, document, hard, keys, small, toml
from tests.solvers.elsewhere import write_distribution
from tests.solvers.processes import PATIENCE, children_of, gone

KILLER = '''
"""A solver that kills the worker that it runs for."""

import os
import signal
import time
from pathlib import Path

from elsewhere_solvers import Honest
from qnnt.solvers.entry import Entry


class Killer(Honest):
    def solve(self, instance, objective, hint, limits, report):
        worker = int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(worker, signal.SIGKILL)
        time.sleep(60)


ENTRY = Entry("killer", "killing_solver:Killer", "kills", preload=("killing_solver",))
'''


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with local() as started:
        yield started


def test_the_same_answers_as_here(cluster: Any, tmp_path: Path) -> None:
    suite = small(EASY, setups={"sat": "sat", "brute": "enumeration", "auto": "auto"}, repetitions=2)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1kB"}):  # nobody is to be warned
        there = measured_on(cluster, suite, tmp_path / "there")
    here = record(suite, str(tmp_path / "here"))
    assert there.missing == 0
    assert len(set(keys(there.measurements))) == 18
    assert answers(there) == answers(here)
    assert {one.machine for one in there.measurements} == {machine_description()["id"]}
    assert all(one.seconds["cpu"] > 0 and one.peak_memory > 0 for one in there.measurements)
    assert read_recording(there.source) == there


def test_a_killed_worker_loses_nothing(cluster: Any, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill() -> None:
        victim = pids(cluster)[0]
        killed.extend([victim, *children_of(victim), *solving(victim)])
        os.kill(victim, signal.SIGKILL)

    with once(lambda: all_solve(cluster), kill):
        recording = measured_on(cluster, hard(4, 1), tmp_path)
    assert recording.missing == 0
    assert len(set(keys(recording.measurements))) == 4
    assert {one.apparent for one in recording.measurements} == {None}
    assert read_recording(recording.source) == recording
    assert len(killed) >= 3
    assert gone(*killed)


def test_a_stop_ends_the_trials_and_the_rest_is_measured_here(cluster: Any, tmp_path: Path) -> None:
    stop, running = threading.Event(), list[int]()
    suite = hard(3, 0.7)

    def stop_it(one: Measurement, done: int, of: int) -> None:
        until(lambda: not none_solves(cluster))
        running.extend(pid for worker in pids(cluster) for pid in solving(worker))
        stop.set()

    first = measured_on(cluster, suite, tmp_path, stop=stop, on_measurement=stop_it)
    assert (len(first.measurements), first.missing) == (1, 2)
    assert running
    assert gone(*running)
    until(lambda: none_solves(cluster))
    rest = record(suite, str(tmp_path))
    assert (rest.source, rest.missing) == (first.source, 0)
    assert rest.measurements[:1] == first.measurements
    assert len(set(keys(rest.measurements))) == 3
    assert read_recording(rest.source) == rest


def test_trials_end_with_their_driver(cluster: Any, tmp_path: Path) -> None:
    """Whatever its end, nothing stays; the same command measures the rest."""
    (tmp_path / "s.toml").write_text(toml(document(HARD.format(1), time_limit=100)))
    command = [sys.executable, "-c", "from qnnt.cli.main import main; main()"]
    words = ["bench", "run", "s.toml", "--cluster", cluster.scheduler_address, "-o", "results"]
    for number, status in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 3)):
        driver = subprocess.Popen(
            [*command, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        until(lambda: all_solve(cluster))
        driver.send_signal(number)
        out, err = driver.communicate(timeout=PATIENCE)
        assert (driver.returncode, err) == (status, "")
        until(lambda: none_solves(cluster))
    assert "0 of 2 trials: results/small-" in out
    (made,) = (tmp_path / "results").iterdir()
    assert read_recording(str(made)).missing == 2


def test_the_command_line(cluster: Any, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(toml(document(EASY)))
    code = "from qnnt.cli.main import main; main()"
    words = ["bench", "run", "s.toml", "--cluster", cluster.scheduler_address, "-o", "results"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *words],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 of 3 trials: results/small-" in done.stdout


# --- workers that die, go away, come -------------------------------------------------------------


def forget_distributions() -> None:
    """What is installed is looked up once per process."""
    for looked_up in (entries_elsewhere, entry_elsewhere, version_of):
        looked_up.cache_clear()


@pytest.fixture
def killer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Suite]:
    """Trials of a setup that kills its worker, between others."""
    folder = tmp_path / "elsewhere"
    write_distribution(folder, {"killer": "killing_solver:ENTRY"})
    (folder / "killing_solver.py").write_text(KILLER)
    monkeypatch.syspath_prepend(folder)
    forget_distributions()
    described = document(EASY, setups={"sat": "sat", "killer": "killer"})
    described["groups"][0]["setups"] = ["sat"]
    described["groups"].insert(
        0, {**described["groups"][0], "setups": ["killer"], "instances": [EASY.replace("0-2", "0-0")]}
    )
    yield suite_from(described, tmp_path)
    forget_distributions()


def test_a_trial_that_workers_die_of_has_crashed_and_the_others_have_not(killer: Suite, tmp_path: Path) -> None:
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), local(threads=2) as own:
        recording = measured_on(own, killer, tmp_path / "results")
    assert recording.missing == 0
    crashed = [one for one in recording.measurements if one.apparent is not None]
    assert [(one.setup, one.apparent, one.status, one.machine) for one in crashed] == [
        ("killer", Verdict.CRASHED, None, "unknown")
    ]
    assert crashed[0].problem == "the workers that ran it died, again and again"
    assert all(one.solved for one in recording.measurements if one.setup == "sat")
    assert read_recording(recording.source) == recording


def test_without_workers_it_waits_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spreading, "WITHOUT_WORKERS", 0.5)
    monkeypatch.setattr(spreading, "COUNTING", 0.1)

    def told() -> list[str]:
        return [entry.getMessage() for entry in caplog.records if entry.name == spreading.__name__]

    with local(workers=0) as own, once(lambda: bool(told()), lambda: own.scale(1)):
        recording = measured_on(own, small(EASY), tmp_path)
    assert recording.missing == 0
    assert told() == ["no workers on the cluster: waiting for some; Ctrl-C ends"]


def test_a_scheduler_that_goes_away_is_one_line(tmp_path: Path) -> None:
    suite = hard(2, 60)
    with local() as own:
        address = own.scheduler_address
        workers = pids(own)
        with (
            once(lambda: all_solve(own), own.close),
            pytest.raises(InputError, match=f"^{address}: the scheduler is gone"),
        ):
            measured_on(own, suite, tmp_path)
        assert gone(*workers)


# --- what cannot run -----------------------------------------------------------------------------


def test_an_unreachable_scheduler_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(connection, "CONNECTING", 0.5)
    with pytest.raises(InputError, match=r"^tcp://127\.0\.0\.1:1: no dask scheduler answers$"):
        record(small(EASY), str(tmp_path), measuring=Cluster("tcp://127.0.0.1:1"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "address",
    ["", "7", "localhost:8786", "tcp://", "tcp://h", "tcp://h:x", "tcp://h:70000", "tcp://:1", "inproc://a:1",
     "foo://h:1", "tcp://h:1/a", "tcp://[:1", "tcp://h:1?a", "\0"],
)  # fmt: skip
def test_malformed_addresses(address: str) -> None:
    with pytest.raises(InputError, match="expected the address of a dask scheduler, tcp://HOST:PORT, got"):
        Cluster(address)([], None)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnsupportedError, match=r"need: pip install 'qnnt\[cluster\]'"):
        Cluster("tcp://127.0.0.1:1")([], None)


def test_other_versions_on_workers_run_nothing(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "needed_versions", lambda trials: {**needed_versions(trials), "numpy": "0.1"})
    with pytest.raises(InputError, match=r"the worker tcp://\S+ has numpy \S+ instead of 0\.1$"):
        measured_on(cluster, small(EASY), tmp_path)
    monkeypatch.setattr(cluster_module, "check_workers", lambda *_: None)  # as if they came later
    with pytest.raises(InputError, match=r"the worker tcp://\S+ has numpy \S+ instead of 0\.1$"):
        measured_on(cluster, small(EASY), tmp_path)
    assert list(tmp_path.iterdir()) == []  # no recording without a measurement


def test_workers_without_our_code_run_nothing(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(needed: object) -> str:
        raise ModuleNotFoundError("No module named 'qnnt.clusters.versions'\nand more")

    monkeypatch.setattr(connection, "difference", nowhere)
    with pytest.raises(InputError, match=r"a worker cannot run this qnnt: ModuleNotFoundError: No module named \S+$"):
        measured_on(cluster, small(EASY), tmp_path)


def test_versions_are_compared_by_what_matters() -> None:
    needed = needed_versions(trials_of(small(EASY)))
    assert set(needed) >= {"python", "qnnt", "numpy", "python-sat", "the code of qnnt"}
    assert difference(needed) == ""
    minor = needed["python"].rpartition(".")[0]
    assert difference({**needed, "python": f"{minor}.99"}) == ""
    assert difference({**needed, "python": "3.1.0"}) == f"python {needed['python']} instead of 3.1.0"
    assert (
        difference({"nobody": "1", "qnnt": "0"})
        == f"nobody (not there) instead of 1, qnnt {needed['qnnt']} instead of 0"
    )


# --- what travels --------------------------------------------------------------------------------


def test_trials_travel_whole_and_small() -> None:
    (trial, *_) = trials_of(small(EASY, memory_limit=100, repetitions=3))
    parcel = Parcel(packed(trial.named), trial.family, trial.setup, trial.terms, trial.repetition, {})
    assert pickle.loads(pickle.dumps(parcel)).unpacked() == trial
    (named,) = instances_of([random_labels(3, (100, 100, 10), 1000, 0)])
    assert len(packed(named)) < 400_000
