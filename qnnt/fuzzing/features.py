"""What is special about an instance, in words: so that a fuzzer can tell what it has tried."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from qnnt.activations import Activation, Leaky, Table
from qnnt.algorithms.interchangeable import interchangeable
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS, LOSSES
from qnnt.fuzzing.reach import before, columns, images
from qnnt.instance import Dataset, Instance, Problem
from qnnt.losses import Loss, TableLoss
from qnnt.network import Network

DEEP = 4
"""Depth from which a network is deep."""
WIDE = 6
"""Neurons at one level, or edges into one neuron, from which a network is wide."""
MANY_ALIKE = 4
"""Interchangeable neurons from which a class is large."""
LARGE_SET = 8
LARGE_D = 6
HUGE = 2**31
"""Numerators and denominators from here on are huge."""

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

FEATURES: tuple[str, ...] = tuple(
    sorted(
        {
            *map(str, Problem),
            *("large d", "bound", "bound 0", "rational bound"),
            *("layers", "graph", "deep", "wide", "skip edge", "several outputs", "no hidden neuron", "odd name"),
            *("neuron without in-edges", "output with out-edges", "unread input"),
            *("alike neurons", "many alike neurons"),
            *("rational weight", "rational bias", "singleton set", "only singletons", "set without zero"),
            *("large set", "negative set", "zero weights", "huge parameter"),
            *("no sample", "one sample", "masked label", "all labels masked", "weighted sample"),
            *("huge sample weight", "duplicate input", "conflicting labels"),
            *("rational data", "rational label", "huge data", "huge label"),
            *("rational constant", "huge constant", "negative slope", "fractional slope"),
            *("partial table", "empty image", "partial loss table"),
            *(f"activation {name}" for name in ACTIVATIONS),
            *(f"loss {name}" for name in LOSSES),
        }
    )
)
"""Every word that `features_of` knows."""


def features_of(instance: Instance) -> frozenset[str]:
    """The `FEATURES` of an instance; those of activations and losses ignore where they stand.

    A table is partial if it lacks a value that its neuron's sum can take, correlations between neurons
    ignored; an image is empty if it lacks them all. The same of a loss table and its output and labels.
    """
    found = {str(instance.problem), f"loss {instance.loss.name}"}
    found |= {f"activation {activation.name}" for activation in instance.activations.values()}
    if instance.d is not None and instance.d >= LARGE_D:
        found.add("large d")
    if instance.bound is not None:
        found |= {"bound", *(["bound 0"] if instance.bound == 0 else [])}
        found |= {"rational bound"} if instance.bound.denominator > 1 else set()
    found |= {*_of_network(instance.network), *_of_sets(instance), *_of_data(instance.dataset)}
    return frozenset(found | {*_of_constants(instance), *_of_tables(instance)})


def _of_network(network: Network) -> Iterator[str]:
    yield "graph" if network.layers is None else "layers"
    fan_in = [len(us) for us in network.predecessors.values()]
    if network.depth >= DEEP:
        yield "deep"
    if max([network.width, *fan_in]) >= WIDE:
        yield "wide"
    if any(network.level[v] - network.level[u] > 1 for u, v in network.edges):
        yield "skip edge"
    if len(network.outputs) > 1:
        yield "several outputs"
    if not network.hidden:
        yield "no hidden neuron"
    if min(fan_in) == 0:
        yield "neuron without in-edges"
    if any(network.successors[o] for o in network.outputs):
        yield "output with out-edges"
    if not all(network.successors[u] for u in network.inputs):
        yield "unread input"
    if not all(_PLAIN_NAME.fullmatch(name) for name in (*network.inputs, *network.neurons)):
        yield "odd name"


def _of_sets(instance: Instance) -> Iterator[str]:
    classes = interchangeable(instance)
    if classes:
        yield "alike neurons"
    if any(len(members) >= MANY_ALIKE for members in classes):
        yield "many alike neurons"
    weights, biases = list(instance.weights.values()), list(instance.biases.values())
    sets = [*weights, *biases]
    yield from _of_numbers(itertools.chain(*weights), "weight", "parameter")
    yield from _of_numbers(itertools.chain(*biases), "bias", "parameter")
    if any(len(values) == 1 for values in sets):
        yield "singleton set"
    if instance.settings == 1:
        yield "only singletons"
    if any(0 not in values for values in sets):
        yield "set without zero"
    if any(len(values) >= LARGE_SET for values in sets):
        yield "large set"
    if any(values[-1] < 0 for values in sets):
        yield "negative set"
    if weights and all(values == (0,) for values in weights):
        yield "zero weights"


def _of_numbers(numbers: Iterable[Number], kind: str, kind_if_huge: str) -> Iterator[str]:
    """Whether there are true rationals and huge numbers among them."""
    rational = huge = False
    for number in numbers:
        rational = rational or number.denominator > 1
        huge = huge or max(abs(number.numerator), number.denominator) >= HUGE
    if rational:
        yield f"rational {kind}"
    if huge:
        yield f"huge {kind_if_huge}"


def _of_data(data: Dataset) -> Iterator[str]:
    if len(data) < 2:
        yield "one sample" if data else "no sample"
    labels = [label for row in data.y for label in row]
    known = [label for label in labels if label is not None]
    yield from _of_numbers(itertools.chain(*data.x), "data", "data")
    yield from _of_numbers(known, "label", "label")
    if len(known) < len(labels):
        yield "masked label"
        if not known:
            yield "all labels masked"
    if any(weight > 1 for weight in data.weight):
        yield "weighted sample"
    if any(weight >= HUGE for weight in data.weight):
        yield "huge sample weight"
    if len(set(data.x)) < len(data):
        yield "duplicate input"
    if _in_conflict(data):
        yield "conflicting labels"


def _in_conflict(data: Dataset) -> bool:
    """Whether an output has two labels at one input."""
    first: dict[tuple[tuple[Number, ...], int], Number] = {}
    return any(
        label is not None and first.setdefault((x, j), label) != label
        for x, y in zip(data.x, data.y, strict=True)
        for j, label in enumerate(y)
    )


def _of_constants(instance: Instance) -> Iterator[str]:
    functions: list[Activation | Loss] = [*dict.fromkeys(instance.activations.values()), instance.loss]
    constants = itertools.chain(
        *(_numbers_in(getattr(function, each.name)) for function in functions for each in dataclasses.fields(function))
    )
    yield from _of_numbers(constants, "constant", "constant")
    slopes = [slope for a in functions if isinstance(a, Leaky) for slope in (a.negative, a.positive)]
    if any(slope < 0 for slope in slopes):
        yield "negative slope"
    if any(slope.denominator > 1 for slope in slopes):
        yield "fractional slope"


def _numbers_in(value: Any) -> Iterator[Number]:
    """The numbers of a field: one, or nested tuples of them."""
    if isinstance(value, tuple):
        for part in value:
            yield from _numbers_in(part)
    else:
        yield value


def _of_tables(instance: Instance) -> Iterator[str]:
    """Follows what neurons can take; ends at a neuron of which that is not known."""
    network, loss = instance.network, instance.loss
    tables = any(isinstance(activation, Table) for activation in instance.activations.values())
    if not instance.dataset or not (tables or isinstance(loss, TableLoss)):
        return
    known = columns(network, instance.dataset.x)
    for v in network.neurons:
        activation = instance.activations[v]
        biases = [instance.bias_sign * bias for bias in instance.biases[v]]
        total = before(network, v, instance.weights, biases, known)
        image = images(activation, total)
        if image is None:
            return
        if isinstance(activation, Table) and total.values != ():
            if total.values is None or any(activation.value(t) is None for t in total.values):
                yield "partial table"
            if image.values == ():
                yield "empty image"
        known[v] = image
    if isinstance(loss, TableLoss):
        outputs = known[network.outputs[0]].values
        labels = {y[0] for y in instance.dataset.y} - {None}
        listed = {(output, label) for output, label, _ in loss.entries}
        if labels and (outputs is None or any((output, y) not in listed for output in outputs for y in labels)):
            yield "partial loss table"
