"""Versions of distributions."""

from __future__ import annotations

import functools
import importlib.metadata
import platform

from qnnt.solvers.registry import Configuration


@functools.cache
def version_of(distribution: str) -> str | None:
    """The installed version of a distribution, or None; looked up once, as it reads files."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions_behind(chosen: Configuration) -> dict[str, str]:
    """What determines a solver's answers: Python, qnnt, NumPy and the solver's own packages."""
    names = ["qnnt", "numpy", *(name for name, _ in chosen.entry.packages_with(chosen.settings))]
    found = {name: version_of(name) for name in names}
    return {"python": platform.python_version(), **{name: v for name, v in found.items() if v is not None}}
