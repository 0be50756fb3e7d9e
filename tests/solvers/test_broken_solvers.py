"""No crash and no lie of a solver gets through."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import qnnt
from qnnt.documents.construction import d_nnt
from qnnt.errors import CrashError, FalseClaimError, FalseSolutionError, SolverError, UnsupportedError
from qnnt.files.results import result_document
from qnnt.files.runs import run_document, run_from, run_of
from qnnt.instance import Instance, Parameters
from qnnt.result import Ending, Status
from qnnt.solvers.registry import SOLVERS
from tests.solvers.broken_backends import ENTRIES
from tests.solvers.processes import ROOT, gone, pids_in

# at zero the loss is 4, the optimum is 2
INSTANCE = d_nnt([1, 1], [[1]], [[4]], weights=[0, 1, 2, 9], bias=[0], activation="identity", loss="absolute")
BEST = Parameters({("x1", "o1"): 2}, {"o1": 0})
NOTHING = d_nnt(
    [1, 1], [[1]], [[4]], weights=[1, 2], bias=[0], activation={"type": "table", "values": [[7, 0]]}, loss="absolute"
)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken solvers stand in the registry here, and in the workshop by what it preloads."""
    monkeypatch.syspath_prepend(ROOT)
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(SOLVERS, name, entry)


def test_an_honest_one_passes() -> None:
    result = qnnt.solve(INSTANCE, solver="Honest")
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 2, 2)
    assert (result.note, result.ending) == ("", Ending.ANSWERED)


def test_one_that_gives_up_says_why() -> None:
    result = qnnt.solve(INSTANCE, solver="HasNoRoom")
    assert (result.status, result.loss, result.lower_bound) == (Status.FEASIBLE, 4, 1)
    assert (result.note, result.ending) == ("more than 60 states at o1", Ending.GAVE_UP)
    assert qnnt.solve(NOTHING, solver="HasNoRoom").status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("solver", "bound", "instance", "status", "numerical"),
    [
        ("NumericalOptimum", None, INSTANCE, Status.OPTIMAL, True),
        ("NumericalBound", None, INSTANCE, Status.FEASIBLE, True),
        ("NumericalOptimumAtAnExactBound", None, INSTANCE, Status.OPTIMAL, False),
        ("NumericalNo", 1, INSTANCE, Status.NO, True),
        ("NumericalYes", 2, INSTANCE, Status.YES, False),
        ("NumericalInfeasible", None, NOTHING, Status.INFEASIBLE, True),
        ("Honest", None, INSTANCE, Status.OPTIMAL, False),
    ],
)
def test_claims_of_floating_point_are_called_so(
    solver: str, bound: int | None, instance: Instance, status: Status, numerical: bool
) -> None:
    result = qnnt.solve(instance, solver=solver, bound=bound)
    assert (result.status, result.numerical) == (status, numerical)
    document = result_document(result)
    assert document.get("numerical", False) is numerical
    run = run_from(run_document(run_of(result, "here", solver, 1.0)))
    assert run.numerical is numerical
    if solver == "NumericalBound":
        assert (result.ending, result.lower_bound) == (Ending.GAVE_UP, 1)
        assert result.note == "row 3 is 1, outside 2..5"


@pytest.mark.parametrize(
    ("solver", "message"),
    [
        ("Exits", "process died"),
        ("Raises", "RuntimeError: the first line"),
        ("RunsOutOfMemory", "out of memory"),
        ("StopsInAMessage", "process died"),
        ("CannotBeSent", "pickle|local object"),  # as newer Pythons say
    ],
)
@pytest.mark.parametrize("instance", [INSTANCE, NOTHING])
def test_crashes_are_errors_of_one_line(solver: str, message: str, instance: Instance) -> None:
    start = time.monotonic()
    with pytest.raises(CrashError, match=message) as caught:
        qnnt.solve(instance, solver=solver)
    assert time.monotonic() - start < 10
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(solver)


