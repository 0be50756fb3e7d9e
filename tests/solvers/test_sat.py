"""SAT and MaxSAT backends: orders, engines, hints, and foreign solvers by their command lines."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.lowering import to_cnf
from qnnt.encoders.model import FALSE, Integers, Model, Rows
from qnnt.encoders.order import encode
from qnnt.errors import CertificateError, InputError, SolverError, UnsupportedError
from qnnt.evaluation import evaluate
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.solvers import cost_search
from qnnt.solvers.backends import Answer, Event, Found, Limits, ModelAnswer, ModelProgress, Raised
from qnnt.solvers.command_engine import CommandEngine, check_command
from qnnt.solvers.engines import PySatEngine
from qnnt.solvers.hints import hint_literals
from qnnt.solvers.maxsat import MaxSat
from qnnt.solvers.names import ENGINES, NATIVE_ENGINES, ORDERS, RC2_ENGINES
from qnnt.solvers.routes import Job, run
from qnnt.solvers.sat import Sat
from tests.encoders.circuit_check import array

XOR = d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
TABLE = {"type": "table", "values": [[7, 1]]}
NOTHING = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation=TABLE)
LABELS = random_labels(3, [3, 2, 1], 14, 1)
NO_SAMPLES = d_qnnt(3, [1, 2, 1], [], [])


@cache
def sample(seed: int) -> Instance:
    """Every third has random labels, so that there is something to search for."""
    if seed % 3 == 0:
        return random_labels(3, [2, 1 + seed % 2, 1], 9, seed)
    losses = ("mismatch", "absolute", "hinge", "linf", "hamming", "table", "accept", "positive")
    return random_instance(random.Random(f"backends {seed}"), losses=losses)


@cache
def best(seed: int) -> Number | None:
    return minimum(sample(seed)).loss


@dataclass
class Told:
    """What a solver reported about an instance, and how it ended."""

    instance: Instance
    losses: list[Number] = field(default_factory=list)
    bounds: list[Number] = field(default_factory=list)
    answer: Answer | None = None

    def hear(self, event: Event) -> None:
        match event:
            case Found(parameters=parameters):
                self.losses.append(evaluate(self.instance, parameters))
            case Raised(lower_bound=bound):
                self.bounds.append(bound)
        if self.losses and self.bounds:
            assert max(self.bounds) <= min(self.losses)

    @property
    def status(self) -> Status:
        assert self.answer is not None
        return self.answer.status


def told(instance: Instance, objective: Objective, solver: str = "sat", seed: int = 0, **settings: Any) -> Told:
    """A solver within this process."""
    heard = Told(instance)
    heard.answer = run(Job(instance, objective, solver, settings, Limits(seed=seed)), heard.hear)
    return heard


def assert_minimum(
    instance: Instance, loss: Number | None, solver: str = "sat", seed: int = 0, **settings: Any
) -> None:
    heard = told(instance, Objective.MINIMIZE, solver, seed, **settings)
    assert min(heard.losses, default=None) == loss
    assert heard.status is (Status.INFEASIBLE if loss is None else Status.OPTIMAL)
    assert heard.answer is not None
    assert loss is None or heard.answer.lower_bound == loss


def assert_decisions(instance: Instance, loss: Number | None, solver: str = "sat", **settings: Any) -> None:
    """At the optimum, and below."""
    for bound in (0, 10**6) if loss is None else (loss - 1, loss):
        heard = told(instance.derive(bound=bound), Objective.DECIDE, solver, **settings)
        possible = loss is not None and loss <= bound
        assert heard.status is (Status.YES if possible else Status.NO)
        assert [found <= bound for found in heard.losses] == [True] * possible


def model_of(instance: Instance) -> Model:
    return encode(simplify(instance).instance, Objective.MINIMIZE, encoding="cnf").model


def numerator(model: Model, assignment: Integers) -> int:
    objective = model.objective
    return objective.constant + int(assignment[objective.variables] @ objective.coefficients)


def impossible() -> Model:
    """An empty clause."""
    builder = ModelBuilder()
    builder.add_to_objective(builder.booleans(2, "free"), array(1, 2), 1)
    builder.clauses(array(FALSE)[None, :])
    return builder.build()


def contradictory() -> Model:
    """Nothing that propagates."""
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    builder.clauses(np.array([[a * free[0], b * free[1]] for a in (1, -1) for b in (1, -1)]))
    builder.add_to_objective(free, array(1, 2), 1)
    return builder.build()


def costly() -> Model:
    """Three of five costs have to be paid, the constant is negative: the optimum is 2 + 3 + 3 - 7."""
    builder = ModelBuilder()
    free = builder.booleans(5, "free")
    sums, folded = builder.sums(free[None, :], np.ones((1, 5), np.int64))
    builder.linears(sums, 3 - folded)
    builder.add_to_objective(free, array(3, 9, 2, 3, 9), 4)
    builder.add_constant_to_objective(-7, 4)
    return builder.build()


def solved(backend: Sat | MaxSat, model: Model, hint: Sequence[tuple[int, int]] = ()) -> tuple[ModelAnswer, list[int]]:
    """How it ended, and the numerators of what it found; incumbents fall, bounds rise, and never cross."""
    found: list[int] = []
    bounds: list[int] = []

    def hear(progress: ModelProgress) -> None:
        if progress.assignment is not None:
            found.append(numerator(model, progress.assignment))
        if progress.lower_bound is not None:
            bounds.append(progress.lower_bound)
        assert not (found and bounds) or bounds[-1] <= found[-1]

    answer = backend.solve(model, hint, Limits(), hear)
    assert all(later < earlier for earlier, later in itertools.pairwise(found))
    assert all(later > earlier for earlier, later in itertools.pairwise(bounds))
    if found:
        assert answer.lower_bound == found[-1]
    return answer, found


# --- orders --------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [1, 2_000])
@pytest.mark.parametrize("seed", range(15))
def test_orders_agree(seed: int, turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with budgets that end, and with strides in small ranges."""
    monkeypatch.setattr(cost_search, "FIRST_TURN", turn)
    if turn == 1:
        monkeypatch.setattr(cost_search, "STRIDES", 3)
    model = model_of(sample(seed))
    expected = best(seed)
    for order in ORDERS:
        answer, found = solved(Sat(order=order), model)
        assert answer.proved
        assert (not found) == (expected is None)
        if found:
            assert Fraction(found[-1], model.objective.denominator) == expected
        if order == "above":
            assert_minimum(sample(seed), expected, order=order)


