"""The families by name: what the command line needs to know before anything heavy is imported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from qnnt.errors import InputError
from qnnt.exact import shown
from qnnt.reductions.reduction import Reduction


@dataclass(frozen=True)
class Size:
    """A number that says how large a random source is.

    Attributes
    ----------
    completes
        Whether source files leave it open, so that it is given beside them.
    """

    name: str
    default: int
    least: int
    help: str
    completes: bool = False


@dataclass(frozen=True)
class Family:
    """One family of instances.

    Attributes
    ----------
    module
        Where its reduction is: the file's ``REDUCTION``.
    summary
        One line for ``--help``.
    reads
        What source files are.
    forms
        Variants of the reduction, the default first.
    """

    name: str
    module: str
    summary: str
    reads: str
    sizes: tuple[Size, ...]
    forms: tuple[str, ...] = ("standard",)

    def reduction(self) -> Reduction[Any, Any]:
        """The reduction itself."""
        found = importlib.import_module(f"qnnt.reductions.{self.module}").REDUCTION
        assert isinstance(found, Reduction)
        return found


FAMILIES = (
    Family(
        "three-sat",
        "three_sat",
        "3-SAT as a binary network with two inputs and one hidden layer (Theorem 4).",
        "DIMACS CNF",
        (Size("variables", 20, 1, "Variables."), Size("clauses", 85, 1, "Clauses.")),
        ("two-samples", "three-samples"),
    ),
)


def family(name: str, path: str = "") -> Family:
    """The family of this name.

    Raises
    ------
    InputError
        If there is none.
    """
    for entry in FAMILIES:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in FAMILIES)
    raise InputError(f"no family {shown(name)}; known: {known}", path)
