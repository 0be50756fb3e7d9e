"""Networks of two layers: every solver on every family, proving optimality. Where each wins, and where it loses.

Seconds of whole calls with their processes, medians over seeds; a run that ends at the limit counts with the
limit, and says so. A solver that refuses says why, once.

    python benchmarks/who_wins.py [--seeds 3] [--limit 30] [--threads 2] [--families NAME...] [--solvers NAME...]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from row_counts import alike_relus
from subset_sum import exact_cover, random_subset_sum

import qnnt
from qnnt.errors import UnsupportedError
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance

FAMILIES: dict[str, Callable[[int], Instance]] = {
    "subset sum of 20 numbers of 20 bits": lambda seed: random_subset_sum(20, "absolute", seed),
    "subset sum of 30 numbers of 30 bits": lambda seed: random_subset_sum(30, "absolute", seed),
    "exact cover of 30": lambda seed: exact_cover(30, seed),
    "exact cover of 45": lambda seed: exact_cover(45, seed),
    "6 alike ReLUs, 2 samples": lambda seed: alike_relus(6, 2, seed),
    "50 alike ReLUs, 2 samples": lambda seed: alike_relus(50, 2, seed),
    "8 alike ReLUs, 4 samples": lambda seed: alike_relus(8, 4, seed),
    "random d=4 [4,2,1] 60": lambda seed: random_labels(4, [4, 2, 1], 60, seed),
    "random d=3 [3,3,2] 20": lambda seed: random_labels(3, [3, 3, 2], 20, seed),
    "random d=5 [3,3,1] 30": lambda seed: random_labels(5, [3, 3, 1], 30, seed),
    "planted d=3 [10,8,2] 60": lambda seed: planted_labels(3, [10, 8, 2], 60, seed),
}
SOLVERS = ("dp-pseudo", "row-count", "patterns", "cpsat", "sat")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--families", nargs="*", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--solvers", nargs="*", default=list(SOLVERS))
    arguments = parser.parse_args()
    families = {name: FAMILIES[name] for name in arguments.families}
    race(families, arguments.solvers, arguments.seeds, arguments.limit, arguments.threads)


def race(
    families: dict[str, Callable[[int], Instance]], solvers: list[str], seeds: int, limit: float, threads: int
) -> None:
    """Print a line per family and solver."""
    for solver in solvers:  # start the workshops: not measured
        qnnt.solve(random_labels(3, [2, 1, 1], 4, 0), solver=solver)
    for family, instance_of in families.items():
        for solver in solvers:
            seconds, words = [], []
            for seed in range(seeds):
                start = time.perf_counter()
                try:
                    result = qnnt.solve(instance_of(seed), solver=solver, threads=threads, time_limit=limit)
                except UnsupportedError as error:
                    words = [f"refused: {error}"]
                    break
                seconds.append(limit if not result.answered else time.perf_counter() - start)
                words.append(f"{result.loss}" if result.answered else f"{result.loss} (bound {result.lower_bound})")
            median = f"{statistics.median(seconds):.2f} s" if seconds else "-"
            print(f"{family:40} {solver:10} {median:>10}  {', '.join(words)}", flush=True)


if __name__ == "__main__":
    main()
