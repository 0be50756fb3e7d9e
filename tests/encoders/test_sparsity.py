"""The objective that counts non-zero weights, against counting."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.order import encode, encode_sparsest
from qnnt.encoders.sparsity import certain_nonzeros, count_nonzeros
from qnnt.encoders.switches import SWITCHES
from qnnt.encoders.symmetry import canonical
from qnnt.encoders.weights import parameter_code
from qnnt.exact import Number
from qnnt.fuzzing.tiny import all_parameters, random_instance, random_parameters
from qnnt.instance import Objective
from qnnt.result import nonzero_weights
from qnnt.simplification.general_form import general_form
from tests.encoders.fixing import FixedParameters, within_reach
from tests.encoders.model_check import assert_well_formed, solutions
from tests.simplification.equivalence import loss_of


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("block", range(4))
def test_every_setting_within_the_bound_has_its_count(name: str, block: int) -> None:
    for seed in range(8):
        rng = random.Random(f"sparsity {block} {seed}")
        instance = general_form(random_instance(rng, most_settings=40)).instance
        best = minimum(instance).loss
        for bound in (0, 10**6) if best is None else (best, best + 1):
            asked = instance.derive(bound=bound)
            encoding = encode_sparsest(asked, encoding=name, symmetry=False)
            assert_well_formed(encoding.model)
            if not within_reach(encoding):
                continue
            fixed = FixedParameters(encoding)
            for parameters in all_parameters(asked):
                loss = loss_of(asked, parameters)
                within = loss is not None and loss <= bound
                assert fixed.objective(parameters) == (nonzero_weights(parameters) if within else None)


@pytest.mark.parametrize("name", SWITCHES)
def test_with_symmetry_broken_the_counts_are_the_same(name: str) -> None:
    instance = general_form(d_qnnt(2, [1, 2, 1], [[0], [1]], [[1], [0]], error_bound=1)).instance
    fixed = FixedParameters(encode_sparsest(instance, encoding=name))
    for parameters in all_parameters(instance):
        arranged = canonical(instance, parameters)
        assert nonzero_weights(arranged) == nonzero_weights(parameters)
        loss = loss_of(instance, arranged)
        within = loss is not None and loss <= 1
        assert fixed.objective(arranged) == (nonzero_weights(parameters) if within else None)


SETS: list[tuple[Number, ...]] = [
    (0,), (5,), (-1, 0, 1), (0, 1), (-2, 0), (-1, 1), (0, 1, 2, 3), (-3, -2, -1, 0), (-2, -1, 0, 1, 2, 3),
    (Fraction(-1, 2), 0, Fraction(1, 3)), (1, 2, 3, 4, 5), (Fraction(-1, 2), 0, Fraction(1, 2)),
]  # fmt: skip


@pytest.mark.parametrize("limit", [100, 0])
@pytest.mark.parametrize("values", SETS, ids=str)
def test_one_weight(values: tuple[Number, ...], limit: int) -> None:
    builder = ModelBuilder()
    code = parameter_code(builder, values, limit, "w")
    before = builder.variables
    count_nonzeros(builder, [code])
    new = builder.variables - before
    assert new <= (2 if code.variable else 0)
    model = builder.build()
    assert_well_formed(model)
    seen = {}
    for assignment in solutions(model):
        count = int(assignment[model.objective.variables] @ model.objective.coefficients) + model.objective.constant
        seen[code.value_at(assignment)] = count
    assert seen == {value: int(value != 0) for value in values}
    assert len(model.objective.variables) <= 2
    assert (model.objective.constant == 1) >= (0 not in values)


def test_no_weights_count_nothing() -> None:
    builder = ModelBuilder()
    count_nonzeros(builder, [])
    assert (builder.build().objective.constant, len(builder.build().objective.variables)) == (0, 0)


def test_what_is_not_in_the_instance_counts_as_well() -> None:
    instance = d_nnt([2, 1], [[1, 1]], [[1]], weights=[1, 2], bias=[0], activation="identity", margin=1)
    assert certain_nonzeros(instance) == 2
    assert encode_sparsest(instance, besides=3).model.objective.constant == 5


def test_a_bound_is_needed() -> None:
    with pytest.raises(ValueError, match="bound"):
        encode_sparsest(general_form(d_qnnt(2, [1, 1], [[1]], [[1]])).instance)


@pytest.mark.parametrize("name", SWITCHES)
def test_it_is_hardly_larger_than_the_decision(name: str) -> None:
    rng = random.Random(7)
    instance = d_qnnt(
        3, [3, 3, 1], [rng.choices([-1, 0, 1], k=3) for _ in range(9)], [[rng.choice([0, 1])] for _ in "9" * 9]
    )
    asked = general_form(instance.derive(bound=1)).instance
    plain, counted = encode(asked, Objective.DECIDE, encoding=name), encode_sparsest(asked, encoding=name)
    integers = counted.parameter_sizes["integer"]
    added = counted.model.sizes["booleans"] - plain.model.sizes["booleans"]
    assert added <= 2 * integers
    assert counted.decode(counted.model.lower).weights.keys() == asked.weights.keys()
    hint = random_parameters(rng, asked)
    assert len(counted.hint(hint)) == len(plain.hint(hint))
