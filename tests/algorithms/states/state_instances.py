"""Random tiny instances on which the dynamic programs over states are held against brute force."""

from __future__ import annotations

import random

import qnnt
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Instance, z_d


def any_instance(rng: random.Random) -> Instance:
    """A random network with random sets, activations and labels, half of them d-QNNT with d up to 5."""
    return random_instance(rng, losses=["mismatch"], most_samples=rng.choice([3, 5, 8]))


def layered(rng: random.Random) -> Instance:
    """Narrow d-QNNT layers, up to four hidden ones."""
    d, sizes = rng.choice(
        [
            (2, [1, 2, 2, 1]),
            (2, [1, 1, 1, 1, 1, 1]),
            (2, [2, 2, 1, 1]),
            (2, [1, 3, 2]),
            (2, [2, 3, 1]),
            (2, [1, 2, 1, 2]),
            (3, [1, 1, 1, 1]),
            (3, [1, 2, 1]),
            (3, [2, 2]),
            (4, [1, 1, 1]),
            (4, [2, 1, 1]),
        ]
    )
    return _labelled(rng, d, sizes, sizes[0], sizes[-1])


def spider(rng: random.Random) -> Instance:
    """A tree with three legs of two neurons: small enough to enumerate."""
    return _tree(rng, 2, 7, extra=0.0)


def branching(rng: random.Random) -> Instance:
    """The same with up to nine neurons, perhaps a circle among them, d up to 3."""
    return _tree(rng, rng.choice([2, 2, 3]), rng.choice([7, 8, 9]), extra=0.3)


def _tree(rng: random.Random, d: int, size: int, extra: float) -> Instance:
    """Edges directed at random: tree decompositions branch, and patterns must be guessed."""
    tree = [(0, 1), (1, 2), (0, 3), (3, 4), (0, 5), (5, 6)] + [(rng.randrange(v), v) for v in range(7, size)]
    if rng.random() < extra:
        tree.append((2, 4))
    place = rng.sample(range(size), size)
    edges = [(f"h{min(place[a], place[b])}", f"h{max(place[a], place[b])}") for a, b in tree]
    heads, tails = {b for _, b in edges}, {a for a, _ in edges}
    names = [f"h{v}" for v in range(size)]
    outputs = [v for v in names if v not in tails or rng.random() < 0.1]
    inputs = ["x1", "x2"][: rng.choice([1, 2])]
    edges += [(rng.choice(inputs), v) for v in names if v not in heads or rng.random() < extra]
    network = {"inputs": inputs, "outputs": outputs, "edges": [{"from": u, "to": v} for u, v in edges]}
    return _labelled(rng, d, network, len(inputs), len(outputs))


def _labelled(rng: random.Random, d: int, network: object, inputs: int, outputs: int) -> Instance:
    """With few samples, some of them alike, some labels masked, some weighted."""
    count = rng.choice([1, 2, 3, 4, 6])
    x = [[rng.choice(z_d(d)) for _ in range(inputs)] for _ in range(count)]
    labels = [None, *range(d // 2 + 1), *range(d // 2 + 1)]
    y = [[rng.choice(labels) for _ in range(outputs)] for _ in range(count)]
    weight = [rng.choice([1, 1, 1, 2, 5]) for _ in range(count)]
    return qnnt.d_qnnt(d, network, x, y, weight=weight)  # type: ignore[arg-type]


FAMILIES = (any_instance, any_instance, layered, any_instance, layered, any_instance, layered, spider)


def tiny_instance(seed: int) -> Instance:
    """One of all families."""
    rng = random.Random(f"states {seed}")
    return FAMILIES[seed % len(FAMILIES)](rng)
