from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.errors import UnsupportedError
from qnnt.files.instances import sha256_of
from qnnt.fuzzing.reductions.catalogue import neighbours
from qnnt.fuzzing.reductions.sizes import size_of
from qnnt.fuzzing.shrinking import Shrunk, shrink
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Instance, Problem
from tests.fuzzing.imitated_bugs import (
    COMMON,
    NEVER_LARGE,
    RARE,
    flips_biases,
    shifts_thresholds,
    trains_each_sample_alone,
)

Fails = Callable[[Instance], bool]
Make = Callable[[random.Random], Instance]


def guarded(bug: Fails) -> Fails:
    """What brute force cannot answer is no finding."""

    def fails(instance: Instance) -> bool:
        try:
            return bug(instance)
        except UnsupportedError:
            return False

    return fails


def failing_starts(fails: Fails, make: Make, count: int) -> Iterator[Instance]:
    """Random instances that fail."""
    found = seed = 0
    while found < count:
        assert seed < 200 * count, "hardly any instance fails"
        instance = make(random.Random(f"shrinking {seed}"))
        seed += 1
        if fails(instance):
            found += 1
            yield instance


def tiny(rng: random.Random) -> Instance:
    return random_instance(rng, most_samples=8, most_settings=100)


def large(rng: random.Random) -> Instance:
    """8 samples, 12 neurons and 30 edges, of which six have a choice of three weights."""
    inputs = [f"in{i}" for i in range(rng.randint(3, 5))]
    neurons = [f"n{i}" for i in range(12)]
    outputs = neurons[-rng.randint(1, 3) :]
    edges = {(rng.choice([*inputs, *neurons[:k]]), v) for k, v in enumerate(neurons)}
    edges |= {(v, rng.choice(neurons[k + 1 :])) for k, v in enumerate(neurons) if v not in outputs}
    while len(edges) < 30:
        k = rng.randrange(len(neurons))
        edges.add((rng.choice([*inputs, *neurons[:k]]), neurons[k]))
    free = rng.sample(sorted(edges), 6)
    values = [-2, -1, 0, 1, 2, 3, "1/2", "-3/2"]
    bounded = ["threshold", "sign", {"type": "clip", "low": -1, "high": 2}, {"type": "relu_d", "d": 4}]
    network = {
        "inputs": inputs,
        "outputs": outputs,
        "edges": [
            {"from": u, "to": v, "weights": rng.sample(values, 3 if (u, v) in free else 1)} for u, v in sorted(edges)
        ],
        "neurons": {v: {"bias": [rng.choice(values)], "activation": rng.choice(bounded)} for v in neurons},
    }
    x = [[rng.randint(-2, 3) for _ in inputs] for _ in range(8)]
    y = [[rng.choice([-1, 0, 1, 2, None]) for _ in outputs] for _ in x]
    weight = [rng.randint(1, 4) for _ in x]
    return d_nnt(network, x, y, loss=rng.choice(["mismatch", "squared"]), weight=weight, name="large")


def check(start: Instance, fails: Fails, shrunk: Shrunk) -> None:
    """All that a shrunk instance promises."""
    assert fails(shrunk.instance)
    assert instance_from(document_of(shrunk.instance)) == shrunk.instance
    assert size_of(shrunk.instance) <= size_of(start)
    assert shrunk.exhausted
    assert not any(fails(neighbour) for neighbour in neighbours(shrunk.instance))
    assert len(shrunk.instance.dataset) <= 3
    assert len(shrunk.instance.network.edges) <= 6


def check_all(bug: Fails, make: Make, starts: int) -> None:
    fails = guarded(bug)
    attempts = []
    for start in failing_starts(fails, make, starts):
        shrunk = shrink(start, fails)
        check(start, fails, shrunk)
        attempts.append(shrunk.attempts)
    assert statistics.median(attempts) < 150


@pytest.mark.parametrize("bug", COMMON, ids=lambda bug: bug.__name__)
def test_common_bugs_become_small(bug: Fails) -> None:
    check_all(bug, tiny, 30)


@pytest.mark.parametrize("bug", RARE, ids=lambda bug: bug.__name__)
def test_rare_bugs_become_small(bug: Fails) -> None:
    check_all(bug, tiny, 3)


@pytest.mark.full
@pytest.mark.parametrize("bug", [*COMMON, *RARE], ids=lambda bug: bug.__name__)
def test_all_bugs_become_small_from_many_starts(bug: Fails) -> None:
    check_all(bug, tiny, 100)


@pytest.mark.parametrize("bug", [shifts_thresholds, trains_each_sample_alone], ids=lambda bug: bug.__name__)
def test_large_instances_become_small(bug: Fails) -> None:
    check_all(bug, large, 5)


