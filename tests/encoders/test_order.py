"""Encodings against brute force: every parameter setting has the judge's loss in the model, or none."""

from __future__ import annotations

import random

import pytest

from qnnt.algorithms.enumeration import count, minimum
from qnnt.algorithms.interchangeable import interchangeable
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.order import encode
from qnnt.encoders.switches import SWITCHES
from qnnt.encoders.symmetry import canonical
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.fuzzing.tiny import all_parameters, random_instance, random_parameters
from qnnt.instance import Instance, Objective, Parameters
from qnnt.simplification.general_form import general_form
from tests.encoders.fixing import FixedParameters, within_reach
from tests.encoders.model_check import assert_well_formed
from tests.simplification.equivalence import loss_of

SETTINGS = 40


def instances(text: str, number: int, **wanted: object) -> list[Instance]:
    """Random instances in general form, not simplified otherwise: encoders take any."""
    found = []
    for seed in range(number):
        rng = random.Random(f"{text} {seed}")
        found.append(general_form(random_instance(rng, most_settings=SETTINGS, **wanted)).instance)  # type: ignore[arg-type]
    return found


def assert_losses(instance: Instance, name: str) -> None:
    encoding = encode(instance, Objective.MINIMIZE, encoding=name, symmetry=False)
    assert_well_formed(encoding.model)
    if not within_reach(encoding):
        return
    fixed = FixedParameters(encoding)
    for parameters in all_parameters(instance):
        assert fixed.objective(parameters) == loss_of(instance, parameters)
        if fixed.assignment.size and loss_of(instance, parameters) is not None:
            assert encoding.decode(fixed.assignment) == parameters


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("block", range(6))
def test_every_setting_has_its_loss(name: str, block: int) -> None:
    for instance in instances(f"loss {block}", 8):
        assert_losses(instance, name)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize(
    "loss", ["mismatch", "absolute", "squared", "hinge", "table", "hamming", "linf", "accept", "positive"]
)
def test_every_loss(name: str, loss: str) -> None:
    for instance in instances(f"one loss {loss}", 4, losses=[loss]):
        assert_losses(instance, name)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("activation", ["identity", "leaky", "polynomial", "table", "step", "clip", "relu"])
def test_every_activation(name: str, activation: str) -> None:
    for instance in instances(f"one activation {activation}", 4, activations=[activation]):
        assert_losses(instance, name)


@pytest.mark.parametrize("name", SWITCHES)
def test_as_many_settings_within_a_bound_as_by_enumeration(name: str) -> None:
    for instance in instances("decide", 12):
        best = minimum(instance).loss
        bounds: set[Number] = {0, 1, 3} if best is None else {best, best + 1, best + 10, max(0, best - 1)}
        for bound in sorted(bounds):
            asked = instance.derive(bound=bound)
            encoding = encode(asked, Objective.DECIDE, encoding=name, symmetry=False)
            assert_well_formed(encoding.model)
            assert not len(encoding.model.objective.variables)
            if within_reach(encoding):
                fixed = FixedParameters(encoding)
                within = sum(fixed.objective(parameters) is not None for parameters in all_parameters(asked))
                assert within == count(asked, bound)


# --- symmetry ------------------------------------------------------------------------------------

