"""Set the numbers by which `auto` decides, from recordings of the suite `full`: qnnt/solvers/thresholds.toml.

    qnnt bench run full -o results
    python benchmarks/dispatch_thresholds.py results            # prints old and new numbers
    python benchmarks/dispatch_thresholds.py results --write    # and writes the file

Each cut is set where the sum of PAR-2 scores is least, had it alone decided who works on an instance: the
algorithm up to the cut, above it the best of `sat` and `maxsat`. Where a whole range of cuts is as good, it
is the middle, or for the limits above which a solver stays out the far end. Instances that nobody else was
measured on do not count.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from qnnt.benchmarking.measurement import Measurement
from qnnt.benchmarking.results_folder import recordings_of
from qnnt.benchmarking.suite import read_suite, relative_sources
from qnnt.simplification.pipeline import simplify
from qnnt.solvers import thresholds as in_use
from qnnt.solvers.estimates import Estimates
from qnnt.solvers.instance_sets import instances_of

FILE = Path(in_use.__file__).with_suffix(".toml")
ANSWERED = ("yes", "no", "optimal", "infeasible")
USUAL = ("sat", "maxsat")
"""Who works where no algorithm comes first."""
ALGORITHMS = ("patterns", "dp-frontier", "dp-layers", "dp-pseudo")
"""Who comes first where estimates are small."""
JOINING = {"maxsat": 0.3, "cpsat": 0.5, "others": 0.8}
"""Others join once the usual solvers had their answers in so many of all cases that they answered."""
FAR = 1.15
"""Limits above which a solver stays out lie so far beyond the last instance that it solved."""
EARLY = 0.8
"""The first ones are alone as long as provers take to an answer, and local search to its best, in so many cases."""
LONGEST_ALONE = 1.0
"""Seconds; what takes longer goes on beside the others."""


class Point(NamedTuple):
    """An instance: its estimate, and the scores of the algorithm and of the usual solvers."""

    estimate: float
    algorithm: float
    usual: float


Table = Mapping[str, Mapping[str, Measurement]]
"""Per instance and setup the first measurement."""


def table_of(source: str) -> dict[str, dict[str, Measurement]]:
    found: dict[str, dict[str, Measurement]] = {}
    for recording in recordings_of(source):
        for one in recording.measurements:
            found.setdefault(one.sha256, {}).setdefault(one.setup, one)
    return found


def par2(one: Measurement | None) -> float | None:
    """Seconds to the answer, twice the limit without one; None if it was not measured."""
    if one is None or one.time_limit is None:
        return None
    return one.seconds["wall"] if str(one.status) in ANSWERED else 2 * one.time_limit


def points(
    table: Table, estimates: Mapping[str, Estimates], solvers: Iterable[str], number: Callable[[Estimates], float]
) -> list[Point]:
    """The instances that both sides were measured on."""
    found = []
    for digest, row in table.items():
        own = [score for solver in solvers if (score := par2(row.get(solver))) is not None]
        usual = [score for solver in USUAL if (score := par2(row.get(solver))) is not None]
        if digest in estimates and own and usual:
            found.append(Point(number(estimates[digest]), min(own), min(usual)))
    return sorted(found)


def best_cut(found: list[Point]) -> float:
    """The cut with the least sum of scores; the middle of the gap between the instances on its two sides."""
    values = sorted({point.estimate for point in found})
    cuts = [values[0] - 1, *((a + b) / 2 for a, b in itertools.pairwise(values)), values[-1] * FAR]
    return min(cuts, key=lambda cut: sum(p.algorithm if p.estimate <= cut else p.usual for p in found))


def last_solved(
    table: Table, estimates: Mapping[str, Estimates], solvers: Iterable[str], number: Callable[[Estimates], float]
) -> float:
    """The largest estimate of an instance that one of the solvers solved, and some more."""
    solved = [
        number(estimates[digest])
        for digest, row in table.items()
        for solver in solvers
        if digest in estimates and solver in row and str(row[solver].status) in ANSWERED
    ]
    return max(solved) * FAR


def quantile(numbers: list[float], part: float) -> float:
    return sorted(numbers)[min(len(numbers) - 1, math.floor(part * len(numbers)))]


def time_to_best(one: Measurement) -> float:
    """When a run found the best of its solutions."""
    least = min((moment.loss for moment in one.incumbents if moment.loss is not None), default=None)
    return next((moment.seconds for moment in one.incumbents if moment.loss == least), 0.0)


def answered(table: Table, solvers: Iterable[str]) -> list[float]:
    """When solvers had their answers."""
    return [
        row[solver].seconds["wall"]
        for row in table.values()
        for solver in solvers
        if solver in row and str(row[solver].status) in ANSWERED
    ]


def numbers_from(table: Table, estimates: Mapping[str, Estimates]) -> dict[str, float]:
    """The numbers that these recordings speak for; those that they say nothing of are left out."""
    one_layer = {digest: e for digest, e in estimates.items() if e.hidden_layers == 1}
    deep = {digest: e for digest, e in estimates.items() if e.hidden_layers > 1 and e.mismatch}
    sums = {digest: e for digest, e in estimates.items() if e.hidden_layers <= 1 and not e.mismatch}
    dynamic = ("dp-frontier", "dp-layers")
    found: dict[str, float] = {}
    if patterns := points(table, one_layer, ["patterns"], lambda e: e.pattern_bits):
        found["first.pattern_bits"] = round(best_cut(patterns), 1)
        found["most.pattern_bits"] = round(last_solved(table, one_layer, ["patterns"], lambda e: e.pattern_bits), 1)
    if live := points(table, deep, dynamic, lambda e: e.live_bits):
        found["first.live_bits"] = round(best_cut(live), 1)
        found["most.live_bits"] = round(2 * last_solved(table, deep, dynamic, lambda e: e.live_bits), 1)
    if pseudo := points(table, sums, ["dp-pseudo"], lambda e: e.inputs):
        found["first.pseudo_inputs"] = math.floor(best_cut(pseudo))
    if any(set(USUAL) & set(row) for row in table.values()):
        found["most.circuit_bits"] = round(last_solved(table, estimates, USUAL, lambda e: e.circuit_bits), 1)
        for solver, part in JOINING.items():
            found[f"after.{solver}"] = round(quantile(answered(table, USUAL), part), 1)
    if quick := answered(table, ALGORITHMS):
        found["alone.prover"] = round(min(LONGEST_ALONE, quantile(quick, EARLY)), 1)
    if alone := [time_to_best(row["local-search"]) for row in table.values() if "local-search" in row]:
        found["alone.local_search"] = round(min(LONGEST_ALONE, quantile(alone, EARLY)), 1)
    return found


def replaced(text: str, numbers: Mapping[str, float]) -> str:
    """The file with other numbers; comments stay."""
    section, lines = "", []
    for line in text.splitlines():
        if heading := re.match(r"\[(\w+)\]", line):
            section = heading[1]
        key = re.match(r"(\w+) = \S+\s*(.*)", line)
        if key and f"{section}.{key[1]}" in numbers:
            number = numbers[f"{section}.{key[1]}"]
            lines.append(f"{f'{key[1]} = {number:g}':<31}{key[2]}".rstrip())
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", help="recordings, or folders of them")
    parser.add_argument("--suite", default="full", help="the suite that they are of")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    table: dict[str, dict[str, Measurement]] = {}
    for source in arguments.results:
        for digest, row in table_of(source).items():
            table[digest] = {**row, **table.get(digest, {})}
    suite = read_suite(arguments.suite)
    sources = [source for group in suite.groups for source in relative_sources(group.instances, suite.folder)]
    instances = {one.sha256: one.instance for one in instances_of(sources)}
    estimates = {
        digest: Estimates(simplify(instance).instance) for digest, instance in instances.items() if digest in table
    }
    numbers = numbers_from(table, estimates)
    text = FILE.read_text(encoding="utf-8")
    now = in_use.thresholds_from(text)
    print(f"{len(estimates)} instances")
    for name, number in numbers.items():
        part, _, key = name.partition(".")
        print(f"{name:24} {getattr(getattr(now, part), key):>8g} -> {number:g}")
    if arguments.write:
        FILE.write_text(replaced(text, numbers), encoding="utf-8")


if __name__ == "__main__":
    main()
