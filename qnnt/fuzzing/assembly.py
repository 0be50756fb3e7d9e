"""From a network to an instance: activations that keep values small, then labels, a loss, and a bound."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from functools import partial

from qnnt.activations import Activation, Clip, ReluD
from qnnt.documents.functions import activation_from, loss_from
from qnnt.exact import Number, common_denominator
from qnnt.fuzzing.bounds import with_bound
from qnnt.fuzzing.functions import ACTIVATIONS, LOSSES, drawn_activation, drawn_loss
from qnnt.fuzzing.palettes import Palette
from qnnt.fuzzing.reach import Reach, before, columns, images, listed
from qnnt.fuzzing.samples import USUAL, Inputs, Labelling, labelled
from qnnt.fuzzing.value_sets import Sets
from qnnt.instance import Dataset, Instance, Problem, z_d
from qnnt.losses import Loss, Mismatch
from qnnt.network import Network

TRIES = 6
"""Activations that are drawn for a neuron before it gets a clip to {0, 1}."""
MOST_SQUARED = 60
"""Outputs and labels up to this, over their common denominator, may have a squared loss."""
MOST_PAIRS = 80
"""Entries of a table loss."""

EMPTY = Dataset((), (), ())


def assembled(
    rng: random.Random,
    network: Network,
    sets: Sets,
    x: Inputs,
    palette: Palette,
    *,
    roles: Mapping[str, str] | None = None,
    activations: Sequence[str] = ACTIVATIONS,
    losses: Sequence[str] = LOSSES,
    labelling: Labelling = USUAL,
) -> Instance:
    """A D-NNT instance on this network with these inputs.

    Parameters
    ----------
    palette
        Labels and constants are drawn from it.
    roles
        Neurons of the same role have the same activation; None: each plays its own.
    activations, losses
        The types to draw from; a type that stands there twice is twice as likely.
    """
    chosen, reach = fitting_activations(rng, network, sets, x, palette, roles or {}, activations)
    blank = Instance("", Problem.D_NNT, network, sets.weights, sets.biases, chosen, EMPTY, Mismatch())
    dataset = labelled(rng, blank, x, palette.labels, labelling)
    loss = fitting_loss(rng, dataset, [reach[o] for o in network.outputs], palette, losses)
    return with_bound(rng, blank.derive(dataset=dataset, loss=loss))


def quantized(rng: random.Random, network: Network, d: int, x: Inputs, labelling: Labelling = USUAL) -> Instance:
    """A d-QNNT instance on this network with these inputs; labels are negative now and then, so out of reach."""
    values = z_d(d)
    weights, biases = dict.fromkeys(network.edges, values), dict.fromkeys(network.neurons, values)
    activations: dict[str, Activation] = dict.fromkeys(network.neurons, ReluD(d))
    blank = Instance("", Problem.D_QNNT, network, weights, biases, activations, EMPTY, Mismatch(), d=d)
    strays = values if rng.random() < 0.1 else tuple(value for value in values if value >= 0)
    return with_bound(rng, blank.derive(dataset=labelled(rng, blank, x, strays, labelling)))


def fitting_activations(
    rng: random.Random,
    network: Network,
    sets: Sets,
    x: Inputs,
    palette: Palette,
    roles: Mapping[str, str],
    names: Sequence[str],
) -> tuple[dict[str, Activation], dict[str, Reach]]:
    """An activation for each neuron, and what values neurons and inputs can take with them.

    A value times the weights that it meets stays within the palette's largest number.
    """
    reach = columns(network, x)
    chosen: dict[str, Activation] = {}
    played: dict[str, Activation] = {}
    for v in network.neurons:
        total = before(network, v, sets.weights, sets.biases[v], reach)
        role = roles.get(v, v)
        if role not in played:
            largest = palette.largest // _largest_weight(network, sets, v)
            played[role] = _fitting(rng, total, largest, palette, names)
        chosen[v] = played[role]
        reach[v] = images(chosen[v], total) or listed((-palette.largest, palette.largest))
    return chosen, reach


def _largest_weight(network: Network, sets: Sets, v: str) -> int:
    factors = (factor for t in network.successors[v] for factor in sets.weights[v, t])
    return max((max(abs(factor.numerator), factor.denominator) for factor in factors), default=1) or 1


def _fitting(rng: random.Random, total: Reach, largest: int, palette: Palette, names: Sequence[str]) -> Activation:
    for _ in range(TRIES):
        name = rng.choice(names)
        if total.values is None and name == "table":
            continue
        document = drawn_activation(rng, name, partial(rng.choice, palette.constants), total.values)
        activation = activation_from(document, "")
        after = images(activation, total)
        if after is not None and after.size <= largest:
            return activation
    return Clip(0, 1)


def fitting_loss(
    rng: random.Random, dataset: Dataset, outputs: Sequence[Reach], palette: Palette, names: Sequence[str]
) -> Loss:
    """A loss that is cheap for these outputs: squares of small numbers only, tables of few pairs.

    One table loss in three lacks a quarter of its pairs.
    """
    labels = sorted({label for row in dataset.y for label in row if label is not None})
    seen = sorted({value for reach in outputs for value in reach.values or ()})
    size = _largest_numerator(outputs, labels)
    barred = {"absolute", "linf", "hinge"} if size > palette.measured else set()
    if size > min(MOST_SQUARED, palette.measured):
        barred.add("squared")
    if len(outputs) > 1 or outputs[0].values is None or len(seen) * len(labels) > MOST_PAIRS:
        barred.add("table")
    name = rng.choice([name for name in names if name not in barred] or ["mismatch"])
    document = drawn_loss(rng, name, partial(rng.choice, palette.constants), len(outputs), labels, seen)
    if name == "table" and isinstance(document, dict) and rng.random() < 1 / 3:
        document["values"] = document["values"][: (3 * len(document["values"]) + 3) // 4]
    return loss_from(document, "loss", len(outputs))


def _largest_numerator(outputs: Sequence[Reach], labels: Sequence[Number]) -> int:
    """Of outputs and labels over their common denominator."""
    denominator = math.lcm(common_denominator(labels), *(reach.denominator for reach in outputs))
    ends = [end for reach in outputs for end in (-reach.low, reach.high)]
    return max(int(max(end, -end) * denominator) for end in [*ends, *labels])
