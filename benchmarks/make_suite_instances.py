"""Writes the instance files of the suites again: real tables with small networks, and deep narrow networks.

The tables are those of examples/data (their licence stands there); three hidden neurons, one output, d = 2, 3, 4.

    python benchmarks/make_suite_instances.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from narrow_families import ladder, layers

from qnnt.benchmarking.suite import SHIPPED
from qnnt.files.instances import save

DATA = Path(__file__).parent.parent / "examples" / "data"
PLACE = SHIPPED / "instances"
MONKS = [f"a{i}=categorical" for i in range(1, 7)]
TABLES: dict[str, tuple[str, str, list[str]]] = {
    "balance-scale": ("balance_scale.csv", "class", []),
    "breast-cancer-ljubljana": (
        "breast_cancer_ljubljana.csv",
        "class",
        [
            "age=ordinal",
            "tumor_size=ordinal",
            "inv_nodes=ordinal",
            "menopause=ordinal:lt40,premeno,ge40",
            "node_caps=ordinal:no,yes",
            "breast=ordinal:left,right",
            "irradiat=ordinal:no,yes",
        ],
    ),
    "breast-cancer-wisconsin": ("breast_cancer_wisconsin.csv", "class", []),
    "haberman": ("haberman.csv", "survival", []),
    "ionosphere": ("ionosphere.csv", "class", ["a2=skip"]),
    "monks-1": ("monks1_train.csv", "class", MONKS),
    "monks-2": ("monks2_train.csv", "class", MONKS),
    "tic-tac-toe": (
        "tic_tac_toe.csv",
        "class",
        [f"{cell}=ordinal:o,b,x" for cell in ("tl", "tm", "tr", "ml", "mm", "mr", "bl", "bm", "br")],
    ),
}
"""File, label, kinds of columns."""


def write_table(name: str, d: int, folder: Path) -> None:
    file, target, columns = TABLES[name]
    made = folder / f"{name}-d{d}.json.gz"
    command = [sys.executable, "-m", "qnnt", "generate", "csv", str(DATA / file), "--target", target]
    command += ["--d", str(d), "--hidden", "3", "--name", f"{name}-d{d}", "-o", str(made)]
    for column in columns:
        command += ["--column", column]
    subprocess.run(command, check=True)
    (PLACE / made.name).write_bytes(made.read_bytes())  # without the mapping beside it


def main() -> None:
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in TABLES:
            for d in (2, 3, 4):
                write_table(name, d, Path(folder))
    for depth in (4, 8, 16, 32):
        save(layers(depth), str(PLACE / f"deep-{depth}.json.gz"))
    for length in (8, 16, 32):
        save(ladder(length, 3), str(PLACE / f"ladder-{length}.json.gz"))


if __name__ == "__main__":
    main()
