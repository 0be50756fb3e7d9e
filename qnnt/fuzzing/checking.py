"""One instance through the solvers of a plan: what each says, and what is wrong with it."""

from __future__ import annotations

import dataclasses
import itertools
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
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
from qnnt.result import Result
from qnnt.solvers.backends import Limits
from qnnt.solvers.contestant import Start, Task, in_process_of_its_own
from qnnt.solvers.entry import Entry
from qnnt.solvers.facade import chosen_configuration
from qnnt.solvers.questions import LossQuestion, Route
from qnnt.solvers.routes import Job
from qnnt.solvers.runner import verdict_of
from qnnt.solvers.search import Search
from qnnt.verdicts import Judged, Run, Verdict, judged

SECONDS = 3.0
"""Limit of each run; instances are made to take a hundredth of that."""
MOMENT = 0.002
"""Limit of a run that is to be cut short, wherever that may be."""
MEMORY = 2048
"""Megabytes of a solver in a process of its own, and of a worker."""
JUDGES = "the evaluators"
"""Stands for a solver where the two evaluators disagree on a solution."""
WORKER = "a worker"
"""Stands for a solver where a worker died, and no solver dies by itself."""


@dataclass(frozen=True)
class Failure:
    """A defect that showed.

    Attributes
    ----------
    solver
        Whose; `JUDGES` for the evaluators, `WORKER` where nobody can be told.
    witness
        Whose verified solution refutes it; None where it shows by itself.
    asked
        The question: minimise, or one that follows from the smallest loss.
    bound
        Of the wrong answer, where that is one to a decision.
    askee
        Who was asked the further question; its verified answer may refute what another one said before.
    """

    solver: str
    verdict: Verdict
    reason: str
    witness: str | None = None
    asked: Asked = Asked.NOTHING
    bound: Number | None = None
    askee: str | None = None


@dataclass(frozen=True)
class Checked:
    """What came of an instance: verdicts by solver, failures, and how many settled the smallest loss."""

    verdicts: tuple[tuple[str, Verdict], ...]
    failures: tuple[Failure, ...]
    answers: int


def check(instance: Instance, plan: Plan, start: Start) -> Checked:
    """Put the questions of the plan, and hold the answers against each other.

    Parameters
    ----------
    start
        How solvers come to run: `qnnt.solvers.inline.InlineTask`, or
        `killable`.
    """
    instance = dataclasses.replace(instance, sha256=sha256_of(instance))  # once, not for every run
    asker = _Asker(instance, plan.seed, start)
    minimised = judged(_enough_runs(asker, plan))
    verdicts = [(run.solver, verdict) for run, verdict in zip(minimised.runs, minimised.verdicts, strict=True)]
    failures = [*_failures(minimised, (), Asked.NOTHING, None), *asker.quarrels]
    answers = sum(verdict is Verdict.AGREE for verdict in minimised.verdicts)
    before = minimised.verdicts
    able = [solver for solver, verdict in verdicts if not verdict.failed and verdict is not Verdict.UNSUPPORTED]
    for asked, solver in itertools.product(plan.asked, able[-plan.askees :]):
        if minimised.proven.answer is None:
            break
        asker.quarrels.clear()
        run = asker.asked_further(asked, solver, minimised.proven.loss)
        # among those that minimised: its solution may refute what all of them said
        group = judged([*minimised.runs, run])
        verdicts.append((solver, group.verdicts[-1]))
        failures += _failures(group, before, asked, solver)
        before = tuple(new if new.failed else old for old, new in zip(before, group.verdicts, strict=False))
        failures += [dataclasses.replace(quarrel, asked=asked, askee=solver) for quarrel in asker.quarrels]
    return Checked(tuple(verdicts), tuple(failures), answers)


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

    def asked_further(self, asked: Asked, solver: str, best: Number | None) -> Run:
        """The question that follows from the smallest loss; None where no parameters are admissible."""
        if asked is Asked.FROM_HINT:
            return self.minimised(solver, self._admissible())
        if asked is Asked.CUT_SHORT:
            return self._run(solver, LossQuestion(self._instance, None, Objective.MINIMIZE), None, MOMENT)
        bound: Number = 10**6 if best is None else best
        if asked is Asked.BELOW_OPTIMUM and best is not None and best > 0:
            bound = reduced(Fraction(best) * Fraction(2, 3)) if best < 1 else best - 1
        return self._run(solver, LossQuestion(self._instance, bound, Objective.DECIDE), None)

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

    def _run(self, solver: str, question: LossQuestion, hint: Parameters | None, seconds: float | None = None) -> Run:
        chosen = chosen_configuration(self._instance, solver)
        started = time.monotonic()
        search = Search(question, chosen, Limits(seconds or SECONDS, 1, self._seed), MEMORY, _ignore)
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


def _failures(group: Judged, before: Sequence[Verdict], asked: Asked, askee: str | None) -> Iterator[Failure]:
    """The runs that failed, without those that had failed before the last one was made."""
    from qnnt.reports import reason

    for run, verdict, earlier in itertools.zip_longest(group.runs, group.verdicts, before):
        if verdict.failed and not (earlier is not None and earlier.failed):
            witness = group.witness if run.apparent is None else None
            other = None if witness is None else witness.solver
            bound = run.bound if run.objective is Objective.DECIDE else None
            yield Failure(run.solver, verdict, reason(run, group), other, asked, bound, askee)


def _ignore(progress: object) -> None:
    """Nobody watches."""


def killable(entry: Entry, route: Route, job: Job) -> Task:
    """A solver in a process of its own, whose last words on standard error nobody wants a thousand times."""
    return in_process_of_its_own(entry, route, dataclasses.replace(job, log=os.devnull))


def again(failure: Failure, solvers: Sequence[str], seed: int, start: Start) -> Callable[[Instance], Failure | None]:
    """What looks for the same defect on other instances: what shrinking asks.

    That is the same verdict on the same solver, asked the same; for crashes by the same kind of exception.

    Parameters
    ----------
    solvers
        What the instances go through; who is asked a further question stands last: see `pair_of`.
    """
    asked = () if failure.asked is Asked.NOTHING else (failure.asked,)
    plan = Plan(tuple(solvers), (), asked, seed)

    def look(instance: Instance) -> Failure | None:
        found = check(instance, plan, start).failures
        return next((each for each in found if _alike(each, failure)), None)

    return look


def pair_of(failure: Failure) -> tuple[str, ...]:
    """The solvers that show a defect: who is asked a further question stands last."""
    last = failure.solver if failure.askee is None else failure.askee
    named = dict.fromkeys([failure.witness, failure.solver])
    others = [solver for solver in named if solver not in (None, JUDGES, WORKER, last)]
    return tuple(solver for solver in (*others, last) if solver is not None and solver not in (JUDGES, WORKER))


def _alike(one: Failure, other: Failure) -> bool:
    return _trait(one) == _trait(other) and (
        one.verdict is not Verdict.CRASHED or _kind(one.reason) == _kind(other.reason)
    )


def _trait(failure: Failure) -> tuple[object, ...]:
    return failure.solver, failure.verdict, failure.asked, failure.askee, failure.bound is None


def _kind(reason: str) -> str:
    """``sat: IndexError: list index ...`` is an IndexError."""
    return ":".join(reason.split(":")[:2])
