"""Every family: there and back, verdicts against the source's own solver, witnesses, files, commands.

A sample runs by default; `pytest --full` runs 500 sources per family and form.
"""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

import qnnt
from qnnt.array_evaluation import judge
from qnnt.documents.reader import instance_from
from qnnt.documents.writer import document_of
from qnnt.errors import CertificateError, InputError
from qnnt.files.text import pretty
from qnnt.reductions.making import Origin, decode, draw, origin_of, witness_result
from qnnt.reductions.registry import FAMILIES, Family, family
from qnnt.reductions.sources.formula import Formula
from qnnt.reductions.sources.source import Drawn, Source, Variant
from qnnt.regimes import regimes
from qnnt.result import Status
from qnnt.structure import structure
from tests.reductions.small_sizes import SMALL, SOLVERS, promised, small_sizes

SAMPLE = 12
ALL = 500
"""Sources per family and form."""
BLOCK = 4

FORMS = [pytest.param(entry, form, id=f"{entry.name}-{form}") for entry in FAMILIES for form in entry.forms]
NAMED = [pytest.param(entry, id=entry.name) for entry in FAMILIES]


def blocks() -> Iterator[Any]:
    for entry in FAMILIES:
        for form in entry.forms:
            for first in range(0, ALL, BLOCK):
                marks = [] if first < SAMPLE else [pytest.mark.full]
                yield pytest.param(entry, form, first, id=f"{entry.name}-{form}-{first}", marks=marks)


def small_source(entry: Family, form: str, number: int) -> Drawn[Source[Any], Any]:
    """A source that takes little time; the variants take turns, and sizes at which there are none are passed over."""
    rng = random.Random(f"{entry.name} {form} {number}")
    variant = list(Variant)[number % len(Variant)]
    for seed in range(number * 1000, number * 1000 + 1000):
        try:
            drawn = draw(entry, variant, small_sizes(entry, form, rng), seed)
            Origin(entry, form, drawn.source).made()
        except InputError:
            continue
        return drawn
    raise AssertionError("no source was found")


@pytest.mark.parametrize(("entry", "form", "first"), list(blocks()))
def test_verdicts_are_those_of_the_source(entry: Family, form: str, first: int) -> None:
    for number in range(first, first + BLOCK):
        drawn = small_source(entry, form, number)
        origin = Origin(entry, form, drawn.source)
        truth = promised(origin, drawn)
        instance = origin.made()
        found = qnnt.solve(instance, solver=SOLVERS.get((entry.name, form), "auto"))
        assert found.answered, found.note
        if found.status is Status.YES:
            assert truth is not False, f"number {number}: the source has no solution"
            assert found.solution is not None
            decoded = decode(origin, found.solution.parameters)
            assert not decoded.complaint, f"number {number}: {decoded.complaint}"
        else:
            assert truth is not True, f"number {number}: the source has a solution"


@pytest.mark.parametrize(("entry", "form"), FORMS)
def test_solutions_become_networks_and_come_back(entry: Family, form: str) -> None:
    seen = 0
    for number in range(60):
        drawn = small_source(entry, form, number)
        origin = Origin(entry, form, drawn.source)
        for solution in (drawn.solution, drawn.source.solve() if entry.name in SMALL else None):
            if solution is None:
                continue
            seen += 1
            assert not drawn.source.complaint(solution)
            parameters = origin.witness(solution)
            instance = origin.made()
            assert instance.bound is not None
            assert judge(instance, parameters) <= instance.bound
            decoded = decode(origin, parameters)
            assert not decoded.complaint
            assert decoded.loss == witness_result(origin, solution).loss
            assert drawn.source.words(decoded.solution)
            json.dumps(drawn.source.solution_document(decoded.solution))
    assert seen >= 20


