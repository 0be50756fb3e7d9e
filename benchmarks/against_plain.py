"""Proving optimality on conflicting data: `qnnt.solve` against the plain CP-SAT model, the solver `plain-cpsat`.

Same machine, same number of workers, the same instances in one run, alternating; medians over seeds.
A run that ends at the limit counts with the limit, so a ratio with limits in it is a lower bound.

    python benchmarks/against_plain.py [--solver sat] [--seeds 5] [--workers 2] [--limit 150] [--plain-limit 150]
        [--cases 0 1]
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

import qnnt
from qnnt.generation.families import random_labels

PLAIN = "plain-cpsat"
CASES = ((3, (3, 3, 2), 20), (4, (4, 3, 2), 16))
"""d, layers, random distinct samples."""


@dataclass(frozen=True)
class Pair:
    """One instance, solved both ways."""

    ours: float
    plain: float
    proved: bool
    plain_proved: bool


def measure(d: int, layers: tuple[int, ...], samples: int, seed: int, arguments: argparse.Namespace) -> Pair:
    instance = random_labels(d, layers, samples, seed)
    ours, result = timed(instance, arguments.solver, arguments.workers, arguments.limit)
    plain, answer = timed(instance, PLAIN, arguments.workers, arguments.plain_limit)
    if proved(result) and proved(answer) and result.loss != answer.loss:
        raise SystemExit(f"contradiction: {result.loss} against {answer.loss} on {instance.name}")
    print(
        f"{instance.name:<28} ours {ours:7.2f} s {result.status} {result.loss} (bound {result.lower_bound})   "
        f"plain {plain:7.2f} s {answer.status} {answer.loss} (bound {answer.lower_bound})",
        flush=True,
    )
    return Pair(ours, plain, proved(result), proved(answer))


def timed(instance: qnnt.Instance, solver: str, workers: int, limit: float) -> tuple[float, qnnt.Result]:
    """A whole call, on the wall clock."""
    start = time.perf_counter()
    result = qnnt.solve(instance, solver=solver, threads=workers, time_limit=limit)
    return time.perf_counter() - start, result


def proved(result: qnnt.Result) -> bool:
    return result.status is qnnt.Status.OPTIMAL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solver", default="sat", help="ours; sat uses one thread")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=float, default=150.0)
    parser.add_argument("--plain-limit", type=float, default=150.0)
    parser.add_argument("--cases", type=int, nargs="*", default=range(len(CASES)), help="indices into CASES")
    arguments = parser.parse_args()
    for solver in (arguments.solver, PLAIN):
        timed(random_labels(2, (1, 1), 1, 0), solver, 1, 60)  # starts the workshop, which is not measured
    for d, layers, samples in (CASES[i] for i in arguments.cases):
        pairs = [measure(d, layers, samples, seed, arguments) for seed in range(arguments.seeds)]
        ours = statistics.median(pair.ours for pair in pairs)
        plain = statistics.median(pair.plain for pair in pairs)
        capped = "" if all(pair.plain_proved for pair in pairs) else "at least "
        proofs = f"{sum(p.proved for p in pairs)} and {sum(p.plain_proved for p in pairs)} of {len(pairs)}"
        print(
            f"d={d} {list(layers)} {samples} random: median {ours:.2f} s against {plain:.2f} s, "
            f"{capped}{plain / ours:.1f} times; proved {proofs}",
            flush=True,
        )


if __name__ == "__main__":
    main()
