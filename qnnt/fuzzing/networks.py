"""Random small networks and data, as parts of documents."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from qnnt.exact import Number, to_json_number
from qnnt.network import Network

Body = dict[str, Any]
"""An object of a document."""

ODD_NAMES = ("a b", "é", "x-", ">y", "0", "x1 x2", "+w", "weight[1]", "{", "~x1")
"""Legal names that are a trap for formats that separate by spaces or arrows."""


def random_network(rng: random.Random, layered: bool | None) -> Body:
    """The ``network`` object of a tiny network: fully connected layers, or any DAG.

    Parameters
    ----------
    layered
        Whether it is given as layers; None draws.
    """
    if layered is None:
        layered = rng.random() < 0.4
    if layered:
        sizes = [rng.randint(1, 3), rng.choice([1, 1, 2])]
        sizes[1:1] = rng.choice([[], [1], [2], [2], [3], [1, 1], [1, 2], [2, 1]])
        return {"layers": sizes}
    inputs = rng.randint(1, 3)
    outputs = rng.choice([1, 1, 2])
    hidden = rng.choice([0, 1, 1, 2, 2, 3])
    return random_graph(rng, inputs, outputs, hidden)


def random_graph(
    rng: random.Random, inputs: int, outputs: int, hidden: int, odd_names: Sequence[str] = ODD_NAMES
) -> Body:
    """The ``network`` object of any DAG: skip connections, outputs with out-edges or without in-edges, unread inputs.

    Parameters
    ----------
    inputs, outputs, hidden
        How many there are of each.
    odd_names
        Take the place of plain names now and then, as far as they go.
    """
    sources = [f"x{i + 1}" for i in range(inputs)]
    sinks = [f"o{i + 1}" for i in range(outputs)]
    inner = [f"h{i + 1}" for i in range(hidden)]
    last = rng.choice(sinks)  # so that every hidden neuron has an output behind it
    order = [v for v in (*inner, *sinks) if v != last]
    rng.shuffle(order)
    order.append(last)
    density = rng.choice([0.3, 0.5, 0.8])
    edges = {(u, v) for k, v in enumerate(order) for u in (*sources, *order[:k]) if rng.random() < density}
    reached = set(sources)
    for v in order:
        if v in inner and not any((u, v) in edges for u in reached):
            edges.add((rng.choice(sources), v))
        if any((u, v) in edges for u in reached):
            reached.add(v)
    useful = set(sinks)
    for k, v in reversed(list(enumerate(order))):
        if v in inner and not any((v, w) in edges for w in useful):
            edges.add((v, rng.choice([w for w in order[k + 1 :] if w in sinks])))
        if any((v, w) in edges for w in useful):
            useful.add(v)
    names = {name: name for name in (*sources, *order)}
    if rng.random() < 0.15:
        names |= dict(zip(names, rng.sample(odd_names, min(len(names), len(odd_names))), strict=False))
    ends = [{"from": names[u], "to": names[v]} for u, v in sorted(edges)]
    rng.shuffle(ends)
    return {"inputs": [names[u] for u in sources], "outputs": [names[v] for v in sinks], "edges": ends}


def network_of(body: Mapping[str, Any]) -> Network:
    """The network that a ``network`` object describes, its sets and activations passed over."""
    if "layers" in body:
        return Network.layered(body["layers"])
    edges = [(edge["from"], edge["to"]) for edge in body["edges"]]
    return Network.from_edges(body["inputs"], body["outputs"], edges)


def random_data(
    rng: random.Random, columns: int, outputs: int, xs: Sequence[Number], ys: Sequence[Number], most: int
) -> Body:
    """The ``data`` object of a few samples; with zero rows, equal rows, masked labels and weights now and then.

    Parameters
    ----------
    columns, outputs
        The lengths of input and label vectors.
    xs, ys
        What inputs and labels are drawn from.
    most
        Samples.
    """
    n = 0 if rng.random() < 0.05 else rng.randint(1, max(most, 1))
    n = min(n, most)
    x = [[to_json_number(rng.choice(xs)) for _ in range(columns)] for _ in range(n)]
    y = [[to_json_number(rng.choice(ys)) for _ in range(outputs)] for _ in range(n)]
    if n and rng.random() < 0.2:
        x[rng.randrange(n)] = [0] * columns
    if n > 1 and rng.random() < 0.3:  # the same input again, most likely with other labels
        first, second = rng.sample(range(n), 2)
        x[second] = list(x[first])
    data: Body = {"x": x, "y": y}
    if rng.random() < 0.3:
        data["y"] = [[None if rng.random() < 0.3 else label for label in row] for row in y]
    if rng.random() < 0.3:
        data["weight"] = [rng.choice([1, 1, 2, 3, 7]) for _ in range(n)]
    return data
