"""An instance on a part of its network, or under other names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from qnnt.exact import Number
from qnnt.fuzzing.reductions.naming import Renamed, in_layers
from qnnt.instance import Dataset, Instance
from qnnt.losses import Accept, Loss
from qnnt.network import Edge, Network

WeightSets = Mapping[Edge, tuple[Number, ...]]
Columns = Mapping[str, tuple[Number, ...]]
"""The values of each input at the samples."""


def columns_of(instance: Instance) -> Columns:
    """The columns of x by the names of the inputs."""
    return {u: tuple(row[j] for row in instance.dataset.x) for j, u in enumerate(instance.network.inputs)}


def on_network(
    instance: Instance, columns: Columns, outputs: Collection[str], weights: WeightSets
) -> Iterator[Instance]:
    """The instance with these inputs, outputs and edges alone; nothing if no input or no output is left.

    Hidden neurons that are then on no path from an input to an output go, with their edges. An output
    that is an output no more stays as a hidden neuron if it is on a path. Layers stay layers where
    they can.
    """
    old = instance.network
    kept_outputs = [o for o in old.outputs if o in outputs]
    if not columns or not kept_outputs:
        return
    forward = _reachable(columns, weights)
    backward = _reachable(kept_outputs, [(v, u) for u, v in weights])
    kept = (forward & backward) | {*columns, *kept_outputs}
    edges = {edge: values for edge, values in weights.items() if kept.issuperset(edge)}
    positions = [old.outputs.index(o) for o in kept_outputs]
    network = Network.from_edges(list(columns), kept_outputs, edges)
    data = instance.dataset
    part = instance.derive(
        network=network,
        weights={edge: edges[edge] for edge in network.edges},
        biases={v: instance.biases[v] for v in network.neurons},
        activations={v: instance.activations[v] for v in network.neurons},
        dataset=Dataset(
            tuple(zip(*columns.values(), strict=True)),
            tuple(tuple(row[j] for j in positions) for row in data.y),
            data.weight,
        ),
        loss=_at_positions(instance.loss, positions),
    )
    layers = in_layers(network) if old.layers is not None else None
    yield part if layers is None else renamed(part, layers)


def renamed(instance: Instance, other: Renamed) -> Instance:
    """The instance under other names."""
    names = other.names
    weights = {(names[u], names[v]): values for (u, v), values in instance.weights.items()}
    biases = {names[v]: values for v, values in instance.biases.items()}
    activations = {names[v]: activation for v, activation in instance.activations.items()}
    return instance.derive(
        network=other.network,
        weights={edge: weights[edge] for edge in other.network.edges},
        biases={v: biases[v] for v in other.network.neurons},
        activations={v: activations[v] for v in other.network.neurons},
    )


def _reachable(starts: Iterable[str], edges: Iterable[Edge]) -> set[str]:
    following: dict[str, list[str]] = {}
    for u, v in edges:
        following.setdefault(u, []).append(v)
    found = set(starts)
    pending = list(found)
    while pending:
        for v in following.get(pending.pop(), ()):
            if v not in found:
                found.add(v)
                pending.append(v)
    return found


def _at_positions(loss: Loss, positions: Collection[int]) -> Loss:
    """The loss on these outputs alone."""
    if isinstance(loss, Accept):
        return Accept(tuple((label, tuple(accepted[j] for j in positions)) for label, accepted in loss.sets))
    return loss
