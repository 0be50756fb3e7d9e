"""Simulated annealing: moves per second of the processor, and the time to the best loss known, medians over seeds.

One thread. The time to the best loss is that of a whole call, tables included; compilation is done before.
A run that ends at its most moves without the best loss counts with its whole time, and is counted as missed.

    python benchmarks/annealing.py [--seeds 5] [--moves 20000000] [--families planted]
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

import qnnt
from qnnt.algorithms.annealing import Annealed, anneal
from qnnt.algorithms.annealing_walk import Annealer
from qnnt.algorithms.output_costs import output_costs
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.array_evaluation import judge
from qnnt.generation.families import planted_labels, random_labels
from qnnt.simplification.pipeline import simplify

MEASURED = 1_000_000
"""Moves of which the speed is taken, at the temperature MILD."""
MILD = 0.3


@dataclass(frozen=True)
class Case:
    """An instance, and the least loss that is known for it."""

    instance: qnnt.Instance
    known: int


CASES = (
    Case(planted_labels(3, [10, 8, 2], 60, seed=1), 0),
    Case(planted_labels(5, [6, 5, 2], 40, seed=1), 0),
    Case(planted_labels(2, [20, 12, 4], 150, seed=0), 0),
    Case(planted_labels(3, [10, 8, 2], 60, seed=1, flip=0.1), 0),
    Case(random_labels(4, [4, 4, 2], 16, seed=0), 3),
    Case(random_labels(4, [4, 4, 2], 16, seed=1), 1),
    Case(random_labels(3, [5, 3, 1], 60, seed=0), 11),
    Case(random_labels(4, [4, 2, 1], 60, seed=0), 22),
)


@dataclass(frozen=True)
class Run:
    seconds: float
    found: Annealed | None


def moves_per_second(instance: qnnt.Instance) -> float:
    view = integer_view(simplify(instance).instance)
    annealer = Annealer(view, output_costs(view), 0)
    annealer.run(MEASURED // 10, MILD)
    start = time.thread_time()
    annealer.run(MEASURED, MILD)
    return MEASURED / (time.thread_time() - start)


def solve(case: Case, moves: int, seed: int) -> Run:
    start = time.perf_counter()
    simplified = simplify(case.instance)
    view = integer_view(simplified.instance)
    found = anneal(view, output_costs(view), moves=moves, seed=seed, enough=case.known)
    seconds = time.perf_counter() - start
    if found is not None and judge(case.instance, simplified.restore(found.parameters)) != found.loss:
        raise SystemExit(f"{case.instance.name}: the judge finds another loss")
    return Run(seconds, found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--moves", type=int, default=20_000_000)
    parser.add_argument("--families", default="", help="only instances whose name contains this")
    arguments = parser.parse_args()
    for case in CASES:
        if arguments.families not in case.instance.name:
            continue
        speed = statistics.median(moves_per_second(case.instance) for _ in range(3))
        runs = [solve(case, arguments.moves, seed) for seed in range(arguments.seeds)]
        losses = [run.found.loss if run.found else None for run in runs]
        missed = sum(loss is None or loss > case.known for loss in losses)
        print(
            f"{case.instance.name:28} {speed / 1e6:5.2f} million moves/s, loss {case.known} in "
            f"{statistics.median(run.seconds for run in runs):.2f} s "
            f"({', '.join(f'{run.seconds:.2f}' for run in runs)})" + (f", missed {missed}: {losses}" if missed else ""),
            flush=True,
        )


if __name__ == "__main__":
    main()
