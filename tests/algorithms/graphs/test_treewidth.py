"""Treewidth: known values, all elimination orders of small graphs, and the heuristics of networkx."""

from __future__ import annotations

import itertools
import random
import time
from functools import cache

import networkx as nx
import pytest
from networkx.algorithms.approximation import (
    treewidth_min_degree,
    treewidth_min_fill_in,
)

from qnnt.algorithms.graphs.decomposition import decompose, flaw
from qnnt.algorithms.graphs.elimination import Graph, min_fill, width_of
from qnnt.algorithms.graphs.nice_decomposition import nice, nice_flaw
from qnnt.algorithms.graphs.treewidth import Treewidth, _reduced, exact, lower_bound, treewidth


def graph_of(graph: nx.Graph) -> Graph:
    numbered = nx.convert_node_labels_to_integers(graph, ordering="sorted")
    return [frozenset(numbered[v]) for v in range(len(numbered))]


def random_graph(rng: random.Random, vertices: int) -> nx.Graph:
    density = rng.choice([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8])
    return nx.gnp_random_graph(vertices, density, seed=rng.randrange(2**32))


def layered(width: int, layers: int) -> nx.Graph:
    graph = nx.empty_graph(width * layers)
    for v in range(width, width * layers):
        start = v // width * width
        graph.add_edges_from((u, v) for u in range(start - width, start))
    return graph


def plain_width(graph: Graph, order: tuple[int, ...]) -> int:
    near = {v: set(around) for v, around in enumerate(graph)}
    width = -1
    for v in order:
        around = near.pop(v)
        width = max(width, len(around))
        for u in around:
            near[u] = (near[u] | around) - {u, v}
    return width


@cache
def over_all_orders(graph: frozenset[tuple[int, frozenset[int]]]) -> int:
    """The smallest width of all elimination orders: every vertex is tried first, equal rests are met once."""
    least = len(graph) - 1
    for v, around in graph:
        rest = ((u, near | around if u in around else near) for u, near in graph if u != v)
        least = min(least, max(len(around), over_all_orders(frozenset((u, near - {u, v}) for u, near in rest))))
    return least


def brute_force(graph: Graph) -> int:
    over_all_orders.cache_clear()
    return over_all_orders(frozenset(enumerate(graph)))


def assert_right(graph: Graph, found: Treewidth, value: int) -> None:
    assert found.lower <= value <= found.upper
    assert sorted(found.order) == list(range(len(graph)))
    assert plain_width(graph, found.order) == found.upper
    assert found.exact == (found.lower == found.upper)
    assert lower_bound(graph) <= value
    decomposition = decompose(graph, found.order)
    assert flaw(decomposition, graph) is None
    assert decomposition.width == found.upper
    assert nice_flaw(nice(decomposition), graph) is None


def test_brute_force_is_the_minimum_over_all_permutations() -> None:
    for n in range(5):
        pairs = list(itertools.combinations(range(n), 2))
        for chosen in itertools.product([False, True], repeat=len(pairs)):
            plain = nx.empty_graph(n)
            plain.add_edges_from(itertools.compress(pairs, chosen))
            graph = graph_of(plain)
            value = min(plain_width(graph, order) for order in itertools.permutations(range(n)))
            assert brute_force(graph) == value
            assert_right(graph, treewidth(graph), value)
            assert treewidth(graph).exact


@pytest.mark.parametrize("block", range(4))
def test_random_graphs_against_brute_force(block: int) -> None:
    rng = random.Random(block)
    for i in range(100):
        graph = graph_of(random_graph(rng, i % 8 + 1))
        value = brute_force(graph)
        found = treewidth(graph, seed=i)
        assert_right(graph, found, value)
        assert found.exact
        assert_exact_search(graph, value)


def test_larger_random_graphs_against_brute_force() -> None:
    rng = random.Random(11)
    for i in range(30):
        graph = graph_of(random_graph(rng, i % 3 + 10))
        value = brute_force(graph)
        found = treewidth(graph)
        assert_right(graph, found, value)
        assert found.exact
        assert_exact_search(graph, value)


