"""How large an instance is for a reader: the measure that every reduction step makes smaller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from qnnt.activations import Activation, Clip, Constant, Identity, Leaky, Polynomial, Relu, ReluD, Sign, Step, Threshold
from qnnt.documents.functions import activation_document, loss_document
from qnnt.exact import Number, to_number
from qnnt.fuzzing.reductions.naming import plainly_named
from qnnt.instance import Instance
from qnnt.losses import Absolute, Accept, Hamming, Hinge, Linf, Loss, Mismatch, Positive, Squared

_ACTIVATION_RANKS: dict[type[Activation], int] = {
    Identity: 0,
    Relu: 1,
    Threshold: 2,
    Clip: 3,
    ReluD: 4,
    Sign: 4,
    Constant: 5,
    Leaky: 6,
    Step: 7,
    Polynomial: 8,
}
_LOSS_RANKS: dict[type[Loss], int] = {
    Mismatch: 0,
    Absolute: 1,
    Hamming: 2,
    Positive: 3,
    Squared: 3,
    Linf: 4,
    Hinge: 5,
    Accept: 6,
}
_TABLE = 9


class Size(NamedTuple):
    """Sizes compare from the first field on; all fields are integers of at least 0, so descents end.

    Attributes
    ----------
    samples, neurons, edges, inputs, outputs
        Their numbers.
    settings
        The number of parameter settings.
    labels
        Labels that are not masked.
    functions
        The ranks of the activations and the loss (identity, relu, threshold, clip, ...; mismatch,
        absolute, ...) and how many numbers they list.
    denominators
        Over all numbers of the instance, the denominator less one: 0 if all are integers.
    magnitude
        Over all numbers, twice the size of the numerator, and one more for a negative one.
    bounded
        1 if there is a bound.
    names
        1 unless the network is `plainly_named`, and the length of the instance's name.
    """

    samples: int
    neurons: int
    edges: int
    inputs: int
    outputs: int
    settings: int
    labels: int
    functions: int
    denominators: int
    magnitude: int
    bounded: int
    names: int


def size_of(instance: Instance) -> Size:
    """The size of an instance."""
    network, data = instance.network, instance.dataset
    costs = [cost_of(number) for number in (*numbers_of(instance), *(weight - 1 for weight in data.weight))]
    return Size(
        samples=len(data),
        neurons=len(network.neurons),
        edges=len(network.edges),
        inputs=len(network.inputs),
        outputs=len(network.outputs),
        settings=instance.settings,
        labels=sum(label is not None for row in data.y for label in row),
        functions=loss_rank(instance.loss) + sum(map(activation_rank, instance.activations.values())),
        denominators=sum(denominator for denominator, _ in costs),
        magnitude=sum(magnitude for _, magnitude in costs),
        bounded=int(instance.bound is not None),
        names=int(network != plainly_named(network).network) + len(instance.name),
    )


def cost_of(number: Number) -> tuple[int, int]:
    """What a number adds to the denominators and to the magnitude of a size."""
    return number.denominator - 1, 2 * abs(number.numerator) + (number < 0)


def activation_rank(activation: Activation) -> int:
    """How far an activation is from the identity."""
    return _ACTIVATION_RANKS.get(type(activation), _TABLE) + _listed(activation_document(activation))


def loss_rank(loss: Loss) -> int:
    """How far a loss is from the mismatch."""
    return _LOSS_RANKS.get(type(loss), _TABLE) + _listed(loss_document(loss))


def _listed(document: object) -> int:
    return sum(1 for _ in numbers_in(document))


def numbers_in(document: object) -> Iterator[Number]:
    """The numbers of the document of a function."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key != "type":
                yield from numbers_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from numbers_in(value)
    elif not is_name(document):
        yield to_number(document)


def is_name(document: object) -> bool:
    """Whether this is a function given by name alone; rationals are strings as well."""
    return isinstance(document, str) and document.isidentifier()


def numbers_of(instance: Instance) -> Iterator[Number]:
    """The numbers in the sets, the data, the functions and the bound, without the weights of samples."""
    yield from _members(instance.weights.values())
    yield from _members(instance.biases.values())
    yield from _members(instance.dataset.x)
    for row in instance.dataset.y:
        yield from (label for label in row if label is not None)
    for activation in instance.activations.values():
        yield from numbers_in(activation_document(activation))
    yield from numbers_in(loss_document(instance.loss))
    if instance.bound is not None:
        yield instance.bound


def _members(rows: Iterable[Iterable[Any]]) -> Iterator[Number]:
    for row in rows:
        yield from row
