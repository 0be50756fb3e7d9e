"""Pseudo-Boolean backend: Exact in turns, and foreign solvers by their command lines."""

from __future__ import annotations

import dataclasses
import itertools
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qnnt
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import FALSE, Integers, Model
from qnnt.encoders.order import encode
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.program import IntegerProgram
from qnnt.errors import FalseClaimError, FalseSolutionError, InputError, SolverError, UnsupportedError
from qnnt.generation.families import random_labels
from qnnt.instance import Objective
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.solvers import pb
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.exact_engine import ExactEngine
from qnnt.solvers.pb import Pb
from qnnt.solvers.registry import entry_of
from tests.encoders.circuit_check import array
from tests.encoders.model_check import solutions
from tests.encoders.random_models import boolean_model, numerator, random_model
from tests.solvers.test_sat import (
    NO_SAMPLES,
    NOTHING,
    XOR,
    assert_decisions,
    assert_minimum,
    best,
    command_of,
    contradictory,
    costly,
    impossible,
    printing,
    sample,
    told,
)

ENCODINGS = entry_of("pb").encodings
SEEDS = [pytest.param(seed, marks=[] if seed < 20 else pytest.mark.full) for seed in range(200)]


def run(
    backend: Pb, model: Model, hint: Sequence[tuple[int, int]] = (), limits: Limits | None = None
) -> tuple[ModelAnswer, list[int], list[int]]:
    """How it ended, the numerators of what it found, and its bounds: they fall, these rise, and never cross."""
    found: list[int] = []
    bounds: list[int] = []

    def hear(progress: ModelProgress) -> None:
        if progress.assignment is not None:
            found.append(numerator(model, progress.assignment))
        if progress.lower_bound is not None:
            bounds.append(progress.lower_bound)
        assert not progress.numerical
        assert not (found and bounds) or bounds[-1] <= found[-1]

    answer = backend.solve(model, hint, limits or Limits(), hear)
    assert all(later < earlier for earlier, later in itertools.pairwise(found))
    assert all(later > earlier for earlier, later in itertools.pairwise(bounds))
    return answer, found, bounds


def assert_best(model: Model, expected: int | None, backend: Pb | None = None, seed: int = 0) -> None:
    """Proved: an optimum where there is an objective, anything where there is none."""
    answer, found, _ = run(backend or Pb(), model, limits=Limits(seed=seed))
    assert answer.proved
    assert (found[-1] if found else None) == expected
    assert answer.lower_bound == expected
    assert not answer.numerical
    assert answer.reason == ""


def optimum(model: Model) -> int | None:
    return min((numerator(model, assignment) for assignment in solutions(model)), default=None)


@cache
def hard() -> Model:
    """Which takes Exact some thousand conflicts."""
    return encode(simplify(random_labels(3, [3, 2, 1], 14, 1)).instance, Objective.MINIMIZE, encoding="cnf").model


# --- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_instances(seed: int, encoding: str) -> None:
    assert_minimum(sample(seed), best(seed), "pb", encoding=encoding)
    if seed % 4 == 0:
        assert_decisions(sample(seed), best(seed), "pb", encoding=encoding)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_models(seed: int) -> None:
    for model in (random_model(seed), boolean_model(seed)):
        assert_best(model, optimum(model), seed=seed % 3)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_instances_where_little_is_to_do(encoding: str) -> None:
    assert_minimum(XOR, 0, "pb", encoding=encoding)
    assert_minimum(NOTHING, None, "pb", encoding=encoding)
    assert_minimum(NO_SAMPLES, 0, "pb", encoding=encoding)
    assert_decisions(NO_SAMPLES, 0, "pb", encoding=encoding)
    assert_decisions(NOTHING, None, "pb", encoding=encoding)


def test_degenerate_models() -> None:
    assert_best(impossible(), None)
    assert_best(contradictory(), None)
    assert_best(costly(), 1)
    builder = ModelBuilder()
    assert_best(builder.build(), 0)
    builder.add_constant_to_objective(-5, 1)
    assert_best(builder.build(), -5)
    builder.booleans(3, "free")
    builder.integers(array(-4, 2), array(-2, 2), "number")
    assert_best(builder.build(), -5)
    builder.clauses(array(FALSE)[None, :])
    assert_best(builder.build(), None)


