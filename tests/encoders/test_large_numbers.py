"""Numbers too large for literals or for 64 bits: the right answer or a refusal, never an overflow."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from qnnt.algorithms.enumeration import minimum
from qnnt.documents.construction import d_nnt
from qnnt.encoders.switches import SWITCHES
from qnnt.errors import CertificateError, UnsupportedError
from qnnt.evaluation import evaluate
from qnnt.exact import Number, reduced, to_json_number
from qnnt.fuzzing.tiny import all_parameters
from qnnt.instance import Instance
from qnnt.network import Network
from tests.encoders.answers import assert_optimum, decided, supported_optimum

WIDE = list(range(-500, 501))


def chain(depth: int, **settings: Any) -> Instance:
    """One neuron per layer."""
    return d_nnt([1] * (depth + 1), **{"weights": [-1, 0, 1, 2], "bias": [0, 1], "activation": "identity", **settings})


LARGE: dict[str, tuple[Instance, Number]] = {
    "a weight from a thousand": (
        d_nnt([1, 1], [[7], [3]], [[2401], [1029]], weights=WIDE, bias=[0], activation="identity", loss="absolute"), 0,
    ),
    "two weights from a thousand": (
        d_nnt([2, 1], [[1, 1], [1, -1]], [[700], [-100]], weights=WIDE[350:651], bias=[0], activation="relu",
              loss="absolute"), 500,
    ),
    "a relu with thousands of values": (
        d_nnt([1, 1, 1], [[40], [-40]], [[1600], [0]], weights=list(range(-40, 41)), bias=[0], activation="relu",
              loss="absolute"), 0,
    ),
    "the square of a big integer": (
        d_nnt([1, 1], [[100]], [[12345]], weights=list(range(110, 131)), bias=[0], activation="identity",
              loss="squared"), 45**2,
    ),
    "weighted squares": (
        d_nnt([1, 1], [[100], [1]], [[12345], [0]], weights=[0, 100, 123], bias=[0], activation="identity",
              loss="squared", weight=[1, 3]), 45**2 + 3 * 123**2,
    ),
    "a polynomial over a wide range": (
        d_nnt([1, 1], [[1], [2]], [[2500], [10000]], weights=list(range(-60, 61)), bias=[0],
              activation={"type": "polynomial", "coefficients": [0, 0, 1]}, loss="absolute"), 0,
    ),
    "a polynomial between others": (
        d_nnt({"layers": [1, 1, 1], "neurons": {"h1_1": {"activation": {"type": "polynomial",
                                                                         "coefficients": ["1/2", 3, 0, 1, 0]}}}},
              [[1], [-2]], [[Fraction(15, 2)], [0]], weights=[-2, -1, 1, 3], bias=[0], activation="identity",
              loss="absolute"), Fraction(33, 2),
    ),
    "a chain of identities": (
        chain(6, x=[[2], [-2]], y=[[129], [-127]], weights=[-1, 2], bias=[0], loss="absolute"), 2,
    ),
    "a chain of relus": (chain(6, x=[[5]], y=[[389]], activation="relu", loss="squared"), 36),
    "hinge far away": (
        d_nnt([1, 1], [[1000], [-900]], [[3], [-2]], weights=[-7, -1, 0], bias=[0], activation="identity",
              loss={"type": "hinge", "margin": "5/2"}), 5,
    ),
    "largest gaps of wide outputs": (
        d_nnt([1, 2], [[100], [-100]], [[5000, None], [None, -4000]], weights=list(range(60)), bias=[0],
              activation="identity", loss="linf"), 0,
    ),
    "a leaky unit of rationals": (
        d_nnt([1, 1, 1], [[9], [-9]], [[30], [-3]], weights=[-2, 1, 2], bias=[0],
              activation={"type": "leaky", "negative": "1/3", "positive": 2}, loss="absolute"), 8,
    ),
}  # fmt: skip


def subset_sum(numbers: list[int], target: int) -> Instance:
    edges = [{"from": "one", "to": "o", "weights": [0, number]} for number in numbers[:1]]
    names = ["one", *(f"x{i}" for i in range(1, len(numbers)))]
    edges += [{"from": u, "to": "o", "weights": [0, number]} for u, number in zip(names[1:], numbers[1:], strict=True)]
    body = {"inputs": names, "outputs": ["o"], "edges": edges}
    return d_nnt(body, [[1] * len(numbers)], [[target]], bias=[0], activation="identity", loss="absolute")


LARGE["a subset sum"] = (subset_sum([10**6 + 3, 10**6 + 7, 999_983, 10**5], 2 * 10**6 + 10), 0)
LARGE["a subset sum that misses"] = (subset_sum([10**6 + 3, 10**6 + 7, 999_983, 10**5], 2 * 10**6), 10)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("case", LARGE)
def test_large_domains(case: str, name: str) -> None:
    instance, loss = LARGE[case]
    if instance.settings <= 10**6:
        assert minimum(instance).loss == loss
    assert_optimum(instance, name, loss)


BIG = 10**15


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize(
    "instance",
    [
        d_nnt([2, 2, 1], [[1, 2], [2, 3]], [[1], [2]], weights=[-BIG, 0, BIG], bias=[0], activation="relu",
              loss="absolute"),
        d_nnt([2, 1], [[1, 2], [2, 3]], [[1], [-1]], weights=[-BIG, 0, BIG], bias=[0, BIG], activation="sign"),
        d_nnt([1, 1], [[1], [2]], [[BIG], [2 * BIG]], weights=[0, BIG], bias=[0], activation="identity"),
        d_nnt([1, 1], [[1]], [[BIG]], weights=[0, 1], bias=[0], activation="identity", loss="squared"),
        d_nnt([1, 1], [[1], [2]], [[1], [1]], weights=[1, 3], bias=[0], activation="relu", weight=[2**62, 2**62]),
        d_nnt([1, 1], [[1], [1]], [[1], [1]], weights=[1, 3], bias=[0], activation="relu", weight=[2**62, 2**62]),
        d_nnt([1, 1], [[1], [2]], [[1], [1]], weights=[1, 3], bias=[0], activation="identity", loss="absolute",
              weight=[2**58, 2**58]),
        d_nnt([1, 1], [[0], [1]], [[0], [1]], weights=[0, 1], bias=[0],
              activation={"type": "step", "breaks": [1], "values": [-(2**62), 2**62]}, loss="absolute"),
        d_nnt([1, 1, 1], [[0], [1]], [[0], [1]], weights=[0, 1], bias=[0],
              activation={"type": "step", "breaks": [1], "values": [-(2**62), 2**62]}),
        d_nnt([1, 1], [[1]], [[Fraction(1, 2**40)]], weights=[0, 1], bias=[0, Fraction(1, 3**25)],
              activation="identity", loss="absolute"),
        d_nnt([2, 1], [[1, 1]], [[1]], weights=[0, Fraction(1, 2**40), Fraction(1, 3**25)], bias=[0],
              activation="identity"),
        d_nnt([1, 1], [[10**5], [-(10**5)]], [[3], [4]], weights=list(range(-20, 21)), bias=[0],
              activation={"type": "polynomial", "coefficients": [0, 1, 0, 0, 0]}, loss="absolute"),
        d_nnt([1, 1], [[10**5]], [[3]], weights=list(range(-20, 21)), bias=[0],
              activation={"type": "polynomial", "coefficients": [0, 0, 0, 0, 1]}, loss="absolute"),
    ],
)  # fmt: skip
def test_huge_numbers(instance: Instance, name: str) -> None:
    found = supported_optimum(instance, name)
    assert found == "unsupported" or found == plain_minimum(instance)


@pytest.mark.parametrize("name", SWITCHES)
def test_bounds_beyond_64_bits(name: str) -> None:
    table = {"type": "table", "values": [[0, "1/3"]]}
    some = d_nnt([1, 1], [[1]], [[1]], weights=[-1, 0], bias=[0], activation=table, loss="absolute")
    none = d_nnt([1, 1], [[1]], [[1]], weights=[-1, 1], bias=[0], activation=table, loss="absolute")
    assert decided(some, name, 2**62)
    assert not decided(none, name, 2**62)


@pytest.mark.parametrize("name", SWITCHES)
def test_denominators_of_different_samples_meet_in_the_bound(name: str) -> None:
    """Found by random search: the loss's constant part lost its factor when a new denominator came."""
    instance = d_nnt(
        [1, 1], [[6], [5], [-2]], [[5], [2], ["-1024/3"]], weights=[2], bias=[-7169, -1024, 3145727],
        activation="sign", loss="absolute",
    )  # fmt: skip
    assert_optimum(instance, name, Fraction(1042, 3))


