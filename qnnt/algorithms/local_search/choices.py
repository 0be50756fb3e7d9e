"""Parameters as the numbers of their values, piece by piece, and back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.local_search.kernel import Integers
from qnnt.algorithms.states.integer_view import ConstantPiece, IntegerView, Neuron
from qnnt.evaluation import check_parameters
from qnnt.exact import Number
from qnnt.instance import Parameters
from qnnt.network import Edge


def parameters_of(view: IntegerView, choices: Integers) -> Parameters:
    """The values chosen."""
    weights: dict[Edge, Number] = {}
    biases: dict[str, Number] = {}
    chosen = iter(choices.tolist())
    for neuron in view.neurons:
        for piece in neuron.constants:
            value = piece.allowed[next(chosen)]
            if piece.key is None:
                biases[neuron.name] = value
            else:
                weights[piece.key, neuron.name] = value
        for edge in neuron.edges:
            weights[view.neurons[edge.source].name, neuron.name] = edge.allowed[next(chosen)]
    instance = view.instance
    return Parameters({edge: weights[edge] for edge in instance.weights}, {v: biases[v] for v in instance.biases})


def choices_of(view: IntegerView, parameters: Parameters) -> Integers:
    """The number of each piece's value, or of one that contributes the same at all inputs.

    Raises
    ------
    CertificateError
        If a value is missing or outside its set.
    """
    check_parameters(view.instance, parameters)
    found: list[int] = []
    for neuron in view.neurons:
        for piece in neuron.constants:
            key = piece.key
            value = parameters.biases[neuron.name] if key is None else parameters.weights[key, neuron.name]
            found.append(_row(view, neuron, piece, value))
        names = [view.neurons[edge.source].name for edge in neuron.edges]
        given = [parameters.weights[name, neuron.name] for name in names]
        found += [edge.allowed.index(value) for edge, value in zip(neuron.edges, given, strict=True)]
    return np.array(found, np.int64)


def _row(view: IntegerView, neuron: Neuron, piece: ConstantPiece, value: Number) -> int:
    if value in piece.allowed:
        return piece.allowed.index(value)
    place_of_input = None if piece.key is None else view.instance.network.inputs.index(piece.key)
    column = [1 if place_of_input is None else x[place_of_input] for x in view.inputs]
    row: npt.NDArray[np.int64] = np.array([int(value * x * neuron.unit) for x in column], np.int64)
    return int(np.flatnonzero((piece.choices == row).all(axis=1))[0])
