"""Random activations and losses, as documents."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from qnnt.exact import Number, to_json_number

PLAIN_ACTIVATIONS = ("relu", "identity", "threshold", "sign")
ACTIVATIONS = (*PLAIN_ACTIVATIONS, "relu_d", "clip", "polynomial", "table", "step", "leaky", "constant")
"""Every activation type of the format but those that read digits, whose numbers soon pass all bounds."""
LOSSES = ("mismatch", "absolute", "squared", "hinge", "table", "hamming", "linf", "accept", "positive")
"""Every loss type of the format."""
COUNTING = ("mismatch", "hamming", "accept", "positive")
"""Losses that count samples or outputs, however large these are."""
BOUNDED = ("threshold", "sign", "constant")
"""Activations with a small image whatever they read."""

WHOLE: tuple[Number, ...] = (-2, -1, 0, 1, 2, 3)
BROKEN: tuple[Number, ...] = (Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), Fraction(-1, 3), Fraction(5, 3))


def random_number(rng: random.Random, rational: bool) -> Number:
    """A small number, a true rational one time in six where those are wanted."""
    return rng.choice(BROKEN) if rational and rng.random() < 1 / 6 else rng.choice(WHOLE)


def random_activation(
    rng: random.Random, name: str, rational: bool, reached: Collection[Number] | None
) -> str | dict[str, Any]:
    """The document of an activation of this type, made of small numbers.

    Parameters
    ----------
    rational
        Whether true rationals are wanted among them.
    reached
        As for `drawn_activation`.
    """
    return drawn_activation(rng, name, partial(random_number, rng, rational), reached)


def drawn_activation(
    rng: random.Random, name: str, number: Callable[[], Number], reached: Collection[Number] | None
) -> str | dict[str, Any]:
    """The document of an activation of this type.

    Parameters
    ----------
    number
        Draws the numbers that it is made of.
    reached
        All pre-activations that can occur (None: too many to list); a table lists them all, or, one time
        in three, only some.
    """

    def written() -> int | str:
        return to_json_number(number())

    if name in PLAIN_ACTIVATIONS:
        return name if rng.random() < 0.5 else {"type": name}
    if name == "relu_d":
        return {"type": name, "d": rng.randint(2, 5)}
    if name == "clip":
        low, high = sorted(number() for _ in "ab")
        return {"type": name, "low": to_json_number(low), "high": to_json_number(high)}
    if name == "polynomial":
        return {"type": name, "coefficients": [written() for _ in range(rng.choice([1, 2, 3, 3]))]}
    if name == "leaky":
        return {"type": name, "negative": written(), "positive": written()}
    if name == "constant":
        return {"type": name, "value": written()}
    if name == "step":
        breaks = sorted({number() for _ in range(rng.randint(0, 3))})
        return {
            "type": name,
            "breaks": [to_json_number(b) for b in breaks],
            "values": [written() for _ in range(len(breaks) + 1)],
        }
    if name == "table":
        points = sorted(reached or WHOLE)
        if rng.random() < 1 / 3:
            points = rng.sample(points, rng.randint(1, len(points)))
        return {"type": name, "values": [[to_json_number(t), written()] for t in points]}
    raise ValueError(f"no activation {name!r}")


def random_loss(
    rng: random.Random,
    name: str,
    rational: bool,
    outputs: int,
    labels: Sequence[Number],
    reached: Sequence[Number],
) -> str | dict[str, Any]:
    """The document of a loss of this type, made of small numbers; the parameters are those of `drawn_loss`."""
    return drawn_loss(rng, name, partial(random_number, rng, rational), outputs, labels, reached)


def drawn_loss(
    rng: random.Random,
    name: str,
    number: Callable[[], Number],
    outputs: int,
    labels: Sequence[Number],
    reached: Sequence[Number],
) -> str | dict[str, Any]:
    """The document of a loss of this type.

    Parameters
    ----------
    number
        Draws the numbers that it is made of.
    outputs
        Of the network.
    labels
        The labels of the data; `accept` and `table` list each.
    reached
        Every output value that any parameters have at any sample; `table` lists each with each label.
    """
    if name == "hinge":
        return {"type": name, "margin": to_json_number(number())}
    if name == "table":
        entries = [
            [to_json_number(o), to_json_number(y), to_json_number(_absolute(number()))] for o in reached for y in labels
        ]
        rng.shuffle(entries)
        return {"type": name, "values": entries}
    if name == "accept":
        return {"type": name, "sets": [[to_json_number(y), _accepted(rng, outputs, reached)] for y in labels]}
    return name if rng.random() < 0.3 else {"type": name}


def _absolute(number: Number) -> Number:
    return number if number >= 0 else -number


def _accepted(rng: random.Random, outputs: int, reached: Sequence[Number]) -> list[list[int | str]]:
    """Accepted values per output: some that occur, some that do not, now and then none."""
    pool = [*reached, *WHOLE]
    return [[to_json_number(rng.choice(pool)) for _ in range(rng.randint(0, 3))] for _ in range(outputs)]