# --- random magnitudes ---------------------------------------------------------------------------


def plain_minimum(instance: Instance) -> Number | None:
    """By the judge, whose integers know no limit."""
    losses = []
    for parameters in all_parameters(instance):
        try:
            losses.append(evaluate(instance, parameters))
        except CertificateError:
            continue
    return min(losses, default=None)


def magnitude(rng: random.Random, exponents: list[int]) -> int | str:
    """Of either sign, near a multiple of a power of two; one in eight a rational."""
    number: Number = min(2 ** rng.choice(exponents) * rng.choice([1, 1, 2, 3, 7]) + rng.choice([0, 0, 1, -1]), 2**61)
    if rng.random() < 1 / 8:
        number = Fraction(number, rng.choice([2, 3, 7, 2**20, 3**15]))
    return to_json_number(reduced(rng.choice([-1, 1]) * number))


def random_activation(rng: random.Random, exponents: list[int]) -> Any:
    def several(count: int) -> list[int | str]:
        return [magnitude(rng, exponents) for _ in range(count)]

    name = rng.choice(["relu", "identity", "identity", "sign", "threshold", "step", "polynomial", "table", "leaky"])
    if name == "step":
        return {"type": name, "breaks": several(1), "values": several(2)}
    if name == "polynomial":
        return {"type": name, "coefficients": [*several(rng.randint(1, 3)), *[0] * rng.randint(0, 2)]}
    if name == "table":
        points = {str(t): t for t in [0, *several(2)]}
        return {"type": name, "values": [[t, *several(1)] for t in points.values()]}
    if name == "leaky":
        return {"type": name, "negative": magnitude(rng, [0, 1]), "positive": magnitude(rng, exponents)}
    return name


