"""What came of each setup on each instance, all repetitions taken together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from qnnt.benchmarking.measurement import Measurement, Recording
from qnnt.benchmarking.record import held_against_each_other

PENALTY = 2
"""What is not solved counts as this many times its time limit: PAR-2."""
SHORTEST = 0.001
"""Seconds; what took less counts as this where logarithms are taken."""


class Kind(StrEnum):
    """How a setup fared on an instance."""

    SOLVED = "solved"
    """More than half of the repetitions settled the question, and none failed."""
    LIMIT = "at a limit"
    UNSUPPORTED = "unsupported"
    """The solver does not take the instance: that counts in no score."""
    FAILED = "failed"
    """At least one repetition crashed, or gave an answer that is wrong."""


@dataclass(frozen=True)
class Outcome:
    """What came of all repetitions of a setup on an instance.

    Attributes
    ----------
    score
        The median of the wall-clock seconds if it is solved, else `PENALTY` times the time limit.
    """

    kind: Kind
    score: float

    @property
    def taken(self) -> bool:
        """Whether the solver takes the instance."""
        return self.kind is not Kind.UNSUPPORTED

    @property
    def solved(self) -> bool:
        """Whether its score is a measured time."""
        return self.kind is Kind.SOLVED


@dataclass(frozen=True)
class Case:
    """An instance of a suite.

    Attributes
    ----------
    penalty
        The score of those that do not solve it, in seconds.
    """

    label: str
    family: str
    features: Mapping[str, int | None]
    penalty: float


Column = tuple[Outcome | None, ...]
"""Per case what came of it; None where it was not tried."""


@dataclass(frozen=True)
class Outcomes:
    """What came of a recording.

    Attributes
    ----------
    columns
        Per setup, in the suite's order, an outcome for each case.
    yardstick
        The setup that times are told in multiples of.
    """

    cases: tuple[Case, ...]
    columns: Mapping[str, Column]
    yardstick: str | None = None

    @property
    def yardstick_column(self) -> Column | None:
        """What came of the yardstick; None if there is none, or it was not tried."""
        return None if self.yardstick is None else self.columns.get(self.yardstick)

    @property
    def families(self) -> list[str]:
        """In the suite's order."""
        return list(dict.fromkeys(case.family for case in self.cases))

    def of_family(self, family: str) -> Outcomes:
        """Only the cases of one family."""
        kept = [i for i, case in enumerate(self.cases) if case.family == family]
        columns = {setup: tuple(column[i] for i in kept) for setup, column in self.columns.items()}
        return Outcomes(tuple(self.cases[i] for i in kept), columns, self.yardstick)

    def without(self, setup: str) -> Outcomes:
        """As if a setup did not exist."""
        columns = {name: column for name, column in self.columns.items() if name != setup}
        return Outcomes(self.cases, columns, self.yardstick)

    def virtual_best(self) -> Column:
        """The virtual best solver: on each case the best that any setup did; what nobody solves, it does not solve.

        A case that all refuse is one of these: else its scores without a setup would be over other cases than with it.
        """
        return tuple(_best([column[i] for column in self.columns.values()], case) for i, case in enumerate(self.cases))


def _best(outcomes: Sequence[Outcome | None], case: Case) -> Outcome:
    solved = [outcome for outcome in outcomes if outcome is not None and outcome.solved]
    return min(solved, key=lambda outcome: outcome.score, default=Outcome(Kind.LIMIT, case.penalty))


def outcomes_of(recording: Recording) -> Outcomes:
    """What came of a recording; an answer that another setup's solution refutes is no answer."""
    failed = _failed_trials(recording)
    by_case: dict[str, list[Measurement]] = {}
    by_pair: dict[tuple[str, str], list[Measurement]] = {}
    for one in recording.measurements:
        by_case.setdefault(one.sha256, []).append(one)
        by_pair.setdefault((one.sha256, one.setup), []).append(one)
    cases = {sha256: _case(group) for sha256, group in by_case.items()}
    columns = {
        setup: tuple(
            _outcome(by_pair[sha256, setup], failed, case.penalty) if (sha256, setup) in by_pair else None
            for sha256, case in cases.items()
        )
        for setup in setups_of(recording)
    }
    return Outcomes(tuple(cases.values()), columns, recording.heading.yardstick)


def setups_of(recording: Recording) -> list[str]:
    """In the suite's order."""
    return list(dict.fromkeys([*recording.heading.setups, *(one.setup for one in recording.measurements)]))


def _failed_trials(recording: Recording) -> set[str]:
    groups: dict[str, list[Measurement]] = {}
    for one in recording.measurements:
        groups.setdefault(one.sha256, []).append(one)
    judged = held_against_each_other(recording)
    return {
        one.key
        for sha256, group in groups.items()
        for one, verdict in zip(group, judged[sha256].verdicts, strict=True)
        if verdict.failed
    }


def _case(group: Sequence[Measurement]) -> Case:
    # a trial without a time limit ends by some other one, at the moment that was measured
    penalty = PENALTY * max(one.time_limit or one.seconds["wall"] for one in group)
    return Case(group[0].instance, group[0].family, group[0].features, penalty)


def _outcome(repetitions: Iterable[Measurement], failed: set[str], penalty: float) -> Outcome:
    repetitions = list(repetitions)
    if any(one.key in failed for one in repetitions):
        return Outcome(Kind.FAILED, penalty)
    if not any(one.supported for one in repetitions):
        return Outcome(Kind.UNSUPPORTED, penalty)
    if 2 * sum(one.solved for one in repetitions) <= len(repetitions):
        return Outcome(Kind.LIMIT, penalty)
    # most are solved: in the middle lie measured times alone
    return Outcome(Kind.SOLVED, median(one.seconds["wall"] if one.solved else penalty for one in repetitions))
