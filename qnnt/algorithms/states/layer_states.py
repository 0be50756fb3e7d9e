"""The layer-state search: which sets of patterns a layer of interchangeable neurons can have.

A state is the multiset of a layer's patterns; it does not depend on labels. What a layer reaches is
computed from what the layer before reaches, each state expanded once: its neurons choose among the
patterns that one neuron can make of the state, and equal sets of choices are expanded together. Where
a layer can copy its predecessor the reached sets only grow, and once a repeated layer adds nothing
they have reached their fixpoint: the search then holds for every number of further layers.

States: at most C(r + n - 1, n) for r reachable patterns and width n, at any depth.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qnnt.algorithms.states.deepening import Best, Patterns
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.layer_stage import Indices, Pool, Stage
from qnnt.algorithms.states.layers import Layers
from qnnt.algorithms.states.live_sets import undominated
from qnnt.algorithms.states.mismatches import Classes
from qnnt.algorithms.states.neuron_sums import Generator
from qnnt.algorithms.states.vectors import Integers, Matrix, distinct, expanded, grouped

BLOCK = 1 << 15
"""States whose patterns and outputs are worked out together."""


@dataclass(frozen=True)
class LayerLoss:
    """The smallest loss with so many hidden layers.

    Attributes
    ----------
    hidden_layers
        Of the network that ends after this layer with the outputs.
    states
        Reached in its last hidden layer.
    settled
        Whether all further repetitions of this layer reach just the same.
    """

    hidden_layers: int
    loss: int | None
    states: int
    settled: bool


class LayerStates:
    """The search on one view."""

    def __init__(self, view: IntegerView, classes: Classes, layers: Layers, effort: Effort) -> None:
        self._view, self._classes, self._layers, self._effort = view, classes, layers, effort
        self._generator = Generator(view, effort)
        self._stages: list[Stage] = []

    def minimum(self, limit: int, enough: int = 0) -> Best:
        """The smallest loss of the network, with the patterns that give it if it is at most the limit.

        Parameters
        ----------
        enough
            A loss that none undercuts: the first state that has it will do.

        Raises
        ------
        StateLimitError
            If the states become too many.
        """
        for k in range(len(self._layers.hidden)):
            self._advance(k, fresh_only=self._layers.repeats[k])
        loss, state, outputs = self._best_outputs(0, enough)
        if loss is None or loss > limit:
            return Best(None, None, loss)
        return Best(self._patterns(state, outputs), loss, None)

    @property
    def reached(self) -> list[int]:
        """The number of states of each hidden layer so far."""
        return [count for stage in self._stages for count in stage.reached]

    def losses_by_depth(self) -> Iterator[LayerLoss]:
        """The smallest loss of the networks that end after each of the hidden layers.

        If the last layer can be repeated endlessly it is, until the states reach their fixpoint.

        Raises
        ------
        ValueError
            If hidden layers differ in what they hand to the outputs: every layer must copy the one before.
        StateLimitError
            If the states become too many.
        """
        depth = len(self._layers.hidden)
        if not depth or not all(self._layers.copies[1:]):
            raise ValueError("every hidden layer must be able to copy the one before")
        best: int | None = None
        for count in itertools.count(1):
            k = min(count, depth) - 1
            known = self._advance(k, fresh_only=count > depth or self._layers.repeats[k])
            loss, _, _ = self._best_outputs(known, 0)
            best = loss if best is None else best if loss is None else min(best, loss)
            states = len(self._stages[-1].states)
            settled = self._layers.endless and count >= depth and known == states
            yield LayerLoss(count, best, states, settled)
            if settled or (count >= depth and not self._layers.endless):
                return

    def _advance(self, k: int, *, fresh_only: bool) -> int:
        """One more layer, of the kind of hidden layer k; how many of its states were reached before.

        Parameters
        ----------
        fresh_only
            Whether only states that the layer before reached first can lead to new ones.
        """
        p, kind = len(self._view.inputs), self._view.kind
        before = self._stages[-1] if self._stages else Stage(0, Pool(p, kind), 0, states=1)
        first = before.reached[-2] if fresh_only and len(before.reached) > 1 else 0
        if not self._stages or not self._layers.copies[k]:
            self._stages.append(Stage(k, Pool(p, kind), len(self._layers.hidden[k])))
        stage = self._stages[-1]
        known = len(stage.states)
        stage.add_layer(self._choices(self._layers.hidden[k][0], before, first, stage.pool), self._effort)
        return known

    def _choices(self, v: int, before: Stage, first: int, pool: Pool) -> list[tuple[int, Indices]]:
        """For each state from a number on the patterns that neuron v can make of it."""
        found: list[tuple[int, Indices]] = []
        rows = before.pool.rows
        for start in range(first, len(before.states), BLOCK):
            block = before.states[start : start + BLOCK]
            owner, patterns = self._generator.patterns(v, [rows[column] for column in block.T], len(block))
            numbers = pool.numbers(patterns)
            self._effort.transitions += len(numbers)
            numbers = numbers[np.lexsort((numbers, owner))]
            begins, counts = grouped(owner, len(block))
            found += [
                (start + i, numbers[begin : begin + count])
                for i, (begin, count) in enumerate(zip(begins.tolist(), counts.tolist(), strict=True))
            ]
        return found

    # --- outputs ---------------------------------------------------------------------------------

    def _best_outputs(self, first: int, enough: int) -> tuple[int | None, int, list[Matrix]]:
        """The smallest loss over the last layer's states from a number on, its state and output patterns.

        The first loss that is `enough` ends it.
        """
        if self._stages:
            states, rows = self._stages[-1].states[first:], self._stages[-1].pool.rows
        else:
            states, rows = np.zeros((1, 0), np.int32), np.zeros((0, len(self._view.inputs)), self._view.kind)
        best: tuple[int | None, int, list[Matrix]] = (None, 0, [])
        for start in range(0, len(states), BLOCK):
            block = states[start : start + BLOCK]
            loss, place, outputs = self._outputs([rows[column] for column in block.T], len(block), best[0])
            if loss is not None:
                best = (loss, first + start + place, outputs)
                if loss <= enough:
                    break
        return best

    def _outputs(self, sources: list[Matrix], owners: int, below: int | None) -> tuple[int | None, int, list[Matrix]]:
        """The smallest loss, below a given one, over tuples of patterns of the last layer."""
        owner = np.arange(owners)
        live = np.repeat(self._classes.all_live, owners, axis=0)
        chosen: list[Integers] = []
        tables: list[Matrix] = []
        for j, v in enumerate(self._view.outputs):
            made_owner, patterns = self._generator.patterns(v, sources, owners)
            table, number = distinct(patterns)
            met = self._classes.met(j, table)
            keep = np.flatnonzero(undominated(made_owner, met[number]))
            made_owner, number = made_owner[keep], number[keep]
            begins, counts = grouped(made_owner, owners)
            self._effort.make(int(counts[owner].sum()), live.shape[1], self._view.neurons[v].name)
            group, offset = expanded(counts[owner])
            choice = number[begins[owner[group]] + offset]
            self._effort.transitions += len(choice)
            live, owner, chosen = live[group] & met[choice], owner[group], [column[group] for column in chosen]
            chosen.append(choice)
            tables.append(table)
            useful = np.ones(len(live), bool)
            if below is not None:
                useful = self._classes.least_loss(live) < below
            useful[useful] = undominated(owner[useful], live[useful])
            live, owner, chosen = live[useful], owner[useful], [column[useful] for column in chosen]
            self._effort.hold(len(live), "the outputs")
        if not len(live):
            return None, 0, []
        losses = self._classes.loss(live)
        best = int(losses.argmin())
        return (
            int(losses[best]),
            int(owner[best]),
            [table[column[best]] for table, column in zip(tables, chosen, strict=True)],
        )

    def _patterns(self, state: int, outputs: list[Matrix]) -> Patterns:
        """Every neuron's pattern, from a state of the last hidden layer."""
        found: dict[int, Matrix] = dict(zip(self._view.outputs, outputs, strict=True))
        k = len(self._layers.hidden) - 1
        for stage in reversed(self._stages):
            while k >= stage.first_layer:
                for v, number in zip(self._layers.hidden[k], stage.states[state], strict=True):
                    found[v] = stage.pool.rows[number]
                earlier = k - stage.first_layer
                if earlier == 0 or state >= stage.reached[earlier - 1]:
                    state = stage.parent(earlier, state)
                k -= 1
        return [found[v] for v in range(len(found))]
