"""All that the page shows of one suite, for all its families together and for each alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qnnt.benchmarking.measurement import Recording
from qnnt.benchmarking.record import held_against_each_other
from qnnt.benchmarking.report.cactus import Curve, curve_of
from qnnt.benchmarking.report.heat_map import HeatMap, heat_map_of
from qnnt.benchmarking.report.history import Dated, Moment, comparable, dated, history_of
from qnnt.benchmarking.report.outcomes import PENALTY, Outcomes, outcomes_of
from qnnt.benchmarking.report.scatter import Scatter, scatter_of
from qnnt.benchmarking.report.scores import Contribution, Score, contribution_of, ranking, score_of

MOST_FAILURES = 50
"""Lines of failures; more are only counted."""


@dataclass(frozen=True)
class View:
    """What the page shows of some cases.

    Attributes
    ----------
    family
        Whose cases they are; None is all.
    scores, cactus
        Per setup; the virtual best solver is the last.
    ranking
        Positions of setups, the best first.
    contributions
        Per setup.
    """

    family: str | None
    cases: int
    scores: tuple[Score, ...]
    ranking: tuple[int, ...]
    contributions: tuple[Contribution, ...]
    cactus: tuple[Curve, ...]
    heat_map: HeatMap
    history: tuple[Moment, ...]


@dataclass(frozen=True)
class SuiteReport:
    """What the page shows of a suite: its newest recording, and the way there.

    Attributes
    ----------
    facts
        Names and values: what was measured, when, where and with what.
    notes
        What a reader must know before trusting the numbers.
    failures
        A line for each wrong answer and each crash.
    setups
        Name to solver.
    yardstick
        A position among the setups.
    views
        All cases first, then each family, if there are several.
    """

    name: str
    facts: Mapping[str, str]
    notes: tuple[str, ...]
    failures: tuple[str, ...]
    setups: tuple[tuple[str, str], ...]
    yardstick: int | None
    views: tuple[View, ...]
    scatter: Scatter


def suite_reports(recordings: Sequence[Recording]) -> list[SuiteReport]:
    """A report for each suite among the recordings; the one that was measured last is the first."""
    by_suite: dict[str, list[Recording]] = {}
    # of one that was copied before it was finished, the longer one is the newer
    order = sorted(recordings, key=lambda one: (one.heading.started, len(one.measurements)), reverse=True)
    for recording in order:
        by_suite.setdefault(recording.heading.suite, []).append(recording)
    return [_suite_report(own) for own in by_suite.values()]


def _suite_report(given: Sequence[Recording]) -> SuiteReport:
    """The newest is the first."""
    recordings = _distinct(given)
    newest = recordings[0]
    outcomes = outcomes_of(newest)
    setups = list(outcomes.columns)
    compared = comparable(recordings, newest)
    history = dated(compared)
    families: list[str | None] = [None, *outcomes.families] if len(outcomes.families) > 1 else [None]
    failures = _failures(newest)
    return SuiteReport(
        name=newest.heading.suite,
        facts=_facts(newest, outcomes),
        notes=(*_notes(newest, recordings, compared), *_note_of_copies(len(given) - len(recordings))),
        failures=(*failures[:MOST_FAILURES], *_rest(len(failures) - MOST_FAILURES)),
        setups=tuple((name, newest.heading.setups.get(name, "")) for name in setups),
        yardstick=setups.index(outcomes.yardstick) if outcomes.yardstick in setups else None,
        views=tuple(_view(outcomes, history, family) for family in families),
        scatter=scatter_of(outcomes),
    )


def _distinct(recordings: Sequence[Recording]) -> list[Recording]:
    """Without copies: recordings that are equal in all but the file that they stand in."""
    found: list[Recording] = []
    for recording in recordings:
        if recording not in found:
            found.append(recording)
    return found


def _view(everything: Outcomes, history: Sequence[Dated], family: str | None) -> View:
    outcomes = everything if family is None else everything.of_family(family)
    setups = list(outcomes.columns)
    columns = [*outcomes.columns.values(), outcomes.virtual_best()]
    scores = tuple(score_of(column, outcomes.yardstick_column) for column in columns)
    end = max((case.penalty for case in outcomes.cases), default=0.0) / PENALTY
    return View(
        family=family,
        cases=len(outcomes.cases),
        scores=scores,
        ranking=tuple(ranking(scores[:-1])),
        contributions=tuple(contribution_of(setup, outcomes) for setup in setups),
        cactus=tuple(curve_of(column, end) for column in columns),
        heat_map=heat_map_of(outcomes),
        history=history_of(history, setups, family),
    )


def _facts(recording: Recording, outcomes: Outcomes) -> dict[str, str]:
    heading, measurements = recording.heading, recording.measurements
    machine = [f"{name} {value}" if name == "id" else str(value) for name, value in _described(heading.machine)]
    repetitions = 1 + max((one.repetition for one in measurements), default=0)
    return {
        "description": heading.description,
        "code": heading.label + (f", committed {heading.commit.date}" if heading.commit is not None else ""),
        "measured": heading.started,
        "trials": f"{len(measurements)} of {heading.planned}",
        "size": f"{_count(len(outcomes.cases), 'instance')}, {_count(len(outcomes.columns), 'setup')}, "
        f"{_count(repetitions, 'repetition')}",
        "yardstick": heading.yardstick or "none",
        "machine": ", ".join(machine),
        "jobs": str(heading.jobs),
        "versions": ", ".join(f"{name} {version}" for name, version in heading.versions.items()),
    }


def _described(machine: Mapping[str, object]) -> list[tuple[str, str]]:
    """The parts of a machine's description, with units."""
    units = {"cores": "{} cores", "memory_mb": "{} MB"}
    return [(name, units.get(name, "{}").format(value)) for name, value in machine.items() if value]


def _notes(newest: Recording, recordings: Sequence[Recording], compared: Sequence[Recording]) -> list[str]:
    notes = []
    if newest.missing > 0:
        trials = f"{len(newest.measurements)} of {newest.heading.planned} trials"
        notes.append(f"The recording is unfinished: {trials} are measured. Scores will change.")
    if newest.heading.jobs > 1:
        notes.append(f"{newest.heading.jobs} trials ran at the same time and disturbed one another: times are rough.")
    if len({one.machine for one in newest.measurements}) > 1:
        notes.append("The trials ran on different machines: their times compare only roughly.")
    if newest.heading.commit is not None and newest.heading.commit.changes:
        notes.append("The code differs from its commit by changes that were not committed (+).")
    unfinished = sum(one.missing > 0 for one in recordings)
    if unfinished:
        notes.append(f"Left out of the history, because they are unfinished: {_count(unfinished, 'recording')}.")
    others = len(recordings) - len(compared) - unfinished
    if others > 0:
        notes.append(f"Left out of the history, because the suite was another one: {_count(others, 'recording')}.")
    return notes


def _note_of_copies(number: int) -> list[str]:
    return [f"Left out, because they are copies of others: {_count(number, 'recording')}."] if number else []


def _failures(recording: Recording) -> list[str]:
    return [
        f"{verdict.upper()}: {run.solver} on {run.instance}: {run.problem or f'{run.status} {run.loss}'}"
        for judged in held_against_each_other(recording).values()
        for run, verdict in zip(judged.runs, judged.verdicts, strict=True)
        if verdict.failed
    ]


def _rest(number: int) -> list[str]:
    return [f"and {number} more"] if number > 0 else []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