def test_costs_that_are_all_certain() -> None:
    builder = ModelBuilder()
    (number,) = builder.integers(array(3), array(3), "number")
    free = builder.booleans(2, "free")
    builder.clauses(free[:1, None])
    builder.add_to_objective(array(int(number), int(free[0]), int(-free[1])), array(-7, 2, -4), 1)
    assert_best(builder.build(), -21 + 2 - 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_up_to_sixty_bits(seed: int) -> None:
    """Knapsacks: the sum of costs is below 2^60, that of a row too."""
    rng = random.Random(seed)
    builder = ModelBuilder()
    free = builder.booleans(7, "free")
    most = 2 ** rng.choice((30, 32, 45, 57))
    weights, costs = (array(*(rng.randint(most // 4, most) for _ in range(7))) for _ in range(2))
    signs = array(*(rng.choice((1, 1, 1, -1)) for _ in range(7)))
    sums, folded = builder.sums(free[None, :], (weights * signs)[None, :])
    builder.linears(sums, array(int((weights * signs).sum()) // 2) - folded)
    builder.add_to_objective(free, costs, 1)
    model = builder.build()
    assert_best(model, optimum(model))


def test_sums_that_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rows add to what the Model's sums reach, and where the lowering refuses."""
    assert Pb().unsupported(costly()) is None
    program = to_boolean_program(costly())
    large = dataclasses.replace(program, costs=program.costs * 2**58)
    monkeypatch.setattr(pb, "to_boolean_program", lambda _: large)
    assert Pb().unsupported(costly()) == "sums up to 7.5e+18 pass 2^62"

    def refuse(model: Model) -> IntegerProgram:
        raise UnsupportedError("more than 60 bits")

    monkeypatch.setattr(pb, "to_boolean_program", refuse)
    assert Pb().unsupported(costly()) == "more than 60 bits"


# --- turns, limits, hints --------------------------------------------------------------------------


def test_turns_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped as often as it can be, Exact makes the same steps as in one go."""
    whole, found, _ = run(Pb(), hard())
    monkeypatch.setattr(pb, "FIRST_TURN", 1e-6)
    monkeypatch.setattr(pb, "LONGEST_TURN", 1e-6)
    again, more, bounds = run(Pb(), hard())
    assert again == whole
    assert whole.proved
    assert whole.statistics["conflicts"] > 100
    assert more[-1] == found[-1] == whole.lower_bound
    assert bounds


def test_no_time() -> None:
    answer, found, bounds = run(Pb(), hard(), limits=Limits(seconds=0))
    assert (answer.proved, answer.lower_bound, found, bounds) == (False, None, [], [])


def test_a_limit_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock strikes after the second look; what was found stays, with a bound."""
    times = itertools.chain([0.0, 0.0, 0.0], itertools.repeat(10.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(times))
    monkeypatch.setattr(pb, "FIRST_TURN", 1e-6)
    answer, found, bounds = run(Pb(), hard(), limits=Limits(seconds=5))
    assert not answer.proved
    assert answer.lower_bound == bounds[-1]
    assert len(found) <= 2


@pytest.mark.parametrize("engine_seed", [0, 1, 7, 2**31 - 1])
def test_seeds(engine_seed: int) -> None:
    for seed in (0, 3, 5, 8):
        assert_minimum(sample(seed), best(seed), "pb", seed=engine_seed)


def test_hints_come_first() -> None:
    """Without an objective, the hint is what is found."""
    for wanted in itertools.product((0, 1), repeat=3):
        builder = ModelBuilder()
        free = builder.booleans(3, "free")
        (number,) = builder.integers(array(-2), array(9), "number")
        found: list[Integers] = []

        def hear(progress: ModelProgress, found: list[Integers] = found) -> None:
            if progress.assignment is not None:
                found.append(progress.assignment)

        hint = [*zip(free.tolist(), wanted, strict=True), (int(number), 5)]
        assert Pb().solve(builder.build(), hint, Limits(), hear).proved
        assert found[0][free].tolist() == list(wanted)
        assert found[0][number] == 5


def test_hints_that_lead_astray() -> None:
    for seed in (0, 3, 5):
        model = random_model(seed)
        hint = [(variable, int(model.upper[variable])) for variable in range(1, len(model.lower))]
        answer, found, _ = run(Pb(), model, hint)
        assert answer.proved
        assert (found[-1] if found else None) == optimum(model)


def test_signals_stay_with_python() -> None:
    text = """
import signal
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.pb import to_boolean_program
from qnnt.solvers.exact_engine import ExactEngine
engine = ExactEngine(to_boolean_program(ModelBuilder().build()))
for _ in range(2):
    try:
        signal.raise_signal(signal.SIGINT)
        print("lost")
    except KeyboardInterrupt:
        print(engine.run(1.0))
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.raise_signal(signal.SIGTERM)
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.returncode) == ("True\nTrue\n", -15)


def test_the_front_door() -> None:
    result = qnnt.solve(sample(3), objective="minimize", solver="pb")
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, best(3), best(3))
    assert result.model["pb"]["rows"] > 0


# --- an engine that is wrong -----------------------------------------------------------------------


class Altered(ExactEngine):
    """Exact, but for some of what it says."""

    changes: Mapping[str, Any] = {}

    def __getattribute__(self, name: str) -> Any:
        changes: Mapping[str, Any] = type(self).changes
        own = super().__getattribute__(name)
        return changes[name](own) if name in changes else own


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"point": lambda point: 1 - point}, FalseSolutionError, "variable 1 is 0, outside 1..1"),
        ({"point": lambda point: point * array(1, 1, 0, 0, 0, 0, 0)}, FalseSolutionError, "row 1 is 0, outside 3.."),
        ({"cost": lambda cost: cost - 1}, FalseSolutionError, "costs 0, and it costs 1"),
        ({"lower_bound": lambda bound: bound - 1}, FalseClaimError, "ended at 0, and its point costs 1"),
    ],
)
def test_an_engine_that_lies(
    changes: Mapping[str, Any], error: type[SolverError], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Liar(Altered):
        pass

    Liar.changes = changes
    monkeypatch.setattr(pb, "ENGINES", {"exact": Liar})
    with pytest.raises(error, match=message):
        run(Pb(), costly())


def test_an_engine_that_ends_otherwise() -> None:
    engine = ExactEngine(to_boolean_program(costly()))
    engine._solver.setAssumptions([(str(variable), 0) for variable in range(2, 7)])
    with pytest.raises(SolverError, match="Exact ended with INCONSISTENT"):
        engine.run(1.0)


# --- commands --------------------------------------------------------------------------------------

FAKE = """
import sys
import exact

first, *lines = [line.split() for line in open(sys.argv[1])]
names = [f"x{v}" for v in range(1, int(first[2]) + 1)]
solver = exact.Exact()
for name in names:
    solver.addVariable(name, 0, 1)
terms = lambda words: list(zip(map(int, words[::2]), words[1::2]))
goal = [terms(words[1:-1]) for words in lines if words[0] == "min:"]
for words in lines[len(goal) :]:
    *sum, relation, bound, end = words
    solver.addConstraint(terms(sum), True, int(bound), relation == "=", int(bound))
if goal:
    solver.setObjective(goal[0])
solver.runFull()
if not solver.hasSolution():
    print("s UNSATISFIABLE")
else:
    if goal:
        print("o", solver.getBestSoFar() + 1)
        print("o", solver.getBestSoFar())
    print("s OPTIMUM FOUND" if goal else "s SATISFIABLE")
    words = [name if value else f"-{name}" for name, value in zip(names, solver.getLastSolutionFor(names))]
    for start in range(0, len(words), 20):
        print("v", *words[start : start + 20])
"""


def test_a_foreign_solver(tmp_path: Path) -> None:
    command = command_of(tmp_path, FAKE)
    for seed in (0, 3, 8):
        assert_minimum(sample(seed), best(seed), "pb", command=command)
    assert_decisions(sample(3), best(3), "pb", command=command)
    assert_minimum(NOTHING, None, "pb", command=command)
    for model, expected in ((impossible(), None), (contradictory(), None), (costly(), 1), (ModelBuilder().build(), 0)):
        assert_best(model, expected, Pb(command=command))


def test_a_foreign_solver_through_the_front_door(tmp_path: Path) -> None:
    result = qnnt.solve(XOR, objective="minimize", solver="pb", solver_command=command_of(tmp_path, FAKE))
    assert (result.status, result.loss, result.solver) == (Status.OPTIMAL, 0, "pb")
    with pytest.raises(InputError, match="takes the place of the engine exact"):
        qnnt.solve(XOR, solver="pb:exact", solver_command="roundingsat %s")


TRUE_COSTLY = "v x1 x2 -x3 x4 x5 -x6"
"""Of the model `costly`: 3 + 2 + 3, less its constant 7."""


def test_foreign_answers(tmp_path: Path) -> None:
    """What is proved, and why not; a cost of an assignment before is no lie."""
    for lines, proved, bound, found, reason in (
        (["o 8", "s OPTIMUM FOUND", TRUE_COSTLY], True, 1, [1], ""),
        (["s OPTIMUM FOUND", "v x1 x2 x4 x5"], True, 1, [1], ""),
        (["o 8", "s SATISFIABLE", TRUE_COSTLY], False, None, [1], "the solver command ended with SATISFIABLE"),
        (["o 9", "s UNKNOWN", TRUE_COSTLY], False, None, [1], "the solver command ended with UNKNOWN"),
        (["s UNKNOWN"], False, None, [], "the solver command ended with UNKNOWN"),
        (["s UNSUPPORTED"], False, None, [], "the solver command ended with UNSUPPORTED"),
    ):
        answer, points, _ = run(Pb(command=printing(tmp_path, *lines)), costly())
        assert (answer.proved, answer.lower_bound, points, answer.reason) == (proved, bound, found, reason)


@pytest.mark.parametrize(
    ("lines", "error", "message"),
    [
        (["o 7", "s OPTIMUM FOUND", TRUE_COSTLY], FalseSolutionError, "costs 0, and it costs 1"),
        (["o 9", "s OPTIMUM FOUND", TRUE_COSTLY], FalseSolutionError, "costs 2, and it costs 1"),
        (["o 7", "s SATISFIABLE", TRUE_COSTLY], FalseSolutionError, "costs 0, and it costs 1"),
        (["s OPTIMUM FOUND", "v -x1 x2 x4 x5"], FalseSolutionError, "variable 1 is 0, outside 1..1"),
        (["s SATISFIABLE", "v x1 x2 x4"], FalseSolutionError, "row 1 is 2, outside 3.."),
        (["s OPTIMUM FOUND"], FalseSolutionError, "OPTIMUM FOUND, but printed no assignment"),
        (["o 8", "s SATISFIABLE"], FalseSolutionError, "SATISFIABLE, but printed no assignment"),
        (["s UNSATISFIABLE", "v x1"], SolverError, "said to be unsatisfiable"),
        (["o 8", TRUE_COSTLY], SolverError, "no status line"),
        (["s OPTIMUM FOUND", "v x1 x7"], SolverError, "the formula has 6 variables"),
        (["s OPTIMUM FOUND", "v x1 - x2"], SolverError, "expected a literal, got '-'"),
        ([], SolverError, "no status line"),
    ],
)
def test_foreign_lies(lines: list[str], error: type[SolverError], message: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        run(Pb(command=printing(tmp_path, *lines)), costly())


def test_an_assignment_that_is_cut_off(tmp_path: Path) -> None:
    text = f"import sys; sys.stdout.write('s OPTIMUM FOUND\\n{TRUE_COSTLY[:-3]}')"
    with pytest.raises(SolverError, match=r"\(exit status 0\).*cut off"):
        run(Pb(command=command_of(tmp_path, text)), costly())


def test_that_nothing_is_there_is_refuted_by_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(FalseClaimError, match="pb says infeasible"):
        qnnt.solve(sample(3), objective="minimize", solver="pb", solver_command=printing(tmp_path, "s UNSATISFIABLE"))


def test_decisions_by_foreign_claims(tmp_path: Path) -> None:
    asked = XOR.derive(bound=0)
    assert told(asked, Objective.DECIDE, "pb", command=printing(tmp_path, "s UNSATISFIABLE")).status is Status.NO
    assert told(asked, Objective.DECIDE, "pb", command=printing(tmp_path, "s UNKNOWN")).status is Status.UNKNOWN
    with pytest.raises(SolverError, match="printed no assignment"):
        told(asked, Objective.DECIDE, "pb", command=printing(tmp_path, "s SATISFIABLE"))


def test_a_solver_that_is_missing_or_fails(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot run no-such-solver: No such file"):
        run(Pb(command="no-such-solver %s"), costly())
    with pytest.raises(SolverError, match=r"\(exit status 3\): no status line"):
        run(Pb(command=command_of(tmp_path, "raise SystemExit(3)")), costly())


def test_the_models_are_worth_a_search() -> None:
    expected = [optimum(random_model(seed)) for seed in range(20)]
    assert None in expected
    assert len(set(expected)) > 5
    assert any(np.any(random_model(seed).lower < 0) for seed in range(20))
