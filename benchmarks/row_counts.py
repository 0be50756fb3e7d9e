"""Many alike neurons, few samples: row counts against the order encoding, both in CP-SAT, proving optimality.

ReLU neurons with three even inputs, weights {-1, 0, 1}, output weights {-1, 1}, odd labels, absolute loss: no
loss is 0. Seconds within this process from the instance to the proof, medians over seeds; a run that ends at
the limit counts with the limit. Both take turns on each instance.

    python benchmarks/row_counts.py [--neurons 6 10 20 50] [--samples 2] [--seeds 5] [--limit 20] [--threads 1]
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from typing import Any

import qnnt
from qnnt.exact import Number
from qnnt.instance import Objective
from qnnt.solvers.backends import Answer, Event, Found, Limits
from qnnt.solvers.routes import Job, run
from qnnt.solvers.row_count import RowCount

SOLVERS = ("row-count", "cpsat")


def alike_relus(neurons: int, samples: int, seed: int) -> qnnt.Instance:
    """Inputs up to 20, labels within what about half of the neurons can make."""
    rng = random.Random(f"{neurons} {samples} {seed}")
    x = [[2 * rng.randint(-10, 10) for _ in range(3)] for _ in range(samples)]
    y = [[2 * rng.randint(-5 * neurons, 5 * neurons) + 1] for _ in range(samples)]
    hidden = [f"h{j}" for j in range(neurons)]
    edges: list[dict[str, Any]] = [{"from": f"x{i}", "to": h} for h in hidden for i in range(3)]
    edges += [{"from": h, "to": "o", "weights": [-1, 1]} for h in hidden]
    network = {
        "inputs": ["x0", "x1", "x2"],
        "outputs": ["o"],
        "edges": edges,
        "neurons": {"o": {"activation": "identity"}},
    }
    return qnnt.d_nnt(network, x, y, weights=[-1, 0, 1], bias=[0], activation="relu", loss="absolute")


def proved(solver: str, instance: qnnt.Instance, limits: Limits) -> tuple[float, Number | None, Answer]:
    """Seconds, the loss of the last solution, and the answer."""
    found: list[Event] = []
    start = time.perf_counter()
    if solver == "row-count":
        algorithm = RowCount()
        if reason := algorithm.unsupported(instance, Objective.MINIMIZE):
            raise SystemExit(reason)
        answer = algorithm.solve(instance, Objective.MINIMIZE, None, limits, found.append)
    else:
        answer = run(Job(instance, Objective.MINIMIZE, solver, {"encoding": "auto"}, limits), found.append)
    seconds = time.perf_counter() - start
    solutions = [event.parameters for event in found if isinstance(event, Found)]
    return seconds, qnnt.verify(instance, solutions[-1]) if solutions else None, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neurons", type=int, nargs="+", default=[6, 10, 20, 50])
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    limits = Limits(arguments.limit, arguments.threads)
    for solver in SOLVERS:  # imports are not measured
        proved(solver, alike_relus(1, 1, 0), limits)
    for neurons in arguments.neurons:
        seconds: dict[str, list[float]] = {solver: [] for solver in SOLVERS}
        done = dict.fromkeys(SOLVERS, 0)
        for seed in range(arguments.seeds):
            instance = alike_relus(neurons, arguments.samples, seed)
            words = []
            optima = set()
            for solver in SOLVERS:
                taken, loss, answer = proved(solver, instance, limits)
                seconds[solver].append(taken)
                if answer.status is qnnt.Status.OPTIMAL:
                    done[solver] += 1
                    optima.add(loss)
                words.append(f"{solver} {taken:.3f} s, {answer.status} {loss}, bound {answer.lower_bound}")
            if len(optima) > 1:
                raise SystemExit(f"contradiction: {optima}")
            print(f"{neurons} neurons, seed {seed}: {'; '.join(words)}", flush=True)
        medians = [f"{s} {statistics.median(t):.3f} s ({done[s]} proved)" for s, t in seconds.items()]
        print(f"{neurons} neurons: median {', '.join(medians)}", flush=True)


if __name__ == "__main__":
    main()
