"""Cheap numbers that tell which solvers suit an instance: known in milliseconds, before anything is built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from qnnt.algorithms.interchangeable import interchangeable
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.instance import Instance
from qnnt.losses import Mismatch
from qnnt.simplification.bounds import value_bounds

IMMENSE = 2**62
"""Stands for numbers that are not bounded."""
MOST_BITS = 1000.0
"""Logarithms above this are told as this."""


@dataclass(frozen=True)
class Estimates:
    """Of one instance that was simplified; logarithms are to base 2."""

    instance: Instance

    @property
    def sets(self) -> list[tuple[Number, ...]]:
        """The values of each parameter."""
        return [*self.instance.weights.values(), *self.instance.biases.values()]

    @cached_property
    def inputs(self) -> int:
        """Distinct inputs: the p of the theorems."""
        return len(set(self.instance.dataset.x))

    @cached_property
    def hidden_layers(self) -> int:
        """The most hidden neurons on a path."""
        depth: dict[str, int] = {}
        network = self.instance.network
        for v in network.neurons:
            depth[v] = 1 + max((depth.get(u, 0) for u in network.predecessors[v]), default=0)
        return max((depth[v] for v in network.hidden), default=0)

    @cached_property
    def mismatch(self) -> bool:
        """Whether the loss counts mismatched samples."""
        return isinstance(self.instance.loss, Mismatch)

    @cached_property
    def pattern_bits(self) -> float:
        """The logarithm of the choices of patterns: multisets over alike neurons, at most as many as settings."""
        classes = interchangeable(self.instance)
        alone = set(self.instance.network.hidden) - {v for members in classes for v in members}
        bits = sum(_multisets(self._setting_bits(members[0]), len(members)) for members in classes)
        return min(bits + sum(self._setting_bits(v) for v in alone), MOST_BITS)

    @cached_property
    def live_bits(self) -> float:
        """The logarithm of the patterns that the neurons of one level can have together, for the widest level."""
        network, levels = self.instance.network, dict[int, float]()
        depth: dict[str, int] = {}
        for v in network.neurons:
            depth[v] = 1 + max((depth.get(u, 0) for u in network.predecessors[v]), default=0)
            levels[depth[v]] = levels.get(depth[v], 0.0) + self.inputs * self._level_bits(v)
        return min(max(levels.values(), default=0.0), MOST_BITS)

    @cached_property
    def alike(self) -> int:
        """The most hidden neurons that can stand for each other."""
        return max(map(len, interchangeable(self.instance)), default=1)

    @cached_property
    def row_bits(self) -> float:
        """The logarithm of the rows that an alike neuron can contribute: its settings, and its weights to others."""
        members = max(interchangeable(self.instance), key=len, default=[])
        if not members:
            return MOST_BITS
        v = members[0]
        after = (self.instance.weights[v, t] for t in self.instance.network.successors[v])
        return self._setting_bits(v) + sum(math.log2(len(values)) for values in after)

    @cached_property
    def reach(self) -> Number:
        """The largest pre-activation, by its magnitude; `IMMENSE` where it cannot be told."""
        network, instance = self.instance.network, self.instance
        if not self._bounds:
            return IMMENSE
        most: Number = 0
        for v in network.neurons:
            size: Number = _largest(instance.biases[v])
            for u in network.predecessors[v]:
                low, high = self._bounds[u]
                size += _largest(instance.weights[u, v]) * _largest((low, high))
            most = max(most, size)
        return most

    @cached_property
    def circuit_bits(self) -> float:
        """The logarithm of the literals that counting circuits need, about: fan-in times range, at each input."""
        network, instance = self.instance.network, self.instance
        if not self._bounds:
            return MOST_BITS
        total = 1
        for v in network.neurons:
            fan_in = len(network.predecessors[v]) + 1
            span = math.ceil(_largest(instance.biases[v]))
            for u in network.predecessors[v]:
                low, high = self._bounds[u]
                span += math.ceil(Fraction(_largest(instance.weights[u, v])) * (high - low or 1))
            total += self.inputs * fan_in * max(1, span)
        return min(math.log2(total), MOST_BITS)

    @cached_property
    def _bounds(self) -> Mapping[str, tuple[Number, Number]]:
        """The range of each value; empty where there are none."""
        try:
            return value_bounds(self.instance)
        except UnsupportedError:
            return {}

    def _level_bits(self, v: str) -> float:
        """The logarithm of how many values a neuron can have, about."""
        if not self._bounds:
            return MOST_BITS
        low, high = self._bounds[v]
        return math.log2(math.ceil(high - low) + 1)

    def _setting_bits(self, v: str) -> float:
        network, instance = self.instance.network, self.instance
        sets = [instance.weights[u, v] for u in network.predecessors[v]]
        return sum(math.log2(len(values)) for values in (*sets, instance.biases[v]))


def _largest(values: tuple[Number, ...]) -> Number:
    """Of the magnitudes of sorted values."""
    return max(-values[0], values[-1])


def _multisets(bits: float, members: int) -> float:
    """The logarithm of the multisets of so many members out of 2^bits kinds."""
    if bits > 40:
        return members * bits - math.lgamma(members + 1) / math.log(2)
    kinds = 2.0**bits
    return (math.lgamma(kinds + members) - math.lgamma(kinds) - math.lgamma(members + 1)) / math.log(2)
