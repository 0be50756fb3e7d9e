"""Many answers to one instance, held against each other: a verdict in words for each.

Every loss that counts was recomputed by the evaluator, so disagreements have a culprit: a bound above a
verified loss is wrong, and so is a NO where a solution within the bound was verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from qnnt.exact import Number
from qnnt.instance import Objective
from qnnt.result import Ending, Incumbent, Result, Status


class Verdict(StrEnum):
    """What is to be said of one run."""

    AGREE = "agree"
    """It answered, and nothing speaks against it."""
    LIMIT = "limit"
    """It ended without an answer: by a limit, or because it gave up."""
    WORSE = "worse than proven"
    """It ended without an answer, and its solution is worse than what others proved."""
    UNSUPPORTED = "unsupported"
    """It cannot take the instance, and said so."""
    WRONG_CERTIFICATE = "wrong certificate"
    """It gave a solution that fails its check, or none where it claimed one."""
    CONTRADICTION = "contradiction"
    """It claimed a bound or an answer that a verified solution refutes."""
    CRASHED = "crashed"
    """Its process raised, died or ran out of memory."""

    @property
    def failed(self) -> bool:
        """Whether it speaks of a defect."""
        return self in (Verdict.WRONG_CERTIFICATE, Verdict.CONTRADICTION, Verdict.CRASHED)


@dataclass(frozen=True)
class Run:
    """One solver on one instance.

    Attributes
    ----------
    instance, sha256
        The instance's label, and the digest of its canonical form.
    solver
        The configuration as it was named: ``sat:glucose4:adder``.
    apparent
        The verdict where the run alone shows it: unsupported, crashed, refuted at once; else None.
    problem
        In words, what is behind that; or why the search ended.
    status, loss, lower_bound
        Of its result; the loss was verified. None without a result.
    numerical
        Whether its bound, or its no, rests on floating-point arithmetic.
    seconds
        Wall clock of the whole run.
    incumbents
        When losses and bounds became known, in seconds since its start.
    result
        The document of its result, with the solution; None without one.
    log
        The end of what its process wrote to standard error.
    """

    instance: str
    sha256: str
    solver: str
    objective: Objective
    bound: Number | None
    apparent: Verdict | None = None
    problem: str = ""
    status: Status | None = None
    loss: Number | None = None
    lower_bound: Number | None = None
    numerical: bool = False
    seconds: float = 0.0
    incumbents: tuple[Incumbent, ...] = ()
    result: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    log: str = field(default="", repr=False)

    @property
    def claimed_bound(self) -> Number | None:
        """The lower bound that it stands for: an optimum's is at least its own loss."""
        claims = [self.lower_bound, self.loss if self.status is Status.OPTIMAL else None]
        return max((claim for claim in claims if claim is not None), default=None)

    @property
    def within_bound(self) -> bool:
        """Whether its verified loss says yes to what was to be decided."""
        if self.objective is not Objective.DECIDE or self.bound is None or self.loss is None:
            return False
        return self.loss <= self.bound

    def refuted_by(self, loss: Number) -> bool:
        """Whether a verified solution of this loss shows its answer or its bound to be wrong."""
        if self.status is Status.INFEASIBLE:
            return True
        if self.status is Status.NO:
            return self.bound is not None and loss <= self.bound
        return self.claimed_bound is not None and self.claimed_bound > loss


def apparent_verdict(result: Result) -> Verdict | None:
    """What a result shows by itself."""
    return Verdict.CRASHED if result.ending is Ending.CRASHED else None


@dataclass(frozen=True, order=True)
class Credit:
    """Who showed something first: seconds into its run, and the solver."""

    seconds: float
    solver: str


@dataclass(frozen=True)
class Proven:
    """What all runs on an instance prove together.

    Attributes
    ----------
    answer
        YES, NO, OPTIMAL or INFEASIBLE; None while the question is open. Two runs may answer it together:
        one has the solution, the other one the bound.
    loss, lower_bound
        The smallest verified loss, and the largest lower bound that nothing refutes; None without any.
    loss_by, bound_by, answer_by
        Who was first; of the bound and the answer, among those that are exact, if there are any.
    numerical
        Whether the bound or the answer rests on floating-point arithmetic alone.
    """

    answer: Status | None
    loss: Number | None
    lower_bound: Number | None
    loss_by: Credit | None
    bound_by: Credit | None
    answer_by: Credit | None
    numerical: bool = False


