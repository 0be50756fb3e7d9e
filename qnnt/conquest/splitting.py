"""Cubes: restrictions of an instance that together hold a representative of every parameter setting.

Each of some neurons gets a *box*: a part of the values of its parameters. The boxes of a neuron are disjoint and
cover all its values, and interchangeable neurons have the same boxes, in the same order. A cube names a box per
neuron, so cubes are disjoint, too. Permutations of interchangeable neurons permute their boxes; so of each class
only the cubes are made whose boxes are sorted: multisets instead of tuples. Every setting can be permuted into one
of them, class by class, as no parameter is in the boxes of two classes. Within a cube neurons of the same box stay
interchangeable: solvers break what is left of the symmetry.

Size: with b boxes for the m neurons of a class, C(b + m - 1, m) cubes; a product over classes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.conquest.slots import Slot, reach_of_inputs, slots_of
from qnnt.errors import InputError
from qnnt.exact import Number
from qnnt.instance import Instance, Parameters
from qnnt.network import Edge

Box = tuple[tuple[Number, ...], ...]
"""The values that are left to each slot."""
Cube = tuple[tuple[int, ...], ...]
"""For each group the numbers of its members' boxes, sorted."""


@dataclass(frozen=True)
class Group:
    """Interchangeable neurons, or one neuron alone, and the boxes that each of them can be in."""

    members: tuple[str, ...]
    slots: tuple[Slot, ...]
    boxes: tuple[Box, ...]

    @property
    def count(self) -> int:
        """How many multisets of boxes there are for the members."""
        return math.comb(len(self.boxes) + len(self.members) - 1, len(self.members))

    def arrangements(self) -> Iterator[tuple[int, ...]]:
        """A box for each member, sorted."""
        return itertools.combinations_with_replacement(range(len(self.boxes)), len(self.members))

    @property
    def _largest(self) -> int | None:
        """The box with the most settings; None if each of them has one."""
        sizes = [math.prod(map(len, box)) for box in self.boxes]
        largest = max(range(len(sizes)), key=sizes.__getitem__)
        return largest if sizes[largest] > 1 else None

    @property
    def next_slot(self) -> int | None:
        """Where the largest box is to be halved: at the first slot that has values left to choose from."""
        if self._largest is None:
            return None
        return next(i for i, values in enumerate(self.boxes[self._largest]) if len(values) > 1)

    def refined(self) -> Group:
        """The same with the largest box in two halves."""
        slot, largest = self.next_slot, self._largest
        if slot is None or largest is None:
            raise ValueError("nothing is left to split")
        box = self.boxes[largest]
        values = box[slot]
        middle = len(values) // 2
        halves = tuple((*box[:slot], part, *box[slot + 1 :]) for part in (values[:middle], values[middle:]))
        return replace(self, boxes=(*self.boxes[:largest], *halves, *self.boxes[largest + 1 :]))

    def box_of(self, parameters: Parameters, neuron: str) -> int | None:
        """The number of the box that a neuron is in; None if a value is in none."""
        own = [_value(parameters, slot.of(neuron)) for slot in self.slots]
        for number, box in enumerate(self.boxes):
            if all(value in values for value, values in zip(own, box, strict=True)):
                return number
        return None


@dataclass(frozen=True)
class Split:
    """An instance in cubes.

    Attributes
    ----------
    groups
        Those of which at least two boxes are left.
    """

    instance: Instance
    groups: tuple[Group, ...] = field(repr=False)

    def __len__(self) -> int:
        return math.prod(group.count for group in self.groups)

    def cubes(self) -> Iterator[Cube]:
        """All of them."""
        return itertools.product(*(group.arrangements() for group in self.groups))

    def restricted(self, cube: Cube) -> Instance:
        """The instance within a cube."""
        weights: dict[Edge, tuple[Number, ...]] = dict(self.instance.weights)
        biases: dict[str, tuple[Number, ...]] = dict(self.instance.biases)
        for parameter, values in self._left(cube).items():
            if isinstance(parameter, str):
                biases[parameter] = values
            else:
                weights[parameter] = values
        return self.instance.derive(weights=weights, biases=biases)

    def settings(self, cube: Cube) -> int:
        """How many settings of the split parameters a cube holds."""
        return math.prod(map(len, self._left(cube).values()))

    def holds(self, cube: Cube, parameters: Parameters) -> bool:
        """Whether parameters are in a cube."""
        return all(_value(parameters, name) in values for name, values in self._left(cube).items())

    def cube_of(self, parameters: Parameters) -> Cube:
        """The cube that holds the parameters, once interchangeable neurons are in order.

        Raises
        ------
        ValueError
            For values outside their sets.
        """
        found = []
        for group in self.groups:
            boxes = [group.box_of(parameters, neuron) for neuron in group.members]
            if None in boxes:
                raise ValueError("a value is outside its set")
            found.append(tuple(sorted(number for number in boxes if number is not None)))
        return tuple(found)

    def _left(self, cube: Cube) -> Mapping[Edge | str, tuple[Number, ...]]:
        """The values that a cube leaves to the parameters that are split on."""
        return {
            slot.of(neuron): values
            for group, numbers in zip(self.groups, cube, strict=True)
            for neuron, number in zip(group.members, numbers, strict=True)
            for slot, values in zip(group.slots, group.boxes[number], strict=True)
        }


def split(instance: Instance, cubes: int) -> Split:
    """Split an instance into at least so many cubes, or as many as there can be.

    First-layer weights come first, those on the inputs that are not zero at the most distinct samples before
    others; then biases, then other weights. At each step the largest box of the group whose turn it is is halved.

    Raises
    ------
    InputError
        For fewer than one cube.
    """
    if cubes < 1:
        raise InputError(f"at least one cube is needed, not {cubes}")
    groups = _groups(instance)
    while math.prod(group.count for group in groups) < cubes:
        turns = {
            number: group.slots[slot].turn
            for number, group in enumerate(groups)
            if (slot := group.next_slot) is not None
        }
        if not turns:
            break
        number = min(turns, key=turns.__getitem__)  # the first of equals
        groups[number] = groups[number].refined()
    return Split(instance, tuple(group for group in groups if len(group.boxes) > 1))


def _groups(instance: Instance) -> list[Group]:
    """All neurons, interchangeable ones together, in topological order; a box each."""
    classes = interchangeable(instance)
    movable = {v for members in classes for v in members}
    place = {v: i for i, v in enumerate(instance.network.neurons)}
    reach = reach_of_inputs(instance)
    alone = [[v] for v in instance.network.neurons if v not in movable]
    found = []
    for members in sorted([*classes, *alone], key=lambda members: place[members[0]]):
        slots = tuple(slots_of(instance, members[0], movable, reach))
        box = tuple(slot.values(instance, members[0]) for slot in slots)
        found.append(Group(tuple(members), slots, (box,)))
    return found


def _value(parameters: Parameters, name: Edge | str) -> Number:
    return parameters.biases[name] if isinstance(name, str) else parameters.weights[name]
