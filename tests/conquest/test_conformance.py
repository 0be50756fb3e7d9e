"""Cubes against brute force on hundreds of tiny instances: minimise, decide at bounds around the optimum, hints."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest

import qnnt
from qnnt.algorithms.enumeration import minimum
from qnnt.conquest.granularity import just_above, just_below, loss_denominator
from qnnt.conquest.orders import Order, Reply
from qnnt.errors import CertificateError
from qnnt.evaluation import evaluate
from qnnt.exact import Number, reduced
from qnnt.fuzzing.tiny import all_parameters, random_instance, random_parameters
from qnnt.fuzzing.two_layers import random_two_layer
from qnnt.instance import Instance, Objective
from qnnt.result import Result, Status
from qnnt.solvers.stopping import Stop
from tests.conquest.brute_force import conquered
from tests.solvers.small_instances import NEVER, line

SEEDS = range(300)


def tiny(seed: int) -> Instance:
    rng = random.Random(f"conquest {seed}")
    return random_two_layer(rng) if seed % 3 == 0 else random_instance(rng, most_settings=500)


def wanted(seed: int) -> int:
    return random.Random(seed).choice([1, 2, 3, 6, 20])


def assert_sound(instance: Instance, result: Result) -> None:
    assert (result.solution is None) == (result.loss is None)
    if result.solution is not None:
        assert qnnt.verify(instance, result.solution.parameters, result.loss) == result.loss
    counts = result.model
    assert counts["refuted"] + counts["solved"] + counts["open"] == counts["cubes"]


def bounds_around(best: Number | None) -> set[Number]:
    if best is None:
        return {0, 10**6}
    below: set[Number] = {max(0, reduced(Fraction(best) - gap)) for gap in (Fraction(1, 7), 1)}
    return {0, best, best + 1} | below


def test_the_smallest_loss() -> None:
    found: Counter[str] = Counter()
    for seed in SEEDS:
        instance, best = tiny(seed), minimum(tiny(seed)).loss
        result = conquered(instance, wanted(seed), objective="minimize")
        assert_sound(instance, result)
        assert (result.loss, result.lower_bound) == (best, best)
        assert result.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
        assert result.model["open"] == 0
        found[f"{result.status} {'split' if result.model['cubes'] > 1 else 'whole'}"] += 1
    assert found["optimal split"] >= 150
    assert found["optimal whole"] >= 20
    assert found["infeasible split"] >= 3


def test_decisions() -> None:
    found: Counter[Status] = Counter()
    for seed in SEEDS[:120]:
        instance, best = tiny(seed), minimum(tiny(seed)).loss
        for bound in bounds_around(best):
            result = conquered(instance, wanted(seed), bound=bound)
            assert_sound(instance, result)
            assert result.status is (Status.YES if best is not None and best <= bound else Status.NO)
            found[result.status] += 1
    assert min(found[Status.YES], found[Status.NO]) >= 100


def test_hints_change_nothing_but_the_first_incumbent() -> None:
    hinted = 0
    for seed in SEEDS[:80]:
        instance, best = tiny(seed), minimum(tiny(seed)).loss
        hint = random_parameters(random.Random(seed), instance)
        try:
            loss = qnnt.verify(instance, hint)
        except CertificateError:
            continue
        hinted += 1
        result = conquered(instance, wanted(seed), objective="minimize", hint=hint)
        assert (result.status, result.loss, result.lower_bound) == (Status.OPTIMAL, best, best)
        assert result.incumbents[0].loss == loss
    assert hinted >= 50


def test_where_losses_have_no_known_denominator_every_cube_is_minimised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qnnt.conquest.campaign.loss_denominator", lambda _: None)
    for seed in SEEDS[:100]:
        instance, best = tiny(seed), minimum(tiny(seed)).loss
        result = conquered(instance, wanted(seed), objective="minimize")
        assert (result.loss, result.lower_bound) == (best, best)
        assert result.model["asked"] <= result.model["cubes"]


def test_losses_are_multiples_of_their_denominator() -> None:
    denominators: Counter[bool] = Counter()
    for seed in SEEDS[:200]:
        instance = tiny(seed)
        denominator = loss_denominator(instance)
        assert denominator is not None
        denominators[denominator > 1] += 1
        for parameters in list(all_parameters(instance))[::17]:
            try:
                loss = evaluate(instance, parameters)
            except CertificateError:
                continue
            assert (Fraction(loss) * denominator).denominator == 1
    assert min(denominators.values()) >= 20


def test_neighbours_of_a_loss() -> None:
    assert (just_below(3, 1), just_above(3, 1)) == (2, 4)
    assert (just_below(Fraction(5, 2), 1), just_above(Fraction(5, 2), 1)) == (2, 3)
    assert (just_below(1, 4), just_above(1, 4)) == (Fraction(3, 4), Fraction(5, 4))
    assert loss_denominator(line()) == 6
    assert loss_denominator(line(loss="squared")) == 36
    assert loss_denominator(line(activation={"type": "slp_shift"})) is None


def test_losses_beyond_what_bounds_may_be() -> None:
    far = qnnt.d_nnt([1, 1], [[1]], [[0]], weights=[2**40, 2**50], bias=[0], activation="relu", loss="squared")

    def fulfil(order: Order, stop: Stop | None) -> Reply:
        assert order.objective is Objective.MINIMIZE
        loss, best = min((evaluate(order.instance, p), n) for n, p in enumerate(all_parameters(order.instance)))
        return Reply(Status.OPTIMAL, loss, loss, list(all_parameters(order.instance))[best])

    result = conquered(far, 2, objective="minimize", fulfil=fulfil)
    assert (result.status, result.loss, result.lower_bound, result.model["asked"]) == (Status.OPTIMAL, 2**80, 2**80, 2)


# --- degenerate ones -----------------------------------------------------------------------------


def test_no_samples_one_setting_and_nothing_admissible() -> None:
    empty = conquered(qnnt.d_qnnt(3, [2, 2, 1], [], []), 9, objective="minimize")
    assert (empty.status, empty.loss, empty.model["cubes"]) == (Status.OPTIMAL, 0, 1)
    fixed = qnnt.d_nnt([1, 1], [[1]], [[0]], weights=[1], bias=[1], activation="relu")
    one = conquered(fixed, 9, objective="minimize")
    assert (one.status, one.loss, one.model["cubes"]) == (Status.OPTIMAL, 1, 1)
    never = conquered(NEVER, 2, objective="minimize")
    assert (never.status, never.loss, never.lower_bound) == (Status.INFEASIBLE, None, None)
    assert (never.model["cubes"], never.model["refuted"]) == (2, 2)
    assert conquered(NEVER, 2, bound=10**6).status is Status.NO
