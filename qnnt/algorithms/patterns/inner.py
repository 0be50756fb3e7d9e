"""All choices of patterns for the inner neurons, up to the order of interchangeable ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.algorithms.patterns.lists import undominated
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.neuron_sums import Generator
from qnnt.algorithms.states.vectors import Integers, Matrix


class InnerPatterns:
    """Walks through the choices depth first, in topological order.

    Parameters
    ----------
    inner
        Neurons by number, in topological order; what they read is among them.
    """

    def __init__(self, view: IntegerView, inner: Sequence[int], effort: Effort) -> None:
        self._view, self._inner = view, inner
        self._generator = Generator(view, effort)
        place = {neuron.name: v for v, neuron in enumerate(view.neurons)}
        self._before: dict[int, int] = {}
        for members in interchangeable(view.instance):
            numbers = [place[name] for name in members]
            self._before |= dict(zip(numbers[1:], numbers, strict=False))
        self._readers: dict[int, list[Integers]] = {v: [] for v in inner}
        for neuron in view.neurons:
            for edge in neuron.edges:
                if edge.source in self._readers:
                    self._readers[edge.source].append(edge.factors)

    def choices(self) -> Iterator[dict[int, Matrix]]:
        """Every choice: per inner neuron its pattern, shape (p,).

        Raises
        ------
        StateLimitError
            If a neuron has too many partial sums.
        """
        chosen: dict[int, Matrix] = {}
        number: dict[int, int] = {}
        lists: dict[int, Matrix] = {}
        depth = 0
        while depth >= 0:
            if depth == len(self._inner):
                yield dict(chosen)
                depth -= 1
                continue
            v = self._inner[depth]
            if v not in lists:
                twin = self._before.get(v)
                # a twin reads the same, so it has the same patterns to choose from
                lists[v] = self._patterns(v, chosen) if twin is None else lists[twin]
                number[v] = -1 if twin is None else number[twin] - 1
            number[v] += 1
            if number[v] < len(lists[v]):
                chosen[v] = lists[v][number[v]]
                depth += 1
            else:
                del lists[v]
                chosen.pop(v, None)
                depth -= 1

    def _patterns(self, v: int, chosen: dict[int, Matrix]) -> Matrix:
        sources = [chosen[edge.source][None, :] for edge in self._view.neurons[v].edges]
        found = self._generator.patterns(v, sources, 1)[1]
        if v in self._view.outputs:
            return found
        return undominated(np.asarray(found, np.int64), self._readers[v])
