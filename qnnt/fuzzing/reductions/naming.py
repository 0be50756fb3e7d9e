"""Plain names for a network: layers where it has them, else x1.., h1.., o1.."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qnnt.network import Network


@dataclass(frozen=True)
class Renamed:
    """A network under other names; `names` leads from the old ones to the new ones."""

    network: Network
    names: Mapping[str, str]


def plainly_named(network: Network) -> Renamed:
    """The same network as layers where it is fully connected layers, else as x1.., h1.., o1.."""
    return in_layers(network) or _numbered(network)


def in_layers(network: Network) -> Renamed | None:
    """The same network given as layers, or None if it is not fully connected layers."""
    levels: list[list[str]] = [list(network.inputs), *([] for _ in range(network.depth))]
    for v in network.neurons:
        levels[network.level[v]].append(v)
    if set(levels[-1]) != set(network.outputs):
        return None
    levels[-1] = list(network.outputs)
    for level, below in zip(levels[1:], levels[:-1], strict=True):
        if any(sorted(network.predecessors[v]) != sorted(below) for v in level):
            return None
    layered = Network.layered([len(level) for level in levels])
    old = [name for level in levels for name in level]
    return Renamed(layered, dict(zip(old, (*layered.inputs, *layered.neurons), strict=True)))


def _numbered(network: Network) -> Renamed:
    names: dict[str, str] = {}
    for letter, olds in (("x", network.inputs), ("h", network.hidden), ("o", network.outputs)):
        names |= {old: f"{letter}{i}" for i, old in enumerate(olds, 1)}
    edges = [(names[u], names[v]) for u, v in network.edges]
    renamed = Network.from_edges([names[u] for u in network.inputs], [names[o] for o in network.outputs], edges)
    return Renamed(renamed, names)
