"""Local search: moves per second of the processor, and the time to the best loss known, medians over seeds.

One thread; seconds of the processor. The time to the best loss is that of a whole call, tables included; compilation
is done before. A run that ends at its limit without the best loss counts with its whole time, and is counted as
missed.

    python benchmarks/local_search.py [--seeds 10] [--seconds 10] [--families planted-d3]
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

import qnnt
from qnnt.algorithms.local_search.arrays import Arrays, arrays_of, blank_states
from qnnt.algorithms.local_search.energies import RESOLUTION, Slope, energy_of
from qnnt.algorithms.local_search.kernel import NOWHERE, member, place, walk
from qnnt.algorithms.local_search.search import LocalSearch
from qnnt.algorithms.output_costs import output_costs
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.array_evaluation import judge
from qnnt.generation.families import planted_labels, random_labels
from qnnt.simplification.pipeline import simplify

MEASURED = 500_000
"""Moves of which the speed is taken, of one parameter each, at the temperature MILD."""
MILD = 0.3


@dataclass(frozen=True)
class Case:
    """An instance, and the least loss that is known for it."""

    instance: qnnt.Instance
    known: int


CASES = (
    *(Case(planted_labels(3, [10, 8, 2], 60, seed=seed), 0) for seed in range(3)),
    *(Case(planted_labels(5, [6, 5, 2], 40, seed=seed), 0) for seed in range(3)),
    *(Case(planted_labels(2, [20, 12, 4], 150, seed=seed), 0) for seed in range(3)),
    Case(planted_labels(3, [10, 8, 2], 60, seed=1, flip=0.1), 0),
    Case(random_labels(4, [4, 4, 2], 16, seed=0), 3),
    Case(random_labels(4, [4, 4, 2], 16, seed=1), 1),
    Case(random_labels(3, [5, 3, 1], 60, seed=0), 11),
    Case(random_labels(4, [4, 2, 1], 60, seed=0), 22),
    Case(planted_labels(4, [8, 8, 3], 80, seed=0), 0),
    Case(planted_labels(3, [12, 10, 4], 120, seed=0), 0),
)


@dataclass(frozen=True)
class Run:
    seconds: float
    loss: int | None


def arrays(instance: qnnt.Instance) -> Arrays:
    view = integer_view(simplify(instance).instance)
    return arrays_of(view, output_costs(view))


def moves_per_second(instance: qnnt.Instance, slope: Slope) -> float:
    found = arrays(instance)
    energy = energy_of(found, slope)
    one = member(blank_states(found, [1]), 0)
    place(found.fixed, energy, one)
    walk(found.fixed, energy, one, MEASURED // 5, MILD * RESOLUTION, 0.0, NOWHERE)
    start = time.thread_time()
    walk(found.fixed, energy, one, MEASURED, MILD * RESOLUTION, 0.0, NOWHERE)
    return MEASURED / (time.thread_time() - start)


def solve(case: Case, seconds: float, seed: int) -> Run:
    start = time.process_time()
    simplified = simplify(case.instance)
    view = integer_view(simplified.instance)
    search = LocalSearch(arrays_of(view, output_costs(view)), seed)
    while (search.best is None or search.best > case.known) and time.process_time() - start < seconds:
        search.round(10**9, case.known)
    taken, reached = time.process_time() - start, search.reached()
    if reached is not None and judge(case.instance, simplified.restore(reached.parameters)) != reached.loss:
        raise SystemExit(f"{case.instance.name}: the judge finds another loss")
    return Run(taken, search.best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--families", default="", help="only instances whose name contains this")
    arguments = parser.parse_args()
    for case in CASES:
        if arguments.families not in case.instance.name:
            continue
        speeds = [max(moves_per_second(case.instance, slope) for _ in range(3)) / 1e6 for slope in Slope]
        runs = [solve(case, arguments.seconds, seed) for seed in range(arguments.seeds)]
        missed = [run.loss for run in runs if run.loss is None or run.loss > case.known]
        print(
            f"{case.instance.name:28} {speeds[0]:5.2f} (soft: {speeds[1]:5.2f}) million moves/s, loss {case.known} in "
            f"{statistics.median(run.seconds for run in runs):.2f} s "
            f"({', '.join(f'{run.seconds:.2f}' for run in runs)})" + (f", missed: {missed}" if missed else ""),
            flush=True,
        )


if __name__ == "__main__":
    main()
