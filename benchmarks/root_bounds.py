"""Lower bounds at the root: our integer programs beside the textbook program, on one machine and one solver.

Per instance and formulation the optimum of the linear relaxation, the bound that HiGHS proves at the root with
cuts of its own, and sizes. Symmetry breaking is no part of a formulation, so ours are shown with it and without.
A bound of ours below the better one of the textbook's is in bold.

    python benchmarks/root_bounds.py [--cases NAME...] [--root-limit 5] [--optimum-limit 20]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

import highspy
from textbook_milp import INFINITE, Milp, mccormick_each, textbook, with_sum_row

import qnnt
from qnnt.encoders.milp import to_program
from qnnt.encoders.order import encode
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.generation.families import planted_labels, random_labels
from qnnt.simplification.pipeline import simplify

Table = dict[str, list[str]]


def regression(
    layers: Sequence[int],
    samples: int,
    seed: int,
    *,
    activation: object,
    loss: object,
    values: Sequence[int],
    labels: int,
) -> qnnt.Instance:
    """Inputs in -2..2, weights and biases of these values, labels in -labels..labels; -1 and 1 for a hinge."""
    rng = random.Random(seed)
    x = [[rng.randint(-2, 2) for _ in range(layers[0])] for _ in range(samples)]
    signs = isinstance(loss, dict)
    y = [[rng.choice((-1, 1)) if signs else rng.randint(-labels, labels) for _ in range(layers[-1])] for _ in x]
    return qnnt.d_nnt(layers, x, y, weights=list(values), bias=list(values), activation=activation, loss=loss)


def _hinge(margin: int) -> dict[str, object]:
    return {"type": "hinge", "margin": margin}


_CLIP = {"type": "clip", "low": -2, "high": 2}

CASES: dict[str, Callable[[], qnnt.Instance]] = {
    "random d=2 [5,3,1] 20": lambda: random_labels(2, (5, 3, 1), 20, 0),
    "random d=2 [6,1] 40": lambda: random_labels(2, (6, 1), 40, 0),
    "flipped d=2 [3,2,1] 24": lambda: planted_labels(2, (3, 2, 1), 24, 0, flip=0.5),
    "random d=3 [2,1] 9": lambda: random_labels(3, (2, 1), 9, 0),
    "random d=3 [3,2,1] 14": lambda: random_labels(3, (3, 2, 1), 14, 0),
    "random d=3 [3,3,2] 10": lambda: random_labels(3, (3, 3, 2), 10, 0),
    "flipped d=3 [2,3,1] 24": lambda: planted_labels(3, (2, 3, 1), 24, 1, flip=0.5),
    "flipped d=3 [2,2,2,1] 20": lambda: planted_labels(3, (2, 2, 2, 1), 20, 2, flip=0.5),
    "random d=4 [2,1] 14": lambda: random_labels(4, (2, 1), 14, 0),
    "random d=4 [3,2,1] 10": lambda: random_labels(4, (3, 2, 1), 10, 0),
    "flipped d=4 [1,2,1] 12": lambda: planted_labels(4, (1, 2, 1), 12, 3, flip=0.6),
    "flipped d=4 [2,2,1,1] 30": lambda: planted_labels(4, (2, 2, 1, 1), 30, 1, flip=0.5),
    "random d=5 [2,1] 20": lambda: random_labels(5, (2, 1), 20, 0),
    "flipped d=5 [1,2,2] 16": lambda: planted_labels(5, (1, 2, 2), 16, 0, flip=0.6),
    "absolute identity [2,1] 12, w to 2": lambda: regression(
        (2, 1), 12, 0, activation="identity", loss="absolute", values=range(-2, 3), labels=6
    ),
    "absolute identity [2,1] 12, w to 10": lambda: regression(
        (2, 1), 12, 1, activation="identity", loss="absolute", values=range(-10, 11), labels=20
    ),
    "absolute relu [2,1] 12, w to 3": lambda: regression(
        (2, 1), 12, 2, activation="relu", loss="absolute", values=range(-3, 4), labels=6
    ),
    "absolute relu [1,2,1] 8, w to 2": lambda: regression(
        (1, 2, 1), 8, 0, activation="relu", loss="absolute", values=range(-2, 3), labels=9
    ),
    "absolute relu [1,2,1] 8, w to 5": lambda: regression(
        (1, 2, 1), 8, 1, activation="relu", loss="absolute", values=range(-5, 6), labels=60
    ),
    "absolute relu [2,1,1,1] 8, w to 1": lambda: regression(
        (2, 1, 1, 1), 8, 0, activation="relu", loss="absolute", values=range(-1, 2), labels=9
    ),
    "absolute clip [2,2,1] 10, w to 2": lambda: regression(
        (2, 2, 1), 10, 0, activation=_CLIP, loss="absolute", values=range(-2, 3), labels=3
    ),
    "absolute threshold [2,2,1] 12, w to 2": lambda: regression(
        (2, 2, 1), 12, 0, activation="threshold", loss="absolute", values=range(-2, 3), labels=2
    ),
    "absolute relu [2,1] 8, w in -4 -1 0 3 4": lambda: regression(
        (2, 1), 8, 23, activation="relu", loss="absolute", values=(-4, -1, 0, 3, 4), labels=8
    ),
    "absolute clip -5..9 [2,1] 8, w to 3": lambda: regression(
        (2, 1), 8, 22, activation={"type": "clip", "low": -5, "high": 9}, loss="absolute", values=range(-3, 4), labels=9
    ),
    "absolute relu_4 [1,1,2] 7, w in -2 1": lambda: regression(
        (1, 1, 2), 7, 2, activation={"type": "relu_d", "d": 4}, loss="absolute", values=(-2, 1), labels=20
    ),
    "absolute identity [1,1,1,1] 6, w in -3 -1": lambda: regression(
        (1, 1, 1, 1), 6, 28, activation="identity", loss="absolute", values=(-3, -1), labels=30
    ),
    "hinge identity [3,1] 12, w to 2": lambda: regression(
        (3, 1), 12, 0, activation="identity", loss=_hinge(3), values=range(-2, 3), labels=1
    ),
    "hinge clip [2,2,1] 10, w to 1": lambda: regression(
        (2, 2, 1), 10, 0, activation=_CLIP, loss=_hinge(4), values=range(-1, 2), labels=1
    ),
    "hinge identity [2,2,1] 10, w to 1": lambda: regression(
        (2, 2, 1), 10, 0, activation="identity", loss=_hinge(20), values=range(-1, 2), labels=1
    ),
    "mismatch relu [2,2,1] 12, w to 2": lambda: regression(
        (2, 2, 1), 12, 0, activation="relu", loss="mismatch", values=range(-2, 3), labels=9
    ),
}
"""Names tell the family or loss, layers and samples; of many the relaxation is above 0."""


def as_milp(program: IntegerProgram) -> Milp:
    """The columns and rows of ours; column v - 1 is variable v."""
    scale = program.denominator
    milp = Milp(
        lower=program.lower[1:].astype(float).tolist(),
        upper=program.upper[1:].astype(float).tolist(),
        integral=[True] * program.variables,
        cost=(program.costs[1:] / scale).tolist(),
        constant=program.constant / scale,
    )
    variables, coefficients = (program.rows.variables - 1).tolist(), program.rows.coefficients.tolist()
    for i, (start, end) in enumerate(pairwise(program.rows.offsets.tolist())):
        low, high = int(program.at_least[i]), int(program.at_most[i])
        milp.add_row(
            list(zip(variables[start:end], coefficients[start:end], strict=True)),
            low if low > -OPEN else -INFINITE,
            high if high < OPEN else INFINITE,
        )
    return milp


def ours(instance: qnnt.Instance, encoding: str, *, symmetry: bool) -> Milp:
    model = encode(simplify(instance).instance, qnnt.Objective.MINIMIZE, encoding=encoding, symmetry=symmetry).model
    return as_milp(to_program(model))


TEXTBOOK: dict[str, Callable[[qnnt.Instance], Milp]] = {
    "textbook": lambda instance: textbook(instance, mccormick_each),
    "textbook, sum row": lambda instance: textbook(instance, with_sum_row),
}
OURS: dict[str, Callable[[qnnt.Instance], Milp]] = {
    "auto": lambda instance: ours(instance, "auto", symmetry=False),
    "order": lambda instance: ours(instance, "order", symmetry=False),
    "auto, symmetry": lambda instance: ours(instance, "auto", symmetry=True),
    "order, symmetry": lambda instance: ours(instance, "order", symmetry=True),
}
SLACK = 1e-5
"""By which bounds in floating point may differ."""


def relaxation(milp: Milp) -> float:
    """The optimum with all columns continuous."""
    solver = milp.highs(time_limit=60)
    solver.setOptionValue("solve_relaxation", True)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise SystemExit(f"no relaxation: {solver.modelStatusToString(solver.getModelStatus())}")
    return float(solver.getInfo().objective_function_value)


def root_bound(milp: Milp, time_limit: float) -> float:
    """What HiGHS proves before it branches, with its own presolve and cuts; -infinity if it gets nowhere."""
    solver = milp.highs(time_limit)
    solver.setOptionValue("mip_max_nodes", 1)
    solver.run()
    return float(solver.getInfo().mip_dual_bound)


def known_range(instance: qnnt.Instance, time_limit: float) -> tuple[float, str]:
    """The best loss known, and in words the optimum or what is known of it."""
    result = qnnt.solve(instance, solver="cpsat", threads=1, time_limit=time_limit)
    if result.loss is None:
        raise SystemExit(f"no solution within {time_limit:g} s")
    proved = result.status is qnnt.Status.OPTIMAL
    return float(result.loss), str(result.loss) if proved else f"{result.lower_bound}..{result.loss}"


def size(milp: Milp) -> str:
    return f"{len(milp.rows)} / {sum(len(terms) for terms, _, _ in milp.rows)}"


def marked(bounds: dict[str, float]) -> list[str]:
    """The bounds as cells; bold where ours is below the better one of the textbook."""
    best = max(bounds[name] for name in TEXTBOOK)
    below = {name for name in OURS if bounds[name] < best - SLACK}
    return [f"**{value:.2f}**" if name in below else f"{value + 0.0:.2f}" for name, value in bounds.items()]


def print_table(title: str, table: Table, first: str) -> None:
    columns = [first, *TEXTBOOK, *OURS]
    print(f"\n## {title}\n\n| instance | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, cells in table.items():
        print(f"| {name} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--root-limit", type=float, default=5.0)
    parser.add_argument("--optimum-limit", type=float, default=20.0)
    arguments = parser.parse_args()
    relaxed: Table = {}
    rooted: Table = {}
    sizes: Table = {}
    weaker = 0
    for name in arguments.cases:
        instance = CASES[name]()
        best, words = known_range(instance, arguments.optimum_limit)
        programs = {which: make(instance) for which, make in (TEXTBOOK | OURS).items()}
        relaxations = {which: relaxation(milp) for which, milp in programs.items()}
        roots = {which: root_bound(milp, arguments.root_limit) for which, milp in programs.items()}
        if max(*relaxations.values(), *roots.values()) > best + SLACK:
            raise SystemExit(f"a bound above the loss {best:g} on {name}: {relaxations}, {roots}")
        relaxed[name], rooted[name] = [words, *marked(relaxations)], [words, *marked(roots)]
        sizes[name] = ["", *(size(milp) for milp in programs.values())]
        weaker += any("*" in cell for cell in relaxed[name])
    print_table("Linear relaxation", relaxed, "optimum")
    print_table(f"Root bound of HiGHS, at most {arguments.root_limit:g} s", rooted, "optimum")
    print_table("Rows / nonzeros", sizes, "")
    print(f"\nOurs is below the textbook's relaxation on {weaker} of {len(relaxed)} instances.")


if __name__ == "__main__":
    main()
