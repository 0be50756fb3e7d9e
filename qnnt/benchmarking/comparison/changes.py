"""What changed between two recordings: the rows of `qnnt bench compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qnnt.benchmarking.comparison.pairing import Apart
from qnnt.benchmarking.measurement import Heading


class Weight(StrEnum):
    """What a change means for the gate."""

    REGRESSION = "regression"
    """The gate closes."""
    NOTED = "noted"
    """Told, and no more: within noise, or not to be judged."""
    IMPROVEMENT = "improvement"
    """As far on the good side as a regression is on the bad one."""


@dataclass(frozen=True)
class Contradiction:
    """An answer of one setup that a verified solution refutes, or that fails its own check.

    Attributes
    ----------
    side
        BASE or NEW: where the wrong answer stands.
    claim, witness
        What is wrong, and what shows it, in words.
    weight
        What was wrong in BASE closes no gate: NEW is judged.
    """

    instance: str
    setup: str
    side: str
    claim: str
    witness: str
    weight: Weight


@dataclass(frozen=True)
class VerdictChange:
    """A setup that solves, refuses or breaks on an instance where it did not, or the reverse.

    Attributes
    ----------
    before, after
        In words: ``solved``, ``solved 2 of 3``, ``unsolved``, ``unsupported``, ``crashed``.
    remark
        Why it weighs no more; or the problem.
    """

    instance: str
    setup: str
    before: str
    after: str
    weight: Weight
    remark: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a setup came that solves an instance on neither side.

    Attributes
    ----------
    before, after
        The best lower bound and loss of all repetitions: ``1..4``.
    """

    instance: str
    setup: str
    before: str
    after: str


@dataclass(frozen=True)
class AmountChange:
    """A counter of a search's work, or a size of the models, over all pairs of a setup where it is exact.

    Attributes
    ----------
    pairs
        How many, but for trivial ones.
    ratio
        The geometric mean of NEW / BASE.
    worst
        The label of the instance with the largest ratio, and the two amounts there.
    beyond
        How many pairs are beyond the threshold.
    undecided
        How many pairs are not deterministic: repetitions of the same side differ.
    one_sided
        How many pairs tell it on one side only.
    """

    setup: str
    name: str
    pairs: int
    ratio: float
    worst: str
    worst_before: float
    worst_after: float
    beyond: int
    undecided: int
    one_sided: int
    weight: Weight

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing to tell."""
        return self.worst_before == self.worst_after and self.ratio == 1.0 and not self.undecided + self.one_sided


@dataclass(frozen=True)
class TimeChange:
    """A time, or the peak memory, over all pairs of a setup, or those of one family.

    Attributes
    ----------
    family
        None is all of them.
    pairs
        How many, but for those below the noise floor.
    ratio
        The geometric mean of NEW / BASE; of times, divided by the speed of the machine.
    low, high
        Its bootstrap confidence interval; None where repetitions are too few to tell noise.
    worst, worst_ratio
        The label of the instance with the largest ratio.
    """

    setup: str
    family: str | None
    metric: str
    pairs: int
    ratio: float
    low: float | None
    high: float | None
    worst: str
    worst_ratio: float
    weight: Weight


@dataclass(frozen=True)
class PairChange:
    """A time, or the peak memory, of one pair whose repetitions all lie far beyond all of the other side.

    Attributes
    ----------
    base, new
        The smallest and the largest of the repetitions.
    ratio
        That of the two that are nearest to each other; of times, divided by the speed of the machine.
    """

    setup: str
    metric: str
    instance: str
    base: tuple[float, float]
    new: tuple[float, float]
    ratio: float
    weight: Weight


@dataclass(frozen=True)
class Speed:
    """How fast the machine was, as the yardstick tells: the medians of its NEW / BASE.

    Attributes
    ----------
    cpu, wall
        1 where there is no yardstick: nothing is corrected then.
    pairs
        How many stand behind them; 0 without a yardstick that tells.
    """

    cpu: float = 1.0
    wall: float = 1.0
    pairs: int = 0

    def is_beyond(self, ratio: float) -> bool:
        """Whether the machine became slower, or faster, by more than this ratio."""
        return any(not 1 / ratio <= speed <= ratio for speed in (self.cpu, self.wall))


class Outcome(StrEnum):
    """The verdict of the gate."""

    REGRESSION = "regression"
    DOUBT = "doubt"
    """No regression was seen, but not all was there to be seen."""
    PASS = "pass"


@dataclass(frozen=True)
class Changes:
    """What changed between two recordings.

    Attributes
    ----------
    fail_over
        The ratio that a regression is beyond.
    remarks
        What differs between the recordings as a whole, in words.
    incomplete
        What is missing that was to be measured, in words.
    doubts
        What else a reader of the verdict must know at once, in words.
    pairs
        How many setups on instances were compared.
    times_judged
        Whether times have a weight at all.
    apart
        What was not compared.
    """

    base: Heading
    new: Heading
    fail_over: float
    remarks: tuple[str, ...]
    incomplete: tuple[str, ...]
    doubts: tuple[str, ...]
    pairs: int
    unsupported: int
    speed: Speed
    times_judged: bool
    contradictions: tuple[Contradiction, ...]
    verdicts: tuple[VerdictChange, ...]
    progress: tuple[Progress, ...]
    times: tuple[TimeChange, ...]
    single_times: tuple[PairChange, ...]
    counters: tuple[AmountChange, ...]
    sizes: tuple[AmountChange, ...]
    apart: tuple[Apart, ...]

    @property
    def regressed(self) -> bool:
        """Whether the gate closes."""
        return self.regressions > 0

    @property
    def regressions(self) -> int:
        """How many rows close the gate."""
        return self._count(Weight.REGRESSION)

    @property
    def improvements(self) -> int:
        """How many rows are as far on the good side."""
        return self._count(Weight.IMPROVEMENT)

    def _count(self, weight: Weight) -> int:
        rows: Sequence[Contradiction | VerdictChange | TimeChange | PairChange | AmountChange] = (
            *self.contradictions,
            *self.verdicts,
            *self.times,
            *self.single_times,
            *self.counters,
            *self.sizes,
        )
        return sum(row.weight is weight for row in rows)

    @property
    def outcome(self) -> Outcome:
        """The verdict."""
        if self.regressed:
            return Outcome.REGRESSION
        return Outcome.DOUBT if self.incomplete or self.doubts or not self.pairs else Outcome.PASS

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        compared = f"{counted(self.pairs, 'pair')} of instance and setup"
        if not self.pairs:
            compared = "nothing to compare"
        verdict = [counted(self.regressions, "regression") if self.regressed else "no regression"]
        if self.improvements:
            verdict.append(counted(self.improvements, "improvement"))
        words = "; ".join((*verdict, *self.doubts, *self.incomplete))
        return f"{self.base.label} -> {self.new.label}: {words} ({compared})"


def counted(number: int, noun: str) -> str:
    """One pair, or two pairs."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
