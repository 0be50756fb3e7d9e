"""First the loss, then the number of non-zero weights: against all settings, within limits, and against lies."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import qnnt
from qnnt.algorithms.pruning import prune
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError, InputError, SolverError, UnsupportedError
from qnnt.evaluation import evaluate, outputs_at
from qnnt.exact import Number
from qnnt.files.results import result_document
from qnnt.files.schemas import schema_text
from qnnt.fuzzing.tiny import all_parameters, random_instance, random_parameters
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Status, nonzero_weights
from qnnt.solvers.backends import Event, Found, Limits, Raised
from qnnt.solvers.questions import Progress, SparsityQuestion
from qnnt.solvers.registry import SOLVERS
from qnnt.solvers.routes import Job, run_sparsest
from tests.solvers.broken_counters import ENTRIES
from tests.solvers.processes import ROOT
from tests.solvers.test_sat import FAKE, command_of

COUNTERS = ("cpsat", "sat", "maxsat")
XOR = d_qnnt(3, [2, 2, 1], [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
LINE = d_nnt([2, 1], [[1, 1], [2, 2]], [[3], [6]], weights=[0, 1, 2, 3], bias=[0], activation="identity")
"""One weight of 3, or two."""


def planted() -> tuple[Instance, Parameters]:
    """Parameters of loss 0 with a useless input; the fewest non-zero weights nobody proves within a minute."""
    rng = random.Random("planted")
    blank = d_qnnt(3, [8, 6, 2], [[*rng.choices([-1, 0, 1], k=7), 0] for _ in range(40)], [[0, 0]] * 40)
    parameters = random_parameters(rng, blank)
    y = [outputs_at(blank, parameters, x) for x in blank.dataset.x]
    return d_qnnt(3, [8, 6, 2], blank.dataset.x, y), parameters


LONG, PLANTED = planted()


@dataclass(frozen=True)
class Case:
    """An instance with the loss and the number of non-zero weights of all its admissible settings."""

    instance: Instance
    worth: tuple[tuple[Number, int, Parameters], ...]

    @property
    def best(self) -> Number | None:
        return min((loss for loss, _, _ in self.worth), default=None)

    def fewest(self, bound: Number) -> int:
        return min(count for loss, count, _ in self.worth if loss <= bound)

    def densest(self, bound: Number) -> Parameters:
        return max((worth for worth in self.worth if worth[0] <= bound), key=lambda worth: worth[1])[2]


@cache
def case(seed: int, most: int = 300) -> Case:
    instance = random_instance(random.Random(f"sparsify {seed}"), most_settings=most).derive(bound=None)
    worth = []
    for parameters in all_parameters(instance):
        try:
            worth.append((evaluate(instance, parameters), nonzero_weights(parameters), parameters))
        except CertificateError:
            continue
    return Case(instance, tuple(worth))


def bounds(case: Case) -> list[Number]:
    """The optimum, and something above."""
    losses = sorted({loss for loss, _, _ in case.worth})
    return [losses[0], losses[len(losses) // 2]] if losses else []


# --- the solvers within this process -------------------------------------------------------------


@dataclass
class Counted:
    """What a solver says when it counts."""

    instance: Instance
    bound: Number
    counts: list[int] = field(default_factory=list)
    floors: list[Number] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        match event:
            case Found(parameters=parameters):
                self.counts.append(int(SparsityQuestion(self.instance, self.bound).value(parameters)))
            case Raised(lower_bound=bound):
                self.floors.append(bound)
        assert max(self.floors, default=0) <= min(self.counts)


def assert_fewest(case: Case, bound: Number, solver: str, **settings: Any) -> bool:
    """The number of all settings; False where the solver cannot take the model."""
    counted = Counted(case.instance, bound)
    asked = case.instance.derive(bound=bound)
    job = Job(asked, Objective.MINIMIZE, solver, settings, Limits(), case.densest(bound))
    answer = run_sparsest(job, counted.hear)
    if answer.status is Status.UNKNOWN:
        assert "bits" in answer.reason or "2^31" in answer.reason
        return False
    assert answer.status is Status.OPTIMAL
    assert min(counted.counts) == case.fewest(bound)
    assert answer.lower_bound in (None, case.fewest(bound))
    return True


@pytest.mark.parametrize("solver", COUNTERS)
@pytest.mark.parametrize("block", [*range(6), *(pytest.param(b, marks=pytest.mark.full) for b in range(6, 60))])
def test_the_fewest_of_all_settings(solver: str, block: int) -> None:
    answered = sum(
        assert_fewest(case(seed), bound, solver)
        for seed in range(20 * block, 20 * (block + 1))
        for bound in bounds(case(seed))
    )
    assert answered > 20


@pytest.mark.parametrize(
    ("solver", "settings"),
    [
        ("cpsat", {"encoding": "order"}),
        ("cpsat", {"encoding": "integer"}),
        ("sat", {"order": "below"}),
        ("sat", {"encoding": "adder"}),
        ("sat", {"encoding": "native", "engine": "minicard"}),
        ("sat", {"encoding": "seqcounter", "engine": "glucose4"}),
        ("maxsat", {"order": "stratified"}),
    ],
)
def test_encodings_and_orders(solver: str, settings: dict[str, str]) -> None:
    for seed in range(1000, 1012):
        for bound in bounds(case(seed)):
            assert_fewest(case(seed), bound, solver, **settings)


def test_a_solution_to_start_from_is_needed() -> None:
    with pytest.raises(ValueError, match="starts from a solution"):
        run_sparsest(Job(XOR.derive(bound=0), Objective.MINIMIZE, "cpsat", {}, Limits()), lambda _: None)


# --- through the front door ----------------------------------------------------------------------


def assert_sound(instance: Instance, result: Result) -> None:
    """Recounted, and valid as a file."""
    assert result.solution is not None
    assert qnnt.verify(instance, result.solution.parameters, result.loss) == result.loss
    assert sum(weight != 0 for weight in result.solution.weights.values()) == result.nonzero_weights
    assert result.nonzero_lower_bound is not None
    assert result.nonzero_weights is not None
    assert 0 <= result.nonzero_lower_bound <= result.nonzero_weights
    document = result_document(result)
    jsonschema.validate(document, json.loads(schema_text("result")))
    assert document["nonzero_weights"] == result.nonzero_weights
    assert document["nonzero_lower_bound"] == result.nonzero_lower_bound


@pytest.mark.parametrize("solver", [*COUNTERS, "enumeration", "auto"])
def test_minimising_and_deciding(solver: str) -> None:
    for seed in range(2000, 2014):
        chosen = case(seed, 150)
        if chosen.best is None:
            result = qnnt.solve(chosen.instance, solver=solver, sparsify=True)
            assert (result.status, result.nonzero_weights) == (Status.INFEASIBLE, None)
            assert result.answered
            continue
        try:
            result = qnnt.solve(chosen.instance, solver=solver, sparsify=True, threads=1)
        except UnsupportedError:
            continue
        assert_sound(chosen.instance, result)
        assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, chosen.best, chosen.best)
        if result.answered:
            assert (result.nonzero_weights, result.note) == (chosen.fewest(chosen.best), "")
        else:
            assert "2^31" in result.note
        bound = bounds(chosen)[1]
        result = qnnt.solve(chosen.instance, solver=solver, bound=bound, sparsify=True, threads=1)
        assert_sound(chosen.instance, result)
        assert result.status is Status.YES
        assert not result.answered or result.nonzero_weights == chosen.fewest(bound)


@pytest.mark.parametrize("solver", COUNTERS)
def test_without_samples_all_weights_that_can_be_0_are_0(solver: str) -> None:
    network = {"layers": [2, 2, 1], "edges": [{"from": "x1", "to": "h1_1", "weights": [-1, 2]}]}
    for bound in (None, 3):
        empty = d_nnt(network, [], [], weights=[-1, 0, 1], bias=[1], activation="relu", margin=bound)
        result = qnnt.solve(empty, solver=solver, sparsify=True, hint=ones(empty, {("x1", "h1_1"): 2}))
        assert_sound(empty, result)
        assert (result.nonzero_weights, result.answered) == (1, True)


@pytest.mark.parametrize("solver", COUNTERS)
@pytest.mark.parametrize(
    ("weights", "label", "fewest"),
    [
        ([1, 2], 3, 2),
        ([3], 6, 2),
        ([0], 0, 0),
        ([0, 3], 3, 1),
        ([-1, 4], 3, 2),
        ([0, 1, 2], 3, 2),
        ([-3, 0, 6], 3, 2),
    ],
)
def test_sets_without_0_and_sets_of_one_value(solver: str, weights: list[int], label: int, fewest: int) -> None:
    line = d_nnt([2, 1], [[1, 1]], [[label]], weights=weights, bias=[0], activation="identity", loss="absolute")
    result = qnnt.solve(line, solver=solver, sparsify=True)
    assert_sound(line, result)
    assert (result.loss, result.nonzero_weights, result.answered) == (0, fewest, True)


@pytest.mark.parametrize("solver", COUNTERS)
def test_what_simplification_drops_counts_as_it_is_restored(solver: str) -> None:
    """An output without labels, an input that is always 0, a neuron that is always saturated."""
    network = {
        "inputs": ["x", "zero"],
        "outputs": ["o", "unlabelled"],
        "edges": [
            {"from": "x", "to": "o"},
            {"from": "zero", "to": "o", "weights": [2, 3]},
            {"from": "zero", "to": "flat", "weights": [-1, 0]},
            {"from": "x", "to": "flat", "weights": [-1, 4]},
            {"from": "flat", "to": "o", "weights": [-2, 0, 1]},
            {"from": "x", "to": "unlabelled", "weights": [5, 6]},
            {"from": "flat", "to": "unlabelled", "weights": [-5, 0]},
        ],
        "neurons": {"flat": {"activation": {"type": "constant", "value": 1}}},
    }
    instance = d_nnt(
        network, [[1, 0], [2, 0]], [[2, None], [4, None]], weights=[-1, 0, 2], bias=[0], activation="identity",
        loss="squared",
    )  # fmt: skip
    result = qnnt.solve(instance, solver=solver, sparsify=True)
    assert_sound(instance, result)
    assert (result.loss, result.nonzero_weights, result.answered) == (0, 4, True)


def ones(instance: Instance, others: dict[tuple[str, str], int] | None = None) -> Parameters:
    weights = {edge: (others or {}).get(edge, 1) for edge in instance.weights}
    return Parameters(weights, dict.fromkeys(instance.biases, 1))


def test_a_decision_may_trade_loss_for_sparsity() -> None:
    result = qnnt.solve(XOR, bound=4, sparsify=True, solver="sat")
    assert_sound(XOR, result)
    assert (result.status, result.nonzero_weights, result.lower_bound) == (Status.YES, 0, None)
    assert result.loss == 2  # the bias alone is right twice
    assert qnnt.solve(XOR, bound=0, sparsify=True, solver="sat").nonzero_weights == 6


def test_a_no_asks_nothing_more() -> None:
    network = d_qnnt(3, [2, 1], XOR.dataset.x, XOR.dataset.y)
    for solver in ("cpsat", "enumeration"):
        result = qnnt.solve(network, bound=0, sparsify=True, solver=solver)
        assert (result.status, result.nonzero_weights, result.nonzero_lower_bound) == (Status.NO, None, None)
        assert result.answered
        assert "nonzero_weights" not in result_document(result)


def test_without_the_question_there_is_no_answer() -> None:
    result = qnnt.solve(XOR)
    assert result.answered
    assert (result.nonzero_weights, result.nonzero_lower_bound) == (None, None)
    assert "sparsify" not in result.options
    assert not {"nonzero_weights", "nonzero_lower_bound"} & result_document(result).keys()


@pytest.mark.parametrize(("solver", "counter"), [("cpsat", "cpsat"), ("sat", "sat"), ("enumeration", "cpsat")])
def test_the_result_says_who_counted(solver: str, counter: str) -> None:
    result = qnnt.solve(LINE, solver=solver, sparsify=True, seed=1, threads=1)
    assert (result.solver, result.options["sparsify"]) == (solver, counter)
    assert {"ortools" if counter == "cpsat" else "python-sat", "numpy"} <= result.versions.keys()
    seconds = result.seconds
    assert seconds["total"] == pytest.approx(seconds["encode"] + seconds["solve"] + seconds["sparsify"])
    assert "peak_memory_mb" in result.model["sparsify"]
    assert result.nonzero_weights == 1


def test_a_hint_that_settles_the_loss_is_made_sparse() -> None:
    two = Parameters({("x1", "o1"): 1, ("x2", "o1"): 2}, {"o1": 0})
    result = qnnt.solve(LINE, solver="cpsat", hint=two, sparsify=True)
    assert (result.loss, result.nonzero_weights, result.note) == (0, 1, "the hint settles it")
    one = Parameters({("x1", "o1"): 3, ("x2", "o1"): 0}, {"o1": 0})
    assert qnnt.solve(LINE, solver="cpsat", hint=one, sparsify=True).nonzero_weights == 1


@pytest.mark.parametrize("solver", ["sat", "maxsat"])
def test_foreign_solvers_count_as_well(solver: str, tmp_path: Path) -> None:
    result = qnnt.solve(XOR, solver=solver, solver_command=command_of(tmp_path, FAKE, solver), sparsify=True)
    assert_sound(XOR, result)
    assert (result.nonzero_weights, result.answered, result.options["sparsify"]) == (6, True, solver)


def test_proofs_are_about_the_loss_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="proofs are about the loss alone"):
        qnnt.solve(XOR, solver="sat", proof=str(tmp_path / "proof"), sparsify=True)


def test_progress_of_the_second_stage() -> None:
    told: list[Progress] = []
    result = qnnt.solve(random_labels(3, [4, 3, 1], 25, 1), solver="sat", sparsify=True, on_progress=told.append)
    assert result.answered
    assert [p.seconds for p in told] == sorted(p.seconds for p in told)
    counting = [p.nonzero_weights is not None for p in told]
    assert any(counting)
    assert counting == sorted(counting)
    for progress in told:
        if progress.nonzero_weights is not None and progress.nonzero_lower_bound is not None:
            assert progress.loss == result.loss
            assert progress.nonzero_lower_bound <= progress.nonzero_weights


# --- limits --------------------------------------------------------------------------------------


def assert_first_only(instance: Instance, result: Result, reason: str) -> None:
    """The loss is settled, the number of weights is not."""
    assert_sound(instance, result)
    assert (result.status, result.answered) == (Status.OPTIMAL, False)
    assert result.loss == result.lower_bound
    assert result.note == f"{reason}: the loss is settled, but fewer non-zero weights are not excluded"


def test_a_time_limit_in_the_second_stage_keeps_the_sparsest_so_far() -> None:
    start = time.monotonic()
    result = qnnt.solve(LONG, solver="cpsat", sparsify=True, hint=PLANTED, time_limit=3)
    assert time.monotonic() - start < 6
    assert_first_only(LONG, result, "time limit reached")
    assert result.nonzero_weights is not None
    assert result.nonzero_weights <= nonzero_weights(prune(LONG, PLANTED)) < nonzero_weights(PLANTED)


def test_a_time_limit_in_the_first_stage() -> None:
    hard = random_labels(4, [4, 4, 2], 16, 0)
    result = qnnt.solve(hard, solver="sat", sparsify=True, time_limit=0.5)
    assert_sound(hard, result)
    assert (result.status, result.answered, result.nonzero_lower_bound) == (Status.FEASIBLE, False, 0)
    assert result.note == "time limit reached: non-zero weights were not minimised"


def test_stopping_and_memory_in_the_second_stage() -> None:
    stop = threading.Event()

    def stop_when_counting(progress: Progress) -> None:
        if progress.nonzero_weights is not None:
            stop.set()

    hint = PLANTED
    result = qnnt.solve(LONG, solver="cpsat", sparsify=True, hint=hint, stop=stop, on_progress=stop_when_counting)
    assert_first_only(LONG, result, "interrupted")
    result = qnnt.solve(LONG, solver="cpsat", sparsify=True, hint=hint, memory_limit=20)
    assert_first_only(LONG, result, "memory limit reached")


def test_models_that_are_too_large_for_the_counter() -> None:
    """The loss as an objective may pass 2^31, as a constraint it may not."""
    x, y, weight = [[1], [2], [3]], [[2], [6], [6]], [2**30, 2**31, 2**30 + 1]
    large = d_nnt([1, 1], x, y, weights=[0, 2, 3], bias=[0], activation="identity", weight=weight)
    result = qnnt.solve(large, solver="cpsat", sparsify=True)
    assert_sound(large, result)
    assert (result.status, result.loss, result.answered) == (Status.OPTIMAL, 2**31, False)
    assert result.note.startswith("cpsat: sums up to")
    assert result.note.endswith("fewer non-zero weights are not excluded")
    assert qnnt.solve(large, solver="sat", sparsify=True).answered


# --- counters that break -------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Instance:
    """Whose first solution within the bound has two weights that are not 0, while one is enough."""
    monkeypatch.syspath_prepend(ROOT)
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(SOLVERS, name, entry)
    x = [[1, 1, 0], [2, 2, 0], [1, 0, 1]]
    return d_nnt([3, 1], x, [[3], [6], [2]], weights=[0, 1, 2], bias=[0], activation="identity", margin=0)


def test_an_honest_counter_passes(broken: Instance) -> None:
    result = qnnt.solve(broken, solver="HonestCounter", sparsify=True)
    assert_sound(broken, result)
    assert (result.nonzero_weights, result.answered) == (2, True)


@pytest.mark.parametrize(
    ("solver", "message"),
    [
        ("CountsTooFew", "the optimum is 1, but the number of non-zero weights of its solution is 2"),
        ("CountsTooMany", "the lower bound 3 above the number of non-zero weights 2"),
        ("ForgetsTheBound", "returned a wrong solution: the loss 3 is above the bound 0"),
        ("SaysThereIsNone", "says infeasible, but the number of non-zero weights 2 was verified"),
    ],
)
def test_lies_about_the_number(broken: Instance, solver: str, message: str) -> None:
    with pytest.raises(SolverError, match=f"{solver} .*{message}"):
        qnnt.solve(broken, solver=solver, sparsify=True)


@pytest.mark.parametrize(
    ("solver", "reason"),
    [("CountsAndDies", "crashed: the solver's process died"), ("CannotCount", "too many weights to count")],
)
def test_failures_keep_the_answer_about_the_loss(broken: Instance, solver: str, reason: str) -> None:
    result = qnnt.solve(broken, solver=solver, sparsify=True)
    assert_sound(broken, result)
    assert (result.status, result.loss, result.nonzero_weights, result.answered) == (Status.YES, 0, 2, False)
    assert result.note.startswith(reason)


def test_a_limit_keeps_the_bound_that_was_proved(broken: Instance) -> None:
    result = qnnt.solve(broken, solver="CountsForever", sparsify=True, time_limit=4)
    assert (result.status, result.nonzero_weights, result.nonzero_lower_bound) == (Status.YES, 2, 1)
    assert result.note.startswith("time limit reached")


def test_wrong_claims_are_recounted_in_this_process() -> None:
    question = SparsityQuestion(LINE, 0)
    rng = random.Random(0)
    for _ in range(50):
        parameters = random_parameters(rng, LINE)
        if evaluate(LINE, parameters):
            with pytest.raises(CertificateError, match="above the bound 0"):
                question.value(parameters)
        else:
            assert question.value(parameters) == sum(map(bool, parameters.weights.values()))
    with pytest.raises(CertificateError, match="not in its set"):
        question.value(Parameters({("x1", "o1"): 9, ("x2", "o1"): 0}, {"o1": 0}))
