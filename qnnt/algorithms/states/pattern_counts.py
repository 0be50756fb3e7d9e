"""How many patterns neurons can have, counted from above without a search."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.frontier import sweeps
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.reachable import Reachable

MOST_CHOICES = 1 << 12
"""Choices up to which a neuron's patterns are listed: a few milliseconds."""
MOST_NUMBERS = 1 << 18
"""The same, times distinct inputs."""


def log2_patterns(view: IntegerView) -> list[float]:
    """Per neuron the logarithm of a number of patterns that it cannot pass.

    Exact lists where they are short; else the values at every input, or the choices of its parameters
    for every tuple of patterns of its predecessors.
    """
    most = max(1, min(MOST_CHOICES, MOST_NUMBERS // max(1, len(view.inputs))))
    reachable = Reachable(view, most, Effort(most=0))
    found: list[float] = []
    for v, neuron in enumerate(view.neurons):
        listed = reachable.patterns(v)
        if listed is not None:
            found.append(math.log2(max(1, len(listed))))
            continue
        choices = sum(math.log2(len(piece.choices)) for piece in neuron.constants)
        choices += sum(math.log2(len(edge.factors)) + found[edge.source] for edge in neuron.edges)
        values = math.log2(len(set(neuron.runs.values.tolist()))) * len(view.inputs)
        found.append(min(choices, values))
    return found


def log2_frontier(view: IntegerView, order: Sequence[int], patterns: Sequence[float]) -> float:
    """The logarithm of the largest number of pattern tuples of neurons that are live together in a sweep."""
    place = {v: i for i, v in enumerate(order)}
    readers = view.readers
    ends: dict[int, list[int]] = {}
    for v, others in enumerate(readers):
        if others:
            ends.setdefault(max(place[r] for r in others), []).append(v)
    largest = now = 0.0
    for i, v in enumerate(order):
        now += patterns[v] if readers[v] else 0.0
        largest = max(largest, now)
        now -= sum(patterns[u] for u in ends.get(i, ()))
    return largest


def log2_swept(view: IntegerView) -> float:
    """The logarithm of the largest number of pattern tuples in the best sweep over the neurons."""
    patterns = log2_patterns(view)
    return min(log2_frontier(view, order, patterns) for order in sweeps(view).values())
