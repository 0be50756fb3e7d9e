"""Files of C-NNT instances and of their solutions."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

from qnnt.documents.fields import as_map, as_object, below
from qnnt.documents.functions import activation_document
from qnnt.documents.reader import instance_from
from qnnt.errors import InputError
from qnnt.exact import Number, shown, to_json_number, to_number
from qnnt.files.text import compact
from qnnt.instance import Parameters, parameters_in_words
from qnnt.network import Edge, edge_key
from qnnt.reductions.continuous.construction import Continuous, continuous_of

FORMAT = "qnnt-continuous/1"
SOLUTION_FORMAT = "qnnt-continuous-solution/1"


def document_around(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of the C-NNT instance that is made of the discrete instance in a document.

    Raises
    ------
    InputError
        If that is no instance, or one without a bound.
    """
    return _document(_made(document), document)


def continuous_from(document: object) -> Continuous:
    """Read a C-NNT instance: it is made again from its discrete instance, and compared.

    The discrete instance keeps the SHA-256 of its own document.

    Raises
    ------
    InputError
        With the path of the first mistake, or of the first difference.
    """
    fields = as_map(document, "")
    if fields.get("format") != FORMAT:
        raise InputError(f"expected {FORMAT!r}, got {shown(fields.get('format'))}", "format")
    if "instance" not in fields:
        raise InputError("the key 'instance' is missing")
    discrete = as_map(fields["instance"], "instance")
    try:
        made = _made(discrete)
    except InputError as error:
        place = "instance" + ("." if error.path and not error.path.startswith("[") else "") + error.path
        raise InputError(error.problem, place) from None
    again = _document(made, discrete)
    as_object(fields, "", again, again)
    for key, value in again.items():
        _compare(fields[key], value, key)
    return made


def _made(document: Mapping[str, Any]) -> Continuous:
    discrete = instance_from(document)
    digest = hashlib.sha256(compact(document).encode()).hexdigest()
    return continuous_of(dataclasses.replace(discrete, sha256=digest))


def _document(continuous: Continuous, discrete: Mapping[str, Any]) -> dict[str, Any]:
    network, data = continuous.network, continuous.discrete.dataset
    snaps: dict[str, dict[str, str]] = {q: {"weight": edge_key(e)} for e, q in continuous.weight_vertices.items()}
    snaps |= {q: {"bias": neuron} for neuron, q in continuous.bias_vertices.items()}
    rows = [[_numbers(x), _numbers(y)] for x, y in zip(data.x, data.y, strict=True)]
    return {
        "format": FORMAT,
        "name": continuous.discrete.name,
        "network": {
            "inputs": list(network.inputs),
            "outputs": list(network.outputs),
            "edges": [{"from": u, "to": v} for u, v in network.edges],
            "activations": {v: activation_document(continuous.activations[v]) for v in network.neurons},
        },
        "constant": continuous.constant,
        "snaps": snaps,
        "data": {
            "x": [x for x, _ in rows],
            "labels": [{"constant": 1, "x": x, "y": y} for x, y in rows],
            "weight": list(data.weight),
        },
        "loss": {"type": "trace", "no_trace": to_json_number(continuous.loss_of_no_trace)},
        "margin": to_json_number(continuous.margin),
        "instance": dict(discrete),
    }


def _numbers(row: tuple[Number | None, ...]) -> list[int | str | None]:
    return [None if value is None else to_json_number(value) for value in row]


def _compare(found: object, made: object, path: str) -> None:
    """Complain about the first difference; the depth is that of what was made."""
    if isinstance(made, dict):
        fields = as_object(found, path, made, made)
        for key, value in made.items():
            _compare(fields[key], value, below(path, key))
    elif isinstance(made, list) and isinstance(found, list) and len(found) == len(made):
        for i, (one, other) in enumerate(zip(found, made, strict=True)):
            _compare(one, other, f"{path}[{i}]")
    elif found != made:
        raise InputError(f"the instance makes it {shown(made)}, not {shown(found)}", path)


def solution_document(parameters: Parameters) -> dict[str, Any]:
    """Rational parameters of a C-NNT instance."""
    words = parameters_in_words(parameters)
    parts = {part: {key: to_json_number(value) for key, value in values.items()} for part, values in words.items()}
    return {"format": SOLUTION_FORMAT, **parts}


def solution_from(document: object) -> Parameters:
    """The inverse of `solution_document`.

    Raises
    ------
    InputError
        With the path of the first mistake.
    """
    keys = ("format", "weights", "bias")
    fields = as_map(document, "")
    if fields.get("format") != SOLUTION_FORMAT:
        raise InputError(f"expected {SOLUTION_FORMAT!r}, got {shown(fields.get('format'))}", "format")
    as_object(fields, "", keys, keys)
    weights: dict[Edge, Number] = {}
    for key, value in as_map(fields["weights"], "weights").items():
        u, arrow, v = key.partition("->")
        if not arrow:
            raise InputError(f"expected a key such as 'x1->h1_1', got {shown(key)}", below("weights", key))
        weights[u, v] = to_number(value, below("weights", key))
    biases = {key: to_number(value, below("bias", key)) for key, value in as_map(fields["bias"], "bias").items()}
    return Parameters(weights, biases)