@pytest.mark.full
@pytest.mark.parametrize(
    "bug", [bug for bug in (*COMMON, *RARE) if bug not in NEVER_LARGE], ids=lambda bug: bug.__name__
)
def test_all_bugs_become_small_from_large_starts(bug: Fails) -> None:
    check_all(bug, large, 30)


def test_a_network_without_edges_is_left_of_wrong_signs() -> None:
    start = next(failing_starts(flips_biases, large, 1))
    found = shrink(start, flips_biases).instance
    assert document_of(found) == {
        "format": "qnnt-instance/1",
        "problem": "d-nnt",
        "network": {"inputs": ["x1"], "outputs": ["o1"], "edges": []},
        "defaults": {"bias": [1], "activation": "identity"},
        "data": {"x": [[0]], "y": [[1]]},
        "loss": {"type": "mismatch"},
    }


def quantized() -> Instance:
    x = [[0, 1, 2], [2, 1, 0], [1, 1, -1], [0, 2, 2]]
    return d_qnnt(4, [3, 2, 2], x, [[1, 2], [0, 1], [2, 0], [1, None]], weight=[1, 2, 1, 3], error_bound=1, name="q")


def test_d_qnnt_stays_d_qnnt_where_only_that_fails() -> None:
    found = shrink(quantized(), lambda instance: instance.problem is Problem.D_QNNT).instance
    network = {"inputs": ["x1"], "outputs": ["o1"], "edges": []}
    assert found == d_qnnt(2, network, [], [])


def test_d_qnnt_is_rewritten_where_its_sets_can_be_smaller() -> None:
    found = shrink(quantized(), lambda instance: len(instance.weights) >= 2).instance
    assert found.problem is Problem.D_NNT
    assert found.settings == 1
    assert len(found.weights) == 2
    assert set(found.weights.values()) == {(0,)}


def test_layers_stay_layers() -> None:
    found = shrink(quantized(), lambda instance: instance.network.layers is not None).instance
    assert found.network.layers == (1, 1)


@pytest.mark.parametrize("most", [0, 1, 7, 40])
def test_attempts_are_limited(most: int) -> None:
    tried: list[Instance] = []

    def fails(instance: Instance) -> bool:
        tried.append(instance)
        return len(instance.weights) >= 6

    shrunk = shrink(quantized(), fails, most)
    assert len(tried) == shrunk.attempts == most
    assert not shrunk.exhausted
    assert shrunk.instance == ([quantized(), *(instance for instance in tried if len(instance.weights) >= 6)])[-1]


def test_the_caller_can_stop_it_before_any_attempt() -> None:
    tried: list[Instance] = []

    def fails(instance: Instance) -> bool:
        tried.append(instance)
        return True

    shrunk = shrink(quantized(), fails, stop=lambda: len(tried) >= 2)
    assert (shrunk.attempts, shrunk.exhausted, shrunk.instance) == (2, False, tried[-1])
    assert shrink(quantized(), fails, stop=lambda: True) == Shrunk(quantized(), 0, exhausted=False)


def test_the_smallest_instance_takes_no_attempt() -> None:
    smallest = d_nnt({"inputs": ["x1"], "outputs": ["o1"], "edges": []}, [], [], bias=[0], activation="identity")
    assert list(neighbours(smallest)) == []
    assert shrink(smallest, lambda _: True, 0) == Shrunk(smallest, 0, exhausted=True)


def test_where_everything_fails_the_smallest_instance_is_left() -> None:
    smallest = d_nnt({"inputs": ["x1"], "outputs": ["o1"], "edges": []}, [], [], bias=[0], activation="identity")
    for seed in range(40):
        start = tiny(random.Random(f"everything fails {seed}"))
        shrunk = shrink(start, lambda _: True)
        assert shrunk.exhausted
        assert shrunk.instance == smallest
        assert shrunk.attempts <= 40


def test_errors_of_the_caller_pass() -> None:
    def fails(instance: Instance) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shrink(quantized(), fails)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(2, 5))
def test_erratic_failures_are_followed_down_without_trying_anything_twice(seed: int, modulus: int) -> None:
    """A predicate without any structure: every step is smaller, and the end is a true local minimum."""
    start = random_instance(random.Random(seed), most_settings=50)

    def fails(instance: Instance) -> bool:
        return instance == start or int(sha256_of(instance.derive())[:8], 16) % modulus == 0

    tried: list[str] = []
    kept = [size_of(start)]

    def watched(instance: Instance) -> bool:
        tried.append(sha256_of(instance))
        if fails(instance):
            kept.append(size_of(instance))
        return fails(instance)

    shrunk = shrink(start, watched)
    assert len(set(tried)) == len(tried) == shrunk.attempts
    assert kept == sorted(set(kept), reverse=True)
    assert fails(shrunk.instance)
    assert size_of(shrunk.instance) == kept[-1]
    if shrunk.exhausted:
        assert not any(fails(neighbour) for neighbour in neighbours(shrunk.instance))
