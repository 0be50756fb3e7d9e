"""Cubes on a cluster of two workers, one of which is killed with a cube on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qnnt
from qnnt.conquest import cluster as cluster_module
from qnnt.errors import InputError
from qnnt.files.instances import save
from qnnt.generation.families import random_labels
from qnnt.result import Ending, Status
from qnnt.solvers.entry_points import entries_elsewhere, entry_elsewhere
from qnnt.solvers.versions import version_of
from tests.benchmarking.local_cluster import all_solve, local, none_solves, once, pids, until
from tests.cli.program import PROGRAM
from tests.solvers.elsewhere import write_distribution
from tests.solvers.processes import PATIENCE
from tests.solvers.small_instances import LABELS

SOLVERS = '''
"""A solver that waits for a file, and one that kills its worker where the only weight is 1."""

import os
import signal
import time
from pathlib import Path

from qnnt.algorithms.enumeration import minimum
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Found
from qnnt.solvers.entry import Entry

FOLDER = Path(__file__).parent


class Patient:
    def unsupported(self, instance, objective):
        return None

    def expected(self, instance):
        return {}

    def solve(self, instance, objective, hint, limits, report):
        with (FOLDER / "begun").open("a") as begun:
            begun.write("one\\n")
        while not (FOLDER / "go").exists():
            time.sleep(0.02)
        found, decides = minimum(instance), objective == "decide"
        if decides and found.loss > instance.bound:
            return Answer(Status.NO)
        report(Found(found.parameters))
        return Answer(Status.YES if decides else Status.OPTIMAL, None if decides else found.loss)


class Killer(Patient):
    def solve(self, instance, objective, hint, limits, report):
        if instance.weights["x1", "o1"] == (1,):
            worker = int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])
            os.kill(worker, signal.SIGKILL)
            time.sleep(60)
        return Answer(Status.NO)


PATIENT = Entry("patient", "waiting_solvers:Patient", "waits", preload=("waiting_solvers",))
KILLER = Entry("killer", "waiting_solvers:Killer", "kills", preload=("waiting_solvers",))
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of solvers of another distribution, on the path."""
    found = write_distribution(
        tmp_path_factory.mktemp("elsewhere") / "there",
        {"patient": "waiting_solvers:PATIENT", "killer": "waiting_solvers:KILLER"},
    )
    (found / "waiting_solvers.py").write_text(SOLVERS)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.syspath_prepend(found)
        for looked_up in (entries_elsewhere, entry_elsewhere, version_of):
            looked_up.cache_clear()
        yield found
    for looked_up in (entries_elsewhere, entry_elsewhere, version_of):
        looked_up.cache_clear()


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[Any]:
    with local() as started:
        yield started


def test_a_killed_worker_loses_no_cube_and_none_counts_twice(cluster: Any, folder: Path) -> None:
    begun = folder / "begun"

    def both_have_one() -> bool:
        return begun.exists() and len(begun.read_text().split()) == 2

    def kill() -> None:
        os.kill(pids(cluster)[0], signal.SIGKILL)
        (folder / "go").touch()

    with once(both_have_one, kill):
        result = qnnt.conquer(
            LABELS, cubes=4, cluster=cluster.scheduler_address, solver="patient", objective="minimize"
        )
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 1, 1)
    counts = result.model
    assert (counts["cubes"], counts["refuted"] + counts["solved"], counts["open"]) == (6, 6, 0)
    assert counts["redone"] == 1
    assert len(begun.read_text().split()) == counts["asked"] + counts["redone"]


def test_a_cube_that_workers_die_of_stays_open(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    line = qnnt.d_nnt([1, 1], [[1]], [[7]], weights=[0, 1], bias=[0], loss="absolute", activation="relu")
    result = qnnt.conquer(line, cubes=2, cluster=cluster.scheduler_address, solver="killer", bound=1)
    assert (result.status, result.ending) == (Status.FEASIBLE, Ending.CRASHED)
    assert result.note == "the workers that ran it died, again and again: 1 of 2 cubes are open"
    assert (result.model["refuted"], result.model["open"], result.model["redone"]) == (1, 1, 1)


def test_an_interrupted_command_leaves_nothing_on_the_workers(cluster: Any, tmp_path: Path) -> None:
    save(random_labels(4, [4, 4, 2], 40, 0), str(tmp_path / "hard.json"))
    words = ["--cubes", "4", "--cluster", cluster.scheduler_address, "--solver", "sat"]
    hard = subprocess.Popen(
        [*PROGRAM, "solve", "hard.json", *words],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: all_solve(cluster))
    hard.send_signal(signal.SIGINT)
    out, err = hard.communicate(timeout=PATIENCE)
    assert (hard.returncode, err) == (3, "")
    assert "interrupted: 5 of 5 cubes are open" in out
    until(lambda: none_solves(cluster))


def test_other_versions_on_workers_solve_nothing(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "with_our_code", lambda versions: {**versions, "numpy": "0.1"})
    with pytest.raises(InputError, match=r"the worker tcp://\S+ has numpy \S+ instead of 0\.1$"):
        qnnt.conquer(LABELS, cubes=4, cluster=cluster.scheduler_address)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(qnnt.UnsupportedError, match=r"^cubes on a cluster need: pip install 'qnnt\[cluster\]'$"):
        qnnt.conquer(LABELS, cubes=4, cluster="tcp://127.0.0.1:1")
