"""Random activations and losses as documents, for `tests.instances`."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

from qnnt.exact import Number, to_json_number

PLAIN_ACTIVATIONS = ("relu", "identity", "threshold", "sign")
ACTIVATIONS = (*PLAIN_ACTIVATIONS, "relu_d", "clip", "polynomial", "table", "step", "leaky", "constant")
"""Every activation type of the format."""
LOSSES = ("mismatch", "absolute", "squared", "hinge", "table", "hamming", "linf", "accept")
"""Every loss type of the format."""
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
    """The document of an activation of this type.

    `reached` holds all pre-activations that can occur (None: too many to list); a table lists them
    all, or, one time in three, only some.
    """

    def number() -> int | str:
        return to_json_number(random_number(rng, rational))

    if name in PLAIN_ACTIVATIONS:
        return name if rng.random() < 0.5 else {"type": name}
    if name == "relu_d":
        return {"type": name, "d": rng.randint(2, 5)}
    if name == "clip":
        low, high = sorted(random_number(rng, rational) for _ in "ab")
        return {"type": name, "low": to_json_number(low), "high": to_json_number(high)}
    if name == "polynomial":
        return {"type": name, "coefficients": [number() for _ in range(rng.choice([1, 2, 3, 3]))]}
    if name == "leaky":
        return {"type": name, "negative": number(), "positive": number()}
    if name == "constant":
        return {"type": name, "value": number()}
    if name == "step":
        breaks = sorted({random_number(rng, rational) for _ in range(rng.randint(0, 3))})
        return {
            "type": name,
            "breaks": [to_json_number(b) for b in breaks],
            "values": [number() for _ in range(len(breaks) + 1)],
        }
    if name == "table":
        points = sorted(reached or WHOLE)
        if rng.random() < 1 / 3:
            points = rng.sample(points, rng.randint(1, len(points)))
        return {"type": name, "values": [[to_json_number(t), number()] for t in points]}
    raise ValueError(f"no activation {name!r}")


def random_loss(
    rng: random.Random,
    name: str,
    rational: bool,
    outputs: int,
    labels: Sequence[Number],
    reached: Sequence[Number],
) -> str | dict[str, Any]:
    """The document of a loss of this type.

    Parameters
    ----------
    labels
        The labels of the data; `accept` and `table` list each.
    reached
        Every output value that any parameters have at any sample; `table` lists each with each label.
    """
    if name == "hinge":
        return {"type": name, "margin": to_json_number(random_number(rng, rational))}
    if name == "table":
        entries = [
            [to_json_number(o), to_json_number(y), to_json_number(abs(random_number(rng, rational)))]  # type: ignore[arg-type]
            for o in reached
            for y in labels
        ]
        rng.shuffle(entries)
        return {"type": name, "values": entries}
    if name == "accept":
        return {"type": name, "sets": [[to_json_number(y), _accepted(rng, outputs, reached)] for y in labels]}
    return name if rng.random() < 0.3 else {"type": name}


def _accepted(rng: random.Random, outputs: int, reached: Sequence[Number]) -> list[list[int | str]]:
    """Accepted values per output: some that occur, some that do not, now and then none."""
    pool = [*reached, *WHOLE]
    return [[to_json_number(rng.choice(pool)) for _ in range(rng.randint(0, 3))] for _ in range(outputs)]
