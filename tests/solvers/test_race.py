"""Races of solvers that are known to break, and of real ones against brute force."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.errors import CrashError, FalseClaimError, FalseSolutionError, UnsupportedError
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Ending, Result, Status
from qnnt.solvers.backends import Limits
from qnnt.solvers.lockstep import Lockstep
from qnnt.solvers.plan import Lane, Plan
from qnnt.solvers.questions import LossQuestion
from qnnt.solvers.race import Race
from qnnt.solvers.registry import SOLVERS, configuration
from qnnt.solvers.team import Team
from tests.solvers.broken_backends import ENTRIES
from tests.solvers.test_broken_solvers import BEST, INSTANCE, NOTHING

ROOT = str(Path(__file__).parents[2])


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(SOLVERS, name, entry)


def team(
    names: str,
    instance: Instance = INSTANCE,
    bound: int | None = None,
    *,
    seconds: float | None = None,
    memory: int | None = None,
    cores: int = 2,
    after: float = 0.0,
) -> Team:
    """Members by name; all but the first one join so many seconds later, or once a core is free."""
    asks = Objective.MINIMIZE if bound is None else Objective.DECIDE
    plan = Plan(
        tuple(Lane(configuration(name, None), 1.0, "", after * (i > 0)) for i, name in enumerate(names.split()))
    )
    return Team(LossQuestion(instance, bound, asks), plan, Limits(seconds, cores), memory, lambda _: None)


def raced(names: str, instance: Instance = INSTANCE, bound: int | None = None, **more: float) -> Result:
    return Race(team(names, instance, bound, **more)).run(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("cores", [1, 2])
def test_one_finds_and_another_proves(cores: int) -> None:
    result = raced("FindsAndWaits Proves", cores=cores)
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 2, 2)
    assert (result.solver, result.found_by, result.proved_by) == ("portfolio", "FindsAndWaits", "Proves")
    assert result.model["members"]["Proves"]["ended"] == "answered"
    assert result.solution is not None
    assert result.solution.parameters == BEST


def test_what_is_wrong_ends_the_race() -> None:
    for liar, error in (("InfeasibleInSpiteOfItself", FalseClaimError), ("OutsideTheSets", FalseSolutionError)):
        with pytest.raises(error, match=liar):
            raced(f"Sleeps {liar}")


def test_a_bound_and_a_loss_of_different_members_must_not_cross() -> None:
    with pytest.raises(FalseClaimError, match="BoundAboveTheLoss claims the lower bound"):
        raced("FindsAndWaits BoundAboveTheLoss")


def test_a_crash_is_survived_and_told() -> None:
    result = raced("Exits Honest", cores=1, after=1000)
    assert (result.status, result.loss, result.ending) == (Status.OPTIMAL, 2, Ending.ANSWERED)
    assert result.note == "Exits crashed"


def test_refusals_are_survived_unless_all_refuse() -> None:
    assert raced("Declines Honest", cores=1, after=1000).proved_by == "Honest"
    with pytest.raises(UnsupportedError, match="Declines"):
        raced("Declines")


def test_the_last_word_where_nobody_knows_more() -> None:
    result = raced("HasNoRoom Declines GivesUp")
    assert (result.status, result.loss, result.lower_bound) == (Status.FEASIBLE, 4, 1)
    assert result.ending is Ending.GAVE_UP
    assert "HasNoRoom: more than 60 states at o1" in result.note
    with pytest.raises(CrashError, match="Exits"):
        raced("Exits Raises", NOTHING)


def test_decisions() -> None:
    assert raced("Sleeps Honest", bound=4).status is Status.YES  # zeros settle it
    no = raced("Sleeps No", bound=1)
    assert (no.status, no.proved_by, no.loss) == (Status.NO, "No", 4)
    infeasible = raced("Sleeps Infeasible", NOTHING)
    assert (infeasible.status, infeasible.proved_by, infeasible.found_by) == (Status.INFEASIBLE, "Infeasible", None)


def test_limits_keep_the_best_solution() -> None:
    start = time.monotonic()
    result = raced("FindsAndWaits Sleeps Sleeps", seconds=0.5)
    assert (result.status, result.loss, result.ending) == (Status.FEASIBLE, 2, Ending.TIME)
    assert time.monotonic() - start < 20
    assert raced("FindsWorse Sleeps", memory=1).ending is Ending.MEMORY


class OnceItLeft:
    """A stop that is wanted once the first member of a team has come to its end."""

    def __init__(self, watched: Team) -> None:
        self._watched = watched

    def is_set(self) -> bool:
        return self._watched.members[0].exit is not None and self._watched.knowledge.value == 2


def test_memory_ends_the_largest_first() -> None:
    large = team("Swells FindsAndWaits", memory=400)
    result = Race(large).run(OnceItLeft(large))
    assert result.model["members"]["Swells"]["reason"] == "memory limit reached"
    assert result.loss == 2


def test_memory_ends_the_race_once_nobody_waits_to_join() -> None:
    large = team("Swells FindsAndWaits", memory=400, cores=1, after=1000)
    result = Race(large).run(OnceItLeft(large))
    assert result.model["members"]["Swells"]["reason"] == "memory limit reached"
    assert result.found_by == "FindsAndWaits"


def test_members_that_keep_the_time_limit_themselves() -> None:
    result = raced("GivesUp Declines", seconds=600)
    assert (result.ending, result.note) == (Ending.TIME, "time limit reached")


class Now:
    """A stop that is wanted from the first look on."""

    def is_set(self) -> bool:
        return True


def test_a_stop_ends_it() -> None:
    result = Race(team("Sleeps Sleeps")).run(Now())
    assert (result.status, result.loss, result.ending) == (Status.FEASIBLE, 4, Ending.INTERRUPTED)


def test_a_hint_is_the_first_solution() -> None:
    hinted = team("Proves")
    hinted.take_hint(BEST)
    result = Race(hinted).run(None)
    assert (result.status, result.found_by, result.proved_by) == (Status.OPTIMAL, "the hint", "Proves")


# --- lockstep ----------------------------------------------------------------------------------------


def test_lockstep_waits_for_all_and_hears_them_in_order() -> None:
    result = Lockstep(team("FindsWorse FindsWorse Proves")).run(None)
    assert (result.status, result.loss) == (Status.OPTIMAL, 2)
    assert (result.found_by, result.proved_by) == ("FindsWorse", "Proves")


def test_lockstep_keeps_limits() -> None:
    result = Lockstep(team("FindsWorse Sleeps", seconds=0.5)).run(None)
    assert (result.status, result.ending) == (Status.FEASIBLE, Ending.TIME)
    assert Lockstep(team("Sleeps")).run(Now()).ending is Ending.INTERRUPTED
    assert Lockstep(team("Sleeps", memory=1)).run(None).ending is Ending.MEMORY


# --- real ones ---------------------------------------------------------------------------------------

REAL = (
    random_labels(3, [2, 2, 1], 9, 1),
    random_labels(3, [2, 2, 1], 9, 2),
    random_labels(2, [3, 2, 2], 8, 1),
    random_labels(4, [2, 1, 1], 9, 2),
    random_labels(3, [2, 1], 0, 0),
)


@pytest.mark.parametrize("solver", ["portfolio", "portfolio:lockstep"])
def test_portfolios_find_the_optimum(solver: str) -> None:
    for instance in REAL:
        best = minimum(instance).loss
        result = qnnt.solve(instance, solver=solver)
        assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, best, best)
        if best:
            assert best is not None
            assert qnnt.solve(instance, solver=solver, bound=best - 1).status is Status.NO
        assert qnnt.solve(instance, solver=solver, bound=best).status is Status.YES


def test_lockstep_repeats_itself() -> None:
    instance = random_labels(3, [3, 3, 2], 14, 1)
    results = [qnnt.solve(instance, solver="portfolio:lockstep", threads=threads, seed=5) for threads in (1, 2)]
    answers: list[tuple[Parameters | None, str | None, str | None]] = [
        (result.solution.parameters if result.solution else None, result.found_by, result.proved_by)
        for result in results
    ]
    assert answers[0] == answers[1]
