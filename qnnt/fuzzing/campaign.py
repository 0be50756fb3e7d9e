"""`qnnt fuzz`: a stream of random instances through several exact routes each, until a count or the time is up."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qnnt.errors import InputError
from qnnt.fuzzing.cases import CORPUS, Case, corpus_of, made
from qnnt.fuzzing.checking import Failure, killable
from qnnt.fuzzing.crew import BATCH, Outcome, outcomes
from qnnt.fuzzing.features import FEATURES
from qnnt.fuzzing.findings import Finding, made_small, save_finding
from qnnt.solvers.comparison import solvers_named
from qnnt.solvers.facade import cores
from qnnt.solvers.stopping import Stop
from qnnt.verdicts import Verdict

FORMAT = "qnnt-fuzz/1"
COUNT = 1000
"""Instances where neither a count nor a time is given."""
ALIKE = 3
"""Findings of one kind that are shrunk; the others are counted."""
SLOW = 5.0
"""Seconds of an instance above which it is told: it is too large to fuzz with, or a solver forgot its limit."""

Kind = tuple[str, Verdict, str]


@dataclass(frozen=True)
class Campaign:
    """What came of a campaign.

    Attributes
    ----------
    seed
        Of the stream: with it, all can be seen again.
    count, corpus
        Instances of the stream, and of the corpus.
    seconds
        Wall clock.
    verdicts
        How often each solver, by its first name, had each verdict.
    shapes, features
        How many instances had each.
    alone
        How many instances fewer than two solvers settled.
    findings
        Defects, on small instances, with the folders where they lie.
    unshrunk
        Failures of a kind that was found often enough: where, who, and what.
    slow
        Instances that took long, or at which a worker was lost.
    """

    seed: int
    count: int
    corpus: int
    seconds: float
    verdicts: Mapping[str, Mapping[Verdict, int]]
    shapes: Mapping[str, int]
    features: Mapping[str, int]
    alone: int
    findings: tuple[tuple[Finding, str], ...]
    unshrunk: tuple[str, ...]
    slow: tuple[str, ...]

    @property
    def agreed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def unreached(self) -> list[str]:
        """Features that no instance had."""
        return [feature for feature in FEATURES if not self.features.get(feature)]

    @property
    def document(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "format": FORMAT,
            "seed": self.seed,
            "count": self.count,
            "corpus": self.corpus,
            "seconds": round(self.seconds, 2),
            "agreed": self.agreed,
            "verdicts": {
                solver: {str(verdict): count for verdict, count in counts.items()}
                for solver, counts in self.verdicts.items()
            },
            "shapes": dict(self.shapes),
            "features": dict(self.features),
            "settled_by_fewer_than_two": self.alone,
            "findings": [
                {"finding": finding.line, "met": finding.case.label, "folder": folder}
                for finding, folder in self.findings
            ],
            "further_failures": list(self.unshrunk),
            "slow": list(self.slow),
        }


def fuzz(
    *,
    seed: int,
    count: int | None = None,
    first: int = 0,
    time_limit: float | None = None,
    jobs: int | None = None,
    solvers: Iterable[str] = (),
    corpus: str | None = None,
    folder: str = "qnnt-findings",
    stop: Stop | None = None,
    on_outcome: Callable[[int, int], None] | None = None,
) -> Campaign:
    """Fuzz; the corpus comes first.

    Parameters
    ----------
    seed, first, count
        The instances of the stream with this seed and the numbers from `first` on; without a count, until
        the time is up; without both, `COUNT`.
    time_limit
        Seconds.
    jobs
        Workers; all cores by default.
    solvers
        What every instance goes through; by default brute force, and others drawn for each.
    corpus
        A folder of instance files that come before the stream, or one such file; by default, the folder
        that is shipped.
    folder
        Where findings are written.
    stop
        Looked at several times a second.
    on_outcome
        Called after each instance with the number of instances and of failures so far.

    Raises
    ------
    InputError
        For options that make no sense.
    """
    named = _solvers(solvers)
    if count is not None and count < 0:
        raise InputError(f"the count must be at least 0, not {count}")
    if first < 0:
        raise InputError(f"the first number must be at least 0, not {first}")
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"the time limit must be positive, not {time_limit}")
    if jobs is not None and jobs < 1:
        raise InputError(f"at least one job is needed, not {jobs}")
    start = time.monotonic()
    old = _corpus(corpus, seed, named)
    if count is None and time_limit is None:
        count = COUNT
    stream = (Case(seed, number, "", named) for number in _numbers(first, count))
    workers = jobs or cores()

    def stopped() -> bool:
        late = time_limit is not None and time.monotonic() > start + time_limit
        return late or (stop is not None and stop.is_set())

    tally = _Tally(folder, lambda: stop is not None and stop.is_set())
    batch = BATCH if count is None else max(1, min(BATCH, (count + len(old)) // (2 * workers)))
    with contextlib.closing(outcomes(itertools.chain(old, stream), workers, batch, stopped)) as ended:
        for outcome in ended:
            tally.take(outcome)
            if on_outcome is not None:
                on_outcome(tally.instances, tally.failures)
    return tally.campaign(seed, time.monotonic() - start)


def _solvers(names: Iterable[str]) -> tuple[str, ...]:
    named = tuple(solvers_named(names)) if (names := list(names)) else ()
    if len(named) == 1:
        raise InputError("one solver alone has nobody to disagree with: name at least two")
    return named


def _corpus(folder: str | None, seed: int, solvers: Sequence[str]) -> list[Case]:
    if folder is None:
        return corpus_of(CORPUS, seed, solvers)
    if not Path(folder).exists():
        raise InputError("there is no such file or folder", source=folder)
    return corpus_of(Path(folder), seed, solvers)


def _numbers(first: int, count: int | None) -> Iterator[int]:
    return itertools.count(first) if count is None else iter(range(first, first + count))


class _Tally:
    """Counts outcomes, and follows failures up."""

    def __init__(self, folder: str, stop: Callable[[], bool]) -> None:
        self._folder = folder
        self._stop = stop
        self._verdicts: dict[str, Counter[Verdict]] = {}
        self._shapes: Counter[str] = Counter()
        self._features: Counter[str] = Counter()
        self._kinds: Counter[Kind] = Counter()
        self._findings: list[tuple[Finding, str]] = []
        self._slow: list[str] = []
        self._alone = 0
        self._unshrunk: list[str] = []
        self.failures = 0

    @property
    def instances(self) -> int:
        return self._shapes.total()

    def take(self, outcome: Outcome) -> None:
        self._shapes[outcome.shape] += 1
        self._features.update(outcome.features)
        for solver, verdict in outcome.verdicts:
            self._verdicts.setdefault(solver.partition(":")[0], Counter())[verdict] += 1
        self._alone += outcome.answers < 2
        if (outcome.lost and not outcome.failures) or outcome.seconds > SLOW:
            self._slow.append(_slowness(outcome))
        for failure in outcome.failures:
            self.failures += 1
            self._follow(outcome.case, failure)

    def _follow(self, case: Case, failure: Failure) -> None:
        kind = failure.solver.partition(":")[0], failure.verdict, str(failure.asked)
        self._kinds[kind] += 1
        if self._kinds[kind] > ALIKE:
            self._unshrunk.append(f"{case.label}: {failure.solver}: {failure.verdict}")
            return
        finding = made_small(made(case), failure, killable, self._stop)
        self._findings.append((finding, save_finding(finding, self._folder)))

    def campaign(self, seed: int, seconds: float) -> Campaign:
        corpus = self._shapes.pop("corpus", 0)
        return Campaign(
            seed=seed,
            count=self._shapes.total(),
            corpus=corpus,
            seconds=seconds,
            verdicts={solver: dict(counts) for solver, counts in sorted(self._verdicts.items())},
            shapes=dict(sorted(self._shapes.items())),
            features=dict(sorted(self._features.items())),
            alone=self._alone,
            findings=tuple(self._findings),
            unshrunk=tuple(self._unshrunk),
            slow=tuple(self._slow),
        )


def _slowness(outcome: Outcome) -> str:
    """``seed 1, number 7 (8 s; the worker said nothing for 30 s; unanswered: sat)``."""
    unanswered = dict.fromkeys(
        solver for solver, verdict in outcome.verdicts if verdict in (Verdict.LIMIT, Verdict.WORSE)
    )
    parts = [f"{outcome.seconds:.0f} s"]
    parts += [f"the worker {outcome.lost}"] if outcome.lost else []
    parts += [f"unanswered: {', '.join(unanswered)}"] if unanswered else []
    return f"{outcome.case.label} ({'; '.join(parts)})"
