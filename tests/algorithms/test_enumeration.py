"""The oracle of the other tests, against a plain loop over all settings and the judge."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest

from qnnt.algorithms import enumeration
from qnnt.algorithms.enumeration import chunks, count, minimum, setting, sums_needed
from qnnt.documents.construction import d_nnt, d_qnnt
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.evaluation import evaluate
from qnnt.exact import Number, reduced
from qnnt.fuzzing.tiny import random_instance
from qnnt.generation.families import random_labels
from qnnt.instance import Instance, Parameters


def plain_losses(instance: Instance) -> list[tuple[Parameters, Number | None]]:
    """Every setting in the order of `itertools.product`, with the judge's loss."""
    edges, neurons = list(instance.weights), list(instance.biases)
    found: list[tuple[Parameters, Number | None]] = []
    for values in itertools.product(*instance.weights.values(), *instance.biases.values()):
        parameters = Parameters(
            dict(zip(edges, values, strict=False)), dict(zip(neurons, values[len(edges) :], strict=True))
        )
        try:
            found.append((parameters, evaluate(instance, parameters)))
        except CertificateError:
            found.append((parameters, None))
    return found


def assert_agrees(instance: Instance) -> None:
    plain = plain_losses(instance)
    losses = [loss for _, loss in plain if loss is not None]
    best = minimum(instance)
    assert best.loss == min(losses, default=None)
    if best.loss is not None:
        assert type(best.loss) is type(reduced(best.loss))
        assert best.parameters == next(parameters for parameters, loss in plain if loss == best.loss)
    else:
        assert best.parameters is None
    assert count(instance) == len(losses)
    for bound in sorted({*losses[:3], *(loss - 1 for loss in losses[:2]), 0, Fraction(1, 3)}):
        assert count(instance, bound) == sum(loss <= bound for loss in losses)
        first = minimum(instance, enough=bound)
        if losses and min(losses) <= bound:
            assert first.loss is not None
            assert first.loss <= bound
            assert first.parameters is not None
            assert evaluate(instance, first.parameters) == first.loss
        else:
            assert first == best


