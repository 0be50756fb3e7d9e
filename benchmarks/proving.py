"""Proving optimality with one thread: solver configurations on families of instances, medians over seeds.

Configurations alternate on each instance, so that ratios within one run are fair. A run that ends at the
limit counts with the limit.

    python benchmarks/proving.py [--solvers sat,cpsat,maxsat] [--seeds 5] [--limit 60] [--threads 1] [--cases NAME...]
"""

from __future__ import annotations

import argparse
import statistics
import time

import qnnt
from qnnt.generation.families import planted_labels, random_labels

CASES = {
    "small": ("random", 3, (3, 3, 2), 20),
    "binary": ("random", 2, (8, 4, 2), 40),
    "wide": ("random", 3, (4, 4, 2), 16),
    "narrow": ("random", 4, (3, 4, 1), 16),
    "four": ("flipped", 4, (4, 4, 2), 16),
    "three": ("flipped", 3, (6, 3, 3), 30),
    "five": ("random", 5, (3, 3, 2), 14),
    "large-d": ("flipped", 16, (3, 3, 1), 24),
    "eight": ("planted", 8, (5, 4, 1), 40),
    "open-four": ("random", 4, (4, 4, 2), 16),
    "open-deep": ("flipped", 3, (5, 3, 3, 2), 40),
}
"""Family, d, layers, samples."""


def make(name: str, seed: int) -> qnnt.Instance:
    family, d, layers, samples = CASES[name]
    if family == "random":
        return random_labels(d, layers, samples, seed)
    return planted_labels(d, layers, samples, seed, flip=0.2 if family == "flipped" else 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solvers", default="sat,cpsat")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    arguments = parser.parse_args()
    solvers = arguments.solvers.split(",")
    for solver in solvers:  # start the workshops: not measured
        qnnt.solve(random_labels(2, (1, 1), 1, 0), solver=solver, threads=1)
    for case in arguments.cases:
        seconds: dict[str, list[float]] = {solver: [] for solver in solvers}
        proved: dict[str, int] = dict.fromkeys(solvers, 0)
        for seed in range(arguments.seeds):
            instance = make(case, seed)
            words = []
            optima = set()
            for solver in solvers:
                start = time.perf_counter()
                result = qnnt.solve(instance, solver=solver, threads=arguments.threads, time_limit=arguments.limit)
                seconds[solver].append(time.perf_counter() - start)
                proved[solver] += result.status is qnnt.Status.OPTIMAL
                if result.status is qnnt.Status.OPTIMAL:
                    optima.add(result.loss)
                words.append(f"{seconds[solver][-1]:6.2f} {result.loss}/{result.lower_bound}")
            if len(optima) > 1:
                raise SystemExit(f"contradiction on {instance.name}: {optima}")
            print(f"{instance.name:<32} {'   '.join(words)}", flush=True)
        medians = [f"{s} {statistics.median(t):.2f} s ({proved[s]} proved)" for s, t in seconds.items()]
        print(f"{case}: median {', '.join(medians)}", flush=True)


if __name__ == "__main__":
    main()
