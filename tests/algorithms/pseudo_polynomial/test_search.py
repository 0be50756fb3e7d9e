"""All ways through a problem find what enumeration finds; limits, bounds and witnesses."""

from __future__ import annotations

import random

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.algorithms.pseudo_polynomial import growth as growing
from qnnt.algorithms.pseudo_polynomial.expectation import closing_order, falling_order, log2_halves, log2_peak
from qnnt.algorithms.pseudo_polynomial.growth import Growth, keep_all
from qnnt.algorithms.pseudo_polynomial.problem import Problem, problem_of
from qnnt.algorithms.pseudo_polynomial.search import (
    Outcome,
    Solved,
    by_all_sums,
    by_beam,
    by_growing_limits,
    by_halves,
    by_nearest,
)
from qnnt.algorithms.pseudo_polynomial.stages import additive_view
from qnnt.algorithms.pseudo_polynomial.sumsets import LONGEST
from qnnt.algorithms.states.effort import Effort, StateLimitError
from qnnt.array_evaluation import judge
from qnnt.exact import Number
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify

INSTANCES = [*range(40), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(40, 3000))]
ENGINES = ("mixed", "sparse", "mark", "bitset", "fft", "wide")
MOST = 1 << 24


def prepared(seed: int, largest: int = 2**62) -> tuple[Instance, Problem | None]:
    """A random instance, simplified, and its problem; None where nothing is to be searched for."""
    instance = simplify(random_two_layer(random.Random(f"two layers {seed}"))).instance
    view = additive_view(instance) if len(instance.dataset) else None
    return instance, problem_of(view, largest=largest) if view is not None and view.feasible else None


def loss_of(problem: Problem, solved: Solved | None) -> Number | None:
    """The loss that the parameters really have."""
    if solved is None:
        return None
    loss = judge(problem.view.instance, problem.view.parameters(solved.choices))
    assert loss * problem.terms.denominator == solved.loss
    return loss


def all_sums(problem: Problem, limit: int, engine: str = "mixed") -> Outcome:
    return by_all_sums(problem, closing_order(problem), engine, Effort(MOST), limit)


@pytest.mark.parametrize("seed", INSTANCES)
def test_every_engine_finds_the_optimum(seed: int) -> None:
    instance, problem = prepared(seed)
    best = minimum(instance).loss
    for engine in ENGINES:
        if engine == "wide":
            _, problem = prepared(seed, largest=1)
        if problem is None or (engine in LONGEST and problem.box.log2_volume > 18):
            continue
        assert loss_of(problem, all_sums(problem, problem.terms.cap, engine).solved) == best
        assert loss_of(problem, by_halves(problem, engine, Effort(MOST), problem.terms.cap).solved) == best
        if problem.terms.single is not None:
            assert loss_of(problem, by_nearest(problem, engine, Effort(MOST))) == best


@pytest.mark.parametrize("seed", INSTANCES)
@pytest.mark.parametrize("largest", [1, 2**62])
def test_limits(seed: int, largest: int) -> None:
    """At the optimum it is found, and nothing below it, in every way; bounds hold."""
    instance, problem = prepared(seed, largest)
    best = minimum(instance).loss
    if problem is None:
        return
    cap, denominator = problem.terms.cap, problem.terms.denominator
    beam = by_beam(problem, Effort(MOST), width=5)
    if best is None:
        assert problem.terms.complete
        assert beam is None
        assert all_sums(problem, cap).solved is None
        return
    optimum = int(best * denominator)
    found = loss_of(problem, beam)
    assert found is None or found >= best
    assert problem.terms.least <= optimum
    assert loss_of(problem, all_sums(problem, optimum).solved) == best
    below = all_sums(problem, optimum - 1)
    assert below.solved is None
    assert below.excluded is not None
    assert optimum - 1 < below.excluded <= optimum
    for most_targets in (None, 0, 2, 10**6):
        assert loss_of(problem, by_halves(problem, "mixed", Effort(MOST), optimum, most_targets).solved) == best
        assert by_halves(problem, "mixed", Effort(MOST), optimum - 1, most_targets).solved is None
    bounds: list[int] = []
    outcome = by_growing_limits(lambda limit: all_sums(problem, limit), problem.terms.least, cap, bounds.append)
    assert loss_of(problem, outcome.solved) == best
    assert bounds == sorted(bounds)
    assert all(bound <= optimum for bound in bounds)


