"""How the scores of a suite moved from commit to commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from qnnt.benchmarking.measurement import Heading, Recording
from qnnt.benchmarking.report.outcomes import Outcomes, outcomes_of
from qnnt.benchmarking.report.scores import Score, score_of


@dataclass(frozen=True)
class Dated:
    """A recording's outcomes, with what they depend on."""

    heading: Heading
    outcomes: Outcomes

    @property
    def date(self) -> str:
        """Of the commit; of the measurements, where the code comes from no checkout."""
        commit = self.heading.commit
        return commit.date if commit is not None else self.heading.started

    @property
    def place(self) -> str:
        """Where times were measured: only those of one place compare."""
        return f"machine {self.heading.machine.get('id', '?')}, jobs {self.heading.jobs}"

    @property
    def version(self) -> tuple[str, str]:
        """Of the code: what differs from the commit counts."""
        commit = self.heading.commit
        return (commit.id, commit.changes) if commit is not None else (self.heading.label, "")


@dataclass(frozen=True)
class Moment:
    """A version of the code on one machine.

    Attributes
    ----------
    recordings
        How many these are the medians of.
    par2, ratio
        Per setup as in `Score`; None where it has none.
    """

    label: str
    date: str
    place: str
    recordings: int
    par2: tuple[float | None, ...]
    ratio: tuple[float | None, ...]


def comparable(recordings: Sequence[Recording], newest: Recording) -> list[Recording]:
    """Those that measured the same trials as the newest one, to the end."""
    suite = newest.heading.suite_sha256
    return [one for one in recordings if one.heading.suite_sha256 == suite and one.missing <= 0]


def dated(recordings: Iterable[Recording]) -> list[Dated]:
    """With their outcomes, in the order of the commits' dates."""
    found = [Dated(one.heading, outcomes_of(one)) for one in recordings]
    return sorted(found, key=lambda one: (one.date, one.heading.started))


def history_of(recordings: Sequence[Dated], setups: Sequence[str], family: str | None) -> tuple[Moment, ...]:
    """Scores per version of the code and machine, in the order given.

    Parameters
    ----------
    family
        The cases that count; None is all of them.
    """
    groups: dict[tuple[tuple[str, str], str], list[Dated]] = {}
    for one in recordings:
        groups.setdefault((one.version, one.place), []).append(one)
    return tuple(_moment(group, setups, family) for group in groups.values())


def _moment(group: Sequence[Dated], setups: Sequence[str], family: str | None) -> Moment:
    scored = [_scores(one, family) for one in group]
    first = group[0]
    return Moment(
        first.heading.label,
        first.date,
        first.place,
        len(group),
        tuple(_median(scores[setup].par2 for scores in scored if setup in scores) for setup in setups),
        tuple(_median(scores[setup].ratio for scores in scored if setup in scores) for setup in setups),
    )


def _scores(one: Dated, family: str | None) -> Mapping[str, Score]:
    outcomes = one.outcomes if family is None else one.outcomes.of_family(family)
    return {setup: score_of(column, outcomes.yardstick_column) for setup, column in outcomes.columns.items()}


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
