"""The fixed-parameter dynamic program over a tree decomposition of the network (Lemma 3, Theorems 5 and 6).

The graph is that of the neurons: inputs are constants and in no bag. A state below a place in the tree
says of each neuron in the bag what is known of it, a partial sum or a pattern, and which classes are
still met. Values need no weights: they are worked out from the patterns at the end.

States: per neuron of a bag at most (A+1)^p * (2*D*M + 1)^p for values 0..A at p distinct inputs, weights
up to M and in-degree D; times ((A+1)^omega)^p live sets (Theorem 5), or (l+2)^p with at most l errors
(Theorem 6); both bounds hold for the one table, which holds reachable states only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qnnt.algorithms.states.deepening import Best, LossLimit
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.fpt_frames import MOST_VALUES, Frame, choices_of, listed_choices
from qnnt.algorithms.states.fpt_join import join
from qnnt.algorithms.states.fpt_program import Act, Mode, Program, Progress, Step, joined_progress
from qnnt.algorithms.states.fpt_tables import Indices, Slot, Table, merged
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.live_sets import distinct_sets
from qnnt.algorithms.states.mismatches import Classes
from qnnt.algorithms.states.prunings import ALL, Prunings
from qnnt.algorithms.states.reachable import Reachable
from qnnt.algorithms.states.vectors import (
    Integers,
    Matrix,
    Numbers,
    distinct,
    expanded,
    first_of_each,
    grouped,
    joint_keys,
    portions,
    ranks,
    row_keys,
)

MOST_CHOICES = 1 << 17
"""Choices up to which the patterns of a neuron that is to be guessed are listed."""
MOST_NUMBERS = 1 << 23
"""Entries of a matrix of vectors made at once."""
MOST_AT_ONCE = 1 << 22
"""Successor rows made before equal ones are merged."""


@dataclass(frozen=True)
class Forgotten:
    """Record of a forgotten neuron: per row the row before, and the neuron's pattern."""

    before: int
    origin: Indices
    neuron: int
    numbers: Indices
    patterns: Matrix


@dataclass(frozen=True)
class Joined:
    """Record of a join: per row the rows of both sides."""

    left: int
    left_origin: Indices
    right: int
    right_origin: Indices


@dataclass(frozen=True)
class Change:
    """New states of one neuron, each made of a group of old rows.

    Attributes
    ----------
    group
        Per row of the table the number of its group.
    owner
        Per new vector the group that it is for, ascending.
    number
        Per new vector its number in `slot.vectors`.
    """

    group: Integers
    owner: Integers
    number: Integers
    vectors: Matrix
    progress: Progress


def can_guess(view: IntegerView, program: Program) -> bool:
    """Whether no neuron whose pattern is guessed has too many values; programs without guesses always can."""
    runs = (view.neurons[v].runs for v in program.guessed)
    return all(len(np.unique(each.values[each.defined])) <= MOST_VALUES for each in runs)


