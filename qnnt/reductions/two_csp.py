r"""2-CSP, and MAX-2-CSP, become the training of linear neurons (Theorem 1.4).

One input that is 1, a hidden neuron for each variable, an output for each constraint. The weight into the
neuron of a variable is its value, one of 0..N-1. The output of a constraint on u and v reads u with the
weight 1 and v with the weight N (if u = v: once, with the weight N + 1); all biases are 0, and there is
one sample.

Why it works: the output is a + N b for the values a of u and b of v, which tells the pair.

Form "accept": identity activations and the loss `accept`, which counts the outputs that are no allowed
pair. So it counts the violated constraints, whatever the parameters are: MAX-2-CSP without more ado.

Form "indicator": the theorem demands a loss that is 0 at the label only, which `accept` is not; the paper
takes one of three values with the labels -1 and the bound 1. Here an output has a `step` activation
instead, which is 1 on the allowed pairs and 0 elsewhere; all labels are 1, and the loss is `hamming`.
It counts the violated constraints as well. The hidden neurons stay linear.

A variable in no constraint has no neuron, as it would lie on no path; it gets the value 0 on the way back.
Without constraints there is one output, which reads nothing and has no label.

Size: 1 input, at most n hidden neurons, m outputs, at most n + 2m edges; numbers below N^2; N^n settings of
the parameters if every variable is in a constraint, of which those that meet the bound are the solutions.
"""

from __future__ import annotations

from typing import Any, ClassVar

from qnnt.documents.construction import d_nnt
from qnnt.instance import Instance, Parameters
from qnnt.reductions.reduction import Reduction
from qnnt.reductions.sources.two_csp import TwoCsp, Values

ACCEPT = "accept"
INDICATOR = "indicator"
LABEL = 1


class TwoCspReduction(Reduction[TwoCsp, Values]):
    """Theorem 1.4."""

    theorem: ClassVar[str] = (
        "Theorem 1.4: NP-hard for linear hidden neurons, one hidden layer, alpha = |D| = 1 and numbers in unary"
    )
    source: ClassVar[type[TwoCsp]] = TwoCsp
    grades: ClassVar[bool] = True

    def numbers(self, source: TwoCsp, form: str) -> int:
        return source.variables * source.values + 10 * len(source.constraints)

    def to_instance(self, source: TwoCsp, form: str) -> Instance:
        """The instance: margin 0."""
        base = source.values
        edges: list[dict[str, Any]] = [
            {"from": "s", "to": f"h{v}", "weights": list(range(base))} for v in _constrained(source)
        ]
        for j, constraint in enumerate(source.constraints):
            u, v = constraint.on
            if u == v:
                edges.append({"from": f"h{u}", "to": f"c{j}", "weights": [base + 1]})
            else:
                edges.append({"from": f"h{u}", "to": f"c{j}", "weights": [1]})
                edges.append({"from": f"h{v}", "to": f"c{j}", "weights": [base]})
        codes = [sorted(a + base * b for a, b in constraint.allowed) for constraint in source.constraints]
        network: dict[str, Any] = {"inputs": ["s"], "outputs": _outputs(source), "edges": edges}
        loss: dict[str, Any] = {"type": "hamming"}
        if form == INDICATOR:
            network["neurons"] = {f"c{j}": {"activation": _indicator(accepted)} for j, accepted in enumerate(codes)}
        else:
            loss = {"type": "accept", "sets": [[LABEL, codes or [[]]]]}
        labels: list[int | None] = [*[LABEL] * len(source.constraints)] or [None]
        return d_nnt(network, [[1]], [labels], bias=[0], activation="identity", loss=loss, margin=0)

    def to_source_solution(self, source: TwoCsp, form: str, parameters: Parameters) -> Values:
        """The value of a variable is the weight into its neuron."""
        found = {v: int(parameters.weights["s", f"h{v}"]) for v in _constrained(source)}
        return tuple(found.get(v, 0) for v in range(source.variables))

    def from_source_solution(self, source: TwoCsp, form: str, solution: Values) -> Parameters:
        """The values as weights; all others are fixed."""
        instance = self.to_instance(source, form)
        weights = {edge: allowed[0] for edge, allowed in instance.weights.items()}
        weights |= {("s", f"h{v}"): solution[v] for v in _constrained(source)}
        return Parameters(weights, dict.fromkeys(instance.network.neurons, 0))


def _constrained(source: TwoCsp) -> list[int]:
    """The variables that are in a constraint."""
    return sorted({v for constraint in source.constraints for v in constraint.on})


def _outputs(source: TwoCsp) -> list[str]:
    """One per constraint; a network has at least one."""
    return [f"c{j}" for j in range(len(source.constraints))] or ["nothing"]


def _indicator(codes: list[int]) -> dict[str, Any]:
    """The activation that is 1 at these integers and 0 at all others."""
    members = set(codes)
    edges = {code for code in members if code - 1 not in members}
    edges |= {code + 1 for code in members if code + 1 not in members}
    return {"type": "step", "breaks": sorted(edges), "values": [i % 2 for i in range(len(edges) + 1)]}


REDUCTION = TwoCspReduction()
