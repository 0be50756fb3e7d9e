"""`qnnt.compare`: many solvers on many instances, each run in a process of its own, held against each other.

Runs are written down one by one and synchronised; a comparison that was interrupted, even by a kill,
continues where it was. Instances, options and versions together are what a run is known by: change one,
and it is made again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import os
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qnnt.errors import FalseClaimError, FalseSolutionError, InputError, QnntError, UnsupportedError
from qnnt.exact import Number, to_json_number, to_number
from qnnt.files.run_log import RunLog, open_run_log
from qnnt.files.runs import SECOND_DIGITS, run_of
from qnnt.files.text import compact
from qnnt.instance import Instance, Objective
from qnnt.reports import Comparison
from qnnt.result import Ending
from qnnt.solvers.facade import AUTO, asked_objective, chosen_configuration, cores, limits_of, solve
from qnnt.solvers.instance_sets import Named, instances_of
from qnnt.solvers.registry import Configuration, configuration, entry_of, solver_names
from qnnt.solvers.reproducers import save_reproducers
from qnnt.solvers.search import Stop
from qnnt.solvers.versions import versions_behind
from qnnt.solvers.workshop import workshop
from qnnt.verdicts import Run, Verdict, judged

ALL = "all"
"""Stands for every solver that is installed."""
SECONDS = 60.0
"""Default limit of a run: some solvers would take years on some instances."""
LOOK = 0.2
"""Seconds between two looks at whether it is time to stop."""
LOGGED = 20_000
"""Bytes of a run's standard error that are kept: its end."""

_VERDICTS: Sequence[tuple[type[QnntError], Verdict]] = (
    (UnsupportedError, Verdict.UNSUPPORTED),
    (FalseSolutionError, Verdict.WRONG_CERTIFICATE),
    (FalseClaimError, Verdict.CONTRADICTION),
)
"""What errors of a run amount to; all others are crashes."""


