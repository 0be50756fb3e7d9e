"""From an instance to an answer, within one process: simplify, encode, solve, decode, restore."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from qnnt.encoders.order import Encoding, encode
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.simplification.pipeline import simplify
from qnnt.simplification.samples import certain_loss
from qnnt.simplification.steps import Simplified
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, ModelProgress, Raised, Report
from qnnt.solvers.registry import SOLVERS


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
    """

    instance: Instance
    objective: Objective
    solver: str
    settings: Mapping[str, Any]
    limits: Limits
    hint: Parameters | None = None
    folder: str | None = None


def run(job: Job, report: Report) -> Answer:
    """Answer the job's question.

    Raises
    ------
    UnsupportedError
        If the solver cannot take the instance; says why.
    """
    start = time.monotonic()
    if job.folder is not None:
        with contextlib.suppress(OSError):  # it may be gone: then only absolute paths are any good
            os.chdir(job.folder)
    solver: Any = SOLVERS[job.solver].create(**job.settings)
    if not SOLVERS[job.solver].encodings:
        reason = solver.unsupported(job.instance, job.objective)
        if reason:
            raise UnsupportedError(f"{job.solver}: {reason}")
        return solver.solve(job.instance, job.objective, job.hint, job.limits, report)  # type: ignore[no-any-return]
    simplified = simplify(job.instance)
    if job.objective is Objective.MINIMIZE and (floor := certain_loss(simplified.instance)):
        report(Raised(floor))
    encoding = encode(simplified.instance, job.objective, encoding=solver.network)
    reason = solver.unsupported(encoding.model)
    if reason:
        raise UnsupportedError(f"{job.solver}: {reason}")
    seconds = time.monotonic() - start
    sizes = {**encoding.model.sizes, "parameters": encoding.parameter_sizes}
    if job.objective is Objective.MINIMIZE:
        sizes["loss_denominator"] = encoding.model.objective.denominator
    report(Encoded(seconds, sizes))
    left = None if job.limits.seconds is None else job.limits.seconds - seconds
    return _solve_model(job, solver, simplified, encoding, dataclasses.replace(job.limits, seconds=left), report)


def _solve_model(
    job: Job, backend: Any, simplified: Simplified, encoding: Encoding, limits: Limits, report: Report
) -> Answer:
    hint = [] if job.hint is None else encoding.hint(simplified.project(job.hint))
    denominator = encoding.model.objective.denominator
    found = False

    def pass_on(progress: ModelProgress) -> None:
        nonlocal found
        if progress.assignment is not None:
            found = True
            report(Found(simplified.restore(encoding.decode(progress.assignment))))
        if progress.lower_bound is not None:
            report(Raised(_ratio(progress.lower_bound, denominator)))

    answer = backend.solve(encoding.model, hint, limits, pass_on)
    bound = None if answer.lower_bound is None else _ratio(answer.lower_bound, denominator)
    return Answer(_status(job.objective, answer.proved, found), bound, answer.statistics)


def _status(objective: Objective, proved: bool, found: bool) -> Status:
    if objective is Objective.DECIDE:
        return Status.YES if found else Status.NO if proved else Status.UNKNOWN
    if proved:
        return Status.OPTIMAL if found else Status.INFEASIBLE
    return Status.FEASIBLE if found else Status.UNKNOWN


def _ratio(numerator: int, denominator: int) -> Number:
    return reduced(Fraction(numerator, denominator))
