"""Patterns of single neurons, and which of them can be left out."""

from __future__ import annotations

import itertools
import random

import numpy as np

from qnnt.algorithms.patterns.functions import canonical
from qnnt.algorithms.patterns.lists import patterns_of, reading, undominated
from qnnt.algorithms.patterns.problem import Numbers, Position
from qnnt.algorithms.states.effort import Effort
from qnnt.algorithms.states.integer_view import integer_view
from qnnt.algorithms.states.vectors import Integers
from qnnt.fuzzing.tiny import random_instance
from qnnt.simplification.pipeline import simplify


def test_patterns_are_those_of_all_settings() -> None:
    checked = 0
    for seed in range(150):
        instance = simplify(random_instance(random.Random(f"patterns {seed}"))).instance
        if not len(instance.dataset):
            continue
        view = integer_view(instance)
        points = np.arange(len(view.inputs))
        for neuron in view.neurons:
            if neuron.edges:
                continue
            made = set()
            for rows in itertools.product(*(piece.choices for piece in neuron.constants)):
                run = neuron.runs.run_of(sum(rows, np.zeros(len(points), np.int64)))
                if neuron.runs.defined[run].all():
                    made.add(tuple(neuron.runs.values[run].tolist()))
            found = patterns_of(reading(neuron, points, []), view.kind, Effort(10**6))
            assert {tuple(row) for row in found.tolist()} == made
            assert len(found) == len(made)
            checked += 1
    assert checked > 100


def replaceable(pattern: Integers, other: Integers, readers: list[Integers]) -> bool:
    """By the definition: every contribution of the one is one of the other."""
    return all(
        {tuple(w * pattern) for w in weights.tolist()} <= {tuple(w * other) for w in weights.tolist()}
        for weights in readers
    )


def test_dropped_patterns_are_replaceable_by_kept_ones_and_kept_ones_are_not() -> None:
    dropped = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        patterns = np.unique(rng.integers(-2, 3, (rng.integers(1, 9), rng.integers(1, 4))), axis=0)
        readers = [np.unique(rng.integers(-2, 3, rng.integers(1, 5))) for _ in range(rng.integers(0, 3))]
        kept = undominated(patterns, readers)
        rows = {tuple(row) for row in kept.tolist()}
        assert rows <= {tuple(row) for row in patterns.tolist()}
        assert len(rows) == len(kept) >= 1
        for pattern in patterns:
            if tuple(pattern) not in rows:
                dropped += 1
                assert any(replaceable(pattern, other, readers) for other in kept)
        for a, b in itertools.permutations(kept, 2):
            on_one_line = not np.any(np.outer(a, b) - np.outer(b, a))
            if on_one_line and a.any() and b.any():
                assert not replaceable(a, b, readers)
    assert dropped > 100


def test_signs_halve_the_patterns_of_symmetric_weights() -> None:
    patterns = np.array(list(itertools.product((-1, 1), repeat=4)))
    assert len(undominated(patterns, [np.array([-1, 0, 1])])) == 8
    assert len(undominated(patterns, [np.array([-1, 0, 1]), np.array([0, 1])])) == 16


def made(functions: Numbers, patterns: Integers, places: int) -> set[tuple[int, ...]]:
    """The rows of letters that functions make of all multisets of patterns."""
    found = set()
    for chosen in itertools.combinations_with_replacement(range(len(patterns)), places):
        values = round(functions.shape[1] ** (1 / places))
        cells = np.zeros(patterns.shape[1], np.int64)
        for number in chosen:
            cells = cells * values + patterns[number]
        found |= {tuple(row) for row in functions[:, cells].tolist()}
    return found


def test_canonical_functions_lose_no_choice() -> None:
    """For every multiset of patterns, all rows of letters that some function makes of it still come up."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        values, places = int(rng.integers(2, 4)), int(rng.integers(2, 4))
        patterns = np.unique(rng.integers(0, values, (3, 3)), axis=0)
        positions = [Position(patterns, values, like_previous=j > 0) for j in range(places)]
        weights = list(itertools.product((-1, 0, 1), repeat=places))
        grid = np.indices([values] * places).reshape(places, -1)
        functions = np.unique(
            np.array([np.clip(np.array(w) @ grid + b, 0, 2) for w in weights for b in (0, 1)]), axis=0
        ).astype(np.int32)
        fewer = canonical(functions, 1, positions)
        assert len(fewer) < len(functions)

        assert made(fewer, patterns, places) == made(functions, patterns, places)
