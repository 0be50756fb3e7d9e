"""Which patterns a neuron can have when all that it reads is known, and which of them are worth a try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import ConstantPiece, Neuron
from qnnt.algorithms.states.neuron_sums import any_pattern, constant_sums
from qnnt.algorithms.states.vectors import Integers, Matrix, distinct, first_of_each, row_keys


def reading(neuron: Neuron, points: Integers, sources: Sequence[Matrix]) -> Neuron:
    """The neuron over other points than the distinct inputs, with known values for all that it reads.

    Parameters
    ----------
    points
        For each point a distinct input that has its bias and input values.
    sources
        Per edge the source's values at the points.
    """
    rows = [piece.choices[:, points] for piece in neuron.constants]
    rows += [
        edge.factors[:, None] * np.asarray(source, np.int64) for edge, source in zip(neuron.edges, sources, strict=True)
    ]
    rows = [distinct(some)[0] for some in rows]
    zero = np.zeros(len(points), np.int64)
    return replace(
        neuron,
        constants=tuple(ConstantPiece(None, (), some) for some in rows),
        edges=(),
        least=sum((some.min(axis=0) for some in rows), zero),
        greatest=sum((some.max(axis=0) for some in rows), zero),
    )


def runs_of(neuron: Neuron, kind: type[np.signedinteger], effort: Effort) -> Integers:
    """The distinct rows of runs that a neuron without edges can be in, shape (rows, points).

    Runs of equal value are told apart here. Complexity: as in `neuron_sums`, never the product of all sets.

    Raises
    ------
    StateLimitError
        If there are too many partial sums.
    """
    sums = constant_sums(neuron, kind, any_pattern(neuron), effort)[-1].sums
    return neuron.runs.run_of(sums)


def patterns_of(neuron: Neuron, kind: type[np.signedinteger], effort: Effort) -> Integers:
    """The distinct patterns of a neuron without edges that are defined everywhere, shape (K, points).

    Raises
    ------
    StateLimitError
        If there are too many partial sums.
    """
    runs = runs_of(neuron, kind, effort)
    values = neuron.runs.values[runs[neuron.runs.defined[runs].all(axis=1)]]
    return values[first_of_each(*row_keys(values))]


def undominated(patterns: Integers, readers: Sequence[Integers]) -> Integers:
    """Patterns without those that another one can replace, whatever the rest of the network does.

    A pattern goes if every reader can make all of its contributions, weight times pattern, of another
    pattern: of one on the same line through 0. The zero pattern goes if all readers have a weight 0.
    With weights {-1, 0, 1} only one of a pattern and its negative stays.

    Parameters
    ----------
    readers
        Per reader its weights, up to a common factor.
    """
    if len(patterns) < 2 or not patterns.shape[1]:
        return patterns[:1] if not patterns.shape[1] else patterns
    size = np.gcd.reduce(patterns, axis=1)
    nonzero = np.flatnonzero(size)
    first = patterns[nonzero, (patterns[nonzero] != 0).argmax(axis=1)]
    scale = size[nonzero] * np.sign(first)
    line = distinct(patterns[nonzero] // scale[:, None])[1]
    kept = nonzero[_largest_on_lines(line, scale, readers)]
    replaceable = len(nonzero) and all((weights == 0).any() for weights in readers)
    if len(nonzero) < len(patterns) and not replaceable:
        kept = np.append(kept, np.flatnonzero(size == 0))
    return patterns[np.sort(kept)]


def _largest_on_lines(line: Integers, scale: Integers, readers: Sequence[Integers]) -> Integers:
    """Which multiples of lines no other multiple of the same line can replace."""
    made = {s: [frozenset((weights * s).tolist()) for weights in readers] for s in np.unique(scale).tolist()}
    kept: list[int] = []
    order = np.argsort(line, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(line[order])) + 1):
        best: list[int] = []
        for i in members.tolist():
            mine = made[int(scale[i])]
            if any(_within(mine, made[int(scale[j])]) for j in best):
                continue
            best = [j for j in best if not _within(made[int(scale[j])], mine)] + [i]
        kept += best
    return np.array(kept, np.int64)


def _within(mine: Sequence[frozenset[int]], others: Sequence[frozenset[int]]) -> bool:
    return all(a <= b for a, b in zip(mine, others, strict=True))
