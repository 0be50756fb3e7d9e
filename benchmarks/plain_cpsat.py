"""The yardstick: the CP-SAT model that a user would write for a d-QNNT instance.

An integer variable per weight and bias, one multiplication per product beyond the first layer, a
maximum with 0 and a minimum with A per neuron and sample, one Boolean per sample with the outputs
fixed to the label unless it is set; minimise their sum. Run as a script on an instance file:

    python benchmarks/plain_cpsat.py FILE [--workers 2] [--time-limit 60]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from typing import Any

from qnnt import Instance, load


@dataclass(frozen=True)
class PlainAnswer:
    status: str
    loss: int | None
    bound: int
    seconds: float


def plain_model(instance: Instance) -> Any:
    """The model; only for d-QNNT without masks."""
    from ortools.sat.python import cp_model

    if instance.d is None:
        raise ValueError("the plain model is for d-QNNT instances")
    low, top = -((instance.d - 1) // 2), instance.d // 2
    model = cp_model.CpModel()
    network = instance.network
    weight = {edge: model.new_int_var(low, top, "") for edge in network.edges}
    bias = {v: model.new_int_var(low, top, "") for v in network.neurons}
    errors = []
    data = instance.dataset
    for x, y, importance in zip(data.x, data.y, data.weight, strict=True):
        value: dict[str, Any] = dict(zip(network.inputs, map(int, x), strict=True))
        for v in network.neurons:
            terms = [-bias[v]]
            for u in network.predecessors[v]:
                if u in network.inputs:
                    terms.append(value[u] * weight[u, v])
                else:
                    product = model.new_int_var(low * top, top * top, "")
                    model.add_multiplication_equality(product, [value[u], weight[u, v]])
                    terms.append(product)
            reach = top * max(-low, top) * len(terms) + top
            positive = model.new_int_var(0, reach, "")
            model.add_max_equality(positive, [sum(terms), 0])
            value[v] = model.new_int_var(0, top, "")
            model.add_min_equality(value[v], [positive, top])
        wrong = model.new_bool_var("")
        for o, label in zip(network.outputs, y, strict=True):
            model.add(value[o] == label).only_enforce_if(~wrong)
        errors.append(importance * wrong)
    model.minimize(sum(errors))
    return model


def solve_plain(instance: Instance, workers: int, time_limit: float, seed: int = 0) -> PlainAnswer:
    """Build and solve, on the wall clock."""
    from ortools.sat.python import cp_model

    start = time.perf_counter()
    model = plain_model(instance)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.max_time_in_seconds = time_limit
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return PlainAnswer(
        solver.status_name(status),
        round(solver.objective_value) if found else None,
        round(solver.best_objective_bound),
        time.perf_counter() - start,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--time-limit", type=float, default=60.0)
    arguments = parser.parse_args()
    print(solve_plain(load(arguments.file), arguments.workers, arguments.time_limit))


if __name__ == "__main__":
    main()
