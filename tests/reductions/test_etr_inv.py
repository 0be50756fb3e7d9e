"""ETR-INV over finite sets: restrictions, formulas with known answers, degenerate ones, complaints."""

from __future__ import annotations

import itertools
import json
import random
from fractions import Fraction

import pytest

import qnnt
from qnnt.activations import Identity
from qnnt.array_evaluation import judge
from qnnt.errors import InputError, UnsupportedError
from qnnt.exact import LARGEST, Number
from qnnt.losses import Hamming
from qnnt.reductions.inverse_equations import inverse_equations
from qnnt.reductions.making import Origin, decode, draw
from qnnt.reductions.registry import family
from qnnt.reductions.sources import etr_inv_search
from qnnt.reductions.sources.etr_inv import EtrInv, fractions_up_to
from qnnt.reductions.sources.source import Variant
from qnnt.structure import structure

ENTRY = family("etr-inv")
HALF = Fraction(1, 2)
POOL: tuple[Number, ...] = (1, -1, 2, -2, 3, HALF, -HALF, Fraction(3, 2), Fraction(2, 3))


def formula(values: tuple[Number, ...], sums: str = "", products: str = "") -> EtrInv:
    """Constraints of one-letter variables: "xyz" is x + y = z, "xy" is x * y = 1."""
    return EtrInv(
        tuple(sorted(values)),
        tuple((names[0], names[1], names[2]) for names in sums.split()),
        tuple((names[0], names[1]) for names in products.split()),
    )


def origin_of(source: EtrInv) -> Origin:
    return Origin(ENTRY, ENTRY.forms[0], source)


def any_source(number: int) -> EtrInv:
    """Any values, closed under nothing, and any constraints: repeated variables, odd cycles of products."""
    rng = random.Random(f"ETR-INV {number}")
    names = "uvwxy"[: rng.randint(1, 5)]
    values = tuple(rng.sample(POOL, rng.randint(1, 4)))
    sums = ["".join(rng.choices(names, k=3)) for _ in range(rng.randint(0, 3))]
    products = ["".join(rng.choices(names, k=2)) for _ in range(rng.randint(not sums, 3))]
    return formula(values, " ".join(sums), " ".join(products))


def has_values(source: EtrInv) -> bool:
    """By trying all."""
    every = itertools.product(source.values, repeat=len(source.variables))
    return any(not source.complaint(dict(zip(source.variables, values, strict=True))) for values in every)


def test_restrictions_of_the_theorem() -> None:
    for number in range(200):
        source = any_source(number)
        instance, merged = origin_of(source).made(), inverse_equations(source)
        v, c, found = len(merged.originals), len(merged.equations), structure(instance)
        assert (found.alpha, found.omega, found.hidden) == (5 * v, 2, 4 * v)
        assert (found.edges, found.samples, found.depth) == (11 * v, 4 * v + c, 2)
        assert all(len(us) == (2 if "m3" in u else 1) for u, us in instance.network.predecessors.items() if "." in u)
        assert found.out_degree == 2
        assert [len(instance.network.predecessors[output]) for output in ("a", "b")] == [4 * v, 2 * v]
        assert sum(values == (1,) for values in instance.weights.values()) >= 6 * v
        assert sum(len(values) == len(source.values) for values in instance.weights.values()) >= 5 * v
        assert set(instance.biases.values()) == {(0,)}
        assert set(instance.activations.values()) == {Identity()}
        assert (instance.loss, instance.bound) == (Hamming(), 0)
        assert {value for x in instance.dataset.x for value in x} <= {0, 1}
        assert set(instance.dataset.y) <= {(0, None), (None, 0), (None, 1)}
        assert all(1 <= sum(x) <= 3 for x in instance.dataset.x)


@pytest.mark.parametrize("number", range(60))
def test_verdicts_of_any_source(number: int) -> None:
    source = any_source(number)
    solution = source.solve()
    assert (solution is not None) == has_values(source)
    found = qnnt.solve(origin_of(source).made())
    assert found.status is (qnnt.Status.NO if solution is None else qnnt.Status.YES)
    if solution is not None:
        assert not source.complaint(solution)
        assert found.solution is not None
        assert not decode(origin_of(source), found.solution.parameters).complaint
        assert judge(origin_of(source).made(), origin_of(source).witness(solution)) == 0


def test_the_search_on_more_formulas() -> None:
    answers = set()
    for number in range(60, 400):
        source = any_source(number)
        solution = source.solve()
        assert (solution is not None) == has_values(source)
        assert solution is None or not source.complaint(solution)
        answers.add(solution is None)
    assert answers == {True, False}


