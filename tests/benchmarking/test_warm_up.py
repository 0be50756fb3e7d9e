"""Machine code is compiled before anything is measured: all of it, once per process, and stoppable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qnnt.benchmarking import warm_up as module
from qnnt.benchmarking.record import record
from qnnt.benchmarking.warm_up import warm_up
from qnnt.solvers.registry import SOLVERS
from tests.benchmarking.small_suites import EASY, small


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is solved for warmth."""
    told: list[tuple[str, str]] = []

    def solve(instance: Any, *, solver: str, **_: object) -> None:
        told.append((solver, instance.name))

    monkeypatch.setattr(module, "solve", solve)
    monkeypatch.setattr(module, "_warm", set())
    return told


def test_once_per_process_and_only_who_compiles(solved: list[tuple[str, str]], tmp_path: Path) -> None:
    record(small(EASY, setups={"a": "patterns", "b": "sat"}), str(tmp_path))
    expected = [("patterns", "random-d3-3x3x2-n12-s0"), ("patterns", "subset-sum-planted-14-12-s0")]
    assert solved == expected
    warm_up(["patterns", "sat"], None)
    assert solved == expected


@pytest.mark.parametrize("solver", ["auto", "portfolio", "portfolio:lockstep"])
def test_a_portfolio_warms_up_all(solver: str, solved: list[tuple[str, str]]) -> None:
    warm_up([solver], None)
    assert {name for name, _ in solved} == {name for name, entry in SOLVERS.items() if entry.warm_up}


def test_a_stop_ends_it(solved: list[tuple[str, str]]) -> None:
    class Now:
        def is_set(self) -> bool:
            return True

    warm_up(["patterns"], Now())
    assert solved == []
    warm_up(["patterns"], None)
    assert len(solved) == 2


LATER = """
import glob, os, sys
import qnnt
from qnnt.benchmarking.warm_up import warm_up
from qnnt.solvers.instance_sets import instances_of

def kept():
    return set(glob.glob(os.environ["NUMBA_CACHE_DIR"] + "/**/*.nbc", recursive=True))

warm_up([sys.argv[1]], None)
warm = kept()
assert warm
for one in instances_of(sys.argv[2:]):
    try:
        qnnt.solve(one.instance, solver=sys.argv[1], threads=1, time_limit=20)
    except qnnt.InputError:
        pass
print(sorted(map(os.path.basename, kept() - warm)))
"""
VARIED = (
    "random:layers=3-4-1,d=4,samples=16,seed=1",
    "random:layers=5-3-1,d=3,samples=60,seed=0",
    "planted:layers=4-4-2,d=4,samples=16,flip=0.2,seed=0",
    "random:layers=3-3-3,d=2,samples=8,seed=0",
    "one-in-three:variables=3,clauses=2,seed=0",
    "hitting-set:elements=6,sets=8,k=3,seed=0",
    "exact-cover:elements=12,sets=20,seed=0",
)


@pytest.mark.full
@pytest.mark.parametrize("solver", [name for name, entry in SOLVERS.items() if entry.warm_up])
def test_nothing_is_left_to_compile(solver: str, tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", LATER, solver, *VARIED]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert shown.stdout == "[]\n"
