r"""Exact cover by exactly k sets becomes the training of one linear hidden neuron (Theorem 1.5).

An input for each set, a hidden neuron that reads them all with weights 0 or 1, and an output that copies
it. A sample for each element, with its sets at 1 and the label 1; one more with all sets at 1 and the label
k. All biases are 0, the loss is squared.

Why it works: with the bound 0 the first samples say that each element is in exactly one of the chosen sets,
the last one that k sets are chosen. Any parameters stand for a choice of sets; their loss adds up the
squares of what is missing or too much.

Repair: the printed theorem speaks of covers of k sets and of at most k sets as if they were one; the
construction counts exactly k. For at most k see `qnnt.reductions.at_most_k_cover`.

Size: m inputs, 1 hidden neuron, 1 output, m + 1 edges, n + 1 samples, for n elements and m sets; 2^m
settings of the parameters, of which those that meet the bound are the covers, one for one.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.documents.construction import d_nnt
from qnnt.errors import InputError
from qnnt.instance import Instance, Parameters
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.exact_cover import Cover
from qnnt.reductions.sources.exact_k_cover import CountedCover, ExactKCover


class ExactKCoverReduction(Reduction[ExactKCover, Cover]):
    """Theorem 1.5."""

    theorem: ClassVar[str] = (
        "Theorem 1.5: NP-hard for identity activations, one hidden neuron, omega = 1, inputs and weights 0 or 1"
    )
    source: ClassVar[type[ExactKCover]] = ExactKCover
    grades: ClassVar[bool] = True

    def numbers(self, source: ExactKCover, form: str) -> int:
        return len(source.sets) * (len(source.elements) + 1)

    def to_instance(self, source: ExactKCover, form: str) -> Instance:
        """The instance: squared loss, margin 0."""
        return choice_instance(source, "squared", count_label=source.k)

    def to_source_solution(self, source: ExactKCover, form: str, parameters: Parameters) -> Cover:
        """The sets whose weight is 1."""
        return chosen_sets(source, parameters)

    def from_source_solution(self, source: ExactKCover, form: str, solution: Cover) -> Parameters:
        """The weight 1 at the chosen sets."""
        return choosing(source, solution)


def choice_instance(source: CountedCover, loss: object, count_label: int) -> Instance:
    """One linear neuron that chooses sets: a sample for each element, and one that counts the chosen sets."""
    if not source.sets:
        raise InputError("expected at least one set: a network has an input")
    inputs = [f"S{number}" for number in range(1, len(source.sets) + 1)]
    edges = [{"from": u, "to": "h", "weights": [0, 1]} for u in inputs]
    edges.append({"from": "h", "to": "t", "weights": [1]})
    contents = [frozenset(members) for members in source.sets]
    x = [[int(element in members) for members in contents] for element in source.elements]
    network = {"inputs": inputs, "outputs": ["t"], "edges": edges}
    samples = [*x, [1] * len(inputs)], [*[[1]] * len(x), [count_label]]
    return d_nnt(network, *samples, bias=[0], activation="identity", loss=loss, margin=0)


def chosen_sets(source: CountedCover, parameters: Parameters) -> Cover:
    """The sets whose weight is 1."""
    return tuple(number for number in range(1, len(source.sets) + 1) if parameters.weights[f"S{number}", "h"] == 1)


def choosing(source: CountedCover, cover: Cover) -> Parameters:
    """The weight 1 at the sets of the cover, and 0 at all others."""
    chosen = set(cover)
    weights = {(f"S{number}", "h"): int(number in chosen) for number in range(1, len(source.sets) + 1)}
    return Parameters({**weights, ("h", "t"): 1}, {"h": 0, "t": 0})


REDUCTION = ExactKCoverReduction()