def test_samples_are_worth_a_search() -> None:
    models = [model_of(sample(seed)) for seed in range(15)]
    assert sum(len(solved(Sat(order="above"), model)[1]) > 1 for model in models) >= 6
    assert any(best(seed) is None for seed in range(15))


@pytest.mark.parametrize("order", ORDERS)
def test_costs_with_a_negative_constant(order: str) -> None:
    answer, found = solved(Sat(order=order), costly())
    assert (answer.proved, answer.lower_bound, found[-1]) == (True, 1, 1)


@pytest.mark.parametrize("order", ORDERS)
def test_costs_in_digits(order: str) -> None:
    """Too many distinct costs to count in unary."""
    builder = ModelBuilder()
    free = builder.booleans(14, "free")
    builder.clauses(free.reshape(7, 2))
    builder.add_to_objective(free, 3 * 2 ** np.arange(14), 1)
    answer, found = solved(Sat(order=order), builder.build())
    assert answer.lower_bound == found[-1] == sum(3 * 4**i for i in range(7))


# --- engines -------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_engines(engine: str) -> None:
    for seed in (0, 3, 5, 7, 8):
        assert_minimum(sample(seed), best(seed), engine=engine)
    assert_decisions(sample(3), best(3), engine=engine)
    for order in ORDERS:
        assert_minimum(XOR, 0, engine=engine, order=order)
    assert_decisions(NOTHING, None, engine=engine)
    for model in (impossible(), contradictory()):
        assert solved(Sat(engine=engine), model)[1] == []
    assert solved(Sat(engine=engine), costly())[1][-1] == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_count_their_work_and_take_budgets_and_phases(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_search, "FIRST_TURN", 1)
    hint = random_parameters(random.Random(1), LABELS)
    simplified = simplify(LABELS)
    coded = encode(simplified.instance, Objective.MINIMIZE, encoding="cnf")
    answer, found = solved(Sat(engine=engine), coded.model, coded.hint(simplified.project(hint)))
    assert answer.proved
    assert Fraction(found[-1], coded.model.objective.denominator) == 2
    assert {"conflicts", "propagations"} <= set(answer.statistics)


