"""`qnnt.solve` and `qnnt.verify`: one door to all solvers."""

from __future__ import annotations

import os
from collections.abc import Callable

from qnnt.array_evaluation import judge
from qnnt.errors import CertificateError, InputError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Solution
from qnnt.solvers.backends import Limits
from qnnt.solvers.registry import Configuration, configuration
from qnnt.solvers.search import Progress, Search, Stop

SMALL = 2_000_000
"""Sums up to which `auto` enumerates: a fraction of a second, less than the start of a solver."""


def solve(
    instance: Instance,
    *,
    solver: str = "auto",
    encoding: str | None = None,
    objective: str | Objective | None = None,
    bound: Number | None = None,
    time_limit: float | None = None,
    memory_limit: int | None = None,
    threads: int | None = None,
    seed: int = 0,
    hint: Parameters | Solution | None = None,
    stop: Stop | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Find parameters with the smallest loss, or decide whether the bound can be met.

    Parameters
    ----------
    solver, encoding
        Names as on the command line; `auto` enumerates small instances and gives the others to CP-SAT.
    objective
        "decide" or "minimize"; by default the instance's own: decide if it has a bound.
    bound
        Replaces the instance's bound.
    time_limit
        Seconds of wall clock for everything, encoding included.
    memory_limit
        Megabytes of the solver's process; None is no limit.
    threads
        Default: all cores.
    hint
        A solution to start from; it is verified, and is the first incumbent.
    stop
        Looked at several times a second; once set, the search ends and the best solution is returned.

    Returns
    -------
    Result
        Status, verified solution, proven lower bound.

    Raises
    ------
    InputError
        For options that make no sense, and `UnsupportedError` where the solver cannot take the instance.
    CertificateError
        If the hint is no solution of the instance.
    SolverError
        If the solver crashes before it found a solution, or reports a wrong one.
    """
    search = Search(
        instance,
        _configuration(instance, solver, encoding),
        _objective(instance, objective, bound),
        bound,
        _limits(time_limit, memory_limit, threads, seed),
        memory_limit,
        on_progress or (lambda _: None),
    )
    if hint is not None:
        search.take_hint(hint.parameters if isinstance(hint, Solution) else hint)
    return search.run(stop)


def verify(instance: Instance, parameters: Parameters, loss: Number | None = None) -> Number:
    """Check a claimed solution independently of all solvers; its recomputed loss.

    Raises
    ------
    CertificateError
        If a value is missing or outside its set, an activation or the loss is undefined, or the loss
        is not the claimed one.
    """
    actual = judge(instance, parameters)
    if loss is not None and actual != loss:
        raise CertificateError(f"the loss is {actual}, not {loss} as claimed")
    return actual


def _configuration(instance: Instance, solver: str, encoding: str | None) -> Configuration:
    """The `auto` rule: enumerate what takes no time, give the rest to CP-SAT."""
    if solver == "auto":
        from qnnt.algorithms.enumeration import sums_needed

        small = encoding in (None, "auto") and sums_needed(instance) <= SMALL
        solver = "enumeration" if small else "cpsat"
    return configuration(solver, encoding)


def _objective(instance: Instance, objective: str | Objective | None, bound: Number | None) -> Objective:
    if bound is not None and bound < 0:
        raise InputError(f"expected a bound of at least 0, got {bound}")
    if objective is None:
        return instance.objective if bound is None else Objective.DECIDE
    if objective not in list(Objective):
        raise InputError(f"unknown objective {objective!r}: decide or minimize")
    if objective == Objective.DECIDE and bound is None and instance.bound is None:
        raise InputError("to decide, the instance needs a bound (error_bound or margin)")
    return Objective(objective)


def _limits(time_limit: float | None, memory_limit: int | None, threads: int | None, seed: int) -> Limits:
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"the time limit must be positive, not {time_limit}")
    if memory_limit is not None and memory_limit < 1:
        raise InputError(f"the memory limit must be at least 1 MB, not {memory_limit}")
    if threads is not None and threads < 1:
        raise InputError(f"at least one thread is needed, not {threads}")
    if not 0 <= seed < 2**31:
        raise InputError(f"the seed must lie in 0..2^31 - 1, not {seed}")
    return Limits(time_limit, threads or _cores(), seed)


def _cores() -> int:
    """The cores that this process may use, where the system tells; else all of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
