"""Local search as a solver: sound answers, news from others, its own end, and how it goes without machine code."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.array_evaluation import judge
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers import local_search
from qnnt.solvers.backends import Answer, Found, Limits, Raised
from qnnt.solvers.local_search import LocalSearch
from qnnt.solvers.news import News

PLANTED = planted_labels(3, [5, 4, 1], 30, seed=1)
CONFLICTING = random_labels(4, [2, 1, 1], 9, seed=2)
"""Its optimum is above what each input costs at least."""


class Listener:
    """Keeps what is reported; tells news, one after another, the last again and again."""

    def __init__(self, *news: News) -> None:
        self.events: list[Any] = []
        self._news = list(news) or [News()]

    def __call__(self, event: Any) -> None:
        self.events.append(event)

    def news(self) -> News:
        return self._news.pop(0) if len(self._news) > 1 else self._news[0]

    @property
    def found(self) -> list[Parameters]:
        return [event.parameters for event in self.events if isinstance(event, Found)]


def solved(
    instance: Instance,
    objective: Objective = Objective.MINIMIZE,
    *,
    listener: Listener | None = None,
    hint: Parameters | None = None,
    limits: Limits | None = None,
) -> tuple[Answer, Listener]:
    listener = Listener() if listener is None else listener
    solver = LocalSearch()
    assert solver.unsupported(instance, objective) is None
    return solver.solve(instance, objective, hint, limits or Limits(), listener), listener


# --- answers -------------------------------------------------------------------------------------


def test_a_loss_that_cannot_be_undercut_is_optimal() -> None:
    answer, listener = solved(PLANTED)
    assert (answer.status, answer.lower_bound) == (Status.OPTIMAL, 0)
    assert judge(PLANTED, listener.found[-1]) == 0
    losses = [judge(PLANTED, parameters) for parameters in listener.found]
    assert losses == sorted(set(losses), reverse=True)


def test_a_best_loss_without_proof() -> None:
    best = minimum(CONFLICTING).loss
    answer, listener = solved(CONFLICTING)
    assert best is not None
    assert best > 0
    assert answer.status is Status.FEASIBLE
    assert answer.lower_bound == 0
    assert "proves nothing" in answer.reason
    assert judge(CONFLICTING, listener.found[-1]) == best
    assert [event.lower_bound for event in listener.events if isinstance(event, Raised)] == [0]


def test_decisions() -> None:
    best = minimum(CONFLICTING).loss
    assert best is not None
    answer, listener = solved(CONFLICTING.derive(bound=best), Objective.DECIDE)
    assert answer.status is Status.YES
    assert judge(CONFLICTING, listener.found[-1]) <= best
    answer, listener = solved(CONFLICTING.derive(bound=best - 1), Objective.DECIDE)
    assert answer.status is Status.UNKNOWN
    assert answer.reason


def test_a_certain_no() -> None:
    """One input with two labels: a sample is lost, whatever the parameters."""
    conflicting = d_qnnt(3, [1, 1, 1], [[0], [0]], [[0], [1]])
    answer, _ = solved(conflicting.derive(bound=0), Objective.DECIDE)
    assert (answer.status, answer.lower_bound) == (Status.NO, 1)
    answer, _ = solved(conflicting)
    assert (answer.status, answer.lower_bound) == (Status.OPTIMAL, 1)


def test_without_samples() -> None:
    answer, listener = solved(d_qnnt(3, [2, 2, 1], [], []))
    assert answer.status is Status.OPTIMAL
    assert len(listener.found) == 1


@pytest.mark.parametrize("label", [4, 5, 8])
def test_one_value_per_set(label: int) -> None:
    instance = d_nnt([2, 1, 1], [[1, 1]], [[label]], weights=[2], bias=[0], activation="identity", loss="squared")
    answer, listener = solved(instance)
    assert judge(instance, listener.found[-1]) == (8 - label) ** 2
    assert answer.status is Status.OPTIMAL, "each input is at its best: nothing else is possible"


def test_nothing_admissible() -> None:
    table = {"type": "table", "values": [[7, 0]]}
    instance = d_nnt([1, 1], [[1], [2]], [[0], [0]], weights=[0, 1], bias=[0, 1], activation=table)
    answer, listener = solved(instance)
    assert answer.status is Status.UNKNOWN
    assert listener.found == []


def test_fractions() -> None:
    instance = d_nnt(
        [1, 1],
        [[1], [2]],
        [["1/2"], ["5/3"]],
        weights=["1/3", "1/2", "3/4"],
        bias=["-1/5", 0],
        activation="identity",
        loss="absolute",
    )
    answer, listener = solved(instance)
    assert judge(instance, listener.found[-1]) == minimum(instance).loss
    assert answer.lower_bound is not None


# --- hints, news, ends ---------------------------------------------------------------------------


def test_a_hint_is_where_it_starts() -> None:
    answer, listener = solved(PLANTED)
    again, heard = solved(PLANTED, hint=listener.found[-1])
    assert again.status is Status.OPTIMAL
    assert again.statistics["moves"] == 0
    assert len(heard.found) == 1
    assert answer.statistics["moves"] > 0


def test_a_better_solution_from_elsewhere_becomes_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what is left when the search ends at once after the first round."""
    hard = random_labels(4, [4, 4, 2], 16, seed=0)
    _, others = solved(hard, limits=Limits(seconds=0.5, seed=1))
    best = others.found[-1]
    monkeypatch.setattr("qnnt.algorithms.local_search.search.WORK", 1.0)
    news = News(best, judge(hard, best), lower_bound=judge(hard, best))
    answer, heard = solved(hard, listener=Listener(news))
    assert answer.status is Status.FEASIBLE
    assert answer.statistics["moves"] < 100
    assert judge(hard, heard.found[-1]) == judge(hard, best)


