"""2-CSP as linear neurons: restrictions of Theorem 1.4, MAX-2-CSP, degenerate sources, complaints."""

from __future__ import annotations

import itertools
import json
import random

import pytest

import qnnt
from qnnt.activations import Identity, Step
from qnnt.array_evaluation import judge
from qnnt.errors import InputError, UnsupportedError
from qnnt.instance import Parameters
from qnnt.losses import Accept, Hamming
from qnnt.reductions.making import Origin, decode, draw
from qnnt.reductions.registry import family
from qnnt.reductions.sources import two_csp
from qnnt.reductions.sources.source import Variant
from qnnt.reductions.sources.two_csp import Constraint, TwoCsp
from qnnt.structure import structure

ENTRY = family("two-csp")
FORMS = pytest.mark.parametrize("form", ENTRY.forms)
BLOCK = 10
BLOCKS = [pytest.param(first, marks=[] if first < 20 else [pytest.mark.full]) for first in range(0, 100, BLOCK)]


def any_source(number: int) -> TwoCsp:
    """Any constraints: on one variable, on the same two, with nothing or everything allowed, or none at all."""
    rng = random.Random(f"2-CSP {number}")
    n, size = rng.randint(1, 5), rng.randint(1, 3)
    pairs = [(a, b) for a in range(size) for b in range(size)]
    constraints = []
    for _ in range(rng.randint(0, 8)):
        allowed = rng.sample(pairs, rng.randint(0, len(pairs)))
        constraints.append(Constraint((rng.randrange(n), rng.randrange(n)), frozenset(allowed)))
    return TwoCsp(n, size, tuple(constraints))


def fewest_violated(source: TwoCsp) -> int:
    """By trying all values."""
    every = itertools.product(range(source.values), repeat=source.variables)
    return min(len(source.violated(values)) for values in every)


@FORMS
def test_restrictions_of_the_theorem(form: str) -> None:
    for number in range(150):
        source = any_source(number)
        instance = Origin(ENTRY, form, source).made()
        m, base = len(source.constraints), source.values
        used = {v for constraint in source.constraints for v in constraint.on}
        loops = sum(u == v for u, v in (constraint.on for constraint in source.constraints))
        found = structure(instance)
        assert (found.alpha, found.samples, found.omega, found.hidden) == (1, 1, max(m, 1), len(used))
        assert found.edges == len(used) + 2 * m - loops
        assert found.depth == (2 if m else 1)
        assert found.in_degree <= 2
        assert found.width == max(len(used), m, 1)
        assert instance.settings == base ** len(used)
        assert set(instance.biases.values()) == {(0,)}
        for u, v in instance.network.edges:
            assert instance.weights[u, v] in ([tuple(range(base))] if u == "s" else [(1,), (base,), (base + 1,)])
        assert all(instance.activations[v] == Identity() for v in instance.network.hidden)
        assert instance.bound == 0
        if form == "accept":
            assert isinstance(instance.loss, Accept)
            assert all(isinstance(instance.activations[v], Identity) for v in instance.network.outputs)
        else:
            assert instance.loss == Hamming()
            assert all(isinstance(instance.activations[f"c{j}"], Step) for j in range(m))
        numbers = [w for values in instance.weights.values() for w in values]
        assert all(0 <= w <= base + 1 for w in numbers)


@FORMS
def test_the_loss_of_any_parameters_counts_violated_constraints(form: str) -> None:
    rng = random.Random(5)
    for number in range(200):
        source = any_source(number)
        instance = Origin(ENTRY, form, source).made()
        weights = {edge: rng.choice(values) for edge, values in instance.weights.items()}
        parameters = Parameters(weights, dict.fromkeys(instance.network.neurons, 0))
        decoded = decode(Origin(ENTRY, form, source), parameters)
        assert decoded.loss == judge(instance, parameters) == len(source.violated(decoded.solution))
        assert bool(decoded.complaint) == (decoded.loss > 0)


