"""Every counting encoding with every engine: one optimum."""

from __future__ import annotations

import pytest

from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt
from qnnt.encoders.names import ENCODINGS
from qnnt.evaluation import evaluate
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.solvers.backends import Event, Found, Limits
from qnnt.solvers.names import ENGINES, NATIVE_ENGINES, RC2_ENGINES
from qnnt.solvers.routes import Job, run

INSTANCES = [
    random_labels(3, [2, 2, 1], 9, 2),
    random_labels(4, [2, 1, 1], 9, 2),
    d_nnt(
        [2, 1],
        [[1, 2], [2, -1], [0, 3]],
        [[3], [None], [-1]],
        weights=[-2, 0, 3],
        bias=[-1, 0],
        activation={"type": "clip", "low": -1, "high": 3},
        loss="absolute",
    ),
]


def optimum(instance: Instance, solver: str, encoding: str, engine: str) -> object:
    """The proven optimum, by parameters that the evaluator confirms."""
    losses = []

    def hear(event: Event) -> None:
        if isinstance(event, Found):
            losses.append(evaluate(instance, event.parameters))

    answer = run(Job(instance, Objective.MINIMIZE, solver, {"encoding": encoding, "engine": engine}, Limits()), hear)
    assert answer.status is Status.OPTIMAL
    assert answer.lower_bound == min(losses)
    return min(losses)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_engines_and_encodings_agree(encoding: str) -> None:
    for instance in INSTANCES:
        best = minimum(instance).loss
        for engine in NATIVE_ENGINES if encoding == "native" else ENGINES:
            assert optimum(instance, "sat", encoding, engine) == best, engine
        for engine in () if encoding == "native" else RC2_ENGINES:
            assert optimum(instance, "maxsat", encoding, engine) == best, engine


def test_the_optima_differ_from_the_trivial_ones() -> None:
    assert all(minimum(instance).loss for instance in INSTANCES)
