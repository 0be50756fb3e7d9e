"""Tree decompositions, plain and nice: the definition, checked once more with networkx, and a program over them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import networkx as nx
import pytest

from qnnt.algorithms.graphs.decomposition import TreeDecomposition, decompose, flaw, rerooted
from qnnt.algorithms.graphs.elimination import Graph, min_fill, width_of
from qnnt.algorithms.graphs.nice_decomposition import Kind, NiceNode, nice, nice_flaw


def graph_of(graph: nx.Graph) -> Graph:
    numbered = nx.convert_node_labels_to_integers(graph, ordering="sorted")
    return [frozenset(numbered[v]) for v in range(len(numbered))]


def random_graph(rng: random.Random, most: int) -> Graph:
    density = rng.choice([0.02, 0.1, 0.3, 0.5, 0.8])
    return graph_of(nx.gnp_random_graph(rng.randint(0, most), density, seed=rng.randrange(2**32)))


def random_order(rng: random.Random, graph: Graph) -> list[int]:
    if rng.random() < 0.5:
        return rng.sample(range(len(graph)), len(graph))
    return min_fill(graph, rng.randrange(100))


def bags_of(*bags: set[int]) -> tuple[frozenset[int], ...]:
    return tuple(map(frozenset, bags))


def tree_of(decomposition: TreeDecomposition) -> nx.Graph:
    tree = nx.empty_graph(len(decomposition.bags))
    tree.add_edges_from((i, above) for i, above in enumerate(decomposition.parent) if above != -1)
    return tree


def is_valid(decomposition: TreeDecomposition, graph: Graph) -> bool:
    """The definition in the words of networkx; bags and parents are taken to be numbers in range."""
    tree, bags = tree_of(decomposition), decomposition.bags
    if decomposition.parent.count(-1) != 1 or not nx.is_tree(tree):
        return False
    for v, around in enumerate(graph):
        holding = tree.subgraph(i for i, bag in enumerate(bags) if v in bag)
        if not holding or not nx.is_connected(holding):
            return False
        if not all(any({u, v} <= bag for bag in bags) for u in around):
            return False
    return True


@pytest.mark.parametrize("block", range(4))
def test_random_graphs_and_orders(block: int) -> None:
    rng = random.Random(block)
    for _ in range(100):
        graph = random_graph(rng, 25)
        order = random_order(rng, graph)
        decomposition = decompose(graph, order)
        assert flaw(decomposition, graph) is None
        assert is_valid(decomposition, graph)
        assert decomposition.width == width_of(graph, order)
        assert len(decomposition.bags) <= max(1, len(graph))
        for i, above in enumerate(decomposition.parent):
            if above != -1:
                bag, other = decomposition.bags[i], decomposition.bags[above]
                assert not bag <= other
                assert not other <= bag


@pytest.mark.parametrize("block", range(4))
def test_flaw_agrees_with_networkx_on_damaged_decompositions(block: int) -> None:
    rng = random.Random(block)
    rejected = 0
    for _ in range(300):
        graph = random_graph(rng, 8)
        damaged = decompose(graph, random_order(rng, graph))
        for _ in range(rng.randint(1, 2)):
            bags, parent = list(damaged.bags), list(damaged.parent)
            i = rng.randrange(len(bags))
            if rng.random() < 0.4:
                parent[i] = rng.randrange(-1, len(bags))
            elif graph:
                bags[i] ^= {rng.randrange(len(graph))}
            damaged = TreeDecomposition(tuple(bags), tuple(parent))
        assert (flaw(damaged, graph) is None) == is_valid(damaged, graph)
        rejected += flaw(damaged, graph) is not None
    assert 100 < rejected < 300


@pytest.mark.parametrize(
    ("bags", "parent", "words"),
    [
        (bags_of({0, 1}, {1, 2}), (-1,), "2 bags but 1 parents"),
        (bags_of({0, 1}, {1, 2}), (-1, 2), "the parent 2 of bag 1 is no bag"),
        (bags_of({0, 1}, {1, 2}), (-1, -1), "2 roots instead of one"),
        (bags_of({0, 1}, {1, 2}), (1, 0), "0 roots instead of one"),
        ((), (), "0 roots instead of one"),
        (bags_of({0, 1, 2}, {1}, {2}), (-1, 2, 1), "the parents run in a circle"),
        (bags_of({0, 1}, {1, 2, 3}), (-1, 0), "bag 1 contains 3, which is no vertex"),
        (bags_of({0, 1}, {1, 2, -1}), (-1, 0), "bag 1 contains -1, which is no vertex"),
        (bags_of({0, 1}, {1}), (-1, 0), "vertex 2 is in no bag"),
        (bags_of({0, 1}, {1}, {2}), (-1, 0, 1), "no bag contains both ends of the edge 1-2"),
        (bags_of({0, 1}, {0}, {1, 2}), (-1, 0, 1), "the bags of vertex 1 are not connected"),
    ],
)
def test_each_condition_of_the_definition(
    bags: tuple[frozenset[int], ...], parent: tuple[int, ...], words: str
) -> None:
    path = graph_of(nx.path_graph(3))
    assert flaw(TreeDecomposition(bags_of({0, 1}, {1, 2}), (-1, 0)), path) is None
    assert flaw(TreeDecomposition(bags, parent), path) == words


def test_trivial_graphs() -> None:
    assert decompose([], []) == TreeDecomposition((frozenset(),), (-1,))
    assert decompose([], []).width == -1
    assert decompose([frozenset()], [0]) == TreeDecomposition(bags_of({0}), (-1,))
    alone = [frozenset[int]()] * 5
    decomposition = decompose(alone, [3, 0, 1, 4, 2])
    assert (flaw(decomposition, alone), decomposition.width, len(decomposition.bags)) == (None, 0, 5)
    assert [node.kind for node in nice(decompose([], []))] == [Kind.LEAF]
    assert [node.kind for node in nice(decompose(alone[:1], [0]))] == [Kind.LEAF, Kind.INTRODUCE, Kind.FORGET]
    assert nice_flaw(nice(decompose([], [])), []) is None
    assert nice_flaw(nice(decomposition), alone) is None


def test_rerooted() -> None:
    rng = random.Random(7)
    for _ in range(60):
        graph = random_graph(rng, 20)
        decomposition = decompose(graph, random_order(rng, graph))
        for bag in range(len(decomposition.bags)):
            moved = rerooted(decomposition, bag)
            assert moved.parent[bag] == -1
            assert moved.bags == decomposition.bags
            assert nx.utils.edges_equal(tree_of(moved).edges, tree_of(decomposition).edges)
            assert flaw(moved, graph) is None
            assert nice_flaw(nice(moved), graph) is None


def stack_depth(nodes: Sequence[NiceNode]) -> int:
    """Run the nodes on a stack, as a program over them does; how many tables it holds at most."""
    stack: list[int] = []
    deepest = 0
    for i, node in enumerate(nodes):
        start = len(stack) - len(node.children)
        assert tuple(stack[start:]) == node.children
        stack[start:] = [i]
        deepest = max(deepest, len(stack))
    assert stack == [len(nodes) - 1]
    return deepest


@pytest.mark.parametrize("block", range(4))
def test_nice_decompositions_of_random_graphs(block: int) -> None:
    rng = random.Random(block)
    for _ in range(100):
        graph = random_graph(rng, 25)
        decomposition = decompose(graph, random_order(rng, graph))
        nodes = nice(decomposition)
        assert nice_flaw(nodes, graph) is None
        assert max(len(node.bag) for node in nodes) == decomposition.width + 1
        assert len(nodes) <= len(graph) + len(decomposition.bags) * (3 * (decomposition.width + 1) + 2)
        forgotten = [node.vertex for node in nodes if node.kind is Kind.FORGET]
        assert sorted(forgotten) == list(range(len(graph)))
        stack_depth(nodes)


def independent_sets(nodes: Sequence[NiceNode], graph: Graph) -> int:
    """A program over a nice decomposition: for each independent part of the bag, in how many ways it extends."""
    tables: list[dict[frozenset[int], int]] = []
    for node in nodes:
        below = [tables[child] for child in node.children]
        table: dict[frozenset[int], int] = {}
        if node.kind is Kind.LEAF:
            table[frozenset()] = 1
        elif node.kind is Kind.INTRODUCE:
            table = {**below[0], **{s | {node.vertex}: k for s, k in below[0].items() if not s & graph[node.vertex]}}
        elif node.kind is Kind.FORGET:
            for s, k in below[0].items():
                table[s - {node.vertex}] = table.get(s - {node.vertex}, 0) + k
        else:
            table = {s: k * below[1][s] for s, k in below[0].items()}
        tables.append(table)
    return tables[-1][frozenset()]


def test_a_program_over_nice_decompositions_counts_independent_sets() -> None:
    rng = random.Random(3)
    for _ in range(100):
        graph = random_graph(rng, 9)
        edges = [(u, v) for v, around in enumerate(graph) for u in around if u < v]
        plain = sum(all(not (s >> u & s >> v & 1) for u, v in edges) for s in range(2 ** len(graph)))
        decomposition = decompose(graph, random_order(rng, graph))
        assert independent_sets(nice(decomposition), graph) == plain
        if graph:
            assert (
                independent_sets(nice(rerooted(decomposition, rng.randrange(len(decomposition.bags)))), graph) == plain
            )


def test_forget_early_introduce_late() -> None:
    """From bag to bag: what goes, then what comes; a join has only what its sides bring."""
    decomposition = TreeDecomposition(bags_of({0, 1}, {1, 2}), (1, -1))
    steps = [(node.kind, node.vertex) for node in nice(decomposition)[3:5]]
    assert steps == [(Kind.FORGET, 0), (Kind.INTRODUCE, 2)]
    star = TreeDecomposition(bags_of({0, 1, 2, 3}, {0, 4}, {1, 5}), (-1, 0, 0))
    joined = [node.bag for node in nice(star) if node.kind is Kind.JOIN]
    assert joined == [{0, 1}]


def test_chains_need_no_join() -> None:
    """Layers, stars and separate parts: leaves hang below each other."""
    layers = nx.empty_graph(60)
    layers.add_edges_from((u, v) for v in range(60) for u in range(60) if v // 3 == u // 3 + 1)
    for graph in (layers, nx.star_graph(30), nx.empty_graph(30), nx.complete_bipartite_graph(3, 20)):
        nodes = nice(decompose(graph_of(graph), min_fill(graph_of(graph))))
        assert stack_depth(nodes) == 1


def test_the_larger_side_goes_first() -> None:
    """A complete binary tree of 1,023 vertices needs as many tables as its height, not as its leaves."""
    tree = graph_of(nx.balanced_tree(2, 9))
    assert stack_depth(nice(decompose(tree, min_fill(tree)))) <= 10
    lopsided = TreeDecomposition(bags_of({0, 1}, {0, 2}, {0, 3}, {3, 4, 5}), (-1, 0, 0, 2))
    first = next(node for node in nice(lopsided) if len(node.bag) == 3)
    assert first == nice(lopsided)[3]


@pytest.mark.parametrize("graph", [nx.path_graph(5000), nx.random_labeled_tree(5000, seed=1), nx.empty_graph(5000)])
def test_deep_trees(graph: nx.Graph) -> None:
    """From the lower end of the path each bag is below the next."""
    for order in (min_fill(graph_of(graph)), range(5000)):
        decomposition = decompose(graph_of(graph), order)
        assert flaw(decomposition, graph_of(graph)) is None
        nodes = nice(rerooted(decomposition, len(decomposition.bags) // 2))
        assert nice_flaw(nodes, graph_of(graph)) is None


EDGE = [frozenset({1}), frozenset({0})]
"""One edge; its decomposition with two leaves that meet at vertex 0."""
NICE = (
    NiceNode(Kind.LEAF, -1, (), frozenset()),
    NiceNode(Kind.INTRODUCE, 0, (0,), frozenset({0})),
    NiceNode(Kind.LEAF, -1, (), frozenset()),
    NiceNode(Kind.INTRODUCE, 0, (2,), frozenset({0})),
    NiceNode(Kind.JOIN, -1, (1, 3), frozenset({0})),
    NiceNode(Kind.INTRODUCE, 1, (4,), frozenset({0, 1})),
    NiceNode(Kind.FORGET, 0, (5,), frozenset({1})),
    NiceNode(Kind.FORGET, 1, (6,), frozenset()),
)


def changed(i: int, node: NiceNode) -> tuple[NiceNode, ...]:
    return (*NICE[:i], node, *NICE[i + 1 :])


SEPARATE = (
    *NICE[:2],
    NiceNode(Kind.FORGET, 0, (1,), frozenset()),
    NiceNode(Kind.INTRODUCE, 1, (2,), frozenset({1})),
    NiceNode(Kind.FORGET, 1, (3,), frozenset()),
)
TWICE = (*NICE, NiceNode(Kind.INTRODUCE, 0, (7,), frozenset({0})), NiceNode(Kind.FORGET, 0, (8,), frozenset()))


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ((), "there is no node"),
        (NICE[:-1], "the root's bag is not empty"),
        (changed(4, replace(NICE[4], children=(1, 5))), "node 4 comes before one of its children"),
        (changed(4, replace(NICE[4], children=(1, -1))), "node 4 comes before one of its children"),
        (changed(4, replace(NICE[4], children=(1, 1))), "node 1 has 2 parents instead of one"),
        ((*NICE, NICE[0]), "node 7 has 0 parents instead of one"),
        (changed(4, replace(NICE[4], children=(1,))), "node 4: 1 children instead of 2, kind join"),
        (changed(3, replace(NICE[3], children=())), "node 3: 0 children instead of 1, kind introduce"),
        (changed(2, replace(NICE[2], children=(1,))), "node 2: 1 children instead of 0, kind leaf"),
        (changed(4, replace(NICE[4], vertex=0)), "node 4: a join with vertex 0"),
        (changed(0, replace(NICE[0], bag=frozenset({0}))), "node 0: a leaf whose bag is not empty"),
        (
            changed(1, replace(NICE[1], bag=frozenset({0, 1}))),
            "node 1: introducing 0 does not lead from the child's bag to this one",
        ),
        (
            changed(5, replace(NICE[5], vertex=0, bag=frozenset({0}))),
            "node 5: introducing 0 does not lead from the child's bag to this one",
        ),
        (
            changed(6, replace(NICE[6], vertex=2, bag=frozenset({0, 1}))),
            "node 6: forgetting 2 does not lead from the child's bag to this one",
        ),
        (
            changed(6, replace(NICE[6], bag=frozenset())),
            "node 6: forgetting 0 does not lead from the child's bag to this one",
        ),
        (changed(4, replace(NICE[4], bag=frozenset({0, 1}))), "node 4: a join of bags that differ"),
        (changed(4, replace(NICE[4], children=(1, 2))), "node 4: a join of bags that differ"),
        (changed(3, NiceNode(Kind.INTRODUCE, 2, (2,), frozenset({2}))), "node 3: 2 is no vertex"),
        (TWICE, "vertex 0 is forgotten 2 times instead of once"),
        ((*NICE[:2], NiceNode(Kind.FORGET, 0, (1,), frozenset())), "vertex 1 is forgotten 0 times instead of once"),
        (SEPARATE, "no bag contains both ends of the edge 0-1"),
    ],
)
def test_each_condition_of_nice(nodes: tuple[NiceNode, ...], words: str) -> None:
    assert nice_flaw(NICE, EDGE) is None
    assert nice_flaw(nodes, EDGE) == words
