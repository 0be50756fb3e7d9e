"""Runs side by side: solvers on instances, each in a killable process, with limits of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qnnt.errors import FalseClaimError, FalseSolutionError, InputError, QnntError, UnsupportedError
from qnnt.exact import Number, to_json_number
from qnnt.files.runs import SECOND_DIGITS, run_of
from qnnt.files.text import compact
from qnnt.instance import Objective
from qnnt.result import Ending
from qnnt.solvers.facade import asked_objective, cores, plan_for, solve
from qnnt.solvers.instance_sets import Named
from qnnt.solvers.registry import Configuration
from qnnt.solvers.stopping import Stop
from qnnt.solvers.versions import versions_behind
from qnnt.solvers.workshop import workshop
from qnnt.verdicts import Run, Verdict

LOOK = 0.2
"""Seconds between two looks at whether it is time to stop."""
IMPORTING = 30.0
"""Seconds that a solver's modules may take to be imported before that counts as the run's own time."""
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
    """What is asked of a solver, and what it may use; see `qnnt.solve`."""

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
    """An instance and a solver: a run to be made, on some terms."""

    named: Named
    solver: str
    configuration: Configuration
    terms: Terms

    @property
    def key(self) -> str:
        """What its run is known by in a comparison."""
        known_by = {"instance": self.named.sha256, "solver": self.solver, **self.terms.words}
        return compact({**known_by, "versions": versions_behind(self.configuration)})


class Runner:
    """Makes runs side by side, each in a killable process.

    Parameters
    ----------
    folder
        For the logs of running solvers.
    """

    def __init__(self, folder: Path, stop: Stop | None) -> None:
        self._folder = folder
        self._stop = stop
        self._abandoned = threading.Event()

    def is_set(self) -> bool:
        """Whether running solvers are to end: the caller wants it, or has left."""
        return self._abandoned.is_set() or (self._stop is not None and self._stop.is_set())

    def runs(self, pairs: Mapping[str, Pair], jobs: int | None) -> Iterator[tuple[str, Run]]:
        """The runs of the pairs by their keys, as they end; fewer once it is time to stop."""
        count = jobs or max(1, cores() // max((pair.terms.threads for pair in pairs.values()), default=1))
        waiting = iter(pairs.items())
        running: dict[Future[Run | None], str] = {}
        with ThreadPoolExecutor(count) as pool:
            try:
                while True:
                    for key, pair in itertools.islice(waiting, 0 if self.is_set() else count - len(running)):
                        running[pool.submit(self.run, pair)] = key
                    if not running:
                        return
                    for done in wait(running, LOOK, FIRST_COMPLETED).done:
                        key, run = running.pop(done), done.result()
                        if run is not None:
                            yield key, run
            finally:
                self._abandoned.set()

    def run(self, pair: Pair) -> Run | None:
        """One run; None if it was ended because it is time to stop."""
        opened = time.monotonic()
        for lane in plan_for(pair.named.instance, pair.configuration).lanes:
            with contextlib.suppress(OSError):  # if it does not open, the run tells
                workshop(lane.configuration.entry.preload).wait_until_ready(  # imports are nobody's solving time
                    lambda: self.is_set() or time.monotonic() > opened + IMPORTING
                )
        log = self._folder / f"{threading.get_ident()}.log"
        log.unlink(missing_ok=True)
        start = time.monotonic()
        try:
            result = solve(pair.named.instance, solver=pair.solver, stop=self, log=str(log), **pair.terms.options)
        except QnntError as error:
            return self._failed(pair, verdict_of(error), str(error), time.monotonic() - start, _end_of(log))
        except OSError as error:  # no room for files, no process to be had: no fault of the solver's
            raise InputError(f"cannot run {pair.solver}: {(error.strerror or str(error)).lower()}") from None
        except Exception as error:  # noqa: BLE001 - a defect outside the solver's process is one all the same
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            return self._failed(pair, Verdict.CRASHED, words, time.monotonic() - start, traceback.format_exc())
        if result.ending is Ending.INTERRUPTED and not result.answered:
            return None
        return run_of(result, pair.named.label, pair.solver, time.monotonic() - start, _end_of(log))

    def _failed(self, pair: Pair, verdict: Verdict, problem: str, seconds: float, log: str) -> Run:
        instance, terms = pair.named.instance, pair.terms
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