def assert_exact_search(graph: Graph, value: int) -> None:
    """Without the help of good bounds, with that of the best bounds, and with a small budget."""
    width, order = exact(graph, upper=len(graph), lower=0, budget=10**6)
    assert width == value
    assert order is not None
    assert plain_width(graph, tuple(order)) <= value
    assert exact(graph, upper=value, lower=0, budget=10**6) == (value, None)
    for budget in range(3):
        width, order = exact(graph, upper=len(graph), lower=0, budget=budget)
        assert width <= value
        assert order is None or plain_width(graph, tuple(order)) <= width


def test_reductions_are_safe() -> None:
    """With any lower bound: what goes has so few neighbours, and what is left is no harder, nor easier than that."""
    rng = random.Random(12)
    reduced = 0
    for i in range(200):
        graph = graph_of(random_graph(rng, i % 9 + 1))
        value = brute_force(graph)
        for lower in range(value + 1):
            order, near = _reduced(graph, lower)
            left = [v for v in range(len(graph)) if v not in order]
            number = {v: j for j, v in enumerate(left)}
            kernel = [frozenset(number[u] for u in near[v]) for v in left]
            assert brute_force(kernel) <= value <= max(lower, brute_force(kernel))
            assert plain_width(graph, (*order, *left)) <= max(lower, len(left) - 1)
            reduced += 0 < len(left) < len(graph)
    assert reduced > 50


def is_almost_simplicial(near: list[set[int]], v: int) -> bool:
    around = near[v]
    return any(all(b in near[a] for a in rest for b in rest if a < b) for rest in (around - {u} for u in around or {v}))


def test_reductions_are_complete() -> None:
    rng = random.Random(13)
    for _ in range(100):
        graph = graph_of(nx.gnm_random_graph(30, rng.randint(40, 90), seed=rng.randrange(2**32)))
        for lower in (2, 3, 4, 5):
            order, near = _reduced(graph, lower)
            left = set(range(30)).difference(order)
            assert not any(len(near[v]) <= lower and is_almost_simplicial(near, v) for v in left)


@pytest.mark.parametrize(
    ("graph", "value"),
    [
        (nx.empty_graph(0), -1),
        (nx.empty_graph(1), 0),
        (nx.empty_graph(7), 0),
        *((nx.path_graph(n), 1) for n in (2, 3, 50)),
        *((nx.cycle_graph(n), 2) for n in (3, 4, 50)),
        *((nx.random_labeled_tree(n, seed=n), 1) for n in (5, 50, 500)),
        *((nx.complete_graph(n), n - 1) for n in (2, 3, 5, 20, 80)),
        *((nx.complete_bipartite_graph(a, b), min(a, b)) for a, b in ((1, 1), (2, 3), (3, 3), (4, 7), (6, 30))),
        *((nx.grid_2d_graph(k, k), k) for k in (2, 3, 4, 5)),
        (nx.grid_2d_graph(4, 100), 4),
        (nx.petersen_graph(), 4),
        (nx.wheel_graph(20), 3),
        (nx.octahedral_graph(), 4),
        (nx.hypercube_graph(3), 3),
        (nx.hypercube_graph(4), 6),
        (nx.heawood_graph(), 5),
        (nx.paley_graph(13).to_undirected(), 8),
        (nx.mycielski_graph(5), 10),
        (nx.disjoint_union_all([nx.complete_graph(4), nx.petersen_graph(), nx.path_graph(9), nx.empty_graph(3)]), 4),
        (nx.disjoint_union_all([nx.petersen_graph()] * 30), 4),
        (layered(3, 2), 3),
        (layered(3, 6), 5),
        (layered(10, 20), 19),
    ],
    ids=str,
)
def test_known_treewidths(graph: nx.Graph, value: int) -> None:
    found = treewidth(graph_of(graph))
    assert_right(graph_of(graph), found, value)
    assert (found.lower, found.upper) == (value, value)


