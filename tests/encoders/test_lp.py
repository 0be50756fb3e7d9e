"""LP files: every reader finds the optimum that enumeration finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qnnt.encoders.lp import lp_blocks, write_lp
from qnnt.encoders.milp import to_program
from qnnt.encoders.mps import BLOCK
from qnnt.encoders.pb import to_boolean_program
from qnnt.encoders.program import IntegerProgram
from qnnt.errors import UnsupportedError
from tests.encoders.milp_readers import DEGENERATE, by_hand, highs, highs_on, least_cost, names_of, scip, scip_columns
from tests.encoders.random_models import boolean_model, random_model

DEFAULT_SEEDS = 30
SEEDS = [pytest.param(seed, marks=[] if seed < DEFAULT_SEEDS else pytest.mark.full) for seed in range(300)]


def written(program: IntegerProgram, folder: Path) -> Path:
    path = folder / "p.lp"
    write_lp(program, names_of(program), ["qnnt-map/1", 'weight "a b" = 1'], str(path))
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_readers_agree_with_enumeration(seed: int, tmp_path: Path) -> None:
    model = boolean_model(seed) if seed % 2 else random_model(seed)
    for lowering in (to_program, to_boolean_program):
        program = lowering(model)
        path = written(program, tmp_path)
        assert highs(path) == scip(path) == least_cost(model, program)


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_programs(name: str, tmp_path: Path) -> None:
    program, expected = DEGENERATE[name]
    path = written(program, tmp_path)
    assert highs(path) == scip(path) == expected


def test_text() -> None:
    rows: list[tuple[dict[int, int], int | None, int | None]] = [
        ({2: 1, 3: -2, 4: 1, 5: 1, 6: 1, 7: 1}, -1, 5),
        ({3: 1}, 0, 0),
        ({2: 1}, None, 4),
    ]
    program = by_hand([(0, 1), (-3, 4), (7, 7), (0, 1), (0, 1), (0, 1)], rows, {3: 6, 5: -1})
    assert "".join(lp_blocks(program, names_of(program), ["one", ""])).splitlines() == [
        "\\ one",
        "\\",
        "Minimize",
        " obj: +0 x@1 +6 x@3 -1 x@5",
        "Subject To",
        " r1: +1 x@2 -2 x@3 +1 x@4 +1 x@5 +1 x@6",
        "   +1 x@7 >= -1",
        " r1u: +1 x@2 -2 x@3 +1 x@4 +1 x@5 +1 x@6",
        "   +1 x@7 <= 5",
        " r2: +1 x@3 = 0",
        " r3: +1 x@2 <= 4",
        "Bounds",
        " x@1 = 1",
        " -3 <= x@3 <= 4",
        " x@4 = 7",
        "Generals",
        " x@1",
        " x@3",
        " x@4",
        "Binaries",
        " x@2",
        " x@5",
        " x@6",
        " x@7",
        "End",
    ]


def test_every_block_is_whole(tmp_path: Path) -> None:
    """More terms than a block holds, in one row and in many."""
    rng = np.random.default_rng(1)
    count = BLOCK // 2 + 10
    rows = [({2: 1, int(v): 2}, 0, None) for v in rng.integers(3, 5000, count)]
    rows.append((dict.fromkeys(range(2, 5001), 3), 1, None))
    program = by_hand([(0, 1)] * 4999, rows, dict.fromkeys(range(2, 5001), 1))
    lp = highs_on(written(program, tmp_path)).getLp()
    assert (lp.num_col_, lp.num_row_, len(lp.a_matrix_.value_)) == (5000, count + 1, 2 * count + 4999)
    assert sum(lp.a_matrix_.value_) == 3 * count + 3 * 4999
    assert sorted(lp.col_names_) == sorted(names_of(program)[1:])


def test_bounds_and_types_are_as_given(tmp_path: Path) -> None:
    domains = [(0, 1), (-1, 1), (0, 0), (1, 1), (-9, -9), (0, 2), (1, 2), (-7, -2), (-2, 0), (0, 2**50)]
    program = by_hand(domains, [({2: 1, 5: 1}, 0, None)], {3: 1})
    path = written(program, tmp_path)
    expected = dict(zip(names_of(program)[1:], [(1, 1), *domains], strict=True))
    lp = highs_on(path).getLp()
    assert dict(zip(lp.col_names_, zip(lp.col_lower_, lp.col_upper_, strict=True), strict=True)) == expected
    assert {str(kind) for kind in lp.integrality_} == {"HighsVarType.kInteger"}
    assert scip_columns(path) == expected


def test_numbers_that_floats_would_round() -> None:
    program = by_hand([(0, 2**30)], [({2: 2**24}, 1, None)], {})
    with pytest.raises(UnsupportedError, match=r"numbers beyond 2\^53"):
        lp_blocks(program, names_of(program), [])


def test_lines_are_short() -> None:
    """CPLEX takes 560 characters."""
    count = 300
    program = by_hand(
        [(0, 1)] * count, [(dict.fromkeys(range(2, count + 2), -(10**9)), -9, None)], dict.fromkeys(range(2, 9), 10**9)
    )
    names = ["", *("n" * 60 + f"@{10**6 + v}" for v in range(1, count + 2))]
    assert max(map(len, "".join(lp_blocks(program, names, [])).splitlines())) < 560
