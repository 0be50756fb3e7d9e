"""What is said of answers that are held against each other: the honest are never blamed, a lie is always found."""

from __future__ import annotations

import dataclasses
import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qnnt.exact import Number, reduced
from qnnt.instance import Objective
from qnnt.result import Ending, Incumbent, Result, Status
from qnnt.verdicts import Credit, Judged, Proven, Run, Verdict, apparent_verdict, judged

MINIMIZE, DECIDE = Objective.MINIMIZE, Objective.DECIDE
ANY_ORDER = settings(derandomize=True, deadline=None, max_examples=200)
BROKEN = [Verdict.CRASHED, Verdict.WRONG_CERTIFICATE, Verdict.CONTRADICTION]


def run(solver: str, objective: Objective = MINIMIZE, **changes: Any) -> Run:
    bound = 3 if objective is DECIDE else None
    return dataclasses.replace(Run("an instance", "0" * 64, solver, objective, bound), **changes)


def optimal(solver: str, loss: Number, **changes: Any) -> Run:
    return run(solver, status=Status.OPTIMAL, loss=loss, lower_bound=loss, **changes)


def stopped(solver: str, loss: Number | None, lower: Number | None, objective: Objective = MINIMIZE) -> Run:
    status = Status.UNKNOWN if loss is None else Status.FEASIBLE
    return run(solver, objective, status=status, loss=loss, lower_bound=lower)


def decided(solver: str, status: Status, loss: Number | None = None, **changes: Any) -> Run:
    return run(solver, DECIDE, status=status, loss=loss, **changes)


def verdict_of(subject: Run, *others: Run) -> Verdict:
    """What is said of the first; the same wherever it stands among the others."""
    everyone = [subject, *others]
    found = {judged(order).verdicts[order.index(subject)] for order in map(list, itertools.permutations(everyone))}
    (verdict,) = found
    return verdict


# --- every verdict by hand -----------------------------------------------------------------------

BEST = optimal("best", 4)
YES = decided("yes", Status.YES, 2)
NO = decided("no", Status.NO)


@pytest.mark.parametrize(
    ("subject", "others", "verdict"),
    [
        (optimal("a", 4), [], Verdict.AGREE),
        (optimal("a", 4), [BEST, stopped("c", 5, 3)], Verdict.AGREE),
        (optimal("a", Fraction(1, 3)), [optimal("b", Fraction(1, 3))], Verdict.AGREE),
        (run("a", status=Status.INFEASIBLE), [], Verdict.AGREE),
        (run("a", status=Status.INFEASIBLE), [stopped("b", None, 100)], Verdict.AGREE),
        (stopped("a", None, 0), [], Verdict.LIMIT),
        (stopped("a", None, 4), [BEST], Verdict.LIMIT),
        (stopped("a", 7, 2), [stopped("b", 5, 3)], Verdict.LIMIT),  # worse, but nobody proved anything
        (stopped("a", 4, 0), [BEST], Verdict.LIMIT),  # it had the optimum
        (stopped("a", 5, 4), [BEST], Verdict.WORSE),
        (stopped("a", 5, 2), [stopped("b", None, 4), stopped("c", 4, 0)], Verdict.WORSE),  # two prove it together
        (run("a", apparent=Verdict.UNSUPPORTED), [BEST], Verdict.UNSUPPORTED),
        (run("a", apparent=Verdict.WRONG_CERTIFICATE), [BEST], Verdict.WRONG_CERTIFICATE),
        (run("a", apparent=Verdict.CRASHED), [], Verdict.CRASHED),
        (dataclasses.replace(stopped("a", 4, 0), apparent=Verdict.CRASHED), [BEST], Verdict.CRASHED),
        (run("a", apparent=Verdict.CONTRADICTION), [], Verdict.CONTRADICTION),
        (optimal("a", 5), [BEST], Verdict.CONTRADICTION),
        (optimal("a", 5), [stopped("b", 4, 0)], Verdict.CONTRADICTION),  # any verified solution will do
        (stopped("a", None, Fraction(9, 2)), [stopped("b", 4, 0)], Verdict.CONTRADICTION),
        (stopped("a", 9, 5), [BEST], Verdict.CONTRADICTION),
        (run("a", status=Status.INFEASIBLE), [stopped("b", 10**30, 0)], Verdict.CONTRADICTION),
        (run("a", status=Status.OPTIMAL, loss=5), [BEST], Verdict.CONTRADICTION),  # an optimum is a bound
        (run("a", status=Status.OPTIMAL, loss=5, lower_bound=3), [BEST], Verdict.CONTRADICTION),
        (optimal("a", 5), [dataclasses.replace(stopped("b", 4, 0), apparent=Verdict.CRASHED)], Verdict.CONTRADICTION),
    ],
)
def test_verdicts_about_the_minimum(subject: Run, others: list[Run], verdict: Verdict) -> None:
    assert verdict_of(subject, *others) is verdict