class TreeProgram:
    """The dynamic program on one view, for losses up to a limit."""

    def __init__(
        self, view: IntegerView, classes: Classes, program: Program, effort: Effort, prunings: Prunings = ALL
    ) -> None:
        self._view, self._classes, self._program, self._effort = view, classes, program, effort
        self._prunings = prunings
        self._position = {o: j for j, o in enumerate(view.outputs)}
        self._frames = [
            Frame(neuron, view.kind, effort, merge=prunings.merging, prune=prunings.ranges) for neuron in view.neurons
        ]
        self._reachable = Reachable(view, MOST_CHOICES, effort)
        self._records: list[Forgotten | Joined] = []
        self._limit = LossLimit(0)

    def __call__(self, limit: int) -> Best:
        self._effort.start_run()
        self._records, self._limit = [], LossLimit(limit)
        stack: list[Table] = []
        for step in self._program.steps:
            if step.act is Act.LEAF:
                stack.append(self._leaf())
            elif step.act is Act.JOIN:
                right, left = stack.pop(), stack.pop()
                stack.append(self._join(left, right))
            else:
                stack.append(self._apply(step, stack.pop()))
            if not len(stack[-1]):
                return Best(None, None, self._limit.excluded)
            self._effort.hold(sum(map(len, stack)), self._place(step))
        (root,) = stack
        losses = self._classes.loss(root.sets)[root.live]
        best = int(losses.argmin())
        return Best(self._patterns(root.record, int(root.origin[best])), int(losses[best]), self._limit.excluded)

    def _place(self, step: Step) -> str:
        return f"{step.act} {self._view.neurons[step.vertex].name}" if step.vertex >= 0 else str(step.act)

    def _leaf(self) -> Table:
        nothing = np.zeros(1, np.int32)
        return self._within(Table({}, nothing, self._classes.all_live, -1, nothing))

    def _apply(self, step: Step, table: Table) -> Table:
        v = step.vertex
        if step.act is Act.INTRODUCE:
            zero = np.zeros((1, len(self._view.inputs)), self._view.kind)
            fresh = Slot(Progress(), zero, np.zeros(len(table), np.int32))
            return replace(table, slots={**table.slots, v: fresh})
        if step.act is Act.FORGET:
            return self._forget(table, v)
        if step.act is Act.SORT:
            return self._sorted(table, step.members)
        if step.act is Act.BLOCK:
            return self._changed(table, v, self._block(table.slots[v], v))
        if step.act is Act.GUESS:
            return self._changed(table, v, self._guess(table.slots[v], v))
        return self._changed(table, v, self._edge(table, v, step.edge))

    # --- steps that change one neuron ------------------------------------------------------------

    def _block(self, slot: Slot, v: int) -> Change:
        """Each of its sums plus each contribution of the block."""
        block = self._frames[v].block[None, :, :]
        old = np.arange(len(slot.vectors))
        return self._added(v, slot, slot.numbers.astype(np.int64), old, len(block[0]), lambda _: block, 1)

    def _edge(self, table: Table, v: int, edge: int) -> Change:
        """Each pair of a source's pattern and a partial sum, times each weight."""
        slot, source = table.slots[v], table.slots[self._view.neurons[v].edges[edge].source]
        first, rank = ranks(*joint_keys([(source.numbers, len(source.vectors)), (slot.numbers, len(slot.vectors))]))
        patterns, numbers = source.patterns, source.numbers[first]
        values = len(self._view.neurons[v].edges[edge].factors)

        def contributions(groups: slice) -> Matrix:
            return self._frames[v].contributions(edge, patterns[numbers[groups]])

        return self._added(v, slot, rank, slot.numbers[first], values, contributions, 2 << edge)

    def _added(
        self,
        v: int,
        slot: Slot,
        group: Integers,
        old: Numbers,
        values: int,
        contributions: Callable[[slice], Matrix],
        pieces: int,
    ) -> Change:
        """Add contributions to the old vectors of each group: per run of groups of shape (groups or 1, values, p)."""
        progress = slot.progress.with_pieces(pieces, len(self._view.neurons[v].edges))
        count, p = len(old), len(self._view.inputs)
        size = max(1, MOST_NUMBERS // max(1, values * p))
        owners, made = [], []
        self._effort.make(count * values, p, self._view.neurons[v].name)
        for start in range(0, max(1, count), size):
            some = old[start : start + size]
            made_here = slot.sums[some][:, None, :] + contributions(slice(start, start + size))
            sums = made_here.reshape(len(some) * values, p)
            owner = np.repeat(np.arange(start, start + len(some)), values)
            guesses = slot.patterns[old[owner]] if slot.progress.mode is Mode.GUESSED else None
            vectors, useful = self._settled(v, sums, guesses, progress)
            kept = np.flatnonzero(useful)
            kept = kept[first_of_each(*row_keys(vectors[kept], owner[kept], max(1, count)))]
            owners.append(owner[kept])
            made.append(vectors[kept])
        self._effort.transitions += len(group) * values
        vectors, number = distinct(np.concatenate(made))
        return Change(group, np.concatenate(owners), number, vectors, progress)

    def _settled(
        self, v: int, sums: Matrix, guesses: Matrix | None, progress: Progress
    ) -> tuple[Matrix, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
        """What a slot holds for these sums, and which of them are of use."""
        frame = self._frames[v]
        sums, useful = frame.settle(sums, guesses, progress.pieces)
        if progress.mode is Mode.FINAL:
            patterns, defined = frame.patterns(sums)
            useful = useful & defined
            if guesses is not None:
                useful &= (patterns == guesses).all(axis=1)
            return patterns, useful
        return (sums if guesses is None else np.concatenate([guesses, sums], axis=1)), useful

    def _guess(self, slot: Slot, v: int) -> Change:
        """Each partial sum with each pattern that it may lead to."""
        frame, name = self._frames[v], self._view.neurons[v].name
        if len(frame.values) > MOST_VALUES:
            raise StateLimitError(f"more than {MOST_VALUES} values to guess at {name}")
        listed = self._reachable.patterns(v) if self._prunings.reach else None
        ways = None if listed is None else np.searchsorted(frame.values, listed)
        progress = Progress(slot.progress.pieces, Mode.GUESSED)
        p = slot.vectors.shape[1]
        size = max(1, MOST_NUMBERS // max(1, p * len(frame.values)))
        owners, made, held = [], [], 0
        for start in range(0, max(1, len(slot.vectors)), size):
            sums = slot.sums[start : start + size]
            possible = frame.guesses(sums, slot.progress.pieces)
            owner, chosen = choices_of(possible, self._effort) if ways is None else listed_choices(possible, ways)
            held += len(owner)
            self._effort.hold(held, f"a guess at {name}")
            guesses = frame.values[chosen].astype(self._view.kind)
            vectors, useful = self._settled(v, sums[owner], guesses, progress)
            owners.append(start + owner[useful])
            made.append(vectors[useful])
        owner = np.concatenate(owners)
        vectors, number = distinct(np.concatenate(made))
        self._effort.guessed += len(number)
        self._effort.transitions += int(np.bincount(owner, minlength=len(slot.vectors))[slot.numbers].sum())
        return Change(slot.numbers.astype(np.int64), owner, number, vectors, progress)

    def _changed(self, table: Table, v: int, change: Change) -> Table:
        """All rows with all new states of their group; an output whose pattern is new loses classes."""
        groups = int(change.group.max(initial=-1)) + 1
        starts, sizes = grouped(change.owner, groups)
        known = v in self._position and change.progress.mode is not Mode.OPEN
        fresh = known and table.slots[v].progress.mode is Mode.OPEN
        counts = sizes[change.group]
        made: list[Table] = []
        held = 0
        for rows in portions(counts, MOST_AT_ONCE):
            row, offset = expanded(counts[rows])
            row += rows.start
            number = change.number[starts[change.group[row]] + offset].astype(np.int32)
            part = table.rows(row)
            part.slots[v] = Slot(change.progress, change.vectors, number)
            if fresh:
                part = self._met(part, v)
            made.append(part.distinct(dominance=self._prunings.dominance))
            held += len(made[-1])
            self._effort.hold(held, self._view.neurons[v].name)
        if len(made) == 1:
            return made[0].tight()
        return merged(made).distinct(dominance=self._prunings.dominance).tight()

    def _met(self, table: Table, v: int) -> Table:
        """Keep of each live set what the output meets, and of the rows those within the limit."""
        slot = table.slots[v]
        met = self._classes.met(self._position[v], slot.patterns)
        first, rank = ranks(*joint_keys([(table.live, len(table.sets)), (slot.numbers, len(met))]))
        sets, number = distinct_sets(table.sets[table.live[first]] & met[slot.numbers[first]])
        return self._within(replace(table, sets=sets, live=number[rank].astype(np.int32)))

    def _within(self, table: Table) -> Table:
        """The rows whose loss can be within the limit."""
        admitted = self._limit.admits(self._classes.least_loss(table.sets))
        return table if admitted.all() else table.rows(admitted[table.live])

    # --- the other steps -------------------------------------------------------------------------

    def _sorted(self, table: Table, members: tuple[int, ...]) -> Table:
        """In each row the states of interchangeable neurons in ascending order."""
        slots = [table.slots[v] for v in members]
        vectors, rank = distinct(np.concatenate([slot.vectors for slot in slots]))
        offsets = np.cumsum([0, *(len(slot.vectors) for slot in slots)])
        columns = np.stack([rank[o + slot.numbers] for o, slot in zip(offsets, slots, strict=False)])
        columns.sort(axis=0)
        changed = dict(table.slots)
        for v, column in zip(members, columns, strict=True):
            changed[v] = Slot(table.slots[v].progress, vectors, column.astype(np.int32))
        return replace(table, slots=changed).distinct(dominance=self._prunings.dominance)

    def _forget(self, table: Table, v: int) -> Table:
        slots = {u: slot for u, slot in table.slots.items() if u != v}
        kept = replace(table, slots=slots, origin=np.arange(len(table), dtype=np.int32))
        kept = kept.distinct(dominance=self._prunings.dominance)
        slot = table.slots[v]
        rows = kept.origin
        self._effort.remember(len(rows), self._view.neurons[v].name)
        self._records.append(Forgotten(table.record, table.origin[rows], v, slot.numbers[rows], slot.patterns))
        return replace(kept, record=len(self._records) - 1, origin=np.arange(len(kept), dtype=np.int32)).tight()

    def _join(self, left: Table, right: Table) -> Table:
        self._effort.joins += 1
        progress = {
            v: joined_progress(slot.progress, right.slots[v].progress, len(self._view.neurons[v].edges))
            for v, slot in left.slots.items()
        }
        fresh = [
            v
            for v, slot in left.slots.items()
            if v in self._position
            and slot.progress.mode is right.slots[v].progress.mode is Mode.OPEN
            and progress[v].mode is not Mode.OPEN
        ]

        def finish(table: Table) -> Table:
            for v in fresh:
                table = self._met(table, v)
            return self._within(table).distinct(dominance=self._prunings.dominance)

        joined, left_rows, right_rows = join(left, right, progress, self._settled, finish, self._effort)
        self._effort.remember(len(joined), "a join")
        self._records.append(Joined(left.record, left.origin[left_rows], right.record, right.origin[right_rows]))
        origin = np.arange(len(joined), dtype=np.int32)
        return replace(joined, record=len(self._records) - 1, origin=origin)

    def _patterns(self, record: int, row: int) -> list[Matrix]:
        """Every neuron's pattern, walking back from a row of a record."""
        found: dict[int, Matrix] = {}
        open_rows = [(record, row)]
        while open_rows:
            record, row = open_rows.pop()
            if record < 0:
                continue
            entry = self._records[record]
            if isinstance(entry, Joined):
                open_rows.append((entry.left, int(entry.left_origin[row])))
                open_rows.append((entry.right, int(entry.right_origin[row])))
                continue
            found[entry.neuron] = entry.patterns[entry.numbers[row]]
            open_rows.append((entry.before, int(entry.origin[row])))
        return [found[v] for v in range(len(self._view.neurons))]
