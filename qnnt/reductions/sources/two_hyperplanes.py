"""2-hyperplane separability: two hyperplanes such that each inside point is apart from each outside point."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from operator import mul
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_integer, as_list, as_numbers, as_object, below
from qnnt.errors import CertificateError, InputError, UnsupportedError
from qnnt.exact import Number, reduced, to_json_number, to_number
from qnnt.files.text import parse_json
from qnnt.reductions.sources.plane import Plane, Vector, size
from qnnt.reductions.sources.source import Drawn, Source, Variant

MOST_VALUES = 1 << 16
MOST_PLANES = 1 << 18
MOST_TRIES = 2000


Separation = tuple[Plane, Plane]


@dataclass(frozen=True)
class TwoHyperplanes(Source[Separation]):
    """Points inside and outside, of one dimension, and a finite grid of planes.

    The grid's planes have integer normals with entries of -grid..grid, and an offset of low, low + 1, ...,
    high. `solve` looks among them, for planes of the *wedge*: every inside point is on the positive side of
    the first and not on that of the second, and every outside point is on both positive sides or on none.
    Any two planes that keep all inside points from all outside points are a solution; `complaint` does not
    ask where they come from.

    Attributes
    ----------
    margin
        Promised of planted planes: |normal . x + offset| is at least this at every point. As a distance in
        the sum norm that is margin / max |normal|, and at least margin / grid.
    """

    inside: tuple[Vector, ...]
    outside: tuple[Vector, ...]
    margin: Number
    grid: int
    low: Number
    high: Number
    problem: ClassVar[str] = "2-hyperplane separability"

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read JSON: lists of ``inside`` and ``outside`` points, ``margin``, ``grid`` and ``offsets`` [low, high]."""
        return cls.from_document(parse_json(text), "")

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        keys = ("inside", "outside", "margin", "grid", "offsets")
        fields = as_object(document, path, keys, keys)
        inside, outside = (_points(fields[key], below(path, key)) for key in ("inside", "outside"))
        if not inside and not outside:
            raise InputError("expected at least one point: it says the dimension", path)
        width = len([*inside, *outside][0])
        for key, points in (("inside", inside), ("outside", outside)):
            for i, point in enumerate(points):
                if len(point) != width or not width:
                    raise InputError(
                        f"expected {width or 'some'} numbers, got {len(point)}", f"{below(path, key)}[{i}]"
                    )
        margin = to_number(fields["margin"], below(path, "margin"))
        if margin <= 0:
            raise InputError(f"expected a positive margin, got {margin}", below(path, "margin"))
        grid = as_integer(fields["grid"], below(path, "grid"), 1, MOST_VALUES)
        at = below(path, "offsets")
        ends = as_numbers(fields["offsets"], at)
        if len(ends) != 2 or not 0 <= ends[1] - ends[0] < MOST_VALUES or (ends[1] - ends[0]).denominator != 1:
            raise InputError(f"expected [low, high] with less than {MOST_VALUES} whole steps between them", at)
        return cls(inside, outside, margin, grid, *ends)

    def document(self) -> dict[str, Any]:
        points = {"inside": self.inside, "outside": self.outside}
        return {
            **{key: [list(map(to_json_number, point)) for point in found] for key, found in points.items()},
            "margin": to_json_number(self.margin),
            "grid": self.grid,
            "offsets": [to_json_number(self.low), to_json_number(self.high)],
        }

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Separation]:
        """Distinct integer points around 0, as many inside as outside, and half-integer offsets: margin 1/2.

        Planted: split by two planes of the grid. No: four of the points lie on a line, by turns outside and
        inside.
        """
        dimension, count, grid = sizes["dimension"], sizes["points"], sizes["grid"]
        radius = count + 1
        reach = radius + Fraction(1, 2)

        made = partial(cls, margin=Fraction(1, 2), grid=grid, low=-reach, high=reach)

        if variant is Variant.PLANTED:
            planes, inside, outside = _planted(rng, dimension, count, grid, radius)
            return Drawn(made(tuple(inside), tuple(outside)), planes)
        if variant is Variant.RANDOM:
            points = _distinct(rng, dimension, radius, 2 * count, [])
            return Drawn(made(tuple(points[:count]), tuple(points[count:])))
        if count < 2:
            raise InputError("no points are drawn around 2 inside and 2 outside on a line with only 1 of each")
        start = [rng.randint(-radius, radius - 3) for _ in range(dimension)]
        ways = [rng.choice([way for way in (-1, 0, 1) if abs(at + 3 * way) <= radius]) for at in start]
        ways[rng.randrange(dimension)] = 1
        line: list[Vector] = [tuple(at + i * way for at, way in zip(start, ways, strict=True)) for i in range(4)]
        rest = _distinct(rng, dimension, radius, 2 * count - 4, line)
        outside = rng.sample([line[0], line[2], *rest[: count - 2]], count)
        inside = rng.sample([line[1], line[3], *rest[count - 2 :]], count)
        places = ", ".join("(" + ", ".join(map(str, point)) + ")" for point in line)
        why = f"{places} lie on a line in this order, by turns outside and inside: two planes cut it twice at most"
        return Drawn(made(tuple(inside), tuple(outside)), refutation=why)

    @property
    def dimension(self) -> int:
        """Of the space."""
        return len(self.points[0])

    @cached_property
    def points(self) -> tuple[Vector, ...]:
        """The inside points, then the outside ones."""
        return (*self.inside, *self.outside)

    @property
    def normals(self) -> range:
        """What the entries of the grid's normals are."""
        return range(-self.grid, self.grid + 1)

    @property
    def offsets(self) -> list[Number]:
        """Of the grid's planes."""
        return [reduced(self.low + i) for i in range(int(self.high - self.low) + 1)]

    def complaint(self, solution: Separation) -> str:
        for i, plane in enumerate(solution, 1):
            if len(plane.normal) != self.dimension or not any(plane.normal):
                return f"plane {i}, {plane}, is no hyperplane in dimension {self.dimension}"
            for point in self.points:
                if plane.value(point) == 0:
                    return f"the point {_shown(point)} lies on plane {i}, {plane}"
        sides = {point: tuple(plane.value(point) > 0 for plane in solution) for point in self.points}
        for q, p in itertools.product(self.inside, self.outside):
            if sides[q] == sides[p]:
                return f"no plane is between {_shown(q)} inside and {_shown(p)} outside"
        return ""

    def solve(self) -> Separation | None:
        """The widest wedge of the grid, its planes moved off the points: by the sides that planes leave points on.

        None says that the grid holds no wedge, not that there are no two planes at all.
        """
        found = self._planes_by_sides
        wedges = [(found[sides | self._inner], found[sides]) for sides in found if self._is_lower(sides)]
        if not wedges:
            return None
        first, second = max(wedges, key=self.distance)
        return first.cleared(self.points), second.cleared(self.points)

    def _is_lower(self, sides: int) -> bool:
        """Whether the second plane of a wedge may have these sides."""
        return not sides & self._inner and sides | self._inner in self._planes_by_sides

    def distance(self, planes: Sequence[Plane]) -> Number:
        """The least |normal . x + offset| of a plane at a point."""
        return min(size(plane.value(point)) for plane in planes for point in self.points)

    def sides(self, plane: Plane) -> int:
        """Which points are on the positive side: a bit each, in the order of `points`."""
        return sum(1 << i for i, point in enumerate(self.points) if plane.value(point) > 0)

    @property
    def _inner(self) -> int:
        """The bits of the inside points."""
        return (1 << len(self.inside)) - 1

    def wedge(self, solution: Separation) -> Separation:
        """A solution's planes, moved into the grid, in the order and with the signs of a wedge.

        Raises
        ------
        CertificateError
            If they make none, or the grid has no planes with these sides.
        """
        for first, second in (solution, solution[::-1]):
            for upper, lower in itertools.product((first, first.flipped()), (second, second.flipped())):
                if self.sides(upper) == self.sides(lower) | self._inner and not self.sides(lower) & self._inner:
                    return self._in_grid(upper), self._in_grid(lower)
        raise CertificateError("no network: the planes keep the points apart, but not as inside and outside of a wedge")

    def _in_grid(self, plane: Plane) -> Plane:
        """A plane of the grid with the same sides: itself, or the one farthest from the points."""
        steps = plane.offset - self.low
        listed = 0 <= steps <= self.high - self.low and steps.denominator == 1
        listed = listed and all(c.denominator == 1 and -self.grid <= c <= self.grid for c in plane.normal)
        if listed and self.distance([plane]) >= self.margin:
            return plane
        sides = self.sides(plane)
        if sides not in self._planes_by_sides:
            raise CertificateError(f"no network: no plane of the grid has the sides of {plane}")
        return self._planes_by_sides[sides]

    @cached_property
    def _planes_by_sides(self) -> Mapping[int, Plane]:
        """For all sides that planes of the grid leave the points on, the one farthest from the points."""
        count = len(self.normals) ** self.dimension * len(self.offsets)
        if count > MOST_PLANES:
            raise UnsupportedError(f"the grid has {count} planes; more than {MOST_PLANES} are not enumerated")
        found: dict[int, tuple[Number, Plane]] = {}
        for normal in itertools.product(self.normals, repeat=self.dimension):
            products = [sum(map(mul, normal, point)) for point in self.points]
            for offset in self.offsets:
                values = [product + offset for product in products]
                sides = sum(1 << i for i, value in enumerate(values) if value > 0)
                distance = min(map(size, values))
                if sides not in found or distance > found[sides][0]:
                    found[sides] = (distance, Plane(normal, offset))
        return {sides: plane for sides, (_, plane) in found.items()}

    def words(self, solution: Separation) -> list[str]:
        """A line for each plane."""
        return [f"plane {i}: {plane}" for i, plane in enumerate(solution, 1)]

    def solution_document(self, solution: Separation) -> list[dict[str, Any]]:
        return [
            {"normal": list(map(to_json_number, plane.normal)), "offset": to_json_number(plane.offset)}
            for plane in solution
        ]


