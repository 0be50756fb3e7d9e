"""The row-count encoding against brute force: counts have the judge's loss, and lead back to parameters."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

import qnnt
from qnnt.algorithms.pseudo_polynomial.stages import Stage, additive_view
from qnnt.encoders.cpsat import to_cp_model
from qnnt.encoders.row_count import RowCounts, StageCode, encode_rows
from qnnt.errors import UnsupportedError
from qnnt.exact import Number
from qnnt.fuzzing.tiny import all_parameters
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance, Objective, Parameters
from qnnt.simplification.general_form import general_form
from qnnt.solvers.cpsat import CpSat
from tests.encoders.model_check import assert_well_formed, objectives, solutions
from tests.simplification.equivalence import loss_of

MOST = 60
"""Settings of an instance that are all looked at."""


def small_instance(seed: int) -> Instance:
    """In general form, not simplified otherwise."""
    rng = random.Random(f"row counts {seed}")
    while True:
        instance = general_form(random_two_layer(rng)).instance
        if instance.settings <= MOST:
            return instance


def objective_at(encoding: RowCounts, parameters: Parameters) -> tuple[Number | None, Any]:
    """The smallest objective with the parameters' counts, and the assignment; None if there is none."""
    target = to_cp_model(encoding.model, encoding.hint(parameters))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.fix_variables_to_their_hinted_value = True
    status = solver.solve(target)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    if status == cp_model.INFEASIBLE:
        return None, None
    assignment = np.array([0, *solver.response_proto.solution], np.int64)[: len(encoding.model.lower)]
    (loss,) = objectives(encoding.model, assignment[None, :])
    return loss, assignment


@pytest.mark.parametrize("encoding", ["auto", "integer", "order"])
@pytest.mark.parametrize("seed", range(25))
def test_every_setting_has_its_loss(seed: int, encoding: str) -> None:
    instance = small_instance(seed)
    view = additive_view(instance)
    rows = encode_rows(view, Objective.MINIMIZE, encoding=encoding)
    assert_well_formed(rows.model)
    if CpSat().unsupported(rows.model):
        return
    for parameters in all_parameters(instance):
        loss = loss_of(instance, parameters)
        try:
            found, assignment = objective_at(rows, parameters)
        except ValueError:  # a hidden neuron is undefined: there is no row for it
            assert loss is None
            continue
        assert found == loss
        if found is not None:
            again = rows.decode(assignment)
            assert loss_of(instance, again) == loss
            assert [sorted(some) for some in view.choices(again)] == [sorted(some) for some in view.choices(parameters)]


def test_all_solutions_of_a_model_by_enumeration() -> None:
    """The model's own assignments, without a solver."""
    compared = 0
    for seed in range(60):
        instance = small_instance(seed)
        model = encode_rows(additive_view(instance), Objective.MINIMIZE, encoding="order").model
        if np.prod((model.upper - model.lower + 1).astype(float)) > 2**18:
            continue
        compared += 1
        found = objectives(model, solutions(model))
        settings = (loss_of(instance, parameters) for parameters in all_parameters(instance))
        losses = {loss for loss in settings if loss is not None}
        assert losses <= set(found)
        assert min(found, default=None) == min(losses, default=None)
    assert compared > 20


@pytest.mark.parametrize(("members", "rows"), [(1, 2), (1, 5), (4, 2), (3, 4)])
def test_equally_spaced_rows_are_one_integer(members: int, rows: int) -> None:
    table = np.array([[3, -5]]) + np.arange(rows)[:, None] * np.array([[2, 7]])
    code = StageCode(Stage(table, tuple(f"h{i}" for i in range(members))), np.array([2]), spaced=True)
    for total in range(members * (rows - 1) + 1):
        chosen = code.rows_at(np.array([0, 1, total]))
        assert chosen == sorted(chosen)
        assert len(chosen) == members
        assert sum(chosen) == total
        assert code.assignment_of(chosen) == [(2, total)]
        assert (code.constant + total * code.terms[0]).tolist() == table[chosen].sum(axis=0).tolist()


def test_counts_of_rows() -> None:
    table = np.array([[0, 0], [1, 5], [3, 2]])
    code = StageCode(Stage(table, ("a", "b", "c", "d")), np.array([2, 3, 4]), spaced=False)
    assert code.rows_at(np.array([0, 1, 1, 0, 3])) == [0, 2, 2, 2]
    assert code.assignment_of([2, 0, 2, 2]) == [(2, 1), (3, 0), (4, 3)]


def relus(k: int, *, samples: int = 2, size: int = 20) -> Instance:
    rng = random.Random(1)
    x = [[rng.randint(-size, size) for _ in range(3)] for _ in range(samples)]
    y = [[rng.randint(0, size)] for _ in range(samples)]
    return qnnt.d_nnt([3, k, 1], x, y, weights=[-1, 0, 1], bias=[0], activation="relu", loss="absolute")


def test_the_model_does_not_grow_with_alike_neurons() -> None:
    few, many = (encode_rows(additive_view(relus(k)), Objective.MINIMIZE).model.sizes for k in (3, 60))
    assert few["integers"] == many["integers"]
    assert few["terms"] == many["terms"]


def test_deciding_leaves_nothing_to_minimise() -> None:
    encoding = encode_rows(additive_view(relus(3).derive(bound=2)), Objective.DECIDE)
    assert len(encoding.model.objective.variables) == 0
    assert encoding.parameter_sizes["members"] == 3


def test_large_counts_are_refused() -> None:
    instance = relus(200, size=2**50)
    with pytest.raises(UnsupportedError, match="60 bits"):
        encode_rows(additive_view(instance), Objective.MINIMIZE)
