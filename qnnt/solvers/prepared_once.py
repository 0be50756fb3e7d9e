"""What a solver prepares for an instance or a Model, prepared once.

A solver is asked in turn whether it takes what is asked, how much work it expects, and for the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Given = TypeVar("Given")
Prepared = TypeVar("Prepared")


class PreparedOnce(Generic[Given, Prepared]):
    """A function that remembers its last value; what it raises is not remembered.

    The given must be the same object: comparing all samples, or all rows, would take longer than most preparations.
    """

    def __init__(self, prepare: Callable[[Given], Prepared]) -> None:
        self._prepare = prepare
        self._last: tuple[Given, Prepared] | None = None

    def __call__(self, given: Given) -> Prepared:
        last = self._last
        if last is not None and last[0] is given:
            return last[1]
        prepared = self._prepare(given)
        self._last = given, prepared
        return prepared
