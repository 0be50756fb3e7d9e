"""What cubes cost and bring: `qnnt.conquer` against one `qnnt.solve`, with a solver of one thread.

Proving optimality on random labels. Three runs per instance, in turns: the solver on the whole instance (one thread,
as that is all it uses), then on cubes side by side. Wall clock is what users see; processor time tells what the split
itself costs or saves, also on a machine that is busy.

    python benchmarks/cubes.py [--solver sat] [--cubes 12] [--threads 2] [--seeds 3] [--limit 120] [--cases 0 1 2]
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

import qnnt
from qnnt.generation.families import random_labels

CASES = ((3, (4, 4, 2), 16), (3, (4, 4, 2), 20), (4, (3, 4, 1), 16), (4, (4, 3, 2), 16))
"""d, layers, random distinct samples."""


@dataclass(frozen=True)
class Times:
    """Of one call, in seconds."""

    wall: float
    cpu: float
    result: qnnt.Result

    @property
    def words(self) -> str:
        counts = self.result.model
        cubes = f" ({counts['cubes']} cubes, {counts['asked']} questions)" if "cubes" in counts else ""
        found = f"{self.result.status} {self.result.loss} (bound {self.result.lower_bound})"
        return f"wall {self.wall:6.2f} cpu {self.cpu:6.2f} {found}{cubes}"


def whole(instance: qnnt.Instance, arguments: argparse.Namespace) -> Times:
    start = time.perf_counter()
    result = qnnt.solve(instance, solver=arguments.solver, threads=1, time_limit=arguments.limit)
    return Times(time.perf_counter() - start, result.seconds["cpu"], result)


def in_cubes(instance: qnnt.Instance, arguments: argparse.Namespace) -> Times:
    start = time.perf_counter()
    result = qnnt.conquer(
        instance,
        cubes=arguments.cubes,
        solver=arguments.solver,
        threads=arguments.threads,
        time_limit=arguments.limit,
    )
    return Times(time.perf_counter() - start, result.seconds["cpu"], result)


def measure(case: tuple[int, tuple[int, ...], int], arguments: argparse.Namespace) -> None:
    d, layers, samples = case
    walls, cpus = [], []
    for seed in range(arguments.seeds):
        instance = random_labels(d, layers, samples, seed)
        one, many = whole(instance, arguments), in_cubes(instance, arguments)
        both = one.result.answered and many.result.answered
        if both and one.result.loss != many.result.loss:
            raise SystemExit(f"contradiction: {one.result.loss} against {many.result.loss} on {instance.name}")
        walls.append(one.wall / many.wall)
        cpus.append(one.cpu / many.cpu)
        print(f"{instance.name:<28} whole: {one.words}", flush=True)
        print(f"{'':<28} cubes: {many.words}", flush=True)
    print(
        f"d={d} {list(layers)} {samples} random: cubes are {statistics.median(walls):.2f} times as fast on the wall "
        f"clock, {statistics.median(cpus):.2f} times in processor time (medians of {arguments.seeds})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solver", default="sat")
    parser.add_argument("--cubes", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120.0)
    parser.add_argument("--cases", type=int, nargs="*", default=range(len(CASES)), help="indices into CASES")
    arguments = parser.parse_args()
    qnnt.solve(random_labels(2, (1, 1), 1, 0), solver=arguments.solver, threads=1)  # starts the workshop
    for case in (CASES[i] for i in arguments.cases):
        measure(case, arguments)


if __name__ == "__main__":
    main()
