"""Fewer outputs, hidden neurons, edges and inputs; plain names."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qnnt.fuzzing.reductions.blocks import blocks
from qnnt.fuzzing.reductions.naming import plainly_named
from qnnt.fuzzing.reductions.surgery import WeightSets, columns_of, on_network, renamed
from qnnt.instance import Instance


def fewer_outputs(instance: Instance) -> Iterator[Instance]:
    """Without a block of outputs and what only they need; or with one that is hidden from now on."""
    network = instance.network
    for block in blocks(len(network.outputs)):
        dropped = {network.outputs[k] for k in block}
        kept = [o for o in network.outputs if o not in dropped]
        yield from on_network(instance, columns_of(instance), kept, _without(instance, dropped))
    for o in network.outputs:
        if network.successors[o]:
            kept = [other for other in network.outputs if other != o]
            yield from on_network(instance, columns_of(instance), kept, instance.weights)


def fewer_hidden_neurons(instance: Instance) -> Iterator[Instance]:
    """Without a block of hidden neurons and their edges."""
    network = instance.network
    for block in blocks(len(network.hidden)):
        dropped = {network.hidden[k] for k in block}
        yield from on_network(instance, columns_of(instance), network.outputs, _without(instance, dropped))


def bypassed_neurons(instance: Instance) -> Iterator[Instance]:
    """Without a hidden neuron, but with edges from what it reads to who reads it.

    The new edges have the set of the edge before it, or else of the edge behind it. Only where this
    takes no more edges than there were.
    """
    network = instance.network
    for h in network.hidden:
        before, behind = network.predecessors[h], network.successors[h]
        if len(before) * len(behind) > len(before) + len(behind):
            continue
        rest = _without(instance, {h})
        first = {(u, v): instance.weights[u, h] for v in behind for u in before}
        second = {(u, v): instance.weights[h, v] for v in behind for u in before}
        for new in (first, second):
            yield from on_network(instance, columns_of(instance), network.outputs, {**rest, **new})
            yield from on_network(instance, columns_of(instance), network.outputs, {**new, **rest})


def contracted_chains(instance: Instance) -> Iterator[Instance]:
    """Without a hidden neuron whose place is taken by the one neuron that reads it and nothing else."""
    network = instance.network
    for h in network.hidden:
        behind = network.successors[h]
        if len(behind) != 1 or network.predecessors[behind[0]] != (h,):
            continue
        (v,) = behind
        moved = instance.derive(
            biases={**instance.biases, v: instance.biases[h]},
            activations={**instance.activations, v: instance.activations[h]},
        )
        new = {(u, v): instance.weights[u, h] for u in network.predecessors[h]}
        yield from on_network(moved, columns_of(instance), network.outputs, {**_without(instance, {h}), **new})


def fewer_edges(instance: Instance) -> Iterator[Instance]:
    """Without a block of edges."""
    network = instance.network
    for block in blocks(len(network.edges)):
        dropped = {network.edges[k] for k in block}
        kept = {edge: values for edge, values in instance.weights.items() if edge not in dropped}
        yield from on_network(instance, columns_of(instance), network.outputs, kept)


def fewer_inputs(instance: Instance) -> Iterator[Instance]:
    """Without a block of inputs, their columns and edges, those that nobody reads first."""
    network = instance.network
    unread = [u for u in network.inputs if not network.successors[u]]
    for inputs in (unread, list(network.inputs)):
        for block in blocks(len(inputs)):
            dropped = {inputs[k] for k in block}
            kept = {u: column for u, column in columns_of(instance).items() if u not in dropped}
            yield from on_network(instance, kept, network.outputs, _without(instance, dropped))


def plain_names(instance: Instance) -> Iterator[Instance]:
    """Under plain names, and without a name of its own."""
    plain = renamed(instance, plainly_named(instance.network))
    yield plain.derive(name="")
    yield plain
    yield instance.derive(name="")


def _without(instance: Instance, dropped: Collection[str]) -> WeightSets:
    """The edges that touch none of these."""
    return {(u, v): values for (u, v), values in instance.weights.items() if u not in dropped and v not in dropped}
