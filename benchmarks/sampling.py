"""Many samples: `sampling` against `sat` and `cpsat` on all of them, on planted and flipped labels and on real tables.

Seconds of whole calls with their processes, one thread each, the solvers in turn on each instance. A run that ends
at the limit says what it has: the best loss and the proven bound. Beside `sampling`: how many of the distinct inputs
it took in, and whether its predicate said that it pays.

    python benchmarks/sampling.py [--limit 10] [--seeds 2] [--only PART...] [--solvers NAME...]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import qnnt
from qnnt.benchmarking.suite import SHIPPED
from qnnt.generation.families import planted_labels, random_labels
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.sampling import pays

SOLVERS = ("sampling", "sat", "cpsat")
PLANTED = (
    (2, (20, 12, 4), (150, 1000, 5000)),
    (2, (40, 20, 4), (400,)),
    (3, (8, 6, 2), (40, 500, 2000)),
    (3, (5, 4, 1), (500,)),
    (8, (5, 4, 1), (40, 400)),
)
FLIPPED = ((2, (20, 12, 4), (150, 1000)), (3, (8, 6, 2), (500,)), (3, (5, 4, 1), (500,)), (8, (5, 4, 1), (400,)))
"""d, layers, numbers of samples."""
NOISE = (0.05, 0.2)
TABLES = ("balance", "breast", "haberman", "ionosphere", "monks", "tic")


def instances(seeds: int) -> Iterator[tuple[str, list[qnnt.Instance]]]:
    """Names, and the instances of all seeds."""
    for d, layers, numbers in PLANTED:
        for n in numbers:
            yield f"planted d={d} {list(layers)} {n}", [planted_labels(d, layers, n, s) for s in range(seeds)]
    for noise in NOISE:
        for d, layers, numbers in FLIPPED:
            for n in numbers:
                name = f"flipped {noise} d={d} {list(layers)} {n}"
                yield name, [planted_labels(d, layers, n, s, flip=noise) for s in range(seeds)]
    for file in sorted((SHIPPED / "instances").glob("*.json.gz")):
        if file.name.startswith(TABLES):
            yield f"table {file.name.removesuffix('.json.gz')}", [qnnt.load(str(file))]


def outcome(solver: str, instance: qnnt.Instance, limit: float) -> str:
    """In words: seconds to the answer, or what there is at the limit."""
    found = qnnt.solve(instance, solver=solver, threads=1, time_limit=limit)
    taken = f", {found.model['inputs_taken_in']} inputs" if "inputs_taken_in" in found.model else ""
    if found.answered:
        return f"{found.seconds['total']:.2f} s ({found.loss}{taken})"
    return f"- ({found.lower_bound}..{found.loss}{taken})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=10.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=[""], help="words that names begin with, such as planted")
    parser.add_argument("--solvers", nargs="+", default=list(SOLVERS))
    arguments = parser.parse_args()
    for solver in arguments.solvers:  # start the workshops: not measured
        qnnt.solve(random_labels(3, [2, 1, 1], 4, 0), solver=solver)
    print(f"| instance | distinct inputs | pays | {' | '.join(arguments.solvers)} |")
    print("|" + "---|" * (3 + len(arguments.solvers)))
    for name, drawn in instances(arguments.seeds):
        if not name.startswith(tuple(arguments.only)):
            continue
        told = [[outcome(solver, one, arguments.limit) for solver in arguments.solvers] for one in drawn]
        inputs = {len(set(simplify(one).instance.dataset.x)) for one in drawn}
        verdicts = {"yes" if pays(simplify(one).instance) else "no" for one in drawn}
        cells = ["; ".join(column) for column in zip(*told, strict=True)]
        words = [name, " to ".join(map(str, sorted({min(inputs), max(inputs)}))), "/".join(sorted(verdicts)), *cells]
        print(f"| {' | '.join(words)} |", flush=True)


if __name__ == "__main__":
    main()