@pytest.mark.parametrize("height", [1, 2, 3, 4])
def test_the_golden_ratio_is_not_rational(height: int) -> None:
    """x + 1 = 1/x, where 1 is a variable with 1 * 1 = 1, or its negative."""
    source = formula(fractions_up_to(height), "xiy", "ii xy")
    assert source.solve() is None
    assert qnnt.solve(origin_of(source).made()).status is qnnt.Status.NO


@pytest.mark.parametrize(
    ("sums", "products"),
    [
        ("xyz abc", "xa yb zc"),
        ("xxy aab", "xa yb"),
        ("xyx", ""),
        ("xxx", ""),
    ],
)
def test_formulas_without_real_solutions(sums: str, products: str) -> None:
    """x + y = z with 1/x + 1/y = 1/z, also for x = y, and sums that only zero meets."""
    for height in (1, 2, 3):
        source = formula(fractions_up_to(height), sums, products)
        assert source.solve() is None
        assert qnnt.solve(origin_of(source).made()).status is qnnt.Status.NO


@pytest.mark.parametrize(
    ("height", "sums", "products"),
    [
        (2, "iit hhi", "ii th"),
        (3, "iit ith xxi", "ii hs"),
        (2, "xxy yyz", "xz"),
        (1, "", "xy yz zx"),
        (4, "xyz", "xa yb"),
    ],
)
def test_linear_and_rational_formulas(height: int, sums: str, products: str) -> None:
    source = formula(fractions_up_to(height), sums, products)
    origin = origin_of(source)
    found = qnnt.solve(origin.made())
    assert found.status is qnnt.Status.YES
    assert found.solution is not None
    assert not decode(origin, found.solution.parameters).complaint
    solution = source.solve()
    assert solution is not None
    assert decode(origin, origin.witness(solution)).solution == solution


def test_the_square_root_of_a_half_is_not_rational() -> None:
    """x + x = 1/x, that is 2 x^2 = 1."""
    source = formula(fractions_up_to(4), "xxy", "xy")
    assert source.solve() is None
    assert qnnt.solve(origin_of(source).made()).status is qnnt.Status.NO


def test_a_network_by_hand() -> None:
    """x + x = y and x * z = 1, so that z = 1/x has to be a value as well."""
    source = formula((HALF, 1, 2), "xxy", "xz")
    origin = origin_of(source)
    instance = origin.made()
    values = (HALF, 1, 2)
    assert instance.weights["s2.x", "m2.x"] == instance.weights["s3.x", "m3.x"] == values
    assert instance.weights["s1.y", "m1.y"] == (-2, -1, -HALF)
    assert instance.weights["m3.x~", "b"] == values
    parameters = origin.witness({"x": HALF, "y": 1, "z": 2})
    assert [parameters.weights[f"s{i}.x", f"m{i}.x"] for i in (1, 2, 3, 4)] == [-HALF, HALF, 2, -2]
    assert decode(origin, parameters).solution == {"x": HALF, "y": 1, "z": 2}
    assert source.words({"x": HALF, "y": 1, "z": 2}) == ["x = 1/2", "y = 1", "z = 2"]
    assert source.solution_document({"x": HALF, "y": 1, "z": 2}) == {"x": "1/2", "y": 1, "z": 2}


@pytest.mark.parametrize(
    ("source", "solved"),
    [
        (formula((2,), "", "xy"), False),
        (formula((2, HALF), "", "xy"), True),
        (formula((2, HALF), "", "xx"), False),
        (formula((-1,), "", "xx"), True),
        (formula((1,), "xyz"), False),
        (formula((1, 2), "xyz"), True),
        (formula((-2, 2), "xyz"), False),
    ],
)
def test_degenerate_sources(source: EtrInv, solved: bool) -> None:
    assert (source.solve() is not None) == solved
    found = qnnt.solve(origin_of(source).made(), solver="enumeration")
    assert found.status is (qnnt.Status.YES if solved else qnnt.Status.NO)


@pytest.mark.parametrize(
    "source",
    [formula((LARGEST, LARGEST >> 1), "xxy"), formula((-LARGEST, Fraction(-1, LARGEST)), "", "xy")],
)
def test_huge_values(source: EtrInv) -> None:
    solution = source.solve()
    assert solution is not None
    parameters = origin_of(source).witness(solution)
    assert judge(origin_of(source).made(), parameters) == 0
    assert decode(origin_of(source), parameters).solution == solution


def test_no_constraints_no_network() -> None:
    source = formula((1,))
    assert (source.solve(), source.words({}), source.complaint({})) == ({}, ["no variables"], "")
    with pytest.raises(InputError, match="expected at least one sum or product: a network has an input"):
        origin_of(source).made()


