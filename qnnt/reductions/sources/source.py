"""What every source problem offers."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, Self, TypeVar

T = TypeVar("T")
S_co = TypeVar("S_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)


class Variant(StrEnum):
    """How a random source instance is drawn."""

    PLANTED = "planted"
    """Around a solution."""
    RANDOM = "random"
    """Uniformly, whatever the answer is."""
    NO = "no"
    """Around a reason why there is no solution."""


@dataclass(frozen=True)
class Drawn(Generic[S_co, T_co]):
    """A random source instance, and what is known of it by construction.

    Attributes
    ----------
    solution
        The planted one, else None.
    refutation
        Why there is no solution, in a sentence; empty if that is not known.
    """

    source: S_co
    solution: T_co | None = None
    refutation: str = ""


class Source(ABC, Generic[T]):
    """An instance of a source problem; T is the type of its solutions. Immutable."""

    problem: ClassVar[str]
    """The problem's name in the literature."""

    @classmethod
    @abstractmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read the problem's usual file format; `sizes` holds what the format leaves open.

        Raises
        ------
        InputError
            Names the line, or the JSON path, and what was expected.
        """

    @classmethod
    @abstractmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        """The inverse of `document`; complaints name the path below `path`."""

    @abstractmethod
    def document(self) -> dict[str, Any]:
        """The instance as JSON, for the ``source.problem`` of instance files."""

    @classmethod
    @abstractmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, T]:
        """A random instance of these sizes.

        Raises
        ------
        InputError
            If there is none with these sizes.
        """

    @abstractmethod
    def complaint(self, solution: T) -> str:
        """What is wrong with a claimed solution, in a sentence; empty if it is one."""

    @abstractmethod
    def solve(self) -> T | None:
        """A solution, or None if there is none: exact, by means that share nothing with networks.

        Raises
        ------
        UnsupportedError
            If the instance is too large for it.
        """

    @abstractmethod
    def words(self, solution: T) -> list[str]:
        """A solution as lines of text, in the form that the problem's own solvers print."""

    @abstractmethod
    def solution_document(self, solution: T) -> Any:
        """A solution as JSON."""