@pytest.mark.parametrize(
    ("subject", "others", "verdict"),
    [
        (YES, [decided("b", Status.YES, 3)], Verdict.AGREE),
        (NO, [stopped("b", 4, None, DECIDE)], Verdict.AGREE),
        (stopped("a", 4, None, DECIDE), [NO], Verdict.LIMIT),  # there is none better
        (stopped("a", 4, None, DECIDE), [], Verdict.LIMIT),
        (stopped("a", None, None, DECIDE), [YES], Verdict.LIMIT),
        (stopped("a", 4, None, DECIDE), [YES], Verdict.WORSE),
        (run("a", DECIDE, apparent=Verdict.UNSUPPORTED), [YES], Verdict.UNSUPPORTED),
        (run("a", DECIDE, apparent=Verdict.WRONG_CERTIFICATE), [YES], Verdict.WRONG_CERTIFICATE),
        (run("a", DECIDE, apparent=Verdict.CRASHED), [NO], Verdict.CRASHED),
        (decided("a", Status.YES, 2, apparent=Verdict.CRASHED), [YES], Verdict.CRASHED),
        (NO, [YES], Verdict.CONTRADICTION),
        (NO, [decided("b", Status.YES, 3)], Verdict.CONTRADICTION),  # at the bound
        (NO, [decided("b", Status.YES, 2, apparent=Verdict.CRASHED)], Verdict.CONTRADICTION),
        (decided("a", Status.INFEASIBLE), [stopped("b", 9, None, DECIDE)], Verdict.CONTRADICTION),
    ],
)
def test_verdicts_about_a_decision(subject: Run, others: list[Run], verdict: Verdict) -> None:
    assert verdict_of(subject, *others) is verdict


def test_which_verdicts_speak_of_a_defect() -> None:
    assert {verdict for verdict in Verdict if verdict.failed} == set(BROKEN)


def test_a_crash_shows_in_its_result() -> None:
    broken = Result(Status.FEASIBLE, MINIMIZE, "", "a", None, loss=3, ending=Ending.CRASHED)
    assert apparent_verdict(broken) is Verdict.CRASHED
    assert {apparent_verdict(dataclasses.replace(broken, ending=e)) for e in Ending if e is not Ending.CRASHED} == {
        None
    }


# --- what is proven, and by whom -----------------------------------------------------------------


def moments(*found: tuple[float, Number | None, Number]) -> tuple[Incumbent, ...]:
    return tuple(Incumbent(*moment) for moment in found)


def proven(*runs: Run) -> Proven:
    """The same in every order."""
    (found,) = {judged(order).proven for order in itertools.permutations(runs)}
    return found


def test_nothing_is_proven_by_nothing() -> None:
    nothing = Proven(None, None, None, None, None, None)
    assert proven() == proven(run("a", apparent=Verdict.UNSUPPORTED)) == nothing
    assert judged([]) == Judged((), (), nothing)


def test_one_has_the_solution_and_another_the_bound() -> None:
    finder = dataclasses.replace(
        stopped("finder", 4, 1), seconds=9, incumbents=moments((1, 6, 0), (2, 4, 0), (8, 4, 1))
    )
    prover = dataclasses.replace(stopped("prover", 6, 4), seconds=9, incumbents=moments((1, 6, 0), (5, 6, 4)))
    assert proven(finder, prover) == Proven(
        Status.OPTIMAL, 4, 4, Credit(2, "finder"), Credit(5, "prover"), Credit(5, "prover")
    )
    assert proven(prover) == Proven(None, 6, 4, Credit(1, "prover"), Credit(5, "prover"), None)


def test_the_first_answer_counts_and_names_settle_a_draw() -> None:
    slow, fast, late = optimal("a", 4, seconds=7), optimal("c", 4, seconds=2), optimal("b", 4, seconds=2)
    first = Credit(2, "b")
    assert proven(slow, fast, late) == Proven(Status.OPTIMAL, 4, 4, first, first, first)
    early = dataclasses.replace(slow, incumbents=moments((1, 4, 0), (6, 4, 3)))
    assert proven(early, fast) == Proven(Status.OPTIMAL, 4, 4, Credit(1, "a"), Credit(2, "c"), Credit(2, "c"))


