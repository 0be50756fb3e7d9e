"""Deep narrow networks on the 3 x 3 grid with checkerboard labels, d = 3: where sweeps beat search."""

from __future__ import annotations

import qnnt

GRID = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
CHECKERBOARD = [[(a + b) % 2] for a, b in GRID]


def layers(depth: int, width: int = 2, samples: int = 9) -> qnnt.Instance:
    """Fully connected hidden layers of equal width, one output; with fewer samples every second point goes first."""
    kept = sorted(range(len(GRID)), key=lambda i: (i % 2, i))[:samples]
    return qnnt.d_qnnt(
        3,
        [2, *[width] * depth, 1],
        [GRID[i] for i in kept],
        [CHECKERBOARD[i] for i in kept],
        name=f"layers of {width}, depth {depth}, {samples} samples",
    )


def ladder(length: int, skip: int) -> qnnt.Instance:
    """A line of neurons: the first reads the inputs, each other one, and the output, the `skip` neurons before it."""
    names = [f"h{i}" for i in range(length)]
    edges = [("x1", "h0"), ("x2", "h0")]
    edges += [(names[j], v) for i, v in enumerate(names) for j in range(max(0, i - skip), i)]
    edges += [(v, "o") for v in names[-skip:]]
    network = {"inputs": ["x1", "x2"], "outputs": ["o"], "edges": [{"from": u, "to": v} for u, v in edges]}
    return qnnt.d_qnnt(3, network, GRID, CHECKERBOARD, name=f"ladder of {length}, skip {skip}")
