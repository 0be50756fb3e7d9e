"""Plans of solvers, and what is made of their answers."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from qnnt.documents.construction import d_nnt
from qnnt.evaluation import evaluate
from qnnt.fuzzing import checking
from qnnt.fuzzing.cases import Case, made
from qnnt.fuzzing.checking import JUDGES, again, check, killable, pair_of
from qnnt.fuzzing.drawing import draw
from qnnt.fuzzing.plans import FURTHER, REFERENCE, Asked, Plan, drawn_plan, magnitude, plan_of_all
from qnnt.instance import Instance
from qnnt.solvers.contestant import Start
from qnnt.solvers.inline import InlineTask
from qnnt.solvers.registry import SOLVERS, configuration, solver_names
from qnnt.verdicts import Verdict
from tests.fuzzing.sly_solvers import SLY
from tests.solvers.broken_backends import ENTRIES
from tests.solvers.processes import ROOT

# at zero the loss is 4, the optimum is 2
LINE = d_nnt([1, 1], [[1]], [[4]], weights=[0, 1, 2, 9], bias=[0], activation="identity", loss="absolute")
NOTHING = d_nnt(
    [1, 1], [[1]], [[4]], weights=[1, 2], bias=[0], activation={"type": "table", "values": [[7, 0]]}, loss="absolute"
)
# only the weight 7 is admissible, which is not nearest zero
SEVEN = d_nnt(
    [1, 1], [[1]], [[4]], weights=[1, 7], bias=[0], activation={"type": "table", "values": [[7, 0]]}, loss="absolute"
)
HALVES = d_nnt([1, 1], [[1]], [["1/2"]], weights=[0, 1], bias=[0], activation="identity", loss="absolute")


@pytest.fixture
def broken_solvers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    for name, entry in {**ENTRIES, **SLY}.items():
        monkeypatch.setitem(SOLVERS, name, entry)


# --- plans ---------------------------------------------------------------------------------------


def test_plans_name_what_exists_and_differs() -> None:
    seen: Counter[str] = Counter()
    asked: Counter[Asked] = Counter()
    for number in range(400):
        instance = draw(3, number).instance
        plan = drawn_plan(random.Random(number), instance)
        names = [configuration(name, None).name for name in plan.solvers]
        assert len(set(names)) == len(names) >= 3
        assert REFERENCE in names
        assert sum(bool(SOLVERS[name].encodings) for name in names) == 1
        assert not set(names) & {name.partition(":")[0] for name in plan.spare}
        seen.update(plan.solvers)
        asked.update(plan.asked or [Asked.NOTHING])
    assert {name.partition(":")[0] for name in seen} == set(solver_names())
    assert len(seen) > 100
    assert min(asked[each] for each in Asked) > 40


def test_magnitude() -> None:
    assert magnitude(LINE) == 9
    assert magnitude(HALVES) == 1
    thirds = d_nnt([1, 1], [["1/2"]], [[1]], weights=["-4/3", 0], bias=[0], activation="identity", loss="absolute")
    assert magnitude(thirds) == 12
    assert magnitude(d_nnt([1, 1], [], [], weights=[0], bias=[0], activation="identity", loss="absolute")) == 0


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", Asked)
@pytest.mark.parametrize("instance", [LINE, NOTHING, HALVES], ids=["line", "nothing", "halves"])
def test_sound_solvers_agree(instance: Instance, asked: Asked) -> None:
    plan = Plan((REFERENCE, "cpsat", "sat"), (), () if asked is Asked.NOTHING else (asked,), 1)
    checked = check(instance, plan, InlineTask)
    assert checked.failures == ()
    assert {verdict for _, verdict in checked.verdicts[:3]} == {Verdict.AGREE}
    assert all(verdict is Verdict.AGREE for _, verdict in checked.verdicts[3:]) or asked is Asked.CUT_SHORT
    assert len(checked.verdicts) == (3 if asked is Asked.NOTHING else 4)


@pytest.mark.usefixtures("broken_solvers")
@pytest.mark.parametrize(
    ("solver", "verdict", "witness"),
    [
        ("Raises", Verdict.CRASHED, None),
        ("RunsOutOfMemory", Verdict.CRASHED, None),
        ("OutsideTheSets", Verdict.WRONG_CERTIFICATE, None),
        ("OptimalWithoutSolution", Verdict.WRONG_CERTIFICATE, None),
        ("BoundAboveTheLoss", Verdict.CONTRADICTION, None),
        ("OptimalButWorse", Verdict.CONTRADICTION, None),
        ("InfeasibleInSpiteOfItself", Verdict.CONTRADICTION, None),
        ("Infeasible", Verdict.CONTRADICTION, None),
    ],
)
@pytest.mark.parametrize("start", [InlineTask, killable], ids=["inline", "own process"])
def test_broken_ones_are_blamed(solver: str, verdict: Verdict, witness: str | None, start: Start) -> None:
    plan = Plan((REFERENCE, solver), ("sat",))
    checked = check(LINE, plan, start)
    (failure,) = checked.failures
    assert (failure.solver, failure.verdict, failure.witness) == (solver, verdict, witness)
    assert ("sat", Verdict.AGREE) in checked.verdicts  # the spare one took its place
    assert again(failure, pair_of(failure), 0, start)(LINE) == failure


@pytest.mark.usefixtures("broken_solvers")
def test_a_lie_that_only_others_refute() -> None:
    """From the solver's side all is well: the worst loss is also that of the parameters nearest zero."""
    instance = d_nnt([1, 1], [[1]], [[4]], weights=[0, 2, 4], bias=[0], activation="identity", loss="absolute")
    (failure,) = check(instance, Plan((REFERENCE, "OptimalButWorse")), InlineTask).failures
    assert (failure.solver, failure.verdict, failure.witness) == ("OptimalButWorse", Verdict.CONTRADICTION, REFERENCE)
    assert failure.reason == "it says no loss below 4, but enumeration found 0, which was verified"


