"""The network: a directed acyclic graph of named neurons between inputs and outputs."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from qnnt.errors import InputError
from qnnt.exact import shown

Edge = tuple[str, str]

MOST_EDGES = 10_000_000


@dataclass(frozen=True)
class Network:
    """A DAG whose parts are listed in a fixed order.

    Build it with `Network.layered` or `Network.from_edges`, which validate.

    Attributes
    ----------
    inputs, outputs
        Names, in the order of the columns of x and of y. Outputs are neurons; they may have out-edges.
    neurons
        Every neuron that is not an input, in topological order: by level, then as first led into.
    edges
        (from, to) pairs, grouped by target in the order of `neurons`; within a group inputs come
        first, then neurons in topological order.
    layers
        Sizes, input first, if the network was given as fully connected layers.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    neurons: tuple[str, ...]
    edges: tuple[Edge, ...]
    layers: tuple[int, ...] | None = None

    @classmethod
    def layered(cls, sizes: Sequence[int]) -> Network:
        """Fully connected layers: inputs x1.., hidden h1_1.. (layer, index), outputs o1.."""
        if len(sizes) < 2:
            raise InputError("expected at least two layer sizes: inputs and outputs", "network.layers")
        for i, size in enumerate(sizes):
            if size < 1:
                raise InputError(f"expected a size of at least 1, got {size}", f"network.layers[{i}]")
        if sum(a * b for a, b in itertools.pairwise(sizes)) > MOST_EDGES:
            raise InputError(f"more than {MOST_EDGES} edges", "network.layers")
        names = [[f"x{i + 1}" for i in range(sizes[0])]]
        names += [[f"h{k}_{i + 1}" for i in range(n)] for k, n in enumerate(sizes[1:-1], 1)]
        names += [[f"o{i + 1}" for i in range(sizes[-1])]]
        edges = tuple((u, v) for k in range(1, len(names)) for v in names[k] for u in names[k - 1])
        neurons = tuple(v for layer in names[1:] for v in layer)
        return cls(tuple(names[0]), tuple(names[-1]), neurons, edges, tuple(sizes))

    @classmethod
    def from_edges(cls, inputs: Sequence[str], outputs: Sequence[str], edges: Iterable[Edge]) -> Network:
        """Any DAG; the neurons are the outputs and all edge ends that are no inputs.

        Raises
        ------
        InputError
            For bad or duplicate names, parallel edges, edges into inputs, cycles, and hidden neurons
            that lie on no path from an input to an output.
        """
        _check_names(inputs, "network.inputs")
        _check_names(outputs, "network.outputs")
        known = set(inputs)
        for i, name in enumerate(outputs):
            if name in known:
                raise InputError(f"{name!r} is an input; outputs are neurons", f"network.outputs[{i}]")
        predecessors: dict[str, list[str]] = {name: [] for name in outputs}
        edges = list(edges)
        for i, (u, v) in enumerate(edges):
            for end, name in (("from", u), ("to", v)):
                _check_name(name, f"network.edges[{i}].{end}")
            if v in known:
                raise InputError(f"{v!r} is an input; nothing may lead into it", f"network.edges[{i}].to")
            if u == v:
                raise InputError(f"the edge from {u!r} to itself is a cycle", f"network.edges[{i}]")
            predecessors.setdefault(v, []).append(u)
            if u not in known:
                predecessors.setdefault(u, [])
        _check_parallel(edges)
        try:
            order = [v for v in TopologicalSorter(predecessors).static_order() if v not in known]
        except CycleError as error:
            circle = shown(" -> ".join(error.args[1]))
            raise InputError(f"the network has a cycle: {circle}", "network.edges") from None
        order = _by_level(order, predecessors, edges)
        rank = {name: i for i, name in enumerate([*inputs, *order])}
        ordered = tuple((u, v) for v in order for u in sorted(predecessors[v], key=rank.__getitem__))
        network = cls(tuple(inputs), tuple(outputs), tuple(order), ordered)
        network._check_paths()
        return network

    def _check_paths(self) -> None:
        useful = self.on_a_path
        for v in self.neurons:
            if v not in useful and v not in self.outputs:
                if not self.predecessors[v]:
                    raise InputError(f"neuron {v!r} has no incoming edges and is not listed in inputs", "network.edges")
                if not self.successors[v]:
                    raise InputError(
                        f"neuron {v!r} has no outgoing edges and is not listed in outputs", "network.edges"
                    )
                raise InputError(f"hidden neuron {v!r} is on no path from an input to an output", "network.edges")

    @cached_property
    def on_a_path(self) -> frozenset[str]:
        """Inputs and neurons that lie on a path from an input to an output."""
        forward = set(self.inputs)
        for u, v in self.edges:
            if u in forward:
                forward.add(v)
        backward = set(self.outputs)
        for u, v in reversed(self.edges):
            if v in backward:
                backward.add(u)
        return frozenset(forward & backward)

    @cached_property
    def predecessors(self) -> Mapping[str, tuple[str, ...]]:
        """For each neuron, what it reads, in the order of `edges`."""
        found: dict[str, list[str]] = {v: [] for v in self.neurons}
        for u, v in self.edges:
            found[v].append(u)
        return {v: tuple(us) for v, us in found.items()}

    @cached_property
    def successors(self) -> Mapping[str, tuple[str, ...]]:
        """For each input and neuron, who reads it."""
        found: dict[str, list[str]] = {u: [] for u in (*self.inputs, *self.neurons)}
        for u, v in self.edges:
            found[u].append(v)
        return {u: tuple(vs) for u, vs in found.items()}

    @property
    def hidden(self) -> tuple[str, ...]:
        """The neurons that are not outputs, in topological order."""
        outputs = set(self.outputs)
        return tuple(v for v in self.neurons if v not in outputs)

    @cached_property
    def level(self) -> Mapping[str, int]:
        """Edges on a longest path from an input: inputs are at 0, neurons that read nothing at 1."""
        found = dict.fromkeys(self.inputs, 0)
        for v in self.neurons:
            found[v] = 1 + max((found[u] for u in self.predecessors[v]), default=0)
        return found

    @property
    def depth(self) -> int:
        """The number of levels above the inputs."""
        return max(self.level[v] for v in self.outputs)

    @property
    def width(self) -> int:
        """The largest number of neurons at one level, inputs not counted."""
        return max(Counter(self.level[v] for v in self.neurons).values())


