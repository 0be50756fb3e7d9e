"""The cells of pre-activations: grid point by grid point against the definitions."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from qnnt.activations import Identity, Leaky, Polynomial, Relu, Step, Table
from qnnt.documents.functions import activation_from, loss_from
from qnnt.encoders.cells import MOST_POINTS, Cell, Relevant, relevant_cells, relevant_values, value_cells
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.fuzzing.functions import ACTIVATIONS, LOSSES, WHOLE, random_activation, random_loss


def cell_at(cells: list[Cell], k: int) -> Number | None:
    return [value for start, value in cells if start <= k][-1]


def apart(*values: Number, signed: bool = False) -> Relevant:
    return Relevant(frozenset(values), signed)


def random_grid(rng: random.Random) -> tuple[int, int, int]:
    denominator = rng.choice([1, 1, 2, 3])
    low = rng.randint(-8, 3)
    return low, low + rng.randint(0, 20), denominator


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_cells_of_equal_value(name: str) -> None:
    for seed in range(40):
        rng = random.Random(f"{name} {seed}")
        activation = activation_from(random_activation(rng, name, rational=True, reached=WHOLE), "")
        low, high, denominator = random_grid(rng)
        cells = value_cells(activation, low, high, denominator, 100)
        assert cells is not None
        assert cells[0][0] == low
        assert all(a < b and v != w for (a, v), (b, w) in pairwise(cells))
        for k in range(low, high + 1):
            assert cell_at(cells, k) == activation.value(Fraction(k, denominator))
        if len(cells) > 1:
            assert value_cells(activation, low, high, denominator, len(cells) - 1) is None


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_cells_that_tell_only_some_values_apart(name: str) -> None:
    for seed in range(40):
        rng = random.Random(f"relevant {name} {seed}")
        activation = activation_from(random_activation(rng, name, rational=True, reached=WHOLE), "")
        low, high, denominator = random_grid(rng)
        points = [activation.value(Fraction(k, denominator)) for k in range(low, high + 1)]
        occurring = sorted({value for value in points if value is not None})
        told_apart = {*rng.sample(occurring, min(len(occurring), 2)), *rng.sample(WHOLE, rng.randint(0, 1))}
        relevant = apart(*told_apart, signed=rng.random() < 0.5)
        cells = relevant_cells(activation, low, high, denominator, relevant)
        assert cells[0][0] == low
        assert all(a < b and v != w for (a, v), (b, w) in pairwise(cells))
        for k, value in zip(range(low, high + 1), points, strict=True):
            found = cell_at(cells, k)
            if value is None or value in told_apart:
                assert found == value
            else:
                assert found is not None
                assert found not in told_apart
                assert not relevant.signed or (found > 0) == (value > 0)


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_takes_irrelevant_values_for_one(name: str) -> None:
    """Whatever value stands in for those that do not matter has their loss, or like them none."""
    for seed in range(40):
        rng = random.Random(f"{name} {seed}")
        listed = sorted({rng.choice(WHOLE) for _ in range(4)})
        loss = loss_from(random_loss(rng, name, True, 1, listed, [0, 1, 2]), "loss", 1)
        labels = {rng.choice(listed) for _ in range(2)}
        relevant = relevant_values(loss, labels | {None}, 0)
        if relevant is None:
            assert name in ("absolute", "squared", "hinge", "linf")
            continue
        for value in {*range(-5, 9), Fraction(1, 2)} - relevant.values:
            other = relevant.stand_in(value)
            for label in labels:
                assert loss.of_sample([value], [label]) == loss.of_sample([other], [label])


def test_no_cell_is_relevant_where_everything_is_masked() -> None:
    assert relevant_cells(Relu(), -3, 9, 1, apart()) == [(-3, 1)]


def test_a_wide_range_costs_only_what_matters() -> None:
    assert relevant_cells(Relu(), -(10**12), 10**12, 1, apart(0, 5)) == [(-(10**12), 0), (1, 6), (5, 5), (6, 6)]
    assert relevant_cells(Identity(), -(10**12), 10**12, 3, apart(Fraction(1, 2), 7)) == [
        (-(10**12), 8), (21, 7), (22, 8),
    ]  # fmt: skip
    assert relevant_cells(Step((0,), (4, 5)), -(10**9), 10**9, 1, apart(5)) == [(-(10**9), 6), (0, 5)]
    assert relevant_cells(Table(((0, 4), (7, 5))), -(10**9), 10**9, 1, apart(5)) == [
        (-(10**9), None), (0, 6), (1, None), (7, 5), (8, None),
    ]  # fmt: skip


def test_the_sign_costs_one_more_cell() -> None:
    wide = 10**12
    assert relevant_cells(Identity(), -wide, wide, 1, apart(5, signed=True)) == [(-wide, -1), (1, 6), (5, 5), (6, 6)]
    assert relevant_cells(Identity(), -wide, wide, 3, apart(signed=True)) == [(-wide, -1), (1, 1)]
    assert relevant_cells(Leaky(1, -1), -5, 5, 2, apart(0, signed=True)) == [(-5, -1), (0, 0), (1, -1)]
    falling = Leaky(-1, Fraction(-1, 3))
    assert relevant_cells(falling, -6, 6, 2, apart(2, signed=True)) == [(-6, 3), (-4, 2), (-3, 3), (0, -1)]
    assert relevant_cells(Relu(), -5, 5, 1, apart(-2, signed=True)) == [(-5, -3), (1, 1)]


def test_polynomials_over_a_wide_range_are_refused() -> None:
    square = Polynomial((0, 0, 1))
    assert relevant_cells(square, -3, 3, 1, apart(4)) == [(-3, 5), (-2, 4), (-1, 5), (2, 4), (3, 5)]
    with pytest.raises(UnsupportedError, match="polynomial"):
        relevant_cells(square, 0, MOST_POINTS + 1, 1, apart(4))
