"""Which encoding suits some instances: how fast each is, how large its models are, who is first.

Every encoding answers every instance, one run after the other, each in a process of its own. With `-o` every
run is written down as it ends: the same command continues where it was stopped, and more instances or encodings
only add what is missing.

    python examples/scripts/compare_encodings.py
    python examples/scripts/compare_encodings.py planted:layers=4-3-1,samples=30,seeds=0-9 -o runs.jsonl
    python examples/scripts/compare_encodings.py examples/skip.json --encodings sat:adder sat:bdd cpsat:integer
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections import Counter
from collections.abc import Mapping
from typing import Any

import qnnt

FAMILY = "random:layers=3-3-1,d=3,samples=12,seeds=0-4"
ENCODINGS = [f"sat:{name}" for name in ("totalizer", "gte", "seqcounter", "bdd", "adder", "sortnetwrk", "mtotalizer")]
ENCODINGS += ["sat:minicard:native", "cpsat:order", "cpsat:integer"]


def main() -> None:
    """Compare, and print a line per encoding."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*", default=[FAMILY], help="files, folders, patterns, families")
    parser.add_argument("--encodings", nargs="+", default=ENCODINGS, help="as in `qnnt solve --solver`")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds of each run")
    parser.add_argument("-o", "--output", metavar="RUNS.jsonl", help="where runs are written down, and known from")
    arguments = parser.parse_args()
    made: list[str] = []
    try:
        report = qnnt.compare(
            arguments.instances,
            arguments.encodings,
            time_limit=arguments.limit,
            jobs=1,  # side by side they would slow each other down
            output=arguments.output,
            on_run=lambda run, *_: made.append(run.solver),
        )
    except qnnt.InputError as error:
        parser.error(str(error))
    first = Counter(each.proven.answer_by.solver for each in report.instances if each.proven.answer_by is not None)
    print(f"{'encoding':22} {'answered':>9} {'seconds':>10} {'variables':>10} {'constraints':>12} {'first':>6}")
    for encoding in report.solvers:
        rows = [row for row in report.rows if row["solver"] == encoding]
        runs = [run for each in report.instances for run in each.runs if run.solver == encoding]
        known = [sizes(run.result) for run in runs if run.result is not None]
        variables, constraints = (median_size(known, kind) for kind in ("variables", "constraints"))
        answered = f"{sum(row['verdict'] == 'agree' for row in rows)} of {len(rows)}"
        seconds = median_seconds(rows, arguments.limit)
        print(f"{encoding:22} {answered:>9} {seconds:>10} {variables:>10} {constraints:>12} {first[encoding]:>6}")
    print(f"medians; >= a lower bound, - refused or not told; {report.summary}, {len(made)} of them made now")
    if not report.agreed:
        raise SystemExit("\n".join(report.failure_lines()))


def sizes(result: Mapping[str, Any]) -> Mapping[str, int]:
    """Of what the solver was given: clauses with their circuits, or CP-SAT's model. Empty where it could not tell."""
    model = result["model"]
    if "cnf" in model:
        clauses = model["cnf"]["clauses"] + model["cnf"]["at_most"]
        return {"variables": model["cnf"]["variables"], "constraints": clauses}
    if result["solver"] != "cpsat" or "booleans" not in model:
        return {}
    constraints = sum(model[kind] for kind in ("clauses", "linears", "thresholds", "products"))
    return {"variables": model["booleans"] + model["integers"], "constraints": constraints}


def median_size(known: list[Mapping[str, int]], kind: str) -> str:
    """Over the runs that told; others were stopped before."""
    numbers = [size[kind] for size in known if size]
    return f"{statistics.median(numbers):.0f}" if numbers else "-"


def median_seconds(rows: list[dict[str, Any]], limit: float) -> str:
    """To an answer; a lower bound where runs that ended without one decide the median."""
    if any(row["verdict"] == "unsupported" for row in rows):
        return "-"
    median = statistics.median(row["seconds"] if row["verdict"] == "agree" else math.inf for row in rows)
    if median < math.inf:
        return f"{median:.2f}"
    return f">= {statistics.median(row['seconds'] if row['verdict'] == 'agree' else limit for row in rows):.2f}"


if __name__ == "__main__":
    main()
