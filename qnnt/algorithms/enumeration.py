"""Brute force: every parameter setting, vectorised in chunks. The oracle of the tests.

Complexity: settings * distinct inputs * edges additions, on 64-bit integers over a common
denominator per neuron; activations and losses are looked up exactly. It reads the definitions in
`qnnt.activations` and `qnnt.losses`, and shares nothing with encoders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from qnnt.activations import Activation
from qnnt.errors import UnsupportedError
from qnnt.exact import Number, common_denominator, reduced
from qnnt.instance import Instance, Parameters
from qnnt.network import edge_key
from qnnt.simplification.samples import Labels, labels_by_input

Integers = npt.NDArray[np.int64]

MOST_SUMS = 2 * 10**10
"""Settings times distinct inputs times edges above which enumeration refuses: an hour or more."""
CHUNK = 1 << 20
"""Settings times distinct inputs held at once."""
LARGEST = 2**62


@dataclass(frozen=True)
class Chunk:
    """The losses of consecutive settings.

    Attributes
    ----------
    first
        Number of the first setting; settings count in mixed radix, the last parameter fastest.
    losses
        Numerators over `denominator`; only meaningful where `admissible`.
    admissible
        False where an activation or the loss is undefined at some sample.
    """

    first: int
    losses: Integers
    admissible: npt.NDArray[np.bool_]
    denominator: int


def sums_needed(instance: Instance) -> int:
    """The work: settings * distinct inputs * edges."""
    inputs = len(set(instance.dataset.x))
    return instance.settings * max(1, inputs) * max(1, len(instance.network.edges))


def chunks(instance: Instance) -> Iterator[Chunk]:
    """All settings in order.

    Raises
    ------
    UnsupportedError
        If there are too many, or if a sum could pass 62 bits.
    """
    if sums_needed(instance) > MOST_SUMS:
        raise UnsupportedError(
            f"{instance.settings} parameter settings are too many to enumerate: at most {MOST_SUMS} sums"
        )
    groups = labels_by_input(instance.dataset)
    size = max(1, CHUNK // max(1, len(groups)))
    for first in range(0, instance.settings, size):
        numbers = np.arange(first, min(first + size, instance.settings), dtype=np.int64)
        yield _losses(instance, numbers, groups)


@dataclass(frozen=True)
class Minimum:
    """The best of all settings: parameters and loss are None if none is admissible."""

    parameters: Parameters | None
    loss: Number | None


def minimum(
    instance: Instance,
    enough: Number | None = None,
    report: Callable[[Parameters, Number], None] | None = None,
) -> Minimum:
    """The smallest loss over all settings, or the first loss <= enough.

    Parameters
    ----------
    report
        Called at every improvement.
    """
    best = Minimum(None, None)
    for chunk in chunks(instance):
        if not chunk.admissible.any():
            continue
        losses = np.where(chunk.admissible, chunk.losses, np.iinfo(np.int64).max)
        if enough is not None:
            within = np.flatnonzero(chunk.admissible & (losses <= int(enough * chunk.denominator // 1)))
            place = int(within[0]) if len(within) else int(losses.argmin())
        else:
            place = int(losses.argmin())
        loss = reduced(Fraction(int(losses[place]), chunk.denominator))
        if best.loss is None or loss < best.loss:
            best = Minimum(setting(instance, chunk.first + place), loss)
            if report is not None:
                report(setting(instance, chunk.first + place), loss)
        if enough is not None and loss <= enough:
            break
    return best


def count(instance: Instance, bound: Number | None = None) -> int:
    """The number of admissible settings, with loss <= bound if given."""
    total = 0
    for chunk in chunks(instance):
        kept = chunk.admissible
        if bound is not None:
            kept &= chunk.losses <= int(bound * chunk.denominator // 1)
        total += int(kept.sum())
    return total


def setting(instance: Instance, number: int) -> Parameters:
    """The parameters of one setting."""
    weights = dict(instance.weights)
    biases = dict(instance.biases)
    chosen: dict[Any, Number] = {}
    for key, values in reversed([*weights.items(), *biases.items()]):
        number, digit = divmod(number, len(values))
        chosen[key] = values[digit]
    return Parameters({edge: chosen[edge] for edge in weights}, {v: chosen[v] for v in biases})


@dataclass(frozen=True)
class _Values:
    """Numerators, shape (settings, inputs) or broadcastable to it, over one denominator."""

    numerators: Integers
    denominator: int

    @property
    def reach(self) -> int:
        return int(np.abs(self.numerators).max(initial=0))


def _losses(instance: Instance, numbers: Integers, groups: dict[tuple[Number, ...], dict[Labels, int]]) -> Chunk:
    network, inputs = instance.network, list(groups)
    parameters = _parameter_values(instance, numbers)
    admissible = np.ones(len(numbers), bool)
    if not inputs:
        return Chunk(int(numbers[0]), np.zeros(len(numbers), np.int64), admissible, 1)
    values: dict[str, _Values] = {}
    for j, name in enumerate(network.inputs):
        numerators, denominator = _scaled([x[j] for x in inputs], name)
        values[name] = _Values(numerators[None, :], denominator)
    for v in network.neurons:
        bias = parameters[v]
        terms = [_Values(instance.bias_sign * bias.numerators, bias.denominator)]
        for u in network.predecessors[v]:
            weight, value = parameters[u, v], values[u]
            if weight.reach * value.reach > LARGEST:
                raise UnsupportedError(f"the products at {v} could pass 62 bits")
            terms.append(_Values(weight.numerators * value.numerators, weight.denominator * value.denominator))
        total = _total(terms, len(numbers), len(inputs), v)
        values[v], defined = _activated(instance.activations[v], total)
        admissible &= defined.all(axis=1)
    outputs = [values[o] for o in network.outputs]
    losses, denominator, defined_loss = _sample_losses(instance, outputs, groups, admissible)
    return Chunk(int(numbers[0]), losses, admissible & defined_loss, denominator)


def _parameter_values(instance: Instance, numbers: Integers) -> dict[Any, _Values]:
    """The digits of the settings as columns, shape (settings, 1)."""
    found: dict[Any, _Values] = {}
    rest = numbers
    items: list[tuple[Any, tuple[Number, ...]]] = [*instance.weights.items(), *instance.biases.items()]
    for key, allowed in reversed(items):
        scaled, denominator = _scaled(allowed, key if isinstance(key, str) else edge_key(key))
        found[key] = _Values(scaled[rest % len(allowed)][:, None], denominator)
        rest = rest // len(allowed)
    return found


def _scaled(values: Sequence[Number], what: str) -> tuple[Integers, int]:
    """The numerators of the values over their common denominator."""
    denominator = common_denominator(values)
    numerators = [int(value * denominator) for value in values]
    if max(map(abs, numerators)) > LARGEST:
        raise UnsupportedError(f"the values of {what} need more than 62 bits on a common denominator")
    return np.array(numerators, np.int64), denominator


def _total(terms: list[_Values], settings: int, inputs: int, v: str) -> _Values:
    denominator = common_denominator([Fraction(1, term.denominator) for term in terms])
    reach = sum(term.reach * (denominator // term.denominator) for term in terms)
    if max(reach, denominator) > LARGEST:
        raise UnsupportedError(f"the pre-activations of {v} could pass 62 bits")
    total = np.zeros((settings, inputs), np.int64)
    for term in terms:
        total += term.numerators * (denominator // term.denominator)
    return _Values(total, denominator)


def _activated(activation: Activation, total: _Values) -> tuple[_Values, npt.NDArray[np.bool_]]:
    """The activation, evaluated once per distinct pre-activation, and where it is defined."""
    distinct, index = np.unique(total.numerators, return_inverse=True)
    images = [activation.value(reduced(Fraction(k, total.denominator))) for k in distinct.tolist()]
    defined = np.array([image is not None for image in images])
    denominator = common_denominator([image for image in images if image is not None])
    scaled = [0 if image is None else int(image * denominator) for image in images]
    if max(map(abs, scaled)) > LARGEST:
        raise UnsupportedError("a neuron's value could pass 62 bits")
    shape = total.numerators.shape
    values = np.array(scaled, np.int64)[index].reshape(shape)
    return _Values(values, denominator), defined[index].reshape(shape)


def _sample_losses(
    instance: Instance,
    outputs: list[_Values],
    groups: dict[tuple[Number, ...], dict[Labels, int]],
    admissible: npt.NDArray[np.bool_],
) -> tuple[Integers, int, npt.NDArray[np.bool_]]:
    """The total loss of each setting, its denominator, and where it is defined.

    Per distinct input the loss is computed once for each distinct output vector.
    """
    tables = []
    for i, labels in enumerate(groups.values()):
        vectors = np.stack([value.numerators[:, i] for value in outputs], axis=1)
        distinct, index = np.unique(vectors, axis=0, return_inverse=True)
        losses = [_weighted_loss(instance, _exact(row, outputs), labels) for row in distinct.tolist()]
        tables.append((losses, index.reshape(-1)))
    denominator = common_denominator([loss for losses, _ in tables for loss in losses if loss is not None])
    total = np.zeros(len(admissible), np.int64)
    defined = np.ones(len(admissible), bool)
    reach = 0
    for losses, index in tables:
        scaled = [0 if loss is None else int(loss * denominator) for loss in losses]
        reach += max(scaled)
        if reach > LARGEST:
            raise UnsupportedError("the loss could pass 62 bits")
        total += np.array(scaled, np.int64)[index]
        defined &= np.array([loss is not None for loss in losses])[index]
    return total, denominator, defined


def _exact(row: list[int], outputs: list[_Values]) -> list[Number]:
    return [reduced(Fraction(k, value.denominator)) for k, value in zip(row, outputs, strict=True)]


def _weighted_loss(instance: Instance, outputs: list[Number], labels: dict[Labels, int]) -> Number | None:
    total: Number = 0
    for y, weight in labels.items():
        loss = instance.loss.of_sample(outputs, y)
        if loss is None:
            return None
        total += weight * loss
    return total
