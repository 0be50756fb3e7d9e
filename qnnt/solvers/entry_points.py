"""Solvers of other distributions: entry points of the group ``qnnt.backends``.

A distribution offers a solver by naming an `Entry` in its metadata::

    [project.entry-points."qnnt.backends"]
    my-solver = "my_package.place:ENTRY"

Nothing of it is imported before the solver is asked for, or all solvers are listed.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
from collections.abc import Mapping
from importlib.metadata import EntryPoint

from qnnt.errors import InputError
from qnnt.solvers.entry import Entry

GROUP = "qnnt.backends"


@functools.cache
def entries_elsewhere() -> Mapping[str, EntryPoint]:
    """The entry points of all distributions on the path, by their names; looked up once per process."""
    return {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}


@functools.cache
def entry_elsewhere(name: str) -> Entry:
    """What an entry point leads to; its distribution is one of the packages whose versions count.

    Raises
    ------
    InputError
        If it cannot be imported, or is no `Entry` of that name; says whose it is.
    """
    point = entries_elsewhere()[name]
    owner = f" of {point.dist.name}" if point.dist is not None else ""
    try:
        entry = point.load()
    except Exception as error:  # noqa: BLE001 - whatever its import does, it is named
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"the solver {name}{owner} cannot be loaded ({point.value}): {reason}") from None
    if not isinstance(entry, Entry) or entry.name != name:
        raise InputError(f"the solver {name}{owner}: expected {point.value} to be its qnnt.solvers.entry.Entry")
    if point.dist is None or point.dist.name in dict(entry.packages):
        return entry
    return dataclasses.replace(entry, packages=(*entry.packages, (point.dist.name, point.module)))
