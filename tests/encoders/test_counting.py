"""Sums as clauses, whatever the encoding: the assignments that are left, against counting by hand."""

from __future__ import annotations

import importlib.util
import itertools
import random
from dataclasses import dataclass
from math import comb, prod

import numpy as np
import pytest
from pysat.solvers import Solver

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.counting import LARGEST_NODE, LARGEST_REPETITION, LARGEST_TREE, Counted, count
from qnnt.encoders.model import FALSE, TRUE, Rows, Sums, offsets_of
from qnnt.encoders.names import ENCODINGS, TREES
from qnnt.encoders.requests import Requests
from qnnt.errors import UnsupportedError
from tests.encoders.circuit_check import array, bounds_of
from tests.encoders.model_check import holds

UP, DOWN, BOTH = (True, False), (False, True), (True, True)
DIRECTIONS = (UP, DOWN, BOTH)

TERMS = [pytest.param(terms, marks=[] if terms <= 5 else pytest.mark.full) for terms in range(1, 9)]
DEFAULT_SEEDS = 8
SEEDS = [pytest.param(seed, marks=[] if seed < DEFAULT_SEEDS else pytest.mark.full) for seed in range(60)]
REPEATING = ("sortnetwrk", "cardnetwrk", "mtotalizer", "native", "pysat-sortnetwrk")

every = pytest.mark.parametrize("encoding", ENCODINGS)

Terms = list[tuple[int, int]]
"""Variables and coefficients."""
Ask = tuple[int, int, int, tuple[bool, bool]]
"""The number of the sum, the bound, the literal, up and down."""


@dataclass(frozen=True)
class Question:
    """Requests about sums over the variables 2, 3, ..., `variables`; among these are the requests' own literals."""

    variables: int
    sums: list[Terms]
    asks: list[Ask]
    clauses: tuple[list[int], ...] = ()
    blocks: tuple[int, ...] = ()
    """Of the variables 2, 3, ..., never decreasing; all in one block where nothing is said."""

    def pose(self, encoding: str) -> tuple[ClauseBuilder, Counted]:
        given = [[TRUE], *self.clauses]
        lengths = array(*map(len, given))
        builder = ClauseBuilder(self.variables, Rows(offsets_of(lengths), array(*itertools.chain(*given))))
        terms = [term for terms in self.sums for term in terms]
        sums = Sums(
            offsets_of(array(*map(len, self.sums))), array(*(v for v, _ in terms)), array(*(c for _, c in terms))
        )
        rows, bounds, literals, directions = zip(*self.asks, strict=True) if self.asks else ((), (), (), ())
        up, down = np.array(directions, bool).reshape(-1, 2).T
        block = np.zeros(self.variables + 1, np.int64)
        block[2 : 2 + len(self.blocks)] = self.blocks
        requests = Requests(sums, *bounds_of(sums), array(*rows), array(*bounds), array(*literals), up, down)
        return builder, count(builder, requests, encoding, block)

    def expected(self) -> list[tuple[int, ...]]:
        """The assignments that do what is asked."""
        free = np.array(list(itertools.product((0, 1), repeat=self.variables - 1)), np.int64)
        grid = np.column_stack([np.zeros(len(free), np.int64), np.ones(len(free), np.int64), free])
        kept = np.ones(len(grid), bool)
        for clause in self.clauses:
            kept &= np.any([holds(literal, grid) for literal in clause], axis=0)
        for row, bound, literal, (up, down) in self.asks:
            reached = sum((c * grid[:, v] for v, c in self.sums[row]), np.zeros(len(grid), np.int64)) >= bound
            said = holds(literal, grid)
            kept &= ~(up & reached & ~said) & ~(down & said & ~reached)
        return [tuple(row) for row in grid[kept, 2:].tolist()]


def found_by(question: Question, encoding: str) -> list[tuple[int, ...]]:
    """The assignments that the clauses leave, each once."""
    builder, counted = question.pose(encoding)
    clauses = rows_of(builder.clause_rows())
    if not all(clauses):
        return []
    found = []
    with Solver(name="minicard", bootstrap_with=clauses) as solver:
        for row, most in zip(rows_of(counted.at_most), counted.most.tolist(), strict=True):
            solver.add_atmost(row, most)
        solver.append_formula([[v, -v] for v in range(1, builder.variables + 1)])
        while solver.solve():
            literals = solver.get_model()[1 : question.variables]
            found.append(tuple(int(literal > 0) for literal in literals))
            solver.add_clause([-literal for literal in literals])
    return found


