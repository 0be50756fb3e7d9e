"""Random tiny instances that reach every feature of the format; small enough to enumerate.

`random_instance` writes a document and reads it, so that validation runs too.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence

from qnnt.documents.functions import activation_from
from qnnt.documents.reader import FORMAT, instance_from
from qnnt.errors import CertificateError
from qnnt.evaluation import activate, evaluate, outputs_at
from qnnt.exact import LARGEST, Number, to_json_number, to_number
from qnnt.fuzzing.functions import ACTIVATIONS, BOUNDED, BROKEN, LOSSES, random_activation, random_loss, random_number
from qnnt.fuzzing.networks import Body, network_of, random_data, random_network
from qnnt.instance import Instance, Parameters, Problem, z_d
from qnnt.network import Network

MOST_VALUES = 60
"""Pre-activations of one neuron up to which a table may list them."""
SIZE = 2000
"""Numerators and denominators of neuron values stay below this."""


def random_instance(
    rng: random.Random,
    *,
    problem: Problem | None = None,
    layered: bool | None = None,
    activations: Sequence[str] = ACTIVATIONS,
    losses: Sequence[str] = LOSSES,
    rational: bool = True,
    most_samples: int = 5,
    most_settings: int = 3000,
) -> Instance:
    """A random tiny instance. Table and accept losses take a pass over all its settings to draw.

    Parameters
    ----------
    problem, layered
        Fixes the family, or whether the network is given as layers; None draws.
    activations, losses
        The types a d-nnt instance may use. Without a type whose image is bounded (see `BOUNDED`)
        large sums fall back to a clip.
    rational
        Whether sets, data and function parameters may hold true rationals.
    most_samples
        At most so many samples; there may be none.
    most_settings
        `Instance.settings` is at most this; at least 5.
    """
    if problem is None:
        problem = rng.choice([Problem.D_QNNT, Problem.D_NNT, Problem.D_NNT])
    if problem is Problem.D_QNNT:
        document = _d_qnnt(rng, layered, most_samples, most_settings)
        instance = instance_from(document)
    else:
        document = _d_nnt(rng, layered, activations, rational, most_samples, most_settings)
        document["loss"] = "mismatch"
        instance = instance_from(document)
        document["loss"] = _loss(rng, instance, losses, rational)
        instance = instance_from(document)
    bound = _bound(rng, instance)
    if bound is not None:
        key = "margin" if problem is Problem.D_NNT else "error_bound"
        instance = instance_from({**document, key: to_json_number(bound)})
    assert instance.settings <= most_settings
    return instance


def random_parameters(rng: random.Random, instance: Instance) -> Parameters:
    """A value from every set."""
    return Parameters(
        {edge: rng.choice(values) for edge, values in instance.weights.items()},
        {neuron: rng.choice(values) for neuron, values in instance.biases.items()},
    )


def all_parameters(instance: Instance) -> Iterator[Parameters]:
    """Every setting, `instance.settings` in number."""
    edges, neurons = list(instance.weights), list(instance.biases)
    for weights in itertools.product(*instance.weights.values()):
        for biases in itertools.product(*instance.biases.values()):
            yield Parameters(
                dict(zip(edges, weights, strict=True)),
                dict(zip(neurons, biases, strict=True)),
            )


# --- the two families ----------------------------------------------------------------------------


def _document(problem: Problem, body: Body, data: Body) -> Body:
    return {"format": FORMAT, "problem": str(problem), "network": body, "data": data}


def _d_qnnt(rng: random.Random, layered: bool | None, most_samples: int, most_settings: int) -> Body:
    d = rng.choice([2, 2, 3, 3, 4, 5])
    for _ in range(200):
        body = random_network(rng, layered)
        network = network_of(body)
        if d ** (len(network.edges) + len(network.neurons)) <= most_settings:
            break
    else:
        body = {"inputs": ["x1"], "outputs": ["o1"], "edges": []}
        network = network_of(body)
    values = z_d(d)
    labels = values if rng.random() < 0.2 else tuple(v for v in values if v >= 0)
    data = random_data(rng, len(network.inputs), len(network.outputs), values, labels, most_samples)
    document = {**_document(Problem.D_QNNT, body, data), "d": d}
    if rng.random() < 0.4:
        plant(rng, instance_from(document), data)
    return document


def _value_set(rng: random.Random, rational: bool, most: int) -> list[Number]:
    values = {random_number(rng, rational) for _ in range(rng.choice([1, *range(2, most + 1), most]))}
    if rng.random() < 0.2:
        values = {value for value in values if value} or {1}
    return rng.sample(sorted(values), len(values))


def _d_nnt(
    rng: random.Random,
    layered: bool | None,
    activations: Sequence[str],
    rational: bool,
    most_samples: int,
    most_settings: int,
) -> Body:
    for _ in range(200):
        body = random_network(rng, layered)
        network = network_of(body)
        if 2 ** len(network.edges) <= most_settings:  # else nearly all sets would have to shrink to one value
            break
    rational = rational and rng.random() < 0.5
    weights = {edge: _value_set(rng, rational, 3) for edge in network.edges}
    biases = {v: _value_set(rng, rational, 2) if rng.random() < 0.6 else [0] for v in network.neurons}
    sets = [*weights.values(), *biases.values()]
    while math.prod(map(len, sets)) > most_settings:
        rng.choice([values for values in sets if len(values) > 1]).pop()
    points: tuple[Number, ...] = (-1, 0, 1, 2, *(BROKEN if rational else ()))
    labels: tuple[Number, ...] = (-5, -1, 0, 1, 2, 7, *(BROKEN[:2] if rational else ()))
    data = random_data(rng, len(network.inputs), len(network.outputs), points, labels, most_samples)
    functions = _activations(rng, network, weights, biases, data["x"], activations, rational)
    document = _document(Problem.D_NNT, body, data)
    _write_sets(rng, document, network, weights, biases, functions)
    if rng.random() < 0.5:
        plant(rng, instance_from({**document, "loss": "mismatch"}), data)
    return document


def _activations(
    rng: random.Random,
    network: Network,
    weights: Mapping[tuple[str, str], Sequence[Number]],
    biases: Mapping[str, Sequence[Number]],
    x: Sequence[Sequence[object]],
    names: Sequence[str],
    rational: bool,
) -> dict[str, str | Body]:
    """An activation per neuron, chosen such that values stay small and tables can be total.

    Follows the sets of values that neurons can take, correlations ignored.
    """
    values: dict[str, set[Number]] = {u: {to_number(row[j]) for row in x} for j, u in enumerate(network.inputs)}
    chosen: dict[str, str | Body] = {}
    for v in network.neurons:
        sums: set[Number] | None = set(biases[v]) if x else set()
        for u in network.predecessors[v]:
            if sums is not None:
                sums = {s + w * f for s in sums for w in weights[u, v] for f in values[u]}
                sums = sums if len(sums) <= 1000 else None
        listed = sums if sums is not None and len(sums) <= MOST_VALUES else None
        usable = [name for name in names if name != "table" or listed is not None]
        if sums is None:
            usable = [name for name in names if name in BOUNDED]
        for _ in range(10):
            if not usable:
                break
            chosen[v] = random_activation(rng, rng.choice(usable), rational, listed)
            activation = activation_from(chosen[v], "")
            values[v] = set()
            for t in sums if sums is not None else (-LARGEST, LARGEST, 0):
                try:
                    values[v].add(activate(activation, t))
                except CertificateError:
                    continue
            if all(max(abs(f.numerator), f.denominator) <= SIZE for f in values[v]):
                break
        else:
            usable = []
        if not usable:
            chosen[v] = {"type": "clip", "low": 0, "high": 0} if sums is None else {"type": "clip", "low": 0, "high": 1}
            values[v] = {activate(activation_from(chosen[v], ""), t) for t in sums or (0,)}
    return chosen


def _write_sets(
    rng: random.Random,
    document: Body,
    network: Network,
    weights: Mapping[tuple[str, str], Sequence[Number]],
    biases: Mapping[str, Sequence[Number]],
    functions: Mapping[str, str | Body],
) -> None:
    """Sets and activations: all explicit, or the first of each kind as a default."""
    own_weights = {edge: [to_json_number(w) for w in values] for edge, values in weights.items()}
    own = {v: {"bias": [to_json_number(b) for b in biases[v]], "activation": functions[v]} for v in network.neurons}
    defaults: Body = {}
    if own_weights and rng.random() < 0.5:
        defaults["weights"] = next(iter(own_weights.values()))
        own_weights = {edge: values for edge, values in own_weights.items() if values != defaults["weights"]}
    for key in ("bias", "activation"):
        if rng.random() < 0.5:
            defaults[key] = next(iter(own.values()))[key]
            for fields in own.values():
                if fields[key] == defaults[key]:
                    del fields[key]
    if defaults or rng.random() < 0.2:
        document["defaults"] = defaults
    body = document["network"]
    edges = body.get("edges") or [{"from": u, "to": v} for u, v in own_weights]
    for edge in edges:
        values = own_weights.get((edge["from"], edge["to"]))
        if values is not None:
            edge["weights"] = values
    if edges:
        body["edges"] = edges
    neurons = {v: fields for v, fields in own.items() if fields}
    if neurons or rng.random() < 0.2:
        body["neurons"] = neurons


def plant(rng: random.Random, instance: Instance, data: Body) -> None:
    """Replace most labels by the outputs of some parameters, so that small losses are reachable.

    Parameters
    ----------
    instance
        With the same samples.
    data
        The ``data`` object whose labels change.
    """
    parameters = random_parameters(rng, instance)
    for i, x in enumerate(instance.dataset.x):
        try:
            outputs = outputs_at(instance, parameters, x)
        except CertificateError:
            continue
        for j, output in enumerate(outputs):
            if data["y"][i][j] is not None and rng.random() < 0.8:
                data["y"][i][j] = to_json_number(output)


# --- loss and bound ------------------------------------------------------------------------------


def _loss(rng: random.Random, instance: Instance, names: Sequence[str], rational: bool) -> str | Body:
    outputs = len(instance.network.outputs)
    usable = [name for name in names if name != "table" or outputs == 1]
    name = rng.choice(usable or ["mismatch"])
    labels = sorted({label for row in instance.dataset.y for label in row if label is not None})
    reached = _outputs(instance) if name in ("table", "accept") else []
    return random_loss(rng, name, rational, outputs, labels, reached)


def _outputs(instance: Instance) -> list[Number]:
    """Every value that an output takes at a sample under some parameters."""
    points = set(instance.dataset.x)
    found: set[Number] = set()
    for parameters in all_parameters(instance):
        for x in points:
            try:
                found.update(outputs_at(instance, parameters, x))
            except CertificateError:
                continue
    return sorted(found)


def _bound(rng: random.Random, instance: Instance) -> Number | None:
    """Absent, 0, what some parameters reach or nearly reach, or more than any loss."""
    kind = rng.choice(["absent", "zero", "middle", "middle", "large"])
    if kind == "absent":
        return None
    if kind == "large":
        return 10**6
    if kind == "middle":
        try:
            loss = min(evaluate(instance, random_parameters(rng, instance)) for _ in range(4))
        except CertificateError:
            return 1
        return max(0, loss - rng.choice([0, 0, 1]))
    return 0
