"""The solvers: one line each."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qnnt.encoders.names import ENCODINGS
from qnnt.errors import InputError, UnsupportedError
from qnnt.solvers.names import ENGINES, ORDERS, PSEUDO_METHODS, RC2_ENGINES, SUMSET_ENGINES


@dataclass(frozen=True)
class Entry:
    """A solver's place.

    Attributes
    ----------
    home
        ``module:class``; imported only when it runs.
    encodings
        The encodings it can be given; empty for algorithms, which build no model.
    options
        Further choices by their names; the first of each is the default.
    replaced_by_command
        Options that mean nothing where a foreign solver's command line takes their place.
    packages
        Distribution names, with the module to look for, that it needs.
    preload
        Modules that its processes import once, before the first job.
    """

    name: str
    home: str
    summary: str
    replaced_by_command: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    packages: tuple[tuple[str, str], ...] = ()
    preload: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Distributions that are not installed."""
        return [name for name, module in self.packages if importlib.util.find_spec(module) is None]

    def create(self, **settings: Any) -> Any:
        """The backend or algorithm; without settings, with all of its defaults.

        Raises
        ------
        UnsupportedError
            If a package is missing; says how to install it.
        """
        if self.missing:
            raise UnsupportedError(f"the solver {self.name} needs: pip install {' '.join(self.missing)}")
        module, _, kind = self.home.partition(":")
        return getattr(importlib.import_module(module), kind)(**settings)


_CP_SAT = "ortools.sat.python.cp_model"
_LOWERING = ("qnnt.solvers.routes", "qnnt.encoders.order", "qnnt.encoders.lowering", "qnnt.encoders.adder")

SOLVERS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "cpsat",
            "qnnt.solvers.cpsat:CpSat",
            "OR-Tools CP-SAT on the order encoding",
            encodings=("auto", "order", "integer"),
            packages=(("ortools", "ortools"),),
            preload=(_CP_SAT, "qnnt.solvers.routes", "qnnt.encoders.order", "qnnt.solvers.cpsat"),
            capabilities=("decide", "minimize", "threads", "hint", "incumbents", "bounds", "any loss"),
        ),
        Entry(
            "sat",
            "qnnt.solvers.sat:Sat",
            "clauses and counting circuits, an incremental SAT solver bounds the loss; writes proofs",
            encodings=ENCODINGS,
            options={"engine": ENGINES, "order": ORDERS},
            replaced_by_command=("engine",),
            packages=(("python-sat", "pysat"),),
            preload=("pysat.solvers", *_LOWERING, "qnnt.solvers.sat"),
            capabilities=(
                "decide",
                "minimize",
                "hint",
                "incumbents",
                "bounds",
                "any loss",
                "proof",
                "solver command",
            ),
        ),
        Entry(
            "maxsat",
            "qnnt.solvers.maxsat:MaxSat",
            "clauses and counting circuits, the loss from below by cores (RC2)",
            encodings=tuple(name for name in ENCODINGS if name != "native"),
            options={"engine": RC2_ENGINES, "order": ("rc2", "stratified")},
            replaced_by_command=("engine", "order"),
            packages=(("python-sat", "pysat"),),
            preload=("pysat.examples.rc2", *_LOWERING, "qnnt.solvers.maxsat"),
            capabilities=("decide", "minimize", "incumbents", "bounds", "any loss", "solver command"),
        ),
        Entry(
            "dp-fpt",
            "qnnt.solvers.dp_fpt:DpFpt",
            "dynamic program over a tree decomposition (Theorems 5 and 6)",
            preload=("qnnt.solvers.routes", "qnnt.solvers.dp_fpt"),
            capabilities=("decide", "minimize", "hint", "bounds", "mismatch loss"),
        ),
        Entry(
            "dp-frontier",
            "qnnt.solvers.dp_frontier:DpFrontier",
            "dynamic program over the patterns of live neurons: deep narrow networks, skip ladders",
            preload=("qnnt.solvers.routes", "qnnt.solvers.dp_frontier"),
            capabilities=("decide", "minimize", "hint", "bounds", "mismatch loss"),
        ),
        Entry(
            "dp-layers",
            "qnnt.solvers.dp_layers:DpLayers",
            "states of layers of interchangeable neurons, to their fixpoint",
            preload=("qnnt.solvers.routes", "qnnt.solvers.dp_layers"),
            capabilities=("decide", "minimize", "hint", "mismatch loss"),
        ),
        Entry(
            "dp-pseudo",
            "qnnt.solvers.dp_pseudo:DpPseudo",
            "two layers: sums of stages, all of them or two halves that meet in the middle (Theorem 1.6)",
            options={"method": PSEUDO_METHODS, "engine": SUMSET_ENGINES},
            preload=("qnnt.solvers.routes", "qnnt.solvers.dp_pseudo"),
            capabilities=("decide", "minimize", "hint", "incumbents", "bounds", "any loss"),
        ),
        Entry(
            "row-count",
            "qnnt.solvers.row_count:RowCount",
            "two layers: how many alike neurons make each row of contributions, in CP-SAT",
            packages=(("ortools", "ortools"),),
            preload=(_CP_SAT, "qnnt.solvers.routes", "qnnt.solvers.row_count"),
            capabilities=("decide", "minimize", "threads", "hint", "incumbents", "bounds", "any loss"),
        ),
        Entry(
            "patterns",
            "qnnt.solvers.patterns:Patterns",
            "branch and bound over the patterns of hidden neurons: few inputs, up to four neurons in the last layer",
            options={"explorer": ("compiled", "plain")},
            packages=(("numba", "numba"),),
            preload=("qnnt.solvers.routes", "qnnt.solvers.patterns"),
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
    """A solver with its variant, as named on the command line: ``name:option:option``."""

    entry: Entry
    encoding: str | None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The solver's name."""
        return self.entry.name

    def with_option(self, kind: str, value: str) -> Configuration:
        """The same with one more option."""
        return Configuration(self.entry, self.encoding, {**self.options, kind: value})

    def without_option(self, kind: str) -> Configuration:
        """The same without an option: the class then takes its default."""
        return Configuration(self.entry, self.encoding, {k: v for k, v in self.options.items() if k != kind})

    @property
    def settings(self) -> dict[str, Any]:
        """What its class is created with."""
        return dict(self.options) if self.encoding is None else {"encoding": self.encoding, **self.options}


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
    chosen: dict[str, str] = {}
    for option in options:
        kind = _kind_of(entry, option)
        if chosen.setdefault(kind, option) != option:
            raise InputError(f"{name}: {chosen[kind]} and {option} exclude each other")
    if encoding is not None:
        if not entry.encodings and encoding != "auto":
            raise InputError(f"the solver {solver} builds no model: it takes no encoding")
        if entry.encodings and encoding not in entry.encodings:
            raise InputError(f"unknown encoding {encoding!r} of {solver}; known: {', '.join(entry.encodings)}")
        if chosen.get("encoding", encoding) != encoding and encoding != "auto":
            raise InputError(f"{name} and the encoding {encoding} exclude each other")
    named = chosen.pop("encoding", encoding or "auto") if entry.encodings else None
    return Configuration(entry, named, {kind: chosen.get(kind, names[0]) for kind, names in entry.options.items()})


def _kind_of(entry: Entry, option: str) -> str:
    """Which choice an option makes."""
    kinds = {"encoding": entry.encodings, **entry.options}
    for kind, names in kinds.items():
        if option in names:
            return kind
    known = ", ".join(name for names in kinds.values() for name in names)
    raise InputError(f"unknown option {option!r} of {entry.name}; known: {known or 'none'}")


def version_of(distribution: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
