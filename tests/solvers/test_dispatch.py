"""Plans by estimates: who takes part, who comes first, and why."""

from __future__ import annotations

import dataclasses
import math
from itertools import combinations_with_replacement, product
from typing import Any

import pytest

from qnnt.documents.construction import d_nnt
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.dispatch import FIRST, enumerable, lockstep_plan, race_plan, why_enumerable
from qnnt.solvers.estimates import IMMENSE, Estimates
from qnnt.solvers.plan import Lane, Plan
from qnnt.solvers.registry import SOLVERS
from qnnt.solvers.thresholds import thresholds

WIDE = planted_labels(3, [10, 8, 2], 20, 0)
NARROW = random_labels(3, [3, 3, 2], 12, 0)
DEEP = random_labels(3, [2, 2, 2, 2, 1], 9, 0)
SUMS = d_nnt(
    {"inputs": ["s"], "outputs": ["t"], "edges": [
        *({"from": "s", "to": f"h{i}", "weights": [0, 2**40 + i]} for i in range(20)),
        *({"from": f"h{i}", "to": "t", "weights": [1]} for i in range(20)),
    ]},
    [[1]], [[2**41 + 1]], bias=[0], activation="identity", loss="absolute",
)  # fmt: skip


def estimates(instance: Instance) -> Estimates:
    return Estimates(simplify(instance).instance)


def lane(plan: Plan, name: str) -> Lane:
    (found,) = [lane for lane in plan.lanes if lane.name == name]
    return found


def names(plan: Plan) -> list[str]:
    return [lane.name for lane in plan.lanes]


@pytest.mark.parametrize("instance", [WIDE, NARROW, DEEP, SUMS, random_labels(2, [1, 1], 0, 0)])
def test_every_solver_is_decided_once_and_says_why(instance: Instance) -> None:
    plan = race_plan(instance)
    decided = [*names(plan), *(one.name for one in plan.left_out)]
    assert len(set(decided)) == len(decided)
    assert set(decided) <= set(SOLVERS)
    assert all(lane.why for lane in plan.lanes)
    assert all(one.why for one in plan.left_out)
    assert [lane.weight for lane in plan.lanes] == sorted((lane.weight for lane in plan.lanes), reverse=True)
    assert sum(lane.weight == FIRST for lane in plan.lanes) == 1
    assert any(SOLVERS[name].proves for name in names(plan))


def test_who_comes_first() -> None:
    assert names(race_plan(WIDE))[0] == "sat"
    assert names(race_plan(NARROW))[0] == "patterns"
    assert names(race_plan(DEEP))[0] in ("dp-frontier", "dp-layers")
    assert names(race_plan(SUMS))[0] == "dp-pseudo"
    assert "cpsat" not in names(race_plan(SUMS))


def test_local_search_begins_at_once_unless_an_algorithm_comes_first() -> None:
    alone = lane(race_plan(WIDE), "local-search")
    assert (alone.after, alone.head_start) == (0.0, thresholds().alone.local_search)
    late = lane(race_plan(NARROW), "local-search")
    assert late.after > 0 == late.head_start


@pytest.mark.parametrize(
    ("part", "key", "name"), [("first", "pattern_bits", "patterns"), ("most", "circuit_bits", "sat")]
)
def test_a_cut_decides_on_both_sides(part: str, key: str, name: str) -> None:
    bits = estimates(NARROW).pattern_bits if key == "pattern_bits" else estimates(NARROW).circuit_bits

    def first(cut: float) -> bool:
        at = dataclasses.replace(thresholds(), **{part: dataclasses.replace(getattr(thresholds(), part), **{key: cut})})
        plan = race_plan(NARROW, at)
        return name in names(plan) and (part == "most" or lane(plan, name).weight == FIRST)

    assert first(bits)
    assert not first(bits - 0.001)


def test_somebody_proves_in_any_case() -> None:
    at = dataclasses.replace(
        thresholds(),
        first=dataclasses.replace(thresholds().first, pseudo_inputs=0, pattern_bits=0),
        most=dataclasses.replace(thresholds().most, pseudo_inputs=0, circuit_bits=0, pattern_bits=0),
    )
    assert names(race_plan(SUMS, at)) == ["sat", "local-search"]


def test_lockstep_takes_those_that_ask() -> None:
    assert sorted(names(lockstep_plan(WIDE))) == ["cpsat:sliced", "local-search:compiled", "sat"]
    assert "cpsat:sliced" not in names(lockstep_plan(SUMS))


def test_small_instances_are_enumerated() -> None:
    assert enumerable(random_labels(3, [2, 2, 1], 9, 0))
    assert "3^9" not in why_enumerable(random_labels(3, [2, 2, 1], 9, 0))
    assert not enumerable(WIDE)
    single = d_nnt([1, 1], [[1]] * 3, [[1]] * 3, weights=[1], bias=[0], activation="identity", loss="absolute")
    assert why_enumerable(single) == "there is only one setting"


# --- estimates ---------------------------------------------------------------------------------------


def test_choices_of_patterns_are_multisets_over_alike_neurons() -> None:
    for hidden in (1, 2, 3):
        instance = random_labels(2, [2, hidden, 1], 4, 0)
        settings = range(2**3)  # two weights and a bias
        counted = sum(1 for _ in combinations_with_replacement(settings, hidden))
        assert estimates(instance).pattern_bits == pytest.approx(math.log2(counted))


def test_the_reach_bounds_every_sum() -> None:
    instance = random_labels(4, [2, 1, 1], 5, 1)
    reach = estimates(instance).reach
    largest = 0
    for w1, w2, b in product((-1, 0, 1, 2), repeat=3):
        for x in instance.dataset.x:
            largest = max(largest, abs(w1 * int(x[0]) + w2 * int(x[1]) + b))
    assert largest <= reach <= 18


@pytest.mark.parametrize(
    "options",
    [
        {"weights": ["-1/2", "1/3"], "bias": [0], "activation": "identity"},
        {"weights": [0, 1], "bias": [0], "activation": {"type": "table", "values": [[7, 1]]}},
        {"weights": [-(2**60), 2**60], "bias": [0, 1], "activation": "relu"},
    ],
)
def test_there_is_a_plan_for_everything(options: dict[str, Any]) -> None:
    for rows in ([], [[1, 2]], [[1, 2], [0, 5]]):
        instance = d_nnt([2, 2, 1], rows, [[1]] * len(rows), loss="absolute", **options)
        assert race_plan(instance).lanes
        assert lockstep_plan(instance).lanes


def test_values_without_bounds_are_immense() -> None:
    square = {"type": "polynomial", "coefficients": [0, 0, 1]}
    instance = d_nnt([1] * 40 + [1], [[3]], [[1]], weights=[1, 2], bias=[0], activation=square, loss="absolute")
    assert estimates(instance).reach == IMMENSE
    assert "cpsat" not in names(race_plan(instance))