@pytest.mark.parametrize("engine", NATIVE_ENGINES)
def test_native_constraints(engine: str) -> None:
    for seed in range(0, 15, 3):
        assert_minimum(sample(seed), best(seed), engine=engine, encoding="native")
    assert_decisions(XOR, 0, engine=engine, encoding="native")


def test_native_constraints_need_an_engine_that_takes_them() -> None:
    message = "sat: the encoding native needs one of the engines minicard, gluecard"
    for engine in set(ENGINES) - set(NATIVE_ENGINES):
        with pytest.raises(UnsupportedError, match=message):
            told(XOR, Objective.MINIMIZE, encoding="native", engine=engine)
    with pytest.raises(UnsupportedError, match=message):
        told(XOR, Objective.MINIMIZE, encoding="native")
    with pytest.raises(UnsupportedError, match=message):
        told(XOR, Objective.MINIMIZE, encoding="native", engine="minicard", command="minicard %s")


@pytest.mark.parametrize("number", [1, 2, 12345])
def test_other_seeds_change_nothing_in_the_answer(number: int) -> None:
    for seed in range(0, 15, 2):
        assert_minimum(sample(seed), best(seed), seed=number)
        assert_minimum(sample(seed), best(seed), "maxsat", seed=number)


def test_one_seed_is_one_search() -> None:
    for number, solver in itertools.product((0, 7), ("sat", "maxsat")):
        first, second = (told(sample(3), Objective.MINIMIZE, solver, number) for _ in range(2))
        assert first == second


def test_an_engine_answers_under_assumptions() -> None:
    for name in ENGINES:
        engine = PySatEngine(name)
        engine.add(Rows(array(0, 2, 4), array(1, 2, -1, 2)))
        assert engine.solve([1])
        assert engine.truth(3).tolist() == [0, 1, 1, 0]
        assert engine.solve([-2]) is False
        engine.add(Rows(array(0, 1), array(-1)))
        assert engine.solve()
        assert engine.truth(1).tolist() == [0, 0]
        engine.add(Rows(array(0, 0), array()))
        assert engine.solve() is False
        assert engine.solve([2]) is False
        engine.close()


# --- trivial questions ---------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["sat", "maxsat"])
def test_trivial_instances(solver: str) -> None:
    for instance, loss in ((NO_SAMPLES, 0), (NOTHING, None), (XOR, 0)):
        assert_minimum(instance, loss, solver)
        assert_decisions(instance, loss, solver)


@pytest.mark.parametrize("backend", [Sat(), MaxSat(), MaxSat(order="stratified")])
def test_trivial_models(backend: Sat | MaxSat) -> None:
    for model in (impossible(), contradictory()):
        answer, found = solved(backend, model)
        assert (answer.proved, found) == (True, [])
    builder = ModelBuilder()
    assert solved(backend, builder.build())[1] == [0]
    builder.add_constant_to_objective(5, 3)
    assert solved(backend, builder.build())[1] == [5]
    builder.booleans(2, "free")
    assert solved(backend, builder.build())[1] == [5]
    builder.clauses(array(FALSE)[None, :])
    answer, found = solved(backend, builder.build())
    assert (answer.proved, answer.lower_bound, found) == (True, None, [])


