r"""Exact cover becomes the training of a single binary neuron (Theorem 1).

An input for each set, an input z, and one output that reads them all. Samples: z alone with label 0; and for
each element, with its sets at 1, label 0 without z and label 1 with z. The weights of Z_2 at 1 are the
chosen sets.

Why it works: with the bias 0 the first sample makes the weight of z zero, the second kind then leaves no
weight at any set of an element, and the third kind cannot answer 1. So the bias is 1 and the neuron answers 1
from a sum of 2 on: without z at most one set of an element is chosen, and with z at least one is.

Every input is 0 or 1, and all labels have to be met: the hardness lies in the number of inputs alone.

Size: m + 1 inputs, one output, no hidden neurons, m + 1 edges, 2n + 1 samples, for n elements and m sets.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.documents.construction import d_qnnt
from qnnt.instance import Instance, Parameters
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.exact_cover import Cover, ExactCover


class ExactCoverReduction(Reduction[ExactCover, Cover]):
    """Theorem 1."""

    theorem: ClassVar[str] = "Theorem 1: NP-hard for d = 2, no hidden layer, omega = 1 and l = 0"
    source: ClassVar[type[ExactCover]] = ExactCover

    def numbers(self, source: ExactCover, form: str) -> int:
        return (len(source.sets) + 1) * (2 * len(source.elements) + 1)

    def to_instance(self, source: ExactCover, form: str) -> Instance:
        """The instance: error bound 0."""
        inputs = [set_input(number) for number in range(1, len(source.sets) + 1)]
        network = {
            "inputs": [*inputs, "z"],
            "outputs": ["o"],
            "edges": [{"from": u, "to": "o"} for u in (*inputs, "z")],
        }
        x, y = [[0] * len(inputs) + [1]], [[0]]
        contents = [frozenset(members) for members in source.sets]
        for element in source.elements:
            row = [int(element in members) for members in contents]
            x += [[*row, 0], [*row, 1]]
            y += [[0], [1]]
        return d_qnnt(2, network, x, y, error_bound=0)

    def to_source_solution(self, source: ExactCover, form: str, parameters: Parameters) -> Cover:
        """The sets whose weight is 1."""
        numbers = range(1, len(source.sets) + 1)
        return tuple(number for number in numbers if parameters.weights[set_input(number), "o"] == 1)

    def from_source_solution(self, source: ExactCover, form: str, solution: Cover) -> Parameters:
        """The weight 1 at the chosen sets and at z, and the bias 1."""
        chosen = {set_input(number) for number in solution} | {"z"}
        inputs = [*(set_input(number) for number in range(1, len(source.sets) + 1)), "z"]
        return Parameters({(u, "o"): int(u in chosen) for u in inputs}, {"o": 1})


def set_input(number: int) -> str:
    """The input of a set."""
    return f"S{number}"


REDUCTION = ExactCoverReduction()
