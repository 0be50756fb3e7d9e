"""Trees of unary numbers: equal nodes are one, only what is asked for is made, and it says the right thing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest
from pysat.solvers import Solver

from qnnt.encoders.clause_builder import ClauseBuilder
from qnnt.encoders.counting import count
from qnnt.encoders.leaves import Implications, Leaves, Weighted, runs, singles, weighted
from qnnt.encoders.model import FALSE, TRUE, Integers, Rows, Sums, offsets_of
from qnnt.encoders.names import TREES
from qnnt.encoders.requests import Requests
from qnnt.encoders.trees import block_tree, run_chain, weight_chain, weight_tree
from qnnt.encoders.unary import DOWN, TOO_LARGE, UP, Circuits, Forest
from tests.encoders.circuit_check import array, assignments, bounds_of, holds

HUGE = 10**6
NO_CLAUSES = Rows(array(0), array())


def builder_over(variables: int, clauses: list[list[int]] | None = None) -> ClauseBuilder:
    """For trees over the variables 2..variables + 1."""
    given = [[TRUE], *(clauses or [])]
    return ClauseBuilder(variables + 1, Rows(offsets_of(array(*map(len, given))), array(*itertools.chain(*given))))


def form_of(rows: list[list[int]], weights: list[list[int]] | None = None) -> Weighted:
    """Sums of literals, of weight 1 if nothing else is said."""
    weights = weights or [[1] * len(row) for row in rows]
    return Weighted(
        offsets_of(array(*map(len, rows))),
        array(*itertools.chain(*rows)),
        array(*itertools.chain(*weights)),
        np.zeros(len(rows), np.int64),
    )


def leaves_of(rows: list[list[int]], weights: list[list[int]] | None = None) -> Leaves:
    return singles(form_of(rows, weights))


def tree(forest: Forest, form: Weighted, name: str) -> Integers:
    """The roots, all variables in one block."""
    known = Implications(NO_CLAUSES)
    block = np.zeros(int(np.abs(form.literals).max(initial=0)) + 1, np.int64)
    shapes: dict[str, Callable[[], Integers]] = {
        "totalizer": lambda: block_tree(forest, form, known, block),
        "gte": lambda: weight_tree(forest, form),
        "seqcounter": lambda: run_chain(forest, form, known),
        "bdd": lambda: weight_chain(forest, form),
    }
    return shapes[name]()


def values_of(forest: Forest, node: int) -> list[int]:
    return list(map(int, forest.shapes[forest.shape[node]]))


def size_of(builder: ClauseBuilder) -> int:
    return len(builder.clause_rows())


# --- forests -------------------------------------------------------------------------------------


def test_equal_leaves_are_one_node() -> None:
    forest = Forest(HUGE)
    nodes = forest.add_leaves(leaves_of([[2, -3], [-3, 2, 2], [3]], [[1, 2], [2, 1, 2], [2]])).tolist()
    assert nodes[0] == nodes[3]
    assert nodes[1] == nodes[2]
    assert len(set(nodes)) == 4  # a literal with another weight is another node, and so is its opposite
    assert [values_of(forest, node) for node in nodes] == [[0, 1], [0, 2], [0, 2], [0, 1], [0, 2], [0, 2]]


def test_equal_sums_are_one_node() -> None:
    forest = Forest(HUGE)
    a, b, c = forest.add_leaves(leaves_of([[2, 3, 4]], [[1, 2, 2]]))
    ab, ba, ac, aa = forest.add_sums(array(a, b, a, a), array(b, a, c, a)).tolist()
    assert ab == ba
    assert len({ab, ac, aa}) == 3
    again = forest.add_sums(array(b, ab), array(a, c))
    assert again[0] == ab
    assert forest.add_sums(array(c), array(ab)).tolist() == [again[1]]
    assert values_of(forest, ab) == [0, 1, 2, 3]
    assert values_of(forest, aa) == [0, 1, 2]
    assert values_of(forest, int(again[1])) == [0, 1, 2, 3, 4, 5]


def test_values_are_those_that_weights_allow() -> None:
    forest = Forest(HUGE)
    (root,) = tree(forest, form_of([[2, 3, 4]], [[7, 7, 20]]), "gte")
    assert values_of(forest, root) == [0, 7, 14, 20, 27, 34]


@pytest.mark.parametrize("name", TREES)
def test_nodes_that_are_too_large_are_not_made(name: str) -> None:
    """Nor are sums with them; others go on."""
    weights = [[1, 2, 4, 8], [1, 1, 1, 1], [1, 2, 4]]
    forest = Forest(8)
    roots = tree(forest, form_of([[2, 3, 4, 5], [2, 3, 4, 5], [2, 3, 4]], weights), name).tolist()
    assert roots[0] == TOO_LARGE
    assert values_of(forest, roots[1]) == [0, 1, 2, 3, 4]
    assert values_of(forest, roots[2]) == list(range(8))
    assert max(map(len, forest.shapes)) <= 8
    leaf = forest.add_leaves(leaves_of([[6]]))
    assert forest.add_sums(array(TOO_LARGE, int(leaf[0])), array(int(leaf[0]), TOO_LARGE)).tolist() == [TOO_LARGE] * 2


@pytest.mark.parametrize("name", TREES)
def test_rows_without_terms_have_no_root(name: str) -> None:
    forest = Forest(HUGE)
    first, second, third = tree(forest, form_of([[], [2, 3], []]), name).tolist()
    assert first == third == -2
    assert second >= 0
    assert tree(Forest(HUGE), form_of([]), name).tolist() == []


# --- runs ----------------------------------------------------------------------------------------


def runs_of(row: list[int], weights: list[int], clauses: list[list[int]]) -> list[tuple[list[int], list[int]]]:
    found = runs(form_of([row], [weights]), Implications(builder_over(9, clauses).clause_rows()))
    return [
        (found.literals[a:b].tolist(), found.totals[a:b].tolist())
        for a, b in itertools.pairwise(found.offsets.tolist())
    ]


def test_runs_start_with_what_follows_from_the_others() -> None:
    falling, rising = [[2, -3], [-4, 3]], [[-2, 3], [4, -3]]
    assert runs_of([2, 3, 4], [5, 1, 2], falling) == [([2, 3, 4], [5, 6, 8])]
    assert runs_of([2, 3, 4], [5, 1, 2], rising) == [([4, 3, 2], [2, 3, 8])]
    assert runs_of([-2, -3, -4], [5, 1, 2], falling) == [([-4, -3, -2], [2, 3, 8])]
    assert runs_of([-2, -3, -4], [5, 1, 2], rising) == [([-2, -3, -4], [5, 6, 8])]


def test_runs_end_where_nothing_follows() -> None:
    assert runs_of([2, 3, 4], [1, 1, 1], []) == [([2], [1]), ([3], [1]), ([4], [1])]
    assert runs_of([2, 3, 4], [1, 1, 1], [[2, -3]]) == [([2, 3], [1, 2]), ([4], [1])]
    assert runs_of([2, -3, 4], [1, 1, 1], [[2, -3], [3, -4]]) == [([2], [1]), ([-3], [1]), ([4], [1])]
    assert runs_of([2, 4], [1, 1], [[2, -3], [3, -4]]) == [([2], [1]), ([4], [1])]
    turning = [[2, -3], [-3, 4]]  # 3 implies both of its neighbours
    assert runs_of([2, 3, 4], [1, 1, 1], turning) == [([2, 3], [1, 2]), ([4], [1])]
    assert runs_of([2, 3, 4, 5], [1, 1, 1, 1], [*turning, [-4, 5]]) == [([2, 3], [1, 2]), ([5, 4], [1, 2])]
    equivalent = [[2, -3], [-2, 3]]
    assert runs_of([2, 3], [1, 1], equivalent) == [([2, 3], [1, 2])]


def test_runs_do_not_cross_rows() -> None:
    found = runs(form_of([[2], [3, 4]]), Implications(builder_over(4, [[2, -3], [3, -4]]).clause_rows()))
    assert found.offsets.tolist() == [0, 1, 3]
    assert found.rows.tolist() == [0, 1]


def test_negative_coefficients_count_negations() -> None:
    form = weighted(Sums(array(0, 2, 3), array(2, 3, 4), array(3, -2, -5)))
    assert form.literals.tolist() == [2, -3, -4]
    assert form.weights.tolist() == [3, 2, 5]
    assert form.shift.tolist() == [-2, -5]
    assert form.totals.tolist() == [5, 5]
    part = form.of(array(1))
    assert (part.literals.tolist(), part.shift.tolist(), part.offsets.tolist()) == ([-4], [-5], [0, 1])


# --- circuits ------------------------------------------------------------------------------------


def random_form(rng: random.Random, inputs: int) -> Weighted:
    rows = [
        [rng.choice((1, -1)) * v for v in sorted(rng.sample(range(2, inputs + 2), rng.randint(1, inputs)))]
        for _ in range(3)
    ]
    return form_of(rows, [[rng.choice((1, 1, 2, 3)) for _ in row] for row in rows])


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("seed", range(20))
def test_thresholds_mean_what_they_say(name: str, seed: int) -> None:
    """In the directions that are asked for: unit propagation finds them."""
    rng = random.Random(seed)
    form, forest, builder = random_form(rng, 5), Forest(HUGE), builder_over(5)
    roots = tree(forest, form, name)
    asked = [(row, bound) for row in range(3) for bound in range(1, int(form.totals[row]) + 1) if rng.random() < 0.6]
    circuits = Circuits(forest)
    places = circuits.places(roots[[row for row, _ in asked]], array(*(bound for _, bound in asked)))
    directions = [rng.choice([[UP], [DOWN], [UP, DOWN]]) for _ in asked]
    for place, ways in zip(places, directions, strict=True):
        for way in ways:
            circuits.ask(array(place), way)
    circuits.spread_demands()
    circuits.emit(builder)
    literals = circuits.literals_of(places).tolist()
    rows = builder.clause_rows()
    clauses = [rows.entries[a:b].tolist() for a, b in itertools.pairwise(rows.offsets.tolist())]
    with Solver(name="minisat22", bootstrap_with=clauses) as solver:
        for assignment in assignments(5):
            _, implied = solver.propagate(assumptions=assignment)
            known = {TRUE, *assignment, *implied}
            truths = []
            for (row, bound), literal, ways in zip(asked, literals, directions, strict=True):
                part = slice(form.offsets[row], form.offsets[row + 1])
                terms = zip(form.literals[part].tolist(), form.weights[part].tolist(), strict=True)
                truth = sum(w for term, w in terms if holds(term, assignment)) >= bound
                truths.append(literal if truth else -literal)
                assert (literal in known) or not (truth and UP in ways)
                assert (-literal in known) or not (not truth and DOWN in ways)
            assert solver.solve(assumptions=[*assignment, *truths])


def test_places() -> None:
    forest = Forest(HUGE)
    (root,) = tree(forest, form_of([[2, 3]], [[3, 5]]), "gte")
    circuits = Circuits(forest)
    places = circuits.places(np.full(11, root), np.arange(11)).tolist()
    assert len(set(places[1:4])) == len(set(places[4:6])) == len(set(places[6:9])) == 1
    assert len(set(places[:9])) == 4
    assert places[9:] == [-1, -1]
    assert circuits.literals_of(array(places[0])).tolist() == [TRUE]


def test_names_are_used_where_a_threshold_has_none() -> None:
    forest, builder = Forest(HUGE), builder_over(4)
    leaves = forest.add_leaves(leaves_of([[2, 3]]))
    root = forest.add_sums(leaves[:1], leaves[1:])
    circuits = Circuits(forest)
    places = circuits.places(np.repeat(root, 2), array(1, 2))
    assert circuits.name(places, array(4, -5)).tolist() == [4, -5]
    assert circuits.name(places[:1], array(5)).tolist() == [4]
    assert circuits.name(circuits.places(leaves[:1], array(1)), array(5)).tolist() == [2]
    for direction in (UP, DOWN):
        circuits.ask(places, direction)
    circuits.spread_demands()
    circuits.emit(builder)
    assert builder.variables == 5
    rows = builder.clause_rows()
    found = {frozenset(rows.entries[a:b].tolist()) for a, b in itertools.pairwise(rows.offsets.tolist())}
    expected = [[1], [-2, 4], [-3, 4], [2, 3, -4], [-2, -3, -5], [2, 5], [3, 5], [5, 4]]
    assert found == {frozenset(clause) for clause in expected}


def test_nothing_asked_nothing_made() -> None:
    forest, builder = Forest(HUGE), builder_over(5)
    tree(forest, form_of([[2, 3, 4, 5, 6]]), "totalizer")
    circuits = Circuits(forest)
    circuits.spread_demands()
    circuits.emit(builder)
    assert (builder.variables, size_of(builder)) == (6, 1)
    Circuits(Forest(HUGE)).emit(builder)
    assert size_of(builder) == 1


# --- sizes ---------------------------------------------------------------------------------------


def counted(
    variables: int,
    rows: list[list[tuple[int, int]]],
    asks: list[tuple[int, int, int]],
    *,
    encoding: str = "totalizer",
    clauses: list[list[int]] | None = None,
    block: list[int] | None = None,
) -> ClauseBuilder:
    """Requests (row, bound, literal) in both directions; variables 2..variables + 1."""
    builder = builder_over(variables, clauses)
    terms = [term for row in rows for term in row]
    sums = Sums(offsets_of(array(*map(len, rows))), array(*(v for v, _ in terms)), array(*(c for _, c in terms)))
    both = np.ones(len(asks), bool)
    table = np.array(asks, np.int64).reshape(-1, 3)
    requests = Requests(sums, *bounds_of(sums), table[:, 0], table[:, 1], table[:, 2], both, both)
    blocks = np.zeros(variables + 2, np.int64)
    blocks[2 : 2 + len(block or [])] = block or []
    count(builder, requests, encoding, blocks)
    return builder


@pytest.mark.parametrize("encoding", TREES)
@pytest.mark.parametrize("terms", [16, 64, 100])
def test_a_single_threshold_is_clipped(encoding: str, terms: int) -> None:
    """Up to the depth of the bound, from the nearer end, and no further."""
    row = [(v, 1) for v in range(2, terms + 2)]
    for bound in (1, 2, 3, terms // 2, terms - 2, terms - 1, terms):
        depth = min(bound, terms - bound + 1)
        builder = counted(terms + 1, [row], [(0, bound, terms + 2)], encoding=encoding)
        assert builder.variables - (terms + 2) <= terms * depth
        assert size_of(builder) - 1 <= 5 * terms * depth


@pytest.mark.parametrize("encoding", TREES)
def test_the_outermost_bounds_are_an_or_and_an_and(encoding: str) -> None:
    row = [(v, 1) for v in range(2, 18)]
    for bound in (1, 16):
        builder = counted(17, [row], [(0, bound, 18)], encoding=encoding)
        assert (builder.variables, size_of(builder)) == (18 + 14, 1 + 3 * 15)


@pytest.mark.parametrize("encoding", ["auto", "totalizer", "seqcounter"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_chain_alone_needs_no_variables(encoding: str, sign: int) -> None:
    """Each threshold is one of its literals: two clauses each to say so, or one for a constant."""
    chain = [[v, -(v + 1)] for v in range(2, 11)]
    row = [(v, sign) for v in range(2, 12)]
    asks = [(0, bound - (10 if sign < 0 else 0), 12 + bound) for bound in range(1, 11)]
    builder = counted(21, [row], asks[:-1], clauses=chain, encoding=encoding)
    assert (builder.variables, size_of(builder)) == (22, 10 + 2 * 9)
    for literal in (TRUE, FALSE):
        builder = counted(21, [row], [(0, asks[4][1], literal)], clauses=chain, encoding=encoding)
        assert (builder.variables, size_of(builder)) == (22, 10 + 1)


def test_two_chains_are_added_at_once() -> None:
    """One node of two leaves, its thresholds named by the requests."""
    chains = [[v, -(v + 1)] for v in (2, 3, 4, 6, 7, 8)]
    row = [(v, 1) for v in range(2, 10)]
    asks = [(0, bound, 9 + bound) for bound in range(1, 9)]
    for encoding in ("totalizer", "seqcounter"):
        builder = counted(16, [row], asks, clauses=chains, encoding=encoding)
        assert builder.variables == 17
    singly = counted(16, [row], asks, encoding="totalizer")
    assert singly.variables > 17


def test_sums_that_share_blocks_share_their_trees() -> None:
    """Two blocks of eight in common, in rows that differ in a third: smaller than one by one, at any place."""
    blocks = [list(range(2, 10)), list(range(10, 18)), list(range(18, 26)), list(range(26, 34))]
    block = [number for number, variables in enumerate(blocks) for _ in variables]
    rows = [[(v, 1) for i in chosen for v in blocks[i]] for chosen in ((0, 1, 2), (0, 1, 3), (0, 1))]
    asks = [(row, 6, 34 + row) for row in range(3)]
    together = counted(35, rows, asks, block=block).variables - 36
    apart = [counted(35, rows, [ask], block=block).variables - 36 for ask in asks]
    assert together < 0.6 * sum(apart)
    assert together < apart[0] + 0.6 * apart[1]  # the third is a subtree of the others
    again = counted(35, [*rows, *rows], [*asks, (3, 6, 34), (4, 6, 35), (5, 6, 36)], block=block)
    assert again.variables - 36 == together


def test_demands_of_several_sums_are_one_circuit() -> None:
    """The bounds of all rows are asked of the common block at once; each is made once."""
    rows = [[(v, 1) for v in range(2, 10)], [(v, 1) for v in range(2, 11)]]
    block = [0] * 8 + [1]
    one = counted(12, rows, [(0, 4, 11)], block=block)
    two = counted(12, rows, [(0, 4, 11), (1, 5, 12)], block=block)
    assert two.variables - one.variables <= 1 + 2 * 7  # one threshold more in each node, and the sum's own
