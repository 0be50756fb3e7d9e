r"""Exact cover by at most k sets becomes the training of one linear hidden neuron (Theorem 1.5, as repaired).

The network and the samples of `qnnt.reductions.exact_k_cover`, but for the last one: the loss is `accept`,
its label 1 stands for the output 1, and its label 0, that of the sample which counts the chosen sets, for
the outputs 0..k. The loss is the number of elements that are not covered exactly once, and one more if
there are too many sets.

Repair: the printed theorem says "at most" of a construction that counts exactly k sets.

Size: as there.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.instance import Instance, Parameters
from qnnt.reductions.exact_k_cover import choice_instance, choosing, chosen_sets
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.exact_cover import Cover
from qnnt.reductions.sources.exact_k_cover import AtMostKCover

COUNTED = 0
"""The label that stands for 0..k; the samples of elements have the label 1."""


class AtMostKCoverReduction(Reduction[AtMostKCover, Cover]):
    """Theorem 1.5, with the wording that its construction does not have."""

    theorem: ClassVar[str] = (
        "Theorem 1.5, at most k: NP-hard for identity activations, one hidden neuron, omega = 1, "
        "inputs and weights 0 or 1"
    )
    source: ClassVar[type[AtMostKCover]] = AtMostKCover
    grades: ClassVar[bool] = True

    def numbers(self, source: AtMostKCover, form: str) -> int:
        return len(source.sets) * (len(source.elements) + 1)

    def to_instance(self, source: AtMostKCover, form: str) -> Instance:
        """The instance: margin 0."""
        sets = [[COUNTED, [list(source.counts)]], [1, [[1]]]]
        return choice_instance(source, {"type": "accept", "sets": sets}, count_label=COUNTED)

    def to_source_solution(self, source: AtMostKCover, form: str, parameters: Parameters) -> Cover:
        """The sets whose weight is 1."""
        return chosen_sets(source, parameters)

    def from_source_solution(self, source: AtMostKCover, form: str, solution: Cover) -> Parameters:
        """The weight 1 at the chosen sets."""
        return choosing(source, solution)


REDUCTION = AtMostKCoverReduction()