# --- hints ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(15))
def test_the_hint_is_the_first_solution(seed: int) -> None:
    instance = sample(seed)
    hint = random_parameters(random.Random(seed), instance)
    try:
        loss = evaluate(instance, hint)
    except CertificateError:
        loss = None
    heard = Told(instance)
    run(Job(instance, Objective.MINIMIZE, "sat", {}, Limits(), hint), heard.hear)
    assert min(heard.losses, default=None) == best(seed)
    if loss is not None:
        assert heard.losses[0] == loss


def test_hints_as_literals() -> None:
    """Where they hold, the variable has its value: Booleans, chains of order literals, digits, sums of these."""
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    numbers = builder.integers(array(-2, 5, 0, -9), array(3, 5, 30, 40), "number")
    sums, folded = builder.sums(array(free[0], numbers[0], numbers[3])[None, :], array(2, 3, -1)[None, :])
    builder.equal(sums, 1 - folded)
    model = builder.build()
    cnf = to_cnf(model)
    engine = PySatEngine(ENGINES[0])
    engine.add(cnf.clauses)
    said = 0
    for variable in (*free.tolist(), *numbers.tolist()):
        for value in range(int(model.lower[variable]), int(model.upper[variable]) + 1):
            literals = hint_literals(cnf.values, cnf.bases, [(variable, value)])
            if literals and engine.solve(literals):
                assert cnf.assignment_of(engine.truth(cnf.variables))[variable] == value
                said += 1
    assert said >= 2 + 2 + 6 + 31
    assert hint_literals(cnf.values, cnf.bases, []) == []
    assert hint_literals(cnf.values, cnf.bases, [(int(free[0]), 1), (int(free[1]), 0)]) == [free[0], -free[1]]
    assert hint_literals(cnf.values, cnf.bases, [(int(numbers[1]), 5)]) == []
    assert hint_literals(cnf.values, cnf.bases, [(int(numbers[0]), 9), (int(free[0]), 0)]) == [-free[0]]


# --- MaxSAT --------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["rc2", "stratified"])
@pytest.mark.parametrize("seed", range(15))
def test_cores(seed: int, order: str) -> None:
    model = model_of(sample(seed))
    answer, found = solved(MaxSat(order=order), model)
    assert answer.proved
    assert (not found) == (best(seed) is None)
    assert_minimum(sample(seed), best(seed), "maxsat", order=order)


@pytest.mark.parametrize("order", ["rc2", "stratified"])
@pytest.mark.parametrize("engine", RC2_ENGINES)
def test_engines_of_cores(engine: str, order: str) -> None:
    for seed in (0, 3, 5, 8):
        assert_minimum(sample(seed), best(seed), "maxsat", engine=engine, order=order)
    assert_decisions(sample(3), best(3), "maxsat", engine=engine, order=order)
    backend = MaxSat(engine=engine, order=order)
    for model in (impossible(), contradictory()):
        assert solved(backend, model)[1] == []
    assert solved(backend, costly())[1][-1] == 1


def test_cores_raise_the_bound() -> None:
    heard = told(sample(6), Objective.MINIMIZE, "maxsat")
    assert len(set(heard.bounds)) >= 2
    assert heard.bounds == sorted(heard.bounds)
    assert heard.bounds[-1] == best(6)


# --- foreign solvers -----------------------------------------------------------------------------

FAKE = """
import sys
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF
from pysat.solvers import Solver

form, path = sys.argv[1:]
print("c a comment")
words = [line.split() for line in open(path) if line[0] not in "cp"]
if form == "sat":
    clauses = [[int(word) for word in line[:-1]] for line in words]
    model = None
    if all(clauses):
        with Solver(name="glucose4", bootstrap_with=clauses) as solver:
            model = solver.get_model() if solver.solve() else None
    print("s UNSATISFIABLE" if model is None else "s SATISFIABLE")
    for start in range(0, len(model or []), 20):
        print("v", *model[start : start + 20])
    if model is not None:
        print("v 0")
    sys.exit(20 if model is None else 10)
formula, hopeless = WCNF(), False
for first, *rest, _ in words:
    clause = list(map(int, rest))
    hopeless = hopeless or not clause
    formula.append(clause or [1], weight=None if first == "h" else int(first))
found = None if hopeless else RC2(formula).compute()
if found is None:
    print("s UNSATISFIABLE")
else:
    cost = sum(w for w, clause in zip(formula.wght, formula.soft) if not set(clause) & set(found))
    print("o", cost + 1)
    print("o", cost)
    print("s OPTIMUM FOUND")
    print("v", "".join("1" if v in set(found) else "0" for v in range(1, formula.nv + 1)))
"""


