"""The pattern search on low-dimensional data: proving optimality, beside other solvers on the same instances.

Seconds of the search alone (in this process, machine code already loaded, annealing included), and of whole
calls of other solvers, medians over seeds; a run that ends at the limit counts with the limit.

    python benchmarks/patterns.py [--seeds 5] [--limit 60] [--threads 2] [--families NAME...] [--solvers sat cpsat]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import qnnt
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance, Objective
from qnnt.solvers.backends import Event, Found, Limits
from qnnt.solvers.patterns import Patterns

FAMILIES: dict[str, Callable[[int], Instance]] = {
    "random d=4 [4,2,1] 60": lambda seed: random_labels(4, [4, 2, 1], 60, seed),
    "random d=5 [3,3,1] 30": lambda seed: random_labels(5, [3, 3, 1], 30, seed),
    "random d=3 [5,3,1] 60": lambda seed: random_labels(3, [5, 3, 1], 60, seed),
    "random d=3 [3,3,2] 20": lambda seed: random_labels(3, [3, 3, 2], 20, seed),
    "random d=3 [4,3,2] 30": lambda seed: random_labels(3, [4, 3, 2], 30, seed),
    "flipped d=3 [4,4,1] 40": lambda seed: planted_labels(3, [4, 4, 1], 40, seed, flip=0.2),
    "random d=3 [3,3,3,1] 24": lambda seed: random_labels(3, [3, 3, 3, 1], 24, seed),
    "flipped d=16 [3,3,1] 24": lambda seed: planted_labels(16, [3, 3, 1], 24, seed, flip=0.2),
    "random d=4 [4,4,2] 16": lambda seed: random_labels(4, [4, 4, 2], 16, seed),
}


def searched(instance: Instance, threads: int) -> tuple[float, str]:
    """Seconds of the search within this process, and how it ended."""
    solver = Patterns()
    losses = []

    def hear(event: Event) -> None:
        if isinstance(event, Found):
            losses.append(qnnt.verify(instance, event.parameters))

    start = time.perf_counter()
    refused = solver.unsupported(instance, Objective.MINIMIZE)
    if refused:
        return time.perf_counter() - start, refused
    answer = solver.solve(instance, Objective.MINIMIZE, None, Limits(threads=threads), hear)
    seconds = time.perf_counter() - start
    return seconds, f"{answer.status} {min(losses)}, {answer.statistics['nodes']} nodes"


def called(instance: Instance, solver: str, threads: int, limit: float) -> tuple[float, str]:
    """Seconds of a whole call, and how it ended."""
    start = time.perf_counter()
    result = qnnt.solve(instance, solver=solver, threads=threads, time_limit=limit)
    seconds = limit if not result.answered else time.perf_counter() - start
    return seconds, f"{result.status} {result.loss}, bound {result.lower_bound}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=60.0, help="of the other solvers; the search has none")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--families", nargs="*", default=list(FAMILIES)[:6], choices=list(FAMILIES))
    parser.add_argument("--solvers", nargs="*", default=[])
    arguments = parser.parse_args()
    searched(random_labels(3, [3, 3, 2], 20, 0), 1)  # loads the machine code of search and annealing: not measured
    searched(random_labels(3, [4, 3, 2], 30, 0), 1)
    for family in arguments.families:
        runs: dict[str, list[float]] = {}
        for seed in range(arguments.seeds):
            instance = FAMILIES[family](seed)
            found = {"patterns": searched(instance, arguments.threads)}
            for solver in arguments.solvers:
                found[solver] = called(instance, solver, arguments.threads, arguments.limit)
            for name, (seconds, words) in found.items():
                runs.setdefault(name, []).append(seconds)
                print(f"{family}, seed {seed}: {name} {seconds:.3f} s, {words}", flush=True)
        for name, seconds_of in runs.items():
            print(f"{family}: {name} median {statistics.median(seconds_of):.3f} s", flush=True)


if __name__ == "__main__":
    main()
