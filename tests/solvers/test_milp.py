"""The milp backend: what it refuses, and what it believes of what a solver in floating point says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from qnnt.encoders.builder import ModelBuilder
from qnnt.encoders.model import Model, Sums
from qnnt.encoders.program import OPEN, IntegerProgram
from qnnt.errors import SolverError
from qnnt.solvers.backends import Limits, ModelAnswer, ModelProgress
from qnnt.solvers.milp import LARGEST_REACH, Milp, answer_of, largest_number
from qnnt.solvers.milp_engines.engine import End, Ending, Floats, Listener


def program(
    bounds: Sequence[tuple[int, int]],
    rows: Sequence[tuple[dict[int, int], int, int]],
    costs: Sequence[int],
    constant: int = 0,
) -> IntegerProgram:
    """Variables 2, 3, ... within bounds and at costs; rows of coefficients by variable, at least, at most."""
    lengths = [len(terms) for terms, _, _ in rows]
    names = np.arange(len(bounds) + 2)
    return IntegerProgram(
        lower=np.array([0, 1, *(low for low, _ in bounds)], np.int64),
        upper=np.array([0, 1, *(high for _, high in bounds)], np.int64),
        rows=Sums(
            np.cumsum([0, *lengths], dtype=np.int64),
            np.array([v for terms, _, _ in rows for v in sorted(terms)], np.int64),
            np.array([terms[v] for terms, _, _ in rows for v in sorted(terms)], np.int64),
        ),
        at_least=np.array([low for _, low, _ in rows], np.int64),
        at_most=np.array([high for _, _, high in rows], np.int64),
        costs=np.array([0, 0, *costs], np.int64),
        constant=constant,
        denominator=1,
        values=Sums(np.concatenate(([0], names)), names[1:], np.ones(len(names) - 1, np.int64)),
        bases=np.zeros(len(names), np.int64),
    )


COVER = program([(0, 3), (0, 3)], [({2: 1, 3: 1}, 2, OPEN)], [4, 6], constant=5)
"""Two of two kinds; the smallest cost is 13."""


@dataclass(frozen=True)
class Stub:
    """An engine that says what it is told to say."""

    points: tuple[tuple[float, ...], ...]
    ending: Ending
    bounds: tuple[float, ...] = ()

    def solve(
        self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
    ) -> Ending:
        for point in self.points:
            listener.on_point(np.array(point))
        for bound in self.bounds:
            listener.on_bound(bound)
        return self.ending


def ask(engine: Stub, asked: IntegerProgram = COVER) -> tuple[ModelAnswer, list[ModelProgress]]:
    told: list[ModelProgress] = []
    return answer_of(engine, asked, [], Limits(), told.append), told


def optimal(cost: float, bound: float | None = None) -> Ending:
    return Ending(End.OPTIMAL, cost, cost if bound is None else bound)


def test_a_point_is_rounded_and_reported() -> None:
    answer, told = ask(Stub(((1, 2.0000001, -1e-9),), optimal(4.0)))
    assert (answer.proved, answer.lower_bound, answer.numerical, answer.reason) == (True, 13, True, "")
    (progress,) = told
    assert progress.assignment is not None
    assert progress.assignment.tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ((1, 1.9, 0.1), "variable 2 is 1.9, no integer"),
        ((1, 1, 0), "row 1 is 1, outside 2.."),
        ((1, 4, 0), "variable 2 is 4, outside 0..3"),
        ((1, 1e300, 0), "variable 2 is 2305843009213693952, outside 0..3"),
        ((1, float("nan"), 0), "no finite value"),
        ((1, 2), "no finite value"),
    ],
)
def test_a_point_that_is_none_is_no_result(point: tuple[float, ...], words: str) -> None:
    answer, told = ask(Stub((point,), optimal(4.0)))
    assert told == [ModelProgress(lower_bound=13, numerical=True)]
    assert not answer.proved
    assert words in answer.reason
    assert "\n" not in answer.reason


def test_points_after_a_wrong_one_count() -> None:
    answer, told = ask(Stub(((1, 1, 0), (1, 0, 2), (1, 1, 1), (1, 0, 3)), Ending(End.STOPPED, 5.0, 3.4)))
    found = [COVER.cost_of(p.assignment) for p in told if p.assignment is not None]
    assert found == [17, 15]
    assert (answer.proved, answer.lower_bound) == (False, 13)
    assert "row 1" in answer.reason


@pytest.mark.parametrize(
    ("points", "ending", "words"),
    [
        (((1, 0, 2),), optimal(4.0), "says that 4.0 is optimal, its best solution costs 6"),
        (((1, 2, 0),), optimal(6.0), "says that 6.0 is optimal, its best solution costs 4"),
        (((1, 2, 0),), optimal(4.0, bound=3.0), "with a bound of 3.0"),
        (((1, 2, 0),), Ending(End.OPTIMAL, 4.0), "with a bound of None"),
        ((), optimal(4.0), "optimal without a solution"),
        (((1, 2, 0),), Ending(End.INFEASIBLE), "infeasible after a solution"),
        (((1, 1, 0),), Ending(End.INFEASIBLE), "infeasible after a solution"),
        ((), Ending(End.STOPPED, reason="infeasible or unbounded"), "infeasible or unbounded"),
        (((1, 0, 2),), Ending(End.STOPPED, 6.0, 9.0), "bound 23 is above the cost 17"),
    ],
)
def test_claims_against_the_evidence_prove_nothing(
    points: tuple[tuple[float, ...], ...], ending: Ending, words: str
) -> None:
    answer, _ = ask(Stub(points, ending))
    assert not answer.proved
    assert words in answer.reason


def test_a_clear_infeasible_is_a_proof() -> None:
    answer, told = ask(Stub((), Ending(End.INFEASIBLE)))
    assert (answer.proved, answer.lower_bound, told) == (True, None, [])


def test_bounds_are_lowered_rounded_up_and_rise() -> None:
    """Costs are even here: 5 + 2 x; a bound of 1.5 on x is one of 9."""
    bounds = (1.5, 0.2, 2.0000001, float("inf"), -float("inf"), float("nan"), 1e30)
    answer, told = ask(Stub((), Ending(End.STOPPED, bound=3.0000002), bounds))
    assert told == [ModelProgress(lower_bound=9, numerical=True)]  # the next ones came too soon after it
    assert answer.lower_bound == 11


def test_without_costs_there_is_no_bound() -> None:
    asked = program([(0, 3)], [({2: 2}, 3, OPEN)], [0])
    answer, told = ask(Stub(((1, 2),), optimal(0.0), (7.0,)), asked)
    assert (answer.proved, answer.lower_bound, len(told)) == (True, None, 1)


def test_what_a_report_raises_comes_out_behind_the_solver() -> None:
    heard: list[bool] = []

    class Engine:
        def solve(
            self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
        ) -> Ending:
            values: Floats = np.array([1.0, 2.0, 0.0])
            listener.on_point(values)
            heard.append(listener.failed)
            return optimal(4.0)

    def report(progress: ModelProgress) -> None:
        raise BrokenPipeError("nobody listens")

    with pytest.raises(BrokenPipeError, match="nobody listens"):
        answer_of(Engine(), COVER, [], Limits(), report)
    assert heard == [True]


def counting(coefficient: int, most: int = 1, cost: int = 1) -> Model:
    """Two Booleans and an integer in one sum."""
    builder = ModelBuilder()
    free = builder.booleans(2, "free")
    number = builder.integers(np.zeros(1, np.int64), np.array([most]), "number")
    row = np.concatenate([free, number])[None, :]
    sums, _ = builder.sums(row, np.array([[coefficient, -coefficient, 1]]))
    builder.linears(sums, np.array([coefficient]))
    builder.add_to_objective(free, np.array([cost, 3 * cost]), 1)
    return builder.build()


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        (counting(LARGEST_REACH // 4), True),
        (counting(LARGEST_REACH), False),
        (counting(1, LARGEST_REACH + 1), False),
        (counting(5, cost=2**50), True),
        (counting(5, 3), True),
    ],
)
def test_large_numbers_are_refused(model: Model, taken: bool) -> None:
    reason = Milp().unsupported(model)
    assert (reason is None) == taken
    assert reason is None or "10^6" in reason


def test_rows_beyond_64_bits_are_refused() -> None:
    builder = ModelBuilder()
    factors = builder.integers(np.full(2, -(2**31)), np.full(2, 2**31), "factor")
    product = builder.integers(np.array([-(2**59)]), np.array([2**59]), "product")
    builder.products(product, factors[:1], factors[1:])
    assert Milp().unsupported(builder.build()) == "a product could need more than 60 bits"


def test_the_largest_number() -> None:
    assert largest_number(COVER) == 15  # 2 x + 3 y
    assert largest_number(program([(0, 1), (-(2**60), 2**60)], [({2: 1}, 1, OPEN)], [1, 0])) == 2**60


def test_sizes_are_those_of_the_program() -> None:
    assert set(Milp().sizes(counting(5))) == {"variables", "binaries", "rows", "nonzeros"}


def test_an_engine_that_breaks_says_so() -> None:
    class Broken:
        def solve(
            self, program: IntegerProgram, hint: Sequence[tuple[int, int]], limits: Limits, listener: Listener
        ) -> Ending:
            raise SolverError("the solver reports an error: run")

    with pytest.raises(SolverError, match="run"):
        answer_of(Broken(), COVER, [], Limits(), list[ModelProgress]().append)
