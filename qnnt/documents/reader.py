"""From a document to an Instance, with validation: the first thing wrong is named with its path."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from qnnt.activations import Activation, ReluD
from qnnt.documents.fields import (
    as_integer,
    as_list,
    as_map,
    as_object,
    as_text,
    as_value_set,
    below,
)
from qnnt.documents.functions import activation_from, loss_from
from qnnt.errors import InputError
from qnnt.exact import LARGEST, Number, shown, to_number
from qnnt.instance import Dataset, Instance, Problem, z_d
from qnnt.losses import Accept, Label, Loss, Mismatch
from qnnt.network import Edge, Network, edge_key

FORMAT = "qnnt-instance/1"
LARGEST_D = 1 << 20

_COMMON = ("format", "name", "problem", "network", "data", "source")
_D_QNNT = (*_COMMON, "d", "error_bound")
_D_NNT = (*_COMMON, "defaults", "loss", "margin")


def instance_from(document: object) -> Instance:
    """Validate a document and build its Instance.

    Raises
    ------
    InputError
        With the path of the first mistake.
    """
    fields = as_map(document, "")
    if fields.get("format") != FORMAT:
        raise InputError(f"expected {FORMAT!r}, got {shown(fields.get('format'))}", "format")
    problem = fields.get("problem")
    if problem == Problem.D_QNNT:
        return _d_qnnt(as_object(fields, "", _D_QNNT, ("problem", "d", "network", "data")))
    if problem == Problem.D_NNT:
        return _d_nnt(as_object(fields, "", _D_NNT, ("problem", "network", "data", "loss")))
    raise InputError(f"expected 'd-qnnt' or 'd-nnt', got {shown(problem)}", "problem")


def _d_qnnt(fields: Mapping[str, Any]) -> Instance:
    d = as_integer(fields["d"], "d", 2, LARGEST_D)
    network = _network(fields["network"], edge_fields=(), neuron_fields=())
    values = z_d(d)
    x = _rows(fields["data"], "x", len(network.inputs))
    for i, row in enumerate(x):
        for j, value in enumerate(row):
            if not isinstance(value, int) or not values[0] <= value <= values[-1]:
                raise InputError(f"expected an integer of Z_{d} = {_range(values)}, got {value}", f"data.x[{i}][{j}]")
    data = _dataset(fields["data"], x, len(network.outputs))
    for i, labels in enumerate(data.y):
        for j, label in enumerate(labels):
            if label is not None and not (isinstance(label, int) and values[0] <= label <= values[-1]):
                raise InputError(
                    f"expected an integer of Z_{d} = {_range(values)} or null, got {label}", f"data.y[{i}][{j}]"
                )
    return Instance(
        name=_name(fields),
        problem=Problem.D_QNNT,
        network=network,
        weights=dict.fromkeys(network.edges, values),
        biases=dict.fromkeys(network.neurons, values),
        activations=dict.fromkeys(network.neurons, ReluD(d)),
        dataset=data,
        loss=Mismatch(),
        bound=as_integer(fields["error_bound"], "error_bound", 0, LARGEST) if "error_bound" in fields else None,
        d=d,
        source=_source(fields),
    )


def _d_nnt(fields: Mapping[str, Any]) -> Instance:
    network = _network(fields["network"], edge_fields=("weights",), neuron_fields=("activation", "bias"))
    defaults = as_object(fields.get("defaults", {}), "defaults", ("weights", "bias", "activation"))
    weights, biases, activations = _parameters(network, fields["network"], defaults)
    loss = loss_from(fields["loss"], "loss", len(network.outputs))
    x = _rows(fields["data"], "x", len(network.inputs))
    data = _dataset(fields["data"], x, len(network.outputs))
    _check_labels(loss, data)
    bound = to_number(fields["margin"], "margin") if "margin" in fields else None
    if bound is not None and bound < 0:
        raise InputError(f"expected a bound of at least 0, got {bound}", "margin")
    return Instance(
        name=_name(fields),
        problem=Problem.D_NNT,
        network=network,
        weights=weights,
        biases=biases,
        activations=activations,
        dataset=data,
        loss=loss,
        bound=bound,
        source=_source(fields),
    )


def _name(fields: Mapping[str, Any]) -> str:
    """The instance's name: one line of printable text, so that it can stand in comments of other formats."""
    name = as_text(fields.get("name", ""), "name")
    if not name.isprintable():
        raise InputError("expected printable text on one line", "name")
    return name


