"""Sizes of the clauses per counting encoding and family, and what structural hashing saves.

    python benchmarks/circuit_sizes.py [--alone] [--encodings auto,adder,...]

``--alone`` adds the size with every sum counted by itself, so that nothing is shared between sums (slow).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from qnnt import Instance, Objective, UnsupportedError
from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.counting import count
from qnnt.encoders.integer_codes import IntegerCodes
from qnnt.encoders.lowering import blocks_of, requests_of, to_cnf
from qnnt.encoders.model import Model
from qnnt.encoders.names import ENCODINGS
from qnnt.encoders.order import encode
from qnnt.generation.families import planted_labels, random_labels
from qnnt.simplification.pipeline import simplify

FAMILIES: dict[str, Callable[[], Instance]] = {
    "d=2 [8,4,2] 40 random": lambda: random_labels(2, (8, 4, 2), 40, 0),
    "d=3 [3,3,2] 20 random": lambda: random_labels(3, (3, 3, 2), 20, 0),
    "d=4 [4,4,2] 16 random": lambda: random_labels(4, (4, 4, 2), 16, 0),
    "d=5 [3,3,2] 14 random": lambda: random_labels(5, (3, 3, 2), 14, 0),
    "d=3 [12,10,4] 120 planted": lambda: planted_labels(3, (12, 10, 4), 120, 0),
    "d=16 [3,3,1] 24 flipped": lambda: planted_labels(16, (3, 3, 1), 24, 0, flip=0.2),
}


def model_of(instance: Instance) -> Model:
    return encode(simplify(instance).instance, Objective.MINIMIZE, encoding="cnf").model


def alone(model: Model, encoding: str) -> tuple[int, int]:
    """Variables and clauses with a circuit of its own for every sum."""
    builder = ClauseBuilder(len(model.lower) - 1, model.clauses)
    requests = requests_of(model, IntegerCodes(model, builder))
    variables, clauses = builder.variables, len(builder.clause_rows())
    total_variables, total_clauses = variables, clauses
    for row in range(len(requests.sums)):
        own = ClauseBuilder(variables, builder.clause_rows())
        count(own, requests.of(row), encoding, blocks_of(model, variables))
        total_variables += own.variables - variables
        total_clauses += len(own.clause_rows()) - clauses
    return total_variables, total_clauses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--encodings", default=",".join(name for name in ENCODINGS if name != "native"))
    arguments = parser.parse_args()
    for name, family in FAMILIES.items():
        model = model_of(family())
        print(f"{name}: {model.sizes}")
        for encoding in arguments.encodings.split(","):
            start = time.perf_counter()
            try:
                cnf = to_cnf(model, encoding)
            except UnsupportedError as error:
                print(f"  {encoding:<18} {error}")
                continue
            seconds = time.perf_counter() - start
            words = f"  {encoding:<18} {cnf.variables:>8} variables {len(cnf.clauses):>8} clauses {seconds:6.2f} s"
            if arguments.alone:
                variables, clauses = alone(model, encoding)
                words += f"   alone {variables:>8} variables {clauses:>8} clauses"
            print(words, flush=True)


if __name__ == "__main__":
    main()
