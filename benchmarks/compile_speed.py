"""How fast an instance becomes a Model, and a Model a CP-SAT model, at a million constraints.

Two mixtures: a planted instance, d=3 [16,16,4] (clauses for the most part), and sums of six terms with one
threshold each (two enforced linears when lowered, the slowest kind there is).

    python benchmarks/compile_speed.py [--samples 2500] [--thresholds 500000]
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
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify


def planted_model(instance: Instance) -> Model:
    return encode(simplify(instance).instance, instance.objective).model


def random_sums(thresholds: int, variables: int = 100_000) -> Model:
    rng = np.random.default_rng(0)
    builder = ModelBuilder()
    literals = builder.booleans(variables, "free")
    sums, constant = builder.sums(rng.choice(literals, (thresholds, 6)), rng.choice([-1, 1, 2], (thresholds, 6)))
    low, high = builder.bounds_of(sums)
    builder.at_least(sums, (1 - constant)[:, None], low, high, "threshold")
    return builder.build()


def report(name: str, start: float, model: Model) -> None:
    built = time.perf_counter()
    target = to_cp_model(model)
    lowered = time.perf_counter()
    sizes = model.sizes
    constraints = sizes["clauses"] + sizes["linears"] + sizes["thresholds"] + sizes["products"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {constraints} constraints of the Model in {built - start:.2f} s, to CP-SAT: "
        f"{len(target.proto.constraints)} constraints in {lowered - built:.2f} s "
        f"({constraints / (lowered - built):,.0f} of the Model's per second), peak {peak:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2500)
    parser.add_argument("--thresholds", type=int, default=500_000)
    arguments = parser.parse_args()
    instance = planted_labels(3, (16, 16, 4), arguments.samples, 0)
    start = time.perf_counter()
    report("planted d=3 [16,16,4]", start, planted_model(instance))
    start = time.perf_counter()
    report("sums of six terms", start, random_sums(arguments.thresholds))


if __name__ == "__main__":
    main()
