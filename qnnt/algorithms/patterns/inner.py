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
        yield from self._from(0, {}, {}, {})

    def _from(
        self, depth: int, chosen: dict[int, Matrix], number: dict[int, int], lists: dict[int, Matrix]
    ) -> Iterator[dict[int, Matrix]]:
        if depth == len(self._inner):
            yield dict(chosen)
            return
        v = self._inner[depth]
        first = 0
        if v in self._before:  # it reads what its twin reads, so it has the same patterns to choose from
            first, found = number[self._before[v]], lists[self._before[v]]
        else:
            found = self._patterns(v, chosen)
        lists[v] = found
        for i in range(first, len(found)):
            chosen[v], number[v] = found[i], i
            yield from self._from(depth + 1, chosen, number, lists)
        for memory in (chosen, number, lists):
            memory.pop(v, None)

    def _patterns(self, v: int, chosen: dict[int, Matrix]) -> Matrix:
        sources = [chosen[edge.source][None, :] for edge in self._view.neurons[v].edges]
        found = self._generator.patterns(v, sources, 1)[1]
        if v in self._view.outputs:
            return found
        return undominated(np.asarray(found, np.int64), self._readers[v])
