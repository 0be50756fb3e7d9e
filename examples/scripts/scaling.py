"""How the time to a proven optimum grows with the number of samples: a table, and a plot if asked for.

Medians over instances of a family. A run that ends without an answer counts as taking longer than its limit:
where such runs decide a median, it is a lower bound, printed as ">= 10.00" and drawn as an open triangle. With
`-o` every run is written down as it ends, and the same command continues where it was stopped.

    python examples/scripts/scaling.py
    python examples/scripts/scaling.py --solvers sat cpsat --samples 10 20 40 --limit 60 -o runs.jsonl
    python examples/scripts/scaling.py --family planted:layers=5-3-1,d=3,flip=1/5 --plot scaling.svg
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qnnt


@dataclass(frozen=True)
class Median:
    """Seconds to a proven optimum, or a lower bound on them."""

    seconds: float
    exact: bool

    def __str__(self) -> str:
        return f"{'' if self.exact else '>= '}{self.seconds:.2f}"


def main() -> None:
    """Measure one number of samples after the other, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", default="random:layers=4-2-1,d=3", help="without samples and seeds")
    parser.add_argument("--samples", type=int, nargs="+", default=[10, 20, 30, 40])
    parser.add_argument("--seeds", type=int, default=3, help="instances of each size")
    parser.add_argument("--solvers", nargs="+", default=["cpsat", "sat", "patterns", "dp-frontier", "enumeration"])
    parser.add_argument("--limit", type=float, default=10.0, help="seconds of each run")
    parser.add_argument("-o", "--output", metavar="RUNS.jsonl", help="where runs are written down, and known from")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg|.png")
    arguments = parser.parse_args()
    if arguments.plot is not None and arguments.plot.suffix not in (".svg", ".png"):
        parser.error("--plot needs a name that ends in .svg or .png")
    if arguments.plot is not None and importlib.util.find_spec("matplotlib") is None:
        parser.error("--plot needs matplotlib: pip install 'qnnt[plot]'")
    curves: dict[str, dict[int, Median]] = {}
    for samples in sorted(set(arguments.samples)):
        instances = f"{arguments.family},samples={samples},seeds=0-{arguments.seeds - 1}"
        try:
            report = qnnt.compare(
                instances,
                arguments.solvers,
                objective="minimize",
                time_limit=arguments.limit,
                jobs=1,  # side by side they would slow each other down
                output=arguments.output,
            )
        except qnnt.InputError as error:
            parser.error(str(error))
        if not report.agreed:
            raise SystemExit("\n".join(report.failure_lines()))
        if not curves:
            curves = {solver: {} for solver in report.solvers}
            print(" samples", *(f"{solver:>12}" for solver in curves))
        for solver, curve in curves.items():
            median = median_of([row for row in report.rows if row["solver"] == solver], arguments.limit)
            if median is not None:
                curve[samples] = median
        print(f"{samples:8}", *(f"{curve.get(samples, '-')!s:>12}" for curve in curves.values()), flush=True)
    print(f"median seconds over {arguments.seeds} seeds; >= a lower bound, limit {arguments.limit:g}; - refused")
    if arguments.plot is not None:
        plot(curves, arguments)


def median_of(rows: list[dict[str, Any]], limit: float) -> Median | None:
    """Over the runs of a solver on instances of one size; None where it refused some."""
    if any(row["verdict"] == "unsupported" for row in rows):
        return None
    median = statistics.median(row["seconds"] if row["status"] == "optimal" else math.inf for row in rows)
    if median < math.inf:
        return Median(median, exact=True)
    return Median(
        statistics.median(row["seconds"] if row["status"] == "optimal" else limit for row in rows), exact=False
    )


def plot(curves: Mapping[str, Mapping[int, Median]], arguments: argparse.Namespace) -> None:
    """Draw a curve per solver, on a logarithmic scale."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for solver, curve in curves.items():
        (line,) = axes.plot(list(curve), [median.seconds for median in curve.values()], label=solver)
        for samples, median in curve.items():
            marker, style = ("o", "full") if median.exact else ("^", "none")
            axes.plot(samples, median.seconds, marker, fillstyle=style, color=line.get_color())
    if arguments.limit < math.inf:
        axes.axhline(arguments.limit, color="grey", linestyle=":", label="limit of a run")
    axes.set(yscale="log", xlabel="samples", ylabel="seconds to a proven optimum", title=arguments.family)
    axes.legend()
    figure.savefig(arguments.plot)


if __name__ == "__main__":
    main()