def _points(value: object, path: str) -> tuple[Vector, ...]:
    return tuple(as_numbers(point, f"{path}[{i}]") for i, point in enumerate(as_list(value, path)))


def _shown(point: Vector) -> str:
    return f"({', '.join(map(str, point))})"


def _distinct(
    rng: random.Random, dimension: int, radius: int, count: int, apart_from: Sequence[Vector]
) -> list[Vector]:
    """Distinct integer points of the cube; it holds more than are ever asked for."""
    found: dict[Vector, None] = {}
    while len(found) < count:
        point = tuple(rng.randint(-radius, radius) for _ in range(dimension))
        if point not in apart_from:
            found[point] = None
    return list(found)


def _planted(
    rng: random.Random, dimension: int, count: int, grid: int, radius: int
) -> tuple[Separation, list[Vector], list[Vector]]:
    """Planes whose wedge and whose two other sides hold enough of the points that are drawn."""
    for _ in range(MOST_TRIES):
        first, second = (_random_plane(rng, dimension, grid, radius) for _ in range(2))
        inside: dict[Vector, None] = {}
        outside: dict[Vector, None] = {}
        for _ in range(20 * count):
            point = tuple(rng.randint(-radius, radius) for _ in range(dimension))
            sides = first.value(point) > 0, second.value(point) > 0
            if sides == (True, False):
                inside[point] = None
            elif sides[0] == sides[1]:
                outside[point] = None
        if len(inside) >= count and len(outside) >= count:
            return (first, second), list(inside)[:count], list(outside)[:count]
    raise InputError(f"no planes were found with {count} points inside and outside")


def _random_plane(rng: random.Random, dimension: int, grid: int, radius: int) -> Plane:
    """Off all integer points, and near the middle, so that both sides hold some."""
    normal: Vector = (0,) * dimension
    while not any(normal):
        normal = tuple(rng.randint(-grid, grid) for _ in range(dimension))
    return Plane(normal, rng.randint(-radius, radius - 1) + Fraction(1, 2))
