"""What a comparison adds to the solvers' own time: many tiny instances, brute force, one run after the other.

    python benchmarks/compare_overhead.py [--runs 200]

Prints the time per run in all, the part that the solver's process reports as its own, and what is left: starting
the process, verifying, judging, writing the run down and synchronising it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import qnnt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    family = f"random:layers=2-1,d=3,samples=4,seeds=0-{arguments.runs - 1}"
    qnnt.compare("random:layers=2-1,samples=4,seed=0", "enumeration", jobs=1)  # imports are not measured
    whole: list[float] = []
    searching: list[float] = []
    for _ in range(arguments.repetitions):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            report = qnnt.compare(family, "enumeration", jobs=1, output=str(Path(folder) / "runs.jsonl"))
            runs = len(report.rows)
            whole.append((time.perf_counter() - start) / runs)
        own = [run.result["seconds"]["total"] for each in report.instances for run in each.runs if run.result]
        searching.append(sum(own) / runs)
    left = statistics.median(a - b for a, b in zip(whole, searching, strict=True))
    print(f"{runs} runs: {1e3 * statistics.median(whole):.1f} ms per run in all")
    print(f"solver, with the start of its process: {1e3 * statistics.median(searching):.1f} ms")
    print(f"comparison: {1e3 * left:.1f} ms")


if __name__ == "__main__":
    main()
