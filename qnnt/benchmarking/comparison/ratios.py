"""Ratios of times and peak memory between two recordings, with bootstrap confidence intervals.

The ratio of a pair is that of the shortest repetitions: a disturbance makes a trial longer, never shorter. A
group's ratio is the geometric mean of its pairs', divided by the yardstick's: what is left is the code's, not
the machine's. The yardstick's is the median of its pairs': one of them alone is no machine. The interval resamples
the pairs and, within them, the repetitions, those of the yardstick too. Memory is not divided by anything.

An interval over resampled pairs never closes the gate for a few slow ones among many: single pairs have a rule
of their own, in `single_time_changes`.

Reference: Kalibera and Jones, Rigorous Benchmarking in Reasonable Time, ISMM 2013, sections 7 to 9.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qnnt.benchmarking.comparison.changes import PairChange, Speed, TimeChange, Weight
from qnnt.benchmarking.comparison.pairing import Paired

MEMORY = "peak_memory"
FLOORS = {"encode_cpu": 0.005, "cpu": 0.02, "wall": 0.05, MEMORY: 100.0}
"""Seconds and megabytes, by the metrics that are compared; what is less counts as that much: it is noise."""
CONFIDENCE = 0.95
"""Of the intervals; high, as a comparison looks at many."""
DRAWS = 2000
"""Resamples of the bootstrap."""
FEWEST = 3
"""Pairs in a group, or repetitions on each side, without which there is no telling noise."""

Draws = NDArray[np.float64]
Value = TypeVar("Value")
Change = TypeVar("Change", TimeChange, PairChange)


@dataclass(frozen=True)
class _Ratio:
    """The logarithm of a pair's NEW / BASE: as measured, and resampled."""

    pair: Paired
    repetitions: int
    log: float
    draws: Draws


@dataclass(frozen=True)
class _Scale:
    """The logarithm that a metric's are measured from: 0 without `pairs` of a yardstick that tell it."""

    pairs: int
    log: float
    draws: Draws
    judged: bool


@dataclass(frozen=True)
class Times:
    """All about times and peak memory.

    Attributes
    ----------
    judged
        Whether times have a weight at all.
    rows
        One per metric and setup, and per family where a setup has several.
    singles
        Those of single pairs, if they have a weight.
    """

    speed: Speed
    judged: bool
    rows: tuple[TimeChange, ...]
    singles: tuple[PairChange, ...]


def time_changes(pairs: Sequence[Paired], yardstick: str | None, fail_over: float, *, uncorrected: bool) -> Times:
    """The speed of the machine, and what changed.

    Parameters
    ----------
    yardstick
        The name of the setup that tells the speed; None where there is none. Where it tells nothing, nothing is
        corrected.
    uncorrected
        Whether times are judged even then: they are not between different machines. Memory always is.
    """
    by_setup = _grouped(pairs, lambda pair: pair.setup)
    generator = np.random.default_rng(0)
    measure = by_setup.pop(yardstick, []) if yardstick is not None else []
    found = {metric: _ratios(measure, metric, generator) for metric in ("cpu", "wall")}
    scales = {metric: _scale(ratios, uncorrected, generator) for metric, ratios in found.items()}
    speed = Speed(math.exp(scales["cpu"].log), math.exp(scales["wall"].log), scales["cpu"].pairs)
    by_metric = {
        "encode_cpu": scales["cpu"],
        "cpu": scales["cpu"],
        "wall": scales["wall"],
        MEMORY: _Scale(0, 0.0, np.zeros(DRAWS), judged=True),
    }
    rows: list[TimeChange] = []
    singles: list[PairChange] = []
    for metric, scale in by_metric.items():
        for setup, own in by_setup.items():
            if scale.judged:
                singles += single_time_changes(own, metric, math.exp(scale.log), fail_over)
            ratios = _ratios(own, metric, generator)
            families = _grouped(ratios, lambda ratio: ratio.pair.family)
            groups: dict[str | None, list[_Ratio]] = {None: ratios} if ratios else {}
            if len(families) > 1:
                groups.update(families)
            for family, group in groups.items():
                draws = _resampled(group, generator) - scale.draws
                row = _row(setup, family, metric, group, scale.log, draws)
                rows.append(_weighed(row, fail_over) if scale.judged else row)
    return Times(speed, scales["cpu"].judged or scales["wall"].judged, tuple(rows), tuple(singles))


def _scale(yardstick: Sequence[_Ratio], uncorrected: bool, generator: np.random.Generator) -> _Scale:
    if not _tells_noise(yardstick):
        return _Scale(0, 0.0, np.zeros(DRAWS), uncorrected)
    log = float(np.median([ratio.log for ratio in yardstick]))
    return _Scale(len(yardstick), log, _resampled_median(yardstick, generator), judged=True)


def single_time_changes(pairs: Iterable[Paired], metric: str, speed: float, fail_over: float) -> Iterator[PairChange]:
    """The pairs that are far beyond the threshold, each for itself.

    With at least `FEWEST` repetitions on each side, and all of them raised to the floor, a pair is a regression if
    ``min(NEW) > fail_over**2 * max(BASE) * speed``, and an improvement if ``max(NEW) < min(BASE) * speed /
    fail_over**2``. No disturbance is likely to meet all repetitions of one side and none of the other, and the square
    makes up for how many pairs are looked at.
    """
    far = fail_over**2
    for pair in pairs:
        base, new = _amounts(pair, metric)
        if min(len(base), len(new)) < FEWEST:
            continue
        before, after = (sorted(max(value, FLOORS[metric]) for value in side) for side in (base, new))
        ends = ((min(base), max(base)), (min(new), max(new)))
        if after[0] > far * before[-1] * speed:
            ratio = after[0] / (before[-1] * speed)
            yield PairChange(pair.setup, metric, pair.instance, *ends, ratio, Weight.REGRESSION)
        elif after[-1] * far < before[0] * speed:
            ratio = after[-1] / (before[0] * speed)
            yield PairChange(pair.setup, metric, pair.instance, *ends, ratio, Weight.IMPROVEMENT)


