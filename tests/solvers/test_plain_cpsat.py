"""The yardstick: the same model for d-QNNT as ever, every activation and loss against enumeration, refusals."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from ortools.sat.python import cp_model

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS, LOSSES
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance, Objective, Parameters, Problem
from qnnt.result import Status
from qnnt.solvers.backends import Answer, Encoded, Event, Found, Limits, Raised
from qnnt.solvers.plain_cpsat import PlainCpSat
from qnnt.solvers.plain_model import plain_model
from tests.solvers.small_instances import NEVER

AMPLE = Limits(60)
BLOCK = 5
BLOCKS = [pytest.param(block, marks=[] if block < 2 else pytest.mark.full) for block in range(40)]


def answered(
    instance: Instance, objective: Objective, hint: Parameters | None = None, limits: Limits = AMPLE
) -> tuple[Answer, list[Event]]:
    """The answer within this process, and what was reported."""
    events: list[Event] = []
    solver = PlainCpSat()
    assert solver.unsupported(instance, objective) is None
    return solver.solve(instance, objective, hint, limits, events.append), events


def judged(instance: Instance, events: list[Event]) -> list[Number]:
    """The losses of the parameters that were reported, by the judge."""
    return [qnnt.verify(instance, event.parameters) for event in events if isinstance(event, Found)]


def assert_minimum(instance: Instance, best: Number | None, hint: Parameters | None = None) -> None:
    answer, events = answered(instance, Objective.MINIMIZE, hint)
    bounds = [event.lower_bound for event in events if isinstance(event, Raised)]
    assert answer.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
    assert min(judged(instance, events), default=None) == best
    assert answer.lower_bound == best
    assert bounds == sorted(set(bounds))
    assert best is None or all(0 < bound <= best for bound in bounds)


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


def assert_all_answers(instance: Instance) -> None:
    """The smallest loss, and decisions around it."""
    best = minimum(instance).loss
    assert_minimum(instance, best)
    for bound in {0, 10**30} if best is None else {best, max(0, best - 1), best + 1}:
        assert_decision(instance, best, bound)


# --- d-QNNT: the model that does not change ------------------------------------------------------


def yardstick(instance: Instance) -> Any:
    """The model of all figures so far, written down once more; without masks."""
    assert instance.d is not None
    low, top = -((instance.d - 1) // 2), instance.d // 2
    model = cp_model.CpModel()
    network = instance.network
    weight = {edge: model.new_int_var(low, top, "") for edge in network.edges}
    bias = {v: model.new_int_var(low, top, "") for v in network.neurons}
    errors = []
    data = instance.dataset
    for x, y, importance in zip(data.x, data.y, data.weight, strict=True):
        value: dict[str, Any] = dict(zip(network.inputs, map(int, x), strict=True))
        for v in network.neurons:
            terms = [-bias[v]]
            for u in network.predecessors[v]:
                if u in network.inputs:
                    terms.append(value[u] * weight[u, v])
                else:
                    product = model.new_int_var(low * top, top * top, "")
                    model.add_multiplication_equality(product, [value[u], weight[u, v]])
                    terms.append(product)
            reach = top * max(-low, top) * len(terms) + top
            positive = model.new_int_var(0, reach, "")
            model.add_max_equality(positive, [sum(terms), 0])
            value[v] = model.new_int_var(0, top, "")
            model.add_min_equality(value[v], [positive, top])
        wrong = model.new_bool_var("")
        for o, label in zip(network.outputs, y, strict=True):
            assert label is not None
            model.add(value[o] == int(label)).only_enforce_if(~wrong)
        errors.append(importance * wrong)
    model.minimize(sum(errors))
    return model


SKIPS = qnnt.d_qnnt(
    4,
    {
        "inputs": ["a", "b"],
        "outputs": ["o", "h"],
        "edges": [{"from": u, "to": v} for u, v in ("ah", "ao", "ho", "bo")],
    },
    [[0, 1], [-1, 2], [0, 1]],
    [[1, 2], [0, -1], [2, 2]],
    weight=[1, 3, 2],
)
"""An output that another one reads, a label below 0, one sample twice, weights."""


@pytest.mark.parametrize(
    "instance",
    [
        random_labels(2, (3, 2, 1), 8, 0),
        random_labels(3, (3, 3, 2), 16, 0),
        random_labels(5, (2, 2, 2, 1), 9, 1),
        planted_labels(16, (3, 2, 1), 10, 3, flip=0.3),
        qnnt.d_qnnt(3, [2, 1], [], []),
        SKIPS,
    ],
    ids=["d=2", "d=3", "three layers", "d=16", "no samples", "skips"],
)
def test_it_is_the_yardstick(instance: Instance) -> None:
    assert str(plain_model(instance, Objective.MINIMIZE).target.proto) == str(yardstick(instance).proto)


@pytest.mark.parametrize("layers", [(2, 1), (3, 3, 2), (2, 4, 3, 1)])
@pytest.mark.parametrize("samples", [0, 1, 7])
def test_sizes(layers: tuple[int, ...], samples: int) -> None:
    instance = random_labels(3, layers, samples, 0).derive(bound=1)
    edges, neurons = sum(a * b for a, b in pairwise(layers)), sum(layers[1:])
    products = edges - layers[0] * layers[1]
    variables = edges + neurons + samples * (products + 2 * neurons + 1)
    constraints = samples * (products + 2 * neurons + layers[-1])
    assert plain_model(instance, Objective.MINIMIZE).sizes == {"variables": variables, "constraints": constraints}
    constants = 1 if samples == 0 else 0  # then the bound is on a constant
    asked = {"variables": variables + constants, "constraints": constraints + 1}
    assert plain_model(instance, Objective.DECIDE).sizes == asked
    assert plain_model(instance, instance.objective).sizes == asked
    _, events = answered(instance, Objective.DECIDE)
    assert isinstance(events[0], Encoded)
    assert events[0].sizes == asked


@pytest.mark.parametrize(
    ("instance", "best"),
    [
        (random_labels(3, (2, 2, 1), 9, 1), None),
        (random_labels(4, (2, 1, 1), 12, 2), None),
        (planted_labels(3, (2, 1, 2), 10, 3, flip=0.3), None),
        (SKIPS, None),
        (qnnt.d_qnnt(3, [2, 1], [], []), 0),
        (qnnt.d_qnnt(3, [1, 1], [[1]], [[-1]], weight=[7]), 7),
        (qnnt.d_qnnt(3, [1, 1], [[1], [1], [1]], [[0], [1], [None]], weight=[2, 5, 9]), 2),
        (qnnt.d_qnnt(3, [1, 2], [[1], [1]], [[0, None], [None, None]]), 0),
    ],
    ids=["d=3", "d=4", "two outputs", "skips", "no samples", "never met", "weights and masks", "masks"],
)
def test_d_qnnt(instance: Instance, best: int | None) -> None:
    found = minimum(instance).loss
    assert best in (None, found)
    assert_all_answers(instance)
    assert_decision(instance, found, instance.dataset.total_weight)
    assert_decision(instance, found, 10**30)


# --- D-NNT ---------------------------------------------------------------------------------------


def assert_agrees(source: str, **kinds: Any) -> None:
    """On random instances, whose table activations are partial at times."""
    for seed in range(BLOCK):
        assert_all_answers(
            random_instance(random.Random(f"{source} {seed}"), problem=Problem.D_NNT, rational=False, **kinds)
        )


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation: str, block: int) -> None:
    assert_agrees(f"plain {activation} {block}", activations=[activation], most_settings=300)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("loss", LOSSES)
def test_losses(loss: str, block: int) -> None:
    assert_agrees(f"plain {loss} {block}", losses=[loss], most_settings=300)


def line(weights: list[int], x: list[list[int]], y: list[list[int]], **changes: Any) -> Instance:
    options: dict[str, Any] = {"bias": [0, 1], "activation": "identity", "loss": "absolute"}
    return qnnt.d_nnt([len(x[0]), 1], x, y, weights=weights, **{**options, **changes})


@pytest.mark.parametrize(
    "instance",
    [
        NEVER,
        line([3], [[2], [1]], [[7], [0]], bias=[1]),
        line([3], [[2]], [[7]], bias=[1], activation={"type": "polynomial", "coefficients": [0]}),
        line([0, 1], [[0]], [[2]], activation={"type": "polynomial", "coefficients": [-1, 0, 0, 2, 0]}),
        line([-1, 1], [[5], [-5]], [[2], [2]], activation={"type": "clip", "low": 90, "high": 91}),
        line([-1, 1], [[5], [-5]], [[2], [2]], activation={"type": "clip", "low": -91, "high": -90}),
        line([0, 1], [[4]], [[2]], activation={"type": "step", "breaks": [-99, 99], "values": [1, 5, 2]}),
        line([0, 1], [[4]], [[2]], activation={"type": "step", "breaks": [], "values": [-4]}),
        line([-1, 1], [[4]], [[2]], activation={"type": "leaky", "negative": -2, "positive": 0}),
        line([0, 1], [[4]], [[2]], activation={"type": "table", "values": [[4, 1], [5, -7], [99, 2]]}),
        line([2**28, -(2**28)], [[3]], [[5]], bias=[0]),
        line([0, 2], [[3]], [[5]], bias=[0], weight=[2**27]),
    ],
    ids=[
        *("never", "one setting", "zero", "cube", "clip above", "clip below", "far breaks", "constant", "falling"),
        *("entries out of reach", "large numbers", "large sample weight"),
    ],
)
def test_edges(instance: Instance) -> None:
    assert_all_answers(instance)


def test_hints() -> None:
    for seed in range(10):
        rng = random.Random(f"plain hint {seed}")
        instance = random_instance(rng, rational=False)
        assert_minimum(instance, minimum(instance).loss, random_parameters(rng, instance))


def test_limits() -> None:
    instance = random_labels(4, (4, 4, 2), 16, 0)
    answer, events = answered(instance, Objective.MINIMIZE, limits=Limits(0.5, 1))
    losses = judged(instance, events)
    assert answer.status is (Status.FEASIBLE if losses else Status.UNKNOWN)
    assert answer.lower_bound is not None
    assert 0 <= answer.lower_bound <= min(losses, default=16)
    assert set(answer.statistics) == {"conflicts", "branches", "deterministic_time"}
    answer, _ = answered(instance.derive(bound=1), Objective.DECIDE, limits=Limits(0.2, 1))
    assert answer.status is Status.UNKNOWN
    assert answer.lower_bound is None


@pytest.mark.parametrize("threads", [1, 2])
def test_as_a_solver(threads: int) -> None:
    instance = random_labels(3, (2, 2, 1), 9, 3)
    result = qnnt.solve(instance, solver="plain-cpsat", threads=threads, seed=4)
    assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, 1, 1)
    assert (result.solver, result.encoding) == ("plain-cpsat", None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights": [0, "1/2"]}, "it has integers only, and 1/2 is none"),
        ({"bias": ["2/3"]}, "2/3 is none"),
        ({"x": [["5/2"]]}, "5/2 is none"),
        ({"y": [["7/2"]]}, "7/2 is none"),
        ({"activation": {"type": "step", "breaks": ["1/4"], "values": [0, 1]}}, "1/4 is none"),
        ({"activation": {"type": "table", "values": [["1/2", 0], [1, 2]]}}, "1/2 is none"),
        ({"loss": {"type": "hinge", "margin": "1/3"}}, "1/3 is none"),
        ({"activation": "slp_shift"}, "no constraints for the activation slp_shift"),
        ({"weights": [2**31]}, r"sums up to 2e[+]09 are beyond .* 2\^31"),
        ({"bias": [2**31 - 1]}, "sums up to 2e[+]09"),
        ({"x": [[2**62]]}, "sums up to 5e[+]18"),
        ({"y": [[-(2**31)]]}, "sums up to"),
        ({"activation": {"type": "clip", "low": 0, "high": 2**31}}, "sums up to"),
        ({"activation": {"type": "polynomial", "coefficients": [0] * 40 + [1]}, "x": [[7]]}, "sums up to"),
        ({"loss": "squared", "y": [[2**16]]}, "sums up to"),
        ({"loss": {"type": "hinge", "margin": 1}, "x": [[2**16]], "y": [[2**16]]}, "sums up to"),
        ({"loss": "mismatch", "weight": [2**31 - 1], "x": [[1], [1]], "y": [[1], [1]]}, "sums up to"),
    ],
)
def test_what_it_refuses(changes: dict[str, Any], reason: str) -> None:
    options: dict[str, Any] = {"x": [[1]], "y": [[1]], "weights": [0, 1], "bias": [0]}
    options |= {"activation": "identity", "loss": "absolute", **changes}
    x, y = options.pop("x"), options.pop("y")
    if "weight" in options:
        options["weight"] = options["weight"] * len(x)
    instance = qnnt.d_nnt([1, 1], x, y, **options)
    with pytest.raises(qnnt.UnsupportedError, match=f"^plain-cpsat: .*{reason}"):
        qnnt.solve(instance, solver="plain-cpsat", objective="minimize")
