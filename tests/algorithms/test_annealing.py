"""The walk keeps its sums, values and costs as a plain evaluation has them; what is found is what the judge says."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

from qnnt.activations import Table
from qnnt.algorithms import annealing, annealing_tables
from qnnt.algorithms.annealing import Annealed, anneal
from qnnt.algorithms.annealing_walk import Annealer
from qnnt.algorithms.enumeration import minimum
from qnnt.algorithms.output_costs import UNDEFINED, OutputCosts, letters, output_costs
from qnnt.algorithms.states.integer_view import IntegerView, integer_view
from qnnt.algorithms.states.vectors import Integers
from qnnt.array_evaluation import judge
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.exact import Number
from qnnt.fuzzing.functions import LOSSES
from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance, Parameters, Problem
from qnnt.simplification.pipeline import simplify

Tables = tuple[IntegerView, OutputCosts]


def tables_of(instance: Instance) -> Tables:
    view = integer_view(simplify(instance).instance)
    return view, output_costs(view)


def random_tables(rng: random.Random, most_settings: int = 3000) -> Tables:
    """Of a random instance that both take; each loss as often as the others."""
    while True:
        instance = random_instance(rng, losses=[rng.choice(LOSSES)], most_samples=12, most_settings=most_settings)
        try:
            return tables_of(instance)
        except UnsupportedError:
            continue


@dataclass(frozen=True)
class Plain:
    """What NumPy makes of parameters: shapes (neurons, p)."""

    sums: Integers
    values: Integers
    loss: int
    undefined: int


def plain(view: IntegerView, costs: OutputCosts, parameters: Parameters) -> Plain:
    """A full forward evaluation; undefined values count as 0, sums outside all runs to the nearest one."""
    p = len(view.inputs)
    exact: dict[str, list[Number]] = {
        name: [x[j] for x in view.inputs] for j, name in enumerate(view.instance.network.inputs)
    }
    sums, values, runs = [], [], []
    undefined = loss = 0
    for neuron in view.neurons:
        v = neuron.name
        total = [parameters.biases[v]] * p
        for u in view.instance.network.predecessors[v]:
            total = [t + parameters.weights[u, v] * value for t, value in zip(total, exact[u], strict=True)]
        assert all((t * neuron.unit).denominator == 1 for t in total)
        sums.append(np.array([int(t * neuron.unit) for t in total], np.int64))
        runs.append(neuron.runs.run_of(np.clip(sums[-1], neuron.runs.starts[0], neuron.runs.last)))
        defined = neuron.runs.defined[runs[-1]]
        undefined += int((~defined).sum())
        values.append(np.where(defined, neuron.runs.values[runs[-1]], 0))
        exact[v] = [Fraction(int(value), neuron.runs.denominator) for value in values[-1]]
    for group in costs.groups:
        column = np.zeros(p, np.int64)
        for j in group.outputs:
            column = column * len(costs.alphabets[j]) + letters(view, costs, j)[runs[view.outputs[j]]]
        for i in range(p):
            cost = int(group.costs[i, column[i]])
            undefined += cost == UNDEFINED
            loss += 0 if cost == UNDEFINED else cost
    return Plain(np.array(sums), np.array(values), loss, undefined)


def assert_kept_as_plain(annealer: Annealer, costs: OutputCosts) -> None:
    parameters = annealer.present_parameters()
    wanted = plain(annealer.view, costs, parameters)
    state, fixed = annealer._state, annealer._fixed
    assert (state.sums == wanted.sums).all()
    assert (fixed.values[state.codes] == wanted.values).all()
    assert (annealer.loss, annealer.undefined) == (wanted.loss, wanted.undefined)
    assert not state.counts.any()
    if annealer.undefined:
        with pytest.raises(CertificateError):
            judge(annealer.view.instance, parameters)
    else:
        assert judge(annealer.view.instance, parameters) == Fraction(annealer.loss, costs.denominator)


def assert_best_is_right(annealer: Annealer, costs: OutputCosts) -> None:
    parameters = annealer.best_parameters()
    assert (parameters is None) == (annealer.best is None)
    if parameters is not None and annealer.best is not None:
        assert judge(annealer.view.instance, parameters) == Fraction(annealer.best, costs.denominator)


# --- the walk against the plain evaluation -------------------------------------------------------


@pytest.mark.parametrize("searched", [False, True], ids=["listed codes", "searched codes"])
@pytest.mark.parametrize("block", [*range(4), *(pytest.param(i, marks=pytest.mark.full) for i in range(4, 60))])
def test_what_is_kept_is_what_a_plain_evaluation_says(
    block: int, searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if searched:
        monkeypatch.setattr(annealing_tables, "WIDEST_TABLE", 0)
    for seed in range(25):
        rng = random.Random(f"annealing {block} {seed}")
        view, costs = random_tables(rng)
        annealer = Annealer(view, costs, seed)
        assert (annealer._fixed.neurons[:, 2] < 0).all() == searched
        assert_kept_as_plain(annealer, costs)
        for temperature in (math.inf, 0.0, annealer.price, 1.0):
            annealer.run(1000, temperature, rng.choice([1.0, 0.999]))
            assert_kept_as_plain(annealer, costs)
        assert_best_is_right(annealer, costs)
        annealer.return_to_best()
        assert annealer.best is None or (annealer.loss, annealer.undefined) == (annealer.best, 0)
        annealer.scatter()
        assert_kept_as_plain(annealer, costs)


@pytest.mark.parametrize("block", [*range(2), *(pytest.param(i, marks=pytest.mark.full) for i in range(2, 30))])
def test_partial_tables(block: int) -> None:
    """Half of the entries of each table are dropped: at most settings something is undefined."""
    undefined = defined = 0
    for seed in range(25):
        rng = random.Random(f"annealing tables {block} {seed}")
        instance = random_instance(rng, problem=Problem.D_NNT, activations=("table", "relu"), most_samples=3)
        sparse = {
            v: Table(tuple(entry for entry in one.entries if rng.random() < 0.5)) if isinstance(one, Table) else one
            for v, one in instance.activations.items()
        }
        view, costs = tables_of(instance.derive(activations=sparse))
        annealer = Annealer(view, costs, seed)
        for _ in range(20):
            annealer.run(rng.choice([1, 30]), rng.choice([math.inf, 0.0, annealer.price]))
            assert_kept_as_plain(annealer, costs)
            undefined += annealer.undefined > 0
            defined += annealer.undefined == 0
        assert_best_is_right(annealer, costs)
    assert undefined > 50
    assert defined > 50


@pytest.mark.parametrize(
    "instance",
    [
        planted_labels(3, [6, 5, 2], 40, seed=1),
        random_labels(5, [3, 4, 4, 3, 2], 30, seed=2),
        random_labels(2, [6, 2, 2, 2, 2, 2, 1], 50, seed=3),
    ],
    ids=lambda instance: instance.name,
)
@pytest.mark.parametrize("loss", ["mismatch", "hamming", "squared", "linf"])
def test_larger_and_deeper_networks(instance: Instance, loss: str) -> None:
    simplified = simplify(instance).instance
    example = d_nnt([1, 1], [], [], weights=[0], bias=[0], activation="relu", loss=loss)
    view = integer_view(simplified.derive(loss=example.loss))
    costs = output_costs(view)
    annealer = Annealer(view, costs, 5)
    for temperature in (math.inf, 2.0, 0.3, 0.0):
        annealer.run(5000, temperature)
        assert_kept_as_plain(annealer, costs)
    assert_best_is_right(annealer, costs)


def test_every_move_by_itself() -> None:
    """After each single move everything is as it should be, and the energy obeyed the temperature 0."""
    view, costs = tables_of(random_labels(4, [2, 3, 2, 2], 10, seed=4))
    annealer = Annealer(view, costs, 0)
    for _ in range(300):
        annealer.run(1, math.inf)
        assert_kept_as_plain(annealer, costs)
    for _ in range(300):
        before = annealer.energy
        assert annealer.run(1, 0.0) == 1
        assert annealer.energy <= before
        assert_kept_as_plain(annealer, costs)
    assert annealer.moves == 600


def test_how_often_a_rise_is_accepted() -> None:
    """Two settings with loss 0 and 1: the second holds a share of 1 / (1 + exp(1 / T)) of the time."""
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[0, 1], bias=[0], activation="identity")
    view, costs = tables_of(instance)
    annealer = Annealer(view, costs, 1)
    for temperature in (0.5, 1.0, 3.0):
        there = 0
        for _ in range(4000):
            annealer.run(1, temperature)
            there += annealer.loss
        assert there / 4000 == pytest.approx(1 / (1 + math.exp(1 / temperature)), abs=0.04)


# --- what annealing finds ------------------------------------------------------------------------


@pytest.mark.parametrize("block", [*range(3), *(pytest.param(i, marks=pytest.mark.full) for i in range(3, 40))])
def test_small_instances_against_enumeration(block: int) -> None:
    missed = 0
    for seed in range(20):
        rng = random.Random(f"annealed {block} {seed}")
        view, costs = random_tables(rng, most_settings=300)
        best = minimum(view.instance).loss
        found = anneal(view, costs, moves=30_000, seed=seed)
        if found is None:
            missed += best is not None
            continue
        assert judge(view.instance, found.parameters) == found.loss
        assert best is not None
        assert found.loss >= best
        missed += found.loss > best
    assert missed <= 1


def test_planted_labels_are_met() -> None:
    view, costs = tables_of(planted_labels(3, [8, 6, 2], 50, seed=1))
    told: list[Annealed] = []
    found = anneal(view, costs, moves=3_000_000, seed=0, on_better=told.append)
    assert found is not None
    assert found.loss == 0 == judge(view.instance, found.parameters)
    assert told[-1] == found
    losses = [one.loss for one in told]
    assert losses == sorted(set(losses), reverse=True)


def test_equal_seeds_find_the_same_however_time_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    wanted = anneal(view, costs, moves=60_000, seed=7)
    assert wanted is not None
    assert wanted.moves == 60_000
    monkeypatch.setattr(annealing, "SLICE", 1e-9)  # one move at a time, soon
    assert anneal(view, costs, moves=60_000, seed=7) == wanted
    others = [anneal(view, costs, moves=60_000, seed=seed) for seed in range(3)]
    assert any(other is not None and other.parameters != wanted.parameters for other in others)


def test_the_caller_can_stop() -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    answers = iter([True, True, False])
    found = anneal(view, costs, moves=10**12, seed=0, keep_going=lambda: next(answers))
    assert found is not None
    assert judge(view.instance, found.parameters) == found.loss


def test_enough_is_enough() -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    found = anneal(view, costs, moves=10**9, seed=0, enough=costs.least + 20)
    assert found is not None
    assert found.loss <= costs.least + 20
    assert found.moves < 10**6


# --- starting points -----------------------------------------------------------------------------


def test_starts_from_any_parameters() -> None:
    """Also from values that are merged in the view, because they contribute the same at every input."""
    for seed in range(60):
        rng = random.Random(f"annealing from {seed}")
        view, costs = random_tables(rng)
        start = random_parameters(rng, view.instance)
        annealer = Annealer(view, costs, seed)
        annealer.move_to(start)
        assert_kept_as_plain(annealer, costs)
        wanted = plain(view, costs, start)
        assert (annealer._state.sums == wanted.sums).all()
        found = anneal(view, costs, moves=0, seed=seed, start=start, enough=-1)
        if wanted.undefined == 0:
            assert found is not None
            assert found.loss <= Fraction(wanted.loss, costs.denominator)


def test_a_start_outside_its_sets_is_refused() -> None:
    view, costs = tables_of(random_labels(3, [2, 2, 1], 5, seed=1))
    start = random_parameters(random.Random(0), view.instance)
    edge = next(iter(start.weights))
    with pytest.raises(CertificateError, match="not in its set"):
        anneal(view, costs, moves=10, seed=0, start=replace(start, weights={**start.weights, edge: 5}))


# --- degenerate cases ----------------------------------------------------------------------------


def test_without_samples() -> None:
    view, costs = tables_of(d_qnnt(3, [2, 2, 1], [], []))
    found = anneal(view, costs, moves=100, seed=0)
    assert found is not None
    assert found.loss == 0 == judge(view.instance, found.parameters)
    annealer = Annealer(view, costs, 0)
    annealer.run(100, 1.0)
    assert_kept_as_plain(annealer, costs)


@pytest.mark.parametrize("label", [4, 5])
def test_one_value_per_set(label: int) -> None:
    view, costs = tables_of(
        d_nnt([2, 1, 1], [[1, 1]], [[label]], weights=[2], bias=[0], activation="identity", loss="squared")
    )
    found = anneal(view, costs, moves=100, seed=0)
    assert found is not None
    assert found.loss == (8 - label) ** 2
    assert found.moves == 0


def test_one_input_with_different_labels() -> None:
    instance = d_qnnt(2, [1, 1], [[1], [1], [1], [0]], [[0], [1], [1], [0]], weight=[5, 2, 2, 1])
    view, costs = tables_of(instance)
    found = anneal(view, costs, moves=10_000, seed=0)
    assert found is not None
    assert found.loss == 4
    assert found.moves < 10_000, "a smaller loss is impossible, and known to be"


def test_no_defined_setting_gives_nothing() -> None:
    table = {"type": "table", "values": [[7, 0]]}
    instance = d_nnt([1, 1], [[1], [2]], [[0], [0]], weights=[0, 1], bias=[0, 1], activation=table)
    view, costs = tables_of(instance)
    assert anneal(view, costs, moves=2000, seed=0) is None


def test_the_only_defined_setting_is_found() -> None:
    """Ten weights of which each must be 1: a sum below leaves the table."""
    table = {"type": "table", "values": [[1, 0]]}
    x = [[int(i == j) for j in range(10)] for i in range(10)]
    instance = d_nnt([10, 1], x, [[0]] * 10, weights=[-1, 0, 1], bias=[0], activation=table)
    view, costs = tables_of(instance)
    found = anneal(view, costs, moves=20_000, seed=0)
    assert found is not None
    assert set(found.parameters.weights.values()) == {1}


def test_a_view_of_some_inputs() -> None:
    whole, _ = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    view = whole.limited_to([0, 5, 7])
    costs = output_costs(view)
    annealer = Annealer(view, costs, 0)
    annealer.run(1000, 1.0)
    assert_kept_as_plain_on_part(annealer, costs)


def assert_kept_as_plain_on_part(annealer: Annealer, costs: OutputCosts) -> None:
    wanted = plain(annealer.view, costs, annealer.present_parameters())
    assert (annealer._state.sums == wanted.sums).all()
    assert annealer.loss == wanted.loss


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["MOST_CELLS", "MOST_ENTRIES"])
def test_too_large_instances_are_refused(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    monkeypatch.setattr(annealing_tables, limit, 50)
    with pytest.raises(UnsupportedError, match="annealing"):
        Annealer(view, costs, 0)


def test_losses_that_could_overflow_are_refused() -> None:
    outputs = 12
    loss = {"type": "hinge", "margin": 2**56}
    instance = d_nnt(
        [1, outputs], [[1], [2]], [[1] * outputs] * 2, weights=[0, 1], bias=[0], activation="relu", loss=loss
    )
    view, costs = tables_of(instance.derive(dataset=replace(instance.dataset, weight=(7, 7))))
    with pytest.raises(UnsupportedError, match="61 bits"):
        anneal(view, costs, moves=10, seed=0)


def test_sums_that_could_overflow_after_undefined_values_are_refused() -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    last = view.neurons[-1]
    edges = tuple(replace(edge, factors=edge.factors * 2**61) for edge in last.edges)
    with pytest.raises(UnsupportedError, match=f"{last.name} could need"):
        Annealer(replace(view, neurons=(*view.neurons[:-1], replace(last, edges=edges))), costs, 0)


def test_large_numbers_are_exact() -> None:
    big = 2**55
    clip = {"type": "clip", "low": 0, "high": 4}
    network = {
        "inputs": ["x"],
        "outputs": ["o"],
        "edges": [{"from": "x", "to": "h", "weights": [-big, 1, big]}, {"from": "h", "to": "o", "weights": [-1, 1]}],
        "neurons": {"h": {"bias": [-big, 0, big], "activation": clip}, "o": {"bias": [0], "activation": "identity"}},
    }
    view, costs = tables_of(d_nnt(network, [[1], [-1]], [[4], [0]]))
    annealer = Annealer(view, costs, 0)
    for _ in range(50):
        annealer.run(3, math.inf)
        assert_kept_as_plain(annealer, costs)
