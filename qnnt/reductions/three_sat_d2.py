r"""3-SAT becomes the training of a binary network of degree three (Theorem 2, repaired: form 2a).

A pair of hidden neurons for each occurrence of a variable (`qnnt.reductions.literal_pairs`), each with two
private inputs, which hold 1, 0 and 0, 1 on the two samples. A neuron is true if it answers 1, 0. Outputs:
"not both" with label 0, 1; "at least one" with label 1, 0; and one for each clause with label 1, 0,
which reads the neurons of its literals.

Why it works: no weight of Z_2 is negative, so an output falls from the first sample to the second only if
a neuron that it reads falls, which means that it is true; and it rises only if a neuron that it reads rises.
So one of the neurons behind a label 1, 0 is true, and not all behind a label 0, 1 are. The cycles make the
pairs of a variable agree.

Repair: the printed theorem says d = 2 and in-degree 2. With one hidden layer and few samples that is easy: what
hidden neurons can answer, and which answers give a label, are closed under the majority of three. Form 2a
has in-degree 3 instead; the family three-sat-d4 keeps in-degree 2 and has d = 4 instead (form 2b).

A literal that is repeated in its clause occurs once. An empty clause is an output that reads nothing, which
answers the same on both samples: there is no solution, as it should be. A variable that occurs nowhere
has a pair that no clause reads.

Size: for o occurrences (variables that do not occur count as one), 4 o inputs, 2 o hidden neurons, at most
2 o + m outputs, at most 9 o edges, two samples. Depth 2, in-degree and out-degree at most 3.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.errors import InputError
from qnnt.instance import Instance, Parameters
from qnnt.reductions.column_network import Column, ColumnNetwork
from qnnt.reductions.literal_pairs import LiteralPairs
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.formula import Assignment, Formula

FALLING = (1, 0)
"""What true neurons answer, and the label of outputs that need one."""
RISING = (0, 1)


class ThreeSatD2(Reduction[Formula, Assignment]):
    """Theorem 2a."""

    theorem: ClassVar[str] = (
        "Theorem 2, repaired (2a): NP-hard for d = 2, one hidden layer, degrees at most 3, l = 0 and |D| = 2"
    )
    source: ClassVar[type[Formula]] = Formula

    def numbers(self, formula: Formula, form: str) -> int:
        return 100 * (formula.variables + 3 * len(formula.clauses))

    def to_instance(self, formula: Formula, form: str) -> Instance:
        """The instance: error bound 0."""
        if not formula.variables:
            raise InputError("expected at least one variable: a network has an input")
        return _network(_pairs(formula)).instance()

    def to_source_solution(self, formula: Formula, form: str, parameters: Parameters) -> Assignment:
        """A variable is true if the positive neuron of its first pair is."""
        pairs = _pairs(formula)
        network = _network(pairs)
        return tuple(network.column_of(cycle[0].positive, parameters) == FALLING for cycle in pairs.cycles)

    def from_source_solution(self, formula: Formula, form: str, solution: Assignment) -> Parameters:
        """True neurons copy their first input, false ones their second; an output copies what has its label."""
        pairs = _pairs(formula)
        true = pairs.true_neurons(solution)
        hidden = {neuron: FALLING if neuron in true else RISING for neuron in pairs.neurons()}
        return _network(pairs).parameters(hidden)


def _pairs(formula: Formula) -> LiteralPairs:
    return LiteralPairs.of(formula.variables, [tuple(dict.fromkeys(clause)) for clause in formula.clauses])


def _network(pairs: LiteralPairs) -> ColumnNetwork:
    inputs: dict[str, Column] = {}
    reads: dict[str, tuple[str, ...]] = {}
    for neuron in pairs.neurons():
        reads[neuron] = (f"{neuron}_x", f"{neuron}_y")
        inputs.update(zip(reads[neuron], (FALLING, RISING), strict=True))
    clauses = {f"c{i}": neurons for i, neurons in enumerate(pairs.clauses, 1)}
    outputs = {
        **dict.fromkeys(clauses, FALLING),
        **dict.fromkeys(pairs.not_both(), RISING),
        **dict.fromkeys(pairs.at_least_one(), FALLING),
    }
    return ColumnNetwork(2, inputs, {**reads, **clauses, **pairs.not_both(), **pairs.at_least_one()}, outputs)


REDUCTION = ThreeSatD2()