@pytest.mark.parametrize("first", BLOCKS)
@FORMS
def test_the_smallest_loss_is_that_of_max_2_csp(form: str, first: int) -> None:
    for number in range(first, first + BLOCK):
        source = any_source(number)
        found = qnnt.solve(Origin(ENTRY, form, source).made(), objective="minimize")
        assert found.status is qnnt.Status.OPTIMAL
        assert found.loss == len(source.violated(source.best()))


def test_the_solvers_of_the_source() -> None:
    for number in range(200):
        source = any_source(number)
        fewest = fewest_violated(source)
        best, solution = source.best(), source.solve()
        assert len(source.violated(best)) == fewest
        assert (solution is not None) == (fewest == 0)
        for values in (best, solution or best):
            assert len(values) == source.variables
            assert bool(source.complaint(values)) == (fewest > 0)


@FORMS
def test_a_network_by_hand(form: str) -> None:
    source = TwoCsp(3, 3, (Constraint((0, 2), frozenset({(1, 2), (2, 0)})), Constraint((2, 2), frozenset({(2, 2)}))))
    origin = Origin(ENTRY, form, source)
    instance = origin.made()
    assert instance.network.edges == (("s", "h0"), ("s", "h2"), ("h0", "c0"), ("h2", "c0"), ("h2", "c1"))
    assert [instance.weights[u, v] for u, v in instance.network.edges[2:]] == [(1,), (3,), (4,)]
    parameters = origin.witness((1, 0, 2))
    assert [parameters.weights[edge] for edge in instance.network.edges[:2]] == [1, 2]
    assert decode(origin, parameters).solution == (1, 0, 2)
    assert source.words((1, 0, 2)) == ["x0 = 1", "x1 = 0", "x2 = 2"]


def test_an_indicator_is_1_on_the_codes_alone() -> None:
    allowed = frozenset({(0, 0), (1, 0), (0, 2), (2, 2)})  # the codes 0, 1, 6, 8
    instance = Origin(ENTRY, "indicator", TwoCsp(2, 3, (Constraint((0, 1), allowed),))).made()
    assert instance.activations["c0"] == Step((0, 2, 6, 7, 8, 9), (0, 1, 0, 1, 0, 1, 0))


NOTHING = Constraint((0, 1), frozenset())
LOOP = Constraint((1, 1), frozenset({(0, 1), (1, 0)}))
EQUAL = Constraint((0, 1), frozenset({(0, 0), (1, 1)}))
FIRST_VIOLATED = "constraints[1] on the variables 0 and 1 with the values 0 and 1"


@pytest.mark.parametrize(
    ("source", "fewest"),
    [
        (TwoCsp(0, 1, ()), 0),
        (TwoCsp(3, 2, ()), 0),
        (TwoCsp(2, 2, (NOTHING,)), 1),
        (TwoCsp(2, 2, (NOTHING, EQUAL)), 1),
        (TwoCsp(2, 2, (LOOP,)), 1),
        (TwoCsp(2, 2, (EQUAL, EQUAL)), 0),
        (TwoCsp(2, 1, (Constraint((1, 0), frozenset({(0, 0)})),)), 0),
    ],
)
@FORMS
def test_degenerate_sources(form: str, source: TwoCsp, fewest: int) -> None:
    origin = Origin(ENTRY, form, source)
    found = qnnt.solve(origin.made(), objective="minimize")
    assert found.loss == fewest == len(source.violated(source.best()))
    assert found.solution is not None
    assert len(decode(origin, found.solution.parameters).solution) == source.variables
    solution = source.solve()
    assert (solution is None) == (fewest > 0)
    if solution is not None:
        assert judge(origin.made(), origin.witness(solution)) == 0
        assert source.words(solution)


