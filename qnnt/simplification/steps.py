"""What a simplification step is: a smaller instance, and maps for parameters both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qnnt.exact import Number
from qnnt.instance import Instance, Parameters

ParameterMap = Callable[[Parameters], Parameters]


def unchanged(parameters: Parameters) -> Parameters:
    """The map of steps that leave the parameters alone."""
    return parameters


@dataclass(frozen=True)
class Simplified:
    """An instance that is equivalent to another one.

    Attributes
    ----------
    restore
        Admissible parameters of this instance to admissible ones of the original, with the same loss.
    project
        The other way round, for hints: parameters of the original with the same loss here.
    """

    instance: Instance
    restore: ParameterMap = unchanged
    project: ParameterMap = unchanged

    def then(self, step: Callable[[Instance], Simplified]) -> Simplified:
        """The same with one more step after it."""
        following = step(self.instance)
        return Simplified(
            following.instance,
            lambda parameters: self.restore(following.restore(parameters)),
            lambda parameters: following.project(self.project(parameters)),
        )


def nearest_zero(values: tuple[Number, ...]) -> Number:
    """The value that stands for a parameter which does not matter."""
    return min(values, key=lambda value: (abs(value), value))


def parameters_nearest_zero(instance: Instance) -> Parameters:
    """The value nearest 0 of every set; some activation may be undefined for them."""
    return Parameters(
        {edge: nearest_zero(values) for edge, values in instance.weights.items()},
        {neuron: nearest_zero(values) for neuron, values in instance.biases.items()},
    )
