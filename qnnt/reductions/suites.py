"""A library of benchmark instances with known truth, in three sizes: the same files from the same version.

Every family of reductions in every form, planted, random and refuted; and d-QNNT instances, planted and random.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qnnt.errors import InputError, UnsupportedError
from qnnt.exact import Number
from qnnt.generation.families import planted_labels, random_labels
from qnnt.instance import Instance
from qnnt.reductions.making import Origin, draw, drawn_name, witness_result
from qnnt.reductions.registry import FAMILIES, Family
from qnnt.reductions.sources.source import Variant

SEEDS = 4
"""Instances of each variant of a form."""
MOST_TRIED = 100
"""Seeds that are looked at for a source that the reduction takes."""


class Scale(StrEnum):
    """How large the instances of a suite are."""

    SMALL = "small"
    """Most take a solver less than a second."""
    MEDIUM = "medium"
    """Seconds to minutes."""
    LARGE = "large"
    """Minutes and more; some are open."""


@dataclass(frozen=True)
class Member:
    """An instance of a suite, and what is known of it.

    Attributes
    ----------
    parameters
        What it was drawn with.
    verdict
        Whether the bound can be met: "yes", "no", or None where nobody knows.
    optimum
        The smallest loss, where the instance has no bound.
    proved_by
        Why the verdict or the optimum is known; empty where it is not.
    """

    family: str
    theorem: str
    instance: Instance
    parameters: Mapping[str, Any]
    verdict: str | None
    optimum: Number | None
    proved_by: str


@dataclass(frozen=True)
class Labelled:
    """d-QNNT instances by seed, with their optima where they are known.

    Attributes
    ----------
    flip
        None for random labels; else the probability that a planted label is redrawn.
    optima
        Of seeds 0, 1, ..., by search, each by two solvers that share no encoding; empty where not known.
    """

    d: int
    layers: tuple[int, ...]
    samples: int
    flip: float | None = None
    optima: tuple[int, ...] = ()


SIZES: Mapping[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = {
    "three-sat": ((10, 42), (50, 213), (200, 852)),
    "three-sat-d2": ((6, 24), (30, 126), (100, 420)),
    "three-sat-d4": ((3, 10), (8, 32), (20, 85)),
    "exact-cover": ((20, 40), (90, 240), (200, 600)),
    "hitting-set": ((10, 14, 3), (20, 40, 6), (40, 80, 10)),
    "subset-sum": ((10, 10), (24, 24), (40, 30)),
    "two-csp": ((6, 3, 10), (14, 3, 26), (20, 5, 60)),
    "exact-k-cover": ((12, 20, 4), (60, 120, 20), (150, 300, 50)),
    "at-most-k-cover": ((12, 20, 4), (60, 120, 20), (150, 300, 50)),
    "etr-inv": ((6, 4, 3, 3), (12, 10, 4, 4), (20, 20, 6, 5)),
    "one-in-three": ((3, 1), (3, 2), (5, 4)),
    "two-hyperplanes": ((2, 3, 1), (2, 8, 2), (3, 12, 2)),
    "pos-slp": ((12,), (24,), (60,)),
    "pos-slp-literal": ((10,), (20,), (30,)),
}
"""Of the sources of each family, in the order of the registry: small, medium and large."""
LABELLED: Mapping[Scale, tuple[Labelled, ...]] = {
    Scale.SMALL: (
        Labelled(3, (3, 3, 2), 20, optima=(3, 6, 6, 8)),
        Labelled(3, (4, 3, 1), 20, flip=0.0),
    ),
    Scale.MEDIUM: (
        Labelled(4, (4, 3, 2), 16, optima=(5, 3, 4, 4)),
        Labelled(3, (10, 8, 2), 60, flip=0.0),
    ),
    Scale.LARGE: (
        Labelled(4, (4, 4, 2), 16),
        Labelled(4, (8, 8, 3), 80, flip=0.0),
    ),
}
BY_SEARCH = "search by two solvers of different encodings"


def members(scale: Scale) -> Iterator[Member]:
    """The instances of a suite, always the same ones in the same order."""
    for entry in FAMILIES:
        for form in entry.forms:
            for variant in Variant:
                yield from _reduced(entry, form, variant, sizes_of(entry, scale))
    for row in LABELLED[scale]:
        for seed in range(SEEDS):
            yield _labelled(row, seed)


def sizes_of(entry: Family, scale: Scale) -> dict[str, int]:
    """The sizes of a family's sources, by name."""
    numbers = SIZES[entry.name][list(Scale).index(scale)]
    return {size.name: number for size, number in zip(entry.sizes, numbers, strict=True)}


def _reduced(entry: Family, form: str, variant: Variant, sizes: Mapping[str, int]) -> Iterator[Member]:
    """The first sources that the reduction takes."""
    left = SEEDS
    for seed in range(MOST_TRIED):
        if not left:
            return
        try:
            drawn = draw(entry, variant, sizes, seed)
            origin = Origin(entry, form, drawn.source)
            instance = origin.made(drawn_name(entry, form, variant, sizes, seed))
        except InputError:
            continue
        left -= 1
        verdict: str | None
        if drawn.solution is not None:
            witness_result(origin, drawn.solution)  # raises if the network of the solution does not meet the bound
            verdict, proved_by = "yes", "a planted solution, whose network was evaluated"
        elif drawn.refutation:
            verdict, proved_by = "no", f"construction: {drawn.refutation}"
        else:
            verdict, proved_by = _by_source(origin) if entry.reduction().settles(form) else (None, "")
        yield Member(
            entry.name,
            entry.reduction().theorem,
            instance,
            {"form": form, "variant": str(variant), **sizes, "seed": seed},
            verdict,
            None,
            proved_by,
        )


def _by_source(origin: Origin) -> tuple[str | None, str]:
    """The verdict of the source's own solver."""
    try:
        solution = origin.source.solve()
    except UnsupportedError:
        return None, ""
    if solution is None:
        return "no", f"the solver of the {origin.source.problem} source"
    witness_result(origin, solution)
    return "yes", f"the solver of the {origin.source.problem} source; the network of its solution was evaluated"


def _labelled(row: Labelled, seed: int) -> Member:
    if row.flip is None:
        instance = random_labels(row.d, row.layers, row.samples, seed)
    else:
        instance = planted_labels(row.d, row.layers, row.samples, seed, flip=row.flip)
    parameters = {"d": row.d, "layers": list(row.layers), "samples": row.samples, "seed": seed}
    if row.flip == 0:
        return Member("planted", "", instance, parameters, None, 0, "a planted network made the labels")
    known = seed < len(row.optima)
    optimum, proved_by = (row.optima[seed], BY_SEARCH) if known else (None, "")
    return Member("random" if row.flip is None else "flipped", "", instance, parameters, None, optimum, proved_by)
