"""Result files: writing answers, and reading claimed solutions back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qnnt.documents.fields import as_map, as_object, as_text, below
from qnnt.errors import InputError
from qnnt.exact import Number, shown, to_json_number, to_number
from qnnt.files.text import pretty, read_json, write_text
from qnnt.instance import Parameters, parameters_in_words
from qnnt.network import Edge
from qnnt.result import Result, Status

FORMAT = "qnnt-result/1"


def result_document(result: Result) -> dict[str, Any]:
    """The document of a result, ready for JSON: exact numbers as integers or rational strings."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "status": str(result.status),
        "objective": str(result.objective),
        "loss": _optional(result.loss),
        "lower_bound": _optional(result.lower_bound),
        "accuracy": result.accuracy,
        "solution": None,
        "solver": result.solver,
        "encoding": result.encoding,
        "options": dict(result.options),
        "seconds": {key: round(value, 4) for key, value in result.seconds.items()},
        "model": dict(result.model),
        "instance_file": result.instance_file,
        "instance_sha256": result.instance_sha256,
        "versions": dict(result.versions),
        "incumbents": [
            [round(i.seconds, 4), _optional(i.loss), to_json_number(i.lower_bound)] for i in result.incumbents
        ],
    }
    if result.nonzero_weights is not None:
        document["nonzero_weights"] = result.nonzero_weights
        document["nonzero_lower_bound"] = result.nonzero_lower_bound
    if result.nonzero_numerical:
        document["nonzero_numerical"] = True
    if result.numerical:
        document["numerical"] = True
    if result.proof is not None:
        document["proof"] = dict(result.proof)
    if result.found_by is not None:
        document["found_by"] = result.found_by
    if result.proved_by is not None:
        document["proved_by"] = result.proved_by
    if result.note:
        document["note"] = result.note
    if result.solution is not None:
        words = parameters_in_words(result.solution.parameters)
        document["solution"] = {
            part: {key: to_json_number(value) for key, value in values.items()} for part, values in words.items()
        }
    return document


def _optional(value: Number | None) -> int | str | None:
    return None if value is None else to_json_number(value)


def save_result(result: Result, path: str) -> None:
    """Write a result file; '-' is standard output."""
    write_text(path, pretty(result_document(result)))


class Claim:
    """What a result file says of an instance, before anything is checked.

    Attributes
    ----------
    status
        As written in the file.
    parameters
        The claimed solution, or None.
    loss
        The claimed loss, or None.
    nonzero_weights
        The claimed number of weights that are not 0, or None.
    bound
        The bound that was decided, where it was not the instance's own; or None.
    proof_encoding
        The encoding of the clauses that its proof refutes; empty if there is none.
    instance_sha256, instance_file
        Which instance it speaks of; empty where the file is silent.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        if document.get("format") != FORMAT:
            raise InputError(f"expected {FORMAT!r}, got {shown(document.get('format'))}", "format")
        if document.get("status") not in list(Status):
            raise InputError(f"expected one of {', '.join(Status)}", "status")
        self.status = Status(document["status"])
        self.loss = optional_number(document, "loss")
        self.lower_bound = optional_number(document, "lower_bound")
        self.nonzero_weights = optional_number(document, "nonzero_weights")
        options = as_map(document.get("options") or {}, "options")
        self.bound = None if options.get("bound") is None else to_number(options["bound"], "options.bound")
        proof = as_map(document.get("proof") or {}, "proof")
        self.proof_encoding = as_text(proof.get("encoding") or "", "proof.encoding")
        self.instance_sha256 = as_text(document.get("instance_sha256") or "", "instance_sha256")
        self.instance_file = as_text(document.get("instance_file") or "", "instance_file")
        solution = document.get("solution")
        self.parameters = None if solution is None else _parameters(solution)


def load_claim(path: str) -> Claim:
    """Read a result file.

    Raises
    ------
    InputError
        If it is no result file.
    """
    document = read_json(path, measured=True)
    try:
        return Claim(as_map(document, ""))
    except InputError as error:
        raise error.within(path) from None


def optional_number(document: Mapping[str, Any], key: str) -> Number | None:
    value = document.get(key)
    return None if value is None else to_number(value, key, bounded=False)


def _parameters(value: object) -> Parameters:
    fields = as_object(value, "solution", ("weights", "bias"), ("weights", "bias"))
    weights: dict[Edge, Number] = {}
    for key, weight in as_map(fields["weights"], "solution.weights").items():
        at = below("solution.weights", key)
        u, arrow, v = key.partition("->")
        if not arrow or not u or not v:
            raise InputError(f"expected a key such as 'x1->h1_1', got {shown(key)}", at)
        weights[u, v] = to_number(weight, at)
    biases = {
        key: to_number(bias, below("solution.bias", key))
        for key, bias in as_map(fields["bias"], "solution.bias").items()
    }
    return Parameters(weights, biases)
