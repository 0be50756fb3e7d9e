"""Cost over depth at width 2: seconds of each dynamic program, fitted exponent, and a plot if asked for.

Within this process, without trials: medians over repetitions on four samples.

    python benchmarks/depth.py [--depths 10 30 100 300 1000] [--repetitions 3] [--plot FILE.svg]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from narrow_families import layers

import qnnt
from qnnt.algorithms.states.deepening import Program
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.fpt import TreeProgram
from qnnt.algorithms.states.frontier import Frontier
from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.algorithms.states.mismatches import classes_of
from qnnt.algorithms.states.tree_orders import orders, tree_program
from qnnt.algorithms.states.witness import parameters_of
from qnnt.simplification.pipeline import simplify


def tree(view: IntegerView) -> Program:
    return TreeProgram(view, classes_of(view), tree_program(view, orders(view)["min-fill"]), Effort(10**8))


def frontier(view: IntegerView) -> Program:
    return Frontier(view, classes_of(view), list(range(len(view.neurons))), Effort(10**8))


def seconds(instance: qnnt.Instance, make: Callable[[IntegerView], Program], repetitions: int) -> float:
    """From the instance to its parameters."""
    found = []
    for _ in range(repetitions):
        start = time.perf_counter()
        view = integer_view(simplify(instance).instance)
        best = make(view)(len(instance.dataset))
        if best.patterns is None:
            raise SystemExit("no solution")
        parameters_of(view, best.patterns)
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depths", type=int, nargs="*", default=[10, 30, 100, 300, 1000])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--plot")
    arguments = parser.parse_args()
    measured: dict[str, list[float]] = {}
    for name, make in (("tree decomposition", tree), ("frontier", frontier)):
        measured[name] = [seconds(layers(depth, samples=4), make, arguments.repetitions) for depth in arguments.depths]
        exponent = exponent_of(arguments.depths, measured[name])
        print(
            f"{name:20} " + "  ".join(f"{d}: {s:.3f} s" for d, s in zip(arguments.depths, measured[name], strict=True))
        )
        print(f"{'':20} exponent {exponent:.2f}")
    if arguments.plot:
        plot(arguments.depths, measured, arguments.plot)


def exponent_of(depths: list[int], times: list[float]) -> float:
    """The slope of the logarithms."""
    return float(np.polyfit(np.log(depths), np.log(times), 1)[0])


def plot(depths: list[int], measured: dict[str, list[float]], path: str) -> None:
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "qnnt"})
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, times in measured.items():
        axes.loglog(depths, times, "o-", label=f"{name}: depth^{exponent_of(depths, times):.2f}")
    axes.set_xlabel("hidden layers of width 2 (d = 3, four samples)")
    axes.set_ylabel("seconds")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(
        path, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")) if path.endswith(".svg") else None
    )


if __name__ == "__main__":
    main()