@dataclass(frozen=True)
class Terms:
    """What all runs of a comparison have in common; see `qnnt.solve`."""

    objective: Objective | None
    bound: Number | None
    time_limit: float | None
    memory_limit: int | None
    threads: int
    seed: int

    @property
    def words(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "objective": None if self.objective is None else str(self.objective),
            "bound": None if self.bound is None else to_json_number(self.bound),
            "time_limit": self.time_limit,
            "memory_limit": self.memory_limit,
            "threads": self.threads,
            "seed": self.seed,
        }

    @property
    def options(self) -> dict[str, Any]:
        """As `qnnt.solve` takes them."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


@dataclass(frozen=True)
class Pair:
    """An instance and a solver: a run to be made."""

    named: Named
    solver: str
    configuration: Configuration

    def key(self, terms: Terms) -> str:
        """What its run is known by."""
        versions = versions_behind(self.configuration.entry)
        return compact({"instance": self.named.sha256, "solver": self.solver, **terms.words, "versions": versions})


def compare(
    instances: Instance | str | os.PathLike[str] | Iterable[Instance | str | os.PathLike[str]],
    solvers: str | Iterable[str] = ALL,
    *,
    objective: str | Objective | None = None,
    bound: Number | None = None,
    time_limit: float | None = SECONDS,
    memory_limit: int | None = None,
    threads: int = 1,
    seed: int = 0,
    jobs: int | None = None,
    output: str | None = None,
    failures: str | None = None,
    stop: Stop | None = None,
    on_run: Callable[[Run, int, int], None] | None = None,
) -> Comparison:
    """Run solvers on instances and hold their answers against each other.

    Parameters
    ----------
    instances
        Instances, instance files, folders, patterns such as ``data/*.json``, families such as
        ``random:layers=3-3-2,d=3,samples=20,seeds=0-9``.
    solvers
        Names as for `qnnt.solve`, such as ``sat:glucose4:totalizer``; "all" is every installed one.
    objective, bound, memory_limit, threads, seed
        Of each run, as for `qnnt.solve`; but one thread, so that runs side by side do not disturb each other.
    time_limit
        Seconds of each run; None is no limit.
    jobs
        Runs at the same time; by default as many as cores allow with these threads.
    output
        A file of runs to append to. Runs that it holds already, on the same terms and with the same
        versions, are not made again.
    failures
        A folder for what is needed to see failed runs again; None saves nothing.
    stop
        Looked at several times a second; once set, the running solvers are ended, and their runs do not count.
    on_run
        Called after each run with the number of runs made, and of all.

    Returns
    -------
    Comparison
        Rows with verdicts, and what is proven of each instance.

    Raises
    ------
    InputError
        For instances, solvers and options that make no sense; before anything runs.
    """
    if jobs is not None and jobs < 1:
        raise InputError(f"at least one job is needed, not {jobs}")
    limits_of(time_limit, memory_limit, threads, seed)
    names = solvers_named([solvers] if isinstance(solvers, str) else solvers)
    named = instances_of([instances] if isinstance(instances, Instance | str | os.PathLike) else instances)
    pairs = [Pair(one, name, chosen_configuration(one.instance, name)) for one in named for name in names]
    for one in named:
        asked_objective(one.instance, objective, bound)
    objective = None if objective is None else Objective(objective)
    bound = None if bound is None else to_number(bound)
    time_limit = None if time_limit in (None, math.inf) else float(time_limit)
    terms = Terms(objective, bound, time_limit, memory_limit, threads, seed)
    runs: dict[str, Run] = {}
    with tempfile.TemporaryDirectory(prefix="qnnt-") as folder, _opened(output) as log:
        keys = {pair.key(terms): pair for pair in pairs}
        for key, pair in keys.items():
            if key in log.known:  # perhaps under another label, of the place where the instance was then
                runs[key] = dataclasses.replace(log.known[key], instance=pair.named.label)
        runner = Runner(terms, Path(folder), stop)
        for key, run in runner.runs({key: pair for key, pair in keys.items() if key not in runs}, jobs):
            log.append(key, run)
            runs[key] = run
            if on_run is not None:
                on_run(run, len(runs), len(pairs))
    groups: dict[str, list[Run]] = {one.sha256: [] for one in named}
    for key, pair in keys.items():
        groups[pair.named.sha256] += [runs[key]] if key in runs else []
    report = Comparison(tuple(judged(group) for group in groups.values()), tuple(names), len(pairs) - len(runs))
    if failures is None or report.agreed:
        return report
    return dataclasses.replace(report, reproducers=save_reproducers(report, named, terms.words, failures))


def solvers_named(names: Iterable[str]) -> list[str]:
    """The solvers of some names, each once; "all" stands for every installed one.

    Raises
    ------
    InputError
        For unknown names, and where a package is missing.
    """
    found: dict[str, None] = {}
    for name in names:
        if name == ALL:
            found.update((each, None) for each in solver_names() if not entry_of(each).missing)
            continue
        if name != AUTO:
            chosen = configuration(name, None)
            chosen.entry.create(**chosen.settings)  # complaints come before the first run
        found[name] = None
    if not found:
        raise InputError("no solver is named")
    return list(found)


class Runner:
    """Makes runs side by side, each in a killable process."""

    def __init__(self, terms: Terms, folder: Path, stop: Stop | None) -> None:
        self._terms = terms
        self._folder = folder
        self._stop = stop
        self._abandoned = threading.Event()

    def is_set(self) -> bool:
        """Whether running solvers are to end: the caller wants it, or has left."""
        return self._abandoned.is_set() or (self._stop is not None and self._stop.is_set())

    def runs(self, pairs: Mapping[str, Pair], jobs: int | None) -> Iterator[tuple[str, Run]]:
        """The runs of the pairs by their keys, as they end; fewer once it is time to stop."""
        count = jobs or max(1, cores() // self._terms.threads)
        waiting = iter(pairs.items())
        running: dict[Future[Run | None], str] = {}
        with ThreadPoolExecutor(count) as pool:
            try:
                while True:
                    for key, pair in itertools.islice(waiting, 0 if self.is_set() else count - len(running)):
                        running[pool.submit(self._run, pair)] = key
                    if not running:
                        return
                    for done in wait(running, LOOK, FIRST_COMPLETED).done:
                        key, run = running.pop(done), done.result()
                        if run is not None:
                            yield key, run
            finally:
                self._abandoned.set()

    def _run(self, pair: Pair) -> Run | None:
        """One run; None if it was ended because it is time to stop."""
        entry = pair.configuration.entry
        with contextlib.suppress(OSError):  # if it does not open, the run tells
            workshop(entry.preload).wait_until_ready()  # its imports are nobody's solving time
        log = self._folder / f"{threading.get_ident()}.log"
        log.unlink(missing_ok=True)
        start = time.monotonic()
        try:
            result = solve(pair.named.instance, solver=pair.solver, stop=self, log=str(log), **self._terms.options)
        except QnntError as error:
            return self._failed(pair, verdict_of(error), str(error), time.monotonic() - start, _end_of(log))
        except Exception as error:  # noqa: BLE001 - a defect outside the solver's process is one all the same
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            return self._failed(pair, Verdict.CRASHED, words, time.monotonic() - start, traceback.format_exc())
        if result.ending is Ending.INTERRUPTED and not result.answered:
            return None
        return run_of(result, pair.named.label, pair.solver, time.monotonic() - start, _end_of(log))

    def _failed(self, pair: Pair, verdict: Verdict, problem: str, seconds: float, log: str) -> Run:
        instance, terms = pair.named.instance, self._terms
        return Run(
            instance=pair.named.label,
            sha256=pair.named.sha256,
            solver=pair.solver,
            objective=asked_objective(instance, terms.objective, terms.bound),
            bound=instance.bound if terms.bound is None else terms.bound,
            apparent=verdict,
            problem=problem,
            seconds=round(seconds, SECOND_DIGITS),
            log=log,
        )


def verdict_of(error: QnntError) -> Verdict:
    """What an error of a run amounts to."""
    return next((verdict for kind, verdict in _VERDICTS if isinstance(error, kind)), Verdict.CRASHED)


def _end_of(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOGGED))
        return file.read(LOGGED).decode(errors="replace")


class _NoLog:
    """Stands where runs are not written down."""

    known: Mapping[str, Run] = {}

    def append(self, key: str, run: Run) -> None:
        """Nothing."""


def _opened(output: str | None) -> AbstractContextManager[RunLog | _NoLog]:
    return contextlib.nullcontext(_NoLog()) if output is None else open_run_log(output)
