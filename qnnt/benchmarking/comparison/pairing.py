"""Two recordings side by side: per instance and setup, all repetitions of BASE and all of NEW.

Nothing is dropped silently: what stands on one side only, and what was asked for differently, is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qnnt.benchmarking.measurement import Measurement, Recording
from qnnt.verdicts import Verdict

_ASKED = ("solver", "threads", "seed", "time_limit", "memory_limit", "objective", "bound")
"""What both sides must have in common."""
ONLY_IN_BASE = "only in BASE"
AT_LIMIT = 0.9
"""A trial that ends without an answer after this part of its time limit ended because of it."""


@dataclass(frozen=True)
class Repetitions:
    """All measurements of one setup on one instance in one recording: at least one."""

    measurements: tuple[Measurement, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.measurements)

    @property
    def solved(self) -> int:
        """How many settled the question."""
        return sum(one.solved for one in self.measurements)

    @property
    def always_solved(self) -> bool:
        """Whether all settled the question."""
        return self.solved == self.count

    @property
    def supported(self) -> bool:
        """Whether the solver took the instance in any of them."""
        return any(one.supported for one in self.measurements)

    @property
    def failures(self) -> tuple[Measurement, ...]:
        """Those that speak of a defect."""
        return tuple(one for one in self.measurements if one.apparent is not None and one.apparent.failed)

    @property
    def words(self) -> str:
        """How they went, for people: ``solved 2 of 3``."""
        if self.failures:
            return str(self.failures[0].apparent)
        if not self.supported:
            return str(Verdict.UNSUPPORTED)
        if self.solved in (0, self.count):
            return "solved" if self.solved else "unsolved"
        return f"solved {self.solved} of {self.count}"

    @property
    def answered_by(self) -> tuple[str, ...]:
        """Who answered, in the order of names: several where ``auto`` does not always choose the same."""
        return tuple(sorted({one.answered_by for one in self.measurements if one.answered_by is not None}))

    def timed(self, time_limit: float) -> bool:
        """Whether each took as long as its answer needs, or met the time limit."""
        return all(
            one.solved or (one.apparent is None and one.seconds["wall"] >= AT_LIMIT * time_limit)
            for one in self.measurements
        )

    def seconds(self, metric: str) -> tuple[float, ...]:
        """What the repetitions took; those that do not tell this metric are left out."""
        return tuple(one.seconds[metric] for one in self.measurements if metric in one.seconds)

    @property
    def megabytes(self) -> tuple[int, ...]:
        """The peak memory of the repetitions; those that do not tell it are left out."""
        return tuple(one.peak_memory for one in self.measurements if one.peak_memory > 0)


@dataclass(frozen=True)
class Paired:
    """One setup on one instance in both recordings."""

    base: Repetitions
    new: Repetitions

    @property
    def instance(self) -> str:
        """The label in NEW."""
        return self.new.measurements[0].instance

    @property
    def family(self) -> str:
        """The family in NEW."""
        return self.new.measurements[0].family

    @property
    def setup(self) -> str:
        """The setup's name."""
        return self.new.measurements[0].setup

    @property
    def time_limit(self) -> float:
        """Seconds of each trial; infinite without a limit."""
        return self.new.measurements[0].time_limit or math.inf

    @property
    def one_thread(self) -> bool:
        """Whether the solver was to use one thread: then its work can be the same each time."""
        return self.new.measurements[0].threads == 1

    @property
    def answered_alike(self) -> bool:
        """Whether the same solver answered on both sides: others count other things, and build other models."""
        before, after = self.base.answered_by, self.new.answered_by
        return not before or not after or before == after

    @property
    def always_solved(self) -> bool:
        """Whether all repetitions of both sides settled the question."""
        return self.base.always_solved and self.new.always_solved


@dataclass(frozen=True)
class Apart:
    """One setup on one instance that is not compared.

    Attributes
    ----------
    reason
        In words.
    """

    instance: str
    setup: str
    reason: str


@dataclass(frozen=True)
class Pairing:
    """Two recordings, paired.

    Attributes
    ----------
    pairs
        In the order of NEW.
    apart
        What is not compared.
    unsupported
        How many setups refuse the same instance on both sides.
    """

    pairs: tuple[Paired, ...]
    apart: tuple[Apart, ...]
    unsupported: int

    @property
    def gone(self) -> int:
        """How many setups on instances stand in BASE only."""
        return sum(one.reason == ONLY_IN_BASE for one in self.apart)


def paired(base: Recording, new: Recording) -> Pairing:
    """Pair the measurements of two recordings by instance and setup."""
    old, young = _by_instance_and_setup(base), _by_instance_and_setup(new)
    pairs: list[Paired] = []
    apart: list[Apart] = []
    unsupported = 0
    for key, repetitions in young.items():
        if key not in old:
            apart.append(_apart(repetitions, "only in NEW"))
            continue
        pair = Paired(old[key], repetitions)
        different = _asked_differently(pair)
        if different:
            apart.append(_apart(repetitions, different))
        elif not pair.base.supported and not pair.new.supported:
            unsupported += 1
        else:
            pairs.append(pair)
    apart += [_apart(repetitions, ONLY_IN_BASE) for key, repetitions in old.items() if key not in young]
    return Pairing(tuple(pairs), tuple(apart), unsupported)


def answered_otherwise(pairs: Iterable[Paired]) -> Iterator[Apart]:
    """The pairs whose counters and sizes are not compared, as ``auto`` chose another solver."""
    for pair in pairs:
        if not pair.answered_alike:
            before, after = (" and ".join(side.answered_by) for side in (pair.base, pair.new))
            words = f"answered by {before}, now by {after}"
            yield Apart(pair.instance, pair.setup, f"counters and sizes: {words}")


def _by_instance_and_setup(recording: Recording) -> dict[tuple[str, str], Repetitions]:
    groups: dict[tuple[str, str], list[Measurement]] = {}
    for one in recording.measurements:
        groups.setdefault((one.sha256, one.setup), []).append(one)
    return {key: Repetitions(tuple(sorted(group, key=lambda one: one.repetition))) for key, group in groups.items()}


def _asked_differently(pair: Paired) -> str:
    """What was asked for differently, in words; empty if nothing was."""
    return "; ".join(
        f"another {name.replace('_', ' ')}: {_all(before)}, now {_all(after)}"
        for name in _ASKED
        if (before := _values(pair.base, name)) != (after := _values(pair.new, name))
    )


def _values(repetitions: Repetitions, name: str) -> list[object]:
    found: list[object] = []
    for one in repetitions.measurements:
        value = getattr(one, name)
        if value not in found:
            found.append(value)
    return found


def _all(values: Sequence[object]) -> str:
    return " and ".join("none" if value is None else str(value) for value in values)


def _apart(repetitions: Repetitions, reason: str) -> Apart:
    first = repetitions.measurements[0]
    return Apart(first.instance, first.setup, reason)
