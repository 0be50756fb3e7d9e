"""Model -> integer program, with integers and of Booleans alone: the same assignments at the same costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qnnt.encoders.milp import to_program
from qnnt.encoders.model import Model
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.program import IntegerProgram
from tests.encoders.program_check import assert_same
from tests.encoders.random_models import boolean_model, random_model

DEFAULT_SEEDS = 40
SEEDS = [pytest.param(seed, marks=[] if seed < DEFAULT_SEEDS else pytest.mark.full) for seed in range(300)]
LOWERINGS = [pytest.param(to_program, id="milp"), pytest.param(to_boolean_program, id="pb")]

Lowering = Callable[[Model], IntegerProgram]


@pytest.mark.parametrize("lowering", LOWERINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_models(seed: int, lowering: Lowering) -> None:
    model = random_model(seed)
    assert_same(model, lowering(model))


@pytest.mark.parametrize("lowering", LOWERINGS)
@pytest.mark.parametrize("seed", SEEDS)
def test_booleans_alone(seed: int, lowering: Lowering) -> None:
    model = boolean_model(seed)
    assert_same(model, lowering(model))
