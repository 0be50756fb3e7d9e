"""`qnnt.compare`: many solvers on many instances, each run in a process of its own, held against each other.

Runs are written down one by one and synchronised; a comparison that was interrupted, even by a kill,
continues where it was. Instances, options and versions together are what a run is known by: change one,
and it is made again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from qnnt.errors import InputError
from qnnt.exact import Number, to_number
from qnnt.files.run_log import RunLog, open_run_log
from qnnt.instance import Instance, Objective
from qnnt.reports import Comparison
from qnnt.solvers.facade import AUTO, asked_objective, chosen_configuration, limits_of
from qnnt.solvers.instance_sets import instances_of
from qnnt.solvers.registry import configuration, entry_of, solver_names
from qnnt.solvers.reproducers import save_reproducers
from qnnt.solvers.runner import Pair, Runner, Terms
from qnnt.solvers.stopping import Stop
from qnnt.verdicts import Run, judged

ALL = "all"
"""Stands for every solver that is installed."""
SECONDS = 60.0
"""Default limit of a run: some solvers would take years on some instances."""


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
    for one in named:
        asked_objective(one.instance, objective, bound)
    objective = None if objective is None else Objective(objective)
    bound = None if bound is None else to_number(bound)
    time_limit = None if time_limit in (None, math.inf) else float(time_limit)
    terms = Terms(objective, bound, time_limit, memory_limit, threads, seed)
    pairs = [Pair(one, name, chosen_configuration(one.instance, name), terms) for one in named for name in names]
    runs: dict[str, Run] = {}
    with tempfile.TemporaryDirectory(prefix="qnnt-") as folder, _opened(output) as log:
        keys = {pair.key: pair for pair in pairs}
        for key, pair in keys.items():
            if key in log.known:  # perhaps under another label, of the place where the instance was then
                runs[key] = dataclasses.replace(log.known[key], instance=pair.named.label)
        runner = Runner(Path(folder), stop)
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


class _NoLog:
    """Stands where runs are not written down."""

    known: Mapping[str, Run] = {}

    def append(self, key: str, run: Run) -> None:
        """Nothing."""


def _opened(output: str | None) -> AbstractContextManager[RunLog | _NoLog]:
    return contextlib.nullcontext(_NoLog()) if output is None else open_run_log(output)
