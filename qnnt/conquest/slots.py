"""Parameters to split on: which there are at a neuron, and which say the most."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from qnnt.exact import Number
from qnnt.instance import Instance
from qnnt.network import Edge


class Kind(Enum):
    """What a slot is, seen from its neuron; the order of the values is that in which slots are split."""

    FROM_INPUT = 0
    BIAS = 1
    FROM = 2
    TO = 3


@dataclass(frozen=True)
class Slot:
    """A parameter that each of some alike neurons has.

    Attributes
    ----------
    other
        The node at the other end of a weight; empty for biases.
    samples
        At how many distinct inputs it makes a difference to its neuron, as far as that is known.
    """

    kind: Kind
    other: str = ""
    samples: int = 0

    @property
    def turn(self) -> tuple[int, int]:
        """The least comes first: slots that say more."""
        return self.kind.value, -self.samples

    def of(self, neuron: str) -> Edge | str:
        """The parameter itself: an edge, or for a bias the neuron."""
        if self.kind is Kind.BIAS:
            return neuron
        return (neuron, self.other) if self.kind is Kind.TO else (self.other, neuron)

    def values(self, instance: Instance, neuron: str) -> tuple[Number, ...]:
        """The allowed values."""
        parameter = self.of(neuron)
        return instance.biases[parameter] if isinstance(parameter, str) else instance.weights[parameter]


def reach_of_inputs(instance: Instance) -> Mapping[str, int]:
    """For each input, at how many of the distinct samples it is not zero."""
    seen = set(instance.dataset.x)
    return {u: sum(x[j] != 0 for x in seen) for j, u in enumerate(instance.network.inputs)}


def slots_of(instance: Instance, neuron: str, movable: Collection[str], reach: Mapping[str, int]) -> list[Slot]:
    """The parameters of a neuron that can be split on, those that say the most first.

    A weight belongs to the end of it that is movable, else to the end that reads it. Weights between two movable
    neurons are nobody's: permutations of either class would move them.

    Parameters
    ----------
    movable
        Neurons that are interchangeable with others.
    reach
        See `reach_of_inputs`. Where it is 0, weights do not matter.
    """
    network = instance.network
    if not len(instance.dataset):  # nothing matters
        return []
    found = [Slot(Kind.BIAS)]
    for u in network.predecessors[neuron]:
        if u in reach:
            found += [Slot(Kind.FROM_INPUT, u, reach[u])] if reach[u] else []
        elif u not in movable:
            found.append(Slot(Kind.FROM, u))
    if neuron in movable:
        found += [Slot(Kind.TO, v) for v in network.successors[neuron] if v not in movable]
    return sorted((slot for slot in found if len(slot.values(instance, neuron)) > 1), key=lambda slot: slot.turn)
