"""Distributions with solvers of their own, and the program with these on its path, whatever the environment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.solvers.processes import ROOT

SOLVERS = '''
from qnnt.algorithms.enumeration import minimum
from qnnt.instance import Parameters
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Found, Raised
from qnnt.solvers.entry import Entry


class Honest:
    def unsupported(self, instance, objective):
        return "it takes one layer" if len(instance.network.neurons) > 1 else None

    def expected(self, instance):
        return {"sums": 7}

    def solve(self, instance, objective, hint, limits, report):
        found = minimum(instance)
        if found.parameters is None:
            return Answer(Status.INFEASIBLE if objective == "minimize" else Status.NO)
        report(Found(found.parameters))
        return Answer(Status.OPTIMAL if objective == "minimize" else Status.YES)


class Liar(Honest):
    """Its bound is one too high, and its solution the first that there is."""

    def unsupported(self, instance, objective):
        return None

    def solve(self, instance, objective, hint, limits, report):
        first = Parameters(
            {edge: values[0] for edge, values in instance.weights.items()},
            {neuron: values[0] for neuron, values in instance.biases.items()},
        )
        if objective == "decide":
            return Answer(Status.NO)
        report(Found(first))
        print("the liar speaks", file=__import__("sys").stderr, flush=True)
        return Answer(Status.OPTIMAL)


class Crasher(Honest):
    def unsupported(self, instance, objective):
        return None

    def solve(self, instance, objective, hint, limits, report):
        raise RuntimeError("the wheels came off")


class Forger(Honest):
    def unsupported(self, instance, objective):
        return None

    def solve(self, instance, objective, hint, limits, report):
        report(Found(Parameters({edge: 77 for edge in instance.weights}, {v: 77 for v in instance.biases})))
        return Answer(Status.OPTIMAL)


HONEST = Entry("honest", "elsewhere_solvers:Honest", "brute force from elsewhere", preload=("elsewhere_solvers",))
LIAR = Entry("liar", "elsewhere_solvers:Liar", "broken on purpose", preload=("elsewhere_solvers",))
CRASHER = Entry("crasher", "elsewhere_solvers:Crasher", "broken on purpose", preload=("elsewhere_solvers",))
FORGER = Entry("forger", "elsewhere_solvers:Forger", "broken on purpose", preload=("elsewhere_solvers",))
MISNAMED = HONEST
NOTHING = 7
'''


def write_distribution(folder: Path, points: Mapping[str, str]) -> Path:
    """A distribution `elsewhere 1.0` with these entry points; the folder to put on the path."""
    folder.mkdir(exist_ok=True)
    (folder / "elsewhere_solvers.py").write_text(SOLVERS)
    described = folder / "elsewhere-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    lines = [f"{name} = {place}" for name, place in points.items()]
    (described / "entry_points.txt").write_text("\n".join(["[qnnt.backends]", *lines, ""]))
    return folder


def command_with(folder: Path) -> list[str]:
    """The words that start the program `qnnt` with this folder on its path."""
    code = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT)!r}]; from qnnt.cli.main import main; main()"
    return [sys.executable, "-W", "error", "-c", code]


def program_with(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run it."""
    return subprocess.run(
        [*command_with(folder), *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
