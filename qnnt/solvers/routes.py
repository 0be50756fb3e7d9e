"""From an instance to an answer, within one process: simplify, encode, solve, decode, restore."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from qnnt.algorithms.pruning import prune, sparsest
from qnnt.encoders.model import Integers, Model
from qnnt.encoders.order import encode, encode_sparsest
from qnnt.encoders.sparsity import certain_nonzeros
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status, nonzero_weights
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.samples import certain_loss
from qnnt.simplification.steps import Simplified
from qnnt.solvers.backends import Answer, Backend, Encoded, Event, Found, Limits, ModelProgress, Raised, Report
from qnnt.solvers.news import ModelNews, News, news_from
from qnnt.solvers.registry import entry_of

PRUNING = 10_000_000
"""Budget per neuron for the start of a search for the fewest non-zero weights: a tenth of a second."""


@dataclass(frozen=True)
class Job:
    """All that determines a run.

    Attributes
    ----------
    instance
        As it was given, with the bound that is asked for.
    settings
        What the solver's class is created with.
    hint
        Parameters of the instance to start from, or None.
    folder
        Where files and commands are meant to be; None is wherever the process is.
    log
        A file for what the process writes to standard error; None leaves that as it is.
    scratch
        A folder for temporary files, which whoever asks removes: the process may be killed. None is the system's.
    """

    instance: Instance
    objective: Objective
    solver: str
    settings: Mapping[str, Any]
    limits: Limits
    hint: Parameters | None = None
    folder: str | None = None
    log: str | None = None
    scratch: str | None = None


class Clock:
    """Wall clock and processor time of this process, from now on."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    @property
    def seconds(self) -> float:
        """On the wall clock."""
        return time.monotonic() - self._wall

    @property
    def cpu_seconds(self) -> float:
        """Of all threads of this process."""
        return time.process_time() - self._cpu


def _in_its_scratch(route: Callable[[Job, Report], Answer]) -> Callable[[Job, Report], Answer]:
    """The same with temporary files in the job's own folder."""

    @functools.wraps(route)
    def routed(job: Job, report: Report) -> Answer:
        before, tempfile.tempdir = tempfile.tempdir, job.scratch or tempfile.tempdir
        try:
            return route(job, report)
        finally:
            tempfile.tempdir = before

    return routed


@_in_its_scratch
def run(job: Job, report: Report) -> Answer:
    """Answer the job's question.

    Raises
    ------
    UnsupportedError
        If the solver cannot take the instance; says why.
    """
    start = Clock()
    solver = _prepared(job)
    if not entry_of(job.solver).encodings:
        reason = solver.unsupported(job.instance, job.objective)
        if reason:
            raise UnsupportedError(f"{job.solver}: {reason}")
        timed = _Timed(report, start)  # what `unsupported` prepared for the search belongs to it
        return solver.solve(job.instance, job.objective, job.hint, job.limits, timed)  # type: ignore[no-any-return]
    simplified = simplify(job.instance)
    if job.objective is Objective.MINIMIZE and (floor := certain_loss(simplified.instance)):
        report(Raised(floor))
    encoding = encode(simplified.instance, job.objective, encoding=solver.network)
    sizes = {"loss_denominator": encoding.model.objective.denominator} if job.objective is Objective.MINIMIZE else {}
    return solve_model(job, solver, simplified, encoding, sizes, start, report)


class _Timed:
    """Reports with the time that encoding took since the job's start."""

    def __init__(self, report: Report, start: Clock) -> None:
        self._report = report
        self._start = start

    def __call__(self, event: Event) -> None:
        if isinstance(event, Encoded):
            event = dataclasses.replace(event, seconds=self._start.seconds, cpu_seconds=self._start.cpu_seconds)
        self._report(event)

    def news(self) -> News:
        """What others know."""
        return news_from(self._report)


@_in_its_scratch
def run_sparsest(job: Job, report: Report) -> Answer:
    """Find the fewest non-zero weights within the bound of the job's instance, from its hint on.

    Where the solver cannot take the model there is no error, as the hint is an answer already: the status
    is UNKNOWN, and the reason is given.
    """
    start = Clock()
    solver = _prepared(job)
    if job.hint is None:
        raise ValueError("the search for the fewest non-zero weights starts from a solution")
    pruned = prune(job.instance, job.hint)
    report(Found(pruned))  # at once, as the rest may take its time
    pruned = sparsest(job.instance, pruned, PRUNING).parameters
    report(Found(pruned))
    certain = certain_nonzeros(job.instance)
    if nonzero_weights(pruned) == certain:
        return Answer(Status.OPTIMAL, certain)
    simplified = simplify(job.instance)
    besides = certain - certain_nonzeros(simplified.instance)
    try:
        encoding = encode_sparsest(simplified.instance, besides=besides, encoding=solver.network)
        return solve_model(dataclasses.replace(job, hint=pruned), solver, simplified, encoding, {}, start, report)
    except UnsupportedError as error:
        return Answer(Status.UNKNOWN, reason=str(error))


