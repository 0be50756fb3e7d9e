"""Parts of a network whose values are known, folded into the data and the biases: equivalent instances."""

from __future__ import annotations

from collections.abc import Iterator

from qnnt.exact import Number, reduced
from qnnt.fuzzing.reductions.surgery import Columns, columns_of, on_network
from qnnt.instance import Instance, Problem


def neurons_as_inputs(instance: Instance) -> Iterator[Instance]:
    """With an input in the place of a hidden neuron whose values are known; late ones first."""
    network = instance.network
    known = _known_columns(instance)
    for h in reversed(network.hidden):
        if h in known:
            weights = {(u, v): values for (u, v), values in instance.weights.items() if v != h}
            yield from on_network(instance, {**columns_of(instance), h: known[h]}, network.outputs, weights)


def constant_edges(instance: Instance) -> Iterator[Instance]:
    """With the products of an edge, from an input that is the same at all samples, in the bias set behind it.

    The edge goes; where a hidden neuron needs it to be on a path at all, it stays with the weight 0.
    """
    if instance.problem is Problem.D_QNNT:
        return
    network, columns = instance.network, columns_of(instance)
    for (u, v), values in instance.weights.items():
        if len(set(columns.get(u, ()))) == 1:
            constant = columns[u][0]
            sums = {reduced(bias + weight * constant) for bias in instance.biases[v] for weight in values}
            moved = instance.derive(biases={**instance.biases, v: tuple(sorted(sums))})
            rest = {edge: kept for edge, kept in instance.weights.items() if edge != (u, v)}
            for part in on_network(moved, columns, network.outputs, rest):
                whole = len(part.network.neurons) == len(network.neurons)
                yield part if whole else moved.derive(weights={**instance.weights, (u, v): (0,)})


def _known_columns(instance: Instance) -> Columns:
    """The values at the samples of the neurons that no parameter can change, as long as they are defined."""
    network = instance.network
    known: dict[str, tuple[Number, ...]] = dict(columns_of(instance))
    for v in network.neurons:
        before = network.predecessors[v]
        sets = [instance.biases[v], *(instance.weights[u, v] for u in before)]
        if not known.keys() >= set(before) or any(len(values) > 1 for values in sets):
            continue
        column = []
        for i in range(len(instance.dataset)):
            total = instance.bias_sign * instance.biases[v][0]
            total += sum(instance.weights[u, v][0] * known[u][i] for u in before)
            column.append(instance.activations[v].value(reduced(total)))
        defined = tuple(value for value in column if value is not None)
        if len(defined) == len(column):
            known[v] = defined
    return known
