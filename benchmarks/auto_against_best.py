"""`qnnt solve FILE` without options against the better of `--solver sat` and `--solver cpsat`, as users run them.

Whole commands with all cores, start of Python and imports included; solvers alternate on each instance. A run
without an answer counts with the limit. What is printed last is how many times longer `auto` takes, after the
allowance, at the given percentile; instances that nobody answered do not count.

    python benchmarks/auto_against_best.py [--suite ci] [--limit 20] [--solvers sat,cpsat] [--percentile 95]
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from qnnt.benchmarking.suite import read_suite, relative_sources
from qnnt.files.instances import save
from qnnt.solvers.instance_sets import instances_of

ANSWERED = (0,)


def seconds(file: str, solver: str, limit: float) -> tuple[float, str]:
    """Wall clock of one command, or the limit, and in words what came out."""
    command = [sys.executable, "-m", "qnnt", "solve", file, "--solver", solver, "--time-limit", str(limit), "--json"]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode not in ANSWERED:
        return limit, f"exit status {done.returncode} after {elapsed:.1f} s {done.stderr.strip()[-200:]}"
    result = json.loads(done.stdout)
    return min(elapsed, limit), str(result.get("proved_by") or result.get("found_by") or result["solver"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="ci")
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("--solvers", default="sat,cpsat")
    parser.add_argument("--allowance", type=float, default=0.5)
    parser.add_argument("--percentile", type=float, default=95.0)
    arguments = parser.parse_args()
    solvers = arguments.solvers.split(",")
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "instance.json")
        suite = read_suite(arguments.suite)
        for group in suite.groups:
            for one in instances_of(relative_sources(group.instances, suite.folder)):
                save(one.instance, file)
                runs = {solver: seconds(file, solver, arguments.limit) for solver in ["auto", *solvers]}
                auto, best = runs["auto"][0], min(runs[solver][0] for solver in solvers)
                words = "  ".join(f"{solver} {took:6.2f}" for solver, (took, _) in runs.items())
                counts = min(auto, best) < arguments.limit
                ratio = max(0.0, auto - arguments.allowance) / best
                if counts:
                    ratios.append(ratio)
                print(
                    f"{one.label[-40:]:40} {words}  {ratio:5.2f}{'' if counts else ' (out)'}  {runs['auto'][1]}",
                    flush=True,
                )
    ratios.sort()
    place = min(len(ratios) - 1, math.ceil(arguments.percentile / 100 * len(ratios)) - 1)
    print(
        f"{len(ratios)} instances; at the percentile {arguments.percentile:g}: {ratios[place]:.2f} times; "
        f"worst {ratios[-1]:.2f}"
    )


if __name__ == "__main__":
    main()
