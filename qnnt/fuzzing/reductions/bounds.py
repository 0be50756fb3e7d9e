"""No bound, a simpler one, or one that follows the smallest loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qnnt.errors import UnsupportedError
from qnnt.exact import Number, reduced
from qnnt.fuzzing.reductions.numbers import simpler_numbers
from qnnt.instance import Instance

MOST_SUMS = 50_000
"""Settings times inputs times edges up to which the smallest loss is looked up by brute force."""


def without_bound(instance: Instance) -> Iterator[Instance]:
    """The instance that asks for the smallest loss."""
    if instance.bound is not None:
        yield instance.derive(bound=None)


def simpler_bound(instance: Instance) -> Iterator[Instance]:
    """With a smaller bound."""
    if instance.bound is not None:
        for bound in simpler_numbers(instance.bound):
            yield instance.derive(bound=bound)


def at_the_same_distance(instance: Instance, drafts: Iterable[Instance]) -> Iterator[Instance]:
    """The drafts with their bounds as far from their smallest losses as the instance's bound is from its own.

    What goes wrong at a bound that is met exactly, or just missed, would be lost with every step that
    changes the smallest loss.
    """
    optimum = _smallest_loss(instance)
    if instance.bound is None or optimum is None:
        return
    for draft in drafts:
        moved = _smallest_loss(draft)
        if moved is not None:
            yield draft.derive(bound=reduced(moved + instance.bound - optimum))


def _smallest_loss(instance: Instance) -> Number | None:
    """By brute force; None if that takes too long or nothing is admissible."""
    from qnnt.algorithms.enumeration import minimum, sums_needed

    if instance.settings > MOST_SUMS or sums_needed(instance) > MOST_SUMS:
        return None
    try:
        return minimum(instance).loss
    except UnsupportedError:
        return None
