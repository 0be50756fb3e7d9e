"""Every step on random instances: the same optimum, and maps that keep every loss."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from qnnt.fuzzing.tiny import random_instance, random_parameters
from qnnt.instance import Instance, Problem
from qnnt.simplification.general_form import general_form
from qnnt.simplification.neurons import drop_unlabelled_outputs
from qnnt.simplification.pipeline import STEPS, simplify
from qnnt.simplification.samples import drop_masked_samples, merge_samples
from qnnt.simplification.steps import Simplified, nearest_zero
from qnnt.simplification.weights import fix_irrelevant_parameters
from tests.simplification.equivalence import assert_equivalent, assert_step_on_random_instances

BLOCK = 25


def as_given(instance: Instance) -> Instance:
    return instance


def in_general_form(instance: Instance) -> Instance:
    return general_form(instance).instance


def with_masks(instance: Instance) -> Instance:
    """In general form, and with the first output unlabelled wherever the seed of its name says so."""
    instance = in_general_form(instance)
    rng = random.Random(repr(instance.dataset.x))
    rows = [tuple(None if rng.random() < 0.5 else label for label in y) for y in instance.dataset.y]
    if rng.random() < 0.5:
        rows = [(None, *y[1:]) for y in rows]
    data = instance.dataset
    return instance.derive(dataset=type(data)(data.x, tuple(rows), data.weight))


@pytest.mark.parametrize("block", range(4))
@pytest.mark.parametrize(
    ("step", "prepare", "least"),
    [
        (general_form, as_given, 5),
        (merge_samples, as_given, 1),
        (drop_masked_samples, as_given, 1),
        (drop_masked_samples, with_masks, 5),
        (drop_unlabelled_outputs, with_masks, 1),
        (fix_irrelevant_parameters, in_general_form, 3),
        (simplify, as_given, 5),
        (simplify, with_masks, 5),
    ],
)
def test_equivalent_on_random_instances(
    step: Callable[[Instance], Simplified], prepare: Callable[[Instance], Instance], least: int, block: int
) -> None:
    seeds = range(BLOCK * block, BLOCK * (block + 1))
    assert assert_step_on_random_instances(step, prepare, seeds) >= least


def test_the_pipeline_is_the_steps_one_after_the_other() -> None:
    for seed in range(30):
        rng = random.Random(f"pipeline {seed}")
        instance = random_instance(rng, most_settings=100)
        one_by_one = Simplified(instance)
        for step in STEPS:
            one_by_one = one_by_one.then(step)
        whole = simplify(instance)
        assert whole.instance == one_by_one.instance
        assert whole.instance.problem is Problem.D_NNT
        parameters = random_parameters(rng, instance)
        assert whole.project(parameters) == one_by_one.project(parameters)
        assert_equivalent(instance, one_by_one, rng)


def test_a_second_pass_finds_nothing_new_to_drop() -> None:
    for seed in range(60):
        once = simplify(random_instance(random.Random(f"twice {seed}"), most_settings=200)).instance
        twice = simplify(once).instance
        assert len(twice.dataset) == len(once.dataset)
        assert twice.network == once.network


def test_the_value_for_what_does_not_matter() -> None:
    assert nearest_zero((-3, 2, 5)) == 2
    assert nearest_zero((-2, 2)) == -2
    assert nearest_zero((0,)) == 0
