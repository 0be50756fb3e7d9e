"""Solvers print, whatever they are told: lines of theirs, and errors that are none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Send all that the process writes to standard output and standard error to nowhere.

    HiGHS 1.12 prints a line of its own code where a solution cannot be completed, SCIP in OR-Tools two errors
    about events that are caught all the same, SCIP of PySCIPOpt that a tolerance of 1e-12 becomes 1e-10.
    """
    kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor in kept:
            os.dup2(nowhere, descriptor)
        yield
    finally:
        for descriptor, copy in kept.items():
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nowhere)
