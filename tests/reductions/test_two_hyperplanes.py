"""2-hyperplane separability: the reader, what the reduction claims, and both sides of the promise for ReLUs."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

import qnnt
from qnnt.array_evaluation import judge
from qnnt.errors import CertificateError, InputError, UnsupportedError
from qnnt.exact import Number
from qnnt.files.text import compact
from qnnt.instance import Parameters
from qnnt.reductions.making import draw
from qnnt.reductions.registry import family
from qnnt.reductions.sources.plane import Plane
from qnnt.reductions.sources.source import Variant
from qnnt.reductions.sources.two_hyperplanes import Separation, TwoHyperplanes
from qnnt.reductions.two_hyperplanes import REDUCTION
from qnnt.result import Status
from tests.reductions.dichotomies import dichotomies, separable

FORMS = ("threshold", "relu")
HALF = Fraction(1, 2)


def source_of(inside: list[list[Any]], outside: list[list[Any]], **changes: Any) -> TwoHyperplanes:
    document = {"inside": inside, "outside": outside, "margin": "1/2", "grid": 1, "offsets": ["-9/2", "9/2"], **changes}
    return TwoHyperplanes.from_document(document, "")


def random_source(rng: random.Random, most_points: int = 3) -> TwoHyperplanes:
    """Rational points that may repeat and lie on planes of the grid; sometimes one kind is missing."""
    width = rng.randint(1, 2)
    denominator = rng.choice((1, 1, 2, 3))
    inside, outside = (
        [[str(Fraction(rng.randint(-4, 4), denominator)) for _ in range(width)] for _ in range(count)]
        for count in (rng.randint(0, most_points), rng.randint(1, most_points))
    )
    low = Fraction(rng.randint(-6, 0), 2)
    margin = rng.choice(("1/2", "1/4", 1))
    offsets = [str(low), str(low + rng.randint(0, 4))]
    return source_of(inside, outside, margin=margin, grid=rng.randint(1, 2), offsets=offsets)


@pytest.mark.parametrize("form", FORMS)
def test_what_the_theorem_claims(form: str) -> None:
    rng = random.Random(1)
    for _ in range(60):
        source = random_source(rng)
        instance = REDUCTION.to_instance(source, form)
        network = instance.network
        scale = 1 if form == "threshold" else 2 / Fraction(source.margin)
        assert len(network.inputs) == source.dimension
        assert network.outputs == ("o",)
        assert network.depth == 2
        assert all(network.predecessors[h] == network.inputs for h in network.hidden)
        assert {instance.activations[h].name for h in network.hidden} == {form}
        assert instance.activations["o"].name == "identity"
        signs = Counter(instance.weights[h, "o"] for h in network.hidden)
        assert signs == ({(1,): 1, (-1,): 1} if form == "threshold" else {(1,): 2, (-1,): 2})
        for h in network.hidden:
            for x in network.inputs:
                assert instance.weights[x, h] == tuple(scale * c for c in range(-source.grid, source.grid + 1))
            expected = {scale * offset for offset in source.offsets}
            expected |= set() if form == "threshold" else {bias - 1 for bias in expected}
            assert set(instance.biases[h]) == expected
        i, o = len(source.inside), len(source.outside)
        assert len(instance.dataset) == i + o + (0 if form == "threshold" else 2 * i * o)
        assert instance.dataset.x[: i + o] == source.points
        assert [y for (y,) in instance.dataset.y[: i + o]] == [1] * i + [0] * o
        assert {y for (y,) in instance.dataset.y} <= {0, 1}
        assert instance.bound == 0


def test_further_samples_lie_on_the_way_and_close_to_their_points() -> None:
    rng = random.Random(2)
    for _ in range(60):
        source = random_source(rng)
        pairs = list(itertools.product(source.inside, source.outside))
        data = REDUCTION.to_instance(source, "relu").dataset
        further = list(zip(data.x, data.y, strict=True))[len(source.points) :]
        for k, (q, p) in enumerate(pairs):
            (near_q, y_q), (near_p, y_p) = further[2 * k : 2 * k + 2]
            assert (y_q, y_p) == ((1,), (0,))
            length = sum(max(a - b, b - a) for a, b in zip(p, q, strict=True))
            if not length:
                assert near_q == near_p == p
                continue
            moved = {sum(max(a - b, b - a) for a, b in zip(*ends, strict=True)) for ends in ((near_q, q), (near_p, p))}
            assert moved == {min(Fraction(length, 4), Fraction(source.margin) / (2 * source.grid))}
            assert [a + b for a, b in zip(near_q, near_p, strict=True)] == [a + b for a, b in zip(q, p, strict=True)]


def wedges(source: TwoHyperplanes) -> list[Separation]:
    """Of the grid, by definition."""
    normals = itertools.product(range(-source.grid, source.grid + 1), repeat=source.dimension)
    planes = [Plane(normal, offset) for normal in normals for offset in source.offsets]
    return [
        (one, two)
        for one, two in itertools.product(planes, repeat=2)
        if all(one.value(q) > 0 >= two.value(q) for q in source.inside)
        and all((one.value(p) > 0) == (two.value(p) > 0) for p in source.outside)
    ]


def test_the_solver_of_the_source() -> None:
    rng = random.Random(3)
    answers: Counter[bool] = Counter()
    for _ in range(120):
        source = random_source(rng)
        if source.dimension > 1 and source.grid > 1:
            continue
        found, all_wedges = source.solve(), wedges(source)
        answers[bool(all_wedges)] += 1
        assert (found is not None) == bool(all_wedges)
        if found is not None:
            assert not source.complaint(found)
            assert separable(source)
            widest = max(source.distance(wedge) for wedge in all_wedges)
            assert source.distance(source.wedge(found)) >= min(widest, source.margin)
    assert min(answers.values()) > 10


def test_thresholds_decide_the_grid() -> None:
    """The fits are the wedges: on rational points too, also those that lie on planes."""
    rng = random.Random(4)
    answers: Counter[bool] = Counter()
    for _ in range(40):
        source = random_source(rng)
        instance = REDUCTION.to_instance(source, "threshold")
        found = qnnt.solve(instance, solver="row-count")
        truth = source.solve()
        answers[truth is not None] += 1
        assert (found.status is Status.YES) == (truth is not None)
        if truth is not None and found.solution is not None:
            assert not source.complaint(REDUCTION.to_source_solution(source, "threshold", found.solution.parameters))
            assert judge(instance, REDUCTION.from_source_solution(source, "threshold", truth)) == 0
    assert min(answers.values()) > 5


def test_every_fit_of_thresholds_is_a_wedge() -> None:
    rng = random.Random(5)
    fits = 0
    for _ in range(12):
        source = random_source(rng, 2)
        if source.dimension > 1:
            continue
        instance = REDUCTION.to_instance(source, "threshold")
        planes = set(wedges(source))
        for w1, w2 in itertools.product(source.normals, repeat=2):
            for b1, b2 in itertools.product(source.offsets, repeat=2):
                weights: dict[tuple[str, str], Number] = {("x1", "h1"): w1, ("x1", "h2"): w2}
                parameters = Parameters(weights | {("h1", "o"): 1, ("h2", "o"): -1}, {"h1": b1, "h2": b2, "o": 0})
                fit = judge(instance, parameters) == 0
                fits += fit
                assert fit == ((Plane((w1,), b1), Plane((w2,), b2)) in planes)
                if fit:
                    assert not source.complaint(REDUCTION.to_source_solution(source, "threshold", parameters))
    assert fits > 50


def test_relus_fit_every_wedge_with_the_margin() -> None:
    rng = random.Random(6)
    seen = 0
    for _ in range(60):
        source = random_source(rng)
        instance = REDUCTION.to_instance(source, "relu")
        for wedge in rng.sample(found := wedges(source), min(4, len(found))):
            if source.distance(wedge) < source.margin or source.complaint(wedge):
                continue
            seen += 1
            parameters = REDUCTION.from_source_solution(source, "relu", wedge)
            assert judge(instance, parameters) == 0
            assert not source.complaint(REDUCTION.to_source_solution(source, "relu", parameters))
    assert seen > 15


@pytest.mark.parametrize("number", [pytest.param(n, marks=[pytest.mark.full] if n > 7 else []) for n in range(120)])
def test_relus_on_rational_points(number: int) -> None:
    rng = random.Random(number)
    source = random_source(rng, 2)
    found = qnnt.solve(REDUCTION.to_instance(source, "relu"), solver="row-count")
    wedge = source.solve()
    if found.status is Status.YES:
        assert found.solution is not None
        assert separable(source)
        assert not source.complaint(REDUCTION.to_source_solution(source, "relu", found.solution.parameters))
    else:
        assert found.status is Status.NO
        assert wedge is None or source.distance(source.wedge(wedge)) < source.margin


def test_splits_of_points_in_general_position() -> None:
    """N points in the plane have N^2 - N + 2 splits (Cover 1965), N on a line 2 N."""
    rng = random.Random(7)
    for count in range(1, 8):
        line = rng.sample(range(-20, 20), count)
        assert len(dichotomies([(v,) for v in line])) == 2 * count
        assert len(dichotomies([(v, 3 * v + 1) for v in line])) == 2 * count
        parabola = [(v, v * v) for v in line]
        assert len(dichotomies(parabola)) == count * count - count + 2


def test_planes_in_any_order_and_with_any_sign_become_a_network() -> None:
    source = source_of([[0]], [[-2], [2]])
    one, two = Plane((1,), 3 * HALF), Plane((1,), -3 * HALF)
    for first, second in ((one, two), (two, one)):
        for planes in itertools.product((first, first.flipped()), (second, second.flipped())):
            assert not source.complaint(planes)
            for form in FORMS:
                parameters = REDUCTION.from_source_solution(source, form, planes)
                assert judge(REDUCTION.to_instance(source, form), parameters) == 0


def test_planes_outside_the_grid_are_replaced() -> None:
    source = source_of([[0]], [[-2], [2]])
    far = (Plane((Fraction(7, 3),), Fraction(10, 3)), Plane((5,), -7))
    assert not source.complaint(far)
    for form in FORMS:
        assert judge(REDUCTION.to_instance(source, form), REDUCTION.from_source_solution(source, form, far)) == 0
    narrow = source_of([[0]], [[-2], [2]], offsets=["1/2", "1/2"])
    with pytest.raises(CertificateError, match="no plane of the grid has the sides of"):
        REDUCTION.from_source_solution(narrow, "threshold", far)


def test_planes_that_make_no_wedge_or_no_margin() -> None:
    crossed = source_of([[1, 1], [-1, -1]], [[1, -1], [-1, 1]])
    axes = (Plane((1, 0), HALF), Plane((0, 1), HALF))
    assert not crossed.complaint(axes)
    assert separable(crossed)
    for form in FORMS:
        with pytest.raises(CertificateError, match="but not as inside and outside of a wedge"):
            REDUCTION.from_source_solution(crossed, form, axes)
    close = source_of([[0]], [["1/2"]], offsets=["-1/4", "3/4"])
    found = close.solve()
    assert found is not None
    REDUCTION.from_source_solution(close, "threshold", found)
    with pytest.raises(CertificateError, match="the planes are not 1/2 or more from every point"):
        REDUCTION.from_source_solution(close, "relu", found)


@pytest.mark.parametrize(
    ("planes", "complaint"),
    [
        ((Plane((1,), 2), Plane((1,), -1)), "the point (-2) lies on plane 1, (1) . x + 2 = 0"),
        ((Plane((1,), 1), Plane((0,), -1)), "plane 2, (0) . x - 1 = 0, is no hyperplane in dimension 1"),
        ((Plane((1, 1), 1), Plane((1,), -1)), "plane 1, (1, 1) . x + 1 = 0, is no hyperplane in dimension 1"),
        ((Plane((1,), 1), Plane((1,), 1)), "no plane is between (0) inside and (2) outside"),
    ],
)
def test_complaints_about_solutions(planes: Separation, complaint: str) -> None:
    assert source_of([[0]], [[-2], [2]]).complaint(planes) == complaint


@pytest.mark.parametrize("form", FORMS)
def test_one_kind_of_points(form: str) -> None:
    for inside, outside in (([], [[0], [1]]), ([[0], [1]], [])):
        source = source_of(inside, outside)
        found = qnnt.solve(REDUCTION.to_instance(source, form))
        assert found.status is Status.YES
        assert found.solution is not None
        assert not source.complaint(REDUCTION.to_source_solution(source, form, found.solution.parameters))


@pytest.mark.parametrize("form", FORMS)
def test_a_point_inside_and_outside(form: str) -> None:
    source = source_of([[1, 2]], [[1, 2]])
    assert source.solve() is None
    assert not separable(source)
    assert qnnt.solve(REDUCTION.to_instance(source, form), solver="row-count").status is Status.NO


def test_a_grid_too_large_to_enumerate() -> None:
    with pytest.raises(UnsupportedError, match="the grid has 1030301000 planes"):
        source_of([[0, 0, 0]], [[1, 1, 1]], grid=50, offsets=[0, 999]).solve()


def test_sizes_without_a_source() -> None:
    with pytest.raises(InputError, match="with only 1 of each"):
        draw(family("two-hyperplanes"), Variant.NO, {"dimension": 2, "points": 1, "grid": 1}, 0)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"inside": [], "outside": []}, "expected at least one point: it says the dimension"),
        ({"inside": [[]]}, "$.inside[0]: expected some numbers, got 0"),
        ({"inside": [[1, 2]]}, "$.outside[0]: expected 2 numbers, got 1"),
        ({"inside": [["x"]]}, """$.inside[0][0]: expected an integer or a rational string such as "3/2", got 'x'"""),
        ({"margin": 0}, "$.margin: expected a positive margin, got 0"),
        ({"grid": 0}, "$.grid: expected an integer of at least 1, got 0"),
        ({"offsets": [1]}, "$.offsets: expected [low, high] with less than 65536 whole steps between them"),
        ({"offsets": [1, 0]}, "$.offsets: expected [low, high] with less than 65536 whole steps between them"),
        ({"offsets": [0, "1/2"]}, "$.offsets: expected [low, high] with less than 65536 whole steps between them"),
        ({"colour": 1}, "unknown key 'colour'; known keys: grid, inside, margin, offsets, outside"),
    ],
)
def test_complaints_about_files(changes: dict[str, Any], complaint: str) -> None:
    document = {"inside": [[0]], "outside": [[1]], "margin": 1, "grid": 1, "offsets": [0, 1], **changes}
    with pytest.raises(InputError) as caught:
        TwoHyperplanes.from_text(compact(document), {})
    assert str(caught.value) == complaint
