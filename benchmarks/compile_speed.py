"""How fast a Model becomes a CP-SAT model, and an instance a Model; time and peak memory.

python benchmarks/compile_speed.py [--clauses 1000000] [--thresholds 300000]
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.cpsat import to_cp_model
from qnnt.encoders.model import Model
from qnnt.encoders.order import encode
from qnnt.generation.families import planted_labels
from qnnt.simplification.pipeline import simplify


def random_model(clauses: int, thresholds: int, variables: int = 100_000) -> Model:
    """Three-literal clauses and thresholds over sums of six terms: two constraints each when lowered."""
    rng = np.random.default_rng(0)
    builder = ModelBuilder()
    literals = builder.booleans(variables, "free")
    chosen = rng.choice(literals, (clauses, 3)) * rng.choice([-1, 1], (clauses, 3))
    builder.clauses(chosen)
    sums, constant = builder.sums(rng.choice(literals, (thresholds, 6)), rng.choice([-1, 1, 2], (thresholds, 6)))
    low, high = builder.bounds_of(sums)
    builder.at_least(sums, (1 - constant)[:, None], low, high, "threshold")
    return builder.build()


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(name: str, model: Model) -> None:
    start = time.perf_counter()
    target = to_cp_model(model)
    seconds = time.perf_counter() - start
    count = len(target.proto.constraints)
    print(f"{name}: {count} constraints in {seconds:.2f} s ({count / seconds:,.0f}/s), peak {peak_megabytes():.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clauses", type=int, default=400_000)
    parser.add_argument("--thresholds", type=int, default=300_000)
    arguments = parser.parse_args()
    start = time.perf_counter()
    model = random_model(arguments.clauses, arguments.thresholds)
    print(f"building the Model: {time.perf_counter() - start:.2f} s, {model.sizes}")
    report("random Model to CP-SAT", model)
    instance = planted_labels(3, (12, 10, 4), 120, 0)
    start = time.perf_counter()
    encoding = encode(simplify(instance).instance, instance.objective)
    print(f"encoding {instance.name}: {time.perf_counter() - start:.2f} s, {encoding.model.sizes}")
    report(instance.name, encoding.model)


if __name__ == "__main__":
    main()
