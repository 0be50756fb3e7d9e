"""Instances from Python: the same fields as in files, the same validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from qnnt.documents.reader import FORMAT, instance_from
from qnnt.instance import Instance, Problem


class Array(Protocol):
    """A NumPy array, without importing NumPy."""

    def tolist(self) -> Any: ...


Rows = Sequence[Sequence[object]] | Array


def d_qnnt(
    d: int,
    network: Sequence[int] | Mapping[str, Any],
    x: Rows,
    y: Rows,
    *,
    weight: Sequence[int] | Array | None = None,
    error_bound: int | None = None,
    name: str = "",
) -> Instance:
    """A d-QNNT instance.

    Parameters
    ----------
    d
        Weights, biases and data lie in Z_d; at least 2.
    network
        Layer sizes, or the ``network`` object of an instance file.
    x, y
        Shapes (n, inputs) and (n, outputs); None in y is a don't care. NumPy arrays are fine.
    weight
        Positive integers, one per sample.
    error_bound
        With it the instance asks for at most this many mismatches; without, for the fewest.

    Raises
    ------
    InputError
        With the path of the first mistake.
    """
    document = _common(Problem.D_QNNT, name, network, x, y, weight)
    document["d"] = d
    if error_bound is not None:
        document["error_bound"] = error_bound
    return instance_from(document)


def d_nnt(
    network: Sequence[int] | Mapping[str, Any],
    x: Rows,
    y: Rows,
    *,
    weights: Sequence[object] | None = None,
    bias: Sequence[object] | None = None,
    activation: object = None,
    loss: object = "mismatch",
    weight: Sequence[int] | Array | None = None,
    margin: object = None,
    name: str = "",
) -> Instance:
    """A D-NNT instance.

    Parameters
    ----------
    network
        Layer sizes, or the ``network`` object of an instance file (with its own sets per edge and
        neuron).
    x, y
        Shapes (n, inputs) and (n, outputs), of integers, Fractions or strings such as "3/2".
    weights, bias, activation
        The defaults of edges and neurons that have none of their own.
    loss
        A name or an object such as ``{"type": "hinge", "margin": 1}``.
    margin
        The bound on the loss, if the instance asks a decision.

    Raises
    ------
    InputError
        With the path of the first mistake.
    """
    document = _common(Problem.D_NNT, name, network, x, y, weight)
    document["loss"] = loss
    defaults = {"weights": weights, "bias": bias, "activation": activation}
    document["defaults"] = {key: value for key, value in defaults.items() if value is not None}
    if margin is not None:
        document["margin"] = margin
    return instance_from(document)


def _common(
    problem: Problem,
    name: str,
    network: Sequence[int] | Mapping[str, Any],
    x: Rows,
    y: Rows,
    weight: Sequence[int] | Array | None,
) -> dict[str, Any]:
    data: dict[str, Any] = {"x": x, "y": y}
    if weight is not None:
        data["weight"] = weight
    body = network if isinstance(network, Mapping) else {"layers": network}
    return {"format": FORMAT, "name": name, "problem": str(problem), "network": body, "data": data}
