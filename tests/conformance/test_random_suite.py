"""Every solver and encoding on random instances, held against enumeration.

A sample runs by default; `pytest --full` runs all.
"""

from __future__ import annotations

import random

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.encoders.symmetry import canonical
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance
from qnnt.result import Result, Status
from qnnt.solvers.registry import SOLVERS
from tests.instances import random_instance, random_parameters

INSTANCES = 2000
BLOCK = 10
SAMPLE = 6
"""Blocks that run without `--full`."""

BLOCKS = [pytest.param(block, marks=[] if block < SAMPLE else pytest.mark.full) for block in range(INSTANCES // BLOCK)]
ROUTES = [
    (name, encoding)
    for name, entry in SOLVERS.items()
    if name != "enumeration" and not entry.missing
    for encoding in (entry.encodings or (None,))
]


def conformance_instance(seed: int) -> Instance:
    return random_instance(random.Random(f"conformance {seed}"))


def assert_solution_is_sound(instance: Instance, result: Result) -> None:
    """The certificate, judged once more."""
    assert (result.solution is None) == (result.loss is None)
    if result.solution is not None:
        assert qnnt.verify(instance, result.solution.parameters, result.loss) == result.loss


def assert_minimum(instance: Instance, result: Result, best: Number | None) -> None:
    assert_solution_is_sound(instance, result)
    assert result.loss == best
    assert result.lower_bound == best
    assert result.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)


def assert_decision(instance: Instance, result: Result, best: Number | None, bound: Number) -> None:
    assert_solution_is_sound(instance, result)
    if best is not None and best <= bound:
        assert result.status is Status.YES
        assert result.loss is not None
        assert best <= result.loss <= bound
    else:
        assert result.status is Status.NO


def bounds_around(best: Number | None) -> list[Number]:
    """The optimum, which is a yes, and what lies below it, a no."""
    if best is None:
        return [0, 10**6]
    return sorted({best, max(0, best - 1)})


@pytest.mark.parametrize(("solver", "encoding"), ROUTES)
@pytest.mark.parametrize("block", BLOCKS)
def test_agrees_with_enumeration(block: int, solver: str, encoding: str | None) -> None:
    answered = 0
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        instance = conformance_instance(seed)
        best = minimum(instance).loss
        threads = 1 + seed % 2
        try:
            result = qnnt.solve(
                instance, solver=solver, encoding=encoding, objective="minimize", threads=threads, seed=seed
            )
        except UnsupportedError:
            continue
        answered += 1
        assert_minimum(instance, result, best)
        for bound in bounds_around(best):
            result = qnnt.solve(instance, solver=solver, encoding=encoding, bound=bound, threads=1)
            assert_decision(instance, result, best, bound)
    assert answered >= BLOCK // 2


@pytest.mark.parametrize("block", BLOCKS[: SAMPLE // 2])
def test_enumeration_as_a_solver(block: int) -> None:
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        instance = conformance_instance(seed)
        best = minimum(instance).loss
        assert_minimum(instance, qnnt.solve(instance, solver="enumeration", objective="minimize"), best)
        for bound in bounds_around(best):
            result = qnnt.solve(instance, solver="enumeration", bound=bound)
            assert_decision(instance, result, best, bound)


@pytest.mark.parametrize(("solver", "encoding"), ROUTES)
def test_hints_change_nothing_but_the_first_incumbent(solver: str, encoding: str | None) -> None:
    hinted = 0
    for seed in range(12):
        instance = conformance_instance(seed)
        rng = random.Random(seed)
        hint = random_parameters(rng, instance)
        try:
            loss = qnnt.verify(instance, hint)
            result = qnnt.solve(instance, solver=solver, encoding=encoding, objective="minimize", hint=hint)
        except (qnnt.CertificateError, UnsupportedError):
            continue
        hinted += 1
        assert_minimum(instance, result, minimum(instance).loss)
        assert result.incumbents[0].loss == loss
        assert qnnt.verify(instance, canonical(instance, hint)) == loss
    assert hinted >= 4
