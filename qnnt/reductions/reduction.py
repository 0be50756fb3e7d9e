"""A reduction: from a source problem to instances, and from solutions back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from qnnt.instance import Instance, Parameters
from qnnt.reductions.sources.source import Source

S = TypeVar("S", bound=Source[Any])
T = TypeVar("T")


class Reduction(ABC, Generic[S, T]):
    """The proof of a theorem of hardness, as functions: S are its sources, T their solutions.

    A `form` is one of the family's forms in `qnnt.reductions.registry`.
    """

    theorem: ClassVar[str]
    """What the reduction proves."""
    source: ClassVar[type[Source[Any]]]
    """The class S."""
    grades: ClassVar[bool] = False
    """Whether any admissible parameters decode to a candidate, and their loss says how far it is off."""

    def settles(self, form: str) -> bool:
        """Whether the bound can be met exactly where the source has a solution; else under a promise only."""
        return True

    def numbers(self, source: S, form: str) -> int:
        """How many numbers and names the instance would hold, about; told before it is made."""
        return 0

    @abstractmethod
    def to_instance(self, source: S, form: str) -> Instance:
        """An instance with a bound that parameters can meet if and only if the source has a solution.

        Raises
        ------
        InputError
            If the reduction is not defined for this source.
        """

    @abstractmethod
    def to_source_solution(self, source: S, form: str, parameters: Parameters) -> T:
        """The solution of the source that parameters within the bound stand for."""

    @abstractmethod
    def from_source_solution(self, source: S, form: str, solution: T) -> Parameters:
        """The witness network: parameters within the bound, from a solution of the source."""
