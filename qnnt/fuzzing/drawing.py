"""The stream of random instances: each is a pure function of a seed and a number."""

from __future__ import annotations

import random
from dataclasses import dataclass

from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.fuzzing.shapes import SHAPES
from qnnt.instance import Instance


@dataclass(frozen=True)
class Drawn:
    """A random instance and the name of the shape that it was drawn from, one of `SHAPES`."""

    instance: Instance
    shape: str


def draw(seed: int, number: int) -> Drawn:
    """The instance with this number in the stream of this seed; the same on every machine."""
    rng = random.Random(f"{seed} {number}")
    names = list(SHAPES)
    (name,) = rng.choices(names, [SHAPES[name].weight for name in names])
    return Drawn(drawn_from(name, rng), name)


def drawn_from(shape: str, rng: random.Random) -> Instance:
    """A random instance of this shape, written and read, so that it is one that a file could hold."""
    return instance_from(document_of(SHAPES[shape].generator(rng)))