@pytest.mark.parametrize(("entry", "form"), FORMS)
def test_variants_keep_what_they_promise(entry: Family, form: str) -> None:
    """Planted sources have a solution, refuted ones have none: told by construction, confirmed by search."""
    for number in range(60):
        drawn = small_source(entry, form, number)
        variant = list(Variant)[number % len(Variant)]
        assert (drawn.solution is not None) == (variant is Variant.PLANTED)
        assert bool(drawn.refutation) == (variant is Variant.NO)
        if variant is Variant.PLANTED:
            assert not drawn.source.complaint(drawn.solution)
            assert drawn.source.solve() is not None
        if variant is Variant.NO:
            assert drawn.source.solve() is None


@pytest.mark.parametrize(("entry", "form"), FORMS)
def test_files_keep_the_source(entry: Family, form: str) -> None:
    for number in range(6):
        drawn = small_source(entry, form, number)
        made = Origin(entry, form, drawn.source).made("a name")
        text = pretty(document_of(made))
        read = instance_from(json.loads(text))
        assert read == made
        assert origin_of(read) == Origin(entry, form, drawn.source)
        assert origin_of(dataclasses.replace(read, bound=None)).source == drawn.source


@pytest.mark.parametrize(("entry", "form"), FORMS)
def test_the_same_seed_gives_the_same_file(entry: Family, form: str) -> None:
    texts = [pretty(document_of(Origin(entry, form, small_source(entry, form, 5).source).made())) for _ in range(2)]
    assert texts[0] == texts[1]
    assert (
        len({pretty(document_of(Origin(entry, form, small_source(entry, form, n).source).made())) for n in range(9)})
        > 1
    )


@pytest.mark.parametrize("entry", NAMED)
def test_default_sizes_can_be_drawn(entry: Family) -> None:
    for variant in Variant:
        drawn = draw(entry, variant, {size.name: size.default for size in entry.sizes}, 0)
        for form in entry.forms:
            made = Origin(entry, form, drawn.source).made()
            assert origin_of(made).form == form


@pytest.mark.parametrize("entry", NAMED)
def test_a_changed_instance_is_not_the_one_of_its_source(entry: Family) -> None:
    made = Origin(entry, entry.forms[0], small_source(entry, entry.forms[0], 0).source).made()
    data = made.dataset
    heavier = dataclasses.replace(data, weight=(data.weight[0] + 1, *data.weight[1:]))
    with pytest.raises(InputError, match="one of them was changed"):
        origin_of(dataclasses.replace(made, dataset=heavier))


def test_an_instance_without_a_source() -> None:
    with pytest.raises(InputError, match="does not say what it was made from"):
        origin_of(qnnt.d_qnnt(3, [1, 1], [[0]], [[0]]))


def test_an_unknown_family() -> None:
    with pytest.raises(InputError, match="no family 'four-sat'; known: "):
        family("four-sat")


def test_no_solution_gives_no_witness() -> None:
    entry = family("three-sat")
    origin = Origin(entry, entry.forms[0], Formula(1, ((1,),)))
    with pytest.raises(CertificateError, match="no solution of the 3-SAT instance: clause 1, 1, is not satisfied"):
        origin.witness((False,))


@pytest.mark.parametrize(
    ("name", "theorem"),
    [
        ("exact-cover", "Theorem 1"),
        ("three-sat-d2", "Theorem 2a"),
        ("three-sat-d4", "Theorem 2b"),
        ("hitting-set", "Theorem 3"),
        ("three-sat", "Theorem 4"),
        ("pos-slp", "Theorem 1.1"),
        ("subset-sum", "Theorem 1.3"),
        ("two-csp", "Theorem 1.4"),
        ("exact-k-cover", "Theorem 1.5"),
    ],
)
def test_instances_lie_in_the_regime_of_their_theorem(name: str, theorem: str) -> None:
    entry = family(name)
    for variant in Variant:
        drawn = draw(entry, variant, {size.name: size.default for size in entry.sizes}, 1)
        instance = Origin(entry, entry.forms[0], drawn.source).made()
        said = {regime.theorem: regime for regime in regimes(instance, structure(instance))}
        assert said[theorem].applies, said[theorem].says
