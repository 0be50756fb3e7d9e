"""What solver processes used: told by themselves at the end, or read from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import qnnt
from qnnt.generation.families import random_labels
from qnnt.instance import Objective
from qnnt.solvers.backends import Encoded, Event, Limits
from qnnt.solvers.routes import Job, run
from qnnt.solvers.usage import Usage, usage_of

BUSY = "x = bytearray(200 << 20); [i * i for i in range(2_000_000)]; print('ready', flush=True); input()"
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system has no /proc")


@needs_proc
def test_a_process_and_those_below_it() -> None:
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        usage = usage_of(process.pid)
        assert usage.cpu_seconds > 0.02
        assert usage.peak_memory > 200 << 20
        process.communicate(b"\n")
    assert usage_of(process.pid) == Usage()


@needs_proc
def test_a_process_from_inside_and_outside() -> None:
    code = (
        "import os; from qnnt.solvers.usage import usage_of, usage_of_this_process; x = bytearray(100 << 20)\n"
        "print(*(f(*a) for f, a in ((usage_of_this_process, ()), (usage_of, (os.getpid(),)))), sep='\\n')"
    )
    lines = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.splitlines()
    inside, outside = (eval(line, {"Usage": Usage}) for line in lines)
    assert abs(inside.cpu_seconds - outside.cpu_seconds) < 0.1
    assert 0.8 < inside.peak_memory / outside.peak_memory < 1.25


@pytest.mark.parametrize("solver", ["sat", "cpsat", "maxsat", "milp", "patterns"])
def test_results_tell_processor_time(solver: str) -> None:
    result = qnnt.solve(random_labels(3, (2, 2, 1), 8, 0), solver=solver, threads=1)
    seconds = result.seconds
    assert 0 <= seconds["encode_cpu"] <= seconds["cpu"] + 0.01
    assert 0 < seconds["cpu"] < 20 * seconds["total"]
    assert result.model["peak_memory_mb"] > 10


def test_a_killed_search_tells_what_it_used_and_how_large_its_model_is() -> None:
    result = qnnt.solve(random_labels(4, (4, 4, 2), 16, 0), solver="sat", time_limit=1.5)
    assert result.status is qnnt.Status.FEASIBLE
    assert result.seconds["cpu"] > 0.3
    assert result.model["cnf"]["clauses"] > 1000  # written before the search, not after it


def test_writing_clauses_counts_as_encoding() -> None:
    told: list[Event] = []
    job = Job(random_labels(3, (3, 3, 2), 12, 0), Objective.MINIMIZE, "sat", {}, Limits())
    run(job, told.append)
    model, lowered = (event for event in told if isinstance(event, Encoded))
    assert 0 < model.seconds < lowered.seconds
    assert 0 < model.cpu_seconds < lowered.cpu_seconds
    assert {**model.sizes, "cnf": lowered.sizes["cnf"]} == lowered.sizes
