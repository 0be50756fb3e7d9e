"""Numbers changed wherever they stand: what belongs together changes together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from qnnt.documents.functions import activation_document, activation_from, loss_document, loss_from
from qnnt.errors import InputError
from qnnt.exact import Number, reduced, to_json_number, to_number
from qnnt.fuzzing.reductions.numbers import simpler_numbers
from qnnt.fuzzing.reductions.sizes import is_name, numbers_of
from qnnt.instance import Dataset, Instance

_Change = Callable[[Number], Number]


def simpler_everywhere(instance: Instance) -> Iterator[Instance]:
    """With a simpler number in the place of another one in all sets, data, functions and the bound."""
    for old in dict.fromkeys(numbers_of(instance)):
        for new in simpler_numbers(old):
            yield from _changed(instance, _replacing(old, new))


def smaller_together(instance: Instance) -> Iterator[Instance]:
    """With all numbers from some size on halved, or moved towards 0 by the same distance.

    So do sums and products that just fit go on fitting, which no change of a single number can do.
    """
    below: Number = 0
    for size in sorted({_size(number) for number in numbers_of(instance)} - {0}):
        yield from _changed(instance, _halving(size))
        distance = math.floor(size - below)
        while distance > 0:
            yield from _changed(instance, _moving(size, distance))
            distance //= 2
        below = size


def _size(number: Number) -> Number:
    return max(number, -number)


def _replacing(old: Number, new: Number) -> _Change:
    return lambda number: new if number == old else number


def _halving(size: Number) -> _Change:
    def halved(number: Number) -> Number:
        return reduced(Fraction(math.trunc(Fraction(number.numerator, 2)), number.denominator))

    return lambda number: halved(number) if _size(number) >= size else number


def _moving(size: Number, distance: int) -> _Change:
    def moved(number: Number) -> Number:
        return number - distance if number > 0 else number + distance

    return lambda number: moved(number) if _size(number) >= size else number


def _changed(instance: Instance, change: _Change) -> Iterator[Instance]:
    """The instance with every number changed; nothing where a function can not be so."""

    def as_set(values: Iterable[Number]) -> tuple[Number, ...]:
        return tuple(sorted(set(map(change, values))))

    def in_document(document: object) -> object:
        if isinstance(document, dict):
            return {key: value if key == "type" else in_document(value) for key, value in document.items()}
        if isinstance(document, list):
            return list(map(in_document, document))
        return document if is_name(document) else to_json_number(change(to_number(document)))

    try:
        activations = {
            v: activation_from(in_document(activation_document(activation)), "")
            for v, activation in instance.activations.items()
        }
        loss = loss_from(in_document(loss_document(instance.loss)), "", len(instance.network.outputs))
    except InputError:  # such as a label listed twice in a loss
        return
    data = instance.dataset
    x = tuple(tuple(map(change, row)) for row in data.x)
    y = tuple(tuple(None if label is None else change(label) for label in row) for row in data.y)
    yield instance.derive(
        weights={edge: as_set(values) for edge, values in instance.weights.items()},
        biases={v: as_set(values) for v, values in instance.biases.items()},
        activations=activations,
        loss=loss,
        dataset=Dataset(x, y, data.weight),
        bound=None if instance.bound is None else change(instance.bound),
    )
