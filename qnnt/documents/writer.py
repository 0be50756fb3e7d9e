"""From an Instance to its document: the structure that instance files hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

from qnnt.documents.functions import activation_document, loss_document
from qnnt.documents.reader import FORMAT
from qnnt.exact import to_json_number
from qnnt.instance import Instance, Problem

T = TypeVar("T", bound=Hashable)


def document_of(instance: Instance) -> dict[str, Any]:
    """The document that `instance_from` reads back to an equal Instance."""
    document: dict[str, Any] = {"format": FORMAT}
    if instance.name:
        document["name"] = instance.name
    document["problem"] = str(instance.problem)
    if instance.problem is Problem.D_QNNT:
        document["d"] = instance.d
        document["network"] = _graph(instance)
    else:
        document.update(_network_with_sets(instance))
    document["data"] = _data(instance)
    if instance.problem is Problem.D_NNT:
        document["loss"] = loss_document(instance.loss)
    if instance.bound is not None:
        key = "error_bound" if instance.problem is Problem.D_QNNT else "margin"
        document[key] = to_json_number(instance.bound)
    if instance.source is not None:
        document["source"] = dict(instance.source)
    return document


def _graph(instance: Instance) -> dict[str, Any]:
    network = instance.network
    if network.layers is not None:
        return {"layers": list(network.layers)}
    return {
        "inputs": list(network.inputs),
        "outputs": list(network.outputs),
        "edges": [{"from": u, "to": v} for u, v in network.edges],
    }


def _network_with_sets(instance: Instance) -> dict[str, Any]:
    """Sets and activations: the commonest as defaults, the others where they differ."""
    network = instance.network
    weights = _commonest(instance.weights.values())
    bias = _commonest(instance.biases.values())
    activation = _commonest(instance.activations.values())
    body = _graph(instance)
    if network.layers is None:
        entries = [{"from": u, "to": v} for u, v in network.edges]
    else:
        entries = [{"from": u, "to": v} for u, v in network.edges if instance.weights[u, v] != weights]
    for entry in entries:
        own = instance.weights[entry["from"], entry["to"]]
        if own != weights:
            entry["weights"] = [to_json_number(value) for value in own]  # type: ignore[assignment]
    if entries:
        body["edges"] = entries
    neurons: dict[str, Any] = {}
    for v in network.neurons:
        own_fields: dict[str, Any] = {}
        if instance.activations[v] != activation:
            own_fields["activation"] = activation_document(instance.activations[v])
        if instance.biases[v] != bias:
            own_fields["bias"] = [to_json_number(value) for value in instance.biases[v]]
        if own_fields:
            neurons[v] = own_fields
    if neurons:
        body["neurons"] = neurons
    defaults: dict[str, Any] = {}
    if weights is not None:
        defaults["weights"] = [to_json_number(value) for value in weights]
    if bias is not None:
        defaults["bias"] = [to_json_number(value) for value in bias]
    if activation is not None:
        defaults["activation"] = activation_document(activation)
    return {"network": body, "defaults": defaults}


def _commonest(values: Iterable[T]) -> T | None:
    counted = Counter(values).most_common(1)
    return counted[0][0] if counted else None


def _data(instance: Instance) -> dict[str, Any]:
    data = instance.dataset
    document: dict[str, Any] = {
        "x": [[to_json_number(value) for value in row] for row in data.x],
        "y": [[None if label is None else to_json_number(label) for label in row] for row in data.y],
    }
    if any(weight != 1 for weight in data.weight):
        document["weight"] = list(data.weight)
    return document
