"""Costs of digits, their windows and their orders; what sums cost, against the definition."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

import qnnt
from qnnt.algorithms.pseudo_polynomial import coordinate_costs
from qnnt.algorithms.pseudo_polynomial.coordinate_costs import CoordinateCosts, window_minima
from qnnt.algorithms.pseudo_polynomial.curves import Curve, Distances, Flat, Hinges, Line, Squares, first_true, lowest
from qnnt.algorithms.pseudo_polynomial.join import cheapest_sums
from qnnt.algorithms.pseudo_polynomial.problem import Problem, problem_of
from qnnt.algorithms.pseudo_polynomial.runs import Slope, _levels
from qnnt.algorithms.pseudo_polynomial.shares import Share
from qnnt.algorithms.pseudo_polynomial.stages import additive_view
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance
from qnnt.losses import Hamming, Positive
from qnnt.simplification.pipeline import simplify


def random_curve(rng: random.Random, first: int, last: int) -> Curve:
    labels = tuple((rng.randint(-9, 9), rng.randint(1, 3)) for _ in range(rng.randint(1, 3)))
    line = Line(rng.randint(-9, 9), rng.choice([-2, -1, 1, 3]), labels)
    scale = rng.randint(1, 3)
    made: Curve = rng.choice(
        [
            Flat(first, last, first, rng.randint(0, 30)),
            Distances(first, last, first, scale, line),
            Squares(first, last, first, scale, line),
            Hinges(first, last, first, scale, line, rng.randint(0, 9)),
        ]
    )
    return type(made)(**{**vars(made), "best": lowest(made.cost, first, last)})


def random_costs(rng: random.Random) -> CoordinateCosts:
    """Curves with gaps between them, capped."""
    reach = rng.randint(0, 25)
    cuts = sorted({0, reach + 1, *(rng.randint(0, reach + 1) for _ in range(4))})
    cap = rng.choice([10, 40, 10_000])
    curves = [random_curve(rng, a, b - 1).up_to(cap) for a, b in itertools.pairwise(cuts) if rng.random() < 0.8]
    return CoordinateCosts(reach, tuple(curve for curve in curves if curve is not None), cap)


def by_definition(costs: CoordinateCosts) -> list[int]:
    found = [costs.forbidden] * (costs.reach + 1)
    for curve in costs.curves:
        for digit in range(curve.first, curve.last + 1):
            found[digit] = curve.cost(digit)
    return found


@pytest.mark.parametrize("short", [0, 1 << 16])
def test_costs_of_digits(short: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinate_costs, "SHORT", short)
    for seed in range(300):
        costs = random_costs(random.Random(seed))
        wanted = by_definition(costs)
        digits = np.arange(costs.reach + 1)
        assert max(wanted) <= costs.forbidden
        assert costs.at(digits).tolist() == wanted
        assert costs.least == min(wanted)
        for span in range(costs.reach + 1):
            least = [min(wanted[f : f + span + 1]) for f in range(costs.reach + 1 - span)]
            assert costs.least_from(digits[: len(least)], span).tolist() == least
        assert list(costs.by_cost()) == sorted((cost, d) for d, cost in enumerate(wanted) if cost <= costs.cap)


def test_caps_and_windows() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        curve = random_curve(rng, 2, rng.randint(2, 30))
        cap = rng.randint(-1, 60)
        kept = curve.up_to(cap)
        good = [d for d in range(curve.first, curve.last + 1) if curve.cost(d) <= cap]
        assert (good == []) == (kept is None)
        assert kept is None or (good == list(range(kept.first, kept.last + 1)) and type(kept) is type(curve))
        assert curve.cost(curve.best) == min(curve.cost(d) for d in range(curve.first, curve.last + 1))
        assert curve.greatest == max(curve.cost(d) for d in range(curve.first, curve.last + 1))
        costs = random_costs(rng)
        within = [d for d, cost in enumerate(by_definition(costs)) if cost <= min(cap, costs.cap)]
        window = costs.within(min(cap, costs.cap))
        assert window == ((within[0], within[-1]) if within else None)


def test_first_true() -> None:
    assert [first_true(lambda k, least=least: k >= least) for least in range(40)] == list(range(40))  # type: ignore[misc]


def test_window_minima() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        numbers, width = rng.integers(0, 50, rng.integers(1, 30)), int(rng.integers(1, 40))
        assert window_minima(numbers, width).tolist() == [min(numbers[i : i + width]) for i in range(len(numbers))]


def test_cheapest_sums_come_in_order_and_once() -> None:
    for seed in range(100):
        rng = random.Random(seed)
        costs = [random_costs(rng) for _ in range(rng.randint(1, 3))]
        tables = [by_definition(some) for some in costs]
        wanted = []
        for digits in itertools.product(*(range(len(table)) for table in tables)):
            parts = [table[d] for table, d in zip(tables, digits, strict=True)]
            if all(part <= some.cap for part, some in zip(parts, costs, strict=True)):
                wanted.append((sum(parts), digits))
        found = list(cheapest_sums(costs))
        assert [cost for cost, _ in found] == sorted(cost for cost, _ in wanted)
        assert sorted(found) == sorted(wanted)


# --- losses of instances ---------------------------------------------------------------------------

INSTANCES = [*range(40), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(40, 1000))]


def small_problem(instance: Instance) -> Problem | None:
    simplified = simplify(instance).instance
    view = additive_view(simplified) if len(simplified.dataset) else None
    return problem_of(view) if view is not None and view.feasible else None


def final_sums(problem: Problem) -> np.typing.NDArray[np.int64]:
    found = np.zeros((1, problem.box.limbs), np.int64)
    for stage in problem.all_steps:
        found = np.unique((found[:, None] + problem.stages[stage].keys).reshape(-1, problem.box.limbs), axis=0)
    return found


def defined_loss(problem: Problem, vector: list[int]) -> Number | None:
    p = len(problem.view.inputs)
    parts = [problem.view.loss_of(i, vector[i::p]) for i in range(p)]
    return None if None in parts else sum(part for part in parts if part is not None)


@pytest.mark.parametrize("seed", INSTANCES)
def test_losses_of_sums_are_those_of_the_view(seed: int) -> None:
    problem = small_problem(random_two_layer(random.Random(f"two layers {seed}")))
    if problem is None:
        return
    keys = final_sums(problem)[:400]
    box, terms = problem.box, problem.terms
    columns = [box.digits(keys, c) for c in range(len(box.reach))]
    losses, nothing = problem.losses(keys), np.zeros_like(problem.reach)
    bounds = problem.bounds(keys, nothing)
    additive = sum((costs.at(columns[c]) for c, costs in terms.additive), np.zeros(len(keys), np.int64))
    for row, loss in enumerate(losses.tolist()):
        wanted = defined_loss(problem, [box.value(c, int(columns[c][row])) for c in range(len(columns))])
        if wanted is None:
            assert loss > terms.cap
        else:
            assert Fraction(loss, terms.denominator) == wanted
            assert terms.least <= bounds[row] <= loss
            assert additive[row] <= loss
            assert loss <= terms.cap
    if terms.separable:
        assert (np.minimum(bounds, terms.forbidden) == np.minimum(losses, terms.forbidden)).all()
    assert terms.complete


@pytest.mark.parametrize("seed", INSTANCES)
def test_bounds_hold_for_all_that_may_follow(seed: int) -> None:
    problem = small_problem(random_two_layer(random.Random(f"two layers {seed}")))
    if problem is None:
        return
    steps = problem.all_steps
    rng = random.Random(seed)
    partial, rest = np.zeros((1, problem.box.limbs), np.int64), problem.reach.copy()
    done = rng.randint(0, len(steps))
    for stage in steps[:done]:
        partial = partial + problem.stages[stage].keys[rng.randrange(len(problem.stages[stage].keys))]
        rest = rest - problem.stages[stage].spans
    final = partial
    for stage in steps[done:]:
        final = (final[:, None] + problem.stages[stage].keys).reshape(-1, problem.box.limbs)
    assert problem.bounds(partial, rest)[0] <= problem.losses(final).min()


# --- numbers ---------------------------------------------------------------------------------------


def one_sum(weights: list[int], label: Number, loss: str, **options: object) -> Instance:
    return qnnt.d_nnt([1, 1], [[1]], [[label]], weights=weights, bias=[0], loss=loss, **options)  # type: ignore[arg-type]


def test_levels_are_those_of_the_loss_digit_by_digit() -> None:
    """Also where the value passes 0, or a label, between two digits."""
    seen: set[int] = set()
    for seed in range(400):
        rng = random.Random(f"levels {seed}")
        slope = rng.choice([Fraction(-3, 2), Fraction(-1), Fraction(2, 3), Fraction(1), Fraction(5)])
        labels = {
            Fraction(rng.randint(-9, 9), rng.choice([1, 1, 2])): rng.randint(1, 3) for _ in range(rng.randint(1, 3))
        }
        loss = rng.choice([Positive(), Positive(), Hamming()])
        share = Share(loss, 0, tuple(labels.items()))
        line = Slope(0, rng.randint(0, 12), Fraction(rng.randint(-9, 9), rng.choice([1, 2, 3])), slope, share)
        levels = list(_levels(line, share))
        costs = [level.cost for level in levels for _ in range(level.first, level.last + 1)]
        assert [level.first for level in levels] == [0, *(level.last + 1 for level in levels[:-1])]
        assert all(a.cost != b.cost for a, b in itertools.pairwise(levels))
        assert costs == [share.of(line.offset + slope * digit) for digit in range(line.last + 1)]
        seen.add(len(levels))
    assert seen >= {1, 2, 3, 4, 5}


def test_long_ranges_are_never_walked_along() -> None:
    for activation, loss in (("identity", "squared"), ("relu", "absolute"), ("sign", "hamming"), ("identity", "linf")):
        instance = one_sum([-(2**50), 3, 2**50], 2**40, loss, activation=activation)
        problem = small_problem(instance)
        assert problem is not None
        assert problem.losses(final_sums(problem)).min() >= problem.terms.least


def test_losses_beyond_60_bits_are_cut_off() -> None:
    problem = small_problem(one_sum([0, 2**50], 7, "squared", activation="identity"))
    assert problem is not None
    assert not problem.terms.complete
    assert problem.losses(final_sums(problem)).tolist() == [49, problem.terms.forbidden]


def test_values_that_need_long_lists_are_refused() -> None:
    power = {"type": "polynomial", "coefficients": [0, 0, 1]}
    instance = one_sum([0, 3, 100_000], 4, "absolute", activation=power)
    with pytest.raises(UnsupportedError, match="the activation polynomial of an output has 100001 values to list"):
        small_problem(instance)


def test_denominators_beyond_60_bits_are_refused() -> None:
    data = [[1], [2]], [[Fraction(1, 2**30 + 1)], [Fraction(1, 2**30 - 1)]]
    instance = qnnt.d_nnt([1, 1], *data, weights=[0, 1], bias=[0], activation="identity", loss="squared")
    with pytest.raises(UnsupportedError, match="60 bits on a common denominator"):
        small_problem(instance)
