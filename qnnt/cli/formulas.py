"""A trained network in words, one formula per neuron."""

from __future__ import annotations

from qnnt.documents.functions import activation_document
from qnnt.exact import Number
from qnnt.instance import Instance, Parameters

MOST_EDGES = 40


def formulas(instance: Instance, parameters: Parameters) -> list[str]:
    """One line per neuron, such as ``h1_1 = relu_d(x1 - 2 x3 + 1)``; none for large networks."""
    network = instance.network
    if len(network.edges) > MOST_EDGES:
        return []
    lines = []
    for v in network.neurons:
        terms = [(parameters.weights[u, v], u) for u in network.predecessors[v]]
        terms.append((instance.bias_sign * parameters.biases[v], ""))
        document = activation_document(instance.activations[v])
        name = document if isinstance(document, str) else document["type"]
        inside = _sum(terms)
        lines.append(f"{v} = {inside}" if name == "identity" else f"{v} = {name}({inside})")
    return lines


def _sum(terms: list[tuple[Number, str]]) -> str:
    text = ""
    for factor, name in terms:
        if factor == 0:
            continue
        size = "" if abs(factor) == 1 and name else str(abs(factor))
        body = " ".join(part for part in (size, name) if part)
        sign = "-" if factor < 0 else "+"
        text += f" {sign} {body}" if text else f"{'-' if factor < 0 else ''}{body}"
    return text or "0"