@pytest.mark.parametrize(
    ("solution", "message"),
    [
        ({"x": 1, "y": 2}, "the value of z is missing"),
        ({"x": 1, "y": 3, "z": 1}, "y has the value 3, which is not one of the allowed ones"),
        ({"x": 1, "y": 1, "z": 1}, "x + x = y does not hold: 1 + 1 is not 1"),
        ({"x": 1, "y": 2, "z": 2}, "x * z = 1 does not hold: 1 * 2 is not 1"),
    ],
)
def test_what_is_wrong_with_values(solution: dict[str, Number], message: str) -> None:
    assert formula((HALF, 1, 2), "xxy", "xz").complaint(solution) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x + y = z", "no JSON: "),
        ('{"values": [1], "sums": []}', "the key 'products' is missing"),
        ('{"values": [], "sums": [], "products": []}', "$.values: the set of values is empty"),
        ('{"values": [1, 0], "sums": [], "products": []}', "$.values: 0 is no value: variables are non-zero"),
        ('{"values": ["0/3"], "sums": [], "products": []}', "$.values: 0 is no value: variables are non-zero"),
        ('{"values": [0.5], "sums": [], "products": []}', "$.values[0]: floats are not exact"),
        ('{"values": ["1/0"], "sums": [], "products": []}', "$.values[0]: the denominator of '1/0' is zero"),
        ('{"values": [1], "sums": ["xyz"], "products": []}', "$.sums[0]: expected a list, got 'xyz'"),
        ('{"values": [1], "sums": [["x", "y"]], "products": []}', "$.sums[0]: expected 3 variables, got 2"),
        ('{"values": [1], "sums": [], "products": [["x", "y", "z"]]}', "$.products[0]: expected 2 variables, got 3"),
        ('{"values": [1], "sums": [], "products": [["x", 1]]}', "$.products[0][1]: expected a string, got 1"),
        ('{"values": [1], "sums": [], "products": [["x", "1y"]]}', "$.products[0][1]: expected a name of letters"),
        ('{"values": [1], "sums": [], "products": [["x", "x~"]]}', "$.products[0][1]: expected a name of letters"),
    ],
)
def test_complaints_of_the_reader(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        EtrInv.from_text(text, {})
    assert message in str(error.value)


def test_a_file_is_read_back() -> None:
    source = formula((HALF, 1, -2), "xyz xxx", "xz")
    assert EtrInv.from_text(json.dumps(source.document()), {}) == source


@pytest.mark.parametrize(
    ("variant", "sizes", "message"),
    [
        (Variant.NO, (5, 9, 9, 3), "no refuted formula is drawn of fewer than 6 variables, 2 sums and 3 products"),
        (Variant.NO, (9, 1, 9, 3), "no refuted formula is drawn of fewer than 6 variables, 2 sums and 3 products"),
        (Variant.RANDOM, (3, 1, 1, 13), "height: expected 1 to 12, got 13"),
        (Variant.PLANTED, (3, 1, 0, 1), "no values of 3 variables with 1 sums and 0 products were found"),
    ],
)
def test_sizes_without_sources(variant: Variant, sizes: tuple[int, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw(ENTRY, variant, dict(zip(("variables", "sums", "products", "height"), sizes, strict=True)), 0)


def without(constraints: tuple[tuple[str, ...], ...], removed: list[set[str]]) -> list[tuple[str, ...]]:
    """The constraints but one for each of the removed sets of variables."""
    left = list(constraints)
    for names in removed:
        left.remove(next(constraint for constraint in left if set(constraint) == names))
    return left


def test_all_but_five_constraints_of_a_refuted_source_can_be_met() -> None:
    for seed in range(10):
        drawn = draw(ENTRY, Variant.NO, {"variables": 8, "sums": 5, "products": 5, "height": 2}, seed)
        source = drawn.source
        assert isinstance(source, EtrInv)
        assert (len(source.sums), len(source.products)) == (5, 5)
        core = drawn.refutation.partition(" and ")[0].replace("=", "+").split(" + ")
        assert tuple(core) in source.sums
        found = []
        for inverses in source.sums:
            pairs = [{name, inverse} for name, inverse in zip(core, inverses, strict=True)]
            if all(pair in map(set, source.products) for pair in pairs):
                sums = without(source.sums, [set(core), set(inverses)])
                products = without(source.products, pairs)
                found.append(EtrInv(source.values, [*sums], [*products]).solve())  # type: ignore[arg-type]
        assert any(solution is not None for solution in found)


def test_the_search_says_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(etr_inv_search, "MOST_NODES", 2)
    with pytest.raises(UnsupportedError, match="more than 2 nodes"):
        formula(fractions_up_to(3), "xyz uvw").solve()