def _by_level(order: Sequence[str], predecessors: Mapping[str, Sequence[str]], edges: Iterable[Edge]) -> list[str]:
    """A topological order that survives being written to a file edge by edge and read again."""
    level: dict[str, int] = {}
    for v in order:
        level[v] = 1 + max((level.get(u, 0) for u in predecessors[v]), default=0)
    sources = [v for v in predecessors if not predecessors[v]]
    place = {v: i for i, v in enumerate(dict.fromkeys([*sources, *(v for _, v in edges)]))}
    return sorted(order, key=lambda v: (level[v], place[v]))


def edge_key(edge: Edge) -> str:
    """The name of an edge in result files: ``x1->h1_1``."""
    return f"{edge[0]}->{edge[1]}"


def _check_name(name: object, path: str) -> None:
    if not isinstance(name, str):
        raise InputError("expected a name (a string)", path)
    if not name or "->" in name or not name.isprintable() or name != name.strip():
        raise InputError(f"{shown(name)} is no name: it must be printable text without '->'", path)


def _check_names(names: Sequence[str], path: str) -> None:
    if not names:
        raise InputError("expected at least one name", path)
    seen: dict[str, int] = {}
    for i, name in enumerate(names):
        _check_name(name, f"{path}[{i}]")
        if name in seen:
            raise InputError(f"duplicate name {name!r} (also at index {seen[name]})", f"{path}[{i}]")
        seen[name] = i


def _check_parallel(edges: Sequence[Edge]) -> None:
    seen: dict[Edge, int] = {}
    for i, edge in enumerate(edges):
        if edge in seen:
            raise InputError(f"parallel edge {edge_key(edge)} (also edges[{seen[edge]}])", f"network.edges[{i}]")
        seen[edge] = i
