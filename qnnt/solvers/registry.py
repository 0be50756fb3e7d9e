"""The solvers: one line each; and those of other distributions, found by their entry points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qnnt.encoders.names import ENCODINGS
from qnnt.errors import InputError
from qnnt.solvers.entry import Entry
from qnnt.solvers.entry_points import entries_elsewhere, entry_elsewhere
from qnnt.solvers.names import (
    CP_SAT_PACES,
    ENGINES,
    LOCAL_SEARCH_STARTS,
    MILP_ENGINES,
    ORDERS,
    PB_ENGINES,
    PSEUDO_METHODS,
    RC2_ENGINES,
    SCHEDULES,
    SUMSET_ENGINES,
)

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
            options={"pace": CP_SAT_PACES},
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
            "sampling",
            "qnnt.solvers.sampling:Sampling",
            "SAT on a growing part of the samples, counterexamples first: hundreds of distinct inputs",
            packages=(("python-sat", "pysat"),),
            preload=("pysat.solvers", *_LOWERING, "qnnt.solvers.sampling"),
            capabilities=("decide", "minimize", "hint", "incumbents", "bounds", "any loss"),
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
            "milp",
            "qnnt.solvers.milp:Milp",
            "integer programs with tight rows; branch and bound in floating point, so that its bounds are numerical",
            encodings=("auto", "order", "integer"),
            options={"engine": MILP_ENGINES},
            packages=(("ortools", "ortools"),),
            option_packages={"highspy": (("highspy", "highspy"),), "pyscipopt": (("pyscipopt", "pyscipopt"),)},
            preload=("qnnt.solvers.routes", "qnnt.encoders.order", "qnnt.encoders.milp", "qnnt.solvers.milp"),
            capabilities=("decide", "minimize", "hint", "incumbents", "bounds", "any loss"),
        ),
        Entry(
            "pb",
            "qnnt.solvers.pb:Pb",
            "pseudo-Boolean constraints, by cutting planes (Exact) or by a solver command",
            encodings=("auto", "order", "integer", "cnf"),
            options={"engine": PB_ENGINES},
            replaced_by_command=("engine",),
            option_packages={"exact": (("exact", "exact"),)},
            preload=("qnnt.solvers.routes", "qnnt.encoders.order", "qnnt.encoders.pb", "qnnt.solvers.pb"),
            capabilities=("decide", "minimize", "hint", "incumbents", "bounds", "any loss", "solver command"),
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
            warm_up=("random:layers=3-3-2,d=3,samples=12", "random:layers=3-3-1,d=3,samples=12"),
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
            warm_up=("random:layers=3-3-2,d=3,samples=12", "subset-sum:numbers=14,bits=12"),
        ),
        Entry(
            "local-search",
            "qnnt.solvers.local_search:LocalSearch",
            "replica exchange on the loss and on a soft form of it: good solutions of any network, without proof",
            packages=(("numba", "numba"),),
            options={"start": LOCAL_SEARCH_STARTS},
            preload=("qnnt.solvers.routes", "qnnt.solvers.local_search"),
            capabilities=("decide", "minimize", "threads", "hint", "incumbents", "any loss"),
            warm_up=("planted:layers=3-3-2,d=3,samples=12",),  # loss 0: it ends at once
            proves=False,
        ),
        Entry(
            "enumeration",
            "qnnt.solvers.enumeration:Enumeration",
            "brute force over all parameter settings",
            preload=("qnnt.solvers.routes", "qnnt.algorithms.enumeration"),
            capabilities=("decide", "minimize", "incumbents", "any loss"),
        ),
        Entry(
            "plain-cpsat",
            "qnnt.solvers.plain_cpsat:PlainCpSat",
            "the CP-SAT model that a user would write, products and maxima of integers: the yardstick of benchmarks",
            packages=(("ortools", "ortools"),),
            preload=(_CP_SAT, "qnnt.solvers.routes", "qnnt.solvers.plain_cpsat"),
            capabilities=("decide", "minimize", "threads", "hint", "incumbents", "bounds", "any loss"),
        ),
    )
}

PORTFOLIO = Entry(
    "portfolio",
    "qnnt.solvers.portfolio:Portfolio",
    "several solvers at once, which share what they find; the plan says which",
    options={"schedule": SCHEDULES},
    packages=(("ortools", "ortools"), ("python-sat", "pysat"), ("numba", "numba")),
    capabilities=("decide", "minimize", "threads", "hint", "incumbents", "bounds", "any loss"),
)
"""No solver, but a team of them."""


def solver_names() -> list[str]:
    """All solvers: the built-in ones, then those of other distributions, whether these can be loaded or not."""
    return [*SOLVERS, *(name for name in entries_elsewhere() if name not in SOLVERS)]


def entry_of(name: str) -> Entry:
    """The place of a solver. Built-in ones come first: no other distribution can take their names.

    Raises
    ------
    InputError
        If there is no such solver, or it belongs to another distribution and cannot be loaded.
    """
    if name in SOLVERS:
        return SOLVERS[name]
    if name == PORTFOLIO.name:
        return PORTFOLIO
    if name in entries_elsewhere():
        return entry_elsewhere(name)
    raise InputError(f"unknown solver {name!r}; known: auto, portfolio, {', '.join(solver_names())}")


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
    entry = entry_of(solver)
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
