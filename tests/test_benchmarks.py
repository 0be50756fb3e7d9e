"""The benchmark scripts run, and the textbook's program answers what it should."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qnnt.algorithms.enumeration import minimum
from qnnt.benchmarking.record import record
from qnnt.benchmarking.suite import read_suite
from qnnt.documents.construction import d_nnt
from qnnt.files.instances import save
from qnnt.generation.families import planted_labels
from qnnt.instance import Instance

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def run(script: str, *words: str) -> str:
    command = [sys.executable, str(BENCHMARKS / script), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_against_the_plain_model() -> None:
    shown = run("against_plain.py", "--seeds", "1", "--cases", "0", "--workers", "1", "--plain-limit", "1")
    assert re.search(r"ours .* s optimal 3 \(bound 3\) +plain .* s (optimal|feasible|unknown) ", shown)
    assert re.search(r"proved 1 and [01] of 1\n$", shown)


def tiny(layers: list[int], y: list[list[int | None]], **rest: Any) -> Instance:
    x = [[0, 1], [1, 2], [-2, 1], [1, -1], [2, 2]]
    return d_nnt(layers, x, y, weights=[-2, 0, 1], bias=[-1, 2], **rest)


@pytest.mark.parametrize(
    ("instance", "products"),
    [
        (planted_labels(4, (1, 1, 2), 8, 3, flip=0.5), "each"),
        (planted_labels(4, (1, 1, 2), 8, 3, flip=0.5), "sum"),
        (tiny([2, 1, 1], [[3], [-2], [5], [0], [1]], activation="relu", loss="absolute"), "sum"),
        (
            tiny(
                [2, 1, 1],
                [[1], [-1], [-1], [1], [None]],
                activation={"type": "clip", "low": -1, "high": 2},
                loss={"type": "hinge", "margin": 3},
            ),
            "sum",
        ),
        (tiny([2, 1, 1], [[1], [0], [1], [0], [2]], activation="threshold"), "each"),
        (tiny([2, 1], [[4], [-3], [2], [1], [0]], activation="identity", weight=[1, 2, 1, 3, 1]), "each"),
    ],
    ids=["relu_d, each", "relu_d, sum", "absolute relu", "hinge clip", "threshold", "identity"],
)
def test_the_textbook_program_finds_the_optimum(instance: Instance, products: str, tmp_path: Path) -> None:
    best = minimum(instance).loss
    assert best
    path = tmp_path / "instance.json"
    save(instance, str(path))
    assert run("textbook_milp.py", str(path), "--products", products).startswith(f"Optimal, loss {best}, ")


def test_our_relaxations_are_no_weaker_than_the_textbook() -> None:
    cases = ("random d=4 [2,1] 14", "absolute relu [2,1] 12, w to 3", "mismatch relu [2,2,1] 12, w to 2")
    shown = run("root_bounds.py", "--root-limit", "1", "--cases", *cases)
    assert shown.endswith("\nOurs is below the textbook's relaxation on 0 of 3 instances.\n")
    assert all(shown.count(f"| {case} | ") == 3 for case in cases)


def test_compile_speed_counts_constraints() -> None:
    shown = run("compile_speed.py", "--samples", "40", "--thresholds", "500")
    counts = [int(number) for number in re.findall(r"(\d+) constraints in", shown)]
    assert len(counts) == 2
    assert min(counts) > 500


def test_deep_narrow_networks() -> None:
    """All solvers prove the same optimum there, the dynamic programs every depth at once."""
    shown = run("deep_narrow.py", "--repetitions", "1", "--cases", "layers-3")
    assert shown.count("optimal 2, bound 2") == 5
    assert re.search(r"every depth up to 1000: \S+ s, losses \{2\}", shown)
    assert shown.count(" per second") == 3


def test_cost_over_depth() -> None:
    shown = run("depth.py", "--depths", "2", "4", "--repetitions", "1")
    assert shown.count("exponent") == 2


def test_pattern_search() -> None:
    family = "random d=3 [3,3,2] 20"
    shown = run("patterns.py", "--seeds", "2", "--families", family, "--solvers", "sat")
    losses = re.findall(r"seed (\d): (\w+) \S+ s, optimal (\d+)", shown)
    assert sorted(losses) == [("0", "patterns", "3"), ("0", "sat", "3"), ("1", "patterns", "6"), ("1", "sat", "6")]
    assert f"{family}: patterns median" in shown


def test_row_counts() -> None:
    shown = run("row_counts.py", "--neurons", "3", "--seeds", "1", "--limit", "20")
    assert "row-count" in shown
    assert "cpsat" in shown


def test_subset_sums() -> None:
    shown = run("subset_sum.py", "--sizes", "12", "--covers", "6", "--seeds", "1", "--engine-cases", "2")
    assert shown.count("median") == 3
    assert shown.count("optimal 0") == 3


def test_who_wins() -> None:
    shown = run(
        "who_wins.py", "--families", "6 alike ReLUs, 2 samples", "--solvers", "dp-pseudo", "row-count", "--seeds", "1"
    )
    assert shown.count(" 2\n") == 2


def test_targets() -> None:
    family = "random d=5 [2,2,1] 12"
    shown = run("targets.py", "--families", family, "--solvers", "sat", "milp", "pb", "--seeds", "1")
    assert shown.count("  1\n") == 3


def test_compare_overhead() -> None:
    shown = run("compare_overhead.py", "--runs", "3", "--repetitions", "1")
    assert re.match(r"3 runs: \S+ ms per run in all\n", shown)
    assert "comparison: " in shown


SUITE = """
format = "qnnt-suite/1"
name = "tiny"
[defaults]
time_limit = 10
[setups]
sat = { solver = "sat" }
patterns = { solver = "patterns" }
[[groups]]
family = "random"
instances = ["random:layers=2-2-1,d=3,samples=6,seed=1", "random:layers=3-2-1,d=3,samples=8,seed=0"]
setups = ["sat", "patterns"]
"""


def test_auto_against_best(tmp_path: Path) -> None:
    suite = tmp_path / "tiny.toml"
    suite.write_text(SUITE)
    shown = run("auto_against_best.py", "--suite", str(suite), "--solvers", "sat", "--limit", "60")
    assert shown.count("sat ") == 2
    assert re.search(r"^2 instances; at the percentile 95: \d+\.\d\d times; worst", shown, re.MULTILINE)


def test_dispatch_thresholds(tmp_path: Path) -> None:
    suite = tmp_path / "tiny.toml"
    suite.write_text(SUITE)
    record(read_suite(str(suite)), str(tmp_path / "results"))
    shown = run("dispatch_thresholds.py", str(tmp_path / "results"), "--suite", str(suite))
    assert shown.startswith("2 instances\n")
    assert re.search(r"^first.pattern_bits +\S+ -> \d", shown, re.MULTILINE)


def test_a_cut_is_where_the_scores_are_least() -> None:
    script = runpy.run_path(str(BENCHMARKS / "dispatch_thresholds.py"))
    point = script["Point"]
    mixed = [point(10, 1, 5), point(20, 1, 5), point(30, 9, 5), point(40, 9, 5)]
    assert script["best_cut"](mixed) == 25
    assert script["best_cut"]([point(10, 9, 5), point(20, 9, 5)]) < 10
    assert script["best_cut"]([point(10, 1, 5), point(20, 1, 5)]) > 20
    text = "a = 1   # one\n[first]\na = 1          # one\n"
    assert (
        script["replaced"](text, {"first.a": 2.5}) == "a = 1   # one\n[first]\na = 2.5                        # one\n"
    )


def test_bench_overhead() -> None:
    shown = run("bench_overhead.py", "--trials", "3", "--repetitions", "1")
    assert re.match(r"3 trials: \S+ ms per trial in all\n", shown)
    assert "recording: " in shown