def rows_of(rows: Rows) -> list[list[int]]:
    return [rows.entries[a:b].tolist() for a, b in itertools.pairwise(rows.offsets.tolist())]


def assert_right(question: Question, encoding: str) -> None:
    assert sorted(found_by(question, encoding)) == question.expected()


# --- unit weights: binomials ---------------------------------------------------------------------


@every
@pytest.mark.parametrize("terms", TERMS)
def test_unit_weights(encoding: str, terms: int) -> None:
    """Signs vary; a negative coefficient counts where its variable is false."""
    signs = [random.Random(terms).choice((1, -1)) for _ in range(terms)]
    row = list(zip(range(2, terms + 2), signs, strict=True))
    own = terms + 2
    for bound in range(-1, terms + 3):
        at_least = bound - signs.count(-1)
        below = sum(comb(terms, k) for k in range(max(0, bound)) if k <= terms)
        reached = 2**terms - below
        assert len(found_by(Question(terms + 1, [row], [(0, at_least, TRUE, DOWN)]), encoding)) == reached
        assert len(found_by(Question(terms + 1, [row], [(0, at_least, FALSE, UP)]), encoding)) == below
        assert len(found_by(Question(own, [row], [(0, at_least, own, UP)]), encoding)) == 2 * below + reached
        assert len(found_by(Question(own, [row], [(0, at_least, -own, DOWN)]), encoding)) == below + 2 * reached
        assert len(found_by(Question(own, [row], [(0, at_least, own, BOTH)]), encoding)) == 2**terms


@every
@pytest.mark.parametrize("terms", TERMS)
def test_all_thresholds_of_one_sum(encoding: str, terms: int) -> None:
    """Their literals are the sum in unary."""
    row = [(v, 1) for v in range(2, terms + 2)]
    own = range(terms + 2, 2 * terms + 2)
    question = Question(2 * terms + 1, [row], [(0, bound, v, BOTH) for bound, v in enumerate(own, 1)])
    found = found_by(question, encoding)
    assert len(found) == 2**terms
    assert all(values[terms:] == (1,) * sum(values[:terms]) + (0,) * (terms - sum(values[:terms])) for values in found)


# --- weights -------------------------------------------------------------------------------------


