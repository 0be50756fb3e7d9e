"""A failing instance made as small as possible, as in delta debugging."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qnnt.files.instances import sha256_of
from qnnt.fuzzing.reductions.catalogue import REDUCTIONS, Reduction
from qnnt.instance import Instance

Fails = Callable[[Instance], bool]


@dataclass(frozen=True)
class Shrunk:
    """Where a search for a smaller failing instance ended.

    Attributes
    ----------
    instance
        It still fails.
    attempts
        How many instances were tried.
    exhausted
        Whether no smaller neighbour of it fails any more; False if the search was cut short.
    """

    instance: Instance
    attempts: int
    exhausted: bool


def _never() -> bool:
    return False


def shrink(instance: Instance, fails: Fails, attempts: int = 3000, stop: Callable[[], bool] = _never) -> Shrunk:
    """The smallest failing instance that a greedy descent finds.

    Every step is to a legal instance of smaller `qnnt.fuzzing.reductions.sizes.size_of`.

    Parameters
    ----------
    fails
        True for `instance`; always the same for the same instance. No instance is tried twice.
    attempts
        Calls of `fails` at most.
    stop
        Looked at before each of them; True ends the search.
    """
    search = _Descent(instance, fails, attempts, stop)
    try:
        search.run()
    except _CutShortError:
        return Shrunk(search.instance, search.attempts, exhausted=False)
    return Shrunk(search.instance, search.attempts, exhausted=True)


class _CutShortError(Exception):
    """No attempts are left, or the caller wants an end."""


class _Descent:
    """The smallest failing instance so far, and what was tried."""

    def __init__(self, instance: Instance, fails: Fails, most: int, stop: Callable[[], bool]) -> None:
        self.instance = instance
        self.attempts = 0
        self._fails = fails
        self._most = most
        self._stop = stop
        self._tried = {sha256_of(instance.derive())}

    def run(self) -> None:
        """Sweep over all reductions until a whole sweep finds nothing."""
        before = None
        while before is not self.instance:
            before = self.instance
            for reduction in REDUCTIONS:
                self._sweep(reduction)

    def _sweep(self, reduction: Reduction) -> None:
        """Try the neighbours in their order; after a step go on at the same place of the new ones."""
        place = 0
        moved = True
        while moved:
            moved = False
            for number, candidate in reduction.numbered(self.instance, place):
                if self._still_fails(candidate):
                    self.instance, place, moved = candidate, number, True
                    break

    def _still_fails(self, candidate: Instance) -> bool:
        form = sha256_of(candidate)
        if form in self._tried:
            return False
        if self.attempts >= self._most or self._stop():
            raise _CutShortError
        self._tried.add(form)
        self.attempts += 1
        return self._fails(candidate)