@pytest.mark.usefixtures("broken_solvers")
def test_a_wrong_answer_to_a_decision() -> None:
    checked = check(LINE, Plan((REFERENCE, "Honest"), (), (Asked.AT_OPTIMUM,)), InlineTask)
    (failure,) = checked.failures  # it says "optimal" whatever it is asked
    assert (failure.solver, failure.asked, failure.bound) == ("Honest", Asked.AT_OPTIMUM, 2)
    assert again(failure, pair_of(failure), 0, InlineTask)(LINE) == failure


@pytest.mark.usefixtures("broken_solvers")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["last", "first"])
@pytest.mark.parametrize(
    ("solver", "asked"),
    [
        ("LiesInDecisions", Asked.AT_OPTIMUM),
        ("BelievesHints", Asked.FROM_HINT),
        ("OverstatesWhenShort", Asked.CUT_SHORT),
    ],
)
def test_a_lie_in_one_question_is_seen_wherever_the_liar_stands(
    solver: str, asked: Asked, order: tuple[int, ...]
) -> None:
    solvers = tuple((REFERENCE, solver)[place] for place in order)
    assert check(LINE, Plan(solvers, (), (), 1, 2), InlineTask).failures == ()
    (failure,) = check(LINE, Plan(solvers, (), FURTHER, 1, 2), InlineTask).failures
    assert (failure.solver, failure.verdict, failure.witness) == (solver, Verdict.CONTRADICTION, failure.witness)
    assert (failure.asked, failure.askee) == (asked, solver)
    assert failure.bound == (2 if asked is Asked.AT_OPTIMUM else None)
    assert again(failure, pair_of(failure), 1, InlineTask)(LINE) == failure


