"""Machine code that is compiled at its first use: before anything is measured, not within it.

Where it was compiled before, and is kept on disk, this takes a fraction of a second.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from qnnt.compilation import IN_PROCESS
from qnnt.errors import QnntError
from qnnt.solvers.facade import AUTO, solve
from qnnt.solvers.instance_sets import instances_of
from qnnt.solvers.registry import PORTFOLIO, SOLVERS, configuration
from qnnt.solvers.stopping import Stop

SECONDS = 120.0
"""That compiling may take for one instance; on a slow machine it is ten."""

_warm: set[str] = set()
"""The solvers that this process has seen to."""


def _behind(solver: str) -> list[str]:
    """The solvers that one stands for: a portfolio may put any to work."""
    if solver == AUTO or configuration(solver, None).name == PORTFOLIO.name:
        return list(SOLVERS)
    return [solver]


def warm_up(solvers: Iterable[str], stop: Stop | None) -> None:
    """Have each solver compile what it may need; once per process. From now on nobody does so beside measurements."""
    os.environ[IN_PROCESS] = "1"
    for solver in dict.fromkeys(itertools.chain.from_iterable(map(_behind, solvers))):
        sources = configuration(solver, None).entry.warm_up
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
