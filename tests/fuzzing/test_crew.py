"""Workers that run solvers in their own process, and what happens when these break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from qnnt.documents.construction import d_nnt
from qnnt.errors import CrashError, InputError
from qnnt.files.instances import save
from qnnt.fuzzing import crew
from qnnt.fuzzing.cases import Case
from qnnt.fuzzing.crew import Outcome, outcomes
from qnnt.fuzzing.plans import REFERENCE
from qnnt.solvers.registry import SOLVERS
from qnnt.verdicts import Verdict
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
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(SOLVERS, name, entry)


def test_all_cases_come_out_whatever_the_number_of_workers() -> None:
    alone = through("sat", 11, jobs=1, batch=4)
    assert sorted(alone) == list(range(11))
    together = through("sat", 11, jobs=3, batch=2)
    for number, outcome in alone.items():
        other = together[number]
        assert (outcome.verdicts, outcome.shape, outcome.features) == (other.verdicts, other.shape, other.features)
    assert not any(outcome.failures for outcome in alone.values())


@pytest.mark.usefixtures("broken_solvers")
def test_a_solver_that_ends_the_worker_is_found_out() -> None:
    found = through("Exits", 5)
    assert sorted(found) == list(range(5))
    for outcome in found.values():
        assert dict(outcome.verdicts) == {REFERENCE: Verdict.AGREE, "Exits": Verdict.CRASHED}
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
    assert dict(outcome.verdicts) == {REFERENCE: Verdict.AGREE, "Hangs": Verdict.WORSE}
    assert outcome.failures == ()


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
