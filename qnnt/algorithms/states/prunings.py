"""The prunings of the dynamic programs over states, each of which can be switched off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Prunings:
    """What a dynamic program over states may leave out; every choice gives the same optimum.

    Attributes
    ----------
    merging
        Partial sums in states that no completion can tell apart become one.
    ranges
        Guesses that cannot come true any more are dropped at once.
    dominance
        Of states alike but for their live sets, those with a larger one stay.
    symmetry
        States of interchangeable neurons are ordered.
    reach
        Only patterns that a neuron can have at all are guessed, where they can be listed.
    """

    merging: bool = True
    ranges: bool = True
    dominance: bool = True
    symmetry: bool = True
    reach: bool = True


ALL = Prunings()
