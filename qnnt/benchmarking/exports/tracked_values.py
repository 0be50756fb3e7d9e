"""A recording as a few numbers, smaller is better, which services track from commit to commit.

PAR-2 and the ratio to the yardstick are those of the report.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev

from qnnt.benchmarking.measurement import Recording
from qnnt.benchmarking.report.outcomes import SHORTEST, Outcomes, outcomes_of
from qnnt.benchmarking.report.scores import Score, score_of

ALL = "all"
"""The name of all families together."""
PAR2 = "PAR-2"
RATIO = "ratio to the yardstick"
ENCODING = "encoding"
UNITS = {PAR2: "s", RATIO: "times", ENCODING: "s"}
"""What is tracked: mean seconds on the instances that a setup takes, unsolved as twice the limit; geometric means of
PAR-2 scores over the yardstick's, and of processor seconds until the search starts."""


@dataclass(frozen=True)
class Tracked:
    """One number.

    Attributes
    ----------
    metric
        One of `UNITS`.
    family
        Or `ALL`.
    spread
        The standard deviation over the repetitions, each taken alone; None with one repetition.
    """

    metric: str
    setup: str
    family: str
    value: float
    spread: float | None
    solved: int
    cases: int


def tracked_values(recording: Recording) -> Iterator[Tracked]:
    """All numbers of a recording, those of all families first; what cannot be told is left out."""
    numbers = sorted({one.repetition for one in recording.measurements})
    whole = _values(recording)
    alone = [_values(_only(recording, number)) for number in numbers] if len(numbers) > 1 else []
    for key, (value, score) in whole.items():
        others = [values[key][0] for values in alone if key in values]
        spread = stdev(others) if len(others) > 1 else None
        yield Tracked(*key, value, spread, score.solved, score.cases)


def _only(recording: Recording, repetition: int) -> Recording:
    kept = tuple(one for one in recording.measurements if one.repetition == repetition)
    return dataclasses.replace(recording, measurements=kept)


def _values(recording: Recording) -> Mapping[tuple[str, str, str], tuple[float, Score]]:
    """By metric, setup and family."""
    outcomes = outcomes_of(recording)
    encoding = _encoding(recording)
    groups: dict[str, Outcomes] = {ALL: outcomes}
    if len(outcomes.families) > 1:
        groups.update({family: outcomes.of_family(family) for family in outcomes.families if family != ALL})
    found: dict[tuple[str, str, str], tuple[float, Score]] = {}
    for family, group in groups.items():
        for setup, column in group.columns.items():
            score = score_of(column, group.yardstick_column)
            if score.par2 is not None:
                found[PAR2, setup, family] = score.par2, score
            if score.ratio is not None and setup != group.yardstick:
                found[RATIO, setup, family] = score.ratio, score
            if (setup, family) in encoding:
                found[ENCODING, setup, family] = encoding[setup, family], score
    return found


def _encoding(recording: Recording) -> Mapping[tuple[str, str], float]:
    """By setup and family, the geometric mean over instances of the shortest repetition."""
    shortest: dict[tuple[str, str, str], float] = {}
    for one in recording.measurements:
        if "encode_cpu" in one.seconds:
            key = one.setup, one.family, one.sha256
            seconds = max(one.seconds["encode_cpu"], SHORTEST)
            shortest[key] = min(shortest.get(key, seconds), seconds)
    logarithms: dict[tuple[str, str], list[float]] = {}
    for (setup, family, _), seconds in shortest.items():
        for group in dict.fromkeys((family, ALL)):
            logarithms.setdefault((setup, group), []).append(math.log(seconds))
    return {key: math.exp(fmean(values)) for key, values in logarithms.items()}
