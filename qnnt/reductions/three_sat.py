r"""3-SAT becomes the training of a binary network with two inputs (Theorem 4).

Inputs P and Q; a hidden neuron for each literal, which reads both; an output for each clause, which reads
its literals' neurons; and for each variable an output that reads both of its neurons. Samples:
(1,0) with label 1 for clauses and 0 for variables, (0,1) with the opposite labels. A literal is true if its
neuron answers 1, 0.

Why it works: no weight of Z_2 is negative, so an output falls from the first sample to the second only if
one of the neurons that it reads falls. A clause's output has to fall, so one of its literals is true; a
variable's output has to rise, so not both of its literals are.

Form "two-samples" has |D| = 2, stronger than the |D| = 3 of the printed theorem; "three-samples" adds
(1,1) with all labels 1. Not claimed for d >= 3, where weights can be negative.

Size: 2 inputs, 2n hidden neurons, m + n outputs, at most 6n + 3m edges, for n variables and m clauses.
"""

from __future__ import annotations

from typing import ClassVar

from qnnt.documents.construction import d_qnnt
from qnnt.errors import InputError
from qnnt.instance import Instance, Parameters
from qnnt.network import Edge
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.formula import Assignment, Formula

TWO_SAMPLES = "two-samples"
THREE_SAMPLES = "three-samples"


class ThreeSat(Reduction[Formula, Assignment]):
    """Theorem 4."""

    theorem: ClassVar[str] = "Theorem 4: NP-hard for d = 2, one hidden layer, alpha = 2, l = 0 and |D| = 2"
    source: ClassVar[type[Formula]] = Formula

    def numbers(self, formula: Formula, form: str) -> int:
        return 50 * formula.variables + 10 * len(formula.clauses)

    def to_instance(self, formula: Formula, form: str) -> Instance:
        """The instance: error bound 0."""
        n, m = formula.variables, len(formula.clauses)
        if not n and not m:
            raise InputError("expected at least one variable or clause: a network has an output")
        hidden = [literal_neuron(sign * v) for v in range(1, n + 1) for sign in (1, -1)]
        edges: list[Edge] = [(x, neuron) for neuron in hidden for x in ("P", "Q")]
        for i, clause in enumerate(formula.clauses, 1):
            edges += [(literal_neuron(literal), f"c{i}") for literal in dict.fromkeys(clause)]
        for v in range(1, n + 1):
            edges += [(literal_neuron(v), f"n{v}"), (literal_neuron(-v), f"n{v}")]
        network = {
            "inputs": ["P", "Q"],
            "outputs": [*(f"c{i}" for i in range(1, m + 1)), *(f"n{v}" for v in range(1, n + 1))],
            "edges": [{"from": u, "to": v} for u, v in edges],
        }
        x, y = [[1, 0], [0, 1]], [[1] * m + [0] * n, [0] * m + [1] * n]
        if form == THREE_SAMPLES:
            x, y = [*x, [1, 1]], [*y, [1] * (m + n)]
        return d_qnnt(2, network, x, y, error_bound=0)

    def to_source_solution(self, formula: Formula, form: str, parameters: Parameters) -> Assignment:
        """A variable is true if its neuron answers 1 at (1,0) and 0 at (0,1)."""

        def fires(neuron: str, x: str) -> bool:
            return parameters.weights[x, neuron] - parameters.biases[neuron] > 0

        positive = [literal_neuron(v) for v in range(1, formula.variables + 1)]
        return tuple(fires(neuron, "P") and not fires(neuron, "Q") for neuron in positive)

    def from_source_solution(self, formula: Formula, form: str, solution: Assignment) -> Parameters:
        """True literals copy P, false ones Q; an output copies one true literal, or one false one."""
        instance = self.to_instance(formula, form)
        true = {v if value else -v for v, value in enumerate(solution, 1)}
        kept: set[Edge] = set()
        for v in range(1, formula.variables + 1):
            for literal in (v, -v):
                kept.add(("P" if literal in true else "Q", literal_neuron(literal)))
            kept.add((literal_neuron(-v if v in true else v), f"n{v}"))
        for i, clause in enumerate(formula.clauses, 1):
            kept.add((literal_neuron(next(literal for literal in clause if literal in true)), f"c{i}"))
        return Parameters(
            {edge: int(edge in kept) for edge in instance.network.edges}, dict.fromkeys(instance.network.neurons, 0)
        )


def literal_neuron(literal: int) -> str:
    """The hidden neuron of a literal."""
    return f"v{literal}" if literal > 0 else f"not_v{-literal}"


REDUCTION = ThreeSat()