@pytest.mark.parametrize("block", range(6))
def test_against_a_plain_loop(block: int) -> None:
    for seed in range(12):
        assert_agrees(random_instance(random.Random(f"enumeration {block} {seed}"), most_settings=250))


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_chunk_borders(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "CHUNK", size)
    for seed in range(12):
        instance = random_instance(random.Random(f"chunks {seed}"), most_settings=60)
        firsts = [chunk.first for chunk in chunks(instance)]
        step = max(1, size // max(1, len(set(instance.dataset.x))))
        assert firsts == list(range(0, instance.settings, step))
        assert sum(len(chunk.losses) for chunk in chunks(instance)) == instance.settings
        assert_agrees(instance)


def test_settings_count_with_the_last_parameter_fastest() -> None:
    instance = d_nnt([1, 1], [[1]], [[1]], weights=[-1, 2], bias=[0, 5, 7], activation="identity")
    shown = [(*setting(instance, k).weights.values(), *setting(instance, k).biases.values()) for k in range(6)]
    assert shown == [(-1, 0), (-1, 5), (-1, 7), (2, 0), (2, 5), (2, 7)]


def test_every_improvement_is_reported() -> None:
    instance = d_nnt([1, 1], [[1]], [[7]], weights=list(range(10)), bias=[0], activation="identity", loss="absolute")
    told: list[tuple[Parameters, Number]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enumeration, "CHUNK", 1)
        minimum(instance, report=lambda parameters, loss: told.append((parameters, loss)))
    assert [loss for _, loss in told] == [7, 6, 5, 4, 3, 2, 1, 0]
    assert all(evaluate(instance, parameters) == loss for parameters, loss in told)


def test_enough_stops_early() -> None:
    instance = d_nnt([1, 1], [[1]], [[7]], weights=list(range(10)), bias=[0], activation="identity", loss="absolute")
    assert minimum(instance, enough=3).loss == 3
    assert minimum(instance, enough=Fraction(7, 2)).loss == 3
    assert minimum(instance, enough=0).loss == 0


def test_rationals() -> None:
    instance = d_nnt(
        [2, 1], [["1/2", "-2/3"], [1, "1/7"]], [["5/6"], ["1/3"]],
        weights=["1/2", "2/3", -1], bias=["1/5", 0], activation={"type": "leaky", "negative": "1/3", "positive": 1},
        loss="squared", weight=[2, 3],
    )  # fmt: skip
    assert_agrees(instance)
    assert isinstance(minimum(instance).loss, Fraction)


def test_undefined_tables() -> None:
    table = {"type": "table", "values": [[0, 0], [2, 1]]}
    instance = d_nnt([1, 1], [[1], [2]], [[0], [1]], weights=[-1, 0, 1, 2], bias=[0, -2, 2], activation=table)
    assert_agrees(instance)
    assert count(instance) < instance.settings
    nothing = d_nnt([1, 1], [[1]], [[0]], weights=[5], bias=[0], activation=table)
    assert minimum(nothing) == enumeration.Minimum(None, None)
    assert count(nothing) == 0


def test_undefined_losses() -> None:
    loss = {"type": "table", "values": [[0, 0, 4], [1, 0, "5/2"]]}
    instance = d_nnt([1, 1], [[1]], [[0]], weights=[0, 1, 2], bias=[0], activation="identity", loss=loss)
    assert_agrees(instance)
    assert count(instance) == 2


def test_undefined_settings_stay_out_under_any_bound() -> None:
    """A bound beyond 64 bits on the losses' denominator once let them in."""
    table = {"type": "table", "values": [[0, "1/3"]]}
    instance = d_nnt([1, 1], [[1]], [["1/3"]], weights=[-1, 0], bias=[0], activation=table, loss="absolute")
    best = minimum(instance, enough=2**62)
    assert best == enumeration.Minimum(Parameters({("x1", "o1"): 0}, {"o1": 0}), 0)
    assert count(instance, 2**62) == 1


def test_no_samples() -> None:
    instance = d_qnnt(3, [2, 1], [], [])
    assert minimum(instance).loss == 0
    assert count(instance) == count(instance, 0) == instance.settings == 27
    assert count(instance, -1) == 0
    assert [chunk.denominator for chunk in chunks(instance)] == [1]


def test_too_many_settings_are_refused() -> None:
    instance = random_labels(4, [4, 4, 2], 16, 0)
    assert sums_needed(instance) == 4**30 * 16 * 24
    with pytest.raises(UnsupportedError, match="too many to enumerate"):
        minimum(instance)


@pytest.mark.parametrize(
    ("instance", "message"),
    [
        (d_nnt([1, 1], [[2**61]], [[1]], weights=[4], bias=[0], activation="identity"), "products at o1"),
        (d_nnt([2, 1], [[2**61, 2**61]], [[1]], weights=[1], bias=[1], activation="identity"), "pre-activations of o1"),
        (d_nnt([1, 1], [[2**61], [Fraction(1, 2**60)]], [[1], [1]], weights=[1], bias=[0], activation="identity"),
         "values of x1 need"),
        (d_nnt([1, 1], [[1]], [[1]], weights=[2**60, Fraction(1, 2**30)], bias=[0], activation="identity"),
         "values of x1->o1 need"),
        (d_nnt([1, 1], [[1]], [[1]], weights=[1], bias=[2**60, Fraction(1, 2**30)], activation="identity"),
         "values of o1 need"),
        (d_nnt([1, 1], [[2**40]], [[1]], weights=[1], bias=[0],
               activation={"type": "polynomial", "coefficients": [0, 0, 1]}), "neuron's value"),
        (d_nnt([1, 1], [[2**40]], [[1]], weights=[1], bias=[0], activation="identity", loss="squared"), "the loss"),
        (d_nnt([1, 1], [[1], [2]], [[1], [1]], weights=[3], bias=[0], activation="identity", weight=[2**62, 2**62]),
         "the loss"),
        (d_nnt([2, 1], [[1, 0]], [[1]], weights=[Fraction(1, 2**40), Fraction(1, 3**25)], bias=[0],
               activation="identity"), "x1->o1 need|pre-activations of o1"),
    ],
)  # fmt: skip
def test_what_could_overflow_is_refused(instance: Instance, message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        minimum(instance)


def test_large_numbers_that_fit_are_exact() -> None:
    instance = d_nnt(
        [1, 1], [[10**15], [3]], [[10**18], [0]], weights=[-1000, 0, 1000], bias=[0, 1], activation="identity",
        loss="absolute",
    )  # fmt: skip
    assert_agrees(instance)
    assert minimum(instance).loss == 3000