def command_of(folder: Path, text: str, *words: str) -> str:
    """The command line of a solver that is this program."""
    script = folder / "the fake.py"
    script.write_text(text)
    return " ".join([f"'{sys.executable}'", f"'{script}'", *words, "%s"])


def printing(folder: Path, *lines: str) -> str:
    """The command line of a solver that prints this, whatever it is asked."""
    return command_of(folder, "\n".join(f"print({line!r})" for line in lines))


def test_a_foreign_sat_solver(tmp_path: Path) -> None:
    command = command_of(tmp_path, FAKE, "sat")
    assert_decisions(sample(3), best(3), command=command)
    assert_minimum(sample(3), best(3), command=command, order="halves")
    assert_minimum(NOTHING, None, command=command)
    assert solved(Sat(command=command), impossible())[1] == []
    answer, found = solved(Sat(command=command, order="below"), costly())
    assert found[-1] == 1
    assert answer.statistics["runs"] >= 2


def test_a_foreign_maxsat_solver(tmp_path: Path) -> None:
    command = command_of(tmp_path, FAKE, "maxsat")
    for seed in (0, 3, 8):
        assert_minimum(sample(seed), best(seed), "maxsat", command=command)
    for model in (impossible(), contradictory()):
        assert solved(MaxSat(command=command), model)[1] == []
    assert solved(MaxSat(command=command), costly())[1] == [1]
    assert_decisions(sample(3), best(3), "maxsat", command=command_of(tmp_path, FAKE, "sat"))


def test_a_foreign_solver_through_the_front_door(tmp_path: Path) -> None:
    result = qnnt.solve(XOR, objective="minimize", solver_command=command_of(tmp_path, FAKE, "sat"))
    assert (result.status, result.loss, result.solver) == (Status.OPTIMAL, 0, "sat")
    with pytest.raises(InputError, match="runs no commands"):
        qnnt.solve(XOR, solver="cpsat", solver_command="kissat %s")


@pytest.mark.parametrize(
    ("solver", "option"),
    [("sat:glucose4", "engine glucose4"), ("maxsat:glucose4", "engine glucose4"), ("maxsat:rc2", "order rc2")],
)
def test_what_a_command_takes_the_place_of(solver: str, option: str) -> None:
    with pytest.raises(InputError, match=f"takes the place of the {option}"):
        qnnt.solve(XOR, solver=solver, solver_command="kissat %s")


def test_seeds_do_not_reach_commands(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="put it into the command"):
        qnnt.solve(XOR, solver_command="kissat %s", seed=3)
    result = qnnt.solve(XOR, objective="minimize", solver_command=command_of(tmp_path, FAKE, "sat"))
    assert "engine" not in result.options
    assert result.options["order"] == "turns"


@pytest.mark.parametrize("solver", ["sat", "maxsat"])
@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "no status line"),
        (["hello"], "no status line"),
        (["s MAYBE"], "expected one of"),
        (["s SATISFIABLE", "v one two 0"], "expected a literal"),
        (["s SATISFIABLE", "v 1 2"], "cut off"),
        (["s SATISFIABLE", "v 1 -1 0"], "both holds and does not"),
        (["s SATISFIABLE", "v 1 999999 0"], "the formula has"),
        (["s UNSATISFIABLE", "v 1 0"], "said to be unsatisfiable"),
    ],
)
def test_garbage(lines: list[str], message: str, solver: str, tmp_path: Path) -> None:
    for objective in Objective:
        with pytest.raises(SolverError, match=message):
            told(sample(3).derive(bound=0), objective, solver, command=printing(tmp_path, *lines))


