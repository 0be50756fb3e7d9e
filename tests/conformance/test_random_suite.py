"""Every solver and encoding on random instances, held against enumeration.

A sample runs by default; `pytest --full` runs all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.encoders.symmetry import canonical
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance, Problem
from qnnt.result import Result, Status
from qnnt.solvers.names import NATIVE_ENGINES
from qnnt.solvers.registry import SOLVERS

BLOCK = 5
"""Instances in a block."""
ALL = 2000 // BLOCK
"""Blocks of the main routes with `--full`."""
SOME = 200 // BLOCK
"""Blocks of the other routes with `--full`."""
FEW = 10 // BLOCK
"""Blocks of each engine and order with `--full`; without, `tests/solvers/test_sat.py` has to do."""
SAMPLE = 40 // BLOCK
"""Blocks of the most important routes without `--full`."""
LIGHT = (0, 2, 4)
"""Of these, each of the other routes takes one: squared losses of large numbers take some of them seconds."""

SAMPLED = {("cpsat", name) for name in SOLVERS["cpsat"].encodings} | {
    ("sat", "auto"),
    ("sat", "adder"),
    ("maxsat", "auto"),
    ("dp-fpt", None),
    ("dp-frontier", None),
    ("dp-layers", None),
    ("dp-pseudo", None),
    ("row-count", None),
    ("patterns", None),
    ("plain-cpsat", None),
}
MAIN = SAMPLED | {("sat", "totalizer")}


TAKES: dict[str, dict[str, Any]] = {
    "dp-fpt": {"losses": ["mismatch"]},
    "dp-frontier": {"losses": ["mismatch"]},
    "dp-layers": {"problem": Problem.D_QNNT, "layered": True},
    "plain-cpsat": {"rational": False},
}
"""What instances a solver is held to that does not take all kinds."""
TWO_LAYERS = {"row-count", "dp-pseudo"}
"""Solvers that are held to networks of two layers."""


class Route(NamedTuple):
    """A solver and an encoding, and which blocks they take.

    Attributes
    ----------
    sampled
        The blocks that run without `--full`.
    blocks
        How many run with it.
    """

    solver: str
    encoding: str | None
    sampled: range
    blocks: int


def routes() -> Iterator[Route]:
    """Every solver with every encoding; then every engine and every order."""
    others = 0
    proving = [entry for entry in SOLVERS.values() if entry.name != "enumeration" and entry.proves]
    present = [entry for entry in proving if not entry.missing]
    for entry in present:
        for encoding in entry.encodings or (None,):
            name = f"{entry.name}:{NATIVE_ENGINES[0]}" if encoding == "native" else entry.name
            if (entry.name, encoding) in SAMPLED:
                yield Route(name, encoding, range(SAMPLE), ALL)
                continue
            block = LIGHT[others % len(LIGHT)]
            others += 1
            yield Route(name, encoding, range(block, block + 1), ALL if (entry.name, encoding) in MAIN else SOME)
    for entry in present:
        for names in entry.options.values():
            yield from (Route(f"{entry.name}:{name}", "auto", range(0), FEW) for name in names[1:])


ROUTES = list(routes())


def only_if(sampled: bool) -> Any:
    return [] if sampled else [pytest.mark.full]


RUNS = [
    pytest.param(block, route.solver, route.encoding, marks=only_if(block in route.sampled))
    for route in ROUTES
    for block in range(route.blocks)
]


def conformance_instance(seed: int, solver: str = "") -> Instance:
    """The instance with this number among those that a solver is held to."""
    rng = random.Random(f"conformance {seed}")
    if solver in TWO_LAYERS:
        return random_two_layer(rng)
    return random_instance(rng, **TAKES.get(solver, {}))


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


def solved(instance: Instance, **options: Any) -> Result | None:
    """None where sums are too large for the encoding; the sum of all losses, which a bound is about, may be alone."""
    try:
        return qnnt.solve(instance, **options)
    except UnsupportedError:
        return None


@pytest.mark.parametrize(("block", "solver", "encoding"), RUNS)
def test_agrees_with_enumeration(block: int, solver: str, encoding: str | None) -> None:
    answered = 0
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        instance = conformance_instance(seed, solver)
        best = minimum(instance).loss
        route = {"solver": solver, "encoding": encoding}
        result = solved(instance, **route, objective="minimize", threads=1 + seed % 2, seed=seed)
        if result is not None:
            answered += 1
            assert_minimum(instance, result, best)
        for bound in bounds_around(best):
            result = solved(instance, **route, bound=bound, threads=1)
            if result is not None:
                assert_decision(instance, result, best, bound)
    assert answered >= BLOCK // 2


@pytest.mark.parametrize("block", [pytest.param(block, marks=only_if(block < SAMPLE // 2)) for block in range(ALL)])
def test_enumeration_as_a_solver(block: int) -> None:
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        instance = conformance_instance(seed)
        best = minimum(instance).loss
        assert_minimum(instance, qnnt.solve(instance, solver="enumeration", objective="minimize"), best)
        for bound in bounds_around(best):
            result = qnnt.solve(instance, solver="enumeration", bound=bound)
            assert_decision(instance, result, best, bound)


@pytest.mark.parametrize(
    ("solver", "encoding"),
    [pytest.param(route.solver, route.encoding, marks=only_if(len(route.sampled) > 1)) for route in ROUTES],
)
def test_hints_change_nothing_but_the_first_incumbent(solver: str, encoding: str | None) -> None:
    hinted = 0
    for seed in range(12):
        instance = conformance_instance(seed, solver)
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


@pytest.mark.parametrize("solver", [entry.name for entry in SOLVERS.values() if not entry.proves])
@pytest.mark.parametrize(
    "block", [0, *(pytest.param(block, marks=pytest.mark.full) for block in range(1, 100))], ids=lambda n: f"block {n}"
)
def test_what_is_not_proved_is_sound(block: int, solver: str) -> None:
    """Solutions are verified, and no better than the optimum; what is claimed is right; most optima are met."""
    met = 0
    for seed in range(BLOCK * block, BLOCK * block + BLOCK):
        instance = conformance_instance(seed, solver)
        best = minimum(instance).loss
        result = solved(instance, solver=solver, objective="minimize")
        if result is None:
            met += 1
            continue
        assert_solution_is_sound(instance, result)
        assert best is None or result.loss is None or result.loss >= best
        assert result.lower_bound is None or best is None or result.lower_bound <= best
        assert result.status in (Status.FEASIBLE, Status.UNKNOWN, Status.OPTIMAL)
        assert result.status is not Status.OPTIMAL or result.loss == best
        met += result.loss == best
        for bound in bounds_around(best):
            decided = solved(instance.derive(bound=bound), solver=solver, objective="decide")
            if decided is not None and decided.status in (Status.YES, Status.NO):
                assert_decision(instance, decided, best, bound)
    assert met >= BLOCK - 1
