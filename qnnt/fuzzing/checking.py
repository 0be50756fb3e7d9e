"""One instance through the solvers of a plan: what each says, and what is wrong with it."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from qnnt.array_evaluation import judge
from qnnt.errors import CertificateError, QnntError
from qnnt.evaluation import evaluate
from qnnt.exact import Number, reduced
from qnnt.files.instances import sha256_of
from qnnt.files.runs import run_of
from qnnt.fuzzing.plans import Asked, Plan
from qnnt.fuzzing.tiny import random_parameters
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Status
from qnnt.solvers.backends import Limits
from qnnt.solvers.questions import LossQuestion
from qnnt.solvers.registry import configuration
from qnnt.solvers.runner import verdict_of
from qnnt.solvers.search import Search, Start
from qnnt.verdicts import Judged, Run, Verdict, judged

SECONDS = 3.0
"""Limit of each run; instances are made to take a hundredth of that."""
JUDGES = "the evaluators"
"""Stands for a solver where the two evaluators disagree on a solution."""


@dataclass(frozen=True)
class Failure:
    """A defect that showed.

    Attributes
    ----------
    solver
        Whose; `JUDGES` for the evaluators.
    witness
        Whose verified solution refutes it; None where it shows by itself.
    asked
        The question: minimise, or one that follows from the smallest loss.
    bound
        Of the question, where it is a decision.
    """

    solver: str
    verdict: Verdict
    reason: str
    witness: str | None = None
    asked: Asked = Asked.NOTHING
    bound: Number | None = None


@dataclass(frozen=True)
class Checked:
    """What came of an instance: verdicts by solver, and failures."""

    verdicts: tuple[tuple[str, Verdict], ...]
    failures: tuple[Failure, ...]

    @property
    def answers(self) -> int:
        """How many solvers settled the smallest loss."""
        return sum(verdict is Verdict.AGREE for _, verdict in self.verdicts)


def check(instance: Instance, plan: Plan, start: Start) -> Checked:
    """Put the questions of the plan, and hold the answers against each other.

    Parameters
    ----------
    start
        How solvers come to run: `qnnt.solvers.inline.InlineTask`, or
        `qnnt.solvers.search.in_process_of_its_own`.
    """
    instance = dataclasses.replace(instance, sha256=sha256_of(instance))  # once, not for every run
    asker = _Asker(instance, plan.seed, start)
    minimised = judged(_enough_runs(asker, plan))
    failures = [*_failures(minimised, Asked.NOTHING), *asker.quarrels]
    verdicts = [(run.solver, verdict) for run, verdict in zip(minimised.runs, minimised.verdicts, strict=True)]
    takers = [run.solver for run in minimised.runs if run.apparent is not Verdict.UNSUPPORTED]
    if plan.asked is not Asked.NOTHING and takers and not failures and minimised.proven.answer is not None:
        further = asker.asked_further(plan.asked, takers[-1], minimised)
        failures += [*_failures(further, plan.asked), *asker.quarrels]
        verdicts.append((further.runs[-1].solver, further.verdicts[-1]))
    return Checked(tuple(verdicts), tuple(failures))


def _enough_runs(asker: _Asker, plan: Plan) -> Iterator[Run]:
    """All solvers minimise; then spare ones until two have answered."""
    answered = 0
    for number, solver in enumerate((*plan.solvers, *plan.spare)):
        if number >= len(plan.solvers) and answered >= 2:
            return
        run = asker.minimised(solver)
        answered += run.status is not None and run.status.answered
        yield run


class _Asker:
    """Runs solvers on one instance."""

    def __init__(self, instance: Instance, seed: int, start: Start) -> None:
        self._instance = instance
        self._seed = seed
        self._start = start
        self.quarrels: list[Failure] = []

    def minimised(self, solver: str, hint: Parameters | None = None) -> Run:
        return self._run(solver, LossQuestion(self._instance, None, Objective.MINIMIZE), hint)

    def asked_further(self, asked: Asked, solver: str, known: Judged) -> Judged:
        """The question that follows from the smallest loss, with what is known as the other side."""
        if asked is Asked.FROM_HINT:
            return judged([*known.runs, self.minimised(solver, self._admissible())])
        best = known.proven.loss
        bound: Number = 10**6 if best is None else best
        if asked is Asked.BELOW_OPTIMUM and best is not None and best > 0:
            bound = reduced(Fraction(best) * Fraction(2, 3)) if best < 1 else best - 1
        status = Status.YES if best is not None and best <= bound else Status.NO
        witness = known.witness
        other = dataclasses.replace(
            known.runs[0] if witness is None else witness,
            objective=Objective.DECIDE,
            bound=bound,
            status=status,
            lower_bound=None,
            incumbents=(),
        )
        return judged([other, self._run(solver, LossQuestion(self._instance, bound, Objective.DECIDE), None)])

    def _admissible(self) -> Parameters | None:
        """Random parameters whose loss is defined, if one of a few draws has one."""
        rng = random.Random(self._seed)
        for _ in range(5):
            parameters = random_parameters(rng, self._instance)
            try:
                judge(self._instance, parameters)
            except CertificateError:
                continue
            return parameters
        return None

    def _run(self, solver: str, question: LossQuestion, hint: Parameters | None) -> Run:
        chosen = configuration(solver, None)
        started = time.monotonic()
        search = Search(question, chosen, Limits(SECONDS, 1, self._seed), None, _ignore)
        try:
            if hint is not None:
                search.take_hint(hint)
            result = search.run(None, self._start)
        except QnntError as error:
            return Run(
                instance="",
                sha256=self._instance.sha256,
                solver=solver,
                objective=question.asks,
                bound=question.instance.bound,
                apparent=verdict_of(error),
                problem=str(error),
                seconds=time.monotonic() - started,
            )
        self._hold_evaluators_against_each_other(solver, result)
        return run_of(result, "", solver, time.monotonic() - started)

    def _hold_evaluators_against_each_other(self, solver: str, result: Result) -> None:
        """The result was judged in arrays; here once more value by value."""
        if result.solution is None:
            return
        try:
            loss: Number | str = evaluate(self._instance, result.solution.parameters)
        except CertificateError as error:
            loss = str(error)
        if loss != result.loss:
            reason = f"a solution of {solver} has the loss {result.loss} in arrays, but {loss} value by value"
            self.quarrels.append(Failure(JUDGES, Verdict.CONTRADICTION, reason, solver))


def _failures(group: Judged, asked: Asked) -> Iterator[Failure]:
    from qnnt.reports import reason

    for run, verdict in zip(group.runs, group.verdicts, strict=True):
        if verdict.failed:
            witness = group.witness if run.apparent is None else None
            other = None if witness is None else witness.solver
            bound = run.bound if run.objective is Objective.DECIDE else None
            yield Failure(run.solver, verdict, reason(run, group), other, asked, bound)


def _ignore(progress: object) -> None:
    """Nobody watches."""


def again(failure: Failure, plan: Plan, start: Start) -> Callable[[Instance], Failure | None]:
    """What looks for the same defect on other instances: what shrinking asks.

    That is the same verdict on the same solver, asked the same; for crashes by the same kind of exception.
    """
    named = dict.fromkeys([failure.witness, failure.solver])
    solvers = tuple(solver for solver in named if solver is not None and solver != JUDGES)
    smaller_plan = dataclasses.replace(plan, solvers=solvers, spare=(), asked=failure.asked)

    def look(instance: Instance) -> Failure | None:
        found = check(instance, smaller_plan, start).failures
        return next((each for each in found if _alike(each, failure)), None)

    return look


def _alike(one: Failure, other: Failure) -> bool:
    return (one.solver, one.verdict, one.asked) == (other.solver, other.verdict, other.asked) and (
        one.verdict is not Verdict.CRASHED or _kind(one.reason) == _kind(other.reason)
    )


def _kind(reason: str) -> str:
    """``sat: IndexError: list index ...`` is an IndexError."""
    return ":".join(reason.split(":")[:2])
