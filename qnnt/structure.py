"""The parameters of an instance that decide how hard it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qnnt.activations import Activation, Clip, Constant, Identity, Leaky, Polynomial, Relu, ReluD, Step, Table
from qnnt.algorithms.graphs.elimination import Graph, width_of
from qnnt.algorithms.graphs.treewidth import lower_bound, treewidth
from qnnt.digit_activations import DigitActivation, SlpMul, SlpMulGuard
from qnnt.exact import common_denominator, to_json_number
from qnnt.instance import Instance
from qnnt.network import Network
from qnnt.simplification.bounds import value_bounds
from qnnt.simplification.samples import certain_loss, labels_by_input

MOST_BOUNDED = 50_000
"""Edges between neurons up to which the treewidth is bounded from below by more than the smallest degree."""
MOST_ORDERED = 200_000
"""Edges times width of the sweep up to which more orders than the sweep are tried: half a second."""


@dataclass(frozen=True)
class Structure:
    """What `qnnt info` tells of an instance.

    Attributes
    ----------
    alpha, omega
        Inputs and outputs.
    width, depth
        The largest number of neurons at one level, and the longest path.
    treewidth_lower, treewidth_upper
        Bounds on the treewidth of the undirected graph of the neurons; inputs are constants and no part
        of it.
    in_degree, out_degree
        Largest over neurons, and over inputs and neurons.
    log2_settings
        Logarithm of the number of parameter settings.
    distinct_inputs
        The p of the theorems.
    conflicting_inputs
        Distinct inputs with labels that exclude each other.
    certain_loss
        Mismatches that no parameters avoid, as an integer or rational string.
    """

    problem: str
    d: int | None
    alpha: int
    omega: int
    hidden: int
    width: int
    depth: int
    treewidth_lower: int
    treewidth_upper: int
    edges: int
    in_degree: int
    out_degree: int
    parameters: int
    log2_settings: float
    largest_set: int
    activations: tuple[str, ...]
    loss: str
    samples: int
    total_weight: int
    distinct_inputs: int
    conflicting_inputs: int
    certain_loss: int | str
    masked_labels: int
    bound: int | str | None

    def document(self) -> dict[str, Any]:
        """The fields, for JSON."""
        return asdict(self)


def structure(instance: Instance) -> Structure:
    """The parameters of an instance. Complexity: linear in the file, but for the treewidth of small graphs."""
    network, data = instance.network, instance.dataset
    groups = labels_by_input(data)
    lower, upper = treewidth_bounds(network)
    sets = [*instance.weights.values(), *instance.biases.values()]
    return Structure(
        problem=str(instance.problem),
        d=instance.d,
        alpha=len(network.inputs),
        omega=len(network.outputs),
        hidden=len(network.hidden),
        width=network.width,
        depth=network.depth,
        treewidth_lower=lower,
        treewidth_upper=upper,
        edges=len(network.edges),
        in_degree=max((len(us) for us in network.predecessors.values()), default=0),
        out_degree=max((len(vs) for vs in network.successors.values()), default=0),
        parameters=len(sets),
        log2_settings=round(sum(math.log2(len(values)) for values in sets), 2),
        largest_set=max(map(len, sets)),
        activations=tuple(sorted({a.name for a in instance.activations.values()})),
        loss=instance.loss.name,
        samples=len(data),
        total_weight=data.total_weight,
        distinct_inputs=len(groups),
        conflicting_inputs=sum(_conflict(list(labels)) for labels in groups.values()),
        certain_loss=to_json_number(certain_loss(instance)),
        masked_labels=sum(label is None for y in data.y for label in y),
        bound=None if instance.bound is None else to_json_number(instance.bound),
    )


def _conflict(labels: list[tuple[Any, ...]]) -> bool:
    return any(len({label for label in column if label is not None}) > 1 for column in zip(*labels, strict=True))


def treewidth_bounds(network: Network) -> tuple[int, int]:
    """Bounds on the treewidth of the undirected graph of the neurons; they meet for most small networks.

    A sweep in topological order bounds it first; where that does not meet the lower bound and the graph
    is not too large, better orders are looked for. Complexity: under a second up to 10**5 edges, then linear.
    """
    graph = neuron_graph(network)
    edges = sum(map(len, graph)) // 2
    sweep = width_of(graph, range(len(graph)))
    lower = lower_bound(graph) if edges <= MOST_BOUNDED else min(map(len, graph))
    if lower == sweep or edges * sweep > MOST_ORDERED:
        return lower, sweep
    found = treewidth(graph)
    return found.lower, min(found.upper, sweep)


def neuron_graph(network: Network) -> Graph:
    """The undirected graph of the neurons, numbered in topological order."""
    place = {v: i for i, v in enumerate(network.neurons)}
    near: list[set[int]] = [set() for _ in place]
    for u, v in network.edges:
        if u in place:
            near[place[u]].add(place[v])
            near[place[v]].add(place[u])
    return [frozenset(around) for around in near]


def edges_past_levels(network: Network) -> int:
    """The number of edges between neurons whose levels are no neighbours."""
    level, neurons = network.level, network.predecessors
    return sum(level[v] - level[u] > 1 for u, v in network.edges if u in neurons)


def log2_sums(instance: Instance) -> float:
    """The logarithm of a number that the output sums of one sample cannot pass, for two layers.

    Sums lie in an interval, and on a grid. Infinite for activations that read digits, which have neither.
    """
    if any(isinstance(activation, DigitActivation) for activation in instance.activations.values()):
        return math.inf if len(instance.dataset) else 0.0
    network, bounds = instance.network, value_bounds(instance)
    unit = {name: common_denominator(x[j] for x in instance.dataset.x) for j, name in enumerate(network.inputs)}
    outputs, bits = set(network.outputs), 0.0
    for v in network.neurons:
        grid = _grid(instance, v, unit)
        unit[v] = _value_grid(instance.activations[v], grid)
        if v in outputs:
            length = instance.biases[v][-1] - instance.biases[v][0]
            for u in network.predecessors[v]:
                corners = [w * side for w in instance.weights[u, v] for side in bounds[u]]
                length += max(corners) - min(corners)
            bits += math.log2(int(length * grid) + 1)
    return bits


def _grid(instance: Instance, v: str, unit: Mapping[str, int]) -> int:
    """A denominator of all pre-activations of a neuron, from those of what it reads."""
    parts = [common_denominator(instance.weights[u, v]) * unit[u] for u in instance.network.predecessors[v]]
    return math.lcm(common_denominator(instance.biases[v]), *parts)


def _value_grid(activation: Activation, grid: int) -> int:
    """A denominator of the values at pre-activations with denominator `grid`."""
    match activation:
        case Identity() | Relu() | ReluD():
            return grid
        case Clip(low=low, high=high):
            return math.lcm(grid, common_denominator([low, high]))
        case Leaky(negative=negative, positive=positive):
            return grid * common_denominator([negative, positive])
        case Polynomial(coefficients=coefficients):
            return common_denominator(coefficients) * int(grid ** (len(coefficients) - 1))
        case Step(values=values):
            return common_denominator(values)
        case Constant(constant=value):
            return common_denominator([value])
        case Table(entries=entries):
            return common_denominator(value for _, value in entries)
        case _:  # threshold and sign
            return 1


def degree(instance: Instance) -> int:
    """The largest degree of an output as a polynomial in the inputs, piece by piece; at least 1.

    A product by digits counts as one of two values of the largest degree that the neuron reads.
    """
    network = instance.network
    found = dict.fromkeys(network.inputs, 1)
    for v in network.neurons:
        below = max((found[u] for u in network.predecessors[v]), default=1)
        match instance.activations[v]:
            case Polynomial(coefficients=coefficients):
                found[v] = max(1, below * max(i for i, c in enumerate(coefficients) if c or not i))
            case SlpMul() | SlpMulGuard():
                found[v] = 2 * below
            case Identity() | Relu() | Leaky() | DigitActivation():
                found[v] = below
            case _:  # bounded
                found[v] = 1
    return max(found[v] for v in network.outputs)