def _prepared(job: Job) -> Any:
    """The solver, in the folder that files and commands are meant to be in."""
    if job.folder is not None:
        with contextlib.suppress(OSError):  # it may be gone: then only absolute paths are any good
            os.chdir(job.folder)
    if job.log is not None:
        os.dup2(os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    return entry_of(job.solver).create(**job.settings)


class Decodable(Protocol):
    """A model with the way back to parameters of a simplified instance."""

    @property
    def model(self) -> Model: ...

    @property
    def parameter_sizes(self) -> Mapping[str, int]:
        """How large it is in the encoding's own terms."""
        ...

    def decode(self, assignment: Integers) -> Parameters:
        """The parameters of an assignment, an array of values indexed by variable."""
        ...

    def hint(self, parameters: Parameters) -> list[tuple[int, int]]:
        """The (variable, value) pairs of parameters."""
        ...


def solve_model(
    job: Job,
    backend: Backend,
    simplified: Simplified,
    encoding: Decodable,
    sizes: Mapping[str, Any],
    start: Clock,
    report: Report,
) -> Answer:
    """Solve an encoding of the simplified instance, and report in terms of the job's.

    Parameters
    ----------
    sizes
        What to report besides the sizes of the model.
    start
        When the work began.

    Raises
    ------
    UnsupportedError
        If the backend cannot take the model; says why.
    """
    reason = backend.unsupported(encoding.model)
    if reason:
        raise UnsupportedError(f"{job.solver}: {reason}")
    sizes = {**encoding.model.sizes, "parameters": encoding.parameter_sizes, **sizes}
    seconds = start.seconds
    report(Encoded(sizes, seconds, start.cpu_seconds))
    left = None if job.limits.seconds is None else job.limits.seconds - seconds
    limits = dataclasses.replace(job.limits, seconds=left)
    hint = [] if job.hint is None else encoding.hint(simplified.project(job.hint))
    line = _ModelLine(report, simplified, encoding, sizes, start)
    answer = backend.solve(encoding.model, hint, limits, line)
    bound = None if answer.lower_bound is None else _ratio(answer.lower_bound, encoding.model.objective.denominator)
    status = _status(job.objective, answer.proved, line.found)
    return Answer(status, bound, answer.statistics, answer.reason, answer.numerical)


class _ModelLine:
    """Between a backend, which speaks of a Model, and who listens, in terms of the job's instance.

    Attributes
    ----------
    found
        Whether the backend reported a solution.
    """

    def __init__(
        self, report: Report, simplified: Simplified, encoding: Decodable, sizes: Mapping[str, Any], start: Clock
    ) -> None:
        self._report = report
        self._simplified = simplified
        self._encoding = encoding
        self._sizes = sizes
        self._start = start
        self.found = False

    def __call__(self, progress: ModelProgress) -> None:
        """Pass progress on."""
        if progress.lowered is not None:
            sizes = {**self._sizes, **progress.lowered}
            self._report(Encoded(sizes, self._start.seconds, self._start.cpu_seconds))
        if progress.assignment is not None:
            self.found = True
            self._report(Found(self._simplified.restore(self._encoding.decode(progress.assignment))))
        if progress.lower_bound is not None:
            self._report(Raised(_ratio(progress.lower_bound, self._denominator), progress.numerical))

    def model_news(self) -> ModelNews:
        """What others know, in terms of the Model."""
        news = news_from(self._report)
        lower = math.ceil(news.lower_bound * self._denominator)
        if news.parameters is None or news.loss is None:
            return ModelNews(lower=lower)
        hint = self._encoding.hint(self._simplified.project(news.parameters))
        return ModelNews(hint, int(news.loss * self._denominator), lower)

    @property
    def _denominator(self) -> int:
        return self._encoding.model.objective.denominator


def _status(objective: Objective, proved: bool, found: bool) -> Status:
    if objective is Objective.DECIDE:
        return Status.YES if found else Status.NO if proved else Status.UNKNOWN
    if proved:
        return Status.OPTIMAL if found else Status.INFEASIBLE
    return Status.FEASIBLE if found else Status.UNKNOWN


def _ratio(numerator: int, denominator: int) -> Number:
    return reduced(Fraction(numerator, denominator))