@dataclass(frozen=True)
class Judged:
    """The runs on one instance, a verdict for each, and what they prove together."""

    runs: tuple[Run, ...]
    verdicts: tuple[Verdict, ...]
    proven: Proven

    @property
    def witness(self) -> Run | None:
        """The run with the smallest verified loss: what refutes the others' bounds."""
        with_loss = [run for run in self.runs if run.loss is not None]
        return min(with_loss, key=_loss_of, default=None)


def judged(runs: Iterable[Run]) -> Judged:
    """Hold the runs on one instance, with one question, against each other."""
    runs = tuple(runs)
    best = min((run.loss for run in runs if run.loss is not None), default=None)
    sound = [run for run in runs if _failure(run, best) is None]
    proven = _proven(sound, runs, best)
    return Judged(runs, tuple(_verdict(run, best, proven) for run in runs), proven)


def _failure(run: Run, best: Number | None) -> Verdict | None:
    if run.apparent is not None:
        return run.apparent
    return Verdict.CONTRADICTION if best is not None and run.refuted_by(best) else None


def _verdict(run: Run, best: Number | None, proven: Proven) -> Verdict:
    failure = _failure(run, best)
    if failure is not None:
        return failure
    if run.status is not None and run.status.answered:
        return Verdict.AGREE
    if run.loss is None or run.loss == best:
        return Verdict.LIMIT
    if run.objective is Objective.DECIDE:
        return Verdict.WORSE if proven.answer is Status.YES else Verdict.LIMIT
    return Verdict.WORSE if proven.answer is Status.OPTIMAL else Verdict.LIMIT


def _proven(sound: Sequence[Run], runs: Sequence[Run], best: Number | None) -> Proven:
    """Losses count whoever found them, as they were verified; bounds and answers only of sound runs."""
    bounds = [run for run in sound if run.claimed_bound is not None]
    lower = max((bound for run in bounds if (bound := run.claimed_bound) is not None), default=None)
    loss_by = min((_credit_for_loss(run, best) for run in runs if best is not None and run.loss == best), default=None)
    provers = _exact_if_any([run for run in bounds if run.claimed_bound == lower])
    bound_by = min((_credit_for_bound(run, lower) for run in provers), default=None)
    answers = _exact_if_any([run for run in sound if run.status is not None and run.status.answered])
    answer = answers[0].status if answers else None
    answer_by = min((Credit(run.seconds, run.solver) for run in answers), default=None)
    if answer is None and any(run.within_bound for run in runs):  # verified, though its finder broke afterwards
        answer, answer_by = Status.YES, loss_by
    if answer is None and best is not None and best == lower:
        answer, answer_by = Status.OPTIMAL, max(filter(None, (loss_by, bound_by)))
    behind = answers if answer in (Status.NO, Status.INFEASIBLE) else provers
    numerical = answer is not Status.YES and any(run.numerical for run in behind)
    return Proven(answer, best, lower, loss_by, bound_by, answer_by, numerical)


def _exact_if_any(runs: Sequence[Run]) -> Sequence[Run]:
    """Those whose claims are exact; all of them where none are."""
    return [run for run in runs if not run.numerical] or runs


def _credit_for_loss(run: Run, loss: Number | None) -> Credit:
    moments = [moment.seconds for moment in run.incumbents if moment.loss == loss]
    return Credit(min(moments, default=run.seconds), run.solver)


def _credit_for_bound(run: Run, bound: Number | None) -> Credit:
    moments = [moment.seconds for moment in run.incumbents if bound is not None and moment.lower_bound >= bound]
    return Credit(min(moments, default=run.seconds), run.solver)


def _loss_of(run: Run) -> Number:
    if run.loss is None:
        raise ValueError("a run without a loss")
    return run.loss
