"""Random problems for the last layer, from no network: every shape that the compiled search tells apart."""

from __future__ import annotations

import random

import numpy as np

from qnnt.algorithms.patterns.problem import Judged, Numbers, Position, Problem
from qnnt.algorithms.states.vectors import Integers


def random_problem(seed: int) -> Problem:
    """A small problem; every fifth has more than 64 elements, some have large costs or alphabets."""
    rng = random.Random(f"problem {seed}")
    numbers = np.random.default_rng(seed)
    elements = rng.choice([1, 3, 6, 10, 70 if seed % 5 == 0 else 12])
    contexts = rng.choice([1, 1, 2, 3])
    positions = _positions(rng, numbers, elements)
    grid = contexts * int(np.prod([position.values for position in positions]))
    groups = tuple(_group(rng, numbers, elements, grid) for _ in range(rng.choice([1, 1, 2, 3])))
    return Problem(positions, groups, numbers.integers(0, contexts, elements), contexts)


def _positions(rng: random.Random, numbers: np.random.Generator, elements: int) -> tuple[Position, ...]:
    found: list[Position] = []
    for _ in range(rng.choice([1, 2, 3])):
        if found and rng.random() < 0.5:
            found.append(Position(found[-1].patterns, found[-1].values, like_previous=True))
            continue
        values = rng.choice([1, 2, 2, 3, 4])
        patterns = numbers.integers(0, values, (rng.choice([1, 2, 5]), elements))
        found.append(Position(patterns, values, like_previous=False))
    return tuple(found)


def _group(rng: random.Random, numbers: np.random.Generator, elements: int, grid: int) -> Judged:
    alphabets = tuple(rng.choice([1, 2, 3, 5]) for _ in range(rng.choice([1, 1, 2, 3])))
    if len(alphabets) == 1 and rng.random() < 0.2:
        alphabets = (70,)
    functions: tuple[Numbers, ...] = tuple(
        np.unique(
            numbers.integers(0, size, (rng.choice([1, 4, 7, 80 if len(alphabets) == 1 else 5]), grid)), axis=0
        ).astype(np.int32)
        for size in alphabets
    )
    return Judged(functions, _costs(rng, numbers, elements, alphabets), alphabets)


def _costs(rng: random.Random, numbers: np.random.Generator, elements: int, alphabets: tuple[int, ...]) -> Integers:
    """Mismatches, weighted mismatches, or anything."""
    labels = numbers.integers(0, max(alphabets), (elements, len(alphabets)))
    vectors = np.indices(alphabets).reshape(len(alphabets), -1).T
    wrong = (vectors[None] != labels[:, None]).any(axis=2).astype(np.int64)
    most = rng.choice([2, 9, 1000])
    kinds: dict[str, Integers] = {
        "mismatch": wrong,
        "weighted": wrong * numbers.integers(1, rng.choice([4, 2**40]), (elements, 1)),
        "anything": numbers.integers(0, most, wrong.shape),
        "bounded": wrong + (numbers.integers(0, 2, wrong.shape) & wrong),
    }
    return kinds[rng.choice(list(kinds))]