def test_bounds_and_answers_of_liars_and_broken_ones_do_not_count() -> None:
    liar = run("liar", status=Status.UNKNOWN, lower_bound=9, seconds=1)
    broken = dataclasses.replace(stopped("broken", 5, 3), apparent=Verdict.CRASHED, seconds=1)
    honest = dataclasses.replace(stopped("honest", 6, 2), seconds=4)
    assert proven(liar, broken, honest) == Proven(None, 5, 2, Credit(1, "broken"), Credit(4, "honest"), None)


def test_floating_point_proves_nothing_that_an_exact_solver_does_not() -> None:
    numerical = optimal("a", 4, seconds=1, numerical=True)
    exact = optimal("b", 4, seconds=2)
    early, late = Credit(1, "a"), Credit(2, "b")
    assert proven(numerical) == Proven(Status.OPTIMAL, 4, 4, early, early, early, numerical=True)
    assert proven(numerical, exact) == Proven(Status.OPTIMAL, 4, 4, early, late, late)
    assert proven(numerical, stopped("b", 4, 3)).numerical
    assert not proven(numerical, dataclasses.replace(stopped("b", 7, 4), seconds=2)).numerical
    assert not proven(dataclasses.replace(stopped("a", 4, 1), numerical=True), exact).numerical
    open_bound = dataclasses.replace(stopped("a", 4, 2), numerical=True)
    assert proven(open_bound).numerical
    assert not proven(open_bound, stopped("b", 4, 2)).numerical


def test_a_numerical_no_or_infeasible_is_called_so_until_an_exact_one_comes() -> None:
    for status, objective in ((Status.NO, DECIDE), (Status.INFEASIBLE, Objective.MINIMIZE)):
        numerical = run("a", objective, status=status, bound=3, numerical=True)
        assert proven(numerical).numerical
        assert not proven(numerical, run("b", objective, status=status, bound=3)).numerical
    yes = decided("c", Status.YES, 3)
    assert not proven(yes, dataclasses.replace(stopped("d", 4, None, DECIDE), numerical=True)).numerical


def test_a_verified_yes_counts_though_its_finder_broke() -> None:
    broken = decided("broken", Status.YES, 3, apparent=Verdict.CRASHED, seconds=3, incumbents=moments((1, 3, 0)))
    worse = stopped("worse", 4, None, DECIDE)
    assert proven(broken, worse) == Proven(Status.YES, 3, None, Credit(1, "broken"), None, Credit(1, "broken"))
    assert verdict_of(worse, broken) is Verdict.WORSE


def test_the_witness_has_the_smallest_verified_loss() -> None:
    liar, best = stopped("liar", 7, 6), stopped("best", 5, 0)
    assert judged([liar, best, run("c", apparent=Verdict.CRASHED)]).witness is best
    assert judged([run("c", status=Status.UNKNOWN)]).witness is None


# --- at random -----------------------------------------------------------------------------------

NUMBERS = st.integers(0, 36).map(lambda quarters: reduced(Fraction(quarters, 4)))
SECONDS = st.integers(0, 40).map(lambda tenths: tenths / 10)


@st.composite
def traces(draw: st.DrawFn, loss: Number | None, lower: Number) -> tuple[Incumbent, ...]:
    """How a run may have come to its loss and its bound; perhaps nothing is known of it."""
    at = sorted(draw(st.lists(SECONDS, max_size=3)))
    losses = sorted(draw(st.lists(NUMBERS, min_size=len(at), max_size=len(at))), reverse=True)
    bounds = sorted(draw(st.lists(NUMBERS, min_size=len(at), max_size=len(at))))
    return moments(
        *(
            (t, None if loss is None else loss + above, min(low, lower))
            for t, above, low in zip(at, losses, bounds, strict=True)
        )
    )


@st.composite
def honest_runs(draw: st.DrawFn, solver: str, optimum: Number | None, bound: Number | None) -> Run:
    """One whose every word is true, about an instance with this optimum; None if nothing is admissible."""
    objective = MINIMIZE if bound is None else DECIDE
    subject = dataclasses.replace(run(solver, objective, seconds=draw(SECONDS)), bound=bound)
    if draw(st.sampled_from([False, False, False, True])):
        return dataclasses.replace(subject, apparent=Verdict.UNSUPPORTED)
    loss = None if optimum is None else draw(st.none() | NUMBERS.map(lambda above: optimum + above))
    lower = draw(NUMBERS if optimum is None else NUMBERS.map(lambda below: max(0, optimum - below)))
    if bound is not None and loss is not None and loss <= bound:
        return dataclasses.replace(subject, status=Status.YES, loss=loss, incumbents=draw(traces(loss, 0)))
    if draw(st.booleans()):
        status = Status.UNKNOWN if loss is None else Status.FEASIBLE
        known: dict[str, Any] = {"status": status, "loss": loss, "lower_bound": lower if bound is None else None}
    elif bound is None:
        known = {"status": Status.INFEASIBLE}
        if optimum is not None:
            known = {"status": Status.OPTIMAL, "loss": optimum, "lower_bound": optimum}
    elif optimum is None or optimum > bound:
        known = {"status": Status.NO}
    else:
        known = {"status": Status.YES, "loss": optimum}
    trace = draw(traces(known.get("loss"), known.get("lower_bound") or 0))
    return dataclasses.replace(subject, **known, incumbents=trace)