@pytest.mark.parametrize(
    ("graph", "value"),
    [
        (nx.complete_bipartite_graph(3, 3), 3),
        (nx.complete_bipartite_graph(4, 4), 4),
        (nx.hypercube_graph(3), 3),
        (nx.octahedral_graph(), 4),
        (nx.petersen_graph(), 4),
        (nx.circulant_graph(9, [1, 2]), 4),
        (nx.grid_2d_graph(4, 4), 4),
    ],
    ids=str,
)
def test_exact_search_of_regular_graphs(graph: nx.Graph, value: int) -> None:
    """In some of them no vertex is safe to eliminate, and all have as many neighbours as the width allows."""
    assert_exact_search(graph_of(graph), value)


@pytest.mark.parametrize("graph", [nx.grid_2d_graph(8, 8), nx.random_regular_graph(3, 60, seed=1), nx.tutte_graph()])
def test_where_the_search_gives_up_bounds_remain(graph: nx.Graph) -> None:
    found = treewidth(graph_of(graph))
    assert found.lower < found.upper
    assert_right(graph_of(graph), found, found.upper)
    assert treewidth(graph_of(graph)) == found


def test_partial_k_trees_of_any_size() -> None:
    """Graphs of treewidth at most k, with a clique of k + 1 vertices for the lower bound."""
    rng = random.Random(5)
    for k, n in itertools.product([2, 3, 5], [20, 60, 400]):
        graph = nx.complete_graph(k + 1)
        cliques = list(itertools.combinations(range(k + 1), k))
        for v in range(k + 1, n):
            base = rng.choice(cliques)
            cliques += [(*rest, v) for rest in itertools.combinations(base, k - 1)]
            graph.add_edges_from((u, v) for u in base)
        for u, v in list(graph.edges):
            if u > k and rng.random() < 0.15:
                graph.remove_edge(u, v)
        found = treewidth(graph_of(graph))
        assert_right(graph_of(graph), found, k)


@pytest.mark.parametrize("n", [10, 30, 60, 150])
def test_no_worse_than_networkx(n: int) -> None:
    rng = random.Random(n)
    for degree in (2, 3, 5, 8):
        graph = nx.gnp_random_graph(n, degree / n, seed=rng.randrange(2**32))
        theirs = min(treewidth_min_fill_in(graph)[0], treewidth_min_degree(graph)[0])
        found = treewidth(graph_of(graph))
        assert_right(graph_of(graph), found, found.lower)
        assert found.upper <= theirs


def test_lower_bounds() -> None:
    """Contraction finds in a grid what deletion does not."""
    assert lower_bound([]) == -1
    assert lower_bound([frozenset()] * 3) == 0
    assert lower_bound(graph_of(nx.grid_2d_graph(10, 10))) > 2
    assert lower_bound(graph_of(nx.complete_graph(30))) == 29
    assert lower_bound(graph_of(layered(7, 10))) == 13


@pytest.mark.parametrize(
    ("graph", "value"),
    [(nx.ladder_graph(1000), 2), (layered(2, 1000), 3), (nx.star_graph(2000), 1), (nx.grid_2d_graph(3, 667), 3)],
    ids=str,
)
def test_two_thousand_vertices_take_no_time(graph: nx.Graph, value: int) -> None:
    """About 0.02 seconds."""
    numbered = graph_of(graph)
    start = time.process_time()
    found = treewidth(numbered)
    assert time.process_time() - start < 1
    assert (found.lower, found.upper) == (value, value)


def test_orders_of_random_ties_help() -> None:
    """The seed counts, and the best of many orders is no worse than one."""
    graph = graph_of(nx.random_regular_graph(4, 120, seed=2))
    widths = {treewidth(graph, seed=seed).upper for seed in range(3)}
    assert max(widths) <= width_of(graph, min_fill(graph))