def test_a_bound_from_elsewhere_ends_it_without_a_claim() -> None:
    best = minimum(CONFLICTING).loss
    assert best is not None
    answer, listener = solved(CONFLICTING, listener=Listener(News(lower_bound=Fraction(best))))
    assert answer.status is Status.FEASIBLE
    assert "elsewhere" in answer.reason
    assert answer.lower_bound == 0
    assert judge(CONFLICTING, listener.found[-1]) == best
    answer, _ = solved(CONFLICTING.derive(bound=best - 1), Objective.DECIDE, listener=Listener(News(lower_bound=best)))
    assert answer.status is Status.UNKNOWN


def test_it_gives_up_after_fresh_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_search, "RESTARTS", 2)
    monkeypatch.setattr(local_search, "TIMES_OVER", 10**9)
    answer, _ = solved(CONFLICTING)
    assert answer.status is Status.FEASIBLE
    assert "fresh starts" in answer.reason
    assert answer.statistics["restarts"] >= 2


def test_the_time_limit_ends_it() -> None:
    answer, listener = solved(random_labels(4, [4, 4, 2], 16, seed=0), limits=Limits(seconds=0.2))
    assert answer.status is Status.FEASIBLE
    assert answer.reason == ""
    assert listener.found


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_seeds_give_equal_answers(threads: int) -> None:
    answers = [solved(CONFLICTING, limits=Limits(threads=threads, seed=5)) for _ in range(2)]
    assert answers[0][0] == answers[1][0]
    assert answers[0][1].found[-1] == answers[1][1].found[-1]


def test_through_the_facade() -> None:
    result = qnnt.solve(PLANTED, solver="local-search")
    assert (result.status, result.loss) == (Status.OPTIMAL, 0)


# --- without machine code ------------------------------------------------------------------------


def pretend(monkeypatch: pytest.MonkeyPatch, ready: Callable[[], bool], at_it: Callable[[], bool]) -> None:
    monkeypatch.setattr(local_search, "machine_code_ready", lambda _: ready())
    monkeypatch.setattr(local_search, "compile_in_background", lambda _: True)
    monkeypatch.setattr(local_search, "being_compiled", at_it)


def test_it_works_uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, lambda: False, lambda: True)
    answer, listener = solved(PLANTED)
    assert (answer.status, answer.lower_bound) == (Status.OPTIMAL, 0)
    assert judge(PLANTED, listener.found[-1]) == 0
    assert answer.statistics["uncompiled_moves"] == answer.statistics["moves"] > 0


def test_it_hands_over_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = iter([False, False, False])
    pretend(monkeypatch, lambda: next(asked, True), lambda: True)
    hard = random_labels(4, [4, 4, 2], 16, seed=0)
    answer, listener = solved(hard, limits=Limits(seconds=0.5))
    assert 0 < answer.statistics["uncompiled_moves"] < answer.statistics["moves"]
    losses = [judge(hard, parameters) for parameters in listener.found]
    assert losses == sorted(set(losses), reverse=True)


def test_it_compiles_itself_where_nobody_does_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, lambda: False, lambda: False)
    answer, _ = solved(PLANTED)
    assert answer.status is Status.OPTIMAL
    assert "uncompiled_moves" not in answer.statistics
