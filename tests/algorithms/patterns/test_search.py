"""The pattern search against enumeration."""

from __future__ import annotations

import random
from typing import Any

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.algorithms.output_costs import output_costs
from qnnt.algorithms.patterns.last_layer import LastLayer
from qnnt.algorithms.patterns.search import EXPLORERS, PatternSearch
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.fuzzing.tiny import random_instance
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify
from tests.algorithms.patterns.searching import smallest_loss

BLOCK = 50
SOURCES = {"two layers": random_two_layer, "any": random_instance}


def blocks(sampled: int) -> list[Any]:
    return [pytest.param(b, marks=[] if b < sampled else [pytest.mark.full]) for b in range(3000 // BLOCK)]


def assert_finds_the_minimum(instance: Instance, explorer: str, threads: int) -> None:
    best = minimum(instance).loss
    assert smallest_loss(instance, explorer, threads) == best
    if best is not None:
        assert smallest_loss(instance, explorer, threads, best) == best
        assert smallest_loss(instance, explorer, threads, best - 1) is None


@pytest.mark.parametrize("block", blocks(3))
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("explorer", EXPLORERS)
def test_agrees_with_enumeration(block: int, source: str, explorer: str) -> None:
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        instance = SOURCES[source](random.Random(f"pattern search {seed}"))
        assert_finds_the_minimum(instance, explorer, 1 + seed % 2)


@pytest.mark.parametrize("layers", [[2, 2, 1], [2, 2, 2], [3, 2, 1], [1, 3, 1], [2, 1, 2, 1], [1, 2, 2, 1]])
@pytest.mark.parametrize("d", [2, 3])
def test_d_qnnt_layers(layers: list[int], d: int) -> None:
    for seed in range(3):
        instance = random_labels(d, layers, min(6, d ** layers[0]), seed)
        if instance.settings <= 30_000:
            assert_finds_the_minimum(instance, "compiled", 2)


def search_on(instance: Instance) -> PatternSearch:
    view = integer_view(simplify(instance).instance)
    return PatternSearch(view, output_costs(view), Effort(10**7))


def test_more_than_64_inputs_and_large_weights() -> None:
    rng = random.Random(5)
    inputs = [(a, b, c) for a in range(-2, 3) for b in range(-2, 3) for c in range(-2, 3)]
    labels = [[rng.randint(0, 2)] for _ in inputs]
    weight = [rng.choice([1, 2, 1000]) for _ in inputs]
    instance = d_qnnt(5, [3, 1, 1], inputs, labels, weight=weight)
    compiled, plain = (smallest_loss(instance, explorer) for explorer in EXPLORERS)
    assert compiled == plain == minimum(instance).loss


def test_two_explorers_on_three_neurons() -> None:
    for seed in range(3):
        instance = planted_labels(3, [2, 3, 2], 12, seed, flip=0.3)
        assert smallest_loss(instance, "compiled", 2) == smallest_loss(instance, "plain")


def test_what_there_is_to_walk_through() -> None:
    walk = search_on(random_labels(3, [3, 3, 2], 20, 0)).walk()
    assert walk.log2_inner == 0
    assert 2**walk.log2_prefixes == pytest.approx(71 * 72 / 2)
    assert 2**walk.log2_choices == pytest.approx(71 * 72 * 73 / 6)
    deep = search_on(random_labels(3, [2, 2, 2, 1], 9, 0)).walk()
    assert deep.log2_inner > 0
    assert deep.log2_nodes >= deep.log2_inner


def test_inputs_that_nothing_tells_apart_become_one_element() -> None:
    inputs = [[a, b] for a in (0, 1) for b in (0, 1, 2)]
    instance = d_nnt(
        [2, 2, 1],
        inputs,
        [[a ^ (b > 0)] for a, b in inputs],
        weights=[-1, 0, 1],
        bias=[0, 1],
        activation="threshold",
        loss="mismatch",
    )
    instance = instance.derive(weights={**instance.weights, **{("x2", h): (0,) for h in ("h1_1", "h1_2")}})
    view = integer_view(simplify(instance).instance)
    built = LastLayer(view, output_costs(view), Effort(10**6)).build({})
    assert built is not None
    assert len(built.problem.contexts) == 2
    assert len(view.inputs) == 6
    assert_finds_the_minimum(instance, "compiled", 1)


def test_too_many_functions_are_refused() -> None:
    with pytest.raises(StateLimitError, match="functions"):
        search_on(random_labels(16, [1, 4, 1], 10, 0))


@pytest.mark.parametrize("explorer", EXPLORERS)
@pytest.mark.parametrize(("defined_at", "optimum"), [(0, 1), (7, None)])
def test_no_output_is_left_to_choose(explorer: str, defined_at: int, optimum: int | None) -> None:
    """The label of o1 is masked, but the table behind h1 has to be defined; o2 has a neuron that reads it."""
    instance = d_nnt(
        {
            "inputs": ["x1"],
            "outputs": ["o1", "o2"],
            "edges": [{"from": u, "to": v} for u, v in (("x1", "o2"), ("o2", "h1"), ("h1", "o1"))],
            "neurons": {"h1": {"activation": {"type": "table", "values": [[defined_at, 3], [1, 0]]}}},
        },
        [[1], [2]],
        [[None, 5], [None, 2]],
        weights=[0, 1],
        bias=[0],
        activation="identity",
    )
    result = qnnt.solve(instance, solver=f"patterns:{explorer}")
    assert (result.loss, minimum(instance).loss) == (optimum, optimum)
