r"""Subset sum becomes the training of linear neurons (Theorem 1.3).

One input that is 1, a hidden neuron for each number, one output that adds them up. The weight into the
neuron of the number a is 0 or a: leave it out or take it. The weights out of the neurons are 1, all biases
0. One sample: the label of 1 is the target.

Why it works: the output is the sum of the chosen numbers. The loss is squared, so any parameters stand for
a choice and their loss is the square of its distance from the target: the smallest loss is that of the
nearest sum. Numbers are positive; a zero would make its set of two weights a set of one.

Size: 1 input, n hidden neurons, 1 output, 2n edges, 1 sample; 2^n settings of the parameters, of which
those that meet the bound are the solutions, one for one.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.documents.construction import d_nnt
from qnnt.instance import Instance, Parameters
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.subset_sum import Positions, SubsetSum


class SubsetSumReduction(Reduction[SubsetSum, Positions]):
    """Theorem 1.3."""

    theorem: ClassVar[str] = (
        "Theorem 1.3: NP-hard for identity activations, one hidden layer, alpha = omega = |D| = 1 and "
        "at most two values per weight"
    )
    source: ClassVar[type[SubsetSum]] = SubsetSum
    grades: ClassVar[bool] = True

    def to_instance(self, source: SubsetSum, form: str) -> Instance:
        """The instance: squared loss, margin 0."""
        edges = [{"from": "s", "to": f"h{i}", "weights": [0, number]} for i, number in enumerate(source.numbers)]
        edges += [{"from": f"h{i}", "to": "t", "weights": [1]} for i in range(len(source.numbers))]
        network = {"inputs": ["s"], "outputs": ["t"], "edges": edges}
        return d_nnt(network, [[1]], [[source.target]], bias=[0], activation="identity", loss="squared", margin=0)

    def to_source_solution(self, source: SubsetSum, form: str, parameters: Parameters) -> Positions:
        """A number is chosen if the weight into its neuron is not 0."""
        return tuple(i for i in range(len(source.numbers)) if parameters.weights["s", f"h{i}"])

    def from_source_solution(self, source: SubsetSum, form: str, solution: Positions) -> Parameters:
        """The weights of the chosen numbers."""
        chosen = set(solution)
        weights = {("s", f"h{i}"): number if i in chosen else 0 for i, number in enumerate(source.numbers)}
        weights |= {(f"h{i}", "t"): 1 for i in range(len(source.numbers))}
        return Parameters(weights, {v: 0 for _, v in weights} | {"t": 0})


REDUCTION = SubsetSumReduction()