def random_question(rng: random.Random, most_terms: int) -> Question:
    """Some sums over the same inputs, asked about in all ways: most literals are fresh, bounds may be out of reach."""
    inputs, fresh = rng.randint(1, most_terms), rng.randint(1, 3)
    own = list(range(inputs + 2, inputs + fresh + 2))
    sums = []
    for _ in range(rng.randint(1, 3)):
        chosen = sorted(rng.sample(range(2, inputs + 2), rng.randint(1, inputs)))
        sums.append([(v, rng.choice((1, 1, 2, 3, 5)) * rng.choice((1, -1))) for v in chosen])
    asks: list[Ask] = []
    for _ in range(rng.randint(1, 4)):
        row = rng.randrange(len(sums))
        low = sum(min(0, c) for _, c in sums[row])
        high = sum(max(0, c) for _, c in sums[row])
        literal = rng.choice([*own, *own, *(-v for v in own), TRUE, FALSE, rng.randint(2, inputs + 1)])
        asks.append((row, rng.randint(low - 1, high + 2), literal, rng.choice(DIRECTIONS)))
    if rng.random() < 0.5:
        row, bound, _, _ = rng.choice(asks)
        asks.append((row, bound, rng.choice(own), rng.choice(DIRECTIONS)))
    blocks = tuple(sorted(rng.randint(0, 2) for _ in range(inputs)))
    return Question(inputs + fresh + 1, sums, asks, blocks=blocks)


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_weights(encoding: str, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(4):
        assert_right(random_question(rng, 5 if seed < DEFAULT_SEEDS else 8), encoding)


def test_random_questions_leave_something_and_exclude_something() -> None:
    questions = [random_question(random.Random(seed), 5) for seed in range(48)]
    left = [len(question.expected()) / 2 ** (question.variables - 1) for question in questions]
    assert sum(0 < share < 1 for share in left) >= 36


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_sums_that_share_blocks(encoding: str, seed: int) -> None:
    """Three blocks of weighted literals; each sum takes some of them, the same way each time."""
    rng = random.Random(seed)
    parts = [[(v, rng.choice((-3, -1, 1, 2))) for v in block] for block in ((2, 3), (4, 5), (6,))]
    sums = [list(itertools.chain(*rng.sample(parts, rng.randint(2, 3)))) for _ in range(3)]
    sums = [sorted(terms) for terms in sums]
    asks = [(row, rng.randint(-3, 4), 7 + row, rng.choice(DIRECTIONS)) for row in range(3)]
    assert_right(Question(9, sums, asks, blocks=(0, 0, 1, 1, 2)), encoding)


# --- chains --------------------------------------------------------------------------------------


def chain(first: int, length: int, rng: random.Random) -> list[list[int]]:
    """Order literals: each follows from the next, or each from the one before."""
    sign = rng.choice((1, -1))
    links = [[-sign * (v + 1), sign * v] for v in range(first, first + length - 1)]
    return [rng.sample(link, 2) for link in links]


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_chains(encoding: str, seed: int) -> None:
    """Numbers in order literals, in sums with weights of one sign or of both; thresholds leave them alone."""
    rng = random.Random(seed)
    lengths = [rng.randint(1, 3 if seed < DEFAULT_SEEDS else 4) for _ in range(2)]
    starts = [2, 2 + lengths[0]]
    inputs = sum(lengths)
    clauses = [clause for first, length in zip(starts, lengths, strict=True) for clause in chain(first, length, rng)]
    sums = []
    for kind in range(3):
        signs = [rng.choice((1, -1)) for _ in lengths]
        weights = [
            (signs[i] if kind < 2 else rng.choice((1, -1))) * rng.randint(1, 3)
            for i, length in enumerate(lengths)
            for _ in range(length)
        ]
        sums.append(list(zip(range(2, inputs + 2), weights, strict=True)))
    asks = [(row, rng.randint(-4, 5), inputs + 2 + rng.randrange(2), rng.choice(DIRECTIONS)) for row in range(3)]
    blocks = tuple(i for i, length in enumerate(lengths) for _ in range(length))
    assert_right(Question(inputs + 3, sums, asks, tuple(clauses), blocks), encoding)
    free = [(row, bound, inputs + 2 + row, BOTH) for row, (_, bound, _, _) in enumerate(asks)]
    question = Question(inputs + 4, sums, free, tuple(clauses), blocks)
    assert len(found_by(question, encoding)) == prod(length + 1 for length in lengths)


@every
def test_a_chain_alone(encoding: str) -> None:
    """Every bound, both signs, either order; weights are not all one."""
    for sign, order in itertools.product((1, -1), repeat=2):
        clauses = tuple([-order * (v + 1), order * v] for v in (2, 3))
        row = [(2, sign * 2), (3, sign), (4, sign * 3)]
        for bound, direction in itertools.product(range(-7, 8), DIRECTIONS):
            assert_right(Question(5, [row], [(0, bound, 5, direction)], clauses), encoding)


# --- constants and repetitions -------------------------------------------------------------------


@every
@pytest.mark.parametrize("bound", [-1, 0, 1, 2, 4, 5, 6])
def test_hard_requests(encoding: str, bound: int) -> None:
    row = [(2, 2), (3, -1), (4, 3)]
    for literal, direction in itertools.product((TRUE, FALSE), DIRECTIONS):
        assert_right(Question(4, [row], [(0, bound, literal, direction)]), encoding)


@every
def test_an_equation(encoding: str) -> None:
    row = [(v, 1 if v % 2 else -1) for v in range(2, 8)]
    for value in range(-4, 5):
        question = Question(7, [row], [(0, value, TRUE, DOWN), (0, value + 1, FALSE, UP)])
        assert len(found_by(question, encoding)) == (comb(6, 3 + value) if abs(value) <= 3 else 0)


@every
def test_one_threshold_and_several_literals(encoding: str) -> None:
    """In all directions, also with a constant, with a literal of the sum, and with a literal and its opposite."""
    row = [(2, 1), (3, 1), (4, 2)]
    literals = [5, -6, TRUE, FALSE, 2, -4]
    for (one, two), ways in itertools.product(
        itertools.combinations(literals, 2), itertools.product(DIRECTIONS, repeat=2)
    ):
        assert_right(Question(6, [row], [(0, 2, one, ways[0]), (0, 2, two, ways[1])]), encoding)
    assert_right(Question(5, [row], [(0, 2, 5, UP), (0, 2, -5, UP)]), encoding)
    assert_right(Question(5, [row], [(0, 3, 5, UP), (0, 3, 5, DOWN)]), encoding)


@every
def test_one_literal_for_several_thresholds(encoding: str) -> None:
    rows = [[(2, 1), (3, 1), (4, 1)], [(3, 2), (4, -1)]]
    for ways in itertools.product(DIRECTIONS, repeat=2):
        assert_right(Question(5, rows, [(0, 1, 5, ways[0]), (0, 3, 5, ways[1])]), encoding)
        assert_right(Question(5, rows, [(0, 2, 5, ways[0]), (1, 1, 5, ways[1])]), encoding)


@every
def test_nothing_to_count(encoding: str) -> None:
    """No requests; no terms; bounds that are always or never reached: no circuit."""
    row = [(2, 3), (3, -2)]
    for asks in ([], [(0, -2, 4, BOTH), (0, 4, 5, BOTH)], [(1, 0, 4, BOTH), (1, 1, 5, BOTH)]):
        question = Question(5, [row, []], asks)
        builder, counted = question.pose(encoding)
        assert (builder.variables, counted.circuits, len(counted.at_most), len(counted.most)) == (5, {}, 0, 0)
        assert_right(question, encoding)


# --- limits --------------------------------------------------------------------------------------


def powers(largest: int) -> Terms:
    """A sum that takes every value up to 2 * largest - 1."""
    return [(bit + 2, 2**bit) for bit in range(largest.bit_length())]


@pytest.mark.parametrize("encoding", TREES)
def test_trees_refuse_sums_of_too_many_values(encoding: str) -> None:
    row = powers(LARGEST_NODE)
    with pytest.raises(UnsupportedError, match=f"more than {LARGEST_NODE} values: too large for {encoding}"):
        Question(20, [row], [(0, 5000, 20, BOTH)]).pose(encoding)
    fine = [(v, c << 40) for v, c in row[:4]]
    assert_right(Question(6, [fine], [(0, 5 << 40, 6, BOTH)]), encoding)


def test_auto_adds_what_is_too_large_for_trees() -> None:
    row = powers(LARGEST_TREE)
    asks: list[Ask] = [(0, 600, 12, BOTH), (1, 3, TRUE, DOWN), (2, 1 << 41, FALSE, UP), (0, 10**6, 12, UP)]
    question = Question(12, [row, row[:3], [(v, c << 40) for v, c in row]], asks)
    _, counted = question.pose("auto")
    assert counted.circuits == {"totalizer": 1, "adder": 2}
    assert_right(question, "auto")
    _, counted = Question(12, [row[:-1]], [(0, 100, 12, BOTH)]).pose("auto")
    assert counted.circuits == {"totalizer": 1}


@pytest.mark.parametrize("encoding", REPEATING)
def test_circuits_that_repeat_literals_refuse_large_weights(encoding: str) -> None:
    half = LARGEST_REPETITION // 2
    with pytest.raises(UnsupportedError, match=f"add up to {LARGEST_REPETITION + 1}: too large for {encoding}"):
        Question(4, [[(2, half), (3, half + 1)]], [(0, 3, 4, BOTH)]).pose(encoding)
    question = Question(4, [[(2, half), (3, half)]], [(0, 3, 4, BOTH)])
    assert_right(question, encoding)
    assert question.pose(encoding)[1].circuits == {encoding: 1}


def test_adders_take_60_bits() -> None:
    weights = [2**59, -(2**59) + 1, 2**58 + 3, 5]
    row = list(zip(range(2, 6), weights, strict=True))
    for encoding, bound in itertools.product(("adder", "auto"), (0, 1, 5, 6, 2**58, 2**59)):
        assert_right(Question(6, [row], [(0, bound, 6, BOTH)]), encoding)


def test_native_asks_for_cardinality_constraints_and_no_clauses() -> None:
    row = [(2, 1), (3, -2), (4, 3)]
    builder, counted = Question(5, [row], [(0, 2, 5, BOTH)]).pose("native")
    assert len(builder.clause_rows()) == 1
    assert len(counted.at_most) == len(counted.most) == 2
    assert builder.variables == 5


@every
def test_equal_requests_give_equal_clauses(encoding: str) -> None:
    question = random_question(random.Random(5), 5)
    first, second = (question.pose(encoding)[0].clause_rows() for _ in range(2))
    assert rows_of(first) == rows_of(second)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UnsupportedError, match="pip install pindakaas"):
        Question(4, [[(2, 1), (3, 1)]], [(0, 1, 4, BOTH)]).pose("pindakaas")