def _source(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a reduction made it from; families look into the problem themselves."""
    if "source" not in fields:
        return None
    source = as_object(fields["source"], "source", ("family", "form", "problem"), ("family", "form", "problem"))
    for key in ("family", "form"):
        as_text(source[key], f"source.{key}")
    problem = as_map(source["problem"], "source.problem")
    try:
        json.dumps(problem, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError("it holds half a surrogate pair, which is no text", "source.problem") from None
    return source


# --- network -------------------------------------------------------------------------------------


def _network(value: object, edge_fields: Sequence[str], neuron_fields: Sequence[str]) -> Network:
    """The graph alone; the sets and activations on it are read by `_parameters`."""
    path = "network"
    explicit = "layers" not in as_map(value, path)
    known = ("inputs", "outputs", "edges", "neurons") if explicit else ("layers", "edges", "neurons")
    fields = as_object(value, path, known, ("inputs", "outputs", "edges") if explicit else ("layers",))
    edges = []
    for i, entry in enumerate(as_list(fields.get("edges", []), f"{path}.edges")):
        at = f"{path}.edges[{i}]"
        edge = as_object(entry, at, ("from", "to", *edge_fields), ("from", "to"))
        edges.append((as_text(edge["from"], f"{at}.from"), as_text(edge["to"], f"{at}.to")))
    if explicit:
        names = [as_list(fields[key], f"{path}.{key}") for key in ("inputs", "outputs")]
        network = Network.from_edges(names[0], names[1], edges)
    else:
        sizes = as_list(fields["layers"], f"{path}.layers")
        network = Network.layered([as_integer(size, f"{path}.layers[{i}]", 1) for i, size in enumerate(sizes)])
        _check_overrides(network, edges)
    _check_neurons(network, fields.get("neurons", {}), neuron_fields)
    return network


def _check_overrides(network: Network, edges: Sequence[Edge]) -> None:
    known = set(network.edges)
    seen: set[Edge] = set()
    for i, edge in enumerate(edges):
        if edge not in known:
            raise InputError(f"the layers have no edge {edge_key(edge)}", f"network.edges[{i}]")
        if edge in seen:
            raise InputError(f"the edge {edge_key(edge)} is listed twice", f"network.edges[{i}]")
        seen.add(edge)


def _check_neurons(network: Network, value: object, neuron_fields: Sequence[str]) -> None:
    known = set(network.neurons)
    for name, entry in as_map(value, "network.neurons").items():
        at = below("network.neurons", name)
        if name not in known:
            kind = "an input" if name in network.inputs else "no neuron of the network"
            raise InputError(f"{shown(name)} is {kind}", at)
        as_object(entry, at, neuron_fields)


_Parameters = tuple[dict[Edge, tuple[Number, ...]], dict[str, tuple[Number, ...]], dict[str, Activation]]


def _parameters(network: Network, body: Mapping[str, Any], defaults: Mapping[str, Any]) -> _Parameters:
    """Weight sets, bias sets and activations: the neuron's or edge's own, else the default."""
    default_weights = as_value_set(defaults["weights"], "defaults.weights") if "weights" in defaults else None
    default_bias = as_value_set(defaults["bias"], "defaults.bias") if "bias" in defaults else None
    default_activation = (
        activation_from(defaults["activation"], "defaults.activation") if "activation" in defaults else None
    )
    own_weights = {
        (entry["from"], entry["to"]): as_value_set(entry["weights"], f"network.edges[{i}].weights")
        for i, entry in enumerate(body.get("edges", []))
        if "weights" in entry
    }
    weights = {}
    for edge in network.edges:
        chosen = own_weights.get(edge, default_weights)
        if chosen is None:
            raise InputError(f"no weights for the edge {edge_key(edge)}, here or in defaults", "network.edges")
        weights[edge] = chosen
    biases = {}
    activations = {}
    for v in network.neurons:
        at = below("network.neurons", v)
        own = body.get("neurons", {}).get(v, {})
        bias = as_value_set(own["bias"], f"{at}.bias") if "bias" in own else default_bias
        if bias is None:
            raise InputError(f"no bias for the neuron {v!r}, here or in defaults", at)
        activation = (
            activation_from(own["activation"], f"{at}.activation") if "activation" in own else default_activation
        )
        if activation is None:
            raise InputError(f"no activation for the neuron {v!r}, here or in defaults", at)
        biases[v] = bias
        activations[v] = activation
    return weights, biases, activations


# --- data ----------------------------------------------------------------------------------------


def _rows(data: object, key: str, columns: int) -> tuple[tuple[Number, ...], ...]:
    fields = as_object(data, "data", ("x", "y", "weight"), ("x", "y"))
    rows = []
    for i, entry in enumerate(as_list(fields[key], f"data.{key}")):
        row = as_list(entry, f"data.{key}[{i}]")
        if len(row) != columns:
            raise InputError(f"expected {columns} numbers, got {len(row)}", f"data.{key}[{i}]")
        if set(map(type, row)) != {int} or max(row) > LARGEST or min(row) < -LARGEST:
            row = [to_number(value, f"data.{key}[{i}][{j}]") for j, value in enumerate(row)]
        rows.append(tuple(row))
    return tuple(rows)


def _dataset(data: Mapping[str, Any], x: tuple[tuple[Number, ...], ...], outputs: int) -> Dataset:
    y: list[tuple[Label, ...]] = []
    for i, entry in enumerate(as_list(data["y"], "data.y")):
        row = as_list(entry, f"data.y[{i}]")
        if len(row) != outputs:
            raise InputError(f"expected {outputs} labels, got {len(row)}", f"data.y[{i}]")
        y.append(tuple(None if label is None else to_number(label, f"data.y[{i}][{j}]") for j, label in enumerate(row)))
    if len(y) != len(x):
        raise InputError(f"expected {len(x)} label vectors, one per row of x, got {len(y)}", "data.y")
    if "weight" not in data:
        return Dataset(x, tuple(y), (1,) * len(x))
    weight = as_list(data["weight"], "data.weight")
    if len(weight) != len(x):
        raise InputError(f"expected {len(x)} weights, one per row of x, got {len(weight)}", "data.weight")
    counts = (as_integer(value, f"data.weight[{i}]", 1, LARGEST) for i, value in enumerate(weight))
    return Dataset(x, tuple(y), tuple(counts))


def _check_labels(loss: Loss, data: Dataset) -> None:
    if not isinstance(loss, Accept):
        return
    known = {label for label, _ in loss.sets}
    for i, labels in enumerate(data.y):
        for j, label in enumerate(labels):
            if label is not None and label not in known:
                raise InputError(f"label {label} has no accepted sets in loss.sets", f"data.y[{i}][{j}]")


def _range(values: Sequence[int]) -> str:
    if len(values) <= 6:
        return "{" + ", ".join(map(str, values)) + "}"
    return f"{{{values[0]}, ..., {values[-1]}}}"