@pytest.mark.usefixtures("broken_solvers")
@pytest.mark.parametrize(
    ("instance", "claimant", "asked", "claim"),
    [
        (LINE, "MissesTheBest", Asked.BELOW_OPTIMUM, "no loss below 4, but {} found 2"),
        (SEVEN, "SaysInfeasible", Asked.AT_OPTIMUM, "infeasible, but {} found 4"),
        (SEVEN, "SaysInfeasible", Asked.BELOW_OPTIMUM, "infeasible, but {} found 4"),
    ],
)
@pytest.mark.parametrize("askee", ["OnlyDecides", None], ids=["another", "itself"])
def test_a_further_answer_refutes_who_claimed_the_optimum(
    instance: Instance, claimant: str, asked: Asked, claim: str, askee: str | None
) -> None:
    """Whoever else stood by, with a solution as good or with none, is not to blame."""
    last = askee or claimant
    solvers = ("Declines", "OnlyDecides", claimant) if askee is None else ("Declines", claimant, askee)
    (failure,) = check(instance, Plan(solvers, (), (asked,)), InlineTask).failures
    assert (failure.solver, failure.verdict) == (claimant, Verdict.CONTRADICTION)
    assert (failure.witness, failure.asked, failure.askee) == (last, asked, last)
    assert claim.format(last) in failure.reason
    assert failure.bound is None  # it had minimised
    assert again(failure, pair_of(failure), 0, InlineTask)(instance) == failure


@pytest.mark.usefixtures("broken_solvers")
def test_who_failed_does_not_keep_others_from_being_asked() -> None:
    plan = Plan((REFERENCE, "Raises", "LiesInDecisions", "Declines"), (), (Asked.AT_OPTIMUM,), 0, 4)
    checked = check(LINE, plan, InlineTask)
    assert [failure.solver for failure in checked.failures] == ["Raises", "LiesInDecisions"]
    assert checked.answers == 2
    assert checked.verdicts[4:] == ((REFERENCE, Verdict.AGREE), ("LiesInDecisions", Verdict.CONTRADICTION))


def test_auto_is_a_solver() -> None:
    assert check(LINE, Plan(("auto", REFERENCE), (), FURTHER, 0, 2), InlineTask).failures == ()


def test_evaluators_that_quarrel_over_a_further_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(100))
    monkeypatch.setattr(checking, "evaluate", lambda *these: evaluate(*these) if next(calls) < 2 else 77)
    (failure,) = check(LINE, Plan((REFERENCE, "sat"), (), (Asked.AT_OPTIMUM,)), InlineTask).failures
    assert (failure.solver, failure.asked, failure.askee) == (JUDGES, Asked.AT_OPTIMUM, "sat")
    assert pair_of(failure) == ("sat",)


def test_the_two_evaluators_are_held_against_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "evaluate", lambda *_: 77)
    failure, *_ = check(LINE, Plan((REFERENCE, "sat")), InlineTask).failures
    assert failure.solver == JUDGES
    assert failure.witness == REFERENCE
    assert "loss 2 in arrays, but 77 value by value" in failure.reason


@pytest.mark.usefixtures("broken_solvers")
def test_who_cannot_take_it_is_replaced() -> None:
    checked = check(LINE, Plan(("Declines", REFERENCE), ("sat", "cpsat")), InlineTask)
    assert checked.verdicts == (
        ("Declines", Verdict.UNSUPPORTED),
        (REFERENCE, Verdict.AGREE),
        ("sat", Verdict.AGREE),
    )
    assert checked.answers == 2


def test_the_corpus_goes_through_every_solver() -> None:
    plan = plan_of_all(0)
    assert sorted(plan.solvers) == sorted(solver_names())
    assert plan.askees == len(plan.solvers)
    assert set(plan.asked) == set(Asked) - {Asked.NOTHING}


def test_cases_are_reproducible() -> None:
    for number in range(20):
        one, other = made(Case(5, number)), made(Case(5, number))
        assert (one.instance, one.plan, one.shape) == (other.instance, other.plan, other.shape)
    named = made(Case(5, 1, "", ("sat", "cpsat"))).plan
    assert (named.solvers, named.spare, named.askees) == (("sat", "cpsat"), (), 2)
    assert (named.asked, named.seed) == (made(Case(5, 1)).plan.asked, made(Case(5, 1)).plan.seed)