def without_better_times(times: Times) -> Times:
    """With improvements of times noted only: where the machine is not what it was, it may be the machine's."""
    return dataclasses.replace(
        times, rows=tuple(map(_not_better, times.rows)), singles=tuple(map(_not_better, times.singles))
    )


def _not_better(row: Change) -> Change:
    better = row.weight is Weight.IMPROVEMENT and row.metric != MEMORY
    return dataclasses.replace(row, weight=Weight.NOTED) if better else row


def _grouped(values: Iterable[Value], key: Callable[[Value], str]) -> dict[str, list[Value]]:
    groups: dict[str, list[Value]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return groups


def _row(
    setup: str, family: str | None, metric: str, group: Sequence[_Ratio], speed: float, draws: Draws
) -> TimeChange:
    worst = max(group, key=lambda ratio: ratio.log)
    low = high = None
    if _tells_noise(group):
        ends = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
        low, high = (math.exp(end) for end in ends)
    return TimeChange(
        setup,
        family,
        metric,
        len(group),
        math.exp(_mean(group) - speed),
        low,
        high,
        worst.pair.instance,
        math.exp(worst.log - speed),
        Weight.NOTED,
    )


def _weighed(row: TimeChange, fail_over: float) -> TimeChange:
    """With its weight: the whole interval must be beyond the threshold.

    It is the square for fewer than `FEWEST` pairs, as for single ones: their repetitions follow each other so closely
    that one disturbance may meet them all, and then the interval knows nothing of it.
    """
    weight = Weight.NOTED
    threshold = fail_over if row.pairs >= FEWEST else fail_over**2
    if row.low is not None and row.low > threshold:
        weight = Weight.REGRESSION
    if row.high is not None and row.high < 1 / threshold:
        weight = Weight.IMPROVEMENT
    return dataclasses.replace(row, weight=weight)


def _tells_noise(group: Sequence[_Ratio]) -> bool:
    return len(group) >= FEWEST or min((ratio.repetitions for ratio in group), default=0) >= FEWEST


def _mean(group: Sequence[_Ratio]) -> float:
    return sum(ratio.log for ratio in group) / len(group) if group else 0.0


def _resampled(group: Sequence[_Ratio], generator: np.random.Generator) -> Draws:
    """The means of resamples of the group: how often each pair is drawn is multinomial."""
    if not group:
        return np.zeros(DRAWS)
    number = len(group)
    times = generator.multinomial(number, np.full(number, 1 / number), DRAWS)
    total = np.zeros(DRAWS)
    for i, ratio in enumerate(group):
        total += times[:, i] * ratio.draws
    return total / number


def _resampled_median(group: Sequence[_Ratio], generator: np.random.Generator) -> Draws:
    """The medians of resamples of the group."""
    number = len(group)
    draws = np.array([ratio.draws for ratio in group])
    medians = [np.median(draws[generator.integers(number, size=number), i]) for i in range(DRAWS)]
    return np.array(medians, dtype=np.float64)


def _ratios(pairs: Iterable[Paired], metric: str, generator: np.random.Generator) -> list[_Ratio]:
    """Of the pairs that tell the metric, but for those below the noise floor on both sides."""
    floor = FLOORS[metric]
    found: list[_Ratio] = []
    for pair in pairs:
        base, new = _amounts(pair, metric)
        number = min(len(base), len(new))  # the shortest of more repetitions would be shorter
        if number == 0 or max(min(base[:number]), min(new[:number])) <= floor:
            continue
        before, after = (np.log(np.maximum(side[:number], floor)) for side in (base, new))
        draws = _shortest(after, generator) - _shortest(before, generator)
        found.append(_Ratio(pair, number, float(after.min() - before.min()), draws))
    return found


def _shortest(logs: Draws, generator: np.random.Generator) -> Draws:
    """The smallest of each resample of the repetitions.

    It is at least the j-th smallest of the k repetitions, counted from 0, with the probability ((k - j) / k)^k.
    """
    number = len(logs)
    places = (number * (1 - (1 - generator.random(DRAWS)) ** (1 / number))).astype(np.intp)
    shortest: Draws = np.sort(logs)[np.minimum(places, number - 1)]  # rounding may reach the number itself
    return shortest


def _amounts(pair: Paired, metric: str) -> tuple[Sequence[float], Sequence[float]]:
    """Seconds or megabytes of both sides; nothing where they cannot be compared.

    Memory is that of solved trials: a search that is cut short takes as much as it comes to. Encoding is compared
    wherever it came to an end. The rest must have an answer on one side, and on the other one an answer or the time
    limit: that limit says less than the whole truth, but in the right direction, and without it the worst pairs
    would be those that do not count.
    """
    if metric == MEMORY:
        return (pair.base.megabytes, pair.new.megabytes) if pair.always_solved else ((), ())
    if metric != "encode_cpu":
        one_solved = pair.base.always_solved or pair.new.always_solved
        if not one_solved or not (pair.base.timed(pair.time_limit) and pair.new.timed(pair.time_limit)):
            return (), ()
    return pair.base.seconds(metric), pair.new.seconds(metric)
