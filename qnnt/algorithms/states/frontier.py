"""The frontier dynamic program: a topological sweep over the patterns of live neurons.

A neuron is *live* from when it is added until its last reader is. A state holds the pattern of every
live neuron and the live set of classes; adding a neuron extends a state by each pattern that it can
make of its predecessors', which is worked out once per tuple of predecessor patterns.

States: at most (A+1)^(p * live neurons) times the live sets, for values 0..A at p distinct inputs.
Complexity: the sum over neurons of states times patterns per tuple, at most d^(in-degree + 1).
Best where few neurons are live at once: deep narrow networks and skip ladders, with any activation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.algorithms.states.deepening import Best, LossLimit
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.live_sets import distinct_sets, undominated
from qnnt.algorithms.states.mismatches import Classes, Words
from qnnt.algorithms.states.neuron_sums import Generator
from qnnt.algorithms.states.prunings import ALL, Prunings
from qnnt.algorithms.states.vectors import (
    Integers,
    Matrix,
    distinct,
    expanded,
    first_of_each,
    grouped,
    joint_keys,
    portions,
    ranks,
)

Indices = npt.NDArray[np.int32]
MOST_AT_ONCE = 1 << 22
"""Successor states made before they are compared."""


def sweeps(view: IntegerView) -> dict[str, list[int]]:
    """Topological orders to choose from: as the network lists its neurons, and two that keep few live.

    Complexity: quadratic in the neurons that are ready at once.
    """
    orders = {
        "listed": list(range(len(view.neurons))),
        "fewest live": _greedy(view, depth_first=False),
        "depth first": _greedy(view, depth_first=True),
    }
    first = {tuple(order): name for name, order in reversed(orders.items())}
    return {name: orders[name] for name in orders if name in first.values()}


def _greedy(view: IntegerView, *, depth_first: bool) -> list[int]:
    """Next comes the ready neuron that ends most lives; ties by what became ready last, or first."""
    readers = view.readers
    waiting = [len({edge.source for edge in neuron.edges}) for neuron in view.neurons]
    unread = [len(others) for others in readers]
    ready = [v for v, count in enumerate(waiting) if not count]
    order: list[int] = []
    while ready:
        ends = [sum(unread[e.source] == 1 for e in view.neurons[v].edges) - bool(readers[v]) for v in ready]
        best = max(range(len(ready)), key=lambda i: (ends[i], i if depth_first else -i))
        v = ready.pop(best)
        order.append(v)
        for edge in view.neurons[v].edges:
            unread[edge.source] -= 1
        for reader in readers[v]:
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    return order


def most_live(view: IntegerView, order: Sequence[int]) -> int:
    """The largest number of neurons that are live at once."""
    place = {v: i for i, v in enumerate(order)}
    last = [max((place[r] for r in readers), default=-1) for readers in view.readers]
    ends = np.zeros(len(order) + 1, np.int64)
    for v in order:
        if last[v] >= 0:
            ends[place[v]] += 1
            ends[last[v]] -= 1
    return int(np.cumsum(ends).max(initial=0))


@dataclass(frozen=True)
class _States:
    """All states between two neurons.

    Attributes
    ----------
    columns
        Per live neuron its pattern's number, per state.
    live
        Per state the number of its live set.
    sets
        The live sets.
    """

    columns: dict[int, Indices]
    live: Indices
    sets: Words

    def __len__(self) -> int:
        return len(self.live)

    def keys(self, sizes: dict[int, int], without_live: bool = False) -> tuple[Integers, int]:
        """Keys of the states; equal states have equal keys."""
        columns = [(column, sizes[u]) for u, column in self.columns.items()]
        first = (np.zeros(len(self), np.int32), 1) if without_live else (self.live, len(self.sets))
        return joint_keys([first, *columns])

    def rows(self, kept: npt.NDArray[np.generic]) -> _States:
        """Some of the states."""
        return _States({u: column[kept] for u, column in self.columns.items()}, self.live[kept], self.sets)


@dataclass(frozen=True)
class _Added:
    """What adding a neuron left behind: per state the state before, and the number of the neuron's pattern."""

    neuron: int
    parent: Indices
    pattern: Indices
    patterns: Matrix


