"""What `qnnt bench run` adds to the solvers' own time: many tiny instances, brute force, one trial after the other.

    python benchmarks/bench_overhead.py [--trials 200]

Prints the time per trial in all, the part that is measured as its own (with the start and the end of its process),
and what is left: what goes before the first one, writing each down and synchronising it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from qnnt.benchmarking.record import record
from qnnt.benchmarking.suite import Suite, suite_from


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--solver", default="enumeration")
    arguments = parser.parse_args()
    recorded(tiny(1, arguments.solver))  # imports are not measured
    found = [recorded(tiny(arguments.trials, arguments.solver)) for _ in range(arguments.repetitions)]
    whole, measured = (1e3 * statistics.median(one[part] for one in found) for part in (0, 1))
    left = 1e3 * statistics.median(one[0] - one[1] for one in found)
    print(f"{arguments.trials} trials: {whole:.1f} ms per trial in all")
    print(f"measured as the trial's own, with the start of its process: {measured:.1f} ms")
    print(f"recording: {left:.1f} ms")


def tiny(count: int, solver: str) -> Suite:
    document = {
        "format": "qnnt-suite/1",
        "name": "overhead",
        "defaults": {"time_limit": 60},
        "setups": {"tiny": {"solver": solver}},
        "groups": [{"family": "random", "instances": [f"random:layers=2-1,d=3,samples=4,seeds=0-{count - 1}"]}],
    }
    return suite_from(document, Path())


def recorded(suite: Suite) -> tuple[float, float]:
    """Seconds per trial of a whole recording, and those that stand in it."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        recording = record(suite, folder)
        whole = time.perf_counter() - start
    count = len(recording.measurements)
    return whole / count, sum(one.seconds["wall"] for one in recording.measurements) / count


if __name__ == "__main__":
    main()
