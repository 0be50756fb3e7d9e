"""Counters of work and sizes of models: exact numbers, compared without any allowance for noise.

Where repetitions of a side differ, the number is not deterministic: then all of NEW must be beyond all of BASE.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qnnt.benchmarking.comparison.changes import AmountChange, Weight
from qnnt.benchmarking.comparison.pairing import Paired
from qnnt.benchmarking.measurement import COUNTERS, SIZES, Measurement

COUNTER_FLOORS = {
    "conflicts": 100.0,
    "branches": 1000.0,
    "decisions": 1000.0,
    "propagations": 10_000.0,
    "deterministic_time": 0.01,
    "nodes": 20.0,
    "lp_iterations": 1000.0,
    "transitions": 1000.0,
    "states_peak": 1000.0,
    "tried": 1000.0,
    "scored": 1000.0,
}
"""About a hundredth of a second of work: what is less counts as this much, in NEW and in BASE."""
SIZE_FLOOR = 100.0
FEWEST = 3
"""Repetitions on each side, without which a counter that does not repeat itself tells nothing."""
CEILING = 1e300
"""What is more counts as this much: files may hold integers of any length."""


@dataclass(frozen=True)
class _Amount:
    """What a pair comes to, by the repetitions nearest to each other; `repeated` if each side has enough of them."""

    instance: str
    before: float
    after: float
    ratio: float
    repeated: bool


def counter_changes(pairs: Iterable[Paired], fail_over: float) -> Iterator[AmountChange]:
    """A row per setup and counter, over the pairs that all repetitions of both sides solve with one thread.

    A search that was cut short, or shared its work among threads, counts differently each time; another solver
    counts other things.
    """
    exact = [pair for pair in pairs if pair.one_thread and pair.always_solved and pair.answered_alike]
    for name in COUNTERS:
        yield from _changes(exact, name, lambda one: one.counters, COUNTER_FLOORS[name], fail_over)


def size_changes(pairs: Iterable[Paired], fail_over: float) -> Iterator[AmountChange]:
    """A row per setup and size, over the pairs with a model on both sides, solved or not."""
    modelled = [
        pair
        for pair in pairs
        if pair.answered_alike and all(any(one.sizes for one in side.measurements) for side in (pair.base, pair.new))
    ]
    for name in SIZES:
        yield from _changes(modelled, name, lambda one: one.sizes, SIZE_FLOOR, fail_over)


def _changes(
    pairs: Sequence[Paired],
    name: str,
    amounts: Callable[[Measurement], Mapping[str, float]],
    floor: float,
    fail_over: float,
) -> Iterator[AmountChange]:
    by_setup: dict[str, list[Paired]] = {}
    for pair in pairs:
        by_setup.setdefault(pair.setup, []).append(pair)
    for setup, own in by_setup.items():
        found: list[_Amount] = []
        undecided = one_sided = 0
        for pair in own:
            before, after = (
                sorted({amounts(one)[name] for one in side.measurements if name in amounts(one)})
                for side in (pair.base, pair.new)
            )
            undecided += len(before) > 1 or len(after) > 1
            one_sided += bool(before) != bool(after)
            if before and after and max(before[-1], after[-1]) > floor:
                found.append(_amount(pair, before, after, floor))
        if undecided:  # then few repetitions tell nothing, and many need a wider margin
            found = [amount for amount in found if amount.repeated]
        if found or undecided or one_sided:
            yield _row(setup, name, found, undecided, one_sided, fail_over**2 if undecided else fail_over)


def _amount(pair: Paired, before: Sequence[float], after: Sequence[float], floor: float) -> _Amount:
    """Of the different amounts of each side, in order: where they overlap, nothing changed for all one knows."""
    repeated = min(pair.base.count, pair.new.count) >= FEWEST
    if after[0] > before[-1]:
        old, young = before[-1], after[0]
    elif after[-1] < before[0]:
        old, young = before[0], after[-1]
    else:
        old = young = before[0]
    taken, spent = (min(max(amount, floor), CEILING) for amount in (old, young))
    return _Amount(pair.instance, old, young, spent / taken, repeated)


def _row(
    setup: str, name: str, found: Sequence[_Amount], undecided: int, one_sided: int, fail_over: float
) -> AmountChange:
    worst = max(found, key=lambda amount: amount.ratio, default=_Amount("", 0, 0, 1.0, repeated=False))
    mean = math.exp(math.fsum(math.log(amount.ratio) for amount in found) / len(found)) if found else 1.0
    beyond = sum(amount.ratio > fail_over for amount in found)
    weight = Weight.IMPROVEMENT if mean < 1 / fail_over else Weight.NOTED
    return AmountChange(
        setup,
        name,
        len(found),
        mean,
        worst.instance,
        worst.before,
        worst.after,
        beyond,
        undecided,
        one_sided,
        Weight.REGRESSION if beyond else weight,
    )
