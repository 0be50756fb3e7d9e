"""Clauses batch by batch say what one encoding of all samples says, and never share variables by mistake."""

from __future__ import annotations

import dataclasses
import random

import numpy as np

from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt
from qnnt.encoders.batches import BatchedClauses, first_batch
from qnnt.encoders.cost import CostBounds
from qnnt.fuzzing.tiny import random_instance
from qnnt.instance import Dataset, Instance
from qnnt.simplification.pipeline import simplify
from qnnt.solvers.engines import PySatEngine
from qnnt.solvers.sample_losses import SampleLosses

NOTHING = Dataset((), (), ())


def assert_least_cost(instance: Instance) -> None:
    """An input a batch, numbered with gaps: the least cost that the clauses allow is the least loss."""
    simplified = simplify(instance).instance
    losses, best = SampleLosses(simplified), minimum(instance).loss
    engine = PySatEngine("cadical195")
    batches = first_batch(simplified, NOTHING)
    engine.add(batches.cnf.clauses)
    for i in range(len(losses)):
        batches = batches.extended(losses.samples_at([i]), batches.cnf.variables + i)
        engine.add(batches.cnf.clauses)
    cnf = batches.cnf
    if best is None:
        assert not engine.solve()
    else:
        assert engine.solve()
        cost = int(best * cnf.denominator) - cnf.constant
        bounds = CostBounds(cnf, int(cnf.weights.sum()))
        below, met = -bounds.at_least(cost), -bounds.at_least(bounds.above(cost))
        engine.add(bounds.new_clauses())
        assert engine.solve([met])
        loss = sum(share for share in losses.of(batches.decode(engine.truth(cnf.variables))) if share is not None)
        assert loss == best
        assert not engine.solve([below])
    engine.close()


def test_batches_together_have_the_least_loss() -> None:
    for seed in range(20):
        assert_least_cost(random_instance(random.Random(f"batches {seed}"), losses=["mismatch", "hamming"]))


def constant_batch(variables: int) -> BatchedClauses:
    """A weight that matters, and then a sample at which it does not."""
    instance = d_nnt([1, 1], [[1]], [[1]], weights=[0, 1], bias=[0], activation="threshold")
    return first_batch(instance, instance.dataset).extended(Dataset(((0,),), ((0,),), (1,)), variables)


def test_a_batch_without_variables_of_its_own_leaves_the_numbers_in_use() -> None:
    assert constant_batch(500).cnf.variables == 500


def test_new_variables_lie_behind_those_in_use() -> None:
    instance = d_nnt([2, 1], [[1, 1]], [[2]], weights=[0, 1], bias=[0, 1], activation="relu", loss="absolute")
    batches = first_batch(instance, NOTHING)
    parameters = batches.cnf.variables
    extended = batches.extended(instance.dataset, 100)
    used = np.unique(np.abs(extended.cnf.clauses.entries))
    assert all(v <= parameters or v > 100 for v in used.tolist())
    assert extended.cnf.variables > 100


def test_costs_of_all_batches_have_one_denominator() -> None:
    instance = d_nnt([1, 1], [[1]], [["1/2"]], weights=[0, 1], bias=[0], activation="threshold", loss="absolute")
    first = first_batch(instance, instance.dataset)
    both = first.extended(dataclasses.replace(instance.dataset, x=((2,),), y=((1,),)), 0).cnf
    assert first.cnf.denominator == both.denominator == 2
    assert both.weights.sum() + both.constant in {1, 3}  # at weight 0: 1/2 + 1; at weight 1: 1/2 + 0
