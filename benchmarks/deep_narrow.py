"""Deep narrow networks: the dynamic programs against CP-SAT and SAT on the same instances, proving optimality.

Seconds of the whole call with its process, medians over repetitions; a run that ends at the limit counts with
the limit. The last lines are within this process: every depth up to 1,000 at once, and states per second.

    python benchmarks/deep_narrow.py [--repetitions 3] [--limit 60] [--threads 1] [--cases NAME...]
"""

from __future__ import annotations

import argparse
import statistics
import time

from narrow_families import ladder, layers

import qnnt
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.fpt import TreeProgram
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.algorithms.states.layer_states import LayerStates
from qnnt.algorithms.states.layers import layers_of
from qnnt.algorithms.states.mismatches import classes_of
from qnnt.algorithms.states.tree_orders import orders, tree_program
from qnnt.simplification.pipeline import simplify

CASES = {
    "layers-3": (layers(3), ("dp-layers", "dp-frontier", "dp-fpt", "cpsat", "sat")),
    "layers-8": (layers(8), ("dp-layers", "dp-frontier", "dp-fpt", "cpsat", "sat")),
    "layers-16": (layers(16), ("dp-layers", "dp-frontier", "dp-fpt", "cpsat", "sat")),
    "layers-32": (layers(32), ("dp-layers", "dp-frontier", "dp-fpt", "cpsat", "sat")),
    "ladder-2": (ladder(32, 2), ("dp-frontier", "dp-fpt", "cpsat", "sat")),
    "ladder-3": (ladder(32, 3), ("dp-frontier", "dp-fpt", "cpsat", "sat")),
}


def every_depth(most: int) -> tuple[float, list[int | None]]:
    """Seconds from the instance to the smallest loss of every depth up to `most`, in this process."""
    instance = layers(5)
    start = time.perf_counter()
    view = integer_view(simplify(instance).instance)
    found = layers_of(view)
    if isinstance(found, str):
        raise TypeError(found)
    losses = [each.loss for each in LayerStates(view, classes_of(view), found, Effort(10**7)).losses_by_depth()]
    losses += [losses[-1]] * (most - len(losses))  # the fixpoint: nothing new at any greater depth
    return time.perf_counter() - start, losses


def states_per_second(instance: qnnt.Instance, order: str) -> tuple[float, int]:
    """Transitions per second of the tree decomposition's program without any limit on the loss, and their number."""
    view = integer_view(simplify(instance).instance)
    classes = classes_of(view)
    steps = tree_program(view, orders(view)[order])
    effort = Effort(10**8)
    start = time.perf_counter()
    TreeProgram(view, classes, steps, effort)(classes.total)
    return effort.transitions / (time.perf_counter() - start), effort.transitions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    arguments = parser.parse_args()
    for solver in ("dp-layers", "dp-frontier", "dp-fpt", "cpsat", "sat"):  # start the workshops: not measured
        qnnt.solve(layers(1, 1, 2), solver=solver, threads=1)
    for case in arguments.cases:
        instance, solvers = CASES[case]
        optima = set()
        for solver in solvers:
            seconds, words = [], ""
            for _ in range(arguments.repetitions):
                start = time.perf_counter()
                result = qnnt.solve(instance, solver=solver, time_limit=arguments.limit, threads=arguments.threads)
                seconds.append(min(arguments.limit, time.perf_counter() - start))
                words = f"{result.status} {result.loss}, bound {result.lower_bound}"
                if result.status is qnnt.Status.OPTIMAL:
                    optima.add(result.loss)
                else:
                    break
            print(f"{instance.name:40} {solver:12} {statistics.median(seconds):8.3f} s  {words}", flush=True)
        if len(optima) > 1:
            raise SystemExit(f"the solvers disagree: {optima}")
    runs = [every_depth(1000) for _ in range(arguments.repetitions)]
    print(f"every depth up to 1000: {statistics.median(s for s, _ in runs):.3f} s, losses {set(runs[0][1])}")
    for instance in (layers(8, samples=4), layers(4, samples=7), layers(4)):
        rates = [states_per_second(instance, "min-fill") for _ in range(arguments.repetitions)]
        rate = statistics.median(r for r, _ in rates)
        print(f"tree program, {instance.name}: {rates[0][1]} transitions, {rate:.2g} per second")


if __name__ == "__main__":
    main()
