"""What values neurons can take, correlations ignored: listed where they are few, else only their ends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qnnt.activations import Activation, Clip, Constant, Identity, Leaky, Relu, ReluD, Sign, Step, Table, Threshold
from qnnt.exact import Number, common_denominator, reduced
from qnnt.network import Edge, Network

MOST_LISTED = 60
"""Values of one neuron that are listed."""
MOST_ADDED = 400
"""Sums that are formed at one edge to list the values of its neuron."""


@dataclass(frozen=True)
class Reach:
    """Values that a neuron can take, or a few more.

    Attributes
    ----------
    values
        All of them, sorted; empty if there is none; None if they are too many.
    low, high
        Their ends; 0 if there is none.
    denominator
        A multiple of all their denominators.
    """

    values: tuple[Number, ...] | None
    low: Number
    high: Number
    denominator: int

    @property
    def size(self) -> int:
        """The largest numerator over the denominator, or the denominator if that is larger."""
        return max(self.denominator, math.ceil(max(-self.low, self.high, 0) * self.denominator))


def listed(values: Iterable[Number]) -> Reach:
    """Exactly these values; their ends alone if they are many."""
    found = sorted(set(values))
    if not found:
        return Reach((), 0, 0, 1)
    kept = tuple(found) if len(found) <= MOST_LISTED else None
    return Reach(kept, found[0], found[-1], common_denominator(found))


def columns(network: Network, x: Sequence[Sequence[Number]]) -> dict[str, Reach]:
    """The values of each input."""
    return {u: listed(row[j] for row in x) for j, u in enumerate(network.inputs)}


def before(
    network: Network,
    v: str,
    weights: Mapping[Edge, Sequence[Number]],
    biases: Sequence[Number],
    known: Mapping[str, Reach],
) -> Reach:
    """The pre-activations of a neuron.

    Parameters
    ----------
    biases
        What is added: the neuron's bias set, negated where biases are subtracted.
    known
        The values of all that it reads; if one of them has none, neither has the neuron.
    """
    low, high, denominator = min(biases), max(biases), common_denominator(biases)
    found: set[Number] | None = set(biases)
    for u in network.predecessors[v]:
        factors, reach = weights[u, v], known[u]
        if reach.values == ():
            return listed(())
        ends = [factor * end for factor in (factors[0], factors[-1]) for end in (reach.low, reach.high)]
        low, high = low + min(ends), high + max(ends)
        denominator = math.lcm(denominator, common_denominator(factors) * reach.denominator)
        if found is None or reach.values is None:
            found = None
            continue
        products = {factor * value for factor in factors for value in reach.values}
        found = {total + product for total in found for product in products} if _few(found, products) else None
    if found is None:
        return Reach(None, reduced(low), reduced(high), denominator)
    return listed(map(reduced, found))


def _few(found: set[Number], products: set[Number]) -> bool:
    return len(found) <= MOST_LISTED and len(found) * len(products) <= MOST_ADDED


def images(activation: Activation, reach: Reach) -> Reach | None:
    """What an activation makes of these values; None if they are too many to know."""
    if reach.values is not None:
        return listed(image for t in reach.values if (image := activation.value(t)) is not None)
    match activation:
        case Threshold():
            return listed((0, 1))
        case Sign():
            return listed((-1, 1))
        case Constant(constant=constant):
            return listed((constant,))
        case Step(values=values):
            return listed(values)
        case Table(entries=entries):
            return listed(value for _, value in entries)
        case Relu() | ReluD() | Identity():
            return _between(activation, reach, ())
        case Clip(low=low, high=high):
            return _between(activation, reach, (low, high))
        case Leaky(negative=negative, positive=positive):
            return _between(activation, reach, (negative, positive))
    return None


def _between(activation: Activation, reach: Reach, constants: Sequence[Number]) -> Reach:
    """The images of a function that is linear on either side of 0, or a clip: all fractions between the ends.

    Parameters
    ----------
    constants
        What the function is made of; denominators multiply.
    """
    turns = [t for t in (reach.low, 0, reach.high) if reach.low <= t <= reach.high]
    ends = [image for t in turns if (image := activation.value(t)) is not None]
    low, high, denominator = min(ends), max(ends), common_denominator(constants) * reach.denominator
    if (high - low) * denominator >= MOST_LISTED:
        return Reach(None, low, high, denominator)
    numerators = range(int(low * denominator), int(high * denominator) + 1)
    return listed(reduced(Fraction(numerator, denominator)) for numerator in numerators)
