"""How fast a Model becomes the text of an integer program, lowering included, on some 300,000 rows (processor time).

python benchmarks/export_speed.py [--samples 1700]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence

from qnnt.encoders.column_names import column_names
from qnnt.encoders.lp import lp_blocks
from qnnt.encoders.milp import to_program
from qnnt.encoders.mps import mps_blocks
from qnnt.encoders.order import encode
from qnnt.encoders.program import IntegerProgram
from qnnt.generation.families import planted_labels
from qnnt.simplification.pipeline import simplify

Writer = Callable[[IntegerProgram, Sequence[str], Sequence[str]], Iterator[str]]
WRITERS: dict[str, Writer] = {"MPS": mps_blocks, "LP": lp_blocks}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1700)
    arguments = parser.parse_args()
    instance = planted_labels(2, (20, 12, 4), arguments.samples, 0)
    start = time.process_time()
    coded = encode(simplify(instance).instance, instance.objective)
    built = time.process_time()
    program = to_program(coded.model)
    lowered = time.process_time()
    names = column_names(coded, program.variables)
    named = time.process_time()
    sizes = program.sizes
    print(f"planted d=2 [20,12,4] {arguments.samples}: Model in {built - start:.2f} s, {sizes}")
    print(f"lowered in {lowered - built:.2f} s, named in {named - lowered:.2f} s")
    for form, writer in WRITERS.items():
        begin = time.process_time()
        characters = sum(map(len, writer(program, names, [])))
        seconds = time.process_time() - begin
        rate = sizes["rows"] / (seconds + named - built)
        print(
            f"{form}: {characters / 1e6:.0f} MB in {seconds:.2f} s; "
            f"from the Model to its text {rate:,.0f} rows per second"
        )


if __name__ == "__main__":
    main()
