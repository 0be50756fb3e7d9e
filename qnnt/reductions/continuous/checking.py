"""The loss of a C-NNT instance, exact at rational parameters; from discrete solutions to real ones and back."""

from __future__ import annotations

from collections.abc import Mapping
from operator import mul

from qnnt.array_evaluation import judge
from qnnt.bit_budget import check_sum
from qnnt.errors import BudgetError, CertificateError
from qnnt.evaluation import activate, check_parameters, sample_loss, written_loss
from qnnt.exact import Number, reduced
from qnnt.instance import Parameters
from qnnt.losses import Label
from qnnt.network import edge_key
from qnnt.reductions.continuous.construction import Continuous

Values = Mapping[str, Number]


def total_loss(continuous: Continuous, parameters: Parameters) -> Number:
    """The loss of rational parameters, over all samples.

    Raises
    ------
    CertificateError
        If they are not those of the network.
    BudgetError
        If a value, or the loss, is too large.
    """
    _check_names(continuous, parameters)
    data = continuous.discrete.dataset
    seen: dict[tuple[Number, ...], Values | None] = {}
    total: Number = 0
    for x, y, weight in zip(data.x, data.y, data.weight, strict=True):
        if x not in seen:
            seen[x] = outputs_at(continuous, parameters, x)
        values = seen[x]
        total += weight * (continuous.loss_of_no_trace if values is None else loss_of(continuous, values, x, y))
    return written_loss(reduced(total))


def outputs_at(continuous: Continuous, parameters: Parameters, x: tuple[Number, ...]) -> Values | None:
    """The values of all vertices but the inputs; None where an activation is undefined.

    Raises
    ------
    BudgetError
        If one is too large.
    """
    network = continuous.network
    values: dict[str, Number] = dict(zip(network.inputs, x, strict=True))
    for v in network.neurons:
        total = parameters.biases[v]
        try:
            for u in network.predecessors[v]:
                product = parameters.weights[u, v] * values[u]
                check_sum(total, product)
                total += product
            values[v] = activate(continuous.activations[v], total)
        except CertificateError:
            return None
        except BudgetError as error:
            raise error.of(f"the value of {v}") from None
    return {v: values[v] for v in network.outputs}


def loss_of(continuous: Continuous, values: Values, x: tuple[Number, ...], y: tuple[Label, ...]) -> Number:
    """The loss of any outputs at a sample of weight 1."""
    try:
        if is_trace(continuous, values, x):
            outputs = [values[v] for v in continuous.discrete.network.outputs]
            return 1 + sample_loss(continuous.discrete.loss, outputs, y)
    except CertificateError:  # an activation or the discrete loss is undefined
        pass
    return continuous.loss_of_no_trace


def is_trace(continuous: Continuous, values: Values, x: tuple[Number, ...]) -> bool:
    """Whether outputs are those of the discrete network at x, with parameters as the snap vertices say.

    Every neuron is held against the values of those before it, whether these are right or not.

    Raises
    ------
    CertificateError
        If an activation is undefined there.
    """
    discrete = continuous.discrete
    if values[continuous.constant] != 0:
        return False
    if any(values[name] not in discrete.weights[edge] for edge, name in continuous.weight_vertices.items()):
        return False
    if any(values[name] not in discrete.biases[neuron] for neuron, name in continuous.bias_vertices.items()):
        return False
    known = dict(zip(discrete.network.inputs, x, strict=True)) | dict(values)
    for v in discrete.network.neurons:
        before = discrete.network.predecessors[v]
        weights = (values[continuous.weight_vertices[u, v]] for u in before)
        total = sum(map(mul, weights, (known[u] for u in before)), 0)
        total += discrete.bias_sign * values[continuous.bias_vertices[v]]
        if values[v] != activate(discrete.activations[v], total):
            return False
    return True


def embed(continuous: Continuous, parameters: Parameters) -> Parameters:
    """Discrete parameters as real ones, with the discrete loss plus the total weight of the samples.

    Raises
    ------
    CertificateError
        If they are not admissible.
    """
    discrete = continuous.discrete
    check_parameters(discrete, parameters)
    weights = {edge: parameters.weights.get(edge, 0) for edge in continuous.network.edges}
    biases: dict[str, Number] = {v: discrete.bias_sign * bias for v, bias in parameters.biases.items()}
    biases[continuous.constant] = 0
    biases |= {name: parameters.weights[edge] for edge, name in continuous.weight_vertices.items()}
    biases |= {name: parameters.biases[neuron] for neuron, name in continuous.bias_vertices.items()}
    return Parameters(weights, biases)


def decode(continuous: Continuous, parameters: Parameters) -> Parameters:
    """The discrete parameters that real ones within the margin stand for: the values of the snap vertices.

    Raises
    ------
    CertificateError
        If the loss is above the margin, or if the theorem does not hold: the discrete loss is another one.
    """
    total = total_loss(continuous, parameters)
    if total > continuous.margin:
        raise CertificateError(f"the loss {total} is above {continuous.margin}")

    def setting(name: str) -> Number:
        # c is 0 whatever it reads
        return activate(continuous.activations[name], parameters.biases[name])

    found = Parameters(
        {edge: setting(name) for edge, name in continuous.weight_vertices.items()},
        {neuron: setting(name) for neuron, name in continuous.bias_vertices.items()},
    )
    loss = judge(continuous.discrete, found)
    if loss + continuous.discrete.dataset.total_weight != total:
        raise CertificateError(f"the real network has the loss {total}, but the discrete one has {loss}")
    return found


def _check_names(continuous: Continuous, parameters: Parameters) -> None:
    edges, neurons = continuous.network.edges, continuous.network.neurons
    for edge in edges:
        if edge not in parameters.weights:
            raise CertificateError(f"the weight of {edge_key(edge)} is missing")
    for neuron in neurons:
        if neuron not in parameters.biases:
            raise CertificateError(f"the bias of {neuron} is missing")
    if len(parameters.weights) > len(edges):
        unknown = next(edge for edge in parameters.weights if edge not in set(edges))
        raise CertificateError(f"the network has no edge {edge_key(unknown)}")
    if len(parameters.biases) > len(neurons):
        unknown_neuron = next(neuron for neuron in parameters.biases if neuron not in set(neurons))
        raise CertificateError(f"the network has no vertex {unknown_neuron}")