@pytest.mark.parametrize(
    ("solution", "message"),
    [
        ((0,), "expected the values of 2 variables, got 1"),
        ((0, 2), "variable 1 has the value 2, which is not one of 0..1"),
        ((-1, 0), "variable 0 has the value -1, which is not one of 0..1"),
        ((0, 1), f"2 of 3 constraints are violated, the first is {FIRST_VIOLATED}"),
    ],
)
def test_what_is_wrong_with_values(solution: tuple[int, ...], message: str) -> None:
    different = Constraint((1, 0), frozenset({(0, 1), (1, 0)}))
    assert TwoCsp(2, 2, (different, EQUAL, NOTHING)).complaint(solution) == message


def with_constraint(constraint: object) -> str:
    return json.dumps({"variables": 2, "values": 3, "constraints": [{"on": [0, 1], "allowed": []}, constraint]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON: "),
        ('{"variables": 2, "values": 3}', "the key 'constraints' is missing"),
        ('{"variables": -1, "values": 3, "constraints": []}', "$.variables: expected an integer of at least 0, got -1"),
        ('{"variables": 1, "values": 0, "constraints": []}', "$.values: expected an integer of at least 1, got 0"),
        ('{"variables": 1, "values": 9999999, "constraints": []}', "$.values: expected an integer of at most 1048576"),
        ('{"variables": 1, "values": 2, "constraints": {}}', "$.constraints: expected a list, got an object"),
        (with_constraint([0, 1]), "$.constraints[1]: expected an object, got a list of 2"),
        (with_constraint({"on": [0, 1]}), "$.constraints[1]: the key 'allowed' is missing"),
        (with_constraint({"on": [0], "allowed": []}), "$.constraints[1].on: expected a pair, got 1 numbers"),
        (with_constraint({"on": [0, 2], "allowed": []}), "$.constraints[1].on[1]: expected an integer of at most 1"),
        (with_constraint({"on": [0, 1], "allowed": [[0, 3]]}), "$.constraints[1].allowed[0][1]: expected an integer"),
        (with_constraint({"on": [0, 1], "allowed": [[0, 1], 2]}), "$.constraints[1].allowed[1]: expected a list"),
    ],
)
def test_complaints_of_the_reader(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        TwoCsp.from_text(text, {})
    assert message in str(error.value)


def test_a_pair_may_be_listed_twice() -> None:
    text = with_constraint({"on": [1, 1], "allowed": [[2, 2], [0, 1], [2, 2]]})
    assert TwoCsp.from_text(text, {}).constraints[1] == Constraint((1, 1), frozenset({(2, 2), (0, 1)}))


@pytest.mark.parametrize(
    ("variant", "sizes", "message"),
    [
        (Variant.NO, (3, 1, 4), "no refuted 2-CSP is drawn with 1 values and 4 constraints"),
        (Variant.NO, (3, 2, 0), "no refuted 2-CSP is drawn with 2 values and 0 constraints"),
        (Variant.RANDOM, (3, 1000, 9), "9 constraints on 1000 values have more than 2000000 pairs"),
    ],
)
def test_sizes_without_sources(variant: Variant, sizes: tuple[int, int, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw(ENTRY, variant, dict(zip(("variables", "values", "constraints"), sizes, strict=True)), 0)


@pytest.mark.parametrize("values", [2, 3, 5])
def test_the_cycle_of_a_refuted_source_allows_half_of_the_pairs_as_all_do(values: int) -> None:
    for seed in range(30):
        drawn = draw(ENTRY, Variant.NO, {"variables": 6, "values": values, "constraints": 9}, seed)
        assert isinstance(drawn.source, TwoCsp)
        assert drawn.source.solve() is None
        for constraint in drawn.source.constraints:
            assert len(constraint.allowed) in (values**2 // 2, (values**2 + 1) // 2)


def test_the_solvers_say_where_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_csp, "MOST_CLAUSES", 3)
    with pytest.raises(UnsupportedError, match="more than 3 pairs are not allowed"):
        TwoCsp(2, 2, (NOTHING,)).solve()
