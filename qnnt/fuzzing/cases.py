"""What is fuzzed: the instances of a stream, and the corpus of instances that once showed a defect."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qnnt.files.instances import load
from qnnt.fuzzing.drawing import draw
from qnnt.fuzzing.plans import Plan, drawn_plan, plan_of_all
from qnnt.instance import Instance

CORPUS = Path(__file__).parent / "corpus"
"""Small instances on which some version of some encoder or solver was wrong once."""


@dataclass(frozen=True)
class Case:
    """One instance to be fuzzed.

    Attributes
    ----------
    seed, number
        Its place in the stream; of a file of the corpus, the seed of its solvers.
    file
        Of the corpus; empty for the stream.
    solvers
        What it goes through; empty draws that.
    """

    seed: int
    number: int = 0
    file: str = ""
    solvers: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How it is called in reports."""
        return self.file or f"seed {self.seed}, number {self.number}"


@dataclass(frozen=True)
class Made:
    """A case with its instance, where that comes from, and what is done with it."""

    case: Case
    instance: Instance
    shape: str
    plan: Plan


def made(case: Case) -> Made:
    """The instance and the plan of a case: the same each time.

    Raises
    ------
    InputError
        If a file of the corpus cannot be read.
    """
    if case.file:
        plan = plan_of_all(case.seed)
        shape, instance = "corpus", load(case.file)
    else:
        drawn = draw(case.seed, case.number)
        shape, instance = drawn.shape, drawn.instance
        plan = drawn_plan(random.Random(f"plan {case.seed} {case.number}"), instance)
    if case.solvers:  # named to be tried: each is asked the further question, wherever it stands
        plan = Plan(case.solvers, (), plan.asked, plan.seed, len(case.solvers))
    return Made(case, instance, shape, plan)


def corpus_of(place: Path, seed: int, solvers: Sequence[str]) -> list[Case]:
    """A case for every instance file of a folder, in the order of their names; or for a single file."""
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    return [Case(seed, 0, str(file), tuple(solvers)) for file in files]
