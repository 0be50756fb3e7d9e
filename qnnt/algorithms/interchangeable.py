"""Hidden neurons that can be permuted without changing what their network can compute."""

from __future__ import annotations

from qnnt.instance import Instance


def interchangeable(instance: Instance) -> list[list[str]]:
    """Classes of at least two interchangeable hidden neurons, in topological order.

    Such neurons have equal predecessors, successors, activation, bias set and, edge by edge, equal
    weight sets.
    """
    network = instance.network
    classes: dict[object, list[str]] = {}
    for v in network.hidden:
        before, after = network.predecessors[v], network.successors[v]
        kind = (
            before,
            after,
            instance.activations[v],
            instance.biases[v],
            tuple(instance.weights[u, v] for u in before),
            tuple(instance.weights[v, t] for t in after),
        )
        classes.setdefault(kind, []).append(v)
    return [members for members in classes.values() if len(members) > 1]
