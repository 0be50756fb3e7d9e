"""Elimination orders against plain elimination, which counts everything anew at each step."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import networkx as nx
import pytest

from qnnt.algorithms.graphs.elimination import Graph, VertexQueue, later_neighbours, min_degree, min_fill, width_of

Heuristic = Callable[[Graph, int | None], list[int]]
Plain = dict[int, set[int]]


def graph_of(graph: nx.Graph) -> Graph:
    numbered = nx.convert_node_labels_to_integers(graph, ordering="sorted")
    return [frozenset(numbered[v]) for v in range(len(numbered))]


def layered(width: int, layers: int) -> Graph:
    """Every vertex sees the whole layer before it and the whole layer behind it."""
    graph = nx.empty_graph(width * layers)
    for v in range(width, width * layers):
        start = v // width * width
        graph.add_edges_from((u, v) for u in range(start - width, start))
    return graph_of(graph)


def random_graph(rng: random.Random, most: int) -> Graph:
    density = rng.choice([0.05, 0.15, 0.3, 0.5, 0.8])
    return graph_of(nx.gnp_random_graph(rng.randint(0, most), density, seed=rng.randrange(2**32)))


def eliminate(near: Plain, v: int) -> None:
    around = near.pop(v)
    for u in around:
        near[u] = (near[u] | around) - {u, v}


def fill(near: Plain, v: int) -> int:
    return sum(b not in near[a] for a in near[v] for b in near[v] if a < b)


def degree(near: Plain, v: int) -> int:
    return len(near[v])


def plain_greedy(graph: Graph, cost: Callable[[Plain, int], int]) -> list[int]:
    near = {v: set(around) for v, around in enumerate(graph)}
    order = []
    while near:
        v = min(near, key=lambda v: (cost(near, v), v))
        eliminate(near, v)
        order.append(v)
    return order


def plain_width(graph: Graph, order: list[int]) -> int:
    near = {v: set(around) for v, around in enumerate(graph)}
    width = -1
    for v in order:
        width = max(width, len(near[v]))
        eliminate(near, v)
    return width


@pytest.mark.parametrize("block", range(4))
def test_without_a_seed_the_orders_are_those_of_plain_counting(block: int) -> None:
    """Ties go to the smaller number, so there is one right order."""
    rng = random.Random(block)
    for _ in range(60):
        graph = random_graph(rng, 24)
        assert min_fill(graph) == plain_greedy(graph, fill)
        assert min_degree(graph) == plain_greedy(graph, degree)


@pytest.mark.parametrize(("heuristic", "cost"), [(min_fill, fill), (min_degree, degree)])
def test_with_a_seed_every_step_is_a_cheapest_one(heuristic: Heuristic, cost: Callable[[Plain, int], int]) -> None:
    rng = random.Random(1)
    for seed in range(100):
        graph = random_graph(rng, 20)
        order = heuristic(graph, seed)
        assert sorted(order) == list(range(len(graph)))
        near = {v: set(around) for v, around in enumerate(graph)}
        for v in order:
            assert cost(near, v) == min(cost(near, u) for u in near)
            eliminate(near, v)


@pytest.mark.parametrize("heuristic", [min_fill, min_degree])
def test_seeds_break_ties_at_random_and_again_the_same(heuristic: Heuristic) -> None:
    graph = graph_of(nx.cycle_graph(30))
    assert heuristic(graph, 3) == heuristic(graph, 3)
    assert len({tuple(heuristic(graph, seed)) for seed in range(10)}) == 10
    clique = graph_of(nx.complete_graph(12))
    assert len({tuple(heuristic(clique, seed)) for seed in range(10)}) == 10


def test_widths_and_later_neighbours_are_those_of_plain_elimination() -> None:
    rng = random.Random(2)
    for _ in range(200):
        graph = random_graph(rng, 16)
        order = rng.sample(range(len(graph)), len(graph))
        assert width_of(graph, order) == plain_width(graph, order)
        near = {v: set(around) for v, around in enumerate(graph)}
        later = later_neighbours(graph, order)
        for v in order:
            assert later[v] == near[v]
            eliminate(near, v)


@pytest.mark.parametrize("heuristic", [min_fill, min_degree])
def test_no_vertices_no_edges(heuristic: Heuristic) -> None:
    assert heuristic([], None) == []
    assert width_of([], []) == -1
    assert heuristic([frozenset()], None) == [0]
    assert width_of([frozenset()], [0]) == 0
    assert heuristic([frozenset()] * 5, None) == [0, 1, 2, 3, 4]
    assert width_of([frozenset()] * 5, [3, 1, 4, 0, 2]) == 0


@pytest.mark.parametrize(
    ("graph", "width"),
    [
        (nx.path_graph(30), 1),
        (nx.random_labeled_tree(40, seed=1), 1),
        (nx.cycle_graph(30), 2),
        (nx.ladder_graph(30), 2),
        (nx.complete_graph(9), 8),
        (nx.complete_bipartite_graph(3, 7), 3),
        (nx.wheel_graph(20), 3),
    ],
)
def test_easy_graphs(graph: nx.Graph, width: int) -> None:
    for seed in (None, 0, 1, 2):
        assert width_of(graph_of(graph), min_fill(graph_of(graph), seed)) == width
        assert width_of(graph_of(graph), min_degree(graph_of(graph), seed)) == width


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_layers_of_width_w_are_eliminated_with_width_2w_minus_1(width: int) -> None:
    for layers in (1, 2, 3, 10):
        for seed in (None, 0, 1):
            graph = layered(width, layers)
            assert width_of(graph, min_fill(graph, seed)) <= 2 * width - 1


@pytest.mark.parametrize("heuristic", [min_fill, min_degree])
@pytest.mark.parametrize(
    ("graph", "width"),
    [
        (graph_of(nx.ladder_graph(1000)), 2),
        (layered(2, 1000), 3),
        (graph_of(nx.star_graph(2000)), 1),
        (graph_of(nx.wheel_graph(2000)), 3),
        (graph_of(nx.complete_bipartite_graph(2, 2000)), 2),
    ],
    ids=["ladder", "layers", "star", "wheel", "two hubs"],
)
def test_two_thousand_vertices_take_no_time(heuristic: Heuristic, graph: Graph, width: int) -> None:
    """About 0.01 seconds; counting anew at each step takes many."""
    start = time.process_time()
    order = heuristic(graph, 1)
    assert width_of(graph, order) == width
    assert time.process_time() - start < 1


def test_the_queue_goes_by_the_present_keys() -> None:
    queue = VertexQueue([3, 1, 2, 2])
    queue.keys[0] = 0
    queue.push(0)
    queue.keys[1] = 5
    queue.push(1)
    queue.keys[1] = 1
    queue.push(1)
    assert [queue.pop(), queue.pop()] == [(0, 0), (1, 1)]
    assert (len(queue), queue.keys, list(queue.rest())) == (2, [-1, -1, 2, 2], [2, 3])
    assert [queue.pop(), queue.pop()] == [(2, 2), (3, 2)]
    assert not queue
