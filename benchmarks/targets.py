"""One compiler, five targets: CP-SAT, clauses, MaxSAT, integer programs, pseudo-Boolean constraints. Which wins where.

Seconds of whole calls with their processes, medians over seeds; a run that ends at the limit counts with the
limit, and says so. Optima of `milp` are numerical.

    python benchmarks/targets.py [--seeds 3] [--limit 20] [--threads 1] [--families NAME...] [--solvers NAME...]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable

from subset_sum import random_subset_sum
from who_wins import race

from qnnt.documents.construction import d_nnt
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance


def linear_fit(inputs: int, samples: int, largest: int, seed: int, loss: str = "absolute") -> Instance:
    """A line through noisy points: one neuron, weights -largest..largest, no activation."""
    rng = random.Random(f"linear fit {seed}")
    x = [[rng.randint(-3, 3) for _ in range(inputs)] for _ in range(samples)]
    weights = [rng.randint(-largest, largest) for _ in range(inputs)]
    y = [[sum(a * b for a, b in zip(row, weights, strict=True)) + rng.randint(-4, 4)] for row in x]
    values = list(range(-largest, largest + 1))
    return d_nnt([inputs, 1], x, y, weights=values, bias=values, activation="identity", loss=loss)


def margin_classifier(inputs: int, samples: int, largest: int, seed: int) -> Instance:
    """Two classes, hinge loss: a support vector machine with integer weights."""
    rng = random.Random(f"margin {seed}")
    x = [[rng.randint(-3, 3) for _ in range(inputs)] for _ in range(samples)]
    weights = [rng.randint(-largest, largest) for _ in range(inputs)]
    y = [[1 if sum(a * b for a, b in zip(row, weights, strict=True)) + rng.randint(-9, 9) >= 0 else -1] for row in x]
    values = list(range(-largest, largest + 1))
    loss = {"type": "hinge", "margin": 1}
    return d_nnt([inputs, 1], x, y, weights=values, bias=values, activation="identity", loss=loss)


def separator(inputs: int, samples: int, largest: int, seed: int) -> Instance:
    """The fewest points on the wrong side of a hyperplane: one threshold neuron."""
    rng = random.Random(f"separator {seed}")
    x = [[rng.randint(-3, 3) for _ in range(inputs)] for _ in range(samples)]
    weights = [rng.randint(-largest, largest) for _ in range(inputs)]
    y = [[int(sum(a * b for a, b in zip(row, weights, strict=True)) + rng.randint(-12, 12) > 0)] for row in x]
    values = list(range(-largest, largest + 1))
    return d_nnt([inputs, 1], x, y, weights=values, bias=values, activation="threshold", loss="mismatch")


def relu_fit(inputs: int, hidden: int, samples: int, seed: int) -> Instance:
    """A hidden layer of ReLUs through noisy points, weights -2..2, absolute loss."""
    rng = random.Random(f"relu fit {seed}")
    x = [[rng.randint(-2, 2) for _ in range(inputs)] for _ in range(samples)]
    y = [[sum(abs(value) for value in row) + rng.randint(-1, 1)] for row in x]
    network = {"layers": [inputs, hidden, 1], "neurons": {"o1": {"activation": "identity"}}}
    weights = [-2, -1, 0, 1, 2]
    return d_nnt(network, x, y, weights=weights, bias=[-1, 0, 1], activation="relu", loss="absolute")


FAMILIES: dict[str, Callable[[int], Instance]] = {
    "random d=2 [6,3,2] 24": lambda seed: random_labels(2, [6, 3, 2], 24, seed),
    "random d=3 [3,3,1] 14": lambda seed: random_labels(3, [3, 3, 1], 14, seed),
    "random d=5 [2,2,1] 12": lambda seed: random_labels(5, [2, 2, 1], 12, seed),
    "flipped d=2 [12,6,1] 80": lambda seed: planted_labels(2, [12, 6, 1], 80, seed, flip=0.2),
    "flipped d=3 [6,3,3] 30": lambda seed: planted_labels(3, [6, 3, 3], 30, seed, flip=0.2),
    "flipped d=16 [3,3,1] 24": lambda seed: planted_labels(16, [3, 3, 1], 24, seed, flip=0.2),
    "planted d=2 [20,12,4] 150": lambda seed: planted_labels(2, [20, 12, 4], 150, seed),
    "planted d=3 [6,4,2] 40": lambda seed: planted_labels(3, [6, 4, 2], 40, seed),
    "linear fit, 6 weights of -10..10, 30": lambda seed: linear_fit(6, 30, 10, seed),
    "linear fit, 10 weights of -50..50, 60": lambda seed: linear_fit(10, 60, 50, seed),
    "margins, 4 weights of -5..5, 60": lambda seed: margin_classifier(4, 60, 5, seed),
    "separator, 4 weights of -5..5, 60": lambda seed: separator(4, 60, 5, seed),
    "ReLU fit [2,2,1], 10": lambda seed: relu_fit(2, 2, 10, seed),
    "subset sum of 20 numbers of 20 bits": lambda seed: random_subset_sum(20, "absolute", seed),
}
SOLVERS = ("cpsat", "sat", "maxsat", "milp", "pb")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--families", nargs="*", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--solvers", nargs="*", default=list(SOLVERS))
    arguments = parser.parse_args()
    families = {name: FAMILIES[name] for name in arguments.families}
    race(families, arguments.solvers, arguments.seeds, arguments.limit, arguments.threads)


if __name__ == "__main__":
    main()