def test_a_crash_keeps_what_was_found() -> None:
    result = qnnt.solve(INSTANCE, solver="FindsThenExits")
    assert (result.status, result.loss, result.lower_bound) == (Status.FEASIBLE, 2, 0)
    assert (result.note[:8], result.ending) == ("crashed:", Ending.CRASHED)
    decided = qnnt.solve(INSTANCE, solver="FindsThenExits", bound=2)
    assert (decided.status, decided.loss, decided.ending) == (Status.YES, 2, Ending.CRASHED)


def test_a_crash_keeps_the_hint() -> None:
    result = qnnt.solve(INSTANCE, solver="Exits", hint=BEST)
    assert (result.status, result.loss) == (Status.FEASIBLE, 2)


@pytest.mark.parametrize(
    ("solver", "message", "kind"),
    [
        ("OutsideTheSets", "not in its set", FalseSolutionError),
        ("OptimalWithoutSolution", "no solution", FalseSolutionError),
        ("OptimalButWorse", "optimal", FalseClaimError),
        ("InfeasibleInSpiteOfItself", "infeasible", FalseClaimError),
        ("Infeasible", "infeasible", FalseClaimError),
        ("BoundIsAFloat", "lower bound 0.5, which is no exact number", FalseClaimError),
        ("BoundAboveTheLoss", "lower bound 3 above the loss 2", FalseClaimError),
        ("LastBoundAboveTheLoss", "lower bound 3 above the loss 2", FalseClaimError),
        ("No", "no answer to minimize", FalseClaimError),
        ("YesWithoutSolution", "no answer to minimize", FalseClaimError),
    ],
)
def test_lies_about_the_minimum(solver: str, message: str, kind: type[SolverError]) -> None:
    with pytest.raises(kind, match=message):
        qnnt.solve(INSTANCE, solver=solver, objective="minimize", hint=BEST)


@pytest.mark.parametrize(
    ("solver", "message", "kind"),
    [
        ("OutsideTheSets", "not in its set", FalseSolutionError),
        ("YesBeyondTheBound", "yes", FalseSolutionError),
        ("YesWithoutSolution", "yes", FalseSolutionError),
        ("NoInSpiteOfItself", "no", FalseClaimError),
        ("OptimalWithoutSolution", "no answer to decide", FalseClaimError),
        ("Infeasible", "no answer to decide", FalseClaimError),
    ],
)
def test_lies_about_a_decision(solver: str, message: str, kind: type[SolverError]) -> None:
    with pytest.raises(kind, match=message):
        qnnt.solve(INSTANCE, solver=solver, bound=2)


def test_a_true_no_and_a_true_infeasible_pass() -> None:
    assert qnnt.solve(INSTANCE, solver="No", bound=1).status is Status.NO
    assert qnnt.solve(NOTHING, solver="Infeasible").status is Status.INFEASIBLE
    assert qnnt.solve(NOTHING, solver="No", bound=9).status is Status.NO


def test_giving_up_is_no_answer() -> None:
    result = qnnt.solve(INSTANCE, solver="GivesUp")
    assert (result.status, result.lower_bound) == (Status.FEASIBLE, 0)
    assert not qnnt.solve(INSTANCE, solver="GivesUp", bound=1).status.answered


def test_declining_is_bad_usage() -> None:
    with pytest.raises(UnsupportedError, match="Declines: it is Monday"):
        qnnt.solve(INSTANCE, solver="Declines")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_a_limit_ends_all_that_the_solver_started(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    result = qnnt.solve(INSTANCE.derive(name=str(file)), solver="Hangs", time_limit=1.5)
    assert (result.note, result.ending) == ("time limit reached", Ending.TIME)
    assert result.seconds["total"] < 3
    assert gone(*pids_in(file, 2))


def test_memory_that_grows_is_noticed() -> None:
    result = qnnt.solve(INSTANCE, solver="Swells", memory_limit=200)
    assert (result.note, result.ending) == ("memory limit reached", Ending.MEMORY)
    assert result.status is Status.FEASIBLE
    assert 200 <= result.model["peak_memory_mb"] < 600
