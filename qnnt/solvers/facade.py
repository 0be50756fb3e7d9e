"""`qnnt.solve` and `qnnt.verify`: one door to all solvers.

A solver runs in a process of its own. What it finds is verified here by the evaluator before it
counts; limits are enforced from here by killing that process, and the best solution stays.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from qnnt.array_evaluation import judge
from qnnt.errors import CertificateError, InputError, SolverError
from qnnt.exact import Number, to_json_number, to_number
from qnnt.files.instances import sha256_of
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Incumbent, Result, Solution, Status
from qnnt.solvers.backends import Answer, Encoded, Found, Limits, Raised
from qnnt.solvers.registry import Configuration, configuration, version_of
from qnnt.solvers.routes import Job, run
from qnnt.solvers.workshop import Failed, Finished, Task, workshop

POLL = 0.05
"""Seconds between two looks at the clock, the memory and the stop flag."""
GRACE = 0.3
"""Seconds that a solver may take beyond its time limit to end by itself."""
SMALL = 2_000_000
"""Sums up to which `auto` enumerates: a fraction of a second, less than the start of a solver."""


class Stop(Protocol):
    """Something that can say that the user wants an end, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Whether it is time to stop."""
        ...


@dataclass(frozen=True)
class Progress:
    """The state of a search, for display."""

    seconds: float
    loss: Number | None
    lower_bound: Number
    stage: str


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
    search = _Search(
        instance,
        _configuration(instance, solver, encoding),
        _objective(instance, objective, bound),
        bound,
        _limits(time_limit, memory_limit, threads, seed),
        memory_limit,
        on_progress or (lambda progress: None),
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
    return Limits(time_limit, threads or len(os.sched_getaffinity(0)), seed)


class _Search:
    """One run: what is known so far, and the loop that listens to the solver's process."""

    def __init__(
        self,
        instance: Instance,
        chosen: Configuration,
        objective: Objective,
        bound: Number | None,
        limits: Limits,
        memory_limit: int | None,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._start = time.monotonic()
        self._original = instance
        self._chosen = chosen
        self._objective = objective
        self._instance = instance if bound is None else instance.derive(bound=to_number(bound))
        self._limits = limits
        self._memory_limit = memory_limit
        self._on_progress = on_progress
        self._best: Parameters | None = None
        self._loss: Number | None = None
        self._lower: Number = 0
        self._peak = 0
        self._encoded: Encoded | None = None
        self._incumbents: list[Incumbent] = []
        self._stage = "encoding"
        self._hint: Parameters | None = None

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._start

    def take_hint(self, hint: Parameters) -> None:
        """Verify the hint; it is the first incumbent."""
        self._hint = hint
        self._accept(hint)

    def _accept(self, parameters: Parameters) -> None:
        """A claimed solution: it counts if the evaluator agrees, and if it is better."""
        loss = judge(self._instance, parameters)
        if self._loss is None or loss < self._loss:
            self._best, self._loss = parameters, loss
            self._note_progress()

    def _note_progress(self) -> None:
        if self._loss is not None and self._lower > self._loss:
            raise SolverError(f"{self._chosen.name} claims the lower bound {self._lower} above the loss {self._loss}")
        self._incumbents.append(Incumbent(self._seconds, self._loss, self._lower))

    @property
    def _settled(self) -> bool:
        """Whether what is known answers the question without any further search."""
        if self._loss is None:
            return False
        if self._objective is Objective.DECIDE:
            return self._instance.bound is not None and self._loss <= self._instance.bound
        return self._loss == self._lower

    def run(self, stop: Stop | None) -> Result:
        """Listen to the solver until it ends, a limit is reached, or the user stops it."""
        if self._settled:
            return self._result(self._settled_status(), {}, "the hint settles it")
        entry = self._chosen.entry
        entry.create()  # a missing package is said here, once, in its own words
        job = Job(
            self._instance, self._objective, entry.name, self._chosen.encoding, self._limits, self._hint
        )
        task = workshop(entry.preload).start(run, job)
        try:
            return self._listen(task, stop)
        finally:
            task.kill()

    def _listen(self, task: Task, stop: Stop | None) -> Result:
        while True:
            reason = self._reached_limit(task, stop)
            if reason:
                return self._result(self._unsettled_status(), {}, reason)
            if task.poll(POLL):
                try:
                    message = task.receive()
                except EOFError:
                    return self._after_crash("the solver's process died (killed, or out of memory)")
                if isinstance(message, Failed):
                    if message.error is not None:
                        raise message.error
                    return self._after_crash(message.text)
                if isinstance(message, Finished):
                    return self._finish(message.value)
                self._hear(message)
            self._on_progress(Progress(self._seconds, self._loss, self._lower, self._stage))

    def _reached_limit(self, task: Task, stop: Stop | None) -> str:
        self._peak = max(self._peak, task.memory())
        if stop is not None and stop.is_set():
            return "interrupted"
        if self._limits.seconds is not None and self._seconds > self._limits.seconds + GRACE:
            return "time limit reached"
        if self._memory_limit is not None and self._peak > self._memory_limit * 2**20:
            return "memory limit reached"
        return ""

    def _hear(self, message: object) -> None:
        match message:
            case Encoded():
                self._encoded = message
                self._stage = "solving"
            case Found(parameters=parameters):
                try:
                    self._accept(parameters)
                except CertificateError as error:
                    raise SolverError(f"{self._chosen.name} returned a wrong solution: {error}") from None
            case Raised(lower_bound=lower) if lower > self._lower and self._objective is Objective.MINIMIZE:
                self._lower = lower
                self._note_progress()

    def _finish(self, answer: Answer) -> Result:
        status = answer.status
        if self._objective is Objective.MINIMIZE:
            if answer.lower_bound is not None and answer.lower_bound > self._lower:
                self._lower = answer.lower_bound
                self._note_progress()
            if status is Status.INFEASIBLE and self._loss is not None:
                raise SolverError(f"{self._chosen.name} says infeasible, but the loss {self._loss} was verified")
            if status is Status.OPTIMAL:
                if self._loss is None:
                    raise SolverError(f"{self._chosen.name} says optimal, but returned no solution")
                self._lower = self._loss
            if not status.answered:
                status = self._unsettled_status()
        elif status is Status.YES or self._settled:
            if not self._settled:
                raise SolverError(f"{self._chosen.name} says yes, but its best loss is {self._loss}")
            status = Status.YES
        elif status is not Status.NO:
            status = self._unsettled_status()
        note = "" if status.answered else "time limit reached"
        return self._result(status, answer.statistics, note)

    def _after_crash(self, text: str) -> Result:
        """A crash with a verified solution at hand keeps the solution; without one it is an error."""
        if self._best is None:
            raise SolverError(f"{self._chosen.name}: {text}")
        return self._result(self._unsettled_status(), {}, f"crashed: {text}")

    def _settled_status(self) -> Status:
        return Status.YES if self._objective is Objective.DECIDE else Status.OPTIMAL

    def _unsettled_status(self) -> Status:
        if self._settled:
            return self._settled_status()
        return Status.UNKNOWN if self._loss is None else Status.FEASIBLE

    def _result(self, status: Status, statistics: Mapping[str, Any], note: str) -> Result:
        seconds = self._seconds
        encode = self._encoded.seconds if self._encoded else 0.0
        lower: Number | None = self._lower
        if status is Status.INFEASIBLE or self._objective is Objective.DECIDE:
            lower = None
        solution = None if self._best is None else Solution(self._original, self._best)
        return Result(
            status=status,
            objective=self._objective,
            instance_sha256=sha256_of(self._original),
            solver=self._chosen.name,
            encoding=self._chosen.encoding,
            loss=self._loss,
            lower_bound=lower,
            solution=solution,
            accuracy=None if self._best is None else accuracy(self._original, self._best),
            options={
                "objective": str(self._objective),
                "bound": None if self._instance.bound is None else to_json_number(self._instance.bound),
                "encoding": self._chosen.encoding,
                "threads": self._limits.threads,
                "seed": self._limits.seed,
                "time_limit": self._limits.seconds,
                "memory_limit": self._memory_limit,
                "hint": self._hint is not None,
            },
            seconds={"encode": encode, "solve": seconds - encode, "total": seconds},
            model={**(self._encoded.sizes if self._encoded else {}), **statistics, "peak_memory_mb": self._peak >> 20},
            versions=_versions(self._chosen),
            incumbents=tuple(self._incumbents),
            note=note,
        )


def accuracy(instance: Instance, parameters: Parameters) -> float | None:
    """The fraction of the samples' weight whose unmasked outputs equal their labels; None without samples."""
    from qnnt.losses import Mismatch

    total = instance.dataset.total_weight
    if not total:
        return None
    wrong = judge(instance.derive(loss=Mismatch()), parameters)
    return float(1 - wrong / total)


def _versions(chosen: Configuration) -> dict[str, str]:
    import platform

    names = ["qnnt", "numpy", *(name for name, _ in chosen.entry.packages)]
    found = {name: version_of(name) for name in names}
    return {"python": platform.python_version(), **{name: v for name, v in found.items() if v is not None}}
