"""The walk keeps its rows as a plain evaluation has them; what is found is what the judge says."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

from qnnt.activations import Table
from qnnt.algorithms.enumeration import minimum
from qnnt.algorithms.local_search import arrays as arrays_module
from qnnt.algorithms.local_search import plain as plain_module
from qnnt.algorithms.local_search.arrays import Arrays, arrays_of, blank_states
from qnnt.algorithms.local_search.choices import choices_of, parameters_of
from qnnt.algorithms.local_search.energies import RESOLUTION, Slope, energy_of
from qnnt.algorithms.local_search.kernel import (
    BEST,
    COUNT,
    ENERGY,
    LOSS,
    MOVES,
    NOWHERE,
    UNDEFINED,
    member,
    place,
    walk,
)
from qnnt.algorithms.local_search.search import LocalSearch, Reached, UncompiledSearch, certain_loss, improve
from qnnt.algorithms.output_costs import UNDEFINED as NO_COST
from qnnt.algorithms.output_costs import OutputCosts, letters, output_costs
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
            undefined += cost == NO_COST
            loss += 0 if cost == NO_COST else cost
    return Plain(np.array(sums), np.array(values), loss, undefined)


class Walk:
    """One walk on an energy, with the temperatures in usual ranges of a cost."""

    def __init__(self, view: IntegerView, costs: OutputCosts, seed: int, slope: Slope = Slope.STEEP) -> None:
        self.arrays: Arrays = arrays_of(view, costs)
        self.energy = energy_of(self.arrays, slope)
        self.state = member(blank_states(self.arrays, [seed + 1]), 0)
        self.random = random.Random(seed)
        self.scatter()

    @property
    def loss(self) -> int:
        return int(self.state.totals[LOSS])

    @property
    def undefined(self) -> int:
        return int(self.state.totals[UNDEFINED])

    @property
    def best(self) -> int | None:
        return None if self.state.totals[BEST] == NOWHERE else int(self.state.totals[BEST])

    def run(self, moves: int, temperature: float, pairs: float = 0.3) -> int:
        return walk(self.arrays.fixed, self.energy, self.state, moves, temperature * RESOLUTION, pairs, NOWHERE)

    def scatter(self) -> None:
        self.go_to(np.array([self.random.randrange(count) for count in self.arrays.fixed.pieces[:, COUNT].tolist()]))

    def go_to(self, choices: Integers) -> None:
        self.state.choice[:] = choices
        place(self.arrays.fixed, self.energy, self.state)


def assert_kept_as_plain(walk: Walk) -> None:
    view, costs, state = walk.arrays.view, walk.arrays.costs, walk.state
    parameters = parameters_of(view, state.choice)
    wanted = plain(view, costs, parameters)
    n, p = wanted.sums.shape
    least = np.array([[span.least] for span in walk.arrays.spans])
    assert (state.work[:n, :p] + least == wanted.sums).all()
    read = [v for v in range(n) if view.readers[v]]
    assert (state.work[n : 2 * n, :p][read] == wanted.values[read]).all()
    assert (walk.loss, walk.undefined) == (wanted.loss, wanted.undefined)
    assert not state.touched.any()
    energy = int(state.totals[ENERGY])
    place(walk.arrays.fixed, walk.energy, state)
    assert state.totals[ENERGY] == energy
    if walk.undefined:
        with pytest.raises(CertificateError):
            judge(view.instance, parameters)
    else:
        assert judge(view.instance, parameters) == Fraction(walk.loss, costs.denominator)


def assert_best_is_right(walk: Walk) -> None:
    if walk.best is not None:
        view, costs = walk.arrays.view, walk.arrays.costs
        parameters = parameters_of(view, walk.state.best)
        assert judge(view.instance, parameters) == Fraction(walk.best, costs.denominator)


# --- the walk against the plain evaluation -------------------------------------------------------


SLOPES = pytest.mark.parametrize("slope", Slope)


@SLOPES
@pytest.mark.parametrize("searched", [False, True], ids=["listed sums", "searched runs"])
@pytest.mark.parametrize("block", [*range(2), *(pytest.param(i, marks=pytest.mark.full) for i in range(2, 60))])
def test_what_is_kept_is_what_a_plain_evaluation_says(
    block: int, searched: bool, slope: Slope, monkeypatch: pytest.MonkeyPatch
) -> None:
    if searched:
        monkeypatch.setattr(arrays_module, "WIDEST_TABLE", 0)
    for seed in range(25):
        rng = random.Random(f"local search {block} {seed}")
        view, costs = random_tables(rng)
        walk = Walk(view, costs, seed, slope)
        assert all(span.listed != searched for span in walk.arrays.spans)
        assert_kept_as_plain(walk)
        for temperature in (math.inf, 0.0, 10.0, 1.0):
            walk.run(1000, temperature, rng.choice([0.0, 0.5]))
            assert_kept_as_plain(walk)
        assert_best_is_right(walk)
        walk.scatter()
        assert_kept_as_plain(walk)


@SLOPES
@pytest.mark.parametrize("block", [0, *(pytest.param(i, marks=pytest.mark.full) for i in range(1, 30))])
def test_partial_tables(block: int, slope: Slope) -> None:
    """Half of the entries of each table are dropped: at most settings something is undefined."""
    undefined = defined = 0
    for seed in range(25):
        rng = random.Random(f"local search tables {block} {seed}")
        instance = random_instance(rng, problem=Problem.D_NNT, activations=("table", "relu"), most_samples=3)
        sparse = {
            v: Table(tuple(entry for entry in one.entries if rng.random() < 0.5)) if isinstance(one, Table) else one
            for v, one in instance.activations.items()
        }
        view, costs = tables_of(instance.derive(activations=sparse))
        walk = Walk(view, costs, seed, slope)
        for _ in range(20):
            walk.run(rng.choice([1, 30]), rng.choice([math.inf, 0.0, 10.0]))
            assert_kept_as_plain(walk)
            undefined += walk.undefined > 0
            defined += walk.undefined == 0
        assert_best_is_right(walk)
    assert undefined > 50
    assert defined > 50


@SLOPES
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
def test_larger_and_deeper_networks(instance: Instance, loss: str, slope: Slope) -> None:
    simplified = simplify(instance).instance
    example = d_nnt([1, 1], [], [], weights=[0], bias=[0], activation="relu", loss=loss)
    view = integer_view(simplified.derive(loss=example.loss))
    walk = Walk(view, output_costs(view), 5, slope)
    for temperature in (math.inf, 2.0, 0.3, 0.0):
        walk.run(5000, temperature)
        assert_kept_as_plain(walk)
    assert_best_is_right(walk)


@SLOPES
def test_every_move_by_itself(slope: Slope) -> None:
    """After each single move everything is as it should be, and the energy obeyed the temperature 0."""
    view, costs = tables_of(random_labels(4, [2, 3, 2, 2], 10, seed=4))
    walk = Walk(view, costs, 0, slope)
    for _ in range(300):
        walk.run(1, math.inf)
        assert_kept_as_plain(walk)
    for _ in range(300):
        before = walk.state.totals[ENERGY]
        assert walk.run(1, 0.0) == 1
        assert walk.state.totals[ENERGY] <= before
        assert_kept_as_plain(walk)
    assert walk.state.totals[MOVES] == 600


def test_how_often_a_rise_is_accepted() -> None:
    """Two settings with loss 0 and 1: the second holds a share of 1 / (1 + exp(1 / T)) of the time."""
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[0, 1], bias=[0], activation="identity")
    view, costs = tables_of(instance)
    walk = Walk(view, costs, 1)
    for temperature in (0.5, 1.0, 3.0):
        there = 0
        for _ in range(4000):
            walk.run(1, temperature)
            there += walk.loss
        assert there / 4000 == pytest.approx(1 / (1 + math.exp(1 / temperature)), abs=0.04)


def test_soft_costs_lie_below_costs_and_vanish_with_them() -> None:
    """Of random instances, at random settings; the usual range of a cost is `RESOLUTION`."""
    steep = Walk(*tables_of(planted_labels(4, [3, 3, 2], 20, seed=1)), 0)
    soft = Walk(*tables_of(planted_labels(4, [3, 3, 2], 20, seed=1)), 0, Slope.SOFT)
    zeros = 0
    for _ in range(200):
        steep.scatter()
        steep.run(200, 0.1)
        soft.go_to(steep.state.choice)
        assert steep.state.totals[ENERGY] == RESOLUTION * steep.loss
        assert (soft.state.totals[ENERGY] == 0) == (steep.loss == 0)
        assert soft.state.totals[ENERGY] <= 2 * RESOLUTION * steep.loss, "two outputs can be wrong at once"
        zeros += steep.loss == 0
    assert zeros < 200


# --- what is found ------------------------------------------------------------------------


@pytest.mark.parametrize("block", [*range(3), *(pytest.param(i, marks=pytest.mark.full) for i in range(3, 40))])
def test_small_instances_against_enumeration(block: int) -> None:
    missed = 0
    for seed in range(20):
        rng = random.Random(f"improved {block} {seed}")
        view, costs = random_tables(rng, most_settings=300)
        best = minimum(view.instance).loss
        found = improve(view, costs, moves=30_000, seed=seed)
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
    told: list[Reached] = []
    found = improve(view, costs, moves=3_000_000, seed=0, on_better=told.append)
    assert found is not None
    assert found.loss == 0 == judge(view.instance, found.parameters)
    assert told[-1] == found
    losses = [one.loss for one in told]
    assert losses == sorted(set(losses), reverse=True)


def test_equal_seeds_find_the_same() -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    wanted = improve(view, costs, moves=60_000, seed=7)
    assert wanted is not None
    assert wanted.moves == 60_000
    assert improve(view, costs, moves=60_000, seed=7) == wanted
    others = [improve(view, costs, moves=60_000, seed=seed) for seed in range(3)]
    assert any(other is not None and other.parameters != wanted.parameters for other in others)


def test_chains_in_threads_find_the_same_as_before() -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))

    def found() -> Reached | None:
        search = LocalSearch(arrays_of(view, costs), seed=3, chains=3)
        for _ in range(3):
            search.round(24_000, -1)
        assert search.moves == 3 * 3 * 24_000
        return search.reached()

    assert found() == found()


def test_a_stuck_search_starts_anew() -> None:
    view, costs = tables_of(d_nnt([1, 1], [[1], [1]], [[0], [1]], weights=[0, 1], bias=[0], activation="identity"))
    search = LocalSearch(arrays_of(view, costs), seed=0)
    for _ in range(20):
        search.round(100_000, -1)
    assert search.best == 1
    assert search.restarts > 3


def test_enough_is_enough() -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    found = improve(view, costs, moves=10**9, seed=0, enough=costs.least + 20)
    assert found is not None
    assert found.loss <= costs.least + 20
    assert found.moves < 10**6


# --- without machine code ------------------------------------------------------------------------


@pytest.mark.parametrize("room", [1, plain_module.MOST_AT_ONCE], ids=["a change a step", "all changes a step"])
def test_uncompiled_against_enumeration(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_module, "MOST_AT_ONCE", room)
    missed = 0
    for seed in range(15):
        view, costs = random_tables(random.Random(f"uncompiled {seed}"), most_settings=100)
        best = minimum(view.instance).loss
        arrays = arrays_of(view, costs)
        search = UncompiledSearch(arrays, seed)
        search.round(600, certain_loss(arrays))
        found = search.reached()
        if found is not None:
            assert best is not None
            assert judge(view.instance, found.parameters) == found.loss >= best
        missed += best != (None if found is None else found.loss)
    assert missed <= 2


@pytest.mark.parametrize("uncompiled", [False, True])
def test_losses_beyond_53_bits_are_exact(uncompiled: bool) -> None:
    """Doubles would take the loss of the sample that no weight meets for a smaller one."""
    instance = d_nnt([1, 1], [[1], [2]], [[5], [2]], weights=[0, 1], bias=[0], activation="relu", weight=[2**55 + 1, 1])
    found = arrays_of(*tables_of(instance))
    search = UncompiledSearch(found, 0) if uncompiled else LocalSearch(found, 0)
    search.round(100, -1)
    assert search.best == 2**55 + 1


# --- starting points -----------------------------------------------------------------------------


def test_starts_from_any_parameters() -> None:
    """Also from values that are merged in the view, because they contribute the same at every input."""
    for seed in range(60):
        rng = random.Random(f"local search from {seed}")
        view, costs = random_tables(rng)
        start = random_parameters(rng, view.instance)
        walk = Walk(view, costs, seed)
        walk.go_to(choices_of(view, start))
        assert_kept_as_plain(walk)
        wanted = plain(view, costs, start)
        assert (plain(view, costs, parameters_of(view, walk.state.choice)).sums == wanted.sums).all()
        found = improve(view, costs, moves=0, seed=seed, start=start, enough=-1)
        if wanted.undefined == 0:
            assert found is not None
            assert found.loss <= Fraction(wanted.loss, costs.denominator)


def test_a_start_outside_its_sets_is_refused() -> None:
    view, costs = tables_of(random_labels(3, [2, 2, 1], 5, seed=1))
    start = random_parameters(random.Random(0), view.instance)
    edge = next(iter(start.weights))
    with pytest.raises(CertificateError, match="not in its set"):
        improve(view, costs, moves=10, seed=0, start=replace(start, weights={**start.weights, edge: 5}))


# --- degenerate cases ----------------------------------------------------------------------------


def test_without_samples() -> None:
    view, costs = tables_of(d_qnnt(3, [2, 2, 1], [], []))
    found = improve(view, costs, moves=100, seed=0)
    assert found is not None
    assert found.loss == 0 == judge(view.instance, found.parameters)
    walk = Walk(view, costs, 0)
    walk.run(100, 1.0)
    assert_kept_as_plain(walk)


@pytest.mark.parametrize("label", [4, 5])
def test_one_value_per_set(label: int) -> None:
    view, costs = tables_of(
        d_nnt([2, 1, 1], [[1, 1]], [[label]], weights=[2], bias=[0], activation="identity", loss="squared")
    )
    found = improve(view, costs, moves=100, seed=0)
    assert found is not None
    assert found.loss == (8 - label) ** 2
    assert found.moves == 0


def test_one_input_with_different_labels() -> None:
    instance = d_qnnt(2, [1, 1], [[1], [1], [1], [0]], [[0], [1], [1], [0]], weight=[5, 2, 2, 1])
    view, costs = tables_of(instance)
    found = improve(view, costs, moves=10_000, seed=0)
    assert found is not None
    assert found.loss == 4
    assert found.moves < 10_000, "a smaller loss is impossible, and known to be"


def test_an_output_with_many_sums_and_many_labels_has_entries_for_runs() -> None:
    """An entry for each sum and kind of labels would be tens of millions."""
    x, y = [[i] for i in range(1, 401)], [[i] for i in range(400)]
    instance = d_nnt([1, 1], x, y, weights=[0, 150], bias=[0, 1], activation={"type": "relu_d", "d": 4}, loss="squared")
    walk = Walk(*tables_of(instance), 0, Slope.SOFT)
    assert walk.arrays.spans[0].size < arrays_module.WIDEST_TABLE
    assert not walk.arrays.spans[0].listed
    assert len(walk.energy.table) < 10_000
    walk.run(100, 1.0)
    assert_kept_as_plain(walk)


def test_too_many_soft_costs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    view, costs = tables_of(random_labels(3, [2, 2, 1], 5, seed=1))
    monkeypatch.setattr(arrays_module, "MOST_LISTED", 0)
    monkeypatch.setattr(arrays_module, "MOST_ENTRIES", 5)
    with pytest.raises(UnsupportedError, match="soft costs"):
        arrays_of(view, costs)


def test_no_defined_setting_gives_nothing() -> None:
    table = {"type": "table", "values": [[7, 0]]}
    instance = d_nnt([1, 1], [[1], [2]], [[0], [0]], weights=[0, 1], bias=[0, 1], activation=table)
    view, costs = tables_of(instance)
    assert improve(view, costs, moves=2000, seed=0) is None


def test_the_only_defined_setting_is_found() -> None:
    """Ten weights of which each must be 1: a sum below leaves the table."""
    table = {"type": "table", "values": [[1, 0]]}
    x = [[int(i == j) for j in range(10)] for i in range(10)]
    instance = d_nnt([10, 1], x, [[0]] * 10, weights=[-1, 0, 1], bias=[0], activation=table)
    view, costs = tables_of(instance)
    found = improve(view, costs, moves=20_000, seed=0)
    assert found is not None
    assert set(found.parameters.weights.values()) == {1}


def test_a_view_of_some_inputs() -> None:
    whole, _ = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    view = whole.limited_to([0, 5, 7])
    costs = output_costs(view)
    walk = Walk(view, costs, 0)
    walk.run(1000, 1.0)
    wanted = plain(view, costs, parameters_of(view, walk.state.choice))
    least = np.array([[span.least] for span in walk.arrays.spans])
    assert (walk.state.work[: len(view.neurons), :3] + least == wanted.sums).all()
    assert walk.loss == wanted.loss


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["MOST_CELLS", "MOST_ENTRIES"])
def test_too_large_instances_are_refused(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    monkeypatch.setattr(arrays_module, limit, 50)
    with pytest.raises(UnsupportedError, match="local search"):
        arrays_of(view, costs)


def test_losses_that_could_overflow_are_refused() -> None:
    outputs = 12
    loss = {"type": "hinge", "margin": 2**56}
    instance = d_nnt(
        [1, outputs], [[1], [2]], [[1] * outputs] * 2, weights=[0, 1], bias=[0], activation="relu", loss=loss
    )
    view, costs = tables_of(instance.derive(dataset=replace(instance.dataset, weight=(7, 7))))
    with pytest.raises(UnsupportedError, match="61 bits"):
        improve(view, costs, moves=10, seed=0)


def test_sums_that_could_overflow_after_undefined_values_are_refused() -> None:
    view, costs = tables_of(random_labels(3, [4, 3, 2], 30, seed=1))
    last = view.neurons[-1]
    edges = tuple(replace(edge, factors=edge.factors * 2**61) for edge in last.edges)
    with pytest.raises(UnsupportedError, match=f"{last.name} could need"):
        arrays_of(replace(view, neurons=(*view.neurons[:-1], replace(last, edges=edges))), costs)


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
    walk = Walk(view, costs, 0)
    assert walk.state.work.dtype == np.int64
    for _ in range(50):
        walk.run(3, math.inf)
        assert_kept_as_plain(walk)
