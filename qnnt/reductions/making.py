"""Instances that carry their source, and solutions in the source's own terms."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qnnt.array_evaluation import judge
from qnnt.documents.fields import as_map, as_text
from qnnt.errors import CertificateError, InputError, UnsupportedError
from qnnt.exact import Number, magnitude
from qnnt.files.instances import sha256_of
from qnnt.instance import Instance, Parameters
from qnnt.reductions.registry import Family, family
from qnnt.reductions.sources.source import Drawn, Source, Variant
from qnnt.result import Result, Solution, Status

MOST_NUMBERS = 20_000_000
"""That an instance holds: some gigabytes."""


@dataclass(frozen=True)
class Origin:
    """Where an instance comes from: a family, the form of its reduction, and the source."""

    family: Family
    form: str
    source: Source[Any]

    def made(self, name: str = "") -> Instance:
        """The instance; it holds its origin, so that its solutions can be read back.

        Raises
        ------
        InputError
            If the reduction is not defined for the source, or `UnsupportedError` if the instance is too large.
        """
        reduction = self.family.reduction()
        numbers = reduction.numbers(self.source, self.form)
        if numbers > MOST_NUMBERS:
            raise UnsupportedError(
                f"the instance would hold {magnitude(numbers)} numbers and names, room is for {magnitude(MOST_NUMBERS)}"
            )
        instance = reduction.to_instance(self.source, self.form)
        document = {"family": self.family.name, "form": self.form, "problem": self.source.document()}
        return dataclasses.replace(instance, name=name, source=document)

    def witness(self, solution: Any) -> Parameters:
        """The network that a solution of the source gives.

        Raises
        ------
        CertificateError
            If it is no solution.
        """
        complaint = self.source.complaint(solution)
        if complaint:
            raise CertificateError(f"no solution of the {self.source.problem} instance: {complaint}")
        parameters: Parameters = self.family.reduction().from_source_solution(self.source, self.form, solution)
        return parameters


@dataclass(frozen=True)
class Decoded:
    """Parameters in the source's own terms.

    Attributes
    ----------
    solution
        Of the source; None if the loss is above the bound and the reduction does not grade candidates.
    loss
        Of the parameters, recomputed.
    complaint
        Why it is no solution, in a sentence; empty if it is one, checked at the source.
    """

    solution: Any
    loss: Number
    complaint: str


def draw(entry: Family, variant: Variant, sizes: Mapping[str, int], seed: int) -> Drawn[Source[Any], Any]:
    """A random source of the family; the same arguments, the same source.

    Raises
    ------
    InputError
        For a size that is too small or too large, and where there is no such source.
    """
    for size in entry.sizes:
        if not size.least <= sizes[size.name] <= size.most:
            raise InputError(f"{size.name}: expected {size.least} to {size.most}, got {sizes[size.name]}")
    rng = random.Random(f"{entry.name} {variant} {sorted(sizes.items())} {seed}")
    drawn: Drawn[Source[Any], Any] = entry.reduction().source.draw(rng, variant, sizes)
    return drawn


def drawn_name(entry: Family, form: str, variant: Variant, sizes: Mapping[str, int], seed: int) -> str:
    """The name of an instance from a drawn source, such as ``three-sat-planted-20-85-s0``."""
    shape = [entry.name, *([form] if form != entry.forms[0] else []), variant, *map(str, sizes.values())]
    return "-".join([*shape, f"s{seed}"])


def origin_of(instance: Instance) -> Origin:
    """Where an instance comes from: read from its file, and confirmed by making it again.

    Raises
    ------
    InputError
        If the file does not say it, or says it of another instance.
    """
    if instance.source is None:
        raise InputError("the instance does not say what it was made from", "source")
    entry = family(as_text(instance.source["family"], "source.family"), "source.family")
    form = as_text(instance.source["form"], "source.form")
    if form not in entry.forms:
        raise InputError(f"expected one of {', '.join(entry.forms)}", "source.form")
    problem = as_map(instance.source["problem"], "source.problem")
    origin = Origin(entry, form, entry.reduction().source.from_document(problem, "source.problem"))
    again = origin.made(instance.name)
    if dataclasses.replace(instance, bound=again.bound) != again:
        raise InputError(f"this is not the {entry.name} instance of its source: one of them was changed", "source")
    return origin


def witness_result(origin: Origin, solution: Any, name: str = "") -> Result:
    """The network that a solution of the source gives, as an answer; its loss is recomputed."""
    instance = origin.made(name)
    parameters = origin.witness(solution)
    loss = judge(instance, parameters)
    assert instance.bound is not None
    if loss > instance.bound:
        raise CertificateError(f"the witness has the loss {loss}, above {instance.bound}")
    return Result(
        status=Status.YES,
        objective=instance.objective,
        instance_sha256=sha256_of(instance),
        solver="witness",
        encoding=None,
        loss=loss,
        lower_bound=0,
        solution=Solution(instance, parameters),
        note=f"the network of a solution of the {origin.source.problem} instance",
    )


def decode(origin: Origin, parameters: Parameters) -> Decoded:
    """Parameters in the source's own terms, checked there.

    Raises
    ------
    CertificateError
        If the parameters are not admissible, or if the theorem does not hold: the loss is within the
        bound, yet the source says no.
    """
    reduction = origin.family.reduction()
    instance = origin.made()
    loss = judge(instance, parameters)
    assert instance.bound is not None
    within = loss <= instance.bound
    if not within and not reduction.grades:
        return Decoded(None, loss, f"the loss {loss} is above {instance.bound}")
    solution = reduction.to_source_solution(origin.source, origin.form, parameters)
    complaint = origin.source.complaint(solution)
    if within and complaint:
        raise CertificateError(f"the loss {loss} is within {instance.bound}, but the source says: {complaint}")
    return Decoded(solution, loss, complaint or ("" if within else f"the loss {loss} is above {instance.bound}"))
