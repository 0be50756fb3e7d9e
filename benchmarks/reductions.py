"""The families of reductions: every solver on every family, at the families' default sizes or others.

Seconds of whole calls with their processes, medians over seeds; a run that ends at the limit counts with the
limit, and says so. A solver that refuses says why, once.

    python benchmarks/reductions.py [--families three-sat:variant=no ...] [--solvers NAME...] [--seeds 3] [--limit 30]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from who_wins import race

from qnnt.instance import Instance
from qnnt.reductions.registry import FAMILIES
from qnnt.solvers.instance_sets import instances_of

SOLVERS = ("cpsat", "sat", "maxsat", "pb", "milp", "dp-pseudo", "row-count", "dp-frontier", "patterns")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="*", default=default_families(), help="as in qnnt compare, without seeds")
    parser.add_argument("--solvers", nargs="*", default=list(SOLVERS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    families = {spec: drawn_by(spec) for spec in arguments.families}
    race(families, arguments.solvers, arguments.seeds, arguments.limit, arguments.threads)


def default_families() -> list[str]:
    """Every form, planted and refuted, at the sizes of the registry."""
    return [
        f"{entry.name}:form={form},variant={variant}"
        for entry in FAMILIES
        for form in entry.forms
        for variant in ("planted", "no")
    ]


def drawn_by(spec: str) -> Callable[[int], Instance]:
    """The instance of a seed."""

    def drawn(seed: int) -> Instance:
        separator = "," if ":" in spec else ":"
        return instances_of([f"{spec}{separator}seed={seed}"])[0].instance

    return drawn


if __name__ == "__main__":
    main()