def test_statuses_without_what_belongs_to_them(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="SATISFIABLE, but printed no assignment"):
        told(XOR, Objective.MINIMIZE, command=printing(tmp_path, "s SATISFIABLE"))
    with pytest.raises(SolverError, match="ended with UNKNOWN"):
        told(XOR, Objective.MINIMIZE, command=printing(tmp_path, "s UNKNOWN"))
    with pytest.raises(SolverError, match="OPTIMUM FOUND, and no assignment"):
        told(XOR, Objective.MINIMIZE, "maxsat", command=printing(tmp_path, "s OPTIMUM FOUND"))
    with pytest.raises(SolverError, match="SATISFIABLE, and no assignment"):
        told(XOR.derive(bound=0), Objective.DECIDE, "maxsat", command=printing(tmp_path, "s SATISFIABLE"))


@pytest.mark.parametrize(("solver", "claim"), [("sat", "SATISFIABLE"), ("maxsat", "OPTIMUM FOUND")])
def test_an_assignment_that_breaks_a_clause(solver: str, claim: str, tmp_path: Path) -> None:
    zeros = " ".join(f"-{v}" for v in range(1, 100))  # variable 1 is true by a clause
    command = printing(tmp_path, f"s {claim}", "o 0", f"v {zeros} 0")
    with pytest.raises(SolverError, match="breaks the clause 1 0"):
        told(sample(3), Objective.MINIMIZE, solver, command=command)


def test_a_maxsat_solver_that_gives_up(tmp_path: Path) -> None:
    assert told(XOR, Objective.MINIMIZE, "maxsat", command=printing(tmp_path, "s UNKNOWN")).status is Status.UNKNOWN
    model = costly()
    free = " ".join(f"{v}" for v in range(1, to_cnf(model).variables + 1))
    answer, found = solved_unproved(MaxSat(command=printing(tmp_path, "o 26", "s SATISFIABLE", f"v {free} 0")), model)
    assert (answer.proved, answer.lower_bound, found) == (False, None, [26 - 7])


def solved_unproved(backend: MaxSat, model: Model) -> tuple[ModelAnswer, list[int]]:
    found: list[int] = []

    def hear(progress: ModelProgress) -> None:
        if progress.assignment is not None:
            found.append(numerator(model, progress.assignment))

    return backend.solve(model, [], Limits(), hear), found


def test_a_solver_that_is_missing() -> None:
    for solver in ("sat", "maxsat"):
        with pytest.raises(InputError, match="cannot run no-such-solver: No such file"):
            told(XOR, Objective.MINIMIZE, solver, command="no-such-solver %s")


def test_a_solver_that_fails_names_its_exit_status(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match=r"\(exit status 3\): no status line"):
        told(XOR, Objective.MINIMIZE, command=command_of(tmp_path, "raise SystemExit(3)"))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "needs %s where the input file goes, such as 'kissat %s'"),
        ("kissat", "needs %s"),
        ("%s", "needs %s"),
        ("kissat 'in %s", "solver command: No closing quotation"),
    ],
)
def test_commands_that_cannot_work(command: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_command(command)
    with pytest.raises(InputError, match=message):
        qnnt.solve(XOR, solver="sat", solver_command=command)


def test_commands_that_can() -> None:
    for command in ("kissat %s", "kissat --quiet '%s'", "run --input=%s"):
        check_command(command)


def test_the_place_of_the_file_may_be_within_a_word(tmp_path: Path) -> None:
    text = FAKE.replace("form, path = sys.argv[1:]", "form, path = 'sat', sys.argv[1].removeprefix('--input=')")
    command = command_of(tmp_path, text)[: -len("%s")] + "--input=%s"
    assert_decisions(XOR, 0, command=command)


def test_files_hold_no_cardinality_constraints() -> None:
    with pytest.raises(UnsupportedError, match="no cardinality constraints"):
        CommandEngine("kissat %s").add_at_most(Rows(array(0, 1), array(2)), array(1))
