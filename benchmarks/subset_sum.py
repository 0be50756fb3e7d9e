"""Subset sums as networks: k identity neurons with weights 0 or a_i, one sample; exact cover; and the engines.

Medians over seeds of whole solves within this process, from the instance to a proven optimum.

    python benchmarks/subset_sum.py [--sizes 20 30 36 40] [--seeds 5] [--covers 15 30]
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

import qnnt
from qnnt.algorithms.pseudo_polynomial.sumsets import seconds as expected_seconds
from qnnt.algorithms.pseudo_polynomial.sumsets import sums
from qnnt.array_evaluation import judge
from qnnt.instance import Objective
from qnnt.solvers.backends import Event, Found, Limits
from qnnt.solvers.dp_pseudo import DpPseudo

FACTORS = np.ones(1, np.int64)


def subset_sum(numbers: list[int], target: int, loss: str) -> qnnt.Instance:
    """An identity neuron per number; the loss is the distance of a subset's sum to the target, or its square."""
    names = [f"h{i}" for i in range(len(numbers))]
    edges: list[dict[str, object]] = [
        {"from": "x", "to": v, "weights": [0, a]} for v, a in zip(names, numbers, strict=True)
    ]
    edges += [{"from": v, "to": "o", "weights": [1]} for v in names]
    network = {"inputs": ["x"], "outputs": ["o"], "edges": edges}
    return qnnt.d_nnt(network, [[1]], [[target]], weights=[0, 1], bias=[0], activation="identity", loss=loss)


def random_subset_sum(k: int, loss: str, seed: int) -> qnnt.Instance:
    """Numbers of k bits; half of the seeds have a solution of loss 0."""
    rng = random.Random(f"subset sum {k} {seed}")
    numbers = [rng.randrange(2 ** (k - 1), 2**k) for _ in range(k)]
    target = sum(a for a in numbers if rng.random() < 0.5)
    return subset_sum(numbers, target + (rng.randrange(2**k) if seed % 2 else 0), loss)


def exact_cover(elements: int, seed: int) -> qnnt.Instance:
    """Twice as many sets as elements, some of which cover each element once; a sample per element."""
    rng = random.Random(f"exact cover {elements} {seed}")
    left = rng.sample(range(elements), elements)
    sets: list[set[int]] = []
    while left:
        size = min(len(left), rng.randint(2, 4))
        sets.append(set(left[:size]))
        left = left[size:]
    while len(sets) < 2 * elements:
        sets.append(set(rng.sample(range(elements), rng.randint(2, 4))))
    rng.shuffle(sets)
    x = [[int(u in some) for some in sets] for u in range(elements)]
    edges = [{"from": f"x{j}", "to": "h", "weights": [0, 1]} for j in range(len(sets))]
    edges += [{"from": "h", "to": "o", "weights": [1]}]
    network = {"inputs": [f"x{j}" for j in range(len(sets))], "outputs": ["o"], "edges": edges}
    return qnnt.d_nnt(network, x, [[1]] * elements, weights=[0, 1], bias=[0], activation="identity", loss="squared")


def seconds(instance: qnnt.Instance, **options: str) -> tuple[float, str]:
    """Of a whole solve, and what came of it."""
    events: list[Event] = []
    solver = DpPseudo(**options)
    start = time.perf_counter()
    reason = solver.unsupported(instance, Objective.MINIMIZE)
    if reason is not None:
        return time.perf_counter() - start, f"refused: {reason}"
    answer = solver.solve(instance, Objective.MINIMIZE, None, Limits(), events.append)
    spent = time.perf_counter() - start
    found = [judge(instance, event.parameters) for event in events if isinstance(event, Found)]
    best = str(found[-1]) if found else "none"
    return spent, f"{answer.status} {best}, peak {answer.statistics.get('states_peak')} {answer.reason}".strip()


ENGINE_CASES = ((2, 2**45), (4, 2**45), (64, 2**45), (4096, 2**45), (64, 2**20), (64, 2**24))
"""Choices of a stage, and the largest number; the last takes the slowest engines most of a minute."""


def engines(cases: int) -> None:
    """Sums per second of each engine, next to sorting as many random numbers."""
    rng = np.random.default_rng(0)
    for choices, most in ENGINE_CASES[:cases]:
        some = np.unique(rng.integers(0, most, 2**21 // choices))
        others = np.unique(rng.integers(0, most, choices))
        pairs = len(some) * len(others)
        shuffled = rng.permutation((some[:, None] + others).ravel())
        rates = {"np.sort": pairs / quickest(partial(np.sort, shuffled))}
        for name, expected in expected_seconds(len(some), len(others), 2 * most).items():
            if expected < 30:
                rates[name] = pairs / quickest(partial(sums, name, some[:, None], others[:, None], FACTORS))
        print(
            f"{len(some)} + {len(others)}, to 2^{most.bit_length() - 1}:",
            *(f"{n} {r:.1e}/s" for n, r in rates.items()),
        )


def quickest(act: Callable[[], object], repetitions: int = 5) -> float:
    """Seconds of the fastest of a few calls."""
    found = []
    for _ in range(repetitions):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return min(found)


def show(name: str, measured: list[tuple[float, str]]) -> None:
    """The median, and each seed."""
    print(f"{name:24} median {statistics.median(spent for spent, _ in measured):.3f} s")
    for spent, outcome in measured:
        print(f"{'':24} {spent:.3f} s  {outcome}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[20, 30, 36, 40])
    parser.add_argument("--covers", type=int, nargs="*", default=[15, 30])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--engine-cases", type=int, default=len(ENGINE_CASES))
    arguments = parser.parse_args()
    seconds(random_subset_sum(10, "absolute", 0))  # loads what is compiled
    engines(arguments.engine_cases)
    for k in arguments.sizes:
        for loss in ("absolute", "squared"):
            show(f"k = {k}, {loss}", [seconds(random_subset_sum(k, loss, seed)) for seed in range(arguments.seeds)])
    for elements in arguments.covers:
        show(f"exact cover of {elements}", [seconds(exact_cover(elements, seed)) for seed in range(arguments.seeds)])


if __name__ == "__main__":
    main()
