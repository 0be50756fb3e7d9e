"""Random views of instances, and what the judge says of their neurons: an oracle for parts of the state programs."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from qnnt.algorithms.states.integer_view import IntegerView, Neuron, integer_view
from qnnt.algorithms.states.vectors import Matrix
from qnnt.documents.construction import d_nnt
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.evaluation import activate
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS, random_activation, random_number
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Parameters, Problem
from qnnt.simplification.pipeline import simplify

Pattern = tuple[int, ...]


def random_view(rng: random.Random, activations: Sequence[str] = ACTIVATIONS, most_settings: int = 3000) -> IntegerView:
    """Of a random instance, simplified; some samples are left."""
    problem = Problem.D_NNT if len(activations) < len(ACTIVATIONS) else None
    while True:
        instance = random_instance(
            rng, problem=problem, losses=["mismatch"], activations=activations, most_settings=most_settings
        )
        simplified = simplify(instance).instance
        if not len(simplified.dataset):
            continue
        try:
            return integer_view(simplified)
        except UnsupportedError:  # now and then a polynomial of polynomials
            continue


def star_view(rng: random.Random, activation: str) -> IntegerView:
    """One output that reads up to four neurons and one input; a third of all sets are without 0."""
    hidden = [f"h{i}" for i in range(rng.randint(1, 4))]
    rational = rng.random() < 0.3
    edges = [{"from": "x", "to": v, "weights": _value_set(rng, rational)} for v in hidden]
    edges += [{"from": v, "to": "o", "weights": _value_set(rng, rational)} for v in ["z", *hidden]]
    neurons = {v: {"bias": _value_set(rng, rational), "activation": _bounded(rng)} for v in hidden}
    points = list(range(-9, 10))
    neurons["o"] = {
        "bias": _value_set(rng, rational),
        "activation": random_activation(rng, activation, rational, points),
    }
    network = {"inputs": ["x", "z"], "outputs": ["o"], "edges": edges, "neurons": neurons}
    x = [[rng.choice([-1, 0, 1, 2]), rng.choice([-1, 0, 1])] for _ in range(rng.randint(1, 4))]
    return integer_view(d_nnt(network, x, [[0] for _ in x]))


def _value_set(rng: random.Random, rational: bool) -> list[object]:
    values = {random_number(rng, rational) for _ in range(rng.randint(1, 3))}
    if rng.random() < 1 / 3:
        values = {value for value in values if value} or {2}
    return [str(value) for value in values]


def _bounded(rng: random.Random) -> object:
    name = rng.choice(["relu_d", "threshold", "sign", "clip", "step", "constant"])
    return random_activation(rng, name, False, None)


# --- the judge's view ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Forward:
    """Pre-activations and values, per neuron and distinct input."""

    sums: list[list[Number]]
    values: list[list[Number]]


def forward(view: IntegerView, parameters: Parameters) -> Forward | None:
    """A forward pass over the distinct inputs; None where an activation is undefined."""
    network = view.instance.network
    sums: dict[str, list[Number]] = {}
    values: dict[str, list[Number]] = {u: [x[j] for x in view.inputs] for j, u in enumerate(network.inputs)}
    for v in network.neurons:
        sums[v] = [
            parameters.biases[v] + sum(parameters.weights[u, v] * values[u][i] for u in network.predecessors[v])
            for i in range(len(view.inputs))
        ]
        try:
            values[v] = [activate(view.instance.activations[v], t) for t in sums[v]]
        except CertificateError:
            return None
    return Forward([sums[v] for v in network.neurons], [values[v] for v in network.neurons])


def patterns_under(view: IntegerView, parameters: Parameters) -> list[Pattern] | None:
    """Every neuron's pattern in whole units; None where an activation is undefined."""
    made = forward(view, parameters)
    if made is None:
        return None
    return [numerators(row, neuron.runs.denominator) for row, neuron in zip(made.values, view.neurons, strict=True)]


def numerators(row: Sequence[Number], denominator: int) -> Pattern:
    scaled = [value * denominator for value in row]
    assert all(value.denominator == 1 for value in scaled)
    return tuple(int(value) for value in scaled)


def arrays(view: IntegerView, patterns: Sequence[Pattern]) -> list[Matrix]:
    return [np.array(pattern, view.kind) for pattern in patterns]


def tuples(rows: Matrix) -> list[Pattern]:
    return [tuple(row) for row in rows.tolist()]


def patterns_by_a_loop(view: IntegerView, v: int, sources: Sequence[Pattern]) -> set[Pattern]:
    """What neuron v makes of given patterns of the neurons that it reads, over all its weights."""
    instance, neuron = view.instance, view.neurons[v]
    read = {view.neurons[e.source].name: (e.source, pattern) for e, pattern in zip(neuron.edges, sources, strict=True)}
    columns: list[list[Number]] = []
    for u in instance.network.predecessors[neuron.name]:
        if u in read:
            source, pattern = read[u]
            columns.append([Fraction(value, view.neurons[source].runs.denominator) for value in pattern])
        else:
            columns.append([x[instance.network.inputs.index(u)] for x in view.inputs])
    sets = [instance.weights[u, neuron.name] for u in instance.network.predecessors[neuron.name]]
    found: set[Pattern] = set()
    for bias, *weights in itertools.product(instance.biases[neuron.name], *sets):
        sums = [
            bias + sum(w * column[i] for w, column in zip(weights, columns, strict=True))
            for i in range(len(view.inputs))
        ]
        try:
            values = [activate(instance.activations[neuron.name], t) for t in sums]
        except CertificateError:
            continue
        found.add(numerators(values, neuron.runs.denominator))
    return found


def random_pattern(rng: random.Random, neuron: Neuron) -> Pattern:
    """A value that is possible there, at each input on its own; 0 where none is."""
    found = []
    for low, high in zip(neuron.least.tolist(), neuron.greatest.tolist(), strict=True):
        first, last = neuron.runs.run_of(np.array([low, high])).tolist()
        values = neuron.runs.values[first : last + 1][neuron.runs.defined[first : last + 1]]
        found.append(int(rng.choice(values)) if len(values) else 0)
    return tuple(found)
