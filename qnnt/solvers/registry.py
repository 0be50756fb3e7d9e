"""The solvers: one line each."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from typing import Any

from qnnt.encoders.switches import SWITCHES
from qnnt.errors import InputError, UnsupportedError


@dataclass(frozen=True)
class Entry:
    """A solver's place.

    Attributes
    ----------
    home
        ``module:class``; imported only when it runs.
    encodings
        The encodings it can be given; empty for algorithms, which build no model.
    packages
        Distribution names, with the module to look for, that it needs.
    preload
        Modules that its processes import once, before the first job.
    """

    name: str
    home: str
    summary: str
    encodings: tuple[str, ...] = ()
    packages: tuple[tuple[str, str], ...] = ()
    preload: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Distributions that are not installed."""
        return [name for name, module in self.packages if importlib.util.find_spec(module) is None]

    def create(self) -> Any:
        """The backend or algorithm.

        Raises
        ------
        UnsupportedError
            If a package is missing; says how to install it.
        """
        if self.missing:
            raise UnsupportedError(f"the solver {self.name} needs: pip install {' '.join(self.missing)}")
        module, _, kind = self.home.partition(":")
        return getattr(importlib.import_module(module), kind)()


_CP_SAT = "ortools.sat.python.cp_model"

SOLVERS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "cpsat",
            "qnnt.solvers.cpsat:CpSat",
            "OR-Tools CP-SAT on the order encoding",
            encodings=tuple(SWITCHES),
            packages=(("ortools", "ortools"),),
            preload=(_CP_SAT, "qnnt.solvers.routes", "qnnt.encoders.order", "qnnt.solvers.cpsat"),
            capabilities=("decide", "minimize", "threads", "hint", "incumbents", "bounds", "any loss"),
        ),
        Entry(
            "enumeration",
            "qnnt.solvers.enumeration:Enumeration",
            "brute force over all parameter settings",
            preload=("qnnt.solvers.routes", "qnnt.algorithms.enumeration"),
            capabilities=("decide", "minimize", "incumbents", "any loss"),
        ),
    )
}


@dataclass(frozen=True)
class Configuration:
    """A solver with its variant, as named on the command line: ``name:option``."""

    entry: Entry
    encoding: str | None

    @property
    def name(self) -> str:
        """The solver's name."""
        return self.entry.name


def configuration(name: str, encoding: str | None) -> Configuration:
    """Look a solver up.

    Raises
    ------
    InputError
        For unknown names and options, and for an encoding that the solver does not have.
    """
    solver, *options = name.split(":")
    if solver not in SOLVERS:
        raise InputError(f"unknown solver {solver!r}; known: auto, {', '.join(SOLVERS)}")
    entry = SOLVERS[solver]
    for option in options:
        if option not in entry.encodings:
            raise InputError(f"unknown option {option!r} of {solver}; known: {', '.join(entry.encodings) or 'none'}")
        if encoding not in (None, "auto", option):
            raise InputError(f"{name} and the encoding {encoding} exclude each other")
        encoding = option
    if not entry.encodings:
        if encoding not in (None, "auto"):
            raise InputError(f"the solver {solver} builds no model: it takes no encoding")
        return Configuration(entry, None)
    encoding = encoding or "auto"
    if encoding not in entry.encodings:
        raise InputError(f"unknown encoding {encoding!r} of {solver}; known: {', '.join(entry.encodings)}")
    return Configuration(entry, encoding)


def version_of(distribution: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