@st.composite
def situations(draw: st.DrawFn, feasible: bool | None = None) -> tuple[Number | None, Number | None, list[Run]]:
    """A true optimum, perhaps a bound to decide, and honest runs."""
    optimum = draw(NUMBERS if feasible else st.none() | NUMBERS)
    bound = draw(st.none() | NUMBERS)
    count = draw(st.integers(0, 5))
    return optimum, bound, [draw(honest_runs(f"s{number}", optimum, bound)) for number in range(count)]


@ANY_ORDER
@given(situations(), st.randoms(use_true_random=False))
def test_honest_runs_never_fail_in_any_order(situation: Any, shuffling: Any) -> None:
    optimum, bound, runs = situation
    first = judged(runs)
    assert not any(verdict.failed for verdict in first.verdicts)
    shuffled = [*runs]
    shuffling.shuffle(shuffled)
    second = judged(shuffled)
    assert second.proven == first.proven
    assert dict(zip(shuffled, second.verdicts, strict=True)) == dict(zip(runs, first.verdicts, strict=True))
    lower, loss = first.proven.lower_bound, first.proven.loss
    assert loss is None or (optimum is not None and optimum <= loss)
    assert lower is None or optimum is None or lower <= optimum
    answer = first.proven.answer
    if bound is None:
        assert answer in (None, Status.INFEASIBLE if optimum is None else Status.OPTIMAL)
        assert (answer is Status.OPTIMAL) == (loss is not None and loss == lower)
    else:
        assert answer in (None, Status.YES if optimum is not None and optimum <= bound else Status.NO)


@ANY_ORDER
@given(situations())
def test_credits_go_to_the_first(situation: Any) -> None:
    _, _, runs = situation
    found = judged(runs).proven
    by_name = {one.solver: one for one in runs}
    for credit, wanted in ((found.loss_by, found.loss), (found.answer_by, found.answer)):
        assert (credit is None) == (wanted is None)
    if found.loss_by is not None:
        assert by_name[found.loss_by.solver].loss == found.loss
        reached = [
            Credit(min([m.seconds for m in one.incumbents if m.loss == found.loss], default=one.seconds), one.solver)
            for one in runs
            if one.loss == found.loss
        ]
        assert found.loss_by == min(reached)
    if found.bound_by is not None:
        assert by_name[found.bound_by.solver].claimed_bound == found.lower_bound


@st.composite
def lies(draw: st.DrawFn) -> tuple[list[Run], Run]:
    """Honest runs with a verified loss among them, and one run that this loss refutes."""
    optimum, bound, runs = draw(situations(feasible=True))
    assert optimum is not None
    above = draw(NUMBERS)
    if bound is None:
        runs.append(stopped("finder", optimum + above, 0))
    else:
        loss = min(optimum + above, bound) if optimum <= bound else optimum + above
        status = Status.YES if loss <= bound else Status.FEASIBLE
        runs.append(dataclasses.replace(decided("finder", status, loss), bound=bound))
    best = min(one.loss for one in runs if one.loss is not None)
    higher = best + draw(NUMBERS.filter(bool))
    kinds = [run("liar", status=Status.INFEASIBLE)]
    if bound is None:
        kinds += [stopped("liar", None, higher), stopped("liar", higher, higher), optimal("liar", higher)]
    elif best <= bound:
        kinds.append(decided("liar", Status.NO))
    liar = draw(st.sampled_from(kinds))
    return runs, dataclasses.replace(liar, bound=bound, objective=MINIMIZE if bound is None else DECIDE)


@ANY_ORDER
@given(lies(), st.integers(0, 6))
def test_a_lie_is_found_and_only_the_liar_is_blamed(case: tuple[list[Run], Run], place: int) -> None:
    runs, liar = case
    together = [*runs[:place], liar, *runs[place:]]
    found = judged(together)
    blamed = [one for one, verdict in zip(together, found.verdicts, strict=True) if verdict.failed]
    assert blamed == [liar]
    assert found.verdicts[together.index(liar)] is Verdict.CONTRADICTION
    assert found.proven == judged(runs).proven
