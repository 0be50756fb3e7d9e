"""Random tiny instances of two layers that reach every feature of such networks; small enough to enumerate.

Hidden neurons read inputs only; outputs read hidden neurons, inputs and, now and then, another output that
reads inputs only. Documents are written and read, so that validation runs too.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from qnnt.activations import Activation, Table
from qnnt.documents.functions import activation_from
from qnnt.documents.reader import FORMAT, instance_from
from qnnt.errors import CertificateError
from qnnt.evaluation import outputs_at
from qnnt.exact import Number, to_json_number, to_number
from qnnt.fuzzing.functions import ACTIVATIONS, BOUNDED, BROKEN, LOSSES, random_activation, random_loss, random_number
from qnnt.fuzzing.networks import Body, network_of, random_data
from qnnt.fuzzing.tiny import plant, random_parameters
from qnnt.instance import Instance, Problem, z_d
from qnnt.network import Edge, Network

MOST_SETTINGS = 700
"""Parameter settings of an instance."""
MOST_VALUES = 400
"""Different sums of a neuron up to which any activation may follow."""
SIZE = 2000
"""Numerators and denominators of neuron values stay below this."""

Role = str
"""What a neuron shares its sets and its activation with: one role for all hidden neurons if they are alike."""


def random_two_layer(rng: random.Random) -> Instance:
    """A random tiny instance: D-NNT three times in four, else d-QNNT; without a bound."""
    return _d_qnnt(rng) if rng.random() < 0.25 else _d_nnt(rng)


# --- networks ------------------------------------------------------------------------------------


def _network(rng: random.Random, alike: bool) -> Body:
    inputs = [f"x{i + 1}" for i in range(rng.randint(1, 3))]
    outputs = [f"o{i + 1}" for i in range(rng.choice([1, 1, 2]))]
    hidden = [f"h{i + 1}" for i in range(rng.choice([0, 1, 2, 2, 3, 4]))]
    chained = len(outputs) == 2 and rng.random() < 0.25
    edges: list[Edge] = [("o1", "o2")] if chained else []
    read = _some(rng, inputs)
    heads = _some(rng, outputs[-1:] if chained else outputs)
    for h in hidden:
        edges += [(u, h) for u in (read if alike else _some(rng, inputs))]
        edges += [(h, o) for o in (heads if alike else _some(rng, outputs[-1:] if chained else outputs))]
    edges += [(u, o) for o in outputs for u in inputs if rng.random() < (0.2 if hidden else 0.8)]
    rng.shuffle(edges)
    return {"inputs": inputs, "outputs": outputs, "edges": [{"from": u, "to": v} for u, v in edges]}


def _some(rng: random.Random, names: Sequence[str]) -> list[str]:
    """At least one of them, in their order."""
    kept = [name for name in names if rng.random() < 0.7]
    return kept or [rng.choice(names)]


def _role(v: str, alike: bool) -> Role:
    return "h" if alike and v.startswith("h") else v


# --- d-QNNT --------------------------------------------------------------------------------------


def _d_qnnt(rng: random.Random) -> Instance:
    d = rng.choice([2, 2, 3, 3, 4])
    body: Body = {"inputs": ["x1"], "outputs": ["o1"], "edges": []}
    for _ in range(100):
        drawn = _network(rng, alike=True)
        network = network_of(drawn)
        if d ** (len(network.edges) + len(network.neurons)) <= MOST_SETTINGS:
            body = drawn
            break
    network = network_of(body)
    values = z_d(d)
    data = random_data(rng, len(network.inputs), len(network.outputs), values, values, 4)
    return instance_from({"format": FORMAT, "problem": str(Problem.D_QNNT), "network": body, "data": data, "d": d})


# --- D-NNT ---------------------------------------------------------------------------------------


def _d_nnt(rng: random.Random) -> Instance:
    alike = rng.random() < 0.6
    rational = rng.random() < 0.4
    body = _network(rng, alike)
    network = network_of(body)
    weights, biases = _sets(rng, network, alike, rational)
    points: tuple[Number, ...] = (-1, 0, 1, 2, 3, *(BROKEN if rational else ()))
    labels: tuple[Number, ...] = (-3, -1, 0, 1, 2, 5, *(BROKEN[:2] if rational else ()))
    data = random_data(rng, len(network.inputs), len(network.outputs), points, labels, 4)
    functions = _activations(rng, network, alike, weights, biases, data["x"], rational)
    for edge in body["edges"]:
        edge["weights"] = [to_json_number(w) for w in weights[edge["from"], edge["to"]]]
    body["neurons"] = {
        v: {"bias": [to_json_number(b) for b in biases[v]], "activation": functions[v]} for v in network.neurons
    }
    document: dict[str, Any] = {"format": FORMAT, "problem": str(Problem.D_NNT), "network": body, "data": data}
    instance = instance_from({**document, "loss": "mismatch"})
    if rng.random() < 0.5:
        plant(rng, instance, data)
    return instance_from({**document, "loss": _loss(rng, instance, data, rational)})


def _sets(
    rng: random.Random, network: Network, alike: bool, rational: bool
) -> tuple[dict[Edge, list[Number]], dict[str, list[Number]]]:
    """Sets of one to four values, one and the same list for all that play the same roles."""
    shared: dict[tuple[Role, Role], list[Number]] = {}

    def drawn(most: int) -> list[Number]:
        values = {random_number(rng, rational) for _ in range(rng.randint(1, most))}
        return rng.sample(sorted(values), len(values))

    weights = {(u, v): shared.setdefault((_role(u, alike), _role(v, alike)), drawn(4)) for u, v in network.edges}
    biases = {
        v: shared.setdefault(("bias", _role(v, alike)), drawn(3) if rng.random() < 0.6 else [0])
        for v in network.neurons
    }
    while math.prod(len(values) for values in (*weights.values(), *biases.values())) > MOST_SETTINGS:
        rng.choice([values for values in shared.values() if len(values) > 1]).pop()
    return weights, biases


def _activations(
    rng: random.Random,
    network: Network,
    alike: bool,
    weights: Mapping[Edge, Sequence[Number]],
    biases: Mapping[str, Sequence[Number]],
    x: Sequence[Sequence[object]],
    rational: bool,
) -> dict[str, str | Body]:
    """An activation per neuron, chosen such that values stay small; follows the values, correlations ignored."""
    values: dict[str, set[Number]] = {u: {to_number(row[j]) for row in x} for j, u in enumerate(network.inputs)}
    chosen: dict[str, str | Body] = {}
    by_role: dict[Role, str | Body] = {}
    for v in network.neurons:
        sums: set[Number] = set(biases[v])
        for u in network.predecessors[v]:
            products = {w * f for w in weights[u, v] for f in values[u]}
            sums = {s + product for s in sums for product in products}
        role = _role(v, alike)
        if role not in by_role:
            by_role[role] = _activation(rng, network, v, sums, rational)
        chosen[v] = by_role[role]
        values[v] = _images(activation_from(chosen[v], ""), sums)
    return chosen


def _activation(rng: random.Random, network: Network, v: str, sums: Collection[Number], rational: bool) -> str | Body:
    if v in network.outputs and rng.random() < 0.4:
        return "identity"
    for _ in range(10):
        found = random_activation(rng, rng.choice(ACTIVATIONS), rational, sums)
        images = _images(activation_from(found, ""), sums)
        if len(sums) <= MOST_VALUES and all(max(abs(f.numerator), f.denominator) <= SIZE for f in images):
            return found
    return rng.choice([name for name in BOUNDED if name != "constant"])


def _images(activation: Activation, sums: Collection[Number]) -> set[Number]:
    if isinstance(activation, Table):  # whose own look-up takes a walk over its entries
        listed = dict(activation.entries)
        return {listed[t] for t in sums if t in listed}
    return {value for t in sums if (value := activation.value(t)) is not None}


def _loss(rng: random.Random, instance: Instance, data: Body, rational: bool) -> str | Body:
    outputs = len(instance.network.outputs)
    name = rng.choice([name for name in LOSSES if name != "table" or outputs == 1])
    labels = sorted({to_number(label) for row in data["y"] for label in row if label is not None})
    reached = _reached(rng, instance) if name in ("table", "accept") else []
    loss = random_loss(rng, name, rational, outputs, labels, reached)
    if name == "table" and isinstance(loss, dict) and rng.random() < 0.5:  # undefined for the rest
        loss["values"] = rng.sample(loss["values"], (3 * len(loss["values"]) + 3) // 4)
    return loss


def _reached(rng: random.Random, instance: Instance) -> list[Number]:
    """Most values that an output takes at a sample under some parameters."""
    found: set[Number] = set()
    for _ in range(150):
        parameters = random_parameters(rng, instance)
        for x in set(instance.dataset.x):
            try:
                found.update(outputs_at(instance, parameters, x))
            except CertificateError:
                continue
    return sorted(found)
