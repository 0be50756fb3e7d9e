"""The numbers that random instances are made of: small ones, rationals, and huge ones."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from qnnt.exact import Number, reduced


@dataclass(frozen=True)
class Palette:
    """Numbers to draw from, by what they are for; a number that stands there twice is twice as likely.

    Attributes
    ----------
    weights, biases
        Of the sets.
    points, labels
        Of the data.
    constants
        Parameters of activations and losses.
    largest
        Numerators and denominators of neuron values stay within this.
    measured
        Outputs and labels up to this, over their common denominator, may have losses that grow with them:
        formulas have to count these.
    """

    weights: tuple[Number, ...]
    biases: tuple[Number, ...]
    points: tuple[Number, ...]
    labels: tuple[Number, ...]
    constants: tuple[Number, ...]
    largest: int
    measured: int = 1000


SMALL = Palette(
    weights=(-2, -1, -1, 0, 1, 1, 2, 3),
    biases=(-2, -1, 0, 0, 1, 2),
    points=(-1, 0, 1, 1, 2),
    labels=(-2, -1, 0, 1, 2, 3),
    constants=(-2, -1, 0, 1, 2, 3),
    largest=500,
)

PRIMES = (997, 1009, 65_537, 2**31 - 1)
"""Denominators that nothing else divides."""


def rational_palette(rng: random.Random) -> Palette:
    """Denominators up to 12, one or two of them for each purpose; now and then one is a large prime."""
    large = rng.choice([None] * 12 + ["weights", "points", "labels", "constants"])

    def numbers(purpose: str) -> tuple[Number, ...]:
        denominators = rng.sample(range(2, 13), rng.choice([1, 1, 1, 2]))
        found = [Fraction(rng.randint(-2 * q, 2 * q), q) for q in denominators for _ in range(3)]
        if large == purpose:
            prime = rng.choice(PRIMES)
            found += [Fraction(rng.choice([1, -1, prime + 1, 2 * prime - 1]), prime)] * 2
        return (*map(reduced, found), rng.choice([-1, 1]), rng.randint(-2, 2))

    return Palette(
        weights=numbers("weights"),
        biases=(0, *numbers("biases")),
        points=numbers("points"),
        labels=numbers("labels"),
        constants=numbers("constants"),
        largest=2000 if large is None else 2**50,
        measured=400,
    )


EXPONENTS = (26, 28, 30, 31, 31, 32, 40, 53)
"""Powers of two near which, or near whose sums, 32-bit and floating-point arithmetic go wrong."""


def huge_palette(rng: random.Random) -> Palette:
    """Numbers near one power of two, next to tiny ones; products stay within 2^57 or so.

    Either weights or points are huge, or both are middling, or only what is added and compared.
    """
    exponent = rng.choice(EXPONENTS)
    tiny: tuple[Number, ...] = (-2, -1, 0, 1, 1, 2)
    huge = _near(rng, exponent)
    weights, points = rng.choice(
        [(huge, tiny), (tiny, huge), (tiny, huge), (_near(rng, 20), _near(rng, 15)), (tiny, tiny)]
    )
    mixed = (*huge, *tiny)
    return Palette(
        weights=(*weights, *rng.sample(tiny, 2)),
        biases=rng.choice([mixed, (0,)]),
        points=(*points, rng.choice(tiny)),
        labels=(*_near(rng, exponent), *tiny[2:4]),
        constants=mixed,
        largest=2**58,
        measured=2**58 if rng.random() < 0.06 else 0,
    )


def _near(rng: random.Random, exponent: int) -> tuple[Number, ...]:
    """Neighbours of a power of two and of its negative, half and double."""
    base = 2**exponent
    signs = rng.choice([(1,), (-1,), (1, -1)])
    found = [sign * base + rng.choice([-1, 0, 1]) for sign in signs for _ in range(2)]
    return (*found, rng.choice(signs) * (rng.choice([base // 2, base, 2 * base]) + rng.choice([-1, 0, 1])))