TABLE = {"type": "table", "values": [[-2, 1], [0, 0], [1, 1], [2, 1]]}
SYMMETRIC = {
    "two of two": d_qnnt(2, [1, 2, 1], [[0], [1], [1]], [[1], [0], [None]]),
    "three": d_nnt([1, 3, 1], [[1], [2]], [[1], [3]], weights=[-1, 1], bias=[0], activation="relu", loss="absolute"),
    "two layers": d_nnt(
        [1, 2, 2, 1], [[1], [-1]], [[2], [0]], weights=[-1, 1], bias=[0], activation="relu", loss="squared"
    ),
    "a class of two and one apart": d_nnt(
        {"layers": [1, 3, 1], "edges": [{"from": "h1_3", "to": "o1", "weights": [0, 1]}]},
        [[1], [2]], [[1], [0]], weights=[-1, 2], bias=[0], activation="sign",
    ),
    "with gaps": d_nnt([2, 2, 1], [[1, 1], [0, 1]], [[1], [0]], weights=[-1, 1], bias=[0], activation=TABLE),
    "three values": d_nnt(
        [1, 2, 1], [[2], [3]], [[1], [-5]], weights=[-1, 0, 2], bias=[0], activation="identity", loss="absolute"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("case", SYMMETRIC)
def test_with_symmetry_broken_one_arrangement_of_each_class_is_left(name: str, case: str) -> None:
    instance = general_form(SYMMETRIC[case]).instance
    assert interchangeable(instance)
    fixed = FixedParameters(encode(instance, Objective.MINIMIZE, encoding=name))
    left = 0
    for parameters in all_parameters(instance):
        loss = loss_of(instance, parameters)
        if canonical(instance, parameters) == parameters:
            assert fixed.objective(parameters) == loss
            left += loss is not None
        else:
            assert fixed.objective(parameters) is None
    classes = {
        tuple(canonical(instance, parameters).weights.values()) + tuple(canonical(instance, parameters).biases.values())
        for parameters in all_parameters(instance)
        if loss_of(instance, parameters) is not None
    }
    assert left == len(classes) < count(instance)


@pytest.mark.parametrize("name", SWITCHES)
def test_hints_are_the_canonical_arrangement(name: str) -> None:
    for instance in [*instances("hint", 20), *(general_form(each).instance for each in SYMMETRIC.values())]:
        encoding = encode(instance, Objective.MINIMIZE, encoding=name)
        for seed in range(5):
            parameters = random_parameters(random.Random(seed), instance)
            pairs = encoding.hint(parameters)
            assert len({variable for variable, _ in pairs}) == len(pairs)
            assignment = encoding.model.lower.copy()
            for variable, value in pairs:
                assert encoding.model.lower[variable] <= value <= encoding.model.upper[variable]
                assignment[variable] = value
            assert encoding.decode(assignment) == canonical(instance, parameters)


def test_sizes_say_how_parameters_stand() -> None:
    network = {"layers": [3, 1], "edges": [{"from": "x1", "to": "o1", "weights": [5]}]}
    instance = d_nnt(network, [[1, 1, 1]], [[1]], weights=list(range(70)), bias=[0, 1, 9], activation="relu")
    sizes = {name: encode(instance, Objective.MINIMIZE, encoding=name).parameter_sizes for name in SWITCHES}
    assert sizes["order"] == {"fixed": 1, "order": 3, "integer": 0}
    assert sizes["auto"] == {"fixed": 1, "order": 1, "integer": 2}
    assert sizes["integer"] == {"fixed": 1, "order": 1, "integer": 2}  # 0, 1, 9 are not equally spaced


def test_the_general_form_is_required_and_a_bound_to_decide() -> None:
    instance = d_qnnt(2, [1, 1], [[1]], [[1]])
    with pytest.raises(ValueError, match="general form"):
        encode(instance, Objective.MINIMIZE)
    with pytest.raises(ValueError, match="bound"):
        encode(general_form(instance).instance, Objective.DECIDE)


def test_equal_views_share_their_literals() -> None:
    """Samples that differ only in what no hidden neuron reads add nothing below the output."""
    edges = [{"from": "x1", "to": "h"}, {"from": "h", "to": "o"}]
    network = {"inputs": ["x1", "x2"], "outputs": ["o"], "edges": edges}

    def size(x: list[list[int]]) -> int:
        instance = d_nnt(network, x, [[1]] * len(x), weights=[-1, 0, 1], bias=[0, 1], activation="relu")
        return encode(instance, Objective.MINIMIZE).model.sizes["booleans"]

    assert size([[1, 0]]) == size([[1, 0], [1, 1]]) == size([[1, 5], [1, 6], [1, 7]])
    assert size([[1, 0], [2, 0]]) > size([[1, 0]])


def test_encodings_differ() -> None:
    instance = d_nnt([1, 1, 1], [[3]], [[1]], weights=list(range(-3, 4)), bias=[0], activation="relu", loss="absolute")
    shapes = {name: encode(instance, Objective.MINIMIZE, encoding=name).model.sizes for name in SWITCHES}
    assert shapes["order"]["integers"] == shapes["order"]["products"] == 0
    assert shapes["integer"]["integers"] > 0
    assert shapes["integer"]["products"] > 0


@pytest.mark.parametrize("name", SWITCHES)
def test_without_samples_only_the_parameters_are_left(name: str) -> None:
    instance = d_nnt([1, 2, 1], [], [], weights=[0, 1], bias=[0], activation="relu", margin=0)
    for objective in Objective:
        fixed = FixedParameters(encode(instance, objective, encoding=name, symmetry=False))
        assert all(fixed.objective(parameters) == 0 for parameters in all_parameters(instance))


def test_unknown_values_are_refused_in_hints() -> None:
    instance = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="relu")
    encoding = encode(instance, Objective.MINIMIZE)
    with pytest.raises(ValueError, match="not in tuple"):
        encoding.hint(Parameters({("x1", "o1"): 7}, {"o1": 0}))


@pytest.mark.parametrize("name", SWITCHES)
def test_what_could_pass_60_bits_is_refused(name: str) -> None:
    instance = d_nnt([1, 1], [[2**40]], [[1]], weights=[0, 2**30], bias=[0], activation="relu")
    with pytest.raises(UnsupportedError, match="x1->o1"):
        encode(instance, Objective.MINIMIZE, encoding=name)
