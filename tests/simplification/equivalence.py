"""What every simplification step promises, checked setting by setting with the judge."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from qnnt.algorithms.enumeration import minimum
from qnnt.errors import CertificateError
from qnnt.evaluation import check_parameters, evaluate
from qnnt.exact import Number
from qnnt.fuzzing.tiny import all_parameters, random_instance, random_parameters
from qnnt.instance import Instance, Parameters
from qnnt.simplification.steps import Simplified

EXHAUSTIVE = 250
"""Settings up to which all are looked at; of larger instances a sample."""
SAMPLE = 60


def loss_of(instance: Instance, parameters: Parameters) -> Number | None:
    """The judge's loss, None where the parameters have none."""
    check_parameters(instance, parameters)
    try:
        return evaluate(instance, parameters)
    except CertificateError:
        return None


def settings_of(instance: Instance, rng: random.Random) -> Iterable[Parameters]:
    if instance.settings <= EXHAUSTIVE:
        return all_parameters(instance)
    return [random_parameters(rng, instance) for _ in range(SAMPLE)]


def assert_equivalent(original: Instance, simplified: Simplified, rng: random.Random) -> None:
    """Both maps keep the loss (or that there is none), and the optimum is the same."""
    smaller = simplified.instance
    for parameters in settings_of(smaller, rng):
        assert loss_of(original, simplified.restore(parameters)) == loss_of(smaller, parameters)
    for parameters in settings_of(original, rng):
        assert loss_of(smaller, simplified.project(parameters)) == loss_of(original, parameters)
    assert minimum(smaller).loss == minimum(original).loss
    if max(original.settings, smaller.settings) <= EXHAUSTIVE:
        assert {loss_of(smaller, p) for p in all_parameters(smaller)} == {
            loss_of(original, p) for p in all_parameters(original)
        }


def assert_step_on_random_instances(
    step: Callable[[Instance], Simplified], prepare: Callable[[Instance], Instance], seeds: range
) -> int:
    """Check a step on random instances; how many of them it changed."""
    changed = 0
    for seed in seeds:
        rng = random.Random(f"step {seed}")
        instance = prepare(random_instance(rng, most_settings=400))
        simplified = step(instance)
        assert_equivalent(instance, simplified, rng)
        changed += simplified.instance != instance
    return changed