def test_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums that are made, and partly dropped, a portion at a time."""
    monkeypatch.setattr(growing, "MOST_SUMS", 7)
    monkeypatch.setattr(growing, "MOST_WIDE", 7)
    for seed in range(40):
        for largest in (1, 2**62):
            instance, problem = prepared(seed, largest)
            if problem is not None:
                assert loss_of(problem, all_sums(problem, problem.terms.cap).solved) == minimum(instance).loss


def test_orders_have_every_step() -> None:
    for seed in range(60):
        _, problem = prepared(seed)
        if problem is not None:
            assert sorted(closing_order(problem)) == sorted(falling_order(problem)) == sorted(problem.all_steps)


def test_expected_sizes_are_not_passed() -> None:
    for seed in range(60):
        _, problem = prepared(seed)
        if problem is None:
            continue
        steps = closing_order(problem)
        growth = Growth(problem, "sparse", Effort(MOST), keep_all)
        peak = 1
        for stage in steps:
            growth.extend(stage)
            peak = max(peak, growth.size)
        assert peak <= 2 ** log2_peak(problem, steps) * 1.0001
        assert log2_halves(problem) <= log2_peak(problem, steps) + 1e-9


def test_every_sum_leads_back() -> None:
    for seed in range(40):
        _, problem = prepared(seed)
        if problem is None:
            continue
        growth = Growth(problem, "mixed", Effort(MOST), keep_all)
        growth.extend_all(closing_order(problem))
        for key in growth.keys[:30]:
            rows = growth.rows(key)
            assert sorted(stage for stage, _ in rows) == sorted(problem.all_steps)
            total = problem.view.constant.copy()
            for stage, row in rows:
                total += problem.view.stages[stage].rows[row]
            digits = [int(problem.box.digits(key[None, :], c)[0]) for c in range(len(total))]
            assert [problem.box.value(c, digit) for c, digit in enumerate(digits)] == total.tolist()


# --- made by hand ----------------------------------------------------------------------------------


def subset_sum(numbers: list[int], target: int, loss: str = "absolute") -> Problem:
    names = [f"h{i}" for i in range(len(numbers))]
    edges: list[dict[str, object]] = [
        {"from": "x", "to": v, "weights": [0, a]} for v, a in zip(names, numbers, strict=True)
    ]
    edges += [{"from": v, "to": "o", "weights": [1]} for v in names]
    network = {"inputs": ["x"], "outputs": ["o"], "edges": edges}
    instance = qnnt.d_nnt(network, [[1]], [[target]], weights=[0], bias=[0], activation="identity", loss=loss)
    return problem_of(additive_view(simplify(instance).instance))


@pytest.mark.parametrize("loss", ["absolute", "squared"])
def test_sums_of_large_numbers(loss: str) -> None:
    """Distances whose squares need a hundred bits, against all subsets."""
    for seed in range(10):
        rng = random.Random(seed)
        numbers = [rng.randrange(2**50) for _ in range(10)]
        target = rng.randrange(-(2**50), sum(numbers) + 2**50)
        problem = subset_sum(numbers, target, loss)
        sums = {0}
        for a in numbers:
            sums |= {a + some for some in sums}
        distance = min(abs(some - target) for some in sums)
        solved = by_nearest(problem, "mixed", Effort(MOST))
        assert loss_of(problem, solved) == (distance if loss == "absolute" else distance**2)


def test_equal_neurons_are_members_of_one_stage() -> None:
    problem = subset_sum([7] * 200 + [3] * 100, 1234)
    assert [stage.copies for stage in problem.stages] == [200, 100]
    assert loss_of(problem, all_sums(problem, 0).solved) == 0
    assert loss_of(problem, by_nearest(problem, "mixed", Effort(MOST))) == 0


def test_residues_are_lower_bounds() -> None:
    """All sums are even, the target is odd."""
    problem = subset_sum([6, 10, 14] * 5, 31)
    assert problem.terms.least == 1
    assert loss_of(problem, all_sums(problem, 1).solved) == 1


def test_too_many_sums() -> None:
    problem = subset_sum([2**i + 2**40 for i in range(30)], 2**44)
    with pytest.raises(StateLimitError, match=r"more than 1000 states at step 1\d of 30"):
        by_all_sums(problem, closing_order(problem), "mixed", Effort(1000), problem.terms.cap)
    with pytest.raises(StateLimitError, match="more than 1000 states"):
        by_nearest(problem, "mixed", Effort(1000))


def test_nearest_needs_one_convex_coordinate() -> None:
    instance = qnnt.d_nnt(
        [1, 1], [[1], [2]], [[1], [2]], weights=[0, 1], bias=[0, 1], activation="relu", loss="absolute"
    )
    with pytest.raises(ValueError, match="more than one coordinate"):
        by_nearest(problem_of(additive_view(simplify(instance).instance)), "mixed", Effort(MOST))
