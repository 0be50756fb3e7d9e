"""Fewer neurons: what reaches no labelled output goes, with the outputs that nobody labels."""

from __future__ import annotations

from qnnt.instance import Instance, Parameters
from qnnt.losses import Accept
from qnnt.network import Network
from qnnt.simplification.steps import Simplified, nearest_zero


def drop_unlabelled_outputs(instance: Instance) -> Simplified:
    """Remove outputs without any label, and neurons that then lie on no input-output path.

    Neurons with an activation that may be undefined stay, with all that they read: it is a constraint.
    The last output stays as well.
    """
    network, data = instance.network, instance.dataset
    labelled = {o for j, o in enumerate(network.outputs) if any(y[j] is not None for y in data.y)} or {
        network.outputs[0]
    }
    kept = set(labelled) | {v for v, a in instance.activations.items() if a.partial}
    for u, v in reversed(network.edges):
        if v in kept:
            kept.add(u)
    if kept.issuperset(network.neurons):
        return Simplified(instance)
    outputs = tuple(o for o in network.outputs if o in kept)
    columns = [j for j, o in enumerate(network.outputs) if o in kept]
    smaller = Network(
        network.inputs,
        outputs,
        tuple(v for v in network.neurons if v in kept),
        tuple((u, v) for u, v in network.edges if v in kept),
    )
    loss = instance.loss
    if isinstance(loss, Accept):
        loss = Accept(tuple((label, tuple(sets[j] for j in columns)) for label, sets in loss.sets))
    derived = instance.derive(
        network=smaller,
        weights={edge: instance.weights[edge] for edge in smaller.edges},
        biases={v: instance.biases[v] for v in smaller.neurons},
        activations={v: instance.activations[v] for v in smaller.neurons},
        dataset=type(data)(data.x, tuple(tuple(y[j] for j in columns) for y in data.y), data.weight),
        loss=loss,
    )

    def restore(parameters: Parameters) -> Parameters:
        return Parameters(
            {e: parameters.weights.get(e, nearest_zero(values)) for e, values in instance.weights.items()},
            {v: parameters.biases.get(v, nearest_zero(values)) for v, values in instance.biases.items()},
        )

    def project(parameters: Parameters) -> Parameters:
        return Parameters(
            {edge: parameters.weights[edge] for edge in smaller.edges},
            {v: parameters.biases[v] for v in smaller.neurons},
        )

    return Simplified(derived, restore, project)
