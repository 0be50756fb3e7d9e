"""Machine code that is compiled at its first use: before anything is measured, not within it.

Where it was compiled before, and is kept on disk, this takes a fraction of a second.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable
from pathlib import Path

from qnnt.errors import QnntError
from qnnt.solvers.facade import AUTO, solve
from qnnt.solvers.instance_sets import instances_of
from qnnt.solvers.registry import configuration
from qnnt.solvers.search import Stop

SECONDS = 120.0
"""That compiling may take for one instance; on a slow machine it is ten."""

_warm: set[str] = set()
"""The solvers that this process has seen to."""


def warm_up(solvers: Iterable[str], stop: Stop | None) -> None:
    """Have each solver compile what it may need; once per process."""
    for solver in dict.fromkeys(solvers):
        sources = () if solver == AUTO else configuration(solver, None).entry.warm_up
        if not sources or solver in _warm:
            continue
        with tempfile.TemporaryDirectory(prefix="qnnt-") as folder:
            for one in instances_of(sources):
                if stop is not None and stop.is_set():
                    return
                with contextlib.suppress(QnntError):  # if it breaks, its trials tell
                    log = str(Path(folder) / "log")
                    solve(one.instance, solver=solver, threads=1, time_limit=SECONDS, stop=stop, log=log)
        _warm.add(solver)
