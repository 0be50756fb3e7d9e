"""The compiled search against the plain one, and the plain one against all choices of patterns and functions."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from qnnt.algorithms.patterns import arrays
from qnnt.algorithms.patterns.answers import best_letters, cells_of
from qnnt.algorithms.patterns.arrays import arrays_of
from qnnt.algorithms.patterns.kernel import NODES, SCORED, explore
from qnnt.algorithms.patterns.plain import explore_plainly
from qnnt.algorithms.patterns.problem import Problem
from qnnt.algorithms.patterns.reach import Reach
from tests.algorithms.patterns.random_problems import random_problem

ANY = 2**60


def cost_of(problem: Problem, chosen: tuple[int, ...], functions: tuple[tuple[int, ...], ...]) -> int:
    """By the definition."""
    total = 0
    for i in range(len(problem.contexts)):
        cell = int(problem.contexts[i])
        for position, number in zip(problem.positions, chosen, strict=True):
            cell = cell * position.values + int(position.patterns[number, i])
        for group, some in zip(problem.groups, functions, strict=True):
            letter = 0
            for rows, f, size in zip(group.functions, some, group.alphabets, strict=True):
                letter = letter * size + int(rows[f, cell])
            total += int(group.costs[i, letter])
    return total


def choices_of(problem: Problem) -> list[tuple[int, ...]]:
    """By the definition of `like_previous`."""
    found = itertools.product(*(range(len(position.patterns)) for position in problem.positions))
    alike = [j for j, position in enumerate(problem.positions) if position.like_previous]
    return [chosen for chosen in found if all(chosen[j - 1] <= chosen[j] for j in alike)]


def best_of_all(problem: Problem) -> int:
    """Brute force."""
    vectors = [list(itertools.product(*(range(len(rows)) for rows in g.functions))) for g in problem.groups]
    return min(
        cost_of(problem, chosen, functions)
        for chosen in choices_of(problem)
        for functions in itertools.product(*vectors)
    )


def compiled(problem: Problem, limit: int) -> tuple[int, tuple[int, ...]] | None:
    """What the compiled search finds; the cost is worked out again."""
    shared = np.array([limit])
    found = np.full(len(problem.positions), -1)
    counters = np.zeros(3, np.int64)
    last = len(problem.positions[0].patterns)
    explore(0, last, *arrays_of(problem).in_order(), shared, found, counters)  # type: ignore[call-arg]
    assert counters[NODES] >= 1
    if found[0] < 0:
        assert shared[0] == limit
        return None
    chosen = tuple(found.tolist())
    assert chosen in choices_of(problem)
    assert best_letters(problem, chosen)[0] == shared[0] + 1
    assert counters[SCORED] >= 1
    return int(shared[0]) + 1, chosen


def small(problem: Problem) -> bool:
    functions = np.prod([len(rows) for group in problem.groups for rows in group.functions], dtype=float)
    return bool(len(choices_of(problem)) * functions * len(problem.contexts) < 20_000)


@pytest.mark.parametrize("block", range(6))
def test_the_plain_search_is_brute_force(block: int) -> None:
    checked = 0
    for seed in range(40 * block, 40 * block + 40):
        problem = random_problem(seed)
        if not small(problem):
            continue
        checked += 1
        explored = explore_plainly(problem, 0, len(problem.positions[0].patterns), ANY)
        assert explored.best is not None
        assert explored.best[0] == best_of_all(problem)
        assert explored.visited == len(choices_of(problem))
    assert checked >= 4


@pytest.mark.parametrize("block", [pytest.param(b, marks=[] if b < 10 else [pytest.mark.full]) for b in range(100)])
@pytest.mark.parametrize("kinds", [True, False])
def test_the_compiled_search_finds_what_the_plain_one_does(
    block: int, kinds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always(_reach: Reach, _planes: int) -> bool:
        return kinds

    monkeypatch.setattr(arrays, "few_kinds", always)
    for seed in range(30 * block, 30 * block + 30):
        problem = random_problem(seed)
        end = len(problem.positions[0].patterns)
        best = explore_plainly(problem, 0, end, ANY).best
        assert best is not None
        found = compiled(problem, ANY)
        assert found is not None
        assert found[0] == best[0]
        assert compiled(problem, best[0]) is not None
        assert compiled(problem, best[0] - 1) is None


def test_ranges_of_the_first_position_make_up_the_whole() -> None:
    for seed in range(60):
        problem = random_problem(seed)
        end = len(problem.positions[0].patterns)
        parts = []
        for first in range(end):
            shared, found = np.array([ANY]), np.full(len(problem.positions), -1)
            flat = arrays_of(problem).in_order()
            explore(first, first + 1, *flat, shared, found, np.zeros(3, np.int64))  # type: ignore[call-arg]
            assert found[0] == first
            parts.append(int(shared[0]) + 1)
        best = explore_plainly(problem, 0, end, ANY).best
        assert best is not None
        assert min(parts) == best[0]


def test_what_the_plain_search_visits_does_not_depend_on_what_it_finds() -> None:
    for seed in range(20):
        problem = random_problem(seed)
        end = len(problem.positions[0].patterns)
        nothing = explore_plainly(problem, 0, end, -1)
        assert nothing.best is None
        assert nothing.visited == len(choices_of(problem))
        parts = [explore_plainly(problem, first, first + 1, ANY).visited for first in range(end)]
        assert sum(parts) == nothing.visited


def test_letters_are_those_of_some_functions() -> None:
    for seed in range(60):
        problem = random_problem(seed)
        chosen = choices_of(problem)[0]
        cost, letters = best_letters(problem, chosen)
        cells = cells_of(problem, chosen)
        outputs = [(group, j) for group in problem.groups for j in range(len(group.functions))]
        for (group, j), letter in zip(outputs, letters, strict=True):
            assert any((rows[cells] == letter).all() for rows in group.functions[j])
        assert cost <= cost_of(problem, chosen, tuple((0,) * len(group.functions) for group in problem.groups))


def test_the_random_problems_have_every_shape() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        problem = random_problem(seed)
        flat = arrays_of(problem)
        seen["many words"] += flat.contexts.shape[1] > 1
        seen["many planes"] += flat.planes > 1
        seen["many groups"] += len(problem.groups) > 1
        seen["alike"] += any(position.like_previous for position in problem.positions)
        seen["one position"] += len(problem.positions) == 1
        seen["large alphabet"] += max(flat.free) > 64
        seen["many function words"] += max(flat.function_words) > 1
        for group, joining in zip(problem.groups, flat.joining, strict=True):
            if len(group.functions) > 1:
                seen[f"joining {joining}"] += 1
    assert all(count >= 10 for count in seen.values())
    assert len(seen) == 10
