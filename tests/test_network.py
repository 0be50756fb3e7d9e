"""Networks: names, orders, levels, paths and what is refused."""

from __future__ import annotations

import itertools
import random

import pytest

from qnnt.errors import InputError
from qnnt.fuzzing.tiny import random_instance
from qnnt.network import Edge, Network, edge_key


def test_layers() -> None:
    network = Network.layered([2, 3, 1])
    assert network.inputs == ("x1", "x2")
    assert network.neurons == ("h1_1", "h1_2", "h1_3", "o1")
    assert network.outputs == ("o1",)
    assert network.hidden == ("h1_1", "h1_2", "h1_3")
    assert network.edges[:3] == (("x1", "h1_1"), ("x2", "h1_1"), ("x1", "h1_2"))
    assert len(network.edges) == 2 * 3 + 3
    assert (network.depth, network.width) == (2, 3)
    assert network.layers == (2, 3, 1)


def test_layers_without_hidden_ones() -> None:
    network = Network.layered([1, 2])
    assert network.edges == (("x1", "o1"), ("x1", "o2"))
    assert network.hidden == ()


def test_layers_have_the_edges_of_the_same_graph() -> None:
    layered = Network.layered([2, 2, 2, 1])
    graph = Network.from_edges(layered.inputs, layered.outputs, layered.edges)
    assert (graph.neurons, graph.edges, graph.layers) == (layered.neurons, layered.edges, None)


def test_skip_connections_and_outputs_with_out_edges() -> None:
    edges = [("a", "o1"), ("o1", "h"), ("h", "o2"), ("b", "o2"), ("o1", "o2")]
    network = Network.from_edges(["a", "b", "c"], ["o2", "o1", "o3"], edges)
    assert network.outputs == ("o2", "o1", "o3")
    assert network.neurons == ("o3", "o1", "h", "o2")  # by level; those that read nothing first
    assert network.level == {"a": 0, "b": 0, "c": 0, "o3": 1, "o1": 1, "h": 2, "o2": 3}
    assert network.predecessors == {"o3": (), "o1": ("a",), "h": ("o1",), "o2": ("b", "o1", "h")}
    assert network.successors["c"] == ()
    assert network.successors["o1"] == ("h", "o2")
    assert network.on_a_path == {"a", "b", "o1", "o2", "h"}
    assert (network.depth, network.width) == (3, 2)


def test_an_output_that_reads_nothing() -> None:
    network = Network.from_edges(["x"], ["o"], [])
    assert network.edges == ()
    assert (network.depth, network.width) == (1, 1)


@pytest.mark.parametrize("seed", range(100))
def test_order(seed: int) -> None:
    """Edges lead forward, and the order survives being written edge by edge."""
    rng = random.Random(seed)
    network = random_instance(rng, layered=False).network
    place = {name: i for i, name in enumerate((*network.inputs, *network.neurons))}
    assert all(place[u] < place[v] for u, v in network.edges)
    assert [v for _, v in network.edges] == sorted((v for _, v in network.edges), key=place.__getitem__)
    for v, before in network.predecessors.items():
        assert list(before) == sorted(before, key=place.__getitem__)
        assert all(network.level[u] < network.level[v] for u in before)
    assert Network.from_edges(network.inputs, network.outputs, network.edges) == network
    shuffled = rng.sample(network.edges, len(network.edges))
    again = Network.from_edges(network.inputs, network.outputs, shuffled)
    assert (set(again.edges), set(again.neurons)) == (set(network.edges), set(network.neurons))


def test_a_long_chain_is_no_deep_recursion() -> None:
    n = 5000
    names = ["x", *(f"h{i}" for i in range(n)), "o"]
    network = Network.from_edges(["x"], ["o"], itertools.pairwise(names))
    assert network.depth == n + 1


def test_a_cycle_is_shown_in_the_direction_of_its_edges() -> None:
    edges = [("x", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "o")]
    with pytest.raises(InputError) as caught:
        Network.from_edges(["x"], ["o"], edges)
    circle = str(caught.value).rpartition(": ")[2].strip("'").split(" -> ")
    assert circle[0] == circle[-1]
    assert all(edge in edges for edge in itertools.pairwise(circle))


def test_a_long_cycle_is_cut_short() -> None:
    names = [f"h{i}" for i in range(2000)]
    edges = [("x", "h0"), ("h0", "o"), *zip(names, [*names[1:], "h0"], strict=True)]
    with pytest.raises(InputError, match="cycle") as caught:
        Network.from_edges(["x"], ["o"], edges)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("inputs", "outputs", "edges", "expected"),
    [
        ([], ["o"], [], "network.inputs: expected at least one name"),
        (["x"], [], [], "network.outputs: expected at least one name"),
        (["x", "x"], ["o"], [], "network.inputs[1]: duplicate name 'x' (also at index 0)"),
        (["x"], ["x"], [], "network.outputs[0]: 'x' is an input; outputs are neurons"),
        (["x"], ["o"], [("o", "x")], "network.edges[0].to: 'x' is an input; nothing may lead into it"),
        (["x"], ["o"], [("o", "o")], "network.edges[0]: the edge from 'o' to itself is a cycle"),
        (["x"], ["o"], [("x", "o"), ("x", "o")], "network.edges[1]: parallel edge x->o (also edges[0])"),
        (["x"], ["o"], [("x", "h")], "network.edges: neuron 'h' has no outgoing edges and is not listed in outputs"),
        (["x"], ["o"], [("h", "o")], "network.edges: neuron 'h' has no incoming edges and is not listed in inputs"),
        (
            ["x"],
            ["o", "p"],
            [("o", "g"), ("g", "h"), ("h", "p")],
            "network.edges: hidden neuron 'g' is on no path from an input to an output",
        ),
        (["x"], ["o"], [("x", "")], "network.edges[0].to: '' is no name: it must be printable text without '->'"),
    ],
)
def test_refused(inputs: list[str], outputs: list[str], edges: list[Edge], expected: str) -> None:
    with pytest.raises(InputError) as caught:
        Network.from_edges(inputs, outputs, edges)
    assert str(caught.value) == f"$.{expected}"


@pytest.mark.parametrize("sizes", [[], [2], [0, 1], [1, -1], [10**7, 2], [2, 10**30, 1]])
def test_refused_layers(sizes: list[int]) -> None:
    with pytest.raises(InputError, match=r"network\.layers"):
        Network.layered(sizes)


def test_edge_key() -> None:
    assert edge_key(("x1", "h1_1")) == "x1->h1_1"