def random_magnitudes(rng: random.Random) -> Instance:
    exponents = rng.choice([[0, 1], [0, 10], [0, 10, 20], [0, 15, 30], [0, 30, 60], [0, 5, 28], [0, 1, 40], [0, 13]])
    layers = rng.choice([[1, 1], [2, 1], [1, 1, 1], [1, 2, 1], [1, 1, 1, 1], [2, 2], [1, 1, 2]])
    network = Network.layered(layers)
    samples = rng.randint(1, 3)

    def some(most: int) -> list[int | str]:
        found = {str(number): number for number in (magnitude(rng, exponents) for _ in range(most))}
        return [*found.values(), *([] if "0" in found or rng.random() < 0.5 else [0])]

    body = {
        "layers": layers,
        "edges": [{"from": u, "to": v, "weights": some(rng.randint(1, 2))} for u, v in network.edges],
        "neurons": {
            v: {"bias": some(1) if rng.random() < 0.3 else [0], "activation": random_activation(rng, exponents)}
            for v in network.neurons
        },
    }
    x = [[magnitude(rng, exponents) for _ in range(layers[0])] for _ in range(samples)]
    y = [[None if rng.random() < 0.1 else magnitude(rng, exponents) for _ in range(layers[-1])] for _ in range(samples)]
    losses: list[object] = ["mismatch", "absolute", "squared", "hamming", "linf"]
    loss = rng.choice([*losses, {"type": "hinge", "margin": magnitude(rng, exponents)}])
    weight = [2 ** rng.choice(exponents) for _ in range(samples)] if rng.random() < 0.3 else None
    return d_nnt(body, x, y, loss=loss, weight=weight)


@pytest.mark.parametrize("block", range(4))
def test_random_magnitudes_are_answered_rightly_or_refused(block: int) -> None:
    answered = refused = 0
    for seed in range(25):
        instance = random_magnitudes(random.Random(f"magnitudes {block} {seed}"))
        if instance.settings > 300:
            continue
        best = plain_minimum(instance)
        for name in SWITCHES:
            found = supported_optimum(instance, name)
            assert found in (best, "unsupported")
            answered += found != "unsupported"
            refused += found == "unsupported"
        try:
            assert minimum(instance).loss == best
        except UnsupportedError:
            refused += 1
    assert min(answered, refused) >= 10
