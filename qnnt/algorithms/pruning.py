"""Fewer non-zero weights, neuron by neuron: every activation at every sample stays as it is.

Since no activation changes, neither does what any neuron reads: neurons are independent of each other,
and of the loss. `prune` only deletes (sets weights to 0), in polynomial time; `sparsest` also chooses
the other weights and the bias anew, and finds the smallest number per neuron.

Deletion follows Lemma 1 of the work on d-QNNT. Let u_i be what edge i adds to the pre-activations at the
p distinct inputs. Put the edges in an order in which every prefix of them stays near the straight line
from 0 to their sum, up to what saturation leaves open. The prefixes then meet again and again, and a
segment between two that differ by no more than saturation forgives makes no difference: it goes. With an
order by Steinitz's lemma and numbers within plus and minus M at most ``2 (2 p M + 1)^p`` edges are left; the
order here is the greedy one, any order is sound, and what is left is far less.

Complexity of `prune`: per neuron of n edges O(n^2 p) per deletion, n^2 p being one pass over all segments.

Reference: Steinitz's lemma with constant p: Grinberg, Sevastyanov, Value of the Steinitz constant,
Functional Analysis and Its Applications 14, 1980.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qnnt.algorithms.fewest_weights import BUDGET, fewest
from qnnt.algorithms.neuron_demands import Demands, Neuron, Rows, demands, neurons
from qnnt.evaluation import check_parameters
from qnnt.exact import Number
from qnnt.instance import Instance, Parameters


@dataclass(frozen=True)
class Pruned:
    """Parameters with fewer non-zero weights.

    Attributes
    ----------
    exact
        By neuron: whether it is proved that no weights and bias have fewer non-zero weights and give
        the same activation at all samples, for what it reads.
    """

    parameters: Parameters
    exact: Mapping[str, bool]


def prune(instance: Instance, parameters: Parameters) -> Parameters:
    """Set weights to 0 where that changes no activation at any sample; biases stay.

    Only weights whose set holds 0. Deterministic.

    Raises
    ------
    CertificateError
        If the parameters are not admissible.
    """
    check_parameters(instance, parameters)
    weights = dict(parameters.weights)
    for neuron in neurons(instance, parameters):
        before = instance.network.predecessors[neuron.name]
        own = [weights[u, neuron.name] for u in before]
        can_go = [0 in instance.weights[u, neuron.name] for u in before]
        for u, weight in zip(before, _pruned(neuron, own, can_go, _bias(instance, parameters, neuron)), strict=True):
            weights[u, neuron.name] = weight
    return Parameters(weights, dict(parameters.biases))


def sparsest(instance: Instance, parameters: Parameters, budget: int = BUDGET) -> Pruned:
    """The fewest non-zero weights per neuron that keep all activations at all samples, biases being free.

    Parameters
    ----------
    budget
        Numbers that the search may make per neuron (partial sums times distinct inputs). A neuron that
        needs more, or whose sets hold more than a hundredth as many values, keeps what `prune` leaves,
        and is not called exact.

    Raises
    ------
    CertificateError
        If the parameters are not admissible.
    """
    parameters = prune(instance, parameters)
    weights, biases, exact = dict(parameters.weights), dict(parameters.biases), {}
    for neuron in neurons(instance, parameters):
        v = neuron.name
        before = instance.network.predecessors[v]
        sets = [instance.weights[u, v] for u in before]
        own = [weights[u, v] for u in before]
        many = sum(1 for w, values in zip(own, sets, strict=True) if w and 0 in values)
        exact[v] = not many
        if not many or sum(map(len, sets)) > budget // 100:
            continue
        signed = tuple(sorted(instance.bias_sign * b for b in instance.biases[v]))
        wanted = demands(neuron, sets, signed, (own, _bias(instance, parameters, neuron)))
        found = fewest(wanted, many, budget)
        exact[v] = found.exact
        if found.weights is not None:
            weights.update({(u, v): values[i] for u, values, i in zip(before, sets, found.weights, strict=True)})
            biases[v] = instance.bias_sign * signed[found.bias]
    return Pruned(Parameters(weights, biases), exact)


def _bias(instance: Instance, parameters: Parameters, neuron: Neuron) -> Number:
    """As it is added."""
    return instance.bias_sign * parameters.biases[neuron.name]


def _pruned(neuron: Neuron, weights: list[Number], can_go: list[bool], bias: Number) -> list[Number]:
    """The weights, those that make no difference being 0."""
    sets = [tuple(sorted({0, w})) if go else (w,) for w, go in zip(weights, can_go, strict=True)]
    wanted = demands(neuron, sets, [bias], (weights, bias))
    rows = np.array([sum(values) for values in wanted.sets], wanted.patterns.dtype)[:, None] * wanted.patterns
    total = rows.sum(axis=0) + wanted.biases[0]
    candidates = np.flatnonzero(np.array([go and w != 0 for w, go in zip(weights, can_go, strict=True)], bool))
    low, high = _around(wanted, total)
    kept = set(candidates[_thinned(rows[candidates], total - high, total - low)].tolist())
    return [w if i in kept or not can_go[i] else 0 for i, w in enumerate(weights)]


def _around(wanted: Demands, total: Rows) -> tuple[Rows, Rows]:
    """The intervals that hold the present pre-activations; one end of them is as good as endless on a flat end."""
    low, high = total.copy(), total.copy()
    for a, b in zip(wanted.lows, wanted.highs, strict=True):
        here = (a <= total) & (total <= b)
        low, high = np.where(here, a, low), np.where(here, b, high)
    return low, high


def _thinned(rows: Rows, low: Rows, high: Rows) -> Rows:
    """The rows that stay when others go whose sum lies within low..high; 0 does."""
    left = np.flatnonzero(rows.any(axis=1)) if rows.shape[1] else np.empty(0, np.int64)
    while len(left):
        left = left[_along_the_line(rows[left], low, high)]
        before = len(left)
        while (segment := _longest_segment(rows[left], low, high)) is not None:
            gone = rows[left[segment]].sum(axis=0)
            low, high = low - gone, high - gone
            left = np.delete(left, segment)
        if len(left) == before:
            break
    return np.sort(left)


def _along_the_line(rows: Rows, low: Rows, high: Rows) -> list[int]:
    """An order in which every prefix is the one nearest the line from 0 to the total, slack included.

    Of the total all that may go can go, so that the line ends at what has to stay; the slack that
    saturation leaves, taken at any time, makes up for the difference.
    """
    many, total = len(rows), rows.sum(axis=0)
    end = total - np.minimum(np.maximum(total, low), high)
    slack_low, slack_high = np.minimum(0, end - total), np.maximum(0, end - total)
    left = list(range(many))
    prefix = np.zeros_like(total)
    order = []
    for i in range(1, many + 1):
        reached = many * (prefix + rows[left])
        below, above = i * end - many * slack_high, i * end - many * slack_low
        distance = np.maximum(0, np.maximum(below - reached, reached - above)).sum(axis=1)
        nearest = left.pop(int(distance.argmin()))
        prefix = prefix + rows[nearest]
        order.append(nearest)
    return order


def _longest_segment(rows: Rows, low: Rows, high: Rows) -> slice | None:
    """The longest run of rows whose sum lies within low..high."""
    prefixes = np.concatenate([np.zeros_like(rows[:1]), np.cumsum(rows, axis=0)])
    best = slice(0, 0)
    for end in range(len(rows), 0, -1):
        starts = end - (best.stop - best.start)
        if starts < 1:
            break
        sums = prefixes[end] - prefixes[:starts]
        inside = ((low <= sums) & (sums <= high)).all(axis=1)
        first = int(inside.argmax())
        if inside[first]:
            best = slice(first, end)
    return best if best.stop else None
