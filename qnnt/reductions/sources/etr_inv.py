"""ETR-INV over a finite set: sums x + y = z and products x * y = 1 of rationals, none of them zero."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

from qnnt.documents.fields import as_list, as_object, as_text, as_value_set, below
from qnnt.errors import InputError
from qnnt.exact import Number, reduced, shown, to_json_number
from qnnt.files.text import parse_json
from qnnt.reductions.sources.etr_inv_search import find_values
from qnnt.reductions.sources.source import Drawn, Source, Variant

Sum = tuple[str, str, str]
Product = tuple[str, str]
Values = Mapping[str, Number]
"""The value of each variable."""

ATTEMPTS = 200
"""Drawn assignments until one is given up."""


@dataclass(frozen=True)
class EtrInv(Source[Values]):
    """Sums (x, y, z) for x + y = z, products (x, y) for x * y = 1, and the values that variables may take.

    Zero is no value: the networks of the reduction need non-zero variables. The printed problem promises
    that of its solutions, if it has any.
    """

    values: tuple[Number, ...]
    sums: tuple[Sum, ...]
    products: tuple[Product, ...]
    problem: ClassVar[str] = "ETR-INV"

    @property
    def variables(self) -> tuple[str, ...]:
        """The names in the formula, as they first occur."""
        return tuple(dict.fromkeys(itertools.chain(*self.sums, *self.products)))

    @classmethod
    def from_text(cls, text: str, sizes: Mapping[str, int]) -> Self:
        """Read JSON: ``{"values": [1, 2, "1/2"], "sums": [["x", "x", "y"]], "products": [["x", "y"]]}``."""
        return cls.from_document(parse_json(text), "")

    @classmethod
    def from_document(cls, document: Mapping[str, Any], path: str) -> Self:
        keys = ("values", "sums", "products")
        fields = as_object(document, path, keys, keys)
        at = below(path, "values")
        values = as_value_set(fields["values"], at)
        if 0 in values:
            raise InputError("0 is no value: variables are non-zero", at)
        lists = [_constraints(fields[key], width, below(path, key)) for key, width in (("sums", 3), ("products", 2))]
        return cls(values, tuple((x, y, z) for x, y, z in lists[0]), tuple((x, y) for x, y in lists[1]))

    def document(self) -> dict[str, Any]:
        return {
            "values": [to_json_number(value) for value in self.values],
            "sums": [list(names) for names in self.sums],
            "products": [list(names) for names in self.products],
        }

    @classmethod
    def draw(cls, rng: random.Random, variant: Variant, sizes: Mapping[str, int]) -> Drawn[Self, Values]:
        """Constraints on some of the variables x1, x2, ... over p/q and -p/q with p and q up to the height.

        Planted: all hold for an assignment. No: so it is but for five, which no reals meet, see `_draw_refuted`.
        """
        n, sums, products = sizes["variables"], sizes["sums"], sizes["products"]
        names, values = [f"x{i}" for i in range(1, n + 1)], fractions_up_to(sizes["height"])
        if variant is Variant.NO:
            return cls._draw_refuted(rng, values, names, sums, products)
        if variant is Variant.RANDOM:
            drawn_sums = [(rng.choice(names), rng.choice(names), rng.choice(names)) for _ in range(sums)]
            drawn_products = [(rng.choice(names), rng.choice(names)) for _ in range(products)]
            return Drawn(cls(values, tuple(drawn_sums), tuple(drawn_products)))
        planted, kept_sums, kept_products = _draw_planted(rng, values, names, sums, products)
        source = cls(values, tuple(kept_sums), tuple(kept_products))
        return Drawn(source, {name: planted[name] for name in source.variables})

    @classmethod
    def _draw_refuted(
        cls, rng: random.Random, values: tuple[Number, ...], names: list[str], sums: int, products: int
    ) -> Drawn[Self, Values]:
        """A planted formula, and x + y = z with 1/x + 1/y = 1/z hidden in it."""
        if len(names) < 6 or sums < 2 or products < 3:
            raise InputError("no refuted formula is drawn of fewer than 6 variables, 2 sums and 3 products")
        _, kept_sums, kept_products = _draw_planted(rng, values, names, sums - 2, products - 3)
        x, y, z, *inverses = rng.sample(names, 6)
        kept_sums += [(x, y, z), (inverses[0], inverses[1], inverses[2])]
        for name, inverse in zip((x, y, z), inverses, strict=True):
            kept_products.append((name, inverse) if rng.random() < 0.5 else (inverse, name))
        rng.shuffle(kept_sums)
        rng.shuffle(kept_products)
        why = (
            f"{x} + {y} = {z} and 1/{x} + 1/{y} = 1/{z} demand {x}^2 + {x} {y} + {y}^2 = 0, "
            "which of all reals only zeros meet"
        )
        return Drawn(cls(values, tuple(kept_sums), tuple(kept_products)), refutation=why)

    def complaint(self, solution: Values) -> str:
        for name in self.variables:
            if name not in solution:
                return f"the value of {name} is missing"
            if solution[name] not in self.values:
                return f"{name} has the value {solution[name]}, which is not one of the allowed ones"
        for x, y, z in self.sums:
            if solution[x] + solution[y] != solution[z]:
                return f"{x} + {y} = {z} does not hold: {solution[x]} + {solution[y]} is not {solution[z]}"
        for x, y in self.products:
            if solution[x] * solution[y] != 1:
                return f"{x} * {y} = 1 does not hold: {solution[x]} * {solution[y]} is not 1"
        return ""

    def solve(self) -> Values | None:
        """By backtracking with propagation, see `find_values`."""
        return find_values(self.variables, self.values, self.sums, self.products)

    def words(self, solution: Values) -> list[str]:
        """A line for each variable."""
        return [f"{name} = {to_json_number(value)}" for name, value in solution.items()] or ["no variables"]

    def solution_document(self, solution: Values) -> dict[str, int | str]:
        return {name: to_json_number(value) for name, value in solution.items()}


def fractions_up_to(height: int) -> tuple[Number, ...]:
    """All p/q and -p/q with p and q in 1..height, sorted."""
    found = {reduced(Fraction(p, q)) for p in range(1, height + 1) for q in range(1, height + 1)}
    return tuple(sorted(found | {-value for value in found}))


def _draw_planted(
    rng: random.Random, values: tuple[Number, ...], names: Sequence[str], sums: int, products: int
) -> tuple[dict[str, Number], list[Sum], list[Product]]:
    """An assignment, and sums and products that hold for it; repeated only where there are too few."""
    for _ in range(ATTEMPTS):
        planted = dict(zip(names, _related_values(rng, values, len(names)), strict=True))
        holders: dict[Number, list[str]] = {}
        for name, value in planted.items():
            holders.setdefault(value, []).append(name)
        pairs = list(itertools.combinations_with_replacement(names, 2))
        true_sums = [(x, y, z) for x, y in pairs for z in holders.get(reduced(planted[x] + planted[y]), ())]
        true_products = [(x, y) for x, y in pairs if planted[x] * planted[y] == 1]
        if (true_sums or not sums) and (true_products or not products):
            rng.shuffle(true_sums)
            rng.shuffle(true_products)
            kept = itertools.islice(itertools.cycle(true_sums), sums)
            return planted, list(kept), list(itertools.islice(itertools.cycle(true_products), products))
    raise InputError(
        f"no values of {len(names)} variables with {sums} sums and {products} products were found in {ATTEMPTS} "
        f"attempts among {len(values)} values"
    )


def _related_values(rng: random.Random, values: Sequence[Number], number: int) -> list[Number]:
    """Values of which many are sums or inverses of others."""
    known = set(values)
    found = [rng.choice(values) for _ in range(min(number, 1))]
    while len(found) < number:
        a, b = rng.choice(found), rng.choice(found)
        related = [value for value in (reduced(a + b), reduced(Fraction(1) / a)) if value in known]
        found.append(rng.choice([*related, rng.choice(values)]))
    return found


def _constraints(value: object, width: int, path: str) -> list[tuple[str, ...]]:
    return [_names(entry, width, f"{path}[{i}]") for i, entry in enumerate(as_list(value, path))]


def _names(value: object, width: int, path: str) -> tuple[str, ...]:
    entries = as_list(value, path)
    if len(entries) != width:
        raise InputError(f"expected {width} variables, got {len(entries)}", path)
    names = tuple(as_text(entry, f"{path}[{i}]") for i, entry in enumerate(entries))
    for i, name in enumerate(names):
        if not (name.isascii() and name.isidentifier()):
            raise InputError(f"expected a name of letters, digits and underscores, got {shown(name)}", f"{path}[{i}]")
    return names
