"""Parameters that make no difference are fixed."""

from __future__ import annotations

from qnnt.activations import Constant, Polynomial, Table
from qnnt.errors import UnsupportedError
from qnnt.instance import Instance, Parameters
from qnnt.simplification.bounds import value_bounds
from qnnt.simplification.steps import Simplified, nearest_zero


def fix_irrelevant_parameters(instance: Instance) -> Simplified:
    """Fix the weights of whatever is 0 at every sample, and all that a constant neuron reads.

    A neuron counts as constant if interval bounds leave its activation one value. The fixed value is
    the one nearest zero. Without samples nothing matters, and nothing is changed; nor where there are no
    bounds.
    """
    if not len(instance.dataset):
        return Simplified(instance)
    try:
        bounds = value_bounds(instance)
    except UnsupportedError:
        return Simplified(instance)
    network = instance.network
    constant = {
        v
        for v in network.neurons
        if bounds[v][0] == bounds[v][1] and not isinstance(instance.activations[v], Table | Polynomial)
    }
    weights = dict(instance.weights)
    for u, v in network.edges:
        silent = bounds[u] == (0, 0) and not isinstance(instance.activations.get(u), Table)
        if silent or v in constant:
            weights[u, v] = (nearest_zero(weights[u, v]),)
    biases = dict(instance.biases)
    activations = dict(instance.activations)
    for v in constant:
        biases[v] = (nearest_zero(biases[v]),)
        activations[v] = Constant(bounds[v][0])
    if weights == instance.weights and biases == instance.biases and activations == instance.activations:
        return Simplified(instance)
    derived = instance.derive(weights=weights, biases=biases, activations=activations)

    def project(parameters: Parameters) -> Parameters:
        return Parameters(
            {e: weights[e][0] if len(weights[e]) == 1 else value for e, value in parameters.weights.items()},
            {v: biases[v][0] if len(biases[v]) == 1 else value for v, value in parameters.biases.items()},
        )

    return Simplified(derived, project=project)
