"""What came of a trial, and recordings: the measurements of a suite on one machine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qnnt.benchmarking.trials import Trial, features_of, key_of
from qnnt.exact import Number
from qnnt.instance import Objective
from qnnt.result import Incumbent, Status
from qnnt.verdicts import Run, Verdict

COUNTERS = (
    "conflicts",
    "branches",
    "decisions",
    "propagations",
    "deterministic_time",
    "nodes",
    "lp_iterations",
    "transitions",
    "states_peak",
    "tried",
    "scored",
)
"""The work of a search, as solvers count it; more is worse."""
SIZES = (
    "booleans",
    "integers",
    "clauses",
    "linears",
    "thresholds",
    "products",
    "terms",
    "constraints",
    "variables",
    "cnf.variables",
    "cnf.clauses",
    "cnf.literals",
    "program.variables",
    "program.rows",
    "program.nonzeros",
    "pb.variables",
    "pb.rows",
    "pb.nonzeros",
)
"""Of the model that a solver was given; more is worse."""
TIMES = ("wall", "cpu", "encode", "encode_cpu", "solve")
"""Seconds: of the whole trial, of the solver's process, until its search starts, of the rest."""


@dataclass(frozen=True)
class Measurement:
    """What came of a trial.

    Attributes
    ----------
    instance, sha256
        Its label, and the digest of its canonical form.
    features
        See `qnnt.benchmarking.trials.features_of`.
    solver, answered_by
        What was asked, and who answered: the same, but where ``auto`` chose. None where that is not known.
    apparent, problem
        As in `qnnt.verdicts.Run`: a verdict where the trial alone shows it; what is behind that, in words.
    status, loss, lower_bound, incumbents
        Of its result; None and empty without one.
    seconds
        By the names of `TIMES`; only ``wall`` where the trial has no result.
    peak_memory
        Megabytes of the solver's process; 0 where that cannot be told.
    sizes, counters
        Those of `SIZES` and `COUNTERS` that the solver tells.
    machine
        The id of the machine that it was made on.
    """

    instance: str
    sha256: str
    family: str
    features: Mapping[str, int | None]
    setup: str
    solver: str
    threads: int
    seed: int
    repetition: int
    time_limit: float
    memory_limit: int | None
    objective: Objective
    bound: Number | None
    apparent: Verdict | None
    problem: str
    status: Status | None
    loss: Number | None
    lower_bound: Number | None
    numerical: bool
    seconds: Mapping[str, float]
    peak_memory: int
    sizes: Mapping[str, int]
    counters: Mapping[str, float]
    incumbents: tuple[Incumbent, ...]
    machine: str
    answered_by: str | None = None

    @property
    def key(self) -> str:
        """What it is known by within its recording."""
        return key_of(self.sha256, self.setup, self.repetition)

    @property
    def solved(self) -> bool:
        """Whether it settled the question, and did not break afterwards."""
        return self.apparent is None and self.status is not None and self.status.answered

    @property
    def supported(self) -> bool:
        """Whether the solver takes the instance at all."""
        return self.apparent is not Verdict.UNSUPPORTED

    @property
    def run(self) -> Run:
        """As a run among others, to be held against them by `qnnt.verdicts.judged`."""
        return Run(
            self.instance,
            self.sha256,
            self.setup,
            self.objective,
            self.bound,
            self.apparent,
            self.problem,
            self.status,
            self.loss,
            self.lower_bound,
            self.numerical,
            self.seconds["wall"],
            self.incumbents,
        )


def measured(trial: Trial, run: Run, machine: str) -> Measurement:
    """What a trial's run comes to."""
    result: Mapping[str, Any] = run.result or {}
    seconds, model = result.get("seconds", {}), _flat(result.get("model", {}))
    return Measurement(
        instance=run.instance,
        sha256=run.sha256,
        family=trial.family,
        features=features_of(trial.named.instance),
        setup=trial.setup.name,
        solver=trial.setup.solver,
        answered_by=result.get("solver"),
        threads=trial.setup.threads,
        seed=trial.setup.seed,
        repetition=trial.repetition,
        time_limit=trial.terms.time_limit or 0.0,
        memory_limit=trial.terms.memory_limit,
        objective=run.objective,
        bound=run.bound,
        apparent=run.apparent,
        problem=run.problem,
        status=run.status,
        loss=run.loss,
        lower_bound=run.lower_bound,
        numerical=run.numerical,
        seconds={"wall": run.seconds, **{name: seconds[name] for name in TIMES if name in seconds}},
        peak_memory=model.get("peak_memory_mb", 0),
        sizes={name: model[name] for name in SIZES if _counts(model.get(name)) and isinstance(model[name], int)},
        counters={name: model[name] for name in COUNTERS if _counts(model.get(name))},
        incumbents=run.incumbents,
        machine=machine,
    )


def _counts(value: object) -> bool:
    """Whether it is an amount: solvers from elsewhere may tell anything."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _flat(model: Mapping[str, Any]) -> dict[str, Any]:
    """Members of members under names with a point: ``cnf.clauses``."""
    flat: dict[str, Any] = {}
    for name, value in model.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": entry for inner, entry in value.items()}
        else:
            flat[name] = value
    return flat


@dataclass(frozen=True)
class Commit:
    """A state of the code in git.

    Attributes
    ----------
    date
        When it was committed, in UTC: ``2026-11-20T12:00:00Z``.
    changes
        A digest of what differs from it in the package's files; empty if nothing does.
    """

    id: str
    date: str
    changes: str = ""

    @property
    def label(self) -> str:
        """Short, for people."""
        return f"{self.id[:10]}+" if self.changes else self.id[:10]


@dataclass(frozen=True)
class Heading:
    """What all measurements of a recording have in common.

    Attributes
    ----------
    suite, suite_sha256
        The suite's name, and a digest of its content and its instances.
    setups
        In the suite's order: name to solver.
    planned
        The number of trials.
    started
        In UTC: ``2026-11-20T12:00:00Z``.
    commit
        Of the code that was measured; None where it comes from no git checkout.
    machine
        Description of the machine that the recording was begun on: ``id``, ``cpu``, ``cores``, ...
    versions
        Of Python, qnnt and the solvers' packages.
    jobs
        Trials that ran at the same time.
    """

    suite: str
    suite_sha256: str
    description: str
    yardstick: str | None
    setups: Mapping[str, str]
    planned: int
    started: str
    commit: Commit | None
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    jobs: int = 1

    @property
    def label(self) -> str:
        """Which version of the code, for people."""
        return self.commit.label if self.commit is not None else f"qnnt {self.versions.get('qnnt', '?')}"


@dataclass(frozen=True)
class Recording:
    """The measurements of a suite.

    Attributes
    ----------
    source
        The file that it stands in.
    """

    heading: Heading
    measurements: tuple[Measurement, ...]
    source: str = field(default="", compare=False)

    @property
    def missing(self) -> int:
        """Planned trials without a measurement."""
        return self.heading.planned - len(self.measurements)
