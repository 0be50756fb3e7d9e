"""Trees of digits: their shape, and the best partner of a vector, against all pairs."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import numpy as np

from qnnt.algorithms.pseudo_polynomial.coordinate_costs import SHORT, CoordinateCosts
from qnnt.algorithms.pseudo_polynomial.curves import Flat
from qnnt.algorithms.pseudo_polynomial.trie import Digits, Trie, best_partner, tables_of, trie_of

CAP = 60


def random_costs(rng: random.Random, reach: int) -> CoordinateCosts:
    """Any cost for each digit; some are forbidden."""
    heights = [(digit, rng.choice([0, 1, 2, 5, 9, 20])) for digit in range(reach + 1) if rng.random() < 0.9]
    return CoordinateCosts(reach, tuple(Flat(digit, digit, digit, height) for digit, height in heights), CAP)


def random_vectors(rng: random.Random, tops: list[int], count: int) -> Digits:
    return np.array([[rng.randint(0, top) for top in tops] for _ in range(count)], np.int32).reshape(count, len(tops))


def random_terms(rng: random.Random, costs: list[CoordinateCosts]) -> list[list[CoordinateCosts]]:
    """Each coordinate opens a term, or belongs to the one before it."""
    terms: list[list[CoordinateCosts]] = []
    for some in costs:
        if terms and rng.random() < 0.4:
            terms[-1].append(some)
        else:
            terms.append([some])
    return terms


def loss_of(terms: list[list[CoordinateCosts]], digits: Sequence[int]) -> int:
    """The largest cost of each term, added up."""
    rest = iter(digits)
    return sum(max(int(costs.at(np.array([next(rest)]))[0]) for costs in term) for term in terms)


def prefixes(trie: Trie) -> list[tuple[int, ...]]:
    """All vectors, spelled by walking through the tree; digits beyond its depth are those of the vector."""
    found = []

    def walk(node: int, end: int, spelled: tuple[int, ...]) -> None:
        for here in range(node, end):
            digits = (*spelled, int(trie.digits[here]))
            if len(digits) == trie.depth:
                vector = tuple(trie.vectors[trie.children[here] - len(trie.digits)].tolist())
                assert vector[: trie.depth] == digits
                found.append(vector)
            else:
                walk(int(trie.children[here]), int(trie.children[here + 1]), digits)

    walk(0, trie.roots, ())
    return found


def test_trees_have_every_vector_once() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        tops = [rng.randint(0, 4) for _ in range(rng.randint(1, 4))]
        vectors = random_vectors(rng, tops, rng.randint(1, 30))
        trie = trie_of(vectors)
        assert prefixes(trie) == sorted(set(map(tuple, vectors.tolist())))
        assert (vectors[trie.rows] == trie.vectors).all()


def test_the_best_partner() -> None:
    found_any = missed = 0
    for seed in range(400):
        rng = random.Random(seed)
        tops = [rng.choice([0, 1, 3, 12]) for _ in range(rng.randint(1, 4))]
        costs = [random_costs(rng, 2 * top) for top in tops]
        terms = random_terms(rng, costs)
        tables = tables_of(terms)
        assert tables is not None
        some, others = random_vectors(rng, tops, rng.randint(1, 12)), random_vectors(rng, tops, rng.randint(1, 60))
        trie = trie_of(others)
        wanted = {
            (a, b): loss_of(terms, (some[a] + trie.vectors[b]).tolist())
            for a, b in itertools.product(range(len(some)), range(len(trie.vectors)))
        }
        best = min(wanted.values())
        for limit in (best, best - 1, best + 3, CAP, 0):
            loss, row, place, seen = best_partner(trie, tables, some, limit)
            assert (loss, row >= 0) == ((best, True) if best <= limit else (limit + 1, False))
            assert row < 0 or wanted[row, place] == best
            assert seen >= 0
            found_any += row >= 0
            missed += row < 0
    assert found_any > 300
    assert missed > 300


def test_windows_hold_all_digits_that_may_be_good() -> None:
    for seed in range(100):
        rng = random.Random(seed)
        costs = [random_costs(rng, rng.randint(0, 6)) for _ in range(rng.randint(1, 3))]
        terms = random_terms(rng, costs)
        tables = tables_of(terms)
        assert tables is not None
        limit = rng.randint(0, 30)
        windows = tables.windows(limit)
        for digits in itertools.product(*(range(some.reach + 1) for some in costs)):
            total = loss_of(terms, digits)
            inside = all(low <= digit <= high for digit, (low, high) in zip(digits, windows.tolist(), strict=True))
            assert inside or total > limit


def test_long_ranges_have_no_tables() -> None:
    assert tables_of([[CoordinateCosts(SHORT, (Flat(0, SHORT, 0, 3),), CAP)]]) is None
