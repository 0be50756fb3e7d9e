"""Runs with growing limits find the optimum; trials foresee the number of states, counts bound the patterns."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from qnnt.algorithms.states import pattern_counts, trial
from qnnt.algorithms.states.deepening import Best, Minimum, Program, minimum
from qnnt.algorithms.states.effort import MOST_NUMBERS, Effort, StateLimitError
from qnnt.algorithms.states.integer_view import IntegerView
from qnnt.algorithms.states.mismatches import Classes
from qnnt.algorithms.states.pattern_counts import log2_frontier, log2_patterns
from qnnt.algorithms.states.trial import Estimate, Setup, estimates
from qnnt.fuzzing.tiny import all_parameters
from tests.algorithms.states.random_views import Pattern, patterns_under, random_view

# --- growing limits ------------------------------------------------------------------------------


class FakeProgram:
    """Knows which losses can be reached; excludes up to the next one, or less where it is told to be modest."""

    def __init__(self, losses: Sequence[int], modest: random.Random | None = None) -> None:
        self.losses, self.modest = sorted(losses), modest
        self.limits: list[int] = []

    def __call__(self, limit: int) -> Best:
        self.limits.append(limit)
        above = [loss for loss in self.losses if loss > limit]
        excluded = above[0] if above else None
        if excluded is not None and self.modest is not None:
            excluded = self.modest.randint(limit + 1, excluded)
        if self.losses and self.losses[0] <= limit:
            return Best([np.array([self.losses[0]])], self.losses[0], excluded)
        return Best(None, None, excluded)


def run(program: FakeProgram, lower: int, upper: int) -> tuple[Minimum, list[int]]:
    """The minimum, with the bounds on the way: each is proven, and higher than the one before."""
    bounds: list[int] = []
    found = minimum(program, lower, upper, bounds.append)
    assert bounds == sorted(set(bounds))
    assert all(bound > limit for bound, limit in zip(bounds, program.limits, strict=False))
    assert all(lower <= limit <= upper for limit in program.limits)
    assert all(not program.losses or bound <= program.losses[0] for bound in bounds)
    return found, bounds


@pytest.mark.parametrize("modest", [False, True])
def test_the_optimum_within_the_upper_bound(modest: bool) -> None:
    rng = random.Random(f"optimum {modest}")
    for _ in range(300):
        losses = [rng.choice([0, 1, 3, 10, 100, rng.randrange(1000)]) for _ in range(rng.randint(1, 5))]
        best = min(losses)
        program = FakeProgram(losses, rng if modest else None)
        found, bounds = run(program, rng.choice([0, best // 2, best]), best + rng.choice([0, 1, 5, 10**6]))
        assert (found.loss, found.lower_bound) == (best, best)
        assert found.patterns is not None
        assert found.patterns[0].tolist() == [best]
        assert len(bounds) == len(program.limits) - 1


@pytest.mark.parametrize("modest", [False, True])
def test_nothing_within_the_upper_bound_gives_a_proven_bound(modest: bool) -> None:
    rng = random.Random(f"nothing {modest}")
    for _ in range(300):
        best = rng.choice([1, 2, 10, rng.randint(1, 1000)])
        upper = rng.randrange(best)
        found, bounds = run(FakeProgram([best, best + 3], rng if modest else None), rng.randint(0, upper), upper)
        assert (found.patterns, found.loss) == (None, None)
        assert found.lower_bound is not None
        assert upper < found.lower_bound <= best
        assert bounds[-1] == found.lower_bound


def test_nothing_exists() -> None:
    program = FakeProgram([])
    assert run(program, 2, 1000) == (Minimum(None, None, None), [])
    assert program.limits == [2]


def test_an_upper_bound_below_the_lower_one_needs_no_run() -> None:
    program = FakeProgram([5])
    assert run(program, 3, 2) == (Minimum(None, None, 3), [])
    assert program.limits == []


class TimidProgram(FakeProgram):
    """Excludes no more than it must."""

    def __call__(self, limit: int) -> Best:
        found = super().__call__(limit)
        return found if found.loss is not None else Best(None, None, limit + 1)


@pytest.mark.parametrize("lower", [0, 10**6])
@pytest.mark.parametrize("distance", [0, 1, 2, 7, 100, 12345, 10**9])
def test_runs_are_logarithmic_in_the_distance(lower: int, distance: int) -> None:
    best = lower + distance
    tight = FakeProgram([best, best + 1])
    assert run(tight, lower, 10**12)[0].loss == best
    assert len(tight.limits) <= 2
    timid = TimidProgram([best])
    assert run(timid, lower, 10**12)[0].loss == best
    assert len(timid.limits) <= math.log2(distance + 1) + 2
    assert timid.limits[-1] - lower <= max(0, 2 * distance - 1)


def test_effort_holds_up_to_its_most() -> None:
    effort = Effort(10)
    effort.hold(10, "the start")
    effort.hold(4, "the end")
    assert effort.peak == 10
    with pytest.raises(StateLimitError, match=r"^more than 10 states at neuron h1$"):
        effort.hold(11, "neuron h1")
    assert effort.peak == 11


def test_effort_remembers_states_of_one_run() -> None:
    effort = Effort(10)
    effort.start_run()
    effort.remember(60, "h1")
    effort.remember(40, "h2")
    with pytest.raises(StateLimitError, match=r"^more than 100 states to remember at h3$"):
        effort.remember(1, "h3")
    effort.start_run()
    effort.remember(100, "h1")
    assert effort.runs == 2


def test_effort_makes_sums_up_to_its_most() -> None:
    effort = Effort(0, most_sums=100)
    effort.make(60, 10**6, "h1")
    effort.make(40, 1, "h2")
    with pytest.raises(StateLimitError, match=r"^too many partial sums at h3: 1 more$"):
        effort.make(1, 1, "h3")
    assert effort.sums == 101


def test_effort_makes_no_matrix_that_is_too_large() -> None:
    effort = Effort(0)
    for _ in range(3):
        effort.make(MOST_NUMBERS // 5, 5, "h1")
    with pytest.raises(StateLimitError, match=f"^too many partial sums at h2: {MOST_NUMBERS // 5} more$"):
        effort.make(MOST_NUMBERS // 5, 6, "h2")


# --- trials --------------------------------------------------------------------------------------


ONES = [1] * 9


def fake_setup(states: Sequence[int], transitions: Sequence[int] = ONES, seen: list[int] | None = None) -> Setup:
    """A program that holds so many states, after so many transitions, with 1, 2, ... distinct inputs."""

    def setup(view: IntegerView, classes: Classes, effort: Effort) -> Program:
        def program(limit: int) -> Best:
            count = len(view.inputs)
            if seen is not None:
                seen.append(count)
            assert limit == classes.total
            effort.transitions += transitions[count - 1]
            effort.hold(states[count - 1], "a trial")
            return Best(None, None, None)

        return program

    return setup


def wide_view(inputs: int) -> IntegerView:
    rng = random.Random(inputs)
    while True:
        view = random_view(rng)
        if len(view.inputs) == inputs:
            return view


def by_name(found: Sequence[Estimate]) -> Mapping[str, Estimate]:
    return {estimate.name: estimate for estimate in found}


def test_trials_see_the_peaks_and_order_by_promise() -> None:
    view = wide_view(5)
    setups = {
        "cubes": fake_setup([1, 8, 27, 64, 125]),
        "powers": fake_setup([2, 4, 8, 16, 32]),
        "too many": fake_setup([100, 10_000, 10**6]),
        "hopeless": fake_setup([trial.MOST_STATES + 1]),
    }
    found = estimates(view, setups, dict.fromkeys(setups, 1000.0))
    assert [estimate.name for estimate in found] == ["powers", "cubes", "too many", "hopeless"]
    peaks = {name: estimate.peaks for name, estimate in by_name(found).items()}
    assert peaks == {
        "cubes": (1, 8, 27, 64, 125),
        "powers": (2, 4, 8, 16, 32),
        "too many": (100, 10_000),
        "hopeless": (),
    }
    assert all(estimate.inputs == 5 for estimate in found)
    assert found[-1].log2_states() == 1000.0
    assert found[2].log2_states() == pytest.approx(5 * math.log2(100))


def test_ties_go_to_fewer_transitions() -> None:
    setups = {
        "slow": fake_setup([1, 2, 3], [30, 60, 90]),
        "quick": fake_setup([1, 2, 3], [10, 20, 30]),
    }
    found = estimates(wide_view(3), setups, dict.fromkeys(setups, 10.0))
    assert [(estimate.name, estimate.transitions) for estimate in found] == [("quick", 30), ("slow", 90)]


def test_trials_end_when_they_take_long() -> None:
    seen: list[int] = []
    setups = {"only": fake_setup([5, 10], [1, trial.MOST_WORK], seen)}
    (found,) = estimates(wide_view(5), setups, {"only": 50.0})
    assert seen == [1, 2]
    assert found.peaks == (5, 10)
    assert found.transitions == trial.MOST_WORK


def test_long_networks_have_one_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "LONG", 1)
    for inputs, count in [(5, 3), (3, 3), (2, 2), (1, 1)]:
        seen: list[int] = []
        (found,) = estimates(wide_view(inputs), {"only": fake_setup([4, 16, 64], ONES, seen)}, {"only": 99.0})
        assert seen == [count]
        assert found.peaks == (4, 16, 64)[:count]
        assert found.log2_states() == pytest.approx(2 * inputs)


def test_trials_take_inputs_from_everywhere() -> None:
    view = wide_view(5)
    chosen: dict[int, list[int]] = {}

    def setup(part: IntegerView, classes: Classes, effort: Effort) -> Program:
        chosen[len(part.inputs)] = [view.inputs.index(x) for x in part.inputs]
        assert classes.total == sum(sum(labels.values()) for labels in part.labels)
        return fake_setup(ONES)(part, classes, effort)

    estimates(view, {"only": setup}, {"only": 1.0})
    assert chosen == {1: [0], 2: [0, 2], 3: [0, 1, 3], 4: [0, 1, 2, 3], 5: [0, 1, 2, 3, 4]}


@pytest.mark.parametrize(
    ("peaks", "damping", "states"),
    [
        ((4, 8), 1.0, 64),  # twice as many with each of three more inputs
        ((4, 8), 0.0, 8),
        ((4, 16), 0.5, 128),
        ((3,), 1.0, 243),
        ((8, 4), 1.0, 4),
        ((0, 0), 1.0, 1),
        ((10, 2000), 1.0, 4096),  # the bound
        ((10, 10**4), 1.0, 10**4),  # what was seen counts more than a bound
        ((), 1.0, 4096),
    ],
)
def test_estimates_carry_growth_on(peaks: tuple[int, ...], damping: float, states: int) -> None:
    estimate = Estimate("any", peaks, 5, 12.0, 0)
    assert estimate.states(damping) == pytest.approx(states)


def test_estimates_never_overflow() -> None:
    assert Estimate("any", (10**4, 10**9), 10**6, 10**9, 0).states() == 2.0**1000


# --- counted patterns ----------------------------------------------------------------------------


def occurring_patterns(view: IntegerView) -> list[set[Pattern]]:
    found = [set[Pattern]() for _ in view.neurons]
    for parameters in all_parameters(view.instance):
        for v, pattern in enumerate(patterns_under(view, parameters) or []):
            found[v].add(pattern)
    return found


@pytest.mark.parametrize("most_choices", [pattern_counts.MOST_CHOICES, 3, 0])
def test_patterns_are_counted_from_above(monkeypatch: pytest.MonkeyPatch, most_choices: int) -> None:
    monkeypatch.setattr(pattern_counts, "MOST_CHOICES", most_choices)
    rng = random.Random(f"counts {most_choices}")
    for _ in range(40):
        view = random_view(rng, most_settings=300)
        for bound, patterns in zip(log2_patterns(view), occurring_patterns(view), strict=True):
            assert len(patterns) <= round(2**bound, 6)


def most_live_tuples(view: IntegerView, order: Sequence[int], log2: Sequence[float]) -> float:
    """A neuron is live from its own place until its last reader's; those that nobody reads never are."""
    largest = 0.0
    for i, v in enumerate(order):
        before, after = order[: i + 1], order[i:]
        live = [u for u in before if any(reader in after for reader in view.readers[u])]
        assert (v in live) == bool(view.readers[v])
        largest = max(largest, sum(log2[u] for u in live))
    return largest


def test_live_tuples_of_a_sweep() -> None:
    rng = random.Random("sweeps")
    for _ in range(60):
        view = random_view(rng)
        log2 = [rng.choice([0.0, 1.0, 2.5]) for _ in view.neurons]
        order = random_topological_order(rng, view)
        assert log2_frontier(view, order, log2) == pytest.approx(most_live_tuples(view, order, log2))


def random_topological_order(rng: random.Random, view: IntegerView) -> list[int]:
    order: list[int] = []
    while len(order) < len(view.neurons):
        ready = [
            v
            for v, neuron in enumerate(view.neurons)
            if v not in order and all(edge.source in order for edge in neuron.edges)
        ]
        order.append(rng.choice(ready))
    return order
