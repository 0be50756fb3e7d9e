"""How long the program takes to say anything: medians of whole processes.

python benchmarks/start_up.py [--runs 20]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python (nothing)": [sys.executable, "-c", "pass"],
    "import qnnt": [sys.executable, "-c", "import qnnt"],
    "qnnt --help": [sys.executable, "-c", "from qnnt.cli.main import main; main()", "--help"],
    "qnnt solve --help": [sys.executable, "-c", "from qnnt.cli.main import main; main()", "solve", "--help"],
    "qnnt solve examples/xor.json": [
        sys.executable, "-c", "from qnnt.cli.main import main; main()", "solve", "examples/xor.json",
    ],
}  # fmt: skip


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    for name, command in COMMANDS.items():
        seconds(command)  # fill the file cache
        print(f"{name:<30} {statistics.median(seconds(command) for _ in range(runs)):.3f} s")


if __name__ == "__main__":
    main()
