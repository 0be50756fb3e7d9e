"""The patterns of one neuron, of given sources or of any, and weights for them: against loops over all weights."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence

import numpy as np
import pytest

from qnnt.algorithms.states import neuron_sums, reachable
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.algorithms.states.neuron_sums import Generator
from qnnt.algorithms.states.reachable import Reachable
from qnnt.algorithms.states.vectors import Matrix
from qnnt.algorithms.states.witness import parameters_of
from qnnt.documents.construction import d_nnt
from qnnt.evaluation import check_parameters
from qnnt.fuzzing.functions import ACTIVATIONS
from qnnt.fuzzing.tiny import all_parameters, random_parameters
from qnnt.instance import Parameters
from tests.algorithms.states.random_views import (
    Pattern,
    arrays,
    patterns_by_a_loop,
    patterns_under,
    random_pattern,
    random_view,
    star_view,
    tuples,
)


def random_sources(rng: random.Random, view: IntegerView, v: int, owners: int) -> list[tuple[Pattern, ...]]:
    """Per owner a pattern of each neuron that v reads."""
    return [
        tuple(random_pattern(rng, view.neurons[edge.source]) for edge in view.neurons[v].edges) for _ in range(owners)
    ]


def columns_of(view: IntegerView, v: int, sources: Sequence[tuple[Pattern, ...]]) -> list[Matrix]:
    """Per edge the patterns of all owners."""
    p = len(view.inputs)
    return [
        np.array([patterns[j] for patterns in sources], view.kind).reshape(len(sources), p)
        for j in range(len(view.neurons[v].edges))
    ]


def assert_all_patterns(view: IntegerView, v: int, sources: Sequence[tuple[Pattern, ...]]) -> None:
    owner, made = Generator(view, Effort(most=0)).patterns(v, columns_of(view, v, sources), len(sources))
    assert owner.tolist() == sorted(owner.tolist())
    assert made.dtype == view.kind
    for i, patterns in enumerate(sources):
        mine = tuples(made[owner == i])
        assert len(set(mine)) == len(mine)
        assert set(mine) == patterns_by_a_loop(view, v, patterns)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_patterns_are_those_of_all_weights(activation: str) -> None:
    rng = random.Random(f"patterns {activation}")
    for i in range(20):
        view = star_view(rng, activation) if i % 2 else random_view(rng, [activation])
        for v in range(len(view.neurons)):
            if log2_choices(view, v) <= 9:
                assert_all_patterns(view, v, random_sources(rng, view, v, rng.choice([0, 1, 3])))


def log2_choices(view: IntegerView, v: int) -> float:
    """Of the parameters of a neuron."""
    name = view.neurons[v].name
    sets = [view.instance.weights[u, name] for u in view.instance.network.predecessors[name]]
    return float(sum(np.log2(len(values)) for values in [*sets, view.instance.biases[name]]))


def test_patterns_of_random_networks() -> None:
    rng = random.Random("networks")
    for _ in range(60):
        view = random_view(rng)
        v = rng.randrange(len(view.neurons))
        assert_all_patterns(view, v, random_sources(rng, view, v, 3))


def test_blocks_of_owners_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("blocks")
    cases = []
    for _ in range(15):
        view = star_view(rng, "clip")
        v = len(view.neurons) - 1
        columns = columns_of(view, v, random_sources(rng, view, v, 7))
        cases.append((view, v, columns, Generator(view, Effort(most=0)).patterns(v, columns, 7)))
    for most in (1, 200):
        monkeypatch.setattr(neuron_sums, "MOST_NUMBERS", most)
        for view, v, columns, (owner, made) in cases:
            other_owner, other = Generator(view, Effort(most=0)).patterns(v, columns, 7)
            assert other_owner.tolist() == owner.tolist()
            assert other.tolist() == made.tolist()


def test_too_many_sums_are_not_made() -> None:
    view = star_view(random.Random("effort"), "identity")
    v = len(view.neurons) - 1
    columns = columns_of(view, v, random_sources(random.Random(0), view, v, 4))
    effort = Effort(most=0)
    Generator(view, effort).patterns(v, columns, 4)
    assert effort.sums > 4
    Generator(view, Effort(most=0, most_sums=effort.sums)).patterns(v, columns, 4)
    with pytest.raises(StateLimitError, match="too many partial sums at o"):
        Generator(view, Effort(most=0, most_sums=effort.sums - 1)).patterns(v, columns, 4)


def test_an_activation_that_is_nowhere_defined_has_no_patterns() -> None:
    table = {"type": "table", "values": [[100, 0]]}
    view = integer_view(d_nnt([1, 1], [[1], [0]], [[0], [0]], weights=[0, 1], bias=[0], activation=table))
    owner, made = Generator(view, Effort(most=0)).patterns(0, [], 2)
    assert len(owner) == 0
    assert made.shape == (0, 2)


def test_patterns_of_sums_that_are_far_apart() -> None:
    """Nine small sums at one input, three far ones at the other: the keys of such rows must not run over."""
    far = 2**60 - 20
    breaks = [1 - far, 312 - far, *range(9), far]
    network = {
        "inputs": ["a", "b"],
        "outputs": ["o"],
        "edges": [
            {"from": "a", "to": "o", "weights": list(range(9))},
            {"from": "b", "to": "o", "weights": [-far, 312 - far, far]},
        ],
    }
    step = {"type": "step", "breaks": breaks, "values": list(range(len(breaks) + 1))}
    view = integer_view(d_nnt(network, [[1, 0], [0, 1]], [[0], [0]], bias=[0], activation=step))
    assert_all_patterns(view, 0, [()])


# --- weights from patterns -----------------------------------------------------------------------


def assert_witness(view: IntegerView, parameters: Parameters) -> bool:
    """The patterns of some parameters are made again; False where they are undefined."""
    patterns = patterns_under(view, parameters)
    if patterns is None:
        return False
    found = parameters_of(view, arrays(view, patterns))
    check_parameters(view.instance, found)
    assert patterns_under(view, found) == patterns
    return True


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_witness_makes_the_patterns_again(activation: str) -> None:
    rng = random.Random(f"witness {activation}")
    found = 0
    for i in range(20):
        view = star_view(rng, activation) if i % 2 else random_view(rng, [activation])
        found += sum(assert_witness(view, random_parameters(rng, view.instance)) for _ in range(3))
    assert found >= 20


def test_impossible_patterns_have_no_witness() -> None:
    rng = random.Random("impossible")
    refused = 0
    for i in range(80):
        view = star_view(rng, rng.choice(ACTIVATIONS)) if i % 2 else random_view(rng)
        patterns = patterns_under(view, random_parameters(rng, view.instance))
        if patterns is None:
            continue
        v = rng.choice(view.outputs)
        patterns[v] = random_pattern(rng, view.neurons[v])
        possible = patterns_by_a_loop(view, v, [patterns[edge.source] for edge in view.neurons[v].edges])
        if patterns[v] in possible or view.readers[v]:
            continue
        refused += 1
        with pytest.raises(ValueError, match=rf"^{re.escape(view.neurons[v].name)} cannot have this pattern$"):
            parameters_of(view, arrays(view, patterns))
    assert refused >= 20


def test_values_that_no_sum_has_are_impossible() -> None:
    view = integer_view(d_nnt([1, 1], [[1], [0]], [[0], [0]], weights=[0, 1], bias=[0], activation="sign"))
    for pattern in [(0, 0), (5, 1), (-1, -1)]:
        with pytest.raises(ValueError, match="o1 cannot have this pattern"):
            parameters_of(view, arrays(view, [pattern]))


def test_values_on_several_runs_are_found() -> None:
    """The square takes each value on both sides of 0; a witness may come from either."""
    square = {"type": "polynomial", "coefficients": [0, 0, 1]}
    view = integer_view(d_nnt([2, 1], [[1, 2], [2, 1]], [[0], [0]], weights=[-2, 1], bias=[0], activation=square))
    for pattern in patterns_by_a_loop(view, 0, []):
        found = parameters_of(view, arrays(view, [pattern]))
        assert patterns_under(view, found) == [pattern]


@pytest.mark.parametrize("x", [[[1], [-1]], [[-1], [1]]])
def test_undefined_sums_are_no_witness(x: list[list[int]]) -> None:
    """The weight 1 would give the wanted 0 at one input, but the table lacks the sum at the other."""
    table = {"type": "table", "values": [[-2, 0], [-1, 0], [0, 0], [2, 0]]}
    view = integer_view(d_nnt([1, 1], x, [[0], [0]], weights=[1, 2], bias=[0], activation=table))
    assert parameters_of(view, arrays(view, [(0, 0)])).weights == {("x1", "o1"): 2}


# --- reachable patterns --------------------------------------------------------------------------


def test_reachable_patterns_hold_all_that_occur() -> None:
    rng = random.Random("reachable")
    for i in range(40):
        view = random_view(rng, most_settings=500) if i % 2 else random_view(rng, most_settings=50)
        known = Reachable(view, 1 << 14, Effort(most=0))
        shuffled = rng.sample(range(len(view.neurons)), len(view.neurons))
        listed = {v: listed_set(known, v) for v in shuffled}
        occurring = [set[Pattern]() for _ in view.neurons]
        for parameters in all_parameters(view.instance):
            for v, pattern in enumerate(patterns_under(view, parameters) or []):
                occurring[v].add(pattern)
        for v, neuron in enumerate(view.neurons):
            assert occurring[v] <= listed[v]
            if not neuron.edges:
                assert listed[v] == patterns_by_a_loop(view, v, [])


def listed_set(known: Reachable, v: int) -> set[Pattern]:
    rows = known.patterns(v)
    assert rows is not None
    assert len(set(tuples(rows))) == len(rows)
    return set(tuples(rows))


def test_patterns_of_too_many_tuples_are_not_listed() -> None:
    rng = random.Random("tuples")
    left_out = 0
    for _ in range(40):
        view = star_view(rng, "identity")
        known = Reachable(view, 3, Effort(most=0))
        for v, neuron in enumerate(view.neurons):
            before = [known.patterns(edge.source) for edge in neuron.edges]
            sizes = [len(rows) for rows in before if rows is not None]
            own = math.prod(len(piece.choices) for piece in neuron.constants)
            expected = len(sizes) == len(before) and math.prod(sizes) * own <= 3
            assert (known.patterns(v) is not None) == expected
            left_out += not expected
    assert left_out >= 10


def test_too_many_patterns_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "MOST_PATTERNS", 3)
    rng = random.Random("long lists")
    left_out = 0
    for _ in range(40):
        view = star_view(rng, "identity")
        known = Reachable(view, 1 << 14, Effort(most=0))
        for v, neuron in enumerate(view.neurons):
            if not neuron.edges:
                count = len(patterns_by_a_loop(view, v, []))
                assert (known.patterns(v) is not None) == (count <= 3)
                left_out += count > 3
            elif any(known.patterns(edge.source) is None for edge in neuron.edges):
                assert known.patterns(v) is None
    assert left_out >= 5
