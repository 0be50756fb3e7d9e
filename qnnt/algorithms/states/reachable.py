"""Patterns that a neuron can have at all, from outside: whatever its predecessors can have, in any combination."""

from __future__ import annotations

import numpy as np

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.neuron_sums import Generator
from qnnt.algorithms.states.vectors import Matrix, first_of_each, row_keys

MOST_PATTERNS = 1 << 16


class Reachable:
    """Supersets of the patterns of the neurons of a view, worked out when asked for.

    Attributes
    ----------
    most_choices
        Tuples of predecessor patterns, times choices of bias and inputs' weights, up to which a neuron's
        patterns are worked out.
    """

    def __init__(self, view: IntegerView, most_choices: int, effort: Effort) -> None:
        self._view, self._generator = view, Generator(view, effort)
        self.most_choices = most_choices
        self._known: dict[int, Matrix | None] = {}

    def patterns(self, v: int) -> Matrix | None:
        """All patterns of a neuron and perhaps more, as rows; None where that would take too long."""
        waiting = [v]
        while waiting:
            u = waiting[-1]
            missing = [edge.source for edge in self._view.neurons[u].edges if edge.source not in self._known]
            if u not in self._known and missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            if u not in self._known:
                self._known[u] = self._made(u)
        return self._known[v]

    def _made(self, v: int) -> Matrix | None:
        sources: list[Matrix] = []
        tuples = 1
        for edge in self._view.neurons[v].edges:
            patterns = self._known[edge.source]
            if patterns is None:
                return None
            sources.append(patterns)
            tuples *= len(patterns)
        choices = tuples
        for piece in self._view.neurons[v].constants:
            choices *= len(piece.choices)
        if choices > self.most_choices:
            return None
        columns = np.indices([len(source) for source in sources]).reshape(len(sources), tuples)
        chosen = [source[column] for source, column in zip(sources, columns, strict=True)]
        _, made = self._generator.patterns(v, chosen, tuples)
        made = made[first_of_each(*row_keys(made))]
        return made if len(made) <= MOST_PATTERNS else None
