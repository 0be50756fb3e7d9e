"""Row counts as a solver: against enumeration on random two-layer instances, refusals, hints, large networks."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.exact import Number
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Encoded, Event, Found, Limits, Raised
from qnnt.solvers.row_count import RowCount
from tests.solvers.small_instances import NEVER

BLOCK = 10
BLOCKS = [pytest.param(block, marks=[] if block < 8 else pytest.mark.full) for block in range(300)]


def answered(
    instance: Instance, objective: Objective, hint: Parameters | None = None, seconds: float = 60
) -> tuple[Answer, list[Event]]:
    """The answer within this process, and what was reported."""
    events: list[Event] = []
    solver = RowCount()
    assert solver.unsupported(instance, objective) is None
    return solver.solve(instance, objective, hint, Limits(seconds), events.append), events


def judged(instance: Instance, events: list[Event]) -> list[Number]:
    """The losses of the parameters that were reported, by the judge."""
    return [qnnt.verify(instance, event.parameters) for event in events if isinstance(event, Found)]


def assert_minimum(instance: Instance, best: Number | None) -> None:
    answer, events = answered(instance, Objective.MINIMIZE)
    losses = judged(instance, events)
    bounds = [event.lower_bound for event in events if isinstance(event, Raised)]
    assert answer.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
    assert min(losses, default=None) == best
    assert best is None or (losses[-1] == best and max(bounds, default=0) <= best)
    assert answer.lower_bound in (best, None)


def assert_decision(instance: Instance, best: Number | None, bound: Number) -> None:
    asked = instance.derive(bound=bound)
    answer, events = answered(asked, Objective.DECIDE)
    losses = judged(asked, events)
    if best is not None and best <= bound:
        assert answer.status is Status.YES
        assert losses[-1] <= bound
    else:
        assert answer.status is Status.NO
        assert not losses


@pytest.mark.parametrize("block", BLOCKS)
def test_agrees_with_enumeration(block: int) -> None:
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        instance = random_two_layer(random.Random(f"row count {seed}"))
        best = minimum(instance).loss
        assert_minimum(instance, best)
        if best is None:
            assert_decision(instance, best, 10**6)
            continue
        assert_decision(instance, best, best)
        assert_decision(instance, best, best + 1)
        if best > 0:
            assert_decision(instance, best, best - Fraction(1, 1000))


def test_any_instance_is_solved_or_refused() -> None:
    """Also networks of other shapes than two layers."""
    solved = 0
    for seed in range(40):
        instance = random_instance(random.Random(f"any {seed}"), most_settings=300)
        reason = RowCount().unsupported(instance, Objective.MINIMIZE)
        if reason is None:
            solved += 1
            assert_minimum(instance, minimum(instance).loss)
        else:
            assert "more than two layers" in reason
    assert solved >= 10


def test_hints_are_taken() -> None:
    taken = 0
    for seed in range(30):
        instance = random_two_layer(random.Random(f"hint {seed}"))
        hint = random_parameters(random.Random(seed), instance)
        try:
            qnnt.verify(instance, hint)
        except qnnt.CertificateError:
            continue
        taken += 1
        answer, events = answered(instance, Objective.MINIMIZE, hint)
        assert answer.status is Status.OPTIMAL
        assert min(judged(instance, events)) == minimum(instance).loss
    assert taken >= 20


# --- larger networks -----------------------------------------------------------------------------


def relus(k: int, seed: int, **changes: Any) -> Instance:
    """Alike ReLU neurons behind even inputs, with odd labels: no loss is 0."""
    rng = random.Random(f"{k} {seed}")
    x = [[2 * rng.randint(-10, 10) for _ in range(3)] for _ in range(2)]
    y = [[2 * rng.randint(0, 5 * k) + 1] for _ in range(2)]
    edges: list[dict[str, Any]] = [{"from": f"x{i + 1}", "to": f"h{j}"} for j in range(k) for i in range(3)]
    edges += [{"from": f"h{j}", "to": "o", "weights": [-1, 1]} for j in range(k)]
    neurons = {"o": {"activation": "identity"}}
    network = {"inputs": ["x1", "x2", "x3"], "outputs": ["o"], "edges": edges, "neurons": neurons}
    options: dict[str, Any] = {"weights": [-1, 0, 1], "bias": [0], "activation": "relu", "loss": "absolute"}
    return qnnt.d_nnt(network, x, y, **{**options, **changes})


@pytest.mark.parametrize("seed", range(4))
def test_fifty_alike_neurons(seed: int) -> None:
    """Each odd label is missed by at least 1; a proof for 10^33 settings."""
    answer, events = answered(relus(50, seed), Objective.MINIMIZE)
    assert answer.status is Status.OPTIMAL
    assert min(judged(relus(50, seed), events)) == answer.lower_bound
    assert answer.lower_bound is not None
    assert answer.lower_bound >= 2


@pytest.mark.parametrize("loss", ["absolute", "squared", "mismatch", "hamming", "linf"])
def test_losses_of_large_sums(loss: str) -> None:
    """Both odd labels are missed, by 1 at best: the optimum is 2 whatever is counted."""
    instance = relus(30, 1, loss=loss)
    answer, events = answered(instance, Objective.MINIMIZE)
    assert answer.status is Status.OPTIMAL
    assert min(judged(instance, events)) == 2
    assert answer.lower_bound in (2, None)


def subset_sum(items: list[int], target: int) -> Instance:
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [
            *({"from": "x", "to": f"h{i}", "weights": [0, a]} for i, a in enumerate(items)),
            *({"from": f"h{i}", "to": "o", "weights": [1]} for i in range(len(items))),
        ],
    }
    return qnnt.d_nnt(network, [[1]], [[target]], weights=[1], bias=[0], activation="identity", loss="absolute")


def test_subset_sum() -> None:
    rng = random.Random(5)
    items = [rng.randint(1, 1000) for _ in range(12)]
    sums = {0}
    for item in items:
        sums |= {s + item for s in sums}
    for target in (sum(items[::2]), 17, sum(items) + 5):
        answer, events = answered(subset_sum(items, target), Objective.MINIMIZE)
        assert answer.lower_bound == min(abs(s - target) for s in sums)
        assert min(judged(subset_sum(items, target), events)) == answer.lower_bound


# --- degenerate and refused ----------------------------------------------------------------------


@pytest.mark.parametrize("samples", [[], [[0, 1]]])
def test_nothing_to_learn(samples: list[list[int]]) -> None:
    instance = qnnt.d_qnnt(3, [2, 2, 1], samples, [[None]] * len(samples))
    assert_minimum(instance, 0)
    assert_decision(instance, 0, 0)


def test_parameters_that_a_table_forbids() -> None:
    assert_minimum(NEVER, None)
    assert_decision(NEVER, None, 5)


def test_what_it_reports() -> None:
    instance = relus(6, 0)
    answer, events = answered(instance, Objective.MINIMIZE)
    assert isinstance(events[0], Encoded)
    assert events[0].sizes["parameters"]["members"] == 6
    assert events[0].sizes["loss_denominator"] == 1
    assert "conflicts" in answer.statistics


def test_limits_end_it() -> None:
    rng = random.Random(3)
    x = [[rng.randint(-99, 99) for _ in range(4)] for _ in range(7)]
    y = [[rng.randint(-99, 99)] for _ in range(7)]
    instance = qnnt.d_nnt([4, 9, 1], x, y, weights=[-1, 0, 1], bias=[0, 1], activation="relu", loss="absolute")
    answer, events = answered(instance, Objective.MINIMIZE, seconds=0.3)
    assert answer.status in (Status.FEASIBLE, Status.UNKNOWN)
    assert (answer.status is Status.FEASIBLE) == bool(judged(instance, events))


@pytest.mark.parametrize(
    ("instance", "reason"),
    [
        (qnnt.d_qnnt(3, [2, 2, 2, 1], [[0, 1]], [[1]]), "more than two layers"),
        (qnnt.d_qnnt(3, [24, 2, 1], [[i % 3 - 1] * 24 for i in range(2)], [[0]] * 2), None),
        (subset_sum([2**40 + i for i in range(5)], 7), "sums up to .* are beyond what CP-SAT answers reliably"),
        (subset_sum([2**61, 2**60], 7), "could need more than 60 bits"),
        (
            qnnt.d_nnt([18, 1, 1], [[3**i for i in range(18)]], [[7]], weights=[0, 1], bias=[0], activation="relu"),
            "rows of h1_1",
        ),
        (
            qnnt.d_nnt([30, 1, 1], [[3**i for i in range(30)]], [[7]], weights=[0, 1], bias=[0], activation="relu"),
            "too many partial sums at h1_1",
        ),
    ],
    ids=["three layers", "few rows", "beyond CP-SAT", "60 bits", "rows", "partial sums"],
)
def test_what_it_refuses(instance: Instance, reason: str | None) -> None:
    found = RowCount().unsupported(instance, Objective.MINIMIZE)
    if reason is None:
        assert found is None
    else:
        assert found is not None
        with pytest.raises(AssertionError, match=reason):
            raise AssertionError(found)
