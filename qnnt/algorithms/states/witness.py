"""Weights from patterns: the dynamic programs remember which patterns neurons had, not the weights that made them.

Given every neuron's pattern the neurons are independent of each other. Each one's weights are found by
walking through its pieces once more, towards that one pattern, which takes fewer sums than the search did.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView, Neuron
from qnnt.algorithms.states.neuron_sums import Sums, activated, add_pieces, constant_sums, edge_choices, one_pattern
from qnnt.algorithms.states.vectors import Matrix
from qnnt.exact import Number
from qnnt.instance import Parameters
from qnnt.network import Edge


def parameters_of(view: IntegerView, patterns: Sequence[Matrix]) -> Parameters:
    """Parameters that give every neuron its pattern.

    Parameters
    ----------
    patterns
        Per neuron its values at the distinct inputs, shape (p,).

    Raises
    ------
    ValueError
        If some neuron cannot have its pattern.
    StateLimitError
        If one neuron alone has too many partial sums.
    """
    weights: dict[Edge, Number] = {}
    biases: dict[str, Number] = {}
    for v, neuron in enumerate(view.neurons):
        sources = [patterns[edge.source] for edge in neuron.edges]
        keys = [piece.key for piece in neuron.constants] + [view.neurons[edge.source].name for edge in neuron.edges]
        for key, value in zip(keys, _values(neuron, sources, patterns[v]), strict=True):
            if key is None:
                biases[neuron.name] = value
            else:
                weights[key, neuron.name] = value
    return Parameters(
        {edge: weights[edge] for edge in view.instance.weights}, {v: biases[v] for v in view.instance.biases}
    )


def _values(neuron: Neuron, sources: Sequence[Matrix], pattern: Matrix) -> list[Number]:
    """One value per piece, constants first."""
    target = one_pattern(neuron, pattern)
    effort = Effort(most=0)
    steps = constant_sums(neuron, pattern.dtype.type, target, effort)
    edges = edge_choices(neuron, [source[None, :] for source in sources])
    steps += add_pieces(steps[-1], 1, edges, target, effort, neuron.name)
    made, defined = activated(neuron, steps[-1].sums)
    fitting = np.flatnonzero(defined & (made == pattern).all(axis=1))
    if not len(fitting):
        raise ValueError(f"{neuron.name} cannot have this pattern")
    return _walk_back(neuron, steps, int(fitting[0]))


def _walk_back(neuron: Neuron, steps: Sequence[Sums], row: int) -> list[Number]:
    values: list[Number] = []
    pieces = [piece.allowed for piece in neuron.constants] + [edge.allowed for edge in neuron.edges]
    for allowed, step in zip(reversed(pieces), reversed(steps), strict=True):
        values.append(allowed[int(step.choice[row])])
        row = int(step.parent[row])
    return values[::-1]
