"""What an algorithm prepares for an instance, prepared once.

An algorithm is asked in turn whether it takes an instance, how much work it expects, and for the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from qnnt.instance import Instance

Prepared = TypeVar("Prepared")


class PreparedOnce(Generic[Prepared]):
    """A function of instances that remembers its last value; what it raises is not remembered.

    The instance must be the same object: comparing all samples would take longer than most preparations.
    """

    def __init__(self, prepare: Callable[[Instance], Prepared]) -> None:
        self._prepare = prepare
        self._last: tuple[Instance, Prepared] | None = None

    def __call__(self, instance: Instance) -> Prepared:
        last = self._last
        if last is not None and last[0] is instance:
            return last[1]
        prepared = self._prepare(instance)
        self._last = instance, prepared
        return prepared