class Frontier:
    """The frontier dynamic program on one view, for losses up to a limit.

    Of the prunings it knows dominance and symmetry.
    """

    def __init__(
        self,
        view: IntegerView,
        classes: Classes,
        order: Sequence[int],
        effort: Effort,
        prunings: Prunings = ALL,
    ) -> None:
        self._view, self._classes, self._order, self._effort = view, classes, order, effort
        self._dominance = prunings.dominance
        number = {neuron.name: v for v, neuron in enumerate(view.neurons)}
        classes_of_neurons = interchangeable(view.instance) if prunings.symmetry else []
        self._alike = {
            number[name]: frozenset(number[other] for other in members) - {number[name]}
            for members in classes_of_neurons
            for name in members
        }
        self._generator = Generator(view, effort)
        self._position = {o: j for j, o in enumerate(view.outputs)}
        place = {v: i for i, v in enumerate(order)}
        self._last = {v: max((place[r] for r in readers), default=-1) for v, readers in enumerate(view.readers)}

    def __call__(self, limit: int) -> Best:
        self._effort.start_run()
        within = LossLimit(limit)
        sets = self._classes.all_live
        states = _States({}, np.zeros(1, np.int32), sets)
        if not within.admits(self._classes.least_loss(sets)).all():
            return Best(None, None, within.excluded)
        tables: dict[int, Matrix] = {}
        history: list[_Added] = []
        for i, v in enumerate(self._order):
            states, added = self._add(i, v, states, tables, within)
            history.append(added)
            self._effort.remember(len(added.parent), self._view.neurons[v].name)
            if not len(states):
                return Best(None, None, within.excluded)
        losses = self._classes.loss(states.sets)[states.live]
        best = int(losses.argmin())
        return Best(self._patterns(history, best), int(losses[best]), within.excluded)

    def _add(
        self, i: int, v: int, states: _States, tables: dict[int, Matrix], within: LossLimit
    ) -> tuple[_States, _Added]:
        """Add the i-th neuron v; its table of patterns joins the others."""
        sources = [edge.source for edge in self._view.neurons[v].edges]
        tuples, tuple_of = ranks(
            *joint_keys(
                [
                    (np.zeros(len(states), np.int32), 1),
                    *((states.columns[u], len(tables[u])) for u in dict.fromkeys(sources)),
                ]
            )
        )
        owner, patterns = self._generator.patterns(
            v, [tables[u][states.columns[u][tuples]] for u in sources], len(tuples)
        )
        patterns, number = distinct(patterns)
        tables[v] = patterns
        met = self._classes.met(self._position[v], tables[v]) if v in self._position else None
        if met is not None and self._last[v] < 0 and self._dominance:
            owner, number = self._best_outputs(owner, number, met)
        starts, counts = grouped(owner, len(tuples))
        states = _States(
            {u: column for u, column in states.columns.items() if self._last[u] > i}, states.live, states.sets
        )
        alike = [u for u in states.columns if u in self._alike.get(v, ())]
        shared = self._share(v, alike, states, tables)
        total = int(counts[tuple_of].sum())
        self._effort.transitions += total
        made: list[tuple[_States, _Added]] = []
        held = 0
        for rows in portions(counts[tuple_of], MOST_AT_ONCE):
            group, offset = expanded(counts[tuple_of[rows]])
            chosen = number[starts[tuple_of[rows]][group] + offset].astype(np.int32)
            parent = (rows.start + group).astype(np.int32)
            chunk = states.rows(parent)
            if self._last[v] > i:
                chunk.columns[v] = shared[chosen]
                _sort(chunk, [*alike, v])
            if met is not None:
                chunk = self._met(chunk, met, chosen)
                kept = within.admits(self._classes.least_loss(chunk.sets))[chunk.live]
                chunk, parent, chosen = chunk.rows(kept), parent[kept], chosen[kept]
            first = self._distinct(chunk, tables)
            made.append((chunk.rows(first), _Added(v, parent[first], chosen[first], patterns)))
            held += len(first)
            self._effort.hold(held, self._view.neurons[v].name)
        after, added = _merged(made)
        if len(made) > 1:
            first = self._distinct(after, tables)
            after = after.rows(first)
            added = _Added(v, added.parent[first], added.pattern[first], patterns)
        self._effort.peak = max(self._effort.peak, len(after))
        return after, added

    def _best_outputs(self, owner: Integers, number: Integers, met: Words) -> tuple[Integers, Integers]:
        """Of the patterns of an output that nobody reads, those whose met classes are not met by another one."""
        kinds, kind = distinct_sets(met)
        first = first_of_each(*joint_keys([(owner, int(owner.max(initial=0)) + 1), (kind[number], len(kinds))]))
        owner, number = owner[first], number[first]
        keep = undominated(owner, met[number])
        owner, number = owner[keep], number[keep]
        order = np.argsort(owner, kind="stable")
        return owner[order], number[order]

    @staticmethod
    def _met(states: _States, met: Words, chosen: Indices) -> _States:
        """The states after an output with the chosen patterns."""
        first, rank = ranks(*joint_keys([(states.live, len(states.sets)), (chosen, len(met))]))
        sets, number = distinct_sets(states.sets[states.live[first]] & met[chosen[first]])
        return _States(states.columns, number[rank].astype(np.int32), sets)

    def _share(self, v: int, alike: Sequence[int], states: _States, tables: dict[int, Matrix]) -> Indices:
        """Number the patterns of v and of live neurons that can be swapped with it in one table; those of v."""
        own = len(tables[v])
        if alike:
            both, number = distinct(np.concatenate([tables[v], tables[alike[0]]]))
            for u in alike:
                states.columns[u] = number[own:][states.columns[u]].astype(np.int32)
                tables[u] = both
            tables[v] = both
            return number[:own].astype(np.int32)
        return np.arange(own, dtype=np.int32)

    def _distinct(self, states: _States, tables: dict[int, Matrix]) -> Integers:
        """Rows of distinct states, without dominated ones."""
        sizes = {u: len(tables[u]) for u in states.columns}
        first = first_of_each(*states.keys(sizes))
        if not self._dominance or len(states.sets) < 2 or not len(first):
            return first
        fewer = states.rows(first)
        return first[undominated(fewer.keys(sizes, without_live=True)[0], fewer.sets[fewer.live])]

    def _patterns(self, history: Sequence[_Added], row: int) -> list[Matrix]:
        found: dict[int, Matrix] = {}
        for added in reversed(history):
            found[added.neuron] = added.patterns[added.pattern[row]]
            row = int(added.parent[row])
        return [found[v] for v in range(len(found))]


def _merged(made: Sequence[tuple[_States, _Added]]) -> tuple[_States, _Added]:
    """Chunks as one."""
    if len(made) == 1:
        return made[0]
    offsets = np.cumsum([0, *(len(states.sets) for states, _ in made)])
    sets, number = distinct_sets(np.concatenate([states.sets for states, _ in made]))
    live = np.concatenate(
        [number[offset + states.live] for offset, (states, _) in zip(offsets, made, strict=False)]
    ).astype(np.int32)
    columns = {u: np.concatenate([states.columns[u] for states, _ in made]) for u in made[0][0].columns}
    parent = np.concatenate([added.parent for _, added in made])
    pattern = np.concatenate([added.pattern for _, added in made])
    return _States(columns, live, sets), _Added(made[0][1].neuron, parent, pattern, made[0][1].patterns)


def _sort(states: _States, members: Sequence[int]) -> None:
    """In each state the patterns of neurons that can be swapped in ascending order.

    They have the same predecessors, and every reader that was added has read all of them: swapping two of
    them changes nothing that is still to come, and what came before as well only in names.
    """
    if len(members) > 1:
        columns = np.sort(np.stack([states.columns[u] for u in members]), axis=0)
        states.columns.update(zip(members, columns, strict=True))
