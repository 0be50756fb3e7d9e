r"""PosSLP becomes the evaluation of a deep network (Lemma 3.5; Theorem 1.1: D-NNT is not known to be in NP).

A neuron for each value that the last one needs; a_0 is the input, 1. Sums and differences are identity
neurons with weights 1 and -1. All sets have one value: there is nothing to choose, only to evaluate, and
values double their digits with each product. Loss `positive` with label 1 and margin 1: 0 at 1, 1 at other
positive outputs, else 2.

Products differ by form:

* "square": a*b = ((a+b)^2 - (a-b)^2) / 4, by two neurons with the activation t^2 / 4;
* "guard": the digits of b, with a last one that guards them, are put behind the point of a
  (`slp_shift_guard`), and `slp_mul_guard` multiplies what stands before the point by what stands behind.

The lemma as printed is wrong in three ways. For a_i = a_j + a_j it needs parallel edges, or weights beyond
{0, 1, -1}: here the second edge goes over an identity neuron. Its digit shift loses the sign of negative
values and the trailing zeros of values that 10 divides: a guard digit keeps both. The literal activations,
without guard, are right for programs whose right operands are 0, or positive and not divisible by 10:
`qnnt.reductions.pos_slp_literal`.

Size: at most three neurons per operation, in-degree at most 2, one sample.
"""

from __future__ import annotations

from typing import Any, ClassVar

from qnnt.documents.construction import d_nnt
from qnnt.instance import Instance, Parameters
from qnnt.network import Edge
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.straight_line import Operation, Operator, Program

GUARD = "guard"
INPUT = "a0"
QUARTER_SQUARE = {"type": "polynomial", "coefficients": [0, 0, "1/4"]}
SQUARE = {"type": "polynomial", "coefficients": [0, 0, 1]}


class PosSlp(Reduction[Program, bool]):
    """Lemma 3.5, repaired."""

    theorem: ClassVar[str] = "Lemma 3.5: deep networks with all parameters fixed decide PosSLP"
    source: ClassVar[type[Program]] = Program
    shift: ClassVar[str] = "slp_shift_guard"
    multiply: ClassVar[str] = "slp_mul_guard"

    def to_instance(self, program: Program, form: str) -> Instance:
        """The instance: margin 1."""
        edges: dict[Edge, int] = {}
        neurons: dict[str, dict[str, Any]] = {}
        if not program.operations:
            edges[INPUT, "a1"] = 1  # an output is a neuron
        for i in _needed(program):
            step = program.operations[i - 1]
            left, right, target = f"a{step.left}", f"a{step.right}", f"a{i}"
            if step.operator is not Operator.TIMES:
                if step.left == step.right:
                    edges[right, f"{target}_again"] = 1
                    right = f"{target}_again"
                edges[left, target] = 1
                edges[right, target] = 1 if step.operator is Operator.PLUS else -1
            elif form == GUARD:
                edges[right, f"{target}_shift"] = 1
                edges[left, target] = edges[f"{target}_shift", target] = 1
                neurons[f"{target}_shift"] = {"activation": {"type": self.shift}}
                neurons[target] = {"activation": {"type": self.multiply}}
            elif step.left == step.right:
                edges[left, target] = 1
                neurons[target] = {"activation": SQUARE}
            else:
                for sign, between in ((1, f"{target}_sum"), (-1, f"{target}_difference")):
                    edges[left, between], edges[right, between] = 1, sign
                    edges[between, target] = sign
                    neurons[between] = {"activation": QUARTER_SQUARE}
        network = {
            "inputs": [INPUT],
            "outputs": [f"a{max(1, len(program.operations))}"],
            "edges": [{"from": u, "to": v, "weights": [weight]} for (u, v), weight in edges.items()],
            "neurons": neurons,
        }
        return d_nnt(network, [[1]], [[1]], bias=[0], activation="identity", loss={"type": "positive"}, margin=1)

    def to_source_solution(self, program: Program, form: str, parameters: Parameters) -> bool:
        """There is one setting: if it meets the margin, the value is positive."""
        return True

    def from_source_solution(self, program: Program, form: str, solution: bool) -> Parameters:
        """The only setting."""
        instance = self.to_instance(program, form)
        return Parameters(
            {edge: values[0] for edge, values in instance.weights.items()}, dict.fromkeys(instance.network.neurons, 0)
        )


def _needed(program: Program) -> list[int]:
    """The operations that the last value depends on, in order, numbered from 1."""
    wanted = {len(program.operations)} - {0}
    for i in range(len(program.operations), 0, -1):
        if i in wanted:
            step: Operation = program.operations[i - 1]
            wanted |= {step.left, step.right} - {0}
    return sorted(wanted)


REDUCTION = PosSlp()
