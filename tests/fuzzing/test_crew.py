"""Workers that run solvers in their own process, and what happens when these break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from qnnt.documents.construction import d_nnt
from qnnt.errors import CrashError, InputError
from qnnt.files.instances import save
from qnnt.fuzzing import checking, crew
from qnnt.fuzzing.cases import Case
from qnnt.fuzzing.checking import WORKER
from qnnt.fuzzing.crew import Begun, Heard, Outcome, outcomes
from qnnt.fuzzing.plans import REFERENCE
from qnnt.solvers.registry import SOLVERS
from qnnt.solvers.workshop import Finished
from qnnt.verdicts import Verdict
from tests.fuzzing.sly_solvers import SINCE, SLY, die_at_once
from tests.solvers.broken_backends import ENTRIES
from tests.solvers.processes import ROOT

SEED = 11


def through(solver: str, count: int, jobs: int = 1, batch: int = 4) -> dict[int, Outcome]:
    """Brute force and a solver on the first instances of a stream."""
    cases = [Case(SEED, number, "", (REFERENCE, solver)) for number in range(count)]
    return {outcome.case.number: outcome for outcome in outcomes(cases, jobs, batch, lambda: False)}


@pytest.fixture
def broken_solvers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    for name, entry in {**ENTRIES, **SLY}.items():
        monkeypatch.setitem(SOLVERS, name, entry)


def test_all_cases_come_out_whatever_the_number_of_workers() -> None:
    alone = through("sat", 11, jobs=1, batch=4)
    assert sorted(alone) == list(range(11))
    together = through("sat", 11, jobs=3, batch=2)
    for number, outcome in alone.items():
        other = together[number]
        asked, of_other = ([solver for solver, _ in each.verdicts] for each in (outcome, other))
        assert (asked, outcome.shape, outcome.features) == (of_other, other.shape, other.features)
    assert not any(outcome.failures for outcome in alone.values())


@pytest.mark.usefixtures("broken_solvers")
def test_a_solver_that_ends_the_worker_is_found_out() -> None:
    found = through("Exits", 5)
    assert sorted(found) == list(range(5))
    for outcome in found.values():
        assert {(REFERENCE, Verdict.AGREE), ("Exits", Verdict.CRASHED)} <= set(outcome.verdicts)
        (failure,) = outcome.failures
        assert (failure.solver, failure.verdict) == ("Exits", Verdict.CRASHED)


@pytest.mark.usefixtures("broken_solvers")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_a_solver_that_hangs_reaches_its_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(crew, "PATIENCE", 1.0)
    monkeypatch.setattr("qnnt.fuzzing.checking.SECONDS", 0.5)
    named = tmp_path / "named.json"
    place = str(tmp_path / "pids")  # where this solver writes down its processes
    line = d_nnt([1, 1], [[1]], [[4]], weights=[0, 2], bias=[0], activation="identity", loss="absolute", name=place)
    save(line, str(named))
    (outcome,) = outcomes([Case(SEED, 0, str(named), (REFERENCE, "Hangs"))], 1, 1, lambda: False)
    assert (REFERENCE, Verdict.AGREE) in outcome.verdicts
    assert ("Hangs", Verdict.WORSE) in outcome.verdicts
    assert outcome.lost == "said nothing for 1 s"
    assert outcome.failures == ()


@pytest.mark.usefixtures("broken_solvers")
def test_a_death_that_nobody_repeats_is_told() -> None:
    """It takes some calls in one process."""
    found = through("DiesLater", SINCE + 1, batch=SINCE + 1)
    assert sorted(found) == list(range(SINCE + 1))
    lost = [outcome for outcome in found.values() if outcome.lost]
    assert lost
    for outcome in found.values():
        assert not any(verdict.failed for _, verdict in outcome.verdicts)
        whose = [(failure.solver, failure.verdict) for failure in outcome.failures]
        assert whose == ([(WORKER, Verdict.CRASHED)] if outcome in lost else [])


@pytest.mark.usefixtures("broken_solvers")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_a_solver_that_takes_all_memory_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for place in (crew, checking):
        monkeypatch.setattr(place, "MEMORY", 700)
    monkeypatch.setattr("qnnt.fuzzing.plans.FURTHER", ())
    file = tmp_path / "line.json"
    save(d_nnt([1, 1], [[1]], [[4]], weights=[0, 2], bias=[0], activation="identity", loss="absolute"), str(file))
    (outcome,) = outcomes([Case(SEED, 0, str(file), (REFERENCE, "Grows"))], 1, 1, lambda: False)
    assert outcome.lost == "took more than 700 MB"
    assert ("Grows", Verdict.WORSE) in outcome.verdicts
    assert outcome.failures == ()


@pytest.mark.usefixtures("broken_solvers")
def test_workers_that_never_begin_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "work", die_at_once)
    with pytest.raises(CrashError, match="die before they begin: the next case is seed 11, number 0"):
        through("sat", 2)


class Spoken:
    """A worker that has said all this, and says no more."""

    def __init__(self, *messages: object) -> None:
        self.messages = list(messages)

    def poll(self, seconds: float) -> bool:
        return bool(self.messages)

    def receive(self) -> object:
        if self.messages[0] is EOFError:
            raise EOFError
        return self.messages.pop(0)

    def memory(self) -> int:
        return 0


ENDED = Outcome(Case(SEED, 0), "tiny", frozenset(), (), (), 2, 0.1)


@pytest.mark.parametrize(
    ("messages", "heard"),
    [
        ((Begun(Case(SEED, 0)), ENDED, Begun(Case(SEED, 1))), Heard(1)),
        ((Begun(Case(SEED, 0)), ENDED, ENDED), Heard(2)),
        ((Begun(Case(SEED, 0)), ENDED, EOFError), Heard(1, None, "died")),
        ((Begun(Case(SEED, 0)), ENDED, Begun(Case(SEED, 1)), EOFError), Heard(1, Case(SEED, 1), "died")),
        ((Begun(Case(SEED, 0)), ENDED, Finished(None)), Heard(1)),
        ((), Heard(0)),
    ],
)
def test_what_was_said_before_the_end_is_heard(messages: tuple[object, ...], heard: Heard) -> None:
    hearing = crew._heard(Spoken(*messages), lambda: True)  # type: ignore[arg-type]
    for _ in range(heard.done):
        assert next(hearing) == ENDED
    with pytest.raises(StopIteration) as ended:
        next(hearing)
    assert ended.value.value == heard


def test_a_wish_to_stop_is_heard() -> None:
    heard: list[Outcome] = []
    for outcome in outcomes((Case(SEED, number) for number in range(10**6)), 2, 3, lambda: len(heard) >= 7):
        heard.append(outcome)  # noqa: PERF402 - the flag looks at it
    assert 7 <= len(heard) < 20


def test_a_bad_file_of_the_corpus_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json: cannot read"):
        list(outcomes([Case(SEED, 0, str(tmp_path / "gone.json"))], 1, 1, lambda: False))


def test_a_worker_that_breaks_outside_of_solvers_says_where() -> None:
    with pytest.raises(CrashError, match="a worker of the fuzzer broke at seed 11, number 0: AttributeError"):
        list(outcomes([Case(SEED, 0, "", (7,))], 1, 1, lambda: False))  # type: ignore[arg-type]
